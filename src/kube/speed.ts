import { SPEED_PROBE_BYTES } from '../lib/limits/carriers.js';
import type { ApiClient } from './client.js';

/** A question that every user may ask, and that changes nothing. */
const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const QUESTION = JSON.stringify({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  spec: { resourceAttributes: { verb: 'get', resource: 'configmaps' } },
});

/**
 * Bytes a second that the way to the API server takes: an access review, small and with so much white space around it
 * that the way shows, twice in turns. The quickest of each kind counts: the first large one opens the connection's
 * window, and a server that was busy with a small one would make the way look faster than it is. Undefined when the
 * server does not take it.
 */
export async function uploadSpeed(
  client: ApiClient,
  signal: AbortSignal,
): Promise<number | undefined> {
  const small = Buffer.from(QUESTION);
  const large = Buffer.from(QUESTION.padEnd(SPEED_PROBE_BYTES, ' '));
  const times = { small: [] as number[], large: [] as number[] };
  try {
    for (let round = 0; round < 2; round++) {
      times.small.push(await timeOf(client, small, signal));
      times.large.push(await timeOf(client, large, signal));
    }
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  return speedOf(Math.min(...times.large), Math.min(...times.small));
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

/** Bytes a second, from the milliseconds of a large question and of a small one. */
export function speedOf(large: number, small: number): number {
  return (SPEED_PROBE_BYTES * 1000) / Math.max(large - small, 0.1);
}
