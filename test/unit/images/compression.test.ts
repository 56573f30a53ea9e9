import { Readable } from 'node:stream';
import { constants, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import {
  compressBlock,
  encodingOf,
  parseCompression,
} from '../../../src/images/bytes/compression.js';
import { unfolded } from '../../../src/images/bytes/unfold.js';
import { windowBytesOf } from '../../../src/images/bytes/zstd-frames.js';
import { blocksOf } from '../../../src/lib/buffers.js';
import { COMPRESSION_BLOCK_BYTES } from '../../../src/lib/limits/images.js';

async function gather(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

function pieces(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  const cut: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size));
  return Readable.from(cut);
}

test.each([
  ['', 'zstd', 3],
  ['zstd', 'zstd', 3],
  ['zstd:19', 'zstd', 19],
  ['gzip', 'gzip', 6],
  [' gzip:9 ', 'gzip', 9],
  ['none', 'none', 0],
])('the input "%s" is read', (text, method, level) => {
  expect(parseCompression(text)).toEqual({ method, level });
});

test.each(['zstd:0', 'zstd:23', 'gzip:10', 'gzip:0', 'lz4', 'none:1', 'zstd:', 'zstd:3x'])(
  'the input "%s" is refused',
  (text) => {
    expect(() => parseCompression(text)).toThrow('give zstd');
  },
);

/** The same pieces out of one buffer, as files are read; `closed` is called when it is let go. */
async function* reusing(
  bytes: Buffer,
  size: number,
  closed: () => void = () => undefined,
): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(size);
  try {
    for (let at = 0; at < bytes.length; at += size) {
      yield buffer.subarray(0, bytes.copy(buffer, 0, at, at + size));
      buffer.fill('!');
    }
  } finally {
    closed();
  }
}

const FRAMES = [
  zstdCompressSync(Buffer.from('one,')),
  zstdCompressSync(Buffer.alloc(300_000, 'x')),
  zstdCompressSync(Buffer.from('three')),
];
const SKIPPABLE = Buffer.from([0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const UNFOLDED = Buffer.from(`one,${'x'.repeat(300_000)}three`);

test.each([1, 2, 3, 7, 100, 1_000_000])(
  'zstd frames and skippable ones are joined, in pieces of %i bytes',
  async (size) => {
    const stream = Buffer.concat([
      SKIPPABLE,
      FRAMES[0] as Buffer,
      SKIPPABLE,
      FRAMES[1] as Buffer,
      FRAMES[2] as Buffer,
      SKIPPABLE,
    ]);
    expect((await gather(unfolded(pieces(stream, size), 'zstd'))).equals(UNFOLDED)).toBe(true);
    expect((await gather(unfolded(reusing(stream, size), 'zstd'))).equals(UNFOLDED)).toBe(true);
  },
);

test.each([1, 2, 3, 7, 100, 1_000_000])(
  'gzip in pieces of %i bytes of one buffer',
  async (size) => {
    const stream = Buffer.concat([gzipSync(UNFOLDED), gzipSync(UNFOLDED)]);
    const found = await gather(unfolded(reusing(stream, size), 'gzip'));
    expect(found.equals(Buffer.concat([UNFOLDED, UNFOLDED]))).toBe(true);
  },
);

const WHOLE = { gzip: gzipSync(UNFOLDED), zstd: Buffer.concat(FRAMES), none: UNFOLDED };

describe.each(['gzip', 'zstd', 'none'] as const)('%s is let go', (encoding) => {
  test.each<[string, Buffer]>([
    ['when it was read', WHOLE[encoding]],
    ['when it is cut off', WHOLE[encoding].subarray(0, -3)],
    ['when it is damaged', Buffer.from(WHOLE[encoding]).fill(0xff, 20, 40)],
    ['when zeros follow', Buffer.concat([WHOLE[encoding], Buffer.alloc(100_000)])],
  ])('%s', async (_, bytes) => {
    let closed = 0;
    const source = reusing(bytes, 64, () => {
      closed += 1;
    });
    await gather(unfolded(source, encoding)).catch(() => undefined);
    expect(closed).toBe(1);
  });

  test('when nobody wants more', async () => {
    let closed = 0;
    const source = reusing(WHOLE[encoding], 64, () => {
      closed += 1;
    });
    for await (const _ of unfolded(source, encoding)) break;
    expect(closed).toBe(1);
  });

  test('when the source fails, which is what is thrown', async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield* pieces(WHOLE[encoding].subarray(0, -3), 64);
      throw new Error('no more');
    }
    await expect(gather(unfolded(failing(), encoding))).rejects.toThrow('no more');
  });
});

test('zstd that is cut off anywhere, or followed by other bytes, fails', async () => {
  const stream = Buffer.concat(FRAMES);
  for (const end of [1, 3, 5, (FRAMES[0] as Buffer).length + 2, stream.length - 1]) {
    await expect(gather(unfolded(pieces(stream.subarray(0, end), 64), 'zstd'))).rejects.toThrow();
  }
  await expect(
    gather(unfolded(pieces(Buffer.concat([stream, Buffer.from('rest')]), 64), 'zstd')),
  ).rejects.toThrow();
});

test('frames that need much memory are unfolded one after the other, others at once', async () => {
  const MIB = 1024 * 1024;
  const text = Buffer.alloc(20 * MIB, 'of some length');
  const compressed = (windowLog: number) =>
    zstdCompressSync(text, { params: { [constants.ZSTD_c_windowLog]: windowLog } });
  const large = compressed(24);
  const small = compressed(20);
  expect([windowBytesOf(large), windowBytesOf(small)]).toEqual([16 * MIB, MIB]);
  expect(windowBytesOf(zstdCompressSync(Buffer.alloc(10 * MIB)))).toBeLessThanOrEqual(10 * MIB);
  for (const size of [1, 255, 256, 300, 70_000])
    expect(windowBytesOf(zstdCompressSync(Buffer.alloc(size)))).toBe(size);
  expect(windowBytesOf(SKIPPABLE)).toBe(0);

  const first = unfolded(pieces(large, 1000), 'zstd');
  await first.next();
  const second = unfolded(pieces(large, 1000), 'zstd');
  let begun = false;
  const begin = second.next().then(() => {
    begun = true;
  });
  // Neither waits for nor delays what needs little.
  expect((await gather(unfolded(pieces(small, 1000), 'zstd'))).equals(text)).toBe(true);
  expect(begun).toBe(false);
  const third = unfolded(pieces(large.subarray(0, -1), 1000), 'zstd');
  const failure = gather(third).catch((thrown: Error) => thrown.message);
  // Given up in the middle, read to its end, and broken: the next one's turn always comes.
  await first.return(undefined);
  await begin;
  expect((await gather(second)).length).toBeGreaterThan(0);
  expect(await failure).toContain('cut off');
  expect((await gather(unfolded(pieces(large, 1000), 'zstd'))).equals(text)).toBe(true);
});

test('gzip members are joined and a cut is noticed', async () => {
  const stream = Buffer.concat([gzipSync('one'), gzipSync('two')]);
  expect((await gather(unfolded(pieces(stream, 5), 'gzip'))).toString()).toBe('onetwo');
  await expect(gather(unfolded(pieces(stream.subarray(0, -3), 5), 'gzip'))).rejects.toThrow();
});

test('blocks are full but for the last, and there is always one', async () => {
  const sizes = async (bytes: number) => {
    const found: number[] = [];
    const take = () => Buffer.allocUnsafeSlow(COMPRESSION_BLOCK_BYTES);
    for await (const block of blocksOf(pieces(Buffer.alloc(bytes), 1_000_003), take))
      found.push(block.length);
    return found;
  };
  expect(await sizes(0)).toEqual([0]);
  expect(await sizes(5)).toEqual([5]);
  expect(await sizes(2 * COMPRESSION_BLOCK_BYTES)).toEqual([
    COMPRESSION_BLOCK_BYTES,
    COMPRESSION_BLOCK_BYTES,
  ]);
  expect(await sizes(COMPRESSION_BLOCK_BYTES + 1)).toEqual([COMPRESSION_BLOCK_BYTES, 1]);
});

test('the same block and level give the same frame, also when many are made at once', async () => {
  const block = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * index) % 251));
  const compression = { method: 'zstd', level: 3 } as const;
  const frames = await Promise.all(
    Array.from({ length: 16 }, () => compressBlock(block, compression)),
  );
  for (const frame of frames) expect(frame.equals(frames[0] as Buffer)).toBe(true);
  expect(zstdDecompressSync(frames[0] as Buffer).equals(block)).toBe(true);
});

test('encodings are told by the bytes', () => {
  expect(encodingOf(gzipSync('x'))).toBe('gzip');
  expect(encodingOf(zstdCompressSync('x'))).toBe('zstd');
  expect(encodingOf(SKIPPABLE)).toBe('zstd');
  expect(encodingOf(Buffer.from('{"a"'))).toBe('none');
  expect(encodingOf(Buffer.alloc(0))).toBe('none');
});
