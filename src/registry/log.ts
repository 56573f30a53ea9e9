import type { IncomingMessage } from 'node:http';
import type { ApiClient } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { linesOf } from '../kube/exchange.js';
import { collection } from '../kube/pods.js';
import { backoff } from '../kube/retry.js';
import { sentenceOf } from '../lib/errors.js';
import { LOG_FAILURES_MAX, LOG_PATIENCE_SECONDS, LOG_SECONDS } from '../lib/limits/couriers.js';
import { rest } from '../lib/waiting.js';
import { REGISTRY_CONTAINER } from './status.js';

/** Who is told what the registry's log says; the same may be told again. */
export interface Listener {
  /** A client waits for this content. */
  readonly onHeld: (digest: string) => void;
  /** A client, an address without a port, has got all of a content. */
  readonly onPulled: (digest: string, size: number, client: string) => void;
  /** A content is there for good that nobody has brought: it was copied, or was in a chunk. */
  readonly onVerified: (digest: string) => void;
  /** Nothing is copied any more: what is not verified has to be brought. */
  readonly onReady: () => void;
}

/**
 * Listens to the log of the registry's Pod, which is opened anew whenever it ends and then read from its beginning.
 * Returns, as a sentence, why it cannot be heard any more. Throws the signal's reason.
 */
export async function hearRegistry(
  client: ApiClient,
  namespace: string,
  pod: string,
  listener: Partial<Listener>,
  signal: AbortSignal,
): Promise<string> {
  for (let failures = 0; ; ) {
    try {
      // For so long as nothing between may cut it without a word; where it is cut, all is said again.
      const log = await openLog(client, namespace, pod, { follow: true }, signal);
      for await (const line of linesOf(log, LOG_SECONDS, signal)) {
        failures = 0;
        tell(line, listener);
      }
    } catch (error) {
      signal.throwIfAborted();
      failures++;
      if (isFault(error, 'permission', 'not-found') || failures >= LOG_FAILURES_MAX) {
        return sentenceOf(error);
      }
    }
    await rest(backoff(failures + 1), signal);
  }
}

/**
 * Digests of what a registry has verified without a delivery, such as copies, by its log until now; undefined where that
 * does not tell all of it, or something is copied still. Throws the signal's reason.
 */
export async function verifiedBy(
  client: ApiClient,
  namespace: string,
  pod: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const verified = new Set<string>();
  let isReady = false;
  const listener = {
    onVerified: (digest: string) => void verified.add(digest),
    onReady: () => {
      isReady = true;
    },
  };
  const isWhole = await readLog(client, namespace, pod, listener, signal);
  return isWhole && isReady ? verified : undefined;
}

/**
 * Tells what the log of the registry's Pod says until now. Returns whether that is all that there was to say: not where it
 * cannot be read to its end, or the store was not empty when it begins. Throws the signal's reason.
 *
 * @param seconds for which it is read at most
 */
export async function readLog(
  client: ApiClient,
  namespace: string,
  pod: string,
  listener: Partial<Listener>,
  signal: AbortSignal,
  seconds?: number,
): Promise<boolean> {
  let isEmptyAtFirst = false;
  try {
    const log = await openLog(client, namespace, pod, {}, signal, seconds);
    for await (const line of linesOf(log, seconds ?? LOG_SECONDS, signal)) {
      isEmptyAtFirst ||= /^jackal listening .* contents=(\d+) missing=\1 /.test(line);
      tell(line, listener);
    }
    return isEmptyAtFirst && log.complete;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function openLog(
  client: ApiClient,
  namespace: string,
  pod: string,
  how: { readonly follow?: true },
  signal: AbortSignal,
  deadlineSeconds?: number,
): Promise<IncomingMessage> {
  const path = `${collection.pods(namespace)}/${pod}/log`;
  const query = { container: REGISTRY_CONTAINER, ...how };
  const patienceSeconds = deadlineSeconds ?? LOG_PATIENCE_SECONDS;
  const bounds = { patienceSeconds, ...(deadlineSeconds && { deadlineSeconds }) };
  return await client.stream(path, { query, accept: '*/*', ...bounds, signal });
}

function tell(line: string, { onHeld, onPulled, onVerified, onReady }: Partial<Listener>): void {
  // A manifest that is too large for the parcel is waited for, too; what nodes pulled is counted in blobs.
  const [, event, keys = ''] =
    /^jackal (held|verified|ready|pull(?= kind=blob )) (.*)$/.exec(line) ?? [];
  const said = new Map(keys.split(' ').map((pair) => pair.split('=', 2) as [string, string]));
  const digest = said.get('digest') ?? '';
  if (event === 'held') {
    onHeld?.(digest);
  } else if (event === 'pull') {
    onPulled?.(digest, Number(said.get('size')), said.get('client') ?? '');
  } else if (event === 'verified') {
    onVerified?.(digest);
  } else if (event === 'ready') {
    onReady?.();
  }
}
