import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  CONFIG,
  configOf,
  dockerArchive,
  type Entry,
  INDEX,
  LAYER,
  Layout,
  layerOf,
  MANIFEST,
  refusal,
  sealHeader,
  sha256,
  tarOf,
  workplace,
  writeDirectory,
  writeTar,
} from './fixtures.js';

let place = '';
beforeAll(async () => {
  place = await workplace();
});

const RAW = layerOf('a', 'content');
const PLAIN = { stored: RAW, raw: RAW, mediaType: LAYER };

async function refusedArchive(entries: readonly Entry[]): Promise<string> {
  return refusal(place, [await writeTar(place, entries)]);
}

async function refusedLayout(layout: Layout): Promise<string> {
  const inArchive = await refusedArchive(layout.entries());
  const directory = await writeDirectory(await workplace(), layout.entries());
  const inDirectory = await refusal(place, [directory]);
  // The same fault is told in the same words, wherever the layout lies.
  expect(inDirectory.replaceAll(directory, '').length).toBeGreaterThan(20);
  return inArchive;
}

describe('archives', () => {
  test('missing', async () => {
    expect(await refusal(place, [join(place, 'nowhere.tar')])).toMatch(
      /There is no file or directory .*nowhere\.tar/,
    );
  });

  test.each([
    ['text', Buffer.from('hello')],
    ['long text', Buffer.alloc(5000, 'hello ')],
    ['nothing', Buffer.alloc(0)],
    ['bytes that make npm tar throw', Buffer.alloc(2000, 0xff)],
  ])('not a tar: %s', async (_, bytes) => {
    await writeFile(join(place, 'no.tar'), bytes);
    expect(await refusal(place, [join(place, 'no.tar')])).toContain('is not a tar archive');
  });

  test('a tar of nothing, and a tar of something else', async () => {
    expect(await refusedArchive([])).toContain('holds no image');
    expect(await refusedArchive([{ path: 'README', bytes: Buffer.from('x') }])).toContain(
      'holds no image',
    );
  });

  test('cut off at every place', async () => {
    const whole = tarOf(dockerArchive('web:1', [RAW, layerOf('b', 'x'.repeat(3000))]));
    const path = join(place, 'cut.tar');
    for (let end = 1; end < whole.length - 1024; end += 271) {
      await writeFile(path, whole.subarray(0, end));
      expect(await refusal(place, [path])).toMatch(/truncated|not a tar|incomplete|holds no image/);
    }
  });

  test('compressed and cut off at every place', async () => {
    const whole = gzipSync(tarOf(dockerArchive('web:1', [RAW])));
    const path = join(place, 'cut.tar.gz');
    for (let end = 4; end < whole.length; end += 13) {
      await writeFile(path, whole.subarray(0, end));
      expect(await refusal(place, [path])).toMatch(
        /could not be read to its end|truncated|not a tar/,
      );
    }
  });

  test('a damaged header', async () => {
    const bytes = tarOf(dockerArchive('web:1', [RAW]));
    bytes.write('X', 512 * 2);
    await writeFile(join(place, 'damaged.tar'), bytes);
    expect(await refusal(place, [join(place, 'damaged.tar')])).toMatch(/damaged|truncated/);
  });

  test.each<[string, Entry, string]>([
    ['..', { path: '../evil', bytes: RAW }, 'leads out of the archive'],
    ['.. in the middle', { path: 'a/../../evil', bytes: RAW }, 'leads out of the archive'],
    ['absolute', { path: '/etc/evil', bytes: RAW }, 'leads out of the archive'],
    [
      'symlink out',
      { path: 'a', type: 'SymbolicLink', linkpath: '../evil' },
      'leads out of the archive',
    ],
    [
      'symlink absolute',
      { path: 'a', type: 'SymbolicLink', linkpath: '/etc/passwd' },
      'leads out of the archive',
    ],
    [
      'hardlink out',
      { path: 'b/a', type: 'Link', linkpath: '../evil' },
      'leads out of the archive',
    ],
    ['hardlink absolute', { path: 'a', type: 'Link', linkpath: '/etc/passwd' }, 'leads out of'],
    ['.. in a pax header', { path: 'a', pax: { path: '../evil' } }, 'leads out of the archive'],
    [
      '.. behind a long name',
      { path: `${'n/'.repeat(150)}${'../'.repeat(151)}evil`, longNames: 'gnu' },
      'leads out of the archive',
    ],
    [
      'symlink out by a pax header',
      { path: 'a', type: 'SymbolicLink', linkpath: 'b', pax: { linkpath: '../evil' } },
      'leads out of the archive',
    ],
    ['device', { path: 'a', type: 'CharacterDevice' }, 'of type CharacterDevice'],
    ['block device', { path: 'a', type: 'BlockDevice' }, 'of type BlockDevice'],
    ['fifo', { path: 'a', type: 'FIFO' }, 'of type FIFO'],
  ])('path trick: %s', async (_, entry, reason) => {
    expect(await refusedArchive([entry, ...dockerArchive('web:1', [RAW])])).toContain(reason);
  });

  test('a flood of entries, and a header that swallows memory', async () => {
    const flood = Array.from(
      { length: 100_001 },
      (_, index): Entry => ({ path: `d${index}`, type: 'Directory' }),
    );
    expect(await refusedArchive(flood)).toContain('more than 100000 entries');
    const greedy = tarOf([{ path: 'a', bytes: Buffer.alloc(2 * 1024 * 1024) }]);
    const header = greedy.subarray(0, 512);
    header.write('x', 156);
    sealHeader(header);
    await writeFile(join(place, 'greedy.tar'), greedy);
    expect(await refusal(place, [join(place, 'greedy.tar')])).toContain(
      'extended header of 2097152 bytes',
    );
  });

  test.each(['1.5', '1e300', 'Infinity'])('an entry of %s bytes', async (size) => {
    const path = await writeTar(place, [
      { path: 'a', bytes: RAW, pax: { size } },
      ...dockerArchive('web:1', [RAW]),
    ]);
    expect(await refusal(place, [path])).toMatch(/damaged|truncated/);
    await writeFile(`${path}.gz`, gzipSync(await readFile(path)));
    expect(await refusal(place, [`${path}.gz`])).toMatch(/damaged|truncated|unfolds to more/);
  });

  test('links in a circle', async () => {
    const entries: Entry[] = [
      { path: 'manifest.json', type: 'SymbolicLink', linkpath: 'other' },
      { path: 'other', type: 'SymbolicLink', linkpath: 'manifest.json' },
    ];
    expect(await refusedArchive(entries)).toContain('lead in a circle');
    const itself: Entry = { path: 'manifest.json', type: 'Link', linkpath: 'manifest.json' };
    expect(await refusedArchive([itself])).toContain('lead in a circle');
  });

  test('tables that are none', async () => {
    const table = (bytes: string) =>
      refusedArchive([{ path: 'manifest.json', bytes: Buffer.from(bytes) }]);
    expect(await table('{')).toContain('is not JSON');
    expect(await table('{"layers":[]}')).toContain('no list of images');
    expect(await table('[{}]')).toContain('without config');
    expect(await table('[]')).toContain('lists no image');
    expect(await table('[{"Config":"c.json","Layers":[1]}]')).toContain('list of layers');
    expect(await table('[{"Config":"c.json","Layers":null}]')).toContain(
      'config c.json is missing',
    );
    expect(await table(`[${' '.repeat(5_000_000)}]`)).toContain('more than the 4194304');
  });

  test('a layer is missing, or lies about its DiffID, or there are too few', async () => {
    const whole = dockerArchive('web:1', [RAW]);
    const layer = `${sha256(RAW)}.tar`;
    expect(await refusedArchive(whole.filter(({ path }) => path !== layer))).toContain(
      `its layer ${layer} is missing`,
    );
    const lying = whole.map((entry) =>
      entry.path === layer ? { ...entry, bytes: layerOf('a', 'other') } : entry,
    );
    expect(await refusedArchive(lying)).toContain('the source is damaged');
    const packed = lying.map((entry) =>
      entry.path === layer ? { ...entry, bytes: gzipSync(layerOf('a', 'other')) } : entry,
    );
    expect(await refusedArchive(packed)).toContain('the source is damaged');
    expect(await refusedArchive(dockerArchive('web:1', [RAW], configOf([])))).toContain(
      '1 layers but its config names 0',
    );
  });

  test('a lie inside a compressed archive leaves nothing behind', async () => {
    const entries = dockerArchive('web:1', [RAW]).map((entry) =>
      entry.path.endsWith('.tar') ? { ...entry, bytes: layerOf('a', 'other') } : entry,
    );
    await writeFile(join(place, 'lie.tar.gz'), gzipSync(tarOf(entries)));
    expect(await refusal(place, [join(place, 'lie.tar.gz')])).toContain('the source is damaged');
  });

  test('a config whose digest lies', async () => {
    const entries = dockerArchive('web:1', [RAW]).map((entry) =>
      entry.path.endsWith('.json') && entry.path !== 'manifest.json'
        ? { ...entry, bytes: configOf([]) }
        : entry,
    );
    expect(await refusedArchive(entries)).toContain('but its bytes are');
  });

  test('a transport that is not what lies there', async () => {
    const archive = await writeTar(place, dockerArchive('web:1', [RAW]));
    expect(await refusal(place, [`oci:${archive}`])).toContain('write oci-archive:');
    await mkdir(join(place, 'directory'), { recursive: true });
    expect(await refusal(place, [`docker-archive:${join(place, 'directory')}`])).toContain(
      'write oci:',
    );
    expect(await refusal(place, [`oci:${join(place, 'directory')}`])).toContain('holds no image');
    expect(await refusal(place, [`${archive}`, '/dev/null'])).toContain(
      'neither a file nor a directory',
    );
  });
});

describe('layouts', () => {
  test('a missing layer, config or manifest', async () => {
    for (const pick of ['layers', 'config', 'manifest'] as const) {
      const layout = new Layout();
      const image = layout.image([PLAIN]);
      const manifest = JSON.parse(
        layout.files.get(`blobs/sha256/${image.digest.slice(7)}`)?.toString() ?? '',
      );
      layout.list(image, 'latest');
      layout.remove(
        pick === 'manifest' ? image : pick === 'config' ? manifest.config : manifest.layers[0],
      );
      expect(await refusedLayout(layout)).toMatch(/is incomplete: .* is missing in the source/);
    }
  });

  test('a blob, a config or a manifest whose digest lies', async () => {
    for (const lying of [RAW, configOf([RAW])]) {
      const layout = new Layout();
      layout.list(layout.image([PLAIN]), 'latest');
      const bytes = Buffer.from(lying);
      bytes.write('!', bytes.length - 1);
      layout.files.set(`blobs/sha256/${sha256(lying)}`, bytes);
      expect(await refusedLayout(layout)).toContain('the source is damaged');
    }
    const layout = new Layout();
    const image = layout.image([PLAIN]);
    const path = `blobs/sha256/${image.digest.slice(7)}`;
    layout.files.set(
      path,
      Buffer.from((layout.files.get(path) ?? '').toString().replace('{', ' ')),
    );
    expect(await refusedLayout(layout.list(image, 'latest'))).toContain('but its bytes are');
  });

  test('a size that lies', async () => {
    const layout = new Layout();
    const config = layout.blob(configOf([RAW]), CONFIG);
    const layer = layout.blob(RAW, LAYER);
    const image = layout.json(
      { schemaVersion: 2, config, layers: [{ ...layer, size: layer.size + 1 }] },
      MANIFEST,
    );
    expect(await refusedLayout(layout.list(image, 'latest'))).toMatch(
      /written down with \d+ bytes but has/,
    );
    const other = new Layout();
    const good = other.image([PLAIN]);
    expect(await refusedLayout(other.list({ ...good, size: 3 }, 'latest'))).toMatch(
      /written down with 3 bytes/,
    );
  });

  test('a DiffID that lies under a right digest', async () => {
    const layout = new Layout();
    const other = layerOf('b', 'other');
    layout.list(
      layout.image([{ stored: gzipSync(RAW), raw: other, mediaType: `${LAYER}+gzip` }]),
      'latest',
    );
    expect(await refusedLayout(layout)).toContain('unpacked,');
  });

  test('a layer that cannot be unpacked', async () => {
    const layout = new Layout();
    const stored = gzipSync(RAW).subarray(0, -5);
    layout.list(layout.image([{ stored, raw: RAW, mediaType: `${LAYER}+gzip` }]), 'latest');
    expect(await refusedLayout(layout)).toContain('cannot be unpacked');
  });

  test('a 1,000-deep index', async () => {
    const layout = new Layout();
    let top = layout.image([PLAIN]);
    for (let depth = 0; depth < 1000; depth += 1) top = layout.index([top]);
    expect(await refusedLayout(layout.list(top, 'latest'))).toContain('levels deep');
  });

  test('an index that lists itself cannot be right about its digest', async () => {
    const layout = new Layout();
    const self = { mediaType: INDEX, digest: `sha256:${'1'.repeat(64)}`, size: 10 };
    const top = layout.index([self]);
    layout.files.set(
      `blobs/sha256/${'1'.repeat(64)}`,
      layout.files.get(`blobs/sha256/${top.digest.slice(7)}`) as Buffer,
    );
    layout.list({ ...top, digest: self.digest }, 'latest');
    expect(await refusedLayout(layout)).toContain('but its bytes are');
  });

  test('indexes that list each other cannot both be right', async () => {
    const layout = new Layout();
    const one = { mediaType: INDEX, digest: `sha256:${'1'.repeat(64)}`, size: 10 };
    const two = layout.index([one]);
    const bytes = layout.files.get(`blobs/sha256/${layout.index([two]).digest.slice(7)}`);
    layout.files.set(`blobs/sha256/${'1'.repeat(64)}`, bytes as Buffer);
    const first = { ...one, size: (bytes as Buffer).length };
    layout.list(first, '1').list(two, '2');
    expect(await refusedLayout(layout)).toContain('but its bytes are');
  });

  test('a graph with 2^40 paths is walked once', async () => {
    const layout = new Layout();
    let pair = [
      layout.image([PLAIN]),
      layout.image([PLAIN], { platform: { os: 'linux', architecture: 'arm64' } }),
    ];
    for (let depth = 0; depth < 40; depth += 1)
      pair = [layout.index(pair), layout.index(pair, { annotations: { a: 'b' } })];
    expect(await refusedLayout(layout.list(layout.index(pair), 'latest'))).toContain('levels deep');
  });

  test('20,000 descriptors in one index', async () => {
    const layout = new Layout();
    const many = Array.from({ length: 20_000 }, (_, index) => ({
      mediaType: MANIFEST,
      digest: `sha256:${sha256(Buffer.from(String(index)))}`,
      size: 1,
    }));
    expect(await refusedLayout(layout.list(layout.index(many), 'latest'))).toContain(
      'more than 1024 manifests',
    );
  });

  test('a manifest of 100 MB', async () => {
    const layout = new Layout();
    layout.list(layout.blob(Buffer.alloc(100 * 1024 * 1024, ' '), MANIFEST), 'latest');
    expect(await refusedArchive(layout.entries())).toContain('more than the 4194304');
  });

  test('two images under one name in one layout', async () => {
    const layout = new Layout();
    layout.list(layout.image([PLAIN]), 'latest').list(layout.image([]), 'latest');
    expect(await refusedLayout(layout)).toContain('two different images under the name "latest"');
  });

  test('two images under one name in one docker-archive', async () => {
    const one = dockerArchive('web:1', [RAW]);
    const two = dockerArchive('web:1', []);
    const table = [one, two].flatMap((entries) =>
      JSON.parse((entries.at(-1)?.bytes ?? '').toString()),
    );
    const entries = [
      ...one.slice(0, -1),
      ...two.slice(0, -1),
      { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(table)) },
    ];
    expect(await refusedArchive(entries)).toContain(
      'two different images under the name docker.io/library/web:1',
    );
  });

  test('two images under one name in two sources', async () => {
    const one = await writeTar(place, dockerArchive('web:1', [RAW]), 'one.tar');
    const two = await writeTar(
      place,
      dockerArchive('docker.io/library/web:1', [layerOf('b', 'other')]),
      'two.tar',
    );
    expect(await refusal(place, [one, two])).toContain(
      'two different images under the name docker.io/library/web:1',
    );
  });

  test('unknown media types, schema 1, and what is both image and index', async () => {
    const listed = (bytes: object, mediaType: string) => {
      const layout = new Layout();
      return refusedLayout(layout.list(layout.json(bytes, mediaType), 'latest'));
    };
    expect(await listed({}, 'application/x-strange')).toContain(
      'the media type "application/x-strange"',
    );
    expect(
      await listed(
        { schemaVersion: 1 },
        'application/vnd.docker.distribution.manifest.v1+prettyjws',
      ),
    ).toContain('schema 1');
    expect(await listed({ schemaVersion: 2, manifests: [], layers: [] }, INDEX)).toContain(
      'both an image and an index',
    );
    const layout = new Layout();
    layout.list(layout.image([{ ...PLAIN, mediaType: 'application/x-layer' }]), 'latest');
    expect(await refusedLayout(layout)).toContain(
      'of type "application/x-layer", which node runtimes cannot unpack',
    );
  });

  test.each([
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  ])('the foreign layer type %s', async (mediaType) => {
    const layout = new Layout();
    layout.list(layout.image([{ ...PLAIN, mediaType }]), 'latest');
    expect(await refusedLayout(layout)).toContain('non-distributable');
  });

  test('an image for Windows alone, and one for another architecture', async () => {
    const layout = new Layout();
    layout.list(
      layout.image([PLAIN], { platform: { os: 'windows', architecture: 'amd64' } }),
      'latest',
    );
    expect(await refusedLayout(layout)).toContain('is for windows/amd64 and not for linux/amd64');
    const windows = { os: 'windows', architecture: 'amd64' };
    expect(await refusedArchive(dockerArchive('web:1', [RAW], configOf([RAW], windows)))).toContain(
      'is for windows/amd64 and not for linux/amd64',
    );
    const archive = dockerArchive(
      'web:1',
      [RAW],
      configOf([RAW], { os: 'linux', architecture: 's390x' }),
    );
    expect(await refusedArchive(archive)).toContain('is for linux/s390x and not for linux/amd64');
  });

  test('an artifact is no image', async () => {
    const layout = new Layout();
    const config = layout.blob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
    const artifact = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType: 'application/x-sbom',
      config,
      layers: [config],
    };
    layout.list(layout.json(artifact, MANIFEST), 'latest');
    expect(await refusedLayout(layout)).toContain('is an artifact of type application/x-sbom');
  });

  test('a tag that is not there is answered with those that are', async () => {
    const layout = new Layout();
    layout.list(layout.image([PLAIN]), '1.2');
    const directory = await writeDirectory(await workplace(), layout.entries());
    expect(await refusal(place, [`oci:${directory}:1.3`])).toContain(
      'holds no image "1.3", only 1.2',
    );
  });

  test('a digest that is not sha256', async () => {
    const layout = new Layout();
    layout.list({ mediaType: MANIFEST, digest: `sha512:${'a'.repeat(128)}`, size: 1 }, 'latest');
    expect(await refusedLayout(layout)).toContain('pull by sha256 alone');
  });
});
