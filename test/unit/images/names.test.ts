import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { familiarName, parseReference } from '../../../src/images/reference.js';
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

describe('which image of an archive is meant', () => {
  /** A docker-archive of several images, each with a layer of its own. */
  function several(names: readonly string[]): Entry[] {
    const archives = names.map((name) => dockerArchive(name, [layerOf('own', name)]));
    const table = archives.flatMap((entries) =>
      JSON.parse((entries.at(-1)?.bytes ?? '').toString()),
    );
    return [
      ...archives.flatMap((entries) => entries.slice(0, -1)),
      { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(table)) },
    ];
  }

  test.each([
    ['web', 'docker.io/library/web', 'latest'],
    ['docker.io/library/web', 'docker.io/library/web', 'latest'],
    ['r.io/api', 'r.io/api', 'latest'],
    ['r.io/api:latest', 'r.io/api', 'latest'],
    ['web:1', 'docker.io/library/web', '1'],
    ['1', 'docker.io/library/web', '1'],
  ])('%s', async (which, name, tag) => {
    const archive = await writeTar(place, several(['web:latest', 'web:1', 'r.io/api:latest']));
    expect(await onlyImage(`docker-archive:${archive}:${which}`)).toMatchObject({ name, tag });
    expect(await onlyImage(`oci-archive:${archive}:${which}`)).toMatchObject({ name, tag });
  });

  test('a name goes before a tag in a docker-archive, a tag before a name in a layout', async () => {
    const archive = await writeTar(place, several(['web:latest', 'api:web']));
    expect((await onlyImage(`docker-archive:${archive}:web`))?.tag).toBe('latest');
    expect((await onlyImage(`oci-archive:${archive}:web`))?.tag).toBe('web');
  });

  test('a name without its latest is not another tag of it', async () => {
    const archive = await writeTar(place, several(['web:1', 'api:2']));
    expect(await refusal(place, [`docker-archive:${archive}:web`])).toContain(
      'holds no image "web", only web:1, api:2',
    );
  });

  test('a digest behind a name has to be right', async () => {
    const layout = new Layout();
    const image = layout.image([{ stored: RAW, raw: RAW, mediaType: LAYER }]);
    const archive = await writeTar(place, layout.list(image, 'r.io/web:1').entries());
    for (const which of [`r.io/web@${image.digest}`, `r.io/web:1@${image.digest}`, image.digest])
      expect((await onlyImage(`oci-archive:${archive}:${which}`))?.tag).toBe('1');
    const wrong = `r.io/web@sha256:${'0'.repeat(64)}`;
    expect(await refusal(place, [`oci-archive:${archive}:${wrong}`])).toContain('holds no image');
  });

  test('two digests of one repository are two images, and neither is its latest', async () => {
    const layout = new Layout();
    const digests = ['one', 'two'].map((text) => {
      const raw = layerOf('own', text);
      const image = layout.image([{ stored: raw, raw, mediaType: LAYER }]);
      layout.list(image, `r.io/web@${image.digest}`);
      return image.digest;
    });
    const archive = await writeTar(place, layout.entries());
    const { images } = await read(place, [archive]);
    expect(images.map(({ target }) => target.digest)).toEqual(digests);
    expect(images.map(familiarName)).toEqual(digests.map((digest) => `r.io/web@${digest}`));
    for (const digest of digests) {
      const [one] = (await read(place, [`docker-archive:${archive}:r.io/web@${digest}`])).images;
      expect(one?.target.digest).toBe(digest);
    }
    expect(await refusal(place, [`docker-archive:${archive}:r.io/web`])).toContain(
      'holds no image "r.io/web"',
    );
  });

  test('an image ID in the place of a name is none (ctr)', async () => {
    const layout = new Layout();
    const image = layout.image([{ stored: RAW, raw: RAW, mediaType: LAYER }]);
    layout.list(image, `sha256:${'0'.repeat(64)}`);
    const alone = await writeTar(place, layout.entries());
    expect(await onlyImage(alone)).toMatchObject({ name: 'docker.io/library/web' });
    layout.list(image, 'r.io/api:1');
    const both = await writeTar(place, layout.entries());
    expect(await onlyImage(both)).toMatchObject({ name: 'r.io/api', tag: '1' });
  });

  test('two files whose images go by one name are named as files', async () => {
    const directories = ['one', 'two'].map((name) => join(place, name));
    const paths: string[] = [];
    for (const directory of directories) {
      await mkdir(directory);
      paths.push(
        await writeTar(directory, dockerArchive('acme/web:1', [layerOf('own', directory)])),
      );
    }
    for (const lines of [[`${place}/*/web.tar`], paths]) {
      const sentence = await refusal(place, lines);
      for (const path of paths) expect(sentence).toContain(path);
      expect(sentence).toContain('two different images under the name docker.io/acme/web:1');
    }
    const unnamed: string[] = [];
    for (const directory of directories)
      unnamed.push(
        await writeTar(directory, dockerArchive(null, [layerOf('own', directory)]), 'api.tar'),
      );
    const sentence = await refusal(place, [`${place}/*/api.tar`]);
    for (const path of unnamed) expect(sentence).toContain(path);
  });
});

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
