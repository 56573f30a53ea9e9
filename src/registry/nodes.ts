import type { ClusterNodes } from '../preflight/nodes.js';

/** Why no image can be brought to a node any more, as words that follow its name; undefined when one can. */
export function reasonAgainst(name: string, nodes: ClusterNodes): string | undefined {
  const { ready, others, selector } = nodes;
  if (ready.some((node) => node.name === name)) {
    return undefined;
  }
  const labels = selector === undefined ? '' : ` or lost the labels ${selector}`;
  return others.find((node) => node.name === name)?.reason ?? `has left the cluster${labels}`;
}
