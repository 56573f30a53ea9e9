import { homedir } from 'node:os';
import { join } from 'node:path';
import { ActionError } from '../../src/lib/errors.js';

/** Directory of everything that a running cluster needs and that `down` removes. */
export function stateRoot(): string {
  const home = process.env.XDG_STATE_HOME;
  return home ? join(home, 'jackal-inject') : '/var/lib/jackal-inject';
}

/** Directory of what is built once and kept: kube, containerd, the pause image. */
export function cacheRoot(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'jackal-inject');
}

/** Directory of the sources in this room, also when this file runs from below `out/`. */
export function sourceRoot(): string {
  const here = import.meta.dirname;
  return here.includes('/out/test/') ? here.replace('/out/test/', '/test/') : here;
}

/** Longest path of a unix socket, bytes without the closing zero (`sun_path` in unix(7)). */
const MAX_SOCKET_PATH = 107;

/** Name of a cluster checked: it becomes part of paths, host names and control groups. */
export function checkName(name: string): string {
  if (!/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
    throw new ActionError(
      `"${name}" cannot be the name of a cluster; use up to 20 of a-z, 0-9 and -, starting with a letter.`,
    );
  }
  const longest = join(stateRoot(), name, 'node16/run/containerd/containerd.sock.ttrpc');
  if (Buffer.byteLength(longest) > MAX_SOCKET_PATH) {
    throw new ActionError(
      `The path of a socket, ${longest}, is longer than ${MAX_SOCKET_PATH} bytes; set XDG_STATE_HOME to a shorter path.`,
    );
  }
  return name;
}
