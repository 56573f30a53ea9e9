import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { REPOSITORY } from '../helpers/runner.js';

/** The rooms of src, from the entry down: a file imports from its own room and from those below it. */
const ROOMS = [
  'post-step.ts',
  'index.ts',
  'renderer.ts',
  'command-line',
  'main.ts',
  'post.ts',
  'stages',
  'report',
  'rewrite',
  'proof',
  'routes',
  'registry',
  'carriers',
  'preflight',
  'run',
  'injector',
  'host',
  'payload',
  'images',
  'kube',
  'lib',
];

/** Files that one folder may hold, and lines that one file may have; the crate has a test of its own for those. */
const FILES_MAX = 14;
const LINES_MAX = 300;
const MAIN_LINES_MAX = 120;
/** Bytes of the bundle, which runners download for every job. Ours to choose. */
const BUNDLE_MAX_BYTES = 6_000_000;

/** Each source file's text, and the paths of the files that it imports, by its path below its root. */
type Sources = ReadonlyMap<string, { readonly text: string; readonly imports: readonly string[] }>;

let sources: Sources;

async function pathsBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

async function filesBelow(root: string): Promise<[string, string][]> {
  const paths = (await pathsBelow(root)).filter((path) => path.endsWith('.ts'));
  return Promise.all(
    paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const),
  ) as Promise<[string, string][]>;
}

/** The files that a TypeScript file names in `from '…'`, `import '…'` and `import('…')`. */
function importsOf(path: string, text: string): string[] {
  const named = text.matchAll(/(?:\bfrom |\bimport[ (])'(\.{1,2}\/[^']+)\.js'/g);
  return [...named].map(([, name = '']) => normalize(join(dirname(path), `${name}.ts`)));
}

beforeAll(async () => {
  const files = await filesBelow(join(REPOSITORY, 'src'));
  sources = new Map(files.map(([path, text]) => [path, { text, imports: importsOf(path, text) }]));
});

const roomOf = (path: string) => path.split('/')[0] as string;

/** A circle of imports, each file followed by one that it imports, or undefined. */
function circleIn(all: Sources): string[] | undefined {
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of all.get(path)?.imports ?? []) {
      const circle = next === path ? undefined : visit(next, [...way, path]);
      if (circle !== undefined) return circle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of all.keys()) {
    const circle = visit(path, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

test('every file lies in a room, and imports files that are there', () => {
  const lost = [...sources].flatMap(([path, { imports }]) => [
    ...(ROOMS.includes(roomOf(path)) ? [] : [path]),
    ...imports.filter((name) => !sources.has(name)).map((name) => `${path} → ${name}`),
  ]);
  expect(lost).toEqual([]);
  expect(sources.size).toBeGreaterThan(80);
});

test('imports go down from room to room, never up', () => {
  const upwards = [...sources].flatMap(([path, { imports }]) =>
    imports
      .filter((name) => ROOMS.indexOf(roomOf(name)) < ROOMS.indexOf(roomOf(path)))
      .map((name) => `${path} → ${name}`),
  );
  expect(upwards).toEqual([]);
});

test('no file imports itself by way of others', () => {
  expect(circleIn(sources)).toBeUndefined();
});

test('a circle would be found', () => {
  const file = (...imports: string[]) => ({ text: '', imports });
  const circular = new Map([
    ['a', file('b')],
    ['b', file('c')],
    ['c', file('b')],
  ]);
  expect(circleIn(circular)).toEqual(['b', 'c', 'b']);
});

test('the bundle stays small', async () => {
  const root = join(REPOSITORY, 'dist');
  const sizes = (await pathsBelow(root)).map(async (path) => (await stat(join(root, path))).size);
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(BUNDLE_MAX_BYTES);
});

// Not dist: nobody reads it, and the bundler makes a file of every part of it that is loaded by itself.
test('folders and files stay small enough to be read', async () => {
  const roots = ['.github', 'docs', 'injector/src', 'injector/tests', 'src', 'test'];
  const below = async (root: string) =>
    (await pathsBelow(join(REPOSITORY, root))).map((path) => `${root}/${path}`);
  const folders = Map.groupBy((await Promise.all(roots.map(below))).flat(), dirname);
  const large = [...folders].filter(([, { length }]) => length > FILES_MAX);
  expect(large.map(([folder]) => folder)).toEqual([]);
  const all = [...sources];
  const lines = (text: string) => text.split('\n').length - 1;
  expect(all.filter(([, { text }]) => lines(text) > LINES_MAX).map(([path]) => path)).toEqual([]);
  expect(lines(sources.get('main.ts')?.text ?? '')).toBeLessThanOrEqual(MAIN_LINES_MAX);
});

test('one file alone knows the runner, and nothing at run time the Kubernetes client', () => {
  const naming = (pattern: RegExp) =>
    [...sources].filter(([, { text }]) => pattern.test(text)).map(([path]) => path);
  expect(naming(/'@actions\/core'/)).toEqual(['host/runner.ts']);
  expect(naming(/^import (?!type ).*'@kubernetes\/client-node'|import\('@kubernetes/m)).toEqual([]);
});
