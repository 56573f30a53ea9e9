import * as runner from '../host/runner.js';
import { counted } from '../lib/sentences.js';
import { ProgressLines } from './progress.js';
import { inSeconds } from './units.js';

/** One stage of the job as it went. */
export interface StageRecord {
  readonly title: string;
  /** Milliseconds. */
  readonly duration: number;
  /** Bytes that the stage moved or made, where that means something. */
  readonly bytes?: number;
  /** What came of it, in a few words: `done` where there is nothing to say, `not done` where it failed or was ended. */
  readonly outcome: string;
}

/** What a stage tells about itself besides its result. */
export interface StageNotes {
  bytes?: number;
  /** The outcome in a few words. */
  outcome?: string;
}

/** Keeps the time of each stage, and what is under way, for the error text and the summary. */
export class Stages {
  readonly records: StageRecord[] = [];
  /** The lines that tell how far something is, of all stages together. */
  readonly progress = new ProgressLines(runner.progress);
  private current = 'Starting';
  /** What is waited for, by who waits, those first who have waited longest. */
  private readonly waits = new Map<string, string>();
  /** Those of the stages that go on side by side. */
  private readonly parts = new Set<string>();

  /** What is going on, in words that follow "while" or "it was". */
  underWay(): string {
    const [first] = this.waits;
    const others = this.waits.size - 1;
    const more = others > 0 ? `; ${counted(others, 'other')} waiting` : '';
    const parts = this.parts.size > 0 ? ` (not done yet: ${[...this.parts].join(', ')})` : '';
    const detail = first === undefined ? parts : ` (${first[0]}: ${first[1]}${more})`;
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

  /**
   * Runs one stage in a log group of its own. What came of it and how long that took stands below the group, so that
   * a log whose groups are all folded tells the whole story.
   */
  async group<T>(title: string, stage: (notes: StageNotes) => Promise<T>): Promise<T> {
    this.current = title;
    this.waits.clear();
    return this.told(title, (work) => runner.group(title, work), stage);
  }

  /** Runs one of several stages that go on side by side, inside a group. */
  time<T>(title: string, stage: (notes: StageNotes) => Promise<T>): Promise<T> {
    this.parts.add(title);
    return this.told(title, (work) => work(), stage).finally(() => this.parts.delete(title));
  }

  private async told<T>(
    title: string,
    inside: (work: () => Promise<T>) => Promise<T>,
    stage: (notes: StageNotes) => Promise<T>,
  ): Promise<T> {
    const start = performance.now();
    const notes: StageNotes = {};
    let outcome = 'not done';
    try {
      const result = await inside(() => stage(notes));
      outcome = notes.outcome ?? 'done';
      return result;
    } finally {
      const duration = performance.now() - start;
      const { bytes } = notes;
      this.records.push({ title, duration, outcome, ...(bytes !== undefined && { bytes }) });
      runner.info(`${title}: ${outcome} (${inSeconds(duration)})`);
    }
  }
}
