import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Image } from '../../../src/images/image.js';
import {
  dockerArchive,
  drain,
  layerOf,
  read,
  refusal,
  workplace,
  writeTar,
} from '../../unit/images/fixtures.js';
import { type Podman, startPodman } from './podman.js';

let place: string;
let service: Podman;

const podman = (...args: string[]) => service.run(...args);
const environment = () => ({ CONTAINER_HOST: service.host });

beforeAll(async () => {
  place = await workplace();
  service = await startPodman(place);
  const layers = [layerOf('a', 'words '.repeat(50_000)), layerOf('b', 'small')];
  const archive = await writeTar(place, dockerArchive('localhost/jackal-test:1', layers));
  await podman('load', '-q', '-i', archive);
  await podman('tag', 'localhost/jackal-test:1', 'r.io/acme/other:2');
});

afterAll(() => service.close());

async function one(line: string): Promise<Image> {
  const set = await read(place, [line], { environment: environment() });
  await drain(set);
  await set.close();
  return set.images[0] as Image;
}

test("podman's socket speaks as Docker's does", async () => {
  const image = await one('localhost/jackal-test:1');
  expect(image).toMatchObject({ name: 'localhost/jackal-test', tag: '1', digestKept: false });
  expect((await one('r.io/acme/other:2')).target.digest).toBe(image.target.digest);
  const sentence = await refusal(place, ['nowhere:1'], { environment: environment() });
  expect(sentence).toContain('has no image nowhere:1');
});

test('what podman saves is read in each of its formats', async () => {
  const expected = await one('localhost/jackal-test:1');
  const docker = join(place, 'docker.tar');
  await podman('save', '-q', '-o', docker, 'localhost/jackal-test:1');
  expect((await one(docker)).target.digest).toBe(expected.target.digest);
  for (const format of ['oci-archive', 'oci-dir']) {
    const target = join(place, format);
    await podman('save', '-q', '--format', format, '-o', target, 'localhost/jackal-test:1');
    expect(await one(target)).toMatchObject({
      name: 'localhost/jackal-test',
      tag: '1',
      digestKept: true,
    });
  }
  const several = join(place, 'several.tar');
  await podman('save', '-q', '-m', '-o', several, 'localhost/jackal-test:1', 'r.io/acme/other:2');
  const set = await read(place, [several]);
  expect(set.images.map(({ name }) => name).sort()).toEqual([
    'localhost/jackal-test',
    'r.io/acme/other',
  ]);
  await set.close();
});
