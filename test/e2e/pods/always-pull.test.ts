import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Cluster, down, up } from '../../cluster/cluster.js';
import { Jobs } from '../../helpers/jobs.js';
import { apply, kubectl, whyNoSite } from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';
import { containersIn, podsOf } from './of-run.js';
import { type OwnBase, serveOwnBase } from './own-base.js';

/* A cluster whose API server has every image pulled anew, and a registry that its nodes reach. */

const onSite = whyNoSite() === undefined ? test : test.skip;
const NAME = 'always-pull';

let cluster: Cluster;
let jobs: Jobs;
let own: OwnBase;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  cluster = await up({ name: NAME, nodes: 2, admission: 'AlwaysPullImages' });
  own = await serveOwnBase(cluster);
  jobs = await Jobs.create({ cluster, dockerHost: '' });
});

afterEach(() => jobs?.endLeft());

afterAll(async () => {
  await jobs?.close();
  await own?.close();
  if (whyNoSite() === undefined) await down(NAME);
});

const LAYER_BYTES = 6_000_000;

/** An image of random layers, as the input `images` names it. */
async function written(layers: number): Promise<string> {
  const all = Array.from({ length: layers }, () => randomLayer(LAYER_BYTES));
  return `oci:${await writeImage(all, 'acme/always:1')}`;
}

/** A Pod with an injected image's own name runs, and its kubelet has pulled that anew from the run. */
async function expectPulledAnew(image: string): Promise<void> {
  const metadata = { name: 'anew', namespace: 'default' };
  // A random layer has no program, so the runtime gets as far as starting one.
  const containers = [{ name: 'main', image, command: ['/x'] }];
  const spec = { containers, restartPolicy: 'Never' };
  await apply(cluster, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  try {
    const reason = '{.status.containerStatuses[0].state..reason}';
    const started = `--for=jsonpath=${reason}=StartError`;
    await kubectl(cluster, 'wait', 'pod/anew', started, '--timeout=300s');
    const made = JSON.parse(await kubectl(cluster, 'get', 'pod/anew', '--output=json'));
    expect(made.spec.containers[0]).toMatchObject({
      image: expect.stringMatching(/^127\.0\.0\.1:.*\/acme\/always@sha256:/),
      imagePullPolicy: 'Always',
    });
  } finally {
    await kubectl(cluster, 'delete', 'pod/anew', '--now');
  }
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
    inputs: { 'injector-image': own.reference, route: 'nodeport' },
    look: async () => {
      const [pod] = containersIn(await podsOf(cluster, 'registry'));
      expect(pod).toMatchObject({ image: own.reference, imagePullPolicy: 'Always' });
      const proofs = containersIn(await podsOf(cluster, 'proof'));
      expect(proofs.map(({ imagePullPolicy }) => imagePullPolicy)).toEqual(['Always', 'Always']);
      await expectPulledAnew('acme/always:1');
    },
  });
});

onSite('with one, relays start from it, too', async () => {
  await jobs.inject([await written(1)], {
    inputs: { 'injector-image': own.reference, route: 'hostport' },
    look: async () => {
      const pulled = { image: own.reference, imagePullPolicy: 'Always' };
      expect(containersIn(await podsOf(cluster, 'relay'))).toMatchObject([pulled, pulled]);
    },
  });
});

onSite(
  'couriers would wait for pulls that wait for them, so all travels at once or not',
  async () => {
    const inputs = {
      'injector-image': own.reference,
      carrier: 'configmap',
      images: await written(6),
    };
    const main = await jobs.ended(await jobs.start({ ...inputs, 'configmap-budget': '24Mi' }));
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(/couriers cannot bring .*every image is pulled anew/);
    expect(await jobs.objects('configmap', 'chunk')).toEqual([]);
    await jobs.end(main);
  },
);

onSite('one that cannot be pulled ends the step with the kubelet’s words', async () => {
  const gone = `${own.reference.replace(/:[^:/]*$/, '')}:gone`;
  const inputs = { images: await written(1), 'injector-image': gone };
  const main = await jobs.ended(await jobs.start(inputs));
  expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
  expect(main.errors[0]).toMatch(
    /^The registry could not start from any image \(\S+:gone on node1: ErrImagePull: .*not found.*; \S+:gone on node2: .*\); give the input `injector-image` an image that the nodes have or can pull\.$/,
  );
  await jobs.end(main);
});
