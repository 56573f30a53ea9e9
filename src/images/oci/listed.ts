import { items, members, text } from '../../lib/json.js';
import { DOCUMENTS_MAX_BYTES, MANIFESTS_MAX } from '../../lib/limits/images.js';
import { imageLabel, type Tree } from '../source/archive.js';
import {
  type Document,
  isImage,
  isSignature,
  readDescriptor,
  readDocument,
  tooMuch,
  whyNoImage,
} from './documents.js';
import { isAttestation, isMarkedAttestation, subjectOf } from './graph.js';
import type { Entry } from './index-file.js';
import { documentKind } from './media-types.js';

/** An entry of index.json and what it turns out to be. */
export interface Listed {
  readonly entry: Entry;
  /** What it is called in sentences. */
  readonly label: string;
  /** Undefined when the source does not hold it, or when it is no manifest and no index. */
  readonly document: Document | undefined;
  /** True for what is about another manifest, which is no image of its own. */
  readonly about: boolean;
  /** Why it is no image, behind its label; undefined for images and for what is told when asked for. */
  readonly artifact?: string;
}

/** cosign keeps signatures under tags of this form: they are about an image and none themselves. */
const SIGNATURE_TAG = /^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/;

/** The annotation `kind` of cosign's save, and of hauler, which keeps SBOMs so too. */
const KIND_ABOUT = /\/(?:sigs|atts|sboms)$/;

/**
 * Looks at each entry of an index.json. Throws ActionError for manifests that lie about their bytes.
 */
export async function classify(tree: Tree, entries: readonly Entry[]): Promise<Listed[]> {
  const runnable = new Map<string, boolean>();
  const listed: Listed[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const { descriptor, names } = entry;
    const label = imageLabel(names[0] ?? descriptor.digest, tree);
    const document = await peek(tree, entry, label);
    bytes += document?.bytes.length ?? 0;
    if (bytes > DOCUMENTS_MAX_BYTES) throw tooMuch(tree.label);
    const about = isAbout(entry, document);
    const artifact = about
      ? undefined
      : await artifactReason(tree, { entry, label, document }, runnable);
    listed.push({ entry, label, document, about, ...(artifact === undefined ? {} : { artifact }) });
  }
  return listed;
}

/** Named entries may be of the old format; that is told when they are asked for, not before. */
async function peek(
  tree: Tree,
  { descriptor, names }: Entry,
  label: string,
): Promise<Document | undefined> {
  const kind = documentKind(descriptor.mediaType);
  const readable = kind === 'index' || kind === 'manifest';
  if (!readable && (kind === 'unknown' || names.length > 0)) return undefined;
  return readDocument(tree, descriptor, label);
}

function isAbout({ descriptor, names }: Entry, document: Document | undefined): boolean {
  if (KIND_ABOUT.test(descriptor.annotations?.kind ?? '')) return true;
  if (document === undefined) return false;
  if (names.some((name) => SIGNATURE_TAG.test(name.slice(name.lastIndexOf(':') + 1)))) return true;
  if (names.length > 0) return false;
  if (isMarkedAttestation(descriptor) || isSignature(document)) return true;
  if (descriptor.platform?.os === 'unknown' && !isImage(document)) return true;
  return subjectOf(document) !== undefined;
}

/** Why an entry is nothing that a node can run. */
async function artifactReason(
  tree: Tree,
  { entry, label, document }: Pick<Listed, 'entry' | 'label' | 'document'>,
  runnable: Map<string, boolean>,
): Promise<string | undefined> {
  const { mediaType } = entry.descriptor;
  if (document === undefined) {
    // Without a media type it is told when it is read.
    if (mediaType === '' || documentKind(mediaType) !== 'unknown') return undefined;
    return `has the media type ${JSON.stringify(mediaType)}, which is neither an image nor an index of images`;
  }
  if (document.kind === 'manifest') return isImage(document) ? undefined : whyNoImage(document);
  if (await listsImage(tree, document, label, runnable)) return undefined;
  return 'is an index of artifacts and no image that a node can run';
}

/**
 * True unless everything that an index lists is known to be no image. Each child is looked at once,
 * whatever indexes list it.
 */
async function listsImage(
  tree: Tree,
  index: Document,
  label: string,
  runnable: Map<string, boolean>,
): Promise<boolean> {
  const children = items(index.json.manifests).slice(0, MANIFESTS_MAX);
  if (children.length === 0) return true;
  for (const value of children) {
    const descriptor = readDescriptor(value, `${label}: the index ${index.digest}`);
    const kind = documentKind(descriptor.mediaType);
    if (kind === 'unknown' || isAttestation(descriptor)) continue;
    let image = runnable.get(descriptor.digest);
    if (image === undefined) {
      const child = await readDocument(tree, descriptor, label);
      image = child === undefined || isImage(child);
      runnable.set(descriptor.digest, image);
    }
    if (image) return true;
  }
  return false;
}

/** Digests that the indexes among these list: they are parts of an image, and none of their own. */
export function digestsBelow(listed: readonly Listed[]): ReadonlySet<string> {
  return new Set(
    listed.flatMap(({ document }) =>
      items(document?.json.manifests).map((child) => text(members(child).digest) ?? ''),
    ),
  );
}
