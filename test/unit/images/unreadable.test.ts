import { execFile } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from '@jest/globals';
import {
  CONFIG,
  dockerArchive,
  LAYER,
  Layout,
  layerOf,
  MANIFEST,
  read,
  workplace,
  writeDirectory,
} from './fixtures.js';

let place = '';
beforeEach(async () => {
  place = await workplace();
  await chmod(place, 0o777);
});

/** Reads an image as somebody who owns none of its files, when the tests run as root, whom nothing is denied. */
const SCRIPT = `
  const [, module, path, temporaryDirectory] = process.argv;
  const { readImages } = await import(module);
  if (process.getuid() === 0) process.setuid(65534);
  try {
    const set = await readImages([path], { platforms: ['linux/amd64'], temporaryDirectory });
    console.log(JSON.stringify(set.images.length));
  } catch (error) {
    console.log(JSON.stringify(error.message));
  }
`;

async function outcome(path: string): Promise<unknown> {
  const module = new URL('../../../src/images/read.js', import.meta.url).href;
  const args = ['--input-type=module', '-e', SCRIPT, module, path, join(place, 'temporary')];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: place });
  return JSON.parse(stdout);
}

const RAW = layerOf('a', 'content');

async function layout(): Promise<{ path: string; of: (mediaType: string) => string }> {
  const files = new Layout();
  files.list(files.image([{ stored: RAW, raw: RAW, mediaType: LAYER }]), 'web:1');
  const path = await writeDirectory(place, files.entries());
  const [{ images }] = [await read(place, [path])];
  const [config, layer] = images[0]?.blobs ?? [];
  const digests: Record<string, string | undefined> = {
    [MANIFEST]: images[0]?.target.digest,
    [CONFIG]: config?.digest,
    [LAYER]: layer?.digest,
  };
  return { path, of: (type) => join(path, 'blobs', 'sha256', digests[type]?.slice(7) ?? '') };
}

test.each([
  ['manifest', MANIFEST],
  ['config', CONFIG],
  ['layer', LAYER],
])('a %s of a layout that may not be read is told before anything is sent', async (_, type) => {
  const { path, of } = await layout();
  expect(await outcome(path)).toBe(1);
  await chmod(of(type), 0);
  expect(await outcome(path)).toBe(`The path ${of(type)} cannot be read; check its permissions.`);
});

test('so is its index.json', async () => {
  const { path } = await layout();
  await chmod(join(path, 'index.json'), 0);
  expect(await outcome(path)).toBe(
    `The path ${join(path, 'index.json')} cannot be read; check its permissions.`,
  );
});

test('a directory that may not be entered is not empty, and nor is one that may not be listed', async () => {
  const { path } = await layout();
  const blobs = join(path, 'blobs');
  await chmod(blobs, 0);
  expect(await outcome(path)).toMatch(
    /^The path .*blobs.* cannot be read; check its permissions\.$/,
  );
  await chmod(blobs, 0o755);
  await chmod(path, 0);
  expect(await outcome(path)).toMatch(/^The path .*json cannot be read; check its permissions\.$/);
  await chmod(path, 0o755);
  const other = join(place, 'other');
  await mkdir(other);
  await chmod(other, 0o311);
  expect(await outcome(other)).toBe(`The path ${other} cannot be read; check its permissions.`);
  await chmod(other, 0o755);
});

test('a layer beside a manifest.json that may not be read is told, too', async () => {
  const entries = dockerArchive('web:1', [RAW]);
  const path = await writeDirectory(place, entries);
  expect(await outcome(path)).toBe(1);
  const layer = join(path, entries[1]?.path ?? '');
  await chmod(layer, 0);
  expect(await outcome(path)).toBe(`The path ${layer} cannot be read; check its permissions.`);
});
