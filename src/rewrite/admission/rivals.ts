import type { V1Namespace } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../kube/client.js';
import { ifAnswered } from '../../kube/error.js';
import { policiesPath } from '../../run/removal/policy.js';
import {
  MANAGED_BY,
  MANAGED_BY_LABEL,
  RELEASE_LABEL,
  ROLE_LABEL,
  RUN_LABEL,
} from '../../run/run.js';
import type { InjectedNames } from '../names.js';
import { rewrittenBy, type WrittenPolicy } from './earlier.js';
import { type PolicyPlan, REACH_ANNOTATION } from './policy.js';
import type { LabelRequirement, Scope } from './scope.js';

/** Another run that makes something else of names that this one rewrites, too. */
interface Rival {
  readonly run: string;
  /** The release that it is, if it is one. */
  readonly release: string | undefined;
  /** Full names, such as `docker.io/library/web:1`. */
  readonly names: readonly string[];
}

/**
 * The runs whose policies rewrite names of this one to other images, in namespaces that both have: API servers ask such
 * policies in no order, and the first one has the Pod (apiserver, policy_source.go: a Go map). None where the user may list
 * no policies or no namespaces. Throws the signal's reason.
 */
export async function rivalsOf(
  client: ApiClient,
  { run, names, scope }: Pick<PolicyPlan, 'run' | 'names' | 'scope'>,
  signal: AbortSignal,
): Promise<Rival[]> {
  const query = { labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY},${ROLE_LABEL}=policy` };
  const policies = await ifAnswered(
    client.list<WrittenPolicy>(policiesPath, { query, signal }),
    signal,
  );
  const others = (policies?.items ?? []).flatMap((policy) => {
    const { [RUN_LABEL]: id, [RELEASE_LABEL]: release } = policy.metadata?.labels ?? {};
    const reach = reachOf(policy);
    const differing = differingNames(policy, names);
    const isOther = id !== undefined && id !== run.id && differing.length > 0;
    return isOther && reach !== undefined && (reach.end ?? Infinity) > client.now()
      ? [{ run: id, release, names: differing, scope: reach.scope }]
      : [];
  });
  if (others.length === 0) return [];
  const namespaces = await ifAnswered(
    client.list<V1Namespace>('/api/v1/namespaces', { signal }),
    signal,
  );
  return namespaces === undefined
    ? []
    : others.filter((other) => haveCommon(scope, other.scope, namespaces.items));
}

type Reach = Pick<PolicyPlan, 'scope' | 'end'>;

/** Where a policy rewrites names, and until when; undefined where it does not say so as this version does. */
function reachOf({ metadata }: ApiObject): Reach | undefined {
  try {
    const { scope, end } = JSON.parse(metadata?.annotations?.[REACH_ANNOTATION] ?? '');
    return isScope(scope) ? { scope, end } : undefined;
  } catch {
    return undefined;
  }
}

function isScope(value: Partial<Record<string, unknown>> | undefined): value is Scope {
  const { kind, namespaces, requirements } = value ?? {};
  if (kind === 'names') return Array.isArray(namespaces);
  if (kind === 'labels') return Array.isArray(requirements);
  return kind === 'own' || kind === 'all';
}

/** Those of the names that a policy rewrites to images of another digest. */
function differingNames(policy: WrittenPolicy, names: InjectedNames): string[] {
  const digestOf = (pullable: string) => pullable.replace(/^.*@/, '');
  return [...rewrittenBy(policy, 'names', 'earlier')].flatMap(([name, pullable]) => {
    const own = names.get(name);
    return own === undefined || digestOf(own) === digestOf(pullable) ? [] : [name];
  });
}

/**
 * Whether a namespace is in both scopes, of those that there are or of those that are made from now on, as far as names
 * and times tell of these.
 */
export function haveCommon(one: Scope, other: Scope, namespaces: readonly V1Namespace[]): boolean {
  if (one.kind === 'names' && other.kind === 'names') {
    return one.namespaces.some((name) => other.namespaces.includes(name));
  }
  const isOpen = ({ kind }: Scope) => kind === 'own' || kind === 'all';
  const isToCome = (scope: Scope) =>
    scope.kind === 'names' &&
    scope.namespaces.some((name) => !namespaces.some(({ metadata }) => metadata?.name === name));
  const mayHave = (scope: Scope) => isOpen(scope) || isToCome(scope);
  return (
    (isOpen(one) && mayHave(other)) ||
    (isOpen(other) && mayHave(one)) ||
    namespaces.some((namespace) => has(one, namespace) && has(other, namespace))
  );
}

function has(
  scope: Scope,
  { metadata: { name = '', labels = {}, creationTimestamp } = {} }: V1Namespace,
): boolean {
  switch (scope.kind) {
    case 'own': {
      // Creation times are in whole seconds.
      const since = Math.floor(scope.since / 1000) * 1000;
      return name === scope.namespace || Date.parse(`${creationTimestamp}`) >= since;
    }
    case 'names':
      return scope.namespaces.includes(name);
    case 'labels':
      return scope.requirements.every((requirement) => isMet(requirement, labels));
    case 'all':
      return !name.startsWith('kube-');
  }
}

function isMet(
  { key, operator, values = [] }: LabelRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  const isAmong = value !== undefined && values.includes(value);
  if (operator === 'In' || operator === 'NotIn') return isAmong === (operator === 'In');
  return (value !== undefined) === (operator === 'Exists');
}
