import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { loadAll } from 'js-yaml';
import { permissionsOf, roleYaml } from '../../../src/preflight/permissions.js';
import type { ClusterNode } from '../../cluster/cluster.js';
import { Jobs, type RunObject } from '../../helpers/jobs.js';
import { startKubelet } from '../../helpers/nodes/kubelets.js';
import { expectProofs } from '../../helpers/proofs.js';
import type { StepResult } from '../../helpers/runner.js';
import { apply, deleteNamespaces, kubectl, site, whyNoSite } from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';

/*
 * What becomes of nodes of all kinds where the user has rights in one namespace alone, and so may not list them.
 */

const onSite = whyNoSite() === undefined ? test : test.skip;

const NAMESPACE = 'unlisted-nodes';
let jobs: Jobs;
let kubeconfig: string;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  const { cluster } = await site();
  await kubectl(cluster, 'create', 'namespace', NAMESPACE);
  const granted = permissionsOf(true, false).filter(({ scope }) => scope === 'namespace');
  const [role] = loadAll(roleYaml(granted, NAMESPACE)) as object[];
  await apply(cluster, role as object);
  const to = ['--role=jackal-inject', '--user=unlisted', '--namespace', NAMESPACE];
  await kubectl(cluster, 'create', 'rolebinding', 'unlisted', ...to);
  const raw = await kubectl(cluster, 'config', 'view', '--raw', '--flatten', '--output=json');
  const config = JSON.parse(raw);
  config.users[0].user.as = 'unlisted';
  kubeconfig = JSON.stringify(config);
  jobs = await Jobs.create();
});

afterEach(async () => {
  await jobs?.endLeft();
});

afterAll(async () => {
  if (whyNoSite() !== undefined) return;
  await deleteNamespaces(jobs.here.cluster, NAMESPACE);
  await jobs.close();
});

/** Runs the main step for a small image of its own. */
async function inject(inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  const images = await writeImage([randomLayer(200_000)], 'acme/unlisted:1');
  const step = await jobs.start({ images, kubeconfig, namespace: NAMESPACE, ...inputs });
  return await jobs.ended(step);
}

/** Does something to the second node, and undoes it. */
async function withNode(change: string[], undo: string[], body: () => Promise<void>) {
  const { cluster } = jobs.here;
  await kubectl(cluster, ...change);
  try {
    await body();
  } finally {
    await kubectl(cluster, ...undo);
  }
}

onSite('the labels of the input `nodes` choose, for the registry, too', async () => {
  const main = await inject({ nodes: 'kubernetes.io/hostname in (node2), !absent' });
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  expect(main.log).toMatch(/every image runs on node2 \(/);
  const at = ['--output', 'jsonpath={.items[*].spec.nodeName}', '--namespace', NAMESPACE];
  expect(await kubectl(jobs.here.cluster, 'get', 'pods', ...at)).toBe('node2 node2');
  await jobs.end(main);
});

onSite('a tainted and cordoned node gets its images', async () => {
  const taint = ['taint', 'node', 'node2', 'only=mine:NoExecute'];
  await withNode(taint, [...taint.slice(0, -1), 'only-'], async () => {
    await withNode(['cordon', 'node2'], ['uncordon', 'node2'], async () => {
      const main = await inject();
      expect([main.exitCode, main.errors]).toEqual([0, []]);
      expect(main.log).toMatch(/every image runs on node[12], node[12]/);
      await jobs.end(main);
    });
  });
});

onSite('a node whose kubelet is dead is left out with a warning', async () => {
  const node = jobs.here.cluster.nodes[1] as ClusterNode;
  await node.stopComponent('kubelet');
  try {
    const main = await inject();
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    expect(main.warnings.join('\n')).toContain(
      'The node node2 is left out: it has a kubelet that takes no Pod',
    );
    expect(main.log).toMatch(/every image runs on node1 \(/);
    await jobs.end(main);
  } finally {
    await startKubelet(jobs.here.cluster, node);
  }
});

onSite('proofs that are not to be kept do not come again', async () => {
  const main = await inject({ keep: 'none' });
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  const left = await kubectl(
    jobs.here.cluster,
    ...['get', 'daemonsets,pods', '--namespace', NAMESPACE, '--output=name'],
    '--selector=jackal-inject.dev/role=proof',
  );
  expect(left).toBe('');
  await jobs.end(main);
});

onSite('no node at all has the labels', async () => {
  const main = await inject({ nodes: 'absent' });
  expect(main.errors).toHaveLength(1);
  expect(main.errors[0]).toContain('The registry could not start from any image');
  expect(main.errors[0]).toContain("didn't match Pod's node affinity/selector");
  await jobs.end(main);
});

onSite('what is no selector is said to be none before anything is written', async () => {
  const main = await inject({ nodes: 'a b' });
  expect(main.errors[0]).toMatch(/^The input `nodes` is "a b", which is no label selector/);
  await jobs.end();
});

onSite('a route that needs relays is said to need the list of the nodes', async () => {
  const main = await inject({ route: 'hostport' });
  expect(main.errors[0]).toContain(
    "the input `route` is hostport, and the kubeconfig's user may not list nodes, which relays need",
  );
  await jobs.end(main);
});

onSite('what is large is streamed through the API server', async () => {
  const images = await writeImage([randomLayer(9_000_000), randomLayer(9_000_000)], 'acme/big:1');
  const main = await inject({ images });
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  expect(JSON.parse(main.outputs.traffic as string)).toMatchObject({
    carrier: 'stream',
    way: 'api',
  });
  await jobs.end(main);
});

onSite('a registry that is lost is replaced, and the DaemonSets with it', async () => {
  // Large enough for its pulls to be held.
  const images = await writeImage([randomLayer(4_000_000)], 'acme/unlisted:1');
  const step = await jobs.withPullsHeld(async () => {
    const held = await jobs.start({ images, kubeconfig, namespace: NAMESPACE });
    // One of the two is on another node than the registry, so nobody is done before it is lost.
    await jobs.untilThere('pod', 'proof', 2);
    const [registry] = await jobs.objects('pod', 'registry');
    await jobs.loseRegistry(async () => {
      await jobs.delete(registry as RunObject);
      await held.logged(/::group::Clear away/);
    });
    return held;
  });
  const main = await jobs.ended(step);
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  expect(main.warnings.join('\n')).toContain('Its part of this run is done anew.');
  const references: Record<string, string> = JSON.parse(main.outputs.images as string);
  await expectProofs(jobs.here.cluster, Object.values(references));
  await jobs.end(main);
});

onSite('couriers bring what is large in batches, from where the registry is', async () => {
  const images = await writeImage([randomLayer(9_000_000), randomLayer(9_000_000)], 'acme/big:1');
  const main = await inject({ images, carrier: 'configmap', 'configmap-budget': '16Mi' });
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  expect(JSON.parse(main.outputs.traffic as string)).toMatchObject({ carrier: 'courier' });
  await jobs.end(main);
});
