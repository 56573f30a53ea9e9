import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../../cluster/command.js';
import { dockerEngine } from '../../cluster/docker.js';
import { type Registry, serveImages } from '../../helpers/registry.js';
import { whyNoTools } from '../../helpers/tools.js';
import { sha256, workplace } from '../../unit/images/fixtures.js';
import { startEngine29 } from '../images/engine29.js';
import { digestsIn } from './clients.js';
import { type Containerd, startContainerd } from './containerd.js';
import { type Contents, digestsBelow, KINDS, layersOf, makeContents } from './contents.js';

/** First major version of Docker's engine that unpacks zstd. */
const DOCKER_WITH_ZSTD = 23;

const missing =
  whyNoTools('setpriv') ?? (process.getuid?.() === 0 ? undefined : 'starting them needs root');
if (missing !== undefined) console.warn(`Pulls by engines are not tested: ${missing}.`);
const onRoot = missing === undefined ? describe : describe.skip;

let place: string;
let contents: Contents;
let registry: Registry;

beforeAll(async () => {
  if (missing !== undefined) return;
  place = await workplace();
  contents = await makeContents(place);
  registry = await serveImages(KINDS.map((kind) => contents[kind]));
});

afterAll(async () => {
  await registry?.close();
  await contents?.close();
});

/** Docker's engines: this machine's or Debian's, and 29 with each of its image stores. */
const ENGINES = {
  'of this machine': () => dockerEngine({ name: 'registry-test' }),
  '29 with containerd': () => startEngine29('containerd'),
  '29, classic': () => startEngine29('classic'),
} as const;

onRoot.each(Object.entries(ENGINES))('docker %s', (name, start) => {
  let engine: { host: string; close(): Promise<void> };

  beforeAll(async () => {
    engine = await start();
  });

  afterAll(() => engine?.close());

  const docker = async (...args: string[]) => {
    const env = { ...process.env, DOCKER_HOST: engine.host };
    return (await run('docker', args, { env })).stdout.trim();
  };

  test.each(KINDS)('pulls and unpacks %s', async (kind) => {
    const image = contents[kind];
    const version = await docker('version', '--format', '{{.Server.Version}}');
    if (kind === 'zstd' && Number.parseInt(version, 10) < DOCKER_WITH_ZSTD) {
      console.warn(`Docker ${version} knows no zstd; only its refusal is tested.`);
      await expect(docker('pull', registry.reference(image))).rejects.toThrow();
      return;
    }
    const layers = await layersOf(image);
    for (const by of ['tag', 'digest'] as const) {
      const reference = registry.reference(image, by);
      await docker('pull', '--quiet', reference);
      try {
        const [about] = JSON.parse(await docker('image', 'inspect', reference));
        const pulled = `${registry.host}/${registry.repository(image)}@${image.target.digest}`;
        expect(about.RepoDigests).toEqual([pulled]);
        expect(about.RootFS.Layers).toEqual(layers.map(({ diffId }) => diffId));
        const directory = join(place, `${name}-${kind}-${by}`);
        await run('mkdir', [directory]);
        await docker('save', '--output', join(directory, 'saved.tar'), reference);
        await run('tar', ['-xf', 'saved.tar'], { cwd: directory });
        const saved = new Set(await digestsIn(directory));
        // The classic store saves layers unpacked, containerd's as they came.
        const lost = layers.filter(
          ({ digest, diffId }) => !saved.has(digest) && !saved.has(diffId),
        );
        expect(lost).toEqual([]);
      } finally {
        await docker('image', 'rm', '--force', reference);
      }
    }
  });
});

onRoot('containerd', () => {
  let containerd: Containerd;

  beforeAll(async () => {
    containerd = await startContainerd(join(place, 'containerd'));
  });

  afterAll(() => containerd?.close());

  test.each(KINDS)('fetches what the source has: %s', async (kind) => {
    const image = contents[kind];
    const expected = await digestsBelow(image);
    for (const by of ['tag', 'digest'] as const) {
      await containerd.fetch(registry.reference(image, by));
      const held = await containerd.digests();
      expect(held).toEqual(expected);
      for (const digest of held) {
        expect(`sha256:${sha256(await readFile(containerd.file(digest)))}`).toBe(digest);
      }
      await containerd.remove(held);
    }
  });
});
