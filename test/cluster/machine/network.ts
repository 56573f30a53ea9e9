import { run } from '../command.js';

/** Addresses of a cluster, all derived from its index, so that several do not meet. */
export interface ClusterNetwork {
  /** 0 to MAX_CLUSTERS - 1. */
  index: number;
  bridge: string;
  /** The host's address on the bridge. */
  gateway: string;
  /** The control plane's address. */
  controlPlane: string;
}

/** Each cluster has 10.89.INDEX.0/24 for machines and 16 of 10.90.0.0/16's /24 for Pods. */
export const MAX_CLUSTERS = 16;
export const MAX_NODES = 16;

/** Service addresses; they mean something inside the machines only, so all clusters share them. */
export const SERVICE_RANGE = '10.96.0.0/16';
export const SERVICE_API = '10.96.0.1';

export function networkOf(index: number): ClusterNetwork {
  const subnet = `10.89.${index}`;
  return {
    index,
    bridge: `jackal${index}`,
    gateway: `${subnet}.1`,
    controlPlane: `${subnet}.2`,
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

/** Makes the bridge that joins a cluster's machines and the host. */
export async function makeBridge(network: ClusterNetwork): Promise<void> {
  const { bridge, gateway } = network;
  const commands = [
    `link add ${bridge} type bridge`,
    `address add ${gateway}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  ];
  await run('ip', ['-batch', '-'], { input: commands.join('\n') });
  if (await isForwardingFiltered()) await run('iptables', ['-I', ...forwardRule(bridge)]);
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
  machine: { first: number; address: string; link: string },
  nodes: number,
  ownPosition?: number,
): Promise<void> {
  const { first, address, link } = machine;
  const outside = [
    `link add ${link} type veth peer name eth0 netns ${first}`,
    `link set ${link} master ${network.bridge} up`,
  ];
  await run('ip', ['-batch', '-'], { input: outside.join('\n') });
  const inside = [
    'link set lo up',
    `address add ${address}/24 dev eth0`,
    'link set eth0 up',
    `route add ${SERVICE_RANGE} dev eth0`,
    'route add unreachable default metric 1000',
    ...podRoutes(network, nodes, ownPosition),
  ];
  const enter = ['--target', `${first}`, '--net'];
  await run('nsenter', [...enter, 'ip', '-batch', '-'], { input: inside.join('\n') });
  await run('nsenter', [...enter, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
}

/** Lines for `ip -batch` that lead to the Pods of all nodes, but for those of one position. */
export function podRoutes(network: ClusterNetwork, nodes: number, except?: number): string[] {
  const positions = Array.from({ length: nodes }, (_, index) => index + 1);
  return positions
    .filter((position) => position !== except)
    .map(
      (position) =>
        `route add ${podRange(network, position)} via ${nodeAddress(network, position)}`,
    );
}

/** Lets the host reach the Pods too. The routes go with the bridge. */
export async function routeFromHost(network: ClusterNetwork, nodes: number): Promise<void> {
  await run('ip', ['-batch', '-'], { input: podRoutes(network, nodes).join('\n') });
}
