import { Readable } from 'node:stream';
import { ActionError } from '../../lib/errors.js';
import { REMEMBERED_FROM_BYTES } from '../../lib/limits/images.js';
import { findImages } from '../find.js';
import type { Blob } from '../image.js';
import type { Line } from '../lines.js';
import type { FoundImage, ImageParts, Reading } from '../reading.js';
import { isReference, parseReference } from '../reference.js';
import { daemonImage, type Selected } from '../select.js';
import { spoolArchive } from '../source/archive-stream.js';
import { connectDaemon, type Daemon, type Inspected } from './daemon.js';
import type { Environment } from './daemon-address.js';
import { ImageMemory, type MemoryKey } from './memory.js';

/** What is known of an image before it is read. */
export interface AnnouncedImage {
  readonly given: string;
  /** The full name, where it has one, as of `Image`. */
  readonly name: string;
  /** `os/architecture`; undefined when the daemon does not say. */
  readonly platform?: string | undefined;
  /** Bytes that it takes at the daemon, about as many as its layers have uncompressed. */
  readonly bytes: number;
}

/** Puts together what is known of it. */
export function announcedImage({ line, about }: OfDaemon['inspected'][number]): AnnouncedImage {
  const { given, location, rename } = line;
  const { platform, bytes, names } = about;
  const reference =
    rename ?? parseReference(isReference(location) ? location : (names[0] ?? 'image'));
  return { given, name: reference.name, platform, bytes };
}

/** The lines that name images of the daemon, and what it says of these. */
export interface OfDaemon {
  readonly daemon: Daemon;
  readonly inspected: readonly { readonly line: Line; readonly about: Inspected }[];
}

/** Asks the daemon for the images that lines name; undefined when none does. Throws ActionError. */
export async function askDaemon(
  lines: readonly Line[],
  environment: Environment,
  signal: AbortSignal,
): Promise<OfDaemon | undefined> {
  const wanted = lines.filter((line) => line.transport === 'docker-daemon');
  if (wanted.length === 0) return undefined;
  const daemon = connectDaemon(environment, signal);
  const inspected = [];
  for (const line of wanted) inspected.push({ line, about: await daemon.inspect(line.location) });
  return { daemon, inspected };
}

/** What may be known of images without reading them. */
export interface Known {
  /** Where runs on this machine write down what they have read. */
  readonly directory: string;
  /** Whether every node says that it has the image whose top manifest has this digest. */
  readonly isOnNodes: (digest: string) => Promise<boolean>;
}

type Asked = OfDaemon['inspected'][number];

/**
 * The images of the daemon. Those that are on all nodes as an earlier run has read them are not read, unless
 * somebody asks for their layers after all; all others come in one save, so that layers they share come once.
 */
export async function fromDaemon(
  { daemon, inspected }: OfDaemon,
  reading: Reading,
  known: Known | undefined,
): Promise<Selected[]> {
  const source = `The daemon at ${daemon.address}`;
  const memory = known && new ImageMemory(known.directory);
  const late = new LateSave(daemon, source, reading);
  const keyOf = async ({ id }: Inspected): Promise<MemoryKey> => {
    const { method, level } = await reading.packer.compression();
    return { id, compression: `${method}:${level}`, platforms: await reading.platforms() };
  };
  const recalled = new Map<Asked, ImageParts>();
  for (const asked of inspected) {
    if (memory === undefined || asked.about.bytes < REMEMBERED_FROM_BYTES) continue;
    const parts = await memory.recall(await keyOf(asked.about), late.opener(asked));
    if (parts && (await known?.isOnNodes(parts.target.digest))) recalled.set(asked, parts);
  }
  const rest = inspected.filter((asked) => !recalled.has(asked));
  const saved = rest.length === 0 ? [] : await saveAll(daemon, source, rest, reading);
  const keeping = saved.map((found) => {
    const asked = rest.find(({ about }) => found.digests.includes(about.id));
    const isSmall = asked === undefined || asked.about.bytes < REMEMBERED_FROM_BYTES;
    if (memory === undefined || isSmall) return found;
    return remembering(found, async (parts) => memory.keep(await keyOf(asked.about), parts));
  });
  return inspected.map((asked) => {
    const parts = recalled.get(asked);
    const found = parts === undefined ? keeping : [rememberedImage(asked, parts)];
    return daemonImage(asked.line, asked.about, found, source);
  });
}

/** An image that is written down when it is resolved; one that lacks a platform is not. */
function remembering(found: FoundImage, keep: (parts: ImageParts) => Promise<void>): FoundImage {
  return {
    ...found,
    resolve: async (reading, elsewhere) => {
      const parts = await found.resolve(reading, elsewhere);
      if (!parts.warnings?.length) await keep(parts);
      return parts;
    },
  };
}

/** Has the daemon save images, all at once. */
async function saveAll(
  daemon: Daemon,
  source: string,
  asked: readonly Asked[],
  reading: Reading,
): Promise<readonly FoundImage[]> {
  const references = [...new Set(asked.map(({ line }) => line.location))];
  const stream = await daemon.save(references);
  const tree = await spoolArchive(stream, source, reading.packer, (bytes) =>
    reading.onProgress({ source, stage: 'reading', bytes }),
  );
  return findImages(tree);
}

/** An image of which an earlier run has told all but the layers. */
function rememberedImage({ line, about }: Asked, parts: ImageParts): FoundImage {
  return {
    label: `The image ${line.location}`,
    names: about.names,
    digests: [about.id],
    platform: async () => parts.platforms[0],
    created: async () => undefined,
    resolve: async () => parts,
  };
}

/** Saves remembered images when a layer of one is asked for after all: all of them at once, and once. */
class LateSave {
  readonly #asked: Asked[] = [];
  #blobs: Promise<ReadonlyMap<string, Blob>> | undefined;

  constructor(
    private readonly daemon: Daemon,
    private readonly source: string,
    private readonly reading: Reading,
  ) {}

  /** What opens the layers of an image. */
  opener(asked: Asked): (digest: string, start?: number) => Readable {
    this.#asked.push(asked);
    return (digest, start = 0) => Readable.from(this.#pieces(digest, start), { objectMode: false });
  }

  async *#pieces(digest: string, start: number): AsyncGenerator<Buffer> {
    this.#blobs ??= this.#read();
    const blob = (await this.#blobs).get(digest);
    if (blob === undefined) {
      throw new ActionError(
        `${this.source} does not save the content ${digest} any more, which an earlier run had from it; build the image anew.`,
      );
    }
    yield* blob.open(start) as AsyncIterable<Buffer>;
  }

  async #read(): Promise<ReadonlyMap<string, Blob>> {
    const reading = this.reading.again();
    const blobs = new Map<string, Blob>();
    for (const found of await saveAll(this.daemon, this.source, this.#asked, reading)) {
      const parts = await found.resolve(reading, []);
      for (const blob of parts.blobs) blobs.set(blob.digest, blob);
    }
    return blobs;
  }
}
