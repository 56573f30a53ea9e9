import type { V1Pod } from '@kubernetes/client-node';
import type { Cluster } from '../../cluster/cluster.js';
import { labelOf, type Role } from '../../helpers/jobs.js';
import { list } from '../../helpers/read.js';

/** The Pods of a role that are there, of whatever run. */
export async function podsOf(cluster: Cluster, role: Role): Promise<V1Pod[]> {
  return await list<V1Pod>(cluster, '/api/v1/pods', { labels: labelOf(role) });
}

/** The first container of each Pod, which is the run's own; admission may have put others behind it. */
export function containersIn(pods: readonly V1Pod[]) {
  return pods.map(({ spec }) => {
    const { image, imagePullPolicy } = spec?.containers[0] ?? {};
    return { node: spec?.nodeName, image, imagePullPolicy };
  });
}
