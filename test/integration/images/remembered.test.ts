import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseCompression } from '../../../src/images/bytes/compression.js';
import { digestOf } from '../../../src/images/bytes/content.js';
import type { Blob, Image, ImageSet } from '../../../src/images/image.js';
import { REMEMBERED_FROM_BYTES } from '../../../src/lib/limits/images.js';
import { type DockerEngine, dockerEngine } from '../../cluster/docker.js';
import { buildImage, docker } from '../../helpers/site.js';
import { read, workplace } from '../../unit/images/fixtures.js';

const NAME = 'jackal-test/remembered:1';
const OTHER = 'jackal-test/remembered:2';

let engine: DockerEngine;
let proxy: Server;
/** Paths of the saves that the daemon was asked for. */
let saves: string[];
let place: string;

/** Stands before the daemon and counts what it is asked for. */
function counting(socketPath: string): Server {
  return createServer((incoming, response) => {
    const { url = '', method, headers } = incoming;
    if (url.startsWith('/images/get')) saves.push(url);
    const outgoing = request({ socketPath, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  });
}

/** IDs of all images that were built, also of those whose name another one has taken. */
const built = new Set<string>();

async function build(tag: string, ...layers: (number | Buffer)[]): Promise<void> {
  const directory = join(await workplace(), 'build');
  const files = layers.map(
    (layer, index) =>
      [`file-${index}`, typeof layer === 'number' ? randomBytes(layer) : layer] as const,
  );
  await buildImage(engine.host, directory, tag, files);
  built.add((await docker(engine.host, 'image', 'inspect', '-f', '{{.Id}}', tag)).trim());
}

beforeAll(async () => {
  engine = await dockerEngine();
  proxy = counting(engine.host.replace('unix://', ''));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  await build(NAME, REMEMBERED_FROM_BYTES);
  await build(OTHER, 1000);
});

afterAll(async () => {
  proxy.close();
  await docker(engine.host, 'image', 'rm', '-f', ...built);
  await engine.close();
});

beforeEach(async () => {
  place = await workplace();
  saves = [];
});

let sets: ImageSet[] = [];
afterEach(async () => {
  for (const set of sets) await set.close();
  sets = [];
  expect(await readdir(join(place, 'temporary'))).toEqual([]);
});

/** @param compression that of the input, or what `auto` chooses this time */
async function images(
  lines: string[],
  isOnNodes: boolean | ((digest: string) => boolean),
  compression: string | { auto: 'none' | 'zstd' } = 'none',
) {
  const { port } = proxy.address() as AddressInfo;
  const isOn = typeof isOnNodes === 'boolean' ? () => isOnNodes : isOnNodes;
  const set = await read(place, lines, {
    environment: { DOCKER_HOST: `tcp://127.0.0.1:${port}` },
    compression:
      typeof compression === 'string'
        ? parseCompression(compression)
        : {
            among: ['none', 'zstd'].map(parseCompression),
            choose: async () => parseCompression(compression.auto),
          },
    known: { directory: memory(), isOnNodes: async (digest) => isOn(digest) },
  });
  sets.push(set);
  return set.images;
}

const memory = () => join(place, 'memory');

async function bytesOf(blob: Blob | undefined, start = 0): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of blob?.open(start) ?? []) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

test.each(['none', 'zstd'])(
  'an image that all nodes have is not read again (%s)',
  async (compression) => {
    const [first] = await images([NAME], true, compression);
    expect(saves).toHaveLength(1);
    const [again] = await images([NAME], true, compression);
    expect(saves).toHaveLength(1);
    const known = ({ digest, size }: Blob) => ({ digest, size });
    expect(again).toEqual({ ...first, blobs: expect.anything() });
    expect(again?.blobs.map(known)).toEqual(first?.blobs.map(known));
    // The config is at hand; who wants a layer after all has the daemon save it, once.
    const [config, layer] = again?.blobs ?? [];
    expect(digestOf(await bytesOf(config))).toBe(config?.digest);
    expect(saves).toHaveLength(1);
    const whole = await bytesOf(layer);
    expect(digestOf(whole)).toBe(layer?.digest);
    expect((await bytesOf(layer, 1000)).equals(whole.subarray(1000))).toBe(true);
    expect(saves).toHaveLength(2);
  },
);

test('an image is read when some node lacks it, or layers are to be stored otherwise', async () => {
  await images([NAME], true);
  await images([NAME], false);
  expect(saves).toHaveLength(2);
  const [compressed] = await images([NAME], true, 'gzip');
  expect(saves).toHaveLength(3);
  expect(compressed?.blobs[1]?.size).toBe((await bytesOf(compressed?.blobs[1])).length);
});

test.each([
  ['none', 'zstd'],
  ['zstd', 'none'],
] as const)('an image read with %s is known when auto would take %s', async (first, then) => {
  const [read] = await images([NAME], true, { auto: first });
  const [again] = await images([NAME], true, { auto: then });
  expect(again?.target).toEqual(read?.target);
  expect(saves).toHaveLength(1);
  // Who wants a layer after all gets it as it was stored.
  const layer = again?.blobs[1] as Blob;
  expect(digestOf(await bytesOf(layer))).toBe(layer.digest);
});

describe('an image of which the nodes have the lower layer', () => {
  const base = randomBytes(REMEMBERED_FROM_BYTES);
  const newer = 'jackal-test/remembered:3';

  test.each([
    ['none', 'none'],
    ['zstd', 'zstd'],
    ['gzip', 'gzip'],
    ['none', 'zstd'],
    ['zstd', 'none'],
  ] as const)('is read but for that layer (read with %s, then %s)', async (before, now) => {
    const way = (method: typeof before) => (method === 'gzip' ? method : { auto: method });
    await build(newer, base, 300_000);
    const [first] = await images([newer], true, way(before));
    const old = first as Image;
    await build(newer, base, 400_000);
    const [second] = await images([newer], (digest) => digest === old.target.digest, way(now));
    expect(saves).toHaveLength(2);
    const [, lower, upper] = second?.blobs ?? [];
    expect(lower?.digest).toBe(old.blobs[1]?.digest);
    expect(lower?.size).toBe(old.blobs[1]?.size);
    // The one copy holds what is new alone.
    expect(lower?.file).toBeUndefined();
    const { size } = await stat(upper?.file?.path as string);
    expect(size).toBeLessThan(REMEMBERED_FROM_BYTES / 2);
    expect(digestOf(await bytesOf(upper))).toBe(upper?.digest);
    expect(saves).toHaveLength(2);
    // Who wants the lower layer after all has the daemon save the image once more.
    expect(digestOf(await bytesOf(lower))).toBe(lower?.digest);
    expect(saves.length).toBeGreaterThan(2);
    // The manifest tells how each layer is stored, and nodes go by it.
    const manifest = JSON.parse(second?.manifests[0]?.bytes.toString() ?? '');
    const types = { none: 'tar', zstd: 'tar+zstd', gzip: 'tar+gzip' };
    expect(manifest.layers.map(({ mediaType }: { mediaType: string }) => mediaType)).toEqual([
      `application/vnd.oci.image.layer.v1.${types[before]}`,
      `application/vnd.oci.image.layer.v1.${types[now]}`,
    ]);
  });

  test('is read whole when some node lacks the one that has it', async () => {
    await build(newer, base, 300_000);
    await images([newer], false);
    await build(newer, base, 400_000);
    const [second] = await images([newer], false);
    expect(digestOf(await bytesOf(second?.blobs[1]))).toBe(second?.blobs[1]?.digest);
    expect(saves).toHaveLength(2);
  });
});

test('what is small is always read, and what stands beside it is not', async () => {
  await images([NAME, OTHER], true);
  expect(saves).toHaveLength(1);
  expect(await readdir(memory())).toHaveLength(1);
  const both = await images([NAME, OTHER], true);
  expect(saves).toEqual([expect.anything(), `/images/get?names=${encodeURIComponent(OTHER)}`]);
  expect(both.map(({ tag }) => tag)).toEqual(['1', '2']);
});

test('an image that was built anew under its name is read', async () => {
  await build(OTHER, REMEMBERED_FROM_BYTES);
  const [first] = await images([OTHER], true);
  await build(OTHER, REMEMBERED_FROM_BYTES);
  const [other] = await images([OTHER], true);
  expect(saves).toHaveLength(2);
  expect(other?.target.digest).not.toBe(first?.target.digest);
  await build(OTHER, 1000);
});

test.each([
  ['is cut off', (text: string) => text.slice(0, -10)],
  ['has another manifest', (text: string) => text.replace(/"bytes":"....../, '"bytes":"AAAAAA')],
])('a record that %s is none', async (_, spoil) => {
  const [first] = await images([NAME], true);
  const [name] = await readdir(memory());
  const path = join(memory(), name as string);
  await writeFile(path, spoil(await readFile(path, 'utf8')));
  const [again] = await images([NAME], true);
  expect(saves).toHaveLength(2);
  expect(again?.target).toEqual(first?.target);
});

test('a layer that the daemon does not give any more is told by its digest', async () => {
  const [first] = await images([NAME], true);
  const layer = first?.blobs[1] as Blob;
  const wrong = layer.digest.replace(/.{8}$/, '00000000');
  const [name] = await readdir(memory());
  const path = join(memory(), name as string);
  await writeFile(path, (await readFile(path, 'utf8')).replace(layer.digest, wrong));
  const [again] = await images([NAME], true);
  await expect(bytesOf(again?.blobs[1])).rejects.toThrow(
    `does not save the content ${wrong} any more, which an earlier run had from it; build the image anew.`,
  );
});
