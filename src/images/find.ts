import { ActionError } from '../errors.js';
import type { Tree } from './archive.js';
import { readDockerTable } from './docker-archive.js';
import type { FoundImage } from './reading.js';

/**
 * The images that an archive or layout holds. Throws ActionError when it is neither a docker-archive
 * nor an OCI layout, or holds none.
 */
export async function findImages(tree: Tree): Promise<readonly FoundImage[]> {
  const table = await readDockerTable(tree);
  if (table !== undefined && table.images.length > 0) return table.images;
  throw new ActionError(
    `${tree.label} holds no image: it has neither index.json nor manifest.json; give what docker save, skopeo or buildx wrote.`,
  );
}
