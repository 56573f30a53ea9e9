import { run } from '../command.js';
import { type ClusterNetwork, inFamilies } from './addresses.js';

/** Port of every API server, and of what stands in front of several. */
export const API_PORT = 6443;

/**
 * Has the control plane's machine hand each new connection to the front address to the next of the API servers, as a
 * load balancer without health checks does: one that is down is still given its share.
 *
 * @param first the machine's first process
 */
export async function shareConnections(network: ClusterNetwork, first: number): Promise<void> {
  const { apiServers, front } = network;
  if (apiServers.length === 1) return;
  const [to] = inFamilies(network, front) as [string];
  const program = to.includes(':') ? 'ip6tables' : 'iptables';
  for (const [index, server] of apiServers.entries()) {
    const [at] = inFamilies(network, server) as [string];
    // The first takes one of all, the next one of those that are left, the last one what is left.
    const left = apiServers.length - index;
    const turn = ['-m', 'statistic', '--mode', 'nth', '--every', `${left}`, '--packet', '0'];
    // Connections from other machines, and from the controller manager and the scheduler beside it.
    for (const chain of ['PREROUTING', 'OUTPUT']) {
      await run('nsenter', [
        ...['--target', `${first}`, '--net', program, '-t', 'nat', '-A', chain],
        ...['-d', to, '-p', 'tcp', '--dport', `${API_PORT}`, ...(left > 1 ? turn : [])],
        ...['-j', 'DNAT', '--to-destination', at],
      ]);
    }
  }
}
