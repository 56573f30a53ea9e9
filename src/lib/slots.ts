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
