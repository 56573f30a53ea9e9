/** Work that several wait for: it is done once, and given up when nobody waits for it any more. */
export class SharedWork<T> {
  private readonly stop = new AbortController();
  private readonly done: Promise<T>;
  private waiting = 0;

  /** @param work begins at once; its signal is aborted when the last one who waited has gone */
  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.done = work(this.stop.signal);
    // Whoever waits is told of a failure; it may also come when all have gone.
    this.done.catch(() => undefined);
  }

  /** True when the work was given up, so that there is nothing to wait for. */
  get givenUp(): boolean {
    return this.stop.signal.aborted;
  }

  /** The work's outcome; throws the signal's reason as soon as that is aborted. */
  async wait(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    this.waiting++;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const leave = () => {
      this.waiting--;
      if (this.waiting === 0) {
        this.stop.abort(signal?.reason);
      }
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([this.done, aborted]);
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }
}
