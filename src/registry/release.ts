import type { V1ReplicaSet, V1Taint, V1Toleration } from '@kubernetes/client-node';
import { LASTING_NODES_MAX } from '../lib/limits/pods.js';
import { contentsIn } from '../payload/replaced.js';
import { placementFor } from '../preflight/affinity.js';
import type { LinuxNode } from '../preflight/nodes.js';
import { type Base, type BaseCandidate, tolerationOf } from '../run/pod.js';
import { registryOf } from '../run/release/service.js';
import { type Delivery, type KeptRelease, labelsFor, nameOf } from '../run/run.js';
import { knownImages } from './known-bases.js';
import { registryPod } from './pod.js';

/** The catalog of what the registry of a delivery is to have from the one that it replaces, while that is there to copy it from. */
export function copiedCatalog(kept: KeptRelease | undefined): string | undefined {
  return kept?.address === undefined ? undefined : kept.record;
}

/** Digests of what that catalog lists. */
export function copiedBy(kept: KeptRelease | undefined): ReadonlySet<string> {
  return new Set(contentsIn(copiedCatalog(kept) ?? '').keys());
}

/** How a registry was started that is to come again when its Pod is lost. */
export interface LastingRegistry {
  readonly base: BaseCandidate;
  /** Names of the nodes that have the image it starts from; any when undefined. */
  readonly nodes: readonly string[] | undefined;
  /** Names of those that are known to have it where any may be taken; none is preferred when undefined. */
  readonly sooner?: readonly string[];
  /** What it has to tolerate to come to any of them. */
  readonly tolerations?: readonly V1Toleration[];
  /** Path below the chunks directory of each chunk, in order. */
  readonly chunks: readonly string[];
  /** Bytes of all blobs together. */
  readonly storeBytes: number;
}

/** What is known of the nodes when a registry has started. */
export interface KnownPlaces {
  readonly nodes: readonly Pick<LinuxNode, 'name' | 'architecture' | 'images' | 'keptBy'>[];
  readonly nodesUnlisted: boolean;
  /** Where it might have started. */
  readonly bases: readonly BaseCandidate[];
  /** Kubernetes' version as the server tells it. */
  readonly version: string;
}

/**
 * Where a lost registry can start again, for a scheduler: anywhere with an image that may be pulled, or that all nodes have,
 * as far as is known, also those that come in the place of today's, but sooner where it is known to be; else nowhere but there.
 *
 * @param hasClaim whether a volume may bind it to one of the nodes
 */
export function placesToComeAgain(
  { nodes, nodesUnlisted, bases, version }: KnownPlaces,
  { architecture, image, node, pulled }: Base,
  hasClaim: boolean,
): Pick<LastingRegistry, 'nodes' | 'sooner' | 'tolerations'> {
  const alike = nodes.filter((other) => other.architecture === architecture);
  const anywhere = { nodes: undefined, tolerations: tolerationsFor(alike, hasClaim) };
  const isKnown = knownImages(version).includes(image);
  if (pulled === true || (nodesUnlisted && isKnown)) {
    return anywhere;
  }
  const others = nodesUnlisted
    ? bases.flatMap((base) => (base.image === image ? (base.node ?? []) : []))
    : alike.flatMap(({ name, images }) =>
        images.some(({ names }) => names.includes(image)) ? name : [],
      );
  // A kubelet tells of its largest images alone, so that of its own node is taken for granted.
  const having = [...new Set([node, ...others])].slice(0, LASTING_NODES_MAX);
  if (isKnown) {
    return { ...anywhere, sooner: having };
  }
  const known = alike.filter(({ name }) => having.includes(name));
  return { nodes: having, tolerations: tolerationsFor(known, hasClaim) };
}

/**
 * The tolerations with which a scheduler finds a node among these: none where one of them takes every Pod, else those of
 * all their taints, since nobody knows which of them will be there.
 *
 * @param isBound whether a volume may bind the Pod to one of them, so that another one is of no use
 */
export function tolerationsFor(
  nodes: readonly { readonly keptBy?: readonly V1Taint[] | undefined }[],
  isBound: boolean,
): V1Toleration[] {
  if (!isBound && nodes.some(({ keptBy = [] }) => keptBy.length === 0)) {
    return [];
  }
  const tolerations = nodes.flatMap(({ keptBy = [] }) => keptBy.map(tolerationOf));
  return [...new Map(tolerations.map((one) => [JSON.stringify(one), one])).values()];
}

/**
 * Where a registry that comes later looks for what it lacks: in its own network, where nothing listens. The registry that
 * was replaced is gone by then, and its address may be another tenant's, whom a question would tell the secret path.
 */
const NOBODY = '127.0.0.1:1';

function withNobodyToCopyFrom(delivery: Delivery): Delivery {
  const { kept } = delivery;
  return kept?.address === undefined
    ? delivery
    : { ...delivery, kept: { ...kept, address: NOBODY } };
}

/**
 * Puts another Pod in the place of a registry that is lost. It takes over the Pod that is there: a ReplicaSet adopts what
 * its selector finds and nobody controls (kubernetes, pkg/controller/controller_ref_manager.go).
 */
export function registryReplicaSet(
  delivery: Delivery,
  { base, nodes, sooner, tolerations = [], chunks, storeBytes }: LastingRegistry,
): V1ReplicaSet {
  const { architecture, image, pulled } = base;
  const { metadata, spec } = registryPod(
    withNobodyToCopyFrom(delivery),
    { architecture, image, pulled },
    0,
    chunks,
    storeBytes,
  );
  const name = nameOf.registrySet(delivery);
  const { labels, annotations } = metadata ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      labels: labelsFor(delivery, 'registry'),
      ownerReferences: [delivery.owner],
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: registryOf(delivery) },
      template: {
        metadata: { ...(labels && { labels }), ...(annotations && { annotations }) },
        ...(spec && {
          spec: {
            ...spec,
            ...placementFor(architecture, delivery.nodeSelector, {
              on: nodes,
              sooner,
              unfitToo: delivery.unfitToo,
            }),
            tolerations: [...(spec.tolerations ?? []), ...tolerations],
            restartPolicy: 'Always',
          },
        }),
      },
    },
  };
}
