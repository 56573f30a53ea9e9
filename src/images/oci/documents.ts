import { ActionError } from '../../lib/errors.js';
import { items, members, parseJson, text } from '../../lib/json.js';
import { DOCUMENT_MAX_BYTES, DOCUMENTS_MAX_BYTES } from '../../lib/limits/images.js';
import { type Content, digestOf, memoryContent, readStart, readWhole } from '../bytes/content.js';
import { LFS_POINTER_MAX_BYTES, refusePointer } from '../bytes/lfs-pointer.js';
import { expectDigest } from '../bytes/verify.js';
import { type Descriptor, isDigest, type Manifest } from '../image.js';
import type { Tree } from '../source/archive.js';
import {
  documentKind,
  isAboutLayer,
  isImageConfig,
  OCI_INDEX,
  OCI_MANIFEST,
} from './media-types.js';

/** A manifest or index that was read and verified. */
export interface Document extends Manifest {
  readonly kind: 'index' | 'manifest';
  readonly descriptor: Descriptor;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A descriptor with the members that only some have. */
export interface FullDescriptor extends Descriptor {
  /** The content itself, which BuildKit writes for empty configs. */
  readonly data?: string;
}

/** Reads a descriptor of a document. Throws ActionError; `what` names the document. */
export function readDescriptor(value: unknown, what: string): FullDescriptor {
  const from = members(value);
  const digest = text(from.digest) ?? '';
  const size = from.size;
  if (!isDigest(digest)) {
    throw new ActionError(
      `${what} names the digest "${digest}"; node runtimes pull by sha256 alone, so build the image anew.`,
    );
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new ActionError(`${what} names ${digest} without a usable size; make the source anew.`);
  }
  const platform = members(from.platform);
  const os = text(platform.os);
  const architecture = text(platform.architecture);
  const variant = text(platform.variant);
  const osVersion = text(platform['os.version']);
  const annotations = Object.entries(members(from.annotations)).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  const artifactType = text(from.artifactType);
  const data = text(from.data);
  return {
    mediaType: text(from.mediaType) ?? '',
    digest,
    size,
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    ...(os === undefined || architecture === undefined
      ? {}
      : {
          platform: {
            os,
            architecture,
            ...(variant === undefined ? {} : { variant }),
            ...(osVersion === undefined ? {} : { osVersion }),
          },
        }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(data === undefined ? {} : { data }),
  };
}

/** The content a descriptor points at; undefined when the layout does not hold it. */
export async function findBlob(
  tree: Tree,
  descriptor: FullDescriptor,
): Promise<Content | undefined> {
  const content = await tree.find(`blobs/sha256/${descriptor.digest.slice(7)}`);
  if (content !== undefined) return content;
  if (descriptor.data === undefined) return undefined;
  const inline = memoryContent(Buffer.from(descriptor.data, 'base64'));
  return inline.digest === descriptor.digest ? inline : undefined;
}

/** Throws ActionError when content has not the size that is written down for it. */
export async function expectSize(what: string, written: number, content: Content): Promise<void> {
  if (content.size === written) return;
  refusePointer(await readStart(content, LFS_POINTER_MAX_BYTES), what);
  throw new ActionError(
    `${what} is written down with ${written} bytes but has ${content.size}; the source is damaged, make it anew.`,
  );
}

/**
 * Reads and verifies the manifest or index behind a descriptor: undefined when the layout does not
 * hold it. Throws ActionError when size, digest or form are wrong, or the type is not one that nodes
 * pull. `label` names the image.
 */
export async function readDocument(
  tree: Tree,
  descriptor: FullDescriptor,
  label: string,
): Promise<Document | undefined> {
  const content = await findBlob(tree, descriptor);
  if (content === undefined) return undefined;
  const what = `${label}: the manifest ${descriptor.digest}`;
  const bytes = await readWhole(content, DOCUMENT_MAX_BYTES, what);
  await expectSize(what, descriptor.size, content);
  expectDigest(what, descriptor.digest, digestOf(bytes));
  return documentOf(bytes, descriptor, label);
}

/** Takes verified bytes for what they say they are. Throws ActionError for what nodes do not pull. */
function documentOf(bytes: Buffer, descriptor: FullDescriptor, label: string): Document {
  const what = `${label}: the manifest ${descriptor.digest}`;
  const json = members(parseJson(bytes, what));
  const mediaType = mediaTypeOf(descriptor, json);
  const kind = documentKind(mediaType);
  if (kind === 'schema1' || json.schemaVersion === 1) {
    throw new ActionError(
      `${label} is in the old format "schema 1", which node runtimes refuse; push or save it anew with a current tool.`,
    );
  }
  if (kind === 'unknown') {
    throw new ActionError(
      `${label} has the media type "${mediaType}", which is neither an image nor an index of images.`,
    );
  }
  if (kind === 'index' ? 'layers' in json || 'config' in json : 'manifests' in json) {
    throw new ActionError(
      `${what} is both an image and an index, so tools read it in different ways; build the image anew.`,
    );
  }
  return { digest: descriptor.digest, mediaType, bytes, kind, descriptor, json };
}

/** What the document says it is; else what its descriptor says; else what it looks like. */
function mediaTypeOf(descriptor: Descriptor, json: Readonly<Record<string, unknown>>): string {
  const written = text(json.mediaType) ?? descriptor.mediaType;
  if (written !== '') return written;
  return items(json.manifests).length > 0 ? OCI_INDEX : OCI_MANIFEST;
}

/** True for an index, and for a manifest of something that can be run. */
export function isImage(document: Document): boolean {
  if (document.kind === 'index') return true;
  return isImageConfig(configTypeOf(document)) && !isSignature(document);
}

/** True for a manifest whose layers are signatures, attestations or SBOMs. */
export function isSignature(document: Document): boolean {
  const layers = items(document.json.layers).map((value) => text(members(value).mediaType) ?? '');
  return layers.length > 0 && layers.every(isAboutLayer);
}

/** The type of an artifact, for sentences and for the referrers list. */
export function artifactTypeOf(document: Document): string {
  return text(document.json.artifactType) ?? configTypeOf(document);
}

/** What a manifest is that is no image, behind its label. */
export function whyNoImage(document: Document): string {
  const type = artifactTypeOf(document).replace(/\p{Cc}+/gu, ' ') || 'unknown';
  return `is an artifact of type ${type} and no image that a node can run`;
}

function configTypeOf(document: Document): string {
  return text(members(document.json.config).mediaType) ?? '';
}

/** For sources whose manifests together are larger than DOCUMENTS_MAX_BYTES. */
export function tooMuch(label: string): ActionError {
  return new ActionError(
    `${label} has manifests of more than ${DOCUMENTS_MAX_BYTES} bytes together; it is not an image.`,
  );
}
