import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { members, text } from '../../lib/json.js';
import { sha256Of } from '../../lib/sha256.js';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const DOCKER_SOCKET = '/var/run/docker.sock';

/**
 * The address of the daemon: DOCKER_HOST, else CONTAINER_HOST (podman), else the endpoint of Docker's
 * current context, else the first of the usual sockets that exists, else Docker's.
 */
export function daemonAddress(environment: Environment): string {
  for (const name of ['DOCKER_HOST', 'CONTAINER_HOST']) {
    const value = environment[name];
    if (value !== undefined && value !== '') return value;
  }
  const fromContext = contextAddress(environment);
  if (fromContext !== undefined) return fromContext;
  const user = environment.XDG_RUNTIME_DIR;
  const sockets = [
    DOCKER_SOCKET,
    ...(user === undefined ? [] : [join(user, 'docker.sock'), join(user, 'podman/podman.sock')]),
    '/run/podman/podman.sock',
  ];
  return `unix://${sockets.find((socket) => existsSync(socket)) ?? DOCKER_SOCKET}`;
}

/** The endpoint of the context that `docker context use` or DOCKER_CONTEXT chose. */
function contextAddress(environment: Environment): string | undefined {
  const home = environment.HOME ?? '';
  const directory = environment.DOCKER_CONFIG ?? join(home, '.docker');
  const config = readJson(join(directory, 'config.json'));
  const context = environment.DOCKER_CONTEXT ?? text(members(config).currentContext);
  if (context === undefined || context === '' || context === 'default') return undefined;
  const id = sha256Of(context);
  const meta = readJson(join(directory, 'contexts', 'meta', id, 'meta.json'));
  return text(members(members(members(meta).Endpoints).docker).Host);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // No such file is the usual case; a broken one is for Docker's own tools to tell.
    return undefined;
  }
}
