import type { Progress as Reading } from '../images/reading.js';
import { PROGRESS_MILLISECONDS } from '../lib/limits/carriers.js';
import { inMegabytes } from './stages.js';

/**
 * Tells how far an upload is, on a log without a terminal: a line when a second has passed since the
 * last one, with percent, megabytes a second and the time left. Called with the bytes sent so far.
 *
 * @param total bytes of the whole upload
 * @param print takes one line, and the share that is sent, from 0 to 1
 * @param clock milliseconds of a clock that never goes back
 */
export function uploadProgress(
  total: number,
  print: (line: string, share: number) => void,
  clock: () => number = () => performance.now(),
): (bytes: number) => void {
  const started = clock();
  let last = started;
  return (bytes) => {
    const now = clock();
    if (now - last >= PROGRESS_MILLISECONDS && bytes < total) {
      last = now;
      print(progressLine(bytes, total, now - started), bytes / total);
    }
  };
}

/**
 * Tells how much a stream has brought, whose end nobody knows: a line when a second has passed since the
 * last one, such as `42.0 MB sent, 51.2 MB/s`. Called with the bytes sent so far.
 *
 * @param print takes one line
 * @param clock milliseconds of a clock that never goes back
 */
export function streamProgress(
  print: (line: string) => void,
  clock: () => number = () => performance.now(),
): (bytes: number) => void {
  let last = { at: clock(), bytes: 0 };
  return (bytes) => {
    const now = clock();
    const elapsed = now - last.at;
    if (elapsed >= PROGRESS_MILLISECONDS) {
      const speed = (bytes - last.bytes) / 1e3 / elapsed;
      last = { at: now, bytes };
      print(`${inMegabytes(bytes)} sent, ${speed.toFixed(1)} MB/s`);
    }
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
 * Tells how far a read is: a line when a second has passed since the last one or since the read
 * began, such as `The archive dist/web.tar: 42.0 MB read`. Another source begins a new read when
 * nothing was read for a second, as when the images waited for the cluster.
 *
 * @param print takes one line
 * @param clock milliseconds of a clock that never goes back
 */
export function readingProgress(
  print: (line: string) => void,
  clock: () => number = () => performance.now(),
): Reading {
  let lastLine = clock();
  let lastStep = Number.NEGATIVE_INFINITY;
  let lastSource = '';
  return ({ source, stage, bytes }) => {
    const now = clock();
    if (source !== lastSource && now - lastStep >= PROGRESS_MILLISECONDS) {
      lastLine = now;
    }
    lastStep = now;
    lastSource = source;
    if (now - lastLine >= PROGRESS_MILLISECONDS) {
      lastLine = now;
      print(`${source}: ${inMegabytes(bytes)} ${stage === 'reading' ? 'read' : 'verified'}`);
    }
  };
}
