import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { homeDirectory } from '../lib/files/paths.js';
import { CLEANUP, type CleanupFacts, cleanupIn } from './state.js';

/** By which cluster a run is found again. A kubeconfig that was given as text is not kept, for it holds secrets. */
export type KeptConnection = Readonly<Partial<Record<'kubeconfig' | 'context', string>>>;

/** What its file says of a run. */
interface Content {
  readonly connection: KeptConnection;
  readonly state: Readonly<Record<string, string>>;
  /** The process that is at work on it; none when it has ended well. */
  readonly process?: number | undefined;
  /** The host name of its machine, for a home may be several machines'. */
  readonly machine?: string | undefined;
  /** When that began, where this can be told: its number alone may be another's by now. */
  readonly began?: string | undefined;
}

/** The directory of this user's runs: the XDG Base Directory Specification's for state, made where it is missing. */
function keptDirectory(): string {
  const { XDG_STATE_HOME = '' } = process.env;
  const state = isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : join(homeDirectory(), '.local/state');
  return join(state, 'jackal-inject');
}

/**
 * What a runner keeps of a run between main and post, in a file of this user's: a shell has no job whose end takes
 * the run away. No secret is in it.
 */
export class KeptRun {
  private constructor(
    private readonly path: string,
    private content: Content,
  ) {}

  /** One that is about to begin. Nothing is written before there is something in the cluster. */
  static begin(connection: KeptConnection): KeptRun {
    const name = `${Date.now()}-${randomBytes(4).toString('hex')}.json`;
    return new KeptRun(join(keptDirectory(), name), {
      connection,
      state: {},
      process: process.pid,
      machine: hostname(),
      began: beginOf(process.pid),
    });
  }

  /** A run that is known by its place alone, such as one from another machine. */
  static elsewhere(facts: CleanupFacts): KeptRun {
    const state = { [CLEANUP]: JSON.stringify(facts) };
    return new KeptRun('', { connection: {}, state });
  }

  /** Those of this user on this machine, the oldest first; what is no such file is left out. */
  static all(): KeptRun[] {
    const directory = keptDirectory();
    return namesIn(directory).flatMap((name) => {
      const path = join(directory, name);
      try {
        const run = new KeptRun(path, JSON.parse(readFileSync(path, 'utf8')));
        return run.facts === undefined ? [] : [run];
      } catch {
        return [];
      }
    });
  }

  get state(): Readonly<Record<string, string>> {
    return this.content.state;
  }

  get connection(): KeptConnection {
    return this.content.connection;
  }

  /** What is in the cluster; undefined when nothing is. */
  get facts(): CleanupFacts | undefined {
    return cleanupIn((key) => this.content.state?.[key]);
  }

  /** Whether a file on this machine is about it. */
  get isHere(): boolean {
    return this.path !== '';
  }

  /** The other machine that has begun it and has not said that it is done; whether it still is at work nobody can see here. */
  get otherMachine(): string | undefined {
    const { process: id, machine } = this.content;
    return id !== undefined && machine !== hostname() ? machine : undefined;
  }

  /** Whether a process, such as one in another window, is still at work on it, or may be on another machine. */
  get isUnderWay(): boolean {
    if (this.otherMachine !== undefined) return true;
    const { process: id, began } = this.content;
    if (id === undefined || id === process.pid || !isAlive(id)) return false;
    return began === undefined || (beginOf(id) ?? began) === began;
  }

  /** Keeps a value of the run's state. Throws an ActionError where it cannot be written. */
  save(name: string, value: string): void {
    this.content = { ...this.content, state: { ...this.content.state, [name]: value } };
    this.write();
  }

  /** Says that nobody is at work on it any more. Throws an ActionError where that cannot be written. */
  finish(): void {
    const { connection, state } = this.content;
    this.content = { connection, state };
    this.write();
  }

  /** Forgets it: its file is deleted. */
  forget(): void {
    if (this.isHere) rmSync(this.path, { force: true });
  }

  private write(): void {
    const directory = keptDirectory();
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      writeFileSync(`${this.path}.new`, JSON.stringify(this.content), { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path);
    } catch (cause) {
      throw new ActionError(
        `What is needed to remove the run cannot be kept in ${directory} (${sentenceOf(cause)}); set XDG_STATE_HOME to a directory that can be written.`,
        { cause },
      );
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch {
    return [];
  }
}

/**
 * When a process began: which start of the machine, and how many ticks after it (proc(5), /proc/PID/stat, field 22). Empty
 * for one that has ended and is not yet waited for, undefined where there is no such file system.
 */
function beginOf(id: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The name in parentheses may have spaces and parentheses itself.
    const [state, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return state === 'Z' ? '' : `${boot} ${rest[18]}`;
  } catch {
    return undefined;
  }
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    // It is there and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
