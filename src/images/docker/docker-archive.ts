import { ActionError } from '../../lib/errors.js';
import { items, members, parseJson, text, texts } from '../../lib/json.js';
import { DOCUMENT_MAX_BYTES, LAYERS_MAX, MANIFESTS_MAX } from '../../lib/limits/images.js';
import { lowerFirst } from '../../lib/sentences.js';
import { type Content, digestOf, readWhole } from '../bytes/content.js';
import { expectDigest } from '../bytes/verify.js';
import type { Blob, Descriptor } from '../image.js';
import { throwIncomplete } from '../incomplete.js';
import { configPlatform } from '../oci/manifest-content.js';
import { OCI_CONFIG, OCI_MANIFEST } from '../oci/media-types.js';
import { ANY, choosePlatforms, platformText } from '../platforms.js';
import type { FoundImage, ImageParts, Reading, StoredLayer } from '../reading.js';
import { imageLabel, type Tree } from '../source/archive.js';
import { startLayer } from './layers.js';

/** One item of manifest.json. */
interface Item {
  readonly config: string;
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

/** What manifest.json says, before anything that it names was looked at. */
export interface DockerTable {
  readonly items: readonly Item[];
  /** Media types of all `LayerSources`; undefined when the table has none. */
  readonly sources: readonly string[] | undefined;
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
  const sources = parsed.filter((value) => 'LayerSources' in members(value));
  return {
    items: parsed.map((value) => itemOf(value, tree)),
    sources: sources.length === 0 ? undefined : sources.flatMap(sourceTypes),
  };
}

function sourceTypes(value: unknown): string[] {
  return Object.values(members(members(value).LayerSources)).map(
    (source) => text(members(source).mediaType) ?? '',
  );
}

/** The images of a table. Throws ActionError when a config is missing or lies. */
export async function tableImages(tree: Tree, { items }: DockerTable): Promise<FoundImage[]> {
  const images: FoundImage[] = [];
  for (const item of items) images.push(await foundImage(tree, item));
  return images;
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
  const label = imageLabel(item.names[0] ?? item.config, tree);
  const content = await tree.find(item.config);
  if (content === undefined) return throwIncomplete(tree, label, `its config ${item.config}`);
  const what = `The config of ${lowerFirst(label)}`;
  const bytes = await readWhole(content, DOCUMENT_MAX_BYTES, what);
  const digest = digestOf(bytes);
  const written = /([0-9a-f]{64})(?:\.json)?$/.exec(item.config)?.[1];
  if (written !== undefined) expectDigest(what, `sha256:${written}`, digest);
  const json = members(parseJson(bytes, what));
  const platform = platformText(configPlatform(json) ?? ANY);
  const diffIds = texts(members(json.rootfs).diff_ids);
  const config = { label, diffIds, digest, content, platform };
  return {
    label,
    names: item.names,
    digests: [digest],
    layerPaths: new Map(item.layers.map((path, index) => [path, diffIds[index] ?? ''])),
    platform: async () => platform,
    created: async () => text(json.created),
    resolve: (reading, elsewhere) => resolveItem(tree, item, config, reading, elsewhere),
  };
}

interface Config {
  readonly label: string;
  readonly diffIds: readonly string[];
  readonly digest: string;
  readonly content: Content;
  /** `os/architecture` */
  readonly platform: string;
}

/** Verifies all layers against the config and writes the OCI manifest that the archive lacks. */
async function resolveItem(
  tree: Tree,
  item: Item,
  { label, diffIds, digest, content, platform }: Config,
  reading: Reading,
  elsewhere: readonly string[],
): Promise<ImageParts> {
  if (diffIds.length !== item.layers.length) {
    throw new ActionError(
      `${label} has ${item.layers.length} layers but its config names ${diffIds.length}; save it anew.`,
    );
  }
  const available = { held: [platform], absent: [], elsewhere, isLone: true };
  const { chosen, warnings } = await choosePlatforms(label, available, reading);
  const pending: Promise<StoredLayer>[] = [];
  for (const [index, path] of item.layers.entries()) {
    const { stored } = await startLayer(tree, path, diffIds[index] as string, label, reading);
    pending.push(stored);
  }
  const layers = await Promise.all(pending);
  const configBlob = reading.blob(digest, content);
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
