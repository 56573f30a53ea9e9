import type { CarrierWish } from '../host/inputs.js';
import { type Compression, parseCompression } from '../images/bytes/compression.js';
import { COMPRESS_BELOW_BYTES_PER_SECOND, STREAM_FROM_BYTES } from '../lib/limits/carriers.js';

const NONE = parseCompression('none');
const ZSTD = parseCompression('zstd');

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
  if (way !== 'api' && (await near())) {
    return NONE;
  }
  return ((await speed()) ?? 0) > COMPRESS_BELOW_BYTES_PER_SECOND ? NONE : ZSTD;
}
