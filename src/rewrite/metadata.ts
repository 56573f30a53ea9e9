import { parseReference } from '../images/reference.js';

/** An injected image, as far as the output `metadata` tells of it. */
export interface DescribedImage {
  /** `127.0.0.1:<port>/<path>/library/nginx@sha256:…`. */
  readonly pullable: string;
  /** With the tag or the digest that it has: `nginx:1.29`. */
  readonly name: string;
  readonly digest: string;
  /** `os/architecture` of each. */
  readonly platforms: readonly string[];
  /** Bytes of its manifests, configs and layers. */
  readonly bytes: number;
}

/** One image of the output `metadata`, such as for values of a chart. */
export interface ImageMetadata {
  /** What the output `images` has: repository and digest. */
  readonly reference: string;
  readonly repository: string;
  /** A tag that the registry serves; none where the source has none. */
  readonly tag?: string;
  readonly digest: string;
  readonly platforms: readonly string[];
  /** Bytes of its manifests, configs and layers. */
  readonly bytes: number;
}

/** What the output `metadata` says of an image. */
function metadataOf(image: DescribedImage): ImageMetadata {
  const { pullable, digest, platforms, bytes } = image;
  const { tag } = parseReference(image.name);
  return {
    reference: pullable,
    repository: pullable.slice(0, pullable.lastIndexOf('@')),
    ...(tag === undefined ? {} : { tag }),
    ...{ digest, platforms, bytes },
  };
}

/** The output `metadata`: JSON, with the images under the same keys as in the output `images`. */
export function metadataOutput(images: ReadonlyMap<string, DescribedImage>): string {
  const entries = [...images].map(([key, image]) => [key, metadataOf(image)]);
  return JSON.stringify(Object.fromEntries(entries));
}
