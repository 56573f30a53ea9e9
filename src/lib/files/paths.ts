import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Whether a path that an input names is a pattern: it has one of `*`, `?`, `[` and `{`. */
export function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The paths that a pattern matches, in sorted order and as they are from the directory; none where nothing does. */
export async function matchesOf(pattern: string, directory = process.cwd()): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob(pattern, { cwd: directory })) paths.push(path);
  return paths.sort();
}

/**
 * What lies at a path beside the action's script or above it, so that the bundle and the emitted sources find the same
 * one; undefined where there is none.
 */
export function foundUpwards(script: string, path: string): string | undefined {
  for (let folder = dirname(script); folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, path);
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}

/** `~/a` → `/home/me/a`: no shell stands before an input, so nothing else would put the home directory in. */
export function atHome(path: string): string {
  return path.replace(/^~(?=\/)/, homedir());
}
