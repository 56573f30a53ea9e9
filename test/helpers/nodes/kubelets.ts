import { setTimeout as rest } from 'node:timers/promises';
import type { V1Node } from '@kubernetes/client-node';
import type { Cluster, ClusterNode } from '../../cluster/cluster.js';
import { until } from '../../cluster/until.js';
import { read } from '../read.js';
import { kubectl } from '../site.js';

/** Milliseconds between two signs of life of a node: the cluster misses them after 20 s. */
const SIGN_OF_LIFE_MILLISECONDS = 2_000;

/**
 * Ends the kubelets of nodes until `body` has ended, and gives their signs of life, so that the nodes stay Ready. The
 * kubelets have said how their nodes are again when this ends, so nothing stays of what `body` has said in their place.
 */
export async function withoutKubelets<T>(
  cluster: Cluster,
  nodes: readonly ClusterNode[],
  body: () => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let signs: Promise<void> | undefined;
  let ended = 0;
  try {
    for (const node of nodes) await node.stopComponent('kubelet');
    signs = giveSignsOfLife(cluster, nodes, stop.signal);
    ended = await thisSecond();
    return await body();
  } finally {
    try {
      for (const node of nodes) await node.startComponent('kubelet');
      await untilHeard(cluster, nodes, ended);
    } finally {
      stop.abort();
      await signs;
    }
  }
}

/** Starts a node's kubelet, which has been ended, and waits until it has said that the node is Ready. */
export async function startKubelet(cluster: Cluster, node: ClusterNode): Promise<void> {
  const ended = await thisSecond();
  await node.startComponent('kubelet');
  await untilHeard(cluster, [node], ended);
}

/** Waits for the end of this second, which it returns: what is posted from now on, in whole seconds, is of a later one. */
async function thisSecond(): Promise<number> {
  const second = Math.floor(Date.now() / 1000) * 1000;
  await until('the end of this second', () => Date.now() >= second + 1000);
  return second;
}

/** Waits until nodes are Ready by what their kubelets have said after a second. */
async function untilHeard(
  cluster: Cluster,
  nodes: readonly ClusterNode[],
  second: number,
): Promise<void> {
  for (const { name } of nodes) {
    const isHeard = async () => {
      const { status } = await read<V1Node>(cluster, `/api/v1/nodes/${name}`);
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.status === 'True' && Date.parse(`${ready.lastHeartbeatTime}`) > second;
    };
    await until(`the kubelet of ${name} to say that it is Ready`, isHeard);
  }
}

async function giveSignsOfLife(
  cluster: Cluster,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<void> {
  const names = nodes.map(({ name }) => name);
  const lease = ['patch', 'lease', '--namespace=kube-node-lease', '--type=merge', ...names];
  while (!signal.aborted) {
    // Kubernetes writes six digits behind the second.
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const patch = JSON.stringify({ spec: { renewTime } });
    // One that fails, as beside a restart of the API server, is followed by another.
    await kubectl(cluster, ...lease, `--patch=${patch}`).catch(() => {});
    await rest(SIGN_OF_LIFE_MILLISECONDS, undefined, { signal }).catch(() => {});
  }
}
