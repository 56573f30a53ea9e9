import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sentenceOf } from '../lib/errors.js';
import { atHome } from '../lib/files/paths.js';
import { sha256Of } from '../lib/sha256.js';
import { type Architecture, TARGETS } from './elf.js';

/** Where the injector of some sources for one architecture is kept. */
export interface Place {
  /** The sources and the target, whatever compiler built it. */
  readonly key: string;
  /**
   * The directory on this machine, as the cache service is told it. The service versions an entry by
   * this text, so it has to be the same on every runner (@actions/cache, getCacheVersion).
   */
  readonly path: string;
}

/** The place of the injector of these sources for an architecture. */
export function placeOf(sources: string, architecture: Architecture): Place {
  const key = `jackal-inject-injector-${TARGETS[architecture].triple}-${sources.slice(0, 32)}`;
  return { key, path: `~/.cache/jackal-inject/injectors/${key}` };
}

/** What is wrong with a binary, if anything. */
type FaultOf = (binary: Buffer) => string | undefined;

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * The binary that is kept there, if there is one without a fault. A file's name is the SHA-256 of its
 * bytes, so one that was cut off or changed is found out.
 */
export async function readKept({ path }: Place, faultOf: FaultOf): Promise<Buffer | undefined> {
  const directory = atHome(path);
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const binary = await readGood(directory, name, faultOf);
    if (binary !== undefined) return binary;
  }
  return undefined;
}

/** The file of this name, if it has the bytes that its name tells, and no fault. */
async function readGood(
  directory: string,
  name: string,
  faultOf: FaultOf,
): Promise<Buffer | undefined> {
  if (!SHA256.test(name)) return undefined;
  const binary = await readFile(join(directory, name)).catch(() => undefined);
  const isWhole = binary !== undefined && sha256Of(binary) === name;
  return isWhole && faultOf(binary) === undefined ? binary : undefined;
}

/**
 * Keeps a binary, in the place of whatever is there and unusable. It comes into its place in one step, so that no other job ever
 * sees half of it, or stores the directory without it; what another one keeps at the same time, by another compiler, is as
 * good. Returns why it could not be kept, which harms nothing.
 */
export async function keep(
  { path }: Place,
  binary: Buffer,
  faultOf: FaultOf,
): Promise<string | undefined> {
  const directory = atHome(path);
  const name = sha256Of(binary);
  const temporary = `${directory}.${randomUUID()}`;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(temporary, binary);
    const place = join(directory, name);
    await rename(temporary, place).catch(async () => {
      // Something else than a file has its name.
      await rm(place, { recursive: true, force: true });
      await rename(temporary, place);
    });
    for (const each of await readdir(directory)) {
      if ((await readGood(directory, each, faultOf)) === undefined) {
        await rm(join(directory, each), { recursive: true, force: true });
      }
    }
    return undefined;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    return sentenceOf(error);
  }
}
