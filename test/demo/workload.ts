import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../src/kube/client.js';
import { waitUntil } from '../../src/kube/watch.js';
import { ActionError } from '../../src/lib/errors.js';
import type { Say } from './say.js';

const NAMESPACE = 'default';
const NAME = 'jackal-demo-page';
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
const LABELS = { app: NAME };

/** Seconds that the Pods may take to become ready; the image is on the nodes already. */
const READY_SECONDS = 60;

/** Creates a Deployment of two Pods on different nodes and waits until both are ready. */
export async function startWorkload(client: ApiClient, image: string): Promise<V1Pod[]> {
  await client.create<V1Deployment>(DEPLOYMENTS, deployment(image));
  const query = { labelSelector: `app=${NAME}` };
  const signal = AbortSignal.timeout(READY_SECONDS * 1000);
  const ready = (pod: V1Pod) =>
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  const pods = await waitUntil<V1Pod>(
    client,
    PODS,
    (found) => found.size === 2 && [...found.values()].every(ready),
    { query, signal },
  );
  return [...pods.values()];
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
export async function showPages(
  client: ApiClient,
  pods: readonly V1Pod[],
  { line }: Say,
): Promise<void> {
  for (const { metadata, spec } of pods) {
    const path = `${PODS}/${metadata?.name}:8080/proxy/`;
    const { body } = await client.request({ method: 'GET', path, accept: 'text/html' });
    const page = body.toString('utf8').trim();
    if (!page.includes('Hello from an injected image')) {
      throw new ActionError(`The Pod on ${spec?.nodeName} served another page: ${page}`);
    }
    line(`${spec?.nodeName}: ${page}`);
  }
}

/** Removes the Deployment and waits until its Pods are gone. */
export async function removeWorkload(client: ApiClient): Promise<void> {
  await client.delete(`${DEPLOYMENTS}/${NAME}`);
  const query = { labelSelector: `app=${NAME}` };
  const signal = AbortSignal.timeout(READY_SECONDS * 1000);
  await waitUntil<V1Pod>(client, PODS, (found) => found.size === 0, { query, signal });
}

/**
 * What the run could have left: `kind namespace/name` of all that it makes or could make. A namespace
 * that is going is left out with what is in it: the cluster takes its five seconds to remove it.
 */
export async function inventoryOf(client: ApiClient): Promise<string[]> {
  type Placed = ApiObject & { metadata: { namespace?: string } };
  const list = async (path: string) => (await client.list<Placed>(path)).items;
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
