import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { saveState, setOutput } from '../../../src/host/runner.js';
import { masksOf, parseFileCommands } from '../../helpers/runners/file-commands.js';

const before = { ...process.env };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jackal-commands-test-'));
});

afterEach(async () => {
  process.env = { ...before };
  await rm(folder, { recursive: true });
});

const VALUES = {
  empty: '',
  plain: '127.0.0.1:30000/0123456789abcdef',
  json: '{"acme/web:ci":"127.0.0.1:30000/x@sha256:0"}',
  assignment: 'images=none',
  heredoc: 'images<<EOF\nnone\nEOF',
  delimiter: 'ghadelimiter_00000000-0000-0000-0000-000000000000',
  lines: 'one\ntwo\n\n',
  windows: 'one\r\ntwo\r\n',
  command: '::set-output name=images::none',
};

test.each([
  ['GITHUB_OUTPUT', setOutput],
  ['GITHUB_STATE', saveState],
] as const)('whatever is written to %s the runner reads as it was', async (variable, write) => {
  const path = join(folder, 'file');
  await writeFile(path, '');
  process.env[variable] = path;
  for (const [name, value] of Object.entries(VALUES)) write(name, value);
  expect(parseFileCommands(await readFile(path, 'utf8'))).toEqual(VALUES);
});

test('an entry that is written twice has its last value', () => {
  expect(parseFileCommands('a=1\n\na<<E\n2\nE\n')).toEqual({ a: '2' });
});

test.each([
  ['nothing', 'Invalid format'],
  ['<<EOF\nx\nEOF', 'must not be empty'],
  ['a<<\nx\n', 'must not be empty'],
  ['a<<EOF\nx\nEOF \n', "delimiter not found 'EOF'"],
])('%j is no file that the runner reads', (text, reason) => {
  expect(() => parseFileCommands(text)).toThrow(reason);
});

test('a mask is the whole secret and each of its lines', () => {
  const log = 'before\n::add-mask::-----BEGIN-----%0A  abc%25%0A%0Adef\nafter ::add-mask::no\n';
  expect([...masksOf(log)]).toEqual([
    '-----BEGIN-----\n  abc%\n\ndef',
    '-----BEGIN-----',
    'abc%',
    'def',
  ]);
});
