import { Readable } from 'node:stream';
import type { Header } from 'tar';
import type { Image } from '../images/image.js';

/** Bytes of a tar record (POSIX.1-2017, pax, ustar interchange format). */
const TAR_BLOCK = 512;
/** A tar ends with two zero blocks. */
const TAR_END = Buffer.alloc(2 * TAR_BLOCK);

/** Content by digest: a file of the parcel, or what is streamed. */
export interface ParcelEntry {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** The file that has it, and the offset of its first byte. */
  readonly file?: { readonly path: string; readonly start: number };
  /** Its bytes from an offset on, the first one when none is given. As often as wanted. */
  open(start?: number): Readable;
}

/**
 * What must travel for these images: manifests first, so that a runtime learns soon what it needs,
 * then blobs in each image's order; content that several images share is there once.
 */
export function parcelEntries(images: readonly Image[]): ParcelEntry[] {
  const entries = new Map<string, ParcelEntry>();
  for (const { digest, bytes } of images.flatMap((image) => image.manifests)) {
    entries.set(digest, {
      digest,
      size: bytes.length,
      open: (start) => Readable.from([bytes.subarray(start)]),
    });
  }
  for (const blob of images.flatMap((image) => image.blobs)) {
    if (!entries.has(blob.digest)) {
      entries.set(blob.digest, blob);
    }
  }
  return [...entries.values()];
}

/** Bytes of the tar that `packParcel` makes of these entries. */
export function parcelSize(entries: readonly ParcelEntry[]): number {
  const files = entries.reduce((sum, entry) => sum + TAR_BLOCK + padded(entry.size), 0);
  return files + TAR_END.length;
}

/**
 * The parcel's bytes: a ustar archive of `blobs/sha256/<hex>` files, the same for the same entries.
 * Nothing is buffered beyond what one read gives.
 */
export async function* packParcel(entries: readonly ParcelEntry[]): AsyncGenerator<Buffer> {
  const tar = await import('tar');
  for (const entry of entries) {
    yield headerBlock(new tar.Header(headerOf(entry)));
    yield* entry.open() as AsyncIterable<Buffer>;
    const padding = padded(entry.size) - entry.size;
    if (padding > 0) {
      yield Buffer.alloc(padding);
    }
  }
  yield TAR_END;
}

function padded(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

function headerOf({ digest, size }: ParcelEntry): ConstructorParameters<typeof Header>[0] {
  const path = `blobs/sha256/${digest.slice('sha256:'.length)}`;
  return { path, mode: 0o644, uid: 0, gid: 0, size, mtime: new Date(0), type: 'File' };
}

function headerBlock(header: Header): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  header.encode(block);
  return block;
}
