import { run } from '../command.js';
import {
  type ClusterNetwork,
  inFamilies,
  MAX_NODES,
  nodeAddress,
  podRange,
  SERVICE_RANGE,
  withWidth,
} from './addresses.js';

/** Whether the host uses a cluster's bridge or one of its ranges for something else. */
export async function isNetworkTaken(network: ClusterNetwork): Promise<boolean> {
  const links = await run('ip', ['-o', 'link', 'show']);
  if (links.stdout.includes(`: ${network.bridge}:`)) return true;
  const { stdout } = await run('ip', ['-4', 'route', 'show', 'table', 'all']);
  const first = network.index * MAX_NODES;
  return stdout.split('\n').some((line) => {
    // A wider route (a private network's 10.0.0.0/8) is no obstacle: ours are more specific.
    const [, a, b, width = '32'] = /(?:^|\s)10\.(89|90)\.(\d+)\.\d+(?:\/(\d+))?/.exec(line) ?? [];
    if (a === undefined || Number(width) < 24) return false;
    if (a === '89') return Number(b) === network.index;
    return Number(b) >= first && Number(b) < first + MAX_NODES;
  });
}

/**
 * Makes the bridge that joins a cluster's machines and the host. Its address is set: else it would be the least of what
 * is joined, and whoever joins or leaves later might change it, after which the machines lose the host for a while.
 */
export async function makeBridge(network: ClusterNetwork): Promise<void> {
  const { bridge, gateway, index } = network;
  const hardware = `02:6a:61:63:6b:${index.toString(16).padStart(2, '0')}`;
  const commands = [
    `link add ${bridge} address ${hardware} type bridge`,
    ...addressLines(network, gateway, bridge),
    `link set ${bridge} up`,
  ];
  await run('ip', ['-batch', '-'], { input: commands.join('\n') });
  if (await isForwardingFiltered()) await run('iptables', ['-I', ...forwardRule(bridge)]);
}

/** Lines for `ip -batch` that give a device an address in each family, of use at once (`nodad`). */
function addressLines(network: ClusterNetwork, address: string, device: string): string[] {
  return inFamilies(network, address).map(
    (one) => `address add ${withWidth(one)} dev ${device}${one.includes(':') ? ' nodad' : ''}`,
  );
}

/** Removes the bridge, with the machines' links to it, and its rule. */
export async function removeBridge(network: ClusterNetwork): Promise<void> {
  const { bridge } = network;
  const { stdout } = await run('ip', ['-o', 'link', 'show', 'master', bridge], { anyStatus: true });
  for (const [, link] of stdout.matchAll(/^\d+: ([^@:]+)/gm)) {
    if (link) await run('ip', ['link', 'delete', link], { anyStatus: true });
  }
  await run('ip', ['link', 'delete', bridge], { anyStatus: true });
  const rules = await run('iptables', ['-S', 'FORWARD'], { anyStatus: true });
  if (rules.stdout.includes(`-i ${bridge} `)) await run('iptables', ['-D', ...forwardRule(bridge)]);
}

/**
 * Whether frames that cross a bridge have to pass the host's FORWARD chain and it lets not all pass
 * (Docker sets its policy to DROP). Only then is a rule needed; without it no table is touched.
 */
async function isForwardingFiltered(): Promise<boolean> {
  const calls = await run('sysctl', ['-n', 'net.bridge.bridge-nf-call-iptables'], {
    anyStatus: true,
  });
  if (calls.stdout.trim() !== '1') return false;
  const rules = await run('iptables', ['-S', 'FORWARD'], { anyStatus: true });
  return rules.status === 0 && rules.stdout.trim() !== '-P FORWARD ACCEPT';
}

function forwardRule(bridge: string): string[] {
  const comment = ['-m', 'comment', '--comment', 'jackal-inject test cluster'];
  return ['FORWARD', '-i', bridge, '-o', bridge, ...comment, '-j', 'ACCEPT'];
}

/**
 * Joins a machine to the bridge. It has routes to all Pods and Services of its cluster and none to
 * anywhere else: what asks for the Internet is told at once that it cannot be reached.
 */
export async function joinBridge(
  network: ClusterNetwork,
  machine: { first: number; addresses: string[]; link: string },
  nodes: number,
  ownPosition?: number,
): Promise<void> {
  const { first, addresses, link } = machine;
  const outside = [
    `link add ${link} type veth peer name eth0 netns ${first}`,
    `link set ${link} master ${network.bridge} up`,
  ];
  await run('ip', ['-batch', '-'], { input: outside.join('\n') });
  const inside = [
    'link set lo up',
    ...addresses.flatMap((address) => addressLines(network, address, 'eth0')),
    'link set eth0 up',
    ...inFamilies(network, SERVICE_RANGE).map((range) => `route add ${range} dev eth0`),
    'route add unreachable default metric 1000',
    ...(network.ipFamily === 'ipv4' ? [] : ['route add unreachable ::/0 metric 1000']),
    ...podRoutes(network, nodes, ownPosition),
  ];
  const enter = ['--target', `${first}`, '--net'];
  await run('nsenter', [...enter, 'ip', '-batch', '-'], { input: inside.join('\n') });
  const forwarding = ['net.ipv4.ip_forward=1'];
  if (network.ipFamily !== 'ipv4') forwarding.push('net.ipv6.conf.all.forwarding=1');
  await run('nsenter', [...enter, 'sysctl', '-qw', ...forwarding]);
}

/** Lines for `ip -batch` that lead to the Pods of all nodes, but for those of one position. */
export function podRoutes(network: ClusterNetwork, nodes: number, except?: number): string[] {
  const positions = Array.from({ length: nodes }, (_, index) => index + 1);
  return positions
    .filter((position) => position !== except)
    .flatMap((position) => {
      const via = inFamilies(network, nodeAddress(network, position));
      const ranges = inFamilies(network, podRange(network, position));
      return ranges.map((range, family) => `route add ${range} via ${via[family]}`);
    });
}

/** Lets the host reach the Pods too. The routes go with the bridge. */
export async function routeFromHost(network: ClusterNetwork, nodes: number): Promise<void> {
  await run('ip', ['-batch', '-'], { input: podRoutes(network, nodes).join('\n') });
}
