/** What a stream has done so far. */
export interface Sent {
  /** Bytes of blobs that went on their way, those that went again included. */
  readonly bytesSent: number;
  /** Bytes that went again, since a cut had lost them or hidden that they came. */
  readonly bytesResent: number;
  /** Milliseconds in which at least one connection was sending: what a speed is counted by. */
  readonly milliseconds: number;
}

/** Counts what a stream does. Times are milliseconds of a clock that never goes back. */
export class Totals {
  private bytesSent = 0;
  private bytesResent = 0;
  private busy = 0;
  private senders = 0;
  private since = 0;
  /** For each blob, the byte behind the last one that was ever sent. */
  private readonly reached = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** A connection begins to send. */
  begin(): void {
    if (this.senders++ === 0) this.since = this.now();
  }

  /** It has ended. */
  end(): void {
    if (--this.senders === 0) this.busy += this.now() - this.since;
  }

  /** Bytes of a blob, from an offset on, went on their way. */
  sent(digest: string, first: number, bytes: number): void {
    const reached = this.reached.get(digest) ?? 0;
    this.bytesSent += bytes;
    this.bytesResent += Math.max(0, Math.min(reached, first + bytes) - first);
    this.reached.set(digest, Math.max(reached, first + bytes));
  }

  /** The figures at this moment. */
  get sum(): Sent {
    const going = this.senders > 0 ? this.now() - this.since : 0;
    const { bytesSent, bytesResent } = this;
    return { bytesSent, bytesResent, milliseconds: Math.round(this.busy + going) };
  }
}
