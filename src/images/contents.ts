import { items, members, text } from '../lib/json.js';
import type { Blob, Image } from './image.js';
import { platformText } from './platforms.js';

/**
 * What a node of one platform needs of these images: the bytes of each config and layer, by digest. An
 * index gives the manifests of that platform, whatever their variant.
 *
 * @param platform `os/architecture`
 */
export function contentsFor(
  images: readonly Image[],
  platform: string,
): ReadonlyMap<string, number> {
  const contents = new Map<string, number>();
  for (const image of images) {
    // A manifest that no index lists does not say for which platform it is.
    if (!image.platforms.includes(platform)) continue;
    const unread = new Map(image.manifests.map(({ digest, bytes }) => [digest, bytes]));
    collect(image.target.digest, unread, platform, contents);
  }
  return contents;
}

/** Each document once, however often others list it: it is taken out of those that are not read yet. */
function collect(
  digest: string,
  unread: Map<string, Buffer>,
  platform: string,
  contents: Map<string, number>,
): void {
  const bytes = unread.get(digest);
  if (bytes === undefined) {
    return;
  }
  unread.delete(digest);
  const document = members(JSON.parse(bytes.toString()));
  for (const listed of items(document.manifests).map(members)) {
    const { os, architecture } = members(listed.platform);
    if (
      os === undefined ||
      platformText({ os: `${os}`, architecture: `${architecture}` }) === platform
    ) {
      collect(text(listed.digest) ?? '', unread, platform, contents);
    }
  }
  for (const { digest: of, size } of [document.config, ...items(document.layers)].map(members)) {
    if (typeof of === 'string' && typeof size === 'number') {
      contents.set(of, size);
    }
  }
}

/** Bytes of all content of these images, what several share once. */
export interface Sizes {
  /** As it travels. */
  readonly bytes: number;
  /** As the sources have it: layers that were compressed here count with what they were before. */
  readonly sourceBytes: number;
}

type Sized = Pick<Blob, 'digest' | 'size' | 'sourceSize'>;

/** The sizes of all configs and layers of these images. */
export function sizesOf(images: readonly { readonly blobs: readonly Sized[] }[]): Sizes {
  const blobs = new Map(images.flatMap(({ blobs }) => blobs.map((blob) => [blob.digest, blob])));
  const sum = (of: (blob: Sized) => number) =>
    [...blobs.values()].reduce((total, blob) => total + of(blob), 0);
  return {
    bytes: sum(({ size }) => size),
    sourceBytes: sum(({ size, sourceSize = size }) => sourceSize),
  };
}
