import { expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { ApiError } from '../../../src/kube/error.js';
import { collection } from '../../../src/kube/pods.js';
import type { ProofPlan } from '../../../src/proof/plan.js';
import { type ProofNode, proofPod } from '../../../src/proof/pod.js';
import { prove } from '../../../src/proof/prove.js';
import { RegistryLost } from '../../../src/registry/fault.js';
import { RelayNotStarted, RouteFailure } from '../../../src/routes/route.js';
import { until } from '../../cluster/until.js';
import { allIn, CREATING, keptBack, RUNNING, refusedOf, sayStatus } from '../run/played-nodes.js';
import { makeQuota } from '../run/run-objects.js';
import { watchWrites } from '../run/watched-client.js';
import {
  client,
  delivery,
  nodes,
  over,
  PATIENT,
  plane,
  planOf,
  play,
  proofPods,
  proving,
  run,
  told,
  untilPods,
  useProofSite,
} from './proof-site.js';

useProofSite();

/** A client by which the first look at Pods takes as long as the making of a Pod that has begun, and the order of both. */
function orderedLooks(): { client: ApiClient; order: string[] } {
  const order: string[] = [];
  const pods = collection.pods(delivery.namespace);
  let making: Promise<unknown> = Promise.resolve();
  const list: ApiClient['list'] = async (path, options) => {
    await new Promise(setImmediate);
    await making;
    const listed = await client.list(path, options);
    if (path === pods) order.push('looked');
    return listed as never;
  };
  const create: ApiClient['create'] = (path, object, options) => {
    const made = client.create(path, object, options);
    if (path === pods) making = made.then(() => order.push('made'));
    return made;
  };
  return {
    client: Object.create(client, { list: { value: list }, create: { value: create } }),
    order,
  };
}

test('no Pod is made before the first look, which would not miss one that is deleted at once', async () => {
  await nodes.add('n1');
  play(run);
  const { client: by, order } = orderedLooks();
  expect(await prove(by, planOf(['n1']), over.signal, PATIENT)).toEqual(['n1']);
  expect(order).toEqual(['looked', 'made']);
});

test('a Pod that came and went while the watch was broken off is missed', async () => {
  await nodes.add('n1');
  play(run);
  const first = Promise.withResolvers<string>();
  const create: ApiClient['create'] = async (path, object, options) => {
    const made = await client.create(path, object, options);
    first.resolve(`${path}/${made.metadata?.name}`);
    return made as never;
  };
  let isBroken = false;
  const stream: ApiClient['stream'] = async (path, options) => {
    if (isBroken) return await client.stream(path, options);
    isBroken = true;
    await client.delete(await first.promise, { gracePeriodSeconds: 0 });
    throw new ApiError('The version is too old.', { fault: 'gone', status: 410 });
  };
  const by = Object.create(client, { create: { value: create }, stream: { value: stream } });
  const bounds = { ...PATIENT, lookSeconds: 0.1 };
  expect(await prove(by, planOf(['n1']), over.signal, bounds)).toEqual(['n1']);
});

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
  const words =
    'n3 joined as the first of the platform linux/arm64, for which this run has no injector; the next one has';
  expect(told).toContain(words);
  const again = proving(
    planOf(['n1'], { images, needsAll: true, proven: await provenBefore('n1') }),
  );
  await expect(again).rejects.toThrow(`Not every node can have the images (${words})`);
});

/** Sets what proves a node of an attempt before. */
async function provenBefore(name: string): Promise<Map<string, string>> {
  const { node, images, attempt } = {
    node: { index: 9, name, architecture: 'amd64' },
    images: planOf([]).images,
    attempt: 0,
  };
  const pod = await client.create<V1Pod>(
    collection.pods(delivery.namespace),
    proofPod(delivery, node, images, attempt),
  );
  await sayStatus(client, pod, run(pod));
  return new Map([[name, pod.metadata?.name as string]]);
}

/** What a kubelet says that takes a Pod off its node. */
const EVICTED = {
  phase: 'Failed',
  reason: 'Evicted',
  message: 'The node was low on resource: ephemeral-storage.',
};

const remove = (name = '') =>
  client.delete(`${collection.pods(delivery.namespace)}/${name}`, { gracePeriodSeconds: 0 });

test.each<[string, (pod: V1Pod) => Promise<unknown>]>([
  ['evicted', (pod) => sayStatus(client, pod, EVICTED)],
  ['deleted', (pod) => remove(pod.metadata?.name)],
])('a proven node whose Pod is %s while others pull is proven again', async (_, end) => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n2') {
      await until('the proof of n1', () => told.includes('n1 proven'));
      await end((await proofPods()).find(({ spec }) => spec?.nodeName === 'n1') as V1Pod);
    }
    return run(pod);
  });
  expect((await proving(planOf(['n1', 'n2']))).sort()).toEqual(['n1', 'n2']);
  expect(told).toEqual(['n1 proven', 'n2 proven', 'n1 proven']);
  const phases = (await proofPods()).map(({ spec, status }) => [spec?.nodeName, status?.phase]);
  expect(phases.sort()).toEqual([
    ['n1', 'Running'],
    ['n2', 'Running'],
  ]);
});

test('one whose Pods are evicted again and again ends the proof', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const evict = async () => {
    const pods = (await proofPods()).filter(({ spec }) => spec?.nodeName === 'n1');
    for (const pod of pods) await sayStatus(client, pod, EVICTED);
  };
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n1') {
      // A node that comes has the other one looked at once more.
      if (told.includes('n1 proven')) await nodes.add('n3');
      return run(pod);
    }
    await until('the proof of n1', () => told.at(-1) === 'n1 proven');
    await evict();
    return run(pod);
  });
  await expect(proving(planOf(['n1', 'n2']))).rejects.toThrow(
    /^Node n1 cannot run the images; its kubelet says: Evicted: The node was low/,
  );
});

test('a node that was proven before, and whose Pod is gone since, is proven again, and no other', async () => {
  for (const name of ['n1', 'n2', 'n3']) await nodes.add(name);
  play(run);
  const before = await provenBefore('n3');
  const proven = new Map([...before, ['n2', 'gone']]);
  expect((await proving(planOf(['n1', 'n2', 'n3'], { proven }))).sort()).toEqual([
    'n1',
    'n2',
    'n3',
  ]);
  expect(told.sort()).toEqual(['n1 proven', 'n2 proven']);
});

/** Plays nodes of which n3 is proven last, after something is done when n2 is. */
function playLast(change: () => Promise<unknown>): void {
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n3') {
      await until('the proof of n2', () => told.includes('n2 proven'));
      await change();
    }
    return run(pod);
  });
}

const LOSSES: [string, () => Promise<unknown>, string][] = [
  ['turns NotReady', () => nodes.setReady('n2', false), 'n2 is not Ready (NodeStatusUnknown)'],
  ['leaves', () => nodes.remove('n2'), 'n2 has left the cluster'],
];

test.each(LOSSES)(
  'a proven node that %s while others pull is left out, and its Pod goes',
  async (_, lose, words) => {
    for (const name of ['n1', 'n2', 'n3']) await nodes.add(name);
    playLast(lose);
    expect((await proving(planOf(['n1', 'n2', 'n3']))).sort()).toEqual(['n1', 'n3']);
    expect(told.filter((line) => line.startsWith('n2'))).toEqual(['n2 proven', words]);
    const left = (await proofPods()).map(({ spec }) => spec?.nodeName);
    expect(left.sort()).toEqual(['n1', 'n3']);
  },
);

test.each(LOSSES)('or ends the proof where all are needed, when it %s', async (_, lose, words) => {
  for (const name of ['n1', 'n2', 'n3']) await nodes.add(name);
  playLast(lose);
  const proof = proving(planOf(['n1', 'n2', 'n3'], { needsAll: true }));
  await expect(proof).rejects.toThrow(`Not every node can have the images (${words}), and the`);
});

test('a proven node that is lost and comes back is proven again', async () => {
  for (const name of ['n1', 'n2', 'n3']) await nodes.add(name);
  playLast(() => nodes.setReady('n2', false));
  // Its Pod goes before the nodes are asked for again.
  const remove: ApiClient['delete'] = async (path, options) => {
    if (isLeftOut()) await nodes.setReady('n2', true);
    return await client.delete(path, options);
  };
  const by: ApiClient = Object.create(client, { delete: { value: remove } });
  expect((await prove(by, planOf(['n1', 'n2', 'n3']), over.signal, PATIENT)).sort()).toEqual([
    'n1',
    'n2',
    'n3',
  ]);
  expect(told.filter((words) => words === 'n2 proven')).toHaveLength(2);
});

test('one that is about to go and still Ready stays proven', async () => {
  for (const name of ['n1', 'n2', 'n3']) await nodes.add(name);
  playLast(() => disrupt('n2'));
  const plan = planOf(['n1', 'n2', 'n3'], { needsAll: true });
  expect((await proving(plan)).sort()).toEqual(['n1', 'n2', 'n3']);
});

test('a node that was proven before, and is lost since, is left out, too', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play(run);
  const proven = await provenBefore('n2');
  await nodes.setReady('n2', false);
  const again = proving(planOf(['n1', 'n2'], { proven, needsAll: true, attemptsBefore: 9 }));
  await expect(again).rejects.toThrow('Not every node can have the images (n2 is not Ready');
  expect(await proving(planOf(['n1', 'n2'], { proven }))).toEqual(['n1']);
  const left = (await proofPods()).map(({ metadata }) => metadata?.name);
  expect(left).not.toContain(proven.get('n2'));
});

test('where every node is lost when it is proven none is left', async () => {
  await nodes.add('n1');
  play(async (pod) => {
    await nodes.setReady('n1', false);
    return run(pod);
  });
  await expect(proving(planOf(['n1']))).rejects.toThrow(
    'No node is left that could show it has the images (n1 is not Ready (NodeStatusUnknown)); run',
  );
});

test('an image whose only node is lost is not proven by others', async () => {
  await nodes.add('n1');
  await nodes.add('n2', { architecture: 'arm64' });
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n2') {
      await until('the proof of n1', () => told.includes('n1 proven'));
      await nodes.remove('n2');
      return undefined;
    }
    return run(pod);
  });
  const of = (given: string, hex: string, platform: string) => ({
    given,
    pullable: `${delivery.registry}/${given}@sha256:${hex.repeat(64)}`,
    platforms: [platform],
  });
  const plan = {
    ...planOf(['n1', 'n2']),
    nodes: [
      { name: 'n1', architecture: 'amd64' },
      { name: 'n2', architecture: 'arm64' },
    ],
    images: [of('web', 'a', 'linux/amd64'), of('board', 'b', 'linux/arm64')],
    architectures: ['amd64', 'arm64'],
  };
  await expect(proving(plan, { lookSeconds: 0.1 })).rejects.toThrow(
    'No node has shown board, which is sent for linux/arm64, and those that show the other images are of linux/amd64 (n2 has left the cluster); build it',
  );
});

test('a node that joined with other labels than those asked for is left alone', async () => {
  const labels = { pool: 'a' };
  await nodes.add('n1', { labels });
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n1') {
      await nodes.add('n2', { labels });
      await nodes.add('n3', { labels: { pool: 'b' } });
    }
    return run(pod);
  });
  expect(await proving(planOf(['n1'], { nodeSelector: 'pool in (a,c)' }))).toEqual(['n1', 'n2']);
  expect(told).toEqual(['n1 proven', 'n2 proven']);
});

test.each([
  ['turns NotReady', () => nodes.setReady('n2', false), 'n2 is not Ready (NodeStatusUnknown)'],
  ['leaves', () => nodes.remove('n2'), 'n2 has left the cluster'],
])('a node that %s ends the proof where all are needed', async (_, lose, words) => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play((pod) => (pod.spec?.nodeName === 'n1' ? run(pod) : undefined));
  const plan = planOf(['n1', 'n2'], { needsAll: true });
  const proof = proving(plan, { lookSeconds: 0.1 });
  proof.catch(() => undefined);
  await untilPods('both Pods', (pods) => pods.length === 2);
  await lose();
  await expect(proof).rejects.toThrow(`Not every node can have the images (${words}), and the`);
  expect(told).not.toContain(words);
});

test("where all are needed the registry's lost node is told as one of them", async () => {
  await nodes.add('n1', { ready: false });
  await nodes.add('n2');
  play((pod) => allIn(pod, CREATING));
  const proof = proving(planOf(['n1', 'n2'], { needsAll: true }), { lookSeconds: 0.1 });
  await expect(proof).rejects.toThrow(/^Not every node can have the images \(n1 is not Ready/);
});

test('a node that turns NotReady while it is waited for is left out, and its Pod goes', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play((pod) => (pod.spec?.nodeName === 'n1' ? run(pod) : undefined));
  const proof = proving(planOf(['n1', 'n2']), { lookSeconds: 0.1 });
  await untilPods('both Pods', (pods) => pods.length === 2);
  await nodes.setReady('n2', false);
  expect(await proof).toEqual(['n1']);
  // Pods and nodes are told by different connections.
  expect(told.sort()).toEqual(['n1 proven', 'n2 is not Ready (NodeStatusUnknown)']);
  await untilPods('one Pod', (pods) => pods.length === 1);
});

test('a node whose kubelet is well and takes no Pod is left out, and asked once more', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  // The bound is for every node, so the other one is proven before.
  const plan = planOf(['n1', 'n2'], { proven: await provenBefore('n1') });
  expect(await proving(plan, { lookSeconds: 0.1, takeSeconds: 0.2 })).toEqual(['n1']);
  const words = 'n2 has a kubelet that takes no Pod (for 0.2 s)';
  expect(told.filter((line) => line.startsWith('n2'))).toEqual([words, words]);
});

test('an init container that admission put in holds the images up, and is told', async () => {
  await nodes.add('n1');
  play(keptBack);
  await expect(proving(planOf(['n1']), { routeSeconds: 0 })).rejects.toThrow(
    `The kubelet of node n1 does not come to the images, since the init container mesh, which admission put in, does not start: ErrImagePull: no such host; see to that container, or exempt the namespace ${delivery.namespace} from the webhook that adds it.`,
  );
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

/** A way to n2 that a test opens, or has fail; others are open. */
function wayTo2(...ways: Promise<void>[]): Partial<ProofPlan> {
  for (const way of ways) way.catch(() => undefined);
  return { open: async ({ name }) => (name === 'n2' ? await ways.shift() : undefined) };
}

const SHUT = new RouteFailure('No relay starts on node n2 (nobody takes it).');
const isLeftOut = () => told.some((words) => words.startsWith('n2 is not Ready'));

test.each([
  ['from the first', false],
  ['when it had a Pod', true],
])(
  'a node that is lost while its way is to open, %s, holds up no one else, though the way fails then',
  async (_, hadPod) => {
    for (const name of ['n1', 'n2', 'n3']) await nodes.add(name);
    const way = Promise.withResolvers<void>();
    play(async (pod) => {
      if (pod.spec?.nodeName === 'n2') {
        await nodes.setReady('n2', false);
        return allIn(pod, refusedOf(pod));
      }
      if (pod.spec?.nodeName === 'n3') {
        await until('n2 left out', isLeftOut);
        way.reject(SHUT);
        // Whoever waits for it has heard of it by then.
        await new Promise(setImmediate);
      }
      return run(pod);
    });
    if (!hadPod) await nodes.setReady('n2', false);
    const opens = hadPod ? [Promise.resolve(), way.promise] : [way.promise];
    const plan = planOf(['n1', 'n2', 'n3'], wayTo2(...opens));
    expect((await proving(plan, { lookSeconds: 0.1 })).sort()).toEqual(['n1', 'n3']);
    await untilPods('no Pod of n2', (pods) => pods.length === 2);
  },
);

test('a node whose way does not open is looked at before the route is blamed', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play(run);
  await expect(proving(planOf(['n1', 'n2'], wayTo2(Promise.reject(SHUT))))).rejects.toBe(SHUT);
  await nodes.setReady('n2', false);
  const again = { ...wayTo2(Promise.reject(SHUT)), attemptsBefore: 9 };
  expect(await proving(planOf(['n1', 'n2'], again))).toEqual(['n1']);
  expect(told).toContain('n2 is not Ready (NodeStatusUnknown)');
});

test('a way that does not open to a node as it was is opened to it as it is, with a taint that came', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const taint = { key: 'maintenance', effect: 'NoExecute' };
  await client.patch('/api/v1/nodes/n2', { spec: { taints: [taint] } });
  play(run);
  const asked: ProofNode[] = [];
  const open: ProofPlan['open'] = async (node) => {
    if (node.name === 'n2' && asked.push(node) === 1) throw SHUT;
  };
  expect((await proving(planOf(['n1', 'n2'], { open }))).sort()).toEqual(['n1', 'n2']);
  expect(asked.map(({ taints }) => taints)).toEqual([undefined, [taint]]);
});

test('a node whose kubelet refuses its relay is left out with its words', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  await nodes.press('n2', 'DiskPressure');
  play(run);
  const words = 'Evicted: Pod was rejected: The node had condition: [DiskPressure].';
  const refused = new RelayNotStarted(`No relay starts on node n2 (${words}).`, words);
  const plan = planOf(['n1', 'n2'], wayTo2(Promise.reject(refused)));
  expect(await proving(plan)).toEqual(['n1']);
  const said = `n2 has a kubelet that refuses Pods (${words.slice(0, -1)})`;
  expect(told.filter((line) => line.startsWith('n2'))).toEqual([said]);
  const image = new RelayNotStarted('No relay starts on node n2.', 'ErrImageNeverPull: it is gone');
  const others = { ...wayTo2(Promise.reject(image)), attemptsBefore: 9 };
  await expect(proving(planOf(['n1', 'n2'], others))).rejects.toBe(image);
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
      await until('n2 left out', () => told.some((words) => words.startsWith('n2 is not')));
      await nodes.setReady('n2', true);
    }
    return run(pod);
  });
  expect(await proving(planOf(['n1', 'n2']))).toEqual(['n1', 'n2']);
});

/** Plays a node whose Pods are all deleted before they run, after something is done to the node. */
function playDeleted(name: string, change: () => Promise<unknown>): void {
  play(async (pod) => {
    if (pod.spec?.nodeName !== name) return run(pod);
    await change();
    await client.delete(`${collection.pods(delivery.namespace)}/${pod.metadata?.name}`, {
      gracePeriodSeconds: 0,
    });
    return undefined;
  });
}

/** Has a node be one that Karpenter takes away. */
const disrupt = (name: string) =>
  client.patch(`/api/v1/nodes/${name}`, {
    spec: { taints: [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }] },
  });

const DRAINED =
  'n2 is being drained (it has the taint karpenter.sh/disrupted), and its Pod was deleted again and again';

test('a node whose Pods are deleted since it is to go is left out, and not asked again', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  playDeleted('n2', () => disrupt('n2'));
  expect(await proving(planOf(['n1', 'n2']))).toEqual(['n1']);
  expect(told.sort()).toEqual(['n1 proven', DRAINED]);
});

test('or ends the proof, where all are needed', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  playDeleted('n2', () => disrupt('n2'));
  await expect(proving(planOf(['n1', 'n2'], { needsAll: true }))).rejects.toThrow(
    `Not every node can have the images (${DRAINED}), and the input`,
  );
});

test('a node that is to stay and whose Pods are deleted ends the proof, with who is to be looked for', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  playDeleted('n2', async () => undefined);
  await expect(proving(planOf(['n1', 'n2']))).rejects.toThrow(
    /^Node n2 cannot run the images; its Pod was deleted by someone else: look at who deletes/,
  );
});

test.each([
  ['Evicted', 'Pod was rejected: The node had condition: [DiskPressure].', 'DiskPressure'],
  ['OutOfcpu', "Pod was rejected: Node didn't have enough resource: cpu", 'OutOfcpu'],
])(
  'a node whose kubelet refuses Pods (%s) is left out with its words',
  async (reason, message, said) => {
    for (const name of ['n1', 'n2']) await nodes.add(name);
    play((pod) => (pod.spec?.nodeName === 'n1' ? run(pod) : { phase: 'Failed', reason, message }));
    expect(await proving(planOf(['n1', 'n2']))).toEqual(['n1']);
    const words = told.find((line) => line.startsWith('n2')) ?? '';
    expect(words).toMatch(/^n2 has a kubelet that refuses Pods \(.*[^.]\)$/);
    expect(words).toContain(said);
    await expect(proving(planOf(['n2'], { needsAll: true, attemptsBefore: 9 }))).rejects.toThrow(
      `Not every node can have the images (${words}), and the input`,
    );
  },
);

test('a node under pressure is none that came', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  await nodes.press('n2', 'DiskPressure');
  play(run);
  expect(await proving(planOf(['n1']))).toEqual(['n1']);
});

test('a node that gets a taint which takes its Pods gets one that tolerates it', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const taint = { key: 'maintenance', effect: 'NoExecute' };
  play(async (pod) => {
    const { nodeName, tolerations = [] } = pod.spec ?? {};
    if (nodeName === 'n1' || tolerations.some(({ key }) => key === taint.key)) return run(pod);
    await client.patch('/api/v1/nodes/n2', { spec: { taints: [taint] } });
    await remove(pod.metadata?.name);
    return undefined;
  });
  expect((await proving(planOf(['n1', 'n2']))).sort()).toEqual(['n1', 'n2']);
});

/** What a kubelet says whose CRI-O takes no plain HTTP. */
function httpsAlone(pod: V1Pod) {
  const message =
    'unable to pull image: pinging container registry 127.0.0.1:30000: Get "https://127.0.0.1:30000/v2/": http: server gave HTTP response to HTTPS client';
  return allIn(pod, { waiting: { reason: 'ErrImagePull', message } });
}

const FIX =
  'takes no plain HTTP from 127.0.0.1, as CRI-O does not from 1.35 on; on the node run: printf ';

test('a node that takes no plain HTTP is left out at once and not tried again, with the fix', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play((pod) => (pod.spec?.nodeName === 'n2' ? httpsAlone(pod) : run(pod)));
  expect(await proving(planOf(['n1', 'n2']))).toEqual(['n1']);
  expect(told.filter((words) => words.startsWith('n2'))).toEqual([
    expect.stringContaining(`n2 ${FIX}`),
  ]);
});

test('where all are needed one that takes no plain HTTP ends the proof, and where none is left all do', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play(httpsAlone);
  await expect(proving(planOf(['n2'], { needsAll: true }))).rejects.toThrow(
    `Not every node can have the images (n2 ${FIX}`,
  );
  await expect(proving(planOf(['n1', 'n2'], { attemptsBefore: 1 }))).rejects.toThrow(
    `No node is left that could show it has the images (each ${FIX}`,
  );
});

test('when every node is left out the proof fails, with the reasons', async () => {
  await nodes.add('n1', { architecture: 'arm64' });
  await nodes.add('n2', { ready: false });
  play(() => undefined);
  await expect(proving(planOf(['n2', 'n3']), { lookSeconds: 0.1 })).rejects.toThrow(
    /No node is left .*n2 is not Ready \(NodeStatusUnknown\); n3 has left the cluster/,
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
    await until('a refusal', () => watched.refusals() > 0);
    process.kill(controllers, 'SIGCONT');
    expect(await proof).toEqual(['n1']);
  } finally {
    process.kill(controllers, 'SIGCONT');
  }
});

test("a release's first Pod waits for a quota that still counts those of its rehearsal", async () => {
  await nodes.add('n1');
  const name = 'rehearsed';
  const path = collection.pods(delivery.namespace);
  const rehearsed = { metadata: { name }, spec: { containers: [{ name, image: 'pause:3' }] } };
  await client.create<V1Pod>(path, rehearsed);
  await makeQuota(client, delivery.namespace, 'tight', { pods: '2' });
  play(run);
  const watched = watchWrites(client);
  const plan = planOf(['n1'], { release: 'web' });
  const proof = prove(watched.client, plan, over.signal, PATIENT);
  proof.catch(() => undefined);
  await until('a refusal', () => watched.refusals() > 0);
  await client.delete(`${path}/${name}`);
  expect(await proof).toEqual(['n1']);
});

test('where the way opens by itself the Pod is there before it is open', async () => {
  await nodes.add('n1');
  const opening = Promise.withResolvers<void>();
  const seen: string[] = [];
  play((pod) => {
    seen.push(pod.metadata?.name as string);
    opening.resolve();
    return run(pod);
  });
  const plan = planOf(['n1'], { open: () => opening.promise, opensItself: true });
  expect(await proving(plan)).toEqual(['n1']);
  expect([...new Set(seen)].map((name) => name.slice(-2))).toEqual(['-0']);
});

test('a Pod for which the way does not open in time is taken back until it is open', async () => {
  await nodes.add('n1');
  const opening = Promise.withResolvers<void>();
  const seen = new Set<string>();
  play((pod) => {
    seen.add(pod.metadata?.name?.slice(-2) as string);
    return seen.size > 1 ? run(pod) : undefined;
  });
  const plan = planOf(['n1'], { open: () => opening.promise, opensItself: true });
  const proof = proving(plan, { earlySeconds: 0.05 });
  await until('the first Pod', () => seen.size > 0);
  await untilPods('none', (pods) => pods.length === 0);
  expect([...seen]).toEqual(['-0']);
  opening.resolve();
  expect(await proof).toEqual(['n1']);
  expect([...seen]).toEqual(['-0', '-1']);
});

/** Has the registry's node say that it is alive, so that a route which fails for long enough is given up at once. */
async function keepAlive(): Promise<void> {
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const spec = { renewTime: new Date(client.now() + 60_000).toISOString().replace('Z', '000Z') };
  await client.delete(`${path}/n1`);
  await client.create(path, { metadata: { name: 'n1' }, spec } as ApiObject);
}

test('a pull that was refused before the way was open does not count against the route', async () => {
  await nodes.add('n1');
  await keepAlive();
  play((pod) => (pod.metadata?.name?.endsWith('-2') ? run(pod) : allIn(pod, refusedOf(pod))));
  const way = { open: async () => undefined, opensItself: true, trialSeconds: () => 0 };
  expect(await proving(planOf(['n1'], way))).toEqual(['n1']);
});

test('a node that comes late does not overturn a route by which another one came', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  await keepAlive();
  const late = new Set<string>();
  play(async (pod) => {
    if (pod.spec?.nodeName !== 'n3') {
      await nodes.add('n3').catch(() => undefined);
      return run(pod);
    }
    // Its kube-proxy takes a while.
    late.add(pod.metadata?.name as string);
    return late.size > 3 ? run(pod) : allIn(pod, refusedOf(pod));
  });
  const plan = planOf(['n1', 'n2'], { trialSeconds: () => 0 });
  expect((await proving(plan)).sort()).toEqual(['n1', 'n2', 'n3']);
});

test("the registry's own node shows nothing of the route", async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  await keepAlive();
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n1') return run(pod);
    await until('the proof of n1', () => told.includes('n1 proven'));
    return allIn(pod, refusedOf(pod));
  });
  const proof = proving(planOf(['n1', 'n2'], { trialSeconds: () => 0 }));
  await expect(proof).rejects.toThrow(RouteFailure);
});

test('a mirror that a runtime asks first, and that alone it tells of, does not hide that a route leads nowhere', async () => {
  await nodes.add('n1');
  await keepAlive();
  play((pod) => {
    const url = pod.spec?.containers[0]?.image?.replace(/^[^/]*/, 'http://127.0.0.1:10248/v2');
    const message = `failed to resolve reference: unexpected status from HEAD request to ${url}: 500 Internal Server Error`;
    return allIn(pod, { waiting: { reason: 'ErrImagePull', message } });
  });
  const failure = await proving(planOf(['n1'], { trialSeconds: () => 0 })).catch((error) => error);
  expect(failure).toBeInstanceOf(RouteFailure);
  expect(failure.message).toMatch(
    /^The container runtime of node n1 asks 127\.0\.0\.1:10248 for what is at .* Where it asks the host itself, too, that one was not reached: see that nodes come/,
  );
});

/** The client of who may not read the Leases of nodes. */
function withoutNodeLeases(of: ApiClient): ApiClient {
  const get: ApiClient['get'] = async (path, options) => {
    if (path.includes('/kube-node-lease/')) {
      throw new ApiError('You may not.', { fault: 'permission', status: 403 });
    }
    return of.get(path, options);
  };
  return new Proxy(of, {
    get(target, name) {
      const value = name === 'get' ? get : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test.each([
  ['may not be read', withoutNodeLeases],
  ['is not there', (of: ApiClient) => of],
])(
  "where the Lease of the registry's node %s a dead route ends by the node's Ready",
  async (_, by) => {
    await nodes.add('n1');
    const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1';
    await client.delete(path);
    play((pod) => allIn(pod, refusedOf(pod)));
    const plan = planOf(['n1'], { trialSeconds: () => 0 });
    await expect(prove(by(client), plan, over.signal, PATIENT)).rejects.toThrow(RouteFailure);
  },
);

test("by the last route such a Lease has the registry's node waited for until the cluster says that it is dead", async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const refused = new Set<string>();
  play(async (pod) => {
    refused.add(pod.metadata?.name as string);
    if (refused.size < 4) return allIn(pod, refusedOf(pod));
    await nodes.setReady('n1', false);
    return undefined;
  });
  const plan = planOf(['n2'], { trialSeconds: () => 0, isLastRoute: true });
  const bounds = { ...PATIENT, lookSeconds: 0.1 };
  await expect(prove(withoutNodeLeases(client), plan, over.signal, bounds)).rejects.toThrow(
    RegistryLost,
  );
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

/** What a kubelet says that begins no pull, since the Pods of its node began too many. */
const heldBack = (pod: V1Pod) =>
  allIn(pod, { waiting: { reason: 'ErrImagePull', message: 'pull QPS exceeded' } });

test('a kubelet that holds pulls back is asked again until it does not', async () => {
  await nodes.add('n1');
  const held = new Set<string>();
  play((pod) => {
    held.add(pod.metadata?.name as string);
    return held.size > 3 ? run(pod) : heldBack(pod);
  });
  expect(await proving(planOf(['n1'], { trialSeconds: () => 0 }))).toEqual(['n1']);
});

test('and told with words of its own when that lasts', async () => {
  await nodes.add('n1');
  play(heldBack);
  await expect(proving(planOf(['n1']), { routeSeconds: 0.5 })).rejects.toThrow(
    /^The kubelet of node n1 begins no pull from the registry at .* \(ErrImagePull: pull QPS exceeded\), for others/,
  );
});

test('a node that never reaches the registry is told with its own words', async () => {
  await nodes.add('n1');
  play((pod) => allIn(pod, refusedOf(pod)));
  await expect(proving(planOf(['n1']), { routeSeconds: 0.5 })).rejects.toThrow(
    /runtime of node n1 cannot reach the registry at 127\.0\.0\.1:30000\/.*connection refused.*see that nodes come to the Pods of other nodes/,
  );
});

test("a registry that only its own node reaches is told with the namespace's network policies", async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const path = `/apis/networking.k8s.io/v1/namespaces/${delivery.namespace}/networkpolicies`;
  const spec = { podSelector: {}, policyTypes: ['Ingress'] };
  await client.create(path, { metadata: { name: 'default-deny' }, spec } as ApiObject);
  // The other node is refused once the registry's own runs the image.
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n1') return run(pod);
    await until('the proof of n1', () => told.includes('n1 proven'));
    return allIn(pod, refusedOf(pod));
  });
  await expect(proving(planOf(['n1', 'n2']), { routeSeconds: 0.5 })).rejects.toThrow(
    /runtime of node n2 cannot reach the registry at .*connection refused.*\. The NetworkPolicies default-deny of the namespace .* keep nodes from the registry, for only its own node n1 reaches it; let port 5000/,
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

test('the signal ends a proof at once, and nothing goes on', async () => {
  await nodes.add('n1');
  play((pod) => allIn(pod, CREATING));
  const proof = proving(planOf(['n1', 'n2', 'n3', 'n4', 'n5']));
  await untilPods('the first Pod', (pods) => pods.length === 1);
  over.abort(new Error('cancelled'));
  await expect(proof).rejects.toThrow('cancelled');
  expect(await proofPods()).toHaveLength(1);
});
