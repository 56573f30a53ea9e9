import { existsSync } from 'node:fs';
import { findProgram } from './build/packages.js';
import { prerequisites } from './build/prerequisites.js';
import type { UpOptions } from './cluster.js';

/** A kind of cluster that users have, as far as it can be had on one machine. */
export interface Variant {
  /** Part of a cluster's name, at most 15 characters, and the row of a table. */
  readonly name: string;
  readonly options: Omit<UpOptions, 'name' | 'log' | 'signal'>;
  /** Why it may not be there on this machine; undefined where what any cluster needs is enough. */
  readonly needs?: string;
  /** Whether what it needs is there. */
  readonly isThere?: () => boolean | Promise<boolean>;
}

const ipv6: Pick<Variant, 'needs' | 'isThere'> = {
  needs: 'a kernel with IPv6',
  isThere: () => existsSync('/proc/net/if_inet6'),
};

const crio: Pick<Variant, 'needs' | 'isThere'> = {
  needs: 'the packages conmon, gcc and skopeo of the distribution',
  isThere: () => hasPackages('conmon', 'gcc', 'skopeo'),
};

/** All of them, the usual one first. */
export const variants: readonly Variant[] = [
  { name: 'iptables', options: { proxyMode: 'iptables' } },
  { name: 'nftables', options: { proxyMode: 'nftables' } },
  { name: 'two-api-servers', options: { apiServers: 2 } },
  { name: 'dual-stack', options: { ipFamily: 'dual' }, ...ipv6 },
  { name: 'ipv6-first', options: { ipFamily: 'ipv6-first' }, ...ipv6 },
  {
    name: 'old-containerd',
    options: { runtime: 'containerd-debian' },
    needs: 'the package containerd of the distribution, as long as that is 1.x',
    isThere: () => hasPackages('containerd'),
  },
  { name: 'cri-o', options: { runtime: 'crio' }, ...crio },
  { name: 'cri-o-nftables', options: { runtime: 'crio', proxyMode: 'nftables' }, ...crio },
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
