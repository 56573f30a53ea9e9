import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../../cluster/cluster.js';
import { until } from '../../cluster/until.js';
import { expectProofs } from '../../helpers/proofs.js';
import { kubectl, whyNoSite } from '../../helpers/site.js';
import { imageLine, ReleaseSteps } from './steps.js';
import { withVolumes } from './volumes.js';

/* What a release's registry holds, where the cluster has volumes and where nothing outlives its Pod. */

const onSite = whyNoSite() === undefined ? test : test.skip;

let shop: ReleaseSteps;

beforeAll(async () => {
  if (whyNoSite() === undefined) shop = await ReleaseSteps.create('shop');
});

afterEach(() => shop?.endLeft());

afterAll(() => shop?.jobs.close());

onSite('on a volume it outlives the Pod, and goes with the release', async () => {
  const { cluster } = shop;
  const [first, second] = cluster.nodes as [ClusterNode, ClusterNode];
  await withVolumes(shop, first, 2, async () => {
    const stream = { carrier: 'stream' };
    const made = await shop.release([await imageLine('acme/shop:1', 5_000_000)], stream);
    expect(made.main.log).toContain('is in a PersistentVolumeClaim');
    await shop.loseRegistry();
    await shop.pullAgain(second, made.references);

    const changed = await shop.release([await imageLine('acme/shop:2', 6_000_000)], stream);
    await expectProofs(cluster, changed.references);
    const claims = ['get', 'persistentvolumeclaims', '--all-namespaces', '--output=name'];
    expect((await kubectl(cluster, ...claims)).trim().split('\n')).toHaveLength(1);
    await shop.delete();
    expect(await kubectl(cluster, ...claims)).toBe('');
  });
});

onSite('where nothing outlives the Pod, a warning says what a lost node costs', async () => {
  const line = await imageLine('acme/shop:1', 400_000);
  const { main, references } = await shop.release([line], { carrier: 'stream' });
  expect(main.warnings).toEqual([
    expect.stringContaining('What the release "shop" holds ends with the node'),
  ]);
  await expectProofs(shop.cluster, references);
  const [lost] = await shop.pods('registry');
  const { name, namespace } = lost?.metadata ?? {};
  await shop.jobs.delete([`--namespace=${namespace}`, `pod/${name}`]);
  await until('the registry is gone', async () => (await shop.pods('registry')).length === 0);
  // Nothing can be copied from it, and the next step does without.
  const next = await shop.release([await imageLine('acme/shop:2', 300_000)]);
  expect(next.main.log).not.toContain('of those that it replaces');
  await expectProofs(shop.cluster, next.references);
});

onSite('where every node keeps Pods away, a lost registry comes again all the same', async () => {
  const { cluster } = shop;
  const nodes = cluster.nodes.map(({ name }) => name);
  const taint = (what: string) => kubectl(cluster, 'taint', 'node', ...nodes, what);
  await taint('dedicated=shop:NoSchedule');
  try {
    const made = await shop.release([await imageLine('acme/shop:1', 400_000)]);
    expect(made.main.log).toContain('is in ConfigMaps');
    await shop.loseRegistry();
    await shop.pullAgain(cluster.nodes[1] as ClusterNode, made.references);
    await shop.delete();
  } finally {
    await taint('dedicated-');
  }
});
