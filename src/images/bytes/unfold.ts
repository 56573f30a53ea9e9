import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { READ_BYTES, ZSTD_WINDOW_BYTES } from '../../lib/limits/images.js';
import type { Encoding } from './compression.js';
import {
  FRAME_HEADER_MAX_BYTES,
  FrameScanner,
  isSkippableFrame,
  windowBytesOf,
} from './zstd-frames.js';

/**
 * Decompresses a stream: gzip with any number of members, zstd with any number of frames, or nothing.
 * A piece of the source has been used up when the next is asked for, so its buffer may be used again.
 * Throws what the decoder says when the bytes are damaged or cut off. The source is let go in the end,
 * however that comes.
 */
export async function* unfolded(
  source: AsyncIterable<Buffer>,
  encoding: Encoding,
): AsyncGenerator<Buffer> {
  if (encoding === 'none') yield* source;
  else if (encoding === 'gzip') yield* decoded(source, createGunzip({ chunkSize: READ_BYTES }));
  else yield* unfoldedFrames(source);
}

async function* decoded(source: AsyncIterable<Buffer>, decoder: Transform): AsyncGenerator<Buffer> {
  const feeding = feed(source, decoder);
  try {
    for await (const piece of decoder) yield piece as Buffer;
  } finally {
    decoder.destroy();
    await feeding;
  }
}

/** Hands pieces over one by one; the decoder's reader is told when the source fails. */
async function feed(source: AsyncIterable<Buffer>, decoder: Transform): Promise<void> {
  try {
    for await (const piece of source) {
      await taken(piece, decoder);
      if (decoder.destroyed) return;
    }
    decoder.end();
  } catch (thrown) {
    decoder.destroy(thrown as Error);
  }
}

/** Resolves when the decoder needs the piece no more. */
function taken(piece: Buffer, decoder: Transform): Promise<void> {
  return new Promise((resolve) => {
    // A decoder that was destroyed, or that is done before the source, never calls back.
    decoder.once('close', resolve);
    decoder.write(piece, () => {
      decoder.off('close', resolve);
      resolve();
    });
  });
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
      const end = scanner.scan(bytes);
      left = end < 0 ? undefined : bytes.subarray(end);
      yield end < 0 ? bytes : bytes.subarray(0, end);
      if (end >= 0) return;
    }
  }
  try {
    while ((await next()) !== undefined) {
      left = await longerStart((await next()) as Buffer, iterator);
      if (isSkippableFrame(left)) {
        for await (const _ of frame());
        continue;
      }
      const large = windowBytesOf(left) > ZSTD_WINDOW_BYTES;
      const content = () => decoded(frame(), createZstdDecompress({ chunkSize: READ_BYTES }));
      yield* large ? inTurn(content) : content();
    }
  } finally {
    await iterator.return?.();
  }
}

/** At least as many bytes as tell what kind of frame begins, unless the source ends before. */
async function longerStart(bytes: Buffer, iterator: AsyncIterator<Buffer>): Promise<Buffer> {
  let longer = bytes;
  while (longer.length < FRAME_HEADER_MAX_BYTES) {
    // A copy, for the next piece may come in the same buffer.
    longer = Buffer.from(longer);
    const step = await iterator.next();
    if (step.done === true) break;
    longer = Buffer.concat([longer, step.value]);
  }
  return longer;
}

/** Settles when the last frame that has a large window is done with. */
let lastTurn: Promise<void> = Promise.resolve();

/** Reads what takes much memory while nothing else of that kind is read. */
async function* inTurn(content: () => AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const before = lastTurn;
  const { promise, resolve } = Promise.withResolvers<void>();
  lastTurn = promise;
  try {
    await before;
    yield* content();
  } finally {
    // Whoever is before may still be at it when this one is given up.
    before.then(resolve);
  }
}
