import type { ApiClient } from '../../kube/client.js';
import type { Owner } from '../../kube/protobuf.js';
import { despiteQuota, type QuotaPatience } from '../../kube/quota.js';
import type { Attempt } from '../../kube/request.js';
import { rest } from '../../lib/waiting.js';
import type { Chunk } from '../../payload/chunk.js';
import { putConfigMap } from '../../run/configmap.js';
import { Pace } from './pace.js';

/** A chunk on its way: what becomes one ConfigMap. */
export interface UploadChunk extends Omit<Chunk, 'index'> {
  /** Name of the ConfigMap. */
  readonly name: string;
}

/** Where chunks go and how many at a time. */
export interface UploadOptions<Sent extends UploadChunk = UploadChunk> {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: Owner;
  /** Key in `binaryData`. */
  readonly key: string;
  /** Shared with whoever cuts the chunks, so that their size follows the server too. */
  readonly pace?: Pace;
  /** Called after each chunk with the sums so far. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Called with each chunk that is there. */
  readonly onSent?: (chunk: Sent) => void;
  /** How long a quota may refuse a chunk; not at all when undefined. */
  readonly quota?: Omit<QuotaPatience, 'signal'>;
  /** Aborted by the first failure, so that a source which waits for something ends, too. */
  readonly stop?: AbortController;
  readonly signal?: AbortSignal | undefined;
}

/** Sums of an upload. */
export interface UploadProgress {
  readonly chunks: number;
  readonly bytes: number;
}

/**
 * Creates one immutable ConfigMap for each chunk, several at a time; a chunk is taken from the
 * source only when one can be sent, so memory stays at a few chunks. Throws the first failure,
 * when the others under way have ended; what was created stays for the anchor's deletion.
 */
export async function uploadChunks<Sent extends UploadChunk>(
  client: ApiClient,
  chunks: AsyncIterable<Sent>,
  options: UploadOptions<Sent>,
): Promise<UploadProgress> {
  const { namespace, labels, owner, key, pace = new Pace() } = options;
  const { stop = new AbortController() } = options;
  pace.knowWay(client.roundTripMilliseconds);
  const signal =
    options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  let sums: UploadProgress = { chunks: 0, bytes: 0 };
  // A refusal tells nothing of what the server bears: it ends the upload, or a quota is waited for.
  const saw = (size: number) => (attempt: Attempt) => {
    if (attempt.status !== 403) pace.saw(attempt, size);
  };
  const send = async (chunk: Sent) => {
    const { name, parts, size, sha256 } = chunk;
    const binaryData = { [key]: parts };
    const spec = { name, namespace, labels, owner, binaryData, immutable: true };
    const put = () => putConfigMap(client, spec, { sha256, signal, onAttempt: saw(size) });
    await despiteQuota(put, { seconds: 0, ...options.quota, signal });
    sums = { chunks: sums.chunks + 1, bytes: sums.bytes + size };
    options.onSent?.(chunk);
    options.onProgress?.(sums);
  };
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const chunk of chunks) {
      const sent: Promise<void> = send(chunk)
        .catch((error: unknown) => {
          failures.push(error);
          stop.abort(error);
        })
        .finally(() => underWay.delete(sent));
      underWay.add(sent);
      while (underWay.size >= pace.concurrency) {
        await Promise.race(underWay);
      }
      if (failures.length > 0) {
        break;
      }
      await rest(pace.restMilliseconds, signal);
    }
  } catch (error) {
    failures.push(error);
    stop.abort(error);
  }
  await Promise.all(underWay);
  if (failures.length > 0) {
    throw failures[0];
  }
  return sums;
}
