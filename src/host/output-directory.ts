import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { temporaryDirectory, warning } from './runner.js';
import { loadOutputDirectory, saveOutputDirectory } from './state.js';

/**
 * Makes the directory for files that outputs name: in RUNNER_TEMP, for the owner alone, and there until the post step.
 * Throws an ActionError where it cannot be made.
 */
export async function makeOutputDirectory(): Promise<string> {
  const parent = temporaryDirectory();
  try {
    await mkdir(parent, { recursive: true });
    const directory = await mkdtemp(join(parent, 'jackal-inject-'));
    saveOutputDirectory(directory);
    return directory;
  } catch (cause) {
    throw new ActionError(
      `The directory ${parent} for the files of outputs cannot be written; set RUNNER_TEMP to one that can.`,
      { cause },
    );
  }
}

/** Removes it in the post step: what lies in it names images of a registry that has gone. It never throws. */
export async function removeOutputDirectory(): Promise<void> {
  const directory = loadOutputDirectory();
  if (directory === undefined) return;
  try {
    await rm(directory, { recursive: true, force: true });
  } catch (error) {
    warning(
      `The files of outputs in ${directory} could not be removed (${sentenceOf(error)}); delete them when nobody needs them any more.`,
    );
  }
}
