import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Pod, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { Pace } from '../../src/carriers/configmaps/pace.js';
import type { ApiClient, ApiObject } from '../../src/kube/client.js';
import { connect } from '../../src/kube/connect.js';
import { collection, createPod } from '../../src/kube/pods.js';
import { waitUntil } from '../../src/kube/watch.js';
import { CHUNK_KEY, chunkPath, podSpecOf, RESTRICTED_CONTAINER } from '../../src/run/pod.js';
import { nameOf } from '../../src/run/run.js';
import { PAUSE_IMAGE } from '../cluster/build/build.js';
import { type Cluster, down, up } from '../cluster/cluster.js';
import { cgroupPath, hierarchies } from '../cluster/machine/cgroup.js';
import { type Bench, type Figure, figure, median } from './figure.js';
import { untilReady } from './transport/transport-ready.js';
import { leaseIn, RUN, upload } from './transport/transport-ways.js';

const CLUSTER = 'bench-mounting';
const NAMESPACE = 'jackal-inject-bench-mounting';
const NODE = 'node1';
const POD = 'mounting';
const CHUNK = 768 * 1024;
const COUNTS = [1, 25, 100, 300];
/** Rounds; in each, both ways have their turn at every count, and the one that goes first changes. */
const ROUNDS = 3;
const MIB = 1024 * 1024;

/** How the chunks come into the Pod. */
interface Way {
  readonly name: string;
  volumes(count: number): V1Volume[];
  mounts(count: number): V1VolumeMount[];
}

/** What one Pod took. */
interface Turn {
  /** From its creation until it is ready. */
  readonly seconds: number;
  /** Charged to the Pod, and held as files in memory by the node's own programs, MiB. */
  readonly pod: number;
  readonly tmpfs: number;
}

/** A volume for each chunk, as the registry has them. */
const SEPARATE: Way = {
  name: 'separate volumes',
  volumes: (count) =>
    indexes(count).map((index) => ({
      name: `chunk-${index}`,
      configMap: { name: nameOf.chunk(RUN, index) },
    })),
  mounts: (count) =>
    indexes(count).map((index) => ({
      name: `chunk-${index}`,
      mountPath: `/chunks/${chunkPath(index).slice(0, -(CHUNK_KEY.length + 1))}`,
      readOnly: true,
    })),
};

/** One volume with all chunks, which the kubelet keeps in memory. */
const PROJECTED: Way = {
  name: 'one projected volume',
  volumes: (count) => {
    const sources = indexes(count).map((index) => ({
      configMap: {
        name: nameOf.chunk(RUN, index),
        items: [{ key: CHUNK_KEY, path: chunkPath(index) }],
      },
    }));
    return [{ name: 'chunks', projected: { sources } }];
  },
  mounts: () => [{ name: 'chunks', mountPath: '/chunks', readOnly: true }],
};

/** How long a node takes to give a Pod its chunks, and whose memory they take. */
export const mounting: Bench = {
  name: 'mounting',
  about: 'a Pod with 1 to 300 chunks, as volumes of their own and as one projected volume',
  async *run(log) {
    const cluster = await up({ name: CLUSTER, nodes: 1, log });
    try {
      yield* measured(cluster, log);
    } finally {
      await down(CLUSTER);
    }
  },
};

async function* measured(cluster: Cluster, log: (line: string) => void): AsyncGenerator<Figure> {
  const { client } = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
  try {
    await client.create<ApiObject>('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    const chunks = Array.from({ length: Math.max(...COUNTS) }, () => randomBytes(CHUNK));
    const owner = await leaseIn(client, NAMESPACE);
    await upload(client, owner, chunks, new Pace({ chunkBytes: CHUNK }), NAMESPACE);
    await takeTurn(client, SEPARATE, 1); // the namespace's first Pod waits for its ServiceAccount
    const ways = [SEPARATE, PROJECTED];
    const turns = new Map(ways.map((way) => [way, new Map<number, Turn[]>()]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const count of COUNTS) {
        for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
          const turn = await takeTurn(client, way, count);
          const of = turns.get(way);
          of?.set(count, [...(of.get(count) ?? []), turn]);
          const memory = `${turn.pod.toFixed(1)} and ${turn.tmpfs.toFixed(1)} MiB`;
          log(`round ${round + 1}, ${count}, ${way.name}: ${turn.seconds.toFixed(1)} s, ${memory}`);
        }
      }
    }
    for (const count of COUNTS) {
      const compare = (what: string, unit: string, of: (turn: Turn) => number) => {
        const middle = (way: Way) => median(turns.get(way)?.get(count)?.map(of) ?? []);
        const peer = { name: PROJECTED.name, value: middle(PROJECTED) };
        return figure(
          'mounting',
          `chunks: ${count}, ${what}`,
          unit,
          'less',
          middle(SEPARATE),
          peer,
        );
      };
      yield compare('Pod ready', 's', ({ seconds }) => seconds);
      if (!hierarchies().some(({ controllers }) => controllers.includes('memory'))) continue;
      yield compare("the Pod's memory", 'MiB', ({ pod }) => pod);
      yield compare("with the node's for the files", 'MiB', ({ pod, tmpfs }) => pod + tmpfs);
    }
  } finally {
    client.close();
  }
}

async function takeTurn(client: ApiClient, way: Way, count: number): Promise<Turn> {
  const started = performance.now();
  const { metadata } = await createPod(client, NAMESPACE, podOf(way, count));
  await untilReady(client, NAMESPACE, POD);
  const seconds = (performance.now() - started) / 1000;
  const group = `kubepods/**/pod${metadata?.uid}`;
  const pod = memoryOf('pods', `${group}/memory.{usage_in_bytes,current}`, /^(\d+)$/m);
  const tmpfs = memoryOf('system', 'memory.stat', /^shmem (\d+)$/m);
  // Without a grace period the Pod would be gone before the kubelet has unmounted anything.
  await client.delete(`${collection.pods(NAMESPACE)}/${POD}`, { gracePeriodSeconds: 1 });
  await waitUntil(client, collection.pods(NAMESPACE), (pods) => !pods.has(POD));
  return { seconds, pod, tmpfs };
}

/** MiB that a file of the node's control groups tells; 0 where there is none. */
function memoryOf(group: string, file: string, pattern: RegExp): number {
  const { directory } = hierarchies().find((one) => one.controllers.includes('memory')) ?? {};
  if (directory === undefined) return 0;
  const [path] = globSync(join(directory, cgroupPath(CLUSTER, NODE, group), file));
  return path === undefined ? 0 : Number(pattern.exec(readFileSync(path, 'utf8'))?.[1]) / MIB;
}

function podOf(way: Way, count: number): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: POD },
    spec: {
      ...podSpecOf({ name: NODE }, {}),
      containers: [
        {
          name: 'pause',
          image: PAUSE_IMAGE,
          imagePullPolicy: 'Never',
          securityContext: RESTRICTED_CONTAINER,
          volumeMounts: way.mounts(count),
        },
      ],
      volumes: way.volumes(count),
    },
  };
}

function indexes(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
