import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import type { ProofBounds, ProofPlan } from '../../../src/proof/plan.js';
import { prove } from '../../../src/proof/prove.js';
import { type Delivery, labelsOf, selectorOf } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { allIn, PlayedNodes, playKubelets, RUNNING } from '../run/played-nodes.js';
import { leasedRun } from '../run/run-objects.js';

/*
 * What the tests of the proof stand on: a control plane, and for each test a run in a namespace of its own
 * with the Pod of a registry on the node n1.
 */

const NEVER = 100_000;
/** Nothing happens for a time's sake but what a test asks for. */
export const PATIENT: ProofBounds = {
  lookSeconds: NEVER,
  routeSeconds: NEVER,
  firstSeconds: NEVER,
  turnSeconds: NEVER,
  takeSeconds: NEVER,
  madeSeconds: NEVER,
  earlySeconds: NEVER,
};

export let plane: ControlPlane;
let admin: Connection;
export let client: ApiClient;
export let nodes: PlayedNodes;
let namespaces = 0;
export let delivery: Delivery;
export let over: AbortController;
let kubelets: Promise<void>;
/** Fulfilled when the played kubelets have looked once, and so miss no Pod that comes from then on. */
let looked: Promise<void>;
export let told: string[];

/** Plays the kubelets of the proof's Pods, until the test is over. */
export function play(say: (pod: V1Pod) => object | undefined | Promise<object | undefined>): void {
  const ofProofs = (pod: V1Pod) => (pod.metadata?.name === 'registry' ? undefined : say(pod));
  const listed = Promise.withResolvers<void>();
  const list: ApiClient['list'] = async (path, options) => {
    const answer = await client.list(path, options);
    listed.resolve();
    return answer as never;
  };
  kubelets = playKubelets(
    Object.create(client, { list: { value: list } }),
    delivery,
    ofProofs,
    over,
  );
  looked = listed.promise;
}

export const run = (pod: V1Pod) => allIn(pod, RUNNING);

export function planOf(names: readonly string[], more: Partial<ProofPlan> = {}): ProofPlan {
  const pullable = `${delivery.registry}/web@sha256:${'a'.repeat(64)}`;
  return {
    ...delivery,
    nodes: names.map((name) => ({ name, architecture: 'amd64' })),
    images: [{ given: 'web', pullable, platforms: ['linux/amd64'] }],
    architectures: ['amd64'],
    registryPod: 'registry',
    registryNode: 'n1',
    open: async () => undefined,
    opensItself: false,
    attemptsBefore: 0,
    missing: 'see that nodes come to the Pods of other nodes',
    trialSeconds: () => NEVER,
    isLastRoute: false,
    proven: new Map(),
    needsAll: false,
    onProven: (node) => told.push(`${node} proven`),
    onWaiting: () => undefined,
    onUnserved: (node, reason) => told.push(`${node} ${reason}`),
    onLeftOut: (node, reason) => told.push(`${node} ${reason}`),
    ...more,
  };
}

export async function proving(
  plan: ProofPlan,
  bounds: Partial<ProofBounds> = {},
): Promise<string[]> {
  await Promise.race([looked, kubelets]);
  return await prove(client, plan, over.signal, { ...PATIENT, ...bounds });
}

export async function proofPods(): Promise<V1Pod[]> {
  const query = { labelSelector: selectorOf(delivery.id, 'proof') };
  return (await client.list<V1Pod>(collection.pods(delivery.namespace), { query })).items;
}

/** Waits until the proof's Pods are so. */
export const untilPods = (what: string, so: (pods: V1Pod[]) => boolean) =>
  until(what, async () => so(await proofPods()));

/** Has the tests of a file stand on all that. */
export function useProofSite(): void {
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
    looked = kubelets;
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
  });
  afterEach(() => nodes.removeAll());
}
