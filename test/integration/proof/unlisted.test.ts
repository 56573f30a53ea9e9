import { expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { collection } from '../../../src/kube/pods.js';
import { prove } from '../../../src/proof/prove.js';
import { nodeOf } from '../../../src/run/daemonset.js';
import { removeRun } from '../../../src/run/remove.js';
import { until } from '../../cluster/until.js';
import { allIn, refusedOf, sayStatus } from '../run/played-nodes.js';
import { makeQuota } from '../run/run-objects.js';
import {
  client,
  delivery,
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
 * The proof of those who may not list nodes: DaemonSets find them. A real controller makes their Pods; what a
 * scheduler and the kubelets would say of them, the tests say.
 */

useProofSite();

const SOON = { lookSeconds: 0.05, takeSeconds: 0.2 };

/** The status of a Pod for which a scheduler has no node. */
const unscheduled = (message: string) => ({
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
});

test('every node that can run an image is found and proven, and no other', async () => {
  await add('n1');
  await add('n2');
  await add('other-system', { 'kubernetes.io/os': 'windows' });
  await add('virtual', { type: 'virtual-kubelet' });
  await add('kwok', { type: 'kwok' });
  // No label tells.
  await add('tainted');
  // Nothing is sent for its architecture.
  await add('arm', { 'kubernetes.io/arch': 'arm64' });
  play(run);
  expect((await proving(plan({ notOn: ['tainted'] }))).sort()).toEqual(['n1', 'n2']);
  expect(told.sort()).toEqual(['n1 proven', 'n2 proven']);
  expect((await proofPods()).map(nodeOf).sort()).toEqual(['n1', 'n2']);
});

test('the input `nodes` chooses among them, and taints keep none away', async () => {
  await add('n1', { pool: 'a' });
  await add('n2', { pool: 'b' });
  const taint = { key: 'dedicated', value: 'gpu', effect: 'NoExecute' };
  await client.patch('/api/v1/nodes/n2', { spec: { taints: [taint], unschedulable: true } });
  play(run);
  expect(await proving(plan({ nodeSelector: 'pool in (b,c)' }))).toEqual(['n2']);
});

test('a node that comes while others are proven is proven, too', async () => {
  await add('n1');
  const gate = Promise.withResolvers<void>();
  play(async (pod) => {
    if (nodeOf(pod) === 'n1') await gate.promise;
    return run(pod);
  });
  const proven = proving(plan());
  await untilPods('the first node', (pods) => pods.length === 1);
  await add('n2');
  await untilPods('the second node', (pods) => pods.length === 2);
  gate.resolve();
  expect((await proven).sort()).toEqual(['n1', 'n2']);
});

test('a proven node whose Pod is evicted while others pull is proven again', async () => {
  await add('n1');
  await add('n2');
  const message = 'The node was low on resource: ephemeral-storage.';
  play(async (pod) => {
    if (nodeOf(pod) === 'n2') {
      await until('the proof of n1', () => told.includes('n1 proven'));
      const first = (await proofPods()).find((one) => nodeOf(one) === 'n1') as V1Pod;
      await sayStatus(client, first, { phase: 'Failed', reason: 'Evicted', message });
    }
    return run(pod);
  });
  expect((await proving(plan())).sort()).toEqual(['n1', 'n2']);
  expect(told.filter((words) => words === 'n1 proven')).toHaveLength(2);
});

test('a Pod that came before the way was open gives way to another one', async () => {
  await add('n1');
  let pods = 0;
  play((pod) => (pods++ === 0 ? allIn(pod, refusedOf(pod)) : run(pod)));
  expect(await proving(plan())).toEqual(['n1']);
  expect(pods).toBe(2);
});

test('a way that does not open ends the proof with the words of the runtime', async () => {
  await add('n1');
  play((pod) => allIn(pod, refusedOf(pod)));
  await expect(proving(plan({ missing: 'see the route' }), { routeSeconds: 0.5 })).rejects.toThrow(
    /^The container runtime of node n1 cannot reach the registry at .*connection refused\); see the route\.$/,
  );
});

test('a node that comes late does not overturn a way by which another one came', async () => {
  for (const name of ['n1', 'n2']) await add(name);
  let late = 0;
  play(async (pod) => {
    if (nodeOf(pod) === 'n1') return run(pod);
    await until('the proof of n1', () => told.includes('n1 proven'));
    return late++ < 3 ? allIn(pod, refusedOf(pod)) : run(pod);
  });
  const ofOther = plan({ registryNode: 'n0', trialSeconds: () => 0 });
  expect((await proving(ofOther)).sort()).toEqual(['n1', 'n2']);
});

test('an image that a node cannot run ends the proof with the words of its kubelet', async () => {
  await add('n1');
  const waiting = { reason: 'CreateContainerError', message: 'no space left' };
  play((pod) => allIn(pod, { waiting }));
  await expect(proving(plan())).rejects.toThrow(
    'Node n1 cannot run web; its kubelet says: CreateContainerError: no space left',
  );
});

test('a node without room is named in the words of the scheduler, even where the watch tells of them late', async () => {
  await add('n1');
  const asked = Promise.withResolvers<void>();
  over.signal.addEventListener('abort', () => asked.resolve());
  play(async () => {
    await asked.promise;
    return unscheduled('0/1 nodes are available: 1 Too many pods.');
  });
  const list: ApiClient['list'] = async (path, options) => {
    const isOfOne = options?.query?.fieldSelector !== undefined;
    const isSaid = async () =>
      (await proofPods()).every(({ status }) => status?.conditions !== undefined);
    if (isOfOne) asked.resolve();
    if (isOfOne) await until('the words', isSaid, { signal: over.signal });
    return await client.list(path, options);
  };
  const by = Object.create(client, { list: { value: list } });
  await expect(prove(by, plan(), over.signal, { ...PATIENT, ...SOON })).rejects.toThrow(
    'No Pod that would prove the images fits on the node n1 (the scheduler says: 0/1 nodes are available: 1 Too many pods); make room',
  );
});

const UNTAKEN = 'n1 has a kubelet that takes no Pod (for 0.2 s)';

test('a node whose kubelet refuses Pods is left out', async () => {
  await add('n1');
  await add('n2');
  const message = 'Pod was rejected: The node had condition: [DiskPressure].';
  play((pod) =>
    nodeOf(pod) === 'n1' ? run(pod) : { phase: 'Failed', reason: 'Evicted', message },
  );
  expect(await proving(plan())).toEqual(['n1']);
  expect(told).toContain(
    'n2 has a kubelet that refuses Pods (Evicted: Pod was rejected: The node had condition: [DiskPressure])',
  );
});

test('a node whose kubelet takes no Pod is left out', async () => {
  await add('n1');
  await expect(proving(plan(), SOON)).rejects.toThrow(
    `No node is left that could show it has the images (${UNTAKEN})`,
  );
  expect(told).toEqual([UNTAKEN]);
});

test('or ends the proof, where none may be left out', async () => {
  await add('n1');
  await expect(proving(plan({ needsAll: true }), SOON)).rejects.toThrow(
    `Not every node can have the images (${UNTAKEN}), and the input \`on-unavailable-node\` is fail`,
  );
});

test('Pods that the namespace does not take are told by their number', async () => {
  await add('n1');
  await add('n2');
  // The registry is one of them.
  await makeQuota(client, delivery.namespace, 'few', { pods: '2' });
  play(run);
  await expect(proving(plan(), { lookSeconds: 0.05, madeSeconds: 0.2 })).rejects.toThrow(
    /^The cluster has made [01] of the 2 Pods of the DaemonSet jackal-.*-proofs-amd64 that are to prove the images, and no more for 0\.2 s/,
  );
});

test('a cluster without a node for the images is said to be one', async () => {
  await add('arm', { 'kubernetes.io/arch': 'arm64' });
  await expect(proving(plan({ nodeSelector: 'kubernetes.io/os=linux' }))).rejects.toThrow(
    'The cluster has no node of linux/amd64 with the labels kubernetes.io/os=linux, so that nothing shows',
  );
});

const pullable = (name: string, hex: string) =>
  `${delivery.registry}/${name}@sha256:${hex.repeat(64)}`;
const forBoth = () => ({
  given: 'web:ci',
  pullable: pullable('web', 'a'),
  platforms: ['linux/amd64', 'linux/arm64'],
});
const forArm = () => ({
  given: 'mac:ci',
  pullable: pullable('mac', 'b'),
  platforms: ['linux/arm64'],
});

test('an image that no node was there to show is not proven by others', async () => {
  await add('n1');
  play(run);
  await expect(proving(plan({ images: [forBoth(), forArm()] }))).rejects.toThrow(
    'No node has shown mac:ci, which is sent for linux/arm64, and those that show the other images are of linux/amd64; build it',
  );
});

test('but by its like for another architecture', async () => {
  await add('n1');
  play(run);
  const images = [forBoth(), { ...forArm(), elsewhere: ['linux/amd64'] }];
  expect(await proving(plan({ images }))).toEqual(['n1']);
});

test('a removal takes the DaemonSets before their Pods, and leaves nothing of them', async () => {
  await add('n1');
  play(run);
  await proving(plan());
  await removeRun(client, delivery, new AbortController().signal);
  const { namespace } = delivery;
  for (const path of [collection.pods(namespace), collection.daemonSets(namespace)]) {
    const left = (await client.list<ApiObject & V1Pod>(path)).items;
    expect(left.map(({ metadata }) => metadata?.name)).toEqual([]);
  }
  // What the controller has written down of them is the garbage collector's.
  const revisions = `/apis/apps/v1/namespaces/${namespace}/controllerrevisions`;
  const areGone = async () => (await client.list<ApiObject>(revisions)).items.length === 0;
  await until('their revisions to go', areGone);
});
