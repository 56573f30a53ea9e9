import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { V1ConfigMap, V1DaemonSet, V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { waitUntil } from '../../../src/kube/watch.js';
import type { LinuxNode } from '../../../src/preflight/nodes.js';
import { Bases } from '../../../src/registry/base.js';
import type { RegistryPod } from '../../../src/registry/bootstrap.js';
import { openService } from '../../../src/registry/service.js';
import { RelaySets } from '../../../src/routes/relay-sets.js';
import { Relays } from '../../../src/routes/relays.js';
import { putConfigMap } from '../../../src/run/configmap.js';
import { nodeOf } from '../../../src/run/daemonset.js';
import { type Delivery, labelsFor, nameOf, selectorOf } from '../../../src/run/run.js';
import { keepRelays } from '../../../src/stages/keep.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { allIn, CREATING, PlayedNodes, playKubelets, RUNNING } from '../run/played-nodes.js';
import { collectsDaemonSets, leasedRun } from '../run/run-objects.js';
import { holdCreates } from '../run/watched-client.js';

/* Relays of a release from step to step, by what a real API server and its DaemonSet controller make of them. */

const namespace = 'default';
const PLAN = { route: 'hostport', port: 61000, to: '10.0.0.1:5000' } as const;
const GONE = { waiting: { reason: 'ErrImageNeverPull', message: 'it is gone' } };

let plane: ControlPlane;
let admin: Connection;
let nodes: PlayedNodes;
let over: AbortController;
let kubelets: Promise<void>;
let release: Delivery;
/** How a relay fares whose image its node has not. */
let fares: 'it fails' | 'it hangs' | 'no kubelet takes it' | 'no scheduler binds it';

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  nodes = new PlayedNodes(admin.client);
  await collectsDaemonSets(admin.client, namespace);
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

beforeEach(async () => {
  over = new AbortController();
  fares = 'it fails';
  const name = expect.getState().currentTestName?.length;
  release = await leasedRun(admin.client, { namespace, release: `release-${name}` });
  await openService(admin.client, release, { carrier: 'stream' }, release.owner, over.signal);
  kubelets = playKubelets(admin.client, release, say, over);
});

afterEach(async () => {
  over.abort();
  await kubelets;
});
afterEach(async () => {
  for (const path of [collection.daemonSets, collection.pods].map((of) => of(namespace))) {
    const { items } = await admin.client.list<ApiObject>(path);
    for (const { metadata } of items) await admin.client.delete(`${path}/${metadata?.name}`);
  }
  await nodes.removeAll();
});

/** Nodes whose names begin with `old` have the image pause:1, and others have next:1. */
const imageOn = (node: string) => (node.startsWith('old') ? 'pause:1' : 'next:1');

/** A node as the run knows it. */
const known = (name: string, architecture = 'amd64') =>
  ({ name, architecture, images: [{ names: [imageOn(name)], bytes: 1 }] }) as unknown as LinuxNode;

/** A node with the labels that its kubelet gives it. */
async function join(name: string, more: Record<string, string> = {}, architecture = 'amd64') {
  const own = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': architecture };
  await nodes.add(name, { architecture, labels: { ...own, ...more } });
}

/** What a Pod's kubelet says, when a scheduler has brought the Pod to it. */
async function say(pod: V1Pod): Promise<object | undefined> {
  const { client } = admin;
  const node = nodeOf(pod) ?? '';
  const isWell = pod.spec?.containers[0]?.image === imageOn(node);
  if (!isWell && fares === 'no scheduler binds it') return undefined;
  if (pod.spec?.nodeName === undefined) {
    const path = `${collection.pods(namespace)}/${pod.metadata?.name}/binding`;
    const target = { apiVersion: 'v1', kind: 'Node', name: node };
    await client.create(path, { metadata: { name: pod.metadata?.name }, target } as ApiObject);
  }
  if (isWell) return allIn(pod, RUNNING);
  return fares === 'no kubelet takes it'
    ? undefined
    : allIn(pod, fares === 'it hangs' ? CREATING : GONE);
}

const injectorPath = (delivery: Delivery, architecture: string) =>
  `${configMapsPath(namespace)}/${nameOf.injector(delivery, architecture)}`;

/** A step whose relays, of these nodes, run and are kept. */
async function step(
  delivery: Delivery,
  some: readonly LinuxNode[],
  { client, signal }: { client: ApiClient; signal: AbortSignal } = {
    client: admin.client,
    signal: over.signal,
  },
): Promise<void> {
  const architectures = [...new Set(some.map(({ architecture }) => architecture))];
  for (const architecture of architectures) {
    const name = nameOf.injector(delivery, architecture);
    const labels = labelsFor(delivery, 'injector');
    await putConfigMap(client, { name, namespace, owner: release.owner, labels });
  }
  const candidates = new Bases(client, {}, signal);
  const relays = new Relays(client, delivery, PLAN, candidates, signal);
  await Promise.all(some.map((node) => relays.open(node, signal)));
  await relays.end();
  const injectors = architectures.map((architecture) => ({ architecture }));
  const job = { bases: [], candidates, client, injectors, nodes: some, signal };
  const [base] = await candidates.among(some);
  await keepRelays({ ...job, nodesUnlisted: false }, delivery, {
    route: 'hostport',
    registry: { base } as RegistryPod,
  });
}

/** The step after one by which the release has come to have relays. */
const next = (nodeSelector?: string): Delivery => ({
  ...release,
  ...{ delivery: 8, firstDelivery: 8, nodeSelector },
  kept: { since: 0, delivery: 0, route: 'hostport' },
});

/** Waits until DaemonSets have one Pod on each of these nodes, in order, and all run; returns their uids by node. */
async function relaysOn(...names: string[]): Promise<Map<string, string | undefined>> {
  const query = { labelSelector: selectorOf(release.id, 'relay') };
  const areOn = (pods: ReadonlyMap<string, V1Pod>) => {
    const all = [...pods.values()];
    const on = all.map((pod) => nodeOf(pod)).sort();
    const isWell = ({ metadata, status }: V1Pod) =>
      status?.phase === 'Running' &&
      metadata?.ownerReferences?.some(({ kind }) => kind === 'DaemonSet');
    return String(on) === String(names) && all.every(isWell);
  };
  const { signal } = over;
  const options = { query, signal };
  const pods = await waitUntil<V1Pod>(admin.client, collection.pods(namespace), areOn, options);
  const areCounted = (sets: ReadonlyMap<string, V1DaemonSet>) => {
    const counts = [...sets.values()].map(({ status }) => status?.desiredNumberScheduled ?? 0);
    return counts.reduce((sum, count) => sum + count, 0) === names.length;
  };
  const path = collection.daemonSets(namespace);
  await waitUntil<V1DaemonSet>(admin.client, path, areCounted, options);
  return new Map([...pods.values()].map((pod) => [nodeOf(pod) ?? '', pod.metadata?.uid]));
}

test('the next step has relays on nodes that the first was not for', async () => {
  await join('old-a', { pool: 'a' });
  await join('old-b', { pool: 'b' });
  await step({ ...release, nodeSelector: 'pool=a' }, [known('old-a')]);
  const first = await relaysOn('old-a');
  await step(next(), [known('old-a'), known('old-b')]);
  const then = await relaysOn('old-a', 'old-b');
  expect(then.get('old-a')).toBe(first.get('old-a'));
  // The injector of the first step is that of all relays; that of the second goes with its delivery.
  const pods = await admin.client.list<V1Pod>(collection.pods(namespace));
  const injectors = pods.items.map(({ spec }) => spec?.volumes?.[0]?.configMap?.name);
  expect(new Set(injectors)).toEqual(new Set([nameOf.injector(release, 'amd64')]));
});

test('nodes that a later step is for get theirs when they come', async () => {
  await join('old-a', { pool: 'a' });
  await step({ ...release, nodeSelector: 'pool=a' }, [known('old-a')]);
  const first = await relaysOn('old-a');
  await step(next('pool in (a,b)'), [known('old-a')]);
  await join('old-b', { pool: 'b' });
  expect((await relaysOn('old-a', 'old-b')).get('old-a')).toBe(first.get('old-a'));
});

test('a step that is cancelled when the DaemonSets are off puts them back', async () => {
  await join('old-a', { pool: 'a' });
  await step({ ...release, nodeSelector: 'pool=a' }, [known('old-a')]);
  const first = await relaysOn('old-a');
  const cancel = new AbortController();
  const remove: ApiClient['delete'] = async (path, options) => {
    const isThere = await admin.client.delete(path, options);
    if (path.startsWith(collection.daemonSets(namespace))) cancel.abort(new Error('cancelled'));
    return isThere;
  };
  const client: ApiClient = Object.create(admin.client, { delete: { value: remove } });
  const cancelled = step(next('pool=b'), [known('old-a')], { client, signal: cancel.signal });
  await expect(cancelled).rejects.toThrow('cancelled');
  await join('old-b', { pool: 'b' });
  expect((await relaysOn('old-a', 'old-b')).get('old-a')).toBe(first.get('old-a'));
});

test('a DaemonSet that keeps off a virtual node stays as it is when nothing is missing', async () => {
  await join('old-1');
  const uids = async () => {
    const { items } = await admin.client.list<V1DaemonSet>(collection.daemonSets(namespace));
    return items.map(({ metadata }) => metadata?.uid);
  };
  await step({ ...release, notOn: ['aci'] }, [known('old-1')]);
  const first = await uids();
  await relaysOn('old-1');
  await step({ ...next(), notOn: ['aci'] }, [known('old-1')]);
  expect(await uids()).toEqual(first);
});

test('a node without the image of the DaemonSet gets a relay from one that it has', async () => {
  await join('old-1');
  await step(release, [known('old-1')]);
  const first = await relaysOn('old-1');
  await join('young-1');
  await step(next(), [known('old-1'), known('young-1')]);
  expect((await relaysOn('old-1', 'young-1')).get('old-1')).toBe(first.get('old-1'));
  // Others like it need no step.
  await join('young-2');
  await relaysOn('old-1', 'young-1', 'young-2');
});

test.each(['it hangs', 'no kubelet takes it', 'no scheduler binds it'] as const)(
  'a relay that the DaemonSet has on a node gives way to one that runs where %s',
  async (how) => {
    fares = how;
    await join('old-1');
    await step(release, [known('old-1')]);
    await relaysOn('old-1');
    await join('young-1');
    const path = collection.pods(namespace);
    const query = { labelSelector: selectorOf(release.id, 'relay') };
    const onYoung = (pods: Iterable<V1Pod>) =>
      [...pods].filter(
        (pod) => nodeOf(pod) === 'young-1' && pod.metadata?.deletionTimestamp === undefined,
      );
    const isMade = (pods: ReadonlyMap<string, V1Pod>) =>
      onYoung(pods.values()).some(
        ({ spec, status }) =>
          how === 'no scheduler binds it' ||
          (spec?.nodeName !== undefined && (how !== 'it hangs' || status?.startTime !== undefined)),
      );
    await waitUntil<V1Pod>(admin.client, path, isMade, { query });
    let waits = 0;
    // The bound is for the relay that is there; the new one runs before it is waited for.
    const held = holdCreates(admin.client, ({ status }) => status?.phase === 'Running');
    const list: ApiClient['list'] = (of, options) => {
      waits += Number(of.endsWith('/events'));
      return admin.client.list(of, options);
    };
    const client: ApiClient = Object.create(held, { list: { value: list } });
    const { signal } = over;
    const bases = new Bases(client, {}, signal);
    const relays = new Relays(client, next(), PLAN, bases, signal, 0.2);
    await relays.open(known('young-1'), signal);
    const { items } = await admin.client.list<V1Pod>(path, { query });
    expect(onYoung(items).map(({ spec }) => spec?.containers[0]?.image)).toEqual(['next:1']);
    // It is not waited for again when the DaemonSets are off.
    expect(waits).toBe(1);
    await relays.end();
    await relaysOn('old-1', 'young-1');
  },
);

test("a relay of a release's DaemonSet that goes while a step needs it is followed by another one", async () => {
  await join('old-1');
  await step(release, [known('old-1')]);
  await relaysOn('old-1');
  const { client } = admin;
  const { signal } = over;
  const relays = new Relays(client, next(), PLAN, new Bases(client, {}, signal), signal);
  await relays.open(known('old-1'), signal);
  const path = collection.pods(namespace);
  const query = { labelSelector: selectorOf(release.id, 'relay') };
  const running = async () =>
    (await client.list<V1Pod>(path, { query })).items.filter(
      ({ status }) => status?.phase === 'Running',
    );
  const [first] = await running();
  await client.delete(`${path}/${first?.metadata?.name}`, { gracePeriodSeconds: 0 });
  await relays.open(known('old-1'), signal);
  expect(await running()).toHaveLength(1);
  await relays.end();
  expect((await relaysOn('old-1')).get('old-1')).not.toBe(first?.metadata?.uid);
});

test('relays whose DaemonSet a killed step took off stay when the next one is for other nodes', async () => {
  await join('old-a', { pool: 'a' });
  await step({ ...release, nodeSelector: 'pool=a' }, [known('old-a')]);
  const first = await relaysOn('old-a');
  await new RelaySets(admin.client, release, PLAN).takeOff(over.signal);
  await join('old-b', { pool: 'b' });
  await step(next('pool=b'), [known('old-b')]);
  expect((await relaysOn('old-a', 'old-b')).get('old-a')).toBe(first.get('old-a'));
});

test('a DaemonSet that the cluster does not let go of holds a step up for a while alone', async () => {
  await join('old-1');
  await step(release, [known('old-1')]);
  const path = `${collection.daemonSets(namespace)}/${nameOf.relays(release, 'amd64')}`;
  const hold = (finalizers: string[]) => admin.client.patch(path, { metadata: { finalizers } });
  await hold(['test.jackal-inject.dev/held']);
  try {
    const sets = new RelaySets(admin.client, release, PLAN, 0.2);
    const words = /^The cluster's garbage collector did not let go .* "default" within 0\.2 s, so/;
    await expect(sets.takeOff(over.signal)).rejects.toThrow(words);
    await expect(sets.putBack(new Map(), over.signal)).rejects.toThrow(words);
  } finally {
    await hold([]);
  }
});

test.each([
  ['that came after the first step', false],
  ['from the first step on', true],
])(
  'nodes of another architecture have relays %s, and their injector stays',
  async (_, areThere) => {
    await join('old-amd');
    const there = [known('old-amd')];
    if (areThere) {
      await join('old-arm', {}, 'arm64');
      there.push(known('old-arm', 'arm64'));
    }
    const label = async (delivery: Delivery) => {
      const injector = await admin.client.get<V1ConfigMap>(injectorPath(delivery, 'arm64'));
      return injector.metadata?.labels?.['jackal-inject.dev/delivery'];
    };
    await step(release, there);
    if (areThere) {
      expect(await label(release)).toBeUndefined();
    } else {
      await join('old-arm', {}, 'arm64');
      await step(next(), [...there, known('old-arm', 'arm64')]);
      expect(await label(next())).toBeUndefined();
    }
    await relaysOn('old-amd', 'old-arm');
  },
);
