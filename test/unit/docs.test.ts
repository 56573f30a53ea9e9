import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load, loadAll } from 'js-yaml';
import { anchorOf } from '../../src/host/troubleshooting.js';
import * as carriers from '../../src/lib/limits/carriers.js';
import * as couriers from '../../src/lib/limits/couriers.js';
import * as images from '../../src/lib/limits/images.js';
import * as kube from '../../src/lib/limits/kube.js';
import * as pods from '../../src/lib/limits/pods.js';
import * as rewrite from '../../src/lib/limits/rewrite.js';
import * as routes from '../../src/lib/limits/routes.js';
import * as run from '../../src/lib/limits/run.js';
import * as runner from '../../src/lib/limits/runner.js';
import * as stream from '../../src/lib/limits/stream.js';
import { KIB, MIB } from '../../src/lib/limits/units.js';
import {
  type Permission,
  permissionsOf,
  releasePermissions,
  roleYaml,
} from '../../src/preflight/permissions.js';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

const readText = (path: string) => readFile(join(REPOSITORY, path), 'utf8');

/** An input or output of action.yml. */
interface Entry {
  readonly description: string;
  readonly default?: string;
}

/** The cells of a table's rows, without its head; code marks are left out. */
function rowsOf(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) =>
    line
      .replaceAll('`', '')
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands between the README's comments of this name. */
function marked(markdown: string, name: string): string {
  return markdown.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? '';
}

describe('README.md', () => {
  test('its tables are the inputs and outputs of action.yml, in order and with the same words', async () => {
    const readme = await readText('README.md');
    const action = load(await readText('action.yml')) as Record<string, Record<string, Entry>>;
    const inputs = Object.entries(action.inputs ?? {}).map(([name, entry]) => [
      name,
      entry.default ?? '',
      entry.description,
    ]);
    const outputs = Object.entries(action.outputs ?? {}).map(([name, entry]) => [
      name,
      entry.description,
    ]);
    expect(rowsOf(marked(readme, 'inputs'))).toEqual(inputs);
    expect(rowsOf(marked(readme, 'outputs'))).toEqual(outputs);
  });

  test('its role is what a run in a namespace of its own uses', async () => {
    const section = (await readText('README.md')).split('\n## Permissions\n')[1] ?? '';
    expect(loadAll(rulesIn(section))).toEqual(loadAll(roleYaml(permissionsOf(false), 'ci')));
  });
});

describe('docs/permissions.md', () => {
  test('its roles for a namespace that is given are those that the action uses', async () => {
    const rules = roleYaml(permissionsOf(true), 'ci');
    expect(loadAll(await rulesUnder('a namespace that is given'))).toEqual(loadAll(rules));
  });

  test('its rules for a Role alone are all that need no list of the nodes', async () => {
    const inNamespace = permissionsOf(true, false).filter(({ scope }) => scope === 'namespace');
    expect(loadAll(await rulesUnder('a Role alone'))).toEqual(loadAll(roleYaml(inNamespace, 'ci')));
  });

  test('its rules for a release are those that it needs besides', async () => {
    const rules = roleYaml(releasePermissions(true), 'ci');
    expect(loadAll(await rulesUnder('a release'))).toEqual(loadAll(rules));
  });

  test('it tells of each optional rule what is lost without it, in the words of the code', async () => {
    const section = (await permissions()).split('\n## What may be dropped\n')[1] ?? '';
    const items = section.split('\n- ').slice(1);
    expect(items.map((item) => item.trim().replaceAll(/\s+/g, ' '))).toEqual(droppableRules());
  });
});

const permissions = () => readText('docs/permissions.md');

/** The rules that stand under a heading. */
async function rulesUnder(title: string): Promise<string> {
  return rulesIn((await permissions()).split(`\n## With ${title}\n`)[1] ?? '');
}

const rulesIn = (section: string) => /```yaml\n(.*?)```/s.exec(section)?.[1] ?? '';

/** Such as "`pods/log`: what travels …": each rule that may be missing, once, with what is lost then. */
function droppableRules(): string[] {
  const both = [permissionsOf(true), permissionsOf(false), releasePermissions(true)];
  return [...new Set(both.flatMap((permissions) => permissions.flatMap(droppable)))];
}

function droppable(
  { resource, scope, verb, without }: Permission,
  _: number,
  all: readonly Permission[],
): string[] {
  if (without === undefined) return [];
  const same = all.filter((other) => other.resource === resource);
  const isInPart = same.some((other) => other.scope === scope && other.without === undefined);
  const isWider = same.some((other) => other.scope === 'namespace') && scope === 'cluster';
  const which = `\`${resource}\`${isInPart ? `, \`${verb}\`` : ''}${isWider ? ' in the whole cluster' : ''}`;
  return [`${which}: ${without}`];
}

test('every relative link leads to a file, and to a heading of it', async () => {
  const docs = (await readdir(join(REPOSITORY, 'docs'), { recursive: true })).filter((name) =>
    name.endsWith('.md'),
  );
  const broken: string[] = [];
  for (const page of ['README.md', 'injector/README.md', ...docs.map((name) => `docs/${name}`)]) {
    const prose = (await readText(page)).replaceAll(/^```.*?^```/gms, '');
    for (const [, link = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      const found =
        existsSync(join(REPOSITORY, target)) &&
        (anchor === undefined ||
          [...(await readText(target)).matchAll(/^#+ (.*)$/gm)].some(
            ([, heading = '']) => anchorOf(heading) === anchor,
          ));
      if (!found) broken.push(`${page}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});

const BYTES = { KiB: KIB, MiB: MIB, GiB: 1024 * MIB };
const MILLISECONDS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

/** A value as docs/limits.md writes it, in the unit that the constant's name tells. */
function writtenValue(written: string, constant: string): number | string {
  const [, number, unit = ''] = /^(\d+)(?: (\w+))?$/.exec(written) ?? [];
  if (number === undefined) return written;
  if (unit === '') return Number(number);
  if (constant.endsWith('_BYTES')) return Number(number) * BYTES[unit as keyof typeof BYTES];
  const milliseconds = Number(number) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  return constant.endsWith('_SECONDS') ? milliseconds / 1000 : milliseconds;
}

test('docs/limits.md has the values of src/lib/limits', async () => {
  const tables = (await readText('docs/limits.md'))
    .split('\n\n')
    .filter((block) => block.startsWith('| limit |'));
  const rows = tables.flatMap(rowsOf);
  expect(rows.length).toBeGreaterThan(25);
  const told = rows.map(([, value = '', constant = '']) => [
    constant,
    writtenValue(value, constant),
  ]);
  const all = {
    ...{
      ...carriers,
      ...couriers,
      ...images,
      ...kube,
      ...pods,
      ...rewrite,
      ...routes,
      ...run,
      ...runner,
      ...stream,
    },
  };
  const values: Readonly<Record<string, unknown>> = all;
  const kept = rows.map(([, , constant = '']) => [constant, values[constant]]);
  expect(told).toEqual(kept);
});
