import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseCompression } from '../../../../src/images/bytes/compression.js';
import type { ReadOptions } from '../../../../src/images/read.js';
import {
  REMEMBERED_DOCUMENT_MAX_BYTES,
  REMEMBERED_FROM_BYTES,
} from '../../../../src/lib/limits/images.js';
import { configOf, drain, layerOf, read, refusal, sha256, tarOf, workplace } from '../fixtures.js';

interface Built {
  readonly layers: readonly Buffer[];
  readonly config: Buffer;
  /** Bytes that the daemon says it takes. */
  readonly bytes: number;
}

/** What the daemon has, by name, and the names that it was asked to save each time. */
let built: Map<string, Built>;
let saves: string[][];
let server: Server;
let options: Partial<ReadOptions>;
let place: string;

beforeEach(async () => {
  place = await workplace();
  built = new Map();
  saves = [];
  server = createServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://docker');
    response.end(pathname === '/images/get' ? save(searchParams.getAll('names')) : about(pathname));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  options = {
    ...{ platforms: ['linux/amd64', 'linux/arm64'], compression: parseCompression('none') },
    nodesOf: (platform) => [`node-${platform.slice('linux/'.length)}`],
    environment: { DOCKER_HOST: `tcp://127.0.0.1:${port}` },
    known: { directory: join(place, 'memory'), isOnNodes: async () => true },
  };
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function about(pathname: string): string {
  const name = decodeURIComponent(pathname.slice('/images/'.length, -'/json'.length));
  const { config, bytes } = built.get(name) as Built;
  return JSON.stringify({ Id: `sha256:${sha256(config)}`, RepoTags: [name], Size: bytes });
}

/** As Docker before 25 and podman save images. */
function save(names: readonly string[]): Buffer {
  saves.push([...names]);
  const images = names.map((name) => ({ name, ...(built.get(name) as Built) }));
  const table = images.map(({ name, layers, config }) => ({
    Config: `${sha256(config)}.json`,
    RepoTags: [name],
    Layers: layers.map((layer) => `${sha256(layer)}/layer.tar`),
  }));
  const entries = images.flatMap(({ layers, config }) => [
    { path: `${sha256(config)}.json`, bytes: config },
    ...layers.map((bytes) => ({ path: `${sha256(bytes)}/layer.tar`, bytes })),
  ]);
  return tarOf([
    ...new Map(entries.map((entry) => [entry.path, entry])).values(),
    { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(table)) },
  ]);
}

/** A layer that is remembered by its digest alone. */
function layer(): Buffer {
  return layerOf('file', randomBytes(REMEMBERED_DOCUMENT_MAX_BYTES).toString('hex'));
}

/** @param architecture that of the config; one without any is taken by all nodes */
function build(
  name: string,
  architecture?: string,
  { layers = [layer()], bytes = REMEMBERED_FROM_BYTES } = {},
): void {
  const platform = { os: 'linux', architecture } as { os: string; architecture: string };
  built.set(name, { layers, bytes, config: configOf(layers, platform) });
}

const NOT_FOR_ARM64 = /^The image web:ci-amd64 .* is for linux\/amd64 and not for linux\/arm64,/;

test('an image that was read beside its like for another architecture is refused by itself', async () => {
  build('web:ci-amd64', 'amd64');
  build('web:ci-arm64', 'arm64');
  await (await read(place, ['web:ci-amd64', 'web:ci-arm64'], options)).close();
  expect(await refusal(place, ['web:ci-amd64'], options)).toMatch(NOT_FOR_ARM64);
});

test('an image that is recalled for all nodes stands in for none', async () => {
  build('web:ci-amd64');
  build('web:ci-arm64', 'arm64');
  await (await read(place, ['web:ci-amd64'], options)).close();
  expect(await refusal(place, ['web:ci-amd64', 'web:ci-arm64'], options)).toMatch(
    /^The image web:ci-arm64 .* is for linux\/arm64 and not for linux\/amd64,/,
  );
  expect(saves).toEqual([['web:ci-amd64'], ['web:ci-arm64']]);
});

test('a late save is no matter of platforms', async () => {
  build('web:ci-amd64', 'amd64');
  build('web:ci-arm64', 'arm64');
  build('tools:1');
  const lines = [...built.keys()];
  await read(place, lines, options);
  const again = await read(place, lines, options);
  expect(saves).toEqual([lines, ['web:ci-amd64', 'web:ci-arm64']]);
  expect(await drain(again)).toBeGreaterThan(0);
  expect(saves.slice(2)).toEqual([lines]);
});

test('a late save has the layers of what is small, too', async () => {
  const base = layer();
  build('tools:1', undefined, { layers: [base, layer()] });
  await read(place, ['tools:1'], options);
  build('web:1');
  build('small:1', undefined, { layers: [base], bytes: base.length });
  const set = await read(place, ['web:1', 'small:1'], options);
  expect(await drain(set)).toBeGreaterThan(0);
});
