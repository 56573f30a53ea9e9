import { sha256Of } from '../lib/sha256.js';
import type { Image } from './image.js';

/**
 * Characters of a repository path. Kubelets and runtimes take 255 for a name without tag and digest
 * (distribution/reference `RepositoryNameTotalLengthMax`; the host counts before 0.6), of which
 * `127.0.0.1:65535/` and the registry's secret path take 49.
 */
const REPOSITORY_MAX_LENGTH = 200;

/**
 * The repository path under which each image is served, by its full name: the name without its
 * registry host, `docker.io/library/nginx` → `library/nginx`, so that the last part stays readable.
 * Names that differ in the host alone get the start of their SHA-256 in front,
 * `1f3870be/acme/web`, and so do those that are too long, which lose their own start. The result does
 * not depend on the order of the images.
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
      const short = path.length <= REPOSITORY_MAX_LENGTH;
      repositories.set(name, names.size === 1 && short ? path : hashed(name, path));
    }
  }
  return repositories;
}

function pathOf(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

/** The end of a path behind a hash of the whole name. */
function hashed(name: string, path: string): string {
  const hash = shortHash(name);
  const end = path.slice(-(REPOSITORY_MAX_LENGTH - hash.length - 1));
  // A part of a path does not begin with what joins its words.
  return `${hash}/${end.replace(/^[^a-z0-9]+/, '')}`;
}

/** Eight hex digits: told apart from any path that a user chose in practice, and valid as a path part. */
function shortHash(name: string): string {
  return sha256Of(name).slice(0, 8);
}
