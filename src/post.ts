import { readConnectionInputs } from './host/inputs.js';
import * as runner from './host/runner.js';
import { type CleanupFacts, loadCleanup } from './host/state.js';
import { causesOf, sentenceOf } from './lib/errors.js';
import { CLEANUP_TIMEOUT_SECONDS } from './lib/limits/run.js';
import { RUN_LABEL } from './run/run.js';

/**
 * The end of the job: takes the run out of the cluster. Trouble is a warning with the one command
 * that does the rest by hand; it never turns a job red that was green.
 */
export async function post(): Promise<void> {
  const facts = loadCleanup();
  if (facts === undefined) {
    runner.info('Nothing was written to the cluster; nothing is to be removed.');
    return;
  }
  try {
    await runner.group('Remove the run from the cluster', () => remove(facts));
  } catch (error) {
    runner.warning(
      `Not everything of this run could be removed: ${sentenceOf(error)} This command removes the rest: ` +
        `kubectl delete pods,services,configmaps --namespace ${facts.namespace} --selector ${RUN_LABEL}=${facts.runId}`,
    );
    for (const cause of causesOf(error)) {
      runner.info(`  because: ${cause}`);
    }
  }
}

async function remove(facts: CleanupFacts): Promise<void> {
  const start = performance.now();
  const { connect } = await import('./kube/connect.js');
  const { removeDeadRuns, removeRun } = await import('./run/remove.js');
  const signal = AbortSignal.timeout(CLEANUP_TIMEOUT_SECONDS * 1000);
  const inputs = readConnectionInputs();
  const { client, server } = await connect({
    ...inputs,
    env: process.env,
    signal,
    onSecret: runner.hide,
  });
  try {
    // First, since a namespace of this action does not go while another run has an anchor in it.
    await removeDeadRuns(client, facts, runner.warning, signal);
    await removeRun(client, facts, signal);
  } finally {
    client.close();
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  runner.info(`Nothing of run ${facts.runId} is left on ${server} (${seconds} s).`);
}
