import { items, members, text } from '../lib/json.js';
import type { Image } from './image.js';

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
    const documents = new Map(image.manifests.map(({ digest, bytes }) => [digest, bytes]));
    collect(image.target.digest, documents, platform, contents);
  }
  return contents;
}

function collect(
  digest: string,
  documents: ReadonlyMap<string, Buffer>,
  platform: string,
  contents: Map<string, number>,
): void {
  const bytes = documents.get(digest);
  if (bytes === undefined) {
    return;
  }
  const document = members(JSON.parse(bytes.toString()));
  for (const listed of items(document.manifests).map(members)) {
    const { os, architecture } = members(listed.platform);
    if (os === undefined || `${os}/${architecture}` === platform) {
      collect(text(listed.digest) ?? '', documents, platform, contents);
    }
  }
  for (const { digest: of, size } of [document.config, ...items(document.layers)].map(members)) {
    if (typeof of === 'string' && typeof size === 'number') {
      contents.set(of, size);
    }
  }
}
