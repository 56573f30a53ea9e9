import { ActionError } from '../lib/errors.js';
import { readDockerTable } from './docker/docker-archive.js';
import { readLayout } from './oci/layout.js';
import type { FoundImage } from './reading.js';
import type { Tree } from './source/archive.js';

/**
 * The images that an archive or layout holds. Throws ActionError when it is neither a docker-archive
 * nor an OCI layout, or holds none.
 */
export async function findImages(tree: Tree): Promise<readonly FoundImage[]> {
  const table = await readDockerTable(tree);
  // The classic store makes its manifests up at save time, over uncompressed layers: the table is as good.
  if (table?.classic === true && table.images.length > 0) return table.images;
  const listed = await readLayout(tree);
  if (listed !== undefined && listed.length > 0) return listed;
  if (table !== undefined && table.images.length > 0) return table.images;
  if (listed !== undefined || table !== undefined) {
    throw new ActionError(`${tree.label} lists no image; check the step that writes it.`);
  }
  throw new ActionError(
    `${tree.label} holds no image: it has neither index.json nor manifest.json; give what docker save, skopeo or buildx wrote.`,
  );
}
