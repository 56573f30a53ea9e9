import type { Image, ImageSet } from '../images/image.js';
import type { AnnouncedImage } from '../images/read.js';
import { repositoriesOf } from '../images/repositories.js';
import { CHUNK_MIN_BYTES, CONFIGMAPS_PER_RUN_MAX } from '../lib/limits/carriers.js';
import { catalogPartsFor, type ServedImage } from './catalog.js';
import { type ParcelEntry, parcelEntries, parcelSize } from './parcel.js';

/** How bytes reach the registry: all of them as ConfigMaps, or what nodes ask for as a stream. */
export type Carrier = 'configmap' | 'stream';

/** An image as far as it is known before it is read. */
export interface PlannedImage {
  readonly given: string;
  /** The repository path under which it is served. */
  readonly repository: string;
  /** `os/architecture` of each platform that is sent. */
  readonly platforms: readonly string[];
}

/** What is to travel, as far as the cluster has to be asked for room. Bytes. */
export interface Plan {
  readonly carrier: Carrier;
  readonly images: readonly PlannedImage[];
  /** What goes in ConfigMaps as chunks. */
  readonly chunkBytes: number;
  /** ConfigMaps that the catalog takes. */
  readonly catalogParts: number;
  /** What the registry will store, at most. */
  readonly storeBytes: number;
}

/** Everything that is to travel, known to the byte. */
export interface Payload {
  readonly served: readonly ServedImage[];
  readonly entries: readonly ParcelEntry[];
  /** Bytes of the parcel that these make. */
  readonly bytes: number;
  /** Bytes of all content. */
  readonly contentBytes: number;
  /** ConfigMaps that a catalog of the parcel takes. */
  readonly catalogParts: number;
}

/** Lays out the payload for these images. Throws an ActionError when its catalog is too large. */
export function payloadOf({ images }: Pick<ImageSet, 'images'>): Payload {
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

/** The plan for a payload: in ConfigMaps all of it travels, as a stream nothing is in them. */
export function planOf(payload: Payload, carrier: Carrier): Plan {
  const images = payload.served.map(({ image: { given, platforms }, repository }) => ({
    ...{ given, platforms, repository },
  }));
  const { bytes, catalogParts, contentBytes } = payload;
  return carrier === 'stream'
    ? { carrier, images, chunkBytes: 0, catalogParts: 0, storeBytes: contentBytes }
    : { carrier, images, chunkBytes: bytes, catalogParts, storeBytes: contentBytes };
}

/**
 * The plan for a stream of images that are not read yet. Their bytes are counted twice, since a tar of many
 * small files takes more than these.
 *
 * @param platforms what is sent of an image whose platform nobody has told
 */
export function streamPlanOf(
  announced: readonly AnnouncedImage[],
  platforms: readonly string[],
): Plan {
  const repositories = repositoriesOf(announced);
  const images = announced.map(({ given, name, platform }) => ({
    given,
    repository: repositories.get(name) as string,
    platforms: platform === undefined ? platforms : [platform],
  }));
  const storeBytes = 2 * announced.reduce((sum, { bytes }) => sum + bytes, 0);
  return { carrier: 'stream', images, chunkBytes: 0, catalogParts: 0, storeBytes };
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
