import { info } from '../../../src/host/runner.js';
import { runStep } from '../../../src/host/step.js';

/** Lines that the step prints: more than the buffer of any pipe takes. */
export const LINES = 30_000;

// A step that has much to say, says on stderr that it has said it, and then fails.
if (process.argv[1] === import.meta.filename) {
  await runStep('main', async () => {
    for (let line = 0; line < LINES; line++) info(`line ${line} ${'x'.repeat(80)}`);
    console.error('All is said.');
    throw new Error('These are the last words.');
  });
}
