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

/**
 * What a command line ends with after each signal that ends a job early: 128 and the signal's number, as with shells. Runners
 * send SIGINT first, SIGTERM 7.5 seconds later (actions/runner); a terminal that is closed sends SIGHUP, of which Node
 * dies under `nohup`, too, for it takes back what that has set (node.cc, `ResetSignalHandlers`; tried with 24.21).
 */
export const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The signals that end a job early. */
export const CANCELS = Object.keys(EXIT_CODES) as readonly (keyof typeof EXIT_CODES)[];

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
