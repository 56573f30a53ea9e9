import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { startRegistry } from '../../../src/registry/bootstrap.js';
import { knownImages, unlistedBases } from '../../../src/registry/known-bases.js';
import type { BaseCandidate } from '../../../src/run/pod.js';
import { MANAGED_BY_LABEL } from '../../../src/run/run.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { allIn, playKubelets, RUNNING, sayStatus } from '../run/played-nodes.js';
import { leasedRun } from '../run/run-objects.js';
import { holdCreates } from '../run/watched-client.js';

/*
 * Where the registry starts while nobody may list nodes. The tests say what a scheduler and kubelets would.
 */

const NEVER = 100_000;
const { signal } = new AbortController();
let plane: ControlPlane;
let admin: Connection;
let namespaces = 0;

beforeAll(async () => {
  plane = await startControlPlane();
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

async function makeNamespace(): Promise<string> {
  const name = `unlisted-${namespaces++}`;
  await admin.client.create('/api/v1/namespaces', { metadata: { name } } as ApiObject);
  return name;
}

/** A Pod that runs on a node. */
async function makePod(namespace: string, name: string, spec: object, labels = {}): Promise<void> {
  const pod = await admin.client.create<V1Pod>(collection.pods(namespace), {
    metadata: { name, labels },
    spec: { containers: [{ name: 'one', image: `${name}:1` }], ...spec },
  });
  await sayStatus(admin.client, pod, allIn(pod, RUNNING));
}

test('images of Pods that run in the namespace come first, then those that clusters are known to have', async () => {
  const namespace = await makeNamespace();
  await makePod(namespace, 'web', { nodeName: 'n1' });
  await makePod(namespace, 'secret', { nodeName: 'n1', imagePullSecrets: [{ name: 'pull' }] });
  await makePod(namespace, 'ours', { nodeName: 'n2' }, { [MANAGED_BY_LABEL]: 'jackal-inject' });
  const asked = { namespace, architectures: ['amd64', 'arm64'], version: 'v1.34.1+k3s1' };
  const bases = await unlistedBases(admin.client, asked, signal);
  expect(bases.slice(0, 3)).toEqual([
    { node: 'n1', image: 'web:1', architecture: 'amd64' },
    { node: 'n1', image: 'web:1', architecture: 'arm64' },
    { image: 'docker.io/rancher/mirrored-pause:3.6', architecture: 'amd64' },
  ]);
  expect(bases).not.toContainEqual(expect.objectContaining({ image: 'gke.gcr.io/pause:3.8' }));
  const known = bases.slice(2);
  expect(known.every(({ node }) => node === undefined)).toBe(true);
  expect(known).toHaveLength(2 * knownImages(asked.version).length);
});

test.each([
  ['v1.34.1+k3s1', 'docker.io/rancher/mirrored-pause:3.6'],
  ['v1.33.5+rke2r1', 'docker.io/rancher/mirrored-pause:3.6'],
  ['v1.33.4-eks-113cf36', 'localhost/kubernetes/pause:latest'],
  ['v1.32.7-gke.1079000', 'gke.gcr.io/pause:3.8'],
  ['v1.37.2', 'registry.k8s.io/pause:3.10.1'],
])('the version %s tells whose image comes first', (version, image) => {
  expect(knownImages(version)[0]).toBe(image);
  // Who makes such nodes may use the usual ones, too; who does not tell a version may be any.
  expect(knownImages(version)).toEqual(expect.arrayContaining(knownImages('v1.37.2')));
  expect(knownImages('')).toEqual(expect.arrayContaining(knownImages(version)));
});

/** Starts a registry while the kubelets say this. */
async function started(
  bases: readonly BaseCandidate[],
  say: (pod: V1Pod) => object | Promise<object | undefined>,
  takeSeconds = NEVER,
  client = admin.client,
) {
  const namespace = await makeNamespace();
  const delivery = await leasedRun(admin.client, { namespace });
  const over = new AbortController();
  const kubelets = playKubelets(admin.client, delivery, say, over);
  const plan = { ...delivery, nodesUnlisted: true, chunks: [], storeBytes: 1, bases };
  try {
    return await startRegistry(client, plan, over.signal, {
      takeSeconds,
      lookSeconds: NEVER,
      volumeSeconds: NEVER,
      startSeconds: NEVER,
    });
  } finally {
    over.abort();
    await kubelets;
  }
}

const architectureOf = ({ spec }: V1Pod) => spec?.nodeSelector?.['kubernetes.io/arch'];

/** What a scheduler says of a Pod that it finds no node for. */
const unscheduled = {
  phase: 'Pending',
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
    },
  ],
};

/** Binds a Pod as a scheduler does, and has its container run. */
async function bound(pod: V1Pod, node: string): Promise<object> {
  const { name, namespace } = pod.metadata ?? {};
  const path = `${collection.pods(namespace as string)}/${name}/binding`;
  await admin.client.request({
    method: 'POST',
    path,
    body: {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name },
      target: { kind: 'Node', name: node },
    },
  });
  return allIn(pod, RUNNING);
}

const anywhere = (architecture: string, image: string): BaseCandidate => ({ architecture, image });

test('an architecture that no node has is passed over at once with all its images', async () => {
  const tried: string[] = [];
  const bases = [anywhere('amd64', 'a:1'), anywhere('amd64', 'b:1'), anywhere('arm64', 'a:1')];
  const { base } = await started(bases, (pod) => {
    tried.push(`${architectureOf(pod)} ${pod.spec?.containers[0]?.image}`);
    return architectureOf(pod) === 'arm64' ? bound(pod, 'n9') : unscheduled;
  });
  expect(tried).toEqual(['amd64 a:1', 'arm64 a:1']);
  expect(base).toMatchObject({ node: 'n9', architecture: 'arm64', image: 'a:1' });
});

test('a node whose kubelet takes no Pod is not picked again', async () => {
  const asked: (string | undefined)[] = [];
  const isSaid = ({ spec, status }: V1Pod) =>
    spec?.nodeName === 'n1' || status?.startTime !== undefined;
  const { base } = await started(
    [anywhere('amd64', 'a:1')],
    async (pod) => {
      const fields =
        pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
          ?.nodeSelectorTerms[0]?.matchFields;
      asked.push(fields?.map(({ operator, values }) => `${operator} ${values}`).join());
      if (fields !== undefined) return bound(pod, 'n2');
      await bound(pod, 'n1');
      return undefined;
    },
    0.1,
    holdCreates(admin.client, isSaid),
  );
  expect(base.node).toBe('n2');
  expect(asked).toEqual([undefined, 'NotIn n1']);
});

test('an image that is not on the node gives way to the next one', async () => {
  const missing = { waiting: { reason: 'ErrImageNeverPull', message: 'it is not there' } };
  const { base } = await started([anywhere('amd64', 'a:1'), anywhere('amd64', 'b:1')], (pod) =>
    pod.spec?.containers[0]?.image === 'a:1' ? allIn(pod, missing) : bound(pod, 'n1'),
  );
  expect(base).toMatchObject({ node: 'n1', image: 'b:1' });
});

test('what the scheduler says is what the sentence says when no node is left', async () => {
  const client = holdCreates(admin.client, ({ status }) => status?.conditions !== undefined);
  const start = started([anywhere('amd64', 'a:1')], () => unscheduled, 0.1, client);
  await expect(start).rejects.toThrow(
    /^The registry could not start from any image \(a:1 on any node of amd64: the scheduler says: 0\/2 nodes are available: .*affinity\/selector\); have a Pod run in the namespace "unlisted-\d+" whose image needs no pull secret, set the input `injector-image`, or grant the kubeconfig's user to list nodes\.$/,
  );
});
