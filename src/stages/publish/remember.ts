import { join } from 'node:path';
import type { Image } from '../../images/image.js';
import { homeDirectory } from '../../lib/files/paths.js';
import type { LinuxNode } from '../../preflight/nodes.js';
import { ProofMemory } from '../../proof/memory.js';
import { nodesToProve } from '../../proof/pod.js';

const CACHE = join(homeDirectory(), '.cache', 'jackal-inject');

/** Where it is written down what images of the daemon are, so that they need not be read again. */
export const MEMORY = join(CACHE, 'images');

/** Where images were proven. */
export const PROOFS = new ProofMemory(join(CACHE, 'proofs'));

/**
 * Writes down where images run, for the next run on this machine.
 *
 * @param nodes those that run every image that was sent for their platform
 */
export async function remember(
  images: readonly Pick<Image, 'target' | 'platforms'>[],
  nodes: readonly LinuxNode[],
  proofs = PROOFS,
): Promise<void> {
  for (const image of new Map(images.map((one) => [one.target.digest, one])).values()) {
    await proofs.keep([image.target.digest], nodesToProve(nodes, [image]));
  }
}
