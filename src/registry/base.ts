import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { REGISTRY_BASES_MAX } from '../lib/limits/run.js';
import type { LinuxNode } from '../preflight/nodes.js';
import type { Base } from './pod.js';

/** An image's name that says it is the one behind every Pod's sandbox, whoever ships it. */
const PAUSE = /(^|\/)(pause|pause-amd64|pause-arm64|mirrored-pause|pod|eks-pause)([:@-]|$)/;

/**
 * Where the registry can start in this cluster. Pods of other namespaces are asked for only when
 * no node lists a sandbox image, and a user who may not read them does without.
 */
export async function findBases(
  client: ApiClient,
  nodes: readonly LinuxNode[],
  signal: AbortSignal,
): Promise<Base[]> {
  const listed = nodes.flatMap(({ images }) => images.flatMap(({ names }) => names));
  if (listed.some((name) => PAUSE.test(name))) {
    return basesFor(nodes, []);
  }
  try {
    const { items } = await client.list<V1Pod>('/api/v1/pods', { signal });
    return basesFor(nodes, items);
  } catch (error) {
    if (isFault(error, 'permission')) {
      return basesFor(nodes, []);
    }
    throw error;
  }
}

/**
 * Where the registry could start without pulling: images that are on a node already, the surest
 * first. The sandbox image comes first, since kubelets keep it; then images of running Pods that
 * needed no pull secret, since the kubelet may refuse others to a Pod without their secret
 * (KEP-2535); then what the node lists, smallest names last to leave.
 *
 * @param pods Pods of all namespaces that may be read, or none when that is not allowed
 */
export function basesFor(nodes: readonly LinuxNode[], pods: readonly V1Pod[]): Base[] {
  const perNode = nodes.map((node) => basesOn(node, pods));
  // The surest of every node comes before the second of any: a node may be broken altogether.
  const longest = Math.max(0, ...perNode.map((bases) => bases.length));
  return Array.from({ length: longest }, (_, rank) => perNode.flatMap((bases) => bases[rank] ?? []))
    .flat()
    .slice(0, REGISTRY_BASES_MAX);
}

function basesOn(node: LinuxNode, pods: readonly V1Pod[]): Base[] {
  const listed = node.images.flatMap(({ names }) => preferredName(names) ?? []);
  const pause = listed.filter((name) => PAUSE.test(name));
  const running = pods
    .filter((pod) => pod.spec?.nodeName === node.name && pod.status?.phase === 'Running')
    .filter((pod) => (pod.spec?.imagePullSecrets ?? []).length === 0)
    .flatMap((pod) => pod.spec?.containers ?? [])
    .flatMap((container) => container.image ?? []);
  const images = [...new Set([...pause, ...running, ...listed])];
  return images.map((image) => ({ node: node.name, architecture: node.architecture, image }));
}

/** A name with a tag when there is one: runtimes know it without a look at the content. */
function preferredName(names: readonly string[]): string | undefined {
  const usable = names.filter((name) => !name.includes('<none>'));
  return usable.find((name) => !name.includes('@')) ?? usable[0];
}
