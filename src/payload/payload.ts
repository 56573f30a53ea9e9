import type { AnnouncedImage } from '../images/daemon/asked.js';
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

/** An image as far as it is known before it is read. */
export interface PlannedImage {
  readonly given: string;
  /** The repository path under which it is served. */
  readonly repository: string;
  /** `os/architecture` of each platform that is sent. */
  readonly platforms: readonly string[];
}

/** What is to travel, as far as the cluster has to be asked for room. Bytes. */
export interface TravelPlan {
  readonly carrier: Carrier;
  readonly images: readonly PlannedImage[];
  /** What goes in ConfigMaps as chunks that the registry mounts. */
  readonly chunkBytes: number;
  /** What is written into ConfigMaps from the beginning to the end, at most. */
  readonly writtenBytes: number;
  /** ConfigMaps that the catalog takes. */
  readonly catalogParts: number;
  /** What the registry will store, at most. */
  readonly storeBytes: number;
}

/** Everything that may travel, known to the byte. */
export interface Payload {
  readonly served: readonly ServedImage[];
  readonly entries: readonly ParcelEntry[];
  /** Bytes of all content. */
  readonly contentBytes: number;
  /** ConfigMaps that a catalog with all chunks takes. */
  readonly catalogParts: number;
}

/** What the registry gets as chunks that it mounts. */
export interface Parcel {
  readonly entries: readonly ParcelEntry[];
  /** Bytes of the tar. */
  readonly bytes: number;
}

/** Lays out the payload for these images. Throws an ActionError when its catalog is too large. */
export function payloadOf({ images }: Pick<ImageSet, 'images'>): Payload {
  const repositories = repositoriesOf(images);
  const entries = parcelEntries(images);
  const served = images.map((image) => ({
    image,
    repository: repositories.get(image.name) as string,
  }));
  const chunks = Math.ceil(parcelSize(entries) / CHUNK_MIN_BYTES);
  return {
    served,
    entries,
    catalogParts: catalogPartsFor(served, Math.min(CONFIGMAPS_PER_RUN_MAX, chunks)),
    contentBytes: entries.reduce((sum, { size }) => sum + size, 0),
  };
}

/**
 * The parcel of a payload: all of it, or with couriers what is small, manifests and configs above all, as
 * far as one chunk takes it.
 */
export function parcelOf({ entries }: Payload, carrier: Exclude<Carrier, 'stream'>): Parcel {
  const chosen = carrier === 'configmap' ? entries : smallOnes(entries);
  return { entries: chosen, bytes: parcelSize(chosen) };
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

/** The plan for a payload. As a stream nothing of it is in ConfigMaps. */
export function planOf(payload: Payload, carrier: Carrier): TravelPlan {
  const images = payload.served.map(({ image: { given, platforms }, repository }) => ({
    ...{ given, platforms, repository },
  }));
  const { catalogParts, contentBytes: storeBytes } = payload;
  if (carrier === 'stream') {
    return { carrier, images, chunkBytes: 0, writtenBytes: 0, catalogParts: 0, storeBytes };
  }
  const { bytes } = parcelOf(payload, carrier);
  const writtenBytes = carrier === 'courier' ? bytes + storeBytes : bytes;
  return { carrier, images, chunkBytes: bytes, writtenBytes, catalogParts, storeBytes };
}

/**
 * The plan for a stream of images that are not read yet.
 *
 * @param platforms `os/architecture` of each that is sent of an image that has it
 */
export function streamPlanOf(
  announced: readonly AnnouncedImage[],
  platforms: readonly string[],
): TravelPlan {
  const repositories = repositoriesOf(announced);
  // What is for no platform that anybody has told counts for each.
  const sent = ({ parts }: AnnouncedImage) =>
    platforms.flatMap((of) =>
      parts.flatMap(({ platform = of, storeBytes }) =>
        platform === of ? [{ platform, storeBytes }] : [],
      ),
    );
  const images = announced.map((image) => ({
    given: image.given,
    repository: repositories.get(image.name) as string,
    platforms: [...new Set(sent(image).map(({ platform }) => platform))],
  }));
  const storeBytes = announced.flatMap(sent).reduce((sum, part) => sum + part.storeBytes, 0);
  return {
    ...{ carrier: 'stream', images, storeBytes },
    ...{ chunkBytes: 0, writtenBytes: 0, catalogParts: 0 },
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
