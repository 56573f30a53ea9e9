import { deleteConfigMaps, waitUntilGone } from '../cluster/configmaps.js';
import { type ApiClient, type ApiObject, PARTIAL_OBJECT_LIST } from '../cluster/http.js';
import { leaveNamespace, waitUntilNamespaceGone } from '../cluster/namespace.js';
import { nameOf, selectorOf } from '../run.js';
import { collection } from './create.js';

/** Which run to take away. */
export interface Removal {
  readonly runId: string;
  readonly namespace: string;
}

/**
 * Takes everything of a run out of the cluster and returns when the API server no longer knows any
 * of it: Pods first, so that kubelets let go of what they mount, then the rest, the anchor last,
 * since what a failure leaves is still owned by it. The namespace goes too when a run of this action
 * made it and no other run is in it. Throws ApiError.
 */
export async function removeRun(
  client: ApiClient,
  { runId, namespace }: Removal,
  signal: AbortSignal,
): Promise<void> {
  const selector = selectorOf(runId);
  const pods = collection.pods(namespace);
  const [podNames, configMapNames] = await Promise.all([
    namesOf(client, pods, selector, signal),
    namesOf(client, collection.configMaps(namespace), selector, signal),
  ]);
  await Promise.all([
    ...podNames.map((name) => client.delete(`${pods}/${name}`, { signal })),
    client.delete(`${collection.services(namespace)}/${nameOf.service(runId)}`, { signal }),
  ]);
  await waitUntilGone(client, pods, selector, { signal });
  const anchor = nameOf.anchor(runId);
  const owned = configMapNames.filter((name) => name !== anchor);
  await deleteConfigMaps(client, namespace, owned, { signal });
  await deleteConfigMaps(client, namespace, [anchor], { signal });
  await waitUntilGone(client, collection.configMaps(namespace), selector, { signal });
  if (await leaveNamespace(client, { namespace, runId, signal })) {
    await waitUntilNamespaceGone(client, { namespace, signal });
  }
}

async function namesOf(
  client: ApiClient,
  path: string,
  labelSelector: string,
  signal: AbortSignal,
): Promise<string[]> {
  const options = { query: { labelSelector }, accept: PARTIAL_OBJECT_LIST, signal };
  const { items } = await client.list<ApiObject>(path, options);
  return items.flatMap(({ metadata }) => metadata?.name ?? []);
}
