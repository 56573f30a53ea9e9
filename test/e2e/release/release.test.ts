import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { until } from '../../cluster/until.js';
import { expectProofs } from '../../helpers/proofs.js';
import { kubectl, whyNoSite } from '../../helpers/site.js';
import { withRunnerCutOff } from '../kit/cut-off-runner.js';
import { randomLayer, writeImage } from '../kit/random-image.js';
import { triedImage } from '../rewrite/workloads.js';
import { imageLine, ReleaseSteps } from './steps.js';

/* Images that stay: from step to step, without their registry's Pod, and until they are deleted. */

const onSite = whyNoSite() === undefined ? test : test.skip;

let web: ReleaseSteps;

beforeAll(async () => {
  if (whyNoSite() === undefined) web = await ReleaseSteps.create('web');
});

afterEach(() => web?.endLeft());

afterAll(() => web?.jobs.close());

onSite('a release outlives its job, keeps its references, and sends what has changed', async () => {
  const { cluster } = web;
  const [one, other] = [randomLayer(20_000_000), randomLayer(300_000)];
  const first = `${await writeImage([one], 'acme/page:1')} as acme/page:1`;
  // Relays would be Pods of it, too.
  const inputs = { carrier: 'stream', route: 'nodeport' };
  const made = await web.release([first], inputs);
  expect(made.main.log).toContain('web holds 1 image');
  expect(made.sentBytes).toBeGreaterThan(20_000_000);
  await expectProofs(cluster, made.references);

  const again = await web.release([first], inputs);
  expect(again.references).toEqual(made.references);
  expect(again.sentBytes).toBe(0);
  await expectProofs(cluster, made.references);

  const second = `${await writeImage([one, other], 'acme/page:2')} as acme/page:2`;
  const changed = await web.release([second], inputs);
  expect(changed.main.log).toMatch(/web holds 1 image with .* and .* of those that it replaces/);
  expect(changed.main.outputs.registry).toBe(made.main.outputs.registry);
  expect(changed.sentBytes).toBeLessThan(400_000);
  await expectProofs(cluster, changed.references);

  const of = ['--all-namespaces', '--selector', 'jackal-inject.dev/release=web'];
  const pods = await kubectl(cluster, 'get', 'pods', ...of, '--output=name');
  expect(pods.trim().split('\n')).toHaveLength(1 + cluster.nodes.length);
});

onSite('a runner that reaches nodes and no Pods brings the next images straight, too', async () => {
  const { cluster, jobs, name } = web;
  await withRunnerCutOff(cluster, 'pods', async (within) => {
    for (const version of [1, 2]) {
      const images = await imageLine(`acme/near:${version}`, 2_000_000);
      const step = await jobs.start(
        { release: name, images, carrier: 'stream:direct' },
        { within },
      );
      const main = await step.ended;
      await web.post(main);
      expect([main.exitCode, main.errors]).toEqual([0, []]);
      const nodes = cluster.nodes.map(({ address }) => address.replaceAll('.', '\\.')).join('|');
      expect(main.log).toMatch(new RegExp(`straight to (${nodes}):`));
      await expectProofs(cluster, Object.values(JSON.parse(main.outputs.images ?? '')));
    }
  });
});

onSite('what a release has in ConfigMaps outlives the Pod of its registry', async () => {
  const [, second] = web.cluster.nodes;
  const { main, references } = await web.release([await imageLine('acme/small:1', 900_000)]);
  expect(main.log).toContain('is in ConfigMaps');
  await web.loseRegistry();
  await web.pullAgain(second as NonNullable<typeof second>, references);
});

onSite('its policy rewrites names after the job, and goes with it', async () => {
  const { cluster } = web;
  const line = await imageLine('acme/named:1', 300_000);
  const made = await web.release([line], { rewrite: 'policy' });
  expect(await triedImage(cluster, 'default', 'acme/named:1')).toBe(made.references[0]);
  // Another step changes what the name means; the policy is never away.
  const next = await imageLine('acme/named:1', 400_000);
  const changed = await web.release([next], { rewrite: 'policy' });
  expect(await triedImage(cluster, 'default', 'acme/named:1')).toBe(changed.references[0]);
  const isGone = async () =>
    (await triedImage(cluster, 'default', 'acme/named:1')) === 'acme/named:1';
  // One that rewrites nothing ends it, since it would go on with the image of the step before.
  await web.release([line], { rewrite: 'none' });
  await until('the API server has noticed', isGone);
  const again = await web.release([next], { rewrite: 'policy' });
  expect(await triedImage(cluster, 'default', 'acme/named:1')).toBe(again.references[0]);
  await web.delete();
  await until('the API server has noticed', isGone);
});

onSite('its policy has the names of images that a step replaces until the next step', async () => {
  const { cluster } = web;
  const named = (version: number) => `acme/named:${version}`;
  const tried = (version: number) => triedImage(cluster, 'default', named(version));
  const steps: (string | undefined)[] = [];
  for (const version of [1, 2, 3]) {
    const line = await imageLine(named(version), 300_000);
    const { references } = await web.release([line], { rewrite: 'policy' });
    steps.push(references[0]);
    expect(await tried(version)).toBe(references[0]);
    if (version > 1) expect(await tried(version - 1)).toBe(steps[version - 2]);
  }
  expect(await tried(1)).toBe(named(1));
});

onSite('a step that cannot tell what it gave leaves the release as it was', async () => {
  const { cluster, jobs, name } = web;
  const made = await web.release([await imageLine('acme/told:1', 300_000)]);
  const inUse = async () => {
    const of = ['--all-namespaces', '--selector', 'jackal-inject.dev/release=web'];
    const { items } = JSON.parse(await kubectl(cluster, 'get', 'leases', ...of, '--output=json'));
    return items[0]?.metadata.annotations['jackal-inject.dev/kept-delivery'];
  };
  const before = await inUse();
  expect(before).toBeDefined();
  const images = await imageLine('acme/told:2', 400_000);
  // Nobody can make a directory in a file.
  const env = { RUNNER_TEMP: `${import.meta.filename}/none` };
  const main = await (await jobs.start({ release: name, images }, { env })).ended;
  await web.post(main);
  expect([main.exitCode, main.errors]).toEqual([
    1,
    [expect.stringMatching(/^The directory .*\/none for the files of outputs cannot be/)],
  ]);
  expect(await inUse()).toBe(before);
  await expectProofs(cluster, made.references);
});

onSite('proofs of a job hold its images until its end, or no longer than it takes', async () => {
  const { jobs } = web;
  const images = await imageLine('acme/held:1', 200_000);
  const step = await jobs.start({ images, keep: 'none' });
  const main = await step.ended;
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  expect(await web.pods('proof')).toEqual([]);
  expect(await web.pods('registry')).toHaveLength(1);
  await jobs.end(main);
});

onSite('deleting what is not there is no failure', async () => {
  const { exitCode, log } = await web.step({ command: 'delete' });
  expect([exitCode, log]).toEqual([0, expect.stringContaining('There is no release "web"')]);
});
