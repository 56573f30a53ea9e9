import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { ApiClient } from '../../../src/kube/client.js';
import { hearRegistry } from '../../../src/registry/log.js';

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
  await expect(hearRegistry(client, 'default', 'pod', listener, over.signal)).rejects.toThrow(
    'heard',
  );
  expect(held).toEqual(['sha256:aa', 'sha256:bb']);
  expect(pulled).toEqual([['sha256:aa', 70, '10.0.0.2']]);
});
