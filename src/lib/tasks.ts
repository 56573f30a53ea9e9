/** Works that go on beside each other; the failure of each is told as soon as it comes. */
export class Tasks {
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly onFailure: (error: unknown) => void) {}

  /** Does a work beside all others. */
  spawn(work: () => Promise<void>): void {
    const task: Promise<void> = work()
      .catch(this.onFailure)
      .finally(() => this.running.delete(task));
    this.running.add(task);
  }

  /** Fulfilled when nothing goes on any more. */
  async ended(): Promise<void> {
    while (this.running.size > 0) {
      await Promise.all(this.running);
    }
  }
}
