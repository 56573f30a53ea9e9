import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { Image } from '../../../src/images/image.js';
import type { ApiClient } from '../../../src/kube/client.js';
import type { Carrier } from '../../../src/payload/payload.js';
import { Traffic } from '../../../src/report/traffic.js';
import type { Delivery } from '../../../src/run/run.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { bookPulls } from '../../../src/stages/prove/pulls.js';

const BEGUN = 'jackal listening address=[::]:5000 contents=2 missing=2 parcels=0';
const AGAIN = 'jackal listening address=[::]:5000 contents=2 missing=0 parcels=0';
const PULL =
  'jackal pull kind=blob repository=demo digest=sha256:aa size=70 bytes=70 client=10.0.0.1 ms=3';

const config = { digest: 'sha256:cc', size: 3 };
const manifest = { config, layers: [{ digest: 'sha256:aa', size: 70 }] };
const IMAGE = {
  target: { mediaType: 'm', digest: 'sha256:bb', size: 1 },
  platforms: ['linux/amd64'],
  manifests: [
    { digest: 'sha256:bb', mediaType: 'm', bytes: Buffer.from(JSON.stringify(manifest)) },
  ],
} as unknown as Image;
const NODE = {
  ...{ uid: 'a', name: 'a', architecture: 'amd64', images: [] },
  ...{ addresses: ['10.0.0.1'], podRanges: [] },
};

/** What is told of the node when all is proven and the registry's log says this then; nothing where it cannot be read. */
async function toldOf(
  carrier: Carrier,
  lines: readonly string[] | undefined,
  { hear = true, delivery = 0 } = {},
) {
  let isProven = false;
  const stream = async () => {
    expect(isProven).toBe(true);
    if (lines === undefined) throw new Error('forbidden');
    return Object.assign(Readable.from(lines.map((line) => `${line}\n`)), { complete: true });
  };
  const traffic = new Traffic();
  const job = { client: { stream } as unknown as ApiClient, plan: { carrier }, rights: { hear } };
  const proven = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    isProven = true;
  });
  await bookPulls(
    { ...job, traffic } as unknown as RehearsedJob,
    { namespace: 'default', delivery } as Delivery,
    { registry: { name: 'registry' }, proven },
    new AbortController().signal,
  );
  return traffic.travelled([IMAGE], [NODE]).nodes;
}

const PULLED = [{ node: 'a', pulledBytes: 70, hadBytes: 3 }];
const HAD = [{ node: 'a', pulledBytes: 0, hadBytes: 73 }];

test.each<Carrier>(['configmap', 'courier', 'stream'])(
  '%s: what the log says at the end counts',
  async (carrier) => {
    expect(await toldOf(carrier, [BEGUN, PULL])).toEqual(PULLED);
    expect(await toldOf(carrier, [BEGUN])).toEqual(HAD);
  },
);

test.each<Carrier>(['configmap', 'courier'])(
  '%s: what no log tells whole is not told',
  async (carrier) => {
    expect(await toldOf(carrier, undefined)).toEqual([]);
    expect(await toldOf(carrier, [AGAIN, PULL])).toEqual([]);
    expect(await toldOf(carrier, [BEGUN, PULL], { hear: false })).toEqual([]);
    expect(await toldOf(carrier, [BEGUN, PULL], { delivery: 1 })).toEqual([]);
  },
);

test('a stream, which tells of pulls itself, is believed without a log', async () => {
  expect(await toldOf('stream', undefined)).toEqual(HAD);
  expect(await toldOf('stream', [BEGUN, PULL], { hear: false })).toEqual(HAD);
});
