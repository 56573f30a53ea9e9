/**
 * How soon a blob is due. What is small and waited for comes first: it is sent in no time, and says what else a runtime needs.
 * What is large and waited for shares the way with its like. What nobody waits for has the way when nobody else does.
 */
export type Rank = (typeof RANKS)[number];

const RANKS = ['small', 'large', 'unasked'] as const;

/**
 * The blobs that are to be sent, and whose turn it is. Each is sent by one connection at a time, for the registry
 * takes it from one alone. A blob keeps its turn until it has got its share, so that, where all get on soon
 * enough, the first is whole soon and can be unpacked while the next one comes.
 */
export class Demands {
  /** In the order of their turns; those that are being sent are not among them. */
  private readonly waiting: Readonly<Record<Rank, string[]>> = {
    small: [],
    large: [],
    unasked: [],
  };
  /** Of all that are to be sent, also of those that are being sent. */
  private readonly ranks = new Map<string, Rank>();
  /** Also those that nobody wants any more. */
  private readonly sending = new Set<string>();

  /** How many are to be sent, also those that are being sent. */
  get size(): number {
    return this.ranks.size;
  }

  /** How many of them share the way: the large ones that somebody waits for. */
  get sharing(): number {
    return [...this.ranks.values()].filter((rank) => rank === 'large').length;
  }

  /** Whether there is a blob to be taken. */
  get isWaiting(): boolean {
    return this.next !== undefined;
  }

  /** A blob is to be sent; one that was known as due later is so no more. */
  add(digest: string, rank: Rank): void {
    const known = this.ranks.get(digest);
    if (known !== undefined && !isSooner(rank, known)) return;
    this.remove(digest);
    this.ranks.set(digest, rank);
    if (!this.sending.has(digest)) this.waiting[rank].push(digest);
  }

  /** Nobody wants it any more. */
  remove(digest: string): void {
    const rank = this.ranks.get(digest);
    if (rank === undefined) return;
    this.ranks.delete(digest);
    const at = this.waiting[rank].indexOf(digest);
    if (at >= 0) this.waiting[rank].splice(at, 1);
  }

  /** Whether it is to be sent. */
  isWanted(digest: string): boolean {
    return this.ranks.has(digest);
  }

  /** Whether it is being sent, be it that nobody wants it any more. */
  isTaken(digest: string): boolean {
    return this.sending.has(digest);
  }

  /** Whether one waits that is due sooner than this one. */
  isOutranked(digest: string): boolean {
    const rank = this.ranks.get(digest);
    return rank !== undefined && this.next !== undefined && isSooner(this.next, rank);
  }

  /** Takes the blob whose turn it is; undefined when there is none that is not being sent. */
  take(): string | undefined {
    const digest = this.next && this.waiting[this.next].shift();
    if (digest !== undefined) this.sending.add(digest);
    return digest;
  }

  /** Ends the turn of a blob that was taken; the next one is `first` or `last` among those of its rank that wait. */
  giveBack(digest: string, place: 'first' | 'last'): void {
    this.sending.delete(digest);
    const rank = this.ranks.get(digest);
    if (rank === undefined) return;
    // Where nobody waits, turns are of no use: what is begun is sent to its end.
    if (place === 'first' || rank === 'unasked') this.waiting[rank].unshift(digest);
    else this.waiting[rank].push(digest);
  }

  /** The rank of the blob whose turn it is. */
  private get next(): Rank | undefined {
    return RANKS.find((rank) => this.waiting[rank].length > 0);
  }
}

function isSooner(one: Rank, other: Rank): boolean {
  return RANKS.indexOf(one) < RANKS.indexOf(other);
}
