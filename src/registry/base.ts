import type { V1Pod } from '@kubernetes/client-node';
import { type ApiClient, AS_REMEMBERED } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { BASE_NODES_MAX, GIVEN_BASE_TRIES } from '../lib/limits/pods.js';
import { REGISTRY_BASES_MAX } from '../lib/limits/run.js';
import { settled } from '../lib/slots.js';
import type { LinuxNode } from '../preflight/nodes.js';
import type { Base } from '../run/pod.js';

/** An image's name that says it is the one behind every Pod's sandbox, whoever ships it. */
const PAUSE = /(^|\/)(pause|pause-amd64|pause-arm64|mirrored-pause|pod|eks-pause)([:@-]|$)/;

/** A node on which a Pod of the run is to start, and what its kubelet tells of its images. */
export type BaseNode = Pick<LinuxNode, 'name' | 'architecture' | 'taints'> &
  Partial<Pick<LinuxNode, 'images' | 'drainedBy'>>;

/** What the user says of it. */
export interface BaseWish {
  /** What all Pods of the run's own start from, wherever nodes have it from. */
  readonly image?: string | undefined;
  /** The namespace that the run was given: its Pods may be read where those of others may not. */
  readonly namespace?: string | undefined;
}

/** The images from which Pods of the run's own start: the registry, relays and couriers alike. */
export class Bases {
  /** Where Pods may be read, as far as is known. */
  private readonly readable: Set<string>;

  constructor(
    private readonly client: ApiClient,
    private readonly wish: BaseWish,
    private readonly signal: AbortSignal,
  ) {
    const given = wish.namespace === undefined ? [] : [collection.pods(wish.namespace)];
    this.readable = new Set(['/api/v1/pods', ...given]);
  }

  /**
   * Where a Pod can start on one node, the surest first; just the image that the user gave, if there is one. The node's
   * Pods are asked for only when it lists no sandbox image; who may not read them does without. Throws ApiError.
   */
  async on(node: BaseNode): Promise<Base[]> {
    const { image } = this.wish;
    if (image !== undefined) {
      return givenBases(placeOn(node), image);
    }
    return basesOn(node, listsPause(node) ? [] : await this.runningOn(node.name));
  }

  /**
   * Where a Pod can start on any of these nodes; a few are looked at, those first that tell the most, and those last that
   * are about to go. Throws ApiError.
   */
  async among(nodes: readonly BaseNode[]): Promise<Base[]> {
    const telling = (node: BaseNode) => (listsPause(node) ? 0 : node.images?.length ? 1 : 2);
    const place = (node: BaseNode) => telling(node) + (node.drainedBy === undefined ? 0 : 3);
    const some = nodes.toSorted((one, other) => place(one) - place(other));
    const looks = some.slice(0, BASE_NODES_MAX).map((node) => this.on(node));
    return inTurn(varied(await settled(looks))).slice(0, REGISTRY_BASES_MAX);
  }

  /** The running Pods of one node, never of all: of all namespaces, or else of the given one. */
  private async runningOn(node: string): Promise<V1Pod[]> {
    const fieldSelector = `spec.nodeName=${node},status.phase=Running`;
    const query = { ...AS_REMEMBERED, fieldSelector };
    for (const path of [...this.readable]) {
      try {
        return (await this.client.list<V1Pod>(path, { query, signal: this.signal })).items;
      } catch (error) {
        if (!isFault(error, 'permission')) {
          throw error;
        }
        this.readable.delete(path);
      }
    }
    return [];
  }
}

/** A place with the image that the user gave, as often as it is tried. */
export function givenBases<Place extends object>(place: Place, image: string) {
  return Array.from({ length: GIVEN_BASE_TRIES }, () => ({ ...place, image, pulled: true }));
}

/** Whether a kubelet gives a Pod's images to any other: not those that came by a pull secret (KEP-2535). */
export function needsNoSecret({ spec }: V1Pod): boolean {
  return (spec?.imagePullSecrets ?? []).length === 0;
}

/**
 * The same, with another image first on some nodes where the surest of all is one that may not do anywhere: kubelets that
 * verify every pull secret (`imagePullCredentialsVerificationPolicy`) give no Pod the sandbox image, which none of them pulled.
 */
function varied(perNode: readonly (readonly Base[])[]): (readonly Base[])[] {
  const first = new Map<string, number>();
  return perNode.map((bases) => {
    const timesFirst = ({ image }: Base) => first.get(image) ?? 0;
    const base = bases.find((one) => timesFirst(one) < REGISTRY_BASES_MAX / 2) ?? bases[0];
    if (base === undefined) return bases;
    first.set(base.image, timesFirst(base) + 1);
    return [base, ...bases.filter((one) => one !== base)];
  });
}

/** The surest of every node comes before the second of any: a node may be broken altogether. */
export function inTurn(perNode: readonly (readonly Base[])[]): Base[] {
  const longest = Math.max(0, ...perNode.map((bases) => bases.length));
  const ranks = Array.from({ length: longest }, (_, rank) => rank);
  return ranks.flatMap((rank) => perNode.flatMap((bases) => bases[rank] ?? []));
}

/**
 * The images on one node from which a Pod could start without pulling, the surest first. The sandbox image comes first,
 * since kubelets keep it; then images of running Pods that needed no pull secret, since the kubelet may refuse others to
 * a Pod without their secret (KEP-2535); then what else the node lists.
 *
 * @param pods Pods that may be read
 */
export function basesOn(node: BaseNode, pods: readonly V1Pod[]): Base[] {
  const namings = (node.images ?? []).map(({ names }) => namesOf(names));
  const listed = namings.flatMap(([name]) => name ?? []);
  const pause = listed.filter((name) => PAUSE.test(name));
  const running = pods
    .filter((pod) => pod.spec?.nodeName === node.name && pod.status?.phase === 'Running')
    .filter(needsNoSecret)
    .flatMap(imagesThere);
  const images = [...new Set([...pause, ...running, ...listed])];
  return images.map((image) => {
    const aliases = namings.find(([name]) => name === image)?.slice(1) ?? [];
    return { ...placeOn(node), image, ...(aliases.length > 0 && { aliases }) };
  });
}

function placeOn({ name, architecture, taints }: BaseNode): Omit<Base, 'image'> {
  return { node: name, architecture, ...(taints && { taints }) };
}

function listsPause({ images = [] }: BaseNode): boolean {
  return images.some(({ names }) => names.some((name) => PAUSE.test(name)));
}

/** A Pod runs as soon as one of its containers does; another's image may never come. */
function imagesThere({ spec, status }: V1Pod): string[] {
  const waiting = (status?.containerStatuses ?? []).filter(({ state }) => state?.waiting);
  const names = new Set(waiting.map(({ name }) => name));
  return (spec?.containers ?? []).flatMap(({ name, image }) =>
    image === undefined || names.has(name) ? [] : image,
  );
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
