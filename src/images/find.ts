import { ActionError } from '../lib/errors.js';
import { type DockerTable, readDockerTable, tableImages } from './docker/docker-archive.js';
import { holdsManifests, type IndexFile, readIndexFile } from './oci/index-file.js';
import { readLayout } from './oci/layout.js';
import { isCompressedLayer } from './oci/media-types.js';
import type { FoundImage } from './reading.js';
import type { Tree } from './source/archive.js';
import { refuseTree } from './source/tree-kinds.js';

/**
 * The images that an archive or layout holds, and what is listed like them. Throws ActionError when it
 * is neither a docker-archive nor an OCI layout, or holds none.
 */
export async function findImages(tree: Tree): Promise<readonly FoundImage[]> {
  const table = await readDockerTable(tree);
  const hasTable = table !== undefined && table.items.length > 0;
  if (hasTable && !(await isLayout(tree))) return tableImages(tree, table);
  const file = await readIndexFile(tree);
  if (table === undefined && file === undefined) return refuseTree(tree);
  if (file !== undefined && !(hasTable && (await isTableBetter(tree, table, file)))) {
    const images = await readLayout(tree, file, table !== undefined);
    if (images.length > 0) return images;
  }
  if (hasTable) return tableImages(tree, table);
  throw new ActionError(
    `${tree.label} lists no image; check the step that writes it, or pull the image again with "docker pull" where Docker's containerd store has lost it.`,
  );
}

/**
 * Whether an index.json is that of a layout, as containerd's importer goes by: apko's tar has the
 * image's own index beside a docker-archive. Some tools leave oci-layout out, so blobs count too.
 */
async function isLayout(tree: Tree): Promise<boolean> {
  if ((await tree.find('oci-layout')) !== undefined) return true;
  return (await tree.paths()).some((path) => path.startsWith('blobs/'));
}

/** True when a layout is there but none of its manifests, and when Docker's classic store wrote it. */
async function isTableBetter(tree: Tree, table: DockerTable, file: IndexFile): Promise<boolean> {
  return isClassic(table, file) || !(await holdsManifests(tree, file));
}

/**
 * Docker's classic store makes its manifests up at save time, over uncompressed layers, and lists only
 * some of them: the table is as good. From Docker 25 on it writes `LayerSources` (moby
 * `tarexport/save.go`), as regctl does over whatever layers the source has; regctl's index.json has no
 * media type.
 */
function isClassic({ sources }: DockerTable, { typed }: IndexFile): boolean {
  if (sources === undefined) return false;
  return sources.length === 0 || (typed && !sources.some(isCompressedLayer));
}
