import { ActionError } from '../../lib/errors.js';
import { items, members, parseJson, text, texts } from '../../lib/json.js';
import { DOCUMENT_MAX_BYTES, LAYERS_MAX, MANIFESTS_MAX } from '../../lib/limits/images.js';
import { lowerFirst } from '../../lib/sentences.js';
import { type Encoding, encodingOf } from '../bytes/compression.js';
import { type Content, digestOf, piecesOf, readStart, readWhole } from '../bytes/content.js';
import { expectDigest, measureDigest, measureLayer } from '../bytes/verify.js';
import type { Blob, Descriptor } from '../image.js';
import { layerMediaType, OCI_CONFIG, OCI_MANIFEST } from '../oci/media-types.js';
import { choosePlatforms, platformText } from '../platforms.js';
import type { FoundImage, ImageParts, Reading, StoredLayer } from '../reading.js';
import type { Tree } from '../source/archive.js';

/** One item of manifest.json. */
interface Item {
  readonly config: string;
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

/** What manifest.json says: its images, and whether Docker's classic store wrote it. */
export interface DockerTable {
  readonly images: readonly FoundImage[];
  /** `LayerSources` is written by the classic store alone, from Docker 25 on. */
  readonly classic: boolean;
}

/**
 * Reads the table of a docker-archive (`docker save`, podman, skopeo, crane): undefined when the tree
 * has no manifest.json. Throws ActionError when the table is no such table.
 */
export async function readDockerTable(tree: Tree): Promise<DockerTable | undefined> {
  const content = await tree.find('manifest.json');
  if (content === undefined) return undefined;
  const what = `The manifest.json of ${lowerFirst(tree.label)}`;
  const parsed = parseJson(await readWhole(content, DOCUMENT_MAX_BYTES, what), what);
  if (!Array.isArray(parsed)) {
    // skopeo's dir: transport writes an image manifest under this name.
    throw new ActionError(
      `${tree.label} has a manifest.json that is no list of images; use docker-archive, oci or oci-archive instead of dir.`,
    );
  }
  if (parsed.length > MANIFESTS_MAX) {
    throw new ActionError(
      `${what} lists ${parsed.length} images, more than ${MANIFESTS_MAX}; save fewer at once.`,
    );
  }
  const images: FoundImage[] = [];
  for (const value of parsed) images.push(await foundImage(tree, itemOf(value, tree)));
  return { images, classic: parsed.some((value) => 'LayerSources' in members(value)) };
}

function itemOf(value: unknown, tree: Tree): Item {
  const config = text(members(value).Config);
  if (config === undefined) {
    throw new ActionError(
      `${tree.label} has an image without config in manifest.json; make it anew.`,
    );
  }
  const layers = texts(members(value).Layers);
  if (layers.length !== items(members(value).Layers).length || layers.length > LAYERS_MAX) {
    throw new ActionError(
      `${tree.label} has an image whose list of layers cannot be used in manifest.json; make it anew.`,
    );
  }
  return { config, names: [...new Set(texts(members(value).RepoTags))], layers };
}

async function foundImage(tree: Tree, item: Item): Promise<FoundImage> {
  const label = `The image ${item.names[0] ?? item.config} of ${lowerFirst(tree.label)}`;
  const content = await tree.find(item.config);
  if (content === undefined) {
    throw new ActionError(
      `${label} is incomplete: its config ${item.config} is missing; save it anew.`,
    );
  }
  const config = await readWhole(content, DOCUMENT_MAX_BYTES, `The config of ${lowerFirst(label)}`);
  const digest = digestOf(config);
  const written = /([0-9a-f]{64})(?:\.json)?$/.exec(item.config)?.[1];
  if (written !== undefined)
    expectDigest(`The config of ${lowerFirst(label)}`, `sha256:${written}`, digest);
  return {
    label,
    names: item.names,
    digests: [digest],
    resolve: (reading) => resolveItem(tree, item, { label, config, digest, content }, reading),
  };
}

interface Config {
  readonly label: string;
  readonly config: Buffer;
  readonly digest: string;
  readonly content: Content;
}

/** Verifies all layers against the config and writes the OCI manifest that the archive lacks. */
async function resolveItem(
  tree: Tree,
  item: Item,
  found: Config,
  reading: Reading,
): Promise<ImageParts> {
  const { label, config, digest } = found;
  const parsed = members(parseJson(config, `The config of ${lowerFirst(label)}`));
  const diffIds = texts(members(parsed.rootfs).diff_ids);
  if (diffIds.length !== item.layers.length) {
    throw new ActionError(
      `${label} has ${item.layers.length} layers but its config names ${diffIds.length}; save it anew.`,
    );
  }
  const platform = {
    os: text(parsed.os) ?? 'linux',
    architecture: text(parsed.architecture) ?? 'unknown',
  };
  const { chosen, warnings } = await choosePlatforms(label, [platformText(platform)], [], reading);
  const pending: Promise<StoredLayer>[] = [];
  for (const [index, path] of item.layers.entries()) {
    const { stored } = await startLayer(tree, path, diffIds[index] as string, label, reading);
    pending.push(stored);
  }
  const layers = await Promise.all(pending);
  const configBlob = reading.blob(digest, found.content);
  const bytes = manifestBytes(configBlob, layers);
  const target: Descriptor = {
    mediaType: OCI_MANIFEST,
    digest: digestOf(bytes),
    size: bytes.length,
  };
  return {
    target,
    digestKept: false,
    platforms: chosen,
    warnings,
    manifests: [{ digest: target.digest, mediaType: OCI_MANIFEST, bytes }],
    blobs: [...new Set([configBlob, ...layers.map((layer) => layer.blob)])],
    referrers: [],
  };
}

function manifestBytes(config: Blob, layers: readonly StoredLayer[]): Buffer {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, digest: config.digest, size: config.size },
      layers: layers.map(({ mediaType, blob }) => ({
        mediaType,
        digest: blob.digest,
        size: blob.size,
      })),
    }),
  );
}

/**
 * Reads one layer to its end and verifies it. `stored` is for the compressed bytes, which may still be
 * on their way while the next layer is read.
 */
async function startLayer(
  tree: Tree,
  path: string,
  diffId: string,
  label: string,
  reading: Reading,
): Promise<{ stored: Promise<StoredLayer> }> {
  const content = await tree.find(path);
  if (content === undefined) {
    throw new ActionError(`${label} is incomplete: its layer ${path} is missing; save it anew.`);
  }
  const known = reading.layers.get(diffId);
  if (known !== undefined) return { stored: known };
  const what = `The layer ${path} of ${lowerFirst(label)}`;
  const { stored } = await storeLayer(content, diffId, what, reading);
  stored.catch(() => undefined);
  reading.layers.set(diffId, stored);
  return { stored };
}

async function storeLayer(
  content: Content,
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
    blob: reading.blob(digest, from),
    mediaType: layerMediaType(encoding),
  });
  const method = reading.packer.compression.method;
  const encoding = content.packed === undefined ? encodingOf(await readStart(content, 4)) : 'none';
  if (encoding !== 'none') {
    const measured = await measureLayer(content, encoding, what, onBytes);
    expectDigest(what, diffId, measured.diffId);
    return { stored: Promise.resolve(done(measured.digest, content, encoding)) };
  }
  if (method === 'none' && content.packed === undefined) {
    expectDigest(what, diffId, await measureDigest(content, onBytes));
    return { stored: Promise.resolve(done(diffId, content, 'none')) };
  }
  const packed =
    content.packed === undefined
      ? await reading.packer.pack(counted(content, onBytes))
      : { digest: content.digest as string, stored: content.packed };
  expectDigest(what, diffId, packed.digest);
  return { stored: packed.stored.then((stored) => done(stored.digest as string, stored, method)) };
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
