/** Lets no more than some pieces of work go on at once; the others wait for their turn, in order. */
export class Slots {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(count: number) {
    this.free = count;
  }

  /** Does the work when a slot is free. Throws what the work throws. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.free > 0) {
      this.free--;
    } else {
      await new Promise<void>((turn) => this.waiting.push(turn));
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) {
        this.free++;
      } else {
        next();
      }
    }
  }
}

/** What all of them give, when none goes on any more: nothing does behind a failure. Throws the first one in their order. */
export async function settled<Works extends readonly unknown[]>(works: readonly [...Works]) {
  await Promise.allSettled(works);
  return await Promise.all(works);
}

/**
 * Does the work for each item, so many at once, and returns what it gives in the items' order. After a failure none is
 * begun any more and the signal of those under way is aborted. Throws that failure when none goes on any more, so that the
 * caller may close what they use.
 */
export async function eachOf<Item, Result>(
  items: Iterable<Item>,
  most: number,
  signal: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const stop = new AbortController();
  const either = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
  const left = [...items].entries();
  const results: Result[] = [];
  const worker = async () => {
    for (const [index, item] of left) {
      try {
        results[index] = await work(item, either);
      } catch (error) {
        stop.abort(error);
      }
      if (stop.signal.aborted) return;
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  stop.signal.throwIfAborted();
  return results;
}
