import { type Image, isDigest } from '../images/image.js';
import { isMediaType } from '../images/oci/media-types.js';
import { isRepository, isTag } from '../images/reference.js';
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
 * Gives back a field of a record. Throws ActionError for one that would not stay a field of its own:
 * a space or line break in it would write another record, and the injector refuses the whole catalog
 * for what is not of its grammar.
 */
function field(value: string, isValid: (text: string) => boolean, what: string): string {
  if (isValid(value)) return value;
  throw new ActionError(
    `${what} is ${JSON.stringify(value.slice(0, 80))}, which cannot be served; build the image anew.`,
  );
}

function isSize(text: string): boolean {
  return /^\d{1,16}$/.test(text);
}

/** A JSON object on one line without control characters, as the injector takes it. */
function isDescriptor(text: string): boolean {
  return /^\{.*\}$/s.test(text) && !/\p{Cc}/u.test(text);
}

/** The records of one image. */
function recordsOf({ repository, image }: ServedImage): string[] {
  const of = `of the image ${image.name}`;
  const digest = (text: string) => field(text, isDigest, `A digest ${of}`);
  const mediaType = (text: string) => field(text, isMediaType, `A media type ${of}`);
  const size = (bytes: number) => field(String(bytes), isSize, `A size ${of}`);
  const path = field(repository, isRepository, `The repository ${of}`);
  const tag = image.tag === undefined ? undefined : field(image.tag, isTag, `The tag ${of}`);
  const target = digest(image.target.digest);
  return [
    `repository ${path}`,
    ...image.manifests.map(
      (one) =>
        `manifest ${digest(one.digest)} ${size(one.bytes.length)} ${mediaType(one.mediaType)}`,
    ),
    ...image.blobs.map((blob) => `blob ${digest(blob.digest)} ${size(blob.size)}`),
    ...(tag === undefined ? [] : [`tag ${path} ${tag} ${target}`]),
    ...image.referrers.map(
      ({ subject, artifactType, descriptor }) =>
        `referrer ${digest(subject)} ${mediaType(artifactType)} ${field(descriptor, isDescriptor, `A descriptor ${of}`)}`,
    ),
  ];
}

/**
 * The catalog: the flat table by which the injector knows what it may be asked for and what each
 * chunk must hash to. Its grammar is documented in injector/README.md. The injector parses no JSON,
 * so everything that comes out of JSON is spelled out here, once. Throws ActionError for a field that
 * is not of the catalog's grammar.
 */
export function catalogText(
  secret: string,
  served: readonly ServedImage[],
  parcels: readonly ParcelRecord[],
): string {
  const records = new Set(served.flatMap(recordsOf));
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
  return partsFor(bytes);
}

/** ConfigMaps that so many bytes of a catalog take. */
export function partsFor(bytes: number): number {
  return Math.ceil(bytes / CATALOG_PART_BYTES);
}

/** The catalog cut into so many pieces, each small enough for one ConfigMap; the last ones may be empty. */
export function catalogPieces(text: string, parts: number): Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: parts }, (_, part) =>
    bytes.subarray(part * CATALOG_PART_BYTES, (part + 1) * CATALOG_PART_BYTES),
  );
}
