import type { V1Pod } from '@kubernetes/client-node';
import { QUOTA_PATIENCE_SECONDS } from '../lib/limits/kube.js';
import { rest } from '../lib/rest.js';
import type { ApiClient } from './client.js';
import { isFault } from './error.js';
import { createPod } from './pods.js';
import { backoff } from './retry.js';

/**
 * Creates a Pod in the place of one that was deleted a moment ago, which a quota may still count: the
 * quota's controller learns of deletes by a watch. With `first` there was none before it, and a quota's
 * refusal is final. Throws what `createPod` throws.
 */
export async function createReplacement(
  client: ApiClient,
  namespace: string,
  pod: V1Pod,
  signal: AbortSignal,
  { first = false } = {},
): Promise<void> {
  const patience = performance.now() + (first ? 0 : QUOTA_PATIENCE_SECONDS * 1000);
  for (let attempts = 1; ; attempts++) {
    try {
      await createPod(client, namespace, pod, { signal });
      return;
    } catch (error) {
      if (!isFault(error, 'quota') || performance.now() >= patience) {
        throw error;
      }
    }
    await rest(backoff(attempts), signal);
  }
}
