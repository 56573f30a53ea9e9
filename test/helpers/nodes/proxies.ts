import { statusOf } from '../../cluster/api.js';
import type { ClusterNode } from '../../cluster/cluster.js';
import { until } from '../../cluster/until.js';

/** Starts a node's kube-proxy and waits until it has set its rules, as its health check says. */
export async function startProxy(node: ClusterNode): Promise<void> {
  await node.startComponent('proxy');
  const health = `http://${node.address}:10256/healthz`;
  const isWell = async () => (await statusOf(health)) === 200;
  await until(`kube-proxy of ${node.name} to have set its rules`, isWell);
}
