import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { ApiObject } from '../../../src/kube/client.js';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { RegistryLost } from '../../../src/registry/fault.js';
import { openService } from '../../../src/registry/service.js';
import { relayDaemonSet } from '../../../src/routes/relay-pod.js';
import { putConfigMap } from '../../../src/run/configmap.js';
import { leasedRun, renewLease } from '../../../src/run/lease.js';
import { findOtherRuns } from '../../../src/run/other-runs.js';
import { leaveRelease, putInUse, takeRelease } from '../../../src/run/release/lease.js';
import { pointService, returnTo } from '../../../src/run/release/service.js';
import { type Delivery, labelsFor, nameOf, newRun, type OpenRun } from '../../../src/run/run.js';
import { createToken } from '../../../src/run/token.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { withdraw } from '../../../src/stages/keep.js';
import { withSetbacks } from '../../../src/stages/setbacks.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { leasedRun as newLeasedRun } from './run-objects.js';

/* What a release is taken back to when a step has not come to its end, by what a real API server says. */

let plane: ControlPlane;
let admin: Connection;
const namespace = 'default';
const { signal } = new AbortController();

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

const released = (release: string) => newLeasedRun(admin.client, { namespace, release });

/** Gives a delivery of a release a ConfigMap. */
async function chunkOf(release: OpenRun, delivery: number): Promise<string> {
  const name = nameOf.chunk({ ...release, delivery }, 0);
  const labels = labelsFor({ ...release, delivery }, 'chunk');
  await putConfigMap(admin.client, { name, namespace, owner: release.owner, labels });
  return name;
}

/** The names of what there is of a release in a collection. */
async function namesIn(path: string, { release }: OpenRun): Promise<string[]> {
  const query = { labelSelector: `jackal-inject.dev/release=${release}` };
  const { items } = await admin.client.list<ApiObject>(path, { query });
  return items.flatMap(({ metadata }) => metadata?.name ?? []);
}

const tokensOf = (release: Delivery) => namesIn(`/api/v1/namespaces/${namespace}/secrets`, release);

/** Gives a step of a release its token. */
const tokenOf = (release: Delivery, firstDelivery: number) =>
  createToken(admin.client, { ...release, firstDelivery }, signal);

const selectorIn = async ({ id }: OpenRun) => {
  const path = `${collection.services(namespace)}/${nameOf.service(id)}`;
  const { spec } = await admin.client.get<{ spec: { selector: object } }>(path);
  return spec.selector;
};

test('nothing stays of a release that never was in use, relays and their injector neither', async () => {
  const { client } = admin;
  const release = await released('new');
  await openService(client, release, { carrier: 'stream' }, release.owner, signal);
  await tokenOf(release, 0);
  await chunkOf(release, 0);
  // As they are once they are to go on from delivery to delivery.
  const { delivery: _, ...ofAll } = release;
  const labels = labelsFor(ofAll, 'injector');
  const name = nameOf.injector(release, 'amd64');
  await putConfigMap(client, { name, namespace, owner: release.owner, labels });
  const plan = { route: 'hostport', port: 61000, to: '10.96.0.7:5000' } as const;
  const relays = relayDaemonSet(release, { architecture: 'amd64', image: 'pause:3' }, plan);
  await client.create(collection.daemonSets(namespace), relays, { signal });

  await returnTo(client, release, { kept: undefined, last: 7 }, signal);
  expect(await namesIn(configMapsPath(namespace), release)).toEqual([]);
  expect(await namesIn(collection.daemonSets(namespace), release)).toEqual([]);
  expect(await tokensOf(release)).toEqual([]);
  expect(await namesIn(collection.services(namespace), release)).toHaveLength(1);
  expect(await leasedRun(client, release, signal)).toBeDefined();
});

test('the Service leads back to what is in use, and what a step has left beside it goes', async () => {
  const { client } = admin;
  const release = await released('back');
  await openService(client, release, { carrier: 'stream' }, release.owner, signal);
  const kept = await chunkOf(release, 1);
  await chunkOf(release, 8);
  for (const first of [0, 8]) await tokenOf(release, first);
  await pointService(client, release, 8, signal);

  await returnTo(client, release, { kept: 1, last: 15 }, signal);
  expect(await namesIn(configMapsPath(namespace), release)).toEqual([kept]);
  expect(await tokensOf(release)).toEqual([nameOf.token(release.id, 0)]);
  expect(await selectorIn(release)).toMatchObject({ 'jackal-inject.dev/delivery': '1' });
});

test('a step that fails when its delivery is in use keeps its token, which the registry mounts', async () => {
  const { client } = admin;
  const release = await released('late');
  await openService(client, release, { carrier: 'stream' }, release.owner, signal);
  await tokenOf(release, 8);
  await returnTo(client, release, { kept: 8, last: 15 }, signal);
  expect(await tokensOf(release)).toEqual([nameOf.token(release.id, 8)]);
});

test('a Service that somebody has deleted keeps nothing else from going', async () => {
  const { client } = admin;
  const release = await released('torn');
  const kept = await chunkOf(release, 1);
  await chunkOf(release, 8);
  await returnTo(client, release, { kept: 1, last: 15 }, signal);
  expect(await namesIn(configMapsPath(namespace), release)).toEqual([kept]);
});

/** The step of an attempt of a workflow run, which a step of the next attempt takes over at once. */
async function stepOf(release: string, attempt: number): Promise<OpenRun> {
  const workflow = `https://github.com/acme/web/actions/runs/14/attempts/${attempt}`;
  const step = newRun({ namespace, release, workflow });
  const taken = await takeRelease(admin.client, step, 0, signal);
  if (taken === undefined) throw new Error(`There is no release ${release}.`);
  const { kept: delivery, since, ...found } = taken;
  return { ...step, ...found, registry: '127.0.0.1:1/a', kept: { delivery, since } };
}

/** A release of which this delivery is in use, if any, and a step that has it: its numbers begin with 8. */
async function replaced(name: string, kept?: number): Promise<OpenRun> {
  const { client } = admin;
  const release = await released(name);
  await openService(client, release, { carrier: 'stream' }, release.owner, signal);
  if (kept !== undefined) await putInUse(client, release, { delivery: kept, route: 'a' }, signal);
  await leaveRelease(client, release, signal);
  return await stepOf(name, 1);
}

/** Has the next step of a release come to its end, with a delivery of its own in use. Returns the names of what that has. */
async function overtake({ release = '', namespace }: OpenRun): Promise<string[]> {
  const { client } = admin;
  const step = await stepOf(release, 2);
  const delivery = { ...step, delivery: step.firstDelivery ?? 0 };
  const chunk = await chunkOf(step, delivery.delivery);
  const labels = labelsFor(delivery, 'registry');
  const name = nameOf.registrySet(delivery);
  const container = { name: 'registry', image: 'registry.example/none' };
  const spec = {
    replicas: 0,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [container] } },
  };
  const set = { metadata: { name, labels }, spec } as ApiObject;
  await client.create(collection.replicaSets(namespace), set, { signal });
  await pointService(client, step, delivery.delivery, signal);
  await putInUse(client, step, { delivery: delivery.delivery, route: 'a' }, signal);
  await leaveRelease(client, step, signal);
  return [chunk, name];
}

const lost = (release: string) => `Another step has taken over the release "${release}"`;

/** The names of a release's chunks and ReplicaSets. */
const inUse = async (step: OpenRun) => [
  ...(await namesIn(configMapsPath(namespace), step)),
  ...(await namesIn(collection.replicaSets(namespace), step)),
];

const jobOf = () => {
  const { client } = admin;
  const log = { group: (_: string, work: () => unknown) => work() };
  const more = { inputs: {}, nodesUnlisted: true, bases: [], traffic: {}, plan: {} };
  return { client, log, signal, ...more } as unknown as RehearsedJob;
};

test.each([
  ['woken', 1],
  ['woken-first', undefined],
])(
  'the step %s, whose registry is lost since another has its release, leaves that one alone',
  async (name, kept) => {
    const step = await replaced(name, kept);
    let others: string[] = [];
    let attempts = 0;
    const work = async () => {
      attempts++;
      others = await overtake(step);
      throw new RegistryLost('The registry is lost: its Pod was deleted by someone else.');
    };
    await expect(withSetbacks(jobOf(), step, work)).rejects.toThrow(lost(name));
    expect(attempts).toBe(1);
    expect(await inUse(step)).toEqual(others);
    expect(await selectorIn(step)).toMatchObject({ 'jackal-inject.dev/delivery': '16' });
    expect(await leasedRun(admin.client, step, signal)).toMatchObject({ kept: 16 });
  },
);

test('a step takes only deliveries away that it knows of, whatever comes while it does', async () => {
  const step = await replaced('asleep', 1);
  const [kept] = [await chunkOf(step, 1), await chunkOf(step, 8)];
  let others: string[] = [];
  const list = admin.client.list.bind(admin.client);
  // What it does next is done when the other one has ended.
  const held = jest.spyOn(admin.client, 'list').mockImplementationOnce(async (...asked) => {
    others = await overtake(step);
    return (await list(...asked)) as never;
  });
  const work = async (_: unknown, { delivery }: Delivery) => {
    if (delivery === 8) throw new RegistryLost('The registry is lost: its Pod was deleted.');
  };
  await withSetbacks(jobOf(), step, work).finally(() => held.mockRestore());
  expect(await inUse(step)).toEqual([kept, ...others]);
});

test('a step leads no Service any more that another one has led elsewhere meanwhile', async () => {
  const step = await replaced('slow', 1);
  const patch = admin.client.patch.bind(admin.client);
  // It has looked who has the release, and its write is late.
  const late = jest.spyOn(admin.client, 'patch').mockImplementationOnce(async (...request) => {
    await overtake(step);
    return (await patch(...request)) as never;
  });
  const pointing = pointService(admin.client, step, 8, signal).finally(() => late.mockRestore());
  await expect(pointing).rejects.toThrow(lost('slow'));
  expect(await selectorIn(step)).toMatchObject({ 'jackal-inject.dev/delivery': '16' });
});

test('a step that has lost its release withdraws its own, but for what it has put in use', async () => {
  const step = await replaced('withdrawn', 1);
  await chunkOf(step, 9);
  const others = await overtake(step);
  await withdraw(jobOf(), step);
  expect(await inUse(step)).toEqual(others);

  const used = await replaced('in-use', 1);
  const [kept] = [await chunkOf(used, 8), await chunkOf(used, 9)];
  await putInUse(admin.client, used, { delivery: 8, route: 'a' }, signal);
  await stepOf('in-use', 2);
  await withdraw(jobOf(), used);
  expect(await inUse(used)).toEqual([kept]);
});

test('a killed step of a release is no run that is at work, and the release is not dead', async () => {
  const { client } = admin;
  const step = await replaced('killed', 1);
  const asking = { ...newRun({ namespace }), namespace };
  const others = async () => {
    const { alive, dead } = await findOtherRuns(client, asking, signal);
    return [alive, dead].map((runs) => runs.some(({ id }) => id === step.id));
  };
  expect(await others()).toEqual([true, false]);
  await renewLease(client, step, { seconds: 1 }, { signal });
  // One look: the server's clock, which is told in whole seconds, may be a second earlier at the next one.
  let found = await others();
  const isOver = async () => {
    found = await others();
    return !found[0];
  };
  await until('the end of its time', isOver, { seconds: 30 });
  expect(found).toEqual([false, false]);
});
