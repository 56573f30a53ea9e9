import { Readable } from 'node:stream';
import { ActionError, sentenceOf } from '../../lib/errors.js';
import { UNFOLDED_MAX_BYTES } from '../../lib/limits/images.js';
import { streamReader } from '../bytes/byte-reader.js';
import { encodingOf } from '../bytes/compression.js';
import { type Content, skipped } from '../bytes/content.js';
import type { Packer } from '../bytes/packer.js';
import { unfolded } from '../bytes/unfold.js';
import { ArchiveTree } from './archive.js';
import { CutOffError, readTar, truncated } from './tar-reader.js';

/** How a stream is taken in. */
export interface Spooling {
  /** What it is called in sentences. */
  readonly label: string;
  readonly packer: Packer;
  /** Called at each piece with the bytes read so far; what it throws ends the reading. */
  readonly onBytes: (bytes: number) => void;
  /** The content of an entry that need not be taken in, such as a layer that is known; none when left out. */
  readonly known?: ((path: string, size: number) => Content | undefined) | undefined;
  /** The most bytes in all, headers and what pads the end included. */
  readonly limit?: number;
}

/**
 * Takes a tar from a stream into the spool in one pass. Entries that look like uncompressed layers are
 * compressed on the way and never lie on the disk uncompressed; all others are kept as they are.
 * Throws ActionError as `readTar` does, and when the stream is larger than the limit; a CutOffError when it fails.
 */
export async function spoolArchive(
  source: AsyncIterable<Buffer>,
  { label, packer, onBytes, known, limit = UNFOLDED_MAX_BYTES }: Spooling,
): Promise<ArchiveTree> {
  const tree = new ArchiveTree(label);
  const reader = streamReader(
    told(source, (bytes) => {
      if (bytes > limit) throw bomb(label, limit);
      onBytes(bytes);
    }),
  );
  try {
    for await (const entry of readTar(reader, label)) {
      // Before any of it is spooled: an entry that large need not be unfolded to be refused.
      if (reader.position + entry.size > limit) throw bomb(label, limit);
      if (entry.kind !== 'file') {
        tree.add(entry, undefined);
        continue;
      }
      const content = known?.(entry.path, entry.size);
      if (content !== undefined) {
        tree.add(entry, content);
        continue;
      }
      const start = await reader.read(Math.min(entry.size, LAYER_START_BYTES));
      const rest = reader.body(entry.size - start.length);
      const body = counted(joined(start, rest), entry.size, label);
      if (looksLikeLayer(start)) tree.add(entry, await packed(body, packer));
      else tree.add(entry, await packer.keep(body));
    }
    // To the very end, so that the checksum of a compressed archive is reached, too.
    await reader.skip(Number.MAX_SAFE_INTEGER - reader.position);
  } catch (thrown) {
    throw thrown instanceof ActionError ? thrown : broken(label, thrown);
  } finally {
    await reader.close();
  }
  return tree;
}

function broken(label: string, cause: unknown): CutOffError {
  return new CutOffError(
    `${label} could not be read to its end (${sentenceOf(cause)}); it is damaged or was cut off, make it anew.`,
    { cause },
  );
}

/** Passes pieces on and tells how many bytes came: of all there is, also of what is only skipped. */
async function* told(
  source: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    onBytes(bytes);
    yield piece;
  }
}

/** One tar header: as much as is needed to tell an uncompressed layer from a document. */
const LAYER_START_BYTES = 512;

/** An uncompressed layer is a tar: its first header says `ustar`, or it is nothing but empty blocks. */
function looksLikeLayer(start: Buffer): boolean {
  if (encodingOf(start) !== 'none' || start.length < LAYER_START_BYTES) return false;
  return start.toString('latin1', 257, 262) === 'ustar' || start.every((byte) => byte === 0);
}

async function packed(body: AsyncIterable<Buffer>, packer: Packer): Promise<Content> {
  const { digest, size, stored } = await packer.pack(body);
  const unpacked = async function* () {
    const { open, encoding } = await stored;
    yield* unfolded(open(), encoding);
  };
  const open = (from = 0) => Readable.from(skipped(unpacked(), from), { objectMode: false });
  return { digest, size, packed: stored, open };
}

async function* joined(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start;
  yield* rest;
}

/** Passes pieces on and throws when the source ends before `size` bytes came. */
async function* counted(
  source: AsyncIterable<Buffer>,
  size: number,
  label: string,
): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const piece of source) {
    seen += piece.length;
    yield piece;
  }
  if (seen < size) throw truncated(label);
}

function bomb(label: string, limit: number): ActionError {
  return new ActionError(
    `${label} unfolds to more than ${limit} bytes; it is not an image archive.`,
  );
}
