import { access, constants, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../lib/errors.js';
import { type Content, fileContent } from '../bytes/content.js';
import type { Tree } from './archive.js';
import { resolveInside } from './tar-reader.js';

/**
 * The directory at `path` as it lies there: nothing is copied. Links are followed, as every other
 * tool does; all that is read is a regular file and is verified by its digest. What is found may be read:
 * else an ActionError is thrown, before anybody relies on it.
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
      const found = await unlessMissing(file, stat(file));
      if (found?.isFile() !== true) return undefined;
      await unlessMissing(file, access(file, constants.R_OK));
      return fileContent(file, 0, found.size);
    },
  };
}

/** What is asked of the file system; undefined where nothing lies. Throws an ActionError for what may not be read. */
function unlessMissing<T>(path: string, asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw new ActionError(`The path ${path} cannot be read; check its permissions.`, { cause });
  });
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
      const opened = opendir(join(path, directory));
      // What lies below is only looked at for what a sentence may say.
      const entries = await (depth === 0
        ? unlessMissing(path, opened)
        : opened.catch(() => undefined));
      for await (const entry of entries ?? []) {
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
