import { join } from 'node:path';
import { homeDirectory } from '../../lib/files/paths.js';
import type { LinuxNode } from '../../preflight/nodes.js';
import { ProofMemory } from '../../proof/memory.js';
import type { Laid } from '../job.js';

const CACHE = join(homeDirectory(), '.cache', 'jackal-inject');

/** Where it is written down what images of the daemon are, so that they need not be read again. */
export const MEMORY = join(CACHE, 'images');

/** Where images were proven. */
export const PROOFS = new ProofMemory(join(CACHE, 'proofs'));

/** Writes down which nodes run every image, for the next run on this machine. */
export async function remember({ images }: Laid, nodes: readonly LinuxNode[]): Promise<void> {
  const digests = images.images.map(({ target }) => target.digest);
  await PROOFS.keep([...new Set(digests)], nodes);
}
