import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLE } from '../runner.js';

/** How a command ended. */
export interface ShellResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface ShellCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<ShellResult>;
  /** Fulfilled when standard error matches; rejects when the command ends before. */
  told(pattern: RegExp): Promise<void>;
}

/** How a command is started. */
export interface ShellOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Program and arguments that start it: the bundle by default. */
  readonly program?: readonly string[];
}

/** A person's shell without a runner: a temporary directory, a working one, and nothing else in its environment. */
export class Shell {
  private readonly running = new Map<ChildProcess, Promise<ShellResult>>();

  private constructor(readonly directory: string) {}

  static async create(): Promise<Shell> {
    const directory = await mkdtemp(join(tmpdir(), 'jackal-shell-'));
    for (const name of ['temp', 'work']) await mkdir(join(directory, name));
    return new Shell(directory);
  }

  /** Where the program keeps what it needs to remove runs. */
  get keptDirectory(): string {
    return join(this.directory, 'state', 'jackal-inject');
  }

  get temporaryDirectory(): string {
    return join(this.directory, 'temp');
  }

  get workingDirectory(): string {
    return join(this.directory, 'work');
  }

  /** What commands find in their environment. */
  get env(): Record<string, string> {
    const { PATH = '', HOME = '', DOCKER_HOST } = process.env;
    return {
      PATH,
      // That of the machine, where the injector is kept and Rust is.
      HOME,
      TMPDIR: this.temporaryDirectory,
      XDG_STATE_HOME: join(this.directory, 'state'),
      ...(DOCKER_HOST && { DOCKER_HOST }),
    };
  }

  /** Runs a command to its end. */
  run(args: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
    return this.start(args, options).ended;
  }

  /** Starts a command. */
  start(args: readonly string[], { env = {}, program }: ShellOptions = {}): ShellCommand {
    const [file, ...first] = program ?? [process.execPath, BUNDLE];
    const child = spawn(file as string, [...first, ...args], {
      cwd: this.workingDirectory,
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { stdout: '', stderr: '' };
    const checks = new Set<() => void>();
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text;
        for (const check of checks) check();
      });
    }
    const ended = new Promise<ShellResult>((fulfil, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode) => {
        this.running.delete(child);
        fulfil({ exitCode, ...texts });
      });
    });
    this.running.set(child, ended);
    const told = (pattern: RegExp) =>
      new Promise<void>((fulfil, reject) => {
        const check = () => {
          if (pattern.test(texts.stderr)) fulfil();
        };
        checks.add(check);
        check();
        ended.then(
          () => reject(new Error(`It ended before it told ${pattern}:\n${texts.stderr}`)),
          reject,
        );
      });
    return { process: child, ended, told };
  }

  /** Ends the commands that a failed test has left. */
  async endLeft(): Promise<void> {
    const left = [...this.running.keys()];
    for (const child of left) child.kill('SIGKILL');
    await Promise.all(left.map((child) => this.running.get(child)));
  }

  /** Ends what is left, and removes the directories. */
  async close(): Promise<void> {
    await this.endLeft();
    await rm(this.directory, { recursive: true, force: true });
  }
}
