import type { V1DaemonSet, V1Pod } from '@kubernetes/client-node';
import { placementFor } from '../preflight/affinity.js';
import { podMetadata, podSpecOf } from '../run/pod.js';
import { DAEMONSET_LABEL, type Delivery, nameOf } from '../run/run.js';
import { type ProofImage, proofParts } from './pod.js';

/**
 * The DaemonSet whose Pods are the proofs of all nodes of an architecture, for those who may not list nodes: it
 * finds every one that the input `nodes` chooses, tainted and cordoned ones, too, as a Pod that names its node does.
 */
export function proofDaemonSet(
  delivery: Delivery,
  architecture: string,
  images: readonly ProofImage[],
): V1DaemonSet {
  const name = nameOf.proofs(delivery, architecture);
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: podMetadata(delivery, 'proof', name),
    spec: {
      selector: { matchLabels: { [DAEMONSET_LABEL]: name } },
      // A proof that is not ready holds nobody up.
      updateStrategy: { type: 'OnDelete' },
      template: templateOf(delivery, architecture, images),
    },
  };
}

/** A Pod as the DaemonSet would make it, to be asked for and not to be kept. */
export function sampleOf(
  delivery: Delivery,
  architecture: string,
  images: readonly ProofImage[],
): V1Pod {
  const { metadata, spec } = templateOf(delivery, architecture, images);
  const name = `${nameOf.proofs(delivery, architecture)}-0`;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, spec };
}

/** DaemonSets know no deadline: the Lease, which owns them, ends them. */
function templateOf(
  delivery: Delivery,
  architecture: string,
  images: readonly ProofImage[],
): Required<Pick<V1Pod, 'metadata' | 'spec'>> {
  const name = nameOf.proofs(delivery, architecture);
  const { labels, annotations } = podMetadata(delivery, 'proof', name);
  const { activeDeadlineSeconds: _, ...spec } = podSpecOf({}, delivery);
  return {
    metadata: { labels: { ...labels, [DAEMONSET_LABEL]: name }, annotations },
    spec: {
      ...spec,
      ...placementFor(architecture, delivery.nodeSelector),
      tolerations: [{ operator: 'Exists' }],
      restartPolicy: 'Always',
      ...proofParts(delivery, architecture, images),
    },
  };
}

/** The node that a Pod of a DaemonSet is made for: the DaemonSet says so before a scheduler has bound it there. */
export function nodeOf(pod: V1Pod): string | undefined {
  const terms =
    pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      ?.nodeSelectorTerms ?? [];
  const fields = terms.flatMap(({ matchFields = [] }) => matchFields);
  return pod.spec?.nodeName ?? fields.find(({ key }) => key === 'metadata.name')?.values?.[0];
}
