import { warning } from '../host/runner.js';
import type { ApiClient, ApiObject } from '../kube/client.js';
import { ifAnswered } from '../kube/error.js';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { counted } from '../lib/sentences.js';
import { policyFor } from '../rewrite/admission/policy.js';
import { type Scope, scopeWords } from '../rewrite/admission/scope.js';
import { newTrial, untilActs } from '../rewrite/admission/trial.js';
import { writePolicy } from '../rewrite/admission/write.js';
import { injectedNames } from '../rewrite/names.js';
import { namespaceAsOwner } from '../run/namespace.js';
import { removePolicy } from '../run/removal/policy.js';
import { type OpenRun, ownsNamespace } from '../run/run.js';
import type { RehearsedJob } from './job.js';
import { tellNotRewritten } from './prepare/rewriting.js';
import { injectedImages } from './publish.js';

/**
 * Has the cluster rewrite the names of the injected images, where that is wanted and can be: writes the policy and
 * returns when it acts. Throws an ActionError where that fails and the input `rewrite` asks for it; else a line tells why
 * names stay, and the policy is taken away.
 */
export async function rewrite(job: RehearsedJob, run: OpenRun): Promise<void> {
  const { client, inputs, log, rewriteIn, signal } = job;
  if (rewriteIn === undefined) {
    return;
  }
  await log.group('Rewrite names', async (notes) => {
    try {
      const count = await rewriteNames(job, run, scopeFor(run, rewriteIn));
      notes.outcome = `${counted(count, 'name')} of images in ${scopeWords(rewriteIn)}`;
    } catch (error) {
      if (inputs.rewrite === 'policy' || signal.aborted || !(error instanceof ActionError)) {
        throw error;
      }
      await removePolicy(client, run, signal);
      tellNotRewritten(`the policy is of no use here (${sentenceOf(error).replace(/\.$/, '')})`);
      notes.outcome = 'names stay as they are';
    }
  });
}

/** Namespaces that were made between the steps of a release stay those that were made after it. */
function scopeFor({ kept }: OpenRun, scope: Scope): Scope {
  return scope.kind === 'own' && kept !== undefined ? { ...scope, since: kept.since } : scope;
}

/** Returns how many names are rewritten. */
async function rewriteNames(job: RehearsedJob, run: OpenRun, scope: Scope): Promise<number> {
  const { client, shape, signal } = job;
  const names = injectedNames(injectedImages(await job.laid, run));
  const trial = newTrial(run.registry);
  const owner = await namespaceAsOwner(client, run, signal);
  const all = new Map([...names, [trial.name, trial.pullable]]);
  await writePolicy(client, policyFor({ run, names: all, scope, owner }), signal);
  const namespaces = await namespacesToTry(job, run, scope);
  const unseen = await untilActs(client, { trial, run, shape }, namespaces, signal);
  if (unseen !== undefined) {
    warning(
      `Whether names of images are rewritten already cannot be seen, for ${unseen}; a Pod that is made within the next second may keep its names.`,
    );
  }
  return names.size;
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
