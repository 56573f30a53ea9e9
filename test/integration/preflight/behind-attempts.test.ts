import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { CourierError } from '../../../src/carriers/couriers/error.js';
import { StreamError } from '../../../src/carriers/stream/error.js';
import type { ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { isFault } from '../../../src/kube/error.js';
import { collection, createPod } from '../../../src/kube/pods.js';
import { MIB } from '../../../src/lib/limits/units.js';
import { Stages } from '../../../src/report/stages.js';
import { type Delivery, labelsFor, nameOf, type Role } from '../../../src/run/run.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { withSetbacks } from '../../../src/stages/setbacks.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { PlayedNodes } from '../run/played-nodes.js';
import { leasedRun } from '../run/run-objects.js';

/* What is asked of a cluster when an attempt by one carrier has failed, where the proofs that it has brought about stay. */

let plane: ControlPlane;
let admin: Connection;
let nodes: PlayedNodes;

beforeAll(async () => {
  // Without controllers, so that what quotas count of Pods that have gone is for the test to say.
  plane = await startControlPlane();
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  nodes = new PlayedNodes(admin.client);
});

beforeEach(() => {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await nodes.removeAll();
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

const STREAM = new StreamError('failing', 'The stream fails again and again.');
const COURIERS = new CourierError('failing', 'Couriers fail again and again.');

/** Nodes that take so many Pods, by their names. */
type Places = Readonly<Record<string, number>>;

function jobOn(places: Places): RehearsedJob {
  const images = [{ names: ['registry.test/pause:3'], bytes: 1 }];
  const node = { architecture: 'amd64', images, addresses: [], podRanges: [] };
  const there = Object.entries(places).map(([name, podsMax]) => ({
    ...{ ...node, name, uid: name, podsMax },
  }));
  const image = { given: 'web', platforms: ['linux/amd64'] };
  const payload = { served: [{ image, repository: 'web' }], entries: [], catalogParts: 1 };
  const job = {
    ...{ client: admin.client, version: 'v1.37.2', log: new Stages() },
    inputs: { configMapBudget: MIB, carrier: { carrier: 'auto' } },
    ...{ signal: new AbortController().signal, rights: {}, notOn: [], plan: { carrier: 'stream' } },
    ...{ injectors: [{ architecture: 'amd64' }], nodesUnlisted: false, nodes: there },
    laid: Promise.resolve({
      images: { verify: async () => undefined },
      payload: { ...payload, contentBytes: 1 },
    }),
    databaseBytes: Promise.resolve(undefined),
  };
  return job as unknown as RehearsedJob;
}

/** Puts a Pod of the delivery on a node, as its kubelet has it. */
async function podOn(node: string, delivery: Delivery, role: Role): Promise<string> {
  const name = `${nameOf.proof(delivery, 0, 0)}-${role}`;
  const spec = { nodeName: node, containers: [{ name: 'a', image: 'a.test/a:1' }] };
  const metadata = { name, labels: labelsFor(delivery, role) };
  await createPod(admin.client, delivery.namespace, { metadata, spec } as V1Pod);
  return name;
}

/**
 * Has an attempt fail that has proven the first of the nodes and had its registry on the last one. Returns what the next
 * attempt is given: where its registry may start.
 */
async function nextOf(
  namespace: string,
  places: Places,
  failure: Error,
  failed: () => Promise<void> = async () => undefined,
): Promise<(string | undefined)[]> {
  await admin.client.create('/api/v1/namespaces', { metadata: { name: namespace } });
  const run = await leasedRun(admin.client, { namespace });
  const names = Object.keys(places);
  for (const name of names) await nodes.add(name);
  const [first = '', last = first] = [names[0], names.at(-1)];
  return await withSetbacks(jobOn(places), run, async (job, delivery, proven) => {
    if (proven.size > 0) return job.bases.map(({ node }) => node);
    proven.set(first, await podOn(first, delivery, 'proof'));
    await podOn(last, delivery, 'registry');
    await failed();
    throw failure;
  });
}

test.each([
  ['a stream', 'streamed', STREAM],
  ['couriers', 'couriers', COURIERS],
])(
  'behind %s a node whose only place its own proof has is no full one',
  async (_, name, failure) => {
    const places = { [`${name}-1`]: 1, [`${name}-2`]: 2 };
    expect(await nextOf(name, places, failure)).toEqual([`${name}-2`]);
  },
);

test('the registry may take the only other place on a node that is proven', async () => {
  expect(await nextOf('room', { 'room-1': 2 }, STREAM)).toEqual(['room-1']);
});

const quotas = (namespace: string) => `/api/v1/namespaces/${namespace}/resourcequotas`;

/** Says what a quota of Pods counts, as the controllers do. */
async function count(namespace: string, hard: number, used: number): Promise<void> {
  const status = { hard: { pods: `${hard}` }, used: { pods: `${used}` } };
  await admin.client.patch(`${quotas(namespace)}/exact/status`, { status });
}

/** Gives a namespace a quota of Pods that counts so many of them, and waits until admission knows it where it is full. */
async function limitTo(namespace: string, hard: number, used: number): Promise<void> {
  const spec = { hard: { pods: `${hard}` } };
  await admin.client.create(quotas(namespace), { metadata: { name: 'exact' }, spec } as ApiObject);
  await count(namespace, hard, used);
  const pod = { metadata: { name: 'canary' }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  const query = { dryRun: 'All' };
  const refused = () =>
    admin.client.create(collection.pods(namespace), pod as ApiObject, { query }).then(
      () => false,
      (error) => isFault(error, 'quota'),
    );
  if (hard === used) await until('the quota to count', refused);
}

/** Has a quota count what it is to count when somebody looks at it for the nth time. */
function countedAt(nth: number, namespace: string, hard: number, used: number): void {
  const list = admin.client.list.bind(admin.client);
  let looks = 0;
  jest.spyOn(admin.client, 'list').mockImplementation(async (...asked) => {
    if (asked[0] === quotas(namespace) && ++looks === nth) await count(namespace, hard, used);
    return (await list(...asked)) as never;
  });
}

test('a quota that just takes what is still to come is none too small', async () => {
  const failed = async () => {
    await limitTo('exact', 3, 2);
    countedAt(1, 'exact', 3, 1);
  };
  const bases = await nextOf('exact', { 'exact-1': 9, 'exact-2': 9 }, STREAM, failed);
  expect(bases).toEqual(['exact-1', 'exact-2']);
});

test.each([
  ['takes one Pod of two', 'late', 3, ['late-1', 'late-2']],
  ['takes none', 'full', 2, ['full-1']],
])(
  'a quota that still counts what an attempt had and %s is looked at again and again',
  async (_, name, hard, names) => {
    const failed = async () => {
      await limitTo(name, hard, 2);
      countedAt(4, name, hard, 1);
    };
    const places = Object.fromEntries(names.map((node) => [node, 9]));
    expect(await nextOf(name, places, STREAM, failed)).toEqual(names);
  },
);
