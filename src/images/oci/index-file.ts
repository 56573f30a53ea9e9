import { ActionError } from '../../lib/errors.js';
import { items, members, parseJson } from '../../lib/json.js';
import { DOCUMENT_MAX_BYTES, MANIFESTS_MAX } from '../../lib/limits/images.js';
import { lowerFirst } from '../../lib/sentences.js';
import { digestOf, readWhole } from '../bytes/content.js';
import { isDigest } from '../image.js';
import type { Tree } from '../source/archive.js';
import { type Document, type FullDescriptor, findBlob, readDescriptor } from './documents.js';
import { OCI_INDEX } from './media-types.js';

/** One digest that index.json lists, with all of the names that it has there. */
export interface Entry {
  readonly descriptor: FullDescriptor;
  readonly names: readonly string[];
}

/** The index.json of a layout. */
export interface IndexFile {
  readonly entries: readonly Entry[];
  /** The file itself as the index of an image, which it may be (image-spec, image-layout.md). */
  readonly document: Document;
  /** True when the file says its media type, as Docker's writers do and regctl's does not. */
  readonly typed: boolean;
}

/**
 * Reads the index.json of a layout: undefined when the tree has none. Throws ActionError when it
 * cannot be used.
 */
export async function readIndexFile(tree: Tree): Promise<IndexFile | undefined> {
  const content = await tree.find('index.json');
  if (content === undefined) return undefined;
  const what = `The index.json of ${lowerFirst(tree.label)}`;
  const bytes = await readWhole(content, DOCUMENT_MAX_BYTES, what);
  const json = members(parseJson(bytes, what));
  const listed = items(json.manifests);
  if (listed.length > MANIFESTS_MAX) {
    throw new ActionError(
      `${what} lists ${listed.length} manifests, more than ${MANIFESTS_MAX}; keep one image in a layout.`,
    );
  }
  const digest = digestOf(bytes);
  const descriptor = { mediaType: OCI_INDEX, digest, size: bytes.length };
  return {
    entries: mergeByDigest(listed.map((value) => readDescriptor(value, what))),
    document: { ...descriptor, bytes, kind: 'index', descriptor, json },
    typed: 'mediaType' in json,
  };
}

/** True when the tree holds a manifest that its index.json lists, where layouts have them. */
export async function holdsManifests(tree: Tree, { entries }: IndexFile): Promise<boolean> {
  for (const { descriptor } of entries) {
    if ((await findBlob(tree, descriptor)) !== undefined) return true;
  }
  return false;
}

function mergeByDigest(descriptors: readonly FullDescriptor[]): Entry[] {
  const entries = new Map<string, { descriptor: FullDescriptor; names: Set<string> }>();
  for (const descriptor of descriptors) {
    const entry = entries.get(descriptor.digest) ?? { descriptor, names: new Set<string>() };
    entries.set(descriptor.digest, entry);
    const name = nameOf(descriptor);
    if (name !== undefined) entry.names.add(name);
  }
  return [...entries.values()].map(({ descriptor, names }) => ({ descriptor, names: [...names] }));
}

/**
 * The full name where a tool wrote one, else what the image-spec has, which may be only a tag. A digest alone, as
 * containerd has one for the ID of each image of Kubernetes, is none.
 */
function nameOf({ annotations }: FullDescriptor): string | undefined {
  const name =
    annotations?.['io.containerd.image.name'] ?? annotations?.['org.opencontainers.image.ref.name'];
  return name === undefined || name === '' || isDigest(name) ? undefined : name;
}
