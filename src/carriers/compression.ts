import type { CarrierWish } from '../host/input-values.js';
import { type Compression, parseCompression } from '../images/bytes/compression.js';
import type { Fitting } from '../images/read.js';
import {
  COMPRESS_BELOW_BYTES_PER_SECOND,
  COMPRESS_NEAR_BELOW_BYTES_PER_SECOND,
  STREAM_FROM_BYTES,
} from '../lib/limits/carriers.js';

const NONE = parseCompression('none');
const ZSTD = parseCompression('zstd');

/** What is known of the way before the images are read. */
export interface WayFacts {
  /** Bytes that the sources have, as far as they say so. */
  readonly bytes: number;
  /** Asks whether the runner is on the network of the cluster's nodes, and why there can be no stream; undefined when there can. */
  readonly cluster: () => Promise<{
    readonly near: boolean;
    readonly obstacle: string | undefined;
  }>;
  /** Bytes a second to the API server; undefined when that could not be measured. */
  readonly speed: () => Promise<number | undefined>;
}

/**
 * What `compression: auto` means: what fits the way. For images that are to stay it is zstd whatever the way, since
 * the digests that are made with it are part of references, which another runner, another size or another day would
 * change. That costs what it costs on a quick way (`COMPRESS_BELOW_BYTES_PER_SECOND`), and is less to store.
 */
export function autoCompression(
  isRelease: boolean,
  choose: Fitting['choose'],
): Compression | Fitting {
  return isRelease ? ZSTD : { among: [NONE, ZSTD], choose };
}

/**
 * The compression that fits the way: none where a stream carries the layers faster than they could be
 * compressed, zstd where they travel in ConfigMaps or far. What is small is not kept waiting for the cluster.
 */
export async function fittingCompression(
  { carrier, way }: CarrierWish,
  { bytes, cluster, speed }: WayFacts,
): Promise<Compression> {
  if (carrier === 'configmap' || (carrier === 'auto' && bytes < STREAM_FROM_BYTES)) {
    return ZSTD;
  }
  const { near, obstacle } = await cluster();
  if (obstacle !== undefined) {
    return ZSTD;
  }
  // A way that nobody could measure is taken for what it usually is.
  const [slow, usual] =
    way !== 'api' && near
      ? [COMPRESS_NEAR_BELOW_BYTES_PER_SECOND, Number.POSITIVE_INFINITY]
      : [COMPRESS_BELOW_BYTES_PER_SECOND, 0];
  return ((await speed()) ?? usual) > slow ? NONE : ZSTD;
}
