import { ActionError } from '../../lib/errors.js';
import { items, members, parseJson, text } from '../../lib/json.js';
import { DOCUMENT_MAX_BYTES, DOCUMENTS_MAX_BYTES, MANIFESTS_MAX } from '../../lib/limits/images.js';
import { lowerFirst } from '../../lib/sentences.js';
import { readWhole } from '../bytes/content.js';
import type { FoundImage } from '../reading.js';
import type { Tree } from '../source/archive.js';
import {
  type Document,
  type FullDescriptor,
  isImage,
  readDescriptor,
  readDocument,
  tooMuch,
} from './documents.js';
import { isAttestation, subjectOf } from './graph.js';
import { resolveImage } from './layout-image.js';
import { documentKind } from './media-types.js';

/** cosign keeps signatures under tags of this form: they are about an image and none themselves. */
const SIGNATURE_TAG = /^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/;

/**
 * Reads the images of an OCI layout: undefined when the tree has no index.json. What is about other
 * manifests (attestations, signatures, artifacts with a subject) and what is listed below another
 * entry is no image of its own. Throws ActionError for an index.json that cannot be used.
 */
export async function readLayout(tree: Tree): Promise<readonly FoundImage[] | undefined> {
  const content = await tree.find('index.json');
  if (content === undefined) return undefined;
  const what = `The index.json of ${lowerFirst(tree.label)}`;
  const json = members(parseJson(await readWhole(content, DOCUMENT_MAX_BYTES, what), what));
  const listed = items(json.manifests);
  if (listed.length > MANIFESTS_MAX) {
    throw new ActionError(
      `${what} lists ${listed.length} manifests, more than ${MANIFESTS_MAX}; keep one image in a layout.`,
    );
  }
  const entries = mergeByDigest(
    listed.map((value) => readDescriptor(value, what)),
    tree.label,
  );
  const referrers: Document[] = [];
  const images: { entry: Entry; label: string }[] = [];
  const below = new Set<string>();
  let bytes = 0;
  for (const entry of entries) {
    const label = `The image ${entry.names[0] ?? entry.descriptor.digest} of ${lowerFirst(tree.label)}`;
    const named = entry.names.length > 0;
    const document = named
      ? await peek(tree, entry.descriptor, label)
      : await readKnown(tree, entry.descriptor, label);
    for (const child of items(document?.json.manifests))
      below.add(text(members(child).digest) ?? '');
    bytes += document?.bytes.length ?? 0;
    if (bytes > DOCUMENTS_MAX_BYTES) throw tooMuch(tree.label);
    if (document !== undefined && isAbout(document, entry)) referrers.push(document);
    else if (named || document === undefined || isImage(document)) images.push({ entry, label });
  }
  return images
    .filter(({ entry }) => entry.names.length > 0 || !below.has(entry.descriptor.digest))
    .map(({ entry, label }) => ({
      label,
      names: entry.names,
      digests: [entry.descriptor.digest],
      resolve: (reading) => resolveImage(tree, entry.descriptor, label, referrers, reading),
    }));
}

interface Entry {
  readonly descriptor: FullDescriptor;
  readonly names: readonly string[];
}

/** One entry a digest, with all of its names; two digests under one name are refused. */
function mergeByDigest(descriptors: readonly FullDescriptor[], label: string): Entry[] {
  const entries = new Map<string, { descriptor: FullDescriptor; names: Set<string> }>();
  const digests = new Map<string, string>();
  for (const descriptor of descriptors) {
    const entry = entries.get(descriptor.digest) ?? { descriptor, names: new Set<string>() };
    entries.set(descriptor.digest, entry);
    const name = nameOf(descriptor);
    if (name === undefined) continue;
    const other = digests.get(name);
    if (other !== undefined && other !== descriptor.digest) {
      throw new ActionError(
        `${label} has two different images under the name "${name}" (${other} and ${descriptor.digest}); remove one or save them by different names.`,
      );
    }
    digests.set(name, descriptor.digest);
    entry.names.add(name);
  }
  return [...entries.values()].map(({ descriptor, names }) => ({ descriptor, names: [...names] }));
}

/** The full name where a tool wrote one, else what the image-spec has, which may be only a tag. */
function nameOf(descriptor: FullDescriptor): string | undefined {
  const { annotations } = descriptor;
  const name =
    annotations?.['io.containerd.image.name'] ?? annotations?.['org.opencontainers.image.ref.name'];
  return name === '' ? undefined : name;
}

/** Named entries may be of a wrong type; that is told when they are asked for, not before. */
async function peek(
  tree: Tree,
  descriptor: FullDescriptor,
  label: string,
): Promise<Document | undefined> {
  const kind = documentKind(descriptor.mediaType);
  return kind === 'index' || kind === 'manifest'
    ? readDocument(tree, descriptor, label)
    : undefined;
}

async function readKnown(
  tree: Tree,
  descriptor: FullDescriptor,
  label: string,
): Promise<Document | undefined> {
  return documentKind(descriptor.mediaType) === 'unknown'
    ? undefined
    : readDocument(tree, descriptor, label);
}

function isAbout(document: Document, entry: Entry): boolean {
  if (entry.names.some((name) => SIGNATURE_TAG.test(name.slice(name.lastIndexOf(':') + 1))))
    return true;
  if (entry.names.length > 0) return false;
  return isAttestation(entry.descriptor) || subjectOf(document) !== undefined;
}
