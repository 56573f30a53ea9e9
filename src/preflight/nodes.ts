import type { V1Node, V1Taint } from '@kubernetes/client-node';
import { type ApiClient, TABLE } from '../kube/client.js';
import { ApiError } from '../kube/error.js';
import { ActionError } from '../lib/errors.js';
import { NODES_NAMED_MAX } from '../lib/limits/run.js';
import { enumerated, inOneLine } from '../lib/sentences.js';
import { isUnfit } from './affinity.js';
import { thousandthsOf } from './resources/quantity.js';

/** A node that images are to reach. */
export interface LinuxNode {
  readonly name: string;
  /** Another one when a node comes anew under its name. */
  readonly uid: string;
  /** Go's name, such as `amd64` or `arm64`. */
  readonly architecture: string;
  /** Images that the kubelet reports, each with all its names; the kubelet tells the 50 largest. */
  readonly images: readonly { readonly names: readonly string[]; readonly bytes: number }[];
  /** Those with the effect `NoExecute`, which a Pod that names its node has to tolerate. */
  readonly taints?: readonly V1Taint[] | undefined;
  /** All by which its owners have the scheduler keep Pods away; those of the cluster itself, as of a cordon, come and go. */
  readonly keptBy?: readonly V1Taint[] | undefined;
  /** What says that its Pods are being taken away, as it is about to go; undefined for a node that is to stay. */
  readonly drainedBy?: string | undefined;
  /** Why its kubelet takes no Pod for now, in words that follow its name; what runs there is none the worse for it. */
  readonly pressure?: string | undefined;
  /** Pods that the node may have; undefined when it does not say. */
  readonly podsMax?: number | undefined;
  /** Its container runtime, such as `containerd://2.2.1`. */
  readonly runtime?: string | undefined;
  /** Its addresses on the cluster's network. */
  readonly addresses: readonly string[];
  /** The ranges of its Pods' addresses, as `10.1.2.0/24`; none when the network does not tell. */
  readonly podRanges: readonly string[];
}

/** A node that is left out, and why, as words that follow its name. */
export interface OtherNode {
  readonly name: string;
  readonly reason: string;
}

/** The chosen nodes of a cluster, sorted by whether images can be brought to them. */
export interface ClusterNodes {
  readonly ready: readonly LinuxNode[];
  readonly others: readonly OtherNode[];
  /** What they were chosen by, as in `NodesQuery`. */
  readonly selector?: string | undefined;
}

/** Which nodes are asked for. */
export interface NodesQuery {
  /** A label selector as kubectl takes it; all nodes when undefined. */
  readonly selector: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const NODES = '/api/v1/nodes';

/** The chosen nodes as they are now. Throws ApiError. */
export async function readNodes(
  client: ApiClient,
  { selector, signal }: NodesQuery,
): Promise<ClusterNodes> {
  const query = { labelSelector: selector };
  const { items } = await client.list<V1Node>(NODES, { query, signal });
  return { ...classifyNodes(items), selector };
}

/** A list as kubectl shows it. */
interface Table {
  readonly columnDefinitions?: readonly { readonly name: string }[];
  readonly rows?: readonly { readonly cells: readonly unknown[] }[];
}

/**
 * The names of the chosen nodes that are Ready, by a short answer: of 300 nodes with 50 images each 54 kB in place of
 * 3 MB. Undefined where the server gives no such answer. Throws ApiError.
 */
export async function readyNames(
  client: ApiClient,
  { selector, signal }: NodesQuery,
): Promise<ReadonlySet<string> | undefined> {
  const { columnDefinitions = [], rows = [] } = await client.get<Table>(NODES, {
    query: { labelSelector: selector, includeObject: 'None' },
    accept: TABLE,
    signal,
  });
  const [name, status] = ['Name', 'Status'].map((column) =>
    columnDefinitions.findIndex((definition) => definition.name === column),
  ) as [number, number];
  if (name < 0 || status < 0) {
    return undefined;
  }
  // A cordoned node is `Ready,SchedulingDisabled`.
  const ready = rows.filter(({ cells }) => /^Ready\b/.test(String(cells[status])));
  return new Set(ready.map(({ cells }) => String(cells[name])));
}

/**
 * Lists the nodes for the first time; those whose kubelets take no Pod are not among the ready ones. Throws an ActionError
 * when the selector is none, when no node has its labels, and when no Linux node is Ready.
 */
export async function listNodes(
  client: ApiClient,
  query: NodesQuery = { selector: undefined },
): Promise<ClusterNodes> {
  const { selector } = query;
  const nodes = await readNodes(client, query).catch((error: unknown) => {
    throw selectorFault(selector, error) ?? error;
  });
  const ready = nodes.ready.filter(({ pressure }) => pressure === undefined);
  const pressed = nodes.ready.flatMap(({ name, pressure: reason }) =>
    reason === undefined ? [] : { name, reason },
  );
  const others = [...nodes.others, ...pressed];
  if (ready.length === 0 && others.length === 0 && selector !== undefined) {
    throw new ActionError(
      `No node of the cluster has the labels that the input \`nodes\` asks for (${selector}); choose nodes by labels that "kubectl get nodes --show-labels" shows.`,
    );
  }
  if (ready.length === 0) {
    const which = selector === undefined ? 'of the cluster' : `with the labels ${selector}`;
    throw new ActionError(
      `No Linux node ${which} is Ready (${nodesInWords(others) || 'it has no nodes'}); bring a node up and run again.`,
    );
  }
  return { ready, others, selector };
}

/** The API server alone reads selectors, and what else a list of nodes asks for it always takes. */
function selectorFault(selector: string | undefined, error: unknown): ActionError | undefined {
  if (selector === undefined || !(error instanceof ApiError) || error.status !== 400) {
    return undefined;
  }
  return new ActionError(
    `The input \`nodes\` is "${selector}", which is no label selector (the API server says: ${error.words}); write it as for kubectl, such as kubernetes.io/os=linux,pool in (a,b).`,
    { cause: error },
  );
}

/** The failure when nodes that have to get the images cannot, from the start or any more. */
export function unavailableNodes(nodes: readonly OtherNode[]): ActionError {
  return new ActionError(
    `Not every node can have the images (${nodesInWords(nodes)}), and the input \`on-unavailable-node\` is fail; mend what is missing, choose other nodes by the input \`nodes\`, or set it to warn.`,
  );
}

/** Nodes and what is wrong with them, in one line; of many the first ones. */
export function nodesInWords(nodes: readonly OtherNode[]): string {
  const said = nodes.map(({ name, reason }) => `${name} ${reason}`);
  return inOneLine(said, NODES_NAMED_MAX);
}

/** A sentence for each reason for which nodes are left out; of many nodes it names the first ones. */
export function leftOutSentences(nodes: readonly OtherNode[]): string[] {
  return [...Map.groupBy(nodes, ({ reason }) => reason)].map(([reason, group]) => {
    const names = group.map(({ name }) => name);
    return names.length === 1
      ? `The node ${names[0]} is left out: it ${reason}.`
      : `The nodes ${enumerated(names, NODES_NAMED_MAX)} are left out: each ${reason}.`;
  });
}

/** Sorts nodes into those that images can be brought to and the others. */
export function classifyNodes(nodes: readonly V1Node[]): ClusterNodes {
  const ready: LinuxNode[] = [];
  const others: OtherNode[] = [];
  for (const node of nodes) {
    const name = node.metadata?.name ?? '';
    const reason = reasonToLeaveOut(node);
    if (reason === undefined) {
      ready.push(linuxNode(name, node));
    } else {
      others.push({ name, reason });
    }
  }
  return { ready, others };
}

/** Conditions in which a kubelet refuses all Pods but critical ones (kubelet `eviction_manager.go`, `Admit`). */
const PRESSURES = new Set(['DiskPressure', 'PIDPressure']);

function linuxNode(name: string, node: V1Node): LinuxNode {
  const { metadata, spec, status } = node;
  const taints = spec?.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
  const keptBy = spec?.taints?.filter(isOfOwners) ?? [];
  const drainedBy = drainerOf(node);
  const slots = thousandthsOf(status?.allocatable?.pods);
  const pressed = status?.conditions?.find(
    (one) => PRESSURES.has(one.type) && one.status === 'True',
  );
  const runtime = status?.nodeInfo?.containerRuntimeVersion;
  return {
    name,
    uid: metadata?.uid ?? name,
    architecture: status?.nodeInfo?.architecture ?? '',
    images: (status?.images ?? []).map(({ names, sizeBytes }) => ({
      names: names ?? [],
      bytes: sizeBytes ?? 0,
    })),
    addresses: (status?.addresses ?? []).flatMap(({ type, address }) =>
      type === 'InternalIP' ? address : [],
    ),
    podRanges: spec?.podCIDRs ?? [],
    ...(taints.length > 0 && { taints }),
    ...(keptBy.length > 0 && { keptBy }),
    ...(drainedBy !== undefined && { drainedBy }),
    ...(pressed !== undefined && { pressure: `has ${pressed.type}` }),
    ...(slots !== undefined && { podsMax: slots / 1000 }),
    ...(runtime && { runtime }),
  };
}

/**
 * Taints of nodes that are emptied: of a machine that is shut down or given up (Kubernetes' well-known taints), and
 * of those that take nodes away (Karpenter `DisruptedTaintKey`, before 1.0 `DisruptionTaintKey`; cluster autoscaler
 * `ToBeDeletedTaint`).
 */
const DRAINING = new Set([
  'node.kubernetes.io/out-of-service',
  'node.cloudprovider.kubernetes.io/shutdown',
  'karpenter.sh/disrupted',
  'karpenter.sh/disruption',
  'ToBeDeletedByClusterAutoscaler',
]);

/** What says that a node is emptied of its Pods: its own deletion, a taint, or a cordon, as every drain begins with one. */
function drainerOf({ metadata, spec }: V1Node): string | undefined {
  if (metadata?.deletionTimestamp !== undefined) {
    return 'it is being deleted';
  }
  const taint = spec?.taints?.find(({ key }) => DRAINING.has(key));
  if (taint !== undefined) {
    return `it has the taint ${taint.key}`;
  }
  return spec?.unschedulable === true ? 'it is cordoned' : undefined;
}

/** Kubernetes' own taints have a prefix that nobody else may use (its well-known labels and taints). */
function isOfOwners({ key, effect }: V1Taint): boolean {
  return effect !== 'PreferNoSchedule' && !key.startsWith('node.kubernetes.io/');
}

/** Taints of virtual nodes: virtual-kubelet's, and that of Tencent's super nodes. */
const VIRTUAL_TAINTS = new Set(['virtual-kubelet.io/provider', 'eks.tke.cloud.tencent.com/eklet']);

const VIRTUAL = 'is a virtual node, which has no container runtime of its own';

/** The names of virtual nodes: not all have labels that keep DaemonSets away, and these tolerate every taint. */
export function virtualAmong(others: readonly OtherNode[]): string[] {
  return others.filter(({ reason }) => reason === VIRTUAL).map(({ name }) => name);
}

function reasonToLeaveOut({ metadata, spec, status }: V1Node): string | undefined {
  const labels = metadata?.labels ?? {};
  const system = status?.nodeInfo?.operatingSystem || labels['kubernetes.io/os'];
  if (labels['eks.amazonaws.com/compute-type'] === 'fargate') {
    return 'is a Fargate node, whose Pods reach no registry on the node';
  }
  const isTainted = spec?.taints?.some(({ key }) => VIRTUAL_TAINTS.has(key));
  const isPlayed = metadata?.annotations?.['kwok.x-k8s.io/node'] !== undefined;
  if (isUnfit(labels) || isTainted || isPlayed) {
    return VIRTUAL;
  }
  if (system !== undefined && system !== 'linux') {
    return `runs ${system}, not Linux`;
  }
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  if (condition?.status !== 'True') {
    return condition?.reason ? `is not Ready (${condition.reason})` : 'is not Ready';
  }
  return undefined;
}
