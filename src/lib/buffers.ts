/**
 * Buffers that are used again and again. V8 lets up to 64 MiB lie of those that nobody has any more, and the C
 * library keeps what they leave behind (measured with 500 MB in ConfigMaps: 50 MB).
 */
export class Buffers {
  readonly #free: ArrayBufferLike[] = [];

  /** @param bytes how long each is, if no longer one is asked for */
  constructor(private readonly bytes: number) {}

  /** A buffer, or the first bytes of one; what it holds is left from before. */
  take(length = this.bytes): Buffer {
    const free = this.#free.pop();
    const fits = free !== undefined && free.byteLength >= length;
    const memory = fits ? free : Buffer.allocUnsafeSlow(Math.max(this.bytes, length)).buffer;
    return Buffer.from(memory, 0, length);
  }

  /** Takes a buffer back, or the part of one that was filled. */
  giveBack({ buffer }: Buffer): void {
    this.#free.push(buffer);
  }
}

/**
 * Cuts a stream into blocks, the last one shorter; at least one, even if empty.
 *
 * @param take gives the buffer that is filled next, all of which is then the consumer's
 */
export async function* blocksOf(
  source: AsyncIterable<Buffer>,
  take: () => Buffer,
): AsyncGenerator<Buffer> {
  let block = take();
  let filled = 0;
  let yielded = false;
  for await (const piece of source) {
    let from = 0;
    while (from < piece.length) {
      const taken = piece.copy(block, filled, from);
      from += taken;
      filled += taken;
      if (filled < block.length) continue;
      yield block;
      yielded = true;
      block = take();
      filled = 0;
    }
  }
  if (filled > 0 || !yielded) yield block.subarray(0, filled);
}

/**
 * Frees the memory of a buffer that a library has made and nobody uses any more; V8 would do that later. What else lies in
 * the same memory is lost with it, so small buffers, which Node takes out of a common pool, stay.
 */
export function free({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) {
    buffer.transfer(0);
  }
}
