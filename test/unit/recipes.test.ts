import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { REPOSITORY } from '../helpers/runner.js';
import {
  RECIPES,
  readGitLabJob,
  readRecipes,
  recipesOf,
  type Use,
} from '../matrix/recipes/page.js';
import { ACTIONS, CHECKOUT, OWN, PROGRAMS } from '../matrix/recipes/stand-ins.js';

const recipes = await readRecipes();
const uses = recipes.flatMap((recipe) => recipe.uses);
const nameOf = (step: Use) => step.uses.replace(/@.*/, '');

test('a page is cut into its workflows and its files, each workflow under its heading', () => {
  const fence = '```';
  const page = [
    `# Page\n\n${fence}yaml\njobs: { a: { steps: [{ uses: 'b/c@v1' }, { run: x }] } }\n${fence}`,
    `${fence}hcl dir/file.hcl\ntext\n${fence}\n${fence}yaml\n- run: no workflow\n${fence}`,
    `${fence}yaml\njobs: { a: { steps: [] } }\n${fence}\n`,
  ].join('\n');
  const files = { 'dir/file.hcl': 'text\n' };
  expect(recipesOf('p.md', page)).toMatchObject([
    { name: 'p.md: Page', uses: [{ uses: 'b/c@v1' }], injections: 0, files },
    { name: 'p.md: Page, 2', uses: [], files },
  ]);
});

test('this action is counted as often as it runs', () => {
  const page = [
    '```yaml\njobs:',
    '  a: { strategy: { matrix: { x: [1, 2], y: [3, 4] } }, steps: [{ uses: jackal-inject/jackal-inject@v0 }] }',
    '  b: { steps: [{ uses: jackal-inject/jackal-inject@v0 }, { run: x }] }\n```\n',
  ].join('\n');
  expect(recipesOf('p.md', page)).toMatchObject([{ injections: 5 }]);
});

test('everything that a recipe uses can be executed', () => {
  expect(recipes.length).toBeGreaterThan(15);
  const known = new Set([CHECKOUT, OWN, ...Object.keys(ACTIONS)]);
  const used = new Set(uses.map((step) => nameOf(step)));
  expect([...used].filter((use) => !known.has(use))).toEqual([]);
  expect([...known].filter((use) => !used.has(use))).toEqual([]);
});

test('no recipe gives an input that nothing takes, or lacks one that its page cannot do without', async () => {
  for (const { page, uses } of recipes) {
    for (const step of uses.filter(({ uses }) => !uses.startsWith(`${CHECKOUT}@`))) {
      const stand = ACTIONS[nameOf(step)];
      const place = stand === undefined ? '.' : `test/matrix/recipes/actions/${stand}`;
      const action = load(await readFile(join(REPOSITORY, place, 'action.yml'), 'utf8'));
      const { inputs = {} } = action as { inputs?: Record<string, { required?: boolean }> };
      const given = Object.keys(step.with ?? {});
      const unknown = given.filter((name) => !(name in inputs));
      const needed = Object.keys(inputs).filter((name) => inputs[name]?.required === true);
      const missing = needed.filter((name) => !given.includes(name));
      expect([page, step.uses, unknown, missing]).toEqual([page, step.uses, [], []]);
    }
  }
});

test('every recipe uses this action, and an action has one version on all pages', () => {
  for (const { name, injections } of recipes) {
    expect([name, injections > 0]).toEqual([name, true]);
  }
  const versions = new Set(uses.map((step) => step.uses));
  expect([...versions].map((use) => use.replace(/@.*/, '')).sort()).toEqual(
    [...new Set(uses.map(nameOf))].sort(),
  );
});

test('what is not run is said on its page', async () => {
  for (const program of PROGRAMS) {
    const calls = new RegExp(`(run: |&& )${program} `);
    const pages = new Set(
      recipes.filter((recipe) => calls.test(recipe.workflow)).map(({ page }) => page),
    );
    expect([program, pages.size]).toEqual([program, 1]);
    for (const page of pages) {
      const text = await readFile(join(RECIPES, page), 'utf8');
      expect(text).toMatch(new RegExp(`^The tests do not run .*${program}`, 'im'));
    }
  }
});

test('a workflow whose steps run kubectl or helm gives them a kubeconfig, also the README’s', async () => {
  const readme = recipesOf('README.md', await readFile(join(REPOSITORY, 'README.md'), 'utf8'));
  expect(readme).toHaveLength(1);
  const reach = [...readme, ...recipes].filter(({ workflow }) =>
    /(run: |^ +)(kubectl|helm upgrade|helm install) /m.test(workflow),
  );
  expect(reach.length).toBeGreaterThan(8);
  const gives = /cat > \S+ <<< "\$CONFIG"|uses: (helm\/kind|AbsaOSS\/k3d)-action@|minikube start /;
  expect(reach.filter(({ workflow }) => !gives.test(workflow)).map(({ name }) => name)).toEqual([]);
});

/** As Ubuntu has it from 25.10 on (uutils/coreutils#12407). */
const INSTALL =
  '#!/bin/sh\ncase "$*" in */dev/stdin*) echo "No such file or directory" >&2; exit 1 ;; esac\n';

test('a step that writes the secret to a file needs no other install, and nobody else may read it', async () => {
  const readme = recipesOf('README.md', await readFile(join(REPOSITORY, 'README.md'), 'utf8'));
  const steps = [...readme, ...recipes].flatMap(({ workflow }) => {
    const { jobs } = load(workflow) as { jobs: Record<string, { steps: { run?: string }[] }> };
    return Object.values(jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));
  });
  const writing = steps.filter((line) => line.includes('"$CONFIG"'));
  expect(writing.length).toBeGreaterThan(15);
  const config = 'a: "\\n"\nb: 1';
  const encoded = Buffer.from(config).toString('base64');
  const directory = await mkdtemp(join(tmpdir(), 'jackal-recipes-'));
  try {
    await writeFile(join(directory, 'install'), INSTALL, { mode: 0o755 });
    for (const line of new Set(writing)) {
      const file = join(directory, line.includes('~/') ? '.kube/config' : 'kubeconfig');
      const env = {
        HOME: directory,
        KUBECONFIG: join(directory, 'kubeconfig'),
        PATH: [directory, process.env.PATH].join(delimiter),
      };
      const run = async (script: string, CONFIG: string) => {
        const options = { env: { ...env, CONFIG } };
        await promisify(execFile)('bash', ['-e', '-c', script], options);
        return [await readFile(file, 'utf8'), ((await stat(file)).mode & 0o777).toString(8)];
      };
      expect([line, await run(line, config)]).toEqual([line, [`${config}\n`, '600']]);
      if (line.includes('~/')) await chmod(file, 0o644);
      const decoding = line.replace('cat >', 'base64 -d >');
      expect([decoding, await run(decoding, encoded)]).toEqual([decoding, [config, '600']]);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('no page has a chart given a tag, which no node verifies', async () => {
  const pages = ['README.md', 'docs/manifests.md', 'docs/command-line.md'];
  const texts = await Promise.all(pages.map((page) => readFile(join(REPOSITORY, page), 'utf8')));
  const all = [...texts, ...recipes.map(({ workflow }) => workflow)].join('\n');
  expect(all).toContain('image.tag=');
  expect(all).toContain('.digest }}');
  expect(all).not.toMatch(/\]\.tag\b|image\.tag=\$\{?TAG/);
});

test('the job for GitLab fetches what its image has not', async () => {
  const { image, script, after_script: after } = await readGitLabJob();
  expect(image).toMatch(/^node:\d+$/);
  // Of the programs of buildpack-deps, on which the image is built, and Node's own.
  const there = new Set(['chmod', 'curl', 'node', 'npx']);
  for (const line of [...script, ...after]) {
    const [, fetched] = /^curl .* \/usr\/local\/bin\/(\w+) /.exec(line) ?? [];
    if (fetched !== undefined) there.add(fetched);
    const called = [...line.matchAll(/(?:^|\$\(|&& )(\w+) /g)].map(([, program = '']) => program);
    expect([line, called.filter((program) => !there.has(program))]).toEqual([line, []]);
  }
});

test('the list of recipes has every page', async () => {
  const list = await readFile(join(RECIPES, 'README.md'), 'utf8');
  const pages = [...new Set(recipes.map(({ page }) => page))];
  expect(pages.filter((page) => !list.includes(`](${page}`))).toEqual([]);
});
