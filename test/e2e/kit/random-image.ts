import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Layout, tarOf, workplace, writeDirectory } from '../../unit/images/fixtures.js';

/** A layer of so many random bytes, which no node has and nothing can compress. */
export function randomLayer(bytes: number, path = 'file') {
  const raw = tarOf([{ path, bytes: randomBytes(bytes) }]);
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  return { raw, stored: gzipSync(raw, { level: 0 }), mediaType };
}

/** Writes an image of these layers, with this more in its manifest, as an OCI layout and returns its place. */
export async function writeImage(
  layers: readonly ReturnType<typeof randomLayer>[],
  name: string,
  manifest: object = {},
): Promise<string> {
  const layout = new Layout();
  layout.list(layout.image([...layers], { manifest }), `docker.io/${name}`);
  return await writeDirectory(await workplace(), layout.entries(), 'image');
}
