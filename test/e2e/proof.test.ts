import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../cluster/cluster.js';
import { Jobs, ofRole, type RunObject } from '../helpers/jobs.js';
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
async function nodeWithoutRegistry(): Promise<ClusterNode> {
  const { cluster } = jobs.here;
  const where = 'jsonpath={.items[*].spec.nodeName}';
  for (;;) {
    const name = await kubectl(cluster, 'get', 'pods', ...ofRole('registry'), '--output', where);
    if (name !== '') return cluster.nodes.find((node) => node.name !== name) as ClusterNode;
  }
}

/** The proof Pod of a node, none of those given, once it is there. */
async function proofOn(node: ClusterNode, ...others: RunObject[]): Promise<RunObject> {
  for (;;) {
    const at = ['--field-selector', `spec.nodeName=${node.name}`];
    const pods = await jobs.objects('pod', 'proof', ...at);
    const found = pods.find(([, name]) => others.every(([, other]) => other !== name));
    if (found !== undefined) return found;
  }
}

/**
 * Starts a job and calls `body` while one node pulls and its kubelet has been stopped, so that nobody but
 * the test says what becomes of its proof Pod. The kubelet runs again afterwards.
 */
async function whileProofWaits(body: (node: ClusterNode) => Promise<void>): Promise<Step> {
  let node: ClusterNode | undefined;
  let step: Step | undefined;
  try {
    await jobs.withPullsHeld(async () => {
      step = await jobs.start({ images: 'acme/proof:1' });
      node = await nodeWithoutRegistry();
      await proofOn(node);
      await node.stopComponent('kubelet');
      await body(node);
    });
  } finally {
    await node?.startComponent('kubelet');
  }
  return step as Step;
}

onSite.each([
  ['evicted', (pod: RunObject) => jobs.evict(pod)],
  ['deleted by someone else', (pod: RunObject) => jobs.delete(pod)],
])('a proof Pod that is %s gets a new one in its place', async (_, end) => {
  const step = await whileProofWaits(async (node) => {
    const first = await proofOn(node);
    await end(first);
    await proofOn(node, first);
  });
  const main = await jobs.ended(step);
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  const pods = await jobs.untilThere('pod', 'proof');
  expect(pods.map(([, name]) => name.replace(/^.*proof-\d+-/, '')).sort()).toEqual(['0', '1']);
  await jobs.end(main);
});

onSite('a proof Pod that is deleted again and again is told', async () => {
  const step = await whileProofWaits(async (node) => {
    const first = await proofOn(node);
    await jobs.delete(first);
    await jobs.delete(await proofOn(node, first));
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
