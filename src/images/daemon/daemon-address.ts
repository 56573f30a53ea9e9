import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ActionError } from '../../lib/errors.js';
import { members, text } from '../../lib/json.js';
import { sha256Of } from '../../lib/sha256.js';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const DOCKER_SOCKET = '/var/run/docker.sock';

/** Where a daemon is, and with which files it is spoken to by TLS. */
export interface DaemonPlace {
  /** In the form of DOCKER_HOST. */
  readonly address: string;
  /** Whether that is by TLS whatever the address says. */
  readonly isSecure: boolean;
  /** Whether any certificate of its is taken; those alone that are trusted when left out. */
  readonly takesAnyCertificate?: boolean;
  /** Paths of what there is of `ca`, `cert` and `key` for TLS. */
  readonly files: Readonly<Record<string, string>>;
}

/** Their names, and those of the files with `.pem`. */
const TLS_FILES = ['ca', 'cert', 'key'];

/**
 * The place of the daemon: DOCKER_HOST, else CONTAINER_HOST (podman), else the endpoint of Docker's
 * current context, else the first of the usual sockets that exists, else Docker's. An empty variable counts as none, as
 * for Docker. Throws an ActionError for a context that is not there: another daemon may have other images.
 */
export function daemonPlace(environment: Environment): DaemonPlace {
  const given = environment.DOCKER_HOST || environment.CONTAINER_HOST;
  if (given) return placeAt(given, environment);
  const ofContext = contextPlace(environment);
  if (ofContext !== undefined) return ofContext;
  const user = environment.XDG_RUNTIME_DIR;
  const sockets = [
    DOCKER_SOCKET,
    ...(user === undefined ? [] : [join(user, 'docker.sock'), join(user, 'podman/podman.sock')]),
    '/run/podman/podman.sock',
  ];
  const socket = sockets.find((path) => existsSync(path)) ?? DOCKER_SOCKET;
  return placeAt(`unix://${socket}`, environment);
}

/** A place for which the environment says whether and with which files TLS is spoken (docker/cli, `cli/flags/options.go`). */
function placeAt(address: string, environment: Environment): DaemonPlace {
  const { DOCKER_CERT_PATH, DOCKER_TLS, DOCKER_TLS_VERIFY } = environment;
  const directory = DOCKER_CERT_PATH || configDirectory(environment);
  const files = TLS_FILES.map((name) => [name, join(directory, `${name}.pem`)] as const);
  return {
    address,
    isSecure: !!DOCKER_TLS_VERIFY || !!DOCKER_TLS,
    ...(DOCKER_TLS && !DOCKER_TLS_VERIFY && { takesAnyCertificate: true }),
    files: Object.fromEntries(files),
  };
}

function configDirectory({ DOCKER_CONFIG, HOME = '' }: Environment): string {
  return DOCKER_CONFIG || join(HOME, '.docker');
}

/**
 * The endpoint of the context that `docker context use` or DOCKER_CONTEXT chose, with its TLS files (docker/cli, `cli/context/store`).
 * It says alone whether TLS is spoken (`cli/context/docker/load.go`).
 */
function contextPlace(environment: Environment): DaemonPlace | undefined {
  const directory = configDirectory(environment);
  const config = readJson(join(directory, 'config.json'));
  const context = environment.DOCKER_CONTEXT || text(members(config).currentContext);
  if (context === undefined || context === 'default') return undefined;
  const contexts = join(directory, 'contexts');
  const id = sha256Of(context);
  const meta = readJson(join(contexts, 'meta', id, 'meta.json'));
  const endpoint = members(members(members(meta).Endpoints).docker);
  const address = text(endpoint.Host);
  if (address === undefined) {
    throw new ActionError(
      `The Docker context "${context}" is not in ${contexts}, or names no daemon there; create it for the user of this step, or set DOCKER_CONTEXT or DOCKER_HOST.`,
    );
  }
  const directoryOfTls = join(contexts, 'tls', id, 'docker');
  const files = TLS_FILES.map(
    (name) => [name, join(directoryOfTls, `${name}.pem`)] as const,
  ).filter(([, path]) => existsSync(path));
  const takesAnyCertificate = endpoint.SkipTLSVerify === true;
  return {
    address,
    isSecure: takesAnyCertificate || files.length > 0,
    ...(takesAnyCertificate && { takesAnyCertificate }),
    files: Object.fromEntries(files),
  };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // No such file is the usual case; a broken one is for Docker's own tools to tell.
    return undefined;
  }
}
