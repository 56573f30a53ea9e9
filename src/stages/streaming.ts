import type { V1Pod } from '@kubernetes/client-node';
import { isOfWay, StreamError } from '../carriers/stream/error.js';
import { type Sending, sendOnDemand } from '../carriers/stream/send.js';
import type { Sent } from '../carriers/stream/totals.js';
import { type Address, directWay, type Way, wayByApi } from '../carriers/stream/way.js';
import { info, warning } from '../host/runner.js';
import { collection } from '../kube/pods.js';
import { sentenceOf } from '../lib/errors.js';
import { REACH_NODES_MAX } from '../lib/limits/carriers.js';
import type { RegistryPod } from '../registry/bootstrap.js';
import { DELIVERY_PORT } from '../registry/pod.js';
import { streamProgress } from '../report/progress.js';
import type { Delivery } from '../run/run.js';
import type { PreparedJob } from './job.js';

/**
 * Streams to the registry what nodes ask for, until they are proven; nothing where it travels in ConfigMaps. A
 * straight way that breaks for good is followed by that through the API server. Throws a StreamError, and
 * what is wrong with the source of what was sent.
 */
export async function streaming(
  job: PreparedJob,
  delivery: Delivery,
  registry: RegistryPod,
  proven: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  if (job.payload.carrier !== 'stream') {
    return;
  }
  job.traffic.servedFrom(registry.base.node);
  const sending = sendingOf(job, delivery, proven);
  const through = wayByApi(job.client, delivery.namespace, registry.name, DELIVERY_PORT);
  const only = job.inputs.carrier.way;
  try {
    const straight = await straightWay(job, delivery, registry, signal);
    try {
      await send(job, { ...sending, way: straight ?? through }, signal);
    } catch (error) {
      if (straight === undefined || only !== undefined || !isOfWay(error)) {
        throw error;
      }
      warning(sentenceOf(error));
      await send(job, { ...sending, way: through }, signal);
    }
  } catch (error) {
    if (error instanceof StreamError && error.trouble === 'content') {
      // It says which blob is wrong; this says what is wrong with its source.
      await job.images.verify();
    }
    throw error;
  }
}

/** Sends by one way, and books what was sent, however it ends. */
async function send({ traffic }: PreparedJob, sending: Sending, signal: AbortSignal) {
  const { kind } = sending.way;
  const words = wordsOf(sending.way);
  info(`What nodes lack is streamed ${words}.`);
  const tell = streamProgress(info);
  let sent: Sent | undefined;
  const onProgress = (sums: Sent) => {
    sent = sums;
    tell(sums.bytesSent);
  };
  try {
    sent = await sendOnDemand({ ...sending, onProgress }, signal);
  } finally {
    if (sent !== undefined) {
      const { bytesSent, bytesResent, milliseconds } = sent;
      const sums = { sentBytes: bytesSent, resentBytes: bytesResent, milliseconds };
      traffic.sent('stream', { ...sums, way: { kind, words } });
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

/** The straight way, where there is one and it may be taken. Throws a StreamError where no other may. */
async function straightWay(
  { client, inputs, near, nodes }: PreparedJob,
  delivery: Delivery,
  { name }: RegistryPod,
  signal: AbortSignal,
): Promise<Way | undefined> {
  const { namespace, token } = delivery;
  const only = inputs.carrier.way;
  if (only === 'api' || (only === undefined && !near)) {
    return undefined;
  }
  const pod = await client.get<V1Pod>(`${collection.pods(namespace)}/${name}`, { signal });
  const way = await directWay(addressesOf(pod, delivery, nodes), token, signal);
  if (way === undefined && only === 'direct') {
    throw new StreamError(
      'refused',
      "The runner reaches the registry's delivery port neither at its Pod nor at a node; set the input `carrier` to auto or stream:api.",
    );
  }
  return way;
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
