import type { V1Pod, V1PodSpec, V1Taint } from '@kubernetes/client-node';
import type { LinuxNode } from '../preflight/nodes.js';
import {
  INJECTOR,
  INJECTOR_VOLUME_MOUNT,
  injectorVolume,
  PROBES,
  podMetadata,
  podSpecOf,
  RESTRICTED_CONTAINER,
} from '../run/pod.js';
import { DAEMONSET_LABEL, type Delivery, nameOf } from '../run/run.js';
import { USUAL_SHAPE } from '../run/shape.js';

/** A node that is to have the images, and its place in the run's list of nodes. */
export interface ProofNode {
  readonly index: number;
  readonly name: string;
  readonly architecture: string;
  /** Those with the effect `NoExecute`. */
  readonly taints?: readonly V1Taint[] | undefined;
  /** Images that are on it, as its kubelet reports them. */
  readonly images?: LinuxNode['images'];
}

/** An image as the node's runtime pulls it. */
export interface ProofImage {
  readonly given: string;
  /** `127.0.0.1:<port>/<secret>/<repository>@sha256:<hex>` */
  readonly pullable: string;
  /** `linux/<architecture>` of each platform that was sent. */
  readonly platforms: readonly string[];
  /** Those that another image by architecture gives to the nodes in its place. */
  readonly elsewhere?: readonly string[];
}

/**
 * The images that a node is to prove: those that were sent for its platform. The others were left out
 * by the inputs `platforms` or `allow-missing-platforms`, and the user has been told.
 */
export function imagesFor<Image extends Pick<ProofImage, 'platforms'>>(
  { architecture }: Pick<ProofNode, 'architecture'>,
  images: readonly Image[],
): Image[] {
  return images.filter(({ platforms }) => platforms.includes(`linux/${architecture}`));
}

/** The nodes that have an image to prove: a Pod needs a container. */
export function nodesToProve<Node extends Pick<ProofNode, 'architecture'>>(
  nodes: readonly Node[],
  images: readonly Pick<ProofImage, 'platforms'>[],
): Node[] {
  return nodes.filter((node) => imagesFor(node, images).length > 0);
}

/**
 * The Pod that shows a node has the images: each of its containers is one of them, running the
 * injector's `hold` in place of its own command. The kubelet starts a container only from an image
 * that its runtime has pulled and unpacked, so a running container is the proof; and while it runs,
 * the kubelet's image collection leaves the image alone.
 */
export function proofPod(
  delivery: Delivery,
  node: ProofNode,
  images: readonly ProofImage[],
  attempt: number,
): V1Pod {
  const metadata = podMetadata(delivery, 'proof', nameOf.proof(delivery, node.index, attempt));
  // The DaemonSet that keeps a release's images takes its proofs over by this label.
  const daemonSet = { [DAEMONSET_LABEL]: nameOf.proofs(delivery, node.architecture) };
  const labels = { ...metadata.labels, ...(delivery.release !== undefined && daemonSet) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, labels },
    spec: {
      ...podSpecOf(node, delivery),
      restartPolicy: 'Never',
      ...proofParts(delivery, node.architecture, images),
    },
  };
}

/** What shows the images in a Pod, however that comes to its node. */
export function proofParts(
  delivery: Delivery,
  architecture: string,
  images: readonly ProofImage[],
): Pick<V1PodSpec, 'volumes' | 'containers'> {
  const { shape = USUAL_SHAPE } = delivery;
  return {
    volumes: [injectorVolume(delivery, architecture)],
    containers: images.map((image, index) => ({
      name: containerName(index),
      image: image.pullable,
      imagePullPolicy: 'IfNotPresent',
      command: [INJECTOR, 'hold'],
      args: [],
      workingDir: '/',
      ...PROBES,
      resources: shape.proof,
      securityContext: RESTRICTED_CONTAINER,
      volumeMounts: [INJECTOR_VOLUME_MOUNT],
    })),
  };
}

/** The name of the container that is the image at this place of the list. */
export function containerName(index: number): string {
  return `image-${index}`;
}
