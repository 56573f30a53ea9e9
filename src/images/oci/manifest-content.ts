import { ActionError } from '../../lib/errors.js';
import { items, members, parseJson, text, texts } from '../../lib/json.js';
import { DOCUMENT_MAX_BYTES, LAYERS_MAX } from '../../lib/limits/images.js';
import { encodingOf } from '../bytes/compression.js';
import { type Content, digestOf, readStart, readWhole } from '../bytes/content.js';
import { expectDigest, measureDigest, measureLayer } from '../bytes/verify.js';
import type { Blob, Platform } from '../image.js';
import { throwIncomplete } from '../incomplete.js';
import type { Reading } from '../reading.js';
import type { Tree } from '../source/archive.js';
import {
  type Document,
  expectSize,
  type FullDescriptor,
  findBlob,
  readDescriptor,
  whyNoImage,
} from './documents.js';
import { isImageConfig, layerKind } from './media-types.js';

/** An image manifest with its config, before any layer was looked at. */
export interface RunnableManifest {
  readonly document: Document;
  /** What its config says, whatever an index says of it; undefined when neither does. */
  readonly platform: Platform | undefined;
  readonly config: FullDescriptor;
  readonly configContent: Content;
  readonly layers: readonly FullDescriptor[];
  readonly diffIds: readonly string[];
}

/**
 * Reads config and list of layers of an image manifest. Throws ActionError when it is no image, when
 * its config is missing or lies, or when a layer is of a type that cannot be passed on.
 */
export async function readRunnable(
  tree: Tree,
  document: Document,
  label: string,
): Promise<RunnableManifest> {
  const what = `${label}: the manifest ${document.digest}`;
  const config = readDescriptor(document.json.config, what);
  if (!isImageConfig(config.mediaType)) {
    throw new ActionError(`${label} ${whyNoImage(document)}; name an image.`);
  }
  const layers = items(document.json.layers).map((value) => readDescriptor(value, what));
  if (layers.length > LAYERS_MAX) {
    throw new ActionError(
      `${label} has ${layers.length} layers, more than ${LAYERS_MAX}, which no node can mount; build it with fewer.`,
    );
  }
  for (const layer of layers) refuseLayerType(layer, label);
  const configContent = await findBlob(tree, config);
  if (configContent === undefined) {
    return throwIncomplete(tree, label, `the config ${config.digest}`);
  }
  const bytes = await readWhole(
    configContent,
    DOCUMENT_MAX_BYTES,
    `${label}: the config ${config.digest}`,
  );
  await expectSize(`${label}: the config ${config.digest}`, config.size, configContent);
  expectDigest(`${label}: the config`, config.digest, digestOf(bytes));
  const json = members(parseJson(bytes, `${label}: the config ${config.digest}`));
  const platform = configPlatform(json) ?? document.descriptor.platform;
  const diffIds = texts(members(json.rootfs).diff_ids);
  if (diffIds.length !== layers.length) {
    throw new ActionError(
      `${label} has ${layers.length} layers but its config names ${diffIds.length}; build the image anew.`,
    );
  }
  return { document, platform, config, configContent, layers, diffIds };
}

/** The platform that a config is for; undefined when it does not say. */
export function configPlatform(config: Readonly<Record<string, unknown>>): Platform | undefined {
  const architecture = text(config.architecture);
  return architecture === undefined ? undefined : { os: text(config.os) ?? 'linux', architecture };
}

function refuseLayerType(layer: FullDescriptor, label: string): void {
  const kind = layerKind(layer.mediaType);
  if (kind === 'foreign') {
    throw new ActionError(
      `${label} has the layer ${layer.digest} of the non-distributable type ${layer.mediaType}, which may not be passed on; build the image with ordinary layers.`,
    );
  }
  if (kind === 'unknown') {
    throw new ActionError(
      `${label} has the layer ${layer.digest} of type "${layer.mediaType}", which node runtimes cannot unpack; build the image with tar, gzip or zstd layers.`,
    );
  }
}

/**
 * Gives config and layers of an image as blobs, in order; that the layers' bytes are right is for the
 * reading's verification to see. Throws ActionError when one is missing or of another size.
 */
export async function readBlobs(
  tree: Tree,
  manifest: RunnableManifest,
  label: string,
  reading: Reading,
): Promise<{ config: Blob; layers: readonly Blob[] }> {
  const config = reading.blob(manifest.config.digest, manifest.configContent);
  const found: Content[] = [];
  for (const layer of manifest.layers) {
    const content = await findBlob(tree, layer);
    if (content === undefined) return throwIncomplete(tree, label, `the layer ${layer.digest}`);
    await expectSize(`${label}: the layer ${layer.digest}`, layer.size, content);
    found.push(content);
  }
  const layers = manifest.layers.map((layer, index) => {
    const content = found[index] as Content;
    const diffId = manifest.diffIds[index] as string;
    reading.verification.add(`${layer.digest} ${diffId}`, () =>
      verifyLayer(layer, content, diffId, label, reading),
    );
    return reading.blob(layer.digest, content);
  });
  return { config, layers };
}

async function verifyLayer(
  layer: FullDescriptor,
  content: Content,
  diffId: string,
  label: string,
  reading: Reading,
): Promise<void> {
  const what = `${label}: the layer ${layer.digest}`;
  let unfolded = reading.unfoldedTo.get(layer.digest);
  if (unfolded === undefined) {
    const onBytes = verifying(what, reading);
    // Media types lie (podman 4.3 says gzip over plain tar), and nodes look at the bytes too.
    const encoding =
      content.packed === undefined ? encodingOf(await readStart(content, 4)) : 'none';
    const measured =
      encoding === 'none'
        ? await measureDigest(content, onBytes).then((digest) => ({ digest, diffId: digest }))
        : await measureLayer(content, encoding, what, onBytes);
    expectDigest(what, layer.digest, measured.digest);
    unfolded = measured.diffId;
    reading.unfoldedTo.set(layer.digest, unfolded);
  }
  expectDigest(`${what}, unpacked,`, diffId, unfolded);
}

/** Tells the reading of each piece that is verified of `source`; the reading may end there. */
function verifying(source: string, reading: Reading): (more: number) => void {
  let bytes = 0;
  return (more) => {
    bytes += more;
    reading.onProgress({ source, stage: 'verifying', bytes });
  };
}

/**
 * Blobs of a manifest about another one; undefined when the source does not hold all of them, or when it is none that
 * names them, such as an index.
 */
export async function readBlobsAbout(
  tree: Tree,
  document: Document,
  label: string,
  reading: Reading,
): Promise<readonly Blob[] | undefined> {
  const blobs: Blob[] = [];
  for (const value of [document.json.config, ...items(document.json.layers)]) {
    const descriptor = readableDescriptor(value);
    if (descriptor === undefined) return undefined;
    const content = await findBlob(tree, descriptor);
    if (content === undefined || content.size !== descriptor.size) return undefined;
    const what = `${label}: the blob ${descriptor.digest}`;
    const measured = await measureDigest(content, verifying(what, reading));
    expectDigest(`${label}: the blob`, descriptor.digest, measured);
    blobs.push(reading.blob(descriptor.digest, content));
  }
  return blobs;
}

/** A descriptor; undefined for what is none that nodes could pull by. */
function readableDescriptor(value: unknown): FullDescriptor | undefined {
  try {
    return readDescriptor(value, '');
  } catch {
    return undefined;
  }
}
