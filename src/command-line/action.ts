import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ActionError } from '../lib/errors.js';
import { foundUpwards } from '../lib/files/paths.js';

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
 * The inputs of action.yml, which lies beside the script's folder, so that nothing is said twice. Throws an ActionError
 * where there is none.
 *
 * @param script the real path of the one that runs
 */
export function readActionInputs(script: string): ActionInputs {
  const path = foundUpwards(script, 'action.yml');
  if (path !== undefined) return parse(readFileSync(path, 'utf8')).inputs;
  throw new ActionError(
    'The file action.yml, which says what the options are, is missing beside the dist folder; take jackal-inject whole.',
  );
}

/** Whether an input is `true` or `false`, so that its option alone means `true`. */
export function isFlag({ default: preset }: ActionInput): boolean {
  return preset === 'true' || preset === 'false';
}
