import { SENT_FIRST_MAX_BYTES, SOURCES_KEPT_MAX } from '../../lib/limits/stream.js';
import { News, unlessAborted } from '../../lib/waiting.js';
import type { ParcelEntry } from '../../payload/parcel.js';
import { Demands } from './demands.js';
import { BlobSource } from './source.js';

/** A blob that is to be sent. */
export interface Wanted {
  readonly blob: ParcelEntry;
  readonly source: BlobSource;
  /** Bytes that the registry has; undefined when only it knows. */
  offset: number | undefined;
  /** Bytes that it had when it last said so; undefined before. */
  had: number | undefined;
  /** Times that all of it was sent and found wrong. */
  wrongs: number;
}

/** The blobs that are to be sent, with what is known of them and the streams that they are read from. */
export class Backlog {
  private readonly demands = new Demands();
  private readonly wanted = new Map<string, Wanted>();
  private readonly news = new News();

  /** @param signal ends what waits for a blob, or for its bytes */
  constructor(private readonly signal: AbortSignal) {}

  /** How many are to be sent. */
  get size(): number {
    return this.demands.size;
  }

  /** How many of them share the way by turns. */
  get sharing(): number {
    return this.demands.sharing;
  }

  /**
   * This blob is to be sent, of which the registry has so many bytes; only it knows when undefined. With `unasked` nobody
   * waits for it.
   */
  add(blob: ParcelEntry, offset: number | undefined, unasked?: 'unasked'): void {
    const known = this.wanted.get(blob.digest);
    if (known === undefined) {
      const source = new BlobSource(blob, this.signal);
      this.wanted.set(blob.digest, { blob, source, offset, had: offset, wrongs: 0 });
    } else if (known.offset === blob.size) {
      // Who had all of it and asks anew may have begun with an empty store.
      known.offset = undefined;
    }
    this.demands.add(
      blob.digest,
      unasked ?? (blob.size > SENT_FIRST_MAX_BYTES ? 'large' : 'small'),
    );
    this.news.tell();
  }

  /**
   * Nothing more of it is to be sent for now; what is known of it stays. Who is sending it may be reading from its source,
   * which is let go with its turn then.
   */
  settle({ blob, source }: Wanted): void {
    this.demands.remove(blob.digest);
    if (!this.demands.isTaken(blob.digest)) source.close();
    if (this.size === 0) this.news.tell();
  }

  /** Fulfilled when nothing is to be sent any more. */
  async untilEmpty(): Promise<void> {
    while (this.size > 0) await this.news.comes;
  }

  /** It is there for good. */
  forget(digest: string): void {
    const known = this.wanted.get(digest);
    if (known === undefined) return;
    this.settle(known);
    this.wanted.delete(digest);
  }

  /** What was known of the registry's bytes of it is not true any more. */
  doubt(digest: string): void {
    const known = this.wanted.get(digest);
    if (known !== undefined) known.offset = undefined;
  }

  /** Fulfilled when there is a blob to be taken. Throws the signal's reason, also when there is one. */
  async untilWaiting(): Promise<void> {
    while (!this.demands.isWaiting) await unlessAborted(this.news.comes, this.signal);
    this.signal.throwIfAborted();
  }

  /** Takes the blob whose turn it is; undefined when there is none that is not being sent. */
  take(): Wanted | undefined {
    const digest = this.demands.take();
    return digest === undefined ? undefined : this.wanted.get(digest);
  }

  /** Ends the turn of a blob that was taken. Its source is kept open for the next one, unless many are. */
  giveBack(wanted: Wanted, place: 'first' | 'last'): void {
    const { digest } = wanted.blob;
    this.demands.giveBack(digest, place);
    const isStillThis = this.wanted.get(digest) === wanted;
    if (!isStillThis || !this.isWanted(wanted) || this.kept > SOURCES_KEPT_MAX)
      wanted.source.close();
    this.news.tell();
  }

  /** Whether a blob that was taken is still to be sent. */
  isWanted({ blob }: Wanted): boolean {
    return this.demands.isWanted(blob.digest);
  }

  /** Whether a blob waits that is due sooner than this one, which was taken. */
  isOutranked({ blob }: Wanted): boolean {
    return this.demands.isOutranked(blob.digest);
  }

  /** Lets all streams go. */
  close(): void {
    for (const { source } of this.wanted.values()) source.close();
  }

  /** Sources that are open though nobody reads from them. */
  private get kept(): number {
    const isKept = ({ blob, source }: Wanted) =>
      source.isOpen && !this.demands.isTaken(blob.digest);
    return [...this.wanted.values()].filter(isKept).length;
  }
}
