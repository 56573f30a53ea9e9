import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { REGISTRY_PORT } from '../../../src/run/pod.js';
import type { ClusterNode } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { expectProofs } from '../../helpers/proofs.js';
import { registryProcess } from '../../helpers/registry-processes.js';
import { kubectl, whyNoSite } from '../../helpers/site.js';
import { sha256 } from '../../unit/images/fixtures.js';
import { randomLayer, writeImage } from '../kit/random-image.js';
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
  // Nothing can be copied from it, and the next step does without, and says so.
  const next = await shop.release([await imageLine('acme/shop:2', 300_000)]);
  expect(next.main.log).not.toContain('of those that it replaces');
  expect(next.main.warnings).toEqual([
    expect.stringMatching(/^The registry of .* "shop" could not copy .*\(.*acme\/shop:1\) .* run:/),
  ]);
  await expectProofs(shop.cluster, next.references);
});

onSite('a registry that is copied from stays until that is done', async () => {
  const inputs = { carrier: 'configmap' };
  const replaced = randomLayer(12_000_000);
  const first = `${await writeImage([replaced], 'acme/shop:1')} as acme/shop:1`;
  const made = await shop.release([first], inputs);
  // What it sends goes on, but would take minutes.
  const network = `/proc/${await registryProcess(shop.cluster)}/ns/net`;
  const tc = (verb: string, ...how: string[]) =>
    run('nsenter', [`--net=${network}`, 'tc', 'qdisc', verb, 'dev', 'eth0', 'root', ...how]);
  await tc('add', 'tbf', 'rate', '256kbit', 'burst', '4kb', 'limit', '30kb');
  const images = await imageLine('acme/shop:2', 400_000);
  const step = await shop.jobs.start({ release: 'shop', images, ...inputs });
  await step.logged(/the registry: it copies from the one that it replaces/);
  const registries = await shop.pods('registry');
  const areWhole = registries.map(({ status }) => status?.containerStatuses?.[0]?.started);
  expect(areWhole.sort()).toEqual([false, true]);
  await tc('del');
  const main = await step.ended;
  await shop.post(main);
  expect([main.exitCode, main.errors, main.warnings]).toEqual([0, [], []]);
  expect(await bytesOf(replaced, made.references)).toBe(replaced.stored.length);
});

onSite(
  'what cannot be copied is brought by couriers, and what that cannot be is told',
  async () => {
    // More than there may be in ConfigMaps at once.
    const inputs = { carrier: 'configmap', 'configmap-budget': '12Mi' };
    const base = randomLayer(13_000_000);
    const version = async (number: number) => {
      const name = `acme/shop:${number}`;
      return `${await writeImage([base, randomLayer(300_000)], name)} as ${name}`;
    };
    await shop.release([await version(1)], inputs);
    // A machine that stands still: it takes connections, and says nothing.
    const silent = await registryProcess(shop.cluster);
    process.kill(silent, 'SIGSTOP');
    try {
      const { main, references, sentBytes } = await shop.release([await version(2)], inputs);
      expect(sentBytes).toBeGreaterThan(13_000_000);
      expect(main.warnings).toContainEqual(
        expect.stringMatching(
          /^The registry of the release "shop" could not copy .*\(.*acme\/shop:1\)/,
        ),
      );
      expect(await bytesOf(base, references)).toBe(base.stored.length);
    } finally {
      try {
        process.kill(silent, 'SIGCONT');
      } catch {
        // It has gone with its Pod, as it should.
      }
    }
  },
);

/** How many bytes of a layer the registry that is in use answers with. */
async function bytesOf(
  { stored }: ReturnType<typeof randomLayer>,
  [reference = '']: readonly string[],
) {
  const running = (await shop.pods('registry')).filter(
    ({ metadata }) => metadata?.deletionTimestamp === undefined,
  );
  expect(running).toHaveLength(1);
  const [, path = ''] = /^[^/]*\/(.*)@/.exec(reference) ?? [];
  const registry = `http://${running[0]?.status?.podIP}:${REGISTRY_PORT}`;
  const answer = await fetch(`${registry}/v2/${path}/blobs/sha256:${sha256(stored)}`);
  return (await answer.arrayBuffer()).byteLength;
}

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
