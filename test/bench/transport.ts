import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { configMapsPath, deleteConfigMaps } from '../../src/cluster/configmaps.js';
import { connect } from '../../src/cluster/connection.js';
import type { ApiClient } from '../../src/cluster/http.js';
import { encodeConfigMap } from '../../src/cluster/protobuf.js';
import { uploadChunks } from '../../src/cluster/upload.js';
import { labelsOf, nameOf } from '../../src/run.js';
import { kubeBinaries } from '../cluster/build.js';
import { run } from '../cluster/command.js';
import {
  ADMIN_TOKEN,
  type ControlPlane,
  startControlPlane,
} from '../integration/cluster/control-plane.js';
import { anchorOf } from '../integration/cluster/run-objects.js';

/** One way of bringing chunks into a cluster, as measured. */
export interface TransportFigure {
  readonly way: string;
  /** 10^6 bytes a second. */
  readonly speed: number;
  /** Bytes of memory by which etcd, API server and controllers grew, for each byte sent. */
  readonly memoryPerByte: number;
  /** Bytes by which etcd's file grew, for each byte sent. */
  readonly diskPerByte: number;
  /** Seconds to delete all of it, for each 100 MB. */
  readonly deletion: number;
}

interface Site {
  readonly plane: ControlPlane;
  readonly client: ApiClient;
  readonly chunks: readonly Buffer[];
}

const CHUNK = 768 * 1024;
const NAMESPACE = 'default';
const RUN = 'be9cbe9c';
/** 102 MB, and a quarter for the ways that take a second for each. */
const QUICK_CHUNKS = 130;
const SLOW_CHUNKS = 32;
const CONCURRENCIES = [1, 2, 4, 8, 16];

/**
 * Measures side by side: the raw upper bound (prepared protobuf bodies in a bare loop), this
 * action, kubectl in a loop, and a serial server-side apply with a pause of 250 ms (the state of
 * the art). Each on a control plane of its own, fresh and with a durable etcd; the quick ways take
 * turns for `rounds` rounds, of which the median counts.
 */
export async function measureTransport(
  rounds: number,
  log: (line: string) => void,
): Promise<TransportFigure[]> {
  const quick = new Map<string, (site: Site) => Promise<void>>();
  for (const count of CONCURRENCIES) {
    quick.set(`raw, ${count} at once`, (site) => raw(site, count));
  }
  quick.set('jackal-inject', ours);
  const measured = new Map<string, TransportFigure[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [way, send] of quick) {
      const figure = await measure(way, QUICK_CHUNKS, send);
      log(`${way}: ${figure.speed.toFixed(1)} MB/s`);
      measured.set(way, [...(measured.get(way) ?? []), figure]);
    }
  }
  const figures = [...measured.values()].map(median);
  figures.push(await measure('kubectl create in a loop', SLOW_CHUNKS, kubectlLoop));
  figures.push(
    await measure('server-side apply, one by one, 250 ms pause', SLOW_CHUNKS, serialApply),
  );
  return figures;
}

/** The figures as a table for people. */
export function transportTable(figures: readonly TransportFigure[]): string {
  const head = `${'way'.padEnd(44)} ${'MB/s'.padStart(6)} ${'memory'.padStart(8)} ${'disk'.padStart(6)} ${'delete 100 MB'.padStart(14)}`;
  const rows = figures.map(({ way, speed, memoryPerByte, diskPerByte, deletion }) =>
    [
      way.padEnd(44),
      speed.toFixed(1).padStart(6),
      `${memoryPerByte.toFixed(1)} B/B`.padStart(8),
      diskPerByte.toFixed(1).padStart(6),
      `${deletion.toFixed(1)} s`.padStart(14),
    ].join(' '),
  );
  return [head, ...rows].join('\n');
}

function median(figures: readonly TransportFigure[]): TransportFigure {
  const sorted = [...figures].sort((one, other) => one.speed - other.speed);
  return sorted[Math.floor(sorted.length / 2)] as TransportFigure;
}

async function measure(
  way: string,
  count: number,
  send: (site: Site) => Promise<void>,
): Promise<TransportFigure> {
  const plane = await startControlPlane({ controllers: true, durable: true });
  const { client } = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  try {
    const chunks = Array.from({ length: count }, () => randomBytes(CHUNK));
    const bytes = count * CHUNK;
    const [memory, disk] = [await memoryOf(plane), await diskOf(plane)];
    const started = performance.now();
    await send({ plane, client, chunks });
    const seconds = (performance.now() - started) / 1000;
    const grown = [(await memoryOf(plane)) - memory, (await diskOf(plane)) - disk];
    const [memoryPerByte = 0, diskPerByte = 0] = grown.map((growth) => growth / bytes);
    const deletion = performance.now();
    await deleteConfigMaps(
      client,
      NAMESPACE,
      chunks.map((_, index) => nameOf.chunk(RUN, index)),
    );
    const perHundred = ((performance.now() - deletion) / 1000) * (100e6 / bytes);
    return { way, speed: bytes / 1e6 / seconds, memoryPerByte, diskPerByte, deletion: perHundred };
  } finally {
    client.close();
    await plane.stop();
  }
}

/** Resident bytes of all processes of the control plane. */
async function memoryOf({ pids }: ControlPlane): Promise<number> {
  const sizes = await Promise.all(
    Object.values(pids).map(async (pid) => {
      const text = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of etcd's file. */
async function diskOf({ directory }: ControlPlane): Promise<number> {
  return (await stat(path.join(directory, 'etcd/member/snap/db'))).size;
}

async function raw({ plane, chunks }: Site, concurrency: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency, ca: plane.authority });
  const bodies = chunks.map((chunk, index) =>
    Buffer.concat(
      encodeConfigMap({
        name: nameOf.chunk(RUN, index),
        namespace: NAMESPACE,
        labels: labelsOf(RUN, 'chunk'),
        binaryData: { chunk },
        immutable: true,
      }),
    ),
  );
  const rest = bodies.values();
  const worker = async () => {
    for (const body of rest) {
      await post(plane, agent, body);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  agent.destroy();
}

function post(plane: ControlPlane, agent: Agent, body: Buffer): Promise<void> {
  const headers = {
    authorization: `Bearer ${ADMIN_TOKEN}`,
    'content-type': 'application/vnd.kubernetes.protobuf',
    'content-length': body.length,
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  };
  return new Promise((resolve, reject) => {
    const url = new URL(configMapsPath(NAMESPACE), plane.server);
    const asked = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().on('end', () => {
        answer.statusCode === 201 ? resolve() : reject(new Error(`status ${answer.statusCode}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

async function ours({ client, chunks }: Site): Promise<void> {
  const owner = await anchorOf(client, NAMESPACE, RUN);
  const source = async function* () {
    for (const [index, bytes] of chunks.entries()) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      yield { name: nameOf.chunk(RUN, index), bytes, sha256 };
    }
  };
  const labels = labelsOf(RUN, 'chunk');
  await uploadChunks(client, source(), { namespace: NAMESPACE, labels, owner, key: 'chunk' });
}

async function kubectlLoop({ plane, chunks }: Site): Promise<void> {
  const kubectl = path.join(await kubeBinaries('v1.37.2'), 'kubectl');
  const kubeconfig = path.join(plane.directory, 'bench.kubeconfig');
  await writeFile(kubeconfig, plane.kubeconfig());
  for (const [index, chunk] of chunks.entries()) {
    const file = path.join(plane.directory, 'chunk');
    await writeFile(file, chunk);
    const name = nameOf.chunk(RUN, index);
    await run(kubectl, [
      ...['--kubeconfig', kubeconfig, '--namespace', NAMESPACE],
      ...['create', 'configmap', name, `--from-file=chunk=${file}`],
    ]);
  }
}

async function serialApply({ client, chunks }: Site): Promise<void> {
  for (const [index, chunk] of chunks.entries()) {
    const name = nameOf.chunk(RUN, index);
    await client.request({
      method: 'PATCH',
      path: `${configMapsPath(NAMESPACE)}/${name}`,
      query: { fieldManager: 'bench', force: true },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: NAMESPACE, labels: labelsOf(RUN, 'chunk') },
        binaryData: { chunk: chunk.toString('base64') },
      },
    });
    await pause(250);
  }
}
