/** What several write at once, told one after the other: the first who is not done is heard as he speaks. */
export class Turns {
  private readonly waiting: Buffer[][] = [];
  private readonly done = new Set<number>();
  private now = 0;

  constructor(private readonly write: (data: Buffer) => void) {}

  /** Returns who writes next in the order, with the word that he has no more to say. */
  speaker(): { readonly say: (data: Buffer) => void; readonly end: () => void } {
    const index = this.waiting.push([]) - 1;
    return {
      say: (data) => {
        if (index === this.now) this.write(data);
        else this.waiting[index]?.push(data);
      },
      end: () => {
        this.done.add(index);
        this.pass();
      },
    };
  }

  private pass(): void {
    while (this.done.has(this.now)) {
      this.now++;
      for (const data of this.waiting[this.now]?.splice(0) ?? []) this.write(data);
    }
  }
}
