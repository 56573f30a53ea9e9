import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { waitUntil } from '../../../src/kube/watch.js';
import { type KeptPatience, keptAddress } from '../../../src/registry/addresses.js';
import { storeClaim } from '../../../src/registry/pod.js';
import { registryReplicaSet } from '../../../src/registry/release.js';
import { Stages } from '../../../src/report/stages.js';
import { clearRun, removeRun } from '../../../src/run/remove.js';
import { type Delivery, nameOf, ofDelivery } from '../../../src/run/run.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { serve } from '../../../src/stages/serve.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { allIn, CREATING, RUNNING, sayStatus } from './played-nodes.js';
import { leasedRun, makeQuota } from './run-objects.js';

/* A release whose registry was lost, and the volumes of its attempts, by what a real API server and its controllers say. */

const namespace = 'default';
const { signal } = new AbortController();
let plane: ControlPlane;
let admin: Connection;
let release: Delivery;
/** How often somebody was told that a registry is waited for. */
let waits: number;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

beforeEach(async () => {
  waits = 0;
  const name = `release-${expect.getState().currentTestName?.length}`;
  release = await leasedRun(admin.client, { namespace, release: name });
});

afterEach(() => removeRun(admin.client, release, signal));

/** Gives the release a ReplicaSet for its registry; returns the Pod that comes of it, which nobody runs yet. */
async function lostRegistry(): Promise<V1Pod> {
  const base = { architecture: 'amd64', image: 'pause:3' };
  const lasting = { base, nodes: undefined, chunks: [], storeBytes: 1 };
  const set = registryReplicaSet(release, lasting);
  await admin.client.create(collection.replicaSets(namespace), set, { signal });
  const query = { labelSelector: ofDelivery(release, 'registry') };
  const isThere = (pods: ReadonlyMap<string, V1Pod>) => pods.size > 0;
  const options = { query, signal };
  const pods = await waitUntil<V1Pod>(admin.client, collection.pods(namespace), isThere, options);
  return [...pods.values()][0] as V1Pod;
}

/** Asks where the registry answers; `then` is what happens once it is waited for. */
async function asked(
  then: () => Promise<unknown>,
  patience: KeptPatience = {},
): Promise<string | undefined> {
  let happened: Promise<unknown> = Promise.resolve();
  const onWaiting = () => {
    waits++;
    happened = then();
  };
  const address = await keptAddress(admin.client, release, signal, { ...patience, onWaiting });
  await happened;
  return address;
}

const nothing = async () => undefined;

test('a registry that comes again is waited for while it starts', async () => {
  const pod = await lostRegistry();
  const starts = async () => {
    await sayStatus(admin.client, pod, allIn(pod, CREATING));
    const podIPs = [{ ip: '10.0.0.9' }];
    const status = { ...allIn(pod, RUNNING), podIP: '10.0.0.9', podIPs };
    await sayStatus(admin.client, pod, status);
  };
  expect(await asked(starts)).toBe('10.0.0.9:5000');
  expect(waits).toBe(1);
  // And one that runs is not.
  expect(await asked(nothing)).toBe('10.0.0.9:5000');
  expect(waits).toBe(1);
});

test('one that cannot start is not waited for any longer', async () => {
  const pod = await lostRegistry();
  const gone = { waiting: { reason: 'ErrImageNeverPull', message: 'it is gone' } };
  expect(await asked(() => sayStatus(admin.client, pod, allIn(pod, gone)))).toBeUndefined();
  expect(waits).toBe(1);
});

test('one that no node takes, or that hangs there, is waited for a while alone', async () => {
  const pod = await lostRegistry();
  expect(await asked(nothing, { takeSeconds: 0.2 })).toBeUndefined();
  const hangs = () => sayStatus(admin.client, pod, allIn(pod, CREATING));
  expect(await asked(hangs, { startSeconds: 0.2 })).toBeUndefined();
  expect(waits).toBe(2);
});

test('one that does not come again is not waited for', async () => {
  expect(await asked(nothing)).toBeUndefined();
  expect(waits).toBe(0);
});

/** Gives an attempt its volume; returns its name. */
async function claimOf(delivery: number): Promise<string> {
  const claim = storeClaim({ ...release, delivery }, 1);
  await admin.client.create(collection.claims(namespace), claim, { signal });
  return nameOf.store({ ...release, delivery });
}

async function claims(): Promise<string[]> {
  const { items } = await admin.client.list<ApiObject>(collection.claims(namespace), { signal });
  return items.flatMap(({ metadata }) => metadata?.name ?? []);
}

test("the volume of an attempt that is done anew goes, and that of what is in use doesn't", async () => {
  const inUse = await claimOf(1);
  await claimOf(8);
  const step = { ...release, firstDelivery: 8, kept: { since: 0, delivery: 1 } };
  await clearRun(admin.client, step, [], signal);
  expect(await claims()).toEqual([inUse]);
});

test('the next one comes as soon as a quota counts that no more', async () => {
  const old = await claimOf(8);
  await makeQuota(admin.client, namespace, 'volumes', { persistentvolumeclaims: '1' });
  try {
    const refused = Promise.withResolvers<void>();
    const create = async (...args: Parameters<ApiClient['create']>) => {
      try {
        return await admin.client.create(...args);
      } catch (error) {
        refused.resolve();
        throw error;
      }
    };
    const client = Object.assign(Object.create(admin.client) as ApiClient, { create });
    const job = { client, signal, bases: [], log: new Stages(), plan: { storeBytes: 1 } };
    const next = { ...release, delivery: 9, firstDelivery: 9, hasClaim: true };
    const uploaded = { paths: [], chunks: [] };
    const served = serve(job as unknown as RehearsedJob, next, uploaded);
    served.catch(() => undefined);
    await refused.promise;
    await admin.client.delete(`${collection.claims(namespace)}/${old}`, { signal });
    await expect(served).rejects.toThrow(/^No node is known to have an image/);
    expect(await claims()).toEqual([nameOf.store(next)]);
  } finally {
    await admin.client.delete(`/api/v1/namespaces/${namespace}/resourcequotas/volumes`);
  }
});
