import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ActionError } from '../lib/errors.js';
import { foundUpwards } from '../lib/files/paths.js';

/** What a build does not depend on, at the top of the crate; all else counts. The same names as in injector/build.rs. */
const NO_BUILD_INPUT = ['target', 'tests', 'fuzz', 'README.md', 'rustfmt.toml', '.gitignore'];

/**
 * The directory of the injector's crate: `injector/` beside `dist/`, found upwards from the running
 * script, so that the bundle and the emitted sources find the same one.
 */
export function injectorDirectory(script: string = process.argv[1] ?? ''): string {
  const lockFile = foundUpwards(script, join('injector', 'Cargo.lock'));
  if (lockFile !== undefined) return dirname(lockFile);
  throw new ActionError(
    "The injector's sources are missing beside the action's dist folder; check out the action whole.",
  );
}

/**
 * SHA-256 over names and contents of all that a build of the crate depends on, in hex. The crate's
 * build script computes the same, and the binary tells it by `--version`. Every checkout has the same
 * bytes, since .gitattributes fixes the ends of lines, and names have slashes everywhere.
 */
export async function hashSources(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, path } of await filesBelow(directory)) {
    const content = await readFile(path);
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** A file, and its name below the crate's directory. */
interface SourceFile {
  readonly name: string;
  readonly path: string;
}

async function filesBelow(directory: string): Promise<SourceFile[]> {
  const top = (await readdir(directory)).filter((name) => !NO_BUILD_INPUT.includes(name));
  const trees = top.map(async (entry) => {
    const path = join(directory, entry);
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  });
  const paths = (await Promise.all(trees)).flat();
  const files = paths.map((path) => ({
    name: relative(directory, path).replaceAll(sep, '/'),
    path,
  }));
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
