import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { EXPIRES_ANNOTATION } from '../../src/run.js';
import { Runner, type Step, type StepResult } from '../helpers/runner.js';
import { buildImage, inventory, kubectl, type Site, site, whyNoSite } from '../helpers/site.js';
import { seeded } from '../integration/cluster/fault-proxy.js';

const onSite = whyNoSite() === undefined ? test : test.skip;
const NAMESPACE = 'jackal-inject';

let here: Site;
let runner: Runner;
let before: string[];
let unended: StepResult | undefined;

beforeAll(async () => {
  runner = await Runner.create();
  if (whyNoSite() !== undefined) return;
  here = await site();
  const folder = (name: string) => join(runner.directory, name);
  await buildImage(here.dockerHost, folder('small'), 'acme/small:1', [['a', randomBytes(1000)]]);
  await buildImage(here.dockerHost, folder('large'), 'acme/large:1', [
    ['a', randomBytes(60_000_000)],
    ['b', randomBytes(40_000_000)],
  ]);
  await buildImage(here.dockerHost, folder('medium'), 'acme/medium:1', [
    ['a', randomBytes(6_000_000)],
    ['b', randomBytes(4_000_000)],
  ]);
  before = await inventory(here.cluster);
});

afterEach(async () => {
  // Also after a test that failed half-way, so that the next one finds the cluster as it was.
  if (unended !== undefined) await endJob(unended);
});

afterAll(() => runner.close());

/** Small chunks one at a time, so that an upload takes long enough to be disturbed. */
const SLOWLY = { 'chunk-size': '128Ki', concurrency: '1' };

function options(image: string, more: Readonly<Record<string, string>> = {}) {
  const inputs = { images: image, kubeconfig: here.cluster.kubeconfig, ...more };
  return { inputs, env: { DOCKER_HOST: here.dockerHost, RUNNER_DEBUG: '1' } };
}

/** Awaits the main step; the job it belongs to is ended whatever comes. */
async function ended(step: Step): Promise<StepResult> {
  unended = await step.ended;
  return unended;
}

/** Ends the job with its post step, after which the cluster is as it was. */
async function endJob(main: StepResult): Promise<void> {
  unended = undefined;
  const { inputs } = options('acme/small:1');
  const post = await runner.run({ inputs, state: main.state });
  expect([post.exitCode, post.warnings]).toEqual([0, []]);
  expect(await inventory(here.cluster)).toEqual(before);
  expect(await readdir(runner.temporaryDirectory)).toEqual([]);
}

onSite.each(['SIGINT', 'SIGTERM'] as const)('%s during the upload', async (signal) => {
  const step = await runner.start(options('acme/large:1', SLOWLY));
  await step.logged(/::group::Upload/);
  await untilChunks(3);
  step.process.kill(signal);
  const main = await ended(step);
  expect(main.exitCode).toBe(1);
  expect(main.errors[0]).toMatch(new RegExp(`cancelled \\(${signal}\\).*"Upload"`));
  await endJob(main);
});

onSite('SIGKILL during the upload, as by a runner that lost patience', async () => {
  const step = await runner.start(options('acme/large:1', SLOWLY));
  await step.logged(/::group::Upload/);
  await untilChunks(3);
  step.process.kill('SIGKILL');
  const main = await ended(step);
  expect(main.exitCode).toBeNull();
  for (const name of await readdir(runner.temporaryDirectory)) {
    // A killed process cannot remove its temporary copy; the runner empties this folder itself.
    await rm(join(runner.temporaryDirectory, name), { recursive: true });
  }
  await endJob(main);
});

/** Ends the time of every run in the namespace, as six hours would. */
async function expireRuns(): Promise<void> {
  await kubectl(
    here.cluster,
    ...['annotate', 'configmaps', '--namespace', NAMESPACE, '--overwrite'],
    ...[
      '--selector',
      'jackal-inject.dev/role=anchor',
      `${EXPIRES_ANNOTATION}=2026-01-01T00:00:00Z`,
    ],
  ).catch((error: Error) => {
    // Killed before the first write, or while an earlier run's namespace went.
    expect(error.message).toMatch(/no resources found|not found/i);
  });
}

onSite(
  'runs killed at 20 moments without a post step are removed by the next ones',
  async () => {
    const whole = await ended(await runner.start(options('acme/medium:1')));
    expect([whole.exitCode, whole.errors]).toEqual([0, []]);
    await endJob(whole);
    const random = seeded(2026);
    for (let kill = 0; kill < 20; kill++) {
      const step = await runner.start(options('acme/medium:1'));
      await pause(whole.duration * random());
      step.process.kill('SIGKILL');
      await step.ended;
      await expireRuns();
    }
    const main = await ended(await runner.start(options('acme/medium:1')));
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    for (const name of await readdir(runner.temporaryDirectory)) {
      // A killed process cannot remove its temporary copy; the runner empties this folder itself.
      await rm(join(runner.temporaryDirectory, name), { recursive: true });
    }
    await endJob(main);
  },
  600_000,
);

/** Returns when the API server has at least so many chunks. */
async function untilChunks(count: number): Promise<void> {
  for (;;) {
    const selector = ['--selector', 'jackal-inject.dev/role=chunk', '--output', 'name'];
    const names = await kubectl(here.cluster, 'get', 'cm', '-n', NAMESPACE, ...selector);
    if (names.split('\n').length > count) return;
  }
}

/** Returns the name of the run's registry Pod when its container runs. */
async function runningRegistry(step: Step): Promise<string> {
  await step.logged(/::group::Start the registry/);
  const jsonpath = '{.items[*].status.containerStatuses[0].state.running.startedAt}';
  const selector = ['--namespace', NAMESPACE, '--selector', 'jackal-inject.dev/role=registry'];
  for (;;) {
    const started = await kubectl(
      here.cluster,
      ...['get', 'pods', ...selector, '--output', `jsonpath=${jsonpath}`],
    );
    if (started !== '') break;
  }
  return (await kubectl(here.cluster, 'get', 'pods', ...selector, '--output', 'name')).trim();
}

onSite('the registry Pod is deleted while nodes pull', async () => {
  const step = await runner.start(options('acme/large:1'));
  const pod = await runningRegistry(step);
  await kubectl(
    here.cluster,
    'delete',
    '--namespace',
    NAMESPACE,
    '--grace-period=0',
    '--force',
    pod,
  );
  const main = await ended(step);
  expect(main.exitCode).toBe(1);
  expect(main.errors).toHaveLength(1);
  expect(main.errors[0]).toMatch(/registry Pod .*(deleted by someone else)/);
  await endJob(main);
});

onSite('the registry Pod is evicted while nodes pull', async () => {
  const step = await runner.start(options('acme/large:1'));
  const pod = await runningRegistry(step);
  const status = {
    phase: 'Failed',
    reason: 'Evicted',
    message: 'The node was low on resource: memory.',
  };
  await kubectl(
    here.cluster,
    ...['patch', '--namespace', NAMESPACE, '--subresource=status', '--type=merge', pod],
    `--patch=${JSON.stringify({ status })}`,
  );
  const main = await ended(step);
  expect(main.exitCode).toBe(1);
  expect(main.errors).toHaveLength(1);
  expect(main.errors[0]).toMatch(/registry Pod .*Evicted: The node was low on resource/);
  await endJob(main);
});

/** Patches every node's status while no kubelet is there to put it right. */
async function withNodeStatus(status: object, body: () => Promise<void>): Promise<void> {
  const { cluster } = here;
  for (const node of cluster.nodes) await node.stopComponent('kubelet');
  try {
    for (const { name } of cluster.nodes) {
      await kubectl(
        cluster,
        ...['patch', 'node', name, '--subresource=status', '--type=strategic'],
        `--patch=${JSON.stringify({ status })}`,
      );
    }
    await body();
  } finally {
    for (const node of cluster.nodes) await node.startComponent('kubelet');
    const nodes = cluster.nodes.map(({ name }) => `node/${name}`);
    await kubectl(cluster, 'wait', '--for=condition=Ready', '--timeout=90s', ...nodes);
  }
}

onSite('no Linux node is Ready', async () => {
  const conditions = [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }];
  await withNodeStatus({ conditions }, async () => {
    const main = await ended(await runner.start(options('acme/small:1')));
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(/No Linux node of the cluster is Ready \(.*KubeletNotReady/);
    await endJob(main);
  });
});

onSite('no node lists an image', async () => {
  await withNodeStatus({ images: [] }, async () => {
    const main = await ended(await runner.start(options('acme/small:1')));
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(/No node lists an image that the registry could start from/);
    await endJob(main);
  });
});

onSite('the images that nodes list are not there any more', async () => {
  const images = [{ names: ['example.test/gone:1'], sizeBytes: 1 }];
  await withNodeStatus({ images }, async () => {
    const step = await runner.start(options('acme/small:1'));
    await step.logged(/::group::Start the registry/);
    for (const node of here.cluster.nodes) await node.startComponent('kubelet');
    const main = await ended(step);
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(/could not start from any image.*example\.test\/gone:1/);
    await endJob(main);
  });
});
