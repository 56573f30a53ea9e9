import { Readable } from 'node:stream';
import { ActionError } from '../../lib/errors.js';
import type { Compression } from '../bytes/compression.js';
import type { Blob } from '../image.js';
import { wantedPlatforms } from '../platforms.js';
import type { FoundImage, Reading } from '../reading.js';

/**
 * Saves images whose layers were not read, since all nodes have them, when one is asked for after all: all of the
 * images at once.
 */
export class LateSaves {
  readonly #saved: Promise<ReadonlyMap<string, Blob>>[] = [];

  /**
   * @param source what the daemon is called in sentences
   * @param save has the daemon save the images, and reads them
   * @param wanted digests by which the images go; what is saved beside them is not read
   * @param among the compressions by which layers may have been stored when their digests were found
   */
  constructor(
    private readonly source: string,
    private readonly save: (reading: Reading) => Promise<readonly FoundImage[]>,
    private readonly wanted: ReadonlySet<string>,
    private readonly reading: Reading,
    private readonly among: readonly Compression[],
  ) {}

  /** A layer's bytes from an offset on. The stream fails with an ActionError when the daemon has the layer no more. */
  open(digest: string, start = 0): Readable {
    return Readable.from(this.#pieces(digest, start), { objectMode: false });
  }

  async *#pieces(digest: string, start: number): AsyncGenerator<Buffer> {
    for (const [index, compression] of this.among.entries()) {
      this.#saved[index] ??= this.#read(compression);
      const blob = (await this.#saved[index]).get(digest);
      if (blob !== undefined) return yield* blob.open(start) as AsyncIterable<Buffer>;
    }
    throw new ActionError(
      `${this.source} does not save the content ${digest} any more, which an earlier run had from it; build the image anew.`,
    );
  }

  async #read(compression: Compression): Promise<ReadonlyMap<string, Blob>> {
    const reading = this.reading.again(compression);
    // Which nodes each is for was judged before, with its like beside it: here its bytes alone are wanted.
    const given = await wantedPlatforms(reading);
    const blobs = new Map<string, Blob>();
    const saved = await this.save(reading);
    const meant = saved.filter(({ digests }) => digests.some((digest) => this.wanted.has(digest)));
    // Not every daemon saves an image under the digest by which it has it.
    for (const found of meant.length > 0 ? meant : saved) {
      const parts = await found.resolve(reading, given);
      for (const blob of parts.blobs) blobs.set(blob.digest, blob);
    }
    return blobs;
  }
}
