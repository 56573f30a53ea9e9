import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  dockerArchive,
  type Entry,
  LAYER,
  Layout,
  layerOf,
  refusal,
  sealHeader,
  sha256,
  tarOf,
  workplace,
  writeDirectory,
  writeTar,
} from './fixtures.js';

let place = '';
beforeEach(async () => {
  place = await workplace();
});

const RAW = layerOf('a', 'content');
const PLAIN = { stored: RAW, raw: RAW, mediaType: LAYER };
const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;

/** What a file says it is when it is named as an archive, as it is and compressed once more. */
async function refusedFile(bytes: Buffer, name = 'web.tar'): Promise<string> {
  await writeFile(join(place, name), bytes);
  await writeFile(join(place, `${name}.gz`), gzipSync(bytes));
  const sentence = await refusal(place, [join(place, name)]);
  const packed = await refusal(place, [join(place, `${name}.gz`)]);
  expect(packed.replace('.gz', '')).toBe(sentence);
  return sentence;
}

/** Bytes of a kind: how it begins, and more than one block of a tar. */
function beginning(hex: string): Buffer {
  return Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(1000, 0x5a)]);
}

describe('files that are no tar', () => {
  test.each([
    ['xz', 'fd377a585a0000', 'xz -d'],
    ['bzip2', '425a6839314159265359', 'bzip2 -d'],
    ['lz4', '04224d18', 'lz4 -d'],
    ['lzip', '4c5a4950', 'lzip -d'],
    ['compress', '1f9d90', 'uncompress'],
    ['zip', '504b0304', 'unzip'],
    ['7z', '377abcaf271c', '7z x'],
  ])('%s', async (what, hex, command) => {
    const sentence = await refusedFile(beginning(hex));
    expect(sentence).toContain(what);
    expect(sentence).toContain(command);
  });

  test('an empty file', async () => {
    const sentence = await refusedFile(Buffer.alloc(0));
    expect(sentence).toContain('is empty');
    expect(sentence).toContain('check the step that writes it');
  });

  test.each([
    ['a pointer of Git LFS', Buffer.from(LFS), /Git LFS.*(lfs: true|git lfs pull)/],
    ['a web page', Buffer.from('<!DOCTYPE html>\n<html><body>Sign in</body></html>'), /web page/],
    ['JSON', Buffer.from(' \n[{"Id": "sha256:0"}]'), /JSON/],
    ['a SIF image', Buffer.from('#!/usr/bin/env run-singularity\nSIF'), /Singularity|Apptainer/],
    ['text', Buffer.from('hello'), /is not a tar archive.*or docker-daemon:NAME for an image/],
  ])('%s', async (_, bytes, words) => {
    expect(await refusedFile(bytes)).toMatch(words);
  });

  test('a layout below Git LFS: its documents and its blobs', async () => {
    for (const which of ['index.json', 'manifest', 'layer']) {
      const layout = new Layout();
      const image = layout.image([PLAIN]);
      layout.list(image, 'r.io/web:1');
      const path = { 'index.json': which, layer: `blobs/sha256/${sha256(RAW)}` }[which];
      const pointer = path ?? `blobs/sha256/${image.digest.slice(7)}`;
      const entries = layout
        .entries()
        .map((entry) => (entry.path === pointer ? { ...entry, bytes: Buffer.from(LFS) } : entry));
      const sentence = await refusal(place, [await writeDirectory(place, entries, which)]);
      expect(sentence).toContain('Git LFS');
      expect(sentence).toContain('git lfs pull');
    }
  });

  test('a layer of a docker-archive that is compressed with xz', async () => {
    const entries = dockerArchive('web:1', [RAW]).map((entry) =>
      entry.path.endsWith('.tar') ? { ...entry, bytes: beginning('fd377a585a0000') } : entry,
    );
    const sentence = await refusal(place, [await writeTar(place, entries)]);
    expect(sentence).toContain('compressed with xz');
  });
});

describe('archives of something else', () => {
  const FILES: Entry[] = ['bin/sh', 'etc/passwd', 'usr/lib/x', 'var/x'].map((path) => ({
    path,
    bytes: Buffer.from('x'),
  }));

  test.each<[string, Entry[]]>([
    ['docker export', [{ path: '.dockerenv' }, ...FILES]],
    ['docker export of an image from scratch', [{ path: '.dockerenv' }, { path: 'app' }]],
    ['podman export', FILES],
    [
      'with absolute links',
      [{ path: 'bin/sh', type: 'SymbolicLink', linkpath: '/bin/busybox' }, ...FILES],
    ],
    ['with devices', [{ path: 'dev/console', type: 'CharacterDevice' }, ...FILES]],
    ['below ./', FILES.map((entry) => ({ ...entry, path: `./${entry.path}` }))],
  ])('the files of a container: %s', async (_, entries) => {
    const archive = await writeTar(place, entries);
    await writeFile(`${archive}.gz`, gzipSync(tarOf(entries)));
    for (const source of [archive, `${archive}.gz`]) {
      const sentence = await refusal(place, [source]);
      expect(sentence).toContain('docker export');
      expect(sentence).toContain('docker save');
    }
  });

  test('a layout or a docker-archive that was packed with its folder', async () => {
    const layout = new Layout();
    layout.list(layout.image([PLAIN]), 'r.io/web:1');
    const below = (entries: readonly Entry[]) =>
      entries.map((entry) => ({ ...entry, path: `dist/web/${entry.path}` }));
    const archive = await writeTar(place, below(layout.entries()));
    const sentence = await refusal(place, [archive]);
    expect(sentence).toContain('index.json in dist/web');
    expect(sentence).toContain('tar -C dist/web -cf');
    const other = await writeTar(place, below(dockerArchive('web:1', [RAW])), 'other.tar');
    expect(await refusal(place, [other])).toContain('manifest.json in dist/web');
    const directory = await writeDirectory(place, below(layout.entries()), 'out');
    expect(await refusal(place, [join(directory, 'dist')])).toContain(`give ${directory}/dist/web`);
  });

  test('archives inside an archive or a directory', async () => {
    const inside = [{ path: 'web.tar', bytes: tarOf(dockerArchive('web:1', [RAW])) }];
    const sentence = await refusal(place, [await writeTar(place, inside, 'all.tgz')]);
    expect(sentence).toMatch(/holds no image but .*web\.tar/);
    const page = { path: 'page/manifest.json', bytes: Buffer.from('{}') };
    const directory = await writeDirectory(place, [page, ...inside], 'artifact');
    expect(await refusal(place, [directory])).toContain(`give ${directory}/web.tar`);
  });

  test('nothing at all, and a layout that lost its index.json', async () => {
    await mkdir(join(place, 'nothing'));
    for (const source of [await writeTar(place, []), join(place, 'nothing')]) {
      expect(await refusal(place, [source])).toMatch(/holds no image: it is empty/);
    }
    const layout = new Layout();
    layout.list(layout.image([PLAIN]), 'r.io/web:1');
    const entries = layout.entries().filter(({ path }) => path !== 'index.json');
    expect(await refusal(place, [await writeTar(place, entries)])).toMatch(
      /blobs but no index\.json/,
    );
  });

  test('a sparse layout, which has no layers (rules_img)', async () => {
    const entries: Entry[] = [
      { path: 'sparse-oci-layout', bytes: Buffer.from('{}') },
      { path: 'root.descriptor.json', bytes: Buffer.from('{}') },
    ];
    for (const source of [await writeTar(place, entries), await writeDirectory(place, entries)])
      expect(await refusal(place, [source])).toContain('sparse');
  });

  test('a tar with holes, as GNU tar --sparse writes it in both of its formats', async () => {
    const layout = new Layout();
    layout.list(layout.image([PLAIN]), 'r.io/web:1');
    const old = tarOf(layout.entries());
    old.write('S', 156);
    sealHeader(old);
    await writeFile(join(place, 'old.tar'), old);
    expect(await refusal(place, [join(place, 'old.tar')])).toContain('--sparse');
    const entries = layout.entries().map((entry, index) =>
      index > 0
        ? entry
        : {
            ...entry,
            path: `GNUSparseFile.1/${entry.path}`,
            pax: { 'GNU.sparse.major': '1', 'GNU.sparse.name': entry.path },
          },
    );
    expect(await refusal(place, [await writeTar(place, entries)])).toContain('--sparse');
  });
});
