import { createHash } from 'node:crypto';
import { ActionError, sentenceOf } from '../../lib/errors.js';
import { UNFOLDED_MAX_BYTES } from '../../lib/limits/images.js';
import type { Encoding } from './compression.js';
import { type Content, piecesOf } from './content.js';
import { unfolded } from './unfold.js';

/** What reading content to its end showed. */
export interface Measured {
  /** `sha256:…` of the bytes as they are. */
  readonly digest: string;
  /** `sha256:…` of the bytes unfolded. */
  readonly diffId: string;
}

/** Hashes content; bytes that were hashed on their way here are not read again. */
export async function measureDigest(
  content: Content,
  onBytes: (bytes: number) => void,
): Promise<string> {
  if (content.digest !== undefined) return content.digest;
  const hash = createHash('sha256');
  for await (const piece of piecesOf(content)) {
    hash.update(piece);
    onBytes(piece.length);
  }
  return `sha256:${hash.digest('hex')}`;
}

/**
 * Hashes a layer as it is and unfolded, in one pass. Throws ActionError when it cannot be unfolded or
 * unfolds to more than `limit` bytes (lib/limits/images.ts); `what` names the layer in the sentence.
 */
export async function measureLayer(
  content: Content,
  encoding: Encoding,
  what: string,
  onBytes: (bytes: number) => void,
  limit = UNFOLDED_MAX_BYTES,
): Promise<Measured> {
  const outer = createHash('sha256');
  const inner = createHash('sha256');
  async function* tapped(): AsyncGenerator<Buffer> {
    for await (const piece of piecesOf(content)) {
      outer.update(piece);
      onBytes(piece.length);
      yield piece;
    }
  }
  let size = 0;
  try {
    for await (const piece of unfolded(tapped(), encoding)) {
      size += piece.length;
      if (size > limit) throw new Error(`it unfolds to more than ${limit} bytes`);
      inner.update(piece);
    }
  } catch (cause) {
    throw new ActionError(
      `${what} cannot be unpacked (${sentenceOf(cause)}); build or save the image anew.`,
      { cause },
    );
  }
  return { digest: `sha256:${outer.digest('hex')}`, diffId: `sha256:${inner.digest('hex')}` };
}

/** Throws ActionError when a digest is not the one that is written down. */
export function expectDigest(what: string, written: string, found: string): void {
  if (written === found) return;
  throw new ActionError(
    `${what} is written down as ${written} but its bytes are ${found}; the source is damaged, make it anew.`,
  );
}
