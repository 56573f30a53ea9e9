import { ActionError } from '../lib/errors.js';

/** What ends a job early: its time ran out, or the runner told it to stop. */
export interface Deadline {
  /** Aborted with an ActionError as its reason. */
  readonly signal: AbortSignal;
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
  const cancel = (signal: string) =>
    controller.abort(new ActionError(`The step was cancelled (${signal}) while ${underWay()}.`));
  const timer = setTimeout(
    () =>
      controller.abort(
        new ActionError(
          `The step did not end within its timeout of ${seconds} s; it was ${underWay()}. If that only needs longer, raise the input \`timeout\`.`,
        ),
      ),
    seconds * 1000,
  );
  for (const signal of CANCELS) {
    process.on(signal, cancel);
  }
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      for (const signal of CANCELS) {
        process.off(signal, cancel);
      }
    },
  };
}
