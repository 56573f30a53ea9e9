import type { V1Lease, V1Node } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { ApiError } from '../kube/error.js';
import { NODE_SIGN_SECONDS } from '../lib/limits/run.js';
import { type ClusterNodes, classifyNodes } from '../preflight/nodes.js';

/** The cluster's nodes as they are now. Throws ApiError. */
export async function readNodes(client: ApiClient, signal: AbortSignal): Promise<ClusterNodes> {
  const { items } = await client.list<V1Node>('/api/v1/nodes', { signal });
  return classifyNodes(items);
}

/** Why no image can be brought to a node any more, as words that follow its name; undefined when one can. */
export function reasonAgainst(name: string, { ready, others }: ClusterNodes): string | undefined {
  if (ready.some((node) => node.name === name)) {
    return undefined;
  }
  return others.find((node) => node.name === name)?.reason ?? 'has left the cluster';
}

/**
 * Whether a node's kubelet has given a sign of life just now, long before the cluster would call the node NotReady;
 * false also where that may not be asked. Throws the signal's reason.
 */
export async function isAlive(
  client: ApiClient,
  node: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`;
    const { spec } = await client.get<V1Lease>(path, { signal });
    const renewed = Date.parse(String(spec?.renewTime ?? ''));
    return client.now() - renewed < NODE_SIGN_SECONDS * 1000;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApiError) {
      return false;
    }
    throw error;
  }
}
