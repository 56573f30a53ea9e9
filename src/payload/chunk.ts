import { createHash } from 'node:crypto';

/** A piece of a parcel, small enough for one ConfigMap. */
export interface Chunk {
  /** Position in the parcel, from 0. */
  readonly index: number;
  /** Its bytes, in parts that are the source's own memory. */
  readonly parts: readonly Buffer[];
  /** Bytes in all parts. */
  readonly size: number;
  /** SHA-256 of the bytes, hex without prefix. */
  readonly sha256: string;
}

/**
 * Cuts a stream of bytes into chunks, each as large as `chunkBytes` says when it is begun, the last
 * one excepted; an empty stream gives no chunk. Nothing is copied (that took a tenth of an upload's
 * time), so the source must not write again to what it gave.
 */
export async function* chunksOf(
  source: AsyncIterable<Buffer>,
  chunkBytes: () => number,
): AsyncGenerator<Chunk> {
  let index = 0;
  let wanted = chunkBytes();
  let parts: Buffer[] = [];
  let size = 0;
  for await (const piece of source) {
    for (let offset = 0; offset < piece.length; ) {
      const part = piece.subarray(offset, offset + wanted - size);
      offset += part.length;
      size += part.length;
      parts.push(part);
      if (size === wanted) {
        yield chunk(index++, parts, size);
        wanted = chunkBytes();
        parts = [];
        size = 0;
      }
    }
  }
  if (size > 0) {
    yield chunk(index, parts, size);
  }
}

function chunk(index: number, parts: readonly Buffer[], size: number): Chunk {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return { index, parts, size, sha256: hash.digest('hex') };
}
