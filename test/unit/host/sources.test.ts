import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { REPOSITORY } from '../../helpers/runner.js';

const SOURCES = join(REPOSITORY, 'src');

/** What writes to the log, which only one file may do: it lets no text become a command. */
const WRITES =
  /process\s*\.\s*(stdout|stderr|binding|emitWarning|_rawDebug)|process\s*\[|\bconsole\b|'(node:)?(console|tty)'|@actions\/core|\binherit\b|\/dev\/(std(out|err)|fd)|writeSync\(\s*[12]\b/;

/** What runs programs, whose output has to be taken and not passed on. */
const RUNS = /'(node:)?child_process'|'@actions\/exec'/;

async function sourcesWith(pattern: RegExp): Promise<string[]> {
  const names = await readdir(SOURCES, { recursive: true });
  const sources = names.filter((name) => name.endsWith('.ts')).sort();
  const texts = await Promise.all(sources.map((name) => readFile(join(SOURCES, name), 'utf8')));
  return sources.filter((_, index) => pattern.test(texts[index] as string));
}

test('one file writes to the log; the renderer and the command line, in which no runner reads, write for themselves', async () => {
  expect(await sourcesWith(WRITES)).toEqual([
    'command-line/command-line.ts',
    'host/runner.ts',
    'index.ts',
    'renderer.ts',
  ]);
});

test('two files run programs: the toolchain, and credential plugins', async () => {
  expect(await sourcesWith(RUNS)).toEqual(['injector/command.ts', 'kube/login/exec-plugin.ts']);
});
