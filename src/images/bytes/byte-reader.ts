import type { FileHandle } from 'node:fs/promises';

/** A position in bytes that only goes forward: what the tar reader and the frame reader stand on. */
export interface ByteReader {
  /** Bytes from the start of the source. */
  readonly position: number;
  /** The next `length` bytes; fewer only when the source ends. */
  read(length: number): Promise<Buffer>;
  /** Goes forward by `length` bytes; false when the source ends before. */
  skip(length: number): Promise<boolean>;
}

/** A reader whose bytes come as they come, so that bodies must be taken on the way. */
export interface StreamReader extends ByteReader {
  /** The next `length` bytes in pieces; ends early only when the source ends. */
  body(length: number): AsyncGenerator<Buffer>;
  /** Lets the source go, read to its end or not. */
  close(): Promise<void>;
}

/** Bytes read ahead from a file: a header, an extended header and its values mostly fit. */
const AHEAD_BYTES = 16 * 1024;

/** Reads an open file by offset, so that bodies are jumped over. The caller keeps the handle. */
export function fileReader(handle: FileHandle, size: number): ByteReader {
  let position = 0;
  let ahead = Buffer.alloc(0);
  let aheadStart = 0;
  async function fill(length: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.max(length, AHEAD_BYTES));
    let have = 0;
    while (have < length) {
      const { bytesRead } = await handle.read(buffer, have, buffer.length - have, position + have);
      if (bytesRead === 0) break;
      have += bytesRead;
    }
    ahead = buffer.subarray(0, have);
    aheadStart = position;
  }
  return {
    get position() {
      return position;
    },
    async read(length) {
      if (position < aheadStart || position + length > aheadStart + ahead.length)
        await fill(length);
      const from = position - aheadStart;
      const bytes = ahead.subarray(from, from + length);
      position += bytes.length;
      return bytes;
    },
    async skip(length) {
      position += length;
      return position <= size;
    },
  };
}

/** Reads a stream of buffers as it comes. */
export function streamReader(source: AsyncIterable<Buffer>): StreamReader {
  const iterator = source[Symbol.asyncIterator]();
  let current = Buffer.alloc(0);
  let position = 0;
  async function next(): Promise<boolean> {
    while (current.length === 0) {
      const step = await iterator.next();
      if (step.done === true) return false;
      current = step.value as Buffer<ArrayBuffer>;
    }
    return true;
  }
  async function* body(length: number): AsyncGenerator<Buffer> {
    let left = length;
    while (left > 0 && (await next())) {
      const piece = current.subarray(0, left);
      current = current.subarray(piece.length);
      position += piece.length;
      left -= piece.length;
      yield piece;
    }
  }
  return {
    get position() {
      return position;
    },
    body,
    async close() {
      await iterator.return?.();
    },
    async read(length) {
      const pieces: Buffer[] = [];
      for await (const piece of body(length)) pieces.push(piece);
      return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    },
    async skip(length) {
      const end = position + length;
      for await (const _ of body(length));
      return position === end;
    },
  };
}
