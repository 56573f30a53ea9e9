import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Architecture } from '../../../src/injector/elf.js';
import { hashSources } from '../../../src/injector/source.js';
import { faultOf } from '../../../src/injector/verify.js';
import { run } from '../../cluster/command.js';
import { type ReleaseSite, startReleaseSite } from '../../helpers/injector/release-site.js';
import { ARCHITECTURE, injectorBinary } from '../../helpers/injector-binary.js';
import { REPOSITORY } from '../../helpers/runner.js';
import { ARCHITECTURES, buildElsewhere } from '../../release/binaries.js';
import { type ObtainingSite, startSite } from './site.js';

/** A machine may be busy with other builds, and this one builds the crate from nothing. */
const BUILD_MILLISECONDS = 600_000;
const CRATE = join(REPOSITORY, 'injector');

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-release-'));
});

afterEach(() => rm(directory, { recursive: true }));

test(
  "the binary's own line names the sources' hash as the action computes it",
  async () => {
    const sources = await hashSources(CRATE);
    const binary = await injectorBinary();
    const { stdout } = await run(binary, ['--version']);
    expect(stdout).toMatch(new RegExp(`^injector \\d+\\.\\d+\\.\\d+ ${sources}\\n$`));
    expect(faultOf(await readFile(binary), ARCHITECTURE, sources)).toBeUndefined();
  },
  BUILD_MILLISECONDS,
);

test.each(ARCHITECTURES)(
  'a build of the injector for %s in another place, with another home of cargo, gives the same bytes',
  async (architecture) => {
    const here = await readFile(await injectorBinary(architecture));
    const elsewhere = await buildElsewhere(CRATE, architecture);
    expect(elsewhere.equals(here)).toBe(true);
  },
  BUILD_MILLISECONDS,
);

const git = async (repository: string, ...args: string[]) =>
  (await run('git', args, { cwd: repository })).stdout.trim();

/** A repository with what a release needs of ours, as it is now. */
async function makeRepository(): Promise<string> {
  const repository = join(directory, 'repository');
  await mkdir(join(repository, 'dist'), { recursive: true });
  await writeFile(join(repository, 'dist', 'index.js'), '');
  await cp(join(REPOSITORY, 'package.json'), join(repository, 'package.json'));
  const filter = (path: string) => !path.endsWith('/target');
  await cp(CRATE, join(repository, 'injector'), { recursive: true, filter });
  await git(repository, 'init', '--quiet', '--initial-branch', 'main');
  await git(repository, 'add', '.');
  const author = ['-c', 'user.name=someone', '-c', 'user.email=someone@jackal.test'];
  await git(repository, ...author, 'commit', '--quiet', '--message', 'What is to be released');
  return repository;
}

/** Runs a command of the release workflow. */
const release = (repository: string, ...args: string[]) =>
  run(process.execPath, [join(REPOSITORY, 'out/test/release/main.js'), ...args], {
    cwd: repository,
    anyStatus: true,
  });

/** A directory with the binaries of the sources as they are now. */
async function makeBinaries(): Promise<string> {
  const binaries = join(directory, 'binaries');
  await mkdir(binaries);
  for (const architecture of ARCHITECTURES) {
    await cp(await injectorBinary(architecture), join(binaries, `injector-${architecture}`));
  }
  return binaries;
}

test(
  'the commit that the workflow makes is enough for a runner without Rust, with what the release has',
  async () => {
    const [repository, binaries] = await Promise.all([makeRepository(), makeBinaries()]);
    const runner = await startSite();
    const site = await startReleaseSite(directory);
    try {
      const { stdout } = await release(repository, 'commit', binaries, site.url);
      const commit = stdout.trim();
      expect(await git(repository, 'rev-parse', `${commit}^`)).toBe(
        await git(repository, 'rev-parse', 'main'),
      );
      expect(await git(repository, 'diff', '--name-only', 'main', commit)).toBe(
        'dist/injector.json',
      );
      // What a user's runner gets by the tag.
      const action = join(directory, 'action');
      await git(repository, 'worktree', 'add', '--quiet', '--detach', action, commit);
      await obtainFromRelease(runner, site, action, binaries);
    } finally {
      site.close();
      expect(await runner.close()).toEqual([]);
    }
  },
  BUILD_MILLISECONDS,
);

async function obtainFromRelease(
  runner: ObtainingSite,
  site: ReleaseSite,
  action: string,
  binaries: string,
): Promise<void> {
  runner.crate = join(action, 'injector');
  runner.env.PATH = directory;
  runner.env.NODE_EXTRA_CA_CERTS = site.authority;
  for (const architecture of ARCHITECTURES) {
    const binary = await readFile(join(binaries, `injector-${architecture}`));
    site.files.set(`/injector-${architecture}`, binary);
    const sha256 = createHash('sha256').update(binary).digest('hex');
    const obtained = await runner.obtain({ architectures: [architecture] });
    expect(obtained).toMatchObject({ origin: 'release', sha256 });
  }
}

test('a release with two versions, or with binaries of other sources, is refused in one sentence', async () => {
  const repository = await makeRepository();
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  expect((await release(repository, 'tag')).stdout).toBe(`v${version}\n`);
  const foreign: Architecture[] = ['amd64', 'arm64'];
  for (const architecture of foreign) {
    await writeFile(join(directory, `injector-${architecture}`), 'something else');
  }
  const refused = await release(repository, 'commit', directory, 'https://release.test');
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /^injector-a\w+64 is not fit for v\d.*: it is not a 64-bit little-endian ELF file\.\n$/,
  );
  const manifest = join(repository, 'injector', 'Cargo.toml');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace(/^version = .*$/m, 'version = "99.0.0"'));
  const { status, stderr } = await release(repository, 'tag');
  expect(status).toBe(1);
  expect(stderr).toBe(
    `package.json has the version ${version} and injector/Cargo.toml 99.0.0; give both the same.\n`,
  );
});
