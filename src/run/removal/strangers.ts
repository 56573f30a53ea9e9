import {
  type ApiClient,
  type ApiObject,
  PARTIAL_OBJECT_LIST,
  type Query,
} from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import { NAMESPACE_FILLED_SECONDS } from '../../lib/limits/run.js';
import { settled } from '../../lib/slots.js';
import { ROLE_LABEL, RUN_LABEL, type RunPlace } from '../run.js';
import { type DataCollection, isCopy } from './copies.js';

/**
 * Collections in which people's things lie, by group and version: what runs, what it needs, and what leads to it. Rights,
 * quotas and policies are not looked at, since tools for tenants put such into every namespace, and later than at once.
 */
const COLLECTIONS = [
  ...[
    'pods',
    'services',
    'configmaps',
    'secrets',
    'persistentvolumeclaims',
    'serviceaccounts',
    'replicationcontrollers',
  ].map((resource) => ['/api/v1', resource] as const),
  ...['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map(
    (resource) => ['/apis/apps/v1', resource] as const,
  ),
  ...['jobs', 'cronjobs'].map((resource) => ['/apis/batch/v1', resource] as const),
  ['/apis/networking.k8s.io/v1', 'ingresses'] as const,
  ['/apis/coordination.k8s.io/v1', 'leases'] as const,
];

/** What one of a collection is called: `ingress` of `ingresses`. */
const kindOf = (resource: string) => resource.replace(/(?<=ss)es$|s$/, '');

/** The service accounts that clusters make in every namespace: Kubernetes, and OpenShift with its pipelines. */
const BORN_ACCOUNTS = ['default', 'builder', 'deployer', 'pipeline'];

/** What they make in every namespace. */
const BORN_NAMES = new Set([
  ...['configmap/kube-root-ca.crt', 'configmap/openshift-service-ca.crt'],
  ...BORN_ACCOUNTS.map((name) => `serviceaccount/${name}`),
]);

/** On the Secret with a service account's token, or with a login by it: the account. */
const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.name';

/** An object's metadata, as far as it tells who put it there. */
type Known = ApiObject & {
  readonly metadata?: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
};

/** What is not a run's own. */
export interface Stranger {
  /** Such as `secret/name`. */
  readonly name: string;
  /** Whether it is another run's. */
  readonly isOfRun: boolean;
}

interface Named {
  readonly name: string;
  readonly object: Known;
}

/**
 * What lies in a run's own namespace and is not the run's: things that a person
 * or another run has put there, which would go with the namespace. Not counted is what clusters put into
 * every namespace by themselves, nor what tools copy into each, such as a company's authority or the login of its
 * registry. A kind that the user may not list cannot be looked for. Throws ApiError.
 *
 * @param created when the namespace was made: milliseconds since 1970 by the API server's clock
 */
export async function strangersIn(
  client: ApiClient,
  { id, namespace }: RunPlace,
  created: number,
  signal: AbortSignal,
): Promise<Stranger[]> {
  const query = { labelSelector: `${RUN_LABEL}!=${id}` };
  const lists = await settled(
    COLLECTIONS.map(async ([group, resource]) => {
      const path = `${group}/namespaces/${namespace}/${resource}`;
      return { resource, items: await list(client, path, query, signal) };
    }),
  );
  const seen = new Set(lists.flatMap(({ resource, items }) => (items ? kindOf(resource) : [])));
  const found = await Promise.all(
    lists.map(async ({ resource, items = [] }) => {
      const named = items
        .map((object) => ({ name: `${kindOf(resource)}/${object.metadata?.name}`, object }))
        .filter(({ name, object }) => !comesWithNamespace(name, object, created, seen));
      return holdsData(resource) ? await own(client, resource, namespace, named, signal) : named;
    }),
  );
  return found.flat().map(({ name, object }) => ({ name, isOfRun: isOfRun(object) }));
}

/** Those of some ConfigMaps or Secrets that no other namespace has as they are. */
async function own(
  client: ApiClient,
  resource: DataCollection,
  namespace: string,
  named: readonly Named[],
  signal: AbortSignal,
): Promise<Named[]> {
  const copied = await Promise.all(
    named.map(({ object }) =>
      isCopy(client, resource, { namespace, name: object.metadata?.name ?? '' }, signal),
    ),
  );
  return named.filter((_, index) => copied[index] === false);
}

const holdsData = (resource: string): resource is DataCollection =>
  resource === 'configmaps' || resource === 'secrets';

/** Undefined where the user may not look. */
async function list(
  client: ApiClient,
  path: string,
  query: Query,
  signal: AbortSignal,
): Promise<Known[] | undefined> {
  try {
    return (await client.list<Known>(path, { query, accept: PARTIAL_OBJECT_LIST, signal })).items;
  } catch (error) {
    if (isFault(error, 'permission', 'not-found')) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Whether an object is one that clusters make in every namespace: under the names that Kubernetes and
 * OpenShift use, owned by another object of a kind that could be looked at, or made within moments of the namespace, as
 * service meshes and policy engines do. No person is as quick with a name that nobody can guess.
 */
function comesWithNamespace(
  name: string,
  object: Known,
  namespaceCreated: number,
  seen: ReadonlySet<string>,
): boolean {
  if (isOfRun(object)) {
    return false;
  }
  const { metadata } = object;
  const { ownerReferences = [], creationTimestamp = '' } = metadata ?? {};
  const age = (Date.parse(creationTimestamp) - namespaceCreated) / 1000;
  return (
    ownerReferences.some(({ kind }) => seen.has(kind.toLowerCase())) ||
    BORN_NAMES.has(name) ||
    isBornLogin(name, object) ||
    age <= NAMESPACE_FILLED_SECONDS
  );
}

/**
 * Whether a Secret is one that clusters make for such a service account, which may be late and which nothing need own: a token
 * (Kubernetes before 1.24), or OpenShift's (before 4.16) with a login at its registry behind it. A person may make a token of the
 * same account, under a name of their own.
 */
function isBornLogin(name: string, { metadata }: Known): boolean {
  const [, account = ''] = /^secret\/(.+)-(?:token|dockercfg)-[a-z0-9]{5}$/.exec(name) ?? [];
  return BORN_ACCOUNTS.includes(account) && metadata?.annotations?.[ACCOUNT_ANNOTATION] === account;
}

const isOfRun = ({ metadata }: Known) => metadata?.labels?.[ROLE_LABEL] !== undefined;
