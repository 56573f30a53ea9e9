import { lowerFirst } from '../../lib/sentences.js';
import { type Encoding, encodingOf } from '../bytes/compression.js';
import { type Content, piecesOf, readStart } from '../bytes/content.js';
import { expectDigest, measureDigest, measureLayer } from '../bytes/verify.js';
import { throwIncomplete } from '../incomplete.js';
import { layerMediaType } from '../oci/media-types.js';
import type { Reading, StoredLayer } from '../reading.js';
import type { Tree } from '../source/archive.js';
import { KIND_BYTES, refuseOtherCompression } from '../source/file-kinds.js';

const NOTHING = Buffer.alloc(0);

/**
 * Reads one layer of a docker-archive to its end and verifies it, or has it verified later where it is
 * to be sent as it is. `stored` is for the compressed bytes, which may still be on their way while the
 * next layer is read.
 */
export async function startLayer(
  tree: Tree,
  path: string,
  diffId: string,
  label: string,
  reading: Reading,
): Promise<{ stored: Promise<StoredLayer> }> {
  const content = await tree.find(path);
  if (content === undefined) return throwIncomplete(tree, label, `its layer ${path}`);
  const what = `The layer ${path} of ${lowerFirst(label)}`;
  const start = content.packed === undefined ? await readStart(content, KIND_BYTES) : NOTHING;
  refuseOtherCompression(start, what);
  const encoding = encodingOf(start);
  // What comes compressed is kept so: in the place of another source's bytes it would change that image's digest.
  const key = encoding === 'none' ? diffId : `${diffId} ${path} ${tree.label}`;
  const known = reading.layers.get(key);
  if (known !== undefined) return { stored: known };
  const { stored } = await storeLayer(content, encoding, diffId, what, reading);
  stored.catch(() => undefined);
  reading.layers.set(key, stored);
  return { stored };
}

async function storeLayer(
  content: Content,
  encoding: Encoding,
  diffId: string,
  what: string,
  reading: Reading,
): Promise<{ stored: Promise<StoredLayer> }> {
  let bytes = 0;
  const onBytes = (more: number) => {
    bytes += more;
    reading.onProgress({ source: what, stage: 'verifying', bytes });
  };
  const done = (digest: string, from: Content, encoding: Encoding): StoredLayer => ({
    blob: reading.blob(digest, from, from === content ? undefined : content.size),
    mediaType: layerMediaType(encoding),
  });
  if (encoding !== 'none') {
    const measured = await measureLayer(content, encoding, what, onBytes);
    expectDigest(what, diffId, measured.diffId);
    return { stored: Promise.resolve(done(measured.digest, content, encoding)) };
  }
  const { method } = await reading.packer.compression();
  if (method === 'none' && content.packed === undefined) {
    reading.verification.add(diffId, async () =>
      expectDigest(what, diffId, await measureDigest(content, onBytes)),
    );
    return { stored: Promise.resolve(done(diffId, content, 'none')) };
  }
  const packed =
    content.packed === undefined
      ? await reading.packer.pack(counted(content, onBytes))
      : { digest: content.digest as string, stored: content.packed };
  expectDigest(what, diffId, packed.digest);
  return { stored: packed.stored.then((kept) => done(kept.digest, kept, kept.encoding)) };
}

async function* counted(
  content: Content,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const piece of piecesOf(content)) {
    onBytes(piece.length);
    yield piece;
  }
}
