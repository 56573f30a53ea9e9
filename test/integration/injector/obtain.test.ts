import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from '../../cluster/until.js';
import { staticExecutable } from '../../helpers/injector/static-executable.js';
import { MAIN, type ObtainingSite, startSite } from './site.js';

let here: ObtainingSite;

beforeEach(async () => {
  here = await startSite();
});

afterEach(async () => {
  expect(await here.close()).toEqual([]);
});

/** The one directory in which this machine keeps an injector. */
async function keptDirectory(): Promise<string> {
  const injectors = join(here.env.HOME as string, '.cache', 'jackal-inject', 'injectors');
  const [key, ...others] = await readdir(injectors);
  expect(others).toEqual([]);
  return join(injectors, key as string);
}

/** The one file in it, whose name is the SHA-256 of its bytes. */
async function keptFile(): Promise<string> {
  const directory = await keptDirectory();
  const [name, ...others] = await readdir(directory);
  expect(others).toEqual([]);
  return join(directory, name as string);
}

test('cold it is built and kept, then it comes from the disk, elsewhere from the cache', async () => {
  const { origin, sha256 } = await here.obtain();
  expect(origin).toBe('build');
  expect(here.service.entries.size).toBe(1);
  expect(await here.obtain()).toMatchObject({ sha256, origin: 'disk' });
  await here.changeRunner();
  expect(await here.obtain()).toMatchObject({ sha256, origin: 'cache' });
  expect(await keptFile()).toMatch(new RegExp(`/${sha256}$`));
});

test('what is kept is taken before any compiler is asked', async () => {
  await here.obtain();
  await here.program('rustc', '#!/bin/sh\nexit 1\n');
  expect(await here.obtain()).toMatchObject({ origin: 'disk' });
  await here.changeRunner();
  expect(await here.obtain()).toMatchObject({ origin: 'cache' });
});

test('a runner with its home elsewhere has what another one has saved', async () => {
  await here.obtain();
  here.env.HOME = join(here.directory, 'elsewhere', 'home');
  expect(await here.obtain()).toMatchObject({ origin: 'cache' });
  expect(here.service.entries.size).toBe(1);
});

test('changed sources are built anew, since the key tells them apart', async () => {
  await here.obtain();
  await writeFile(join(here.crate, 'src', 'main.rs'), `// changed\n${MAIN}`);
  expect(await here.obtain()).toMatchObject({ origin: 'build' });
  expect(here.service.entries.size).toBe(2);
});

test('what no build depends on changes nothing', async () => {
  await here.obtain();
  await writeFile(join(here.crate, 'README.md'), 'words\n');
  await writeFile(join(here.crate, 'tests', 'one.rs'), '');
  expect(await here.obtain()).toMatchObject({ origin: 'disk' });
});

test.each([
  ['cut off', (file: string) => truncate(file, 1000)],
  ['changed in one byte', changeOneByte],
  ['a directory', replaceByDirectory],
])('a file on the disk that is %s is found out and replaced', async (_, spoil) => {
  const { sha256 } = await here.obtain();
  const file = await keptFile();
  await spoil(file);
  here.service.entries.clear();
  expect(await here.obtain()).toMatchObject({ origin: 'build', sha256 });
  expect(await keptFile()).toBe(file);
  expect(await here.obtain()).toMatchObject({ origin: 'disk', sha256 });
});

async function changeOneByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  await writeFile(file, bytes);
}

async function replaceByDirectory(file: string): Promise<void> {
  await rm(file);
  await mkdir(file);
  await writeFile(join(file, 'inside'), '');
}

test.each([
  ['of other sources', staticExecutable('amd64', `injector 0.0.0 ${'0'.repeat(64)}\n`)],
  ['for another architecture', staticExecutable('arm64', '')],
])('a file on the disk that is whole and %s is not taken', async (_, foreign) => {
  await here.obtain();
  const directory = await keptDirectory();
  await rm(await keptFile());
  const name = createHash('sha256').update(foreign).digest('hex');
  await writeFile(join(directory, name), foreign);
  here.service.entries.clear();
  // What is done in the directory, in order, by names.
  const done = new Set<string>();
  const watcher = watch(directory, (_change, changed) => done.add(`${changed}`));
  try {
    const { origin, sha256 } = await here.obtain();
    await until('both changes', () => done.size > 1);
    expect(origin).toBe('build');
    expect(await keptFile()).not.toContain(name);
    // Another job may store the directory at any time: it is never without an injector.
    expect([...done]).toEqual([sha256, name]);
  } finally {
    watcher.close();
  }
});

test('what the cache gives is used only when it is an archive', async () => {
  await here.obtain();
  const [key] = here.service.entries.keys();
  here.service.entries.set(key as string, Buffer.from('not the archive that was saved'));
  await here.changeRunner();
  expect(await here.obtain()).toMatchObject({ origin: 'build' });
});

test('an injector in the cache that was changed is found out and replaced', async () => {
  const { sha256, log } = await here.obtain();
  const unusable = /^The injector in the Actions cache is unusable, .* gh cache delete (.*)$/m;
  expect(log).not.toMatch(unusable);
  const [[key, archive]] = here.service.entries as unknown as [[string, Buffer]];
  here.service.entries.set(key, withOneByteChanged(archive));
  await here.changeRunner();
  const again = await here.obtain();
  expect(again).toMatchObject({ origin: 'build', sha256 });
  expect(unusable.exec(again.log)?.[1]).toBe(basename(await keptDirectory()));
  await here.changeRunner();
  expect(await here.obtain()).toMatchObject({ origin: 'cache', sha256 });
});

/** The archive of a cache, of one large file, with another byte in the middle of it. */
function withOneByteChanged(archive: Buffer): Buffer {
  const isZstd = archive.readUInt32LE() === 0xfd2fb528;
  const [unpack, pack] = isZstd ? [zstdDecompressSync, zstdCompressSync] : [gunzipSync, gzipSync];
  const tar = unpack(archive);
  tar.writeUInt8(tar.readUInt8(tar.length >> 1) ^ 1, tar.length >> 1);
  return pack(tar);
}

test('a home directory that nothing can be written to costs a warning', async () => {
  here.env.HOME = '/dev/null';
  const { origin, log } = await here.obtain();
  expect(origin).toBe('build');
  expect(log).toMatch(
    /::warning title=[^:]+::The injector was not kept in ~\/\.cache\/jackal-inject\/inj/,
  );
});

test('a cache service that is down costs a build and nothing else', async () => {
  await here.service.close();
  expect(await here.obtain()).toMatchObject({ origin: 'build' });
});

test('a cache service that never answers costs a build, and is asked nothing more', async () => {
  await here.restartService('GetCacheEntryDownloadURL');
  const { origin, log } = await here.obtain({ patience: { restore: 0.2, save: 60 } });
  expect(origin).toBe('build');
  expect(log).toContain(
    '::warning title=Jackal Inject%3A Cache of the injector does not answer::The cache service did not give the injector, which is obtained otherwise: It was silent for 0.2 s.',
  );
  expect(here.service.calls).not.toContain('POST CreateCacheEntry');
});

test.each(['CreateCacheEntry', 'FinalizeCacheEntryUpload'] as const)(
  'a cache service that is silent to %s does not hold the step',
  async (call) => {
    await here.restartService(call);
    const { origin, log } = await here.obtain({
      patience: { restore: 60, save: 0.2 },
      saving: here.service.unanswered,
    });
    expect(origin).toBe('build');
    expect(here.service.calls.at(-1)).toBe(`POST ${call}`);
    expect(log).toContain(
      '::warning title=Jackal Inject%3A Cache of the injector does not answer::The cache service did not take the injector before',
    );
  },
);

test('no cache service at all is a runner like any other', async () => {
  here.env.ACTIONS_CACHE_SERVICE_V2 = undefined;
  here.env.ACTIONS_RESULTS_URL = undefined;
  expect(await here.obtain()).toMatchObject({ origin: 'build' });
  expect(here.service.calls).toEqual([]);
});
