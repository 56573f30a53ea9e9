import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Jobs } from '../../helpers/jobs.js';
import { expectProofs } from '../../helpers/proofs.js';
import type { StepResult } from '../../helpers/runner.js';
import { inventory, kubectl, whyNoSite } from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';

/* Images that stay: from step to step, without their registry's Pod, and until they are deleted. */

const onSite = whyNoSite() === undefined ? test : test.skip;

const RELEASE = 'web';
const OF_RELEASE = ['--all-namespaces', '--selector', `jackal-inject.dev/release=${RELEASE}`];

let jobs: Jobs;
let before: readonly string[];

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  before = await inventory(jobs.here.cluster);
});

afterEach(async () => {
  await jobs?.endLeft();
  if (jobs !== undefined) await step({ command: 'delete' });
});

afterAll(async () => jobs?.runner.close());

/** A step of the release with its post step. */
async function step(inputs: Readonly<Record<string, string>>): Promise<StepResult> {
  const main = await (await jobs.start({ release: RELEASE, ...inputs })).ended;
  const given = { kubeconfig: jobs.here.cluster.kubeconfig, release: RELEASE, ...inputs };
  const post = await jobs.runner.run({ inputs: given, state: main.state });
  expect([post.exitCode, post.warnings]).toEqual([0, []]);
  return main;
}

/** A step of the release that is green, and the references that it gives, by name. */
async function release(images: readonly string[], inputs: Readonly<Record<string, string>> = {}) {
  const main = await step({ images: images.join('\n'), ...inputs });
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  const references: Record<string, string> = JSON.parse(main.outputs.images as string);
  return { main, references };
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

onSite('a release outlives its job, keeps its references, and is deleted whole', async () => {
  const { cluster } = jobs.here;
  const [one, other] = [randomLayer(2_000_000), randomLayer(300_000)];
  const first = `${await writeImage([one], 'acme/page:1')} as acme/page:1`;
  const { main, references } = await release([first]);
  expect(main.log).toContain('web holds 1 image');
  const [page = ''] = Object.values(references);
  await expectProofs(cluster, [page]);

  const again = await release([first]);
  expect(Object.values(again.references)[0]).toBe(page);
  expect(JSON.parse(again.main.outputs.traffic as string).sentBytes).toBeLessThan(100_000);
  await expectProofs(cluster, [page]);

  const second = `${await writeImage([one, other], 'acme/page:2')} as acme/page:2`;
  const changed = await release([second]);
  expect(changed.main.log).toMatch(/web holds 1 image with .* and .* of those that it replaces/);
  expect(changed.main.outputs.registry).toBe(main.outputs.registry);
  await expectProofs(cluster, Object.values(changed.references));

  const pods = await kubectl(cluster, 'get', 'pods', ...OF_RELEASE, '--output=name');
  expect(lines(pods)).toHaveLength(1 + cluster.nodes.length);
  const deleted = await step({ command: 'delete' });
  expect([deleted.exitCode, deleted.errors]).toEqual([0, []]);
  expect(await inventory(cluster)).toEqual(before);
});
