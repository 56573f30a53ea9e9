import type { Inputs } from '../host/inputs.js';
import { debug, warning } from '../host/runner.js';

/** Tells of a node that gets no images, as the input `on-unavailable-node` says; the reason follows its name. */
export function tellLeftOut({ onUnavailableNode }: Inputs, node: string, reason: string): void {
  const tell = onUnavailableNode === 'ignore' ? debug : warning;
  tell(`The node ${node} is left out: it ${reason}.`);
}
