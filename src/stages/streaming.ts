import type { V1Pod } from '@kubernetes/client-node';
import { StreamError } from '../carriers/stream/error.js';
import { type Sending, sendOnDemand } from '../carriers/stream/send.js';
import type { Sent } from '../carriers/stream/totals.js';
import { type Address, directWay, type Way, wayByApi } from '../carriers/stream/way.js';
import { info } from '../host/runner.js';
import { collection } from '../kube/pods.js';
import { REACH_NODES_MAX } from '../lib/limits/carriers.js';
import type { RegistryPod } from '../registry/bootstrap.js';
import { DELIVERY_PORT } from '../registry/pod.js';
import { streamProgress } from '../report/progress.js';
import type { Delivery } from '../run/run.js';
import type { PreparedJob } from './job.js';

/**
 * Streams to the registry what nodes ask for, until they are proven; nothing where it travels in ConfigMaps.
 * Throws a StreamError, and what is wrong with the source of what was sent.
 */
export async function streaming(
  job: PreparedJob,
  delivery: Delivery,
  registry: RegistryPod,
  proven: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { payload, traffic } = job;
  if (payload.carrier !== 'stream') {
    return;
  }
  traffic.servedFrom(registry.base.node);
  const way = await wayTo(job, delivery, registry, signal);
  const words = wordsOf(way);
  info(`What nodes lack is streamed ${words}.`);
  const tell = streamProgress(info);
  let sent: Sent | undefined;
  const onProgress = (sums: Sent) => {
    sent = sums;
    tell(sums.bytesSent);
  };
  try {
    sent = await sendOnDemand({ ...sendingOf(job, delivery, proven), way, onProgress }, signal);
  } catch (error) {
    if (error instanceof StreamError && error.trouble === 'content') {
      // It says which blob is wrong; this says what is wrong with its source.
      await job.images.verify();
    }
    throw error;
  } finally {
    if (sent !== undefined) {
      const { bytesSent, bytesResent, milliseconds } = sent;
      const sums = { sentBytes: bytesSent, resentBytes: bytesResent, milliseconds };
      traffic.sent('stream', { ...sums, way: words });
    }
  }
}

function sendingOf(
  { payload, traffic }: PreparedJob,
  { token }: Delivery,
  proven: Promise<unknown>,
): Omit<Sending, 'way'> {
  const blobs = new Map(payload.onDemand.map((blob) => [blob.digest, blob]));
  return {
    token,
    blobOf: (digest) => blobs.get(digest),
    over: proven,
    onPulled: (digest, size, client) => traffic.pulled(client, digest, size),
  };
}

/** The straight way where there is one, else that through the API server. */
async function wayTo(
  { client, inputs, near, nodes }: PreparedJob,
  delivery: Delivery,
  { name }: RegistryPod,
  signal: AbortSignal,
): Promise<Way> {
  const { namespace, token } = delivery;
  const only = inputs.carrier.way;
  if (only !== 'api' && (near || only === 'direct')) {
    const pod = await client.get<V1Pod>(`${collection.pods(namespace)}/${name}`, { signal });
    const addresses = addressesOf(pod, delivery, nodes);
    const direct = await directWay(addresses, token, signal);
    if (direct !== undefined) {
      return direct;
    }
  }
  if (only === 'direct') {
    throw new StreamError(
      'refused',
      "The runner reaches the registry's delivery port neither at its Pod nor at a node; set the input `carrier` to auto or stream:api.",
    );
  }
  return wayByApi(client, namespace, name, DELIVERY_PORT);
}

/** Where the registry may be reached: at its Pod, and at the port that its Service has on nodes. */
function addressesOf(
  { status }: V1Pod,
  { deliveryPort }: Delivery,
  nodes: PreparedJob['nodes'],
): Address[] {
  const pods = (status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
  const ofNodes = nodes.slice(0, REACH_NODES_MAX).flatMap(({ addresses }) => addresses);
  return [
    ...pods.map((host) => ({ host, port: DELIVERY_PORT })),
    ...(deliveryPort === undefined ? [] : ofNodes.map((host) => ({ host, port: deliveryPort }))),
  ];
}

function wordsOf({ kind, target }: Way): string {
  return kind === 'direct' ? `straight to ${target}` : 'through the API server';
}
