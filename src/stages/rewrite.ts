import { debug, warning } from '../host/runner.js';
import type { ApiClient, ApiObject } from '../kube/client.js';
import { ifAnswered, isFault } from '../kube/error.js';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { NAMES_TOLD_MAX, POLICY_MAX_BYTES, POLICY_SPARE_SECONDS } from '../lib/limits/rewrite.js';
import { RUN_LIFETIME_SECONDS } from '../lib/limits/run.js';
import { MIB } from '../lib/limits/units.js';
import { counted, enumerated } from '../lib/sentences.js';
import { unlessAborted } from '../lib/waiting.js';
import { policyAfter } from '../rewrite/admission/earlier.js';
import { type PolicyPlan, policyFor } from '../rewrite/admission/policy.js';
import { rivalsOf } from '../rewrite/admission/rivals.js';
import { type Scope, scopeWords } from '../rewrite/admission/scope.js';
import { namesRewritten, newTrial, type Trial, untilActs } from '../rewrite/admission/trial.js';
import { writePolicy } from '../rewrite/admission/write.js';
import { type InjectedNames, injectedNames } from '../rewrite/names.js';
import { expectHeld } from '../run/lease.js';
import { namespaceAsOwner, tellProven } from '../run/namespace.js';
import { removePolicy } from '../run/removal/policy.js';
import { nameOf, type OpenRun, ownsNamespace } from '../run/run.js';
import type { RehearsedJob } from './job.js';
import { tellNotRewritten } from './prepare/rewriting.js';
import { injectedImages } from './publish/publish.js';

/** A policy that is in the cluster and rewrites nothing yet. */
interface Waiting {
  readonly trial: Trial;
  /** The names that it rewrites. */
  readonly names: InjectedNames;
  /** And those of images that this step of a release replaces. */
  readonly earlier: InjectedNames;
}

/**
 * Does the work that proves the images while the policy is written, and has that act when they are proven. Nothing of it goes
 * on then, nor when the work fails: a policy that came behind the run's removal would stay. Throws what the work and
 * `rewrite` throw.
 */
export async function withRewriting<Result>(
  job: RehearsedJob,
  run: OpenRun,
  work: () => Promise<Result>,
): Promise<Result> {
  const over = new AbortController();
  const begun = beginRewriting(job, run, over.signal);
  try {
    const result = await work();
    await rewrite(job, run, begun);
    return result;
  } finally {
    over.abort();
    await begun;
  }
}

/**
 * Writes the policy that rewrites names while the images are still being proven, so that the API servers know it when they
 * are; until then it does nothing. Undefined where it is written after the proof: without a rewriting, in a namespace that
 * was given, for a release, whose policy may be there and acts, and where this fails, of which the second attempt tells.
 *
 * @param over from then on names that are still to be known are not waited for; what is being written comes to its end
 */
export async function beginRewriting(
  job: RehearsedJob,
  run: OpenRun,
  over = job.signal,
): Promise<Waiting | undefined> {
  if (job.rewriteIn === undefined || !ownsNamespace(run) || run.release !== undefined) {
    return undefined;
  }
  try {
    const early = { ...job, laid: unlessAborted(job.laid, over) };
    return await writtenPolicy(early, run, { scope: job.rewriteIn, awaitsProof: true });
  } catch (error) {
    debug(`The policy is written when the images are proven (${sentenceOf(error)})`);
    return undefined;
  }
}

/**
 * Has the cluster rewrite the names of the injected images, where that is wanted and can be, and returns when it does.
 * Throws an ActionError where that fails and the input `rewrite` asks for it; else a line tells why names stay, and the
 * policy is taken away. So is that of a release's steps before, where this one has none: it would go on with their images.
 *
 * @param begun what `beginRewriting` has come to
 */
export async function rewrite(
  job: RehearsedJob,
  run: OpenRun,
  begun: Promise<Waiting | undefined>,
): Promise<void> {
  const { client, inputs, log, rewriteIn, signal } = job;
  if (rewriteIn === undefined) {
    if (run.kept !== undefined) {
      await expectHeld(client, run, signal);
      await endEarlier(job, run);
    }
    return;
  }
  await log.group('Rewrite names', async (notes) => {
    try {
      const scope = scopeFor(run, rewriteIn);
      const { names, earlier } = await rewriteNames(job, run, scope, await begun);
      const rewritten = `${counted(names.size, 'name')} of images in ${scopeWords(scope)}`;
      notes.outcome =
        earlier.size === 0
          ? rewritten
          : `${rewritten}, and ${earlier.size} of images that this step replaces, until the next one`;
    } catch (error) {
      if (inputs.rewrite === 'policy' || signal.aborted || !(error instanceof ActionError)) {
        throw error;
      }
      // What acts may be the policy of a step that has the release by now.
      await expectHeld(client, run, signal);
      await removePolicy(client, run, signal);
      tellNotRewritten(`the policy is of no use here (${sentenceOf(error).replace(/\.$/, '')})`);
      notes.outcome = 'names stay as they are';
    }
  });
}

/** Ends what rewrites names to images of the steps before; where the user may not, a warning tells of it if it is seen. */
async function endEarlier(job: RehearsedJob, run: OpenRun): Promise<void> {
  const { client, laid, shape, signal } = job;
  if (await removePolicy(client, run, signal)) {
    return;
  }
  const names = injectedImages(await laid, run).map(({ name }) => name);
  const stale = await namesRewritten(client, run, shape, names, signal);
  if (stale.length > 0) {
    const policy = nameOf.policy(run.id);
    warning(
      `The policy ${policy} of an earlier step goes on rewriting ${stale.join(', ')} to what that step has injected, and the kubeconfig's user may not delete it; have somebody do so who may, by: kubectl delete mutatingadmissionpolicybindings,mutatingadmissionpolicies ${policy}`,
    );
  }
}

/** Namespaces that were made between the steps of a release stay those that were made after it. */
function scopeFor({ kept }: OpenRun, scope: Scope): Scope {
  return scope.kind === 'own' && kept !== undefined
    ? { ...scope, since: kept.since, ofFirstStep: true }
    : scope;
}

/** Returns the names that are rewritten. */
async function rewriteNames(
  job: RehearsedJob,
  run: OpenRun,
  scope: Scope,
  waiting: Waiting | undefined,
): Promise<Waiting> {
  const { client, shape, signal } = job;
  const written =
    (waiting && (await released(job, run, waiting))) ?? (await writtenPolicy(job, run, { scope }));
  const { trial, names } = written;
  const namespaces = await namespacesToTry(job, run, scope);
  const unseen = await untilActs(client, { trial, run, shape }, namespaces, signal);
  if (unseen !== undefined) {
    warning(
      `Whether names of images are rewritten already cannot be seen, for ${unseen}; a Pod that is made within the next second may keep its names.`,
    );
  }
  for (const rival of await rivalsOf(client, { run, names, scope }, signal)) {
    const { release, names: common } = rival;
    const who = release === undefined ? `run ${rival.run}` : `release "${release}"`;
    warning(
      `The ${who} rewrites ${enumerated(common, NAMES_TOLD_MAX)} to another image, in namespaces where this run does, too, so a new Pod there may get either; remove what is needed no longer, or give the image a tag of its own, or each run namespaces of its own by the input \`rewrite-namespaces\`.`,
    );
  }
  return written;
}

/** Has a policy act that waits for the proof; undefined where the user may not. */
async function released({ client, signal }: RehearsedJob, run: OpenRun, waiting: Waiting) {
  try {
    await tellProven(client, run, signal);
    return waiting;
  } catch (error) {
    if (!isFault(error, 'permission', 'policy', 'webhook')) throw error;
    debug(`The policy is written anew (${sentenceOf(error)})`);
    return undefined;
  }
}

/**
 * Writes the policy, with a name to try it by. Unless it is a release's it ends later than the run's Pods and Lease, all of
 * which begin their lifetime before the step is over: where nobody takes a run away, its names must not lead to nothing.
 */
async function writtenPolicy(
  { client, inputs, laid, signal }: RehearsedJob,
  run: OpenRun,
  how: Pick<PolicyPlan, 'scope' | 'awaitsProof'>,
): Promise<Waiting> {
  const names = injectedNames(injectedImages(await laid, run));
  const trial = newTrial(run.registry);
  const owner = await namespaceAsOwner(client, run, signal);
  const all = new Map([...names, [trial.name, trial.pullable]]);
  const seconds = inputs.timeout + RUN_LIFETIME_SECONDS + POLICY_SPARE_SECONDS;
  const end = run.release === undefined ? client.now() + seconds * 1000 : undefined;
  const plan = { ...how, run, names: all, owner, end };
  let earlier: InjectedNames = new Map();
  await expectHeld(client, run, signal);
  await writePolicy(client, policyFor(plan), signal, (before) => {
    const { policy, leftOut, ...also } = policyAfter(before, plan);
    earlier = also.earlier;
    if (leftOut > 0) {
      warning(
        `${counted(leftOut, 'name')} of images that this step replaces are rewritten no more, since the policy would have more than ${POLICY_MAX_BYTES / MIB} MiB with them: what still runs of these by its name cannot be scheduled anew, so roll out now.`,
      );
    }
    return { policy };
  });
  return { trial, names, earlier };
}

/** Namespaces in which the policy rewrites names, the one with the fewest rules of others first. */
async function namespacesToTry(
  { client, inputs, signal }: RehearsedJob,
  run: OpenRun,
  scope: Scope,
): Promise<readonly string[]> {
  if (scope.kind === 'labels') return namespacesWith(client, inputs.rewriteNamespaces, signal);
  if (ownsNamespace(run)) return [run.namespace];
  if (scope.kind === 'own') return [scope.namespace];
  return scope.kind === 'all' ? [run.namespace] : scope.namespaces;
}

async function namespacesWith(
  client: ApiClient,
  labelSelector: string,
  signal: AbortSignal,
): Promise<string[]> {
  const list = client.list<ApiObject>('/api/v1/namespaces', { query: { labelSelector }, signal });
  const { items } = (await ifAnswered(list, signal)) ?? { items: [] };
  return items.flatMap(({ metadata }) => metadata?.name ?? []);
}
