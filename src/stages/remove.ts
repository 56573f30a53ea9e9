import { readConnectionInputs } from '../host/inputs.js';
import { group, hide, info, warning } from '../host/runner.js';
import type { CleanupFacts } from '../host/state.js';
import type { ApiClient } from '../kube/client.js';
import { CLEANUP_TIMEOUT_SECONDS } from '../lib/limits/run.js';

/**
 * A sentence about a release that stays, because a step has come to its end with it; undefined where nothing does. When
 * this step has not, it is taken back to what the last one left; another one may be at work on it.
 */
async function keptWords(client: ApiClient, facts: CleanupFacts, signal: AbortSignal) {
  if (facts.release === undefined) {
    return undefined;
  }
  const { leasedRun } = await import('../run/lease.js');
  const { leaveRelease } = await import('../run/release/lease.js');
  const { returnTo } = await import('../registry/release.js');
  const lease = await leasedRun(client, facts, signal);
  const isOurs = lease?.holder === facts.holder;
  if (lease === undefined || (isOurs && lease.kept === undefined)) {
    return undefined;
  }
  if (isOurs) {
    const { kept, lastDelivery: last = 0 } = lease;
    await returnTo(client, facts, { kept, last }, signal);
    await leaveRelease(client, facts, signal);
  }
  return `The release ${facts.release} stays on ${client.server}; a step with \`command: delete\` and this release takes it away.`;
}

/**
 * Takes the run out of the cluster, and then dead ones, and says so below the group. The client comes only now, so that
 * a post step with nothing to do ends at once. Throws ApiError, and what `check` throws.
 *
 * @param check told the API server's address before anything is removed
 */
export async function remove(
  facts: CleanupFacts,
  check: (server: string) => void = () => undefined,
): Promise<void> {
  let outcome: string | undefined;
  try {
    await group('Remove the run from the cluster', () =>
      takeAway(facts, check, (words) => {
        outcome = words;
      }),
    );
  } finally {
    if (outcome !== undefined) info(outcome);
  }
}

async function takeAway(
  facts: CleanupFacts,
  check: (server: string) => void,
  tell: (words: string) => void,
): Promise<void> {
  const start = performance.now();
  const { connect } = await import('../kube/connect.js');
  const { findOtherRuns, removeDeadRuns } = await import('../run/other-runs.js');
  const { removeRun } = await import('../run/remove.js');
  const signal = AbortSignal.timeout(CLEANUP_TIMEOUT_SECONDS * 1000);
  const inputs = readConnectionInputs();
  const options = { ...inputs, env: process.env, signal, onSecret: hide };
  const { client, server } = await connect(options);
  try {
    check(server);
    const kept = await keptWords(client, facts, signal);
    if (kept !== undefined) return tell(kept);
    const strangers = await removeRun(client, facts, signal);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    tell(`Nothing of run ${facts.id} is left on ${server} (${seconds} s).`);
    if (strangers.length > 0) {
      warning(
        `The namespace ${facts.namespace} stays, because it holds what is not this run's (${strangers.join(', ')}); delete it when nobody needs that any more.`,
      );
    }
    const { dead } = await findOtherRuns(client, facts, signal);
    await removeDeadRuns(client, dead, warning, signal);
  } finally {
    client.close();
  }
}
