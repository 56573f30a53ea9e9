import type { Image } from '../images/image.js';
import { ActionError } from '../lib/errors.js';
import { CATALOG_MAX_BYTES, CATALOG_PART_BYTES } from '../lib/limits/carriers.js';

/** A file of the parcel: what the catalog promises of it. */
export interface ChunkRecord {
  /** Path below the injector's `--chunks` directory. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256, hex without prefix. */
  readonly sha256: string;
}

/** A tar of blobs and the chunks that it is cut into, in order. */
export interface ParcelRecord {
  readonly name: string;
  /** Bytes of the tar. */
  readonly size: number;
  readonly chunks: readonly ChunkRecord[];
}

/** What the registry serves: an image under its repository path. */
export interface ServedImage {
  readonly repository: string;
  readonly image: Image;
}

/**
 * The catalog: the flat table by which the injector knows what it may be asked for and what each
 * chunk must hash to. Its grammar is documented in injector/README.md. The injector parses no JSON,
 * so everything that comes out of JSON is spelled out here, once.
 */
export function catalogText(
  secret: string,
  served: readonly ServedImage[],
  parcels: readonly ParcelRecord[],
): string {
  const records = new Set<string>();
  for (const { repository, image } of served) {
    records.add(`repository ${repository}`);
    for (const manifest of image.manifests) {
      records.add(`manifest ${manifest.digest} ${manifest.bytes.length} ${manifest.mediaType}`);
    }
    for (const blob of image.blobs) {
      records.add(`blob ${blob.digest} ${blob.size}`);
    }
    if (image.tag !== undefined) {
      records.add(`tag ${repository} ${image.tag} ${image.target.digest}`);
    }
    for (const { subject, artifactType, descriptor } of image.referrers) {
      records.add(`referrer ${subject} ${artifactType} ${descriptor}`);
    }
  }
  const bytes = parcels.flatMap(({ name, size, chunks }) => [
    `parcel ${name} ${size}`,
    ...chunks.map((chunk) => `chunk ${chunk.path} ${chunk.size} ${chunk.sha256}`),
  ]);
  return [...['jackal-catalog 1', `prefix ${secret}`], ...records, ...bytes, 'end', ''].join('\n');
}

/** The most bytes of a chunk's record: its path, its size, its SHA-256, and what stands between. */
const CHUNK_RECORD_BYTES = 100;

/**
 * ConfigMaps that the catalog will take, known before the first chunk is cut; it is cut into exactly as
 * many. Throws an ActionError when the injector would not read one as large.
 *
 * @param chunks how many there may be at most
 */
export function catalogPartsFor(served: readonly ServedImage[], chunks: number): number {
  const rest = catalogText('', served, [
    { name: 'all', size: Number.MAX_SAFE_INTEGER, chunks: [] },
  ]);
  const bytes = Buffer.byteLength(rest) + CHUNK_RECORD_BYTES * (chunks + 1);
  if (bytes > CATALOG_MAX_BYTES) {
    const mebibytes = (count: number) => (count / 1024 / 1024).toFixed(1);
    throw new ActionError(
      `The names and digests of all that the images hold need ${mebibytes(bytes)} MiB, more than the ${mebibytes(CATALOG_MAX_BYTES)} MiB that the registry reads; send fewer images in one step.`,
    );
  }
  return Math.ceil(bytes / CATALOG_PART_BYTES);
}

/** The catalog cut into so many pieces, each small enough for one ConfigMap; the last ones may be empty. */
export function catalogPieces(text: string, parts: number): Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: parts }, (_, part) =>
    bytes.subarray(part * CATALOG_PART_BYTES, (part + 1) * CATALOG_PART_BYTES),
  );
}
