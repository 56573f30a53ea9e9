import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../cluster/cluster.js';
import { Jobs, ofRole, type RunObject } from '../helpers/jobs.js';
import { policy } from '../helpers/policy.js';
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
  let first: RunObject | undefined;
  const step = await whileProofWaits(async (node) => {
    first = await proofOn(node);
    await end(first);
    await proofOn(node, first);
  });
  const main = await jobs.ended(step);
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  const pods = await jobs.untilThere('pod', 'proof');
  expect(pods).toHaveLength(2);
  expect(pods).not.toContainEqual(first);
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
  expect(main.errors[0]).toMatch(/^Node .* cannot run the images; .*deleted by someone else: look/);
  await jobs.end(main);
});

onSite(
  'a node whose kube-proxy has ended is told with what it lacks, where no relay is wanted',
  async () => {
    const [, node] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
    await node.stopComponent('proxy');
    try {
      const main = await jobs.ended(
        await jobs.start({ images: 'acme/proof:1', route: 'nodeport' }),
      );
      expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
      expect(main.errors[0]).toMatch(
        new RegExp(`node ${node.name} cannot reach the registry at 127\\.0\\.0\\.1:.*kube-proxy`),
      );
      await jobs.end(main);
    } finally {
      await node.startComponent('proxy');
    }
  },
);

onSite('a runtime that asks a mirror for 127.0.0.1 is told, with what to write', async () => {
  const [, node] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
  const folder = join(node.directory, 'var/lib/jackal/certs.d');
  await mkdir(join(folder, '_default'), { recursive: true });
  await writeFile(join(folder, '_default/hosts.toml'), 'server = "http://127.0.0.1:9"\n');
  try {
    const main = await jobs.ended(await jobs.start({ images: 'acme/proof:1' }));
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(
      new RegExp(
        `node ${node.name} asks 127\\.0\\.0\\.1:9 for what is at (127\\.0\\.0\\.1:\\d+) .*/etc/containerd/certs\\.d .*\\1/hosts\\.toml`,
      ),
    );
    await jobs.end(main);
  } finally {
    await rm(folder, { recursive: true });
  }
});

onSite(
  'a mirror that has not the image, and leaves the rest to the registry, does no harm',
  async () => {
    const [, node] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
    const folder = join(node.directory, 'var/lib/jackal/certs.d');
    await mkdir(join(folder, '_default'), { recursive: true });
    await writeFile(join(folder, '_default/hosts.toml'), '[host."http://127.0.0.1:9"]\n');
    try {
      await jobs.inject(['acme/proof:1']);
    } finally {
      await rm(folder, { recursive: true });
    }
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
      inputs: { carrier: 'configmap' },
      // Nodes have had it with layers that were not compressed, and name that manifest.
      digests: false,
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
      inputs: { carrier: 'configmap' },
      // Nodes have had it with layers that were not compressed, and name that manifest.
      digests: false,
      look: async (main) => {
        expect(main.warnings).toEqual([
          expect.stringMatching(/^The registry Pod .* has not become ready within .*post step\.$/),
        ]);
        expect(await jobs.objects('configmap', 'chunk')).not.toEqual([]);
      },
    });
  });
});
