import { ActionError } from '../lib/errors.js';
import { TIMER_MAX_MILLISECONDS } from '../lib/limits/runner.js';

/** What ends a job early: its time ran out, or the runner told it to stop. */
export interface Deadline {
  /** Aborted with an ActionError as its reason. */
  readonly signal: AbortSignal;
  /** Throws the reason where the job was told to stop: what heeds no time any more heeds that. */
  throwIfCancelled(): void;
  end(): void;
}

/** Signals by which runners end a step: SIGINT first, SIGTERM 7.5 seconds later (actions/runner). */
const CANCELS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Starts the job's time.
 *
 * @param seconds how long the job may take
 * @param underWay asked, when the time is over, what was going on, for the sentence
 */
export function startDeadline(seconds: number, underWay: () => string): Deadline {
  const controller = new AbortController();
  let isCancelled = false;
  const cancel = (signal: string) => {
    isCancelled = true;
    controller.abort(new ActionError(`The step was cancelled (${signal}) while ${underWay()}.`));
  };
  const expire = () =>
    controller.abort(
      new ActionError(
        `The step did not end within its timeout of ${seconds} s; it was ${underWay()}. If that only needs longer, raise the input \`timeout\`.`,
      ),
    );
  const stopTimer = startTimer(seconds * 1000, expire);
  for (const signal of CANCELS) {
    process.on(signal, cancel);
  }
  return {
    signal: controller.signal,
    throwIfCancelled: () => {
      if (isCancelled) controller.signal.throwIfAborted();
    },
    end: () => {
      stopTimer();
      for (const signal of CANCELS) {
        process.off(signal, cancel);
      }
    },
  };
}

/** Calls back after as many milliseconds as one likes, more than a timer of Node takes, too. */
function startTimer(milliseconds: number, callback: () => void): () => void {
  const rest = milliseconds - TIMER_MAX_MILLISECONDS;
  let stop = () => clearTimeout(timer);
  const timer = setTimeout(
    () => {
      if (rest <= 0) callback();
      else stop = startTimer(rest, callback);
    },
    Math.min(milliseconds, TIMER_MAX_MILLISECONDS),
  );
  return () => stop();
}
