import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../../cluster/command.js';
import { type DockerEngine, dockerEngine } from '../../cluster/docker.js';
import { type Registry, serveImages } from '../../helpers/registry.js';
import { TOOLS_BUILD_MS, whyNoTools } from '../../helpers/tools.js';
import { sha256, workplace } from '../../unit/images/fixtures.js';
import { digestsIn } from './clients.js';
import { type Containerd, startContainerd } from './containerd.js';
import { type Contents, digestsBelow, KINDS, layersOf, makeContents } from './contents.js';

/** First major version of Docker's engine whose classic image store unpacks zstd. */
const DOCKER_WITH_ZSTD = 23;

const missing =
  whyNoTools('setpriv') ?? (process.getuid?.() === 0 ? undefined : 'engines need root');
if (missing !== undefined) console.warn(`Pulls by engines are not tested: ${missing}.`);

(missing === undefined ? describe : describe.skip)('engines', () => {
  let place: string;
  let contents: Contents;
  let registry: Registry;
  let engine: DockerEngine;
  let containerd: Containerd;

  beforeAll(async () => {
    place = await workplace();
    contents = await makeContents(place);
    registry = await serveImages(KINDS.map((kind) => contents[kind]));
    [engine, containerd] = await Promise.all([
      dockerEngine({ name: 'registry-test' }),
      startContainerd(join(place, 'containerd')),
    ]);
  }, TOOLS_BUILD_MS);

  afterAll(async () => {
    await Promise.all([engine?.close(), containerd?.close(), registry?.close()]);
    await contents?.close();
  });

  const docker = async (...args: string[]) => {
    const env = { ...process.env, DOCKER_HOST: engine.host };
    return (await run(engine.docker, args, { env })).stdout.trim();
  };

  test.each(KINDS)('docker pulls and unpacks %s', async (kind) => {
    const image = contents[kind];
    const version = await docker('version', '--format', '{{.Server.Version}}');
    if (kind === 'zstd' && Number.parseInt(version, 10) < DOCKER_WITH_ZSTD) {
      console.warn(`Docker ${version} knows no zstd; only its refusal is tested.`);
      await expect(docker('pull', registry.reference(image))).rejects.toThrow();
      return;
    }
    const file = join(place, `${kind}.tar`);
    for (const by of ['tag', 'digest'] as const) {
      const reference = registry.reference(image, by);
      await docker('pull', '--quiet', reference);
      try {
        const [about] = JSON.parse(await docker('image', 'inspect', reference));
        const pulled = `${registry.host}/${registry.repository(image)}@${image.target.digest}`;
        expect(about.RepoDigests).toEqual([pulled]);
        const layers = await layersOf(image);
        expect(about.RootFS.Layers).toEqual(layers.map(({ diffId }) => diffId));
        await docker('save', '--output', file, reference);
        const directory = join(place, `${kind}-${by}-saved`);
        await run('mkdir', [directory]);
        await run('tar', ['-xf', file, '-C', directory]);
        const saved = new Set(await digestsIn(directory));
        // The classic store saves layers unpacked, containerd's as they came.
        for (const { digest, diffId } of layers)
          expect(saved.has(digest) || saved.has(diffId)).toBe(true);
      } finally {
        await docker('image', 'rm', '--force', reference);
      }
    }
  });

  test.each(KINDS)('containerd fetches what the source has: %s', async (kind) => {
    const image = contents[kind];
    for (const by of ['tag', 'digest'] as const) {
      const before = new Set(await containerd.digests());
      await containerd.fetch(registry.reference(image, by));
      const fetched = (await containerd.digests()).filter((digest) => !before.has(digest));
      const expected = await digestsBelow(image);
      expect(await containerd.digests()).toEqual(expect.arrayContaining(expected));
      expect(by === 'tag' ? fetched : expected).toEqual(expected);
    }
    const bytes = await readFile(containerd.file(image.target.digest));
    expect(`sha256:${sha256(bytes)}`).toBe(image.target.digest);
  });
});
