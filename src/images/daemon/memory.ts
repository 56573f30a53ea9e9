import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { REMEMBERED_DOCUMENT_MAX_BYTES, REMEMBERED_MAX } from '../../lib/limits/images.js';
import { sha256Of } from '../../lib/sha256.js';
import { digestOf, memoryContent, readWhole } from '../bytes/content.js';
import { type Blob, type Descriptor, isDigest, type Referrer } from '../image.js';
import type { ImageParts } from '../reading.js';

/** What a record's layout and content depend on beside its key; to be raised when one of them changes. */
const VERSION = 1;

/** An image as it is written down: documents whole, in base64, and layers as what they are. */
interface Written {
  readonly target: Descriptor;
  readonly digestKept: boolean;
  readonly platforms: readonly string[];
  readonly manifests: readonly { readonly mediaType: string; readonly bytes: string }[];
  readonly blobs: readonly {
    readonly digest: string;
    readonly size: number;
    readonly bytes?: string;
  }[];
  readonly referrers: readonly Referrer[];
}

/** What the outcome of reading an image of a daemon depends on. */
export interface MemoryKey {
  /** The daemon's ID of it, which is a digest. */
  readonly id: string;
  /** How layers that come uncompressed are stored, such as `zstd:3`. */
  readonly compression: string;
  /** The platforms that were wanted. */
  readonly platforms: readonly string[];
}

/**
 * What runs on this machine have learned of images of a daemon, so that the daemon need not save an image that
 * all nodes have: a record an image, small, for the most recent ones.
 */
export class ImageMemory {
  constructor(private readonly directory: string) {}

  /**
   * What was read of an image; undefined when nothing is known of it any more. `open` gives the content of
   * layers, which the memory has not.
   */
  async recall(
    key: MemoryKey,
    open: (digest: string, start?: number) => Readable,
  ): Promise<ImageParts | undefined> {
    const path = this.path(key);
    try {
      const parts = partsIn(JSON.parse(await readFile(path, 'utf8')) as Written, open);
      const now = new Date();
      await utimes(path, now, now);
      return parts;
    } catch {
      return undefined; // not there, or not ours: the daemon is asked, as if there were no memory
    }
  }

  /** Writes down what was read. A disk that does not take it costs the next run time, and no more. */
  async keep(key: MemoryKey, parts: ImageParts): Promise<void> {
    const path = this.path(key);
    const fresh = `${path}.${process.pid}`;
    try {
      await mkdir(this.directory, { recursive: true });
      await writeFile(fresh, JSON.stringify(await written(parts)));
      await rename(fresh, path);
      await this.forgetOldest();
    } catch {
      await rm(fresh, { force: true });
    }
  }

  private path({ id, compression, platforms }: MemoryKey): string {
    const { zlib, zstd } = process.versions;
    const facts = [VERSION, id, compression, platforms.toSorted(), zlib, zstd];
    const hash = sha256Of(JSON.stringify(facts));
    return join(this.directory, `${hash}.json`);
  }

  private async forgetOldest(): Promise<void> {
    const names = await readdir(this.directory);
    if (names.length <= REMEMBERED_MAX) return;
    const aged = names.map(async (name) => {
      const path = join(this.directory, name);
      return { path, used: (await stat(path)).mtimeMs };
    });
    const oldest = (await Promise.all(aged)).toSorted((one, other) => one.used - other.used);
    const many = oldest.slice(0, names.length - REMEMBERED_MAX);
    await Promise.all(many.map(({ path }) => rm(path, { force: true })));
  }
}

async function written(parts: ImageParts): Promise<Written> {
  const { target, digestKept, platforms, referrers } = parts;
  const blobs = parts.blobs.map(async (blob) => {
    const { digest, size } = blob;
    if (size > REMEMBERED_DOCUMENT_MAX_BYTES) return { digest, size };
    const bytes = await readWhole(blob, REMEMBERED_DOCUMENT_MAX_BYTES, digest);
    return { digest, size, bytes: bytes.toString('base64') };
  });
  return {
    ...{ target, digestKept, platforms, referrers },
    manifests: parts.manifests.map(({ mediaType, bytes }) => ({
      mediaType,
      bytes: bytes.toString('base64'),
    })),
    blobs: await Promise.all(blobs),
  };
}

/** Throws when anything is not as it was written down. */
function partsIn(record: Written, open: (digest: string, start?: number) => Readable): ImageParts {
  const { target, digestKept, platforms, referrers } = record;
  const manifests = record.manifests.map(({ mediaType, bytes }) => {
    const content = Buffer.from(bytes, 'base64');
    return { mediaType, bytes: content, digest: digestOf(content) };
  });
  if (!manifests.some(({ digest }) => digest === target.digest)) {
    throw new Error('The record has not the manifest that it tells of.');
  }
  const blobs = record.blobs.map(({ digest, size, bytes }): Blob => {
    if (bytes === undefined) {
      if (!isDigest(digest)) throw new Error('The record names a layer by no digest.');
      return { digest, size, open: (start) => open(digest, start) };
    }
    const content = memoryContent(Buffer.from(bytes, 'base64'));
    if (content.digest !== digest) throw new Error('The record has other bytes than it says.');
    return { digest, size, open: content.open };
  });
  return { target, digestKept, platforms, manifests, blobs, referrers, warnings: [] };
}
