import { existsSync } from 'node:fs';
import type { RouteName } from '../../src/host/input-values.js';
import { findProgram } from '../cluster/build/packages.js';
import { prerequisites } from '../cluster/build/prerequisites.js';
import { hasCrio } from '../cluster/build/runtimes.js';
import type { UpOptions } from '../cluster/cluster.js';

/** A kind of cluster that users have, as far as it can be had on one machine. */
export interface Variant {
  /** Part of a cluster's name, at most 15 characters, and the row of a table. */
  readonly name: string;
  readonly options: Omit<UpOptions, 'name' | 'log' | 'signal'>;
  /** Why it may not be there on this machine; undefined where what any cluster needs is enough. */
  readonly needs?: string;
  /** Whether what it needs is there. */
  readonly isThere?: () => boolean | Promise<boolean>;
  /** What its nodes tell of their runtime; containerd 2 where nothing else is said. */
  readonly runtime?: RegExp;
  /** Routes by which no node comes to the registry on it, and what the run then ends with. */
  readonly refusals?: Readonly<Partial<Record<RouteName | 'auto', RegExp>>>;
}

const ipv6: Pick<Variant, 'needs' | 'isThere'> = {
  needs: 'a kernel with IPv6',
  isThere: () => existsSync('/proc/net/if_inet6'),
};

const crio: Pick<Variant, 'needs' | 'isThere' | 'runtime'> = {
  runtime: /^cri-o 1\.34\./,
  needs: 'the packages conmon, gcc and skopeo of the distribution',
  isThere: () => hasPackages('conmon', 'gcc', 'skopeo'),
};

const NO_NODE_PORT = /connection refused.*kube-proxy has in iptables mode/;

/** CRI-O makes hostPorts itself, and none of them is on the loopback (`internal/hostport`). */
const NO_HOST_PORT =
  /(no route to host|i\/o timeout).*set the input `route` to auto or hostnetwork/;

/** What a runtime comes to that takes no plain HTTP from 127.0.0.1 unless it is told to. */
const HTTPS = /takes no plain HTTP from 127\.0\.0\.1.*registries\.conf\.d.*systemctl reload crio/;

/** All of them, the usual one first. */
export const variants: readonly Variant[] = [
  { name: 'iptables', options: { proxyMode: 'iptables' } },
  {
    name: 'nftables',
    options: { proxyMode: 'nftables' },
    refusals: { nodeport: NO_NODE_PORT },
  },
  { name: 'two-api-servers', options: { apiServers: 2 } },
  { name: 'dual-stack', options: { ipFamily: 'dual' }, ...ipv6 },
  { name: 'ipv6-first', options: { ipFamily: 'ipv6-first' }, ...ipv6 },
  {
    name: 'old-containerd',
    options: { runtime: 'containerd-debian' },
    runtime: /^containerd 1\./,
    needs: 'the package containerd of the distribution, as long as that is 1.x',
    isThere: () => hasPackages('containerd'),
  },
  { name: 'runtime-proxy', options: { runtimeProxy: 'dead' } },
  { name: 'cri-o', options: { runtime: 'crio' }, ...crio, refusals: { hostport: NO_HOST_PORT } },
  {
    name: 'cri-o-nftables',
    options: { runtime: 'crio', proxyMode: 'nftables' },
    ...crio,
    refusals: { nodeport: NO_NODE_PORT, hostport: NO_HOST_PORT },
  },
  {
    name: 'cri-o-https',
    options: { runtime: 'crio-https' },
    runtime: /^cri-o 1\.35\./,
    needs:
      'CRI-O 1.35, which not every Go module proxy has, and conmon, gcc and skopeo of the distribution',
    isThere: async () => hasPackages('conmon', 'gcc', 'skopeo') && (await hasCrio('crio-https')),
    refusals: { auto: HTTPS, nodeport: HTTPS, hostnetwork: HTTPS, hostport: NO_HOST_PORT },
  },
  { name: 'network-policies', options: { networkPolicies: 'kube-router' } },
  // The oldest minor version that Kubernetes supports beside v1.37.
  { name: 'kubernetes-1-35', options: { kubernetes: 'v1.35.4' } },
  // The oldest one that was found to build with Go 1.26: the proxy lacked modules of v1.29.6.
  { name: 'kubernetes-1-30', options: { kubernetes: 'v1.30.14' } },
];

/** Whether programs are there, or can be installed by packages that are called so. */
function hasPackages(...programs: string[]): boolean {
  return programs.every(findProgram) || findProgram('apt-get') !== undefined;
}

/** Why a variant cannot be brought up here, a sentence; undefined when it can. */
export async function whyNotHere({ name, needs, isThere }: Variant): Promise<string | undefined> {
  const missing = await prerequisites();
  if (missing.length > 0) return missing.join(' ');
  if ((await isThere?.()) ?? true) return undefined;
  return `A cluster of the variant ${name} needs ${needs}.`;
}
