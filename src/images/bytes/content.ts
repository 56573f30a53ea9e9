import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { ActionError } from '../../lib/errors.js';
import { READ_BYTES } from '../../lib/limits/images.js';
import { sha256Of } from '../../lib/sha256.js';
import type { Encoding } from './compression.js';
import { refusePointer } from './lfs-pointer.js';

/** Bytes of a source that can be read as often as wanted: a range of an archive, a file, or memory. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  /** `sha256:…` of the bytes, when they were hashed on their way here. */
  readonly digest?: string;
  /** The same bytes as they were stored on their way here, compressed or not. */
  readonly packed?: Promise<PackedContent>;
  /** The file that has these bytes, and the offset of the first. */
  readonly file?: { readonly path: string; readonly start: number };
  /** Its bytes from an offset on, the first one when none is given. */
  open(from?: number): Readable;
}

/** What a layer is stored as. */
export interface PackedContent extends Content {
  readonly digest: string;
  readonly encoding: Encoding;
}

/** `size` bytes of the file at `path` from offset `start`. */
export function fileContent(path: string, start: number, size: number): Content {
  return {
    size,
    file: { path, start },
    open: (from = 0) =>
      from >= size
        ? Readable.from([])
        : createReadStream(path, {
            start: start + from,
            end: start + size - 1,
            highWaterMark: READ_BYTES,
          }),
  };
}

/** Bytes in memory, as content. */
export function memoryContent(bytes: Buffer): Content {
  return {
    size: bytes.length,
    digest: digestOf(bytes),
    open: (from = 0) => Readable.from([bytes.subarray(from)]),
  };
}

/**
 * The bytes of content for those who are done with each piece when they ask for the next: a file is
 * read into one buffer again and again. New ones make V8 collect all garbage every 64 MiB: without them
 * verifying layers takes 5 % less processor time (measured).
 *
 * @param from offset of the first byte
 * @param buffers how many there are, so that a piece stays as it is until so many more are asked for
 */
export async function* piecesOf(
  content: Pick<Content, 'size' | 'file' | 'open'>,
  from = 0,
  buffers = 1,
): AsyncGenerator<Buffer> {
  if (content.file === undefined) {
    yield* content.open(from) as AsyncIterable<Buffer>;
    return;
  }
  const { path, start } = content.file;
  const handle = await open(path, 'r');
  try {
    const size = Math.min(content.size - from, READ_BYTES);
    const ring = Array.from({ length: buffers }, () => Buffer.allocUnsafeSlow(Math.max(size, 0)));
    for (let done = from, turn = 0; done < content.size; turn++) {
      const buffer = ring[turn % buffers] as Buffer;
      const length = Math.min(buffer.length, content.size - done);
      const { bytesRead } = await handle.read(buffer, 0, length, start + done);
      if (bytesRead === 0) return;
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** `sha256:<hex>` of bytes in memory. */
export function digestOf(bytes: Buffer): string {
  return `sha256:${sha256Of(bytes)}`;
}

/** Passes pieces on but for the first `bytes` bytes of them all. */
export async function* skipped(
  pieces: AsyncIterable<Buffer>,
  bytes: number,
): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const piece of pieces) {
    const rest = piece.subarray(left);
    left -= piece.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

/**
 * Reads the whole content. Throws ActionError when it has more than `limit` bytes; `what` names it in
 * that sentence.
 */
export async function readWhole(content: Content, limit: number, what: string): Promise<Buffer> {
  if (content.size > limit) {
    throw new ActionError(
      `${what} has ${content.size} bytes, more than the ${limit} that such a document may have; the source is not an image.`,
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of content.open()) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== content.size) {
    throw new ActionError(
      `${what} ended after ${bytes.length} of ${content.size} bytes; make the source anew.`,
    );
  }
  refusePointer(bytes, what);
  return bytes;
}

/** Reads up to `length` first bytes. */
export async function readStart(content: Content, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let have = 0;
  const stream = content.open();
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    have += (chunk as Buffer).length;
    if (have >= length) break;
  }
  stream.destroy();
  return Buffer.concat(chunks).subarray(0, length);
}
