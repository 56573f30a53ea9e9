import { promisify } from 'node:util';
import { constants, gzip, zstdCompress } from 'node:zlib';
import { ActionError } from '../../lib/errors.js';
import { isContentFrame, isSkippableFrame } from './zstd-frames.js';

/** How layers that a source gives uncompressed are to travel. */
export interface Compression {
  readonly method: 'zstd' | 'gzip' | 'none';
  /** 0 for `none`. */
  readonly level: number;
}

/** What a layer's bytes turn out to be, whatever its media type says. */
export type Encoding = 'gzip' | 'zstd' | 'none';

const RANGES = { zstd: { least: 1, most: 22, usual: 3 }, gzip: { least: 1, most: 9, usual: 6 } };

/**
 * Reads the `compression` input: `zstd[:level]` (1 to 22, 3 when left out), `gzip[:level]` (1 to 9,
 * 6 when left out) or `none`. Empty text is `zstd`. Throws ActionError for anything else.
 */
export function parseCompression(text: string): Compression {
  const trimmed = text.trim();
  if (trimmed === 'none') return { method: 'none', level: 0 };
  const match = /^(zstd|gzip)(?::([0-9]{1,2}))?$/.exec(trimmed === '' ? 'zstd' : trimmed);
  if (match !== null) {
    const method = match[1] as 'zstd' | 'gzip';
    const range = RANGES[method];
    const level = match[2] === undefined ? range.usual : Number(match[2]);
    if (level >= range.least && level <= range.most) return { method, level };
  }
  throw new ActionError(
    `The input compression is "${text}"; give zstd, zstd:1 to zstd:22, gzip, gzip:1 to gzip:9, or none.`,
  );
}

const zstdBlock = promisify(zstdCompress);
const gzipBlock = promisify(gzip);

/**
 * Compresses one block into one frame that stands alone, on the thread pool; frames joined are one
 * valid stream, and the same bytes and level give the same frame.
 * Never with zstd's own workers: they corrupt silently in Node 24 (nodejs/node#59899).
 */
export async function compressBlock(block: Buffer, compression: Compression): Promise<Buffer> {
  // Room for the whole answer at once: the frame is made in one go and in one trip to the pool.
  const chunkSize = block.length + (block.length >> 8) + 64 * 1024;
  if (compression.method === 'gzip') {
    return gzipBlock(block, { level: compression.level, chunkSize });
  }
  return zstdBlock(block, {
    chunkSize,
    params: { [constants.ZSTD_c_compressionLevel]: compression.level },
    pledgedSrcSize: block.length,
  });
}

/** Tells gzip and zstd (also behind a skippable frame) from their first four bytes. */
export function encodingOf(start: Buffer): Encoding {
  if (start.length >= 2 && start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  return isContentFrame(start) || isSkippableFrame(start) ? 'zstd' : 'none';
}
