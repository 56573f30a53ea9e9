import { StreamError } from '../carriers/stream/error.js';
import { type Sending, sendOnDemand } from '../carriers/stream/send.js';
import type { Sent } from '../carriers/stream/totals.js';
import { info } from '../host/runner.js';
import { SENT_FIRST_MAX_BYTES } from '../lib/limits/stream.js';
import type { RegistryPod } from '../registry/bootstrap.js';
import { streamProgress } from '../report/progress.js';
import type { Delivery } from '../run/run.js';
import { byOneOf, type Ways, wordsOf } from './hand-over.js';
import type { Laid, PreparedJob } from './job.js';

/** What a stream goes by, to whom, and until when. */
export interface Streaming {
  /** None where all travels in ConfigMaps. */
  readonly ways: Ways;
  readonly registry: RegistryPod;
  /** Settled when nobody waits for anything any more. */
  readonly proven: Promise<unknown>;
}

/**
 * Brings the registry what nodes ask for, until they are proven. A way that breaks for good is followed by
 * the next one. Throws a StreamError, and what is wrong with the source of what was sent.
 */
export async function streaming(
  job: PreparedJob,
  delivery: Delivery,
  { ways, registry, proven }: Streaming,
  signal: AbortSignal,
): Promise<void> {
  if (ways.length === 0) {
    return;
  }
  const laid = await job.laid;
  job.traffic.servedFrom(registry.base.node);
  const sending = { ...sendingOf(job, laid, delivery), over: proven };
  try {
    await byOneOf(ways, (way) => send(job, { ...sending, way }, signal));
  } catch (error) {
    if (error instanceof StreamError && error.trouble === 'content') {
      // It says which blob is wrong; this says what is wrong with its source.
      await laid.images.verify();
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
  { traffic }: PreparedJob,
  { payload }: Laid,
  { token }: Delivery,
): Omit<Sending, 'way' | 'over'> {
  const blobs = new Map(payload.entries.map((blob) => [blob.digest, blob]));
  return {
    token,
    blobOf: (digest) => blobs.get(digest),
    first: payload.entries.filter(({ size }) => size > 0 && size <= SENT_FIRST_MAX_BYTES),
    onPulled: (digest, size, client) => traffic.pulled(client, digest, size),
  };
}
