import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../src/kube/client.js';
import { waitUntil } from '../../src/kube/watch.js';
import { ActionError } from '../../src/lib/errors.js';
import { say } from './say.js';

const NAMESPACE = 'default';
const NAME = 'jackal-demo-page';
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
const LABELS = { app: NAME };

/** Seconds that the Pods may take to become ready, and to go; the image is on the nodes already. */
const READY_SECONDS = 60;

/** Has a Deployment serve the page from two Pods, shows what each serves, and removes it whatever comes. */
export async function usePage(
  client: ApiClient,
  image: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const pods = await say.step('A Deployment with a Pod on each node', () =>
      startWorkload(client, image, signal),
    );
    await showPages(client, pods, signal);
  } finally {
    await removeWorkload(client);
  }
}

/** Creates a Deployment of two Pods on different nodes, where there are several, and waits until both are ready. */
async function startWorkload(
  client: ApiClient,
  image: string,
  signal: AbortSignal,
): Promise<V1Pod[]> {
  await client.create<V1Deployment>(DEPLOYMENTS, deployment(image), { signal });
  const isReady = (pod: V1Pod) =>
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return await waitForPods(
    client,
    'The two Pods of the demo are not ready',
    (pods) => pods.length === 2 && pods.every(isReady),
    signal,
  );
}

/** The demo's Pods, once they are as wanted. Throws an ActionError with what they say where that takes too long. */
async function waitForPods(
  client: ApiClient,
  fault: string,
  satisfied: (pods: readonly V1Pod[]) => boolean,
  signal?: AbortSignal,
): Promise<V1Pod[]> {
  const query = { labelSelector: `app=${NAME}` };
  const late = AbortSignal.timeout(READY_SECONDS * 1000);
  let pods: V1Pod[] = [];
  const look = (found: ReadonlyMap<string, V1Pod>) => {
    pods = [...found.values()];
    return satisfied(pods);
  };
  try {
    await waitUntil(client, PODS, look, { query, signal: AbortSignal.any([late, signal ?? late]) });
    return pods;
  } catch (cause) {
    if (!late.aborted || signal?.aborted) throw cause;
    const said = pods.flatMap(({ status }) => status?.conditions ?? []).map((it) => it.message);
    const why = [...new Set(said)].filter((message) => message).join('; ');
    throw new ActionError(`${fault} after ${READY_SECONDS} s (${why || 'they do not say why'}).`, {
      cause,
    });
  }
}

function deployment(image: string): V1Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME },
    spec: {
      replicas: 2,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          terminationGracePeriodSeconds: 1,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              // A control plane with a taint gets none, and must not keep its only worker from having both.
              nodeTaintsPolicy: 'Honor',
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector: { matchLabels: LABELS },
            },
          ],
          containers: [
            { name: 'page', image, ports: [{ containerPort: 8080 }], readinessProbe: probe() },
          ],
        },
      },
    },
  };
}

function probe() {
  return { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
}

/** Fetches the page from each Pod through the API server and shows what came. */
async function showPages(
  client: ApiClient,
  pods: readonly V1Pod[],
  signal: AbortSignal,
): Promise<void> {
  for (const { metadata, spec } of pods) {
    const path = `${PODS}/${metadata?.name}:8080/proxy/`;
    const { body } = await client.request({ method: 'GET', path, accept: 'text/html', signal });
    const page = body.toString('utf8').trim();
    if (!page.includes('Hello from an injected image')) {
      throw new ActionError(`The Pod on ${spec?.nodeName} served another page: ${page}`);
    }
    say.line(`${spec?.nodeName}: ${page}`);
  }
}

/** Removes the Deployment and waits until its Pods are gone. */
async function removeWorkload(client: ApiClient): Promise<void> {
  await client.delete(`${DEPLOYMENTS}/${NAME}`);
  await waitForPods(client, 'Pods of the demo are still there', (pods) => pods.length === 0);
}

/**
 * What the run could have left: `kind namespace/name` of all that it makes or could make. A namespace
 * that is going is left out with what is in it: the cluster takes its five seconds to remove it.
 */
export async function inventoryOf(client: ApiClient, signal: AbortSignal): Promise<string[]> {
  type Placed = ApiObject & { metadata: { namespace?: string } };
  const list = async (path: string) => (await client.list<Placed>(path, { signal })).items;
  const kinds = ['pods', 'services', 'configmaps', 'secrets'].map((kind) => `/api/v1/${kind}`);
  kinds.push('/apis/coordination.k8s.io/v1/leases');
  const objects = await Promise.all(
    kinds.map(async (path) =>
      (await list(path)).map(({ metadata }) => ({ kind: path.split('/').at(-1), metadata })),
    ),
  );
  // The namespaces last: what lies in one that is gone by now is not there either.
  const staying = new Set(
    (await list('/api/v1/namespaces'))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name),
  );
  return [
    ...[...staying].map((name) => `namespaces /${name}`),
    ...objects
      .flat()
      .filter(({ metadata }) => staying.has(metadata.namespace))
      .map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
  ];
}
