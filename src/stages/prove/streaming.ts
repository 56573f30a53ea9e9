import type { V1Pod } from '@kubernetes/client-node';
import { type Sending, sendOnDemand } from '../../carriers/stream/send.js';
import { info } from '../../host/runner.js';
import { collection } from '../../kube/pods.js';
import { waitUntil } from '../../kube/watch.js';
import { SENT_FIRST_MAX_BYTES } from '../../lib/limits/stream.js';
import type { RegistryPod } from '../../registry/bootstrap.js';
import { copiedBy } from '../../registry/release.js';
import { hasVerifiedAll } from '../../registry/status.js';
import { booked } from '../../report/traffic.js';
import { type Delivery, selectorOf } from '../../run/run.js';
import { byOneOf, type Ways, wordsOf } from '../hand-over.js';
import type { Laid, PreparedJob } from '../job.js';

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
 * the next one. Throws a StreamError, and what a content's source throws.
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
  const rest =
    delivery.release === undefined ? undefined : restOf(job, laid, delivery, registry, signal);
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

/**
 * What is to stay has to be there whole, for nodes that come later; what another registry has is copied before anything
 * is known to be missing.
 */
async function restOf(
  { client }: PreparedJob,
  { payload }: Laid,
  { id, namespace }: Delivery,
  { name }: RegistryPod,
  signal: AbortSignal,
) {
  const query = { labelSelector: selectorOf(id, 'registry') };
  const hasCopied = (pods: ReadonlyMap<string, V1Pod>) => hasVerifiedAll(pods.get(name));
  await waitUntil<V1Pod>(client, collection.pods(namespace), hasCopied, { query, signal });
  return payload.entries.filter(({ size }) => size > 0);
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
