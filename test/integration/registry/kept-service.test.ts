import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { V1Pod, V1Service } from '@kubernetes/client-node';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { waitUntil } from '../../../src/kube/watch.js';
import { openService } from '../../../src/registry/service.js';
import {
  pointService,
  registryOf,
  returnTo,
  settleService,
} from '../../../src/run/release/service.js';
import { type Delivery, nameOf } from '../../../src/run/run.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { keep, takeOver } from '../../../src/stages/keep.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { allIn, PlayedNodes, RUNNING, sayStatus } from '../run/played-nodes.js';
import { leasedRun } from '../run/run-objects.js';

/* Which registries of a release its Service takes for ready, by what a real API server and its controllers say. */

const namespace = 'default';
const { signal } = new AbortController();
let plane: ControlPlane;
let admin: Connection;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  await new PlayedNodes(admin.client).add('n1');
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

/** A release whose Service is there as a step opens it, which those of older versions left as it was. */
async function released(release: string): Promise<Delivery> {
  const delivery = await leasedRun(admin.client, { namespace, release });
  await openService(admin.client, delivery, { carrier: 'configmap' }, delivery.owner, signal);
  return delivery;
}

/** A registry's Pod on a node that nobody is behind, as its kubelet would tell of it. */
async function registryPod(delivery: Delivery, name: string, ip: string, ready: boolean) {
  const pod = await admin.client.create<V1Pod>(collection.pods(namespace), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-${delivery.id}`, namespace, labels: registryOf(delivery) },
    spec: { nodeName: 'n1', containers: [{ name: 'registry', image: 'pause:3' }] },
  });
  await say(pod, ip, ready);
  return pod;
}

const say = (pod: V1Pod, ip: string, ready: boolean) =>
  sayStatus(admin.client, pod, {
    ...allIn(pod, RUNNING, { ready }),
    ...{ podIP: ip, podIPs: [{ ip }] },
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
  });

async function takesNotReady({ id }: Delivery): Promise<boolean> {
  const path = `${collection.services(namespace)}/${nameOf.service(id)}`;
  return (await admin.client.get<V1Service>(path)).spec?.publishNotReadyAddresses ?? false;
}

const jobOf = () => {
  const log = { group: (_: string, work: (notes: object) => unknown) => work({}) };
  const laid = Promise.resolve({ payload: { served: [] } });
  const plan = { carrier: 'configmap', storeBytes: 1 };
  const cluster = { nodes: [], nodesUnlisted: true, bases: [], version: '' };
  const more = { client: admin.client, inputs: {}, rights: {}, signal };
  return { ...more, ...cluster, log, laid, plan } as unknown as RehearsedJob;
};

/** Keeps a delivery whose registry's Pod has this name. */
function kept(delivery: Delivery, name: string): Promise<string | undefined> {
  const base = { architecture: 'amd64', image: 'pause:3', node: 'n1' };
  return keep(jobOf(), delivery, {
    registry: { name, base },
    uploaded: { paths: [], chunks: [] },
    route: 'nodeport',
    since: performance.now(),
  });
}

interface Slice {
  readonly metadata: { readonly name: string };
  readonly endpoints?:
    | readonly {
        readonly addresses: readonly string[];
        readonly conditions?: { readonly ready?: boolean };
      }[]
    | null;
}

/** Waits until the nodes are led to these addresses, and no others. */
async function led({ id }: Delivery, addresses: readonly string[]): Promise<void> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const query = { labelSelector: `kubernetes.io/service-name=${nameOf.service(id)}` };
  const areLed = (slices: ReadonlyMap<string, Slice>) => {
    const ends = [...slices.values()].flatMap(({ endpoints }) => endpoints ?? []);
    const ready = ends.filter(({ conditions }) => conditions?.ready === true);
    return String(ready.flatMap((one) => one.addresses).sort()) === String(addresses);
  };
  await waitUntil(admin.client, path, areLed as never, { query, signal });
}

test('a registry that comes again does not share the Service with one whose node is dead', async () => {
  const delivery = await released('dead');
  const since = await takeOver(jobOf(), delivery);
  expect(since).toBeGreaterThan(0);
  const pod = await registryPod(delivery, 'first', '10.0.0.1', false);
  await led(delivery, ['10.0.0.1']);
  expect(await takesNotReady(delivery)).toBe(true);
  await say(pod, '10.0.0.1', true);
  await kept(delivery, pod.metadata?.name as string);
  expect(await takesNotReady(delivery)).toBe(false);

  // What the controllers do when a node is lost; no kubelet ends the Pod, which so stays.
  await say(pod, '10.0.0.1', false);
  await admin.client.delete(`${collection.pods(namespace)}/${pod.metadata?.name}`);
  await registryPod(delivery, 'second', '10.0.0.2', true);
  await led(delivery, ['10.0.0.2']);
});

test('the next step has its registry found before that is ready, and a failed one takes that back', async () => {
  const delivery = await released('next');
  await registryPod(delivery, 'first', '10.0.1.1', true);
  await settleService(admin.client, delivery, delivery.delivery, signal);
  expect(await takesNotReady(delivery)).toBe(false);
  await takeOver(jobOf(), { ...delivery, delivery: 8 });
  expect(await takesNotReady(delivery)).toBe(true);
  await returnTo(admin.client, delivery, { kept: delivery.delivery, last: 15 }, signal);
  expect(await takesNotReady(delivery)).toBe(false);
});

test('a registry that no kubelet calls Ready is found all the same, also after a step that failed', async () => {
  const delivery = await released('never');
  await registryPod(delivery, 'first', '10.0.2.1', false);
  await settleService(admin.client, delivery, delivery.delivery, signal, 0.1);
  expect(await takesNotReady(delivery)).toBe(true);
  await pointService(admin.client, delivery, 8, signal);
  await returnTo(admin.client, delivery, { kept: delivery.delivery, last: 15 }, signal);
  expect(await takesNotReady(delivery)).toBe(true);
  await led(delivery, ['10.0.2.1']);
});

test('one that is Ready only a moment later is waited for', async () => {
  const delivery = await released('soon');
  const pod = await registryPod(delivery, 'first', '10.0.3.1', false);
  const settled = settleService(admin.client, delivery, delivery.delivery, signal, 100_000);
  await say(pod, '10.0.3.1', true);
  await settled;
  expect(await takesNotReady(delivery)).toBe(false);
});
