import type { ApiObject } from '../../kube/client.js';
import { contentsIn } from '../../payload/replaced.js';
import type { OpenRun } from '../../run/run.js';
import type { InjectedNames } from '../names.js';
import { type NamesOf, namesIn, type Variable } from './expressions.js';
import { type PolicyObjects, type PolicyPlan, policyFor } from './policy.js';

/** A policy as the API server has it. */
export interface WrittenPolicy extends ApiObject {
  readonly spec?: { readonly variables?: readonly Variable[] };
}

/** The names that a policy rewrites, without the registry in front of what they stand for. */
export function rewrittenBy({ spec }: WrittenPolicy, ...of: readonly NamesOf[]): InjectedNames {
  return namesIn(spec?.variables ?? [], of);
}

/** What takes the place of a policy that is there. */
interface Successor extends PolicyObjects {
  /** The names that it has besides its own, of images that a step of a release replaces. */
  readonly earlier: InjectedNames;
  /** How many of these it has not, since with them it would be too large. */
  readonly leftOut: number;
}

/**
 * The policy of a later step of a release, which goes on with the names of images that the step replaces, as the registry
 * does with the images. Throws an ActionError when its own names alone are too many.
 *
 * @param before the policy that is replaced
 */
export function policyAfter(
  before: WrittenPolicy,
  plan: PolicyPlan & { readonly run: Pick<OpenRun, 'kept'> },
): Successor {
  const earlier = earlierNames(before, plan);
  try {
    return { ...policyFor({ ...plan, earlier }), earlier, leftOut: 0 };
  } catch {
    return { ...policyFor(plan), earlier: new Map(), leftOut: earlier.size };
  }
}

/**
 * The names that the policy of the step before has of its own, and not from a step before it, so that they go with their
 * images. A name that this step gives anew is none of them.
 */
function earlierNames(
  before: WrittenPolicy,
  { names, run: { kept, registry } }: Parameters<typeof policyAfter>[1],
): InjectedNames {
  // A step that failed may have left the policy of the one before it, whose images are gone by now.
  const held = contentsIn(kept?.record ?? '');
  return new Map(
    [...rewrittenBy(before, 'names')]
      .filter(([name, image]) => !names.has(name) && held.has(image.replace(/^.*@/, '')))
      .map(([name, image]) => [name, `${registry}/${image}`]),
  );
}
