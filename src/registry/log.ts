import type { IncomingMessage } from 'node:http';
import type { ApiClient } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { backoff } from '../kube/retry.js';
import { sentenceOf } from '../lib/errors.js';
import { LOG_FAILURES_MAX, LOG_PATIENCE_SECONDS, LOG_SECONDS } from '../lib/limits/couriers.js';
import { rest } from '../lib/rest.js';
import { REGISTRY_CONTAINER } from './status.js';

/** Who is told what the registry's log says; the same may be told again. */
export interface Listener {
  /** A client waits for this content. */
  readonly onHeld: (digest: string) => void;
  /** A client, an address without a port, has got all of a content. */
  readonly onPulled: (digest: string, size: number, client: string) => void;
}

/**
 * Listens to the log of the registry's Pod, which is opened anew whenever it ends and then read from its beginning.
 * Returns, as a sentence, why it cannot be heard any more. Throws the signal's reason.
 */
export async function hearRegistry(
  client: ApiClient,
  namespace: string,
  pod: string,
  listener: Listener,
  signal: AbortSignal,
): Promise<string> {
  const path = `${collection.pods(namespace)}/${pod}/log`;
  const query = { container: REGISTRY_CONTAINER, follow: true };
  const options = { query, accept: '*/*', patienceSeconds: LOG_PATIENCE_SECONDS, signal };
  for (let failures = 0; ; ) {
    try {
      for await (const line of linesOf(await client.stream(path, options), signal)) {
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

function tell(line: string, { onHeld, onPulled }: Listener): void {
  // A manifest that is too large for the parcel is waited for, too; what nodes pulled is counted in blobs.
  const [, event, keys = ''] = /^jackal (held|pull(?= kind=blob )) (.*)$/.exec(line) ?? [];
  const said = new Map(keys.split(' ').map((pair) => pair.split('=', 2) as [string, string]));
  const digest = said.get('digest') ?? '';
  if (event === 'held') {
    onHeld(digest);
  } else if (event === 'pull') {
    onPulled(digest, Number(said.get('size')), said.get('client') ?? '');
  }
}

/** The lines of a log until it ends, or for so long as nothing between may cut it without a word. */
async function* linesOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<string> {
  const late = setTimeout(() => response.destroy(), LOG_SECONDS * 1000);
  let begun = '';
  try {
    response.setEncoding('utf8');
    for await (const piece of response) {
      const lines = (begun + piece).split('\n');
      begun = lines.pop() as string;
      yield* lines;
    }
  } catch {
    // Cut off: all is said again when it is opened anew.
    signal.throwIfAborted();
  } finally {
    clearTimeout(late);
    response.destroy();
  }
}
