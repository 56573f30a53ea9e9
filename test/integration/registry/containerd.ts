import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containerdBinaries } from '../../cluster/build/runtimes.js';
import { lastLinesOf, run } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { tool } from '../../helpers/tools.js';

/** A containerd of its own, without a snapshotter at work: it resolves, fetches and verifies. */
export interface Containerd {
  /** Fetches all platforms of an image over plain HTTP. */
  fetch(reference: string): Promise<void>;
  /** Digests of its contents, sorted. */
  digests(): Promise<string[]>;
  /** Removes contents, so that the next fetch brings them anew. */
  remove(digests: readonly string[]): Promise<void>;
  /** File of a content. */
  file(digest: string): string;
  close(): Promise<void>;
}

/** Starts the containerd that the tests' clusters run, in a directory whose path must be short. */
export async function startContainerd(directory: string): Promise<Containerd> {
  const [programs, setpriv] = await Promise.all([containerdBinaries(), tool('setpriv')]);
  await mkdir(directory, { recursive: true });
  const at = (name: string) => join(directory, name);
  const settings = [
    'version = 3',
    `root = '${at('root')}'`,
    `state = '${at('state')}'`,
    `disabled_plugins = ['io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.images', 'io.containerd.cri.v1.runtime', 'io.containerd.nri.v1.nri']`,
    `[grpc]`,
    `address = '${at('sock')}'`,
    `[plugins.'io.containerd.internal.v1.opt']`,
    `path = '${at('opt')}'`,
    '',
  ];
  await writeFile(at('config.toml'), settings.join('\n'));
  const log = await open(at('log'), 'a');
  const command = [join(programs, 'containerd'), '--config', at('config.toml')];
  const child = spawn(setpriv, ['--pdeathsig', 'KILL', ...command], {
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  const ctr = async (...args: string[]) =>
    (await run(join(programs, 'ctr'), ['--address', at('sock'), ...args])).stdout.trim();
  const close = async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  };
  try {
    await until('containerd to answer', () => ctr('version').then(() => true), {
      check: () => {
        if (child.exitCode !== null) throw new Error('containerd has ended.');
      },
    });
  } catch (cause) {
    await close();
    throw new Error(`containerd did not start: ${await lastLinesOf(at('log'), 15)}`, { cause });
  }
  return {
    fetch: async (reference) => {
      await ctr('content', 'fetch', '--plain-http', '--all-platforms', reference);
    },
    digests: async () => (await ctr('content', 'ls', '--quiet')).split('\n').filter(Boolean).sort(),
    remove: async (digests) => {
      await ctr('content', 'rm', ...digests);
    },
    file: (digest) =>
      join(at('root/io.containerd.content.v1.content/blobs'), digest.replace(':', '/')),
    close,
  };
}
