import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hostAndPort } from '../../../src/lib/host-port.js';
import type { ClusterState } from '../state.js';
import {
  type ClusterNetwork,
  inFamilies,
  nodeAddress,
  SERVICE_API,
  SERVICE_RANGE,
} from './addresses.js';
import { issue, makeAuthority, writeKubeconfig } from './certificates.js';
import { API_PORT } from './front.js';
import { addComponent, INSIDE, type Machine } from './machine.js';

/** Directory, outside, of the authority and all certificates. */
export function certificatesOf(controlPlane: Pick<Machine, 'directory'>): string {
  return join(controlPlane.directory, 'var/lib/jackal/pki');
}

/** Where clients find the API: the host and all machines reach the control plane's addresses. */
export function serverOf(network: ClusterNetwork): string {
  return urlOf(network, network.front);
}

/** Where each API server itself answers. */
export function serversOf(network: ClusterNetwork): string[] {
  return network.apiServers.map((address) => urlOf(network, address));
}

function urlOf(network: ClusterNetwork, address: string): string {
  return `https://${hostAndPort(inFamilies(network, address)[0] as string, API_PORT)}`;
}

/** Makes all certificates of a cluster: real TLS and client certificates throughout. */
export async function makeCertificates(
  controlPlane: Machine,
  network: ClusterNetwork,
  nodes: Machine[],
): Promise<void> {
  const directory = certificatesOf(controlPlane);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await makeAuthority(directory);
  const services = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const names = [...services, 'kubernetes.default.svc.cluster.local', 'localhost'];
  const own = [SERVICE_API, ...network.apiServers, network.front];
  const addresses = [...new Set(own.flatMap((one) => inFamilies(network, one))), '127.0.0.1'];
  await issue(directory, [
    {
      file: 'apiserver',
      user: 'kube-apiserver',
      addresses: [...names.map((name) => `DNS:${name}`), ...addresses.map((ip) => `IP:${ip}`)],
    },
    { file: 'admin', user: 'admin', groups: ['system:masters'] },
    { file: 'apiserver-kubelet', user: 'kube-apiserver', groups: ['system:masters'] },
    { file: 'front-proxy', user: 'front-proxy' },
    { file: 'controller-manager', user: 'system:kube-controller-manager' },
    { file: 'scheduler', user: 'system:kube-scheduler' },
    { file: 'proxy', user: 'system:kube-proxy' },
    ...nodes.flatMap(({ name }, index) => [
      { file: name, user: `system:node:${name}`, groups: ['system:nodes'] },
      {
        file: `${name}-kubelet`,
        user: `system:node:${name}`,
        addresses: [
          `DNS:${name}`,
          ...inFamilies(network, nodeAddress(network, index + 1)).map((ip) => `IP:${ip}`),
        ],
      },
    ]),
  ]);
}

/**
 * Seconds between two signs of life of a kubelet: ten by default, of which fifty make a node NotReady. A test that
 * stops a kubelet waits for that.
 */
export const SIGN_OF_LIFE_SECONDS = 4;

/** Adds etcd, the API server, the controller manager and the scheduler to their machine. */
export async function prepareControlPlane(
  { controlPlane, kind, network }: ClusterState,
  logs: string,
): Promise<void> {
  const pki = (file: string) => `${INSIDE}/pki/${file}`;
  const component = (name: string, flags: Record<string, string>, program = name) => {
    const list = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    addComponent(controlPlane, name, [`${INSIDE}/kube/kube`, program, ...list], logs);
  };
  // The machine has a network of its own, so these can be the same ports in every cluster.
  component('etcd', {
    'data-dir': '/var/lib/etcd',
    'listen-client-urls': 'http://127.0.0.1:2379',
    'advertise-client-urls': 'http://127.0.0.1:2379',
    'listen-peer-urls': 'http://127.0.0.1:2380',
  });
  for (const [index, address] of network.apiServers.entries()) {
    const flags = apiServerFlags(network, address, pki);
    const plugins = ['NodeRestriction', ...kind.admission.split(',')].filter((name) => name !== '');
    const admission = { 'enable-admission-plugins': plugins.join(',') };
    const name = apiServerNames(network)[index] as string;
    component(name, { ...flags, ...admission }, 'apiserver');
  }
  const clients = ['controller-manager', 'scheduler'];
  for (const name of clients) {
    const config = pki(`${name}.kubeconfig`);
    component(name, {
      kubeconfig: config,
      'authentication-kubeconfig': config,
      'authorization-kubeconfig': config,
      'leader-elect': 'false',
      ...(name === 'controller-manager' ? controllerFlags(pki) : {}),
    });
  }
  const directory = certificatesOf(controlPlane);
  for (const name of clients) {
    const path = join(directory, `${name}.kubeconfig`);
    await writeKubeconfig(path, directory, name, serverOf(network), name);
  }
}

function controllerFlags(pki: (file: string) => string): Record<string, string> {
  return {
    'root-ca-file': pki('ca.crt'),
    'service-account-private-key-file': pki('sa.key'),
    'use-service-account-credentials': 'true',
    'cluster-signing-cert-file': pki('ca.crt'),
    'cluster-signing-key-file': pki('ca.key'),
    // So many signs of life of a kubelet may fail to come as by default, but they come more often (node.ts).
    'node-monitor-grace-period': `${5 * SIGN_OF_LIFE_SECONDS}s`,
  };
}

/** Names of the API servers as components of the control plane. */
export function apiServerNames({ apiServers }: ClusterNetwork): string[] {
  return apiServers.map((_, index) => `apiserver${index === 0 ? '' : index + 1}`);
}

function apiServerFlags(
  network: ClusterNetwork,
  address: string,
  pki: (file: string) => string,
): Record<string, string> {
  const [first] = inFamilies(network, address);
  return {
    'etcd-servers': 'http://127.0.0.1:2379',
    'advertise-address': first as string,
    'bind-address': first as string,
    'secure-port': `${API_PORT}`,
    'tls-cert-file': pki('apiserver.crt'),
    'tls-private-key-file': pki('apiserver.key'),
    'client-ca-file': pki('ca.crt'),
    'authorization-mode': 'Node,RBAC',
    'allow-privileged': 'true',
    'service-cluster-ip-range': inFamilies(network, SERVICE_RANGE).join(','),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': pki('sa.key'),
    'service-account-signing-key-file': pki('sa.key'),
    'kubelet-client-certificate': pki('apiserver-kubelet.crt'),
    'kubelet-client-key': pki('apiserver-kubelet.key'),
    'kubelet-certificate-authority': pki('ca.crt'),
    'requestheader-client-ca-file': pki('ca.crt'),
    'requestheader-allowed-names': 'front-proxy',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': pki('front-proxy.crt'),
    'proxy-client-key-file': pki('front-proxy.key'),
    // Else exec, logs and port-forward look a node's name up in DNS, where nobody knows it.
    'kubelet-preferred-address-types': 'InternalIP',
  };
}
