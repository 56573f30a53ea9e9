import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ActionError } from '../../../src/lib/errors.js';

/** Exit status by which flock(1) says here that another process has the lock. */
const TAKEN = 75;

/**
 * Does something while holding a lock on a file. The kernel keeps the lock for a child that reads
 * from us until we end, so it is let go however this process ends and there are no stale locks.
 * @param busy when given, a lock that is taken is not waited for: this sentence is thrown.
 */
export async function withLock<T>(
  path: string,
  action: () => Promise<T>,
  busy?: string,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const how = busy === undefined ? [] : ['--nonblock', '--conflict-exit-code', `${TAKEN}`];
  // The child goes on alone in its own group: an interrupt at the terminal must not free the lock.
  const holder = spawn('flock', [...how, path, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  holder.stdin.on('error', () => {});
  const ended = once(holder, 'close');
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended]);
  if (held !== true) {
    const status = holder.exitCode;
    if (status === TAKEN && busy !== undefined) throw new ActionError(busy);
    throw new ActionError(`The lock ${path} cannot be taken: flock ended with status ${status}.`);
  }
  try {
    return await action();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
