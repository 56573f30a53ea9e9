import type { V1Pod } from '@kubernetes/client-node';
import { ActionError } from '../lib/errors.js';
import { QUOTA_PATIENCE_SECONDS } from '../lib/limits/kube.js';
import { rest } from '../lib/waiting.js';
import type { ApiClient } from './client.js';
import { isFault } from './error.js';
import { isUncounted } from './fault.js';
import { createPod } from './pods.js';
import { backoff } from './retry.js';

/** A quota that leaves too little, as it says itself before anything is asked of it. */
export class QuotaExceeded extends ActionError {
  override readonly name = 'QuotaExceeded';
}

/** Whether a quota is all that is in the way. */
function isOfQuota(error: unknown): boolean {
  const isTold = error instanceof ActionError && isFault(error.cause, 'quota');
  return isTold || error instanceof QuotaExceeded || isFault(error, 'quota');
}

/** Seconds for which this refusal is not the last word: one that nobody has counted yet says nothing of what there is room for. */
function patienceWith(error: unknown, seconds: number): number {
  const words = error instanceof Error ? error.message : '';
  return isUncounted(words) ? Math.max(seconds, QUOTA_PATIENCE_SECONDS) : seconds;
}

/** How long a quota may refuse. */
export interface QuotaPatience {
  /** Whether something that the quota counts is about to go: as long as it is, a refusal is not the last word. */
  readonly makesRoom?: () => boolean;
  /** Seconds from then on, for the quota's controller learns of deletes by a watch. */
  readonly seconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Creates what a quota may refuse, again and again as long as that may pass, as it does where the quota has not been counted
 * yet. Throws what `create` throws, and the signal's reason.
 */
export async function despiteQuota<T>(
  create: () => Promise<T>,
  { makesRoom = () => false, seconds = QUOTA_PATIENCE_SECONDS, signal }: QuotaPatience,
): Promise<T> {
  let since: number | undefined;
  for (let attempts = 1; ; attempts++) {
    try {
      return await create();
    } catch (error) {
      const now = performance.now();
      since = makesRoom() ? undefined : (since ?? now);
      const patience = patienceWith(error, seconds) * 1000;
      if (!isOfQuota(error) || (since !== undefined && now >= since + patience)) {
        throw error;
      }
    }
    // Never long, since a place that is free holds up the run.
    await rest(backoff(Math.min(attempts, 3)), signal);
  }
}

/**
 * Creates a Pod of the run. Where others of its own were there before it a quota may still count these, for the quota's
 * controller learns of deletes by a watch; else a quota's refusal is final. Throws what `createPod` throws.
 */
export async function createOwnPod(
  client: ApiClient,
  namespace: string,
  pod: V1Pod,
  signal: AbortSignal,
  comesAfterOthers: boolean,
): Promise<void> {
  const patience = { signal, ...(!comesAfterOthers && { seconds: 0 }) };
  await despiteQuota(() => createPod(client, namespace, pod, { signal }), patience);
}
