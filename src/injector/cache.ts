import * as core from '@actions/core';
import { sentenceOf } from '../errors.js';

/**
 * Asks the runner's cache service for the file under the key. False when it has none, when there is
 * no service, or when the service is in trouble: then the injector is built, and the job goes on.
 */
export async function restore(path: string, key: string): Promise<boolean> {
  try {
    const cache = await import('@actions/cache');
    return cache.isFeatureAvailable() && (await cache.restoreCache([path], key)) === key;
  } catch (error) {
    core.warning(`The cache service did not give the injector: ${sentenceOf(error)}`);
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
    core.warning(`The cache service did not take the injector: ${sentenceOf(error)}`);
  }
}
