import { connect } from 'node:net';
import { heardWithin } from '../../lib/heard-within.js';
import { rest } from '../../lib/waiting.js';

/**
 * Whether any of these addresses can be connected to on this port, within some milliseconds. All are
 * tried at once, and nothing is sent.
 */
export async function reachesAny(
  addresses: readonly string[],
  port: number,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const enough = new AbortController();
  const until = AbortSignal.any([
    enough.signal,
    heardWithin(milliseconds),
    ...(signal ? [signal] : []),
  ]);
  try {
    await Promise.any(addresses.map((host) => reached(host, port, until)));
    return true;
  } catch {
    return false;
  } finally {
    enough.abort();
  }
}

/**
 * Waits until each of these addresses can be connected to on this port, for no longer than some milliseconds, and
 * returns whether all of them can. Throws the signal's reason.
 */
export async function untilReached(
  addresses: readonly string[],
  port: number,
  milliseconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const until = AbortSignal.any([signal, heardWithin(milliseconds)]);
  const each = await Promise.all(addresses.map((host) => untilOneIsReached(host, port, until)));
  signal.throwIfAborted();
  return each.every(Boolean);
}

/**
 * Tries again and again without waiting for an attempt to end: a host that refuses soon says so no more
 * (Linux `icmp_ratelimit`: one message a second), and what it left unanswered TCP repeats after a second only.
 */
async function untilOneIsReached(host: string, port: number, until: AbortSignal): Promise<boolean> {
  const enough = new AbortController();
  const ended = AbortSignal.any([enough.signal, until]);
  const attempts: Promise<void>[] = [];
  while (!ended.aborted) {
    const attempt = reached(host, port, ended).then(
      () => enough.abort(),
      () => undefined,
    );
    attempts.push(attempt);
    await rest(AGAIN_MILLISECONDS, ended).catch(() => undefined);
  }
  await Promise.all(attempts);
  return enough.signal.aborted;
}

/** Milliseconds between two attempts at an address that does not answer. */
const AGAIN_MILLISECONDS = 25;

function reached(host: string, port: number, until: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = () => socket.destroy(new Error('no answer in time'));
    until.addEventListener('abort', end, { once: true });
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => until.removeEventListener('abort', end));
    if (until.aborted) end();
  });
}
