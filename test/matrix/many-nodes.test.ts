import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cluster, canHost, down, up } from '../cluster/cluster.js';
import { Runner, type Step } from '../helpers/runner.js';
import { type CountedRun, countedRun } from '../helpers/simulated/counted-run.js';
import { writeSmallImages } from '../helpers/simulated/images.js';
import { type SimulatedNodes, simulateNodes } from '../helpers/simulated/nodes.js';
import { type Counted, countsOf } from '../helpers/simulated/requests.js';
import { REFUSED } from '../helpers/simulated/stages.js';
import { kubectl } from '../helpers/site.js';

/*
 * A cluster of hundreds of nodes: one real one, where the registry runs and which pulls, and simulated ones of two
 * architectures, whose Pods run at once. They show what a run asks of the API server and of the runner.
 */

const host = await canHost();
const suite = host.can ? describe : describe.skip;

const CLUSTER = 'e2e-many';
const NODES = 300;
const IMAGES = 20;
/** A look for places and a Pod that is created and deleted, the latter a second time where a kubelet takes its time. */
const REQUESTS_PER_NODE = 4;
/** Requests of a run whatever the nodes are; most ask what the user may do, and what somebody has put into its namespace. */
const REQUESTS_PER_RUN = 120;
const LOG_LINES = 2000;
const MEMORY_MEBIBYTES = 250;
/** A node whose kubelet has no room for the images. */
const FULL = 'simulated-0000';
const NO_SPACE =
  'failed to pull and unpack image: failed to extract layer: no space left on device';

suite('a cluster of 300 nodes', () => {
  let cluster: Cluster;
  let nodes: SimulatedNodes | undefined;
  let runner: Runner;

  beforeAll(async () => {
    await down(CLUSTER);
    runner = await Runner.create();
    cluster = await up({ name: CLUSTER, nodes: 1, log: console.error });
  });

  afterAll(async () => {
    await runner?.close();
    await nodes?.stop();
    await down(CLUSTER);
  });

  /** A job of small images for these architectures. */
  async function inject(
    architectures: readonly string[],
    inputs: Readonly<Record<string, string>> = {},
    during?: (step: Step) => Promise<void>,
  ): Promise<CountedRun> {
    const seed = architectures.join('-');
    const directory = join(runner.directory, seed);
    const images = await writeSmallImages(directory, IMAGES, architectures, seed);
    return await countedRun(runner, cluster, { images, ...inputs }, during);
  }

  test('what no node can have fails on one, before the others begin', async () => {
    nodes = await simulateNodes(cluster, NODES, { node: FULL, words: NO_SPACE });
    const labels = `${REFUSED}=yes`;
    const { main, post, requests } = await inject(['amd64', 'arm64'], { labels });
    expect([main.exitCode, main.errors]).toEqual([
      1,
      [expect.stringMatching(`^Node ${FULL} cannot run .*: ErrImagePull: ${NO_SPACE}`)],
    ]);
    expect([post.exitCode, post.warnings]).toEqual([0, []]);
    // The registry's Pod, and that node's two.
    expect(requests.filter(isPodCreated)).toHaveLength(3);
  });

  test('gets 20 images with few requests a node, little memory, and a log that can be read', async () => {
    let pods = '';
    const { main, post, requests, peakBytes } = await inject(
      ['amd64', 'arm64'],
      {},
      async (step) => {
        await step.ended;
        const each =
          'jsonpath={range .items[*]}{.spec.nodeName} {.spec.volumes[0].configMap.name}{"\\n"}{end}';
        const proofs = ['--selector', 'jackal-inject.dev/role=proof', '--output', each];
        pods = await kubectl(cluster, 'get', 'pods', '--all-namespaces', ...proofs);
      },
    );
    expect([main.exitCode, main.errors, main.warnings]).toEqual([0, [], []]);
    expect([post.exitCode, post.warnings]).toEqual([0, []]);
    expect(main.log.split('\n').length).toBeLessThanOrEqual(LOG_LINES);
    expect(main.log).toContain(`every image runs on node1, ${FULL},`);
    expect(peakBytes).toBeGreaterThan(0);
    expect(peakBytes).toBeLessThanOrEqual(MEMORY_MEBIBYTES * 1024 * 1024);
    expect(forbidden(requests)).toEqual([]);
    const most = REQUESTS_PER_RUN + REQUESTS_PER_NODE * (NODES + 1);
    expect({ most, counts: countsOf(requests), all: requests.length <= most }).toMatchObject({
      all: true,
    });
    expect(injectors(pods)).toEqual({
      amd64: ['node1', ...(nodes?.names.filter((_, index) => index % 2 === 0) ?? [])],
      arm64: nodes?.names.filter((_, index) => index % 2 === 1),
    });
  });

  test('is told at once, by some of its nodes, of an image that half of them cannot run', async () => {
    const { main, requests } = await inject(['amd64']);
    expect(main.exitCode).toBe(1);
    expect(main.errors).toHaveLength(1);
    const { length } = nodes?.names.filter((_, index) => index % 2 === 1) ?? [];
    expect(main.errors[0]).toContain(
      `is for linux/amd64 and not for linux/arm64, which the cluster has (nodes simulated-0001, simulated-0003, simulated-0005 and ${length - 3} more); build it for linux/arm64 too,`,
    );
    expect(requests.filter(isPodCreated)).toEqual([]);
  });

  test('gets it on the other half where that is allowed, and the rest is told in one line', async () => {
    const { main, post } = await inject(['amd64'], { 'allow-missing-platforms': 'true' });
    expect([main.exitCode, main.errors, post.exitCode]).toEqual([0, [], 0]);
    expect(main.warnings).toHaveLength(IMAGES + 1);
    expect(main.warnings.at(-1)).toMatch(
      /^The nodes simulated-0001, .* and 140 more are left out: each is of the platform linux\/arm64 and gets none of/,
    );
    expect(main.log).toContain('simulated-0298 runs every image');
    expect(main.log).not.toContain('simulated-0299 runs every image');
  });
});

function isPodCreated({ verb, resource, query }: Counted): boolean {
  return verb === 'create' && resource === 'pods' && !query.has('dryRun');
}

/** Reads of all Pods of a cluster, and of what ConfigMaps hold. */
function forbidden(requests: readonly Counted[]): Counted[] {
  const isRead = ({ verb }: Counted) => verb === 'list' || verb === 'watch';
  return requests.filter(isRead).filter(({ resource, namespace, query, accept }) => {
    const ofAll =
      namespace === undefined && !query.get('fieldSelector')?.includes('spec.nodeName=');
    return (
      (resource === 'pods' && ofAll) ||
      (resource === 'configmaps' && !accept.includes('PartialObjectMetadata'))
    );
  });
}

/** The nodes by the architecture of the injector that their Pods have, from lines of both. */
function injectors(lines: string): Record<string, string[]> {
  const pairs = lines.split('\n').filter((line) => line !== '');
  const groups = Object.groupBy(pairs, (line) => line.slice(line.lastIndexOf('-') + 1));
  return Object.fromEntries(
    Object.entries(groups).map(([architecture, group = []]) => [
      architecture,
      group.map((line) => line.split(' ')[0] as string).sort(),
    ]),
  );
}
