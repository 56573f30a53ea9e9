import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../cluster/cluster.js';
import { run } from '../cluster/command.js';
import { until } from '../cluster/until.js';
import { Jobs, type RunObject } from '../helpers/jobs.js';
import { withoutKubelets } from '../helpers/nodes/kubelets.js';
import { startProxy } from '../helpers/nodes/proxies.js';
import { policy } from '../helpers/policy.js';
import type { Step } from '../helpers/runner.js';
import { buildImage, kubectl, whyNoSite } from '../helpers/site.js';
import { randomLayer, writeImage } from './kit/random-image.js';
import { withHosts } from './nodes/hosts.js';
import { podsOf } from './pods/of-run.js';

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

/** One for all jobs: with `auto` it goes by the way's speed, and nodes tell the first manifest of a config. */
const compression = 'zstd';

/** Returns the node where the run's registry is not, once that is known. */
async function nodeWithoutRegistry(): Promise<ClusterNode> {
  const { cluster } = jobs.here;
  const place = async () => (await podsOf(cluster, 'registry'))[0]?.spec?.nodeName;
  const name = await until('the registry to have a node', place);
  return cluster.nodes.find((node) => node.name !== name) as ClusterNode;
}

function proofsOn(node: ClusterNode): Promise<RunObject[]> {
  return jobs.objects('pod', 'proof', `spec.nodeName=${node.name}`);
}

/**
 * Deletes whatever proof Pod a node has until the step has ended. Not the one that is seen and the next one: the step may
 * itself take back its first, where it has not seen kube-proxy's port open in time.
 */
async function deleteProofs(
  node: ClusterNode,
  step: Step,
  delete_: (pod: RunObject) => Promise<unknown>,
): Promise<void> {
  const isOver = async () => {
    for (const pod of await proofsOn(node)) await delete_(pod);
    return step.process.exitCode !== null;
  };
  await until(`the step to end that has no proof on ${node.name}`, isOver);
}

/**
 * Waits until a node's runtime hears the registry. Before, kube-proxy may refuse it, and the step then puts
 * another proof Pod in the place of the first.
 */
async function connected(step: Step, node: ClusterNode): Promise<void> {
  const sockets = ['ss', '--no-header', '--tcp', 'state', 'established'];
  const to = ['dst', await registryHost(step)];
  const found = async () => {
    const { stdout } = await run('nsenter', [`--net=${node.networkNamespace}`, ...sockets, ...to]);
    return stdout;
  };
  await until(`${node.name} to pull`, found);
}

/**
 * Starts a job and calls `body` while one node pulls and its kubelet has been stopped, so that nobody but
 * the test says what becomes of its proof Pod. The kubelet runs again afterwards.
 */
async function whileProofWaits(
  body: (node: ClusterNode, step: Step) => Promise<void>,
): Promise<Step> {
  return await jobs.withPullsHeld(async () => {
    // No node has any part of it, so that its pull can be held.
    const images = await writeImage([randomLayer(30_000_000)], 'acme/held:1');
    // Another route would be tried where kube-proxy is slow, and its sockets are others.
    const step = await jobs.start({ images, route: 'nodeport' });
    const node = await nodeWithoutRegistry();
    await connected(step, node);
    await withoutKubelets(jobs.here.cluster, [node], () => body(node, step));
    return step;
  });
}

onSite.each([
  ['evicted', (pod: RunObject) => jobs.evict(pod)],
  ['deleted by someone else', (pod: RunObject) => jobs.delete(pod)],
])('a proof Pod that is %s gets a new one in its place', async (_, end) => {
  let ended: RunObject | undefined;
  const step = await whileProofWaits(async (node) => {
    const another = async () => {
      const pods = await proofsOn(node);
      if (ended !== undefined) return pods.some(([, name]) => name !== ended?.[1]);
      // One that the step has itself taken back meanwhile is not there, and the next one is ended.
      const [pod] = pods;
      if (pod !== undefined) await end(pod);
      ended = pod;
      return false;
    };
    await until(`another proof on ${node.name}`, another);
  });
  const main = await jobs.ended(step);
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  const pods = await jobs.untilThere('pod', 'proof');
  expect(pods).toHaveLength(2);
  expect(pods).not.toContainEqual(ended);
  await jobs.end(main);
});

onSite('a node that is drained while it pulls is left out with a warning', async () => {
  const { cluster } = jobs.here;
  let drained = '';
  try {
    const step = await whileProofWaits(async (node, step) => {
      drained = node.name;
      await kubectl(cluster, 'cordon', drained);
      // As by an eviction the Pods are going, and stay until a kubelet has ended them.
      await deleteProofs(node, step, (pod) => kubectl(cluster, 'delete', '--wait=false', ...pod));
      expect(await proofsOn(node)).toEqual([]);
    });
    const main = await jobs.ended(step);
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    expect(main.warnings).toEqual([
      `The node ${drained} is left out: it is being drained (it is cordoned), and its Pod was deleted again and again.`,
    ]);
    await jobs.end(main);
  } finally {
    if (drained !== '') await kubectl(cluster, 'uncordon', drained);
  }
});

onSite('a proof Pod that is deleted again and again is told', async () => {
  const step = await whileProofWaits((node, step) =>
    deleteProofs(node, step, (pod) => jobs.delete(pod)),
  );
  const main = await jobs.ended(step);
  expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
  expect(main.errors[0]).toMatch(/^Node .* cannot run the images; .*deleted by someone else: look/);
  await jobs.end(main);
});

/** Where a job's registry is on each node, once that is known. */
async function registryHost(step: Step): Promise<string> {
  const [, namespace] = await step.logged(/Open the run: \S+ in the namespace (\S+)/);
  const port = 'jsonpath={.items[0].spec.ports[0].nodePort}';
  const get = ['get', 'services', `--namespace=${namespace}`, '--output', port];
  return `127.0.0.1:${await kubectl(jobs.here.cluster, ...get)}`;
}

onSite('pulls that come before kube-proxy are done again when its port is open', async () => {
  const [, node] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
  const image = `oci:${await writeImage([randomLayer(100_000)], 'acme/early:1')}`;
  // By a count, not by a kube-proxy that is started then: on a slow machine that takes longer than a run waits for a port.
  // A runtime opens two for a pull that is refused.
  const main = await jobs.withNodePortsRefused(node, 3 * 2, async () =>
    jobs.ended(await jobs.start({ images: image, route: 'nodeport' })),
  );
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  // The last number in the name is of the try; the first may be taken back before it has had its own.
  expect(await proofsOn(node)).toEqual([
    [expect.anything(), expect.stringMatching(/-([2-9]|\d\d+)$/)],
  ]);
  await jobs.end(main);
});

onSite(
  'a runtime that asks a mirror for 127.0.0.1 is told what to write, and with that one whose kube-proxy has ended what it lacks',
  async () => {
    const [, node] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
    await node.stopComponent('proxy');
    try {
      await withHosts(node, 'server = "http://127.0.0.1:9"\n', async (write) => {
        const mirrored = await jobs.start({ images: 'acme/proof:1', compression });
        // The mirror says nothing before the advice is taken, or the time of a run would be over.
        const [advised, host] = await jobs.withLoopbackHeld(node, '9', async () => {
          const inputs = { images: 'acme/proof:1', compression, route: 'nodeport' };
          const step = await jobs.start(inputs);
          const host = await registryHost(step);
          await write(host, `server = "http://${host}"\n`);
          return [step, host] as const;
        });
        const mains = await Promise.all([mirrored, advised].map((step) => jobs.ended(step)));
        for (const main of mains) expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
        const [[elsewhere], [unreachable]] = mains.map(({ errors }) => errors) as [
          [string],
          [string],
        ];
        expect(elsewhere).toMatch(
          new RegExp(
            `node ${node.name} asks 127\\.0\\.0\\.1:9 for what is at (127\\.0\\.0\\.1:\\d+) .*/etc/containerd/certs\\.d .*\\1/hosts\\.toml with server = "http://\\1"`,
          ),
        );
        expect(unreachable).toMatch(
          new RegExp(`node ${node.name} cannot reach the registry at ${host}/.*kube-proxy`),
        );
        await jobs.end(...mains);
      });
    } finally {
      await startProxy(node);
    }
  },
);

onSite(
  'a mirror that has not the image, and leaves the rest to the registry, does no harm',
  async () => {
    const [, node] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
    await withHosts(node, '[host."http://127.0.0.1:9"]\n', async () => {
      await jobs.inject(['acme/proof:1'], { inputs: { compression } });
    });
  },
);

const REGISTRIES = { 'jackal-inject.dev/role': 'registry' };

onSite('a registry whose Pod never is Ready, for a gate and a sidecar, does its work', async () => {
  const patches = [
    'JSONPatch{op: "add", path: "/spec/readinessGates", value: [Object.spec.readinessGates{conditionType: "example.test/never"}]}',
    'JSONPatch{op: "add", path: "/spec/containers/0", value: Object.spec.containers{name: "a-proxy", image: "example.test/none:1", imagePullPolicy: "Never", securityContext: Object.spec.containers.securityContext{allowPrivilegeEscalation: false, capabilities: Object.spec.containers.securityContext.capabilities{drop: ["ALL"]}}}}',
  ];
  await policy(jobs.here.cluster, REGISTRIES, patches, async () => {
    await jobs.inject(['acme/proof:1'], {
      inputs: { carrier: 'configmap', compression },
      look: async (main) => {
        expect(main.warnings).toEqual([]);
        expect(await jobs.objects('configmap', 'chunk')).toEqual([]);
      },
    });
  });
});

onSite('a registry that no probe reaches ends green, with a warning about its chunks', async () => {
  const patches = [
    // Its last argument is the path that the registry answers when it has verified all.
    'JSONPatch{op: "replace", path: "/spec/containers/0/startupProbe/exec/command/5", value: "/nowhere"}',
  ];
  await policy(jobs.here.cluster, REGISTRIES, patches, async () => {
    await jobs.inject(['acme/proof:1'], {
      inputs: { carrier: 'configmap', compression },
      look: async (main) => {
        expect(main.warnings).toEqual([
          expect.stringMatching(/^The registry Pod .* has not become ready within .*post step\.$/),
        ]);
        expect(await jobs.objects('configmap', 'chunk')).not.toEqual([]);
      },
    });
  });
});
