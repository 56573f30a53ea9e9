/**
 * The blobs that are waited for, and whose turn it is. Each is sent by one connection at a time, for the registry
 * takes it from one alone. A blob keeps its turn until it has got its share, so that, where all get on soon
 * enough, the first is whole soon and can be unpacked while the next one comes.
 */
export class Demands {
  /** In the order of their turns; those that are being sent are not among them. */
  private readonly waiting: string[] = [];
  private readonly sending = new Set<string>();
  /** Those that are being sent though nobody waits for them any more. */
  private readonly gone = new Set<string>();

  /** How many are waited for, also those that are being sent. */
  get size(): number {
    return this.waiting.length + this.sending.size - this.gone.size;
  }

  /** Whether there is a blob to be taken. */
  get isWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** Somebody waits for this blob. */
  add(digest: string): void {
    this.gone.delete(digest);
    if (!this.sending.has(digest) && !this.waiting.includes(digest)) this.waiting.push(digest);
  }

  /** Nobody waits for it any more. */
  remove(digest: string): void {
    const at = this.waiting.indexOf(digest);
    if (at >= 0) this.waiting.splice(at, 1);
    if (this.sending.has(digest)) this.gone.add(digest);
  }

  /** Whether somebody waits for it. */
  isWanted(digest: string): boolean {
    return (this.sending.has(digest) && !this.gone.has(digest)) || this.waiting.includes(digest);
  }

  /** Whether it is being sent, be it that nobody waits for it any more. */
  isTaken(digest: string): boolean {
    return this.sending.has(digest);
  }

  /** Takes the blob whose turn it is; undefined when there is none that is not being sent. */
  take(): string | undefined {
    const digest = this.waiting.shift();
    if (digest !== undefined) this.sending.add(digest);
    return digest;
  }

  /** Ends the turn of a blob that was taken; the next one is `first` or `last` among those that wait. */
  giveBack(digest: string, place: 'first' | 'last'): void {
    this.sending.delete(digest);
    if (this.gone.delete(digest)) return;
    if (place === 'first') this.waiting.unshift(digest);
    else this.waiting.push(digest);
  }
}
