import { Records } from '../lib/files/records.js';
import { members } from '../lib/json.js';
import {
  NODE_TELLS_IMAGES_MAX,
  NODE_TELLS_WITHIN_MS,
  PROOF_NODES_REMEMBERED_MAX,
  PROOFS_REMEMBERED_MAX,
} from '../lib/limits/run.js';
import type { LinuxNode } from '../preflight/nodes.js';

/**
 * What runs on this machine have proven: which nodes ran an image, by the digest of its top manifest. A kubelet tells
 * late what its node has got, and of many images not all; until then this does.
 */
export class ProofMemory {
  readonly #records: Records;

  constructor(directory: string) {
    this.#records = new Records(directory, PROOFS_REMEMBERED_MAX);
  }

  /** Writes down that nodes run images, as of now. */
  async keep(digests: readonly string[], nodes: readonly LinuxNode[]): Promise<void> {
    const now = Date.now();
    for (const digest of digests) {
      const before = Object.entries(members(await this.#records.read(nameOf(digest))));
      const fresh = nodes.map(({ uid }) => [uid, now] as const);
      const proofs = Object.entries(Object.fromEntries([...before, ...fresh]))
        .filter(([, proven]) => typeof proven === 'number')
        .toSorted(([, one], [, other]) => (other as number) - (one as number))
        .slice(0, PROOF_NODES_REMEMBERED_MAX);
      await this.#records.write(nameOf(digest), Object.fromEntries(proofs));
    }
  }

  /** Whether all nodes have an image, by what they tell or, where they cannot tell yet, by what was proven. */
  async isOnAll(nodes: readonly LinuxNode[], digest: string): Promise<boolean> {
    const proven = members(await this.#records.read(nameOf(digest)));
    const now = Date.now();
    return nodes.length > 0 && nodes.every((node) => has(node, digest, proven[node.uid], now));
  }
}

function nameOf(digest: string): string {
  return digest.replace(':', '-');
}

/** @param proven when the node was seen to have it, in milliseconds of the clock; anything else is never */
function has({ images }: LinuxNode, digest: string, proven: unknown, now: number): boolean {
  if (images.some(({ names }) => names.some((name) => name.endsWith(`@${digest}`)))) return true;
  if (typeof proven !== 'number' || proven > now) return false;
  return images.length >= NODE_TELLS_IMAGES_MAX || now - proven < NODE_TELLS_WITHIN_MS;
}
