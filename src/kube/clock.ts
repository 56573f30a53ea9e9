/** Less than this, answers differ by their whole seconds and by how long they were on their way. */
const SET_BACK_MILLISECONDS = 10_000;

/**
 * The clock of a server, told by the `Date` of its answers, for a runner's own clock may be minutes
 * off. `Date` has whole seconds, so this clock is up to a second behind, besides the way of the answer, and the furthest of
 * what was told is the nearest. It goes back only where the server's own was set back.
 */
export class ServerClock {
  /** What the server's clock showed when the monotonic one showed 0. */
  private origin: number | undefined;

  /**
   * @param monotonic milliseconds of a clock that never goes back
   * @param own milliseconds since 1970 by this machine, for as long as the server has told nothing
   */
  constructor(
    private readonly monotonic: () => number = () => performance.now(),
    private readonly own: () => number = () => Date.now(),
  ) {}

  /** Takes the value of a `Date` header that has just come; one that is no date tells nothing. */
  hear(date = ''): void {
    const told = Date.parse(date);
    if (Number.isNaN(told)) return;
    const origin = told - this.monotonic();
    const behind = (this.origin ?? origin) - origin;
    if (behind < 0 || behind > SET_BACK_MILLISECONDS || this.origin === undefined) {
      this.origin = origin;
    }
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.origin === undefined ? this.own() : this.origin + this.monotonic();
  }
}
