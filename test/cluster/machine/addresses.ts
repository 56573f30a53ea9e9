import type { ClusterKind } from '../kind.js';

/** Of which families a cluster's addresses are; the one that counts first stands first. */
export type IpFamily = 'ipv4' | 'dual' | 'ipv6-first';

/** Addresses of a cluster, all derived from its index, so that several do not meet. */
export interface ClusterNetwork {
  /** 0 to MAX_CLUSTERS - 1. */
  index: number;
  ipFamily: IpFamily;
  bridge: string;
  /** The host's address on the bridge. */
  gateway: string;
  /** The control plane's address. */
  controlPlane: string;
  /** Where the API servers answer, each at an address of its own. */
  apiServers: string[];
  /** Where clients find an API server: the only one, or what stands in front of several. */
  front: string;
}

/** Each cluster has 10.89.INDEX.0/24 for machines and 16 of 10.90.0.0/16's /24 for Pods. */
export const MAX_CLUSTERS = 16;
export const MAX_NODES = 16;

/** Service addresses; they mean something inside the machines only, so all clusters share them. */
export const SERVICE_RANGE = '10.96.0.0/16';
export const SERVICE_API = '10.96.0.1';

export function networkOf(
  index: number,
  { ipFamily, apiServers }: Pick<ClusterKind, 'ipFamily' | 'apiServers'>,
): ClusterNetwork {
  const subnet = `10.89.${index}`;
  const servers = Array.from({ length: apiServers }, (_, at) => `${subnet}.${2 + at}`);
  return {
    ...{ index, ipFamily, bridge: `jackal${index}`, gateway: `${subnet}.1` },
    ...{ controlPlane: `${subnet}.2`, apiServers: servers },
    front: `${subnet}.${servers.length > 1 ? 2 + servers.length : 2}`,
  };
}

/** Address of a node; `position` counts from 1. */
export function nodeAddress(network: ClusterNetwork, position: number): string {
  return `10.89.${network.index}.${10 + position}`;
}

/** Range of the addresses of a node's Pods; `position` counts from 1. */
export function podRange(network: ClusterNetwork, position: number): string {
  return `10.90.${network.index * MAX_NODES + position - 1}.0/24`;
}

/** An address or range in each family that the cluster has, the one that counts first ahead. */
export function inFamilies(
  { ipFamily }: Pick<ClusterNetwork, 'ipFamily'>,
  address: string,
): string[] {
  const twin = twinOf(address);
  const both = ipFamily === 'dual' ? [address, twin] : [twin, address];
  return ipFamily === 'ipv4' ? [address] : both;
}

/** Widths of our ranges in IPv6. The API server takes Services' ranges of at most 20 bits. */
const WIDTHS: Readonly<Record<string, string>> = { '/24': '/64', '/16': '/112' };

/** Each of our addresses has one of IPv6 that shows the same digits: 10.89.3.11 and fd00:89:3::11. */
function twinOf(address: string): string {
  const [, b, c, d, width = ''] = /^10\.(\d+)\.(\d+)\.(\d+)(\/\d+)?$/.exec(address) ?? [];
  return `fd00:${b}:${c}::${d === '0' ? '' : d}${WIDTHS[width] ?? ''}`;
}

/** An address with the width of its subnet. */
export function withWidth(address: string): string {
  return `${address}/${address.includes(':') ? 64 : 24}`;
}
