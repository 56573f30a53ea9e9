import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../cluster/cluster.js';
import { Jobs, ofRole } from '../helpers/jobs.js';
import type { Step } from '../helpers/runner.js';
import { buildImage, kubectl, whyNoSite } from '../helpers/site.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

let jobs: Jobs;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  const directory = join(jobs.runner.directory, 'image');
  await buildImage(jobs.here.dockerHost, directory, 'acme/proof:1', [
    ['a', randomBytes(30_000_000)],
  ]);
});

afterEach(() => jobs?.endLeft());

afterAll(() => jobs?.close());

/** Returns the node where the run's registry is not, once that is known. */
async function nodeWithoutRegistry(step: Step): Promise<ClusterNode> {
  await step.logged(/::group::Start the registry/);
  const { cluster } = jobs.here;
  const where = 'jsonpath={.items[*].spec.nodeName}';
  for (;;) {
    const name = await kubectl(cluster, 'get', 'pods', ...ofRole('registry'), '--output', where);
    if (name !== '') return cluster.nodes.find((node) => node.name !== name) as ClusterNode;
  }
}

/** The proof Pod of a node whose name is none of those given, once it is there. */
async function proofOn(node: ClusterNode, others: readonly string[] = []): Promise<string> {
  const at = ['--field-selector', `spec.nodeName=${node.name}`, '--output', 'name'];
  for (;;) {
    const said = await kubectl(jobs.here.cluster, 'get', 'pods', ...ofRole('proof'), ...at);
    const pod = said.split('\n').find((name) => name !== '' && !others.includes(name));
    if (pod !== undefined) return pod;
  }
}

/** Starts a job whose proof on one node waits for a kubelet, which runs again after `body`. */
async function whileProofWaits(body: (node: ClusterNode) => Promise<void>): Promise<Step> {
  const step = await jobs.start({ images: 'acme/proof:1' });
  const node = await nodeWithoutRegistry(step);
  await node.stopComponent('kubelet');
  try {
    await body(node);
  } finally {
    await node.startComponent('kubelet');
  }
  return step;
}

onSite.each([
  ['evicted', (pod: string) => jobs.evict(pod)],
  ['deleted by someone else', (pod: string) => jobs.delete(pod)],
])('a proof Pod that is %s gets a new one in its place', async (_, end) => {
  const step = await whileProofWaits(async (node) => {
    const first = await proofOn(node);
    await end(first);
    await proofOn(node, [first]);
  });
  const main = await jobs.ended(step);
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  const pods = await jobs.untilThere('pods', 'proof');
  expect(pods.map((name) => name.replace(/^.*proof-\d+-/, '')).sort()).toEqual(['0', '1']);
  await jobs.end(main);
});

onSite('a proof Pod that is deleted again and again is told', async () => {
  const step = await whileProofWaits(async (node) => {
    const first = await proofOn(node);
    await jobs.delete(first);
    await jobs.delete(await proofOn(node, [first]));
  });
  const main = await jobs.ended(step);
  expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
  expect(main.errors[0]).toMatch(/^Node .* cannot run the images; .*deleted by someone else/);
  await jobs.end(main);
});

onSite('a node whose kube-proxy has ended is told with what it lacks', async () => {
  const [, node] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
  await node.stopComponent('proxy');
  try {
    const main = await jobs.ended(await jobs.start({ images: 'acme/proof:1' }));
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(
      new RegExp(`node ${node.name} cannot reach the registry at 127\\.0\\.0\\.1:.*kube-proxy`),
    );
    await jobs.end(main);
  } finally {
    await node.startComponent('proxy');
  }
});
