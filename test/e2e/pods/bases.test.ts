import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { PAUSE_IMAGE } from '../../cluster/build/build.js';
import { Jobs } from '../../helpers/jobs.js';
import { expectProofs } from '../../helpers/proofs.js';
import { apply, kubectl, whyNoSite } from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';
import { containersIn, podsOf } from './of-run.js';
import { serveOwnBase } from './own-base.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

let jobs: Jobs;
let image: string;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  image = `oci:${await writeImage([randomLayer(1000)], 'acme/bases:1')}`;
});

afterEach(() => jobs?.endLeft());

afterAll(() => jobs?.close());

/** A Pod that runs on a node and needed no pull secret. */
async function lendOn(node: string): Promise<void> {
  const container = { name: 'lender', image: PAUSE_IMAGE, imagePullPolicy: 'Never' };
  await apply(jobs.here.cluster, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `lender-${node}`, namespace: 'default' },
    spec: { nodeName: node, terminationGracePeriodSeconds: 0, containers: [container] },
  });
}

onSite(
  'where nodes list no image, Pods that run there lend theirs to registry and relays',
  async () => {
    const { cluster } = jobs.here;
    const names = cluster.nodes.map(({ name }) => name);
    const lenders = names.map((name) => `pod/lender-${name}`);
    try {
      for (const name of names) await lendOn(name);
      const isRunning = '--for=jsonpath={.status.phase}=Running';
      await kubectl(cluster, 'wait', isRunning, '--timeout=300s', ...lenders);
      await jobs.withNodeStatus(cluster.nodes, { images: [] }, async () => {
        const step = await jobs.start({ images: image, route: 'hostport' });
        await step.logged(/::group::Start the registry/);
        for (const node of cluster.nodes) await node.startComponent('kubelet');
        const main = await jobs.ended(step);
        expect([main.exitCode, main.errors]).toEqual([0, []]);
        await expectProofs(
          cluster,
          Object.values(JSON.parse(main.outputs.images as string) as Record<string, string>),
        );
        const lent = { image: PAUSE_IMAGE, imagePullPolicy: 'Never' };
        expect(containersIn(await podsOf(cluster, 'registry'))).toMatchObject([lent]);
        const relays = containersIn(await podsOf(cluster, 'relay'));
        expect(relays.map(({ node }) => node).sort()).toEqual(names);
        expect(relays).toMatchObject([lent, lent]);
        await kubectl(cluster, 'delete', ...lenders);
        await jobs.end(main);
      });
    } finally {
      await kubectl(cluster, 'delete', '--ignore-not-found', ...lenders);
    }
  },
);

onSite('an image that the nodes have may be chosen without their pulling anything', async () => {
  await jobs.inject([image], {
    inputs: { 'injector-image': PAUSE_IMAGE },
    look: async () => {
      const chosen = { image: PAUSE_IMAGE, imagePullPolicy: 'IfNotPresent' };
      expect(containersIn(await podsOf(jobs.here.cluster, 'registry'))).toMatchObject([chosen]);
    },
  });
});

onSite('an image that just the registry’s node has by then is where couriers start', async () => {
  const { cluster } = jobs.here;
  const own = await serveOwnBase(cluster);
  const layers = Array.from({ length: 6 }, () => randomLayer(6_000_000));
  const large = `oci:${await writeImage(layers, 'acme/brought:1')}`;
  try {
    await jobs.inject([large], {
      inputs: {
        ...{ carrier: 'configmap', 'configmap-budget': '24Mi', route: 'nodeport' },
        'injector-image': own.reference,
      },
      look: async ({ log }) => {
        expect(log).toMatch(/were sent as ConfigMaps by couriers/);
        const pulled = { image: own.reference, imagePullPolicy: 'IfNotPresent' };
        expect(containersIn(await podsOf(cluster, 'registry'))).toMatchObject([pulled]);
      },
    });
  } finally {
    await own.close();
  }
});
