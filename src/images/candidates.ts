import { basename } from 'node:path';
import type { FoundImage } from './reading.js';
import { isTag, parseReference } from './reference.js';

/** A name without tag and digest, and these where there are some. */
export interface Name {
  readonly name: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

/** An image of a source under one of its names, or under that of the file when it has none. */
export interface Candidate {
  readonly image: FoundImage;
  readonly reference: Name;
}

/** crane's tag for an image that was pulled by digest. */
const NO_TAG = 'i-was-a-digest';

/**
 * A name inside a source: a full or short reference, or only a tag or free text, to which the path
 * lends the name.
 */
export function readName(name: string, path: string): Name {
  if (isTag(name)) return nameFromPath(path, name);
  try {
    const { name: full, tag, digest } = parseReference(name);
    return { name: full, tag: tag === NO_TAG ? undefined : tag, digest };
  } catch {
    return nameFromPath(path);
  }
}

/** Characters of a name that a path lends: paths may be longer than references. Ours to choose. */
const LENT_NAME_MAX_LENGTH = 128;

/** `dist/web-1.tar.gz` → `docker.io/library/web-1`. */
export function nameFromPath(path: string, tag?: string): Name {
  const stem = basename(path).replace(/\.(?:tar|tgz|tzst|oci)?(?:\.[a-z0-9]+)?$/i, '');
  const part = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LENT_NAME_MAX_LENGTH)
    .replace(/^-+|-+$/g, '');
  return { name: `docker.io/library/${part === '' ? 'image' : part}`, tag };
}
