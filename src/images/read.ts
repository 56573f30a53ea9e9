import { stat } from 'node:fs/promises';
import { acrossSources } from './architectures.js';
import { type Compression, parseCompression } from './bytes/compression.js';
import { type AnnouncedImage, announcedImage, askDaemon, type OfDaemon } from './daemon/asked.js';
import type { Environment } from './daemon/daemon-address.js';
import type { Known, Memory } from './daemon/recollect.js';
import { fromDaemon } from './daemon/saved.js';
import { findImages } from './find.js';
import type { Image, ImageSet } from './image.js';
import { type Line, readLines } from './lines.js';
import { withoutVariants } from './platforms.js';
import { type FoundImage, type ImageParts, type Progress, Reading } from './reading.js';
import { fullName } from './reference.js';
import { type Selected, selectImages, twoUnderOneName } from './select.js';
import type { Tree } from './source/archive.js';
import { openSource } from './source/open.js';

/** A compression that is chosen when it is known how much there is. */
export interface Fitting {
  /** Those of which one is chosen. */
  readonly among: readonly Compression[];
  /** Asked with the bytes that the sources have, as far as they say so before they are read. */
  readonly choose: (bytes: number) => Promise<Compression>;
}

/** How the images are to be read. */
export interface ReadOptions {
  /** `os/architecture` of the cluster's nodes; awaited only when the first image is at hand. */
  readonly platforms: readonly string[] | Promise<readonly string[]>;
  /** Those that nodes can be of: of these an image is read for what it has where `platforms` is empty. */
  readonly possiblePlatforms?: readonly string[];
  /** Where the one temporary copy may be written: RUNNER_TEMP. */
  readonly temporaryDirectory: string;
  /** For layers that come uncompressed; zstd level 3 when left out. */
  readonly compression?: Compression | Fitting;
  /** True to warn instead of fail when an image lacks a platform that the cluster has. */
  readonly allowMissingPlatforms?: boolean;
  /** Names of the nodes of a platform, for sentences; called only after `platforms` is known. */
  readonly nodesOf?: (platform: string) => readonly string[];
  /** Called often on long reads; whoever shows it chooses when. */
  readonly onProgress?: Progress;
  /** What may be known of images of the daemon without reading them; nothing when left out. */
  readonly known?: Known;
  /** Told, before they are read, of images that the daemon has, when all come from there. */
  readonly onAnnounced?: (announced: readonly AnnouncedImage[]) => void;
  /** Takes sentences for the log: what of a source was left out, and why. */
  readonly onNotice?: (sentence: string) => void;
  /** Ends every read and every call to the daemon; its reason is then what is thrown. */
  readonly signal?: AbortSignal;
  /** Where DOCKER_HOST and the like are looked up; `process.env` when left out. */
  readonly environment?: Environment;
}

/**
 * Reads everything that the `images` input names, complete and ready to be served: documents are verified
 * by their digests, and so are layers that have to be read anyway; all others by `verify` of what it
 * returns. Throws ActionError for whatever is wrong with input or sources, with nothing left on disk; when
 * it returns, `close` removes the temporary copy. Limits: lib/limits/images.ts.
 */
export async function readImages(
  items: readonly string[],
  options: ReadOptions,
): Promise<ImageSet> {
  const signal = options.signal ?? new AbortController().signal;
  try {
    const parsed = await readLines(items);
    const saves = await askDaemon(parsed, options.environment ?? process.env, signal);
    if (saves?.inspected.length === parsed.length) {
      options.onAnnounced?.(saves.inspected.map(announcedImage));
    }
    const wanted = options.compression ?? parseCompression('');
    const compression = () => compressionFor(parsed, saves, wanted);
    const reading = new Reading({ ...USUAL, ...options, compression, signal });
    const memory = options.known && { ...options.known, among: among(wanted) };
    return await readAll(parsed, saves, reading, memory);
  } catch (thrown) {
    return unlessEnded(thrown, signal);
  }
}

/** What a reading does where nothing is said. */
const USUAL = {
  possiblePlatforms: [],
  allowMissingPlatforms: false,
  nodesOf: () => [],
  onProgress: () => undefined,
  onNotice: () => undefined,
};

async function readAll(
  lines: readonly Line[],
  saves: OfDaemon | undefined,
  reading: Reading,
  memory: Memory | undefined,
): Promise<ImageSet> {
  try {
    const selected = [
      ...(saves === undefined ? [] : await fromDaemon(saves, reading, memory)),
      ...(await fromPaths(lines, reading)),
    ];
    const images = await resolveAll(lines, selected, reading);
    return {
      images,
      verify: () =>
        reading.verification.run().catch((thrown) => unlessEnded(thrown, reading.signal)),
      close: () => reading.close(),
    };
  } catch (thrown) {
    await reading.close();
    throw thrown;
  }
}

/** Whatever broke because of the abort, from a reset connection to half a tar, is not the reason. */
function unlessEnded(thrown: unknown, signal: AbortSignal): never {
  signal.throwIfAborted();
  throw thrown;
}

/** The compression that was asked for, or that fits as many bytes as the daemon and the files have. */
async function compressionFor(
  lines: readonly Line[],
  saves: OfDaemon | undefined,
  wanted: Compression | Fitting,
): Promise<Compression> {
  if (!('choose' in wanted)) return wanted;
  const ofFiles = lines.filter(({ transport }) => transport !== 'docker-daemon');
  const paths = new Set(ofFiles.map(({ location }) => location));
  const byId = new Map(saves?.inspected.map(({ about }) => [about.id, about.bytes]));
  const sizes = [...byId.values(), ...(await Promise.all([...paths].map(fileBytes)))];
  return wanted.choose(sizes.reduce((sum, bytes) => sum + bytes, 0));
}

/** The compressions that layers may have had before, so that they are what is wanted now. */
function among(wanted: Compression | Fitting): readonly Compression[] {
  return 'choose' in wanted ? wanted.among : [wanted];
}

/** Bytes of a file; none of a directory, whose layers stay as they are, and of what is not there. */
async function fileBytes(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : 0;
}

/** Archives and layouts, each opened once however many lines name it. */
async function fromPaths(lines: readonly Line[], reading: Reading): Promise<Selected[]> {
  const opened = new Map<string, { tree: Tree; found: readonly FoundImage[] }>();
  const selected: Selected[] = [];
  for (const line of lines) {
    if (line.transport === 'docker-daemon') continue;
    reading.signal.throwIfAborted();
    let source = opened.get(line.location);
    if (source === undefined) {
      const tree = await openSource(line, reading);
      source = { tree, found: await findImages(tree) };
      opened.set(line.location, source);
    }
    selected.push(...(await selectImages(line, source.found, source.tree, reading)));
  }
  return selected;
}

/** Resolves each image once, whatever names it goes by, and keeps the order of the input. */
async function resolveAll(
  lines: readonly Line[],
  selected: readonly Selected[],
  reading: Reading,
): Promise<Image[]> {
  const resolved = new Map<FoundImage, ImageParts>();
  const byName = new Map<string, { selected: Selected; digest: string }>();
  const images: Image[] = [];
  const inOrder = lines.flatMap((line) => selected.filter((choice) => choice.line === line));
  const ordered = await acrossSources(inOrder, reading);
  for (const choice of ordered) {
    reading.signal.throwIfAborted();
    const { found, line, elsewhere, ...name } = choice;
    const parts = resolved.get(found) ?? (await found.resolve(reading, elsewhere));
    // What another image gives in its place depends on the line.
    if (elsewhere.length === 0) resolved.set(found, parts);
    const full = fullName(name);
    const other = byName.get(full);
    if (other !== undefined && other.digest !== parts.target.digest) {
      throw twoUnderOneName(full, other.selected, choice);
    }
    byName.set(full, { selected: choice, digest: parts.target.digest });
    const instead = elsewhere.length > 0 && { elsewhere: withoutVariants(elsewhere) };
    images.push({ ...parts, given: line.given, ...name, ...instead });
  }
  return images;
}
