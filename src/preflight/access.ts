import type { ApiClient, ApiObject, RequestOptions } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { ActionError } from '../lib/errors.js';
import { ACCESS_REVIEW_CONCURRENCY } from '../lib/limits/kube.js';
import { Slots } from '../lib/slots.js';
import { type Permission, permissionsOf, roleYaml } from './permissions.js';

/** Rights that the action needs and the kubeconfig's user lacks. */
export class MissingPermissions extends ActionError {
  override readonly name = 'MissingPermissions';
  readonly missing: readonly Permission[];
  /** YAML of the Role and ClusterRole that grant exactly what is missing. */
  override readonly details: string;

  constructor(missing: readonly Permission[], namespace: string | undefined) {
    const words = missingWords(missing, namespace);
    super(
      `The kubeconfig's user lacks ${missing.length === 1 ? 'a permission' : `${missing.length} permissions`}: ${words}; have the role below bound to this user${namespace === undefined ? ', or give the input `namespace`, for which fewer rights are enough' : ''}.`,
    );
    this.missing = missing;
    this.details = roleYaml(missing, namespace);
  }
}

/**
 * Asks the API server, before anything is written, whether the user may do all that a run does in
 * this namespace, or with one that it makes for itself. Throws MissingPermissions that names all that
 * is missing at once.
 */
export async function checkPermissions(
  client: ApiClient,
  namespace: string | undefined,
  options: Pick<RequestOptions, 'signal'> = {},
): Promise<void> {
  const needed = permissionsOf(namespace !== undefined).filter(({ optional }) => optional !== true);
  const missing = await missingAmong(client, namespace, needed, options);
  if (missing.length > 0) {
    throw new MissingPermissions(missing, namespace);
  }
}

/** Those of the permissions that the API server would refuse. */
export async function missingAmong(
  client: ApiClient,
  namespace: string | undefined,
  permissions: readonly Permission[],
  options: Pick<RequestOptions, 'signal'> = {},
): Promise<Permission[]> {
  const slots = new Slots(ACCESS_REVIEW_CONCURRENCY);
  const allowed = await Promise.all(
    permissions.map((one) => slots.run(() => isAllowed(client, namespace, one, options))),
  );
  return permissions.filter((_, index) => allowed[index] !== true);
}

async function isAllowed(
  client: ApiClient,
  namespace: string | undefined,
  { verb, group, resource, scope }: Permission,
  options: Pick<RequestOptions, 'signal'>,
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
    const { status } = await client.create<Review>(path, review, options);
    return status?.allowed === true;
  } catch (error) {
    // A user who may not even ask finds out when the right is used.
    if (isFault(error, 'permission', 'not-found', 'policy')) {
      return true;
    }
    throw error;
  }
}

interface Review extends ApiObject {
  readonly spec?: object;
  readonly status?: { readonly allowed?: boolean };
}

/** Such as `create, list pods in the namespace "a"; list nodes in the cluster`. */
function missingWords(missing: readonly Permission[], namespace: string | undefined): string {
  const byResource = Map.groupBy(missing, ({ resource, scope }) => `${scope} ${resource}`);
  const words = [...byResource.values()].map((permissions) => {
    const { resource, scope } = permissions[0] as Permission;
    const where = scope === 'cluster' ? 'in the cluster' : `in the namespace "${namespace}"`;
    return `${permissions.map(({ verb }) => verb).join(', ')} ${resource} ${where}`;
  });
  return words.join('; ');
}
