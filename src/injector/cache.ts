import { warning } from '../host/runner.js';
import { sentenceOf } from '../lib/errors.js';

/**
 * Asks the runner's cache service for the file under the key. False when it has none, when there is
 * no service, or when the service is in trouble: then the injector is built, and the job goes on.
 * Throws only the signal's reason: the service's client cannot be stopped, but need not be awaited.
 */
export async function restore(path: string, key: string, signal: AbortSignal): Promise<boolean> {
  try {
    const cache = await import('@actions/cache');
    if (!cache.isFeatureAvailable()) {
      return false;
    }
    return (await unlessAborted(cache.restoreCache([path], key), signal)) === key;
  } catch (error) {
    signal.throwIfAborted();
    warning(`The cache service did not give the injector: ${sentenceOf(error)}`);
    return false;
  }
}

/** Gives the file to the cache service; trouble there is a warning, since the build is at hand. */
export async function save(path: string, key: string): Promise<void> {
  try {
    const cache = await import('@actions/cache');
    if (cache.isFeatureAvailable()) {
      await cache.saveCache([path], key);
    }
  } catch (error) {
    warning(`The cache service did not take the injector: ${sentenceOf(error)}`);
  }
}

/**
 * Waits until the cache service has what it was given. The signal ends the waiting, with a warning:
 * whatever the service does, the step has done what it was asked for.
 */
export async function awaitSaved(
  saves: readonly Promise<void>[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await unlessAborted(Promise.all(saves), signal);
  } catch {
    warning(
      'The cache service did not take the injector before the step had to end; a later job on another machine builds it anew.',
    );
  }
}

/** What `work` gives, or the signal's reason if that comes first; `work` is then left to itself. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
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
