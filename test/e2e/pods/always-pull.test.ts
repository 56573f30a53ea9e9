import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Image, ImageSet } from '../../../src/images/image.js';
import { type Cluster, down, up } from '../../cluster/cluster.js';
import { Jobs } from '../../helpers/jobs.js';
import { type Registry, serveImages } from '../../helpers/registry.js';
import { whyNoSite } from '../../helpers/site.js';
import { read, workplace } from '../../unit/images/fixtures.js';
import { randomLayer, writeImage } from '../kit/random-image.js';
import { containersIn, podsOf } from './of-run.js';

/* A cluster whose API server has every image pulled anew, and a registry that its nodes reach. */

const onSite = whyNoSite() === undefined ? test : test.skip;
const NAME = 'always-pull';

let cluster: Cluster;
let jobs: Jobs;
let set: ImageSet;
let registry: Registry;
/** An image of that registry, of which no node has anything. */
let base: string;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  cluster = await up({ name: NAME, nodes: 2, admission: 'AlwaysPullImages' });
  const image = `oci:${await writeImage([randomLayer(1000)], 'acme/base:1')}`;
  set = await read(await workplace(), [image]);
  registry = await serveImages(set.images, cluster.network.gateway);
  base = registry.reference(set.images[0] as Image);
  for (const node of cluster.nodes) {
    const folder = join(node.directory, 'var/lib/jackal/certs.d', registry.host);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'hosts.toml'), `server = "http://${registry.host}"\n`);
  }
  jobs = await Jobs.create({ cluster, dockerHost: '' });
}, 300_000);

afterEach(() => jobs?.endLeft());

afterAll(async () => {
  await jobs?.close();
  await registry?.close();
  await set?.close();
  if (whyNoSite() === undefined) await down(NAME);
});

const LAYER_BYTES = 6_000_000;

/** An image of random layers, as the input `images` names it. */
async function written(layers: number): Promise<string> {
  const all = Array.from({ length: layers }, () => randomLayer(LAYER_BYTES));
  return `oci:${await writeImage(all, 'acme/always:1')}`;
}

onSite('without an image to pull the step ends before anything is uploaded', async () => {
  const main = await jobs.ended(await jobs.start({ images: await written(1) }));
  expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
  expect(main.errors[0]).toMatch(
    /^The cluster has every image pulled anew .*AlwaysPullImages.*cannot start from .*pause.*; set the input `injector-image` to /,
  );
  expect(main.log).not.toContain('::group::Upload');
  await jobs.end(main);
});

onSite('with one, registry and proofs are pulled anew and run', async () => {
  await jobs.inject([await written(1)], {
    inputs: { 'injector-image': base, route: 'nodeport' },
    look: async () => {
      const [pod] = containersIn(await podsOf(cluster, 'registry'));
      expect(pod).toMatchObject({ image: base, imagePullPolicy: 'Always' });
      const proofs = containersIn(await podsOf(cluster, 'proof'));
      expect(proofs.map(({ imagePullPolicy }) => imagePullPolicy)).toEqual(['Always', 'Always']);
    },
  });
});

onSite('with one, relays and couriers start from it, too', async () => {
  const carrier = { carrier: 'configmap', 'configmap-budget': '24Mi' };
  await jobs.inject([await written(6)], {
    inputs: { 'injector-image': base, route: 'hostport', ...carrier },
    look: async ({ log }) => {
      expect(log).toContain('The images travel as ConfigMaps that couriers bring in batches');
      expect(log).toMatch(/were sent as ConfigMaps by couriers/);
      const relays = containersIn(await podsOf(cluster, 'relay'));
      const expected = { image: base, imagePullPolicy: 'Always' };
      expect(relays).toEqual([
        expect.objectContaining(expected),
        expect.objectContaining(expected),
      ]);
    },
  });
});

onSite('one that cannot be pulled ends the step with the kubelet’s words', async () => {
  const gone = `${base.replace(/:[^:/]*$/, '')}:gone`;
  const inputs = { images: await written(1), 'injector-image': gone };
  const main = await jobs.ended(await jobs.start(inputs));
  expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
  expect(main.errors[0]).toMatch(
    /^The registry could not start from any image \(\S+:gone on node1: ErrImagePull: .*not found.*; \S+:gone on node2: .*\); give the input `injector-image` an image that the nodes have or can pull\.$/,
  );
  await jobs.end(main);
});
