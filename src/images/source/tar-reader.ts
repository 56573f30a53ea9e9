import type { Header, Pax } from 'tar';
import { ActionError } from '../../lib/errors.js';
import {
  ARCHIVE_ENTRIES_MAX,
  ARCHIVE_HEADER_MAX_BYTES,
  ARCHIVE_NAMES_MAX_CHARACTERS,
} from '../../lib/limits/images.js';
import type { ByteReader } from '../bytes/byte-reader.js';
import { refuseFile } from './file-kinds.js';
import { fileSystem, isExportMark, isFileSystemPath } from './file-system.js';

/** One entry of a tar: where its bytes lie, or where its link points. */
export interface TarEntry {
  /** Path inside the archive, without `./` and trailing `/`. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link';
  /** Offset of the first byte of the body. */
  readonly start: number;
  /** Bytes of the body. */
  readonly size: number;
  /** For links: the path inside the archive that is meant. */
  readonly target?: string;
}

const BLOCK = 512;
const KINDS: Readonly<Record<string, TarEntry['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  GNUDumpDir: 'directory',
  SymbolicLink: 'link',
  Link: 'link',
};

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** Path parts resolved against `base`; undefined when the path is absolute or leaves the archive. */
export function resolveInside(base: string, path: string): string | undefined {
  if (path.startsWith('/') || path.includes('\0')) return undefined;
  const parts = base === '' ? [] : base.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** What a header calls its entry, and what its link points to. */
interface Names {
  readonly path: string;
  readonly linkpath: string;
}

/**
 * What an extended header says stands alone: npm tar's `Header` puts the old `prefix` field, which
 * bsdtar fills too, in front of its path, and prefers the old link target, which ends after 100 bytes.
 */
function namesOf(header: Header, extended: Pax | undefined): Names {
  return {
    path: extended?.path ?? header.path ?? '',
    linkpath: extended?.linkpath ?? header.linkpath ?? '',
  };
}

/** Turns a header into an entry; throws for everything that an image archive has no use for. */
function entryOf(header: Header, names: Names, start: number, label: string): TarEntry {
  const given = names.path;
  const type = header.type;
  const kind = KINDS[type];
  if (type === 'SparseFile') throw sparse(label);
  if (kind === undefined) {
    throw new ActionError(
      `${label} has the entry "${given}" of type ${type}, which no image archive needs; make the archive anew with docker save, skopeo or buildx.`,
    );
  }
  const path = given.split('/').includes('..') ? undefined : resolveInside('', given);
  if (path === undefined) {
    throw new ActionError(
      `${label} has the entry "${given}", whose path leads out of the archive; do not trust this archive.`,
    );
  }
  const size = kind === 'file' ? (header.size ?? 0) : 0;
  // An extended header may give any number.
  if (!Number.isSafeInteger(size)) throw damaged(label);
  if (kind !== 'link') return { path, kind, start, size };
  const link = names.linkpath;
  const target = resolveInside(type === 'Link' ? '' : directoryOf(path), link);
  if (target === undefined) {
    throw new ActionError(
      `${label} has the link "${path}" to "${link}", which leads out of the archive; do not trust this archive.`,
    );
  }
  return { path, kind, start, size: 0, target };
}

/** The entry of a header; a fault of one that no image has is told as what the archive is instead. */
function trusted(header: Header, names: Names, start: number, label: string): TarEntry {
  if (isExportMark(names.path)) throw fileSystem(label);
  try {
    return entryOf(header, names, start, label);
  } catch (fault) {
    throw isFileSystemPath(names.path) ? fileSystem(label) : fault;
  }
}

/** A header, or undefined for bytes that npm tar throws at. */
function readHeader(make: () => Header): Header | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** Reads the value of an extended header (pax, GNU long name) of `size` bytes. */
async function readExtension(reader: ByteReader, size: number, label: string): Promise<string> {
  if (size > ARCHIVE_HEADER_MAX_BYTES) {
    throw new ActionError(
      `${label} has an extended header of ${size} bytes; it is not an image archive.`,
    );
  }
  const bytes = await reader.read(padded(size));
  if (bytes.length < padded(size)) throw truncated(label);
  return bytes.toString('utf8', 0, size);
}

/** Reads the records of a pax header. Throws ActionError for an entry that is stored with holes. */
async function readPax(reader: ByteReader, size: number, label: string): Promise<string> {
  const records = await readExtension(reader, size, label);
  if (/^\d+ GNU\.sparse\./m.test(records)) throw sparse(label);
  return records;
}

function sparse(label: string): ActionError {
  return new ActionError(
    `${label} has files that are stored with holes; pack it anew without the option --sparse (-S) of tar.`,
  );
}

/** The source of an archive ended or failed before the archive did; `cause` is why, where that is known. */
export class CutOffError extends ActionError {}

/** The error for a source that ends too early. */
export function truncated(label: string): CutOffError {
  return new CutOffError(
    `${label} is truncated: it ends in the middle of an entry; make the archive anew.`,
  );
}

/**
 * The entries of a tar in order, with the offsets of their bodies; header blocks are read by npm
 * tar's own `Header` and `Pax`, bodies are jumped over when the caller has not taken them.
 * Throws ActionError when it is no tar, is cut off, has an entry that leads out of it, or has more
 * entries or longer names than an image archive has (lib/limits/images.ts). `label` names the archive in the
 * sentences.
 */
export async function* readTar(reader: ByteReader, label: string): AsyncGenerator<TarEntry> {
  const { Header: HeaderClass, Pax: PaxClass } = await import('tar');
  let extended: Pax | undefined;
  let global: Pax | undefined;
  let count = 0;
  let characters = 0;
  let emptyBlocks = 0;
  for (;;) {
    const block = await reader.read(BLOCK);
    if (block.length === 0 && count > 0) return;
    if (block.length < BLOCK) return refuseStart(block, count, truncated(label), label);
    const header = readHeader(() => new HeaderClass(block, 0, extended, global));
    if (header?.nullBlock === true) {
      emptyBlocks += 1;
      if (emptyBlocks === 2) return;
      continue;
    }
    emptyBlocks = 0;
    if (header?.cksumValid !== true) return refuseStart(block, count, damaged(label), label);
    count += 1;
    if (count > ARCHIVE_ENTRIES_MAX) {
      throw new ActionError(
        `${label} has more than ${ARCHIVE_ENTRIES_MAX} entries; it is not an image archive.`,
      );
    }
    const size = header.size ?? 0;
    if (header.type === 'ExtendedHeader' || header.type === 'OldExtendedHeader') {
      extended = PaxClass.parse(await readPax(reader, size, label), extended, false);
    } else if (header.type === 'GlobalExtendedHeader') {
      global = PaxClass.parse(await readExtension(reader, size, label), global, true);
    } else if (header.type === 'NextFileHasLongPath' || header.type === 'OldGnuLongPath') {
      const path = (await readExtension(reader, size, label)).replace(/\0.*/s, '');
      extended = Object.assign(extended ?? Object.create(null), { path }) as Pax;
    } else if (header.type === 'NextFileHasLongLinkpath') {
      const linkpath = (await readExtension(reader, size, label)).replace(/\0.*/s, '');
      extended = Object.assign(extended ?? Object.create(null), { linkpath }) as Pax;
    } else {
      const names = namesOf(header, extended);
      characters += names.path.length + names.linkpath.length;
      if (characters > ARCHIVE_NAMES_MAX_CHARACTERS) {
        throw new ActionError(
          `${label} names its entries with more than ${ARCHIVE_NAMES_MAX_CHARACTERS} characters; it is not an image archive.`,
        );
      }
      extended = undefined;
      const entry = trusted(header, names, reader.position, label);
      yield entry;
      const left = entry.start + padded(entry.size) - reader.position;
      if (left > 0 && !(await reader.skip(left))) throw truncated(label);
    }
  }
}

/** Throws for a block that is no header: at the start, what the file is instead; later, the fault. */
function refuseStart(block: Buffer, count: number, fault: ActionError, label: string): never {
  if (count === 0) refuseFile(block, label);
  throw fault;
}

function damaged(label: string): ActionError {
  return new ActionError(
    `${label} is damaged: a header of the tar has a wrong checksum or size; make the archive anew.`,
  );
}
