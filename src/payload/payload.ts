import type { Image, ImageSet } from '../images/image.js';
import { repositoriesOf } from '../images/repositories.js';
import { CHUNK_MIN_BYTES, CONFIGMAPS_PER_RUN_MAX } from '../lib/limits/carriers.js';
import { catalogPartsFor, type ServedImage } from './catalog.js';
import { type ParcelEntry, parcelEntries, parcelSize } from './parcel.js';

/** Everything that is to travel, known to the byte before the first write to the cluster. */
export interface Payload {
  readonly served: readonly ServedImage[];
  readonly entries: readonly ParcelEntry[];
  /** Bytes of the parcel. */
  readonly bytes: number;
  /** Bytes of the blobs in it, which is what the registry will store. */
  readonly contentBytes: number;
  /** ConfigMaps that the catalog takes. */
  readonly catalogParts: number;
}

/** Lays out the payload for these images. Throws an ActionError when its catalog is too large. */
export function payloadOf({ images }: ImageSet): Payload {
  const repositories = repositoriesOf(images);
  const entries = parcelEntries(images);
  const bytes = parcelSize(entries);
  const served = images.map((image) => ({
    image,
    repository: repositories.get(image.name) as string,
  }));
  const chunks = Math.min(CONFIGMAPS_PER_RUN_MAX, Math.ceil(bytes / CHUNK_MIN_BYTES));
  return {
    served,
    entries,
    bytes,
    catalogParts: catalogPartsFor(served, chunks),
    contentBytes: entries.reduce((sum, { size }) => sum + size, 0),
  };
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
