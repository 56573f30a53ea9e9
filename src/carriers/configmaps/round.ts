import type { Attempt } from '../../kube/client.js';

/** The answers to creates since the last decision about the pace. */
export class Round {
  private granted = 0;
  private bytes = 0;
  private milliseconds = 0;
  private troubled = 0;

  /** Answers so far. */
  get answers(): number {
    return this.granted + this.troubled;
  }

  /** Whether one was a refusal or a break. */
  get isTroubled(): boolean {
    return this.troubled > 0;
  }

  /** Milliseconds of a create, on average. */
  get createMilliseconds(): number {
    return this.milliseconds / this.granted;
  }

  /** Bytes of a create, on average. */
  get createBytes(): number {
    return this.bytes / this.granted;
  }

  trouble(): void {
    this.troubled++;
  }

  /** Adds a create of so many bytes that was granted within so many milliseconds. */
  grant(milliseconds: number, bytes: number): void {
    this.granted++;
    this.bytes += bytes;
    this.milliseconds += milliseconds;
  }
}

/** Whether an attempt at a create met a refusal or a break. */
export function isTrouble({ status }: Attempt): boolean {
  // 409 is a create that had succeeded before; other refusals end the upload anyway.
  return status === undefined || (status >= 300 && status !== 409);
}
