import { existsSync } from 'node:fs';
import { INSIDE } from './machine.js';

/** Where the distributions put the CNI plugins: Debian and Ubuntu, others. */
export const CNI_DIRECTORIES = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** Which of them it is here. */
export function cniDirectory(): string {
  return CNI_DIRECTORIES.find((path) => existsSync(path)) ?? '/opt/cni/bin';
}

/** Directory of a node's network configuration, inside the machine. */
export const CNI_FILES = `${INSIDE}/cni`;

/** The network of a node's Pods, which have an address of each range: the first one counts. */
export function cniConfig(ranges: string[]): string {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ipMasq: true,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      ranges: ranges.map((subnet) => [{ subnet }]),
      routes: ranges.map((range) => ({ dst: range.includes(':') ? '::/0' : '0.0.0.0/0' })),
    },
  };
  const ports = { type: 'portmap', capabilities: { portMappings: true } };
  return JSON.stringify({ cniVersion: '1.0.0', name: 'jackal', plugins: [bridge, ports] });
}
