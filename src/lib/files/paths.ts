import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

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
export function atHome(path: string, env: Environment = process.env): string {
  return path.startsWith('~/') ? join(homeDirectory(env), path.slice(2)) : path;
}

/**
 * The home directory: HOME, else the account's, else the root, as containers have it who run as a user without an account.
 * In a directory for temporary files, where anybody may write, anybody could leave what is looked for at home.
 */
export function homeDirectory({ HOME = '' }: Environment = process.env): string {
  if (isAbsolute(HOME)) return HOME;
  try {
    return userInfo().homedir || '/';
  } catch {
    return '/';
  }
}
