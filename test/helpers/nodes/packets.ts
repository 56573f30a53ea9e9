import type { ClusterNode } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';

/** What is done with packets, in nft's words: with those that come, or that the node itself sends. */
export interface PacketRule {
  readonly rule: string;
  readonly family?: 'ip' | 'bridge';
  readonly hook?: 'prerouting' | 'output';
}

/** Has nodes do by a rule with each packet until `body` has ended. */
export async function withPacketRule<T>(
  nodes: readonly ClusterNode[],
  { rule, family = 'ip', hook = 'prerouting' }: PacketRule,
  body: () => Promise<T>,
): Promise<T> {
  const table = `${family} jackal-held`;
  const nft = async (node: ClusterNode, commands: readonly string[]) => {
    await run('nsenter', [`--net=${node.networkNamespace}`, 'nft', commands.join('; ')]);
  };
  try {
    for (const node of nodes) {
      await nft(node, [
        `add table ${table}`,
        `add chain ${table} packets { type filter hook ${hook} priority -300; }`,
        `add rule ${table} packets ${rule}`,
      ]);
    }
    return await body();
  } finally {
    for (const node of nodes) {
      // Only what is there can be deleted.
      await nft(
        node,
        ['add', 'delete'].map((verb) => `${verb} table ${table}`),
      );
    }
  }
}
