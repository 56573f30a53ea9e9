import type { Cluster } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';
import { openLink } from '../../helpers/link/link.js';

/** The addresses of all Pods, behind those of the nodes. */
const PODS = '10.90.0.0/16';

/**
 * Has a runner for a while that reaches the API server, but not all of the cluster: none of its Pods, as where these are
 * on a network of the nodes' own, or none of its nodes either. `body` is given what its commands run within, a network
 * of its own: a rule on this machine would be one for the clusters beside this one, too.
 */
export async function withRunnerCutOff(
  cluster: Cluster,
  from: 'pods' | 'nodes and pods',
  body: (within: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const link = await openLink(cluster, { bitsPerSecond: 1e9, roundTrip: 0, loss: 0 });
  try {
    const nodes = from === 'pods' ? [] : cluster.nodes.map(({ address }) => address);
    const rules = [
      'add table ip far',
      'add chain ip far out { type filter hook output priority 0; }',
      `add rule ip far out ip daddr { ${[...nodes, PODS].join(', ')} } drop`,
    ];
    const [program = '', ...enter] = link.within;
    await run(program, [...enter, 'nft', rules.join('; ')]);
    await body(link.within);
  } finally {
    await link.close();
  }
}
