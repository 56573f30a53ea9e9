import type { CoreV1Event } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { ifAnswered } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { prefixOf, REHEARSED, type RunPlace } from './run.js';

/** How many of the cluster's warnings are worth a reader's time; the newest are the nearest. */
const SHOWN = 10;

/**
 * What the cluster's components have warned of about the run's objects, newest last, each once:
 * the words behind a Pod that does not start. Empty when the user may not list events.
 */
export async function clusterWarnings(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const query = { fieldSelector: 'type=Warning' };
    const { items } = await client.list<CoreV1Event>(collection.events(namespace), {
      query,
      signal,
    });
    return warningsAbout(items, prefixOf(id)).slice(-SHOWN);
  } catch {
    // This runs when something else has failed already, and that is what the user must read.
    return [];
  }
}

/**
 * Words for a Pod that its kubelet has and has not started for so many seconds, with the newest warning about it, where
 * there is one that the user may read. Throws the signal's reason.
 */
export async function notStarted(
  client: ApiClient,
  namespace: string,
  pod: string,
  seconds: number,
  signal: AbortSignal,
): Promise<string> {
  const query = { fieldSelector: `type=Warning,involvedObject.name=${pod}` };
  const list = client.list<CoreV1Event>(collection.events(namespace), { query, signal });
  const events = await ifAnswered(list, signal);
  const warning = warningsAbout(events?.items ?? [], pod).at(-1);
  const said = warning?.slice(`${pod}: `.length) ?? 'no event tells why';
  return `its kubelet has not started the Pod for ${seconds} s (${said})`;
}

/**
 * The warnings about objects whose name starts so, as `object: reason: message`; none about what is rehearsed, which is
 * not to start, and whose refusal is the failure itself.
 */
export function warningsAbout(events: readonly CoreV1Event[], prefix: string): string[] {
  const time = ({ lastTimestamp, eventTime }: CoreV1Event) =>
    new Date(lastTimestamp ?? eventTime ?? 0).getTime();
  const about = events.filter(
    ({ involvedObject: { name } }) => name?.startsWith(prefix) && !name.includes(REHEARSED),
  );
  const lines = about
    .toSorted((a, b) => time(a) - time(b))
    .map(({ involvedObject, reason, message }) => `${involvedObject.name}: ${reason}: ${message}`);
  return [...new Set(lines)];
}
