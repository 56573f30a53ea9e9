import { setTimeout as delay } from 'node:timers/promises';
import { ActionError, sentenceOf } from '../../src/lib/errors.js';

export interface UntilOptions {
  /** How long to go on asking; what comes at all comes within five minutes, however busy the machine is. */
  seconds?: number;
  signal?: AbortSignal | undefined;
  /** Called between two attempts; throws when waiting on has become pointless. */
  check?: () => void | Promise<void>;
}

/** Milliseconds between two attempts: first and longest. Each wait is half as long again. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 100;

/**
 * Asks again and again until the answer is neither empty nor false, and returns it. An attempt that
 * throws counts as not yet; its reason is told when time is up.
 * @throws ActionError when time is up, what `check` throws, or the signal's reason.
 */
export async function until<T>(
  what: string,
  attempt: () => T | Promise<T>,
  { seconds = 300, signal, check }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + seconds * 1000;
  let cause: unknown;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    signal?.throwIfAborted();
    try {
      const answer = await attempt();
      if (answer) return answer;
      cause = undefined;
    } catch (thrown) {
      cause = thrown;
    }
    await check?.();
    if (performance.now() > deadline) {
      const reason = cause === undefined ? '' : ` (${sentenceOf(cause)})`;
      throw new ActionError(`Waited ${seconds} s in vain for ${what}${reason}.`, { cause });
    }
    await delay(pause, undefined, { signal });
  }
}
