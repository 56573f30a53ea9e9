import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileOf, type Release, releaseFile } from '../../src/injector/release.js';
import { hashSources } from '../../src/injector/source.js';
import { faultOf } from '../../src/injector/verify.js';
import { ActionError } from '../../src/lib/errors.js';
import { run } from '../cluster/command.js';
import { ARCHITECTURES } from './binaries.js';

/** Who makes the release's commit: GitHub's own name for a workflow. */
const AUTHOR = [
  ...['-c', 'user.name=github-actions[bot]'],
  ...['-c', 'user.email=41898282+github-actions[bot]@users.noreply.github.com'],
];

/**
 * The tag of the next release, `v` and the version of package.json. Throws an ActionError when the
 * crate has another version.
 */
export async function releaseTag(repository: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  const manifest = await readFile(join(repository, 'injector', 'Cargo.toml'), 'utf8');
  const [, ofCrate] = /^version = "(.*)"$/m.exec(manifest) ?? [];
  if (ofCrate !== version) {
    throw new ActionError(
      `package.json has the version ${version} and injector/Cargo.toml ${ofCrate}; give both the same.`,
    );
  }
  return `v${version}`;
}

/**
 * Makes the commit that a release's tag is to name: the checked out one, and on top of it
 * `dist/injector.json`, by which the action knows the release's binaries. It is on no branch: between
 * releases there is no such file, since it would be of other sources. Returns its SHA.
 *
 * @param binaries the directory with the binaries
 * @param address where they can be downloaded from, without the file's name
 */
export async function commitRelease(
  repository: string,
  binaries: string,
  address: string,
): Promise<string> {
  const crate = join(repository, 'injector');
  const tag = await releaseTag(repository);
  const sources = await hashSources(crate);
  const entries = ARCHITECTURES.map(async (architecture) => {
    const file = fileOf(architecture);
    const binary = await readFile(join(binaries, file));
    const fault = faultOf(binary, architecture, sources);
    if (fault !== undefined) throw new ActionError(`${file} is not fit for ${tag}: ${fault}.`);
    const sha256 = createHash('sha256').update(binary).digest('hex');
    return [architecture, { url: `${address}/${file}`, sha256 }] as const;
  });
  const described = Object.fromEntries(await Promise.all(entries)) as Release['binaries'];
  const release: Release = { tag, sources, binaries: described };
  const file = releaseFile(crate);
  await writeFile(file, `${JSON.stringify(release, undefined, 2)}\n`);
  const git = (...args: string[]) => run('git', args, { cwd: repository });
  await git('checkout', '--quiet', '--detach');
  await git('add', '--force', file);
  const message = `Release ${tag}: the SHA-256 of its binaries`;
  await git(...AUTHOR, 'commit', '--quiet', '--message', message, '--', file);
  return (await git('rev-parse', 'HEAD')).stdout.trim();
}
