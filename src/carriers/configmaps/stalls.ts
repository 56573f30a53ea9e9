import {
  CPU_PERIOD_MILLISECONDS,
  REST_EASE,
  REST_VAIN,
  REST_WEARY,
  STALL_FACTOR,
  STARVED_BYTES_PER_MILLISECOND,
} from '../../lib/limits/carriers.js';

/**
 * How long to rest between creates that are alone. A control plane that is held to a share of a CPU
 * stands still once it has used that up, and everybody's requests stand with ours. From a create that
 * waits for its turn alone that cannot be told from a slow network; but after a rest it is quick. So
 * where little gets through a rest is tried, as long as a create took without any: where it helps,
 * each create that stood still all the same doubles it up to that, and each quick one shortens it a
 * little. It costs at most half the speed, also where something else was the reason.
 */
export class Stalls {
  /** Milliseconds of a create while there was no rest. */
  private mean = Number.POSITIVE_INFINITY;
  private rest = 0;
  /** Creates in a row that a rest before them made no quicker than none. */
  private vain = 0;
  /** Creates until a rest that did not help is tried again. */
  private weary = 0;

  /** Milliseconds to wait before the next create. */
  get restMilliseconds(): number {
    return this.rest;
  }

  /**
   * Takes note of a create of so many bytes that was alone, after a rest or without any; returns whether
   * it stood still in spite of the rest.
   */
  saw(milliseconds: number, bytes: number, rested: boolean): boolean {
    if (!rested) {
      this.mean = this.meanAfter(milliseconds);
      this.weary = Math.max(0, this.weary - 1);
      this.rest = this.weary === 0 && isStarved(bytes / this.mean) ? this.longest() : 0;
      return false;
    }
    const stalled = milliseconds > this.longest() / STALL_FACTOR;
    this.vain = stalled ? this.vain + 1 : 0;
    this.rest = stalled ? Math.min(2 * this.rest, this.longest()) : this.rest * REST_EASE;
    if (this.vain === REST_VAIN) {
      this.vain = 0;
      this.rest = 0;
      this.weary = REST_WEARY;
    } else if (this.rest < this.longest() / 16) {
      this.rest = 0;
    }
    return stalled;
  }

  /** One create that met an outage says nothing about the others. */
  private meanAfter(milliseconds: number): number {
    return Number.isFinite(this.mean)
      ? (this.mean + Math.min(milliseconds, 2 * this.mean)) / 2
      : milliseconds;
  }

  private longest(): number {
    return Math.max(this.mean, CPU_PERIOD_MILLISECONDS);
  }

  /** Creates have `factor` times the bytes from now on. How much longer larger ones take is to be seen. */
  scale(factor: number): void {
    const shrunk = Math.min(1, factor);
    this.mean *= shrunk;
    this.rest *= shrunk;
  }
}

/** Whether so little gets through that the control plane may be short of CPU. */
export function isStarved(bytesPerMillisecond: number): boolean {
  return bytesPerMillisecond < STARVED_BYTES_PER_MILLISECOND;
}
