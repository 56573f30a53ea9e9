import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { basename, join } from 'node:path';
import { ActionError } from '../../src/lib/errors.js';
import { withLock } from './build/lock.js';
import { findProgram, installPackages } from './build/packages.js';
import { lastLinesOf } from './command.js';
import { cgroupPath, removeGroups } from './machine/cgroup.js';
import {
  identify,
  isAlive,
  killInside,
  type ProcessIdentity,
  untilEnded,
} from './machine/process.js';
import { cacheRoot, stateRoot } from './paths.js';
import { until } from './until.js';

/** A Docker engine for tests. */
export interface DockerEngine {
  /** Value for DOCKER_HOST. */
  host: string;
  /** Path of the Docker command. */
  docker: string;
  /** Whether it was started here (else it ran already). */
  own: boolean;
  /** Ends an engine that was started here, with its containers, and removes its data. */
  close(): Promise<void>;
}

export interface DockerOptions {
  /** Start an engine of our own even when one runs. */
  own?: boolean;
  /** Name of an engine of our own, part of its socket's path; one of this name that runs is used. */
  name?: string;
  /** Let an engine of our own outlive this process when `close` is not called. */
  outlive?: boolean;
  log?: (line: string) => void;
}

/**
 * Gives a Docker engine: the one that answers at DOCKER_HOST or /var/run/docker.sock, else
 * Debian's (package docker.io, installed when missing) with a socket and data of its own. That one
 * has no network for containers: `docker build` of FROM scratch and COPY works, RUN needs
 * `--network none`. It knows the classic builder; where the Docker command wants buildx, set
 * DOCKER_BUILDKIT=0.
 * @throws ActionError with the end of its log when it does not start.
 */
export async function dockerEngine(options: DockerOptions = {}): Promise<DockerEngine> {
  if (!options.own) {
    const host = await runningEngine();
    if (host !== undefined) return { host, docker: await client(options), own: false, close };
  }
  if (process.getuid?.() !== 0) {
    throw new ActionError(
      'No Docker engine answers at DOCKER_HOST or /var/run/docker.sock, and starting one needs root.',
    );
  }
  if (!findProgram('dockerd')) await installPackages(['docker.io'], options.log);
  return await start(options);
}

async function close(): Promise<void> {} // an engine of someone else's goes on

async function client({ log }: DockerOptions): Promise<string> {
  if (!findProgram('docker')) await installPackages(['docker.io'], log);
  return findProgram('docker') ?? 'docker';
}

async function runningEngine(): Promise<string | undefined> {
  for (const host of [process.env.DOCKER_HOST, 'unix:///var/run/docker.sock']) {
    if (host && (await answers(host))) return host;
  }
  return undefined;
}

/** Whether an engine answers at unix://PATH or tcp://HOST:PORT. */
async function answers(host: string): Promise<boolean> {
  const url = URL.parse(host);
  if (!url) return false;
  const where =
    url.protocol === 'unix:'
      ? { socketPath: url.pathname }
      : { host: url.hostname, port: url.port || 2375 };
  return await new Promise((resolve) => {
    const asked = request({ ...where, path: '/_ping', timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

/**
 * Starts dockerd in mount and process namespaces of its own: when their first process is killed,
 * which is dockerd, its containerd, containers and mounts are gone as well.
 */
async function start(options: DockerOptions): Promise<DockerEngine> {
  const directory = join(stateRoot(), `docker-${options.name ?? process.pid}`);
  const socket = join(directory, 'docker.sock');
  const host = `unix://${socket}`;
  const log = join(directory, 'dockerd.log');
  const command = [...namespaces(options), ...dockerd(directory, socket)];
  const { keeper, own } = await alone(async () => {
    // One that is busy may be slow to answer: a second one in its place would end it.
    const present = await keeperIn(directory);
    if (isAlive(present)) return { keeper: present as ProcessIdentity, own: false };
    await removeDead();
    return { keeper: await begin(command, directory, log), own: true };
  });
  const end = async () => {
    // The keeper ends by itself, once it has taken note of the end of the first process.
    killInside(keeper);
    await untilEnded(keeper, 'dockerd');
    await alone(removeDead);
  };
  try {
    await until('the Docker engine to answer', () => answers(host), {
      check: () => {
        if (!isAlive(keeper)) throw new ActionError('dockerd has ended.');
      },
    });
  } catch (cause) {
    const said = await lastLinesOf(log, 15);
    if (own) await end();
    throw new ActionError(`The Docker engine did not start; its log ends so:\n${said}`, { cause });
  }
  return { host, docker: await client(options), own, close: own ? end : close };
}

/** Starts dockerd in the background and leaves word of it in its directory. */
async function begin(
  command: readonly string[],
  directory: string,
  log: string,
): Promise<ProcessIdentity> {
  await mkdir(join(directory, 'run'), { recursive: true });
  const output = await open(log, 'a');
  const child = spawn(command[0] as string, command.slice(1), {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  });
  const failed = once(child, 'error');
  child.unref();
  await output.close();
  if (child.pid === undefined) throw (await failed)[0];
  const keeper = identify(child.pid);
  await writeFile(join(directory, ENGINE_FILE), JSON.stringify(keeper));
  return keeper;
}

/**
 * Does what makes or removes engines' directories while nobody else does: of two that begin, one would take the other's
 * for that of the engine which was killed there before.
 */
async function alone<T>(action: () => Promise<T>): Promise<T> {
  return await withLock(join(cacheRoot(), 'locks', '.engines'), action);
}

/** File in an engine's directory with the identity of its keeper. */
const ENGINE_FILE = 'engine.json';

/** The keeper that an engine's directory names, if it does. */
async function keeperIn(directory: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(join(directory, ENGINE_FILE), 'utf8').catch(() => '');
  return text === '' ? undefined : (JSON.parse(text) as ProcessIdentity);
}

/** Removes what is left of engines whose processes have ended, such as those that were killed together with their caller. */
async function removeDead(): Promise<void> {
  const names = await readdir(stateRoot()).catch(() => []);
  for (const name of names.filter((one) => one.startsWith('docker-'))) {
    const directory = join(stateRoot(), name);
    const keeper = await keeperIn(directory);
    if (keeper !== undefined && !isAlive(keeper)) await removeEngine(directory);
  }
}

async function removeEngine(directory: string): Promise<void> {
  await removeGroups(basename(directory));
  await rm(directory, { recursive: true, force: true });
  await rmdir(stateRoot()).catch(() => {}); // others' state may still be in it
}

function namespaces({ outlive }: DockerOptions): string[] {
  const own = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return outlive ? own : ['setpriv', '--pdeathsig', 'KILL', ...own];
}

/**
 * What dockerd does not write into the host: /run is a directory of its own, and /etc and /opt,
 * where it puts a key and empty directories, take its changes elsewhere.
 */
const OWN_DIRECTORIES = `
own=$1; shift
mount --bind "$own/run" /run
for name in etc opt; do
  mkdir -p "$own/over/$name" "$own/work/$name"
  layers="lowerdir=/$name,upperdir=$own/over/$name,workdir=$own/work/$name"
  mount -t overlay overlay -o "$layers" "/$name" || true
done
exec "$@"`;

/** The command that starts dockerd, without a bridge and rules in the host's network. */
function dockerd(directory: string, socket: string): string[] {
  const file = (name: string) => join(directory, name);
  const files = ['--data-root', file('data'), '--exec-root', '/run/docker'];
  return [
    ...['sh', '-euc', OWN_DIRECTORIES, 'sh', directory, findProgram('dockerd') ?? 'dockerd'],
    ...['--host', `unix://${socket}`, ...files, '--pidfile', '/run/dockerd.pid'],
    ...['--cgroup-parent', cgroupPath(basename(directory))],
    ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'],
    // The host's addresses on clusters' bridges: a registry there speaks plain HTTP.
    '--insecure-registry=10.89.0.0/16',
  ];
}
