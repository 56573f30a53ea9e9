import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeOutputDirectory } from '../../../src/host/output-directory.js';
import { REPOSITORY, Runner } from '../../helpers/runner.js';

const ENTRY = join(REPOSITORY, 'out/src/index.js');

let runner: Runner;
const before = { ...process.env };

beforeEach(async () => {
  runner = await Runner.create();
  const state = join(runner.directory, 'state');
  await writeFile(state, '');
  Object.assign(process.env, { RUNNER_TEMP: runner.temporaryDirectory, GITHUB_STATE: state });
});

afterEach(async () => {
  process.env = { ...before };
  await runner.close();
});

test('the directory is in RUNNER_TEMP, for the owner alone, and each run has its own', async () => {
  const [one, other] = [await makeOutputDirectory(), await makeOutputDirectory()];
  expect(one).not.toBe(other);
  expect(await readdir(runner.temporaryDirectory)).toHaveLength(2);
  expect((await stat(one)).mode & 0o777).toBe(0o700);
});

test('a directory that cannot be made is a sentence', async () => {
  const file = join(runner.directory, 'file');
  await writeFile(file, '');
  process.env.RUNNER_TEMP = file;
  await expect(makeOutputDirectory()).rejects.toThrow(
    `The directory ${file} for the files of outputs cannot be written; set RUNNER_TEMP to one that can.`,
  );
});

test('the post step removes it with all that is in it, and nothing else', async () => {
  const directory = await makeOutputDirectory();
  await mkdir(join(directory, 'manifests/deploy'), { recursive: true });
  await writeFile(join(directory, 'manifests/deploy/web.yaml'), 'kind: Pod\n');
  await writeFile(join(runner.temporaryDirectory, 'other'), '');
  const state = { 'output-directory': directory };
  const post = await runner.run({ bundle: ENTRY, inputs: {}, state });
  expect([post.exitCode, post.warnings]).toEqual([0, []]);
  expect(await readdir(runner.temporaryDirectory)).toEqual(['other']);
});

test('a directory that is gone already is as good', async () => {
  const state = { 'output-directory': join(runner.temporaryDirectory, 'gone') };
  const post = await runner.run({ bundle: ENTRY, inputs: {}, state });
  expect([post.exitCode, post.warnings]).toEqual([0, []]);
});
