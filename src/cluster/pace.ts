import {
  CHUNK_BYTES,
  CHUNK_MIN_BYTES,
  CHUNK_STEP_BYTES,
  SLOW_CREATE_MILLISECONDS,
  UPLOAD_CONCURRENCY_MAX,
  UPLOAD_CONCURRENCY_START,
  UPLOAD_QUEUE_HIGH,
  UPLOAD_QUEUE_LOW,
} from '../limits.js';
import type { Attempt } from './http.js';

/** What the user pins instead of leaving it to the measurements. */
export interface PacePins {
  /** Creates in flight at once. */
  readonly concurrency?: number;
  /** Bytes of a chunk. */
  readonly chunkBytes?: number;
}

/**
 * How many chunks to send at once and how large to cut them, as the control plane's answers tell.
 * It counts in rounds of as many answers as requests are in flight: a round in which little
 * waits adds one request, a round in which much waits takes one away, and a round with a refusal,
 * a break or slow answers halves (additive increase, multiplicative decrease). What waits is
 * known from the answer's time: the time beyond the quickest one is spent in a queue.
 */
export class Pace {
  private window: number;
  private size: number;
  private quickest = Number.POSITIVE_INFINITY;
  private answers = 0;
  private milliseconds = 0;
  private troubled = false;
  private starting = true;

  constructor(private readonly pins: PacePins = {}) {
    // One alone first: its time is what the others' waiting is measured by.
    this.window = pins.concurrency ?? 1;
    this.size = pins.chunkBytes ?? CHUNK_BYTES;
  }

  /** Creates that may be in flight now. */
  get concurrency(): number {
    return this.window;
  }

  /** Bytes to cut the next chunk to. */
  get chunkBytes(): number {
    return this.size;
  }

  /** Takes note of how an attempt at a create ended. */
  saw({ milliseconds, status }: Attempt): void {
    // 409 is a create that had succeeded before; other refusals end the upload anyway.
    const granted = status !== undefined && (status < 300 || status === 409);
    if (granted) {
      this.quickest = Math.min(this.quickest, milliseconds);
      this.milliseconds += milliseconds;
    } else {
      this.troubled = true;
    }
    this.answers++;
    if (this.answers >= this.window) {
      this.endRound();
    }
  }

  private endRound(): void {
    const mean = this.milliseconds / this.answers;
    if (this.troubled) {
      this.slowDown();
    } else if (mean > SLOW_CREATE_MILLISECONDS) {
      this.slowDown();
      // With one request in flight only smaller ones are quicker.
      if (this.window === 1) {
        this.resize(this.size / 2);
      }
    } else {
      this.follow(this.window * (1 - this.quickest / mean));
      this.resize(this.size + CHUNK_STEP_BYTES);
    }
    this.answers = 0;
    this.milliseconds = 0;
    this.troubled = false;
  }

  private slowDown(): void {
    this.starting = false;
    this.setWindow(Math.floor(this.window / 2));
  }

  private follow(waiting: number): void {
    if (waiting < UPLOAD_QUEUE_LOW) {
      this.starting &&= this.window < UPLOAD_CONCURRENCY_START;
      this.setWindow(this.starting ? this.window * 2 : this.window + 1);
    } else if (waiting > UPLOAD_QUEUE_HIGH) {
      this.setWindow(this.window - 1);
    }
  }

  private setWindow(wanted: number): void {
    if (this.pins.concurrency === undefined) {
      this.window = Math.max(1, Math.min(wanted, UPLOAD_CONCURRENCY_MAX));
    }
  }

  private resize(wanted: number): void {
    const size = Math.max(CHUNK_MIN_BYTES, Math.min(Math.floor(wanted), CHUNK_BYTES));
    if (this.pins.chunkBytes === undefined && size !== this.size) {
      this.quickest *= size / this.size;
      this.size = size;
    }
  }
}
