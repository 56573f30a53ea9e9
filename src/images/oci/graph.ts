import { ActionError } from '../../lib/errors.js';
import { items, members, text } from '../../lib/json.js';
import { DOCUMENTS_MAX_BYTES, INDEX_MAX_DEPTH, MANIFESTS_MAX } from '../../lib/limits/images.js';
import type { Descriptor, Platform } from '../image.js';
import { throwIncomplete } from '../incomplete.js';
import type { Tree } from '../source/archive.js';
import {
  type Document,
  type FullDescriptor,
  isImage,
  isSignature,
  readDescriptor,
  readDocument,
  tooMuch,
} from './documents.js';
import { documentKind } from './media-types.js';

/** What an image consists of, found by walking down from its top document; each digest once. */
export interface Graph {
  readonly top: Document;
  /** The top and every index below it that the source holds. */
  readonly indexes: readonly Document[];
  /** Image manifests that the source holds. */
  readonly manifests: readonly Document[];
  /** Manifests about others: attestations and artifacts with a subject. */
  readonly about: readonly Document[];
  /** Image manifests that are listed but that the source does not hold. */
  readonly absent: readonly Descriptor[];
  /** By digest the platforms for which indexes list a manifest, which may be several. */
  readonly platforms: ReadonlyMap<string, readonly Platform[]>;
}

/** What a walk has come by so far. */
interface Walk {
  readonly seen: Set<string>;
  readonly absent: Descriptor[];
  readonly platforms: Map<string, Platform[]>;
  /** Bytes of the documents that are held in memory. */
  bytes: number;
}

/** The digest that a manifest is about, by `subject` or as BuildKit before 0.32 wrote it. */
export function subjectOf(document: Document): string | undefined {
  const subject = text(members(document.json.subject).digest);
  return subject ?? document.descriptor.annotations?.['vnd.docker.reference.digest'];
}

/** True for a descriptor that is marked as that of an attestation by its annotations. */
export function isMarkedAttestation({ annotations }: Descriptor): boolean {
  return (
    annotations?.['vnd.docker.reference.type'] !== undefined ||
    annotations?.['io.containerd.manifest.subject'] !== undefined
  );
}

/** True for what an index lists as an attestation, in each of the ways in which tools mark one. */
export function isAttestation(descriptor: Descriptor): boolean {
  return isMarkedAttestation(descriptor) || descriptor.platform?.os === 'unknown';
}

/** Reads the top document of an image. Throws ActionError when the source does not hold it. */
export async function readTop(tree: Tree, root: FullDescriptor, label: string): Promise<Document> {
  const top = await readDocument(tree, root, label);
  return top ?? (await throwIncomplete(tree, label, `its manifest ${root.digest}`));
}

/**
 * Walks an image from its top document down to its manifests. Throws ActionError when documents lie
 * about size or digest, or when there are more levels or manifests than an image has
 * (lib/limits/images.ts). `label` names the image.
 */
export async function readGraph(tree: Tree, top: Document, label: string): Promise<Graph> {
  const indexes: Document[] = [];
  const manifests: Document[] = [];
  const about: Document[] = [];
  const absent: Descriptor[] = [];
  const platforms = new Map<string, Platform[]>();
  const walk: Walk = { seen: new Set([top.digest]), bytes: top.bytes.length, absent, platforms };
  let level: Document[] = [top];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > INDEX_MAX_DEPTH) {
      throw new ActionError(
        `${label} has indexes more than ${INDEX_MAX_DEPTH} levels deep; build it anew with one index.`,
      );
    }
    const below: Document[] = [];
    for (const document of level) {
      if (document.kind === 'index') indexes.push(document);
      else if (document !== top && isAboutOther(document)) about.push(document);
      else manifests.push(document);
      if (document.kind === 'index')
        below.push(...(await readChildren(tree, document, label, walk)));
    }
    level = below;
  }
  return { top, indexes, manifests, about, absent, platforms };
}

/** What can be run on a platform is an image, even when it has a subject. */
function isAboutOther(document: Document): boolean {
  if (isAttestation(document.descriptor) || isSignature(document)) return true;
  if (document.descriptor.platform !== undefined && isImage(document)) return false;
  return text(members(document.json.subject).digest) !== undefined;
}

/** The documents that an index lists and that were not seen before. */
async function readChildren(
  tree: Tree,
  index: Document,
  label: string,
  walk: Walk,
): Promise<Document[]> {
  const children: Document[] = [];
  for (const value of items(index.json.manifests)) {
    const descriptor = readDescriptor(value, `${label}: the index ${index.digest}`);
    const { digest, platform } = descriptor;
    if (platform !== undefined) {
      walk.platforms.set(digest, [...(walk.platforms.get(digest) ?? []), platform]);
    }
    if (walk.seen.has(digest)) continue;
    walk.seen.add(digest);
    if (walk.seen.size > MANIFESTS_MAX) {
      throw new ActionError(
        `${label} lists more than ${MANIFESTS_MAX} manifests; give one of its images by name.`,
      );
    }
    // The image-spec asks readers of an index to pass over types that they do not know.
    if (documentKind(descriptor.mediaType) === 'unknown') continue;
    const child = await readDocument(tree, descriptor, label);
    if (child !== undefined) children.push(child);
    else if (!isAttestation(descriptor)) walk.absent.push(descriptor);
    walk.bytes += child?.bytes.length ?? 0;
    if (walk.bytes > DOCUMENTS_MAX_BYTES) throw tooMuch(label);
  }
  return children;
}
