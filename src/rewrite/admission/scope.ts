import { NAMESPACE } from '../../host/input-values.js';
import { ActionError } from '../../lib/errors.js';
import { requirementsOf } from '../../preflight/affinity.js';

/** One requirement of a Kubernetes label selector. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** The namespaces in which the names of images are rewritten. */
export type Scope =
  | {
      /** The namespace that the kubeconfig's context names, and those that are made once the run has begun. */
      readonly kind: 'own';
      readonly namespace: string;
      /** When the run began: milliseconds since 1970 by the API server's clock. */
      readonly since: number;
      /** Whether that was when the first step of a release began, and this is a later one. */
      readonly ofFirstStep?: boolean;
    }
  | { readonly kind: 'names'; readonly namespaces: readonly string[] }
  | { readonly kind: 'labels'; readonly requirements: readonly LabelRequirement[] }
  /** All but those whose names begin with `kube-`. */
  | { readonly kind: 'all' };

/** What a label selector has and a list of names has not; `key` alone, for a label that is there, reads as a name. */
const OF_SELECTOR = /[=!()<>]/;
/** What a LabelSelector takes (apimachinery, `LabelSelectorOperator`); nodes can be compared besides. */
const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/**
 * The scope that the input `rewrite-namespaces` names: names, one a line or between commas, a label selector as kubectl
 * takes it, or `*`. Throws an ActionError for what is none of these.
 *
 * @param own what holds where the input is empty
 */
export function parseScope(value: string, own: { namespace: string; since: number }): Scope {
  const text = value.trim();
  if (text === '') return { kind: 'own', ...own };
  if (text === '*') return { kind: 'all' };
  if (OF_SELECTOR.test(text)) return { kind: 'labels', requirements: labelRequirements(text) };
  const namespaces = text.split(/[\s,]+/).filter((name) => name !== '');
  const wrong = namespaces.find((name) => !NAMESPACE.test(name));
  if (wrong !== undefined || namespaces.length === 0) {
    throw new ActionError(
      `The input \`rewrite-namespaces\` has "${wrong ?? text}", which is no name of a namespace; give names, one a line or between commas, a label selector such as team=web, or * alone for all namespaces but kube-*.`,
    );
  }
  return { kind: 'names', namespaces };
}

function labelRequirements(selector: string): LabelRequirement[] {
  const requirements = requirementsOf(selector, 'rewrite-namespaces');
  if (requirements.every(({ operator }) => OPERATORS.includes(operator))) return requirements;
  throw new ActionError(
    `The input \`rewrite-namespaces\` is "${selector}", and labels of namespaces cannot be compared with < or >; use =, !=, in or notin.`,
  );
}

/** For the log, behind "image names are rewritten in". */
export function scopeWords(scope: Scope): string {
  switch (scope.kind) {
    case 'own':
      return `the namespace ${scope.namespace} and those that are made ${scope.ofFirstStep ? "since the release's first step" : 'from now on'}`;
    case 'names':
      return `the namespace${scope.namespaces.length > 1 ? 's' : ''} ${scope.namespaces.join(', ')}`;
    case 'labels':
      return 'the namespaces that the input `rewrite-namespaces` selects';
    case 'all':
      return 'all namespaces but those whose names begin with kube-';
  }
}
