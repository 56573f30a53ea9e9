import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { type RegistryPlan, startRegistry } from '../../../src/registry/bootstrap.js';
import { createClaim } from '../../../src/registry/claim.js';
import type { StartBounds } from '../../../src/registry/start.js';
import { type Delivery, nameOf } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import {
  allIn,
  CREATING,
  keptBack,
  PlayedNodes,
  playKubelets,
  RUNNING,
} from '../run/played-nodes.js';
import { leasedRun } from '../run/run-objects.js';
import { holdCreates } from '../run/watched-client.js';

const NEVER = 100_000;
let plane: ControlPlane;
let admin: Connection;
let nodes: PlayedNodes;
let delivery: Delivery;
let over: AbortController;
let kubelets: Promise<void>;
let namespaces = 0;
/** Node and image of each Pod that was there, in order. */
let tried: string[];

beforeAll(async () => {
  plane = await startControlPlane();
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  nodes = new PlayedNodes(admin.client);
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

beforeEach(async () => {
  const namespace = `start-${namespaces++}`;
  await admin.client.create('/api/v1/namespaces', { metadata: { name: namespace } } as ApiObject);
  delivery = await leasedRun(admin.client, { namespace });
  over = new AbortController();
  kubelets = Promise.resolve();
  tried = [];
});

afterEach(async () => {
  over.abort();
  await kubelets;
});
afterEach(() => nodes.removeAll());

function play(say: (pod: V1Pod) => object | undefined | Promise<object | undefined>): void {
  const noted = (pod: V1Pod) => {
    tried.push(placeOf(pod));
    return say(pod);
  };
  kubelets = playKubelets(admin.client, delivery, noted, over);
}

const placeOf = ({ spec }: V1Pod) => `${spec?.nodeName} ${spec?.containers[0]?.image}`;
const heldUntilTaken = () =>
  holdCreates(admin.client, ({ status }) => status?.startTime !== undefined);

function planOf(bases: readonly string[], number = 0) {
  return {
    ...delivery,
    delivery: number,
    chunks: [],
    storeBytes: 1,
    bases: bases.map((base) => {
      const [node = '', image = ''] = base.split(' ');
      return { node, image, architecture: 'amd64' };
    }),
  };
}

function starting(
  bases: readonly string[],
  bounds: Partial<StartBounds>,
  number = 0,
  more: Partial<RegistryPlan> = {},
  client = admin.client,
) {
  const plan = { ...planOf(bases, number), ...more };
  const patient = {
    takeSeconds: NEVER,
    lookSeconds: NEVER,
    volumeSeconds: NEVER,
    startSeconds: NEVER,
  };
  return startRegistry(client, plan, over.signal, { ...patient, ...bounds });
}

const runsOn = (node: string) => (pod: V1Pod) =>
  pod.spec?.nodeName === node ? allIn(pod, RUNNING) : undefined;

test('a node whose kubelet does not take the Pod is passed over with all its images', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play(runsOn('n2'));
  const isSaid = (pod: V1Pod) =>
    pod.spec?.nodeName === 'n1'
      ? tried.includes(placeOf(pod))
      : pod.status?.startTime !== undefined;
  const client = holdCreates(admin.client, isSaid);
  const bases = ['n1 a:1', 'n1 b:1', 'n2 a:1'];
  const { base } = await starting(bases, { takeSeconds: 0.2 }, 0, {}, client);
  expect(base).toMatchObject({ node: 'n2', image: 'a:1' });
  expect(tried).toEqual(['n1 a:1', 'n2 a:1']);
  const { items } = await admin.client.list<V1Pod>(collection.pods(delivery.namespace));
  expect(items.map(({ spec }) => spec?.nodeName)).toEqual(['n2']);
});

test('the time of a kubelet counts from the first look at the Pod', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play((pod) => allIn(pod, RUNNING));
  const client = heldUntilTaken();
  const { base } = await starting(['n1 a:1', 'n2 a:1'], { takeSeconds: 0 }, 0, {}, client);
  expect(base.node).toBe('n1');
});

test('when its time is over the Pod is looked at once more, since the watch may tell late', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const asked = Promise.withResolvers<void>();
  over.signal.addEventListener('abort', () => asked.resolve());
  play(async (pod) => {
    await asked.promise;
    return allIn(pod, RUNNING);
  });
  const get: ApiClient['get'] = async (path, options) => {
    const isRunning = async () => (await admin.client.get<V1Pod>(path)).status?.phase === 'Running';
    asked.resolve();
    if (path.startsWith(`${collection.pods(delivery.namespace)}/`)) await until(path, isRunning);
    return await admin.client.get(path, options);
  };
  const stream: ApiClient['stream'] = async (path, options) => {
    await asked.promise;
    return await admin.client.stream(path, options);
  };
  const client = Object.create(admin.client, { get: { value: get }, stream: { value: stream } });
  const start = starting(['n1 a:1', 'n2 a:1'], { takeSeconds: 0, lookSeconds: 0.1 }, 0, {}, client);
  expect((await start).base.node).toBe('n1');
});

test('a kubelet that has taken the Pod may take its time with it', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const gate = Promise.withResolvers<void>();
  play(async (pod) => {
    const { name } = pod.metadata ?? {};
    const path = `${collection.pods(delivery.namespace)}/${name}/status`;
    await admin.client.patch(path, { status: allIn(pod, CREATING) });
    await gate.promise;
    return allIn(pod, RUNNING);
  });
  const bounds = { takeSeconds: 0.1, lookSeconds: 0.1 };
  const start = starting(['n1 a:1', 'n2 a:1'], bounds, 0, {}, heldUntilTaken());
  const watched = await lookedAt(3);
  expect(watched).toBe(true);
  gate.resolve();
  expect((await start).base.node).toBe('n1');
});

/** Waits for as many lists of nodes as the API server books; the look at nodes goes on and on. */
async function lookedAt(times: number): Promise<boolean> {
  const lists = async () => {
    const { body } = await admin.client.request({ method: 'GET', path: '/metrics' });
    const line =
      /^apiserver_request_total\{[^}]*code="200"[^}]*resource="nodes"[^}]*verb="LIST"[^}]*\} (\d+)/m;
    return Number(line.exec(body.toString('utf8'))?.[1] ?? 0);
  };
  const before = await lists();
  await until('looks at the nodes', async () => (await lists()) >= before + times);
  return true;
}

test('the only node is waited for until the cluster says that it is not Ready', async () => {
  await nodes.add('n1');
  play(async () => {
    await nodes.setReady('n1', false);
    return undefined;
  });
  await expect(starting(['n1 a:1'], { takeSeconds: 0, lookSeconds: 0.1 })).rejects.toThrow(
    /could not start from any image .*a:1 on n1: the node is not Ready \(NodeStatusUnknown\)/,
  );
});

test('a node that turns NotReady or leaves while the Pod starts is passed over', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  play(async (pod) => {
    if (pod.spec?.nodeName === 'n2') return allIn(pod, RUNNING);
    await nodes.remove('n1');
    return allIn(pod, CREATING);
  });
  const bounds = { takeSeconds: 0.1, lookSeconds: 0.1 };
  const bases = ['n1 a:1', 'n1 b:1', 'n2 a:1'];
  const { base } = await starting(bases, bounds, 0, {}, heldUntilTaken());
  expect(base.node).toBe('n2');
  expect(tried).toEqual(['n1 a:1', 'n2 a:1']);
});

test('another delivery begins on a node that is Ready', async () => {
  await nodes.add('n1', { ready: false });
  await nodes.add('n2');
  play(runsOn('n2'));
  const { base } = await starting(['n1 a:1', 'n2 a:1'], {}, 1);
  expect(base.node).toBe('n2');
  expect(tried).toEqual(['n2 a:1']);
});

/** What a scheduler says of a Pod that it can put nowhere. */
const unscheduled = (message: string) => ({
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
});
const UNBOUND =
  '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: not helpful.';

const NO_ROOM = '0/2 nodes are available: 2 Too many pods. preemption: not helpful.';
const NO_VOLUME =
  "0/2 nodes are available: 1 node(s) had untolerated taint {a: }, 1 node(s) didn't find available persistent volumes to bind.";

/** Why a registry does not start on these bases with its store on a volume. */
async function failureWithVolume(
  bases: readonly string[],
  bounds: Partial<StartBounds>,
  { nodesUnlisted = false, client = admin.client } = {},
): Promise<string> {
  const plan = { ...planOf(bases), hasClaim: true, nodesUnlisted };
  const often = { takeSeconds: 0, lookSeconds: 0.1, volumeSeconds: NEVER, ...bounds };
  const error = await startRegistry(client, plan, over.signal, often).catch((one) => one);
  return error.message;
}

test.each([
  ['a scheduler waits for without a word', undefined, ['n1 a:1', 'n1 b:1', 'n2 a:1']],
  ['is on its way', UNBOUND, ['n1 a:1', 'n1 b:1', 'n2 a:1']],
  ['some nodes cannot have', NO_VOLUME, ['n1 a:1']],
])(
  'a volume that %s is no fault of the node, waited for once, and told when it never comes',
  async (_, message, bases) => {
    for (const name of ['n1', 'n2']) await nodes.add(name);
    play(() => (message === undefined ? undefined : unscheduled(message)));
    const isSaid = ({ status }: V1Pod) => message === undefined || status?.conditions !== undefined;
    const client = holdCreates(admin.client, isSaid);
    const said = await failureWithVolume(bases, { volumeSeconds: 0.1 }, { client });
    const words = message && `, and the scheduler says: ${message.replace(/\.$/, '')}`;
    expect(said).toContain(
      `(a:1 on n1: its volume has not come within 0.1 s${words ?? ''}); see what the events of the PersistentVolumeClaims in the namespace "${delivery.namespace}" say`,
    );
    expect(said).not.toContain('n2');
  },
);

test.each([
  ['lists nodes', false, 'run the job again when the nodes are well'],
  ['may not', true, 'set the input `injector-image`'],
])(
  'a volume is not blamed for what else keeps a Pod from its node where one %s',
  async (_, nodesUnlisted, advice) => {
    await nodes.add('n1');
    play(() => unscheduled(NO_ROOM));
    const said = await failureWithVolume(['n1 a:1'], {}, { nodesUnlisted });
    expect(said).toContain(`(a:1 on n1: the scheduler says: ${NO_ROOM.replace(/\.$/, '')}); `);
    expect(said).toContain(advice);
  },
);

const CONFLICT = '0/2 nodes are available: 1 node(s) had volume node affinity conflict.';

test('a volume that was bound to the node of a base that failed is made anew for the next one', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const plan = { ...planOf(['n1 a:1', 'n2 b:1']), hasClaim: true };
  const claims = collection.claims(delivery.namespace);
  const claim = () => admin.client.get<V1PersistentVolumeClaim>(`${claims}/${nameOf.store(plan)}`);
  await createClaim(admin.client, plan, over.signal);
  const first = await claim();
  play(async (pod) => {
    const isFirst = pod.spec?.containers[0]?.image === 'a:1';
    if (isFirst) {
      // As a scheduler and a provisioner bind it; what protects a claim in use lets it go when its Pod has gone.
      const bound = { metadata: { finalizers: null }, spec: { volumeName: 'on-n1' } };
      await admin.client.patch(`${claims}/${nameOf.store(plan)}`, bound);
      return allIn(pod, { waiting: { reason: 'ErrImageNeverPull', message: 'it is gone' } });
    }
    const { volumeName } = (await claim()).spec ?? {};
    return volumeName === undefined ? allIn(pod, RUNNING) : unscheduled(CONFLICT);
  });
  const isSaid = ({ status }: V1Pod) =>
    status?.startTime !== undefined || status?.conditions !== undefined;
  const client = holdCreates(admin.client, isSaid);
  const soon = { takeSeconds: 0.1, lookSeconds: 0.1, volumeSeconds: 0.1, startSeconds: NEVER };
  const { base } = await startRegistry(client, plan, over.signal, soon);
  expect(base).toMatchObject({ node: 'n2', image: 'b:1' });
  const { metadata } = await claim();
  expect(metadata?.uid).not.toBe(first.metadata?.uid);
  expect(metadata?.labels).toEqual(first.metadata?.labels);
  expect(metadata?.ownerReferences).toEqual(first.metadata?.ownerReferences);
});

/** A warning about a Pod, as a kubelet writes it. */
async function warn({ metadata }: V1Pod, reason: string, message: string): Promise<void> {
  const { name, namespace } = metadata ?? {};
  await admin.client.create(`/api/v1/namespaces/${namespace}/events`, {
    metadata: { name: `${name}.1` },
    involvedObject: { kind: 'Pod', name, namespace },
    ...{ type: 'Warning', reason, message, lastTimestamp: new Date().toISOString() },
  } as ApiObject);
}

const SOON = { takeSeconds: 0.1, lookSeconds: 0.1, startSeconds: 0.2 };
const SANDBOX = 'failed to assign an IP address to container';

test('a node on which the Pod has no sandbox is passed over with all its images', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const isGone = ({ spec }: V1Pod) => spec?.containers[0]?.image === 'gone:1';
  const gone = { waiting: { reason: 'ErrImageNeverPull', message: 'it is gone' } };
  const onOther = (pod: V1Pod) => (isGone(pod) ? gone : RUNNING);
  play((pod) => allIn(pod, pod.spec?.nodeName === 'n1' ? CREATING : onOther(pod)));
  const client = heldUntilTaken();
  const start = starting(['n1 a:1', 'n1 b:1', 'n2 a:1'], SOON, 0, {}, client);
  expect((await start).base.node).toBe('n2');
  expect(tried).toEqual(['n1 a:1', 'n2 a:1']);
  await expect(starting(['n1 a:1', 'n2 gone:1'], SOON, 1, {}, client)).rejects.toThrow(
    '(a:1 on n1: its kubelet has not started the Pod for 0.2 s (no event tells why); gone:1 on n2: ErrImageNeverPull: it is gone)',
  );
});

test('and where it is the last, what the cluster warns of is told while it is waited for', async () => {
  for (const name of ['n1', 'n2']) await nodes.add(name);
  const told = Promise.withResolvers<string>();
  play(async (pod) => {
    await warn(pod, 'FailedCreatePodSandBox', SANDBOX);
    return allIn(pod, CREATING);
  });
  const onWaiting = (node: string, words: string) => told.resolve(`${node}: ${words}`);
  const start = starting(['n1 a:1', 'n2 a:1'], SOON, 0, { onWaiting });
  expect(await told.promise).toBe(
    `n2: its kubelet has not started the Pod for 0.2 s (FailedCreatePodSandBox: ${SANDBOX})`,
  );
  over.abort(new Error('enough'));
  await expect(start).rejects.toThrow('enough');
});

test('an init container that admission put in and that does not start is told', async () => {
  await nodes.add('n1');
  play(keptBack);
  await expect(starting(['n1 a:1'], {})).rejects.toThrow(
    'a:1 on n1: the init container mesh, which admission put in, does not start: ErrImagePull: no such host',
  );
});

test('the signal ends the wait for a kubelet', async () => {
  await nodes.add('n1');
  play(() => undefined);
  const start = starting(['n1 a:1', 'n2 a:1'], {});
  await until('the Pod', () => tried.length > 0);
  over.abort(new Error('cancelled'));
  await expect(start).rejects.toThrow('cancelled');
});
