import { stripVTControlCharacters, styleText } from 'node:util';
import { SPINNER_MILLISECONDS } from '../lib/limits/runner.js';

/** What lines are written to: standard error, a terminal or not. */
export interface LineStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** How far something is. */
export interface Progress {
  /** What goes on. */
  readonly title: string;
  /** Bytes and speed in words. */
  readonly line?: string | undefined;
  /** From 0 to 1, where the end is known. */
  readonly share?: number | undefined;
  /** On how many nodes the images run, and on how many they are to. */
  readonly nodes?: { readonly proven: number; readonly all: number } | undefined;
}

/** Back to the line's start, and away with what is on it (ECMA-48: CR, EL). */
const CLEAR = '\r\u001b[K';
const SPINNER = ['|', '/', '-', '\\'] as const;
const BAR_CHARACTERS = 24;
/** Where a stream does not say how wide it is. */
const COLUMNS = 80;

/**
 * Lines for people. On a terminal the last one is redrawn and says how far things are; elsewhere there are plain lines
 * alone, without any escape sequence. Colours are left out where NO_COLOR asks for it.
 */
export class Terminal {
  private shown: Progress | undefined;
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;
  private since = 0;
  /** Whether the last line can be redrawn. */
  readonly redraws: boolean;
  private readonly colours: boolean;

  constructor(
    private readonly stream: LineStream,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.redraws = stream.isTTY === true && env.TERM !== 'dumb';
    this.colours = this.redraws && !env.NO_COLOR;
  }

  /** Writes one line, above the one that is redrawn. */
  line(text: string, style?: 'bold' | 'red' | 'yellow'): void {
    const styled =
      style !== undefined && this.colours
        ? styleText(style, text, { validateStream: false })
        : stripVTControlCharacters(text);
    this.stream.write(`${this.redraws && this.shown ? CLEAR : ''}${styled}\n`);
    this.draw();
  }

  /** Shows how far things are, until that is said anew or `undefined` ends it. */
  show(progress: Progress | undefined): void {
    if (!this.redraws) return;
    if (progress?.title !== this.shown?.title) this.since = performance.now();
    if (progress === undefined && this.shown !== undefined) this.stream.write(CLEAR);
    this.shown = progress;
    if (progress === undefined) {
      clearInterval(this.timer);
      this.timer = undefined;
    } else {
      // It ends with what it shows, and holds no process up.
      this.timer ??= setInterval(() => this.draw(), SPINNER_MILLISECONDS).unref();
    }
    this.draw();
  }

  private draw(): void {
    if (this.shown === undefined) return;
    const spinner = SPINNER[this.turn++ % SPINNER.length] as string;
    const seconds = Math.floor((performance.now() - this.since) / 1000);
    const line = `${spinner} ${progressBar(this.shown)} (${seconds} s)`;
    this.stream.write(`${CLEAR}${fitting(line, (this.stream.columns || COLUMNS) - 1)}`);
  }
}

/** A line that is too long without its middle: one that is broken in two could not be redrawn, and figures come last. */
function fitting(line: string, columns: number): string {
  if (line.length <= columns) return line;
  const half = Math.floor((columns - 1) / 2);
  return `${line.slice(0, columns - 1 - half)}…${line.slice(line.length - half)}`;
}

/** Such as `Upload: [######------] 50 % of 20.0 MB, 10.1 MB/s, 1 s left; 1 of 2 nodes`. */
export function progressBar({ title, line, share, nodes }: Progress): string {
  const filled = Math.round(BAR_CHARACTERS * Math.min(Math.max(share ?? 0, 0), 1));
  const bar = share === undefined ? '' : `[${'#'.repeat(filled).padEnd(BAR_CHARACTERS, '-')}] `;
  const detail = line === undefined ? '' : `: ${bar}${line}`;
  const of = nodes?.all ? ` of ${nodes.all}` : '';
  return `${title}${detail}${nodes ? `; ${nodes.proven}${of} nodes` : ''}`;
}
