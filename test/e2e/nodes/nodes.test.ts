import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Jobs, ofRole } from '../../helpers/jobs.js';
import type { StepResult } from '../../helpers/runner.js';
import { apply, buildImage, kubectl, whyNoSite } from '../../helpers/site.js';

/* Which nodes get images: the two real ones, each with what keeps a scheduler away, and one that is not there. */

const onSite = whyNoSite() === undefined ? test : test.skip;

const GHOST = 'ghost';
const POOL = 'jackal-test/pool';
const IMAGE = 'acme/nodes:1';
/** How the log tells that something is about to be written. */
const OPEN = '::group::Open the run';

let jobs: Jobs;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  const { cluster, dockerHost } = jobs.here;
  const layers = [['file', randomBytes(200_000)] as const];
  await buildImage(dockerHost, join(jobs.runner.directory, 'image'), IMAGE, layers);
  const labels = { [POOL]: GHOST, 'kubernetes.io/os': 'linux' };
  await apply(cluster, { apiVersion: 'v1', kind: 'Node', metadata: { name: GHOST, labels } });
  const [first, second] = cluster.nodes.map(({ name }) => name) as [string, string];
  await kubectl(cluster, 'label', 'node', first, `${POOL}=a`);
  await kubectl(cluster, 'label', 'node', second, `${POOL}=b`);
  await kubectl(cluster, 'cordon', first);
  await kubectl(cluster, 'taint', 'node', first, 'jackal-test/busy=yes:NoSchedule');
  await kubectl(cluster, 'taint', 'node', second, 'jackal-test/reserved=yes:NoExecute');
});

afterEach(() => jobs?.endLeft());

afterAll(async () => {
  if (jobs === undefined) return;
  const { cluster } = jobs.here;
  const [first, second] = cluster.nodes.map(({ name }) => name) as [string, string];
  await kubectl(cluster, 'delete', 'node', GHOST, '--ignore-not-found');
  await kubectl(cluster, 'uncordon', first);
  await kubectl(cluster, 'label', 'node', first, second, `${POOL}-`);
  await kubectl(cluster, 'taint', 'node', first, 'jackal-test/busy-').catch(() => undefined);
  await kubectl(cluster, 'taint', 'node', second, 'jackal-test/reserved-').catch(() => undefined);
  await jobs.close();
});

onSite(
  'cordoned and tainted nodes get the images, and nodes that are not chosen do not',
  async () => {
    const nodes = `kubernetes.io/os=linux,${POOL} in (a,b)`;
    await jobs.inject([IMAGE], {
      inputs: { nodes, 'on-unavailable-node': 'fail' },
      look: (main) => expect(main.warnings).toEqual([]),
    });
  },
);

const NOT_READY = `${GHOST} is not Ready( \\(\\w+\\))?`;

onSite(
  'just chosen nodes have Pods of the run, and one that is not Ready can be ignored',
  async () => {
    const { cluster } = jobs.here;
    const inputs = { nodes: `${POOL} in (b,${GHOST})`, 'on-unavailable-node': 'ignore' };
    const main = await jobs.ended(await jobs.start({ images: IMAGE, ...inputs }));
    expect([main.exitCode, main.errors, main.warnings]).toEqual([0, [], []]);
    expect(main.log).toContain(`::debug::The node ${GHOST} is left out: it is not Ready`);
    expect(main.log).toContain(OPEN);
    for (const role of ['proof', 'registry'] as const) {
      const where = 'jsonpath={.items[*].spec.nodeName}';
      const get = ['get', 'pods', ...ofRole(role), '--output', where];
      expect(await kubectl(cluster, ...get)).toBe(cluster.nodes[1]?.name);
    }
    await jobs.end(main);
  },
);

onSite.each([
  [
    'nodes that are not Ready where none may be left out',
    { 'on-unavailable-node': 'fail' },
    `^Not every node can have the images \\(${NOT_READY}\\), and the input \`on-unavailable-node\` is fail; `,
  ],
  [
    'chosen nodes that are all not Ready',
    { nodes: `${POOL}=${GHOST}` },
    `^No Linux node with the labels ${POOL}=${GHOST} is Ready \\(${NOT_READY}\\); `,
  ],
  [
    'a selector that no node matches',
    { nodes: `${POOL}=c` },
    `^No node of the cluster has the labels that the input \`nodes\` asks for \\(${POOL}=c\\); `,
  ],
  [
    'what is no selector',
    { nodes: `${POOL} in (a` },
    `^The input \`nodes\` is "${POOL} in \\(a", which is no label selector \\(the API server says: .+\\); `,
  ],
])('%s: told before anything is written', async (_, inputs, words) => {
  const main: StepResult = await jobs.ended(await jobs.start({ images: IMAGE, ...inputs }));
  expect([main.exitCode, main.errors]).toEqual([1, [expect.stringMatching(words)]]);
  expect(main.log).not.toContain(OPEN);
  await jobs.end(main);
});
