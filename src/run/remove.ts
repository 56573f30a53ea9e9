import { type ApiClient, type ApiObject, PARTIAL_OBJECT_LIST } from '../kube/client.js';
import { configMapsPath, deleteConfigMaps, waitUntilGone } from '../kube/configmaps.js';
import { collection } from '../kube/pods.js';
import { sentenceOf } from '../lib/errors.js';
import { REMOVE_DEAD_SECONDS } from '../lib/limits/run.js';
import { deadRuns, type Seeker } from './dead-runs.js';
import { leaveNamespace, waitUntilNamespaceGone } from './namespace.js';
import { nameOf, selectorOf } from './run.js';

/** Which run to take away. */
export interface Removal {
  readonly runId: string;
  readonly namespace: string;
}

/**
 * Takes everything of a run out of the cluster and returns when the API server no longer knows any
 * of it: Pods first, so that kubelets let go of what they mount, then the rest, the anchor last,
 * since what a failure leaves is still owned by it. The namespace goes too when a run of this action
 * made it and no other run is in it; that is begun first, because the namespace controller lets five
 * seconds pass before it acts (kube-controller-manager, `namespaceDeletionGracePeriod`). Throws
 * ApiError.
 */
export async function removeRun(
  client: ApiClient,
  { runId, namespace }: Removal,
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  const attempt = (step: Promise<void>) => step.catch((error) => void failures.push(error));
  let leaving = false;
  const leave = async () => {
    leaving ||= await leaveNamespace(client, { namespace, runId, signal });
  };
  await attempt(leave());
  await attempt(removePods(client, { runId, namespace }, signal));
  await attempt(removeService(client, { runId, namespace }, signal));
  // Also after a failure: with the anchor gone the cluster's garbage collector takes the rest.
  await attempt(removeConfigMaps(client, { runId, namespace }, signal));
  if (failures.length > 0) {
    throw failures[0];
  }
  // Runs that end at the same time each saw the other's anchor at first; the last one to take its own away does not.
  await leave();
  if (leaving) {
    await waitUntilNamespaceGone(client, { namespace, signal });
  }
}

/**
 * Takes away a run's Pods, chunks, catalog and injectors, so that they can be made anew under the
 * same names; anchor and Service stay. Throws ApiError.
 */
export async function clearRun(
  client: ApiClient,
  { runId, namespace }: Removal,
  signal: AbortSignal,
): Promise<void> {
  await removePods(client, { runId, namespace }, signal);
  await removeOwned(client, { runId, namespace }, signal);
}

async function removePods(
  client: ApiClient,
  { runId, namespace }: Removal,
  signal: AbortSignal,
): Promise<void> {
  const path = collection.pods(namespace);
  const names = await namesOf(client, path, selectorOf(runId), signal);
  await Promise.all(names.map((name) => client.delete(`${path}/${name}`, { signal })));
  await waitUntilGone(client, path, selectorOf(runId), { signal });
}

async function removeService(
  client: ApiClient,
  { runId, namespace }: Removal,
  signal: AbortSignal,
): Promise<void> {
  await client.delete(`${collection.services(namespace)}/${nameOf.service(runId)}`, { signal });
}

async function removeConfigMaps(
  client: ApiClient,
  { runId, namespace }: Removal,
  signal: AbortSignal,
): Promise<void> {
  await removeOwned(client, { runId, namespace }, signal);
  await deleteConfigMaps(client, namespace, [nameOf.anchor(runId)], { signal });
  const path = configMapsPath(namespace);
  await waitUntilGone(client, path, selectorOf(runId), { signal });
}

/** Takes away the run's ConfigMaps that its anchor owns. */
async function removeOwned(
  client: ApiClient,
  { runId, namespace }: Removal,
  signal: AbortSignal,
): Promise<void> {
  const path = configMapsPath(namespace);
  const names = await namesOf(client, path, selectorOf(runId), signal);
  const owned = names.filter((name) => name !== nameOf.anchor(runId));
  await deleteConfigMaps(client, namespace, owned, { signal });
}

async function namesOf(
  client: ApiClient,
  path: string,
  labelSelector: string,
  signal: AbortSignal,
): Promise<string[]> {
  const options = { query: { labelSelector }, accept: PARTIAL_OBJECT_LIST, signal };
  const { items } = await client.list<ApiObject>(path, options);
  return items.flatMap(({ metadata }) => metadata?.name ?? []);
}

/**
 * Takes away the other runs in the namespace that are dead (see `deadRuns`). That is a courtesy: what
 * is not gone within so many seconds, as Pods of a node that is down, is told to `warn` and left to the
 * next run. Throws the signal's reason.
 */
export async function removeDeadRuns(
  client: ApiClient,
  seeker: Omit<Seeker, 'signal'>,
  warn: (sentence: string) => void,
  signal: AbortSignal,
  seconds = REMOVE_DEAD_SECONDS,
): Promise<void> {
  const late = AbortSignal.timeout(seconds * 1000);
  try {
    await removeDead(client, seeker, AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    const why = late.aborted ? `It is still there after ${seconds} s.` : sentenceOf(error);
    warn(
      `What a dead run left in the namespace "${seeker.namespace}" could not be removed: ${why} The next run in it tries again.`,
    );
  }
}

async function removeDead(
  client: ApiClient,
  seeker: Omit<Seeker, 'signal'>,
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = seeker;
  for (const runId of await deadRuns(client, { ...seeker, signal })) {
    await removePods(client, { runId, namespace }, signal);
    await removeService(client, { runId, namespace }, signal);
    await removeConfigMaps(client, { runId, namespace }, signal);
  }
}
