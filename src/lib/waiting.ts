import { setTimeout as pause } from 'node:timers/promises';

/** Lets some milliseconds pass, none at once; throws the signal's reason when that ends them. */
export async function rest(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (milliseconds > 0) {
    await pause(milliseconds, undefined, { signal }).catch(() => undefined);
    signal?.throwIfAborted();
  }
}

/** What `work` gives, or the signal's reason if that comes first; `work` is then left to itself. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** News that any number may wait for, again and again. */
export class News {
  private next = Promise.withResolvers<void>();

  /** Fulfilled with the next news. */
  get comes(): Promise<void> {
    return this.next.promise;
  }

  /** There is news. */
  tell(): void {
    this.next.resolve();
    this.next = Promise.withResolvers();
  }
}
