import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { appendSummary, setOutput } from '../../../src/host/runner.js';
import { ActionError } from '../../../src/lib/errors.js';
import { SUMMARY_MAX_BYTES } from '../../../src/lib/limits/runner.js';

const before = { ...process.env };
let folder: string;
let printed: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jackal-files-test-'));
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  await rm(folder, { recursive: true });
});

/** A file of the runner's with some content. */
async function file(content = ''): Promise<string> {
  const path = join(folder, 'file');
  await writeFile(path, content);
  return path;
}

test('a summary is appended to what is there', async () => {
  process.env.GITHUB_STEP_SUMMARY = await file('before\n');
  await appendSummary('one\n');
  await appendSummary('two\n');
  expect(await readFile(process.env.GITHUB_STEP_SUMMARY, 'utf8')).toBe('before\none\ntwo\n');
  expect(printed).toBe('');
});

test('a runner without summaries is none the worse', async () => {
  delete process.env.GITHUB_STEP_SUMMARY;
  await appendSummary('one\n');
  expect(printed).toBe('');
});

test.each([
  ['a directory', () => folder, 'EISDIR'],
  ['a file on a full disk', () => '/dev/full', 'ENOSPC'],
  ['a file that is not there', () => join(folder, 'none', 'file'), 'ENOENT'],
  ['a file below a file', async () => join(await file(), 'file'), 'ENOTDIR'],
])('a summary that names %s is a warning', async (_, path, code) => {
  process.env.GITHUB_STEP_SUMMARY = await path();
  await appendSummary('one\n');
  expect(printed).toMatch(
    new RegExp(
      `^::warning title=.*::The job summary was not written \\((Error: )?${code}.*\\); the log tells the same\\.\n$`,
    ),
  );
});

test.each([
  [SUMMARY_MAX_BYTES - 4, true],
  [SUMMARY_MAX_BYTES - 3, false],
])('after %d bytes four more are taken: %p', async (bytes, taken) => {
  process.env.GITHUB_STEP_SUMMARY = await file('x'.repeat(bytes));
  await appendSummary('one\n');
  const now = await readFile(process.env.GITHUB_STEP_SUMMARY, 'utf8');
  expect(now.endsWith('one\n')).toBe(taken);
  expect(printed === '').toBe(taken);
  if (!taken) expect(printed).toContain('1048577 bytes and a runner takes 1048576');
});

test.each([
  ['a directory', () => folder, 'EISDIR'],
  ['a file on a full disk', () => '/dev/full', 'ENOSPC'],
  ['a file that is not there', () => join(folder, 'none'), 'Missing file'],
])('an output that goes to %s is one sentence', async (_, path, reason) => {
  process.env.GITHUB_OUTPUT = path();
  const set = () => setOutput('images', '{}');
  expect(set).toThrow(ActionError);
  expect(set).toThrow(
    new RegExp(
      `^The runner did not take the output \`images\` \\((Error: )?${reason}.*\\); see that .*not full\\.$`,
    ),
  );
});
