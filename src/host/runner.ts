import * as core from '@actions/core';

/*
 * The runner that the step is on: its inputs, its log, its state and its files. Nothing else in the
 * action knows @actions/core.
 */

/** The value of an input, trimmed; empty when it is not given. */
export const inputOf = (name: string): string => core.getInput(name);

/** What the main step saved under a key; empty when it saved nothing. */
export const stateOf = (key: string): string => core.getState(key);

/** Saves a value for the post step. */
export const saveState = (key: string, value: string): void => core.saveState(key, value);

/** Sets an output of the step. */
export const setOutput = (name: string, value: string): void => core.setOutput(name, value);

/** Has the runner hide a secret wherever a log would show it. */
export const hide = (secret: string): void => core.setSecret(secret);

/** Runs `work` in a group of the log that readers can fold. */
export const group = <T>(title: string, work: () => Promise<T>): Promise<T> =>
  core.group(plainLine(title), work);

/** Prints one line. */
export const info = (line: string): void => core.info(plainLine(line));

/** Prints one line for those who debug. */
export const debug = (line: string): void => core.debug(line);

/** Prints a warning, which the runner shows beside the job, too. */
export const warning = (sentence: string): void => core.warning(plainLine(sentence));

/** Makes the step fail with a sentence. */
export const fail = (sentence: string): void => core.setFailed(plainLine(sentence));

/** Appends Markdown to the job summary; where the runner has none it does nothing. */
export async function appendSummary(markdown: string): Promise<void> {
  if (process.env.GITHUB_STEP_SUMMARY) {
    await core.summary.addRaw(markdown).write();
  }
}

/**
 * A text as one line that the runner takes for nothing but text, whoever wrote it: line breaks and other
 * control characters become spaces, and no command of the runner is left in it: `::` at the start, and
 * the older `##[` anywhere (actions/runner, ActionCommand.cs).
 */
export function plainLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/^\s*::/, (start) => `${start.slice(0, -1)}\u200b:`)
    .replaceAll('##[', '##\u200b[');
}
