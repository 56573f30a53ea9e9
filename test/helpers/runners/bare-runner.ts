import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from '../../cluster/build/packages.js';
import { run } from '../../cluster/command.js';

/** The image of a container for jobs that has next to nothing. */
export const BARE_RUNNER = 'jackal.test/bare-runner:ci';

/** With what act keeps a container alive and runs a script in it. */
const SHELL = ['sh', 'tail'];
/** With what @actions/cache unpacks; entries that were packed with zstd are not found without it. */
const UNPACKING = ['tar', 'gzip', 'zstd', 'unzstd'];

/**
 * Gives a Docker engine the image `BARE_RUNNER`: Node, a shell, what unpacks an entry of the cache, and
 * the libraries of these. No compiler, no Docker, no git.
 */
export async function importBareRunner(dockerHost: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'jackal-bare-runner-'));
  const put = async (from: string, to: string) => {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await cp(await realpath(from), join(root, to));
  };
  try {
    await mkdir(join(root, 'tmp'));
    // tar starts what unpacks by /bin/sh.
    await symlink('usr/bin', join(root, 'bin'));
    const programs = [
      { from: process.execPath, to: 'usr/local/bin/node' },
      ...[...SHELL, ...UNPACKING].map((name) => ({
        from: findProgram(name) ?? name,
        to: `usr/bin/${name}`,
      })),
    ];
    for (const { from, to } of programs) await put(from, to);
    const { stdout } = await run('ldd', [...new Set(programs.map(({ from }) => from))]);
    // `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)`, and the loader alone by its path.
    const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path as string);
    for (const library of new Set(libraries)) await put(library, library);
    const archive = `${root}.tar`;
    await run('tar', ['--create', '--file', archive, '--directory', root, '.']);
    const env = { ...process.env, DOCKER_HOST: dockerHost };
    await run('docker', ['import', archive, BARE_RUNNER], { env });
    await rm(archive);
  } finally {
    await rm(root, { recursive: true });
  }
}
