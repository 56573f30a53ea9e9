import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  configOf,
  dockerArchive,
  LAYER,
  Layout,
  layerOf,
  read,
  refusal,
  sha256,
  tarOf,
  workplace,
  writeDirectory,
  writeTar,
} from './fixtures.js';

const RAW = layerOf('a', 'content');
const PLAIN = { stored: RAW, raw: RAW, mediaType: LAYER };

let place = '';
let server: Server | undefined;

beforeEach(async () => {
  place = await workplace();
});

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A daemon that says `about` of every image and saves as told. */
async function daemon(about: object, save: (response: ServerResponse) => void) {
  const socket = join(place, 'docker.sock');
  server = createServer((request, response) => {
    if (request.url?.startsWith('/images/get') === true) save(response);
    else response.end(JSON.stringify(about));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(socket, resolve);
  await promise;
  return { environment: { DOCKER_HOST: `unix://${socket}` } };
}

const KNOWN = { Id: `sha256:${'a'.repeat(64)}`, RepoTags: ['web:1'] };

function answer(status: number, body: string) {
  return (response: ServerResponse) => {
    response.writeHead(status);
    response.end(body);
  };
}

test.each([404, 500])(
  'a save that is answered %d tells the reason of the daemon',
  async (status) => {
    const message = `content digest sha256:${'b'.repeat(64)}: not found.\n`;
    const options = await daemon(KNOWN, answer(status, JSON.stringify({ message })));
    const sentence = await refusal(place, ['web:1'], options);
    expect(sentence).toContain(`content digest sha256:${'b'.repeat(64)}: not found`);
    expect(sentence).not.toMatch(/has no image|\.\.|\n/);
    expect(sentence).toContain('docker pull');
  },
);

test('a save that is answered 404 without a word', async () => {
  const sentence = await refusal(place, ['web:1'], await daemon(KNOWN, answer(404, '')));
  expect(sentence).toContain('404');
  expect(sentence).not.toContain('has no image');
});

test('an image that the daemon does not know is still said to be missing', async () => {
  const options = await daemon(KNOWN, answer(200, ''));
  server?.removeAllListeners('request');
  server?.on('request', (_, response) => answer(404, '{"message":"No such image"}')(response));
  expect(await refusal(place, ['web:1'], options)).toContain('has no image web:1');
});

test.each([
  ['no digest', { Id: 'a b\nblob sha256:0 1', RepoTags: [] }],
  ['nothing', {}],
  ['another algorithm', { Id: `sha512:${'a'.repeat(128)}` }],
])('an image whose ID is %s', async (_, about) => {
  const options = await daemon(about, answer(200, ''));
  expect(await refusal(place, ['web:1'], options)).toMatch(/ID .* is not a sha256 digest/);
});

test('names that are none are passed over for an image ID', async () => {
  const config = configOf([RAW]);
  const archive = tarOf(dockerArchive(null, [RAW]));
  const id = `sha256:${sha256(config)}`;
  const options = await daemon({ Id: id, RepoTags: ['<none>:<none>', 'r.io/web:2'] }, (response) =>
    response.end(archive),
  );
  const set = await read(place, [id], options);
  expect(set.images[0]).toMatchObject({ name: 'r.io/web', tag: '2' });
  await set.close();
});

test('images saved by name and by ID at once are told apart by their digests', async () => {
  const layout = new Layout();
  const other = layerOf('b', 'other');
  const named = layout.image([PLAIN]);
  const byId = layout.image([{ stored: other, raw: other, mediaType: LAYER }]);
  layout.list(named, 'r.io/web:1').list(byId);
  const archive = tarOf(layout.entries());
  const options = await daemon({ Id: byId.digest, RepoTags: [] }, (response) =>
    response.end(archive),
  );
  const set = await read(place, [byId.digest], options);
  expect(set.images.map(({ target }) => target.digest)).toEqual([byId.digest]);
  await set.close();
});

describe('an image whose content is missing', () => {
  const incomplete = (missing: 'config' | 'layers', manifest = true) => {
    const layout = new Layout();
    const image = layout.image([PLAIN]);
    const path = `blobs/sha256/${image.digest.slice(7)}`;
    const parsed = JSON.parse((layout.files.get(path) ?? '').toString());
    layout.list(image, 'r.io/web:1');
    layout.remove(missing === 'config' ? parsed.config : parsed.layers[0]);
    if (!manifest) layout.remove(image);
    const table = {
      Config: `blobs/sha256/${sha256(configOf([RAW]))}`,
      RepoTags: ['r.io/web:1'],
      Layers: [`blobs/sha256/${sha256(RAW)}`],
    };
    return {
      layout,
      table: { path: 'manifest.json', bytes: Buffer.from(JSON.stringify([table])) },
    };
  };

  test.each(['config', 'layers'] as const)(
    'as Docker 29 saves what it had unpacked before: %s',
    async (missing) => {
      for (const manifest of [true, false]) {
        const { layout, table } = incomplete(missing, manifest);
        const archive = await writeTar(place, [...layout.entries(), table]);
        for (const line of [archive, `docker-archive:${archive}`]) {
          const sentence = await refusal(place, [line]);
          expect(sentence).toMatch(/is incomplete: .* is missing/);
          expect(sentence).toContain('docker pull');
        }
      }
    },
  );

  test('as other tools leave layers out: Docker is not to blame (pack --sparse)', async () => {
    const { layout } = incomplete('layers');
    const sentence = await refusal(place, [await writeDirectory(place, layout.entries())]);
    expect(sentence).toMatch(/is incomplete: .* is missing/);
    expect(sentence).not.toContain('docker');
  });
});
