import { createCipheriv } from 'node:crypto';

/** How long a stretch of one kind is. */
const STRETCH_BYTES = 64 * 1024;
const WORDS = 4096;
const LONGEST_WORD = 12;

/**
 * Makes one file after the other, of as many bytes as are asked for and always the same for a seed
 * (its first 16 characters count): three stretches of text, whose words are some frequent and most
 * rare, then one that cannot be compressed. As a whole it shrinks to about half, as the layers of
 * common images do.
 */
export function contentOf(seed: string): (bytes: number) => Buffer {
  const stream = createCipheriv('aes-128-ctr', seed.padEnd(16).slice(0, 16), Buffer.alloc(16));
  const random = (length: number) => stream.update(Buffer.alloc(length));
  const letters = random(WORDS * LONGEST_WORD).map((byte) => 97 + (byte % 26));
  return (bytes) => {
    const file = random(bytes);
    for (let at = 0; at < bytes; at += STRETCH_BYTES) {
      if ((at / STRETCH_BYTES) % 4 < 3) writeWords(file.subarray(at, at + STRETCH_BYTES), letters);
    }
    return file;
  };
}

/** Replaces random bytes by words that they choose; the product of two bytes is small more often. */
function writeWords(bytes: Buffer, letters: Uint8Array): void {
  const choices = Buffer.from(bytes);
  for (let at = 0, choice = 0; at < bytes.length; choice += 2) {
    const word = ((choices[choice] as number) * (choices[choice + 1] as number)) >> 4;
    const length = Math.min(2 + (word % (LONGEST_WORD - 1)), bytes.length - at);
    for (let letter = 0; letter < length; letter++)
      bytes[at + letter] = letters[word * LONGEST_WORD + letter] as number;
    if (at + length < bytes.length) bytes[at + length] = 32;
    at += length + 1;
  }
}
