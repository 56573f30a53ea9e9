import { ActionError } from '../lib/errors.js';
import type { Tree } from './source/archive.js';

/**
 * Throws the ActionError for an image of which the source holds only a part. `what` is missing:
 * `the layer sha256:…`. An archive with both tables is one that Docker saves, and its containerd store
 * leaves out what it had unpacked before (moby/moby#49473, #49784).
 */
export async function throwIncomplete(tree: Tree, label: string, what: string): Promise<never> {
  const index = await tree.find('index.json');
  const table = await tree.find('manifest.json');
  const missing = `${label} is incomplete: ${what} is missing in the source`;
  if (tree.isStore) {
    throw new ActionError(
      `${missing} although the manifest names it; pull it again with "docker pull" or build it with buildx type=oci, since Docker's containerd store has lost it.`,
    );
  }
  if (table === undefined) {
    throw new ActionError(
      `${missing} although the manifest names it; write it anew with all of its layers, for tools such as pack --sparse leave some out.`,
    );
  }
  if (index === undefined) throw new ActionError(`${missing}; save it anew.`);
  throw new ActionError(
    `${missing} although the manifest names it; save it anew (Docker's containerd store leaves out what it had already unpacked: pull it again with "docker pull" or build it with buildx type=oci).`,
  );
}
