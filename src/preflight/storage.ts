import type { ApiClient, ApiObject } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { missingAmong } from './access.js';
import { storePermissions } from './permissions.js';

/** Marks the StorageClass that claims get that name none (kubernetes, docs/concepts/storage/storage-classes). */
const DEFAULT_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';

/**
 * The name of the StorageClass that a registry's store can be kept on: the cluster's default, where the user may ask for
 * volumes in this namespace, or in all when it is undefined. Throws ApiError.
 */
export async function storageClassFor(
  client: ApiClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const needed = storePermissions(namespace !== undefined);
  const missing = await missingAmong(client, namespace, needed, { signal });
  return missing.length === 0 ? await defaultStorageClass(client, signal) : undefined;
}

/**
 * The name of the cluster's default StorageClass; undefined where there is none, or where the user may not list them.
 * Throws ApiError.
 */
async function defaultStorageClass(
  client: ApiClient,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const path = '/apis/storage.k8s.io/v1/storageclasses';
    const { items } = await client.list<ApiObject>(path, { signal });
    const isDefault = ({ metadata }: ApiObject) =>
      metadata?.annotations?.[DEFAULT_ANNOTATION] === 'true';
    return items.find(isDefault)?.metadata?.name;
  } catch (error) {
    if (isFault(error, 'permission', 'not-found')) {
      return undefined;
    }
    throw error;
  }
}
