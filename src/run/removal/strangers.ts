import {
  type ApiClient,
  type ApiObject,
  PARTIAL_OBJECT_LIST,
  type Query,
} from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import { NAMESPACE_FILLED_SECONDS } from '../../lib/limits/run.js';
import { ROLE_LABEL, RUN_LABEL, type RunPlace } from '../run.js';

/** Collections in which people's things lie, by group and version. */
const COLLECTIONS = [
  ...['pods', 'services', 'configmaps', 'secrets', 'persistentvolumeclaims'].map(
    (resource) => ['/api/v1', resource] as const,
  ),
  ...['deployments', 'statefulsets', 'daemonsets'].map(
    (resource) => ['/apis/apps/v1', resource] as const,
  ),
  ...['jobs', 'cronjobs'].map((resource) => ['/apis/batch/v1', resource] as const),
  ['/apis/coordination.k8s.io/v1', 'leases'] as const,
];

/** An object's metadata, as far as it tells who put it there. */
type Known = ApiObject & {
  readonly metadata?: {
    readonly creationTimestamp?: string;
    readonly ownerReferences?: readonly unknown[];
  };
};

/**
 * What lies in a run's own namespace and is not the run's, each as `secret/name`: things that a person
 * or another run has put there, which would go with the namespace. Not counted is what clusters put into
 * every namespace by themselves. A kind that the user may not list cannot be looked for. Throws ApiError.
 */
export async function strangersIn(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<string[]> {
  const query = { labelSelector: `${RUN_LABEL}!=${id}` };
  const itself = { fieldSelector: `metadata.name=${namespace}` };
  const born = list(client, '/api/v1/namespaces', itself, signal);
  const found = await Promise.all(
    COLLECTIONS.map(async ([group, resource]) => {
      const path = `${group}/namespaces/${namespace}/${resource}`;
      const items = await list(client, path, query, signal);
      return items.map((object) => ({ kind: resource.slice(0, -1), object }));
    }),
  );
  const created = creationOf((await born)[0]);
  return found
    .flat()
    .filter(({ object }) => !comesWithNamespace(object, created))
    .map(({ kind, object }) => `${kind}/${object.metadata?.name}`);
}

async function list(
  client: ApiClient,
  path: string,
  query: Query,
  signal: AbortSignal,
): Promise<Known[]> {
  try {
    return (await client.list<Known>(path, { query, accept: PARTIAL_OBJECT_LIST, signal })).items;
  } catch (error) {
    if (isFault(error, 'permission', 'not-found')) {
      return [];
    }
    throw error;
  }
}

function creationOf(object: Known | undefined): number {
  return Date.parse(object?.metadata?.creationTimestamp ?? '');
}

/**
 * Whether an object is one that clusters make in every namespace: under the names that Kubernetes and
 * OpenShift use, owned by another object, or made within moments of the namespace, as service meshes and
 * policy engines do. No person is as quick with a name that nobody can guess.
 */
function comesWithNamespace({ metadata }: Known, namespaceCreated: number): boolean {
  if (metadata?.labels?.[ROLE_LABEL] !== undefined) {
    return false;
  }
  const { name = '', ownerReferences = [] } = metadata ?? {};
  const age = (creationOf({ metadata } as Known) - namespaceCreated) / 1000;
  return (
    ownerReferences.length > 0 ||
    /^(kube-root-ca\.crt|openshift-service-ca\.crt)$/.test(name) ||
    age <= NAMESPACE_FILLED_SECONDS
  );
}
