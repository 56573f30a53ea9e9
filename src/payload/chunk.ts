import { createHash } from 'node:crypto';

/** A piece of a parcel, small enough for one ConfigMap. */
export interface Chunk {
  /** Position in the parcel, from 0. */
  readonly index: number;
  readonly bytes: Buffer;
  /** SHA-256 of the bytes, hex without prefix. */
  readonly sha256: string;
}

/**
 * Cuts a stream of bytes into chunks, each as large as `chunkBytes` says when it is begun, the last
 * one excepted. One chunk is held in memory at a time; an empty stream gives no chunk.
 */
export async function* chunksOf(
  source: AsyncIterable<Buffer>,
  chunkBytes: () => number,
): AsyncGenerator<Chunk> {
  let index = 0;
  let filled = 0;
  let bytes = Buffer.allocUnsafe(chunkBytes());
  for await (const piece of source) {
    for (let offset = 0; offset < piece.length; ) {
      const taken = piece.copy(bytes, filled, offset);
      offset += taken;
      filled += taken;
      if (filled === bytes.length) {
        yield chunk(index++, bytes);
        bytes = Buffer.allocUnsafe(chunkBytes());
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    yield chunk(index, bytes.subarray(0, filled));
  }
}

function chunk(index: number, bytes: Buffer): Chunk {
  return { index, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
