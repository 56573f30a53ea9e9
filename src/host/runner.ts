import { appendFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import * as toolkit from '@actions/core';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { MASK_MIN_CHARACTERS, SUMMARY_MAX_BYTES } from '../lib/limits/runner.js';
import { failureText, titleOf } from './annotation.js';
import { helpFor } from './troubleshooting.js';

/*
 * The runner that the step is on: its inputs, its log, its state and its files. Nothing else in the
 * action knows @actions/core. Where there is no runner, a shell takes its place (shell.ts).
 */

/** What stands above a warning or a failure that is shown beside the job. */
interface AnnotationTitle {
  readonly title: string;
}

/** What a runner does for a step, as @actions/core has it, and what a terminal shows besides. */
export interface Host {
  getInput(name: string): string;
  getState(name: string): string;
  saveState(name: string, value: string): void;
  setOutput(name: string, value: string): void;
  setSecret(secret: string): void;
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
  info(line: string): void;
  debug(line: string): void;
  warning(sentence: string, annotation: AnnotationTitle): void;
  error(text: string, annotation: AnnotationTitle): void;
  /** Shows how far something is, until the next line; `share` is from 0 to 1, where the end is known. */
  progress?(line: string, share?: number): void;
  /** Shows on how many of the nodes the images run. */
  nodes?(proven: number, all: number): void;
}

let core: Host = toolkit;

/** Has another host do from now on what a runner does. */
export function takePlaceOfRunner(host: Host): void {
  core = host;
}

/** The value of an input, trimmed; empty when it is not given. */
export const inputOf = (name: string): string => core.getInput(name);

/** What the main step saved under a key; empty when it saved nothing. */
export const stateOf = (key: string): string => core.getState(key);

/** Saves a value for the post step. Throws an ActionError when the runner's file takes none. */
export const saveState = (key: string, value: string): void =>
  handOver(`the state \`${key}\``, () => core.saveState(key, value));

/** Sets an output of the step. Throws an ActionError when the runner's file takes none. */
export const setOutput = (name: string, value: string): void =>
  handOver(`the output \`${name}\``, () => core.setOutput(name, value));

/** Where temporary files go: RUNNER_TEMP, which a runner empties after the job; outside of one the system's own. */
export const temporaryDirectory = (): string => process.env.RUNNER_TEMP || tmpdir();

/** Lines of a PEM that are in every other one, too. */
const PEM_FRAME = /^-----(?:BEGIN|END) /;

/**
 * Has the runner hide a secret wherever a log would show it. A runner hides each line of it by itself, so lines that
 * are in other texts, too, are left out: short ones, such as the end of a key in base64, and the frame of a PEM. What is
 * hidden is dropped from outputs as well.
 */
export function hide(secret: string): void {
  for (const line of secret.split(/[\r\n]+/)) {
    const isTelling = line.trim().length >= MASK_MIN_CHARACTERS && !PEM_FRAME.test(line);
    if (isTelling) core.setSecret(line);
  }
}

/** Runs `work` in a group of the log that readers can fold. */
export const group = <T>(title: string, work: () => Promise<T>): Promise<T> =>
  core.group(plainLine(title), work);

/** Prints one line. */
export const info = (line: string): void => core.info(plainLine(line));

/** Prints how far something is, from 0 to 1 where the end is known: one line of many in a log, one in all on a terminal. */
export const progress = (line: string, share?: number): void =>
  (core.progress ?? core.info)(plainLine(line), share);

/** Says on how many of the nodes the images run; of use where a terminal shows it beside the progress. */
export const nodesProven = (proven: number, all: number): void => core.nodes?.(proven, all);

/** Prints lines for those who debug. */
export function debug(text: string): void {
  for (const line of text.split(/\r\n?|\n/)) core.debug(plainLine(line));
}

/** Prints a warning, which the runner shows beside the job, too, under a title that says what kind of trouble it is. */
export function warning(sentence: string): void {
  const line = plainLine(sentence);
  core.warning(line, { title: titleOf(helpFor(line)) });
}

/** Makes the step fail with a sentence, and a link to what helps; a sentence that the runner would cut off follows whole. */
export function fail(sentence: string): void {
  const line = plainLine(sentence);
  const help = helpFor(line);
  const text = failureText(line, help);
  process.exitCode ||= 1;
  core.error(text, { title: titleOf(help) });
  if (!text.startsWith(line)) info(line);
}

/**
 * Appends Markdown to the job summary; where the runner has none it does nothing. A summary that
 * cannot be written, or that the runner would not take whole, is a warning.
 */
export async function appendSummary(markdown: string): Promise<void> {
  const path = process.env.GITHUB_STEP_SUMMARY;
  if (!path) return;
  try {
    const bytes = (await stat(path)).size + Buffer.byteLength(markdown);
    if (bytes > SUMMARY_MAX_BYTES) {
      throw new Error(`it would have ${bytes} bytes and a runner takes ${SUMMARY_MAX_BYTES}`);
    }
    await appendFile(path, markdown);
  } catch (error) {
    warning(`The job summary was not written (${sentenceOf(error)}); the log tells the same.`);
  }
}

/** Lets the step go on when nobody reads its log any more: without this a write would end it. */
export function outliveLog(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Waits until all that was printed has been taken: Node writes to pipes behind the step's back. */
export async function logTaken(): Promise<void> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(
    streams.map((stream) => new Promise<void>((taken) => stream.write('', () => taken()))),
  );
}

/**
 * A text as one line that a runner takes for nothing but text, whoever wrote it. Escape sequences go;
 * line breaks, other control characters and characters without a width become spaces; and a space
 * parts what would be a command: `::` at the start, behind white space or not, and the older `##[`
 * anywhere (actions/runner, ActionCommand.cs: TryParseV2 and TryParse). No character without a width
 * parts them: .NET's comparisons do not see it.
 */
export function plainLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/^\s*:(?=:)/, '$& ')
    .replaceAll('##[', '## [');
}

function handOver(what: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (cause instanceof ActionError) throw cause;
    throw new ActionError(
      `The runner did not take ${what} (${sentenceOf(cause)}); see that the disk of its work folder is writable and not full.`,
      { cause },
    );
  }
}
