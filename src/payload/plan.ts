import { ActionError } from '../errors.js';
import type { Image, ImageSet } from '../images/image.js';
import { repositoriesOf } from '../images/repositories.js';
import { MIB } from '../limits.js';
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
export function planPayload({ images }: ImageSet): Payload {
  const repositories = repositoriesOf(images);
  const entries = parcelEntries(images);
  return {
    served: images.map((image) => ({ image, repository: repositories.get(image.name) as string })),
    entries,
    bytes: parcelSize(entries),
    contentBytes: entries.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Throws an ActionError when the payload does not fit the budget; nothing has been written then. */
export function checkBudget({ bytes }: Payload, budget: number): void {
  if (bytes > budget) {
    throw new ActionError(
      `The images need ${inMebibytes(bytes)} in ConfigMaps and the budget is ${inMebibytes(budget)}; make the images smaller, or raise the input \`configmap-budget\` if the control plane has the memory (about eleven bytes for each).`,
    );
  }
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil((bytes / MIB) * 10) / 10} MiB`;
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
