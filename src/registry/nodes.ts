import type { V1Lease } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { ifAnswered } from '../kube/error.js';
import { NODE_SIGN_SECONDS } from '../lib/limits/run.js';
import {
  type ClusterNodes,
  type LinuxNode,
  type NodesQuery,
  readNodes,
  readyNames,
} from '../preflight/nodes.js';
import type { Delivery } from '../run/run.js';

/** Why no image can be brought to a node any more, as words that follow its name; undefined when one can. */
export function reasonAgainst(name: string, nodes: ClusterNodes): string | undefined {
  const { ready, others, selector } = nodes;
  if (ready.some((node) => node.name === name)) {
    return undefined;
  }
  return others.find((node) => node.name === name)?.reason ?? hasLeft(selector);
}

/** What is said of a node that is not there any more, or not one of those with these labels, as words that follow its name. */
export function hasLeft(selector: string | undefined): string {
  const labels = selector === undefined ? '' : ` or lost the labels ${selector}`;
  return `has left the cluster${labels}`;
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

/** Looks at the chosen nodes of a cluster. Its methods throw ApiError and the signal's reason. */
export class NodeLooks {
  private looking: Promise<ClusterNodes | undefined> | undefined;
  private readonly chosen: NodesQuery;

  constructor(
    private readonly client: ApiClient,
    { nodeSelector: selector }: Pick<Delivery, 'nodeSelector'>,
    signal: AbortSignal,
  ) {
    this.chosen = { selector, signal };
  }

  /** All of them as they are now. */
  all(): Promise<ClusterNodes> {
    return readNodes(this.client, this.chosen);
  }

  /** One of them as it is now, if it is there and Ready. */
  async ready(name: string): Promise<LinuxNode | undefined> {
    return (await this.all()).ready.find((node) => node.name === name);
  }

  /**
   * All of them when one of those that are needed is not there and Ready, which a short answer tells. Several who ask at
   * once share an answer.
   *
   * @param needed called when there is an answer
   */
  unlessReady(needed: () => readonly string[]): Promise<ClusterNodes | undefined> {
    this.looking ??= this.allIfLost(needed).finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async allIfLost(needed: () => readonly string[]): Promise<ClusterNodes | undefined> {
    const ready = await readyNames(this.client, this.chosen);
    return needed().every((name) => ready?.has(name)) ? undefined : await this.all();
  }
}
