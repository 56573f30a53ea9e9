import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { despiteQuota } from '../kube/quota.js';
import { waitUntil } from '../kube/watch.js';
import { type Delivery, nameOf, selectorOf } from '../run/run.js';
import { storeClaim } from './pod.js';

/** A delivery whose registry keeps its store on a volume, and the bytes of all its blobs together. */
type Stored = Delivery & { readonly storeBytes: number };

/** Creates the claim of a registry's volume; a quota may still count that of an attempt before. Throws ApiError. */
export async function createClaim(
  client: ApiClient,
  plan: Stored,
  signal: AbortSignal,
): Promise<void> {
  const path = collection.claims(plan.namespace);
  const claim = storeClaim(plan, plan.storeBytes);
  await despiteQuota(() => client.create(path, claim, { signal }), { signal });
}

/**
 * Makes the claim of a delivery anew where it has a volume already, which may be bound to a node on which the registry could
 * not start. Nothing is lost: no registry has run on it. That of another delivery has another name, and one that somebody
 * else has made stays. Throws ApiError.
 */
export async function renewClaim(
  client: ApiClient,
  plan: Stored,
  signal: AbortSignal,
): Promise<void> {
  const path = collection.claims(plan.namespace);
  const name = nameOf.store(plan);
  const query = { labelSelector: selectorOf(plan.id, 'store') };
  const { items } = await client.list<V1PersistentVolumeClaim>(path, { query, signal });
  const bound = items.find(
    ({ metadata, spec }) =>
      metadata?.name === name &&
      spec?.volumeName !== undefined &&
      metadata?.ownerReferences?.some(({ uid }) => uid === plan.owner.uid) === true,
  );
  if (bound === undefined) {
    return;
  }
  const { uid = '' } = bound.metadata ?? {};
  await client.delete(`${path}/${name}`, { preconditions: { uid }, signal });
  const isGone = (claims: ReadonlyMap<string, unknown>) => !claims.has(name);
  await waitUntil(client, path, isGone, { query, metadataOnly: true, signal });
  await createClaim(client, plan, signal);
}
