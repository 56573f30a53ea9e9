import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Runtime, runtimeOf } from '../runtime/runtime.js';
import type { ClusterState } from '../state.js';
import {
  type ClusterNetwork,
  inFamilies,
  nodeAddress,
  podRange,
  SERVICE_RANGE,
} from './addresses.js';
import { writeKubeconfig } from './certificates.js';
import { cgroupPath } from './cgroup.js';
import { cniConfig } from './cni.js';
import { certificatesOf, SIGN_OF_LIFE_SECONDS, serverOf } from './control-plane.js';
import { addComponent, INSIDE, type Machine, podsGroup } from './machine.js';
import { withProc } from './proc.js';

/** Writes a node's configuration and adds its runtime, the kubelet and kube-proxy to it. */
export async function prepareNode(
  state: ClusterState,
  position: number,
  logs: string,
): Promise<void> {
  const node = state.nodes[position - 1] as Machine;
  const runtime = runtimeOf(state.kind.runtime);
  const addresses = inFamilies(state.network, nodeAddress(state.network, position));
  const directory = join(node.directory, 'var/lib/jackal');
  await mkdir(join(directory, 'cni'), { recursive: true });
  const files: Record<string, string> = {
    ...runtime.files,
    'cni/10-jackal.conflist': cniConfig(
      inFamilies(state.network, podRange(state.network, position)),
    ),
    'kubelet.yaml': kubeletConfig(cgroupPath(...podsGroup(node)), addresses, runtime),
    'kube-proxy.yaml': proxyConfig(state.kind.proxyMode, node.name),
    'resolv.conf': '',
    ...Object.fromEntries(TUNABLES.map(([path, value]) => [fileOf(path), value])),
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
  const pki = certificatesOf(state.controlPlane);
  for (const file of ['ca.crt', `${node.name}-kubelet.crt`, `${node.name}-kubelet.key`]) {
    await copyFile(join(pki, file), join(directory, file.replace(`${node.name}-`, '')));
  }
  const server = serverOf(state.network);
  const kubeconfig = (file: string) => join(directory, `${file}.kubeconfig`);
  await writeKubeconfig(kubeconfig('kubelet'), pki, node.name, server, node.name);
  await writeKubeconfig(kubeconfig('proxy'), pki, 'proxy', server, 'proxy');

  const kube = `${INSIDE}/kube/kube`;
  const proxy = state.kind.runtimeProxy === 'dead' ? DEAD_PROXY : [];
  addComponent(node, runtime.component, [...proxy, ...runtime.command], logs);
  const kubelet = [kube, 'kubelet', '--v=2', `--config=${INSIDE}/kubelet.yaml`];
  kubelet.push(`--kubeconfig=${INSIDE}/kubelet.kubeconfig`);
  kubelet.push(`--hostname-override=${node.name}`, `--node-ip=${addresses}`);
  const tunables = TUNABLES.map(([path]): [string, string] => [`sys/${path}`, fileOf(path)]);
  addComponent(node, 'kubelet', withProc(tunables, kubelet), logs);
  if (state.kind.networkPolicies === 'kube-router') {
    // It reads much of the cluster and has no role of its own.
    await writeKubeconfig(kubeconfig('policies'), pki, 'admin', server, 'policies');
    addComponent(node, POLICIES, kubeRouter(node.name, state.network), logs);
  }
  addComponent(node, 'proxy', [kube, 'proxy', `--config=${INSIDE}/kube-proxy.yaml`], logs);
}

/** What a program is begun with so that it asks a proxy, in a network that nobody has (RFC 5737). */
const DEAD_PROXY = [
  'env',
  ...['HTTP_PROXY', 'HTTPS_PROXY'].map((name) => `${name}=http://192.0.2.1:3128`),
];

/** Name of the component that brings NetworkPolicies about, which needs the node to be registered. */
export const POLICIES = 'policies';

/** kube-router, which finds its node's Pods by their addresses; it leaves routes and Services to others. */
function kubeRouter(node: string, network: ClusterNetwork): string[] {
  const flags = {
    'run-router': false,
    'run-service-proxy': false,
    'run-firewall': true,
    'enable-ipv6': network.ipFamily !== 'ipv4',
    'service-cluster-ip-range': inFamilies(network, SERVICE_RANGE).join(','),
    'hostname-override': node,
    kubeconfig: `${INSIDE}/policies.kubeconfig`,
  };
  const list = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  return [`${INSIDE}/kube-router/kube-router`, ...list];
}

/**
 * What the kubelet sets in the whole kernel unless it is so already (setupKernelTunables). A test
 * must not change how the host deals with memory and panics, so the kubelet alone is shown files
 * with these values in their place.
 */
const TUNABLES: readonly [path: string, value: string][] = [
  ['vm/overcommit_memory', '1'],
  ['vm/panic_on_oom', '0'],
  ['kernel/panic', '10'],
  ['kernel/panic_on_oops', '1'],
  ['kernel/keys/root_maxkeys', '1000000'],
  ['kernel/keys/root_maxbytes', '25000000'],
];

const fileOf = (path: string) => path.replaceAll('/', '.');

/** The kubelet's defaults, but for what a machine of this kind and a full disk need. */
function kubeletConfig(cgroupRoot: string, addresses: string[], { socket }: Runtime): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: addresses[0]?.includes(':') ? '::' : '0.0.0.0',
    containerRuntimeEndpoint: `unix://${socket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${INSIDE}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${INSIDE}/kubelet.crt`,
    tlsPrivateKeyFile: `${INSIDE}/kubelet.key`,
    // There is no DNS in the cluster; with an address for it no Pod gets a warning event.
    clusterDNS: ['10.96.0.10'],
    clusterDomain: 'cluster.local',
    resolvConf: `${INSIDE}/resolv.conf`,
    // A kubelet renews its Lease four times as often as it has to.
    nodeLeaseDurationSeconds: 4 * SIGN_OF_LIFE_SECONDS,
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    failSwapOn: false,
    oomScoreAdj: 0,
    // Control groups of version 1, and those of a container, have no place for reservations.
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    enforceNodeAllocatable: [],
    // The disk is the developer's: a full one must neither evict Pods nor collect images.
    evictionHard: {
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'memory.available': '50Mi',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  });
}

function proxyConfig(mode: string, node: string): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode,
    hostnameOverride: node,
    clientConnection: { kubeconfig: `${INSIDE}/proxy.kubeconfig` },
    // These are settings of the whole kernel; zero leaves them as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    metricsBindAddress: '127.0.0.1:10249',
    healthzBindAddress: '0.0.0.0:10256',
    oomScoreAdj: 0,
  });
}
