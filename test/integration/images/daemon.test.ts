import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseCompression } from '../../../src/images/bytes/compression.js';
import { digestOf } from '../../../src/images/bytes/content.js';
import type { Image } from '../../../src/images/image.js';
import { type DockerEngine, dockerEngine } from '../../cluster/docker.js';
import { drain, read, refusal, workplace } from '../../unit/images/fixtures.js';
import { run, writeBuild, writeLayout } from './tools.js';

let engine: DockerEngine;
let place: string;
let id: string;

async function docker(...args: string[]): Promise<string> {
  const environment = { ...process.env, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0' };
  const { stdout } = await promisify(execFile)(engine.docker, args, { env: environment });
  return stdout.trim();
}

const NAMES = ['jackal-test/web:1', 'localhost:5000/jackal-test/web:2', 'jackal-test/other:latest'];

beforeAll(async () => {
  place = await workplace();
  engine = await dockerEngine();
  await writeBuild(join(place, 'build'));
  await docker(
    'build',
    '-q',
    '-t',
    NAMES[0] as string,
    '-t',
    NAMES[1] as string,
    join(place, 'build'),
  );
  await docker(
    'build',
    '-q',
    '-t',
    NAMES[2] as string,
    '--label',
    'other=yes',
    join(place, 'build'),
  );
  id = await docker('image', 'inspect', '-f', '{{.Id}}', NAMES[0] as string);
});

afterAll(async () => {
  await docker('image', 'rm', '-f', ...NAMES);
  await engine.close();
});

const environment = () => ({ DOCKER_HOST: engine.host });

async function one(line: string): Promise<Image> {
  const set = await read(place, [line], { environment: environment() });
  await drain(set);
  await set.close();
  expect(await readdir(join(place, 'temporary'))).toEqual([]);
  return set.images[0] as Image;
}

test('an image of the daemon by name, by ID and by short ID is the same image', async () => {
  const image = await one('jackal-test/web:1');
  expect(image).toMatchObject({ name: 'docker.io/jackal-test/web', tag: '1', digestKept: false });
  expect(image.blobs[0]?.digest).toBe(id);
  for (const line of [
    `docker-daemon:${id}`,
    id.slice(7),
    id.slice(7, 19),
    'localhost:5000/jackal-test/web:2',
  ]) {
    expect((await one(line)).target.digest).toBe(image.target.digest);
  }
  expect(await one('jackal-test/other')).toMatchObject({
    name: 'docker.io/jackal-test/other',
    tag: 'latest',
  });
  expect(await one('jackal-test/web:1 as r.io/x:3')).toMatchObject({ name: 'r.io/x', tag: '3' });
});

test('several images come in one save and share their layers', async () => {
  const set = await read(place, NAMES, { environment: environment() });
  const digests = set.images.flatMap(({ blobs }) => blobs.slice(1));
  expect(set.images.map(({ tag }) => tag)).toEqual(['1', '2', 'latest']);
  expect(new Set(digests).size).toBe(3);
  await drain(set);
  await set.close();
});

test('a saved file gives the same manifest as the daemon, with any compression', async () => {
  const file = join(place, 'web.tar');
  await docker('save', '-o', file, NAMES[0] as string);
  for (const compression of ['zstd', 'gzip', 'none'].map(parseCompression)) {
    const options = { environment: environment(), compression };
    const set = await read(place, [file, NAMES[0] as string], options);
    expect(set.images[0]?.target.digest).toBe(set.images[1]?.target.digest);
    await drain(set);
    await set.close();
  }
});

test('other tools unpack what was compressed here: skopeo and Docker gzip, zstd its own', async () => {
  const layers = ['image', 'inspect', '-f', '{{json .RootFS.Layers}}'];
  const expected = await docker(...layers, id);
  for (const method of ['gzip', 'zstd']) {
    const options = { environment: environment(), compression: parseCompression(method) };
    const set = await read(place, [NAMES[0] as string], options);
    const directory = join(place, method);
    const image = set.images[0] as Image;
    await writeLayout(image, directory);
    await set.close();
    if (method === 'gzip') {
      const target = ['docker-daemon:jackal-test/back:1', '--dest-daemon-host', engine.host];
      await run('skopeo', ['copy', '-q', `oci:${directory}:x`, ...target]);
      expect(await docker(...layers, 'jackal-test/back:1')).toBe(expected);
      await docker('image', 'rm', 'jackal-test/back:1');
    } else {
      const files = image.blobs
        .slice(1)
        .map(({ digest }) => join(directory, 'blobs', 'sha256', digest.slice(7)));
      const unfolded = await Promise.all(
        files.map(async (path) => digestOf(zstdDecompressSync(await readFile(path)))),
      );
      expect(JSON.stringify(unfolded)).toBe(expected);
    }
  }
});

test('no such image', async () => {
  const sentence = await refusal(place, ['jackal-test/web:1', 'jackal-test/nowhere:1'], {
    environment: environment(),
  });
  expect(sentence).toContain('has no image jackal-test/nowhere:1; build or pull it');
});

test('no daemon, and an address that is none', async () => {
  const at = (DOCKER_HOST: string) => refusal(place, ['web:1'], { environment: { DOCKER_HOST } });
  expect(await at('unix:///nowhere/docker.sock')).toContain(
    'No Docker daemon answers at unix:///nowhere/docker.sock',
  );
  expect(await at('tcp://127.0.0.1:1')).toContain('No Docker daemon answers at tcp://127.0.0.1:1');
  expect(await at('ssh://user@host')).toContain('cannot be used; set DOCKER_HOST');
  expect(
    await refusal(place, ['web:1'], {
      environment: { CONTAINER_HOST: 'unix:///nowhere/podman.sock' },
    }),
  ).toContain('/nowhere/podman.sock');
});

test('of a name without a tag the daemon saves the one image that it means', async () => {
  await docker('tag', NAMES[0] as string, 'jackal-test/other:older');
  const urls: string[] = [];
  const server = createServer(({ url, method, headers }, response) => {
    urls.push(decodeURIComponent(url ?? ''));
    const socketPath = engine.host.replace('unix://', '');
    const outgoing = request({ socketPath, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    outgoing.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const DOCKER_HOST = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const set = await read(place, ['jackal-test/other'], { environment: { DOCKER_HOST } });
    await set.close();
    expect(set.images.map(({ tag }) => tag)).toEqual(['latest']);
    expect(urls.at(-1)).toBe('/images/get?names=jackal-test/other:latest');
  } finally {
    server.close();
    await docker('image', 'rm', 'jackal-test/other:older');
  }
});
