import { ActionError, sentenceOf } from '../../lib/errors.js';
import { findImages } from '../find.js';
import type { FoundImage, ImageParts, Reading } from '../reading.js';
import { daemonImage, type Selected, savedName } from '../select.js';
import { type Spooling, spoolArchive } from '../source/archive-stream.js';
import { CutOffError } from '../source/tar-reader.js';
import type { Asked, OfDaemon } from './asked.js';
import { bareWords, type Daemon } from './daemon.js';
import { type Memory, recollect } from './recollect.js';
import { storedImages } from './stored.js';

/**
 * The images of the daemon. Where that gives their content by its digest nothing is saved. Else those that are on all nodes as an earlier run has read them are not read, unless
 * somebody asks for their layers after all. All others come in one save, so that layers they share come once; of
 * their layers those that nodes have by another image are not taken in.
 */
export async function fromDaemon(
  ofDaemon: OfDaemon,
  reading: Reading,
  memory: Memory | undefined,
): Promise<Selected[]> {
  const { daemon, inspected } = ofDaemon;
  const label = `The daemon at ${daemon.address}`;
  const stored = await storedImages(ofDaemon, label, reading);
  if (stored !== undefined) {
    return inspected.map(({ line, about }) => daemonImage(line, about, stored, label));
  }
  const save = (asked: readonly Asked[], into: Reading, known?: Spooling['known']) =>
    saved(daemon, asked, { label, reading: into, known });
  const past = memory && (await recollect(inspected, memory, { label, reading, save }));
  const rest = inspected.filter((asked) => past?.images.has(asked) !== true);
  const found = rest.length === 0 ? [] : await save(rest, reading, past?.layer);
  const kept = past === undefined ? found : found.map(past.keeping);
  return inspected.map((asked) => {
    const parts = past?.images.get(asked);
    const images = parts === undefined ? kept : [rememberedImage(asked, parts)];
    return daemonImage(asked.line, asked.about, images, label);
  });
}

/** Bytes of the end of a save in which the daemon's last words are looked for. */
const LAST_WORDS_BYTES = 4096;

/**
 * Has the daemon save images, all at once, and takes them in. Throws ActionError as `spoolArchive` does, in the daemon's
 * words where it breaks off: an engine that fails once it has begun ends its answer as if it were whole, with
 * `{"errorDetail":{"message":"…"},"error":"…"}` in the midst of the tar (moby, getImagesGet).
 */
async function saved(
  daemon: Daemon,
  asked: readonly Asked[],
  { label, reading, known }: Pick<Spooling, 'label' | 'known'> & { readonly reading: Reading },
): Promise<readonly FoundImage[]> {
  const names = [...new Set(asked.map(({ line, about }) => savedName(line.location, about)))];
  const stream = await daemon.save(names);
  let last = Buffer.alloc(0);
  const passing = async function* () {
    for await (const piece of stream as AsyncIterable<Buffer<ArrayBuffer>>) {
      last = piece.length < LAST_WORDS_BYTES ? Buffer.concat([last, piece]) : piece;
      last = last.subarray(-LAST_WORDS_BYTES);
      yield piece;
    }
  };
  try {
    return await findImages(await spoolArchive(passing(), { ...reading.spooling(label), known }));
  } catch (thrown) {
    reading.signal.throwIfAborted();
    const isCutOff = thrown instanceof CutOffError;
    const why =
      lastWords(last) ?? (isCutOff && sentenceOf(thrown.cause ?? 'its answer is cut off'));
    if (!why) throw thrown;
    throw new ActionError(
      `${label} broke off while it saved ${names.join(', ')} (${why}); see that it runs and that its disk is not full, and run the job again.`,
      { cause: thrown },
    );
  }
}

/** What a daemon says at the end of a save that it could not end, as far as that has come. */
function lastWords(end: Buffer): string | undefined {
  const [, said] =
    /\{"errorDetail":\{[^}]*?"message":"((?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[\da-f]{4})*)/iu.exec(
      end.toString(),
    ) ?? [];
  return said && bareWords(JSON.parse(`"${said}"`));
}

/** An image of which an earlier run has told all but the layers. */
function rememberedImage({ line, about }: Asked, parts: ImageParts): FoundImage {
  return {
    label: `The image ${line.location}`,
    names: about.names,
    digests: [about.id],
    // It is for all that are wanted, and what else the image is for nobody has written down.
    platform: async () => undefined,
    created: async () => undefined,
    resolve: async () => parts,
  };
}
