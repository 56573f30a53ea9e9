import { createHash } from 'node:crypto';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../src/lib/errors.js';
import { built, go } from '../cluster/build/built.js';
import { findProgram, installPackages } from '../cluster/build/packages.js';
import { run } from '../cluster/command.js';
import { REPOSITORY } from '../helpers/runner.js';

/** Where the versions of the tools stand, each with the hashes of what is downloaded. */
const VERSIONS = join(REPOSITORY, 'test/lint');
const FILES = ['go.mod', 'go.sum', 'requirements.txt'];

/**
 * The directory with `actionlint`, built from its Go module, and `zizmor`, from its wheel on PyPI;
 * made once for each set of versions and kept in the cache.
 * @throws ActionError when Go or Python is missing, or either tool cannot be had.
 */
export async function lintTools(log: (line: string) => void): Promise<string> {
  const hash = createHash('sha256');
  for (const name of FILES) hash.update(await readFile(join(VERSIONS, name)));
  const name = `lint-${hash.digest('hex').slice(0, 8)}-${process.arch}`;
  const make = async (directory: string) => {
    await go(
      [
        'build',
        '-trimpath',
        '-o',
        join(directory, 'actionlint'),
        'github.com/rhysd/actionlint/cmd/actionlint',
      ],
      VERSIONS,
      {},
    );
    await installZizmor(directory, log);
  };
  return await built(name, make, { log });
}

async function installZizmor(directory: string, log: (line: string) => void): Promise<void> {
  const python = findProgram('python3');
  if (python === undefined)
    throw new ActionError('Python is missing, which brings zizmor; install Python 3 with pip.');
  const pip = ['-m', 'pip', '--disable-pip-version-check'];
  if ((await run(python, [...pip, '--version'], { anyStatus: true })).status !== 0)
    await installPackages(['python3-pip'], log);
  // With a target of its own it is no part of the system's Python, so pip installs it there, too.
  const wheel = [
    '--require-hashes',
    '--no-deps',
    '--only-binary=:all:',
    '--root-user-action=ignore',
  ];
  const target = join(directory, 'python');
  await run(python, [
    ...[...pip, 'install', '--quiet', ...wheel, '--target', target],
    ...['--requirement', join(VERSIONS, 'requirements.txt')],
  ]);
  await symlink(join('python', 'bin', 'zizmor'), join(directory, 'zizmor'));
}
