import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Runner, type StepResult } from '../helpers/runner.js';
import {
  apply,
  buildImage,
  deleteNamespaces,
  docker,
  inventory,
  kubectl,
  type Site,
  site,
  whyNoSite,
} from '../helpers/site.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

let here: Site;
let runner: Runner;
let archive: string;
let before: string[];

beforeAll(async () => {
  runner = await Runner.create();
  if (whyNoSite() !== undefined) return;
  here = await site();
  archive = join(runner.directory, 'good.tar');
  const layer = ['file', randomBytes(100_000)] as const;
  await buildImage(here.dockerHost, join(runner.directory, 'image'), 'acme/refused:1', [layer]);
  await docker(here.dockerHost, 'save', '--output', archive, 'acme/refused:1');
  for (const [namespace, ...rules] of ROLES) await makeUser(namespace, rules);
  before = await inventory(here.cluster);
});

afterAll(async () => {
  if (whyNoSite() === undefined) {
    const names = ROLES.map(([name]) => name);
    await deleteNamespaces(here.cluster, ...names);
    await kubectl(here.cluster, 'delete', 'clusterrole,clusterrolebinding', ...names);
  }
  await runner.close();
});

/** Users of the cluster, each a ServiceAccount in a namespace of its own with these rights. */
const ROLES = [
  ['no-pods', 'nodes:list', 'configmaps,services,leases:create,get,list,watch,patch,delete'],
  ['no-namespaces', 'nodes:list', 'namespaces:get,list'],
  ['no-nodes', 'namespaces:get'],
] as const;

async function makeUser(name: string, rules: readonly string[]): Promise<void> {
  const { cluster } = here;
  await kubectl(cluster, 'create', 'namespace', name);
  await apply(cluster, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: rules.map((rule) => {
      const [resources = '', verbs = ''] = rule.split(':');
      return {
        apiGroups: ['', 'coordination.k8s.io'],
        resources: resources.split(','),
        verbs: verbs.split(','),
      };
    }),
  });
  await kubectl(
    cluster,
    ...['create', 'clusterrolebinding', name, `--clusterrole=${name}`],
    `--serviceaccount=${name}:default`,
  );
}

/** The administrator's kubeconfig with another token, or another server. */
async function kubeconfigWith(change: { token?: string; server?: string }): Promise<string> {
  const raw = await kubectl(here.cluster, 'config', 'view', '--raw', '--output', 'json');
  const config = JSON.parse(raw);
  if (change.token) config.users[0].user = { token: change.token };
  if (change.server) config.clusters[0].cluster.server = change.server;
  return JSON.stringify(config);
}

async function asUser(name: string): Promise<string> {
  const token = await kubectl(here.cluster, 'create', 'token', 'default', '--namespace', name);
  return kubeconfigWith({ token: token.trim() });
}

/** Runs main and post; expects one sentence, a red main and a cluster as it was. */
async function refused(
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<StepResult> {
  const all = { images: 'acme/refused:1', kubeconfig: here.cluster.kubeconfig, ...inputs };
  const environment = { DOCKER_HOST: here.dockerHost, ...env };
  const main = await runner.run({ inputs: all, env: environment });
  const post = await runner.run({ inputs: all, env: environment, state: main.state });
  expect({ exitCode: main.exitCode, log: main.log }).toEqual({ exitCode: 1, log: main.log });
  expect(main.errors).toHaveLength(1);
  expect(main.errors[0]).toMatch(/^[A-Z].*[.:)"'`\w]$/);
  expect(main.errors[0]).not.toMatch(/\n|undefined|\[object|Error:/);
  const error = main.annotations.find(({ kind }) => kind === 'error');
  expect(error?.title).toMatch(/^Jackal Inject: \S/);
  expect(error?.text).toMatch(/\nWhat to do: \S+\/docs\/troubleshooting\.md#[\w-]+$/);
  expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []]);
  expect(await inventory(here.cluster)).toEqual(before);
  expect(await readdir(runner.temporaryDirectory)).toEqual([]);
  return main;
}

onSite('an image that the daemon does not have', async () => {
  const { errors, annotations, summary, log } = await refused(
    { images: 'acme/refused:1\nacme/absent:1' },
    { GITHUB_ACTION_REPOSITORY: 'jackal-inject/jackal-inject', GITHUB_ACTION_REF: 'v0' },
  );
  expect(errors[0]).toMatch(/acme\/absent:1/);
  const page = 'https://github.com/jackal-inject/jackal-inject/blob/v0/docs/troubleshooting.md';
  const url = `${page}#daemon-does-not-give-the-image`;
  expect(annotations).toEqual([
    {
      kind: 'error',
      title: 'Jackal Inject: Daemon does not give the image',
      text: `${errors[0]}\nWhat to do: ${url}`,
    },
  ]);
  expect(summary).toMatch(
    /^### Jackal Inject\n\n\*\*Failed after \d+\.\d\d s\.\*\* The daemon at /,
  );
  expect(summary).toContain(`\n[What to do](${url}). It was in the stage "Prepare".\n`);
  expect(summary).toMatch(/\n\| Images \| \d+\.\d\d s \| {2}\| not done \|\n/);
  expect(log).toMatch(/::endgroup::\nPrepare: not done \(\d+\.\d\d s\)\n::error /);
});

onSite('no daemon', async () => {
  const { errors } = await refused({}, { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  expect(errors[0]).toMatch(/daemon.*\/nowhere\/docker\.sock/);
});

onSite('an archive that is missing', async () => {
  const { errors } = await refused({ images: './absent.tar' });
  expect(errors[0]).toMatch(/absent\.tar/);
});

onSite('an archive that is cut off', async () => {
  const path = join(runner.directory, 'cut.tar');
  await writeFile(path, await readFile(archive));
  await truncate(path, 50_000);
  const { errors } = await refused({ images: path });
  expect(errors[0]).toMatch(/cut\.tar.*(truncated|cut off|ends|incomplete)/);
});

onSite('a file that is no archive', async () => {
  const path = join(runner.directory, 'noise.tar');
  await writeFile(path, randomBytes(5000));
  const { errors } = await refused({ images: path });
  expect(errors[0]).toMatch(/noise\.tar/);
});

onSite('an archive in which a layer is not what its digest says', async () => {
  const path = join(runner.directory, 'lies.tar');
  const bytes = await readFile(archive);
  await writeFile(path, bytes);
  const file = await open(path, 'r+');
  const inLayer = bytes.indexOf(Buffer.from('layer.tar\0')) + 512 + 1024;
  await file.write(Buffer.from('changed'), 0, 7, inLayer + 2000);
  await file.close();
  const { errors } = await refused({ images: path });
  expect(errors[0]).toMatch(/lies\.tar.*sha256:/);
});

onSite('no image at all', async () => {
  const { errors } = await refused({ images: '\n# nothing\n' });
  expect(errors[0]).toMatch(/`images` is empty/);
});

onSite('a kubeconfig that is missing', async () => {
  const { errors } = await refused({ kubeconfig: '/nowhere/kubeconfig' });
  expect(errors[0]).toMatch(/\/nowhere\/kubeconfig/);
});

onSite('a kubeconfig that is malformed, whose content is not printed', async () => {
  const { errors, log } = await refused({ kubeconfig: 'apiVersion: v1\nusers: [{token: hush' });
  expect(errors[0]).toMatch(/kubeconfig/);
  expect(log).not.toContain('hush');
});

onSite('a context that the kubeconfig does not have', async () => {
  const { errors } = await refused({ context: 'elsewhere' });
  expect(errors[0]).toMatch(/elsewhere/);
});

onSite('an API server that cannot be reached', async () => {
  const kubeconfig = await kubeconfigWith({ server: 'https://127.0.0.1:9' });
  const { errors } = await refused({ kubeconfig });
  expect(errors[0]).toMatch(/127\.0\.0\.1:9/);
});

onSite('credentials that are refused, and not printed', async () => {
  const kubeconfig = await kubeconfigWith({ token: 'not-a-token-of-yours' });
  const { errors, log } = await refused({ kubeconfig });
  expect(errors[0]).toMatch(/credentials/);
  expect(log).toContain('::add-mask::not-a-token-of-yours');
  expect(log).not.toMatch(/(?<!::add-mask::)not-a-token-of-yours/);
});

onSite('a user who may not create Pods', async () => {
  const kubeconfig = await asUser('no-pods');
  const { errors, log } = await refused({ kubeconfig, namespace: 'no-pods' });
  expect(errors[0]).toMatch(/lacks \d+ permissions: .*\bcreate\b.*\bpods\b.*no-pods/);
  expect(log).toMatch(/kind: Role\n[\s\S]*resources: \["pods"\], verbs: \[create, /);
});

onSite('a user who may not list nodes', async () => {
  const { errors } = await refused({ kubeconfig: await asUser('no-nodes'), namespace: 'no-nodes' });
  expect(errors[0]).toMatch(
    /create, list, watch, delete daemonsets in the namespace "no-nodes" \(or list nodes in the cluster\)/,
  );
});

onSite('a namespace that is given and does not exist', async () => {
  const { errors } = await refused({ namespace: 'not-there' });
  expect(errors[0]).toMatch(/"not-there" does not exist.*`kubectl create namespace not-there`/);
});

onSite('a user who may not make a namespace', async () => {
  const { errors, log } = await refused({ kubeconfig: await asUser('no-namespaces') });
  expect(errors[0]).toMatch(/\bcreate\b.*\bnamespaces\b.*with the input `namespace`/);
  expect(log).toMatch(/kind: ClusterRole\n[\s\S]*resources: \["namespaces"\], verbs: \[create/);
});

onSite(
  'manifests that are missing, and such as are no YAML, also beside images that are good',
  async () => {
    const path = join(runner.directory, 'web.yaml');
    const missing = await refused({ manifests: path });
    expect(missing.errors[0]).toMatch(/web\.yaml, which is not there; check the path/);
    await writeFile(path, 'a: b: c\n');
    const { errors, state } = await refused({ manifests: path });
    expect(errors[0]).toMatch(
      /web\.yaml is not YAML: Nested mappings .* at line 1, column 4; correct/,
    );
    expect(state.cleanup).toBeUndefined();
  },
);

onSite('a payload over the budget', async () => {
  const { errors } = await refused({ carrier: 'configmap', 'configmap-budget': '64Ki' });
  expect(errors[0]).toMatch(/over the budget of 0\.1 MiB.*`configmap-budget`/);
});

onSite('a timeout that is too short', async () => {
  const { errors } = await refused({ timeout: '1s', kubeconfig: await slowServer() });
  expect(errors[0]).toMatch(/did not end within its timeout of 1 s; it was in the stage "Prepare"/);
});

/** A kubeconfig whose server takes connections and says nothing. */
async function slowServer(): Promise<string> {
  const { createServer } = await import('node:net');
  const server = createServer(() => undefined).unref();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  return kubeconfigWith({ server: `https://127.0.0.1:${port}` });
}
