import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { ApiClient } from '../../../src/kube/client.js';
import { hearRegistry, readLog, verifiedBy } from '../../../src/registry/log.js';

const LINES = [
  'jackal listening address=[::]:5000 contents=3 missing=2',
  'jackal held kind=blob repository=demo digest=sha256:aa client=10.0.0.1',
  'jackal held kind=manifest repository=demo digest=sha256:bb client=10.0.0.1',
  'jackal pull kind=manifest repository=demo digest=sha256:bb size=40000 bytes=40000 client=10.0.0.1 ms=3',
  'jackal pull kind=blob repository=demo digest=sha256:aa size=70 bytes=70 client=10.0.0.2 ms=3',
  'jackal broken kind=blob repository=demo digest=sha256:cc size=70 bytes=7 client=10.0.0.2 ms=3 reason=x',
];

test('manifests are waited for like blobs, and what nodes pulled of images are blobs', async () => {
  const over = new AbortController();
  const stream = async () => Readable.from([...LINES, ''].map((line) => `${line}\n`));
  const held: string[] = [];
  const pulled: unknown[][] = [];
  const listener = {
    onHeld: (digest: string) => void held.push(digest),
    onPulled: (...pull: unknown[]) => {
      pulled.push(pull);
      over.abort(new Error('heard'));
    },
  };
  const client = { stream } as unknown as ApiClient;
  const others = { onVerified: () => undefined, onReady: () => undefined };
  await expect(
    hearRegistry(client, 'default', 'pod', { ...listener, ...others }, over.signal),
  ).rejects.toThrow('heard');
  expect(held).toEqual(['sha256:aa', 'sha256:bb']);
  expect(pulled).toEqual([['sha256:aa', 70, '10.0.0.2']]);
});

const [BEGUN, AGAIN] = [2, 1].map(
  (missing) => `jackal listening address=[::]:5000 contents=2 missing=${missing} parcels=0`,
);
const VERIFIED = 'jackal verified digest=sha256:aa size=70';
const READY = 'jackal ready contents=2 ms=9';

test.each([
  ['tells what was copied', [BEGUN, VERIFIED, READY], ['sha256:aa']],
  ['of one that copies still tells nothing', [BEGUN, VERIFIED], undefined],
  ['of one that was started again tells nothing', [AGAIN, VERIFIED, READY], undefined],
  ['whose beginning is gone tells nothing', [VERIFIED, READY], undefined],
  ['that cannot be read tells nothing', undefined, undefined],
])('a log %s', async (_, lines, told) => {
  const stream = async () => {
    if (lines === undefined) throw new Error('forbidden');
    return Object.assign(Readable.from(lines.map((line) => `${line}\n`)), { complete: true });
  };
  const client = { stream } as unknown as ApiClient;
  const verified = await verifiedBy(client, 'default', 'pod', new AbortController().signal);
  expect(verified && [...verified]).toEqual(told);
});

test.each([
  ['whole', [BEGUN, ...LINES], true, true],
  ['cut on its way', [BEGUN, ...LINES], false, false],
  ['without its beginning', LINES.slice(1), true, false],
])(
  'what a log says that is %s is told, and whether that is all',
  async (_, lines, complete, all) => {
    const stream = async () =>
      Object.assign(Readable.from(lines.map((line) => `${line}\n`)), { complete });
    const client = { stream } as unknown as ApiClient;
    const pulled: unknown[][] = [];
    const listener = { onPulled: (...pull: unknown[]) => void pulled.push(pull) };
    const signal = new AbortController().signal;
    expect(await readLog(client, 'default', 'pod', listener, signal)).toBe(all);
    expect(pulled).toEqual([['sha256:aa', 70, '10.0.0.2']]);
  },
);
