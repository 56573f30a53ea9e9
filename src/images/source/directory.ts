import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Content, fileContent } from '../bytes/content.js';
import type { Tree } from './archive.js';
import { resolveInside } from './tar-reader.js';

/**
 * The directory at `path` as it lies there: nothing is copied. Links are followed, as every other
 * tool does; all that is read is a regular file and is verified by its digest.
 */
export function openDirectory(path: string): Tree {
  return {
    label: `The directory ${path}`,
    directory: path.replace(/(?<=.)\/+$/, ''),
    paths: () => upperPaths(path),
    async find(inside): Promise<Content | undefined> {
      const clean = resolveInside('', inside);
      if (clean === undefined) return undefined;
      const file = join(path, clean);
      const found = await stat(file).catch(() => undefined);
      return found?.isFile() === true ? fileContent(file, 0, found.size) : undefined;
    },
  };
}

/** Levels of a directory that are looked at for what it holds in place of an image. */
const UPPER_LEVELS = 3;
/** Entries that are looked at. */
const UPPER_MAX = 1000;

/** Files in the upper levels of a directory, relative to it; not all of a large one. */
async function upperPaths(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  let seen = 0;
  let level = [''];
  for (let depth = 0; depth < UPPER_LEVELS; depth += 1) {
    const below: string[] = [];
    for (const directory of level) {
      const entries = await opendir(join(path, directory)).catch(() => []);
      for await (const entry of entries) {
        seen += 1;
        if (seen > UPPER_MAX) return found;
        const inside = directory === '' ? entry.name : `${directory}/${entry.name}`;
        if (entry.isDirectory()) below.push(inside);
        else found.push(inside);
      }
    }
    level = below;
  }
  return found;
}
