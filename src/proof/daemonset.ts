import type { V1Pod } from '@kubernetes/client-node';
import { placementFor } from '../preflight/affinity.js';
import { daemonSetOf } from '../run/daemonset.js';
import { podMetadata, podSpecOf } from '../run/pod.js';
import { type Delivery, nameOf } from '../run/run.js';
import { type ProofImage, proofParts } from './pod.js';

/**
 * The DaemonSet whose Pods are the proofs of all nodes of an architecture, for those who may not list nodes: it
 * finds every one that the input `nodes` chooses. A release's takes over the proofs that are there.
 */
export function proofDaemonSet(
  delivery: Delivery,
  architecture: string,
  images: readonly ProofImage[],
) {
  return daemonSetOf(podMetadata(delivery, 'proof', nameOf.proofs(delivery, architecture)), {
    ...podSpecOf({}, delivery),
    ...placementFor(architecture, delivery.nodeSelector, delivery),
    ...proofParts(delivery, architecture, images),
  });
}

/** A Pod as the DaemonSet would make it, to be asked for and not to be kept. */
export function sampleOf(
  delivery: Delivery,
  architecture: string,
  images: readonly ProofImage[],
): V1Pod {
  const { metadata, spec } = proofDaemonSet(delivery, architecture, images).spec.template;
  const name = `${nameOf.proofs(delivery, architecture)}-0`;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, ...(spec && { spec }) };
}
