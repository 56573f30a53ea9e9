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
 * Bytes a second that the way to the API server takes: an access review, small at first and then with so
 * much white space around it that the way shows. The first large one opens the connection's window, the
 * second one counts. Undefined when the server does not take it.
 */
export async function uploadSpeed(
  client: ApiClient,
  signal: AbortSignal,
): Promise<number | undefined> {
  const padded = Buffer.from(QUESTION.padEnd(SPEED_PROBE_BYTES, ' '));
  const times: number[] = [];
  try {
    for (const body of [padded, Buffer.from(QUESTION), padded]) {
      const contentType = 'application/json';
      const onAttempt = ({ milliseconds }: { milliseconds: number }) => times.push(milliseconds);
      const options = { body: [body], contentType, signal, onAttempt, patienceSeconds: 5 };
      await client.request({ method: 'POST', path: PATH, ...options });
    }
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  const [, small = 0, large = 0] = times;
  return times.length === 3 ? speedOf(large, small) : undefined;
}

/** Bytes a second, from the milliseconds of a large question and of a small one. */
export function speedOf(large: number, small: number): number {
  return (SPEED_PROBE_BYTES * 1000) / Math.max(large - small, 0.1);
}
