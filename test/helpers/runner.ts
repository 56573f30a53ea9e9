import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { setInterval as every } from 'node:timers/promises';
import { load } from 'js-yaml';
import { parseFileCommands } from './runners/file-commands.js';

/** The repository: emitted tests lie in `out/test/…`, and commands run from the repository. */
export const REPOSITORY = resolve(import.meta.dirname, '../../..');
/** The scripts of the steps, as action.yml has them. */
const { main: MAIN, post: POST } = (
  load(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')) as {
    readonly runs: Readonly<Record<'main' | 'post', string>>;
  }
).runs;
/** The bundle, which is what users run. */
export const BUNDLE = join(REPOSITORY, MAIN);

/** An error or a warning as a runner takes it. */
export interface Annotation {
  readonly kind: 'error' | 'warning';
  readonly title: string;
  readonly text: string;
}

/** How a step ended. */
export interface StepResult {
  readonly exitCode: number | null;
  /** The job log: stdout and stderr in order. */
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  /** The sentences of errors and warnings, which are their first lines. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What is shown beside the job. */
  readonly annotations: readonly Annotation[];
  /** Milliseconds from start to exit. */
  readonly duration: number;
}

/** A step under way. */
export interface Step {
  readonly process: ChildProcess;
  readonly ended: Promise<StepResult>;
  /** Fulfilled when the log matches; rejects when the step ends before. */
  logged(pattern: RegExp): Promise<RegExpExecArray>;
}

/** What a step is given where a test gives nothing else: the product's own ten minutes are less than a slow machine needs. */
const INPUTS = { timeout: '30m' };

/** What a step is started with. */
export interface StepOptions {
  /** Besides the usual ones, or in their place; an empty one is what the product takes by itself. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What main saved; makes this the post step. */
  readonly state?: Readonly<Record<string, string>>;
  /** Called with each piece of the log as it comes. */
  readonly onLog?: (text: string) => void;
  /** What runs the main step; the post step lies beside it as action.yml has it. */
  readonly bundle?: string;
  /**
   * Program and arguments that run a command elsewhere, such as in other namespaces. What hands no environment on, such
   * as `kubectl exec`, makes them of the step's.
   */
  readonly within?: readonly string[] | ((environment: Environment) => readonly string[]);
}

type Environment = Readonly<Record<string, string>>;

/**
 * A runner's workspace for the steps of one job: starts the bundle with the environment and files
 * that GitHub's runner gives to a JavaScript action.
 */
export class Runner {
  private steps = 0;
  /** Main steps whose job has had no post step yet, and what they were given. */
  private readonly unended = new Map<Step, StepOptions>();

  private constructor(readonly directory: string) {}

  static async create(): Promise<Runner> {
    const directory = await mkdtemp(join(tmpdir(), 'jackal-runner-'));
    await mkdir(join(directory, 'temp'));
    await mkdir(join(directory, 'workspace'));
    return new Runner(directory);
  }

  /** RUNNER_TEMP of the job: nothing of the action may be left in it. */
  get temporaryDirectory(): string {
    return join(this.directory, 'temp');
  }

  /** Ends what is left, and removes the workspace. */
  async close(): Promise<void> {
    await this.endLeft();
    await rm(this.directory, { recursive: true, force: true });
  }

  /**
   * Ends the jobs of a test that failed half-way: a main step that still runs is killed, and the post
   * step takes its run away. Returns whether there was any.
   */
  async endLeft(): Promise<boolean> {
    const left = [...this.unended];
    for (const [step, options] of left) {
      step.process.kill('SIGKILL');
      const { state } = await step.ended;
      this.unended.delete(step);
      if (state.cleanup !== undefined) await this.run({ ...options, state });
    }
    return left.length > 0;
  }

  /** Takes the jobs out of those that are to be ended whose main step saved this. */
  private async forget(state: Readonly<Record<string, string>>): Promise<void> {
    for (const step of this.unended.keys()) {
      const ended = step.process.exitCode !== null || step.process.signalCode !== null;
      if (ended && (await step.ended).state.cleanup === state.cleanup) this.unended.delete(step);
    }
  }

  /** Runs a step to its end. */
  async run(options: StepOptions): Promise<StepResult> {
    return (await this.start(options)).ended;
  }

  /** Starts a step. */
  async start(options: StepOptions): Promise<Step> {
    const folder = join(this.directory, `step-${this.steps++}`);
    await mkdir(folder);
    const files = Object.fromEntries(
      ['OUTPUT', 'STATE', 'STEP_SUMMARY', 'ENV', 'PATH'].map((n) => [
        `GITHUB_${n}`,
        join(folder, n),
      ]),
    );
    await Promise.all(Object.values(files).map((file) => writeFile(file, '')));
    const start = performance.now();
    const given = {
      ...this.environment(),
      ...files,
      ...prefixed('INPUT_', { ...INPUTS, ...options.inputs }, (name) =>
        name.replaceAll(' ', '_').toUpperCase(),
      ),
      ...prefixed('STATE_', options.state ?? {}, (name) => name),
      ...options.env,
    };
    const { within = [] } = options;
    const place = typeof within === 'function' ? within(definedOf(given)) : within;
    const { bundle = BUNDLE, state } = options;
    const post = join(dirname(bundle), relative(dirname(MAIN), POST));
    const command = [...place, process.execPath, state === undefined ? bundle : post];
    const child = spawn(command[0] as string, command.slice(1), {
      cwd: join(this.directory, 'workspace'),
      env: definedOf({ ...process.env, ...given }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const step = watchStep(child, files, start, options.onLog);
    if (state === undefined) this.unended.set(step, options);
    else await this.forget(state);
    return step;
  }

  private environment(): Record<string, string | undefined> {
    return {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: join(this.directory, 'workspace'),
      GITHUB_REPOSITORY: 'acme/web',
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_SERVER_URL: 'https://github.com',
      RUNNER_TEMP: this.temporaryDirectory,
      RUNNER_OS: 'Linux',
      RUNNER_ARCH: 'X64',
      ACTIONS_CACHE_URL: undefined,
      ACTIONS_RESULTS_URL: undefined,
      NODE_OPTIONS: undefined,
    };
  }
}

function watchStep(
  child: ChildProcess,
  files: Record<string, string>,
  start: number,
  onLog: ((text: string) => void) | undefined,
): Step {
  let log = '';
  const waiting = new Set<() => void>();
  const take = (data: Buffer) => {
    log += data.toString();
    onLog?.(data.toString());
    for (const check of waiting) check();
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const ended = new Promise<StepResult>((fulfil, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => {
      const duration = performance.now() - start;
      readResult(exitCode, log, files, duration).then(fulfil, reject);
    });
  });
  const logged = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((fulfil, reject) => {
      const check = () => {
        const found = pattern.exec(log);
        if (found !== null) {
          waiting.delete(check);
          fulfil(found);
        }
      };
      waiting.add(check);
      check();
      ended.then(
        () => reject(new Error(`The step ended before it logged ${pattern}:\n${log}`)),
        reject,
      );
    });
  return { process: child, ended, logged };
}

async function readResult(
  exitCode: number | null,
  log: string,
  files: Record<string, string>,
  duration: number,
): Promise<StepResult> {
  const read = (name: string) => readFile(files[`GITHUB_${name}`] as string, 'utf8');
  const annotations = annotationsOf(log);
  return {
    exitCode,
    log,
    outputs: parseFileCommands(await read('OUTPUT')),
    state: parseFileCommands(await read('STATE')),
    summary: await read('STEP_SUMMARY'),
    errors: sentencesOf(annotations, 'error'),
    warnings: sentencesOf(annotations, 'warning'),
    annotations,
    duration,
  };
}

function annotationsOf(log: string): Annotation[] {
  const commands = log.matchAll(/^::(error|warning)(?: title=([^:]*))?::(.*)$/gm);
  return [...commands].map(([, kind, title = '', text = '']) => ({
    kind: kind as Annotation['kind'],
    title: unescaped(title).replaceAll('%3A', ':').replaceAll('%2C', ','),
    text: unescaped(text),
  }));
}

const unescaped = (text: string) =>
  text.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');

const sentencesOf = (annotations: readonly Annotation[], kind: Annotation['kind']) =>
  annotations
    .filter((annotation) => annotation.kind === kind)
    .map(({ text }) => text.split('\n')[0] as string);

function prefixed(
  prefix: string,
  values: Readonly<Record<string, string>>,
  rename: (name: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([k, v]) => [prefix + rename(k), v]));
}

function definedOf(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The most memory that a process has had resident until it ended, in bytes. */
export async function peakOf(pid: number, ended: Promise<unknown>): Promise<number> {
  const stop = new AbortController();
  ended.finally(() => stop.abort());
  let peak = 0;
  try {
    for await (const _ of every(50, undefined, { signal: stop.signal })) {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      peak = 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? peak / 1024);
    }
  } catch {
    // The process has ended.
  }
  return peak;
}
