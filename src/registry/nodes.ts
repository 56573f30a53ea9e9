import type { V1Node } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
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
