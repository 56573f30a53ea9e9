import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { injectedNames } from '../../../src/rewrite/names.js';
import {
  ACTION_VERSION,
  HELM_PLUGIN_NAME,
  helmPlugin,
  namesFile,
  postRendererScript,
} from '../../../src/rewrite/post-renderer.js';
import { REPOSITORY } from '../../helpers/runner.js';
import { image } from './images.js';

const NGINX = image('nginx:1.29');
const ENTRY = join(REPOSITORY, 'out/src/renderer.js');

let directory: string;
let executable: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "it's a post-renderer "));
  executable = join(directory, 'post-renderer');
  const names = join(directory, 'names.json');
  await writeFile(names, namesFile(injectedNames([NGINX])));
  await writeFile(executable, postRendererScript({ node: process.execPath, entry: ENTRY, names }));
  await chmod(executable, 0o755);
});

afterAll(() => rm(directory, { recursive: true }));

const run = (input: string | Buffer, env: NodeJS.ProcessEnv = {}) =>
  spawnSync(executable, { input, encoding: 'utf8', env });

/** A stream of documents that is longer than a pipe holds. */
const manifests = (name: string) =>
  `apiVersion: v1\nkind: Pod\nspec: { containers: [{ image: ${name} }] }\n---\n`.repeat(2000);

test('the executable renders its standard input, with nothing in its environment', () => {
  const { status, stdout, stderr } = run(manifests('docker.io/nginx:1.29'));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toBe(manifests(NGINX.pullable));
});

test("the executable takes no notice of what is meant for the job's own Node.js", () => {
  const { status, stdout } = run('kind: Pod\n', { NODE_OPTIONS: '--no-such-option' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'kind: Pod\n' });
});

test('a fault is a sentence, and nothing comes out', () => {
  expect(run(`${manifests('nginx:1.29')}a: b: c\n`)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^Standard input is not YAML: .* at line 8001, column 4; .*\.\n$/,
    ),
  });
});

test('bytes that are no UTF-8 are a sentence, and a mark of byte order stays', () => {
  const latin = Buffer.from(`# caf\xe9\n${manifests('nginx:1.29')}`, 'latin1');
  expect(run(latin)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'Standard input is not text in UTF-8; save it as that.\n',
  });
  expect(run(`\ufeff${manifests('nginx:1.29')}`)).toMatchObject({
    status: 0,
    stdout: `\ufeff${manifests(NGINX.pullable)}`,
  });
});

test('names that cannot be read are a sentence, too', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, join(directory, 'none')], {
    input: '',
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^ENOENT: .*\n$/);
});

test('where a disk takes a part alone that is a failure', () => {
  // One page of memory: less than the manifests have.
  const script = 'mkdir disk; mount -t tmpfs -o size=1 tmpfs disk; "$@" >disk/rendered';
  const within = ['--map-root-user', '--mount', 'sh', '-c', script, 'sh', executable];
  const input = manifests('nginx:1.29');
  expect(spawnSync('unshare', within, { input, encoding: 'utf8', cwd: directory })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^Standard output did not take .* \(ENOSPC/),
  });
});

test('a reader who has gone is told nothing', async () => {
  const renderer = spawn(executable, { cwd: directory });
  const [gone, ended] = [once(renderer.stdout, 'close'), once(renderer, 'close')];
  renderer.stdout.destroy();
  await gone;
  renderer.stdin.end(manifests('nginx:1.29'));
  expect(await text(renderer.stderr)).toBe('');
  expect(await ended).toEqual([0, null]);
});

test('Helm 4 gets a comment from its plugin where there is nothing, and nobody else does', () => {
  const HELM_PLUGIN_NAME = 'jackal-inject';
  expect(run('\n', { HELM_PLUGIN_NAME }).stdout).toBe('# No manifests\n');
  expect(run('\n').stdout).toBe('\n');
  expect(run('kind: Pod\n', { HELM_PLUGIN_NAME }).stdout).toBe('kind: Pod\n');
});

test("a plugin of Helm 4 has Helm's fields and the executable", () => {
  const { 'plugin.yaml': description, ...files } = helmPlugin('#!/bin/sh\n');
  expect(files).toEqual({ 'post-renderer': '#!/bin/sh\n' });
  expect(load(description ?? '')).toEqual({
    apiVersion: 'v1',
    type: 'postrenderer/v1',
    name: HELM_PLUGIN_NAME,
    version: ACTION_VERSION,
    runtime: 'subprocess',
    runtimeConfig: { platformCommand: [{ command: `\${HELM_PLUGIN_DIR}/post-renderer` }] },
  });
});

test('the version that Helm is told is that of the package', async () => {
  const { version } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
  expect(ACTION_VERSION).toBe(version);
});
