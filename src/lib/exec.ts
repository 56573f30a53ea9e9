import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import * as core from '@actions/core';
import { ActionError } from './errors.js';

/** What a finished command left behind. */
export interface CommandResult {
  /** As shells give it: 128 and the signal's number for a command that a signal ended. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with what environment a command runs. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Kills the command and all that it started; its reason is then what is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a command to its end and returns what it printed, which goes to the debug log, too. Not by
 * @actions/exec, which gives no way to end what it has started: a cancelled job would leave cargo and
 * its compilers at work.
 * Throws an ActionError when the command cannot be started.
 */
export async function run(
  command: string,
  args: readonly string[],
  { signal, ...options }: CommandOptions = {},
): Promise<CommandResult> {
  signal?.throwIfAborted();
  core.debug(`$ ${[command, ...args].join(' ')}`);
  // In a process group of its own, so that the compilers that cargo starts end with it.
  const child = spawn(command, args, {
    ...options,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => killGroup(child);
  signal?.addEventListener('abort', kill);
  try {
    await started(child, command);
    // Closed when no process of the group has its output any more: nothing writes files after that.
    const [[code, killer], stdout, stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    core.debug(`${stdout}${stderr}`);
    signal?.throwIfAborted();
    return { exitCode: code ?? 128 + (killer ? constants.signals[killer] : 0), stdout, stderr };
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

async function started(child: ChildProcess, command: string): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new ActionError(`The command \`${command}\` could not be started.`, { cause });
  }
}

/** Ends a child and its descendants, without the time that they might take to end by themselves. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}
