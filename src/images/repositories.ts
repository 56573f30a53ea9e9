import { createHash } from 'node:crypto';
import type { Image } from './image.js';

/**
 * The repository path under which each image is served, by its full name: the name without its
 * registry host, `docker.io/library/nginx` → `library/nginx`, so that the last part stays readable.
 * Names that differ in the host alone get the start of their SHA-256 in front:
 * `1f3870be/acme/web`. The result does not depend on the order of the images.
 */
export function repositoriesOf(
  images: readonly Pick<Image, 'name'>[],
): ReadonlyMap<string, string> {
  const byPath = new Map<string, Set<string>>();
  for (const { name } of images) {
    const path = pathOf(name);
    byPath.set(path, (byPath.get(path) ?? new Set()).add(name));
  }
  const repositories = new Map<string, string>();
  for (const [path, names] of byPath) {
    for (const name of names) {
      repositories.set(name, names.size === 1 ? path : `${shortHash(name)}/${path}`);
    }
  }
  return repositories;
}

function pathOf(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

/** Eight hex digits: told apart from any path that a user chose in practice, and valid as a path part. */
function shortHash(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}
