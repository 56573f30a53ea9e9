import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseCompression } from '../../../src/images/bytes/compression.js';
import { memoryContent } from '../../../src/images/bytes/content.js';
import { Packer } from '../../../src/images/bytes/packer.js';
import { Spool } from '../../../src/images/bytes/spool.js';
import { unfolded } from '../../../src/images/bytes/unfold.js';
import { measureLayer } from '../../../src/images/bytes/verify.js';
import { spoolArchive } from '../../../src/images/source/archive-stream.js';
import {
  dockerArchive,
  type Entry,
  layerOf,
  refusal,
  sealHeader,
  tarOf,
  workplace,
  writeTar,
} from './fixtures.js';

const MIB = 1024 * 1024;
/** In place of 64 GiB. */
const LIMIT = 8 * MIB;
const ZEROS = Buffer.alloc(256 * MIB);
const RAW = layerOf('a', 'content');
const NOTHING = () => undefined;

const BOMBS = [
  ['gzip', gzipSync(ZEROS)],
  ['zstd', zstdCompressSync(ZEROS)],
] as const;

let place = '';
let spool: Spool;
beforeEach(async () => {
  place = await workplace();
  spool = new Spool(join(place, 'temporary'));
});
afterEach(() => spool.close());

/** Spools a stream with the small limit; tells the bytes that were unfolded before it was refused. */
async function spoolRefused(source: AsyncIterable<Buffer>) {
  let read = 0;
  const packer = new Packer(spool, async () => parseCompression(''));
  const tell = (bytes: number) => {
    read = bytes;
  };
  const failure = await spoolArchive(source, {
    label: 'The archive a.tar',
    packer,
    onBytes: tell,
    limit: LIMIT,
  }).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  return { name: failure?.name, message: failure?.message ?? 'was read', read };
}

const REFUSED = `The archive a.tar unfolds to more than ${LIMIT} bytes; it is not an image archive.`;

test.each(BOMBS)('a layer that is a %s bomb ends at the limit', async (encoding, bytes) => {
  const failure = measureLayer(memoryContent(bytes), encoding, 'The layer x', NOTHING, LIMIT);
  await expect(failure).rejects.toMatchObject({
    name: 'ActionError',
    message: `The layer x cannot be unpacked (it unfolds to more than ${LIMIT} bytes); build or save the image anew.`,
  });
});

test.each(['gzip', 'zstd'] as const)('a %s layer of exactly the limit', async (encoding) => {
  const zeros = Buffer.alloc(LIMIT);
  const bytes = encoding === 'gzip' ? gzipSync(zeros) : zstdCompressSync(zeros);
  const measured = measureLayer(memoryContent(bytes), encoding, 'The layer x', NOTHING, LIMIT);
  expect((await measured).diffId).toBe(memoryContent(zeros).digest);
});

test.each(['gzip', 'zstd'] as const)(
  'a %s archive with one huge entry is refused before that is unfolded',
  async (encoding) => {
    const tar = tarOf([{ path: 'huge', bytes: ZEROS }]);
    const bytes = encoding === 'gzip' ? gzipSync(tar) : zstdCompressSync(tar);
    const { message, read } = await spoolRefused(unfolded(Readable.from([bytes]), encoding));
    expect(message).toBe(REFUSED);
    expect(read).toBeLessThanOrEqual(MIB);
  },
);

test('many entries that are huge together end at the limit', async () => {
  const part = Buffer.alloc(3 * MIB);
  const entries = Array.from({ length: 20 }, (_, at): Entry => ({ path: `${at}`, bytes: part }));
  const { message, read } = await spoolRefused(
    unfolded(Readable.from([gzipSync(tarOf(entries))]), 'gzip'),
  );
  expect(message).toBe(REFUSED);
  expect(read).toBeLessThanOrEqual(LIMIT + MIB);
});

test.each(['gzip', 'zstd'] as const)(
  'padding without end behind a %s archive',
  async (encoding) => {
    const padded = Buffer.concat([tarOf(dockerArchive('web:1', [RAW])), ZEROS]);
    const bytes = encoding === 'gzip' ? gzipSync(padded) : zstdCompressSync(padded);
    const { name, message, read } = await spoolRefused(unfolded(Readable.from([bytes]), encoding));
    expect([name, message]).toEqual(['ActionError', REFUSED]);
    expect(read).toBeLessThanOrEqual(LIMIT + MIB);
  },
);

test('padding that never ends is let go, from a source that would go on', async () => {
  let open = true;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      yield tarOf(dockerArchive('web:1', [RAW]));
      for (;;) yield Buffer.alloc(MIB);
    } finally {
      open = false;
    }
  }
  expect((await spoolRefused(endless())).message).toBe(REFUSED);
  expect(open).toBe(false);
});

test('padding up to the limit is read over, to the checksum behind it', async () => {
  const tar = tarOf(dockerArchive('web:1', [RAW]));
  const whole = Buffer.concat([tar, Buffer.alloc(LIMIT - tar.length)]);
  const bytes = gzipSync(whole);
  expect((await spoolRefused(unfolded(Readable.from([bytes]), 'gzip'))).message).toBe('was read');
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 8) ^ 1, damaged.length - 8);
  expect((await spoolRefused(unfolded(Readable.from([damaged]), 'gzip'))).message).toContain(
    'incorrect data check',
  );
});

test('extended headers that are huge together end at the limit', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    // A header of 1 MiB for the next entry, which never comes.
    const header = tarOf([{ path: 'x', bytes: Buffer.alloc(MIB) }]).subarray(0, 512 + MIB);
    header.write('x', 156, 'latin1');
    sealHeader(header);
    for (;;) yield header;
  }
  const { message, read } = await spoolRefused(endless());
  expect(message).toBe(REFUSED);
  expect(read).toBeLessThanOrEqual(LIMIT + 2 * MIB);
});

test('names that swallow memory are refused, in place and compressed', async () => {
  const long = 'n'.repeat(900_000);
  const entries = Array.from({ length: 40 }, (_, at): Entry => ({ path: `${at}${long}` }));
  expect(await refusal(place, [await writeTar(place, entries)])).toContain(
    'names its entries with more than 33554432 characters',
  );
  const path = join(place, 'names.tar.gz');
  await writeFile(path, gzipSync(tarOf(entries)));
  expect(await refusal(place, [path])).toContain('more than 33554432 characters');
});
