import { REMEMBERED_FROM_BYTES } from '../../lib/limits/images.js';
import type { Compression } from '../bytes/compression.js';
import type { Content } from '../bytes/content.js';
import type { FoundImage, ImageParts, Reading } from '../reading.js';
import type { Asked } from './asked.js';
import { LateSaves } from './late-saves.js';
import { ImageMemory, type IsOnNodes, type KnownLayer, type OpenLayer } from './memory.js';

/** What may be known of images without reading them. */
export interface Known {
  /** Where runs on this machine write down what they have read. */
  readonly directory: string;
  readonly isOnNodes: IsOnNodes;
}

/** The same, with the compressions by which layers may have been stored when they were read. */
export type Memory = Known & { readonly among: readonly Compression[] };

/** What is known of the images that a daemon is asked for. */
export interface Recollection {
  /** Those that all nodes have, so that they need not be read. */
  readonly images: ReadonlyMap<Asked, ImageParts>;
  /** The content of an entry of a save that need not be taken in, since it is a layer that all nodes have. */
  readonly layer: (path: string, size: number) => Content | undefined;
  /** An image that is written down when it is resolved. */
  readonly keeping: (found: FoundImage) => FoundImage;
}

/**
 * Looks up what earlier runs have written down of large images and of their layers; undefined when none is large.
 *
 * @param save has the daemon save images, and reads them
 */
export async function recollect(
  inspected: readonly Asked[],
  { directory, isOnNodes, among }: Memory,
  {
    label,
    reading,
    save,
  }: {
    readonly label: string;
    readonly reading: Reading;
    readonly save: (asked: readonly Asked[], into: Reading) => Promise<readonly FoundImage[]>;
  },
): Promise<Recollection | undefined> {
  const large = inspected.filter(({ about }) => about.bytes >= REMEMBERED_FROM_BYTES);
  if (large.length === 0) return undefined;
  const memory = new ImageMemory(directory);
  const platforms = await reading.platforms();
  const keyOf = ({ about: { id } }: Asked) => ({ id, platforms });
  // Whoever asks for a layer that was not read may ask for one of any image: small ones stand on layers of large ones.
  const ids = new Set(inspected.map(({ about }) => about.id));
  const late = new LateSaves(label, (into) => save(inspected, into), ids, reading, among);
  const open: OpenLayer = (digest, start) => late.open(digest, start);
  const images = new Map<Asked, ImageParts>();
  for (const asked of large) {
    const parts = await memory.recall(keyOf(asked), among, isOnNodes, open);
    if (parts !== undefined) images.set(asked, parts);
  }
  const layers: ReadonlyMap<string, KnownLayer> =
    images.size < large.length ? await memory.layers(among, isOnNodes) : new Map();
  return {
    images,
    layer: (path, size) => knownLayer(layers, { path, size }, open, reading.unfoldedTo),
    keeping: (found) => {
      const asked = large.find(({ about }) => found.digests.includes(about.id));
      if (asked === undefined) return found;
      return remembering(found, async (parts) =>
        memory.keep(keyOf(asked), await reading.packer.compression(), parts, found.layerPaths),
      );
    },
  };
}

/**
 * An image that is written down when it is resolved; one that lacks a platform is not, nor is one that others stand
 * beside for that: the next run may name it alone.
 */
function remembering(found: FoundImage, keep: (parts: ImageParts) => Promise<void>): FoundImage {
  return {
    ...found,
    resolve: async (reading, elsewhere) => {
      const parts = await found.resolve(reading, elsewhere);
      if (elsewhere.length === 0 && !parts.warnings?.length) await keep(parts);
      return parts;
    },
  };
}

/**
 * The content of a layer that is known by its path: as it is where a layout has it compressed, else uncompressed and with
 * what it is stored as.
 */
function knownLayer(
  layers: ReadonlyMap<string, KnownLayer>,
  { path, size }: { readonly path: string; readonly size: number },
  open: OpenLayer,
  unfoldedTo: Map<string, string>,
): Content | undefined {
  const known = layers.get(path);
  if (known === undefined) return undefined;
  const { digest, diffId } = known;
  unfoldedTo.set(digest, diffId);
  const contentOf = (of: string) => ({
    digest: of,
    open: (start?: number) => open(of, start),
  });
  if (digest !== diffId && path.endsWith(digest.slice('sha256:'.length))) {
    return { ...contentOf(digest), size };
  }
  const packed = Promise.resolve({ ...known, ...contentOf(digest) });
  return { ...contentOf(diffId), size, packed };
}
