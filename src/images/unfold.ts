import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { READ_BYTES } from '../limits.js';
import type { Encoding } from './compression.js';
import { FrameScanner } from './zstd-frames.js';

/**
 * Decompresses a stream: gzip with any number of members, zstd with any number of frames, or nothing.
 * Throws what the decoder says when the bytes are damaged or cut off.
 */
export async function* unfolded(
  source: AsyncIterable<Buffer>,
  encoding: Encoding,
): AsyncGenerator<Buffer> {
  if (encoding === 'none') yield* source;
  else if (encoding === 'gzip') yield* decoded(source, createGunzip({ chunkSize: READ_BYTES }));
  else yield* unfoldedFrames(source);
}

async function* decoded(
  source: AsyncIterable<Buffer>,
  decoder: NodeJS.ReadWriteStream & Readable,
): AsyncGenerator<Buffer> {
  // The error reaches the reader of `decoder`, which pipeline destroys with it.
  pipeline(Readable.from(source), decoder, () => undefined);
  for await (const piece of decoder) yield piece as Buffer;
}

/** Gives each frame to a decoder of its own; skippable frames are left out. */
async function* unfoldedFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  const scanner = new FrameScanner();
  let left: Buffer | undefined;
  async function next(): Promise<Buffer | undefined> {
    while (left === undefined || left.length === 0) {
      const step = await iterator.next();
      if (step.done === true) return undefined;
      left = step.value;
    }
    return left;
  }
  async function* frame(): AsyncGenerator<Buffer> {
    for (;;) {
      const bytes = await next();
      if (bytes === undefined) throw new Error('the zstd stream is cut off');
      const end = scanner.scan(bytes, 0);
      left = end < 0 ? undefined : bytes.subarray(end);
      yield end < 0 ? bytes : bytes.subarray(0, end);
      if (end >= 0) return;
    }
  }
  while ((await next()) !== undefined) {
    const start = await peekMagic(
      next,
      (bytes) => {
        left = bytes;
      },
      iterator,
    );
    if (start === 'skippable') for await (const _ of frame());
    else yield* decoded(frame(), createZstdDecompress({ chunkSize: READ_BYTES }));
  }
}

/** Looks at the four bytes that tell a skippable frame from one with content. */
async function peekMagic(
  next: () => Promise<Buffer | undefined>,
  put: (bytes: Buffer) => void,
  iterator: AsyncIterator<Buffer>,
): Promise<'skippable' | 'content'> {
  let bytes = (await next()) as Buffer;
  while (bytes.length < 4) {
    const step = await iterator.next();
    if (step.done === true) break;
    bytes = Buffer.concat([bytes, step.value]);
  }
  put(bytes);
  const skippable = bytes.length >= 4 && (bytes.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50;
  return skippable ? 'skippable' : 'content';
}
