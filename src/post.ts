import { removeOutputDirectory } from './host/output-directory.js';
import { info, warning } from './host/runner.js';
import { loadCleanup } from './host/state.js';
import { causesOf, sentenceOf } from './lib/errors.js';
import { removalAdvice } from './run/run.js';
import { remove } from './stages/remove.js';

/**
 * The end of the job: removes the files of its outputs, and takes the run out of the cluster. Trouble is a warning with the one command
 * that does the rest by hand; it never turns a job red that was green.
 */
export async function post(): Promise<void> {
  await removeOutputDirectory();
  const facts = loadCleanup();
  if (facts === undefined) {
    info('Nothing was written to the cluster; nothing is to be removed.');
    return;
  }
  try {
    await remove(facts);
  } catch (error) {
    warning(
      `Not everything of this run could be removed: ${sentenceOf(error)} ${removalAdvice(facts)}`,
    );
    for (const cause of causesOf(error)) {
      info(`  because: ${cause}`);
    }
  }
}
