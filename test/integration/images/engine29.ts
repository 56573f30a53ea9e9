import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { containerdBinaries } from '../../cluster/build/runtimes.js';
import { lastLinesOf } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { builtByGo } from '../../helpers/tools.js';

const exec = promisify(execFile);

/** The version of Docker's module that its releases of engine 29 are made of. */
const MOBY = 'v2.0.0-beta.24';

/** Path of Docker engine 29, built once (about four minutes on two processors) and kept. */
async function engineBinary(): Promise<string> {
  const tags = 'exclude_graphdriver_btrfs no_systemd';
  return await builtByGo(`dockerd-${MOBY}-${process.arch}`, 'dockerd', (go) =>
    go(['install', '-tags', tags, `github.com/moby/moby/v2/cmd/dockerd@${MOBY}`]),
  );
}

/** A Docker engine 29 with its own socket and data. */
export interface Engine29 {
  readonly host: string;
  docker(...args: string[]): Promise<string>;
  /** Takes content out of the containerd store, as its collection of garbage does. */
  forget(digest: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts engine 29 with one of its two image stores. */
export async function startEngine29(store: 'containerd' | 'classic'): Promise<Engine29> {
  const directory = await mkdtemp(join(tmpdir(), 'jackal-29-'));
  const file = (name: string) => join(directory, name);
  const [binary, containerd] = await Promise.all([engineBinary(), containerdBinaries()]);
  const settings = {
    // The host's addresses on clusters' bridges: a registry there speaks plain HTTP.
    'insecure-registries': ['10.89.0.0/16'],
    ...(store === 'classic' && {
      features: { 'containerd-snapshotter': false },
      'storage-driver': 'overlay2',
    }),
  };
  await writeFile(file('daemon.json'), JSON.stringify(settings));
  const args = ['--config-file', file('daemon.json'), '--host', `unix://${file('docker.sock')}`];
  args.push('--data-root', file('data'), '--exec-root', file('exec'), '--pidfile', file('pid'));
  args.push('--bridge=none', '--iptables=false', '--ip6tables=false');
  // In namespaces of its own, so that its containerd and mounts end with it.
  const namespaces = [
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const log = openSync(file('log'), 'a');
  const child: ChildProcess = spawn('setpriv', [...namespaces, binary, ...args], {
    env: { ...process.env, PATH: `${containerd}:${process.env.PATH}` },
    stdio: ['ignore', log, log],
  });
  const host = `unix://${file('docker.sock')}`;
  const docker = async (...command: string[]) => {
    const environment = { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '0' };
    return (await exec('docker', command, { env: environment })).stdout.trim();
  };
  await until(
    'engine 29 to answer',
    () =>
      docker('version').then(
        () => true,
        () => false,
      ),
    {
      check: async () => {
        if (child.exitCode !== null)
          throw new Error(`engine 29 ended: ${await lastLinesOf(file('log'), 15)}`);
      },
    },
  );
  return {
    host,
    docker,
    async forget(digest) {
      const socket = join(file('exec'), 'containerd', 'containerd.sock');
      const address = ['--address', socket, '--namespace', 'moby'];
      await exec(join(containerd, 'ctr'), [...address, 'content', 'rm', digest]);
    },
    async close() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}
