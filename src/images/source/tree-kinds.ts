import { ActionError } from '../../lib/errors.js';
import type { Tree } from './archive.js';
import { areOfFileSystem, fileSystem } from './file-system.js';

/** Throws the ActionError for a tree without index.json and manifest.json: what it is, what to do. */
export async function refuseTree(tree: Tree): Promise<never> {
  const paths = await tree.paths();
  if (areOfFileSystem(paths)) throw fileSystem(tree.label);
  throw new ActionError(`${tree.label} holds no image${reasonOf(paths, tree.directory)}.`);
}

/** What a tree holds in place of an image, and what to do about it. */
function reasonOf(paths: readonly string[], directory: string | undefined): string {
  if (paths.length === 0) return ': it is empty; check the step that writes it';
  if (paths.includes('sparse-oci-layout'))
    return ': it is a sparse layout, which has no layers; write the whole one';
  const table = shortest(paths, /\/(?:index|manifest)\.json$/);
  const archive = shortest(paths, /\.(?:tar|tgz|tzst|oci)$|\.tar\.[a-z0-9]+$/);
  if (table !== undefined && (archive === undefined || depthOf(table) <= depthOf(archive))) {
    const below = table.slice(0, table.lastIndexOf('/'));
    const name = table.slice(below.length + 1);
    return directory === undefined
      ? ` at its top but its ${name} in ${below}; pack what is in there with "tar -C ${below} -cf FILE ."`
      : ` at its top but its ${name} in ${below}; give ${directory}/${below}`;
  }
  if (archive !== undefined) {
    return directory === undefined
      ? ` but the archive ${archive}; unpack it and give that`
      : ` but the archive ${archive}; give ${directory}/${archive}`;
  }
  if (paths.some((path) => /^[^/]+\/Chart\.yaml$/.test(path)))
    return ': it is a Helm chart; give the images that it names';
  if (paths.some((path) => path.startsWith('blobs/')))
    return ': it has blobs but no index.json, so it was cut off; write it anew';
  return ': it has neither index.json nor manifest.json; give what docker save, skopeo or buildx wrote';
}

/** The path of this form with the fewest parts. */
function shortest(paths: readonly string[], form: RegExp): string | undefined {
  return paths
    .filter((path) => form.test(path))
    .sort((one, other) => depthOf(one) - depthOf(other))[0];
}

function depthOf(path: string): number {
  return path.split('/').length;
}
