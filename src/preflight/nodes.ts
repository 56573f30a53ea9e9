import type { V1Node, V1Taint } from '@kubernetes/client-node';
import type { ApiClient, RequestOptions } from '../kube/client.js';
import { ActionError } from '../lib/errors.js';
import { thousandthsOf } from './quantity.js';

/** A node that images are to reach. */
export interface LinuxNode {
  readonly name: string;
  /** Go's name, such as `amd64` or `arm64`. */
  readonly architecture: string;
  /** Images that the kubelet reports, each with all its names; the kubelet tells the 50 largest. */
  readonly images: readonly { readonly names: readonly string[]; readonly bytes: number }[];
  /** Those with the effect `NoExecute`, which a Pod that names its node has to tolerate. */
  readonly taints?: readonly V1Taint[] | undefined;
  /** Pods that the node may have; undefined when it does not say. */
  readonly podsMax?: number | undefined;
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

/** All nodes of a cluster, sorted by whether images can be brought to them. */
export interface ClusterNodes {
  readonly ready: readonly LinuxNode[];
  readonly others: readonly OtherNode[];
}

/** Lists and classifies the cluster's nodes. Throws an ActionError when no Linux node is Ready. */
export async function listNodes(
  client: ApiClient,
  options: Pick<RequestOptions, 'signal'> = {},
): Promise<ClusterNodes> {
  const { items } = await client.list<V1Node>('/api/v1/nodes', options);
  const nodes = classifyNodes(items);
  if (nodes.ready.length === 0) {
    const others = nodes.others.map(({ name, reason }) => `${name} ${reason}`).join(', ');
    throw new ActionError(
      `No Linux node of the cluster is Ready (${others || 'it has no nodes'}); bring a node up and run again.`,
    );
  }
  return nodes;
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

function linuxNode(name: string, { spec, status }: V1Node): LinuxNode {
  const taints = spec?.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
  const slots = thousandthsOf(status?.allocatable?.pods);
  return {
    name,
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
    ...(slots !== undefined && { podsMax: slots / 1000 }),
  };
}

function reasonToLeaveOut({ metadata, spec, status }: V1Node): string | undefined {
  const labels = metadata?.labels ?? {};
  const system = status?.nodeInfo?.operatingSystem || labels['kubernetes.io/os'];
  if (labels['eks.amazonaws.com/compute-type'] === 'fargate') {
    return 'is a Fargate node, whose Pods reach no registry on the node';
  }
  const virtual = spec?.taints?.some(({ key }) => key === 'virtual-kubelet.io/provider');
  if (labels.type === 'virtual-kubelet' || virtual === true) {
    return 'is a virtual node, which has no container runtime of its own';
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
