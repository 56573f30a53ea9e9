import { glob } from 'node:fs/promises';
import { homedir } from 'node:os';

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

/** `~/a` → `/home/me/a`: no shell stands before an input, so nothing else would put the home directory in. */
export function atHome(path: string): string {
  return path.replace(/^~(?=\/)/, homedir());
}
