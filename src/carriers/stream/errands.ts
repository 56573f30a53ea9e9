import { debug } from '../../host/runner.js';
import { sentenceOf } from '../../lib/errors.js';
import { STREAM_ANSWER_SECONDS } from '../../lib/limits/stream.js';
import { rest } from '../../lib/waiting.js';
import { DeliveryConnection } from './connection.js';
import { Patience } from './patience.js';
import type { Way } from './way.js';

/** To whom, and by which way. */
export interface Addressee {
  readonly way: Way;
  /** What both sides prove to know. A secret. */
  readonly token: string;
}

/** A catalog on its way to the registry. */
export interface CatalogDelivery extends Addressee {
  readonly catalog: Buffer;
}

/** Does one thing on a connection of its own. Throws what that throws, and what dialling and proving throw. */
export async function errand<T>(
  { way, token }: Addressee,
  work: (connection: DeliveryConnection) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const connection = await DeliveryConnection.prove(await way.dial(signal), token, signal);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

/**
 * Hands the registry its catalog, on one connection after the other until it has it. Throws a StreamError when
 * nothing gets on, an ActionError when the registry does not take it, the signal's reason.
 */
export async function deliverCatalog(
  { catalog, ...to }: CatalogDelivery,
  signal: AbortSignal,
): Promise<void> {
  const patience = new Patience();
  for (let failures = 1; ; failures++) {
    try {
      return await errand(to, (connection) => connection.putCatalog(catalog), signal);
    } catch (error) {
      signal.throwIfAborted();
      await rest(patience.pauseAfter(error, failures), signal);
    }
  }
}

/**
 * Has the registry hold nobody any more for what was not sent: a node that joins later would wait until its runtime gives
 * up, and its other pulls behind that. All that was asked for is there, so that a failure here is none of the run's.
 */
export async function endDeliveries(to: Addressee, signal: AbortSignal): Promise<void> {
  const inTime = AbortSignal.timeout(STREAM_ANSWER_SECONDS * 1000);
  try {
    await errand(to, (connection) => connection.end(), AbortSignal.any([signal, inTime]));
  } catch (error) {
    debug(`The registry was not told that nothing more comes: ${sentenceOf(error)}`);
  }
}
