import { randomBytes } from 'node:crypto';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseCompression } from '../../../src/images/bytes/compression.js';
import { Verification } from '../../../src/images/verification.js';
import { COMPRESSION_BLOCK_BYTES } from '../../../src/lib/limits/images.js';
import { until } from '../../cluster/until.js';
import {
  CONFIG,
  configOf,
  dockerArchive,
  drain,
  type Entry,
  LAYER,
  Layout,
  layerOf,
  MANIFEST,
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
const PLAIN = { stored: RAW, raw: RAW, mediaType: LAYER };
const ARM = { os: 'linux', architecture: 'arm64', variant: 'v8' };

async function only(lines: readonly string[], options = {}) {
  const set = await read(place, lines, options);
  await drain(set);
  expect(set.images).toHaveLength(1);
  const image = set.images[0];
  if (image === undefined) throw new Error('no image');
  return { set, image, manifest: JSON.parse((image.manifests[0]?.bytes ?? '').toString()) };
}

describe('docker-archives', () => {
  test('layers are compressed with zstd, the config is kept, and the temporary copy goes with close', async () => {
    const raw = Buffer.concat([layerOf('a', 'x'.repeat(2 * COMPRESSION_BLOCK_BYTES + 5))]);
    const archive = await writeTar(place, dockerArchive('ghcr.io/acme/web:1', [raw]));
    const { set, image, manifest } = await only([archive]);
    const sizes = image.blobs.map(({ sourceSize }) => sourceSize);
    expect(sizes.toSorted()).toEqual([raw.length, undefined]);
    expect(image).toMatchObject({
      name: 'ghcr.io/acme/web',
      tag: '1',
      digestKept: false,
      platforms: ['linux/amd64'],
    });
    expect(manifest.config).toMatchObject({
      mediaType: CONFIG,
      digest: `sha256:${sha256(configOf([raw]))}`,
    });
    expect(manifest.layers[0].mediaType).toBe(`${LAYER}+zstd`);
    const chunks: Buffer[] = [];
    for await (const chunk of image.blobs[1]?.open() ?? []) chunks.push(chunk as Buffer);
    expect(await readdir(join(place, 'temporary'))).toHaveLength(1);
    await set.close();
    expect(await readdir(join(place, 'temporary'))).toEqual([]);
    // Node unfolds one frame at a time; there are three.
    expect(Buffer.concat(chunks).subarray(0, 4)).toEqual(zstdCompressSync('').subarray(0, 4));
    expect(() => zstdDecompressSync(Buffer.concat(chunks))).not.toThrow();
  });

  test('the same bytes and level give the same digests, in place and through a stream', async () => {
    const entries = dockerArchive('web:1', [
      layerOf('a', 'y'.repeat(COMPRESSION_BLOCK_BYTES * 3)),
      RAW,
    ]);
    const digests: string[] = [];
    await writeFile(join(place, 'web.tar.gz'), gzipSync(tarOf(entries)));
    await writeFile(join(place, 'web.tar.zst'), zstdCompressSync(tarOf(entries)));
    const archive = await writeTar(place, entries);
    for (const source of [archive, archive, `${archive}.gz`, `${archive}.zst`]) {
      const { set, image } = await only([source]);
      digests.push(image.target.digest);
      await set.close();
    }
    expect(new Set(digests).size).toBe(1);
  });

  test.each([
    ['gzip', `${LAYER}+gzip`],
    ['none', LAYER],
    ['zstd:19', `${LAYER}+zstd`],
  ])('compression %s', async (compression, mediaType) => {
    const entries = dockerArchive('web:1', [RAW]);
    await writeFile(join(place, 'web.tar.gz'), gzipSync(tarOf(entries)));
    for (const source of [await writeTar(place, entries), join(place, 'web.tar.gz')]) {
      const { set, manifest } = await only([source], {
        compression: parseCompression(compression),
      });
      expect(manifest.layers[0].mediaType).toBe(mediaType);
      if (compression === 'none') expect(manifest.layers[0].digest).toBe(`sha256:${sha256(RAW)}`);
      await set.close();
    }
  });

  test.each(['./', './/', 'a/../'])('paths in manifest.json may begin with %s', async (start) => {
    const entries = dockerArchive('web:1', [RAW]).map((entry) => {
      if (entry.path !== 'manifest.json') return entry;
      const [{ Config, Layers, ...rest }] = JSON.parse((entry.bytes ?? '').toString());
      const inside = (path: string) => `${start}${path}`;
      const item = { ...rest, Config: inside(Config), Layers: Layers.map(inside) };
      return { ...entry, bytes: Buffer.from(JSON.stringify([item])) };
    });
    for (const source of [
      await writeTar(place, entries),
      await writeDirectory(place, entries, start.length.toString()),
    ]) {
      const { image } = await only([source]);
      expect(image.blobs).toHaveLength(2);
    }
  });

  test('layers that are compressed already are kept (crane)', async () => {
    for (const [stored, type] of [
      [gzipSync(RAW), 'gzip'],
      [zstdCompressSync(RAW), 'zstd'],
    ] as const) {
      const config = configOf([RAW]);
      const table = [
        { Config: `sha256:${sha256(config)}`, RepoTags: ['web:1'], Layers: ['layer'] },
      ];
      const entries: Entry[] = [
        { path: `sha256:${sha256(config)}`, bytes: config },
        { path: 'layer', bytes: stored },
        { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(table)) },
      ];
      const compression = () => Promise.reject(new Error('nothing is to be compressed'));
      const { manifest } = await only([await writeTar(place, entries)], { compression });
      expect(manifest.layers).toEqual([
        { mediaType: `${LAYER}+${type}`, digest: `sha256:${sha256(stored)}`, size: stored.length },
      ]);
    }
  });

  test('the digest does not depend on archives beside it that have the same layer in other bytes', async () => {
    const raw = dockerArchive('raw:1', [RAW]);
    const packed = (level: number) =>
      raw.map(({ path, bytes = Buffer.alloc(0) }) => ({
        path,
        bytes: bytes === RAW ? gzipSync(RAW, { level }) : bytes,
      }));
    const lines = [
      `${await writeTar(place, raw, 'raw.tar')} as raw:1`,
      `${await writeTar(place, packed(9), 'crane.tar')} as crane:1`,
      `${await writeTar(place, packed(0), 'jib.tar')} as jib:1`,
    ];
    const alone = new Map<string, string>();
    for (const line of lines) alone.set(line, (await only([line])).image.target.digest);
    expect(new Set(alone.values()).size).toBe(3);
    for (const order of [lines, lines.toReversed()]) {
      const { images } = await read(place, order);
      expect(images.map(({ target }) => target.digest)).toEqual(
        order.map((line) => alone.get(line)),
      );
    }
  });

  test('links that stay inside resolve, also over directories and from end to end', async () => {
    const entries = dockerArchive('web:1', [RAW]).map((entry) =>
      entry.path.endsWith('.tar') ? { ...entry, path: 'deep/real/layer.tar' } : entry,
    );
    const links: Entry[] = [
      { path: `${sha256(RAW)}.tar`, type: 'SymbolicLink', linkpath: 'one/layer.tar' },
      { path: 'one', type: 'SymbolicLink', linkpath: './two' },
      { path: 'two', type: 'SymbolicLink', linkpath: 'deep/x/../real' },
    ];
    const { image } = await only([await writeTar(place, [...links, ...entries])]);
    expect(image.blobs).toHaveLength(2);
    const hard: Entry = {
      path: `${sha256(RAW)}.tar`,
      type: 'Link',
      linkpath: 'deep/real/layer.tar',
    };
    expect((await only([await writeTar(place, [...entries, hard])])).image.blobs).toHaveLength(2);
  });

  test('no layers, an empty layer, and 127 layers', async () => {
    const none = await only([await writeTar(place, dockerArchive('web:1', []))]);
    expect(none.manifest.layers).toEqual([]);
    const empty = await only([
      await writeTar(place, dockerArchive('web:1', [Buffer.alloc(0), Buffer.alloc(1024)])),
    ]);
    expect(empty.manifest.layers).toHaveLength(2);
    const many = Array.from({ length: 127 }, (_, index) => layerOf(`f${index}`, String(index)));
    const { image, set } = await only([await writeTar(place, dockerArchive('web:1', many))]);
    expect(image.blobs).toHaveLength(128);
    await set.close();
  });

  test('a long link to a longer name, as pax and as GNU tar write it', async () => {
    const real = `${'d'.repeat(150)}/${'e'.repeat(150)}/layer.tar`;
    for (const longNames of ['pax', 'gnu'] as const) {
      const entries = dockerArchive('web:1', [RAW]).map((entry) =>
        entry.path.endsWith('.tar') ? { ...entry, path: real, longNames } : entry,
      );
      for (const type of ['SymbolicLink', 'Link'] as const) {
        const link: Entry = { path: `${sha256(RAW)}.tar`, type, linkpath: real, longNames };
        const { image } = await only([await writeTar(place, [link, ...entries])]);
        expect(image.blobs).toHaveLength(2);
      }
    }
  });

  test('a layer that comes twice is listed twice and sent once', async () => {
    const { image, manifest } = await only([
      await writeTar(place, dockerArchive('web:1', [RAW, layerOf('b', 'x'), RAW])),
    ]);
    expect(manifest.layers.map(({ digest }: { digest: string }) => digest)[2]).toBe(
      manifest.layers[0].digest,
    );
    expect(image.blobs).toHaveLength(3);
  });

  test('several images in one archive share blobs, and each goes by each of its names', async () => {
    const other = layerOf('b', 'other');
    const table = (entries: readonly Entry[]) =>
      JSON.parse((entries.at(-1)?.bytes ?? '').toString());
    const one = dockerArchive('web:1', [RAW]);
    const two = dockerArchive('acme/api:2', [RAW, other]);
    const both = [...table(one), ...table(two)];
    both[0].RepoTags.push('web:latest', 'web:1');
    const entries = [
      ...one.slice(0, -1),
      ...two.slice(0, -1),
      { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(both)) },
    ];
    const archive = await writeTar(place, entries);
    const set = await read(place, [archive]);
    expect(set.images.map(({ name, tag }) => `${name}:${tag}`)).toEqual([
      'docker.io/library/web:1',
      'docker.io/library/web:latest',
      'docker.io/acme/api:2',
    ]);
    expect(set.images[2]?.blobs[1]).toBe(set.images[0]?.blobs[1]);
    await set.close();
    const chosen = await only([`docker-archive:${archive}:acme/api:2 as r.io/x:3`]);
    expect(chosen.image).toMatchObject({ name: 'r.io/x', tag: '3' });
    expect(await refusal(await workplace(), [`${archive} as r.io/x:3`])).toContain(
      'renames 2 images to one name',
    );
  });

  test('an image without a name goes by its file', async () => {
    expect(
      (await only([await writeTar(place, dockerArchive(null, [RAW]), 'My Web_1.tar')])).image.name,
    ).toBe('docker.io/library/my-web-1');
  });
});

describe('layouts', () => {
  test('everything is kept byte for byte, in a directory and in archives of all kinds', async () => {
    const layout = new Layout();
    const image = layout.image([
      { stored: gzipSync(RAW), raw: RAW, mediaType: `${LAYER}+gzip` },
      {
        stored: zstdCompressSync(layerOf('b', 'z')),
        raw: layerOf('b', 'z'),
        mediaType: `${LAYER}+zstd`,
      },
      { stored: layerOf('c', 'plain'), raw: layerOf('c', 'plain'), mediaType: LAYER },
    ]);
    layout.blob(Buffer.from('nobody refers to this'), LAYER);
    layout.list(image, '1.2');
    const directory = await writeDirectory(place, layout.entries());
    const archive = await writeTar(place, layout.entries());
    await writeFile(`${archive}.gz`, gzipSync(tarOf(layout.entries())));
    for (const source of [
      directory,
      `oci:${directory}:1.2`,
      archive,
      `oci-archive:${archive}:1.2`,
      `${archive}.gz`,
    ]) {
      const { set, image: found } = await only([source]);
      expect(found).toMatchObject({
        digestKept: true,
        name: 'docker.io/library/web',
        tag: '1.2',
        target: { digest: image.digest, mediaType: MANIFEST },
      });
      expect(found.blobs).toHaveLength(4);
      await set.close();
    }
  });

  test('no layers, empty layers, and 127 layers', async () => {
    const nothing = Buffer.alloc(0);
    const empty = [
      { stored: nothing, raw: nothing, mediaType: LAYER },
      { stored: gzipSync(nothing), raw: nothing, mediaType: `${LAYER}+gzip` },
      { stored: zstdCompressSync(nothing), raw: nothing, mediaType: `${LAYER}+zstd` },
    ];
    const many = Array.from({ length: 127 }, (_, index) => layerOf(`f${index}`, String(index))).map(
      (raw) => ({ stored: gzipSync(raw), raw, mediaType: `${LAYER}+gzip` }),
    );
    for (const layers of [[], empty, many]) {
      const layout = new Layout();
      layout.list(layout.image(layers), 'latest');
      for (const source of [
        await writeTar(place, layout.entries()),
        await writeDirectory(await workplace(), layout.entries()),
      ]) {
        const { image, manifest } = await only([source]);
        expect(image.blobs).toHaveLength(layers.length + 1);
        expect(manifest.layers).toHaveLength(layers.length);
      }
    }
  });

  test('an image that is listed twice under one tag is one image', async () => {
    const layout = new Layout();
    const image = layout.image([PLAIN]);
    layout.list(image, 'r.io/web:1').list(image, 'r.io/web:1').list(image);
    expect((await only([await writeTar(place, layout.entries())])).image.tag).toBe('1');
  });

  test('media types that lie are kept and the bytes looked at (podman)', async () => {
    const layout = new Layout();
    layout.list(layout.image([{ ...PLAIN, mediaType: `${LAYER}+gzip` }]), 'latest');
    const { image } = await only([await writeTar(place, layout.entries())]);
    expect(image.blobs[1]?.digest).toBe(`sha256:${sha256(RAW)}`);
  });

  test('an index is kept while only the blobs of the cluster travel', async () => {
    const layout = new Layout();
    const other = layerOf('arm', 'arm');
    const amd = layout.image([PLAIN]);
    const arm = layout.image([{ stored: other, raw: other, mediaType: LAYER }], { platform: ARM });
    const nested = layout.index([arm]);
    const top = layout.index([amd, nested]);
    const archive = await writeTar(place, layout.list(top, 'r.io/web:1').entries());
    const one = await only([archive]);
    expect(one.image.target.digest).toBe(top.digest);
    expect(one.image.platforms).toEqual(['linux/amd64']);
    expect(one.image.manifests.map(({ digest }) => digest)).toEqual([
      top.digest,
      nested.digest,
      amd.digest,
    ]);
    expect(one.image.blobs).toHaveLength(2);
    const both = await only([archive], {
      platforms: Promise.resolve(['linux/arm64', 'linux/amd64']),
    });
    expect(both.image.blobs).toHaveLength(4);
    expect(both.image.warnings).toEqual([]);
  });

  test('with no platform known, all that the image has are sent', async () => {
    const layout = new Layout();
    const both = [layout.image([PLAIN]), layout.image([PLAIN], { platform: ARM })];
    const archive = await writeTar(place, layout.list(layout.index(both), 'r.io/web:1').entries());
    expect((await only([archive], { platforms: [] })).image.platforms).toEqual([
      'linux/amd64',
      'linux/arm64',
    ]);
  });

  test('a platform that the cluster has and the image lacks is an error or a warning that names the node', async () => {
    const layout = new Layout();
    const sparse = layout.image([PLAIN], { platform: ARM });
    layout.list(layout.index([layout.image([PLAIN]), sparse]), 'r.io/web:1').remove(sparse);
    const archive = await writeTar(place, layout.entries());
    const cluster = {
      platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'],
      nodesOf: (platform: string) => (platform === 'linux/arm64' ? ['pi'] : ['big', 'iron']),
    };
    const sentence = await refusal(place, [archive], cluster);
    expect(sentence).toContain(
      'lists linux/arm64 but the source does not hold its content, which the cluster has (node pi)',
    );
    expect(sentence).toContain('not for linux/s390x, which the cluster has (nodes big, iron)');
    const { image } = await only([archive], { ...cluster, allowMissingPlatforms: true });
    expect(image.platforms).toEqual(['linux/amd64']);
    expect(image.warnings).toHaveLength(2);
    const none = await refusal(place, [archive], {
      platforms: ['linux/s390x'],
      allowMissingPlatforms: true,
    });
    expect(none).toContain('not for linux/s390x');
  });

  test('attestations of chosen platforms go along, with referrers by subject; absent ones do no harm', async () => {
    const layout = new Layout();
    const amd = layout.image([PLAIN]);
    const arm = layout.image([PLAIN], { platform: ARM });
    const attest = (about: { digest: string; mediaType: string; size: number }, more = {}) => {
      const statement = layout.blob(
        Buffer.from(`{"about":"${about.digest}"}`),
        'application/vnd.in-toto+json',
      );
      const config = {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: `sha256:${sha256(Buffer.from('{}'))}`,
        size: 2,
        data: 'e30=',
      };
      const manifest = {
        schemaVersion: 2,
        mediaType: MANIFEST,
        config,
        layers: [statement],
        ...more,
      };
      return layout.json(manifest, MANIFEST, {
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: {
          'vnd.docker.reference.type': 'attestation-manifest',
          'vnd.docker.reference.digest': about.digest,
        },
      });
    };
    const subject = { mediaType: amd.mediaType, digest: amd.digest, size: amd.size };
    const first = attest(amd, {
      artifactType: 'application/x-provenance',
      subject,
      annotations: { by: 'test' },
    });
    const ofArm = attest(arm);
    const lost = attest({ ...amd, size: 0 });
    layout.list(layout.index([amd, arm, first, ofArm, lost]), 'r.io/web:1');
    layout.remove(lost);
    const { image } = await only([await writeTar(place, layout.entries())]);
    expect(image.manifests).toHaveLength(3);
    expect(image.blobs).toHaveLength(4);
    expect(image.referrers).toHaveLength(1);
    expect(image.referrers[0]).toMatchObject({
      subject: amd.digest,
      artifactType: 'application/x-provenance',
    });
    expect(JSON.parse(image.referrers[0]?.descriptor ?? '')).toMatchObject({
      digest: first.digest,
      annotations: { by: 'test' },
    });
  });

  test('entries beside the image that are about it are no images (Docker 29, oras)', async () => {
    const layout = new Layout();
    const image = layout.image([PLAIN]);
    const config = layout.blob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
    const about = {
      schemaVersion: 2,
      artifactType: 'application/x-sig',
      config,
      layers: [],
      subject: image,
    };
    const foreign = layout.json(
      { ...about, subject: { ...image, digest: `sha256:${'0'.repeat(64)}` } },
      MANIFEST,
    );
    const top = layout.index([image]);
    layout.list(top, 'r.io/web:1').list(image).list(layout.json(about, MANIFEST)).list(foreign);
    const { image: found } = await only([await writeTar(place, layout.entries())]);
    expect(found.target.digest).toBe(top.digest);
    expect(found.referrers.map(({ artifactType }) => artifactType)).toEqual(['application/x-sig']);
  });

  test.each([
    ['r.io/web:1', 'r.io/web', '1'],
    ['1.2', 'docker.io/library/web', '1.2'],
    [`r.io/web:1@sha256:${'a'.repeat(64)}`, 'r.io/web', '1'],
    ['r.io/web:i-was-a-digest', 'r.io/web', undefined],
    ['free text, by hand', 'docker.io/library/web', undefined],
    [undefined, 'docker.io/library/web', undefined],
  ])('the name %s', async (name, full, tag) => {
    const layout = new Layout();
    const { image } = await only([
      await writeTar(place, layout.list(layout.image([PLAIN]), name).entries()),
    ]);
    expect([image.name, image.tag]).toEqual([full, tag]);
  });

  test('the full name goes before the one that is only a tag', async () => {
    const layout = new Layout();
    const annotations = {
      'org.opencontainers.image.ref.name': '1',
      'io.containerd.image.name': 'r.io/web:1',
    };
    layout.listed.push({ ...layout.image([PLAIN]), annotations });
    expect((await only([await writeTar(place, layout.entries())])).image.name).toBe('r.io/web');
  });

  test('an archive of the containerd store is read by its index, one of the classic store by its table', async () => {
    const layout = new Layout();
    const image = layout.image([PLAIN]);
    layout.list(image, 'r.io/web:1');
    const table = {
      Config: `blobs/sha256/${sha256(configOf([RAW]))}`,
      RepoTags: ['r.io/web:1'],
      Layers: [`blobs/sha256/${sha256(RAW)}`],
    };
    const withTable = (item: object): Entry[] => [
      ...layout.entries(),
      { path: 'manifest.json', bytes: Buffer.from(JSON.stringify([item])) },
    ];
    expect((await only([await writeTar(place, withTable(table))])).image).toMatchObject({
      digestKept: true,
    });
    const classic = await only([await writeTar(place, withTable({ ...table, LayerSources: {} }))]);
    expect(classic.image.digestKept).toBe(false);
    expect(classic.manifest.layers[0].mediaType).toBe(`${LAYER}+zstd`);
  });
});

test('one image by several lines and names is read once, and its blobs are the same objects', async () => {
  const archive = await writeTar(place, dockerArchive('web:1', [RAW]));
  const set = await read(place, [archive, `${archive} as r.io/other:2`]);
  expect(set.images.map(({ name }) => name)).toEqual(['docker.io/library/web', 'r.io/other']);
  expect(set.images[1]?.blobs[1]).toBe(set.images[0]?.blobs[1]);
  await set.close();
  await set.close();
});

test('platforms that fail to be known fail the read, with nothing left', async () => {
  await writeFile(join(place, 'web.tar.gz'), gzipSync(tarOf(dockerArchive('web:1', [RAW]))));
  await expect(
    read(place, [join(place, 'web.tar.gz')], {
      platforms: Promise.reject(new Error('no cluster')),
    }),
  ).rejects.toThrow('no cluster');
  expect(await readdir(join(place, 'temporary'))).toEqual([]);
});

test('long reads tell how far they are', async () => {
  const raw = layerOf('a', 'x'.repeat(3_000_000));
  await writeFile(join(place, 'web.tar.gz'), gzipSync(tarOf(dockerArchive('web:1', [raw]))));
  const archive = await writeTar(place, dockerArchive('web:1', [raw]));
  for (const [source, stage] of [
    [archive, 'verifying'],
    [join(place, 'web.tar.gz'), 'reading'],
  ]) {
    const steps: number[] = [];
    const set = await read(place, [source as string], {
      onProgress: (step) => {
        if (step.stage === stage) steps.push(step.bytes);
      },
    });
    await set.close();
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.toSorted((one, other) => one - other)).toEqual(steps);
    expect(steps.at(-1)).toBeGreaterThanOrEqual(raw.length);
  }
});

/** A layout of layers of random bytes, compressed; `change` may break one. */
function manyLayers(count: number, bytes: number, change = (stored: Buffer) => stored): Layout {
  const layout = new Layout();
  const layers = Array.from({ length: count }, (_, at) => {
    const raw = layerOf('a', randomBytes(bytes / 2).toString('hex'));
    const encoding = at % 2 === 0 ? 'gzip' : 'zstd';
    const stored = encoding === 'gzip' ? gzipSync(raw) : zstdCompressSync(raw);
    return { stored: at === 0 ? change(stored) : stored, raw, mediaType: `${LAYER}+${encoding}` };
  });
  return layout.list(layout.image(layers), 'latest');
}

test('a layer that is wrong is told among many', async () => {
  const layout = manyLayers(20, 100_000, (stored) => stored.subarray(0, -9));
  const archive = await writeTar(place, layout.entries());
  expect(await refusal(place, [archive])).toContain('cannot be unpacked');
});

test('the first that is wrong ends the verifying of all that has not begun', async () => {
  const verification = new Verification();
  const gate = Promise.withResolvers<void>();
  const begun: number[] = [];
  const atOnce = availableParallelism() + 2;
  for (let index = 0; index < 3 * atOnce; index++) {
    verification.add(String(index), async () => {
      begun.push(index);
      if (index === 0) throw new Error('it is wrong');
      await gate.promise;
    });
  }
  await expect(verification.run()).rejects.toThrow('it is wrong');
  gate.resolve();
  await new Promise((next) => setImmediate(next));
  expect(begun).toEqual(Array.from({ length: atOnce }, (_, index) => index));
});

test('an abort ends the verifying of layers and lets the files go', async () => {
  const archive = await writeTar(place, manyLayers(6, 4_000_000).entries());
  const abort = new AbortController();
  const onProgress = () => abort.abort(new Error('enough'));
  const reading = read(place, [archive], { onProgress, signal: abort.signal });
  await expect(reading).rejects.toThrow('enough');
  const isOpen = async () => {
    const files = (await readdir('/proc/self/fd')).map((fd) =>
      readlink(`/proc/self/fd/${fd}`).catch(() => ''),
    );
    return (await Promise.all(files)).some((path) => path.startsWith(place));
  };
  await until('the files to be let go', async () => !(await isOpen()));
});
