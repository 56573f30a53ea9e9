import { readdirSync, readFileSync } from 'node:fs';
import { ActionError } from '../../../src/lib/errors.js';
import { until } from '../until.js';

/**
 * A process that cannot be mistaken for a later one with the same id: `started` is its start time
 * in clock ticks since boot (field 22 of /proc/PID/stat).
 */
export interface ProcessIdentity {
  pid: number;
  started: string;
}

interface ProcessStat {
  state: string;
  parent: number;
  started: string;
}

function statOf(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may itself contain spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** The identity of a process that runs now. @throws ActionError when it has ended. */
export function identify(pid: number): ProcessIdentity {
  const stat = statOf(pid);
  if (!stat) throw new ActionError(`Process ${pid} ended at once.`);
  return { pid, started: stat.started };
}

/** Whether the very process still runs; a zombie does not. */
export function isAlive(identity: ProcessIdentity | undefined): boolean {
  if (!identity) return false;
  const stat = statOf(identity.pid);
  return stat !== undefined && stat.started === identity.started && !'ZX'.includes(stat.state);
}

/** The processes that a process has started and that run. */
export function childrenOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((child) => statOf(child)?.parent === pid);
}

/** Sends SIGKILL to what a process has started, or to itself when that is nothing. */
export function killInside(outer: ProcessIdentity): void {
  const inner = isAlive(outer) ? childrenOf(outer.pid) : [];
  for (const pid of inner) {
    const stat = statOf(pid);
    if (stat?.parent === outer.pid) sendSignal({ pid, started: stat.started }, 'SIGKILL');
  }
  if (inner.length === 0) sendSignal(outer, 'SIGKILL');
}

/** Sends a signal, unless the process has ended (its id may be another's by now). */
export function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch {
    // It ended in between.
  }
}

/** Waits until a process has ended. @throws ActionError when it does not. */
export async function untilEnded(identity: ProcessIdentity, what: string): Promise<void> {
  await until(`${what} (process ${identity.pid}) to end`, () => !isAlive(identity));
}
