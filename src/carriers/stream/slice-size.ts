import {
  SLICE_CUT_SHARE,
  SLICE_MAX_BYTES,
  SLICE_MIN_BYTES,
  SLICE_SECONDS,
  SLICE_START_BYTES,
  SLICE_UNCUT_SHARE,
  TURN_ROUND_MAX_SECONDS,
  TURN_ROUND_SECONDS,
} from '../../lib/limits/stream.js';

/**
 * How much of a blob goes in one request, and how much before another blob has its turn. What is under way when
 * a connection is cut may be lost, and a slice is all that may be under way: on a way that is cut
 * again and again slices are a small share of what goes between two cuts.
 */
export class SliceSize {
  /** Bytes a second that one connection carries; 0 as long as nobody knows. */
  private rate = 0;
  /** Bytes that were taken since the last cut. */
  private uncut = 0;
  private cutBound = Number.POSITIVE_INFINITY;

  /** Bytes of the next slice while so many blobs share so many connections. */
  slice(blobs: number, connections: number): number {
    const known = Math.min(this.rate * SLICE_SECONDS, this.turn(blobs, connections));
    const wanted = this.rate === 0 ? SLICE_START_BYTES : known;
    return bounded(Math.min(wanted, this.safe, this.cutBound));
  }

  private get safe(): number {
    return Math.max(SLICE_START_BYTES, this.uncut * SLICE_UNCUT_SHARE);
  }

  /**
   * Bytes after which the next blob has its turn. All of them have one within some seconds, or, so that many of them do not
   * have the way carry answers in place of bytes, a whole slice each, as long as all still get on soon enough.
   */
  turn(blobs: number, connections: number): number {
    if (blobs <= connections) return Number.POSITIVE_INFINITY;
    const within = (seconds: number) => (seconds * connections) / blobs;
    const slice = Math.min(SLICE_SECONDS, within(TURN_ROUND_MAX_SECONDS));
    return Math.max(this.rate * Math.max(within(TURN_ROUND_SECONDS), slice), SLICE_MIN_BYTES);
  }

  /** Tells that a slice of so many bytes was taken in so many milliseconds. */
  took(bytes: number, milliseconds: number): void {
    // Less than the smallest slice, as the end of a blob is, tells how far the way is, not what it carries.
    if (bytes >= SLICE_MIN_BYTES) {
      const rate = (bytes / Math.max(milliseconds, 1)) * 1000;
      this.rate = this.rate === 0 ? rate : (this.rate + rate) / 2;
    }
    this.uncut += bytes;
    // Twice the bound for each so many bytes as it allows between two cuts.
    this.cutBound *= 1 + bytes / (this.cutBound / SLICE_CUT_SHARE);
  }

  /** Tells that a connection was cut that had carried so many bytes. */
  cut(bytes: number): void {
    this.uncut = 0;
    this.cutBound = Math.max(bytes * SLICE_CUT_SHARE, SLICE_MIN_BYTES);
  }
}

function bounded(bytes: number): number {
  return Math.round(Math.max(SLICE_MIN_BYTES, Math.min(bytes, SLICE_MAX_BYTES)));
}
