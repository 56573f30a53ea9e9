import { type Sending, sendOnDemand } from '../../carriers/stream/send.js';
import { info } from '../../host/runner.js';
import { SENT_FIRST_MAX_BYTES } from '../../lib/limits/stream.js';
import { copiedBy } from '../../registry/release.js';
import { booked } from '../../report/traffic.js';
import type { Delivery } from '../../run/run.js';
import { byOneOf, type Ways, wordsOf } from '../hand-over.js';
import type { Laid, PreparedJob } from '../job.js';

/** What a stream goes by, to whom, and until when. */
export interface Streaming {
  /** None where all travels in ConfigMaps. */
  readonly ways: Ways;
  /** Settled when nobody waits for anything any more. */
  readonly proven: Promise<unknown>;
  /** Fulfilled when the registry copies nothing any more. */
  readonly copied: Promise<unknown>;
}

/**
 * Brings the registry what nodes ask for, until they are proven. A way that breaks for good is followed by
 * the next one. Throws a StreamError, and what a content's source throws.
 */
export async function streaming(
  job: PreparedJob,
  delivery: Delivery,
  { ways, proven, copied }: Streaming,
  signal: AbortSignal,
): Promise<void> {
  if (ways.length === 0) {
    return;
  }
  const laid = await job.laid;
  // What is to stay has to be there whole, for nodes that come later; what is copied need not be sent.
  const rest =
    delivery.release === undefined
      ? undefined
      : copied.then(() => laid.payload.entries.filter(({ size }) => size > 0));
  // Whoever waits for it is told.
  rest?.catch(() => undefined);
  const sending = { ...sendingOf(job, laid, delivery), over: proven, rest };
  await byOneOf(ways, (way) => {
    const words = wordsOf(way);
    info(`What nodes lack is streamed ${words}.`);
    const dialled = { carrier: 'stream' as const, way: { kind: way.kind, words } };
    return booked(job.traffic, dialled, job.log.progress, (onProgress) =>
      sendOnDemand({ ...sending, way, onProgress }, signal),
    );
  });
}

function sendingOf(
  { traffic }: PreparedJob,
  { payload }: Laid,
  { token, kept }: Delivery,
): Omit<Sending, 'way' | 'over'> {
  const copied = copiedBy(kept);
  const blobs = new Map(payload.entries.map((blob) => [blob.digest, blob]));
  return {
    token,
    blobOf: (digest) => blobs.get(digest),
    first: payload.entries.filter(
      ({ digest, size }) => size > 0 && size <= SENT_FIRST_MAX_BYTES && !copied.has(digest),
    ),
    onPulled: (digest, size, client) => traffic.pulled(client, digest, size),
  };
}
