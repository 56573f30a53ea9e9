import type { Image, ImageSet } from '../images/image.js';
import { repositoriesOf } from '../images/repositories.js';
import {
  CHUNK_BYTES,
  CHUNK_MIN_BYTES,
  CONFIGMAPS_PER_RUN_MAX,
  PARCEL_CONTENT_MAX_BYTES,
} from '../lib/limits/carriers.js';
import { catalogPartsFor, type ServedImage } from './catalog.js';
import { type ParcelEntry, parcelEntries, parcelSize } from './parcel.js';

/**
 * How bytes reach the registry: all of them as ConfigMaps at once, or what nodes ask for, as a stream or as
 * ConfigMaps that couriers bring batch by batch.
 */
export type Carrier = 'configmap' | 'stream' | 'courier';

/** Everything that is to travel, known to the byte before the first write to the cluster. */
export interface Payload {
  readonly carrier: Carrier;
  readonly served: readonly ServedImage[];
  /** What goes in ConfigMaps. */
  readonly entries: readonly ParcelEntry[];
  /** What is brought to the registry when a node asks for it. */
  readonly onDemand: readonly ParcelEntry[];
  /** Bytes of the parcel. */
  readonly bytes: number;
  /** Bytes of all content, which is what the registry will store. */
  readonly contentBytes: number;
  /** ConfigMaps that the catalog takes. */
  readonly catalogParts: number;
}

/**
 * Lays out the payload for these images. Where bytes come on demand the parcel has what is small, manifests and
 * configs above all, as far as one chunk takes it. Throws an ActionError when its catalog is too large.
 */
export function payloadOf(
  { images }: Pick<ImageSet, 'images'>,
  carrier: Carrier = 'configmap',
): Payload {
  const repositories = repositoriesOf(images);
  const all = parcelEntries(images);
  const entries = carrier === 'configmap' ? all : smallOnes(all);
  const bytes = parcelSize(entries);
  const served = images.map((image) => ({
    image,
    repository: repositories.get(image.name) as string,
  }));
  const chunks = Math.min(CONFIGMAPS_PER_RUN_MAX, Math.ceil(bytes / CHUNK_MIN_BYTES));
  return {
    carrier,
    served,
    entries,
    onDemand: all.filter((entry) => !entries.includes(entry)),
    bytes,
    catalogParts: catalogPartsFor(served, chunks),
    contentBytes: all.reduce((sum, { size }) => sum + size, 0),
  };
}

/** The content that is not worth a question of its own, in its order, as far as a chunk takes it. */
function smallOnes(all: readonly ParcelEntry[]): ParcelEntry[] {
  const entries: ParcelEntry[] = [];
  for (const entry of all.filter(({ size }) => size <= PARCEL_CONTENT_MAX_BYTES)) {
    if (parcelSize([...entries, entry]) > CHUNK_BYTES) {
      return entries;
    }
    entries.push(entry);
  }
  return entries;
}

/** The reference by which nodes pull an image from the registry at `registry`. */
export function pullableReference(registry: string, { repository, image }: ServedImage): string {
  return `${registry}/${repository}@${image.target.digest}`;
}

/** Bytes of an image's manifests, configs and layers. */
export function bytesOf({ manifests, blobs }: Image): number {
  const manifestBytes = manifests.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return blobs.reduce((sum, { size }) => sum + size, manifestBytes);
}
