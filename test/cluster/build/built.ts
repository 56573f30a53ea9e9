import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.js';
import { cacheRoot } from '../paths.js';
import { withLock } from './lock.js';

export interface BuildOptions {
  log?: (line: string) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Builds something once: `make` fills an empty directory, which then appears under its final name
 * at once. A second process waits for the first.
 */
export async function built(
  name: string,
  make: (directory: string) => Promise<void>,
  options: BuildOptions,
): Promise<string> {
  const directory = join(cacheRoot(), name);
  if (existsSync(directory)) return directory;
  return await withLock(join(cacheRoot(), `${name}.lock`), async () => {
    if (existsSync(directory)) return directory;
    const unfinished = `${directory}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    const start = performance.now();
    options.log?.(`building ${name} (once; several minutes when nothing is cached)`);
    try {
      await make(unfinished);
      await rename(unfinished, directory);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    options.log?.(`built ${name} in ${((performance.now() - start) / 1000).toFixed(0)} s`);
    return directory;
  });
}

/** Environment of a build: static binaries, and no go.work of someone else's above the cache. */
export function goEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', ...extra };
}

/** Runs Go at low priority. @throws ActionError with the end of what it said. */
export async function go(
  args: string[],
  cwd: string,
  options: BuildOptions,
  env = goEnvironment(),
) {
  return await run('nice', ['go', ...args], { cwd, env, signal: options.signal });
}
