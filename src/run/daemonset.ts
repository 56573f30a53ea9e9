import type { V1DaemonSet, V1NodeSelectorTerm, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import type { Owner } from '../kube/protobuf.js';
import { DAEMONSET_LABEL } from './run.js';

/** As `podMetadata` gives it. */
interface DaemonSetMetadata {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ownerReferences: Owner[];
}

/**
 * A DaemonSet of the run whose Pods are on every node that their affinity allows, tainted and cordoned ones, too, as Pods
 * that name their node are. It takes over Pods with its label that nobody controls, and leaves those that it has as they
 * are: one that is not ready holds nobody up. DaemonSets know no deadline: the Lease, which owns them, ends them.
 */
export function daemonSetOf(
  metadata: DaemonSetMetadata,
  spec: V1PodSpec,
): V1DaemonSet & Required<Pick<V1DaemonSet, 'spec'>> {
  const { name, labels, annotations } = metadata;
  const { activeDeadlineSeconds: _, ...endless } = spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata,
    spec: {
      selector: { matchLabels: { [DAEMONSET_LABEL]: name } },
      updateStrategy: { type: 'OnDelete' },
      template: {
        metadata: { labels: { ...labels, [DAEMONSET_LABEL]: name }, annotations },
        spec: { ...endless, tolerations: [{ operator: 'Exists' }], restartPolicy: 'Always' },
      },
    },
  };
}

/** What nodes have to meet for a Pod, one of it. */
export function termsOf({ affinity }: Pick<V1PodSpec, 'affinity'> = {}): V1NodeSelectorTerm[] {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms ?? [];
}

/** The node that a Pod of a DaemonSet is made for: the DaemonSet says so before a scheduler has bound it there. */
export function nodeOf({ spec }: V1Pod): string | undefined {
  const fields = termsOf(spec).flatMap(({ matchFields = [] }) => matchFields);
  return spec?.nodeName ?? fields.find(({ key }) => key === 'metadata.name')?.values?.[0];
}
