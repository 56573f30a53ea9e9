import { BlockList, isIP } from 'node:net';
import type { LinuxNode } from '../preflight/nodes.js';

/**
 * Tells which node asks the registry, from the address that it asks from: kube-proxy puts in the node's own,
 * or the first ones of the range that the node's Pods have. Undefined for any other.
 */
export function nodeFinder(nodes: readonly LinuxNode[]): (client: string) => string | undefined {
  const ranges = nodes.map(({ name, addresses, podRanges }) => {
    const list = new BlockList();
    for (const address of addresses.filter(isIP)) {
      list.addAddress(address, familyOf(address));
    }
    for (const [network = '', prefix] of podRanges.map((range) => range.split('/'))) {
      if (isIP(network) && Number(prefix) > 0) {
        list.addSubnet(network, Number(prefix), familyOf(network));
      }
    }
    return { name, list };
  });
  return (client) =>
    isIP(client)
      ? ranges.find(({ list }) => list.check(client, familyOf(client)))?.name
      : undefined;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
