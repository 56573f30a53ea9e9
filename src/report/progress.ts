import type { Progress as Reading } from '../images/reading.js';
import { PROGRESS_MILLISECONDS } from '../lib/limits/carriers.js';
import { inMegabytes } from './units.js';

/** Milliseconds of a clock that never goes back. */
type Clock = () => number;

const monotonic: Clock = () => performance.now();

/**
 * The lines of progress of a whole step, on a log without a terminal: one a second at most, however many things go on
 * at once, and then of each of them that has got on within that second.
 */
export class ProgressLines {
  private last = Number.NEGATIVE_INFINITY;
  private readonly latest = new Map<
    object,
    { readonly at: number; readonly words: () => string; readonly share: number | undefined }
  >();

  /**
   * @param print takes one line, and how far it is, from 0 to 1, where it tells of one thing whose end is known
   * @param clock for all that is told here
   */
  constructor(
    private readonly print: (line: string, share?: number) => void,
    readonly clock: Clock = monotonic,
  ) {}

  /** Tells how far something is, from 0 to 1 where its end is known. `words` is asked only when a line is due. */
  tell(what: object, words: () => string, share?: number): void {
    const now = this.clock();
    this.latest.set(what, { at: now, words, share });
    if (now - this.last < PROGRESS_MILLISECONDS) return;
    this.last = now;
    // What got on longer ago has come to its end, of which another line tells.
    const going = [...this.latest.values()].filter(({ at }) => now - at < PROGRESS_MILLISECONDS);
    this.latest.clear();
    const [first, ...others] = going;
    const line = going.map((one) => one.words()).join('; ');
    this.print(line, others.length === 0 ? first?.share : undefined);
  }
}

/**
 * Tells how far an upload is, from a second after its begin on: percent, megabytes a second and the time left. Called
 * with the bytes sent so far.
 *
 * @param total bytes of the whole upload
 */
export function uploadProgress(total: number, lines: ProgressLines): (bytes: number) => void {
  const { clock } = lines;
  const started = clock();
  const what = {};
  return (bytes) => {
    const elapsed = clock() - started;
    if (elapsed >= PROGRESS_MILLISECONDS && bytes < total) {
      lines.tell(what, () => progressLine(bytes, total, elapsed), bytes / total);
    }
  };
}

/**
 * Tells how much a stream has brought, whose end nobody knows, from a second after its begin on, such as `42.0 MB sent,
 * 51.2 MB/s`. Called with the bytes sent so far.
 */
export function streamProgress(lines: ProgressLines): (bytes: number) => void {
  const { clock } = lines;
  const started = clock();
  let last = { at: started, bytes: 0 };
  const what = {};
  return (bytes) => {
    const now = clock();
    if (now - started < PROGRESS_MILLISECONDS) return;
    lines.tell(what, () => {
      const speed = (bytes - last.bytes) / 1e3 / (now - last.at);
      last = { at: now, bytes };
      return `${inMegabytes(bytes)} sent, ${speed.toFixed(1)} MB/s`;
    });
  };
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

/**
 * Tells how far a read is, from a second after its begin on, such as `The archive dist/web.tar: 42.0 MB read`. Another
 * source begins a new read when nothing was read for a second, as when the images waited for the cluster.
 */
export function readingProgress(lines: ProgressLines): Reading {
  const { clock } = lines;
  let begun = clock();
  let lastStep = Number.NEGATIVE_INFINITY;
  let lastSource = '';
  const what = {};
  return ({ source, stage, bytes }) => {
    const now = clock();
    if (source !== lastSource && now - lastStep >= PROGRESS_MILLISECONDS) begun = now;
    lastStep = now;
    lastSource = source;
    if (now - begun < PROGRESS_MILLISECONDS) return;
    const words = `${source}: ${inMegabytes(bytes)} ${stage === 'reading' ? 'read' : 'verified'}`;
    lines.tell(what, () => words);
  };
}
