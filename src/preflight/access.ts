import type { ApiClient, ApiObject, RequestOptions } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { ActionError } from '../lib/errors.js';
import { ACCESS_REVIEW_CONCURRENCY } from '../lib/limits/kube.js';
import { eachOf, settled } from '../lib/slots.js';
import { type Permission, permissionsOf, releasePermissions, roleYaml } from './permissions.js';

/** Where the rights are needed. */
export interface Wherein {
  /** The namespace that is given; the run makes one of its own when undefined. */
  readonly namespace: string | undefined;
  /** The namespace that the kubeconfig's context names, which is only told. */
  readonly contextNamespace?: string | undefined;
  /** Whether it is for a release. */
  readonly isRelease?: boolean | undefined;
}

/** Rights that the action needs and the kubeconfig's user lacks. */
export class MissingPermissions extends ActionError {
  override readonly name = 'MissingPermissions';
  readonly missing: readonly Permission[];
  /** YAML of the Role and ClusterRole that grant exactly what is missing. */
  override readonly details: string;

  constructor(missing: readonly Permission[], wherein: Wherein) {
    const { namespace, contextNamespace } = wherein;
    const words = missingWords(missing, wherein);
    const known =
      contextNamespace === undefined ? '' : ` (the context's own is "${contextNamespace}")`;
    const instead = `, or name a namespace that is there with the input \`namespace\`${known}, for which fewer rights are enough`;
    super(
      `The kubeconfig's user lacks ${missing.length === 1 ? 'a permission' : `${missing.length} permissions`}: ${words}; have the role below bound to this user${namespace === undefined ? instead : ''}.`,
    );
    this.missing = missing;
    this.details = roleYaml(missing, namespace);
  }
}

/**
 * Asks the API server, before anything is written, whether the user may do all that a run does in
 * this namespace, or with one that it makes for itself. Throws MissingPermissions that names all that
 * is missing at once.
 *
 * @param listsNodes whether the user may list nodes, when that is known: what is needed else is asked for only then
 */
export async function checkPermissions(
  client: ApiClient,
  wherein: Wherein,
  listsNodes: Promise<boolean>,
  options: Pick<RequestOptions, 'signal'> = {},
): Promise<void> {
  const { namespace, isRelease } = wherein;
  const given = namespace !== undefined;
  const needed = [
    ...neededOf(given, true),
    ...(isRelease === true ? releasePermissions(given).filter(isNeeded) : []),
  ];
  const instead = async () => ((await listsNodes) ? [] : insteadOfNodes(given, needed));
  const among = (some: readonly Permission[]) => missingAmong(client, namespace, some, options);
  const missing = (await settled([among(needed), instead().then(among)])).flat();
  if (missing.length > 0) {
    throw new MissingPermissions(missing, wherein);
  }
}

function neededOf(given: boolean, listsNodes: boolean): Permission[] {
  return permissionsOf(given, listsNodes).filter(isNeeded);
}

const isNeeded = ({ without }: Permission) => without === undefined;

/** What is needed, besides what is needed anyway, by those who may not list nodes. */
function insteadOfNodes(given: boolean, needed: readonly Permission[]): Permission[] {
  const usual = new Set(needed.map(({ resource }) => resource));
  return neededOf(given, false).filter(({ resource }) => !usual.has(resource));
}

/** How to ask for a right: `unasked` is what holds where the user may not even ask. */
interface AskOptions extends Pick<RequestOptions, 'signal'> {
  readonly unasked?: boolean;
}

/**
 * Those of the permissions that the API server would refuse. Who may not even ask has them all, unless `unasked` says
 * otherwise, and mostly finds out when the right is used.
 */
export async function missingAmong(
  client: ApiClient,
  namespace: string | undefined,
  permissions: readonly Permission[],
  options: AskOptions = {},
): Promise<Permission[]> {
  const most = ACCESS_REVIEW_CONCURRENCY;
  const allowed = await eachOf(permissions, most, options.signal, (one, signal) =>
    isAllowed(client, namespace, one, { ...options, signal }),
  );
  return permissions.filter((_, index) => allowed[index] !== true);
}

async function isAllowed(
  client: ApiClient,
  namespace: string | undefined,
  { verb, group, resource, scope }: Permission,
  { signal, unasked = true }: AskOptions,
): Promise<boolean> {
  const [name, subresource] = resource.split('/');
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        verb,
        group,
        resource: name,
        ...(subresource && { subresource }),
        ...(scope === 'namespace' && { namespace }),
      },
    },
  };
  try {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const { status } = await client.create<Review>(path, review, { signal });
    return status?.allowed === true;
  } catch (error) {
    if (isFault(error, 'permission', 'not-found', 'policy')) {
      return unasked;
    }
    throw error;
  }
}

interface Review extends ApiObject {
  readonly spec?: object;
  readonly status?: { readonly allowed?: boolean };
}

/** Such as `create, list pods in the namespace "a"; list nodes in the cluster`. */
function missingWords(missing: readonly Permission[], { namespace, isRelease }: Wherein): string {
  const byResource = Map.groupBy(missing, ({ resource, scope }) => `${scope} ${resource}`);
  const words = [...byResource.values()].map((permissions) => {
    const { resource, scope } = permissions[0] as Permission;
    const where = scope === 'cluster' ? 'in the cluster' : `in the namespace "${namespace}"`;
    const isInstead = resource === 'daemonsets' && isRelease !== true;
    const instead = isInstead ? ' (or list nodes in the cluster)' : '';
    return `${permissions.map(({ verb }) => verb).join(', ')} ${resource} ${where}${instead}`;
  });
  return words.join('; ');
}
