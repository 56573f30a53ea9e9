import { type ApiClient, AS_REMEMBERED, TABLE } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { ActionError } from '../lib/errors.js';
import { NODE_ASKS_CONCURRENCY } from '../lib/limits/pods.js';
import { NODES_NAMED_MAX } from '../lib/limits/run.js';
import { enumerated } from '../lib/sentences.js';
import { eachOf } from '../lib/slots.js';
import type { LinuxNode } from './nodes.js';

/** Pods for which a kubelet keeps a place. */
const ALIVE = 'status.phase!=Succeeded,status.phase!=Failed';

/**
 * How many more Pods each node takes, by the node's name: asked node by node, since a list of all Pods
 * of a large cluster is among the dearest that there are. A node that does not say how many it takes is
 * left out, and so are all when the user may not list Pods of other namespaces. Throws ApiError.
 */
export async function freeSlots(
  client: ApiClient,
  nodes: readonly LinuxNode[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const slots = new Map<string, number>();
  await eachOf(nodes, NODE_ASKS_CONCURRENCY, signal, async ({ name, podsMax }, until) => {
    const taken = podsMax === undefined ? undefined : await podsOn(client, name, until);
    if (podsMax !== undefined && taken !== undefined) slots.set(name, podsMax - taken);
  });
  return slots;
}

async function podsOn(
  client: ApiClient,
  node: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const fieldSelector = `spec.nodeName=${node},${ALIVE}`;
  const query = { ...AS_REMEMBERED, fieldSelector, includeObject: 'None' };
  try {
    const answer = await client.get<{ rows?: unknown[]; items?: unknown[] }>('/api/v1/pods', {
      query,
      accept: TABLE,
      signal,
    });
    return (answer.rows ?? answer.items ?? []).length;
  } catch (error) {
    if (isFault(error, 'permission')) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Holds the Pods that a run will start against the free places. Throws an ActionError that names the
 * nodes on which no proof can start.
 */
export function checkSlots(
  nodes: readonly Pick<LinuxNode, 'name' | 'podsMax'>[],
  slots: ReadonlyMap<string, number>,
): void {
  const full = nodes.filter(({ name }) => (slots.get(name) ?? 1) < 1);
  if (full.length > 0) {
    const names = enumerated(
      full.map(({ name, podsMax }) => `${name} (${podsMax})`),
      NODES_NAMED_MAX,
    );
    throw new ActionError(
      `No more Pod fits on ${full.length === 1 ? 'the node' : 'the nodes'} ${names}, because as many run there as its kubelet takes; remove a Pod or raise the kubelet's \`maxPods\`.`,
    );
  }
}

/**
 * The nodes where the registry can start beside the node's proof, as far as is known. Throws an
 * ActionError when there are nodes and none has room for both.
 *
 * @param proven nodes whose proof has its place already
 */
export function withRoom<Node extends { readonly name: string }>(
  nodes: readonly Node[],
  slots: ReadonlyMap<string, number>,
  proven: ReadonlyMap<string, string> = new Map(),
): Node[] {
  const needed = (name: string) => (proven.has(name) ? 1 : 2);
  const roomy = nodes.filter(({ name }) => (slots.get(name) ?? 2) >= needed(name));
  if (roomy.length === 0 && nodes.length > 0) {
    throw new ActionError(
      "No node takes two more Pods, one for the registry and one for the node's own proof; remove a Pod from one of them or raise its kubelet's `maxPods`.",
    );
  }
  return roomy;
}
