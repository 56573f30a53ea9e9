import { expect, test } from '@jest/globals';
import type { ApiClient } from '../../../src/kube/client.js';
import { ApiError } from '../../../src/kube/error.js';
import type { RegistryPod } from '../../../src/registry/bootstrap.js';
import { RegistryLost } from '../../../src/registry/fault.js';
import type { Delivery } from '../../../src/run/run.js';
import { findWays } from '../../../src/stages/hand-over.js';
import type { PreparedJob, RehearsedJob } from '../../../src/stages/job.js';
import { couriers } from '../../../src/stages/prove/couriers.js';
import { relayedTo } from '../../../src/stages/prove/routes.js';

const { signal } = new AbortController();
const client: ApiClient = Object.assign(Object.create(null), {
  get: async () => {
    throw new ApiError('It is not there.', { fault: 'not-found', status: 404 });
  },
  find: async () => undefined,
});
const delivery = { namespace: 'default' } as Delivery;
const registry = { name: 'registry' } as RegistryPod;

test.each<[string, () => Promise<unknown>]>([
  ['relays are led to', () => relayedTo(client, delivery, registry, signal)],
  [
    'couriers are sent to',
    () => {
      const job = {
        ...{ client, plan: { carrier: 'courier' }, rights: { hear: false } },
        laid: Promise.resolve({ images: { images: [] }, payload: { entries: [] } }),
      } as unknown as RehearsedJob;
      const proven = new Promise(() => undefined);
      const supplying = { registry, proven, uploaded: { chunks: [] } };
      return couriers(job, delivery, supplying as never, signal);
    },
  ],
  [
    'a stream goes straight to',
    () => {
      const inputs = { carrier: { carrier: 'stream', way: 'direct' } };
      const job = { client, inputs, nodes: [], rights: { forward: true }, signal };
      return findWays(job as unknown as PreparedJob, delivery, registry);
    },
  ],
])('a registry that %s and that is gone is lost, so that it is begun anew', async (_, ask) => {
  await expect(ask()).rejects.toThrow(RegistryLost);
});
