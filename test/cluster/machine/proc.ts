import { INSIDE } from './machine.js';

/**
 * A command that sees files of ours, by their names below INSIDE, in the place of some in /proc. What it mounts elsewhere
 * reaches the machine.
 */
export function withProc(
  files: readonly [path: string, name: string][],
  command: readonly string[],
): string[] {
  const script = [
    'mount --make-rprivate /proc',
    ...files.map(([path, name]) => `mount --bind ${INSIDE}/${name} /proc/${path}`),
    'exec "$@"',
  ].join('\n');
  const unshare = ['unshare', '--mount', '--propagation', 'unchanged'];
  return [...unshare, 'sh', '-euc', script, 'sh', ...command];
}
