import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { issue, makeAuthority, writeKubeconfig } from './certificates.js';
import { addComponent, INSIDE, type Machine } from './machine.js';
import { type ClusterNetwork, nodeAddress, SERVICE_API, SERVICE_RANGE } from './network.js';

/** Directory, outside, of the authority and all certificates. */
export function certificatesOf(controlPlane: Machine): string {
  return join(controlPlane.directory, 'var/lib/jackal/pki');
}

/** Where the API server answers: the host and all machines reach the control plane's address. */
export function serverOf(network: ClusterNetwork): string {
  return `https://${network.controlPlane}:6443`;
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
  const addresses = [SERVICE_API, network.controlPlane, '127.0.0.1'];
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
        addresses: [`DNS:${name}`, `IP:${nodeAddress(network, index + 1)}`],
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
  controlPlane: Machine,
  network: ClusterNetwork,
  logs: string,
): Promise<void> {
  const pki = (file: string) => `${INSIDE}/pki/${file}`;
  const component = (name: string, flags: Record<string, string>) => {
    const list = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    addComponent(controlPlane, name, [`${INSIDE}/kube/kube`, name, ...list], logs);
  };
  // The machine has a network of its own, so these can be the same ports in every cluster.
  component('etcd', {
    'data-dir': '/var/lib/etcd',
    'listen-client-urls': 'http://127.0.0.1:2379',
    'advertise-client-urls': 'http://127.0.0.1:2379',
    'listen-peer-urls': 'http://127.0.0.1:2380',
  });
  component('apiserver', {
    'etcd-servers': 'http://127.0.0.1:2379',
    'advertise-address': network.controlPlane,
    'bind-address': '0.0.0.0',
    'secure-port': '6443',
    'tls-cert-file': pki('apiserver.crt'),
    'tls-private-key-file': pki('apiserver.key'),
    'client-ca-file': pki('ca.crt'),
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': 'true',
    'service-cluster-ip-range': SERVICE_RANGE,
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
  });
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
