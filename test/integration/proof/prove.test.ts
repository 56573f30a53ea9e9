import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { NODES_AT_ONCE_MAX, POD_WRITES_MAX } from '../../../src/lib/limits/run.js';
import type { ProofBounds, ProofPlan } from '../../../src/proof/plan.js';
import { prove } from '../../../src/proof/prove.js';
import { RegistryLost } from '../../../src/registry/fault.js';
import { clearRun } from '../../../src/run/remove.js';
import { type Delivery, labelsOf, selectorOf } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/control-plane.js';
import {
  allIn,
  CREATING,
  PlayedNodes,
  playKubelets,
  RUNNING,
  refusedOf,
  sayStatus,
} from '../run/played-nodes.js';
import { leasedRun, makeQuota } from '../run/run-objects.js';
import { watchWrites } from '../run/watched-client.js';

const NEVER = 100_000;
/** Nothing happens for a time's sake but what a test asks for. */
const PATIENT: ProofBounds = { lookSeconds: NEVER, routeSeconds: NEVER, firstSeconds: NEVER };

let plane: ControlPlane;
let admin: Connection;
let client: ApiClient;
let nodes: PlayedNodes;
let namespaces = 0;
let delivery: Delivery;
let over: AbortController;
let kubelets: Promise<void>;
let told: string[];

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  client = admin.client;
  nodes = new PlayedNodes(client);
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

beforeEach(async () => {
  const namespace = `proof-${namespaces++}`;
  await client.create('/api/v1/namespaces', { metadata: { name: namespace } } as ApiObject);
  delivery = await leasedRun(client, { namespace });
  over = new AbortController();
  kubelets = Promise.resolve();
  told = [];
  const registry = {
    metadata: { name: 'registry', labels: labelsOf(delivery.id, 'registry') },
    spec: { nodeName: 'n1', containers: [{ name: 'registry', image: 'pause:3' }] },
  };
  await client.create<V1Pod>(collection.pods(namespace), registry);
});

afterEach(async () => {
  over.abort();
  await kubelets;
  await nodes.removeAll();
});

/** Plays the kubelets of the proof's Pods, until the test is over. */
function play(say: (pod: V1Pod) => object | undefined | Promise<object | undefined>): void {
  const ofProofs = (pod: V1Pod) => (pod.metadata?.name === 'registry' ? undefined : say(pod));
  kubelets = playKubelets(client, delivery, ofProofs, over.signal);
}

const run = (pod: V1Pod) => allIn(pod, RUNNING);

function planOf(names: readonly string[], more: Partial<ProofPlan> = {}): ProofPlan {
  const pullable = `${delivery.registry}/web@sha256:${'a'.repeat(64)}`;
  return {
    ...delivery,
    nodes: names.map((name) => ({ name, architecture: 'amd64' })),
    images: [{ given: 'web', pullable, platforms: ['linux/amd64'] }],
    architectures: ['amd64'],
    registryPod: 'registry',
    registryNode: 'n1',
    onProven: (node) => told.push(`${node} proven`),
    onWaiting: () => undefined,
    onLeftOut: (node, reason) => told.push(`${node} ${reason}`),
    ...more,
  };
}

const proving = (plan: ProofPlan, bounds: Partial<ProofBounds> = {}) =>
  prove(client, plan, over.signal, { ...PATIENT, ...bounds });

async function proofPods(): Promise<V1Pod[]> {
  const query = { labelSelector: selectorOf(delivery.id, 'proof') };
  return (await client.list<V1Pod>(collection.pods(delivery.namespace), { query })).items;
}

/** Waits until the proof's Pods are so. */
const untilPods = (what: string, so: (pods: V1Pod[]) => boolean) =>
  until(what, async () => so(await proofPods()), { seconds: 60 });

test('every node is proven', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play(run);
  expect((await proving(planOf(['n1', 'n2']))).sort()).toEqual(['n1', 'n2']);
  expect(told.sort()).toEqual(['n1 proven', 'n2 proven']);
});

test('a node that joined, and one that became Ready, while others are proven is proven, too', async () => {
  await nodes.add('n1');
  await nodes.add('n2', { ready: false });
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n1') await nodes.setReady('n2', true);
    if (pod.spec?.nodeName === 'n2') await nodes.add('n3');
    return run(pod);
  });
  expect(await proving(planOf(['n1']))).toEqual(['n1', 'n2', 'n3']);
});

test('a node that joined and can have nothing is told and holds nobody up', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  await nodes.add('n3', { architecture: 'arm64' });
  play(run);
  // Its platform is sent, but there is no injector for it.
  const [image] = planOf([]).images;
  const images = [{ ...image, platforms: ['linux/amd64', 'linux/arm64'] }] as ProofPlan['images'];
  expect((await proving(planOf(['n1', 'n2'], { images }))).sort()).toEqual(['n1', 'n2']);
  expect(told).toContainEqual(expect.stringMatching(/^n3 .*linux\/arm64/));
});

test('a node that turns NotReady while it is waited for is left out, and its Pod goes', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play((pod) => (pod.spec?.nodeName === 'n1' ? run(pod) : undefined));
  const proof = proving(planOf(['n1', 'n2']), { lookSeconds: 0.1 });
  await untilPods('both Pods', (pods) => pods.length === 2);
  await nodes.setReady('n2', false);
  expect(await proof).toEqual(['n1']);
  expect(told).toEqual(['n1 proven', 'n2 is not Ready (NodeStatusUnknown)']);
  await untilPods('one Pod', (pods) => pods.length === 1);
});

test('a node that leaves, with its Pods, is left out and no one blamed', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n1') return run(pod);
    await nodes.remove('n2').catch(() => undefined);
    const path = `${collection.pods(delivery.namespace)}/${pod.metadata?.name}`;
    await client.delete(path, { gracePeriodSeconds: 0 });
    return undefined;
  });
  expect(await proving(planOf(['n1', 'n2']))).toEqual(['n1']);
  expect(told).toContain('n2 has left the cluster');
});

test('a node that fails since it is going down is left out, and proven when it is back', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  let failed = 0;
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n2' && failed < 2) {
      failed++;
      await nodes.setReady('n2', false);
      return { phase: 'Failed', reason: 'Terminated', message: 'node shutdown' };
    }
    if (pod.spec?.nodeName === 'n1') {
      await until('n2 left out', () => told.some((words) => words.startsWith('n2 is not')), {
        seconds: 60,
      });
      await nodes.setReady('n2', true);
    }
    return run(pod);
  });
  expect(await proving(planOf(['n1', 'n2']))).toEqual(['n1', 'n2']);
});

test('when every node is left out the proof fails, with the reasons', async () => {
  await nodes.add('n1', { architecture: 'arm64' });
  await nodes.add('n2', { ready: false });
  play(() => undefined);
  await expect(proving(planOf(['n2', 'n3']), { lookSeconds: 0.1 })).rejects.toThrow(
    /No node is left .*n2 is not Ready \(NodeStatusUnknown\), n3 has left the cluster/,
  );
});

test('a registry whose node turns NotReady is lost', async () => {
  await nodes.add('n1', { ready: false });
  await nodes.add('n2');
  play((pod) => allIn(pod, CREATING));
  const failure = await proving(planOf(['n2']), { lookSeconds: 0.1 }).catch((error) => error);
  expect(failure).toBeInstanceOf(RegistryLost);
  expect(failure.message).toMatch(/registry is lost, since its node n1 is not Ready/);
});

test('the replacement fits into a quota that has room for one', async () => {
  await nodes.add('n1');
  await makeQuota(client, delivery.namespace, 'tight', { pods: '2' });
  play((pod) => allIn(pod, pod.metadata?.name?.endsWith('-2') ? RUNNING : refusedOf(pod)));
  expect(await proving(planOf(['n1']))).toEqual(['n1']);
});

test('the replacement waits for a quota that still counts the Pod before it', async () => {
  await nodes.add('n1');
  await makeQuota(client, delivery.namespace, 'tight', { pods: '2' });
  const controllers = plane.pids['controller-manager'] as number;
  play((pod) => {
    if (!pod.metadata?.name?.endsWith('-0')) return run(pod);
    process.kill(controllers, 'SIGSTOP');
    return allIn(pod, refusedOf(pod));
  });
  const watched = watchWrites(client);
  try {
    const proof = prove(watched.client, planOf(['n1']), over.signal, PATIENT);
    await until('a refusal', () => watched.refusals() > 0, { seconds: 60 });
    process.kill(controllers, 'SIGCONT');
    expect(await proof).toEqual(['n1']);
  } finally {
    process.kill(controllers, 'SIGCONT');
  }
});

test('patience for the route counts from the first failure', async () => {
  await nodes.add('n1');
  const routeSeconds = 0.5;
  play(async (pod) => {
    if (!pod.metadata?.name?.endsWith('-0')) return run(pod);
    // Longer than the patience, and there was no failure yet.
    await sayStatus(client, pod, allIn(pod, CREATING));
    await new Promise((passed) => setTimeout(passed, 2 * routeSeconds * 1000));
    return allIn(pod, refusedOf(pod));
  });
  expect(await proving(planOf(['n1']), { routeSeconds })).toEqual(['n1']);
});

test('a node that never reaches the registry is told with its own words', async () => {
  await nodes.add('n1');
  play((pod) => allIn(pod, refusedOf(pod)));
  await expect(proving(planOf(['n1']), { routeSeconds: 0.5 })).rejects.toThrow(
    /runtime of node n1 cannot reach the registry at 127\.0\.0\.1:30000\/.*connection refused.*NodePort/,
  );
});

test('a Pod whose image was changed is no proof, and told when it happens again', async () => {
  await nodes.add('n1');
  play(async (pod) => {
    const path = `${collection.pods(delivery.namespace)}/${pod.metadata?.name}`;
    const containers = [{ name: 'image-0', image: 'example.test/other:1' }];
    const query = { fieldManager: 'someone-else' };
    await client.request({
      method: 'PATCH',
      path,
      query,
      body: { spec: { containers } },
      contentType: 'application/strategic-merge-patch+json',
    });
    return run(pod);
  });
  await expect(proving(planOf(['n1']))).rejects.toThrow(
    /^Node n1 cannot run the images; its Pod was changed by someone else to run example\.test\/other:1/,
  );
});

test('many nodes: one without the registry is proven first, and Pods are written a few at once', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `n${index + 1}`);
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  const waits: string[] = [];
  play(async (pod) => {
    order.push(pod.spec?.nodeName as string);
    await sayStatus(client, pod, allIn(pod, CREATING));
    await gate.promise;
    return run(pod);
  });
  const watched = watchWrites(client);
  const plan = planOf(names, { onWaiting: (node, words) => waits.push(`${node} ${words}`) });
  const proof = prove(watched.client, plan, over.signal, PATIENT);
  await untilPods('the first Pod', (pods) => pods.length > 0);
  await until('word of it', () => waits.length > 0, { seconds: 30 });
  // It is pending for ever, and no other has begun.
  expect((await proofPods()).map(({ spec }) => spec?.nodeName)).toEqual(['n2']);
  gate.resolve();
  expect((await proof).sort()).toEqual(names.sort());
  expect(order[0]).toBe('n2');
  expect(watched.most()).toBeLessThanOrEqual(POD_WRITES_MAX);
  expect(watched.most()).toBeGreaterThan(1);
  // Nothing, creating: each told once for each node.
  expect(waits.length).toBeLessThanOrEqual(2 * names.length);
});

test('many nodes do not wait for a first one that is only slow', async () => {
  const names = Array.from({ length: NODES_AT_ONCE_MAX + 1 }, (_, index) => `n${index + 1}`);
  const gate = Promise.withResolvers<void>();
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n2') await gate.promise;
    return run(pod);
  });
  const proof = proving(planOf(names), { firstSeconds: 0.1 });
  await until('the others', () => told.length === NODES_AT_ONCE_MAX, { seconds: 30 });
  gate.resolve();
  expect((await proof).sort()).toEqual(names);
});

test('few nodes start at once', async () => {
  const names = Array.from({ length: NODES_AT_ONCE_MAX }, (_, index) => `n${index + 1}`);
  play(() => undefined);
  const proof = proving(planOf(names));
  await untilPods('all Pods', (pods) => pods.length === NODES_AT_ONCE_MAX);
  over.abort(new Error('enough'));
  await expect(proof).rejects.toThrow('enough');
});

test('the signal ends a proof at once, and nothing goes on', async () => {
  await nodes.add('n1');
  play((pod) => allIn(pod, CREATING));
  const proof = proving(planOf(['n1', 'n2', 'n3', 'n4', 'n5']));
  await untilPods('the first Pod', (pods) => pods.length === 1);
  over.abort(new Error('cancelled'));
  await expect(proof).rejects.toThrow('cancelled');
  expect(await proofPods()).toHaveLength(1);
});

test('the Pods of many nodes go a few at once', async () => {
  const labels = labelsOf(delivery.id, 'proof');
  const containers = [{ name: 'x', image: 'x' }];
  for (let index = 0; index < 3 * POD_WRITES_MAX; index++) {
    const pod = { metadata: { name: `proof-${index}`, labels }, spec: { containers } };
    await client.create<V1Pod>(collection.pods(delivery.namespace), pod);
  }
  const watched = watchWrites(client);
  await client.delete(`${collection.pods(delivery.namespace)}/registry`, { gracePeriodSeconds: 0 });
  await clearRun(watched.client, delivery, over.signal);
  expect(await proofPods()).toEqual([]);
  expect(watched.most()).toBeLessThanOrEqual(POD_WRITES_MAX);
});
