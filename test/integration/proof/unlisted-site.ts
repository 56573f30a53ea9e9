import type { V1DaemonSet } from '@kubernetes/client-node';
import { collection } from '../../../src/kube/pods.js';
import { until } from '../../cluster/until.js';
import { client, nodes, planOf } from './proof-site.js';

/*
 * What the tests of a proof without a list of the nodes stand on besides.
 */

const LINUX = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };

/** Adds a node, and waits until the controller of DaemonSets has counted it: one that it does not know is none to a proof. */
export async function add(name: string, labels: object = {}): Promise<void> {
  await nodes.add(name, { labels: { ...LINUX, ...labels } });
  const path = collection.daemonSets('default');
  const own = `${path}/counts-${name}`;
  await client.create<V1DaemonSet>(path, countingSet(name));
  try {
    const isCounted = async () =>
      (await client.get<V1DaemonSet>(own)).status?.desiredNumberScheduled === 1;
    await until(`${name} to be counted`, isCounted);
  } finally {
    await client.delete(own);
  }
}

/** A DaemonSet for one node. */
function countingSet(node: string) {
  const field = { key: 'metadata.name', operator: 'In', values: [node] };
  const terms = { nodeSelectorTerms: [{ matchFields: [field] }] };
  const labels = { counts: node };
  return {
    metadata: { name: `counts-${node}` },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
          tolerations: [{ operator: 'Exists' }],
          containers: [{ name: 'none', image: 'none:1' }],
        },
      },
    },
  };
}

export const plan = (more: Parameters<typeof planOf>[1] = {}) =>
  planOf([], { nodesUnlisted: true, architectures: ['amd64', 'arm64'], ...more });
