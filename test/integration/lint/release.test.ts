import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { run } from '../../cluster/command.js';
import { REPOSITORY } from '../../helpers/runner.js';

interface Workflow {
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<
    Record<
      string,
      { readonly steps: readonly { readonly run?: string; readonly shell?: string }[] }
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

/** Runs the last script of a job with the options that runners give to its shell. */
async function runLast(job: string, env: Readonly<Record<string, string>>) {
  const text = await readFile(join(REPOSITORY, '.github/workflows/release.yml'), 'utf8');
  const { defaults, jobs } = load(text) as Workflow;
  const step = jobs[job]?.steps.findLast((each) => each.run !== undefined);
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

test('a file that names no binaries fails the job that downloads what it names', async () => {
  await program('jq', 'exit 5');
  expect((await runLast('published', {})).status).toBe(5);
});
