import { setTimeout as pause } from 'node:timers/promises';

/** Lets some milliseconds pass, none at once; throws the signal's reason when that ends them. */
export async function rest(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (milliseconds > 0) {
    await pause(milliseconds, undefined, { signal }).catch(() => undefined);
    signal?.throwIfAborted();
  }
}
