import { debug } from '../../host/runner.js';
import type { ApiClient } from '../../kube/client.js';
import { sentenceOf } from '../../lib/errors.js';
import { unlessAborted } from '../../lib/waiting.js';
import type { Sent } from '../stream/totals.js';
import type { CourierSite } from './courier.js';
import type { Orders } from './orders.js';
import { Supply, type SupplyPlan } from './supply.js';

/** What is brought by couriers, and how. */
export interface Bringing extends CourierSite, SupplyPlan {
  readonly orders: Orders;
  /** Settled when nobody waits for anything any more. */
  readonly over: Promise<unknown>;
  /** Whether all there is has to be there in the end, whoever waits for it. */
  readonly all?: boolean;
  /** Told, as a sentence, of what could not be taken away. */
  readonly warn: (sentence: string) => void;
}

/** What couriers did, and the bytes that are left in ConfigMaps. */
export interface Brought extends Sent {
  readonly leftBytes: number;
}

/**
 * Brings the registry what is ordered, until `over` is settled: cut into chunks, in batches, each by a Pod of its own
 * that is on its way while the next ones are uploaded, and taken away when it is delivered. Throws a CourierError when
 * nothing gets on any more or what was brought is wrong, ApiError, what a content's stream throws, the signal's
 * reason. Nothing goes on when it returns.
 */
export async function bringByCouriers(
  client: ApiClient,
  bringing: Bringing,
  signal: AbortSignal,
): Promise<Brought> {
  const stop = new AbortController();
  // Somebody may ask for it later.
  let isLeft = false;
  const supply = new Supply(client, bringing, stop, AbortSignal.any([signal, stop.signal]));
  const work = supply.work();
  const over = bringing.over.then(
    () => {
      isLeft = !bringing.orders.isEmpty;
      return bringing.all === true ? supply.brought : undefined;
    },
    () => undefined,
  );
  try {
    await unlessAborted(Promise.race([over, work]), signal);
  } finally {
    stop.abort();
    await work.catch(() => undefined);
  }
  try {
    await supply.takeAway(signal);
  } catch (error) {
    signal.throwIfAborted();
    bringing.warn(`${sentenceOf(error)} What couriers carried stays until the post step.`);
  }
  if (isLeft) {
    await supply.sayLast(signal).catch((error) => {
      signal.throwIfAborted();
      debug(`The registry is not told that nothing more comes: ${sentenceOf(error)}`);
    });
  }
  return { ...supply.totals.sum, leftBytes: supply.stock.bytes };
}
