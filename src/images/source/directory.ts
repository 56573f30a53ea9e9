import { stat } from 'node:fs/promises';
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
    async find(inside): Promise<Content | undefined> {
      const clean = resolveInside('', inside);
      if (clean === undefined) return undefined;
      const file = join(path, clean);
      const found = await stat(file).catch(() => undefined);
      return found?.isFile() === true ? fileContent(file, 0, found.size) : undefined;
    },
  };
}
