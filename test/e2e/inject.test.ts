import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../cluster/cluster.js';
import { until } from '../cluster/until.js';
import { ofRole } from '../helpers/jobs.js';
import { expectProofs } from '../helpers/proofs.js';
import { registryProcess } from '../helpers/registry-processes.js';
import { Runner, type StepResult } from '../helpers/runner.js';
import { masksOf } from '../helpers/runners/file-commands.js';
import {
  apply,
  buildImage,
  docker,
  inventory,
  kubectl,
  type LayerFile,
  type Site,
  site,
  whyNoSite,
} from '../helpers/site.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

let here: Site;
let runner: Runner;

beforeAll(async () => {
  runner = await Runner.create();
  if (whyNoSite() === undefined) here = await site();
});

afterEach(() => runner.endLeft());

afterAll(() => runner.close());

function layers(count: number, bytes: number): LayerFile[] {
  return Array.from({ length: count }, (_, i) => [`layer-${i}`, randomBytes(bytes)] as const);
}

/** A Pod of a user's: the injected image by the name that the step gave, on one node. */
function userPod(name: string, node: string, image: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      containers: [{ name: 'web', image, imagePullPolicy: 'Never' }],
    },
  };
}

onSite('an image of the daemon and a saved one reach both nodes, and nothing stays', async () => {
  const { cluster, dockerHost } = here;
  const archive = join(runner.directory, 'saved.tar');
  await buildImage(dockerHost, join(runner.directory, 'a'), 'acme/daemon:1', layers(4, 6_000_000));
  await buildImage(dockerHost, join(runner.directory, 'b'), 'acme/saved:2', layers(4, 5_000_000));
  await docker(dockerHost, 'save', '--output', archive, 'acme/saved:2');
  await docker(dockerHost, 'rmi', 'acme/saved:2');
  const before = await inventory(cluster);
  const images = `acme/daemon:1\n${archive}`;
  // With relays the namespace would have another level.
  const inputs = { images, kubeconfig: cluster.kubeconfig, route: 'nodeport' };
  const main = await runner.run({ inputs, env: { DOCKER_HOST: dockerHost } });
  expect(main.log).toContain('Prove on every node');
  expect([main.exitCode, main.errors]).toEqual([0, []]);

  const pullable: Record<string, string> = JSON.parse(main.outputs.images as string);
  expect(Object.keys(pullable)).toEqual(['acme/daemon:1', archive]);
  expect(main.outputs.registry).toMatch(/^127\.0\.0\.1:\d+\/[0-9a-f]{32}$/);
  for (const reference of Object.values(pullable)) {
    expect(reference.startsWith(`${main.outputs.registry}/acme/`)).toBe(true);
    expect(reference).toMatch(/@sha256:[0-9a-f]{64}$/);
  }
  const levels = await kubectl(
    cluster,
    ...['get', 'namespaces', '--selector', 'jackal-inject.dev/role=namespace', '--output'],
    'jsonpath={.items[?(@.status.phase=="Active")].metadata.labels.pod-security\\.kubernetes\\.io/enforce}',
  );
  expect(levels).toBe('restricted');
  await expectProofs(cluster, Object.values(pullable));
  expect(main.summary).toMatch(
    /^### Jackal Inject\n\n\*\*2 images on 2 nodes in \d+\.\d\d s: \d+\.\d MB sent.*\.\*\*\n/,
  );
  expect(main.summary).toContain('| <code>acme/daemon:1</code> | linux/amd64 |');
  expectSecretsKept(main);
  const format = 'jsonpath={.items[*].spec.renewTime} {.items[*].spec.leaseDurationSeconds}';
  const lease = await kubectl(cluster, 'get', 'leases', ...ofRole('lease'), '--output', format);
  const [renewed = '', seconds] = lease.split(' ');
  // The few minutes of the main step have become the time that a job may go on for.
  const hours = (Date.parse(renewed) - Date.now()) / 3_600_000 + Number(seconds) / 3600;
  expect(hours).toBeGreaterThan(5.9);
  expect(hours).toBeLessThan(6.1);

  const post = await runner.run({ inputs, state: main.state });
  expect([post.exitCode, post.warnings]).toEqual([0, []]);
  expect(await inventory(cluster)).toEqual(before);
  await expectUserPods(Object.values(pullable));
  expect(await readdir(runner.temporaryDirectory)).toEqual([]);
});

/** What the runner is to hide is nowhere else, and in no output, of which the runner would drop those with a secret in them. */
function expectSecretsKept({ log, summary, outputs }: StepResult): void {
  const masks = masksOf(log);
  // The key of the kubeconfig, as it stands there and line by line, and the run's own token.
  expect(masks.size).toBeGreaterThan(3);
  const rest = log.replaceAll(/^::add-mask::.*$/gm, '');
  const shown = [rest, summary, ...Object.values(outputs)];
  expect([...masks].filter((mask) => shown.some((text) => text.includes(mask)))).toEqual([]);
}

/** A Pod that never pulls starts on each node: the image is there although the run is gone. */
async function expectUserPods(references: readonly string[]): Promise<void> {
  const { cluster } = here;
  const names: string[] = [];
  for (const [n, node] of cluster.nodes.entries()) {
    for (const [i, image] of references.entries()) {
      names.push(`pod/user-${n}-${i}`);
      await apply(cluster, userPod(`user-${n}-${i}`, node.name, image));
    }
  }
  // The images hold random bytes and no program, so the runtime gets as far as starting one.
  const reason = '{.status.containerStatuses[0].state..reason}';
  for (const name of names) {
    await kubectl(cluster, 'wait', name, `--for=jsonpath=${reason}=StartError`, '--timeout=300s');
  }
  await kubectl(cluster, 'delete', '--grace-period=0', '--force', '--wait', ...names);
}

onSite('chunks are given back, and a registry that restarts serves without them', async () => {
  const { cluster, dockerHost } = here;
  await buildImage(dockerHost, join(runner.directory, 'r'), 'acme/again:1', layers(2, 3_000_000));
  const { kubeconfig } = cluster;
  const inputs = { images: 'acme/again:1', kubeconfig, carrier: 'configmap' };
  const main = await runner.run({ inputs, env: { DOCKER_HOST: dockerHost } });
  try {
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    const { nodes } = JSON.parse(main.outputs.traffic as string);
    const pulled = nodes.map(({ pulledBytes }: { pulledBytes: number }) => pulledBytes);
    expect(pulled.map((bytes: number) => Math.round(bytes / 1e6))).toEqual([6, 6]);
    const chunks = ['get', 'configmaps', ...ofRole('chunk'), '--output', 'name'];
    expect(await kubectl(cluster, ...chunks)).toBe('');
    process.kill(await registryProcess(cluster), 'SIGKILL');
    const state = '{..containerStatuses[0].restartCount} {..containerStatuses[0].ready}';
    const restarted = async () =>
      (await kubectl(cluster, 'get', 'pods', ...ofRole('registry'), `-o=jsonpath=${state}`)) ===
      '1 true';
    await until('the registry to be ready again', restarted);
    const pullable: Record<string, string> = JSON.parse(main.outputs.images as string);
    const [host, ...path] = (pullable['acme/again:1'] as string).split('/');
    const url = `http://${host}/v2/${path.join('/').replace('@', '/manifests/')}`;
    const program = `fetch('${url}').then((answer) => answer.json()).then(({ layers, config }) =>
      Promise.all([config, ...layers].map(({ digest }) =>
        fetch('${url}'.replace(/manifests.*/, 'blobs/') + digest).then((blob) => blob.arrayBuffer()))))
      .then((blobs) => console.log(blobs.reduce((sum, { byteLength }) => sum + byteLength, 0)))`;
    const node = cluster.nodes[0] as ClusterNode;
    const inside = [`--net=${node.networkNamespace}`, process.execPath, '-e', program];
    const { stdout } = await promisify(execFile)('nsenter', inside);
    expect(Number(stdout)).toBeGreaterThan(6_000_000);
  } finally {
    await runner.run({ inputs, state: main.state });
  }
});

test('a post step with nothing to do ends well and says so', async () => {
  const post = await runner.run({ inputs: { images: 'x' }, state: {} });
  expect(post.exitCode).toBe(0);
  expect(post.log).toContain('Nothing was written to the cluster');
});
