import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import { collection } from '../../kube/pods.js';
import { waitUntil } from '../../kube/watch.js';
import { heardWithin } from '../../lib/heard-within.js';
import { expectHeld, type Held } from '../lease.js';
import { clearDeliveries, removeTokenOf } from '../remove.js';
import {
  DELIVERY_LABEL,
  type Delivery,
  firstOfStep,
  labelsOf,
  nameOf,
  ofDelivery,
  otherDeliveries,
  selectorOf,
} from '../run.js';

/**
 * Has the Service of a release lead to the registry of one delivery, also before that is ready, and to no other. Throws a
 * ReleaseLost when another step has the release, ApiError.
 */
export async function pointService(
  client: ApiClient,
  run: Held,
  delivery: number,
  signal: AbortSignal,
): Promise<void> {
  const spec = { selector: registryOf({ ...run, delivery }), publishNotReadyAddresses: true };
  await writeService(client, run, spec, signal);
}

/**
 * Has the Service of a release lead to the registry of the delivery that is in use, and only while that is Ready: the Pod
 * of a node that is dead stays until the node comes back or goes, and would have its share of the pulls beside the one that
 * came in its place. Where none is Ready now, nobody knows whether one ever will be, so the Service leads to it all the
 * same. Throws a ReleaseLost when another step has the release, ApiError.
 *
 * @param patienceSeconds how long it may take to be Ready
 */
export async function settleService(
  client: ApiClient,
  run: Held,
  delivery: number,
  signal: AbortSignal,
  patienceSeconds = 0,
): Promise<void> {
  const selector = registryOf({ ...run, delivery });
  const isReady = await isReadyWithin(client, { ...run, delivery }, patienceSeconds, signal);
  await writeService(client, run, { selector, publishNotReadyAddresses: !isReady }, signal);
}

/** Whether a registry of a delivery is Ready now, or within some seconds. */
async function isReadyWithin(
  client: ApiClient,
  place: Pick<Delivery, 'id' | 'namespace' | 'delivery'>,
  seconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const path = collection.pods(place.namespace);
  const query = { labelSelector: ofDelivery(place, 'registry') };
  const { items } = await client.list<V1Pod>(path, { query, signal });
  if (items.some(isReady) || seconds === 0) {
    return items.some(isReady);
  }
  const late = heardWithin(seconds * 1000);
  const options = { query, signal: AbortSignal.any([signal, late]) };
  try {
    await waitUntil<V1Pod>(client, path, (pods) => [...pods.values()].some(isReady), options);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    return false;
  }
}

const isReady = ({ metadata, status }: V1Pod) =>
  metadata?.deletionTimestamp === undefined &&
  status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;

/** Where a release's Service leads, and whether also to what is not ready. */
interface Lead {
  readonly selector: Readonly<Record<string, string>>;
  readonly publishNotReadyAddresses: boolean;
}

/** Writes it by its version, so that no step does so whose release another one has taken and led elsewhere meanwhile. */
async function writeService(
  client: ApiClient,
  run: Held,
  spec: Lead,
  signal: AbortSignal,
): Promise<void> {
  const path = `${collection.services(run.namespace)}/${nameOf.service(run.id)}`;
  for (;;) {
    const { metadata } = await client.get<ApiObject>(path, { signal });
    // Only now: whoever takes the release from here on leads the Service after this write, or before it and is seen.
    await expectHeld(client, run, signal);
    const { resourceVersion } = metadata ?? {};
    try {
      await client.patch(path, { metadata: { resourceVersion }, spec }, { signal });
      return;
    } catch (error) {
      if (!isFault(error, 'conflict')) throw error;
    }
  }
}

/** The labels by which the registry of one delivery is found. */
export function registryOf({
  id,
  delivery,
}: Pick<Delivery, 'id' | 'delivery'>): Record<string, string> {
  return { ...labelsOf(id, 'registry'), [DELIVERY_LABEL]: String(delivery) };
}

/** What has become of a release's deliveries. */
export interface Deliveries {
  /** The one that is in use, if one has ever been. */
  readonly kept: number | undefined;
  /** The highest number that the last step may have given one. */
  readonly last: number;
}

/**
 * Takes a release back to the delivery that is in use, whatever the last step has left that did not come to its end: its
 * Service leads there, where it has one, and nothing is left of others. Without one, nothing of any delivery stays, nor
 * what would have gone on from delivery to delivery. Throws a ReleaseLost when another step has the release, ApiError.
 */
export async function returnTo(
  client: ApiClient,
  run: Held,
  { kept, last }: Deliveries,
  signal: AbortSignal,
): Promise<void> {
  if (kept !== undefined) {
    await settleService(client, run, kept, signal).catch((error) => {
      if (!isFault(error, 'not-found')) throw error;
    });
  }
  const selector = kept === undefined ? selectorOf(run.id) : otherDeliveries(run.id, kept);
  await clearDeliveries(client, { ...run, selector }, signal);
  // A step may have failed when what it had delivered was in use already.
  if (kept === undefined || firstOfStep(kept) !== firstOfStep(last)) {
    await removeTokenOf(client, run, last, signal);
  }
}
