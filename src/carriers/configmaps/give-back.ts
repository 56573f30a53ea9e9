import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { deleteConfigMaps } from '../../kube/configmaps.js';
import { collection } from '../../kube/pods.js';
import { waitUntil } from '../../kube/watch.js';
import { type RunPlace, selectorOf } from '../../run/run.js';
import type { Pace } from './pace.js';

/**
 * Deletes the chunks as soon as the registry says that it has verified them all, since each byte
 * of theirs costs the control plane about eleven of memory, and at the pace at which it took them, so
 * that others get their answers meanwhile. A registry container that restarts finds what it verified
 * in its emptyDir. Returns when they are deleted; throws ApiError.
 */
export async function giveBack(
  client: ApiClient,
  { id, namespace }: RunPlace,
  registryPod: string,
  chunks: readonly string[],
  pace: Pace,
  signal: AbortSignal,
): Promise<void> {
  const query = { labelSelector: selectorOf(id, 'registry') };
  const path = collection.pods(namespace);
  await waitUntil<V1Pod>(client, path, (pods) => isReady(pods.get(registryPod)), { query, signal });
  await deleteConfigMaps(client, namespace, chunks, { signal, pace });
}

function isReady(pod: V1Pod | undefined): boolean {
  const conditions = pod?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
