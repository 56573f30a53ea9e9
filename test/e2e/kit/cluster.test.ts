import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PAUSE_IMAGE } from '../../cluster/build/build.js';
import type { Cluster, ClusterNode } from '../../cluster/cluster.js';
import { canHost, down, limitControlPlane, status, up } from '../../cluster/cluster.js';
import { cacheRoot, stateRoot } from '../../cluster/paths.js';
import { until } from '../../cluster/until.js';
import { apply, kubectl } from '../../helpers/site.js';
import { traces } from './cluster-traces.js';

const execute = promisify(execFile);

/** What a host has to be like is told by the set-up of all end-to-end tests; these need no more. */
const host = await canHost();
const suite = host.can ? describe : describe.skip;

/** An HTTP server that is on every node already: etcd, from the binary that is all of Kubernetes. */
function server(name: string): object[] {
  const labels = { app: name };
  const listen = 'http://0.0.0.0:2379';
  const command = ['/kube/kube', 'etcd', '--data-dir=/tmp/etcd'];
  command.push(`--listen-client-urls=${listen}`, `--advertise-client-urls=${listen}`);
  const container = {
    name,
    image: PAUSE_IMAGE,
    command,
    readinessProbe: { httpGet: { path: '/health', port: 2379 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'kube', mountPath: '/kube', readOnly: true }],
    securityContext: { runAsUser: 0 },
  };
  const volumes = [{ name: 'kube', hostPath: { path: '/var/lib/jackal/kube' } }];
  const spec = { containers: [container], volumes, nodeName: 'node1' };
  const service = { type: 'NodePort', selector: labels, ports: [{ port: 2379 }] };
  return [
    { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec },
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: service },
  ];
}

/** A Pod of the pause image on every node, as strict as Pod Security knows it. */
function holdEverywhere(namespace: string): object[] {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const container = {
    name: 'hold',
    image: PAUSE_IMAGE,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    resources: { limits: { memory: '32Mi', cpu: '100m' } },
  };
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  const app = { app: 'hold' };
  const template = {
    metadata: { labels: app },
    spec: { containers: [container], securityContext },
  };
  const spec = { selector: { matchLabels: app }, template };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'hold', namespace }, spec },
  ];
}

async function create(cluster: Cluster, objects: object[]): Promise<void> {
  await apply(cluster, { apiVersion: 'v1', kind: 'List', items: objects });
}

/** What an address answers inside a node's network. */
async function fetchOn(node: ClusterNode, url: string): Promise<string> {
  const program = `fetch('${url}').then((answer) => answer.text()).then(console.log)`;
  const inside = [`--net=${node.networkNamespace}`, process.execPath, '-e', program];
  return (await execute('nsenter', inside)).stdout.trim();
}

async function nodePort(cluster: Cluster, service: string): Promise<string> {
  return await kubectl(cluster, 'get', 'service', service, '-o', 'jsonpath={..nodePort}');
}

suite('a cluster', () => {
  const name = 'test-one';
  let cluster: Cluster;

  beforeAll(async () => {
    await down(name);
    cluster = await up({ name, nodes: 2, log: console.error });
  });
  afterAll(async () => {
    await down(name);
  });

  test('has all its nodes Ready, by the authority that its kubeconfig names', async () => {
    const format =
      'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
    expect((await kubectl(cluster, 'get', 'nodes', '-o', format)).trim()).toBe(
      'node1 True\nnode2 True',
    );
    const config = await readFile(cluster.kubeconfig, 'utf8');
    expect(config).toContain('certificate-authority-data: ');
    expect(config).not.toContain('insecure');
    expect(cluster.running).toBe(true);
    expect((await status()).map((one) => one.name)).toContain(name);
  });

  test('runs a Pod under the strictest Pod Security on each node', async () => {
    await create(cluster, holdEverywhere('strict'));
    await kubectl(cluster, '-n', 'strict', 'rollout', 'status', 'daemonset/hold', '--timeout=300s');
    const places = ['-o', 'jsonpath={.items[*].spec.nodeName}'];
    const nodes = await kubectl(cluster, '-n', 'strict', 'get', 'pods', ...places);
    expect(nodes.split(' ').toSorted()).toEqual(['node1', 'node2']);
    const logs = await kubectl(cluster, '-n', 'strict', 'logs', 'daemonset/hold');
    expect(logs).toBe(''); // through the API server to the kubelet, both with real certificates
  });

  test('answers at a NodePort on 127.0.0.1 of each node with iptables', async () => {
    await create(cluster, server('answer'));
    await kubectl(cluster, 'wait', '--for=condition=Ready', 'pod/answer', '--timeout=300s');
    const port = await nodePort(cluster, 'answer');
    for (const node of cluster.nodes) {
      const health = () => fetchOn(node, `http://127.0.0.1:${port}/health`);
      const answer = await until('kube-proxy to know the Service', health);
      expect(JSON.parse(answer)).toMatchObject({ health: 'true' });
    }
  });

  test('gets a node back that has lost its power, with the Pods it had', async () => {
    const node = cluster.nodes[1] as ClusterNode;
    await node.stop();
    expect(node.pids).toEqual({});
    expect(cluster.running).toBe(false);
    await node.start();
    expect(Object.keys(node.pids)).toEqual(['containerd', 'kubelet', 'proxy']);
    const restarts = async () => {
      const where = ['--field-selector', 'spec.nodeName=node2'];
      const format = 'jsonpath={..containerStatuses[0].restartCount} {..phase}';
      return await kubectl(cluster, '-n', 'strict', 'get', 'pods', ...where, '-o', format);
    };
    const again = async () => (await restarts()) === '1 Running';
    await until('the Pod to run again', again);
  });

  test('runs beside another one with nftables, and down leaves nothing of that', async () => {
    const before = await traces('test-two');
    const other = await up({ name: 'test-two', nodes: 2, proxyMode: 'nftables' });
    try {
      await create(other, [...holdEverywhere('strict'), ...server('answer')]);
      await kubectl(other, 'wait', '--for=condition=Ready', 'pod/answer', '--timeout=300s');
      await kubectl(other, '-n', 'strict', 'rollout', 'status', 'daemonset/hold', '--timeout=300s');
      const node = other.nodes[0] as ClusterNode;
      expect(await fetchOn(node, 'http://127.0.0.1:10249/proxyMode')).toBe('nftables');
      const url = `http://${node.address}:${await nodePort(other, 'answer')}/health`;
      const answer = await until('the Service', () => fetchOn(node, url));
      expect(JSON.parse(answer)).toMatchObject({ health: 'true' });
      const during = await traces('test-two');
      // Also what containerd's shims have started is in the cluster's control groups.
      const holds = during.processes.filter((process) => process.trim() === '/pause');
      expect(holds.length).toBeGreaterThanOrEqual(4);
      expect(during.links.length).toBeGreaterThanOrEqual(4);
    } finally {
      await down('test-two');
    }
    expect(await traces('test-two')).toEqual(before);
    expect(before.processes).toEqual([]);
    expect(cluster.running).toBe(true);
  });

  test('is not brought up twice, and not as something else than it is', async () => {
    const same = await up({ name, nodes: 2 });
    expect(same.controlPlane.pids).toEqual(cluster.controlPlane.pids);
    await expect(up({ name, nodes: 3 })).rejects.toThrow(/runs already with --nodes 2/);
  });

  test('holds the control plane to a share of one CPU', async () => {
    const pid = cluster.controlPlane.pids.apiserver ?? 0;
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
    expect(groups).toContain(`/jackal-inject/${name}/control-plane/system`);
    expect(await limitControlPlane(cluster, 0.5)).toBe(true);
    expect(await limitControlPlane(cluster, Number.POSITIVE_INFINITY)).toBe(true);
  });
});

/** Surroundings in which the cluster's certificates are not made, and so it does not come up, before they are released. */
async function withOpensslHeld(directory: string) {
  const gate = join(directory, 'gate');
  const script = `#!/bin/sh
until [ -e '${gate}' ]; do sleep 0.1; done
PATH=\${PATH#*:} exec openssl "$@"
`;
  await writeFile(join(directory, 'openssl'), script, { mode: 0o755 });
  const env = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
  return { env, release: () => writeFile(gate, '') };
}

suite('a cluster that does not come up', () => {
  test('is cleaned away after an interrupt', async () => {
    const before = await traces('test-broken');
    const directory = await mkdtemp(join(tmpdir(), 'jackal-interrupt-'));
    const { env, release } = await withOpensslHeld(directory);
    const main = join(import.meta.dirname, '../../cluster/main.js');
    const child = spawn(process.execPath, [main, 'up', '--name', 'test-broken'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env,
    });
    const closed = once(child, 'close');
    const said: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    try {
      const started = async () => (await traces('test-broken')).processes.length > 4;
      const check = () => {
        if (child.exitCode !== null) throw new Error(Buffer.concat(said).toString());
      };
      await until('the first machines to run', started, { check });
      child.kill('SIGINT');
      await release();
      expect(await closed).toEqual([1, null]);
      expect(Buffer.concat(said).toString()).toContain('Ended by SIGINT');
      expect(await traces('test-broken')).toEqual(before);
    } finally {
      child.kill('SIGKILL');
      await release();
      await closed;
      await down('test-broken');
      await rm(directory, { recursive: true });
    }
  });

  test('names the component that ended and its log', async () => {
    const before = await traces('test-broken');
    const coming = up({ name: 'test-broken', nodes: 1 });
    const kill = async () => {
      const found = (await status()).find((one) => one.name === 'test-broken');
      const pid = found?.controlPlane.pids.etcd;
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      return pid !== undefined;
    };
    const killed = until('etcd to run', kill);
    const log = join(cacheRoot(), 'failed/test-broken/control-plane-etcd.log');
    await expect(coming).rejects.toThrow(`etcd of control-plane has ended; its log is ${log}`);
    await killed;
    expect(existsSync(log)).toBe(true);
    expect(existsSync(join(stateRoot(), 'test-broken'))).toBe(false);
    expect(await traces('test-broken')).toEqual(before);
  });

  test('is refused with a sentence for what cannot be', async () => {
    await expect(up({ name: 'Test' })).rejects.toThrow(/cannot be the name of a cluster/);
    await expect(up({ name: 'test', nodes: 17 })).rejects.toThrow(/1 to 16 nodes, not 17/);
    await expect(up({ name: 'test', kubernetes: '1.37' })).rejects.toThrow(/not a version/);
  });
});
