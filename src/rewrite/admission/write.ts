import type { ApiClient, ApiObject } from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import { POLICY_CONFLICTS_MAX } from '../../lib/limits/rewrite.js';
import { bindingsPath, policiesPath } from '../../run/removal/policy.js';
import type { PolicyObjects } from './policy.js';

/**
 * Puts the policy into the cluster, and then its binding; what is there under their name is replaced and never missing
 * meanwhile. Throws ApiError.
 */
export async function writePolicy(
  client: ApiClient,
  { policy, binding }: PolicyObjects,
  signal: AbortSignal,
): Promise<void> {
  await createOrReplace(client, policiesPath, policy, signal);
  await createOrReplace(client, bindingsPath, binding, signal);
}

async function createOrReplace(
  client: ApiClient,
  path: string,
  object: ApiObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.create(path, object, { signal });
  } catch (error) {
    if (!isFault(error, 'exists')) {
      throw error;
    }
    await replace(client, `${path}/${object.metadata?.name}`, object, signal);
  }
}

/** The API server replaces a policy only as a version that it is told; another writer may come between. */
async function replace(
  client: ApiClient,
  path: string,
  object: ApiObject,
  signal: AbortSignal,
): Promise<void> {
  for (let conflicts = 0; ; conflicts++) {
    const { metadata } = await client.get<ApiObject>(path, { signal });
    const { resourceVersion } = metadata ?? {};
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
