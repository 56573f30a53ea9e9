import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DEFAULT_KUBERNETES, kubeBinaries } from '../../../cluster/build/build.js';
import { lastLinesOf } from '../../../cluster/command.js';
import { issue, makeAuthority } from '../../../cluster/machine/certificates.js';
import { until } from '../../../cluster/until.js';
import { freePorts } from '../../../helpers/link/free-port.js';

/** A real control plane without nodes: etcd, kube-apiserver and, if asked for, the controllers. */
export interface ControlPlane {
  /** Such as `https://127.0.0.1:34567`. */
  readonly server: string;
  readonly directory: string;
  /** Process ids by component. */
  readonly pids: Readonly<Record<string, number>>;
  /** Certificate of the authority, PEM. */
  readonly authority: Buffer;
  /** The text of a kubeconfig of this user: by default the administrator's certificate. */
  kubeconfig(options?: { user?: object; server?: string; cluster?: object }): string;
  stop(): Promise<void>;
}

/** Users that the API server knows by token: the administrator, the controllers, and one without any right. */
export const ADMIN_TOKEN = 'admin-token';
const CONTROLLERS_TOKEN = 'controllers-token';
export const NOBODY_TOKEN = 'nobody-token';

/** Starts a control plane on free ports of this machine's loopback, ready when it returns. */
export async function startControlPlane(
  options: {
    controllers?: boolean;
    durable?: boolean;
    /** Flags of the API server besides; the directory has the authority, and is the server's own. */
    flags?: (directory: string) => Promise<readonly string[]>;
  } = {},
): Promise<ControlPlane> {
  const kube = path.join(await kubeBinaries(DEFAULT_KUBERNETES), 'kube');
  const directory = await mkdtemp(path.join(tmpdir(), 'jackal-plane-'));
  const children: Record<string, ChildProcess> = {};
  const start = (component: string, args: readonly string[]) => {
    const log = openSync(path.join(directory, `${component}.log`), 'w');
    const stdio = ['ignore' as const, log, log];
    children[component] = spawn(kube, [component, ...args], { cwd: directory, stdio });
  };
  const stop = () => stopAll(children, directory);
  try {
    await prepare(directory);
    const flags = (await options.flags?.(directory)) ?? [];
    // Last of all, for until they are bound anybody may be given them.
    const [client = 0, peer = 0, secure = 0] = await freePorts(3);
    const server = `https://127.0.0.1:${secure}`;
    // Tests need no data after a crash of the machine; figures are only worth something with it.
    start('etcd', [...etcdFlags(client, peer), `--unsafe-no-fsync=${options.durable !== true}`]);
    start('apiserver', [...apiserverFlags(client, secure), ...flags]);
    const authority = await readFile(path.join(directory, 'ca.crt'));
    const answers = async (what: string) => (await statusOf(server + what, authority)) === 200;
    // It is ready before it has made the namespace.
    const ready = async () =>
      (await answers('/readyz')) && (await answers('/api/v1/namespaces/default'));
    const check = () => aliveOrThrow(children, directory);
    await until('the API server', ready, { check });
    const kubeconfig = await kubeconfigWriter(directory, server, authority);
    if (options.controllers === true) {
      const user = { token: CONTROLLERS_TOKEN };
      await writeFile(path.join(directory, 'controllers.kubeconfig'), kubeconfig({ user }));
      start('controller-manager', CONTROLLER_FLAGS);
    }
    const pids = Object.fromEntries(
      Object.entries(children).map(([name, child]) => [name, child.pid ?? 0]),
    );
    return { server, directory, pids, authority, kubeconfig, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepare(directory: string): Promise<void> {
  await makeAuthority(directory);
  await issue(directory, [
    { file: 'apiserver', user: 'kube-apiserver', addresses: ['IP:127.0.0.1', 'DNS:plane.test'] },
    { file: 'admin', user: 'admin', groups: ['system:masters'] },
  ]);
  const tokens = [
    `${ADMIN_TOKEN},admin,1,"system:masters"`,
    `${NOBODY_TOKEN},nobody,2`,
    `${CONTROLLERS_TOKEN},controllers,3,"system:masters"`,
  ];
  await writeFile(path.join(directory, 'tokens.csv'), `${tokens.join('\n')}\n`);
}

function etcdFlags(client: number, peer: number): string[] {
  return [
    '--data-dir=etcd',
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
  ];
}

function apiserverFlags(client: number, secure: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${client}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=10.0.0.1',
    `--secure-port=${secure}`,
    '--tls-cert-file=apiserver.crt',
    '--tls-private-key-file=apiserver.key',
    '--client-ca-file=ca.crt',
    '--token-auth-file=tokens.csv',
    '--service-account-key-file=sa.key',
    '--service-account-signing-key-file=sa.key',
    '--service-account-issuer=https://plane.test',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    '--disable-admission-plugins=ServiceAccount',
  ];
}

const CONTROLLER_FLAGS = [
  '--kubeconfig=controllers.kubeconfig',
  '--authentication-kubeconfig=controllers.kubeconfig',
  '--authorization-kubeconfig=controllers.kubeconfig',
  '--secure-port=0',
  '--leader-elect=false',
  '--controllers=garbage-collector-controller,namespace-controller,resourcequota-controller,daemonset-controller,replicaset-controller,endpointslice-controller,persistentvolumeclaim-protection-controller',
];

async function kubeconfigWriter(directory: string, server: string, authority: Buffer) {
  const [cert, key] = await Promise.all(
    ['admin.crt', 'admin.key'].map((file) => readFile(path.join(directory, file), 'base64')),
  );
  const admin = { 'client-certificate-data': cert, 'client-key-data': key };
  return (options: { user?: object; server?: string; cluster?: object } = {}) => {
    const cluster = {
      server: options.server ?? server,
      'certificate-authority-data': authority.toString('base64'),
      ...options.cluster,
    };
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'plane', cluster }],
      users: [{ name: 'user', user: options.user ?? admin }],
      contexts: [{ name: 'plane', context: { cluster: 'plane', user: 'user' } }],
      'current-context': 'plane',
    });
  };
}

function statusOf(url: string, ca: Buffer): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return new Promise((resolve, reject) => {
    const asked = get(url, { ca, headers, agent: false, timeout: 5000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', reject);
  });
}

async function aliveOrThrow(children: Readonly<Record<string, ChildProcess>>, directory: string) {
  for (const [name, { exitCode }] of Object.entries(children)) {
    if (exitCode !== null) {
      throw new Error(`${name}: ${await lastLinesOf(path.join(directory, `${name}.log`), 8)}`);
    }
  }
}

async function stopAll(children: Readonly<Record<string, ChildProcess>>, directory: string) {
  const ended = Object.values(children).map((child) => {
    const end = new Promise<void>((resolve) => child.once('close', () => resolve()));
    return child.exitCode !== null || !child.kill('SIGKILL') ? undefined : end;
  });
  await Promise.all(ended);
  await rm(directory, { recursive: true, force: true });
}
