import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { BASE_NODES_MAX } from '../lib/limits/pods.js';
import { REGISTRY_BASES_MAX } from '../lib/limits/run.js';
import type { LinuxNode } from '../preflight/nodes.js';
import type { Base, BaseCandidate } from '../run/pod.js';

/** An image's name that says it is the one behind every Pod's sandbox, whoever ships it. */
const PAUSE = /(^|\/)(pause|pause-amd64|pause-arm64|mirrored-pause|pod|eks-pause)([:@-]|$)/;

/**
 * Where the registry can start in this cluster. Pods of other namespaces are asked for only when
 * no node lists a sandbox image, and then those of a few nodes, never all of a cluster; a user who may
 * not read them does without.
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
  const asked = nodes.slice(0, BASE_NODES_MAX).map((node) => runningOn(client, node.name, signal));
  await Promise.allSettled(asked);
  return basesFor(nodes, (await Promise.all(asked)).flat());
}

async function runningOn(client: ApiClient, node: string, signal: AbortSignal): Promise<V1Pod[]> {
  const query = { fieldSelector: `spec.nodeName=${node},status.phase=Running` };
  try {
    return (await client.list<V1Pod>('/api/v1/pods', { query, signal })).items;
  } catch (error) {
    if (isFault(error, 'permission')) {
      return [];
    }
    throw error;
  }
}

/** The same place under the further names of its image, those with a digest first. */
export function aliasesOf<Place extends BaseCandidate>({ aliases = [], ...base }: Place) {
  return aliases.map((image) => ({ ...base, image }));
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

/** The images on one node from which a Pod could start without pulling, the surest first; as of `basesFor`. */
export function basesOn(
  node: Pick<LinuxNode, 'name' | 'architecture' | 'images' | 'taints'>,
  pods: readonly V1Pod[],
): Base[] {
  const namings = node.images.map(({ names }) => namesOf(names));
  const listed = namings.flatMap(([name]) => name ?? []);
  const pause = listed.filter((name) => PAUSE.test(name));
  const running = pods
    .filter((pod) => pod.spec?.nodeName === node.name && pod.status?.phase === 'Running')
    .filter((pod) => (pod.spec?.imagePullSecrets ?? []).length === 0)
    .flatMap((pod) => pod.spec?.containers ?? [])
    .flatMap((container) => container.image ?? []);
  const images = [...new Set([...pause, ...running, ...listed])];
  return images.map((image) => {
    const aliases = namings.find(([name]) => name === image)?.slice(1) ?? [];
    return {
      node: node.name,
      architecture: node.architecture,
      image,
      ...(aliases.length > 0 && { aliases }),
      ...(node.taints && { taints: node.taints }),
    };
  });
}

/**
 * The names of an image that a Pod can name: first one with a tag when there is one, which runtimes know
 * without a look at the content, then those with a digest, which some policies ask for.
 */
function namesOf(names: readonly string[]): string[] {
  const usable = names.filter((name) => !name.includes('<none>'));
  const tagged = usable.filter((name) => !name.includes('@'));
  const byDigest = usable.filter((name) => name.includes('@'));
  return [...tagged.slice(0, 1), ...byDigest, ...tagged.slice(1)];
}
