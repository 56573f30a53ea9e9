import type { Inputs } from '../host/inputs.js';
import { debug, warning } from '../host/runner.js';
import { leftOutSentences, type OtherNode } from '../preflight/nodes.js';

/** Tells of nodes that get no images, as the input `on-unavailable-node` says. */
export function tellLeftOut({ onUnavailableNode }: Inputs, nodes: readonly OtherNode[]): void {
  leftOutSentences(nodes).forEach(onUnavailableNode === 'ignore' ? debug : warning);
}
