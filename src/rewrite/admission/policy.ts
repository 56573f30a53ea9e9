import { ActionError } from '../../lib/errors.js';
import { POLICY_MAX_BYTES } from '../../lib/limits/rewrite.js';
import { MIB } from '../../lib/limits/units.js';
import { PROVEN_ANNOTATION } from '../../run/namespace.js';
import { NAMESPACE_ANNOTATION } from '../../run/removal/policy.js';
import { labelsFor, nameOf, type OpenRun, ownsNamespace, RUN_LABEL } from '../../run/run.js';
import type { InjectedNames } from '../names.js';
import { comesBefore, MUTATION, mayBeRewritten, variablesFor } from './expressions.js';
import type { Scope } from './scope.js';

/** Group and version; Kubernetes has the policy in it, and on, since 1.36. */
const API_VERSION = 'admissionregistration.k8s.io/v1';

/** On a policy: the JSON of its scope and its end, by which other runs see whether it has namespaces of theirs. */
export const REACH_ANNOTATION = 'jackal-inject.dev/reach';

/** What a policy is made of. */
export interface PolicyPlan {
  readonly run: Pick<OpenRun, 'id' | 'labels' | 'namespace' | 'registry' | 'release'>;
  readonly names: InjectedNames;
  /** Names of images that a step of a release replaces; none is among `names`. */
  readonly earlier?: InjectedNames | undefined;
  readonly scope: Scope;
  /** The Namespace of the run's own, where it has one: an object of the cluster cannot be owned by one in a namespace. */
  readonly owner?: OpenRun['owner'] | undefined;
  /** Whether nothing is rewritten until the run's own namespace says that the images are proven. */
  readonly awaitsProof?: boolean;
  /** When it ends, in milliseconds since 1970 by the API server's clock; of a release it has no end. */
  readonly end?: number | undefined;
}

/** A MutatingAdmissionPolicy and the binding without which it does nothing, as they are created. */
export interface PolicyObjects {
  readonly policy: object;
  readonly binding: object;
}

/**
 * The policy that has the API server rewrite the names of injected images in Pods, whoever makes them, and in ephemeral
 * containers. A request that it cannot judge goes through as it is. Pods of runs keep their images. Throws an ActionError
 * when there are more names than fit into one object.
 */
export function policyFor(plan: PolicyPlan): PolicyObjects {
  const { run, names, earlier, scope, owner, awaitsProof, end } = plan;
  const all = new Map([...names, ...(earlier ?? [])]);
  const metadata = {
    name: nameOf.policy(run.id),
    labels: labelsFor(run, 'policy'),
    annotations: { [NAMESPACE_ANNOTATION]: run.namespace },
    ...(owner && { ownerReferences: [owner] }),
  };
  const policy = {
    apiVersion: API_VERSION,
    kind: 'MutatingAdmissionPolicy',
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [REACH_ANNOTATION]: JSON.stringify({ scope, end }) },
    },
    spec: {
      failurePolicy: 'Ignore',
      ...(awaitsProof && { paramKind: { apiVersion: 'v1', kind: 'Namespace' } }),
      // Webhooks come later and may add containers: in a Pod that this policy had something to do with, it is asked again.
      reinvocationPolicy: 'IfNeeded',
      matchConstraints: {
        matchPolicy: 'Equivalent',
        ...namespaceSelectorOf(scope, run),
        objectSelector: { matchExpressions: [{ key: RUN_LABEL, operator: 'DoesNotExist' }] },
        resourceRules: [
          rule('pods', 'CREATE', 'UPDATE'),
          rule('pods/ephemeralcontainers', 'UPDATE'),
        ],
      },
      matchConditions: [
        ...(awaitsProof ? [IS_PROVEN] : []),
        ...(end === undefined ? [] : [{ name: 'is-not-over', expression: comesBefore(end) }]),
        ...conditionsFor(all, run.registry, scope),
      ],
      variables: variablesFor(names, run, scope, earlier),
      mutations: [
        { patchType: 'ApplyConfiguration', applyConfiguration: { expression: MUTATION } },
      ],
    },
  };
  const bytes = Buffer.byteLength(JSON.stringify(policy));
  if (bytes > POLICY_MAX_BYTES) {
    throw new ActionError(
      `The policy that rewrites ${all.size} names of images would have ${(bytes / MIB).toFixed(1)} MiB, and at most ${POLICY_MAX_BYTES / MIB} MiB are written; name fewer images in one step, or set the input \`rewrite\` to none.`,
    );
  }
  const binding = {
    apiVersion: API_VERSION,
    kind: 'MutatingAdmissionPolicyBinding',
    metadata,
    spec: {
      policyName: metadata.name,
      // Where the namespace is gone, nothing is rewritten.
      ...(awaitsProof && { paramRef: { name: run.namespace, parameterNotFoundAction: 'Allow' } }),
    },
  };
  return { policy, binding };
}

/**
 * An API server comes to know of a policy once a second, but of namespaces at once, which it watches anyway: a policy
 * that is written early acts as soon as its parameter, the run's own namespace, has the annotation.
 */
const IS_PROVEN: Condition = {
  name: 'is-proven',
  expression: `has(params.metadata.annotations) && '${PROVEN_ANNOTATION}' in params.metadata.annotations`,
};

/** What has to hold before anything is evaluated; selectors know no beginnings of namespaces' names. */
function conditionsFor(names: InjectedNames, registry: string, { kind }: Scope): Condition[] {
  const expression = mayBeRewritten(names, registry);
  return [
    ...(kind === 'all'
      ? [{ name: 'not-the-clusters-own', expression: "!request.namespace.startsWith('kube-')" }]
      : []),
    ...(expression === undefined ? [] : [{ name: 'may-be-rewritten', expression }]),
  ];
}

interface Condition {
  readonly name: string;
  readonly expression: string;
}

const rule = (resource: string, ...operations: readonly string[]) => ({
  ...{ apiGroups: [''], apiVersions: ['v1'], resources: [resource], operations },
});

/**
 * The namespaces, as far as labels tell them. Beside those that are named there is the run's own, which has no other Pods
 * than the run's: a trial there shows that the policy acts.
 */
function namespaceSelectorOf(scope: Scope, run: PolicyPlan['run']): object {
  if (scope.kind === 'names') {
    const values = [...scope.namespaces, ...(ownsNamespace(run) ? [run.namespace] : [])];
    const matchExpressions = [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }];
    return { namespaceSelector: { matchExpressions } };
  }
  return scope.kind === 'labels'
    ? { namespaceSelector: { matchExpressions: scope.requirements } }
    : {};
}
