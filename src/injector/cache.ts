import { warning } from '../host/runner.js';
import { sentenceOf } from '../lib/errors.js';
import { homeDirectory } from '../lib/files/paths.js';
import { CACHE_PATIENCE_SECONDS } from '../lib/limits/runner.js';
import { unlessAborted } from '../lib/waiting.js';

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
    const restoring = fromHome(() => cache.restoreCache([path], key));
    const found = await unlessAborted(restoring, AbortSignal.any([signal, late]));
    return found === key ? 'found' : 'missing';
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
      await fromHome(() => cache.saveCache([path], key));
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

let fromHomeNow = 0;
let workspace: string | undefined;

/**
 * Does something while the home directory passes for the workspace. The service's archives hold paths as seen
 * from the workspace (@actions/cache, tar.ts), and a job in a container has its workspace and its home elsewhere
 * than the runner around it, so what one had saved, the other would unpack beside the mark.
 */
async function fromHome<T>(work: () => Promise<T>): Promise<T> {
  if (fromHomeNow++ === 0) workspace = process.env.GITHUB_WORKSPACE;
  process.env.GITHUB_WORKSPACE = homeDirectory();
  try {
    return await work();
  } finally {
    if (--fromHomeNow === 0) {
      if (workspace === undefined) delete process.env.GITHUB_WORKSPACE;
      else process.env.GITHUB_WORKSPACE = workspace;
    }
  }
}
