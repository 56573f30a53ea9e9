import {
  SPEED_AGREED_FACTOR,
  SPEED_PROBE_BYTES,
  SPEED_ROUNDS,
  SPEED_ROUNDS_MAX,
  SPEED_SLOW_BYTES_PER_SECOND,
  SPEED_SURELY_SLOW_BYTES_PER_SECOND,
} from '../lib/limits/carriers.js';
import type { ApiClient } from './client.js';

/** A question that every user may ask, and that changes nothing. */
const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const QUESTION = JSON.stringify({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  spec: { resourceAttributes: { verb: 'get', resource: 'configmaps' } },
});

/** Milliseconds of one question, which is small, or large by `SPEED_PROBE_BYTES`. */
export type Ask = (size: 'small' | 'large') => Promise<number>;

/**
 * Bytes a second that the way to the API server takes: an access review, small and with so much white space around it
 * that the way shows, some times in turns. Undefined when the server does not take it. Throws the signal's reason.
 */
export async function uploadSpeed(
  client: ApiClient,
  signal: AbortSignal,
): Promise<number | undefined> {
  const bodies = {
    small: Buffer.from(QUESTION),
    large: Buffer.from(QUESTION.padEnd(SPEED_PROBE_BYTES, ' ')),
  };
  try {
    return await speedBy((size) => timeOf(client, bodies[size], signal));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/**
 * Bytes a second, as the quickest question of each size has them: the first large one opens the connection's window, and a
 * server that was busy with a small one would make the way look faster than it is. Two of each are asked, and more where
 * the way looks slow and no two large ones agree: what stood still for a moment says nothing of the way. Throws what `ask`
 * throws.
 */
export async function speedBy(ask: Ask): Promise<number> {
  const small: number[] = [];
  const large: number[] = [];
  for (let round = 1; ; round++) {
    small.push(await ask('small'));
    large.push(await ask('large'));
    if (round < SPEED_ROUNDS) continue;
    const [quickest = 0, next = 0] = [...large].sort((one, other) => one - other);
    const speed = (SPEED_PROBE_BYTES * 1000) / Math.max(quickest - Math.min(...small), 0.1);
    const isClear =
      speed > SPEED_SLOW_BYTES_PER_SECOND || speed < SPEED_SURELY_SLOW_BYTES_PER_SECOND;
    const isSure = isClear || next <= quickest * SPEED_AGREED_FACTOR;
    if (isSure || round === SPEED_ROUNDS_MAX) return speed;
  }
}

/** Milliseconds of a question's last attempt. */
async function timeOf(client: ApiClient, body: Buffer, signal: AbortSignal): Promise<number> {
  let time = Number.POSITIVE_INFINITY;
  const onAttempt = ({ milliseconds }: { milliseconds: number }) => {
    time = milliseconds;
  };
  const contentType = 'application/json';
  const options = { body: [body], contentType, signal, onAttempt, patienceSeconds: 5 };
  await client.request({ method: 'POST', path: PATH, ...options });
  return time;
}
