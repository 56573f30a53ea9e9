import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tarOf } from '../../unit/images/tars.js';

const TYPE = 'application/vnd.oci.image';

/** Blobs of a layout, each put in once. */
class Blobs {
  private readonly byDigest = new Map<string, Buffer>();

  put(bytes: Buffer, mediaType: string, more: object = {}) {
    const hex = createHash('sha256').update(bytes).digest('hex');
    this.byDigest.set(hex, bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length, ...more };
  }

  json(value: object, mediaType: string, more: object = {}) {
    return this.put(Buffer.from(JSON.stringify(value)), mediaType, more);
  }

  async write(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    for (const [hex, bytes] of this.byDigest) await writeFile(join(directory, hex), bytes);
  }
}

/**
 * Writes an OCI layout of so many images, each for all of these architectures and of a few kilobytes, and returns its
 * place. `seed` makes them others than those of before.
 */
export async function writeSmallImages(
  directory: string,
  count: number,
  architectures: readonly string[],
  seed: string,
): Promise<string> {
  const blobs = new Blobs();
  const manifests = Array.from({ length: count }, (_, index) => {
    const platforms = architectures.map((architecture) =>
      imageFor(blobs, architecture, `${seed} ${index} ${architecture}`),
    );
    const list = { schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests: platforms };
    const name = `docker.io/acme/small-${index}:1`;
    const annotations = { 'org.opencontainers.image.ref.name': name };
    return blobs.json(list, `${TYPE}.index.v1+json`, { annotations });
  });
  await blobs.write(join(directory, 'blobs/sha256'));
  await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  return directory;
}

function imageFor(blobs: Blobs, architecture: string, text: string) {
  const layer = tarOf([{ path: 'file', bytes: Buffer.from(text) }]);
  const platform = { os: 'linux', architecture };
  const diff = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  const config = { ...platform, rootfs: { type: 'layers', diff_ids: [diff] } };
  const manifest = {
    schemaVersion: 2,
    mediaType: `${TYPE}.manifest.v1+json`,
    config: blobs.json(config, `${TYPE}.config.v1+json`),
    layers: [blobs.put(layer, `${TYPE}.layer.v1.tar`)],
  };
  return blobs.json(manifest, manifest.mediaType, { platform });
}
