import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { ActionError } from '../../src/lib/errors.js';

export interface RunOptions {
  /** Text for standard input. */
  input?: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Return also when the exit status is not 0. */
  anyStatus?: boolean;
  signal?: AbortSignal | undefined;
}

export interface RunResult {
  status: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end and returns what it printed.
 * @throws ActionError with the last lines of the program's output when it fails.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const result = await collect(program, args, options);
  if (result.status !== 0 && !options.anyStatus) {
    options.signal?.throwIfAborted();
    const said = lastLines(result.stderr || result.stdout, 12);
    throw new ActionError(
      `${program} ${args.slice(0, 3).join(' ')} ended with status ${result.status}: ${said}`,
    );
  }
  return result;
}

function collect(
  program: string,
  args: readonly string[],
  { input, cwd, env = process.env, signal }: RunOptions,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that an interrupt at the terminal reaches us alone and we end the child.
    const child = spawn(program, args, { cwd, env, detached: true });
    const abort = () => endGroup(child.pid);
    signal?.addEventListener('abort', abort, { once: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => {}); // the program may end without reading its input
    child.stdin.end(input ?? '');
    child.on('error', (cause) =>
      reject(new ActionError(`${program} could not be started.`, { cause })),
    );
    child.on('close', (status) => {
      signal?.removeEventListener('abort', abort);
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
      resolve({ status: status ?? -1, stdout: text(stdout), stderr: text(stderr) });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}

/** Longest line of a log that is shown, characters. */
const LONGEST_LINE = 400;

/** The last lines of a text, without blank ones and not too long. */
export function lastLines(text: string, count: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const shorten = (line: string) =>
    line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
  return lines.slice(-count).map(shorten).join('\n');
}

/** The last lines of a file; empty when it does not exist. */
export async function lastLinesOf(path: string, count: number): Promise<string> {
  return lastLines(await readFile(path, 'utf8').catch(() => ''), count);
}
