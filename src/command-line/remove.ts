import { KeptRun } from '../host/kept-runs.js';
import { removeOutputDirectory } from '../host/output-directory.js';
import { info, takePlaceOfRunner, warning } from '../host/runner.js';
import type { CleanupFacts } from '../host/state.js';
import { sentenceOf } from '../lib/errors.js';
import { nameOf, ownsNamespace } from '../run/run.js';
import { remove as removeFromCluster } from '../stages/remove.js';
import { type CommandContext, hostFor } from './context.js';
import { endBySignals } from './signals.js';

/**
 * Removes the runs that are named, or all that this user has left on this machine but those that are under way; or forgets
 * them, where that is asked for. Throws the first failure, once the others are removed.
 */
export async function remove(context: CommandContext): Promise<void> {
  const { runs, inputs, forget } = context.asked;
  const chosen = runs.length > 0 ? namedRuns(runs, inputs.namespace) : KeptRun.all();
  if (chosen.length === 0) {
    info('No run of yours is kept on this machine, so nothing is to be removed.');
  }
  const failures: unknown[] = [];
  let current: CleanupFacts | undefined;
  endBySignals(() => current && leftover(current));
  for (const kept of chosen) {
    current = kept.facts as CleanupFacts;
    takePlaceOfRunner(hostFor(context, Object.assign({}, kept.connection, inputs), kept));
    if ((forget || runs.length === 0) && kept.isUnderWay) {
      leaveAlone(current, kept.otherMachine);
    } else if (forget) {
      await forgetRun(kept);
    } else {
      await takeAway(kept).catch((error) => {
        failures.push(error);
        if (kept.isHere) warning(forgettable(current as CleanupFacts));
      });
    }
  }
  const [first, ...others] = failures;
  for (const other of others) warning(sentenceOf(other));
  if (first !== undefined) throw first;
}

/** Takes a run's files off this machine and forgets it, whatever has become of its cluster. */
async function forgetRun(kept: KeptRun): Promise<void> {
  const { id, server } = kept.facts as CleanupFacts;
  if (!kept.isHere) {
    return info(`The run ${id} is not kept on this machine, so there is nothing to forget.`);
  }
  await removeOutputDirectory();
  kept.forget();
  info(`The run ${id} on ${server} is forgotten; no cluster was asked.`);
}

/** Tells of a run that is not removed with all others. */
function leaveAlone({ id }: CleanupFacts, machine: string | undefined): void {
  if (machine === undefined) {
    info(`The run ${id} is left alone, since another process is at work on it.`);
  } else {
    info(
      `The run ${id} is left alone, since it was begun on ${machine}, where it may be under way; \`jackal-inject remove ${id}\` takes it away.`,
    );
  }
}

/** The sentence about a run that could not be removed and is kept. */
function forgettable({ id }: CleanupFacts): string {
  return `The run ${id} is still kept on this machine; if its cluster is gone, \`jackal-inject remove --forget ${id}\` forgets it.`;
}

/**
 * Takes a run out of the cluster, its files off this machine, and then forgets it. Throws an ActionError where the
 * kubeconfig leads to another cluster than the one that it is on, and what the removal throws.
 *
 * @param isOfThisJob whether this very process has made it, so that a restart of its API server is waited for
 */
export async function takeAway(kept: KeptRun, isOfThisJob = false): Promise<void> {
  const facts = kept.facts as CleanupFacts;
  await removeFromCluster(facts, {
    isOfThisJob,
    isGuessed: !kept.isHere && ownsNamespace(facts),
    elsewhere: (server) =>
      `The run ${facts.id} is on ${facts.server}, and the kubeconfig leads to ${server}; choose the other cluster with --context or --kubeconfig.`,
  });
  await removeOutputDirectory();
  kept.forget();
}

/** The sentence about a run that may not be gone. */
export function leftover(facts: CleanupFacts): string {
  const { id, namespace } = facts;
  const where = ownsNamespace(facts) ? '' : ` --namespace ${namespace}`;
  return `What the run ${id} made may still be in the cluster; \`jackal-inject remove ${id}${where}\` takes it away.`;
}

/**
 * Those of this user, and for what is kept nowhere, such as on another machine, what its id tells. The steps of a release
 * have one id: all of them but those under way, where there are others.
 */
function namedRuns(ids: readonly string[], given: string | undefined): KeptRun[] {
  const all = KeptRun.all();
  return ids.flatMap((id) => {
    const here = all.filter(({ facts }) => facts?.id === id);
    const idle = here.filter(({ isUnderWay }) => !isUnderWay);
    if (idle.length > 0) return idle;
    const elsewhere = { id, namespace: given ?? nameOf.namespace(id), policy: true };
    return here.length > 0 ? here : KeptRun.elsewhere(elsewhere);
  });
}
