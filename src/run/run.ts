import { randomBytes } from 'node:crypto';
import type { Owner } from '../kube/protobuf.js';
import type { Carrier } from '../payload/payload.js';
import type { PodShape } from './shape.js';

/** The value of `app.kubernetes.io/managed-by` on everything that this action creates. */
export const MANAGED_BY = 'jackal-inject';
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const NAME_LABEL = 'app.kubernetes.io/name';
export const RUN_LABEL = 'jackal-inject.dev/run';
export const ROLE_LABEL = 'jackal-inject.dev/role';
/** On a Pod of a DaemonSet, the DaemonSet's name. */
export const DAEMONSET_LABEL = 'jackal-inject.dev/daemonset';

/** What an object of a run is there for; the value of its role label. */
export type Role =
  | 'namespace'
  | 'lease'
  | 'injector'
  | 'catalog'
  | 'chunk'
  | 'registry'
  | 'service'
  | 'network-policy'
  | 'token'
  | 'courier'
  | 'relay'
  | 'proof'
  | 'policy';

/** What is enough to find a run in the cluster. */
export interface RunPlace {
  /** Eight hex digits, part of every object's name and label. */
  readonly id: string;
  readonly namespace: string;
}

/** One use of the action. */
export interface Run extends RunPlace {
  /**
   * 32 hex digits: the path under which the registry answers. A NodePort is open on every address
   * of a node, so this path is the key.
   */
  readonly secret: string;
  /** 64 hex digits that only the runner, the registry and couriers know: who knows them may bring bytes to it. */
  readonly token: string;
  /** URL of the workflow run's attempt, where there is one. */
  readonly workflow?: string | undefined;
  /** Labels for every object besides the run's own. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A run that has its place in the cluster: what every stage behind its opening stands on. */
export interface OpenRun extends Run {
  /** The Lease, which owns all else of the run. */
  readonly owner: Owner;
  /** `127.0.0.1:<port>/<secret>`: what stands before a repository in a pullable reference. */
  readonly registry: string;
  /** Whether the Service is not open on the nodes' addresses, so that relays alone lead to it. */
  readonly relaysOnly?: boolean | undefined;
  /** The port on every node's address at which bytes are brought to the registry; none without a stream. */
  readonly deliveryPort?: number | undefined;
}

/**
 * One delivery of a run's images into the cluster. When the registry is lost there is another one, and
 * its objects have other names: kubelets keep immutable ConfigMaps by name.
 */
export interface Delivery extends OpenRun {
  /** 0 for the first one. */
  readonly delivery: number;
  /** How the cluster takes its Pods; `USUAL_SHAPE` when nobody has asked. */
  readonly shape?: PodShape | undefined;
  /** ConfigMaps that its catalog takes; one when undefined. */
  readonly catalogParts?: number | undefined;
  /** How its bytes travel; as ConfigMaps when undefined. */
  readonly carrier?: Carrier | undefined;
  /** The label selector of the nodes that it is for; all when undefined. */
  readonly nodeSelector?: string | undefined;
  /** Whether the user may not list nodes, so that schedulers and DaemonSets find them. */
  readonly nodesUnlisted?: boolean | undefined;
}

/** What a run is given from outside. */
export interface RunGiven {
  /** The namespace to work in; without it the run has one of its own. */
  readonly namespace?: string | undefined;
  readonly workflow?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A new run with random id (32 bits), secret (128 bits) and token (256 bits). */
export function newRun({ namespace, workflow, labels }: RunGiven = {}): Run {
  const id = randomBytes(4).toString('hex');
  const secret = randomBytes(16).toString('hex');
  const token = randomBytes(32).toString('hex');
  return { id, secret, token, namespace: namespace ?? nameOf.namespace(id), workflow, labels };
}

/**
 * Whether the namespace is the run's own: made by it under a name that holds its random id. No other
 * namespace is ever removed, whatever its labels say.
 */
export function ownsNamespace({ id, namespace }: RunPlace): boolean {
  return namespace === nameOf.namespace(id);
}

/** The labels of an object of the run: those that were asked for, which never override its own. */
export function labelsFor(run: Pick<Run, 'id' | 'labels'>, role: Role): Record<string, string> {
  return { ...run.labels, [NAME_LABEL]: MANAGED_BY, ...labelsOf(run.id, role) };
}

/** The labels by which an object of the run is found. */
export function labelsOf(runId: string, role: Role): Record<string, string> {
  return { [MANAGED_BY_LABEL]: MANAGED_BY, [RUN_LABEL]: runId, [ROLE_LABEL]: role };
}

/** The label selector for every object of the run, or for those of one role. */
export function selectorOf(runId: string, role?: Role): string {
  const run = `${MANAGED_BY_LABEL}=${MANAGED_BY},${RUN_LABEL}=${runId}`;
  return role === undefined ? run : `${run},${ROLE_LABEL}=${role}`;
}

/**
 * The command by which a person removes what is left of a run. A Secret goes with the Lease that owns it,
 * and few may list Secrets; a policy goes with the run's own namespace.
 *
 * @param run with `policy` where it may have one: older clusters do not know the word
 */
export function removalCommand(run: RunPlace & { readonly policy?: boolean | undefined }): string {
  const policy = 'mutatingadmissionpolicybindings,mutatingadmissionpolicies,';
  return ownsNamespace(run)
    ? `kubectl delete namespace ${run.namespace}`
    : `kubectl delete ${run.policy ? policy : ''}daemonsets,pods,services,configmaps,leases --namespace ${run.namespace} --selector ${RUN_LABEL}=${run.id}`;
}

/** What every object's name of a run begins with, and no other run's. */
export function prefixOf(runId: string): string {
  return `jackal-${runId}`;
}

type Delivered = Pick<Delivery, 'id' | 'delivery'>;

const deliveredBy = ({ id, delivery }: Delivered) => `${prefixOf(id)}-${delivery}`;

/** The names of the run's objects. */
export const nameOf = {
  namespace: (runId: string) => `jackal-inject-${runId}`,
  lease: prefixOf,
  service: prefixOf,
  networkPolicy: prefixOf,
  token: prefixOf,
  /** Of the admission policy and its binding, which are the cluster's and no namespace's. */
  policy: prefixOf,
  injector: (by: Delivered, architecture: string) => `${deliveredBy(by)}-injector-${architecture}`,
  catalog: (by: Delivered, part = 0) => `${deliveredBy(by)}-catalog-${part}`,
  chunk: (by: Delivered, index: number) =>
    `${deliveredBy(by)}-chunk-${index.toString().padStart(4, '0')}`,
  piece: (by: Delivered, batch: number, index: number) =>
    `${deliveredBy(by)}-piece-${batch}-${index}`,
  plan: (by: Delivered, batch: number) => `${deliveredBy(by)}-plan-${batch}`,
  courier: (by: Delivered, batch: number, attempt: number) =>
    `${deliveredBy(by)}-courier-${batch}-${attempt}`,
  registry: (by: Delivered, base: number) => `${deliveredBy(by)}-registry-${base}`,
  relay: (by: Delivered, node: number, attempt: number) =>
    `${deliveredBy(by)}-relay-${node}-${attempt}`,
  proof: (by: Delivered, node: number, attempt: number) =>
    `${deliveredBy(by)}-proof-${node}-${attempt}`,
  proofs: (by: Delivered, architecture: string) => `${deliveredBy(by)}-proofs-${architecture}`,
} as const;
