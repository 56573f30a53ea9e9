import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { until } from '../../cluster/until.js';
import { Jobs } from '../../helpers/jobs.js';
import { apply, deleteNamespaces, kubectl, site, whyNoSite } from '../../helpers/site.js';
import { buildPrograms, SERVER } from './program.js';
import { triedImage } from './workloads.js';

/* In which namespaces names are rewritten, and what becomes of the policy when its runner is killed. */

const onSite = whyNoSite() === undefined ? test : test.skip;
const [WEB, OTHER] = ['rewrite-web', 'rewrite-other'];

let jobs: Jobs;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  const { cluster } = await site();
  for (const [name, team] of [
    [WEB, 'web'],
    [OTHER, 'other'],
  ]) {
    const metadata = { name, labels: { team } };
    await apply(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata });
  }
  jobs = await Jobs.create();
  await buildPrograms(jobs.here, join(jobs.runner.directory, 'program'));
});

afterEach(() => jobs?.endLeft());

afterAll(async () => {
  if (whyNoSite() === undefined) await deleteNamespaces(jobs.here.cluster, WEB, OTHER);
  await jobs?.close();
});

/** Those of some namespaces in which a Pod's name is rewritten. */
async function rewrittenIn(): Promise<string[]> {
  const { cluster } = jobs.here;
  const all = ['default', WEB, OTHER, 'kube-system'];
  const images = await Promise.all(all.map((namespace) => triedImage(cluster, namespace, SERVER)));
  return all.filter((_, at) => images[at] !== SERVER);
}

onSite.each([
  [WEB, [WEB], `the namespace ${WEB}`],
  [`${WEB}\ndefault`, ['default', WEB], `the namespaces ${WEB}, default`],
  ['team in (web, ops)', [WEB], 'the namespaces that the input `rewrite-namespaces` selects'],
  ['*', ['default', WEB, OTHER], 'all namespaces but those whose names begin with kube-'],
])('with `rewrite-namespaces` "%s" names are rewritten there', async (value, there, words) => {
  await jobs.inject([SERVER], {
    inputs: { 'rewrite-namespaces': value, rewrite: 'policy' },
    look: async ({ log, warnings }) => {
      expect(log).toContain(`Rewrite names: 1 name of images in ${words} (`);
      expect(warnings).toEqual([]);
      expect(await rewrittenIn()).toEqual(there);
    },
  });
});

onSite('with `rewrite` none nothing is', async () => {
  await jobs.inject([SERVER], {
    inputs: { rewrite: 'none' },
    look: async ({ log }) => {
      expect(log).not.toContain('Rewrite names');
      expect(await policies()).toEqual([]);
    },
  });
});

onSite(
  'where no Pod can be tried a warning tells that the policy was not seen to act',
  async () => {
    const inputs = { images: SERVER, 'rewrite-namespaces': 'team=none' };
    const main = await jobs.ended(await jobs.start(inputs));
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    expect(main.warnings).toEqual([
      'Whether names of images are rewritten already cannot be seen, for there is no namespace to try a Pod in; a Pod that is made within the next second may keep its names.',
    ]);
    await jobs.end(main);
  },
);

const policies = async () => {
  const kinds = 'mutatingadmissionpolicies,mutatingadmissionpolicybindings';
  const said = await kubectl(jobs.here.cluster, 'get', kinds, '--output', 'name');
  return said.split('\n').filter((line) => line !== '');
};

onSite('a policy whose runner is killed goes with the namespace of its run', async () => {
  const step = await jobs.start({ images: SERVER });
  const [, namespace = ''] = await step.logged(/Open the run: .* in the namespace (\S+)/);
  await step.logged(/Rewrite names: /);
  step.process.kill('SIGKILL');
  await jobs.ended(step);
  await jobs.emptyTemporaryDirectory();
  expect(await policies()).toHaveLength(2);
  await kubectl(jobs.here.cluster, 'delete', 'namespace', namespace);
  const areGone = async () => (await policies()).length === 0;
  await until('the garbage collector', areGone);
});

onSite('in a namespace that is given the next attempt takes a killed runner’s policy', async () => {
  const workflow = {
    ...{ GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/web' },
    GITHUB_RUN_ID: '16',
  };
  const inputs = { images: SERVER, namespace: WEB, 'rewrite-namespaces': WEB };
  const attempt = (number: number) =>
    jobs.start(inputs, { env: { ...workflow, GITHUB_RUN_ATTEMPT: `${number}` } });
  const step = await attempt(1);
  await step.logged(/Rewrite names: /);
  step.process.kill('SIGKILL');
  await jobs.ended(step);
  await jobs.emptyTemporaryDirectory();
  const [killed = ''] = await policies();
  const main = await jobs.ended(await attempt(2));
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  expect(await policies()).toHaveLength(2);
  expect(await policies()).not.toContain(killed);
  await jobs.end(main);
});
