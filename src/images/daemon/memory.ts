import type { Readable } from 'node:stream';
import { Records } from '../../lib/files/records.js';
import { items, members, text, texts } from '../../lib/json.js';
import {
  COMPRESSION_BLOCK_BYTES,
  REMEMBERED_DOCUMENT_MAX_BYTES,
  REMEMBERED_MAX,
} from '../../lib/limits/images.js';
import { sha256Of } from '../../lib/sha256.js';
import type { Compression, Encoding } from '../bytes/compression.js';
import { digestOf, memoryContent, readWhole } from '../bytes/content.js';
import { type Blob, type Descriptor, isDigest, type Referrer } from '../image.js';
import { encodingOfType } from '../oci/media-types.js';
import type { ImageParts } from '../reading.js';

/** Of a record's layout, and of how images are read; to be raised when one of them changes. */
const VERSION = 4;

/**
 * What the bytes depend on that are made of a layer, beside the compression: a record that was made otherwise names
 * layers by digests that nothing gives any more.
 */
const made = (): readonly unknown[] => [
  VERSION,
  process.versions.zlib,
  process.versions.zstd,
  COMPRESSION_BLOCK_BYTES,
];

/** An image as it is written down: documents whole, in base64, and layers as what they are. */
interface Written {
  readonly made: readonly unknown[];
  readonly compression: Compression;
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
  /** DiffIDs of layers by the paths under which the daemon saved them. */
  readonly layerPaths: Readonly<Record<string, string>>;
}

/** What the outcome of reading an image of a daemon depends on, beside the compression. */
export interface MemoryKey {
  /** The daemon's ID of it, which is a digest. */
  readonly id: string;
  /** The platforms that were wanted. */
  readonly platforms: readonly string[];
}

/** Gives the content of a layer, which the memory has not. */
export type OpenLayer = (digest: string, start?: number) => Readable;

/** A layer of an image that is remembered. */
export interface KnownLayer {
  /** What it is stored as. */
  readonly digest: string;
  /** Bytes as it is stored. */
  readonly size: number;
  readonly encoding: Encoding;
  /** Digest of its bytes uncompressed. */
  readonly diffId: string;
}

/** Whether every node has the image whose top manifest has this digest, as far as anybody says. */
export type IsOnNodes = (digest: string) => Promise<boolean>;

/**
 * What runs on this machine have learned of images of a daemon, so that the daemon need not save an image that
 * all nodes have: a record an image, small, for the most recent ones.
 */
export class ImageMemory {
  readonly #records: Records;

  constructor(directory: string) {
    this.#records = new Records(directory, REMEMBERED_MAX);
  }

  /**
   * What was read of an image by one of these compressions, if all nodes have it so; undefined when nothing is known
   * of that any more.
   */
  async recall(
    key: MemoryKey,
    compressions: readonly Compression[],
    isOnNodes: IsOnNodes,
    open: OpenLayer,
  ): Promise<ImageParts | undefined> {
    for (const compression of compressions) {
      const name = nameOf(key, compression);
      const parts = partsIn(await this.#records.read(name), open, key.id);
      if (parts === undefined || !(await isOnNodes(parts.target.digest))) continue;
      await this.#records.touch(name);
      return parts;
    }
    return undefined;
  }

  /**
   * Large layers of the images that all nodes have, read by one of these compressions, by the path under which a daemon
   * saves them.
   */
  async layers(
    compressions: readonly Compression[],
    isOnNodes: IsOnNodes,
  ): Promise<ReadonlyMap<string, KnownLayer>> {
    const known = new Map<string, KnownLayer>();
    for (const name of await this.#records.names()) {
      const record = await this.#records.read(name);
      const { compression, layerPaths } = members(record);
      const parts = partsIn(record, noLayer);
      if (parts === undefined || !compressions.some((one) => sameAs(one, compression))) continue;
      if (!(await isOnNodes(parts.target.digest))) continue;
      for (const layer of await layersOf(parts)) {
        for (const path of pathsOf(layer, members(layerPaths))) known.set(path, layer);
      }
    }
    return known;
  }

  /**
   * Writes down what was read with a compression.
   *
   * @param layerPaths DiffIDs of layers by the paths under which the daemon saved them
   */
  async keep(
    key: MemoryKey,
    compression: Compression,
    parts: ImageParts,
    layerPaths: ReadonlyMap<string, string> = new Map(),
  ): Promise<void> {
    const documents = await written(parts);
    const paths = Object.fromEntries([...layerPaths].filter(([path]) => TELLING.test(path)));
    const record: Written = { ...documents, made: made(), compression, layerPaths: paths };
    await this.#records.write(nameOf(key, compression), record);
  }
}

function nameOf({ id, platforms }: MemoryKey, { method, level }: Compression): string {
  return sha256Of(JSON.stringify([...made(), id, method, level, platforms.toSorted()]));
}

function sameAs({ method, level }: Compression, written: unknown): boolean {
  const other = members(written);
  return other.method === method && other.level === level;
}

/**
 * Whether a daemon gives an image this ID: containerd's store the digest of its top manifest, the classic one and podman that of
 * its config. Any job of this user may have written the record.
 */
function isNamed({ target, manifests }: ImageParts, id: string): boolean {
  const top = manifests.find(({ digest }) => digest === target.digest);
  const config = members(members(JSON.parse(String(top?.bytes))).config).digest;
  return target.digest === id || config === id;
}

const noLayer: OpenLayer = (digest) => {
  throw new Error(`The memory has not the layer ${digest}.`);
};

async function written(
  parts: ImageParts,
): Promise<Omit<Written, 'made' | 'compression' | 'layerPaths'>> {
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

/**
 * What a record tells; undefined when there is none, when the same would not be made of the image any more, or when
 * anything is not as it was written down, or of an image with another ID than this one.
 */
function partsIn(record: unknown, open: OpenLayer, id?: string): ImageParts | undefined {
  if (JSON.stringify(members(record).made) !== JSON.stringify(made())) return undefined;
  try {
    const parts = readRecord(record as Written, open);
    return id === undefined || isNamed(parts, id) ? parts : undefined;
  } catch {
    return undefined;
  }
}

function readRecord(record: Written, open: OpenLayer): ImageParts {
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

/** A path that stands for one content: Docker before 25 and podman save layers under a hash of what they are. */
const TELLING = /[0-9a-f]{64}/;

/**
 * The paths under which a daemon may save a layer: as it has before, and in an OCI layout, as Docker does from 25 on, by
 * the digest of its bytes as they are stored there, or uncompressed.
 */
function pathsOf(
  { diffId, digest }: KnownLayer,
  before: Readonly<Record<string, unknown>>,
): string[] {
  return [
    ...Object.keys(before).filter((path) => before[path] === diffId),
    ...[diffId, digest].map((one) => `blobs/${one.replace(':', '/')}`),
  ];
}

/** The large layers of an image's manifests whose config is remembered. */
async function layersOf({ manifests, blobs }: ImageParts): Promise<KnownLayer[]> {
  const byDigest = new Map(blobs.map((blob) => [blob.digest, blob]));
  const found: KnownLayer[] = [];
  for (const { bytes } of manifests) {
    const { config, layers } = members(JSON.parse(bytes.toString()));
    const blob = byDigest.get(text(members(config).digest) ?? '');
    if (blob === undefined || blob.size > REMEMBERED_DOCUMENT_MAX_BYTES) continue;
    const json = JSON.parse((await readWhole(blob, blob.size, blob.digest)).toString());
    const diffIds = texts(members(members(json).rootfs).diff_ids);
    for (const [index, layer] of items(layers).entries()) {
      const { digest, mediaType } = members(layer);
      const [diffId, stored] = [diffIds[index], byDigest.get(text(digest) ?? '')];
      if (diffId === undefined || stored === undefined) continue;
      // What is small is sent before anybody asks for it, and read as quickly as looked up.
      if (stored.size <= REMEMBERED_DOCUMENT_MAX_BYTES) continue;
      const encoding = encodingOfType(text(mediaType) ?? '');
      found.push({ diffId, digest: stored.digest, size: stored.size, encoding });
    }
  }
  return found;
}
