import { PROGRESS_MILLISECONDS } from '../lib/limits/carriers.js';

/**
 * Tells how far an upload is, on a log without a terminal: a line when a second has passed since
 * the last one, with percent, megabytes a second and the time left.
 */
export class Progress {
  private readonly started: number;
  private last: number;

  /**
   * @param total bytes of the whole upload
   * @param print takes one line
   * @param now milliseconds of a clock that never goes back
   */
  constructor(
    private readonly total: number,
    private readonly print: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.started = now();
    this.last = this.started;
  }

  /** Takes note that so many bytes have been sent in all. */
  reached(bytes: number): void {
    const now = this.now();
    if (now - this.last < PROGRESS_MILLISECONDS || bytes >= this.total) {
      return;
    }
    this.last = now;
    this.print(progressLine(bytes, this.total, now - this.started));
  }
}

/** Such as `42 % of 100.0 MB, 51.2 MB/s, 2 s left`; megabytes are 10^6 bytes, times milliseconds. */
export function progressLine(bytes: number, total: number, elapsed: number): string {
  const percent = Math.floor((100 * bytes) / Math.max(total, 1));
  const speed = bytes / 1e6 / (Math.max(elapsed, 1) / 1000);
  const left = speed > 0 ? Math.ceil((total - bytes) / 1e6 / speed) : Number.POSITIVE_INFINITY;
  const rest = Number.isFinite(left) ? `, ${duration(left)} left` : '';
  return `${percent} % of ${(total / 1e6).toFixed(1)} MB, ${speed.toFixed(1)} MB/s${rest}`;
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
