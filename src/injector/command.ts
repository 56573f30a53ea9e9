import { getExecOutput } from '@actions/exec';
import { debug } from '../host/runner.js';
import { ActionError } from '../lib/errors.js';
import { unlessAborted } from '../lib/waiting.js';
import { toolEnvironment } from './environment.js';

/** What a finished command left behind. */
export interface CommandResult {
  /** Null for a command that a signal ended. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of the toolchain that is not here or has failed. */
export class ToolFailure extends ActionError {
  override readonly name = 'ToolFailure';

  /** @param why the same in a few words, for the middle of another sentence */
  constructor(
    readonly why: string,
    sentence: string,
    options: ErrorOptions,
  ) {
    super(sentence, options);
  }
}

/** Where and how a command runs. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Added to what the toolchain may know of the step's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Ends the waiting; its reason is then what is thrown. A command that runs is left alone: it ends
   * by itself, or by the runner, which kills what a job has left (actions/runner, JobExtension.cs).
   */
  readonly signal: AbortSignal;
  /** The sentence for when the command cannot be started. */
  readonly missing: string;
}

/**
 * Runs a command of the toolchain to its end and returns what it printed, which goes to the debug log,
 * too, line by line. Throws a ToolFailure when it cannot be started.
 */
export async function runTool(
  tool: 'rustc' | 'cargo' | 'rustup',
  args: readonly string[],
  { cwd, env, signal, missing }: CommandOptions,
): Promise<CommandResult> {
  signal.throwIfAborted();
  debug(`$ ${[tool, ...args].join(' ')}`);
  const running = getExecOutput(tool, [...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...toolEnvironment(process.env), ...env },
    silent: true,
    ignoreReturnCode: true,
    listeners: { stdline: debug, errline: debug },
  });
  const started = running.catch((cause) => {
    throw new ToolFailure(`there is no ${tool}`, missing, { cause });
  });
  return unlessAborted(started, signal);
}

/** The result of a command that went well. Throws a ToolFailure with its last lines otherwise. */
export function succeeded(result: CommandResult, command: string): CommandResult {
  if (result.exitCode === 0) return result;
  const end =
    result.exitCode === null
      ? 'was killed, as by a machine that ran out of memory'
      : `ended with exit code ${result.exitCode}`;
  const reason = result.stderr.trim().split('\n').slice(-12).join('\n');
  throw new ToolFailure(
    `\`${command}\` ${end}`,
    `Building the injector failed: \`${command}\` ${end}; its last lines follow.`,
    { cause: new Error(reason) },
  );
}
