import type { Image, ImageSet } from '../images/image.js';
import { repositoriesOf } from '../images/repositories.js';
import type { ServedImage } from './catalog.js';
import { type ParcelEntry, parcelEntries, parcelSize } from './parcel.js';

/** Everything that is to travel, known to the byte before the first write to the cluster. */
export interface Payload {
  readonly served: readonly ServedImage[];
  readonly entries: readonly ParcelEntry[];
  /** Bytes of the parcel. */
  readonly bytes: number;
  /** Bytes of the blobs in it, which is what the registry will store. */
  readonly contentBytes: number;
}

/** Lays out the payload for these images. */
export function payloadOf({ images }: ImageSet): Payload {
  const repositories = repositoriesOf(images);
  const entries = parcelEntries(images);
  return {
    served: images.map((image) => ({ image, repository: repositories.get(image.name) as string })),
    entries,
    bytes: parcelSize(entries),
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
