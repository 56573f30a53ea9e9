import { ActionError } from '../lib/errors.js';
import { lowerFirst } from '../lib/sentences.js';
import { byArchitecture } from './architectures.js';
import { type Candidate, type Name, nameFromPath, readName } from './candidates.js';
import type { Inspected } from './daemon/daemon.js';
import type { Line } from './lines.js';
import type { FoundImage, Reading } from './reading.js';
import { isTag, parseReference } from './reference.js';
import type { Tree } from './source/archive.js';

/** A line, the image it means, and the name that image is to have. */
export interface Selected {
  readonly line: Line;
  readonly found: FoundImage;
  readonly name: string;
  readonly tag?: string;
  /** The digest in its name, where that has no tag. */
  readonly nameDigest?: string;
  /** Platforms that another image of the line gives to the nodes in its place. */
  readonly elsewhere: readonly string[];
}

function selected(
  line: Line,
  found: FoundImage,
  reference: Name,
  elsewhere: readonly string[] = [],
): Selected {
  const { name, tag, digest } = line.rename ?? reference;
  const end = tag === undefined ? digest && { nameDigest: digest } : { tag };
  return { line, found, name, elsewhere, ...end };
}

/** Finds what the daemon saved for a line: by ID, since names are written in several ways. */
export function daemonImage(
  line: Line,
  about: Inspected,
  found: readonly FoundImage[],
  source: string,
): Selected {
  const images = found.filter(({ aside }) => aside === undefined);
  const image =
    found.find((candidate) => candidate.digests.includes(about.id)) ??
    (images.length === 1 ? images[0] : undefined);
  if (image === undefined) {
    throw new ActionError(
      `${source} did not save the image ${line.location} (${about.id}); save it to a file and give its path.`,
    );
  }
  return selected(line, image, daemonName(line.location, about));
}

/** Whether a location is the ID of what the daemon has under it, or its start, and not a name that looks like one. */
function isId(location: string, { id, names }: Inspected): boolean {
  const hex = location.replace(/^sha256:/, '');
  const isStart = /^[0-9a-f]{4,64}$/.test(hex) && id.startsWith(`sha256:${hex}`);
  return isStart && !names.some((name) => name.startsWith(`${location}:`));
}

/** What the daemon is to save for a line: for a name without a tag it would save all tags of the repository. */
export function savedName(location: string, about: Inspected): string {
  if (isId(location, about)) return location;
  const { tag, digest } = parseReference(location);
  return tag === undefined && digest === undefined ? `${location}:latest` : location;
}

/** The name behind a reference of the daemon; for an image ID the first name the daemon has for it. */
function daemonName(location: string, about: Inspected): Name {
  const named = isId(location, about) ? about.names[0] : location;
  if (named === undefined) return { name: `docker.io/library/${about.id.slice(7, 19)}` };
  const { name, tag, digest } = parseReference(named);
  return { name, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/**
 * The images of an archive or layout that a line means, each under each of its names. What is left out
 * of a whole source is told to the reading. Throws ActionError when none is meant, or it cannot be said
 * which.
 */
export async function selectImages(
  line: Line,
  found: readonly FoundImage[],
  tree: Tree,
  reading: Reading,
): Promise<Selected[]> {
  const all = found.flatMap((image): Candidate[] =>
    image.names.length === 0
      ? [{ image, reference: nameFromPath(line.location) }]
      : image.names.map((name) => ({ image, reference: readName(name, line.location) })),
  );
  const wanted =
    line.which === undefined
      ? await byArchitecture(wholeSource(all, reading), reading)
      : meant(all, line).map((one) => ({ ...one, elsewhere: [] }));
  if (wanted.length === 0) {
    const names = all.map((one) => one.image.names[0] ?? 'one without name');
    throw new ActionError(
      `${tree.label} holds no image "${line.which}", only ${[...new Set(names)].join(', ')}.`,
    );
  }
  const distinct = new Set(wanted.map((one) => one.image));
  if (distinct.size > 1 && line.rename !== undefined) {
    throw new ActionError(
      `"${line.given}" renames ${distinct.size} images to one name; name one of them behind the path.`,
    );
  }
  const unnamed = [...distinct].filter(({ names }) => names.length === 0);
  if (unnamed.length > 1) throw await nameless(unnamed, line.location, tree);
  if (line.rename !== undefined)
    return [selected(line, wanted[0]?.image as FoundImage, line.rename)];
  return wanted.map((one) => selected(line, one.image, one.reference, one.elsewhere));
}

/** All images of a source; what is none is left out, unless there is nothing else. */
function wholeSource(all: readonly Candidate[], reading: Reading): readonly Candidate[] {
  const images = all.filter(({ image }) => image.aside === undefined);
  if (images.length === 0) return all.slice(0, 1);
  for (const { label, aside } of new Set(all.map(({ image }) => image))) {
    if (aside !== undefined) reading.onNotice(`${label} ${aside}; it is left out.`);
  }
  return images;
}

/**
 * The images that `PATH:WHICH` means. A name or digest as it is written there goes before all; then a
 * docker-archive is asked by reference, which `latest` completes, and a layout by tag, as skopeo does.
 */
function meant(all: readonly Candidate[], line: Line): readonly Candidate[] {
  const which = line.which as string;
  const isExact = ({ image }: Candidate) =>
    image.digests.includes(which) || image.names.includes(which);
  const hasTag = ({ reference }: Candidate) => isTag(which) && reference.tag === which;
  const isNamed = (one: Candidate) => isReferenceOf(one, which);
  const ways = line.transport.startsWith('oci') ? [hasTag, isNamed] : [isNamed, hasTag];
  for (const way of [isExact, ...ways]) {
    const found = all.filter(way);
    if (found.length > 0) return found;
  }
  return [];
}

function isReferenceOf({ image, reference }: Candidate, which: string): boolean {
  let asked: ReturnType<typeof parseReference>;
  try {
    asked = parseReference(which);
  } catch {
    return false;
  }
  if (asked.name !== reference.name) return false;
  if (asked.digest === undefined) {
    const isBare = reference.tag === undefined && reference.digest === undefined;
    return (asked.tag ?? 'latest') === (isBare ? 'latest' : reference.tag);
  }
  const sameTag = asked.tag === undefined || asked.tag === reference.tag;
  return sameTag && image.digests.includes(asked.digest);
}

/** Images without a name that a sentence describes. */
const DESCRIBED_MAX = 4;

async function nameless(
  images: readonly FoundImage[],
  path: string,
  { label, directory }: Tree,
): Promise<ActionError> {
  const described: string[] = [];
  for (const { digests, created } of images.slice(-DESCRIBED_MAX)) {
    const time = await created();
    described.push(`${digests[0]}${time === undefined ? '' : ` (created ${time})`}`);
  }
  const more = images.length - described.length;
  const list = `${described.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const cure =
    directory === undefined
      ? `save them by name, or name one as docker-archive:${path}:DIGEST`
      : `empty it before each build, save them by name, or name one as oci:${path}:DIGEST`;
  return new ActionError(
    `${label} holds ${images.length} images without a name: ${list}; ${cure}.`,
  );
}

/** For two different images that would go by one name. */
export function twoUnderOneName(name: string, one: Selected, other: Selected): ActionError {
  const labels = `${one.found.label} and ${lowerFirst(other.found.label)}`;
  return new ActionError(
    `${labels} are two different images under the name ${name}; rename one with "… as NAME".`,
  );
}
