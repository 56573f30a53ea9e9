import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { ApiObject } from '../../../src/kube/client.js';
import { MIB } from '../../../src/lib/limits/units.js';
import { Stages } from '../../../src/report/stages.js';
import type { OpenRun } from '../../../src/run/run.js';
import type { PreparedJob } from '../../../src/stages/job.js';
import { rehearse } from '../../../src/stages/rehearse/rehearse.js';

const LIMIT_RANGE = {
  spec: { limits: [{ type: 'Container', default: { 'ephemeral-storage': '1Gi' } }] },
};

beforeEach(() => {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(() => {
  jest.restoreAllMocks();
});

test("the registry's disk has room for what it takes over from the one before", async () => {
  const client = {
    now: () => 0,
    list: async (path: string) => ({ items: path.endsWith('/limitranges') ? [LIMIT_RANGE] : [] }),
    create: async (_: string, object: ApiObject) => object,
    request: async () => ({ json: () => ({}) }),
  };
  const job = {
    ...{ client, inputs: { configMapBudget: 1 }, injectors: [], log: new Stages(), nodes: [] },
    ...{ pace: { largestChunkBytes: 0, keepAbove: () => undefined }, configMapBytes: 0 },
    plan: { carrier: 'stream', images: [], catalogParts: 0, chunkBytes: 0, storeBytes: 20 * MIB },
    signal: new AbortController().signal,
  };
  const record = `v\np\nblob sha256:b ${500 * MIB}\nend\n`;
  const kept = { since: 0, record, address: '10.0.0.1:5000' };
  const owner = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'l', uid: 'u' };
  const run = { id: 'abcd1234', namespace: 'team', secret: 's', registry: 'r', owner, kept };
  const { shape } = await rehearse(job as unknown as PreparedJob, run as OpenRun);
  // Names and partial files, and the log.
  const disk = `${20 + 500 + 16 + 16}Mi`;
  expect(shape.registry.limits['ephemeral-storage']).toBe(disk);
});

test('where nobody may list nodes, one place stands for as many as there may be', async () => {
  const quota = { metadata: { name: 'q' }, status: { hard: { 'limits.cpu': '4' }, used: {} } };
  const client = {
    now: () => 0,
    list: async (path: string) => ({ items: path.endsWith('/resourcequotas') ? [quota] : [] }),
    create: async (_: string, object: ApiObject) => object,
    request: async () => ({ json: () => ({}) }),
  };
  const amd64 = { architecture: 'amd64' };
  const images = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    ...{ given: name, repository: name, platforms: [amd64] },
  }));
  const job = {
    ...{ client, inputs: { configMapBudget: 1 }, injectors: [amd64], log: new Stages(), nodes: [] },
    ...{ pace: { largestChunkBytes: 0, keepAbove: () => undefined }, configMapBytes: 0 },
    plan: { carrier: 'stream', images, catalogParts: 0, chunkBytes: 0, storeBytes: 20 * MIB },
    ...{ nodesUnlisted: true, notOn: [], version: '1.33', signal: new AbortController().signal },
  };
  const owner = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'l', uid: 'u' };
  const run = { id: 'abcd1234', namespace: 'team', secret: 's', registry: 'r', owner };
  const { shape } = await rehearse(job as unknown as PreparedJob, run as OpenRun);
  // What five containers on each of three nodes, and on many more, have room for.
  expect([shape.registry.limits.cpu, shape.proof.limits.cpu]).toEqual(['100m', '20m']);
});
