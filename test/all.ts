import { spawn } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { sentenceOf } from '../src/lib/errors.js';
import { canHost } from './cluster/cluster.js';
import { cargoTarget } from './helpers/cargo-target.js';
import { REPOSITORY } from './helpers/runner.js';
import { prepareInjectorTests } from './helpers/rust-targets.js';

/** One suite of tests: what runs, and how many passed and failed by its own count. */
interface Suite {
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

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

function jest(project: string, ...options: string[]): Suite {
  const runner = `${REPOSITORY}/node_modules/jest/bin/jest.js`;
  const args = [...JEST, runner, '--selectProjects', project, ...options];
  return {
    name: project,
    command: [process.execPath, ...args],
    directory: REPOSITORY,
    count: (output) => ({
      passed: sum(output, /^Tests: .*?(\d+) passed/gm),
      failed: sum(output, /^Tests: .*?(\d+) failed/gm),
      skipped: sum(output, /^Tests: .*?(\d+) skipped/gm),
    }),
  };
}

const SUITES: readonly Suite[] = [
  jest('unit'),
  {
    name: 'injector',
    command: ['cargo', 'test', '--locked', '--release', '--no-fail-fast'],
    directory: `${REPOSITORY}/injector`,
    environment: {
      // Most of its tests wait for most of their time: 34 s of processor time took 86 s with one for each core, and 45 s so.
      RUST_TEST_THREADS: `${2 * availableParallelism()}`,
      CARGO_TARGET_DIR: cargoTarget('tests'),
    },
    count: (output) => ({
      passed: sum(output, /^test result: .*? (\d+) passed/gm),
      failed: sum(output, /^test result: .*? (\d+) failed/gm),
      skipped: sum(output, /^test result: .*? (\d+) ignored/gm),
    }),
    prepare: prepareInjectorTests,
  },
  jest('integration', `--maxWorkers=${availableParallelism()}`),
  jest('e2e', '--verbose', `--maxWorkers=${clustersAtOnce()}`),
];

/**
 * Clusters on which end-to-end tests go on at once, one test file on each: as many as there are processors. Measured on
 * two: 955 s with two, 998 s with three. A cluster through which 500 MB go has up to 8 GB of memory.
 */
function clustersAtOnce(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / 8e9)));
}

function sum(output: string, pattern: RegExp): number {
  return [...output.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
}

/** Runs a suite with its output on ours; a suite that ends badly without a count has one failure. */
async function run({
  name,
  command,
  directory,
  environment,
  count,
  prepare,
}: Suite): Promise<Counts> {
  console.log(`\n=== ${name}: ${command.slice(-2).join(' ')}`);
  try {
    await prepare?.();
  } catch (error) {
    console.error(sentenceOf(error));
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const take = (stream: NodeJS.WriteStream) => (data: Buffer) => {
    output += data;
    stream.write(data);
  };
  child.stdout.on('data', take(process.stdout));
  child.stderr.on('data', take(process.stderr));
  const status = await new Promise((ended) => {
    child.on('close', ended);
    child.on('error', (error) => {
      console.error(error.message);
      ended(1);
    });
  });
  const counts = count(output);
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

const start = performance.now();
const wanted = process.argv.slice(2);
let total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const suite of SUITES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const counts = await run(suite);
  total = {
    passed: total.passed + counts.passed,
    failed: total.failed + counts.failed,
    skipped: total.skipped + counts.skipped,
  };
}
const host = await canHost();
if (!host.can) console.log(`\n!!! No end-to-end test has run here: ${host.reason}`);
console.log(`\nAll suites took ${((performance.now() - start) / 1000).toFixed(0)} s.`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
