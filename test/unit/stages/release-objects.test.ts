import { expect, test } from '@jest/globals';
import type { V1PersistentVolumeClaim, V1ReplicaSet } from '@kubernetes/client-node';
import type { ApiClient, ApiObject, RequestOptions } from '../../../src/kube/client.js';
import { MIB } from '../../../src/lib/limits/units.js';
import type { OpenRun } from '../../../src/run/run.js';
import type { PreparedJob } from '../../../src/stages/job.js';
import { tryRelease } from '../../../src/stages/rehearse/objects.js';

const RUN = {
  ...{ id: 'abcd1234', namespace: 'team', secret: 's', token: 't', registry: '127.0.0.1:1/s' },
  ...{ release: 'web', firstDelivery: 8, owner: { name: 'jackal-abcd1234' } },
} as OpenRun;

/** What the API server is asked for beforehand, by a job with these facts. */
async function tried(run: OpenRun, more: Partial<PreparedJob> = {}): Promise<ApiObject[]> {
  const asked: ApiObject[] = [];
  const create = async (_: string, object: ApiObject, { query }: RequestOptions) => {
    expect(query).toEqual({ dryRun: 'All' });
    asked.push(object);
    return object;
  };
  const job = {
    client: { create } as unknown as ApiClient,
    inputs: {},
    injectors: [{ architecture: 'arm64' }],
    plan: { carrier: 'stream', catalogParts: 0, storeBytes: 1 },
    ...more,
  } as PreparedJob;
  expect(await tryRelease(job, run)).toEqual([]);
  return asked;
}

const imageIn = (object: ApiObject | undefined) =>
  (object as V1ReplicaSet | undefined)?.spec?.template?.spec?.containers[0]?.image;

test('what ends with the job is no release', async () => {
  expect(await tried({ ...RUN, release: undefined })).toEqual([]);
});

test('a registry that comes again is tried with the image that it starts from, if one is given', async () => {
  const [replicaSet, ...others] = await tried(RUN);
  expect(imageIn(replicaSet)).toMatch(/pause/);
  expect(others).toEqual([]);
  const injectorImage = 'registry.acme.test/pause:1';
  const [given] = await tried(RUN, { inputs: { injectorImage } as PreparedJob['inputs'] });
  expect(imageIn(given)).toBe(injectorImage);
});

test('its volume is tried where there is a class for it', async () => {
  const [, claim] = await tried(RUN, { storageClass: 'fast' });
  expect((claim as V1PersistentVolumeClaim).metadata?.name).toBe('jackal-abcd1234-8-store');
});

test('its store and its volume are tried as large as they will be, with what the release holds already', async () => {
  const record = `v\np\nblob sha256:b ${2000 * MIB}\nend\n`;
  const run = { ...RUN, kept: { since: 0, record, address: '10.0.0.7:5000' } };
  const [replicaSet] = await tried(run);
  const [store] = (replicaSet as V1ReplicaSet).spec?.template?.spec?.volumes?.slice(-1) ?? [];
  expect(store?.emptyDir?.sizeLimit).toBe('2017Mi');
  const [, claim] = await tried(run, { storageClass: 'fast' });
  const { resources } = (claim as V1PersistentVolumeClaim).spec ?? {};
  expect(resources?.requests?.storage).toMatch(/^22\d\dMi$/);
});
