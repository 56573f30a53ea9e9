import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Node } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { connect } from '../../../src/kube/connect.js';
import { NODE_TELLS_IMAGES_MAX } from '../../../src/lib/limits/run.js';
import { Slots } from '../../../src/lib/slots.js';
import type { Cluster } from '../../cluster/cluster.js';
import { lastLinesOf } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { tool } from '../tools.js';
import { type Refusal, stagesOf } from './stages.js';

/** Nodes without a kubelet in a real cluster, whose Pods kwok plays. */
export interface SimulatedNodes {
  readonly names: readonly string[];
  /** Ends what plays them; they stay, for a cluster that goes itself. */
  stop(): Promise<void>;
  /** Takes them out of the cluster. */
  close(): Promise<void>;
}

const NODES = '/api/v1/nodes';
const LABEL = 'jackal-test/simulated';
const CREATES_AT_ONCE = 8;

/** The names of so many simulated nodes: behind those of the test cluster's own nodes, in a list of all. */
export function simulatedNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `simulated-${`${index}`.padStart(4, '0')}`);
}

/**
 * Adds nodes to a cluster, every second of them of arm64, and waits until all are Ready.
 *
 * @param refusal of Pods that have the label `REFUSED`; all others run at once
 */
export async function simulateNodes(
  cluster: Cluster,
  count: number,
  refusal?: Refusal,
): Promise<SimulatedNodes> {
  const { client } = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
  const kwok = await startKwok(cluster, refusal);
  const names = simulatedNames(count);
  const patience = { check: kwok.check };
  const stop = async () => {
    client.close();
    await kwok.stop();
  };
  const close = async () => {
    try {
      await kwok.stop();
      await each(names, (name) => client.delete(`${NODES}/${name}`));
      // Another kwok takes no node whose Lease is there, and the cluster removes Leases behind nodes.
      const areGone = async () => (await leasedOf(client, names)).length === 0;
      await until('the Leases of simulated nodes to go', areGone);
    } finally {
      client.close();
    }
  };
  try {
    await each(names, (name, index) => client.create<V1Node>(NODES, nodeOf(name, index)));
    await until('all simulated nodes to be Ready', () => areReady(client, count), patience);
    const arePlayed = async () => (await leasedOf(client, names)).length === count;
    await until('kwok to play all of them', arePlayed, patience);
    return { names, stop, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function each<Result>(
  names: readonly string[],
  work: (name: string, index: number) => Promise<Result>,
): Promise<void> {
  const slots = new Slots(CREATES_AT_ONCE);
  await Promise.all(names.map((name, index) => slots.run(() => work(name, index))));
}

async function areReady(client: ApiClient, count: number): Promise<boolean> {
  const query = { labelSelector: LABEL };
  const { items } = await client.list<V1Node>(NODES, { query });
  const ready = items.filter(
    ({ spec, status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') &&
      spec?.taints?.some(({ effect }) => effect === 'NoExecute') !== true,
  );
  return ready.length === count;
}

/** Those of the nodes that give signs of life, as who plays a node does from then on. */
async function leasedOf(client: ApiClient, names: readonly string[]): Promise<string[]> {
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const { items } = await client.list<ApiObject>(path);
  const leased = new Set(items.map(({ metadata }) => metadata?.name));
  return names.filter((name) => leased.has(name));
}

/** What a kubelet would have registered: an architecture, an address, places for Pods, and images that are there. */
function nodeOf(name: string, index: number): V1Node {
  const architecture = index % 2 === 0 ? 'amd64' : 'arm64';
  const resources = { cpu: '8', memory: '32Gi', pods: '110' };
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    [LABEL]: 'yes',
  };
  return {
    metadata: { name, labels },
    status: {
      // A range for benchmarks, in which nothing answers (RFC 2544).
      addresses: [{ type: 'InternalIP', address: `198.18.${index >> 8}.${index & 255}` }],
      allocatable: resources,
      capacity: resources,
      conditions: [condition()],
      nodeInfo: {
        ...{
          architecture,
          operatingSystem: 'linux',
          containerRuntimeVersion: 'containerd://2.2.1',
        },
        ...{ kubeletVersion: 'v1.37.2', kubeProxyVersion: '', kernelVersion: '6.12.0' },
        ...{ osImage: 'simulated', bootID: name, machineID: name, systemUUID: name },
      },
      images: Array.from({ length: NODE_TELLS_IMAGES_MAX }, (_, image) => imageOf(image)),
    },
  };
}

function condition() {
  const now = new Date();
  return {
    ...{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'simulated' },
    ...{ lastHeartbeatTime: now, lastTransitionTime: now },
  };
}

function imageOf(index: number) {
  const name =
    index === NODE_TELLS_IMAGES_MAX - 1
      ? 'registry.k8s.io/pause'
      : `registry.example/team/app-${index}`;
  const digest = `sha256:${`${index}`.padStart(64, '0')}`;
  return {
    names: [`${name}@${digest}`, `${name}:1.2.3`],
    sizeBytes: 1e6 * (NODE_TELLS_IMAGES_MAX - index),
  };
}

/** Starts kwok for a cluster's simulated nodes. */
async function startKwok(cluster: Cluster, refusal: Refusal | undefined) {
  const directory = await mkdtemp(join(tmpdir(), 'jackal-kwok-'));
  const log = join(directory, 'kwok.log');
  const config = join(directory, 'stages.yaml');
  await writeFile(config, stagesOf(refusal));
  const args = [
    `--kubeconfig=${cluster.kubeconfig}`,
    `--config=${config}`,
    `--manage-nodes-with-label-selector=${LABEL}=yes`,
    // A quarter of it passes between two signs of life, which is half of what makes a node NotReady here.
    '--node-lease-duration-seconds=40',
  ];
  const output = openSync(log, 'w');
  const env = { ...process.env, HOME: directory };
  const child = spawn(await tool('kwok'), args, { env, stdio: ['ignore', output, output] });
  closeSync(output);
  const ended = once(child, 'close');
  return {
    check: async () => {
      if (child.exitCode !== null)
        throw new Error(`kwok has ended:\n${await lastLinesOf(log, 10)}`);
    },
    stop: async () => {
      child.kill();
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
