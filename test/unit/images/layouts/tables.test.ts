import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  configOf,
  dockerArchive,
  type Entry,
  INDEX,
  LAYER,
  Layout,
  layerOf,
  read,
  refusal,
  sha256,
  workplace,
  writeDirectory,
  writeTar,
} from '../fixtures.js';
import { ARM, imageOf, only, PLAIN, RAW, readAll } from './helpers.js';

let place = '';
beforeEach(async () => {
  place = await workplace();
});

/** apko's tar: a docker-archive with manifests and the image's index behind it, all at the top. */
function apkoArchive(architectures: readonly string[]): Entry[] {
  const layout = new Layout();
  const table: object[] = [];
  const entries: Entry[] = [];
  const listed: object[] = [];
  for (const architecture of architectures) {
    const raw = layerOf('arch', architecture);
    const config = configOf([raw], { os: 'linux', architecture });
    const stored = gzipSync(raw);
    const manifest = layout.image([{ stored, raw, mediaType: `${LAYER}+gzip` }], {
      platform: { os: 'linux', architecture },
    });
    table.push({
      Config: `sha256:${sha256(config)}`,
      RepoTags: [`index.docker.io/library/web:ci-${architecture}`],
      Layers: [`${sha256(stored)}.tar.gz`],
    });
    entries.push({ path: `sha256:${sha256(config)}`, bytes: config });
    entries.push({ path: `${sha256(stored)}.tar.gz`, bytes: stored });
    const path = `blobs/sha256/${manifest.digest.slice(7)}`;
    entries.push({ path: manifest.digest, bytes: layout.files.get(path) as Buffer });
    listed.push(manifest);
  }
  const index = { schemaVersion: 2, mediaType: INDEX, manifests: listed };
  return [
    ...entries,
    { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(table)) },
    { path: 'index.json', bytes: Buffer.from(JSON.stringify(index)) },
  ];
}

describe('a docker-archive beside an index.json without its blobs (apko)', () => {
  test('is read by its manifest.json, named as docker-archive or not', async () => {
    const archive = await writeTar(place, apkoArchive(['amd64']));
    for (const line of [
      archive,
      `docker-archive:${archive}`,
      `docker-archive:${archive}:web:ci-amd64`,
    ]) {
      const { image } = await only(place, line);
      expect(image).toMatchObject({
        name: 'docker.io/library/web',
        tag: 'ci-amd64',
        digestKept: false,
      });
    }
  });

  test('so is one whose layout has lost its manifests, though it says that it is a layout', async () => {
    const layout = new Layout();
    const image = layout.image([PLAIN]);
    layout.list(image, 'r.io/web:1').remove(image);
    const { image: found } = await only(
      place,
      await writeTar(place, [...layout.entries(), ...dockerArchive('web:1', [RAW])]),
    );
    expect(found.digestKept).toBe(false);
  });

  test('whatever else that index.json is', async () => {
    for (const text of ['<html>', '{}', '[]', '{"manifests":[{"digest":"md5:0"}]}']) {
      const index = { path: 'index.json', bytes: Buffer.from(text) };
      const archive = await writeTar(place, [...dockerArchive('web:1', [RAW]), index]);
      expect((await only(place, archive)).image.tag).toBe('1');
    }
  });

  test('of two architectures each node gets its own, and the log says what is left out', async () => {
    const archive = await writeTar(place, apkoArchive(['amd64', 'arm64']));
    const { image, notices } = await only(place, archive);
    expect(image).toMatchObject({ tag: 'ci-amd64', platforms: ['linux/amd64'], warnings: [] });
    expect(notices).toEqual([expect.stringMatching(/web:ci-arm64 .*linux\/arm64.* is left out/)]);
    const both = await readAll(place, archive, ['linux/amd64', 'linux/arm64']);
    expect(both.images.map(({ tag, platforms, warnings }) => [tag, platforms, warnings])).toEqual([
      ['ci-amd64', ['linux/amd64'], []],
      ['ci-arm64', ['linux/arm64'], []],
    ]);
    expect(both.images.map(({ elsewhere }) => elsewhere)).toEqual([
      ['linux/arm64'],
      ['linux/amd64'],
    ]);
    expect((await only(place, `docker-archive:${archive}:web:ci-amd64`)).image.tag).toBe(
      'ci-amd64',
    );
    expect(await refusal(place, [archive], { platforms: ['linux/s390x'] })).toContain(
      'not for linux/s390x',
    );
  });

  test.each([
    ['web:amd64', 'web:arm64'],
    ['web:1-x86_64', 'web:1-aarch64'],
    ['web-amd64:1', 'web-arm64:1'],
    ['amd64/web:1', 'arm64v8/web:1'],
  ])('so of others whose names differ in the architecture alone: %s, %s', async (one, other) => {
    const layout = new Layout();
    layout.list(imageOf(layout, 'one'), one).list(imageOf(layout, 'other', ARM), other);
    const directory = await writeDirectory(place, layout.entries());
    const { image, notices } = await only(place, directory);
    expect(image.platforms).toEqual(['linux/amd64']);
    expect(notices).toHaveLength(1);
    const both = await readAll(place, directory, ['linux/amd64', 'linux/arm64']);
    expect(both.images.map(({ platforms }) => platforms)).toEqual([
      ['linux/amd64'],
      ['linux/arm64'],
    ]);
    expect(await refusal(place, [directory], { platforms: ['linux/s390x'] })).toContain(
      'not for linux/s390x',
    );
  });

  test('so of several files and lines, of which none is left out', async () => {
    const of = async (architecture: string) => {
      const config = configOf([RAW], { os: 'linux', architecture });
      const path = `${architecture}.tar`;
      const entries = dockerArchive(`web:ci-${architecture}`, [RAW], config);
      return await writeTar(place, entries, path);
    };
    const [amd, arm] = [await of('amd64'), await of('arm64')];
    const whole = await writeTar(place, apkoArchive(['amd64', 'arm64']), 'apko.tar');
    const single = ['amd64', 'arm64'].map((of) => `docker-archive:${whole}:web:ci-${of}`);
    const both = ['linux/amd64', 'linux/arm64'];
    for (const lines of [[amd, arm], [`${amd} as shop:amd64`, `${arm} as shop:arm64`], single]) {
      const set = await read(place, lines, { platforms: both });
      await set.close();
      expect(set.images.map(({ platforms, warnings }) => [platforms, warnings])).toEqual([
        [['linux/amd64'], []],
        [['linux/arm64'], []],
      ]);
      expect(await refusal(place, lines)).toContain('is for linux/arm64 and not for linux/amd64');
    }
    expect(
      await refusal(place, [`${amd} as shop:amd64`, `${arm} as other:arm64`], { platforms: both }),
    ).toContain('is for linux/amd64 and not for linux/arm64');
  });

  test('an image of another name and architecture beside it is still an error', async () => {
    const arm = dockerArchive('tool:1', [RAW], configOf([RAW], ARM));
    const one = dockerArchive('web:1', [RAW]);
    const table = [one, arm].flatMap((entries) =>
      JSON.parse((entries.at(-1)?.bytes ?? '').toString()),
    );
    const entries = [
      ...one.slice(0, -1),
      ...arm.slice(0, -1),
      { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(table)) },
    ];
    expect(await refusal(place, [await writeTar(place, entries)])).toContain(
      'is for linux/arm64 and not for linux/amd64',
    );
  });
});

const GZIP = { stored: gzipSync(RAW), raw: RAW, mediaType: `${LAYER}+gzip` };

describe('a manifest.json beside a whole layout', () => {
  const archiveOf = async (layer: typeof PLAIN, more: { name?: string; sources?: object }) => {
    const layout = new Layout();
    const image = layout.image([layer]);
    layout.list(image, more.name ?? 'r.io/web:1');
    const digest = `sha256:${sha256(layer.stored)}`;
    const source = { mediaType: layer.mediaType, digest, size: layer.stored.length };
    const table = {
      Config: `blobs/sha256/${sha256(configOf([RAW]))}`,
      RepoTags: ['r.io/web:1'],
      Layers: [`blobs/sha256/${sha256(layer.stored)}`],
      LayerSources: more.sources ?? { [digest]: source },
    };
    const entries = [
      ...layout.entries(),
      { path: 'manifest.json', bytes: Buffer.from(JSON.stringify([table])) },
    ];
    return { digest: image.digest, archive: await writeTar(place, entries) };
  };

  test.each([
    ['compressed', GZIP],
    ['plain', PLAIN],
  ])('regctl image export of one platform keeps the digest: %s layers', async (_, layer) => {
    const { digest, archive } = await archiveOf(layer, {});
    for (const line of [archive, `docker-archive:${archive}`, `oci-archive:${archive}`]) {
      const { image } = await only(place, line);
      expect(image).toMatchObject({ digestKept: true, target: { digest } });
    }
  });
});
