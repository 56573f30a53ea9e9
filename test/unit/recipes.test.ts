import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { REPOSITORY } from '../helpers/runner.js';
import { RECIPES, readRecipes, recipesOf } from '../matrix/recipes/page.js';
import { ACTIONS, CHECKOUT, OWN, PROGRAMS } from '../matrix/recipes/stand-ins.js';

const recipes = await readRecipes();

test('a page is cut into its workflows and its files, each workflow under its heading', () => {
  const fence = '```';
  const page = [
    `# Page\n\n${fence}yaml\njobs: { a: { steps: [{ uses: 'b/c@v1' }, { run: x }] } }\n${fence}`,
    `${fence}hcl dir/file.hcl\ntext\n${fence}\n${fence}yaml\n- run: no workflow\n${fence}`,
    `${fence}yaml\njobs: { a: { steps: [] } }\n${fence}\n`,
  ].join('\n');
  const files = { 'dir/file.hcl': 'text\n' };
  expect(recipesOf('p.md', page)).toMatchObject([
    { name: 'p.md: Page', uses: ['b/c@v1'], files },
    { name: 'p.md: Page, 2', uses: [], files },
  ]);
});

test('everything that a recipe uses can be executed', () => {
  expect(recipes.length).toBeGreaterThan(15);
  const known = new Set([CHECKOUT, OWN, ...Object.keys(ACTIONS)]);
  const used = new Set(
    recipes.flatMap(({ uses }) => uses.map((use) => use.split('@')[0] as string)),
  );
  expect([...used].filter((use) => !known.has(use))).toEqual([]);
  expect([...known].filter((use) => !used.has(use))).toEqual([]);
  for (const directory of Object.values(ACTIONS)) {
    const file = `test/matrix/recipes/actions/${directory}/action.yml`;
    expect([file, existsSync(join(REPOSITORY, file))]).toEqual([file, true]);
  }
});

test('every recipe uses this action, and an action has one version on all pages', () => {
  for (const { name, uses } of recipes) {
    expect([name, ...uses.filter((use) => use.startsWith(`${OWN}@`))]).toEqual([name, `${OWN}@v0`]);
  }
  const versions = Map.groupBy(
    recipes.flatMap(({ uses }) => uses),
    (use) => use.split('@')[0],
  );
  for (const uses of versions.values()) expect(new Set(uses).size).toBe(1);
});

test('what is not run is said on its page', async () => {
  for (const program of PROGRAMS) {
    const pages = new Set(
      recipes
        .filter(
          ({ workflow }) =>
            workflow.includes(`run: ${program} `) || workflow.includes(`&& ${program} `),
        )
        .map(({ page }) => page),
    );
    expect([program, pages.size]).toEqual([program, 1]);
    for (const page of pages) {
      const text = await readFile(join(RECIPES, page), 'utf8');
      expect(text).toMatch(new RegExp(`^The tests do not run .*${program}`, 'im'));
    }
  }
});

test('the list of recipes has every page', async () => {
  const list = await readFile(join(RECIPES, 'README.md'), 'utf8');
  const pages = [...new Set(recipes.map(({ page }) => page))];
  expect(pages.filter((page) => !list.includes(`](${page}`))).toEqual([]);
});
