import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Buffers, blocksOf, free } from '../../lib/buffers.js';
import { COMPRESSION_BLOCK_BYTES, READ_BYTES } from '../../lib/limits/images.js';
import { type Compression, compressBlock } from './compression.js';
import type { Content, PackedContent } from './content.js';
import type { Spool } from './spool.js';

/** Uncompressed bytes as they were read, and the promise of where they are stored compressed. */
export interface Packed {
  /** `sha256:…` of the uncompressed bytes: the DiffID. */
  readonly digest: string;
  /** Uncompressed bytes. */
  readonly size: number;
  readonly stored: Promise<PackedContent>;
}

/**
 * Compresses layers into the spool, several blocks at a time on the thread pool, while the next layer
 * is being read already. The result depends on the bytes and the level alone.
 */
export class Packer {
  readonly #spool: Spool;
  readonly #choose: () => Promise<Compression>;
  #chosen: Promise<Compression> | undefined;
  readonly #flying = new Set<Promise<void>>();
  readonly #blocks = new Buffers(COMPRESSION_BLOCK_BYTES);

  /** `choose` is asked once, and only when there is something to compress: it may have to ask the cluster. */
  constructor(spool: Spool, choose: () => Promise<Compression>) {
    this.#spool = spool;
    this.#choose = choose;
  }

  /** How layers are stored. */
  compression(): Promise<Compression> {
    this.#chosen ??= this.#choose();
    return this.#chosen;
  }

  /** Stores `source` compressed (as it is for `none`). Resolves when all of it was read. */
  async pack(source: AsyncIterable<Buffer>): Promise<Packed> {
    const compression = await this.compression();
    const run = this.#spool.begin();
    if (compression.method === 'none') {
      await inTwoBuffers(source, (piece) => run.add(piece));
      // What is stored is what was read, and the spool has hashed it.
      const stored = { ...(await run.finish()), encoding: compression.method };
      return { digest: stored.digest, size: stored.size, stored: Promise.resolve(stored) };
    }
    const hash = createHash('sha256');
    const most = blocksAtOnce(compression);
    let size = 0;
    for await (const block of blocksOf(source, () => this.#blocks.take())) {
      hash.update(block);
      size += block.length;
      const frame = compressBlock(block, compression).finally(() => this.#blocks.giveBack(block));
      await this.#hand(
        run.add(frame).then(async () => free(await frame)),
        most,
      );
    }
    const encoding = compression.method;
    const stored = run.finish().then((content) => ({ ...content, encoding }));
    stored.catch(() => undefined);
    return { digest: `sha256:${hash.digest('hex')}`, size, stored };
  }

  /** Stores `source` byte for byte. */
  async keep(source: AsyncIterable<Buffer>): Promise<Content> {
    const run = this.#spool.begin();
    for await (const piece of source) await run.add(piece);
    return run.finish();
  }

  /** Waits while too many blocks are in flight; a block that failed is thrown here at the latest. */
  async #hand(block: Promise<void>, most: number): Promise<void> {
    const flight = block.finally(() => this.#flying.delete(flight));
    flight.catch(() => undefined);
    this.#flying.add(flight);
    while (this.#flying.size >= most) await Promise.race(this.#flying);
  }
}

/**
 * A few more blocks than processors keep them busy while the oldest is written; the high levels of zstd take
 * tens of megabytes for each block (measured: 320 MB in all at level 22 with four).
 */
function blocksAtOnce(compression: Compression): number {
  const isHeavy = compression.method === 'zstd' && compression.level > 15;
  return isHeavy ? 2 : Math.min(availableParallelism(), 8) + 2;
}

/**
 * Stores a source in large pieces: one is being filled while the one before is stored, and no other memory is
 * taken, since garbage of hundreds of megabytes would be.
 */
async function inTwoBuffers(
  source: AsyncIterable<Buffer>,
  store: (piece: Buffer) => Promise<void>,
): Promise<void> {
  let [filling, other] = [Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)];
  let filled = 0;
  let storing: Promise<void> = Promise.resolve();
  for await (const piece of source) {
    for (let from = 0; from < piece.length; ) {
      const taken = piece.copy(filling, filled, from);
      from += taken;
      filled += taken;
      if (filled === filling.length) {
        await storing;
        storing = store(filling);
        storing.catch(() => undefined);
        [filling, other] = [other, filling];
        filled = 0;
      }
    }
  }
  await storing;
  await store(filling.subarray(0, filled));
}
