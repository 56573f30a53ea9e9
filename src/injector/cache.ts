import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { relative } from 'node:path';
import { warning } from '../host/runner.js';
import { sentenceOf } from '../lib/errors.js';
import { CACHE_PATIENCE_SECONDS } from '../lib/limits/runner.js';
import { unlessAborted } from '../lib/unless-aborted.js';

/**
 * The service's key for what lies in a directory of the home directory. Its archives hold paths as seen
 * from the workspace (@actions/cache, tar.ts), and a `container:` job sees another way to its home than
 * the runner around it, so what one has saved, the other would unpack beside the mark.
 */
function entryKey(key: string): string {
  const way = relative(process.env.GITHUB_WORKSPACE ?? process.cwd(), homedir());
  return `${key}-${createHash('sha256').update(way).digest('hex').slice(0, 8)}`;
}

/** What the cache service had under a key; `silent` is one that is better asked nothing more. */
export type Restored = 'found' | 'missing' | 'silent';

/**
 * Asks the runner's cache service for the directory under the key. Where it has none, where there is no
 * service, or where the service is in trouble, the injector is obtained otherwise, and the job goes on. Throws only
 * the signal's reason: the service's client cannot be stopped, but need not be awaited.
 *
 * @param patience seconds for which the service may say nothing
 */
export async function restore(
  path: string,
  key: string,
  signal: AbortSignal,
  patience: number = CACHE_PATIENCE_SECONDS,
): Promise<Restored> {
  const late = AbortSignal.timeout(patience * 1000);
  try {
    const cache = await import('@actions/cache');
    if (!cache.isFeatureAvailable()) {
      return 'missing';
    }
    const entry = entryKey(key);
    const restoring = cache.restoreCache([path], entry);
    const found = await unlessAborted(restoring, AbortSignal.any([signal, late]));
    return found === entry ? 'found' : 'missing';
  } catch (error) {
    signal.throwIfAborted();
    const reason = late.aborted ? `It was silent for ${patience} s.` : sentenceOf(error);
    warning(`The cache service did not give the injector, which is obtained otherwise: ${reason}`);
    return late.aborted ? 'silent' : 'missing';
  }
}

/** Gives the directory to the cache service; trouble there is a warning, since the injector is at hand. */
export async function save(path: string, key: string): Promise<void> {
  try {
    const cache = await import('@actions/cache');
    if (cache.isFeatureAvailable()) {
      await cache.saveCache([path], entryKey(key));
    }
  } catch (error) {
    warning(`The cache service did not take the injector: ${sentenceOf(error)}`);
  }
}

/**
 * Waits until the cache service has what it was given. The signal, or the end of the patience, ends
 * the waiting, with a warning: whatever the service does, the step has done what it was asked for.
 *
 * @param patience seconds
 */
export async function awaitSaved(
  saves: readonly Promise<void>[],
  signal: AbortSignal,
  patience: number = CACHE_PATIENCE_SECONDS,
): Promise<void> {
  try {
    const late = AbortSignal.timeout(patience * 1000);
    await unlessAborted(Promise.all(saves), AbortSignal.any([signal, late]));
  } catch {
    warning(
      'The cache service did not take the injector before the step had to end; a later job on another machine obtains it anew.',
    );
  }
}
