import type { V1Pod } from '@kubernetes/client-node';
import { deleteConfigMaps } from '../cluster/configmaps.js';
import type { ApiClient } from '../cluster/http.js';
import type { Pace } from '../cluster/pace.js';
import { collection } from '../cluster/pods.js';
import { waitUntil } from '../cluster/watch.js';
import { selectorOf } from '../run.js';
import type { OpenRun } from './open.js';

/**
 * Deletes the chunks as soon as the registry says that it has verified them all, since each byte
 * of theirs costs the control plane about eleven of memory, and at the pace at which it took them, so
 * that others get their answers meanwhile. A registry container that restarts finds what it verified
 * in its emptyDir. Returns when they are deleted; throws ApiError.
 */
export async function giveBack(
  client: ApiClient,
  { run, namespace }: OpenRun,
  registryPod: string,
  chunks: readonly string[],
  pace: Pace,
  signal: AbortSignal,
): Promise<void> {
  const query = { labelSelector: selectorOf(run.id, 'registry') };
  const path = collection.pods(namespace);
  await waitUntil<V1Pod>(client, path, (pods) => isReady(pods.get(registryPod)), { query, signal });
  await deleteConfigMaps(client, namespace, chunks, { signal, pace });
}

function isReady(pod: V1Pod | undefined): boolean {
  const conditions = pod?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
