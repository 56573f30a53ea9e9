import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { ActionError } from '../lib/errors.js';

/** An input as action.yml has it, which is an option of the command line. */
export interface ActionInput {
  readonly description: string;
  readonly default?: string;
}

/** The inputs by name. */
export type ActionInputs = Readonly<Record<string, ActionInput>>;

/** The input that the command's name stands for. */
export const COMMAND_INPUT = 'command';

/**
 * The inputs of action.yml, so that nothing is said twice. It is looked for upwards from the script, where the bundle and
 * the emitted sources find the same one. Throws an ActionError where there is none.
 *
 * @param script the real path of the one that runs
 */
export function readActionInputs(script: string): ActionInputs {
  for (let folder = dirname(script); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'action.yml');
    if (existsSync(path)) return parse(readFileSync(path, 'utf8')).inputs;
  }
  throw new ActionError(
    'The file action.yml, which says what the options are, is missing beside the dist folder; take jackal-inject whole.',
  );
}

/** Whether an input is `true` or `false`, so that its option alone means `true`. */
export function isFlag({ default: preset }: ActionInput): boolean {
  return preset === 'true' || preset === 'false';
}
