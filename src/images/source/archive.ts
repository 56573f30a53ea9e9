import { open } from 'node:fs/promises';
import { ActionError } from '../../lib/errors.js';
import { ARCHIVE_LINKS_MAX } from '../../lib/limits/images.js';
import { lowerFirst } from '../../lib/sentences.js';
import { fileReader } from '../bytes/byte-reader.js';
import { type Content, fileContent } from '../bytes/content.js';
import { readTar, resolveInside, type TarEntry } from './tar-reader.js';

/** Files by path: an archive or a directory that holds images. */
export interface Tree {
  /** What it is called in sentences: `The archive dist/web.tar`. */
  readonly label: string;
  /** The file at a path inside, links followed; undefined when there is none. */
  find(path: string): Promise<Content | undefined>;
  /** Paths of files and links, for sentences: of a directory only the upper ones. */
  paths(): Promise<readonly string[]>;
  /** Where it lies when it is a directory. */
  readonly directory?: string;
  /** Whether it is a daemon's own store, in which nobody can write anything anew. */
  readonly isStore?: boolean;
}

/**
 * What an image of a source is called in sentences: `The image web:1 of the archive dist/web.tar`. Its
 * name is whatever somebody wrote there, so no control character of it gets into a line of the log.
 */
export function imageLabel(name: string, { label }: Tree): string {
  return `The image ${name.replace(/\p{Cc}+/gu, ' ')} of ${lowerFirst(label)}`;
}

/** Entries of an archive by path; the last one of a name counts, as when unpacking. */
export class ArchiveTree implements Tree {
  readonly label: string;
  readonly #files = new Map<string, Content>();
  readonly #links = new Map<string, string>();

  constructor(label: string) {
    this.label = label;
  }

  /** Takes an entry in; `content` is given for files. */
  add(entry: TarEntry, content: Content | undefined): void {
    this.#files.delete(entry.path);
    this.#links.delete(entry.path);
    if (content !== undefined) this.#files.set(entry.path, content);
    else if (entry.target !== undefined) this.#links.set(entry.path, entry.target);
  }

  async paths(): Promise<readonly string[]> {
    return [...this.#files.keys(), ...this.#links.keys()];
  }

  async find(path: string): Promise<Content | undefined> {
    // Documents name files by paths such as `./layer.tar`, too.
    let current = resolveInside('', path);
    for (let hops = 0; current !== undefined && hops <= ARCHIVE_LINKS_MAX; hops += 1) {
      const file = this.#files.get(current);
      if (file !== undefined) return file;
      current = this.#follow(current);
    }
    if (current === undefined) return undefined;
    throw new ActionError(
      `${this.label} has links that lead in a circle at "${path}"; make the archive anew.`,
    );
  }

  /** Replaces the longest part of the path that is a link by what it points to. */
  #follow(path: string): string | undefined {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const target = this.#links.get(path.slice(0, end));
      if (target !== undefined) return `${target}${path.slice(end)}`;
    }
    return undefined;
  }
}

/**
 * Indexes the tar at `path` in place: only headers are read, nothing is copied.
 * Throws ActionError when it is missing, unreadable, no tar, cut off or not to be trusted.
 */
export async function openArchive(path: string): Promise<ArchiveTree> {
  const label = `The archive ${path}`;
  const tree = new ArchiveTree(label);
  const handle = await openFile(path);
  try {
    const reader = fileReader(handle, (await handle.stat()).size);
    for await (const entry of readTar(reader, label)) {
      tree.add(
        entry,
        entry.kind === 'file' ? fileContent(path, entry.start, entry.size) : undefined,
      );
    }
  } finally {
    await handle.close();
  }
  return tree;
}

async function openFile(path: string) {
  try {
    const handle = await open(path, 'r');
    return handle;
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ActionError(
      missing
        ? `The archive ${path} does not exist; give a path that an earlier step wrote.`
        : `The archive ${path} cannot be read; check its permissions.`,
      { cause },
    );
  }
}
