import { CHUNK_BYTES, CHUNK_MIN_BYTES } from '../../lib/limits/carriers.js';

/** How large to cut chunks: pinned, or between a least size and that of a full chunk. In bytes. */
export class ChunkSize {
  private size: number;
  private least = CHUNK_MIN_BYTES;

  constructor(
    private readonly pinned?: number,
    least = 0,
  ) {
    this.least = Math.max(this.least, least);
    this.size = pinned ?? this.bounded(CHUNK_MIN_BYTES);
  }

  get bytes(): number {
    return this.size;
  }

  /** The most that it may come to be. */
  get largest(): number {
    return this.pinned ?? CHUNK_BYTES;
  }

  /** Raises the least size to that. */
  keepAbove(bytes: number): void {
    this.least = Math.max(this.least, bytes);
    this.become(this.size);
  }

  /** Goes as near to a size as the bounds allow, and returns by what factor it changed. */
  become(wanted: number): number {
    const before = this.size;
    this.size = this.pinned ?? this.bounded(wanted);
    return this.size / before;
  }

  private bounded(wanted: number): number {
    return Math.max(this.least, Math.min(Math.floor(wanted), CHUNK_BYTES));
  }
}
