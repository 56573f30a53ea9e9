import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { ApiError, apiErrorOf, isFault } from '../../../src/kube/error.js';
import { collection, createPod } from '../../../src/kube/pods.js';
import type { ProofRoute, ProvenNodes } from '../../../src/proof/plan.js';
import { Bases } from '../../../src/registry/base.js';
import { RegistryLost } from '../../../src/registry/fault.js';
import { Relays } from '../../../src/routes/relays.js';
import { RelayNotStarted, RouteFailure, Routes } from '../../../src/routes/route.js';
import { findPlace } from '../../../src/run/namespace.js';
import { RESTRICTED_CONTAINER } from '../../../src/run/pod.js';
import { clearRun } from '../../../src/run/remove.js';
import { type Delivery, newRun } from '../../../src/run/run.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { overRoutes } from '../../../src/stages/prove/routes.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { allIn, CREATING, PlayedNodes, playKubelets, RUNNING } from '../run/played-nodes.js';
import { leasedRun, makeQuota } from '../run/run-objects.js';

const PLAN = { route: 'hostport', port: 61000, to: '10.0.0.1:5000' } as const;
/** Milliseconds that no test takes. */
const NEVER = 100_000_000;
const IMAGES = ['pause:1', 'other:1'].map((name) => ({ names: [name], bytes: 1 }));
const nodeOf = (name: string) => ({ name, architecture: 'amd64', images: IMAGES });

let plane: ControlPlane;
let admin: Connection;
let nodes: PlayedNodes;
let delivery: Delivery;
let over: AbortController;
let kubelets: Promise<void>;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  nodes = new PlayedNodes(admin.client);
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

beforeEach(async () => {
  over = new AbortController();
  kubelets = Promise.resolve();
  const run = newRun();
  await findPlace(admin.client, run, over.signal);
  delivery = { ...(await leasedRun(admin.client, run)), ...run };
});

afterEach(async () => {
  over.abort();
  await kubelets;
});
afterEach(() => nodes.removeAll());
afterEach(() => {
  jest.restoreAllMocks();
});

/** Has kubelets say that relays are in this state. */
function play(stateOf: (pod: V1Pod) => object): void {
  const say = (pod: V1Pod) => allIn(pod, stateOf(pod));
  kubelets = playKubelets(admin.client, delivery, say, over);
}

const GONE = { waiting: { reason: 'ErrImageNeverPull', message: 'it is gone' } };

const relaysBy = (client: ApiClient) =>
  new Relays(client, delivery, PLAN, new Bases(client, {}, over.signal), over.signal);

async function relayPods(): Promise<V1Pod[]> {
  const path = collection.pods(delivery.namespace);
  return (await admin.client.list<V1Pod>(path)).items;
}

/** A client, and the images of the Pods that were made by it. */
function countedPods(): { client: ApiClient; images: (string | undefined)[] } {
  const images: (string | undefined)[] = [];
  const client = new Proxy(admin.client, {
    get(target, key) {
      if (key !== 'create') return Reflect.get(target, key, target);
      return async (...args: Parameters<ApiClient['create']>) => {
        const made = await target.create(...args);
        images.push((args[1] as V1Pod).spec?.containers[0]?.image);
        return made;
      };
    },
  });
  return { client, images };
}

test('Pod Security may go by the namespace’s old labels for a while', async () => {
  await nodes.add('n1');
  play(() => RUNNING);
  const refused = Promise.withResolvers<void>();
  const label = Promise.withResolvers<() => Promise<unknown>>();
  let passed = 0;
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + passed);
  // The label comes to the API server only when that has refused a relay.
  const late = new Proxy(admin.client, {
    get(target, key) {
      if (key === 'patch') {
        return async (...args: Parameters<ApiClient['patch']>) =>
          label.resolve(() => target.patch(...args));
      }
      if (key === 'create') {
        return (...args: Parameters<ApiClient['create']>) =>
          target.create(...args).catch((error) => {
            // As if the API server had taken so long to say so.
            passed = 2 * NEVER;
            refused.resolve();
            throw error;
          });
      }
      return Reflect.get(target, key, target);
    },
  });
  const bases = new Bases(late, {}, over.signal);
  const relays = new Relays(late, delivery, PLAN, bases, over.signal, undefined, NEVER);
  const opened = relays.open(nodeOf('n1'), over.signal);
  await refused.promise;
  await (await label.promise)();
  await opened;
  expect((await relayPods()).map(({ spec }) => spec?.nodeName)).toEqual(['n1']);
  await relays.end();
});

/** A client whose user may not label namespaces. */
const withoutLabels = () =>
  new Proxy(admin.client, {
    get: (target, key) =>
      key === 'patch'
        ? async (path: string) => {
            const message = 'admission webhook "levels.test" denied the request: Unauthorized';
            const asked = { server: 'the cluster', method: 'PATCH', path, attempts: 1 };
            throw apiErrorOf(asked, 403, Buffer.from(JSON.stringify({ message })));
          }
        : Reflect.get(target, key, target),
  });

test('where nobody may label the namespace, relays start if it has no level that keeps them off', async () => {
  await nodes.add('n1');
  play(() => RUNNING);
  const labels = { 'pod-security.kubernetes.io/enforce': null };
  await admin.client.patch(`/api/v1/namespaces/${delivery.namespace}`, { metadata: { labels } });
  const ports = [{ containerPort: 1, hostPort: 1 }];
  const canary = {
    metadata: { name: 'canary' },
    spec: { containers: [{ name: 'a', image: 'a', ports }] },
  };
  await until('the API server to hear of it', () =>
    createPod(admin.client, delivery.namespace, canary, { dryRun: true }),
  );
  const relays = relaysBy(withoutLabels());
  await relays.open(nodeOf('n1'), over.signal);
  expect((await relayPods()).map(({ spec }) => spec?.nodeName)).toEqual(['n1']);
  await relays.end();
});

test('where a level keeps relays off and nobody may change it, both are told', async () => {
  await nodes.add('n1');
  play(() => RUNNING);
  const relays = relaysBy(withoutLabels());
  await expect(relays.open(nodeOf('n1'), over.signal)).rejects.toThrow(
    /^Relays need a namespace that Pod Security lets have host ports, and the kubeconfig's user may not label it so: .*Unauthorized/,
  );
  expect(await relayPods()).toEqual([]);
  await relays.end();
});

test('a relay that does not start from one image starts from the next, once a node', async () => {
  await nodes.add('n1');
  play(({ spec }) => (spec?.containers[0]?.image === 'pause:1' ? GONE : RUNNING));
  const relays = relaysBy(admin.client);
  await Promise.all([1, 2, 3].map(() => relays.open(nodeOf('n1'), over.signal)));
  const left = await relayPods();
  expect(left.map(({ spec }) => spec?.containers[0]?.image)).toEqual(['other:1']);
  await relays.end();
});

test('a node on which none starts is told with what each image failed with', async () => {
  await nodes.add('n1');
  play(() => GONE);
  const relays = relaysBy(admin.client);
  const opened = relays.open(nodeOf('n1'), over.signal);
  await expect(opened).rejects.toThrow(RouteFailure);
  await expect(opened).rejects.toThrow(
    'No relay starts on node n1 (pause:1: ErrImageNeverPull: it is gone; other:1: ErrImageNeverPull: it is gone); let any Pod run there once, so that its image is there, or set the input `injector-image` to an image that the nodes can pull.',
  );
  expect(await relayPods()).toEqual([]);
  await relays.end();
});

test.each([
  [
    'address-in-use',
    'Address 127.0.0.1:61234 is in use on this node already; give the relay another port, or end what listens there.',
    'The relay on node n1 ended: Address 127.0.0.1:61234 is in use on this node already; run the step again, which takes another port.',
  ],
  [
    'listen-failed',
    'Address 127.0.0.1:61234 cannot be listened on: denied.',
    'The relay on node n1 ended: Address 127.0.0.1:61234 cannot be listened on: denied; look at that node, or set the input `route` to another one.',
  ],
])('a relay that ends with %s is not tried from other images', async (code, words, sentence) => {
  await nodes.add('n1');
  const { client, images } = countedPods();
  const message = `jackal fatal code=${code} exit=20 message=${words}\n`;
  play(() => ({ terminated: { exitCode: 20, message } }));
  const relays = relaysBy(client);
  const opened = relays.open(nodeOf('n1'), over.signal);
  await expect(opened).rejects.toThrow(RouteFailure);
  await expect(opened).rejects.toThrow(sentence);
  expect([images, await relayPods()]).toEqual([['pause:1'], []]);
  await relays.end();
});

test('a port that an earlier relay may still have is tried once more', async () => {
  await nodes.add('n1');
  const message =
    'jackal fatal code=address-in-use exit=20 message=Address 127.0.0.1:61234 is in use.\n';
  const image = (pod: V1Pod) => pod.spec?.containers[0]?.image;
  play((pod) =>
    image(pod) === 'pause:1'
      ? { terminated: { exitCode: 20, message } }
      : { running: { startedAt: '2026-01-01T00:00:00Z' } },
  );
  const plan = { ...PLAN, comesAfterOthers: true };
  const bases = new Bases(admin.client, {}, over.signal);
  const relays = new Relays(admin.client, delivery, plan, bases, over.signal);
  await relays.open(nodeOf('n1'), over.signal);
  expect((await relayPods()).map(image)).toEqual(['other:1']);
  await relays.end();
});

test('a relay that its kubelet does not start gives the route up, in its kubelet’s words', async () => {
  await nodes.add('n1');
  play(() => CREATING);
  const bases = new Bases(admin.client, {}, over.signal);
  const relays = new Relays(admin.client, delivery, PLAN, bases, over.signal, 0.2);
  await expect(relays.open(nodeOf('n1'), over.signal)).rejects.toThrow(
    /^No relay starts on node n1 \(pause:1: its kubelet has not started the Pod for 0\.2 s \(no event tells why\); other:1: /,
  );
  await relays.end();
});

test('a relay that its kubelet refuses is told with its words, by which the node is at fault', async () => {
  await nodes.add('n1');
  const message = 'Pod was rejected: The node had condition: [DiskPressure].';
  const refused = { phase: 'Failed', reason: 'Evicted', message };
  kubelets = playKubelets(admin.client, delivery, () => refused, over);
  const relays = relaysBy(admin.client);
  const failure = await relays.open(nodeOf('n1'), over.signal).catch((error) => error);
  expect(failure).toBeInstanceOf(RelayNotStarted);
  expect(failure.words).toBe(`Evicted: ${message}`);
  await relays.end();
});

test('a relay that has started is none that its kubelet does not start, though the watch tells of it late', async () => {
  await nodes.add('n1');
  const asked = Promise.withResolvers<void>();
  over.signal.addEventListener('abort', () => asked.resolve());
  kubelets = playKubelets(
    admin.client,
    delivery,
    async (pod) => {
      await asked.promise;
      return allIn(pod, RUNNING);
    },
    over,
  );
  const list: ApiClient['list'] = async (path, options) => {
    const isOfOne = path === collection.pods(delivery.namespace) && options?.query?.fieldSelector;
    const isRunning = async () =>
      (await relayPods()).every(({ status }) => status?.phase === 'Running');
    if (isOfOne) asked.resolve();
    if (isOfOne) await until('the relay', isRunning, { signal: over.signal });
    return await admin.client.list(path, options);
  };
  const client: ApiClient = Object.create(admin.client, { list: { value: list } });
  const bases = new Bases(client, {}, over.signal);
  const relays = new Relays(client, delivery, PLAN, bases, over.signal, 0.2);
  await relays.open(nodeOf('n1'), over.signal);
  const images = (await relayPods()).map(({ spec }) => spec?.containers[0]?.image);
  expect(images).toEqual(['pause:1']);
  await relays.end();
});

test.each([
  ['as the watch tells', false],
  ['while the watch was broken off', true],
])('a relay that somebody deletes at once, %s, is followed by the next', async (_, isBroken) => {
  await nodes.add('n1');
  play(() => RUNNING);
  const deleted = Promise.withResolvers<void>();
  let isFirst = true;
  const create: ApiClient['create'] = async (path, object, options) => {
    const made = await admin.client.create(path, object, options);
    if (isFirst && path === collection.pods(delivery.namespace)) {
      isFirst = false;
      await admin.client.delete(`${path}/${made.metadata?.name}`, { gracePeriodSeconds: 0 });
      deleted.resolve();
    }
    return made as never;
  };
  let isWatched = !isBroken;
  const stream: ApiClient['stream'] = async (path, options) => {
    if (isWatched) return await admin.client.stream(path, options);
    isWatched = true;
    await deleted.promise;
    throw new ApiError('The version is too old.', { fault: 'gone', status: 410 });
  };
  const by = { create: { value: create }, stream: { value: stream } };
  const client: ApiClient = Object.create(admin.client, by);
  const bases = new Bases(client, {}, over.signal);
  const relays = new Relays(client, delivery, PLAN, bases, over.signal, 0.2);
  await relays.open(nodeOf('n1'), over.signal);
  const images = (await relayPods()).map(({ spec }) => spec?.containers[0]?.image);
  expect(images).toEqual(['other:1']);
  await relays.end();
});

test('a relay that somebody deletes and that never goes is not waited for longer than others', async () => {
  await nodes.add('n1');
  const isFirst = ({ spec }: V1Pod) => spec?.containers[0]?.image === 'pause:1';
  const say = (pod: V1Pod) => (isFirst(pod) ? undefined : allIn(pod, RUNNING));
  kubelets = playKubelets(admin.client, delivery, say, over);
  const path = collection.pods(delivery.namespace);
  let held = '';
  const create: ApiClient['create'] = async (to, object, options) => {
    if (to !== path || !isFirst(object as V1Pod))
      return await admin.client.create(to, object, options);
    const metadata = { ...object.metadata, finalizers: ['jackal.test/held'] };
    const made = await admin.client.create(to, { ...object, metadata }, options);
    held = `${path}/${made.metadata?.name}`;
    await admin.client.delete(held, { gracePeriodSeconds: 0 });
    return made as never;
  };
  const client: ApiClient = Object.create(admin.client, { create: { value: create } });
  const bases = new Bases(client, {}, over.signal);
  const relays = new Relays(client, delivery, PLAN, bases, over.signal, 0.2);
  try {
    await relays.open(nodeOf('n1'), over.signal);
    const images = (await relayPods()).map(({ spec }) => spec?.containers[0]?.image);
    expect(images.sort()).toEqual(['other:1', 'pause:1']);
  } finally {
    await relays.end();
    await admin.client.patch(held, { metadata: { finalizers: null } });
  }
});

/** A client whose watch tells nothing more from `hold` on, until it has been asked for the relays of one node. */
function lateWatch(): { client: ApiClient; hold: () => void } {
  const asked = Promise.withResolvers<void>();
  let told: Promise<void> = Promise.resolve();
  const stream: ApiClient['stream'] = async (path, options) => {
    const lines = await admin.client.stream(path, options);
    const late = new PassThrough();
    lines.on('data', (chunk) => void told.then(() => late.write(chunk)));
    lines.on('error', (error) => late.destroy(error));
    lines.on('close', () => late.destroy());
    return late as never;
  };
  const list: ApiClient['list'] = async (path, options) => {
    const listed = await admin.client.list(path, options);
    if (String(options?.query?.fieldSelector).startsWith('spec.nodeName=')) asked.resolve();
    return listed as never;
  };
  const by = { stream: { value: stream }, list: { value: list } };
  return {
    client: Object.create(admin.client, by),
    hold: () => {
      told = asked.promise;
    },
  };
}

const TAINT = { key: 'maintenance', effect: 'NoExecute' };

test.each([
  ['of which the watch tells late', true],
  ['that its kubelet has still to end', false],
])('a relay %s, is followed by one that tolerates what took it away', async (_, isGone) => {
  await nodes.add('n1');
  play(() => RUNNING);
  const { client, hold } = lateWatch();
  const relays = relaysBy(client);
  await relays.open(nodeOf('n1'), over.signal);
  const [first] = await relayPods();
  // One that runs is left alone.
  await relays.open(nodeOf('n1'), over.signal);
  expect(await relayPods()).toEqual([first]);
  if (isGone) hold();
  const path = `${collection.pods(delivery.namespace)}/${first?.metadata?.name}`;
  await admin.client.delete(path, isGone ? { gracePeriodSeconds: 0 } : {});
  const tainted = { ...nodeOf('n1'), taints: [TAINT] };
  await Promise.all([1, 2].map(() => relays.open(tainted, over.signal)));
  const after = await relayPods();
  expect(after.map(({ metadata }) => metadata?.name)).toEqual([
    first?.metadata?.name?.replace('-0-0', '-1-0'),
  ]);
  expect(after[0]?.spec?.tolerations).toContainEqual(expect.objectContaining(TAINT));
  await relays.end();
});

test('a relay that failed is started anew for who asks again', async () => {
  await nodes.add('n1');
  let state: object = GONE;
  play(() => state);
  const relays = relaysBy(admin.client);
  await expect(relays.open(nodeOf('n1'), over.signal)).rejects.toThrow(RelayNotStarted);
  state = RUNNING;
  await relays.open(nodeOf('n1'), over.signal);
  expect(await relayPods()).toHaveLength(1);
  await relays.end();
});

test('a node without any image is named with what to do', async () => {
  const relays = relaysBy(admin.client);
  kubelets = Promise.resolve();
  await expect(relays.open({ ...nodeOf('bare'), images: [] }, over.signal)).rejects.toThrow(
    'Node bare is not known to have an image that a relay could start from; let any Pod run there once, so that its image is there, or set the input `injector-image` to an image that the nodes can pull.',
  );
  await relays.end();
});

test('where a node lists none, the image of a Pod that runs there does', async () => {
  await nodes.add('lends');
  const lender = {
    metadata: { name: 'lender' },
    spec: { nodeName: 'lends', containers: [{ name: 'a', image: 'lent:1' }] },
  } satisfies V1Pod;
  await createPod(admin.client, 'default', lender);
  const path = `${collection.pods('default')}/lender`;
  await admin.client.patch(`${path}/status`, { status: { phase: 'Running' } });
  play(() => RUNNING);
  const relays = relaysBy(admin.client);
  await relays.open({ ...nodeOf('lends'), images: [] }, over.signal);
  expect((await relayPods()).map(({ spec }) => spec?.containers[0]?.image)).toEqual(['lent:1']);
  await relays.end();
  await admin.client.delete(path, { gracePeriodSeconds: 0 });
});

test.each([
  ['waits until a quota counts those before it no more', true],
  ['is refused at once where there were none', false],
])('a relay that comes after other Pods %s', async (_, comesAfterOthers) => {
  await nodes.add('n1');
  play(() => RUNNING);
  const { namespace } = delivery;
  await makeQuota(admin.client, namespace, 'none', { pods: '0' });
  const refused = Promise.withResolvers<void>();
  const create: ApiClient['create'] = (...asked) =>
    admin.client.create(...asked).catch((error) => {
      if (isFault(error, 'quota')) refused.resolve();
      throw error;
    }) as never;
  const client = new Proxy(admin.client, {
    get: (target, key) => (key === 'create' ? create : Reflect.get(target, key, target)),
  });
  const bases = new Bases(client, {}, over.signal);
  const relays = new Relays(client, delivery, { ...PLAN, comesAfterOthers }, bases, over.signal);
  const opened = relays.open(nodeOf('n1'), over.signal).then(() => 'open', String);
  await refused.promise;
  if (comesAfterOthers) {
    const quota = `/api/v1/namespaces/${namespace}/resourcequotas/none`;
    await admin.client.patch(quota, { spec: { hard: { pods: '9' } } });
  }
  expect(await opened).toMatch(comesAfterOthers ? /^open$/ : /exceeded quota/);
  await relays.end();
});

test('an image that the user gave is pulled, by another Pod once more, and by no other name', async () => {
  await nodes.add('n1');
  const policies: (string | undefined)[] = [];
  play(({ spec }) => {
    policies.push(spec?.containers[0]?.imagePullPolicy);
    return { waiting: { reason: 'ErrImagePull', message: 'no such host' } };
  });
  const given = new Bases(admin.client, { image: 'r.test/own:1' }, over.signal);
  const relays = new Relays(admin.client, delivery, PLAN, given, over.signal);
  await expect(relays.open(nodeOf('n1'), over.signal)).rejects.toThrow(
    'No relay starts on node n1 (r.test/own:1: ErrImagePull: no such host); give the input `injector-image` an image that the nodes have or can pull.',
  );
  expect(policies).toEqual(['IfNotPresent', 'IfNotPresent']);
  await relays.end();
});

/** Has `proof` done over routes, as by the attempt of this number. Returns the nodes that have a relay then. */
async function proveOver(
  routes: Routes,
  number: number,
  proven: ProvenNodes,
  proof: (route: ProofRoute) => Promise<void>,
): Promise<string[]> {
  const { client } = admin;
  const registry = `registry-${number}`;
  const path = collection.pods(delivery.namespace);
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  const container = { name: 'registry', image: 'pause:1', securityContext: RESTRICTED_CONTAINER };
  const spec = { securityContext, containers: [container] };
  await client.create<V1Pod>(path, { metadata: { name: registry }, spec });
  const job = {
    ...{ client, nodes: [], inputs: { route: 'auto' }, proxyMode: Promise.resolve('nftables') },
    ...{ candidates: new Bases(client, {}, over.signal), signal: over.signal },
  } as unknown as RehearsedJob;
  const ends = { routes, registry: { name: registry }, proven } as Parameters<typeof overRoutes>[2];
  await overRoutes(job, { ...delivery, delivery: number }, ends, proof);
  const pods = (await relayPods()).filter(({ metadata }) => metadata?.name?.includes('relay'));
  return pods.map(({ spec }) => spec?.nodeName as string).sort();
}

test('a node that came by a relay has one again when the work is done anew, or by another route', async () => {
  for (const name of ['n1', 'n2', 'n3']) await nodes.add(name);
  play(() => RUNNING);
  const routes = new Routes({ routes: ['hostport', 'hostnetwork'], reason: '' });
  const proven: ProvenNodes = new Map();
  const place = (index: number) => ({ ...nodeOf(`n${index}`), index });
  const open = (route: ProofRoute, index: number) => route.open(place(index), over.signal);
  const first = proveOver(routes, 0, proven, async (route) => {
    for (const index of [1, 3]) await open(route, index);
    proven.set('n1', 'its proof');
    throw new RegistryLost('It is lost.');
  });
  await expect(first).rejects.toThrow(RegistryLost);
  await clearRun(admin.client, delivery, [], over.signal);
  const anew = await proveOver(routes, 1, proven, (route) => open(route, 2));
  expect(anew).toEqual(['n1', 'n2']);
  const byNext = await proveOver(routes, 2, proven, async (route) => {
    if (routes.now === 'hostport') throw new RouteFailure('No node comes through.');
    await open(route, 2);
  });
  expect(byNext).toEqual(['n1', 'n2']);
});

test('a network policy that comes behind the rehearsal has the registry admitted before nodes come', async () => {
  const policies = collection.networkPolicies(delivery.namespace);
  const spec = { podSelector: {}, policyTypes: ['Ingress'] };
  const metadata = { name: 'default-deny' };
  await admin.client.create(policies, { metadata, spec } as ApiObject);
  const routes = new Routes({ routes: ['hostport'], reason: '' });
  await proveOver(routes, 0, new Map(), async () => {
    const { items } = await admin.client.list<ApiObject>(policies);
    expect(items.map((one) => one.metadata?.name)).toContain(`jackal-${delivery.id}`);
  });
});
