import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectProofs } from '../helpers/proofs.js';
import { Runner } from '../helpers/runner.js';
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
  const inputs = { images, kubeconfig: cluster.kubeconfig };
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
    ...['get', 'namespace', 'jackal-inject', '--output'],
    'jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}',
  );
  expect(levels).toBe('restricted');
  await expectProofs(cluster, Object.values(pullable));
  expect(main.summary).toContain('acme/daemon:1');

  const post = await runner.run({ inputs, state: main.state });
  expect([post.exitCode, post.warnings]).toEqual([0, []]);
  expect(await inventory(cluster)).toEqual(before);
  await expectUserPods(Object.values(pullable));
  expect(await readdir(runner.temporaryDirectory)).toEqual([]);
});

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
    await kubectl(cluster, 'wait', name, `--for=jsonpath=${reason}=StartError`, '--timeout=60s');
  }
  await kubectl(cluster, 'delete', '--grace-period=0', '--force', '--wait', ...names);
}

onSite('the same namespace given by the user is used and left alone', async () => {
  const { cluster, dockerHost } = here;
  await buildImage(dockerHost, join(runner.directory, 'c'), 'acme/own:1', layers(1, 1000));
  await kubectl(cluster, 'create', 'namespace', 'own');
  try {
    await kubectl(
      cluster,
      ...['label', 'namespace', 'own', 'pod-security.kubernetes.io/enforce=restricted'],
    );
    const before = await inventory(cluster);
    const inputs = { images: 'acme/own:1', kubeconfig: cluster.kubeconfig, namespace: 'own' };
    const main = await runner.run({ inputs, env: { DOCKER_HOST: dockerHost } });
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    const post = await runner.run({ inputs, state: main.state });
    expect([post.exitCode, post.warnings]).toEqual([0, []]);
    expect(await inventory(cluster)).toEqual(before);
  } finally {
    await kubectl(cluster, 'delete', 'namespace', 'own');
  }
});

onSite('two runs at once in one namespace do not take it from each other', async () => {
  const { cluster, dockerHost } = here;
  await buildImage(dockerHost, join(runner.directory, 'd'), 'acme/twice:1', layers(2, 2_000_000));
  const before = await inventory(cluster);
  const inputs = { images: 'acme/twice:1', kubeconfig: cluster.kubeconfig };
  const whole = async () => {
    const main = await runner.run({ inputs, env: { DOCKER_HOST: dockerHost } });
    const post = await runner.run({ inputs, state: main.state });
    return { main, post };
  };
  for (const { main, post } of await Promise.all([whole(), whole(), whole()])) {
    expect([main.exitCode, main.errors, post.warnings]).toEqual([0, [], []]);
  }
  expect(await inventory(cluster)).toEqual(before);
});

test('a post step with nothing to do ends well and says so', async () => {
  const post = await runner.run({ inputs: { images: 'x' }, state: { post: 'true' } });
  expect(post.exitCode).toBe(0);
  expect(post.log).toContain('Nothing was written to the cluster');
});
