import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { run } from '../../cluster/command.js';
import { REPOSITORY } from '../../helpers/runner.js';

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
}

interface Workflow {
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions?: Readonly<Record<string, string>>;
        readonly steps: readonly Step[];
      }
    >
  >;
}

/** What this file's GitHub does: `releases` has a line for each release of the tag, which says whether it is a draft. */
const GH = `
echo "$1 $2" >> calls
case "$1 $2" in
  'release list') cat releases ;;
  'release delete') sed -i 1d releases ;;
  'release create') echo true >> releases ;;
esac`;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-release-'));
  await mkdir(join(directory, 'bin'));
  await program('gh', GH);
  await git('init', '--quiet', '--bare', 'origin.git');
  await git('init', '--quiet');
  await git('remote', 'add', 'origin', 'origin.git');
});
afterEach(() => rm(directory, { recursive: true }));

const program = (name: string, script: string) =>
  writeFile(join(directory, 'bin', name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });

async function git(...args: string[]): Promise<string> {
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
  return (await run('git', [...author, ...args], { cwd: directory })).stdout.trim();
}

/** A commit that descends from no other one of this message. */
const commitOf = async (message: string) =>
  await git('commit-tree', '-m', message, await git('write-tree'));

/** A workflow of the repository. */
async function workflowOf(file: string): Promise<Workflow> {
  const text = await readFile(join(REPOSITORY, '.github/workflows', file), 'utf8');
  return load(text) as Workflow;
}

/** Runs the last script of a job, or that of this id, with the options that runners give to its shell. */
async function runLast(job: string, env: Readonly<Record<string, string>>, id?: string) {
  const { defaults, jobs } = await workflowOf('release.yml');
  const isIt = (each: Step) => each.run !== undefined && (id === undefined || each.id === id);
  const step = jobs[job]?.steps.findLast(isIt);
  const isNamed = (step?.shell ?? defaults?.run?.shell) === 'bash';
  const options = isNamed ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e'];
  const path = [join(directory, 'bin'), process.env.PATH].join(delimiter);
  return await run('bash', [...options, '-c', step?.run ?? 'exit 99'], {
    cwd: directory,
    env: { ...process.env, ...env, PATH: path },
    anyStatus: true,
  });
}

/** Drafts a commit where another one's branch is there; returns what became of it. */
async function draft(releases: string) {
  const [before, commit] = [await commitOf('before'), await commitOf('now')];
  await git('push', '--quiet', 'origin', `${before}:refs/heads/release/v1`);
  await writeFile(join(directory, 'releases'), releases);
  const { status, stdout } = await runLast('draft', { TAG: 'v1', COMMIT: commit });
  const branch = (await git('ls-remote', 'origin', 'refs/heads/release/v1')).split('\t')[0];
  const left = await readFile(join(directory, 'releases'), 'utf8');
  return { status, stdout, left, isBefore: branch === before, isNow: branch === commit };
}

test('a release whose check failed is drafted again: its draft and its branch give way', async () => {
  expect(await draft('true\n')).toMatchObject({ status: 0, left: 'true\n', isNow: true });
  const calls = (await readFile(join(directory, 'calls'), 'utf8')).trim().split('\n');
  expect(calls).toEqual(['release list', 'release delete', 'auth setup-git', 'release create']);
});

test('a release that is published stays as it is, and so does a draft beside it', async () => {
  const drafted = await draft('true\nfalse\n');
  expect(drafted).toMatchObject({ status: 1, left: 'true\nfalse\n', isBefore: true });
  expect(drafted.stdout).toContain('::error::The release v1 is published and stays as it is;');
});

/** What becomes of a commit on top of this one, by such a script, that another job hands on. */
async function handOn(script: string) {
  await writeFile(join(directory, 'README.md'), 'text\n');
  await git('add', 'README.md');
  await git('commit', '--quiet', '--message', 'main');
  const main = await git('rev-parse', 'HEAD');
  await git('clone', '--quiet', '--depth', '1', `file://${directory}`, 'other');
  const author = 'git config user.name test; git config user.email test@example.org';
  const bundle = 'git bundle create --quiet ../release.bundle HEAD^..HEAD; git rev-parse HEAD';
  const other = await run('bash', ['-ec', `${author}; mkdir dist; ${script}; ${bundle}`], {
    cwd: join(directory, 'other'),
  });
  const output = join(directory, 'output');
  const ran = await runLast('draft', { GITHUB_SHA: main, GITHUB_OUTPUT: output }, 'commit');
  return { ...ran, commit: other.stdout.trim(), output };
}

test('the commit of a release that adds its one file is drafted', async () => {
  const { status, commit, output } = await handOn(
    'echo {} > dist/injector.json; git add dist; git commit -qm release',
  );
  expect([status, await readFile(output, 'utf8')]).toEqual([0, `commit=${commit}\n`]);
});

test.each([
  ['changes something', 'echo {} > dist/injector.json; echo x >> README.md; git add .'],
  ['adds another file', 'echo {} > dist/injector.json; echo x > dist/x; git add .'],
  ['takes a file away', 'echo {} > dist/injector.json; git add .; git rm -q README.md'],
  ['adds nothing', 'echo x > x; git add .; git commit -qm first; git rm -q x'],
  [
    'is on top of another one',
    'git commit -q --allow-empty -m x; echo {} > dist/injector.json; git add .',
  ],
])('no commit that %s is drafted', async (_, script) => {
  const { status, stdout, stderr } = await handOn(`${script}; git commit -qm release`);
  expect(status).not.toBe(0);
  expect(stdout + stderr).toMatch(
    /^::error::The release's commit is to be |lacks these prerequisite commits/m,
  );
});

test('no job that may write runs what somebody else has published', async () => {
  const files = await readdir(join(REPOSITORY, '.github/workflows'));
  expect(files).toContain('release.yml');
  for (const file of files) {
    for (const [name, { permissions = {}, steps }] of Object.entries(
      (await workflowOf(file)).jobs,
    )) {
      if (!Object.values(permissions).includes('write')) continue;
      const runs = steps.filter(
        ({ run = '', uses = '' }) => /\b(npm|npx|node|cargo)\b/.test(run) || uses.startsWith('./'),
      );
      expect([file, name, runs]).toEqual([file, name, []]);
    }
  }
});

test('a file that names no binaries fails the job that downloads what it names', async () => {
  await program('jq', 'exit 5');
  expect((await runLast('published', {})).status).toBe(5);
});
