import { CANCELS, EXIT_CODES } from '../host/deadline.js';
import { info, logTaken, warning } from '../host/runner.js';
import { SIGNAL_ECHO_MILLISECONDS } from '../lib/limits/runner.js';

/**
 * Lets the first signal cancel the work, where there is any that heeds it, so that what was made is removed; a second
 * one, or one at another time, ends the process at once, and says what may be left. What comes right behind the first, as
 * when both the terminal and npm send it, is the same one.
 *
 * @param leftover the sentence about that; undefined where nothing is
 * @param cancelled what is told when work is cancelled of which nothing is removed
 */
export function endBySignals(leftover: () => string | undefined, cancelled?: string): void {
  let cancelling = false;
  let first = Number.NEGATIVE_INFINITY;
  for (const signal of CANCELS) {
    process.on(signal, () => {
      if (performance.now() - first < SIGNAL_ECHO_MILLISECONDS) return;
      first = performance.now();
      process.exitCode = EXIT_CODES[signal];
      // The one that works has set a deadline, which listens, too.
      if (!cancelling && process.listenerCount(signal) > 1) {
        cancelling = true;
        info(
          cancelled ??
            'Cancelled: what was made in the cluster is removed now; the same again ends that at once.',
        );
        return;
      }
      const sentence = leftover();
      if (sentence !== undefined) warning(sentence);
      void logTaken().then(() => process.exit());
    });
  }
}
