import { spawn } from 'node:child_process';
import { sentenceOf } from '../../src/lib/errors.js';

/** One suite of tests: what runs, and how many passed and failed by its own count. */
export interface Suite {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly directory: string;
  /** Sums of the counts in the suite's output. */
  readonly count: (output: string) => Counts;
  /** Variables besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Set-up that the command does not do itself. */
  readonly prepare?: () => Promise<void>;
}

/** Tests by how they ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The sums of several counts, none of which is nothing. */
export function added(counts: readonly Counts[]): Counts {
  const sum = (kind: keyof Counts) => counts.reduce((total, one) => total + one[kind], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** Runs a suite, what it writes given to `say`. One that ends badly without a count has one failure. */
export async function run(suite: Suite, say: (data: Buffer) => void): Promise<Counts> {
  const tell = (line: string) => say(Buffer.from(`${line}\n`));
  tell(`\n=== ${suite.name}: ${suite.command.slice(-2).join(' ')}`);
  try {
    await suite.prepare?.();
  } catch (error) {
    tell(sentenceOf(error));
    return { passed: 0, failed: 1, skipped: 0 };
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
  const counts = suite.count(output);
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
