import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, installPackages } from '../../cluster/build/packages.js';
import { until } from '../../cluster/until.js';

/** A podman with a store and a socket of its own. */
export interface Podman {
  /** Value of CONTAINER_HOST. */
  readonly host: string;
  run(...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/** Starts podman's service, installed when missing, with all that it keeps below `directory`. */
export async function startPodman(directory: string): Promise<Podman> {
  if (findProgram('podman') === undefined) await installPackages(['podman']);
  const options = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run')];
  options.push('--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs');
  options.push('--events-backend', 'file');
  const host = `unix://${directory}/podman.sock`;
  const service = spawn('podman', [...options, 'system', 'service', '--time', '0', host], {
    stdio: 'ignore',
  });
  const execute = promisify(execFile);
  const answers = async () =>
    execute('podman', ['--url', host, 'version']).then(
      () => true,
      () => false,
    );
  await until('podman to answer', answers);
  return {
    host,
    run: async (...args) => (await execute('podman', [...options, ...args])).stdout.trim(),
    async close() {
      service.kill();
      if (service.exitCode === null && service.signalCode === null) await once(service, 'exit');
    },
  };
}
