import { ActionError, causesOf, sentenceOf } from '../lib/errors.js';
import * as runner from './runner.js';

/** Main and post are steps of one bundle; what goes wrong in post never turns a job red. */
export type StepKind = 'main' | 'post';

/**
 * Runs a step and ends the process with it: what still hangs, such as a cache service that never
 * answers or a command that was left alone, does not hold the job. All of the log is out by then.
 */
export async function runStep(kind: StepKind, work: () => Promise<void>): Promise<never> {
  const told = new Set<unknown>();
  const tell = (thrown: unknown, sentence: string) => {
    // One reason may come twice: from the work, and from something that it had left behind.
    if (!told.has(thrown)) report(kind, thrown, sentence);
    told.add(thrown);
  };
  const stray = (thrown: unknown) => tell(thrown, strayed(kind, thrown));
  runner.outliveLog();
  // A socket or a library may throw after its caller has gone; without these main could end green.
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);
  // Node makes 13 of nothing when the work neither ends nor has anything left to wait for.
  if (kind === 'post') process.exitCode = 0;
  try {
    await work();
  } catch (thrown) {
    tell(thrown, sentenceOf(thrown));
  }
  await runner.logTaken();
  process.exit();
}

/** Prints a failure once: the sentence, then what caused it, then where, for those who debug. */
function report(kind: StepKind, thrown: unknown, sentence: string): void {
  (kind === 'main' ? runner.fail : runner.warning)(sentence);
  for (const cause of causesOf(thrown)) {
    runner.info(`  because: ${cause}`);
  }
  if (thrown instanceof ActionError && thrown.details !== undefined) {
    for (const line of thrown.details.split('\n')) runner.info(line);
  }
  runner.debug(thrown instanceof Error ? (thrown.stack ?? '') : '');
}

/** The sentence for what nobody waited for: alone, an error of a socket would say nothing. */
function strayed(kind: StepKind, thrown: unknown): string {
  if (thrown instanceof ActionError) return thrown.message;
  const what = `Something that the step did not wait for failed (${sentenceOf(thrown)})`;
  return kind === 'main' ? `${what}; run the job again.` : `${what}; the removal goes on.`;
}
