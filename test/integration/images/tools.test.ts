import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Image } from '../../../src/images/image.js';
import {
  configOf,
  dockerArchive,
  drain,
  layerOf,
  read,
  refusal,
  workplace,
  writeTar,
} from '../../unit/images/fixtures.js';
import { run, serveRegistry } from './tools.js';

let place: string;
let registry: { host: string; close(): void };
let archive: string;
let index: string;

const TEXT = layerOf('text', 'words '.repeat(100_000));
const SMALL = layerOf('small', 'small');

beforeAll(async () => {
  place = await workplace();
  registry = await serveRegistry();
  archive = await writeTar(place, dockerArchive('acme/web:1', [TEXT, SMALL]), 'source.tar');
  const layer = layerOf('arm', 'only on arm');
  const arm = configOf([layer], { os: 'linux', architecture: 'arm64' });
  const other = await writeTar(place, dockerArchive('acme/web:1', [layer], arm), 'arm.tar');
  const to = `docker://${registry.host}/acme/web`;
  const plain = ['--dest-tls-verify=false', '-q', '--format', 'oci'];
  await run('skopeo', ['copy', ...plain, `docker-archive:${archive}`, `${to}:amd64`]);
  await run('skopeo', [
    'copy',
    ...plain,
    '--dest-compress-format',
    'zstd',
    `docker-archive:${other}`,
    `${to}:arm64`,
  ]);
  const parts = ['amd64', 'arm64'].flatMap((tag) => ['-m', `${registry.host}/acme/web:${tag}`]);
  await run('crane', [
    'index',
    'append',
    '--insecure',
    ...parts,
    '-t',
    `${registry.host}/acme/web:1`,
  ]);
  index = await run('crane', ['digest', '--insecure', `${registry.host}/acme/web:1`]);
});

afterAll(() => registry.close());

async function one(line: string, platforms = ['linux/amd64']): Promise<Image> {
  const set = await read(place, [line], { platforms });
  await drain(set);
  await set.close();
  expect(set.images).toHaveLength(1);
  return set.images[0] as Image;
}

test.each(['gzip', 'zstd'])(
  'skopeo, layout and archive with %s layers: the digest is kept',
  async (format) => {
    for (const [kind, path] of [
      ['oci', 'skopeo'],
      ['oci-archive', 'skopeo.tar'],
    ] as const) {
      const target = `${kind}:${join(place, format + path)}`;
      const compress = ['--dest-compress-format', format];
      await run('skopeo', [
        'copy',
        '-q',
        ...compress,
        `docker-archive:${archive}`,
        `${target}:acme/web:1`,
      ]);
      const raw = await run('skopeo', ['inspect', '--raw', `${target}:acme/web:1`]);
      const digest = `sha256:${createHash('sha256').update(raw).digest('hex')}`;
      for (const line of [target, join(place, format + path), `${target}:acme/web:1`]) {
        const image = await one(line);
        expect(image).toMatchObject({
          digestKept: true,
          name: 'docker.io/acme/web',
          target: { digest },
        });
      }
    }
  },
);

test('skopeo, docker-archive of a layout', async () => {
  const file = join(place, 'again.tar');
  await run('skopeo', [
    'copy',
    '-q',
    `docker-archive:${archive}`,
    `docker-archive:${file}:r.io/again:2`,
  ]);
  expect(await one(file)).toMatchObject({ name: 'r.io/again', tag: '2', digestKept: false });
});

test('crane, layout of an index: the index is kept and the cluster chooses', async () => {
  const directory = join(place, 'crane');
  await run('crane', [
    'pull',
    '--insecure',
    '--format=oci',
    '--annotate-ref',
    `${registry.host}/acme/web:1`,
    directory,
  ]);
  const image = await one(directory);
  expect(image).toMatchObject({
    name: `${registry.host}/acme/web`,
    tag: '1',
    target: { digest: index },
    platforms: ['linux/amd64'],
  });
  expect(image.blobs).toHaveLength(3);
  expect((await one(directory, ['linux/arm64', 'linux/amd64'])).blobs).toHaveLength(5);
  expect(await refusal(place, [directory], { platforms: ['linux/s390x'] })).toContain(
    'not for linux/s390x',
  );
});

test('crane, tarball and legacy tarball', async () => {
  for (const format of ['tarball', 'legacy']) {
    const file = join(place, `crane-${format}.tar`);
    await run('crane', [
      'pull',
      '--insecure',
      `--format=${format}`,
      '--platform=linux/amd64',
      `${registry.host}/acme/web:1`,
      file,
    ]);
    expect((await one(file)).blobs).toHaveLength(3);
  }
});

test('regctl, export of an index', async () => {
  await run('regctl', ['registry', 'set', registry.host, '--tls', 'disabled'], { HOME: place });
  for (const more of [[], ['--compress']]) {
    const file = join(place, `regctl${more.length}.tar`);
    await run('regctl', ['image', 'export', ...more, `${registry.host}/acme/web:1`, file], {
      HOME: place,
    });
    expect(await one(file, ['linux/arm64'])).toMatchObject({
      target: { digest: index },
      name: `${registry.host}/acme/web`,
    });
  }
});

test('regctl, export of one platform keeps the digest of its manifest', async () => {
  await run('regctl', ['registry', 'set', registry.host, '--tls', 'disabled'], { HOME: place });
  for (const architecture of ['amd64', 'arm64']) {
    const file = join(place, `regctl-${architecture}.tar`);
    const platform = `linux/${architecture}`;
    const name = `${registry.host}/acme/web:1`;
    await run('regctl', ['image', 'export', '--platform', platform, name, file], { HOME: place });
    const digest = await run('crane', ['digest', '--insecure', '--platform', platform, name]);
    expect(await one(file, [platform])).toMatchObject({
      digestKept: true,
      target: { digest },
      name: `${registry.host}/acme/web`,
    });
  }
});

test('skopeo, a layout that is written to again holds the newest image alone', async () => {
  const directory = join(place, 'again');
  for (const text of ['first', 'second', 'third']) {
    const layers = [layerOf('own', text)];
    const file = await writeTar(place, dockerArchive('acme/web:ci', layers), `${text}.tar`);
    await run('skopeo', ['copy', '-q', `docker-archive:${file}`, `oci:${directory}:acme/web:ci`]);
  }
  const raw = await run('skopeo', ['inspect', '--raw', `oci:${directory}:acme/web:ci`]);
  const digest = `sha256:${createHash('sha256').update(raw).digest('hex')}`;
  expect(await one(directory)).toMatchObject({ tag: 'ci', target: { digest } });
});

test('oras, layout with an artifact about the image', async () => {
  const directory = join(place, 'oras');
  await run('oras', [
    'cp',
    '--from-plain-http',
    '--to-oci-layout',
    `${registry.host}/acme/web:1`,
    `${directory}:1`,
  ]);
  await writeFile(join(place, 'sbom.json'), '{"packages":[]}');
  await run('oras', [
    'attach',
    '--oci-layout',
    `${directory}:1`,
    '--artifact-type',
    'application/x-sbom',
    '--disable-path-validation',
    join(place, 'sbom.json'),
  ]);
  const image = await one(directory);
  expect(image.target.digest).toBe(index);
  expect(image.referrers).toMatchObject([{ subject: index, artifactType: 'application/x-sbom' }]);
  expect(image.blobs.length).toBe(5);
});
