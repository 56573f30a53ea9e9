import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Image } from '../../../src/images/image.js';
import type { ReadOptions } from '../../../src/images/read.js';
import { REMEMBERED_FROM_BYTES } from '../../../src/lib/limits/images.js';
import { buildImage } from '../../helpers/site.js';
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
import { type Engine29, startEngine29 } from './engine29.js';
import { run, serveRegistry, writeBuild } from './tools.js';

/** Bytes of a layer from which on it is remembered, and that do not compress. */
const base = randomBytes(REMEMBERED_FROM_BYTES);

let place: string;
let registry: { host: string; close(): void };

beforeAll(async () => {
  place = await workplace();
  await writeBuild(join(place, 'build'));
  registry = await serveRegistry();
  const tags: string[] = [];
  for (const architecture of ['amd64', 'arm64']) {
    const layers = [layerOf('text', 'words '.repeat(1000)), layerOf('own', architecture)];
    const config = configOf(layers, { os: 'linux', architecture });
    const file = await writeTar(place, dockerArchive('x:1', layers, config));
    const target = `${registry.host}/acme/multi:${architecture}`;
    await run('skopeo', [
      'copy',
      '-q',
      '--dest-tls-verify=false',
      '--format',
      'oci',
      `docker-archive:${file}`,
      `docker://${target}`,
    ]);
    tags.push('-m', target);
  }
  await run('crane', [
    'index',
    'append',
    '--insecure',
    ...tags,
    '-t',
    `${registry.host}/acme/multi:1`,
  ]);
});

afterAll(() => registry.close());

async function one(line: string, options: Partial<ReadOptions> = {}): Promise<Image> {
  const set = await read(place, [line], options);
  await drain(set);
  await set.close();
  return set.images[0] as Image;
}

describe.each(['containerd', 'classic'] as const)('engine 29 with the %s store', (store) => {
  let engine: Engine29;
  let id: string;
  const here = () => ({ environment: { DOCKER_HOST: engine.host } });

  beforeAll(async () => {
    engine = await startEngine29(store);
    const names = ['-t', 'jackal-test/web:1', '-t', `${registry.host}/acme/web:1`];
    await engine.docker('build', '-q', ...names, join(place, 'build'));
    id = await engine.docker('image', 'inspect', '-f', '{{.Id}}', 'jackal-test/web:1');
  });

  afterAll(async () => {
    await engine.close();
  });

  test('by name, by ID, and from a saved file it is the same image', async () => {
    const image = await one('jackal-test/web:1', here());
    expect(image).toMatchObject({
      name: 'docker.io/jackal-test/web',
      tag: '1',
      digestKept: store === 'containerd',
    });
    // No blob that the image does not refer to: one config and three layers.
    expect(image.blobs).toHaveLength(4);
    expect(store === 'containerd' ? image.target.digest : image.blobs[0]?.digest).toBe(id);
    expect((await one(id, here())).target.digest).toBe(image.target.digest);
    const file = join(place, `${store}.tar`);
    await engine.docker('save', '-o', file, 'jackal-test/web:1');
    for (const line of [file, `docker-archive:${file}:jackal-test/web:1`, `oci-archive:${file}`]) {
      expect((await one(line)).target.digest).toBe(image.target.digest);
    }
    const unnamed = join(place, 'by-id.tar');
    await engine.docker('save', '-o', unnamed, id);
    expect(await one(unnamed)).toMatchObject({
      name: 'docker.io/library/by-id',
      target: { digest: image.target.digest },
    });
  });

  test('the digest is the one of a push, where the store keeps it', async () => {
    await engine.docker('push', '-q', `${registry.host}/acme/web:1`);
    const pushed = await run('crane', ['digest', '--insecure', `${registry.host}/acme/web:1`]);
    const image = await one(`${registry.host}/acme/web:1`, here());
    expect(image.target.digest === pushed).toBe(store === 'containerd');
  });

  test('a pulled index is sparse: the platform that is there is sent, the other one named', async () => {
    const name = `${registry.host}/acme/multi:1`;
    await engine.docker('pull', '-q', name);
    const image = await one(name, here());
    expect(image.platforms).toEqual(['linux/amd64']);
    if (store === 'containerd') {
      expect(image.target.digest).toBe(await run('crane', ['digest', '--insecure', name]));
      const by = await one(`${registry.host}/acme/multi@${image.target.digest}`, here());
      expect(by.target.digest).toBe(image.target.digest);
    }
    const both = { ...here(), platforms: ['linux/amd64', 'linux/arm64'] };
    const sentence = await refusal(place, [name], both);
    expect(sentence).toContain('linux/arm64');
    if (store === 'containerd') {
      expect(sentence).toContain('fetch that platform too (docker pull --platform linux/arm64');
    }
    expect((await one(name, { ...both, allowMissingPlatforms: true })).warnings).toHaveLength(1);
  });

  test('layers that nodes have by another image are not taken in', async () => {
    const build = (top: number) =>
      buildImage(engine.host, join(place, 'layers'), 'jackal-test/layers:1', [
        ['base', base],
        ['top', randomBytes(top)],
      ]);
    const known = { directory: join(place, `${store}-memory`), isOnNodes: async () => true };
    await build(300_000);
    const old = await one('jackal-test/layers:1', { ...here(), known });
    await build(400_000);
    const set = await read(place, ['jackal-test/layers:1'], { ...here(), known });
    const [image] = set.images;
    const [, lower, upper] = image?.blobs ?? [];
    expect(lower).toMatchObject({ digest: old.blobs[1]?.digest, size: old.blobs[1]?.size });
    expect(lower?.file).toBeUndefined();
    // What the other store has comes from there when it is wanted.
    expect(upper?.file === undefined).toBe(store === 'containerd');
    await set.verify();
    // Who wants it after all gets it.
    await drain(set);
    await set.close();
  });

  test('what docker export writes is told from what docker save writes', async () => {
    const file = join(place, `${store}-export.tar`);
    const container = await engine.docker('create', 'jackal-test/web:1');
    await engine.docker('export', '-o', file, container);
    await engine.docker('rm', container);
    expect(await refusal(place, [file])).toContain('write the image with docker save');
  });

  test('an image saved by name and one saved by ID in one file are both there', async () => {
    const build = join(place, 'other');
    await writeBuild(build);
    const byId = await engine.docker('build', '-q', build);
    const file = join(place, `${store}-both.tar`);
    await engine.docker('save', '-o', file, 'jackal-test/web:1', byId);
    const set = await read(place, [file]);
    await drain(set);
    await set.close();
    expect(set.images).toHaveLength(2);
  });

  test('an unknown name among several', async () => {
    expect(await refusal(place, ['jackal-test/web:1', 'nowhere:1'], here())).toContain(
      'has no image nowhere:1',
    );
  });
});

describe('engine 29 with the containerd store, which has lost content of an image', () => {
  let engine: Engine29;
  const name = 'jackal-test/lost:1';

  beforeAll(async () => {
    engine = await startEngine29('containerd');
    await engine.docker('build', '-q', '-t', name, join(place, 'build'));
  });

  afterAll(async () => {
    await engine.close();
  });

  test('by the daemon and from a file the sentence tells of docker pull', async () => {
    const environment = { DOCKER_HOST: engine.host };
    const image = await one(name, { environment });
    const file = join(place, 'lost.tar');
    for (const blob of image.blobs.slice(0, 2)) {
      await engine.forget(blob.digest);
      await engine.docker('save', '-o', file, name);
      for (const sentence of [
        await refusal(place, [name], { environment }),
        await refusal(place, [file]),
      ]) {
        expect(sentence).toMatch(/is incomplete: .* is missing/);
        expect(sentence).toContain('pull it again with "docker pull"');
      }
    }
    const [top] = image.manifests;
    await engine.forget(top?.digest as string);
    expect(await refusal(place, [name], { environment })).toContain('docker pull');
  });
});
