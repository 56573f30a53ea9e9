import { News } from '../../lib/waiting.js';
import type { ParcelEntry } from '../../payload/parcel.js';

/** What is to be brought, each content once: what somebody waits for, and behind that what will be waited for. */
export class Orders {
  private readonly left: Map<string, ParcelEntry>;
  private readonly demanded: string[] = [];
  private readonly foreseen: string[] = [];
  /** Told with each order. */
  readonly news = new News();

  /**
   * @param all what may be brought at all
   * @param above what will be asked for when something is, by its digest
   */
  constructor(
    all: readonly ParcelEntry[],
    private readonly above: ReadonlyMap<string, readonly string[]> = new Map(),
  ) {
    this.left = new Map(all.map((entry) => [entry.digest, entry]));
  }

  /** Whether all there is has been taken, or has come from elsewhere. */
  get isEmpty(): boolean {
    return this.left.size === 0;
  }

  /** Somebody waits for this content. */
  demand(digest: string): void {
    this.demanded.push(digest);
    this.foreseen.push(...(this.above.get(digest) ?? []));
    this.news.tell();
  }

  /** Everything that has not come is to be brought, but for what may come from elsewhere. */
  demandAll(elsewhere: ReadonlySet<string> = new Set()): void {
    this.demanded.push(...[...this.left.keys()].filter((digest) => !elsewhere.has(digest)));
    this.news.tell();
  }

  /** This content has come from elsewhere, and is not to be brought any more. */
  hasCome(digest: string): void {
    this.left.delete(digest);
    this.news.tell();
  }

  /** Takes what is to be brought next; undefined when there is nothing for now. */
  take(): ParcelEntry | undefined {
    for (const queue of [this.demanded, this.foreseen]) {
      for (let digest = queue.shift(); digest !== undefined; digest = queue.shift()) {
        const entry = this.left.get(digest);
        if (entry !== undefined) {
          this.left.delete(digest);
          return entry;
        }
      }
    }
    return undefined;
  }
}
