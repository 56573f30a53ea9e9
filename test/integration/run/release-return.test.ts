import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ApiObject } from '../../../src/kube/client.js';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { pointService, returnTo } from '../../../src/registry/release.js';
import { openService } from '../../../src/registry/service.js';
import { relayDaemonSet } from '../../../src/routes/relay-pod.js';
import { putConfigMap } from '../../../src/run/configmap.js';
import { leasedRun } from '../../../src/run/lease.js';
import { type Delivery, labelsFor, nameOf } from '../../../src/run/run.js';
import { createToken } from '../../../src/run/token.js';
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
async function chunkOf(release: Delivery, delivery: number): Promise<string> {
  const name = nameOf.chunk({ ...release, delivery }, 0);
  const labels = labelsFor({ ...release, delivery }, 'chunk');
  await putConfigMap(admin.client, { name, namespace, owner: release.owner, labels });
  return name;
}

/** The names of what there is of a release in a collection. */
async function namesIn(path: string, { release }: Delivery): Promise<string[]> {
  const query = { labelSelector: `jackal-inject.dev/release=${release}` };
  const { items } = await admin.client.list<ApiObject>(path, { query });
  return items.flatMap(({ metadata }) => metadata?.name ?? []);
}

const tokensOf = (release: Delivery) => namesIn(`/api/v1/namespaces/${namespace}/secrets`, release);

/** Gives a step of a release its token. */
const tokenOf = (release: Delivery, firstDelivery: number) =>
  createToken(admin.client, { ...release, firstDelivery }, signal);

const selectorIn = async ({ id }: Delivery) => {
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
