import { randomBytes } from 'node:crypto';
import type { Owner } from '../kube/protobuf.js';
import { DELIVERIES_PER_STEP_MAX } from '../lib/limits/run.js';
import { sha256Of } from '../lib/sha256.js';
import type { Carrier } from '../payload/payload.js';
import type { PodShape } from './shape.js';

/** The value of `app.kubernetes.io/managed-by` on everything that this action creates. */
export const MANAGED_BY = 'jackal-inject';
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
const NAME_LABEL = 'app.kubernetes.io/name';
export const RUN_LABEL = 'jackal-inject.dev/run';
export const ROLE_LABEL = 'jackal-inject.dev/role';
/** On what one delivery of a release has: its number. What is the release's own has none. */
export const DELIVERY_LABEL = 'jackal-inject.dev/delivery';
/** On everything of a release: its name. */
export const RELEASE_LABEL = 'jackal-inject.dev/release';
/** On a Pod of a DaemonSet, or of a rehearsal's ReplicaSet, that one's name. */
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
  | 'store'
  | 'record'
  | 'rehearsal'
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
  /** The name of the release that the run makes or replaces; its images are to stay. */
  readonly release?: string | undefined;
  /** Who has the Lease; of a release another one in each step. */
  readonly holder?: string | undefined;
}

/** What a release has from the steps before this one. */
export interface KeptRelease {
  /** The delivery that is in use; none when no step has come to its end yet. */
  readonly delivery?: number | undefined;
  /** When it was first made: milliseconds since 1970 by the API server's clock, in whole seconds. */
  readonly since: number;
  /** The route by which nodes come to the registry. */
  readonly route?: string | undefined;
  /** The catalog of that delivery's own images; undefined when it could not be read. */
  readonly record?: string | undefined;
  /** `ADDR:PORT` of its registry, from which is copied what has not changed; undefined while that is away. */
  readonly address?: string | undefined;
}

/** A run that has its place in the cluster: what every stage behind its opening stands on. */
export interface OpenRun extends Run {
  /** The Lease, which owns all else of the run. */
  readonly owner: Owner;
  /** `127.0.0.1:<port>/<secret>`: what stands before a repository in a pullable reference. */
  readonly registry: string;
  /** Whether the Service is not open on the nodes' addresses, so that relays alone lead to it. */
  readonly relaysOnly?: boolean | undefined;
  /** Whether the Service leads nowhere until the registry runs. */
  readonly leadsLater?: boolean | undefined;
  /** The port on every node's address at which bytes are brought to the registry; none without a stream. */
  readonly deliveryPort?: number | undefined;
  /** What a release has already. */
  readonly kept?: KeptRelease | undefined;
  /** The number of this step's first delivery: 0, and higher where a release has had some. */
  readonly firstDelivery?: number | undefined;
}

/**
 * One delivery of a run's images into the cluster. When the registry is lost there is another one, and
 * its objects have other names: kubelets keep immutable ConfigMaps by name.
 */
export interface Delivery extends OpenRun {
  /** From the run's `firstDelivery` on. */
  readonly delivery: number;
  /** How the cluster takes its Pods; `USUAL_SHAPE` when nobody has asked. */
  readonly shape?: PodShape | undefined;
  /** ConfigMaps that its catalog takes; one when undefined. */
  readonly catalogParts?: number | undefined;
  /** How its bytes travel; as ConfigMaps when undefined. */
  readonly carrier?: Carrier | undefined;
  /** Whether the registry has its store on a volume that outlives its Pod. */
  readonly hasClaim?: boolean | undefined;
  /** The label selector of the nodes that it is for; all when undefined. */
  readonly nodeSelector?: string | undefined;
  /** Names of nodes that no DaemonSet is to be on. */
  readonly notOn?: readonly string[] | undefined;
  /** Whether admission refuses the terms that keep Pods off nodes that no image can be brought to. */
  readonly unfitToo?: boolean | undefined;
  /** Whether the user may not list nodes, so that schedulers and DaemonSets find them. */
  readonly nodesUnlisted?: boolean | undefined;
}

/** What a run is given from outside. */
export interface RunGiven {
  /** The namespace to work in; without it the run has one of its own. */
  readonly namespace?: string | undefined;
  readonly workflow?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly release?: string | undefined;
}

/** The number of the first delivery of the step that a delivery of a release belongs to: each step has as many. */
export function firstOfStep(delivery: number): number {
  return delivery - (delivery % DELIVERIES_PER_STEP_MAX);
}

/** Whether a delivery is the first one of its step. */
export function isFirst({ delivery, firstDelivery = 0 }: Delivery): boolean {
  return delivery === firstDelivery;
}

/** Whether Pods of its run went before a delivery's, which a quota may still count; a release has had some for its rehearsal. */
export function hasHadPods(delivery: Delivery): boolean {
  return !isFirst(delivery) || delivery.release !== undefined;
}

/** A new run with random id (32 bits; a release has the one of its name), secret (128 bits) and token (256 bits). */
export function newRun({ namespace, workflow, labels, release }: RunGiven = {}): Run {
  const id = release === undefined ? randomBytes(4).toString('hex') : releaseId(release, namespace);
  const secret = randomBytes(16).toString('hex');
  const token = randomBytes(32).toString('hex');
  const place = { id, namespace: namespace ?? nameOf.namespace(id) };
  const holder =
    release === undefined ? MANAGED_BY : `${MANAGED_BY}-${randomBytes(4).toString('hex')}`;
  return { ...place, secret, token, workflow, labels, release, holder };
}

/** The id of a release, by which every step finds what earlier ones have left: of its name and its namespace, if one is given. */
export function releaseId(name: string, namespace = ''): string {
  return sha256Of(`${namespace}/${name}`).slice(0, 8);
}

/** Whether a label's value is a run's id, of eight hexadecimal digits: anybody may write what looks like a run of another. */
export const isRunId = (id: string): boolean => /^[0-9a-f]{8}$/.test(id);

/**
 * Whether the namespace is the run's own: made by it under a name that holds its random id. No other
 * namespace is ever removed, whatever its labels say.
 */
export function ownsNamespace({ id, namespace }: RunPlace): boolean {
  return namespace === nameOf.namespace(id);
}

/** The labels of an object of the run: those that were asked for, which never override its own. */
export function labelsFor(run: Labelled, role: Role): Record<string, string> {
  const { id, labels, release, delivery } = run;
  return {
    ...labels,
    [NAME_LABEL]: MANAGED_BY,
    ...labelsOf(id, role),
    ...(release !== undefined && { [RELEASE_LABEL]: release }),
    ...(release !== undefined && delivery !== undefined && { [DELIVERY_LABEL]: String(delivery) }),
  };
}

/** What labels tell of a run, and of a delivery where they are an object's of its own. */
export type Labelled = Pick<Run, 'id' | 'labels' | 'release'> & Partial<Pick<Delivery, 'delivery'>>;

/** The labels by which an object of the run is found. */
export function labelsOf(runId: string, role: Role): Record<string, string> {
  return { [MANAGED_BY_LABEL]: MANAGED_BY, [RUN_LABEL]: runId, [ROLE_LABEL]: role };
}

/** The label selector for every object of the run, or for those of one role. */
export function selectorOf(runId: string, role?: Role): string {
  const run = `${MANAGED_BY_LABEL}=${MANAGED_BY},${RUN_LABEL}=${runId}`;
  return role === undefined ? run : `${run},${ROLE_LABEL}=${role}`;
}

/** The label selector for what a delivery of a release has for a role. */
export function ofDelivery({ id, delivery }: Delivered, role: Role): string {
  return `${selectorOf(id, role)},${DELIVERY_LABEL}=${delivery}`;
}

/** The label selector for what deliveries of a release have, but for that of one of them. */
export function otherDeliveries(runId: string, delivery: number): string {
  return `${selectorOf(runId)},${DELIVERY_LABEL},${DELIVERY_LABEL}!=${delivery}`;
}

/**
 * The label selector for what the deliveries have that a step of a release knows of, its own and the one that was in use
 * before it, but for one of them: whatever becomes of the release meanwhile, that of a later step is not among it.
 */
export function knownDeliveries(
  { id, firstDelivery = 0, kept }: Pick<OpenRun, 'id' | 'firstDelivery' | 'kept'>,
  staying?: number,
): string {
  const own = Array.from({ length: DELIVERIES_PER_STEP_MAX }, (_, n) => firstDelivery + n);
  const numbers = [kept?.delivery ?? firstDelivery, ...own].filter((one) => one !== staying);
  return `${selectorOf(id)},${DELIVERY_LABEL} in (${numbers})`;
}

/**
 * How what is left of a run is removed, as the end of a message: by the next step of a release, whatever else of it is in
 * use, else by a command. A Secret goes with the Lease that owns it, and few may list Secrets; a policy goes with the run's
 * own namespace.
 */
export function removalAdvice(run: Leftover): string {
  if (run.release !== undefined) {
    return `The next step with the release "${run.release}" takes the rest away.`;
  }
  const policy = run.policy ? 'mutatingadmissionpolicybindings,mutatingadmissionpolicies,' : '';
  const command =
    ownsNamespace(run) && !run.isShared
      ? `kubectl delete namespace ${run.namespace}`
      : `kubectl delete ${policy}daemonsets,pods,services,configmaps,leases --namespace ${run.namespace} --selector ${RUN_LABEL}=${run.id}`;
  return `This command removes the rest: ${command}`;
}

/** A run of which something may be left. */
export interface Leftover extends RunPlace, Pick<Run, 'release'> {
  /** Whether a policy may be: older clusters do not know the word. */
  readonly policy?: boolean | undefined;
  /** Whether its namespace is not to be deleted, since it holds what is not the run's. */
  readonly isShared?: boolean | undefined;
}

/** What every object's name of a run begins with, and no other run's. */
export function prefixOf(runId: string): string {
  return `jackal-${runId}`;
}

type Delivered = Pick<Delivery, 'id' | 'delivery'>;

const deliveredBy = ({ id, delivery }: Delivered) => `${prefixOf(id)}-${delivery}`;

/** In the names of what a rehearsal makes and takes away again. */
export const REHEARSED = '-rehearsed-';

/** The names of the run's objects. */
export const nameOf = {
  namespace: (runId: string) => `jackal-inject-${runId}`,
  lease: prefixOf,
  service: prefixOf,
  networkPolicy: prefixOf,
  /** Kubelets keep immutable Secrets by name, so each step of a release has another one. */
  token: (runId: string, firstDelivery = 0) =>
    firstDelivery === 0 ? prefixOf(runId) : `${prefixOf(runId)}-${firstDelivery}-token`,
  /** Of the admission policy and its binding, which are the cluster's and no namespace's. */
  policy: prefixOf,
  injector: (by: Delivered, architecture: string) => `${deliveredBy(by)}-injector-${architecture}`,
  catalog: (by: Delivered, part = 0) => `${deliveredBy(by)}-catalog-${part}`,
  chunk: (by: Delivered, index: number) =>
    `${deliveredBy(by)}-chunk-${index.toString().padStart(4, '0')}`,
  piece: (by: Delivered, batch: number, index: number) =>
    `${deliveredBy(by)}-piece-${batch}-${index}`,
  store: (by: Delivered) => `${deliveredBy(by)}-store`,
  record: (by: Delivered, part = 0) => `${deliveredBy(by)}-record-${part}`,
  plan: (by: Delivered, batch: number) => `${deliveredBy(by)}-plan-${batch}`,
  courier: (by: Delivered, batch: number, attempt: number) =>
    `${deliveredBy(by)}-courier-${batch}-${attempt}`,
  rehearsedRegistry: (by: Delivered) => `${deliveredBy(by)}${REHEARSED}registry`,
  rehearsedProofs: (by: Delivered, architecture: string) =>
    `${deliveredBy(by)}${REHEARSED}proofs-${architecture}`,
  registrySet: (by: Delivered) => `${deliveredBy(by)}-registry`,
  registry: (by: Delivered, base: number) => `${deliveredBy(by)}-registry-${base}`,
  relay: (by: Delivered, node: number, attempt: number) =>
    `${deliveredBy(by)}-relay-${node}-${attempt}`,
  proof: (by: Delivered, node: number, attempt: number) =>
    `${deliveredBy(by)}-proof-${node}-${attempt}`,
  /** The same in all deliveries of a release, so that one takes over the Pods of another. */
  relays: ({ id }: Pick<Delivered, 'id'>, architecture: string) =>
    `${prefixOf(id)}-relays-${architecture}`,
  proofs: (by: Delivered, architecture: string) => `${deliveredBy(by)}-proofs-${architecture}`,
} as const;
