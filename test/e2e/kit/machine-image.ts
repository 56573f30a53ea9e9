import { readFile } from 'node:fs/promises';
import { run } from '../../cluster/command.js';
import { ARCHITECTURE } from '../../helpers/injector-binary.js';
import { configOf, dockerArchive, tarOf, writeTar } from '../../unit/images/fixtures.js';

/**
 * Writes an archive of an image that has these programs of this machine, the libraries that they are linked with, and
 * nothing else, each at the path that it has here; returns the archive's path.
 */
export async function writeMachineImage(
  directory: string,
  name: string,
  programs: readonly string[],
): Promise<string> {
  const libraries = await Promise.all(programs.map(librariesOf));
  const paths = [...new Set([...programs, ...libraries.flat()])];
  const files = paths.map(async (path) => ({
    ...{ path: path.slice(1), bytes: await readFile(path), mode: 0o755 },
  }));
  // A layer for each program would share no library with the next.
  const layers = [tarOf(await Promise.all(files))];
  const config = configOf(layers, { os: 'linux', architecture: ARCHITECTURE });
  return await writeTar(directory, dockerArchive(null, layers, config), `${name}.tar`);
}

/** Paths of what the dynamic linker would load, and its own; none for what is linked statically. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program], { anyStatus: true });
  return [...stdout.matchAll(/(?:^|\s)(\/\S+) \(0x/gm)].map(([, path]) => path as string);
}
