import type { ApiClient, ApiObject } from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import { POLICY_CONFLICTS_MAX } from '../../lib/limits/rewrite.js';
import { bindingsPath, policiesPath } from '../../run/removal/policy.js';
import type { WrittenPolicy } from './earlier.js';
import type { PolicyObjects } from './policy.js';

/**
 * Puts the policy into the cluster, and then its binding; what is there under their name is replaced and never missing
 * meanwhile. Throws ApiError.
 *
 * @param instead what is to be there in place of a policy that is there
 */
export async function writePolicy(
  client: ApiClient,
  { policy, binding }: PolicyObjects,
  signal: AbortSignal,
  instead: (before: WrittenPolicy) => Pick<PolicyObjects, 'policy'> = () => ({ policy }),
): Promise<void> {
  const inPlaceOf = (before: WrittenPolicy) => instead(before).policy;
  await createOrReplace(client, policiesPath, policy, inPlaceOf, signal);
  await createOrReplace(client, bindingsPath, binding, () => binding, signal);
}

async function createOrReplace(
  client: ApiClient,
  path: string,
  object: ApiObject,
  instead: (before: ApiObject) => ApiObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.create(path, object, { signal });
  } catch (error) {
    if (!isFault(error, 'exists')) {
      throw error;
    }
    await replace(client, `${path}/${object.metadata?.name}`, instead, signal);
  }
}

/** The API server replaces a policy only as a version that it is told; another writer may come between. */
async function replace(
  client: ApiClient,
  path: string,
  instead: (before: ApiObject) => ApiObject,
  signal: AbortSignal,
): Promise<void> {
  let object: ApiObject | undefined;
  for (let conflicts = 0; ; conflicts++) {
    const before = await client.get<ApiObject>(path, { signal });
    // What is there after a conflict may be what this has put there, of which the answer was lost.
    object ??= instead(before);
    const { resourceVersion } = before.metadata ?? {};
    const body = { ...object, metadata: { ...object.metadata, resourceVersion } };
    try {
      await client.request({ method: 'PUT', path, body, signal });
      return;
    } catch (error) {
      if (!isFault(error, 'conflict') || conflicts === POLICY_CONFLICTS_MAX) {
        throw error;
      }
    }
  }
}
