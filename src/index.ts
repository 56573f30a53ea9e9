import * as core from '@actions/core';
import { ActionError, causesOf, sentenceOf } from './errors.js';
import { isPost, saveBegun } from './state.js';

/** Prints a failure once: the sentence, then what caused it, then where, for those who debug. */
function fail(thrown: unknown): void {
  core.setFailed(sentenceOf(thrown));
  for (const cause of causesOf(thrown)) {
    core.info(`  because: ${cause}`);
  }
  if (thrown instanceof ActionError && thrown.details !== undefined) {
    core.info(thrown.details);
  }
  core.debug(thrown instanceof Error ? (thrown.stack ?? '') : '');
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
