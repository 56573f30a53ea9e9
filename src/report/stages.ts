import * as runner from '../host/runner.js';
import { counted } from '../lib/sentences.js';

/** One stage of the job as it went. */
export interface StageRecord {
  readonly title: string;
  /** Milliseconds. */
  readonly duration: number;
  /** Bytes that the stage moved or made, where that means something. */
  readonly bytes?: number;
}

/** What a stage tells about itself besides its result. */
export interface StageNotes {
  bytes?: number;
  /** The outcome in a few words; the last line of the stage's group. */
  outcome?: string;
}

/** Keeps the time of each stage, and what is under way, for the error text and the summary. */
export class Stages {
  readonly records: StageRecord[] = [];
  private current = 'Starting';
  /** What is waited for, by who waits, those first who have waited longest. */
  private readonly waits = new Map<string, string>();

  /** What is going on, in words that follow "while" or "it was". */
  underWay(): string {
    const [first] = this.waits;
    const others = this.waits.size - 1;
    const more = others > 0 ? `; ${counted(others, 'other')} waiting` : '';
    const detail = first === undefined ? '' : ` (${first[0]}: ${first[1]}${more})`;
    return `in the stage "${this.current}"${detail}`;
  }

  /** Says what somebody in a stage, such as a node, waits for; told in the debug log when that changes. */
  waiting(who: string, words: string): void {
    if (words !== this.waits.get(who)) {
      this.waits.set(who, words);
      runner.debug(`${who}: ${words}`);
    }
  }

  /** Says that somebody waits no more. */
  ready(who: string): void {
    this.waits.delete(who);
  }

  /** Runs one stage in a log group of its own, whose last line is the outcome and the time. */
  async group<T>(title: string, stage: (notes: StageNotes) => Promise<T>): Promise<T> {
    this.current = title;
    this.waits.clear();
    return runner.group(title, () => this.time(title, stage));
  }

  /** Runs one of several stages that go on side by side, inside a group. */
  async time<T>(title: string, stage: (notes: StageNotes) => Promise<T>): Promise<T> {
    const start = performance.now();
    const notes: StageNotes = {};
    const result = await stage(notes);
    const duration = performance.now() - start;
    this.records.push({
      title,
      duration,
      ...(notes.bytes !== undefined && { bytes: notes.bytes }),
    });
    runner.info(`${title}: ${notes.outcome ?? 'done'} (${inSeconds(duration)})`);
    return result;
  }
}

/** Milliseconds as seconds, for people: `1.23 s`. */
export function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** Bytes in the decimal units that registries and disks use: `10.2 MB`. */
export function inMegabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
