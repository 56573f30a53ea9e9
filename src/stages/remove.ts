import { readConnectionInputs } from '../host/inputs.js';
import { group, hide, info, warning } from '../host/runner.js';
import type { CleanupFacts } from '../host/state.js';
import type { ApiClient } from '../kube/client.js';
import { ApiError } from '../kube/error.js';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { CLEANUP_TIMEOUT_SECONDS, RUN_LEASE_SECONDS } from '../lib/limits/run.js';
import { ownsNamespace } from '../run/run.js';

/**
 * A sentence about a release that stays, because a step has come to its end with it; undefined where nothing does. When
 * this step has not, it is taken back to what the last one left; another one may be at work on it. Throws an ActionError
 * for a run that is not known here to be a release.
 */
async function keptWords(client: ApiClient, facts: CleanupFacts, signal: AbortSignal) {
  const { id, namespace, release, server } = facts;
  if (release === undefined && server !== undefined) {
    return undefined;
  }
  const { leasedRun, renewLease } = await import('../run/lease.js');
  const { leaveRelease } = await import('../run/release/lease.js');
  const { returnTo } = await import('../run/release/service.js');
  const lease = await leasedRun(client, facts, signal);
  if (release === undefined) {
    if (lease?.release === undefined) return undefined;
    const where = ownsNamespace(facts) ? '' : ` --namespace=${namespace}`;
    throw new ActionError(
      `The run ${id} is the release "${lease.release}", which stays when its runs are removed; \`jackal-inject delete --release=${lease.release}${where}\` takes it away.`,
    );
  }
  const isOurs = lease?.holder === facts.holder;
  // So that none that comes from now on takes it over.
  if (isOurs) await renewLease(client, facts, { seconds: RUN_LEASE_SECONDS }, { signal });
  if (lease === undefined || (isOurs && lease.kept === undefined)) {
    return undefined;
  }
  if (isOurs) {
    const { kept, lastDelivery: last = 0 } = lease;
    await returnTo(client, facts, { kept, last }, signal);
    await leaveRelease(client, facts, signal);
  }
  return `The release ${release} stays on ${client.server}; a step with \`command: delete\` and this release takes it away.`;
}

/** How it is known that a cluster is the one that a run is on. */
export interface Whereabouts {
  /**
   * Whether this job has made the run. Then its cluster has answered before: a restart of its API server is waited for, and
   * it may be the one at another address, where the run is known. Else the address tells, and a cluster that is gone is
   * told soon.
   */
  readonly isOfThisJob?: boolean;
  /** Whether the kubeconfig was the content of KUBECONFIG: the run's context need not be in what is there by now. */
  readonly isLost?: boolean;
  /** Whether its namespace is only what one without a given namespace has, so that a run which is not there may be in another. */
  readonly isGuessed?: boolean;
  /** The sentence for a kubeconfig that leads to another cluster, at this address. */
  readonly elsewhere: (server: string) => string;
}

/**
 * Takes the run out of the cluster, and then dead ones, and says so below the group. Where the inputs do not say otherwise
 * that is the cluster which the run was made in, whatever has become of the environment and of the current context since;
 * where the files of its KUBECONFIG are gone, the environment's are taken. The client comes only now, so that a post step
 * with nothing to do ends at once. Throws ApiError, and an ActionError where the kubeconfig leads to another cluster than the
 * one that the run is on.
 */
export async function remove(
  facts: CleanupFacts,
  where: Whereabouts,
  seconds = CLEANUP_TIMEOUT_SECONDS,
): Promise<void> {
  let outcome: string | undefined;
  const signal = AbortSignal.timeout(seconds * 1000);
  try {
    await group('Remove the run from the cluster', () =>
      takeAway(facts, where, signal, (words) => {
        outcome = words;
      }),
    );
  } catch (error) {
    // Else it is the sentence of what did not come to its end.
    if (error !== signal.reason) throw error;
    throw new ActionError(
      `The run was not removed within ${seconds} s, since the API server answers late or not at all.`,
      { cause: error },
    );
  } finally {
    if (outcome !== undefined) info(outcome);
  }
}

async function takeAway(
  facts: CleanupFacts,
  { isOfThisJob, isLost, isGuessed, elsewhere }: Whereabouts,
  signal: AbortSignal,
  tell: (words: string) => void,
): Promise<void> {
  const start = performance.now();
  const { connect } = await import('../kube/connect.js');
  const { areGone } = await import('../kube/login/kubeconfig.js');
  const { leasedRun } = await import('../run/lease.js');
  const { removeRun } = await import('../run/remove.js');
  const { kubeconfig, context } = facts;
  // Jenkins writes the kubeconfig of each build to another path, and deletes it with the build.
  const isThere = kubeconfig !== undefined && !areGone(kubeconfig);
  const env = { ...process.env, ...(isThere && { KUBECONFIG: kubeconfig }) };
  const inputs = { ...(context && { context }), ...readConnectionInputs() };
  const known = isOfThisJob ? facts.server : undefined;
  const options = { ...inputs, env, known, signal, onSecret: hide };
  const { client, server } = await connect(options).catch((error: unknown) => {
    if (!isLost || error instanceof ApiError) throw error;
    return connect({ env, known, signal, onSecret: hide });
  });
  try {
    if (facts.server !== undefined && facts.server !== server) {
      const lease = isOfThisJob ? await leasedRun(client, facts, signal) : undefined;
      if (lease === undefined) throw new ActionError(elsewhere(server));
    }
    const kept = await keptWords(client, facts, signal);
    if (kept !== undefined) return tell(kept);
    const isFound = !isGuessed || (await leasedRun(client, facts, signal)) !== undefined;
    // Also where its Lease is not there any more something of it may be left.
    const strangers = await removeRun(client, facts, signal);
    if (!isFound) {
      warning(
        `No run ${facts.id} is in the namespace ${facts.namespace} on ${server}; one that was given a namespace is in that, and has to be removed with it: \`--namespace\`.`,
      );
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    tell(`Nothing of run ${facts.id} is left on ${server} (${seconds} s).`);
    if (strangers.length > 0) {
      warning(
        `The namespace ${facts.namespace} stays, because it holds what is not this run's (${strangers.join(', ')}); delete it when nobody needs that any more.`,
      );
    }
    await removeDead(client, facts, signal);
  } finally {
    client.close();
  }
}

/** Takes dead runs away, which is a courtesy: whatever goes wrong, the step's own run is gone. */
async function removeDead(
  client: ApiClient,
  facts: CleanupFacts,
  signal: AbortSignal,
): Promise<void> {
  const { findOtherRuns, removeDeadRuns } = await import('../run/other-runs.js');
  try {
    const { dead } = await findOtherRuns(client, facts, signal);
    await removeDeadRuns(client, dead, warning, signal);
  } catch (error) {
    warning(
      `What dead runs have left could not be looked for or removed: ${sentenceOf(error)} The next run tries again.`,
    );
  }
}
