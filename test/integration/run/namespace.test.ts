import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import {
  joinNamespace,
  leaveNamespace,
  waitUntilNamespaceGone,
} from '../../../src/run/namespace.js';
import { nameOf, newRun } from '../../../src/run/run.js';
import { type ControlPlane, NOBODY_TOKEN, startControlPlane } from '../kube/control-plane.js';
import { anchorOf, grantNobody } from './run-objects.js';

let plane: ControlPlane;
let connection: Connection;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  connection = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  connection?.client.close();
  await plane?.stop();
});

function join(namespace: string, runId: string) {
  const { client } = connection;
  return joinNamespace(client, { namespace, runId }, () => anchorOf(client, namespace, runId));
}

async function namespaceOf(name: string): Promise<ApiObject> {
  return connection.client.get<ApiObject>(`/api/v1/namespaces/${name}`);
}

test('the first run makes the namespace, restricted; the last one removes it', async () => {
  const { client } = connection;
  const [one, two] = [newRun().id, newRun().id];
  const namespace = 'shared';
  const first = await join(namespace, one);
  expect(first).toMatchObject({ made: true, ours: true, anchor: { name: nameOf.anchor(one) } });
  expect((await namespaceOf(namespace)).metadata?.labels).toMatchObject({
    'app.kubernetes.io/managed-by': 'jackal-inject',
    'pod-security.kubernetes.io/enforce': 'restricted',
  });
  expect(await join(namespace, two)).toMatchObject({ made: false, ours: true });
  expect(await leaveNamespace(client, { namespace, runId: one })).toBe(false);
  await client.delete(`/api/v1/namespaces/${namespace}/configmaps/${nameOf.anchor(one)}`);
  expect(await leaveNamespace(client, { namespace, runId: two })).toBe(true);
  await waitUntilNamespaceGone(client, { namespace });
  await expect(namespaceOf(namespace)).rejects.toMatchObject({ fault: 'not-found' });
});

test('a namespace of somebody else is used and left as it is', async () => {
  const { client } = connection;
  const { id } = newRun();
  const namespace = 'theirs';
  await client.create('/api/v1/namespaces', { metadata: { name: namespace } });
  const before = await namespaceOf(namespace);
  expect(await join(namespace, id)).toMatchObject({ made: false, ours: false });
  expect(await leaveNamespace(client, { namespace, runId: id })).toBe(false);
  expect(await namespaceOf(namespace)).toEqual(before);
});

test('a namespace that is being deleted is waited for and made anew', async () => {
  const { client } = connection;
  const namespace = 'reborn';
  await join(namespace, newRun().id);
  const old = await namespaceOf(namespace);
  // The finalizer of an object holds the namespace back until it is taken off.
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const held = { metadata: { name: 'held', finalizers: ['example.test/hold'] } };
  await client.create(path, held);
  await client.delete(`/api/v1/namespaces/${namespace}`);
  const joined = join(namespace, newRun().id);
  await client.patch(`${path}/held`, { metadata: { finalizers: null } });
  expect(await joined).toMatchObject({ made: true, ours: true });
  expect((await namespaceOf(namespace)).metadata?.uid).not.toBe(old.metadata?.uid);
});

test('a run that joins between the look and the removal keeps the namespace', async () => {
  const { client } = connection;
  const namespace = 'contended';
  const [leaving, joining] = [newRun().id, newRun().id];
  await join(namespace, leaving);
  const removed = await namespaceOf(namespace);
  await join(namespace, joining);
  // What leaveNamespace would send had it looked before the other run joined.
  const { uid = '', resourceVersion = '' } = removed.metadata ?? {};
  await expect(
    client.delete(`/api/v1/namespaces/${namespace}`, { preconditions: { uid, resourceVersion } }),
  ).rejects.toMatchObject({ fault: 'conflict' });
  expect((await namespaceOf(namespace)).metadata?.deletionTimestamp).toBeUndefined();
});

test('runs that come and go at the same time never lose their anchor', async () => {
  const { client } = connection;
  const namespace = 'busy';
  const visit = async () => {
    const runId = newRun().id;
    const { ours } = await join(namespace, runId);
    const path = `/api/v1/namespaces/${namespace}/configmaps/${nameOf.anchor(runId)}`;
    const anchor = await client.get<ApiObject>(path);
    expect(ours && anchor.metadata?.name).toBe(nameOf.anchor(runId));
    await client.delete(path);
    await leaveNamespace(client, { namespace, runId });
  };
  const visitor = async () => {
    for (let turn = 0; turn < 4; turn++) {
      await visit();
    }
  };
  await Promise.all([visitor(), visitor(), visitor()]);
});

test('a namespace that is missing and may not be created', async () => {
  const kubeconfig = plane.kubeconfig({ user: { token: NOBODY_TOKEN } });
  const { client } = await connect({ kubeconfig, env: {} });
  const join = (anchor: () => Promise<number>) =>
    joinNamespace(client, { namespace: 'absent', runId: newRun().id }, anchor);
  const sentence =
    'The namespace "absent" does not exist and the kubeconfig\'s user may not create it';
  // Without the right to look, the anchor's failure tells that it is missing.
  const { client: admin } = connection;
  const anchor = () => anchorOf(admin, 'absent', newRun().id).then(() => 1);
  await expect(join(anchor)).rejects.toThrow(sentence);
  await grantNobody(admin, 'namespaces', ['get']);
  await expect(join(async () => 1)).rejects.toThrow(sentence);
  client.close();
});
