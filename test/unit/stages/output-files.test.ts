import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Manifest } from '../../../src/rewrite/manifests.js';
import { writeOutputFiles } from '../../../src/stages/publish/output-files.js';
import { image } from '../rewrite/images.js';

const before = { ...process.env };
const NGINX = { ...image('nginx:1.29'), platforms: ['linux/amd64'], bytes: 1 };

let place: string;
let printed: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'jackal-outputs-test-'));
  const [output, state] = [join(place, 'output'), join(place, 'state')];
  for (const file of [output, state]) await writeFile(file, '');
  const RUNNER_TEMP = join(place, 'temp');
  Object.assign(process.env, { RUNNER_TEMP, GITHUB_OUTPUT: output, GITHUB_STATE: state });
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  await rm(place, { recursive: true });
});

const pod = (copy: string, name: string): Manifest => ({
  ...{ path: `./${copy}`, copy },
  text: `apiVersion: v1\nkind: Pod\nspec: { containers: [{ image: ${name} }] }\n`,
});

/** What is left in RUNNER_TEMP: the path of each file below the one directory, and its mode. */
async function written(): Promise<Record<string, number>> {
  const [directory, ...others] = await readdir(join(place, 'temp'));
  expect(others).toEqual([]);
  const root = join(place, 'temp', directory as string);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const modes = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(root.length + 1), (await stat(path)).mode & 0o777] as const;
  });
  return Object.fromEntries((await Promise.all(modes)).sort());
}

const FILES = {
  'helm-plugins/jackal-inject/plugin.yaml': 0o600,
  'helm-plugins/jackal-inject/post-renderer': 0o700,
  'kustomization/kustomization.yaml': 0o600,
  'names.json': 0o600,
  'post-renderer': 0o700,
};

/** The outputs that were set, without the directory that they lie in. */
async function outputs(): Promise<Record<string, string>> {
  const text = await readFile(join(place, 'output'), 'utf8');
  const set = [...text.matchAll(/^(.+)<<(\S+)\n(.*)\n\2$/gm)];
  return Object.fromEntries(
    set.map(([, name = '', , value = '']) => [name, value.replace(/^.*\/jackal-inject-\w+\//, '')]),
  );
}

test('files for tools are for the owner alone, and outputs say where they are', async () => {
  await writeOutputFiles({ manifests: [] }, [NGINX]);
  expect(await written()).toEqual(FILES);
  expect(await outputs()).toEqual({
    kustomization: 'kustomization',
    'post-renderer': 'post-renderer',
    'helm-plugin': 'jackal-inject',
    'helm-plugins': 'helm-plugins',
  });
  expect(printed).not.toContain('::warning');
});

test('copies of manifests keep their place, and the log says how many name injected images', async () => {
  const manifests = [pod('web.yaml', 'nginx:1.29'), pod('k/web.yaml', 'nginx:1.28')];
  await writeOutputFiles({ manifests }, [NGINX]);
  const copies = { 'manifests/k/web.yaml': 0o600, 'manifests/web.yaml': 0o600 };
  expect(await written()).toEqual({ ...FILES, ...copies });
  expect((await outputs()).manifests).toBe('manifests');
  expect(printed).toContain('1 of 2 manifests name injected images');
  expect(printed).not.toContain('::warning');
});

test('manifests of which none names an injected image are a warning', async () => {
  await writeOutputFiles({ manifests: [pod('web.yaml', 'nginx')] }, [NGINX]);
  expect(printed).toMatch(
    /::warning title=[^:]*::No file of the input `manifests` names an injected image; /,
  );
});
