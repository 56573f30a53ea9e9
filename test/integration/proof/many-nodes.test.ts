import { expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { collection } from '../../../src/kube/pods.js';
import {
  NODES_AT_ONCE_MAX,
  NODES_PULLING_MAX,
  POD_WRITES_MAX,
} from '../../../src/lib/limits/run.js';
import { prove } from '../../../src/proof/prove.js';
import { clearRun } from '../../../src/run/remove.js';
import { labelsOf } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { allIn, CREATING, sayStatus } from '../run/played-nodes.js';
import { watchWrites } from '../run/watched-client.js';
import {
  client,
  delivery,
  nodes,
  over,
  PATIENT,
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

test('many nodes: one without the registry is proven first, and Pods are written a few at once', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `n${index + 1}`);
  for (const name of names) await nodes.add(name);
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
  await until('word of it', () => waits.length > 0);
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
  for (const name of names) await nodes.add(name);
  const gate = Promise.withResolvers<void>();
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n2') await gate.promise;
    return run(pod);
  });
  const proof = proving(planOf(names), { firstSeconds: 0.1 });
  await until('the others', () => told.length === NODES_AT_ONCE_MAX);
  gate.resolve();
  expect((await proof).sort()).toEqual(names);
});

const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `n${index + 1}`);

test('so many nodes pull at a time, and another one starts when one is through', async () => {
  const names = namesOf(2 * NODES_PULLING_MAX);
  for (const name of names) await nodes.add(name);
  const pulling = new Map<string, PromiseWithResolvers<void>>();
  const opened: string[] = [];
  let most = 0;
  play(async (pod) => {
    const node = pod.spec?.nodeName as string;
    if (node === 'n2') return run(pod);
    const through = Promise.withResolvers<void>();
    pulling.set(node, through);
    most = Math.max(most, pulling.size);
    await through.promise;
    pulling.delete(node);
    return run(pod);
  });
  const open = async ({ name }: { name: string }) => void opened.push(name);
  const proof = proving(planOf(names, { open }));
  const untilStarted = (count: number) =>
    untilPods(`${count} nodes`, (pods) => pods.length === count);
  await untilStarted(1 + NODES_PULLING_MAX);
  await until('all to pull', () => pulling.size === NODES_PULLING_MAX);
  pulling.values().next().value?.resolve();
  await untilStarted(2 + NODES_PULLING_MAX);
  // The way by which a node pulls is opened when its turn comes, not before.
  expect(opened).toHaveLength(2 + NODES_PULLING_MAX);
  while (told.length < names.length) {
    for (const through of pulling.values()) through.resolve();
    await until('more', () => pulling.size > 0 || told.length === names.length);
  }
  expect((await proof).sort()).toEqual(names.sort());
  expect(most).toBe(NODES_PULLING_MAX);
});

test('nodes that get nothing do not hold up the others for ever', async () => {
  const names = namesOf(NODES_PULLING_MAX + 10);
  for (const name of names) await nodes.add(name);
  const stuck = new Set(names.slice(2, 2 + NODES_PULLING_MAX));
  const gate = Promise.withResolvers<void>();
  play(async (pod) => {
    if (stuck.has(pod.spec?.nodeName as string)) await gate.promise;
    return run(pod);
  });
  const proof = proving(planOf(names), { turnSeconds: 0.1 });
  await until('the others', () => told.length === names.length - stuck.size);
  gate.resolve();
  expect((await proof).sort()).toEqual(names.sort());
});

test('a node that is lost before its turn is not started', async () => {
  const names = namesOf(NODES_PULLING_MAX + 3);
  const last = names.at(-1) as string;
  for (const name of names) await nodes.add(name);
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  play(async (pod) => {
    const node = pod.spec?.nodeName as string;
    seen.push(node);
    if (node !== 'n2') await gate.promise;
    return run(pod);
  });
  const watched = watchWrites(client);
  const proof = prove(watched.client, planOf(names), over.signal, { ...PATIENT, lookSeconds: 0.1 });
  await untilPods('those of the first turn', (pods) => pods.length === 1 + NODES_PULLING_MAX);
  await nodes.remove(last);
  await until('it is left out', () => told.includes(`${last} has left the cluster`));
  gate.resolve();
  expect((await proof).sort()).toEqual(names.slice(0, -1).sort());
  expect(seen).not.toContain(last);
});

/** The client, and how often it was asked for nodes whole and for a table of them. */
function watchLooks() {
  const asked = { whole: 0, table: 0 };
  const looking = new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (path: unknown, ...more: unknown[]) => {
        if (path === '/api/v1/nodes') asked[name === 'list' ? 'whole' : 'table']++;
        return value.call(target, path, ...more);
      };
    },
  });
  return { client: looking, asked };
}

test('nodes are read whole only when one that is waited for is not well', async () => {
  for (const name of ['n1', 'n2', 'n3']) await nodes.add(name);
  const gate = Promise.withResolvers<void>();
  play(async (pod) => {
    await gate.promise;
    return run(pod);
  });
  const { client: looking, asked } = watchLooks();
  const bounds = { ...PATIENT, lookSeconds: 0.05 };
  const proof = prove(looking, planOf(['n1', 'n2', 'n3']), over.signal, bounds);
  await until('some looks', () => asked.table > 3);
  expect(asked.whole).toBe(0);
  await nodes.setReady('n3', false);
  await until('it is left out', () => told.length > 0);
  expect(told).toEqual(['n3 is not Ready (NodeStatusUnknown)']);
  gate.resolve();
  expect((await proof).sort()).toEqual(['n1', 'n2']);
});

test('few nodes start at once', async () => {
  const names = Array.from({ length: NODES_AT_ONCE_MAX }, (_, index) => `n${index + 1}`);
  play(() => undefined);
  const proof = proving(planOf(names));
  await untilPods('all Pods', (pods) => pods.length === NODES_AT_ONCE_MAX);
  over.abort(new Error('enough'));
  await expect(proof).rejects.toThrow('enough');
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
  await clearRun(watched.client, delivery, [], over.signal);
  expect(await proofPods()).toEqual([]);
  expect(watched.most()).toBeLessThanOrEqual(POD_WRITES_MAX);
});
