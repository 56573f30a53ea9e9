import { readConnectionInputs } from './host/inputs.js';
import { removeOutputDirectory } from './host/output-directory.js';
import { info, warning } from './host/runner.js';
import { type CleanupFacts, loadCleanup } from './host/state.js';
import { causesOf, sentenceOf } from './lib/errors.js';
import { SharedRemains } from './run/removal/shared-remains.js';
import { removalAdvice } from './run/run.js';
import { remove, type Whereabouts } from './stages/remove.js';

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
    await remove(facts, whereaboutsOf(facts));
  } catch (error) {
    const isShared = error instanceof SharedRemains;
    const advice = removalAdvice({ ...facts, isShared });
    warning(`Not everything of this run could be removed: ${sentenceOf(error)} ${advice}`);
    for (const cause of causesOf(error)) {
      info(`  because: ${cause}`);
    }
  }
}

/** A later step may have put another cluster into the kubeconfig, or the same under another address. */
function whereaboutsOf({ server, kubeconfig }: CleanupFacts): Whereabouts {
  const isLost = kubeconfig === undefined && readConnectionInputs().kubeconfig === undefined;
  const advice = isLost
    ? 'give this step its own by the input `kubeconfig`, for the content of KUBECONFIG is not kept'
    : 'have later steps write theirs to a file of their own';
  return {
    isOfThisJob: true,
    isLost,
    elsewhere: (now) => `It is on ${server}, and the kubeconfig leads to ${now} by now; ${advice}.`,
  };
}
