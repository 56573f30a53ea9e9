import { rest } from '../../lib/waiting.js';
import { DeliveryConnection } from './connection.js';
import { Patience } from './patience.js';
import type { Way } from './way.js';

/** A catalog on its way to the registry. */
export interface CatalogDelivery {
  readonly way: Way;
  /** A secret. */
  readonly token: string;
  readonly catalog: Buffer;
}

/**
 * Hands the registry its catalog, on one connection after the other until it has it. Throws a StreamError when
 * nothing gets on, an ActionError when the registry does not take it, the signal's reason.
 */
export async function deliverCatalog(
  { way, token, catalog }: CatalogDelivery,
  signal: AbortSignal,
): Promise<void> {
  const patience = new Patience();
  for (let failures = 1; ; failures++) {
    try {
      const stream = await way.dial(signal);
      const connection = await DeliveryConnection.prove(stream, token, signal);
      try {
        return await connection.putCatalog(catalog);
      } finally {
        connection.close();
      }
    } catch (error) {
      signal.throwIfAborted();
      await rest(patience.pauseAfter(error, failures), signal);
    }
  }
}
