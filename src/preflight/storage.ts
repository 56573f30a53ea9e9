import type { ApiClient, ApiObject } from '../kube/client.js';
import { isFault } from '../kube/error.js';

/** Marks the StorageClass that claims get that name none (kubernetes, docs/concepts/storage/storage-classes). */
const DEFAULT_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';

/**
 * The name of the cluster's default StorageClass; undefined where there is none, or where the user may not list them.
 * Throws ApiError.
 */
export async function defaultStorageClass(
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
