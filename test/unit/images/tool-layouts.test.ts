import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  CONFIG,
  configOf,
  dockerArchive,
  drain,
  type Entry,
  INDEX,
  LAYER,
  Layout,
  layerOf,
  MANIFEST,
  read,
  refusal,
  sha256,
  type TestDescriptor,
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
const GZIP = { stored: gzipSync(RAW), raw: RAW, mediaType: `${LAYER}+gzip` };
const AMD = { os: 'linux', architecture: 'amd64' };
const ARM = { os: 'linux', architecture: 'arm64' };

/** What a line gives, each image as `name:tag digest`, and the lines for the log. */
async function readAll(line: string, platforms = ['linux/amd64']) {
  const notices: string[] = [];
  const set = await read(place, [line], { platforms, onNotice: (text) => notices.push(text) });
  await drain(set);
  await set.close();
  return { images: set.images, notices };
}

async function only(line: string, platforms = ['linux/amd64']) {
  const { images, notices } = await readAll(line, platforms);
  expect(images).toHaveLength(1);
  return { image: images[0] as (typeof images)[0], notices };
}

/** An image with layers of its own, so that its digest is its own too. */
function imageOf(layout: Layout, text: string, platform = AMD): TestDescriptor {
  const raw = layerOf('own', text);
  return layout.image([{ stored: raw, raw, mediaType: LAYER }], { platform });
}

function without<T extends object>(descriptor: T, member: string): T {
  const { [member]: _, ...rest } = descriptor as Record<string, unknown>;
  return rest as T;
}

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
      const { image } = await only(line);
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
      await writeTar(place, [...layout.entries(), ...dockerArchive('web:1', [RAW])]),
    );
    expect(found.digestKept).toBe(false);
  });

  test('of two architectures each node gets its own, and the log says what is left out', async () => {
    const archive = await writeTar(place, apkoArchive(['amd64', 'arm64']));
    const { image, notices } = await only(archive);
    expect(image).toMatchObject({ tag: 'ci-amd64', platforms: ['linux/amd64'], warnings: [] });
    expect(notices).toEqual([expect.stringMatching(/web:ci-arm64 .*linux\/arm64.* is left out/)]);
    const both = await readAll(archive, ['linux/amd64', 'linux/arm64']);
    expect(both.images.map(({ tag, platforms, warnings }) => [tag, platforms, warnings])).toEqual([
      ['ci-amd64', ['linux/amd64'], []],
      ['ci-arm64', ['linux/arm64'], []],
    ]);
    expect((await only(`docker-archive:${archive}:web:ci-amd64`)).image.tag).toBe('ci-amd64');
    expect(await refusal(place, [archive], { platforms: ['linux/s390x'] })).toContain(
      'not for linux/s390x',
    );
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

describe('an index.json that is the index of the image itself', () => {
  test.each([
    ['without a name (apko, rules_img)', undefined],
    ['under one name', 'r.io/web:1'],
  ])('%s', async (_, name) => {
    const layout = new Layout();
    layout.list(imageOf(layout, 'amd', AMD), name).list(imageOf(layout, 'arm', ARM), name);
    const entries = layout.entries();
    const digest = `sha256:${sha256(entries.at(-1)?.bytes as Buffer)}`;
    for (const source of [
      await writeTar(place, entries),
      await writeDirectory(place, entries, 'web'),
    ]) {
      const { image, notices } = await only(source);
      expect(notices).toEqual([]);
      expect(image).toMatchObject({
        name: name === undefined ? 'docker.io/library/web' : 'r.io/web',
        digestKept: true,
        target: { digest, mediaType: INDEX },
        platforms: ['linux/amd64'],
      });
      expect(image.manifests.map((manifest) => manifest.digest)).toEqual([
        digest,
        layout.listed[0]?.digest,
      ]);
      expect(image.manifests[0]?.bytes).toEqual(entries.at(-1)?.bytes);
      expect((await only(source, ['linux/amd64', 'linux/arm64'])).image.blobs).toHaveLength(4);
    }
    expect(
      await refusal(place, [await writeTar(place, entries)], { platforms: ['linux/s390x'] }),
    ).toContain('not for linux/s390x');
  });

  test('variants of one architecture are different platforms', async () => {
    const layout = new Layout();
    for (const variant of ['v6', 'v7'])
      layout.list(imageOf(layout, variant, { os: 'linux', architecture: 'arm', variant } as never));
    const { image } = await only(await writeTar(place, layout.entries()), ['linux/arm']);
    expect(image.manifests).toHaveLength(3);
  });

  test('one entry with a platform stays what it is', async () => {
    const layout = new Layout();
    const image = imageOf(layout, 'one');
    const { image: found } = await only(await writeTar(place, layout.list(image).entries()));
    expect(found.target.digest).toBe(image.digest);
  });

  test('with a platform that the source lacks', async () => {
    const layout = new Layout();
    const arm = imageOf(layout, 'arm', ARM);
    layout
      .list(imageOf(layout, 'amd', AMD))
      .list(arm)
      .remove(arm);
    const archive = await writeTar(place, layout.entries());
    expect((await only(archive)).image.platforms).toEqual(['linux/amd64']);
    expect(await refusal(place, [archive], { platforms: ['linux/arm64'] })).toContain(
      'lists linux/arm64 but the source does not hold its content',
    );
  });
});

describe('a layout that was written to again', () => {
  test('entries that lost their name are left out with a line of the log (skopeo, podman)', async () => {
    const layout = new Layout();
    const old = [imageOf(layout, 'first'), imageOf(layout, 'second')];
    const newest = imageOf(layout, 'third');
    for (const image of old) layout.list(without(image, 'platform'));
    layout.list(without(newest, 'platform'), 'acme/web:ci');
    const directory = await writeDirectory(place, layout.entries());
    const { image, notices } = await only(directory);
    expect(image).toMatchObject({ name: 'docker.io/acme/web', target: { digest: newest.digest } });
    expect(image.blobs).toHaveLength(2);
    expect(notices).toHaveLength(2);
    expect(notices[0]).toContain(old[0]?.digest);
    expect(notices[0]).toContain('is left out');
    const byDigest = await only(`oci:${directory}:${old[0]?.digest}`);
    expect(byDigest.image.target.digest).toBe(old[0]?.digest);
  });

  test('so are indexes that lost theirs', async () => {
    const layout = new Layout();
    const old = layout.index([imageOf(layout, 'old'), imageOf(layout, 'old arm', ARM)]);
    const newest = layout.index([imageOf(layout, 'new'), imageOf(layout, 'new arm', ARM)]);
    layout.list(old).list(newest, '1');
    const { image } = await only(await writeDirectory(place, layout.entries()));
    expect(image.target.digest).toBe(newest.digest);
  });

  test('in an archive that docker save wrote, an image saved by ID stays', async () => {
    const layout = new Layout();
    const byId = imageOf(layout, 'by id');
    layout.list(imageOf(layout, 'named'), 'r.io/web:1').list(byId);
    const table = Buffer.from(JSON.stringify([{ Config: 'nothing', RepoTags: null, Layers: [] }]));
    const archive = await writeTar(place, [
      ...layout.entries(),
      { path: 'manifest.json', bytes: table },
    ]);
    const { images, notices } = await readAll(archive);
    expect(images.map(({ target }) => target.digest)).toContain(byId.digest);
    expect(notices).toEqual([]);
  });

  test('two builds without a name are told apart by when they were made (BuildKit)', async () => {
    const times = ['2026-11-26T08:00:00Z', '2026-11-27T09:30:00Z'];
    for (const where of ['annotation', 'config'] as const) {
      const layout = new Layout();
      const listed = times.map((created) => {
        if (where === 'annotation') {
          const annotations = { 'org.opencontainers.image.created': created };
          return { ...imageOf(layout, created), annotations };
        }
        const raw = JSON.parse(configOf([RAW]).toString());
        const config = layout.json({ ...raw, created }, CONFIG);
        const layers = [layout.blob(RAW, LAYER)];
        return layout.json({ schemaVersion: 2, mediaType: MANIFEST, config, layers }, MANIFEST);
      });
      layout.listed.push(...listed);
      const directory = await writeDirectory(place, layout.entries(), where);
      const sentence = await refusal(place, [directory]);
      expect(sentence).toContain('2 images without a name');
      for (const time of times) expect(sentence).toContain(time);
      const digest = listed[1]?.digest as string;
      expect(sentence).toContain(digest);
      expect((await only(`oci:${directory}:${digest}`)).image.target.digest).toBe(digest);
    }
  });
});

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
      const { image } = await only(line);
      expect(image).toMatchObject({ digestKept: true, target: { digest } });
    }
  });
});

describe('platforms', () => {
  test.each([
    ['another', { os: 'windows', architecture: 's390x' }],
    ['none that is known', { os: 'unknown', architecture: 'unknown' }],
    ['no', undefined],
  ])("index.json says %s platform: the config's counts", async (_, platform) => {
    for (const name of ['r.io/web:1', undefined]) {
      const layout = new Layout();
      layout.list({ ...imageOf(layout, 'one'), platform }, name);
      const archive = await writeTar(place, layout.entries());
      expect((await only(archive)).image.platforms).toEqual(['linux/amd64']);
      expect(await refusal(place, [archive], { platforms: ['linux/s390x'] })).toContain(
        'is for linux/amd64 and not for linux/s390x',
      );
    }
  });

  test('index.json says the right one while the config is for another', async () => {
    const layout = new Layout();
    layout.list({ ...imageOf(layout, 'arm', ARM), platform: AMD }, 'r.io/web:1');
    expect(await refusal(place, [await writeTar(place, layout.entries())])).toContain(
      'is for linux/arm64 and not for linux/amd64',
    );
  });

  test('what a sparse index lacks is to be fetched, not built', async () => {
    const layout = new Layout();
    const arm = imageOf(layout, 'arm', ARM);
    layout.list(layout.index([imageOf(layout, 'amd'), arm]), 'r.io/web:1').remove(arm);
    const archive = await writeTar(place, layout.entries());
    for (const platforms of [['linux/arm64'], ['linux/amd64', 'linux/arm64']]) {
      const sentence = await refusal(place, [archive], { platforms });
      expect(sentence).toContain('docker pull --platform linux/arm64');
      expect(sentence).not.toContain('build');
    }
    const mixed = await refusal(place, [archive], { platforms: ['linux/arm64', 'linux/s390x'] });
    expect(mixed).toContain('docker pull --platform linux/arm64');
    expect(mixed).toContain('build it for linux/s390x');
  });
});

describe('an image whose content is missing', () => {
  const incomplete = (missing: 'config' | 'layers', manifest = true) => {
    const layout = new Layout();
    const image = layout.image([PLAIN]);
    const path = `blobs/sha256/${image.digest.slice(7)}`;
    const parsed = JSON.parse((layout.files.get(path) ?? '').toString());
    layout.list(image, 'r.io/web:1');
    layout.remove(missing === 'config' ? parsed.config : parsed.layers[0]);
    if (!manifest) layout.remove(image);
    const table = {
      Config: `blobs/sha256/${sha256(configOf([RAW]))}`,
      RepoTags: ['r.io/web:1'],
      Layers: [`blobs/sha256/${sha256(RAW)}`],
    };
    return {
      layout,
      table: { path: 'manifest.json', bytes: Buffer.from(JSON.stringify([table])) },
    };
  };

  test.each(['config', 'layers'] as const)(
    'as Docker 29 saves what it had unpacked before: %s',
    async (missing) => {
      for (const manifest of [true, false]) {
        const { layout, table } = incomplete(missing, manifest);
        const archive = await writeTar(place, [...layout.entries(), table]);
        for (const line of [archive, `docker-archive:${archive}`]) {
          const sentence = await refusal(place, [line]);
          expect(sentence).toMatch(/is incomplete: .* is missing/);
          expect(sentence).toContain('docker pull');
        }
      }
    },
  );

  test('as other tools leave layers out: Docker is not to blame (pack --sparse)', async () => {
    const { layout } = incomplete('layers');
    const sentence = await refusal(place, [await writeDirectory(place, layout.entries())]);
    expect(sentence).toMatch(/is incomplete: .* is missing/);
    expect(sentence).not.toContain('docker');
  });
});
