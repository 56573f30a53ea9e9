import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../cluster/cluster.js';
import { until } from '../cluster/until.js';
import { Jobs } from '../helpers/jobs.js';
import { startKubelet } from '../helpers/nodes/kubelets.js';
import type { StepResult } from '../helpers/runner.js';
import {
  apply,
  buildImage,
  deleteNamespaces,
  inventory,
  kubectl,
  whyNoSite,
} from '../helpers/site.js';

const onSite = whyNoSite() === undefined ? test : test.skip;
const IMAGE = 'acme/leavings:1';

let jobs: Jobs;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  const directory = join(jobs.runner.directory, 'image');
  await buildImage(jobs.here.dockerHost, directory, IMAGE, [['a', randomBytes(1_000_000)]]);
});

afterEach(() => jobs?.endLeft());

afterAll(() => jobs?.close());

const main = async (inputs: Readonly<Record<string, string>> = {}) => {
  const ended = await jobs.ended(await jobs.start({ images: IMAGE, ...inputs }));
  expect([ended.exitCode, ended.errors]).toEqual([0, []]);
  return ended;
};

const post = (ended: StepResult) => {
  const inputs = { images: IMAGE, kubeconfig: jobs.here.cluster.kubeconfig };
  return jobs.runner.run({ inputs, state: ended.state });
};

const namespaceOf = (ended: StepResult): string =>
  JSON.parse(ended.state.cleanup as string).namespace;

/** A namespace with things of a person's in it, for as long as `body` goes on. */
async function withTheirs(
  labels: Readonly<Record<string, string>>,
  body: (namespace: string) => Promise<void>,
): Promise<void> {
  const { cluster } = jobs.here;
  const namespace = `theirs-${randomUUID().slice(0, 8)}`;
  const named = (name: string) => ({ name, namespace });
  const metadata = { name: namespace, labels };
  await apply(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata });
  try {
    await apply(cluster, { apiVersion: 'v1', kind: 'Secret', metadata: named('login') });
    await apply(cluster, { apiVersion: 'v1', kind: 'ConfigMap', metadata: named('settings') });
    await body(namespace);
  } finally {
    await deleteNamespaces(cluster, namespace);
  }
}

onSite.each<[string, Readonly<Record<string, string>>]>([
  ['of their own', { 'pod-security.kubernetes.io/enforce': 'restricted' }],
  ['that another run seems to have made', { 'app.kubernetes.io/managed-by': 'jackal-inject' }],
])('a namespace that is given, one %s, is used and left as it was', async (_, labels) => {
  await withTheirs(labels, async (namespace) => {
    const before = await inventory(jobs.here.cluster);
    // No relay, which the level of a namespace may refuse.
    const ended = await post(await main({ namespace, route: 'nodeport' }));
    expect([ended.exitCode, ended.warnings]).toEqual([0, []]);
    expect(await inventory(jobs.here.cluster)).toEqual(before);
  });
});

onSite("what a person puts into a run's own namespace stays, and is named", async () => {
  const { cluster } = jobs.here;
  const ended = await main();
  const namespace = namespaceOf(ended);
  try {
    const metadata = { name: 'mine', namespace };
    await apply(cluster, { apiVersion: 'v1', kind: 'Secret', metadata });
    const { exitCode, warnings } = await post(ended);
    expect([exitCode, warnings.length]).toEqual([0, 1]);
    expect(warnings[0]).toMatch(
      new RegExp(`^The namespace ${namespace} stays, .* \\(secret/mine\\); delete it`),
    );
    const left = await inventory(cluster);
    expect(left.filter((line) => line.includes('jackal'))).toEqual([
      `${namespace} Secret mine`,
      `namespace ${namespace}`,
    ]);
  } finally {
    await deleteNamespaces(cluster, namespace);
  }
});

onSite(
  'ten runs at once take nothing from each other or from a person and leave nothing',
  async () => {
    const { cluster } = jobs.here;
    await withTheirs({}, async (namespace) => {
      const before = await inventory(cluster);
      const whole = async (_: unknown, index: number) => {
        const ended = await main(index % 2 === 0 ? {} : { namespace });
        return (await post(ended)).warnings;
      };
      const warnings = await Promise.all(Array.from({ length: 10 }, whole));
      expect(warnings.flat()).toEqual([]);
      expect(await inventory(cluster)).toEqual(before);
    });
  },
);

onSite('a node that is down holds up its Pods for a while and nothing else', async () => {
  const [, node] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
  const ended = await main();
  await node.stopComponent('kubelet');
  try {
    await jobs.end(ended);
  } finally {
    await startKubelet(jobs.here.cluster, node);
  }
});

onSite('a namespace that cannot finish costs no run anything', async () => {
  const { cluster } = jobs.here;
  const name = 'v1.broken.example.test';
  const service = { name: 'nowhere', namespace: 'default' };
  const spec = { group: 'broken.example.test', version: 'v1', groupPriorityMinimum: 100 };
  let gone = '';
  try {
    await apply(cluster, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name },
      spec: { ...spec, service, versionPriority: 1, insecureSkipTLSVerify: true },
    });
    const first = await main();
    gone = `namespace/${namespaceOf(first)}`;
    const { exitCode, warnings } = await post(first);
    expect([exitCode, warnings]).toEqual([0, []]);
    const failed = 'NamespaceDeletionDiscoveryFailure';
    const reason = `{.status.conditions[?(@.type=="${failed}")].status}`;
    const stuck = async () =>
      (await kubectl(
        cluster,
        ...['get', 'namespace', namespaceOf(first), `--output=jsonpath=${reason}`],
      )) === 'True';
    await until('the namespace to be stuck', stuck);
    await jobs.end(await main());
  } finally {
    await kubectl(cluster, 'delete', '--ignore-not-found', 'apiservice', name);
  }
  await kubectl(cluster, 'wait', '--for=delete', '--timeout=300s', gone);
});
