import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { permissionsOf, roleYaml } from '../../../src/preflight/permissions.js';
import { Runner } from '../../helpers/runner.js';
import {
  buildImage,
  deleteNamespaces,
  docker,
  inventory,
  kubectl,
  type Site,
  site,
  whyNoSite,
} from '../../helpers/site.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

/** Namespace of the Pod that the step seems to run in. */
const NAMESPACE = 'from-inside';

let here: Site;
let runner: Runner;
let account: string;

beforeAll(async () => {
  runner = await Runner.create();
  if (whyNoSite() !== undefined) return;
  here = await site();
  account = join(runner.directory, 'serviceaccount');
  await kubectl(here.cluster, 'create', 'namespace', NAMESPACE);
  await grant();
  await writeAccount();
});

afterAll(async () => {
  if (whyNoSite() === undefined) {
    await deleteNamespaces(here.cluster, NAMESPACE);
    await kubectl(here.cluster, 'delete', 'clusterrole,clusterrolebinding', 'jackal-inject');
  }
  await runner.close();
});

/** Gives the namespace's ServiceAccount what the action cannot do without, and nothing else. */
async function grant(): Promise<void> {
  const file = join(runner.directory, 'role.yaml');
  const needed = permissionsOf(true).filter(
    ({ resource, without }) => without === undefined || resource === 'nodes',
  );
  await writeFile(file, roleYaml(needed, NAMESPACE));
  await kubectl(here.cluster, 'create', '--filename', file);
  const subject = `--serviceaccount=${NAMESPACE}:default`;
  const name = 'jackal-inject';
  await kubectl(
    here.cluster,
    ...['create', 'rolebinding', name, `--role=${name}`, subject, '--namespace', NAMESPACE],
  );
  await kubectl(
    here.cluster,
    ...['create', 'clusterrolebinding', name, `--clusterrole=${name}`, subject],
  );
}

/** Writes what a kubelet mounts into a Pod of that ServiceAccount. */
async function writeAccount(): Promise<void> {
  await mkdir(account);
  const token = await kubectl(here.cluster, 'create', 'token', 'default', '-n', NAMESPACE);
  const config = JSON.parse(
    await kubectl(here.cluster, 'config', 'view', '--raw', '--flatten', '--output', 'json'),
  );
  const authority = config.clusters[0].cluster['certificate-authority-data'];
  await writeFile(join(account, 'token'), token.trim());
  await writeFile(join(account, 'namespace'), NAMESPACE);
  await writeFile(join(account, 'ca.crt'), Buffer.from(authority, 'base64'));
}

/** A mount namespace without ~/.kube, in which the account's files are where a container finds them. */
function asInPod(): string[] {
  const place = '/var/run/secrets/kubernetes.io/serviceaccount';
  const script = [
    '{ [ ! -d ~/.kube ] || mount -t tmpfs tmpfs ~/.kube; }',
    'mount -t tmpfs tmpfs /var/run/',
    `mkdir -p ${place}`,
    `cp "$0"/* ${place}`,
    'exec "$@"',
  ];
  return ['unshare', '--mount', 'sh', '-c', script.join(' && '), account];
}

onSite('a step in a Pod needs no kubeconfig, and no right beyond those documented', async () => {
  const archive = join(runner.directory, 'inside.tar');
  const layer = ['file', randomBytes(500_000)] as const;
  await buildImage(here.dockerHost, join(runner.directory, 'image'), 'acme/inside:1', [layer]);
  await docker(here.dockerHost, 'save', '--output', archive, 'acme/inside:1');
  const before = await inventory(here.cluster);
  const { hostname, port } = new URL(here.cluster.server);
  const options = {
    inputs: { images: archive, namespace: NAMESPACE },
    env: {
      KUBECONFIG: undefined,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
    },
    within: asInPod(),
  };
  const main = await runner.run(options);
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  expect(Object.keys(JSON.parse(main.outputs.images as string))).toEqual([archive]);
  const post = await runner.run({ ...options, state: main.state });
  expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []]);
  expect(await inventory(here.cluster)).toEqual(before);
});
