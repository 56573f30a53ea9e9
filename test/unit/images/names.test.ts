import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseReference } from '../../../src/images/reference.js';
import {
  dockerArchive,
  drain,
  type Entry,
  LAYER,
  Layout,
  layerOf,
  read,
  refusal,
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

/** 255 bytes, the most that one part of a path may have on Linux, with an ending. */
function longest(letter: string, ending = ''): string {
  const count = Math.floor((255 - ending.length) / Buffer.byteLength(letter));
  const stem = letter.repeat(count);
  return `${stem}${'x'.repeat(255 - ending.length - Buffer.byteLength(stem))}${ending}`;
}

const NAMES = [
  ['an umlaut', 'größe', 'gr-e'],
  ['an umlaut of two characters', 'größe'.normalize('NFD'), 'gro-e'],
  ['Chinese', '漢字', 'image'],
  ['an emoji of several code points', '👩‍🚀🐳', 'image'],
  ['spaces', 'my web  app', 'my-web-app'],
] as const;

async function onlyImage(line: string) {
  const set = await read(place, [line]);
  await drain(set);
  await set.close();
  expect(set.images).toHaveLength(1);
  return set.images[0];
}

describe('paths in the input', () => {
  test.each(NAMES)('%s', async (_, name, image) => {
    const directory = join(place, name);
    await mkdir(directory);
    const archive = await writeTar(directory, dockerArchive(null, [RAW]), `${name}.tar`);
    const layout = new Layout();
    const raw = { stored: RAW, raw: RAW, mediaType: LAYER };
    await writeDirectory(directory, layout.list(layout.image([raw]), '1').entries(), name);
    for (const [line, tag] of [
      [archive, undefined],
      [`docker-archive:${archive}`, undefined],
      [join(directory, name), '1'],
      [`oci:${join(directory, name)}:1`, '1'],
      [`${directory}/*.tar`, undefined],
    ] as const) {
      const found = await onlyImage(line);
      expect([line, found?.name, found?.tag]).toEqual([line, `docker.io/library/${image}`, tag]);
    }
    expect((await onlyImage(`${archive} as r.io/web:2`))?.name).toBe('r.io/web');
  });

  test.each(['n', 'ü', '漢', '🐳'])(
    'parts of 255 bytes of %s, deeper than 255 in all',
    async (letter) => {
      const directory = join(place, longest(letter), longest(letter));
      await mkdir(directory, { recursive: true });
      const archive = await writeTar(
        directory,
        dockerArchive(null, [RAW]),
        longest(letter, '.tar'),
      );
      const name = (await onlyImage(archive))?.name ?? '';
      // What it is called has to be a reference, too, and those are shorter than paths.
      expect(parseReference(name).name).toBe(name);
    },
  );

  test('a part of 256 bytes, and a path of more than 4096, are told', async () => {
    for (const path of [`${place}/${'n'.repeat(252)}.tar`, `${place}${'/ü'.repeat(2000)}.tar`]) {
      expect(await refusal(place, [path])).toContain('The path');
    }
  });

  test('the wrong normal form is another file', async () => {
    const archive = await writeTar(place, dockerArchive(null, [RAW]), 'größe.tar');
    expect(await refusal(place, [archive.normalize('NFD')])).toContain('There is no file');
  });
});

test.each(['größe/web:1', '漢字', 'web:größe', '🐳', 'web\u0000', 'docker-daemon:größe'])(
  'the reference %s is refused before a daemon is asked',
  async (line) => {
    const environment = { DOCKER_HOST: 'unix:///nowhere' };
    expect(await refusal(place, [line], { environment })).toContain('is not an image reference');
  },
);

describe('names inside an archive', () => {
  /** A docker-archive whose one layer lies at a path, as several tools write it. */
  function withLayerAt(path: string, how: Partial<Entry>): Entry[] {
    const entries = dockerArchive('web:1', [RAW]);
    const table = JSON.parse((entries.at(-1)?.bytes ?? '').toString());
    table[0].Layers = [path];
    return entries.map((entry) => {
      if (entry.path === `${sha256(RAW)}.tar`) return { ...entry, path, ...how };
      if (entry.path !== 'manifest.json') return entry;
      return { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(table)) };
    });
  }

  const PATHS = [
    ...NAMES.map(([what, name]) => [what, `${name}/layer.tar`] as const),
    ['101 bytes', 'n'.repeat(101)],
    ['255 bytes', longest('n')],
    ['255 bytes of umlauts', `${longest('ü')}/layer.tar`],
    ['three parts of 255 bytes', `${longest('漢')}/${longest('🐳')}/${longest('n')}`],
    ['only digits', '1234567890'.repeat(12)],
  ] as const;

  test.each(PATHS)('%s, in a pax header, a GNU one, and compressed', async (_, path) => {
    for (const how of [{}, { longNames: 'gnu' }, { pax: { path } }] as const) {
      const entries = withLayerAt(path, how);
      const archive = await writeTar(place, entries);
      await writeFile(`${archive}.gz`, gzipSync(tarOf(entries)));
      for (const source of [archive, `${archive}.gz`])
        expect((await onlyImage(source))?.blobs).toHaveLength(2);
    }
  });

  test('the name of a pax header stands alone, whatever the old fields say (bsdtar)', async () => {
    const path = `${longest('ü')}/layer.tar`;
    const archive = await writeTar(place, withLayerAt(path, { prefix: dirname('old/one') }));
    expect((await onlyImage(archive))?.blobs).toHaveLength(2);
  });
});
