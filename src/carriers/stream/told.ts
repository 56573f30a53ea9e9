import { isDigest } from '../../images/image.js';
import { TOLD_LINE_MAX_CHARACTERS } from '../../lib/limits/stream.js';

/** What the registry tells while it goes on: one line each. */
export type Told =
  /** Somebody waits for a content of which the registry has so many bytes. */
  | { readonly kind: 'wanted'; readonly digest: string; readonly offset: number }
  /** A content that was delivered is whole and right. */
  | { readonly kind: 'verified'; readonly digest: string; readonly size: number }
  /** What was delivered has another digest, and begins again at its first byte. */
  | { readonly kind: 'wrong'; readonly digest: string }
  /** A client, an address without a port, has got all of a content. */
  | {
      readonly kind: 'pulled';
      readonly digest: string;
      readonly size: number;
      readonly client: string;
    }
  /** Nothing is new. */
  | { readonly kind: 'alive' };

/** What a line tells; undefined for words that a newer registry may say. */
export function toldIn(line: string): Told | undefined {
  const [kind, digest = '', number = '', client = ''] = line.split(' ');
  if (kind === 'alive') return { kind };
  if (!isDigest(digest)) return undefined;
  if (kind === 'wrong') return { kind, digest };
  if (!/^\d{1,15}$/.test(number)) return undefined;
  const count = Number(number);
  if (kind === 'wanted') return { kind, digest, offset: count };
  if (kind === 'verified') return { kind, digest, size: count };
  if (kind === 'pulled' && client !== '') return { kind, digest, size: count, client };
  return undefined;
}

/** The lines of a text that comes in pieces. Throws when a line does not end. */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun = '';
  for await (const piece of pieces) {
    const [first = '', ...others] = piece.toString('latin1').split('\n');
    begun += first;
    for (const next of others) {
      yield begun;
      begun = next;
    }
    if (begun.length > TOLD_LINE_MAX_CHARACTERS) {
      throw new Error('the registry told a line that does not end');
    }
  }
}
