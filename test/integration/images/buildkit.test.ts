import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Image } from '../../../src/images/image.js';
import { drain, INDEX, MANIFEST, read, workplace } from '../../unit/images/fixtures.js';
import { type BuildKit, listed, startBuildKit, writeContext } from './buildkit.js';

let place: string;
let kit: BuildKit;
let context: string;

beforeAll(async () => {
  place = await workplace();
  context = join(place, 'context');
  await writeContext(context);
  kit = await startBuildKit();
});

afterAll(async () => {
  await kit.close();
});

async function one(line: string, platforms = ['linux/amd64']): Promise<Image> {
  const set = await read(place, [line], { platforms });
  await drain(set);
  await set.close();
  expect(set.images).toHaveLength(1);
  return set.images[0] as Image;
}

const BOTH = ['--opt', 'platform=linux/amd64,linux/arm64'];
const ATTESTED = ['--opt', 'attest:provenance=mode=max'];

test.each(['gzip', 'zstd', 'uncompressed', 'estargz'])(
  'two platforms with attestations, %s layers',
  async (compression) => {
    const file = join(place, `${compression}.tar`);
    const output = `type=oci,dest=${file},name=ghcr.io/acme/web:1,compression=${compression},force-compression=true`;
    await kit.run(context, ...BOTH, ...ATTESTED, '--output', output);
    const image = await one(file);
    const target = { digest: await listed(file), mediaType: INDEX };
    expect(image).toMatchObject({
      name: 'ghcr.io/acme/web',
      tag: '1',
      digestKept: true,
      target,
      platforms: ['linux/amd64'],
    });
    // The index, the image, and what says how it was built.
    expect(image.manifests).toHaveLength(3);
    expect(image.referrers).toMatchObject([{ subject: image.manifests[1]?.digest }]);
    const both = await one(file, ['linux/arm64', 'linux/amd64']);
    expect(both.platforms).toEqual(['linux/arm64', 'linux/amd64']);
    expect(both.manifests).toHaveLength(5);
  },
);

test('one platform, without and with attestations, for Docker, and as a directory', async () => {
  const files = { plain: 'type=oci', docker: 'type=docker' };
  for (const [name, type] of Object.entries(files)) {
    const file = join(place, `${name}.tar`);
    await kit.run(context, '--output', `${type},dest=${file},name=one:${name}`);
    expect(await one(file)).toMatchObject({
      tag: name,
      digestKept: true,
      target: { mediaType: MANIFEST, digest: await listed(file) },
    });
  }
  const directory = join(place, 'layout');
  await kit.run(context, ...ATTESTED, '--output', `type=oci,dest=${directory},tar=false`);
  const index = JSON.parse((await readFile(join(directory, 'index.json'))).toString());
  expect((await one(`oci:${directory}`)).target.digest).toBe(index.manifests[0].digest);
});

test('a directory that is built into again', async () => {
  const source = join(place, 'changing');
  await writeContext(source);
  const build = async (into: string, text: string, name = '') => {
    await writeFile(join(source, 'text'), text);
    const output = `type=oci,tar=false,dest=${join(place, into)}${name}`;
    await kit.run(source, '--output', output);
    const index = await readFile(join(place, into, 'index.json'));
    return JSON.parse(index.toString()).manifests.at(-1).digest as string;
  };
  // buildctl gives a build without a name the tag latest, so that the next one takes its place.
  for (const name of ['', ',name=acme/web:ci']) {
    const into = `again${name.length}`;
    const old = await build(into, 'first', name);
    const newest = await build(into, 'second', name);
    const image = await one(`oci:${join(place, into)}`);
    expect(image.target.digest).toBe(newest);
    expect(newest).not.toBe(old);
    expect(image.blobs).toHaveLength(2);
  }
});

test('an image without layers', async () => {
  const empty = join(place, 'empty');
  await mkdir(empty);
  await writeFile(join(empty, 'Dockerfile'), 'FROM scratch\nCMD ["/nothing"]\n');
  await kit.run(empty, '--output', `type=oci,dest=${join(place, 'empty.tar')}`);
  expect((await one(join(place, 'empty.tar'))).blobs).toHaveLength(1);
});
