import type { V1Pod } from '@kubernetes/client-node';
import { info } from '../host/runner.js';
import { type ApiError, isFault } from '../kube/error.js';
import type { CreatePodOptions } from '../kube/pods.js';
import { ActionError, sentenceOf } from '../lib/errors.js';

/** What the API server said to a sample that it does not admit. */
export interface Refusal {
  /** What was refused, for a sentence: `the registry's Pod`. */
  readonly what: string;
  /** The words of whoever refused, without the sample's name. */
  readonly words: string;
  /** Who wrote the objects may write others that are admitted; a missing right it cannot mend. */
  readonly mendable: boolean;
  /** The images to allow, where it is known that just their names are refused. */
  readonly allow?: string | undefined;
  readonly error: unknown;
}

/** A sample's outcome: what the server made of it, or why it refused. */
export type Trial = { readonly pod?: V1Pod; readonly refusal?: Refusal };

/** How samples are asked for: nothing is stored. */
export type TrialOptions = Pick<CreatePodOptions, 'signal' | 'unfinishedUntil'>;

/** The API server's words where a webhook takes no dry run (apiserver `webhook/errors/statuserror.go`): nobody was asked. */
const TAKES_NO_DRY_RUN = /admission webhook "[^"]*" does not support dry run/;

/**
 * Whether the API server admits a sample, so that policy engines, Pod Security, limit ranges and quotas
 * speak before anything travels; neither a Pod nor a refusal where it cannot be asked. Throws what is no refusal.
 */
export async function tried(what: string, dryRun: Promise<unknown>): Promise<Trial> {
  try {
    return { pod: (await dryRun) as V1Pod };
  } catch (error) {
    if (isFault(error, 'other') && TAKES_NO_DRY_RUN.test(error.words)) {
      info(`Whether the cluster takes ${what} is not known before: ${error.words}.`);
      return {};
    }
    if (isFault(error, 'policy', 'webhook', 'quota', 'permission', 'too-large', 'other')) {
      const mendable = isFault(error, 'policy', 'other');
      return { refusal: { what, words: refusalWords(error), mendable, error } };
    }
    throw error;
  }
}

/** Such as `pods "a" is forbidden: ` before a policy's own words. */
const FORBIDDEN = /^\S+ "[^"]*" is forbidden: /;

/** The words of who refused come without what the API server puts before them. */
function refusalWords(error: ApiError): string {
  const words = isFault(error, 'policy', 'other') ? error.words : '';
  return bareWords(words || sentenceOf(error));
}

/** Words of who refused, without what the API server puts before them, in one line and without a full stop. */
export function bareWords(words: string): string {
  return words
    .replace(FORBIDDEN, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/[.\s]+$/, '');
}

/** The error for refusals: who refused says why first, the same words once, then what they are about. */
export function refusedError(namespace: string, refusals: readonly Refusal[]): ActionError {
  const byWords = Map.groupBy(refusals, ({ words }) => words);
  const said = [...byWords].map(
    ([words, about]) => `${words} (${[...new Set(about.map(({ what }) => what))].join(', ')})`,
  );
  const names = new Set(refusals.map(({ allow }) => allow));
  const advice = names.has(undefined)
    ? 'change the policy'
    : `let the policy allow ${[...names].join(' and ')},`;
  return new ActionError(
    `${said.join('; ')}: so the cluster refuses what this run would create in the namespace "${namespace}"; ${advice} or use another namespace.`,
    // A quota may refuse for a while only, so what else is in the way comes first.
    { cause: (refusals.find(({ error }) => !isFault(error, 'quota')) ?? refusals[0])?.error },
  );
}
