import * as core from '@actions/core';
import { causesOf, sentenceOf } from './errors.js';
import { readConnectionInputs } from './inputs.js';
import { CLEANUP_TIMEOUT_SECONDS } from './limits.js';
import { RUN_LABEL } from './run.js';
import { type CleanupFacts, loadCleanup } from './state.js';

/**
 * The end of the job: takes the run out of the cluster. Trouble is a warning with the one command
 * that does the rest by hand; it never turns a job red that was green.
 */
export async function post(): Promise<void> {
  const facts = loadCleanup();
  if (facts === undefined) {
    core.info('Nothing was written to the cluster; nothing is to be removed.');
    return;
  }
  try {
    await core.group('Remove the run from the cluster', () => remove(facts));
  } catch (error) {
    core.warning(
      `Not everything of this run could be removed: ${sentenceOf(error)} This command removes the rest: ` +
        `kubectl delete pods,services,configmaps --namespace ${facts.namespace} --selector ${RUN_LABEL}=${facts.runId}`,
    );
    for (const cause of causesOf(error)) {
      core.info(`  because: ${cause}`);
    }
  }
}

async function remove(facts: CleanupFacts): Promise<void> {
  const start = performance.now();
  const { connect } = await import('./cluster/connection.js');
  const { removeDeadRuns, removeRun } = await import('./registry/remove.js');
  const signal = AbortSignal.timeout(CLEANUP_TIMEOUT_SECONDS * 1000);
  const inputs = readConnectionInputs();
  const { client, server } = await connect({
    ...inputs,
    env: process.env,
    signal,
    onSecret: core.setSecret,
  });
  try {
    // First, since a namespace of this action does not go while another run has an anchor in it.
    await removeDeadRuns(client, facts, core.warning, signal);
    await removeRun(client, facts, signal);
  } finally {
    client.close();
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  core.info(`Nothing of run ${facts.runId} is left on ${server} (${seconds} s).`);
}
