import { ActionError } from '../../src/lib/errors.js';
import { DEFAULT_KUBERNETES } from './build/build.js';
import { type IpFamily, MAX_NODES } from './machine/addresses.js';
import type { RuntimeName } from './runtime/runtime.js';

/** How kube-proxy brings Services about. */
export type ProxyMode = 'iptables' | 'nftables';

/** What of a cluster can be chosen, other than its name. */
export interface ClusterKind {
  nodes: number;
  /** A released version such as v1.37.2. */
  kubernetes: string;
  proxyMode: ProxyMode;
  /** Of all nodes. */
  runtime: RuntimeName;
  /** Whether the runtime is told to ask a proxy for whatever is elsewhere, which is not there. */
  runtimeProxy: 'none' | 'dead';
  ipFamily: IpFamily;
  /** What brings NetworkPolicies about, if anything does. */
  networkPolicies: 'none' | 'kube-router';
  /** With two, one address stands in front of them. */
  apiServers: number;
  /** Admission plugins of the API server besides those that are on by default, such as `AlwaysPullImages,…`. */
  admission: string;
}

/** What a cluster is where nothing is said. */
export const USUAL: Readonly<ClusterKind> = {
  nodes: 2,
  kubernetes: DEFAULT_KUBERNETES,
  proxyMode: 'iptables',
  runtime: 'containerd',
  runtimeProxy: 'none',
  ipFamily: 'ipv4',
  networkPolicies: 'none',
  apiServers: 1,
  admission: '',
};

/** What may be chosen where it is not any number or version; the usual first. */
export const CHOICES = {
  proxyMode: ['iptables', 'nftables'],
  runtime: ['containerd', 'containerd-debian', 'crio', 'crio-https'],
  runtimeProxy: ['none', 'dead'],
  ipFamily: ['ipv4', 'dual', 'ipv6-first'],
  networkPolicies: ['none', 'kube-router'],
  apiServers: [1, 2],
} as const satisfies { [Key in keyof ClusterKind]?: readonly ClusterKind[Key][] };

/** The kind that is asked for. @throws ActionError where a cluster cannot be so. */
export function kindOf(wanted: Partial<ClusterKind>): ClusterKind {
  const keys = Object.keys(USUAL) as (keyof ClusterKind)[];
  const kind = Object.fromEntries(
    keys.map((key) => [key, wanted[key] ?? USUAL[key]]),
  ) as unknown as ClusterKind;
  if (!Number.isInteger(kind.nodes) || kind.nodes < 1 || kind.nodes > MAX_NODES) {
    throw new ActionError(`A cluster has 1 to ${MAX_NODES} nodes, not ${kind.nodes}.`);
  }
  for (const [key, choices] of Object.entries(CHOICES)) {
    const value = kind[key as keyof typeof CHOICES];
    if ((choices as readonly unknown[]).includes(value)) continue;
    throw new ActionError(`${flagOf(key)} is ${choices.join(' or ')}, not "${value}".`);
  }
  return kind;
}

/** The name of an option on the command line. */
export function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A kind as the options that ask for it. */
export function describeKind(kind: ClusterKind): string {
  return Object.entries(kind)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${flagOf(key)} ${value}`)
    .join(' ');
}
