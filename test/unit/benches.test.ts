import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { BENCHES } from '../bench/benches.js';
import { REPOSITORY } from '../helpers/runner.js';

test('every bench that a page names is there, with the parts that stand behind it', async () => {
  const directory = join(REPOSITORY, 'docs');
  const docs = (await readdir(directory, { recursive: true })).filter((name) =>
    name.endsWith('.md'),
  );
  const pages = [...docs.map((name) => join('docs', name)), 'injector/README.md'];
  const named: string[] = [];
  const unknown: string[] = [];
  for (const page of pages) {
    const text = await readFile(join(REPOSITORY, page), 'utf8');
    for (const [, words = ''] of text.matchAll(/`npm run bench -- ([^`]+)`/g)) {
      const [name, ...parts] = words.split(/\s+/);
      const bench = BENCHES.find((one) => one.name === name);
      named.push(words);
      if (bench === undefined || !parts.every((part) => bench.parts?.includes(part)))
        unknown.push(`${page}: ${words}`);
    }
  }
  expect(unknown).toEqual([]);
  expect(named).toContain('load');
});
