import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../../src/kube/client.js';
import { connect } from '../../../src/kube/connect.js';
import { collection, createPod } from '../../../src/kube/pods.js';
import { waitUntil } from '../../../src/kube/watch.js';
import { ActionError } from '../../../src/lib/errors.js';
import { podSpecOf, RESTRICTED_CONTAINER } from '../../../src/run/pod.js';
import type { Cluster, ClusterNode } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { untilRunsAreGone } from '../../helpers/site.js';

/** Where the benches' own Pods are. */
export const NAMESPACE = 'default';
/** What every namespace has, and a Pod may mount: a kubelet looks for that, however small it is, after 300 ms. */
const MOUNTED = { name: 'mounted', configMap: { name: 'kube-root-ca.crt' } };

/** Where Pods run, and whether they mount a ConfigMap. */
interface PodsChoice {
  readonly on?: readonly ClusterNode[];
  readonly mounting?: boolean;
}

const nameOn = ({ name }: ClusterNode) => `bench-load-${name}`;

/** A cluster's nodes as one who has root on them sees them, which our action never needs. */
export class Nodes {
  private constructor(
    readonly cluster: Cluster,
    readonly client: ApiClient,
    /** What each node has by itself. */
    private readonly bare: ReadonlyMap<ClusterNode, Kept>,
  ) {}

  static async of(cluster: Cluster): Promise<Nodes> {
    const { client } = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
    const each = cluster.nodes.map(async (node) => [node, await keptOn(cluster, node)] as const);
    return new Nodes(cluster, client, new Map(await Promise.all(each)));
  }

  /** Bytes that this machine has sent into the cluster so far, whoever of it. */
  async bytesSent(): Promise<number> {
    return await counter(this.cluster.network.bridge, 'tx_bytes');
  }

  /** Imports a file into all nodes at once, as `kind load` does it. */
  async importFile(path: string): Promise<void> {
    const how = ['images', 'import', '--all-platforms', '--digests', '--snapshotter=overlayfs'];
    await Promise.all(this.cluster.nodes.map((node) => ctr(this.cluster, node, [...how, path])));
  }

  /** Runs a Pod of an image on every node, or on some, that may mount something; fulfilled when all of them run. */
  async startPods(
    image: string,
    imagePullPolicy: 'Never' | 'IfNotPresent',
    { on = this.cluster.nodes, mounting = false }: PodsChoice = {},
  ): Promise<void> {
    const failure = new AbortController();
    await Promise.all(
      on.map(async (node) => {
        const name = nameOn(node);
        const container = {
          ...{ name: 'load', image, imagePullPolicy },
          securityContext: RESTRICTED_CONTAINER,
          ...(mounting && { volumeMounts: [{ name: 'mounted', mountPath: '/mounted' }] }),
        };
        const volumes = mounting ? [MOUNTED] : [];
        const spec = { ...podSpecOf({ name: node.name }, {}), volumes, containers: [container] };
        await createPod(this.client, NAMESPACE, { metadata: { name }, spec });
        await untilRunning(this.client, name, failure.signal);
      }),
    ).finally(() => failure.abort());
  }

  /** Removes those Pods, and waits until the cluster has nothing left to do for runs that have ended. */
  async removePods(): Promise<void> {
    const names = this.cluster.nodes.map(nameOn);
    const pods = collection.pods(NAMESPACE);
    for (const name of names) await this.client.delete(`${pods}/${name}`).catch(() => undefined);
    await waitUntil<V1Pod>(this.client, pods, (there) => !names.some((name) => there.has(name)));
    await untilRunsAreGone(this.cluster);
  }

  /** Removes those Pods and every image that came. The nodes are as they were when this is fulfilled. */
  async clear(): Promise<void> {
    await this.removePods();
    await Promise.all([...this.bare].map(([node, kept]) => this.clearNode(node, kept)));
  }

  private async clearNode(node: ClusterNode, kept: Kept): Promise<void> {
    await until(
      `${node.name} to have nothing but what it had`,
      async () => {
        const { images, snapshots } = await keptOn(this.cluster, node);
        const more = [...images].filter((image) => !kept.images.has(image));
        // Synchronous: contents and snapshots are collected before the command ends.
        if (more.length > 0) await ctr(this.cluster, node, ['images', 'rm', '--sync', ...more]);
        return more.length === 0 && snapshots <= kept.snapshots;
      },
      { seconds: 120 },
    );
  }

  /** Lets the nodes' runtimes pull from an address by plain HTTP; the answer takes that back. */
  async allowPlain(address: string): Promise<() => Promise<void>> {
    const places = this.cluster.nodes.map(({ directory }) =>
      join(directory, 'var/lib/jackal/certs.d', address),
    );
    for (const place of places) {
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'hosts.toml'), `server = "http://${address}"\n`);
    }
    return async () => {
      for (const place of places) await rm(place, { recursive: true, force: true });
    };
  }

  close(): void {
    this.client.close();
  }
}

/** Waits until a Pod's container runs. @throws ActionError when its image is not there, which waiting would not mend. */
export async function untilRunning(
  client: ApiClient,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const isRunning = (pod?: V1Pod) => {
    const state = pod?.status?.containerStatuses?.[0]?.state;
    if (state?.waiting?.reason?.startsWith('ErrImage')) {
      throw new ActionError(`${name} cannot start: ${state.waiting.message}`);
    }
    return state?.running !== undefined;
  };
  const query = { fieldSelector: `metadata.name=${name}` };
  const pods = collection.pods(NAMESPACE);
  await waitUntil<V1Pod>(client, pods, (there) => isRunning(there.get(name)), { query, signal });
}

/** What a node has in its runtime: names of images, and snapshots of layers. */
interface Kept {
  readonly images: ReadonlySet<string>;
  readonly snapshots: number;
}

async function keptOn(cluster: Cluster, node: ClusterNode): Promise<Kept> {
  const lines = async (...args: string[]) =>
    (await ctr(cluster, node, args)).split('\n').filter((line) => line.trim() !== '');
  const [images, snapshots] = await Promise.all([
    lines('images', 'ls', '--quiet'),
    lines('snapshots', 'ls'),
  ]);
  return {
    images: new Set(images),
    snapshots: snapshots.filter((line) => line.includes('Committed')).length,
  };
}

async function ctr(cluster: Cluster, node: ClusterNode, args: string[]): Promise<string> {
  const where = ['--address', node.containerdSocket, '--namespace', 'k8s.io'];
  return (await run(cluster.ctr, [...where, ...args])).stdout;
}

/** A counter of a network device. */
export async function counter(device: string, name: 'tx_bytes' | 'rx_bytes'): Promise<number> {
  return Number(await readFile(`/sys/class/net/${device}/statistics/${name}`, 'utf8'));
}
