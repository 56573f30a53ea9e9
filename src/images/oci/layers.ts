import { items, members } from '../../lib/json.js';
import type { Image } from '../image.js';

/**
 * The layers that stand above one in some manifest of these images, from the lowest up, by its digest. A runtime
 * that lacks a layer unpacks all that stand above it anew, and asks for them, if it has not just their bytes.
 */
export function layersAbove(images: readonly Image[]): ReadonlyMap<string, readonly string[]> {
  const above = new Map<string, Set<string>>();
  for (const { bytes } of images.flatMap(({ manifests }) => manifests)) {
    const layers = items(members(JSON.parse(bytes.toString())).layers)
      .map((layer) => members(layer).digest)
      .filter((digest) => typeof digest === 'string');
    for (const [index, digest] of layers.entries()) {
      // Where it stands again, nothing is above that is not above its first place.
      if (layers.indexOf(digest) < index) continue;
      above.set(digest, new Set([...(above.get(digest) ?? []), ...layers.slice(index + 1)]));
    }
  }
  return new Map([...above].map(([digest, higher]) => [digest, [...higher]]));
}
