import { members, text } from '../../lib/json.js';
import { isDigest, type Referrer } from '../image.js';
import type { Reading } from '../reading.js';
import { artifactTypeOf, type Document } from './documents.js';
import { isMediaType } from './media-types.js';

/**
 * The row of the referrers list for a manifest with a `subject` (distribution-spec, Listing
 * Referrers); none without one. What it says of itself reaches the catalog and headers, so a type that
 * is none leaves it out of the list, with a sentence for the log: an artifact that is not listed does
 * not make an image unusable. `label` names the image.
 */
export function referrerOf(document: Document, label: string, reading: Reading): Referrer[] {
  const subject = text(members(document.json.subject).digest);
  if (subject === undefined || !isDigest(subject)) return [];
  const artifactType = artifactTypeOf(document);
  if (!isMediaType(artifactType)) {
    reading.onNotice(
      `${label}: the artifact ${document.digest} about it is left out of the list of its referrers, since its type ${JSON.stringify(artifactType.slice(0, 80))} is no media type.`,
    );
    return [];
  }
  const annotations = textAnnotations(document.json.annotations);
  const descriptor = {
    mediaType: document.mediaType,
    digest: document.digest,
    size: document.bytes.length,
    artifactType,
    ...(annotations === undefined ? {} : { annotations }),
  };
  return [{ subject, artifactType, descriptor: plainJson(descriptor) }];
}

/** Annotations whose values are text, which all have to be (image-spec, annotations.md). */
function textAnnotations(value: unknown): Record<string, string> | undefined {
  const pairs = Object.entries(members(value)).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

/** One line of JSON without a control character: the injector refuses those that JSON allows, too. */
function plainJson(value: object): string {
  return JSON.stringify(value).replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
