import type { ApiClient, ApiObject } from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import { collection } from '../../kube/pods.js';
import { expectHeld, type Held } from '../lease.js';
import { clearDeliveries, removeTokenOf } from '../remove.js';
import {
  DELIVERY_LABEL,
  type Delivery,
  firstOfStep,
  labelsOf,
  nameOf,
  otherDeliveries,
  selectorOf,
} from '../run.js';

/**
 * Has the Service of a release lead to the registry of one delivery, and to no other. By its version no step does so whose
 * release another one has taken and led elsewhere meanwhile. Throws a ReleaseLost when another step has it, ApiError.
 */
export async function pointService(
  client: ApiClient,
  run: Held,
  delivery: number,
  signal: AbortSignal,
): Promise<void> {
  const { id, namespace } = run;
  const path = `${collection.services(namespace)}/${nameOf.service(id)}`;
  const spec = { selector: registryOf({ id, delivery }) };
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
    await pointService(client, run, kept, signal).catch((error) => {
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
