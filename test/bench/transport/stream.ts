import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { sendOnDemand } from '../../../src/carriers/stream/send.js';
import { wayByApi } from '../../../src/carriers/stream/way.js';
import { connect } from '../../../src/kube/connect.js';
import { STREAM_CONNECTIONS } from '../../../src/lib/limits/stream.js';
import { type Cluster, down, up } from '../../cluster/cluster.js';
import { type DeliveryPod, startDeliveryPod } from '../../e2e/kit/delivery-pod.js';
import { type Blobs, makeBlobs } from '../../integration/carriers/stream/delivery.js';
import { type Bench, figure, median, promised } from '../figure.js';

const BENCH = 'stream';
const CLUSTER = 'bench-stream';
const ROUNDS = 5;
const BLOB_BYTES = 50_000_000;
const BLOBS = 6;
const ALL_BYTES = BLOBS * BLOB_BYTES;
/** Promised: the least share of what a bare WebSocket carries. */
const PROMISED_SHARE = 0.85;
/** Frames of the size that was measured to be best, and the channel of a port's bytes before each. */
const FRAME = Buffer.alloc(1 + 128 * 1024);
/** Bytes that a bare connection has on its way before it waits. */
const AHEAD_BYTES = 1024 * 1024;
const SINK_PORT = 7000;

/** Takes all bytes of its connections, and answers with one when it has so many. */
const SINK = `
  let left = ${ALL_BYTES};
  const sockets = new Set();
  require('node:net').createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket)).on('data', ({ length }) => {
      left -= length;
      if (left > 0) return;
      left = ${ALL_BYTES};
      for (const one of sockets) one.write('.');
    });
  }).listen(${SINK_PORT}, () => console.log('listening'));`;

/** What the stream makes of the way through the API server. */
export const stream: Bench = {
  name: BENCH,
  about:
    '300 MB through the API server into a Pod: the stream, and WebSockets with nothing on them',
  async *run(log) {
    const blobs = await makeBlobs(...Array<number>(BLOBS).fill(BLOB_BYTES));
    const cluster = await up({ name: CLUSTER, nodes: 1, log });
    const [node] = cluster.nodes;
    try {
      const ours: number[] = [];
      const bare = new Map<number, number[]>([1, STREAM_CONNECTIONS].map((many) => [many, []]));
      for (let round = 0; round < ROUNDS; round++) {
        const pod = await startDeliveryPod(cluster, node?.name ?? '', blobs.all);
        const endSink = await startSink(cluster, pod);
        try {
          ours.push(await speedOf(() => sendAll(cluster, pod, blobs)));
          log(`round ${round + 1}, the stream: ${ours.at(-1)?.toFixed(0)} MB/s`);
          for (const [many, speeds] of bare) {
            speeds.push(await speedOf(() => sendBare(cluster, pod, many)));
            log(`round ${round + 1}, ${many} bare: ${speeds.at(-1)?.toFixed(0)} MB/s`);
          }
        } finally {
          await endSink();
          await pod.remove();
        }
      }
      const best = Math.max(...[...bare.values()].map(median));
      for (const [many, speeds] of bare) {
        yield figure(BENCH, `bare WebSockets, ${many}`, 'MB/s', 'more', median(speeds));
      }
      const least = promised(
        PROMISED_SHARE * best,
        `${PROMISED_SHARE} × the best of bare WebSockets`,
      );
      yield figure(BENCH, 'stream through the API server', 'MB/s', 'more', median(ours), least);
    } finally {
      await down(CLUSTER);
      await blobs.remove();
    }
  },
};

/** Megabytes a second of a sending of all bytes. */
async function speedOf(send: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await send();
  return ALL_BYTES / 1000 / (performance.now() - started);
}

/** Ours, until the registry has verified the last blob. */
async function sendAll(cluster: Cluster, pod: DeliveryPod, { all }: Blobs): Promise<void> {
  const { client } = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
  const over = Promise.withResolvers<void>();
  const verified = new Set<string>();
  try {
    const sending = {
      way: wayByApi(client, pod.namespace, pod.name, pod.port),
      token: pod.token,
      blobOf: (digest: string) => all.find((blob) => blob.digest === digest),
      first: all,
      over: over.promise,
      onVerified: (digest: string) => {
        if (verified.add(digest).size === all.length) over.resolve();
      },
    };
    await sendOnDemand(sending, new AbortController().signal);
  } finally {
    client.close();
  }
}

/** The same bytes over so many WebSockets, none of which does anything but send frames. */
async function sendBare(cluster: Cluster, pod: DeliveryPod, many: number): Promise<void> {
  const { client } = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
  const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/portforward`;
  const query = { ports: SINK_PORT };
  let left = ALL_BYTES;
  try {
    const each = Array.from({ length: many }, async () => {
      const socket = await client.webSocket(path, 'v4.channel.k8s.io', { query });
      // The first two messages are the port's own; the one that ends all is a byte on channel 0.
      const ended = new Promise<void>((resolve) => {
        socket.on('message', (message: Buffer) => {
          if (message[0] === 0 && message.length === 2) resolve();
        });
      });
      socket.resume();
      while (left > 0) {
        const frame = FRAME.subarray(0, 1 + Math.min(FRAME.length - 1, left));
        left -= frame.length - 1;
        const sent = new Promise((resolve) => socket.send(frame, resolve));
        if (socket.bufferedAmount > AHEAD_BYTES) await sent;
      }
      await ended;
      socket.terminate();
    });
    await Promise.all(each);
  } finally {
    client.close();
  }
}

/** Starts the sink in the network of the cluster's delivery Pod; gives what ends it. */
async function startSink(cluster: Cluster, pod: DeliveryPod): Promise<() => Promise<void>> {
  const network = await networkOf(cluster, pod);
  const child = spawn('nsenter', [`--net=${network}`, process.execPath, '-e', SINK], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface(child.stdout), 'line');
  return async () => {
    const closed = once(child, 'close');
    child.kill();
    await closed;
  };
}

/** The network namespace of the cluster's delivery Pod: that of a process there which has its address. */
async function networkOf({ name }: Cluster, { address }: DeliveryPod): Promise<string> {
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const of = async (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    if (!(await of('cgroup')).includes(`/jackal-inject/${name}/`)) continue;
    if ((await of('net/fib_trie')).includes(`${address}\n`)) {
      return `/proc/${pid}/ns/net`;
    }
  }
  throw new Error(`No process of the cluster ${name} has the address ${address}.`);
}
