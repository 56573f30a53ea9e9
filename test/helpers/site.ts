import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { MANAGED_BY, MANAGED_BY_LABEL } from '../../src/run/run.js';
import { type Cluster, find } from '../cluster/cluster.js';
import { until } from '../cluster/until.js';
import { list, read } from './read.js';

/** What an end-to-end test runs on; set up once for all tests of a worker. */
export interface Site {
  readonly cluster: Cluster;
  /** Value of DOCKER_HOST. */
  readonly dockerHost: string;
}

/** What the set-up leaves for the tests: a site for each worker of jest's, or why there is none. */
export type SiteWord =
  | { readonly sites: readonly { readonly cluster: string; readonly dockerHost: string }[] }
  | { readonly missing: string };

const SITE_VARIABLE = 'JACKAL_TEST_SITE';

const execute = promisify(execFile);
const OUTPUT_LIMIT = { maxBuffer: 256 * 1024 * 1024 };

/** Leaves word for the tests, which are processes that begin later. */
export function leaveWord(word: SiteWord): void {
  process.env[SITE_VARIABLE] = JSON.stringify(word);
}

/** What the set-up has left. */
export function readWord(): SiteWord {
  const word = process.env[SITE_VARIABLE];
  return word === undefined ? { missing: 'the set-up has not run' } : JSON.parse(word);
}

/** Why there is no site on this machine, or undefined when there is one. */
export function whyNoSite(): string | undefined {
  const word = readWord();
  return 'missing' in word ? word.missing : undefined;
}

/** The site that the set-up has made for this worker, which runs one test file at a time. */
export async function site(): Promise<Site> {
  const word = readWord();
  const worker = Number(process.env.JEST_WORKER_ID ?? 1);
  const own = 'sites' in word ? word.sites[worker - 1] : undefined;
  if (own === undefined) throw new Error(`There is no site for the worker ${worker}.`);
  return { cluster: await find(own.cluster), dockerHost: own.dockerHost };
}

/** Runs kubectl as administrator and returns what it prints. */
export async function kubectl(cluster: Cluster, ...args: string[]): Promise<string> {
  const command = ['--kubeconfig', cluster.kubeconfig, ...args];
  return (await execute(cluster.kubectl, command, OUTPUT_LIMIT)).stdout;
}

/** The post step leaves the run's namespace to the cluster, which is still at work on it for a while. */
export async function untilRunsAreGone(cluster: Cluster): Promise<void> {
  const labels = `${MANAGED_BY_LABEL}=${MANAGED_BY}`;
  const areGone = async () => (await list(cluster, '/api/v1/namespaces', { labels })).length === 0;
  await until('the namespaces of ended runs to be gone', areGone);
}

/**
 * Deletes namespaces and waits until they have no Pods, which a later test's run could start from; no new ones come any
 * more. Nobody waits for the rest, for which the cluster takes some seconds; `inventory` leaves it out.
 */
export async function deleteNamespaces(cluster: Cluster, ...names: string[]): Promise<void> {
  await kubectl(cluster, 'delete', '--ignore-not-found', '--wait=false', 'namespace', ...names);
  const pods = ['delete', 'pods', '--all', '--now', '--timeout=300s'];
  for (const name of names) await kubectl(cluster, ...pods, '--namespace', name);
}

/** Creates a namespace and waits until Pods can be made in it: none is admitted before its account is there. */
export async function createNamespace(cluster: Cluster, name: string): Promise<void> {
  await kubectl(cluster, 'create', 'namespace', name);
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await until('its account', () => read<object>(cluster, account));
}

/** Creates objects from a manifest's text. */
export async function apply(cluster: Cluster, manifest: object): Promise<void> {
  const child = execute(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, 'create', '-f', '-']);
  child.child.stdin?.end(JSON.stringify(manifest));
  await child;
}

const CORE = ['pods', 'services', 'configmaps', 'secrets', 'serviceaccounts'];
/** What a run makes, or what could be made of it. */
const COLLECTIONS = [
  ...[...CORE, 'replicationcontrollers'].map((kind) => `/api/v1/${kind}`),
  ...['daemonsets', 'deployments', 'replicasets', 'statefulsets'].map(
    (kind) => `/apis/apps/v1/${kind}`,
  ),
  ...['jobs', 'cronjobs'].map((kind) => `/apis/batch/v1/${kind}`),
  '/apis/autoscaling/v2/horizontalpodautoscalers',
  '/apis/networking.k8s.io/v1/networkpolicies',
  '/apis/coordination.k8s.io/v1/leases',
];

/** What rewrites names; older Kubernetes serves neither. */
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const POLICIES = ['mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'];

/** With what the names of objects of the cluster's begin that tests make. */
export const OF_TESTS = 'jackal-test-';

/** What controllers put into every namespace. */
const OF_EACH_NAMESPACE = new Set(['ServiceAccount default', 'ConfigMap kube-root-ca.crt']);

interface List {
  /** Such as `PodList`. */
  readonly kind: string;
  readonly items: readonly {
    readonly metadata: { name: string; namespace?: string; deletionTimestamp?: string };
  }[];
}

/**
 * Every Pod, Service, workload, ConfigMap, Secret, network policy and Lease of the cluster, its mutating
 * admission policies but for those of tests, and its namespaces, by name. A namespace that is going is left out with what is
 * in it: the cluster takes its time to remove it. So are the Leases of the cluster's own components, which come when each of them has
 * started, and what the cluster puts into each namespace soon after it is made.
 */
export async function inventory(cluster: Cluster): Promise<string[]> {
  const api = await cluster.connect();
  try {
    const objects: { kind: string; namespace: string; name: string }[] = [];
    const { resources } = await api.json<{ resources: { name: string }[] }>(ADMISSION);
    const policies = POLICIES.filter((name) => resources.some((one) => one.name === name));
    for (const collection of [...COLLECTIONS, ...policies.map((name) => `${ADMISSION}/${name}`)]) {
      const { kind, items } = await api.json<List>(collection);
      for (const { metadata } of items) {
        objects.push({ namespace: '', ...metadata, kind: kind.replace(/List$/, '') });
      }
    }
    // Objects first: what lies in a namespace that is gone by the second look is not there either.
    const { items: namespaces } = await api.json<List>('/api/v1/namespaces');
    const staying = new Set(
      namespaces.flatMap(({ metadata: { name, deletionTimestamp } }) =>
        deletionTimestamp === undefined ? [name] : [],
      ),
    );
    return [
      ...[...staying].map((name) => `namespace ${name}`),
      ...objects
        .filter(({ namespace, kind }) => kind !== 'Lease' || !namespace.startsWith('kube-'))
        .filter(({ namespace }) => namespace === '' || staying.has(namespace))
        .filter(({ namespace, name }) => namespace !== '' || !name.startsWith(OF_TESTS))
        .filter(({ kind, name }) => !OF_EACH_NAMESPACE.has(`${kind} ${name}`))
        .map(({ namespace, kind, name }) => `${namespace} ${kind} ${name}`),
    ].sort();
  } finally {
    api.close();
  }
}

/** Runs the Docker client against the site's engine and returns what it prints. */
export async function docker(host: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '0' };
  return (await execute('docker', args, { ...OUTPUT_LIMIT, env })).stdout;
}

/** A layer of an image to build: the name and bytes of the one file in it. */
export type LayerFile = readonly [name: string, bytes: Buffer];

/** Builds an image FROM scratch with one layer for each file. */
export async function buildImage(
  host: string,
  directory: string,
  tag: string,
  layers: readonly LayerFile[],
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await Promise.all(layers.map(([name, bytes]) => writeFile(`${directory}/${name}`, bytes)));
  const lines = layers.map(([name]) => `COPY ${name} /${name}`);
  await writeFile(
    `${directory}/Dockerfile`,
    ['FROM scratch', ...lines, 'CMD ["/x"]', ''].join('\n'),
  );
  await docker(host, 'build', '--quiet', '--tag', tag, directory);
  await rm(directory, { recursive: true });
}
