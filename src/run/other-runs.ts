import type { ApiClient } from '../kube/client.js';
import { ifAnswered } from '../kube/error.js';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { DELETE_CONCURRENCY } from '../lib/limits/kube.js';
import { REMOVE_DEAD_PHASE_SECONDS, REMOVE_DEAD_SECONDS } from '../lib/limits/run.js';
import { eachOf, settled } from '../lib/slots.js';
import { type Asking, type DeadRun, deadRuns } from './dead-runs.js';
import { type LeasedRun, leasedRuns } from './lease.js';
import { otherNamespaces } from './namespace.js';
import { takeForRemoval } from './release/lease.js';
import { runsWithPolicy } from './removal/policy.js';
import { removeRun } from './remove.js';
import { ownsNamespace, type Run } from './run.js';

/** The runs that there are beside one. */
export interface OtherRuns {
  /** That one itself, as its Lease tells; undefined when it has none. */
  readonly own: LeasedRun | undefined;
  /** Those that are at work, or have been until a moment ago; no releases whose last step has ended, or is dead. */
  readonly alive: readonly LeasedRun[];
  readonly dead: readonly DeadRun[];
}

/**
 * The other runs as far as this one may look: in the whole cluster when it has a namespace of its own,
 * else in its namespace. Throws ApiError.
 */
export async function findOtherRuns(
  client: ApiClient,
  run: Pick<Run, 'id' | 'namespace' | 'workflow'>,
  signal: AbortSignal,
): Promise<OtherRuns> {
  const everywhere = ownsNamespace(run);
  // Asked for before the Leases, which runs have before a policy, and lose after it.
  const [namespaces, withPolicy] = await settled([
    everywhere ? otherNamespaces(client, run.id, signal) : [],
    runsWithPolicy(client, signal),
  ]);
  const all = await leasedRuns(client, everywhere ? undefined : run.namespace, signal);
  const leased = all.filter(({ id }) => id !== run.id);
  const asking: Asking = { now: client.now(), workflow: run.workflow };
  const judged = withPolicy.filter(
    ({ id, namespace }) => id !== run.id && (everywhere || namespace === run.namespace),
  );
  const dead = deadRuns({ leased, namespaces, withPolicy: judged }, asking);
  const over = new Set(dead.map(({ id }) => id));
  const own = all.find(({ id }) => id === run.id);
  const alive = leased.filter(({ id, expires }) => !over.has(id) && expires > asking.now);
  return { own, alive, dead };
}

/**
 * The runs that are at work in other namespaces than the one that a run was given, for the same control plane bears what they
 * put there; none where `findOtherRuns` sees them all, or the API server does not tell. Throws the signal's reason.
 */
export async function runsElsewhere(
  client: ApiClient,
  run: Pick<Run, 'id' | 'namespace'>,
  signal: AbortSignal,
): Promise<LeasedRun[]> {
  if (ownsNamespace(run)) {
    return [];
  }
  const all = (await ifAnswered(leasedRuns(client, undefined, signal), signal)) ?? [];
  const now = client.now();
  return all.filter(({ namespace, expires }) => namespace !== run.namespace && expires > now);
}

/**
 * Takes away runs that are dead. That is a courtesy: what is not gone within the bounds of a phase, or
 * not begun when the time for all is over, is told to `warn` and left to the next run. Throws the
 * signal's reason.
 */
export async function removeDeadRuns(
  client: ApiClient,
  dead: readonly DeadRun[],
  warn: (sentence: string) => void,
  signal: AbortSignal,
  phaseSeconds = REMOVE_DEAD_PHASE_SECONDS,
): Promise<void> {
  const end = performance.now() + REMOVE_DEAD_SECONDS * 1000;
  const remove = async (run: DeadRun) => {
    try {
      if (performance.now() > end) {
        throw new ActionError('There was no time for it.');
      }
      const { version } = run;
      if (version !== undefined && !(await takeForRemoval(client, run, version, signal))) {
        return;
      }
      await removeRun(client, run, signal, phaseSeconds);
    } catch (error) {
      signal.throwIfAborted();
      warn(
        `What the dead run ${run.id} left in the namespace "${run.namespace}" could not be removed: ${sentenceOf(error)} The next run tries again.`,
      );
    }
  };
  await eachOf(dead, DELETE_CONCURRENCY, signal, remove);
}
