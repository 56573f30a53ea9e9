import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { BlobSource } from '../../../../src/carriers/stream/source.js';
import { fileContent } from '../../../../src/images/bytes/content.js';
import { ActionError } from '../../../../src/lib/errors.js';
import { READ_BYTES } from '../../../../src/lib/limits/images.js';
import { until } from '../../../cluster/until.js';
import { workplace } from '../../images/fixtures.js';

const { signal } = new AbortController();
const BYTES = Buffer.from('0123456789abcdefghij');

/** A blob whose bytes come in pieces of three, and where it was opened. */
function blob(size = BYTES.length) {
  const opened: number[] = [];
  const streams: Readable[] = [];
  const open = (start = 0) => {
    opened.push(start);
    const pieces = [
      ...BYTES.toString()
        .slice(start)
        .matchAll(/.{1,3}/g),
    ];
    const stream = Readable.from(pieces.map(([piece]) => Buffer.from(piece)));
    streams.push(stream);
    return stream;
  };
  return { source: new BlobSource({ digest: 'sha256:x', size, open }, signal), opened, streams };
}

async function read(source: BlobSource, first: number, length: number): Promise<string> {
  let text = '';
  for await (const piece of source.read(first, length)) text += piece.toString();
  return text;
}

test('slices that follow each other come from one stream', async () => {
  const { source, opened } = blob();
  const slices = [await read(source, 0, 4), await read(source, 4, 7), await read(source, 11, 9)];
  expect(slices).toEqual(['0123', '456789a', 'bcdefghij']);
  expect(opened).toEqual([0]);
});

test('it is opened anew at another offset, and the stream before is let go', async () => {
  const { source, opened, streams } = blob();
  expect([await read(source, 0, 10), await read(source, 5, 3)]).toEqual(['0123456789', '567']);
  expect(opened).toEqual([0, 5]);
  expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, false]);
  source.close();
  expect(streams[1]?.destroyed).toBe(true);
});

test('a slice that is not read to its end is followed by the byte behind what was read', async () => {
  const { source, opened } = blob();
  for await (const piece of source.read(0, 9)) {
    expect(piece.toString()).toBe('012');
    break;
  }
  expect([await read(source, 3, 4), opened]).toEqual(['3456', [0]]);
});

test('what was waited for is read then, from the same stream', async () => {
  const { source, opened } = blob();
  await source.ready(0);
  await source.ready(0);
  const first = await read(source, 0, 4);
  await source.ready(4);
  expect([first, await read(source, 4, 7), opened]).toEqual(['0123', '456789a', [0]]);
  await source.ready(2);
  expect([await read(source, 2, 2), opened]).toEqual(['23', [0, 2]]);
});

test('a source that ends before its size is told of', async () => {
  const reading = read(blob(30).source, 0, 30);
  await expect(reading).rejects.toThrow('ended after 20 of 30 bytes');
  await expect(reading).rejects.toBeInstanceOf(ActionError);
});

test('a file is read into two buffers in turns, and let go in the middle', async () => {
  const path = join(await workplace(), 'blob');
  const bytes = randomBytes(3 * READ_BYTES + 5);
  await writeFile(path, bytes);
  const { size, file, open } = fileContent(path, 2, bytes.length - 2);
  const blob = { digest: 'sha256:0', size, ...(file && { file }), open };
  const source = new BlobSource(blob, signal);
  const memory = new Set<ArrayBufferLike>();
  const read: Buffer[] = [];
  for await (const piece of source.read(1, size - 1)) {
    memory.add(piece.buffer);
    read.push(Buffer.from(piece));
  }
  expect(Buffer.concat(read).equals(bytes.subarray(3))).toBe(true);
  expect(memory.size).toBe(2);
  await source.read(7, 1).next();
  source.close();
});

test('who waits for a source that cannot be stopped waits no more when the signal says so', async () => {
  const stop = new AbortController();
  const yields = Promise.withResolvers<void>();
  const pieces = async function* () {
    await yields.promise;
    yield BYTES;
  };
  const stream = Readable.from(pieces());
  const blob = { digest: 'sha256:x', size: BYTES.length, open: () => stream };
  const source = new BlobSource(blob, stop.signal);
  const waiting = source.ready(0);
  let isOver = false;
  const ended = waiting.catch((error: unknown) => {
    isOver = true;
    return error;
  });
  const reason = new Error('enough');
  stop.abort(reason);
  source.close();
  try {
    await until('the end of the waiting', () => isOver);
    expect(await ended).toBe(reason);
  } finally {
    yields.resolve();
  }
});
