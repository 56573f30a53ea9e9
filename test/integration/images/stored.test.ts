import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer as createProxy,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '../../../src/images/bytes/content.js';
import type { AnnouncedImage } from '../../../src/images/daemon/asked.js';
import type { ImageSet } from '../../../src/images/image.js';
import { buildImage } from '../../helpers/site.js';
import { drain, read, workplace } from '../../unit/images/fixtures.js';
import { type Engine29, startEngine29 } from './engine29.js';

/* Engine 29 with containerd's store, which gives content by its digest, and what may stand before it. */

const NAME = 'jackal-test/stored:1';

let place: string;
let engine: Engine29;
let id: string;
const left: (() => unknown)[] = [];

beforeAll(async () => {
  place = await workplace();
  engine = await startEngine29('containerd');
  const layers = [
    ['base', randomBytes(5_000_000)],
    ['top', Buffer.alloc(100_000, 'x')],
  ] as const;
  await buildImage(engine.host, join(place, 'build'), NAME, layers);
  id = await engine.docker('image', 'inspect', '-f', '{{.Id}}', NAME);
});

afterEach(async () => {
  for (const end of left.splice(0).reverse()) await end();
});

afterAll(() => engine.close());

let sockets = 0;

/** A socket before the engine. */
async function before(server: Server): Promise<{ DOCKER_HOST: string }> {
  const path = join(place, `${++sockets}.sock`);
  server.listen(path);
  await once(server, 'listening');
  left.push(() => server.close());
  return { DOCKER_HOST: `unix://${path}` };
}

const behind = () => connect(engine.host.slice('unix://'.length));

/** What passes connections on, and hears what is asked by HTTP/1. */
async function relay() {
  const heard: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const other = behind();
    socket.on('data', (data) => heard.push(data.toString('latin1')));
    for (const one of [socket, other]) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        socket.destroy();
        other.destroy();
      });
    }
    socket.pipe(other).pipe(socket);
  });
  const cut = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  left.push(cut);
  const environment = await before(server);
  return { environment, cut, isSaved: () => heard.some((data) => data.includes('/images/get')) };
}

async function readOne(environment: { DOCKER_HOST: string }): Promise<ImageSet> {
  const set = await read(place, [NAME], { environment });
  left.push(() => set.close());
  return set;
}

test('the engine saves nothing: content comes by its digest, from any byte on, as often as it is wanted', async () => {
  const { environment, isSaved } = await relay();
  const set = await readOne(environment);
  const [image] = set.images;
  expect(image).toMatchObject({ digestKept: true, target: { digest: id } });
  expect(image?.blobs).toHaveLength(3);
  for (const blob of image?.blobs ?? []) {
    const whole = await buffer(blob.open());
    expect([whole.length, digestOf(whole)]).toEqual([blob.size, blob.digest]);
    for (const start of [1, blob.size - 1, blob.size]) {
      expect((await buffer(blob.open(start))).equals(whole.subarray(start))).toBe(true);
    }
  }
  await set.verify();
  await drain(set);
  expect(isSaved()).toBe(false);
});

test('what the engine says an image takes is enough for its content, and not counted twice', async () => {
  let announced: readonly AnnouncedImage[] = [];
  const set = await read(place, [NAME], {
    environment: { DOCKER_HOST: engine.host },
    onAnnounced: (images) => {
      announced = images;
    },
  });
  left.push(() => set.close());
  const content = set.images.flatMap(({ blobs }) => blobs).reduce((sum, { size }) => sum + size, 0);
  expect(announced).toHaveLength(1);
  const [part, ...others] = announced[0]?.parts ?? [];
  expect(others).toEqual([]);
  expect(part?.platform).toBe(set.images[0]?.platforms[0]);
  expect(part?.storeBytes).toBeGreaterThan(content);
  expect(part?.storeBytes).toBeLessThan(3 * content);
});

test('contents that were begun and are left for a while hold no other up', async () => {
  const set = await readOne({ DOCKER_HOST: engine.host });
  const [, layer] = set.images[0]?.blobs ?? [];
  const begun = Array.from({ length: 20 }, () => layer?.open() as Readable);
  left.push(() => begun.map((stream) => stream.destroy()));
  await Promise.all(begun.map((stream) => once(stream, 'readable')));
  const whole = await buffer(layer?.open() as Readable);
  expect(digestOf(whole)).toBe(layer?.digest);
});

test('where something before the engine speaks HTTP/1 alone it saves the image, which is the same', async () => {
  const saved: string[] = [];
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    saved.push(incoming.url ?? '');
    const { url: path, method, headers } = incoming;
    const socketPath = engine.host.slice('unix://'.length);
    const asked = request({ socketPath, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode as number, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(asked);
  };
  const set = await readOne(await before(createProxy(pass)));
  expect(set.images[0]?.target.digest).toBe(id);
  expect(saved.some((url) => url.startsWith('/images/get'))).toBe(true);
  await drain(set);
});

test('where something before the engine swallows HTTP/2 it saves the image, too', async () => {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      if (data.toString('latin1').startsWith('PRI ')) return;
      const other = behind();
      other.on('error', () => undefined);
      other.write(data);
      socket.pipe(other).pipe(socket);
    });
  });
  left.push(() => {
    for (const socket of open) socket.destroy();
  });
  const set = await readOne(await before(server));
  expect(set.images[0]?.target.digest).toBe(id);
  await drain(set);
});

test('an engine that goes away before its layers are read is told', async () => {
  const { environment, cut } = await relay();
  const set = await readOne(environment);
  cut();
  const [, layer] = set.images[0]?.blobs ?? [];
  const thrown = await buffer(layer?.open() as Readable).catch((error: unknown) => error);
  expect(String(thrown)).toMatch(
    /The daemon at unix:\S+ did not give the content sha256:\w{64} \(.+\); see that it runs and that nobody removes its images during the step\./,
  );
});

test('a step that ends while a layer comes from the engine ends its connection', async () => {
  const { environment } = await relay();
  const stop = new AbortController();
  const set = await read(place, [NAME], { environment, signal: stop.signal });
  left.push(() => set.close());
  const reason = new Error('the step was cancelled');
  const failed = buffer(set.images[0]?.blobs[1]?.open() as Readable).catch((error) => error);
  stop.abort(reason);
  expect(await failed).toBe(reason);
});
