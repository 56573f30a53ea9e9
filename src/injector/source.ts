import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ActionError } from '../lib/errors.js';

/** What a build does not depend on, below the crate's directory; all else counts. */
const NO_BUILD_INPUT = /^(target|tests|fuzz|README\.md|rustfmt\.toml|\.gitignore)(\/|$)/;

/**
 * The directory of the injector's crate: `injector/` beside `dist/`, found upwards from the running
 * script, so that the bundle and the emitted sources find the same one.
 */
export function injectorDirectory(script: string = process.argv[1] ?? ''): string {
  for (let folder = dirname(script); folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'injector');
    if (existsSync(join(candidate, 'Cargo.lock'))) {
      return candidate;
    }
  }
  throw new ActionError(
    "The injector's sources are missing beside the action's dist folder; check out the action whole.",
  );
}

/** SHA-256 over names and contents of all that a build of the crate depends on. */
export async function hashSources(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await filesBelow(directory)) {
    const content = await readFile(file);
    hash.update(`${relative(directory, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

async function filesBelow(directory: string): Promise<string[]> {
  const top = (await readdir(directory)).filter((name) => !NO_BUILD_INPUT.test(name));
  const trees = top.map(async (name) => {
    const path = join(directory, name);
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  });
  return (await Promise.all(trees)).flat().sort();
}

/**
 * The cache key of a built injector: the same sources, lock file, compiler and target give the same
 * binary, so nothing else is in it.
 */
export function cacheKey(sourcesHash: string, rustcVersion: string, triple: string): string {
  const hash = createHash('sha256')
    .update(`${sourcesHash}\n${rustcVersion.trim()}\n${triple}`)
    .digest('hex');
  return `jackal-inject-injector-${triple}-${hash.slice(0, 32)}`;
}
