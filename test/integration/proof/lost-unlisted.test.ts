import { pipeline, Transform } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { V1DaemonSet, V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { collection } from '../../../src/kube/pods.js';
import { prove } from '../../../src/proof/prove.js';
import { nodeOf } from '../../../src/run/daemonset.js';
import { selectorOf } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { allIn, CREATING, sayStatus } from '../run/played-nodes.js';
import {
  client,
  delivery,
  nodes,
  over,
  PATIENT,
  play,
  proofPods,
  proving,
  run,
  told,
  untilPods,
  useProofSite,
} from './proof-site.js';
import { add, plan } from './unlisted-site.js';

/*
 * Nodes that are lost while others are proven, where nobody may list nodes.
 */

useProofSite();

/** Plays nodes of which one runs its images late. Their Pods are bound, so that they outlive their nodes. */
function playUntil(gate: Promise<void>, late: string, others: (pod: V1Pod) => object | undefined) {
  play(async (pod) => {
    const { name } = pod.metadata ?? {};
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeOf(pod) };
    const path = `${collection.pods(delivery.namespace)}/${name}/binding`;
    await client.create(path, { metadata: { name: name as string }, target } as ApiObject);
    if (nodeOf(pod) !== late) return others(pod);
    await gate;
    return run(pod);
  });
}

const areBound = (count: number) => (pods: V1Pod[]) =>
  pods.filter(({ spec }) => spec?.nodeName !== undefined).length === count;

const podAt = async (node: string) => (await proofPods()).find((pod) => nodeOf(pod) === node);

const drop = ({ metadata }: V1Pod) =>
  client.delete(`${collection.pods(delivery.namespace)}/${metadata?.name}`, {
    gracePeriodSeconds: 0,
  });

const ofDaemonSets = () => collection.daemonSets(delivery.namespace);

/** Takes a node away, and waits until it is counted no more: its controller looks when something else is new. */
async function remove(node: string): Promise<void> {
  await nodes.remove(node);
  const query = { labelSelector: selectorOf(delivery.id, 'proof') };
  const list = async () => (await client.list<V1DaemonSet>(ofDaemonSets(), { query })).items;
  for (const { metadata } of await list()) {
    const annotations = { look: 'again' };
    await client.patch(`${ofDaemonSets()}/${metadata?.name}`, { metadata: { annotations } });
  }
  const isCounted = async () =>
    (await list()).some(({ status }) => status?.desiredNumberScheduled === 1);
  await until(`${node} to be counted no more`, isCounted);
}

/** The same, and then its Pod, as the collector of Pods does. */
async function leave(node: string): Promise<void> {
  await remove(node);
  await drop((await podAt(node)) as V1Pod);
}

const LEFT = 'n2 has left the cluster';
const LOOKS = { lookSeconds: 0.05, madeSeconds: 0.2 };

test('a node that leaves as it pulls is left out, and not forgotten', async () => {
  for (const name of ['n1', 'n2']) await add(name);
  const gate = Promise.withResolvers<void>();
  playUntil(gate.promise, 'n1', (pod) => allIn(pod, CREATING));
  const proven = proving(plan(), LOOKS);
  await untilPods('both nodes', areBound(2));
  await leave('n2');
  gate.resolve();
  expect(await proven).toEqual(['n1']);
  expect(told.sort()).toEqual(['n1 proven', LEFT]);
});

test('or that was proven ends the proof, where none may be left out', async () => {
  for (const name of ['n1', 'n2']) await add(name);
  const gate = Promise.withResolvers<void>();
  playUntil(gate.promise, 'n1', run);
  const chosen = plan({ needsAll: true, nodeSelector: 'kubernetes.io/os=linux' });
  const proven = proving(chosen, LOOKS);
  await until('the proof of n2', () => told.includes('n2 proven'));
  await leave('n2');
  gate.resolve();
  await expect(proven).rejects.toThrow(
    `Not every node can have the images (${LEFT} or lost the labels kubernetes.io/os=linux), and`,
  );
});

test('a node has left though its Pod is still there, where the DaemonSet wants fewer', async () => {
  for (const name of ['n1', 'n2']) await add(name);
  const gate = Promise.withResolvers<void>();
  playUntil(gate.promise, 'n1', run);
  const fewer = Promise.withResolvers<void>();
  // Tells what the proof is told of the DaemonSets.
  const stream: ApiClient['stream'] = async (path, options) => {
    const response = await client.stream(path, options);
    if (path !== ofDaemonSets()) return response;
    const tell = (chunk: Buffer, _: unknown, next: (error: null, chunk: Buffer) => void) => {
      next(null, chunk);
      if (chunk.includes('"desiredNumberScheduled":1')) fewer.resolve();
    };
    return pipeline(response, new Transform({ transform: tell }), () => undefined) as never;
  };
  const by = Object.create(client, { stream: { value: stream } });
  const proven = prove(by, plan(), over.signal, { ...PATIENT, ...LOOKS });
  await until('the proof of n2', () => told.includes('n2 proven'));
  await remove('n2');
  await fewer.promise;
  gate.resolve();
  await until('the proof of n1', () => told.includes('n1 proven'));
  await drop((await podAt('n2')) as V1Pod);
  expect(await proven).toEqual(['n1']);
  expect(told).toContain(LEFT);
});

test('a node that is emptied before it leaves is accused of nothing', async () => {
  for (const name of ['n1', 'n2']) await add(name);
  const gate = Promise.withResolvers<void>();
  playUntil(gate.promise, 'n1', (pod) => allIn(pod, CREATING));
  const proven = proving(plan(), LOOKS);
  const uids = new Set<string>();
  for (let evictions = 0; evictions < 3; evictions++) {
    const isNew = (pod?: V1Pod) =>
      pod?.spec?.nodeName !== undefined && !uids.has(pod.metadata?.uid as string);
    await until('its next Pod', async () => isNew(await podAt('n2')));
    const pod = (await podAt('n2')) as V1Pod;
    uids.add(pod.metadata?.uid as string);
    if (evictions < 2) await drop(pod);
  }
  await leave('n2');
  gate.resolve();
  expect(await proven).toEqual(['n1']);
  expect(told.sort()).toEqual(['n1 proven', LEFT]);
});

test('Pods that go again and again end the proof', async () => {
  await add('n1');
  play(async (pod) => {
    await drop(pod);
    return undefined;
  });
  await expect(proving(plan())).rejects.toThrow(
    `Node n1 cannot run the images; its Pod was deleted by someone else: look at who deletes or changes Pods in the namespace ${delivery.namespace}.`,
  );
});

test('a node that is proven and whose Pods the cluster calls not ready since is left out', async () => {
  for (const name of ['n1', 'n2']) await add(name);
  const gate = Promise.withResolvers<void>();
  const ready = (status: string) => ({ type: 'Ready', status });
  const others = [{ type: 'ContainersReady', status: 'True' }];
  const well = [ready('True'), ...others];
  playUntil(gate.promise, 'n1', (pod) => ({ ...run(pod), conditions: well }));
  const proven = proving(plan());
  await until('the proof of n2', () => told.includes('n2 proven'));
  // As the controller of nodes does for each Pod of a node that is not Ready any more.
  await sayStatus(client, (await podAt('n2')) as V1Pod, {
    conditions: [ready('False'), ...others],
  });
  gate.resolve();
  expect(await proven).toEqual(['n1']);
  expect(told).toContain('n2 is not Ready');
});
