import * as core from '@actions/core';
import { ActionError } from './errors.js';

/** What a finished command left behind. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with what environment a command runs. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a command to its end and returns what it printed; its lines go to the debug log.
 * Throws an ActionError when the command cannot be started.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { getExecOutput } = await import('@actions/exec');
  core.debug(`$ ${[command, ...args].join(' ')}`);
  try {
    return await getExecOutput(command, [...args], {
      ...options,
      ignoreReturnCode: true,
      silent: true,
      listeners: { debug: core.debug },
    });
  } catch (cause) {
    throw new ActionError(`The command \`${command}\` could not be started.`, { cause });
  }
}
