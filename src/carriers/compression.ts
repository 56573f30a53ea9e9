import type { CarrierWish } from '../host/input-values.js';
import { type Compression, parseCompression } from '../images/bytes/compression.js';
import {
  COMPRESS_BELOW_BYTES_PER_SECOND,
  COMPRESS_NEAR_BELOW_BYTES_PER_SECOND,
  STREAM_FROM_BYTES,
} from '../lib/limits/carriers.js';

const NONE = parseCompression('none');
const ZSTD = parseCompression('zstd');

/** What `fittingCompression` chooses among. */
export const FITTING_COMPRESSIONS = [NONE, ZSTD] as const;

/** What is known of the way before the images are read. */
export interface WayFacts {
  /** Bytes that the sources have, as far as they say so. */
  readonly bytes: number;
  /** Asks whether the runner is on the network of the cluster's nodes. */
  readonly near: () => Promise<boolean>;
  /** Bytes a second to the API server; undefined when that could not be measured. */
  readonly speed: () => Promise<number | undefined>;
}

/**
 * The compression that fits the way: none where a stream carries the layers faster than they could be
 * compressed, zstd where they travel in ConfigMaps or far. What is small is not kept waiting for the cluster.
 */
export async function fittingCompression(
  { carrier, way }: CarrierWish,
  { bytes, near, speed }: WayFacts,
): Promise<Compression> {
  if (carrier === 'configmap' || (carrier === 'auto' && bytes < STREAM_FROM_BYTES)) {
    return ZSTD;
  }
  // A way that nobody could measure is taken for what it usually is.
  const [slow, usual] =
    way !== 'api' && (await near())
      ? [COMPRESS_NEAR_BELOW_BYTES_PER_SECOND, Number.POSITIVE_INFINITY]
      : [COMPRESS_BELOW_BYTES_PER_SECOND, 0];
  return ((await speed()) ?? usual) > slow ? NONE : ZSTD;
}
