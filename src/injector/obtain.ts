import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ActionError } from '../lib/errors.js';
import { INJECTOR_MAX_BYTES } from '../lib/limits/run.js';
import { CACHE_PATIENCE_SECONDS } from '../lib/limits/runner.js';
import { restore, save } from './cache.js';
import { build, rustcVersion } from './cargo.js';
import { type Architecture, faultOfExecutable, TARGETS } from './elf.js';
import { cacheKey, hashSources, injectorDirectory } from './source.js';

/** Where a built injector came from. */
export type Origin = 'disk' | 'cache' | 'build';

/** The static binary for one architecture. */
export interface Injector {
  readonly architecture: Architecture;
  readonly binary: Buffer;
  readonly origin: Origin;
  /** Fulfilled when the cache service has what it is to keep; never rejects. */
  readonly saved: Promise<void>;
}

/**
 * The injector for each architecture: from this machine's disk, else from the cache service, else
 * built with cargo, and verified in each case. Throws an ActionError when it cannot be had, and the
 * signal's reason when that is aborted; a build is then left alone.
 *
 * @param cachePatience seconds for which the cache service may be silent
 */
export async function obtainInjectors(
  architectures: readonly Architecture[],
  directory: string = injectorDirectory(),
  signal: AbortSignal = new AbortController().signal,
  cachePatience: number = CACHE_PATIENCE_SECONDS,
): Promise<Injector[]> {
  const [sources, rustc] = await Promise.all([hashSources(directory), rustcVersion(signal)]);
  const injectors: Injector[] = [];
  for (const architecture of architectures) {
    // One after another: two cargo builds at once would only wait for each other's lock.
    const key = cacheKey(sources, rustc, TARGETS[architecture].triple);
    injectors.push(await obtain(directory, architecture, key, signal, cachePatience));
  }
  return injectors;
}

async function obtain(
  directory: string,
  architecture: Architecture,
  key: string,
  signal: AbortSignal,
  cachePatience: number,
): Promise<Injector> {
  // The cache service versions an entry by the path as it is passed, so the path has to be the
  // same text on every runner (@actions/cache, getCacheVersion).
  const path = `~/.cache/jackal-inject/injectors/${key}/injector`;
  const file = join(homedir(), path.slice(2));
  const onDisk = await verified(file, architecture);
  const restored = onDisk ? undefined : await restore(path, key, signal, cachePatience);
  const restoredWell = restored === 'found' && (await verified(file, architecture));
  const found = onDisk ? 'disk' : restoredWell ? 'cache' : undefined;
  if (found === undefined) {
    await buildTo(file, directory, architecture, signal);
  }
  const binary = await readFile(file);
  const fault = faultOf(binary, architecture);
  if (fault !== undefined) {
    throw new ActionError(
      `The injector that cargo built for ${architecture} is unusable: ${fault}.`,
    );
  }
  return {
    architecture,
    binary,
    origin: found ?? 'build',
    saved: found === undefined && restored !== 'silent' ? save(path, key) : Promise.resolve(),
  };
}

/** Builds in a directory that is gone afterwards: only the executable is worth keeping. */
async function buildTo(
  file: string,
  directory: string,
  architecture: Architecture,
  signal: AbortSignal,
): Promise<void> {
  const temporary = await mkdtemp(
    join(process.env.RUNNER_TEMP ?? tmpdir(), 'jackal-inject-cargo-'),
  );
  try {
    await place(await build(directory, TARGETS[architecture].triple, temporary, signal), file);
  } finally {
    // A build that was left alone may still write there; what stays, the runner takes away.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Moves a file into its place in one step, so that no other job ever sees half of it. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const temporary = `${to}.${process.pid}`;
  await copyFile(from, temporary);
  await rename(temporary, to);
}

async function verified(file: string, architecture: Architecture): Promise<boolean> {
  const binary = await readFile(file).catch(() => undefined);
  return binary !== undefined && faultOf(binary, architecture) === undefined;
}

function faultOf(binary: Buffer, architecture: Architecture): string | undefined {
  return binary.length > INJECTOR_MAX_BYTES
    ? `it has ${binary.length} bytes and the limit is ${INJECTOR_MAX_BYTES}`
    : faultOfExecutable(binary, architecture);
}
