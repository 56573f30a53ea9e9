import { basename } from 'node:path';
import { ActionError } from '../lib/errors.js';
import type { Image } from './image.js';
import type { Line } from './lines.js';
import type { FoundImage } from './reading.js';
import { isTag, parseReference } from './reference.js';
import type { Inspected } from './source/daemon.js';

/** A line, the image it means, and the name that image is to have. */
export interface Selected {
  readonly line: Line;
  readonly found: FoundImage;
  readonly name: string;
  readonly tag?: string;
}

function selected(
  line: Line,
  found: FoundImage,
  reference: { name: string; tag?: string | undefined },
): Selected {
  const { name, tag } = line.rename ?? reference;
  return { line, found, name, ...(tag === undefined ? {} : { tag }) };
}

/** Finds what the daemon saved for a line: by ID, since names are written in several ways. */
export function daemonImage(
  line: Line,
  about: Inspected,
  found: readonly FoundImage[],
  source: string,
): Selected {
  const image =
    found.find((candidate) => candidate.digests.includes(about.id)) ??
    (found.length === 1 ? found[0] : undefined);
  if (image === undefined) {
    throw new ActionError(
      `${source} did not save the image ${line.location} (${about.id}); save it to a file and give its path.`,
    );
  }
  return selected(line, image, daemonName(line.location, about));
}

/** The name behind a reference of the daemon; for an image ID the first name the daemon has for it. */
function daemonName(
  location: string,
  about: Inspected,
): { name: string; tag?: string | undefined } {
  const hex = location.replace(/^sha256:/, '');
  const isId = /^[0-9a-f]{4,64}$/.test(hex) && about.id.startsWith(`sha256:${hex}`);
  const named =
    isId && !about.names.some((name) => name.startsWith(`${location}:`))
      ? about.names[0]
      : location;
  if (named === undefined) return { name: `docker.io/library/${about.id.slice(7, 19)}` };
  const { name, tag, digest } = parseReference(named);
  return { name, tag: tag ?? (digest === undefined ? 'latest' : undefined) };
}

/** The images of an archive or layout that a line means, each under each of its names. */
export function selectImages(line: Line, found: readonly FoundImage[], source: string): Selected[] {
  const all = found.flatMap((image) =>
    image.names.length === 0
      ? [{ image, reference: nameFromPath(line.location, undefined) }]
      : image.names.map((name) => ({ image, reference: readName(name, line.location) })),
  );
  const unnamed = found.filter((image) => image.names.length === 0);
  const wanted =
    line.which === undefined ? all : all.filter((one) => isMeant(one, line.which as string));
  const distinct = new Set(wanted.map((one) => one.image));
  if (wanted.length === 0) {
    const names = all.map((one) => one.image.names[0] ?? 'one without name');
    throw new ActionError(
      `${source} holds no image "${line.which}", only ${[...new Set(names)].join(', ')}.`,
    );
  }
  if (distinct.size > 1 && line.rename !== undefined) {
    throw new ActionError(
      `"${line.given}" renames ${distinct.size} images to one name; name one of them behind the path.`,
    );
  }
  if (unnamed.length > 1 && wanted.filter((one) => one.image.names.length === 0).length > 1) {
    throw new ActionError(
      `${source} holds ${unnamed.length} images without a name, so they cannot be told apart; save them by name.`,
    );
  }
  if (line.rename !== undefined)
    return [selected(line, wanted[0]?.image as FoundImage, line.rename)];
  return wanted.map((one) => selected(line, one.image, one.reference));
}

/** crane's tag for an image that was pulled by digest. */
const NO_TAG = 'i-was-a-digest';

/**
 * A name inside a source: a full or short reference, or only a tag or free text, to which the path
 * lends the name.
 */
function readName(name: string, path: string): { name: string; tag?: string | undefined } {
  if (isTag(name)) return nameFromPath(path, name);
  try {
    const reference = parseReference(name);
    return { name: reference.name, tag: reference.tag === NO_TAG ? undefined : reference.tag };
  } catch {
    return nameFromPath(path, undefined);
  }
}

/** Characters of a name that a path lends: paths may be longer than references. Ours to choose. */
const LENT_NAME_MAX_LENGTH = 128;

/** `dist/web-1.tar.gz` → `docker.io/library/web-1`. */
function nameFromPath(
  path: string,
  tag: string | undefined,
): { name: string; tag?: string | undefined } {
  const stem = basename(path).replace(/\.(?:tar|tgz|tzst|oci)?(?:\.[a-z0-9]+)?$/i, '');
  const part = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LENT_NAME_MAX_LENGTH)
    .replace(/^-+|-+$/g, '');
  return { name: `docker.io/library/${part === '' ? 'image' : part}`, tag };
}

function isMeant(
  one: { image: FoundImage; reference: { name: string; tag?: string | undefined } },
  which: string,
): boolean {
  if (one.image.digests.includes(which) || one.image.names.includes(which)) return true;
  if (isTag(which) && one.reference.tag === which) return true;
  if (!/[/:]/.test(which) && !isTag(which)) return false;
  const { name, tag } = readName(which, '');
  return name === one.reference.name && (tag ?? 'latest') === (one.reference.tag ?? 'latest');
}

/** Throws ActionError when two different images go by the same name and tag. */
export function refuseTwoUnderOneName(images: readonly Image[]): void {
  const seen = new Map<string, Image>();
  for (const image of images) {
    const name = `${image.name}:${image.tag ?? ''}`;
    const other = seen.get(name);
    if (other !== undefined && other.target.digest !== image.target.digest) {
      throw new ActionError(
        `"${other.given}" and "${image.given}" are two different images under the name ${image.name}${image.tag === undefined ? '' : `:${image.tag}`}; rename one with "… as NAME".`,
      );
    }
    seen.set(name, image);
  }
}
