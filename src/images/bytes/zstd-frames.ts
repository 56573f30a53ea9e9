/** Whether bytes begin a zstd frame with content (RFC 8878, 3.1.1). */
export function isContentFrame(start: Buffer): boolean {
  return start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528;
}

/** Whether bytes begin a skippable frame, which has no content (RFC 8878, 3.1.2). */
export function isSkippableFrame(start: Buffer): boolean {
  return start.length >= 4 && (start.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50;
}

/** Bytes of the longest header of a frame: magic, descriptor, dictionary and content size. */
export const FRAME_HEADER_MAX_BYTES = 18;

/**
 * Bytes that a decoder has to keep of what a frame unfolds to, from the frame's first
 * FRAME_HEADER_MAX_BYTES (RFC 8878, 3.1.1.1); 0 for skippable frames and for what is too short.
 */
export function windowBytesOf(start: Buffer): number {
  if (start.length < 6 || !isContentFrame(start)) return 0;
  const descriptor = start.readUInt8(4);
  if ((descriptor & 0x20) === 0) {
    const window = start.readUInt8(5);
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  // A frame in a single segment is kept whole, and says how large it is.
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] as number);
  const length = [1, 2, 4, 8][descriptor >> 6] as number;
  if (start.length < at + length) return 0;
  if (length === 8) return Number(start.readBigUInt64LE(at));
  return start.readUIntLE(at, length) + (length === 2 ? 256 : 0);
}

type State = 'magic' | 'skip-size' | 'descriptor' | 'header' | 'block';

/**
 * Finds the ends of zstd frames (RFC 8878, 3.1) by walking block headers. Node's zstd decoder stops
 * after the first frame without a word (24.21), so a stream of several frames has to be cut for it.
 */
export class FrameScanner {
  #state: State = 'magic';
  #gathered = Buffer.alloc(18);
  #have = 0;
  #want = 4;
  #passing = 0;
  #checksum = false;
  #last = false;

  /**
   * Goes on with `bytes`. Returns the offset just behind the frame when it ends in these bytes, else -1. Throws when the
   * bytes are no frame.
   */
  scan(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#passing > 0) {
        const passed = Math.min(this.#passing, bytes.length - at);
        this.#passing -= passed;
        at += passed;
      } else {
        const taken = bytes.copy(this.#gathered, this.#have, at, at + this.#want - this.#have);
        this.#have += taken;
        at += taken;
        if (this.#have < this.#want) return -1;
        this.#have = 0;
        this.#step();
      }
      if (this.#passing === 0 && this.#last) {
        this.#last = false;
        this.#expect('magic', 4);
        return at;
      }
    }
    return -1;
  }

  #expect(state: State, want: number): void {
    this.#state = state;
    this.#want = want;
  }

  /** Acts on the gathered field. */
  #step(): void {
    const field = this.#gathered;
    if (this.#state === 'magic') {
      const skippable = isSkippableFrame(field);
      if (!skippable && !isContentFrame(field)) throw new Error('not a zstd frame');
      if (skippable) this.#expect('skip-size', 4);
      else this.#expect('descriptor', 1);
    } else if (this.#state === 'skip-size') {
      this.#passing = field.readUInt32LE(0);
      this.#last = true;
    } else if (this.#state === 'descriptor') {
      const descriptor = field.readUInt8(0);
      const single = (descriptor & 0x20) !== 0;
      this.#checksum = (descriptor & 0x04) !== 0;
      const contentSize = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
      const dictionary = [0, 1, 2, 4][descriptor & 3] as number;
      const rest = (single ? 0 : 1) + dictionary + contentSize;
      if (rest === 0) this.#expect('block', 3);
      else this.#expect('header', rest);
    } else if (this.#state === 'header') {
      this.#expect('block', 3);
    } else {
      const header = field.readUIntLE(0, 3);
      const kind = (header >> 1) & 3;
      if (kind === 3) throw new Error('reserved zstd block');
      this.#last = (header & 1) === 1;
      this.#passing = kind === 1 ? 1 : header >> 3;
      if (this.#last && this.#checksum) this.#passing += 4;
    }
  }
}
