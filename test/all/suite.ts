import { spawn } from 'node:child_process';
import { sentenceOf } from '../../src/lib/errors.js';
import type { Outcome } from './outcome.js';

/** One suite of tests: what runs, and how its tests ended by its own count. */
export interface Suite {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly directory: string;
  /** What the suite's output says of its tests. */
  readonly read: (output: string) => Outcome;
  /** Variables besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Set-up that the command does not do itself. */
  readonly prepare?: () => Promise<void>;
}

/** Runs a suite, what it writes given to `say`. One that ends badly without a count has one failure. */
export async function run(suite: Suite, say: (data: Buffer) => void): Promise<Outcome> {
  const tell = (line: string) => say(Buffer.from(`${line}\n`));
  tell(`\n=== ${suite.name}: ${suite.command.slice(-2).join(' ')}`);
  try {
    await suite.prepare?.();
  } catch (error) {
    tell(sentenceOf(error));
    return { passed: 0, failed: 1, skipped: 0, red: [`the set-up of ${suite.name}`] };
  }
  const [program, ...args] = suite.command;
  const child = spawn(program, args, {
    cwd: suite.directory,
    env: { ...process.env, ...suite.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const take = (data: Buffer) => {
    output += data;
    say(data);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const status = await new Promise((ended) => {
    child.on('close', ended);
    child.on('error', (error) => {
      tell(error.message);
      ended(1);
    });
  });
  const outcome = suite.read(output);
  return status !== 0 && outcome.failed === 0
    ? { ...outcome, failed: 1, red: [...outcome.red, `${suite.name}, which ended with ${status}`] }
    : outcome;
}
