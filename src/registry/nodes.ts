import type { V1Lease } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { ifAnswered } from '../kube/error.js';
import { NODE_SIGN_SECONDS } from '../lib/limits/run.js';
import { type ClusterNodes, readNodes } from '../preflight/nodes.js';
import type { Delivery } from '../run/run.js';

/** Why no image can be brought to a node any more, as words that follow its name; undefined when one can. */
export function reasonAgainst(name: string, nodes: ClusterNodes): string | undefined {
  const { ready, others, selector } = nodes;
  if (ready.some((node) => node.name === name)) {
    return undefined;
  }
  const labels = selector === undefined ? '' : ` or lost the labels ${selector}`;
  return others.find((node) => node.name === name)?.reason ?? `has left the cluster${labels}`;
}

/** The same, asked now; undefined also where nobody may list nodes. Throws ApiError. */
export async function troubleOf(
  client: ApiClient,
  node: string | undefined,
  { nodeSelector: selector, nodesUnlisted }: Pick<Delivery, 'nodeSelector' | 'nodesUnlisted'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  return nodesUnlisted === true || node === undefined
    ? undefined
    : reasonAgainst(node, await readNodes(client, { selector, signal }));
}

/**
 * Whether a node's kubelet has given a sign of life just now, long before the cluster would call the node NotReady. Throws
 * the signal's reason.
 *
 * @param orReady where that may not be asked, it is enough that the cluster has the node for Ready
 */
export async function isAlive(
  client: ApiClient,
  node: string,
  orReady: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`;
  const lease = await ifAnswered(client.get<V1Lease>(path, { signal }), signal);
  if (lease === undefined) {
    if (!orReady) {
      return false;
    }
    const nodes = await ifAnswered(readNodes(client, { selector: undefined, signal }), signal);
    return nodes !== undefined && reasonAgainst(node, nodes) === undefined;
  }
  const renewed = Date.parse(String(lease.spec?.renewTime ?? ''));
  return client.now() - renewed < NODE_SIGN_SECONDS * 1000;
}
