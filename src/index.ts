import * as runner from './host/runner.js';
import { isPost, saveBegun } from './host/state.js';
import { ActionError, causesOf, sentenceOf } from './lib/errors.js';

/** Prints a failure once: the sentence, then what caused it, then where, for those who debug. */
function fail(thrown: unknown): void {
  runner.fail(sentenceOf(thrown));
  for (const cause of causesOf(thrown)) {
    runner.info(`  because: ${cause}`);
  }
  if (thrown instanceof ActionError && thrown.details !== undefined) {
    for (const line of thrown.details.split('\n')) runner.info(line);
  }
  runner.debug(thrown instanceof Error ? (thrown.stack ?? '') : '');
}

// A socket or a library may throw after its caller has gone; without these the step could end green.
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

if (isPost()) {
  const { post } = await import('./post.js');
  await post();
} else {
  saveBegun();
  const { main } = await import('./main.js');
  await main().catch(fail);
}
