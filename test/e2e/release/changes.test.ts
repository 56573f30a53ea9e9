import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../../cluster/cluster.js';
import { until } from '../../cluster/until.js';
import { startProxy } from '../../helpers/nodes/proxies.js';
import { expectProofs } from '../../helpers/proofs.js';
import type { Step } from '../../helpers/runner.js';
import { apply, deleteNamespaces, kubectl, whyNoSite } from '../../helpers/site.js';
import { writeProgramImage } from '../kit/program-image.js';
import { imageLine, ReleaseSteps } from './steps.js';

/* A release while things change: nodes come, steps fail or come at once, and Pods are made while it is replaced. */

const onSite = whyNoSite() === undefined ? test : test.skip;

let app: ReleaseSteps;

beforeAll(async () => {
  if (whyNoSite() === undefined) app = await ReleaseSteps.create('app');
});

afterEach(() => app?.endLeft());

afterAll(() => app?.jobs.close());

onSite('a node that joins long after the job runs the images', async () => {
  const { cluster, jobs } = app;
  const joining = cluster.nodes[1] as ClusterNode;
  // A kube-proxy whose node is deleted ends by itself.
  for (const part of ['kubelet', 'proxy']) await joining.stopComponent(part);
  await kubectl(cluster, 'delete', 'node', joining.name);
  let isThere = false;
  const join = async () => {
    isThere = true;
    await joining.startComponent('kubelet');
    await startProxy(joining);
  };
  try {
    const { references } = await app.release([await imageLine('acme/app:1', 700_000)]);
    // Two days pass for whoever asks the Lease, and another job of somebody's ends.
    const of = ['--all-namespaces', '--selector', 'jackal-inject.dev/release=app'];
    const [namespace = '', lease = ''] = (
      await kubectl(
        cluster,
        ...['get', 'leases', ...of, '--output'],
        'jsonpath={.items[0].metadata.namespace} {.items[0].metadata.name}',
      )
    ).split(' ');
    const past = new Date(Date.now() - 48 * 3_600_000).toISOString().replace('Z', '000Z');
    const patch = JSON.stringify({ spec: { renewTime: past } });
    const merge = ['--type=merge', `--patch=${patch}`];
    await kubectl(cluster, 'patch', 'lease', lease, `--namespace=${namespace}`, ...merge);
    const other = await imageLine('acme/other:1', 100_000);
    const step = await jobs.start({ images: other });
    const main = await step.ended;
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    await app.post(main, { release: '' });

    await join();
    await app.untilProven(joining.name);
    await expectProofs(cluster, references);
  } finally {
    if (!isThere) await join();
    await until('the node', () =>
      kubectl(cluster, 'wait', '--for=condition=Ready', `node/${joining.name}`),
    );
  }
});

onSite('a step that is killed leaves the release as it was, and the next one goes on', async () => {
  const { cluster, jobs } = app;
  const [first] = cluster.nodes as [ClusterNode];
  const made = await app.release([await imageLine('acme/app:1', 800_000)]);
  const second = await imageLine('acme/app:2', 4_000_000);
  const killed: Step[] = [];
  const running = async () => {
    const pods = await app.pods('proof');
    return pods.filter(({ status }) => status?.containerStatuses?.[0]?.state?.running).length;
  };
  await jobs.withPullsHeld(async () => {
    const step = await jobs.start({ release: 'app', images: second });
    await step.logged(/::group::Prove on every node/);
    const other = await (await jobs.start({ release: 'app', images: second })).ended;
    expect(other.errors).toEqual([
      expect.stringContaining('Another step is replacing the release "app" right now'),
    ]);
    await app.post(other);
    // The registry's own node is not held: when it is proven, the registry has all.
    await until('one of the second delivery', async () => (await running()) > cluster.nodes.length);
    step.process.kill('SIGKILL');
    killed.push(step);
  });
  // A pull whose registry is gone before its answer has come through holds its node's next pulls up for minutes.
  await until(
    'the proofs of both deliveries',
    async () => (await running()) === 2 * cluster.nodes.length,
  );
  for (const step of killed) await app.post(await step.ended);
  await expectProofs(cluster, made.references);
  await app.pullAgain(first, made.references);
  const changed = await app.release([second]);
  expect(changed.main.outputs.registry).toBe(made.main.outputs.registry);
  await expectProofs(cluster, changed.references);
});

onSite('no pull fails while a release is replaced under load', async () => {
  const { cluster } = app;
  const { directory } = app.jobs.runner;
  const version = async (number: number) =>
    `${await writeProgramImage(directory, `app-${number}`)} as acme/app:${number}`;
  const made = await app.release([await version(1)]);
  const inNamespace = (...args: string[]) => kubectl(cluster, `--namespace=${LOADED}`, ...args);
  await kubectl(cluster, 'create', 'namespace', LOADED);
  try {
    await apply(cluster, loadOf(made.references[0] ?? ''));
    // Nothing is taken back before it runs: a pull whose Pod is deleted fails through no fault of the registry.
    const asAsked = () => inNamespace('rollout', 'status', 'deployment/load', '--timeout=300s');
    await asAsked();
    let isOver = false;
    const load = async () => {
      for (let turn = 0; !isOver || turn < TURNS; turn++) {
        await inNamespace('scale', 'deployment/load', `--replicas=${turn % 2 ? 2 : 8}`);
        await asAsked();
      }
    };
    const loading = load();
    loading.catch(() => undefined);
    let references: readonly string[];
    try {
      ({ references } = await app.release([await version(2)]));
    } finally {
      isOver = true;
      await loading;
    }
    // As a pipeline does: what runs is replaced when the release is there.
    await inNamespace('set', 'image', 'deployment/load', `load=${references[0]}`);
    await asAsked();
    const each = 'jsonpath={range .items[*]}{.reason} {.message}{"\\n"}{end}';
    const events = async () => (await inNamespace('get', 'events', '--output', each)).split('\n');
    const arePulled = async () =>
      (await events()).filter((line) => line.startsWith('Pulled ')).length > 10;
    await until('the events of the pulls', arePulled);
    const isFailure = (line: string) =>
      line.startsWith('Failed Failed to pull') && !line.includes('context canceled');
    expect((await events()).filter(isFailure)).toEqual([]);
  } finally {
    await deleteNamespaces(cluster, LOADED);
  }
});

const LOADED = 'jackal-test-load';

/** Times that the load grows or shrinks at least; it grows by six Pods every second time. */
const TURNS = 4;

/** Pods each of which asks the registry, although its node has the image. */
function loadOf(image: string): object {
  const labels = { app: 'load' };
  const spec = {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'load', image, imagePullPolicy: 'Always' }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'load', namespace: LOADED },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  };
}

onSite('nodes that an earlier step was not for get their relays', async () => {
  const { cluster } = app;
  const [first] = cluster.nodes as [ClusterNode];
  const images = [await imageLine('acme/relayed:1', 100_000)];
  const route = 'hostport';
  await app.release(images, { route, nodes: `kubernetes.io/hostname=${first.name}` });
  expect(await app.pods('relay')).toHaveLength(1);
  const { references } = await app.release(images, { route });
  await expectProofs(cluster, references);
  expect(await app.pods('relay')).toHaveLength(cluster.nodes.length);
});
