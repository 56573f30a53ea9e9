import { type ApiClient, type ApiObject, PARTIAL_OBJECT_LIST } from '../kube/client.js';
import { configMapsPath, deleteConfigMaps } from '../kube/configmaps.js';
import { isFault } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { waitUntil } from '../kube/watch.js';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { DELETE_CONCURRENCY } from '../lib/limits/kube.js';
import {
  POD_END_SECONDS,
  POD_WRITES_MAX,
  REMOVE_DEAD_PHASE_SECONDS,
  REMOVE_DEAD_SECONDS,
  REMOVE_PHASE_SECONDS,
} from '../lib/limits/run.js';
import { Slots } from '../lib/slots.js';
import { type Asking, deadRuns } from './dead-runs.js';
import { deleteLease, type LeasedRun, leasedRuns } from './lease.js';
import { otherNamespaces, removeNamespace } from './namespace.js';
import { nameOf, ownsNamespace, type Run, type RunPlace, selectorOf } from './run.js';

/**
 * Takes everything of a run out of the cluster and returns when the API server no longer knows any of
 * its objects and its own namespace is going. Each phase has its bound, in seconds, and comes also after
 * another has failed: whatever is left then is owned by the Lease, which goes behind all others. Returns
 * what keeps the run's own namespace, as `removeNamespace` does. Throws the first failure, when all
 * phases are over.
 */
export async function removeRun(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
  phaseSeconds = REMOVE_PHASE_SECONDS,
): Promise<string[]> {
  const failures: unknown[] = [];
  const phase = async <Result>(what: string, work: Phase<Result>) => {
    try {
      return await bounded(what, work, signal, phaseSeconds);
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  };
  await Promise.all([
    phase('Its Pods are', (until) => removePods(client, run, until)),
    phase('Its Service is', (until) => removeService(client, run, until)),
    phase('Its NetworkPolicy is', (until) => removeNetworkPolicy(client, run, until)),
    phase('Its ConfigMaps are', (until) => removeConfigMaps(client, run, until)),
  ]);
  await phase('Its Lease is', (until) => deleteLease(client, run, until));
  const strangers = await phase('Its namespace is', (until) => removeNamespace(client, run, until));
  if (failures.length > 0) {
    throw failures[0];
  }
  return strangers ?? [];
}

type Phase<Result> = (until: AbortSignal) => Promise<Result>;

async function bounded<Result>(
  what: string,
  work: Phase<Result>,
  signal: AbortSignal,
  seconds: number,
): Promise<Result> {
  const late = AbortSignal.timeout(seconds * 1000);
  try {
    return await work(AbortSignal.any([signal, late]));
  } catch (error) {
    if (late.aborted && !signal.aborted) {
      throw new ActionError(`${what} still there after ${seconds} s.`, { cause: error });
    }
    throw error;
  }
}

/**
 * Takes away the Pods and ConfigMaps of a run, whichever delivery they are of; Lease and Service stay.
 * Throws ApiError.
 */
export async function clearRun(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  await removePods(client, run, signal);
  await removeConfigMaps(client, run, signal);
}

/**
 * Deletes the run's Pods and waits until they are gone. The kubelet ends them within moments; those of a
 * node that is down would stay for ever, so they are then deleted without it.
 */
async function removePods(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  const path = collection.pods(namespace);
  const names = (await list(client, path, selectorOf(id), signal)).flatMap(nameIn);
  if (names.length === 0) {
    return;
  }
  const slots = new Slots(POD_WRITES_MAX);
  const remove = (name: string, gracePeriodSeconds?: number) =>
    slots.run(() =>
      client.delete(`${path}/${name}`, {
        signal,
        ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
      }),
    );
  await Promise.all(names.map((name) => remove(name)));
  const late = AbortSignal.timeout(POD_END_SECONDS * 1000);
  try {
    await untilGone(client, path, id, AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) {
      throw error;
    }
    const left = (await list(client, path, selectorOf(id), signal)).flatMap(nameIn);
    await Promise.all(left.map((name) => remove(name, 0)));
    await untilGone(client, path, id, signal);
  }
}

function untilGone(client: ApiClient, path: string, id: string, signal: AbortSignal) {
  return waitUntil(client, path, (objects) => objects.size === 0, {
    query: { labelSelector: selectorOf(id) },
    metadataOnly: true,
    signal,
  });
}

async function removeService(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  await client.delete(`${collection.services(namespace)}/${nameOf.service(id)}`, { signal });
}

/** Who may not delete one has made none; the Lease would take it all the same. */
async function removeNetworkPolicy(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
  try {
    await client.delete(`${path}/${nameOf.networkPolicy(id)}`, { signal });
  } catch (error) {
    if (!isFault(error, 'permission')) {
      throw error;
    }
  }
}

/** Deletes until none is there: a create of a killed process may come in behind the first look. */
async function removeConfigMaps(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  const path = configMapsPath(namespace);
  for (;;) {
    const left = await list(client, path, selectorOf(id), signal);
    const staying = left.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    if (staying.length === 0) {
      // What somebody's finalizer holds is waited for.
      return left.length === 0 ? undefined : void (await untilGone(client, path, id, signal));
    }
    await deleteConfigMaps(client, namespace, staying.flatMap(nameIn), { signal });
  }
}

async function list(
  client: ApiClient,
  path: string,
  labelSelector: string,
  signal: AbortSignal,
): Promise<ApiObject[]> {
  const options = { query: { labelSelector }, accept: PARTIAL_OBJECT_LIST, signal };
  return (await client.list<ApiObject>(path, options)).items;
}

function nameIn({ metadata }: ApiObject): string[] {
  return metadata?.name === undefined ? [] : [metadata.name];
}

/** The runs that there are beside one. */
export interface OtherRuns {
  /** That one itself, as its Lease tells; undefined when it has none. */
  readonly own: LeasedRun | undefined;
  readonly alive: readonly LeasedRun[];
  readonly dead: readonly RunPlace[];
}

/**
 * The other runs as far as this one may look: in the whole cluster when it has a namespace of its own,
 * else in its namespace. Throws ApiError.
 */
export async function findOtherRuns(
  client: ApiClient,
  run: Pick<Run, 'id' | 'namespace' | 'workflow'>,
  signal: AbortSignal,
): Promise<OtherRuns> {
  const everywhere = ownsNamespace(run);
  const namespaces = everywhere ? await otherNamespaces(client, run.id, signal) : [];
  const all = await leasedRuns(client, everywhere ? undefined : run.namespace, signal);
  const leased = all.filter(({ id }) => id !== run.id);
  const asking: Asking = { now: client.now(), workflow: run.workflow };
  const dead = deadRuns(leased, namespaces, asking);
  const over = new Set(dead.map(({ id }) => id));
  const own = all.find(({ id }) => id === run.id);
  return { own, alive: leased.filter(({ id }) => !over.has(id)), dead };
}

/**
 * Takes away runs that are dead. That is a courtesy: what is not gone within the bounds of a phase, or
 * not begun when the time for all is over, is told to `warn` and left to the next run. Throws the
 * signal's reason.
 */
export async function removeDeadRuns(
  client: ApiClient,
  dead: readonly RunPlace[],
  warn: (sentence: string) => void,
  signal: AbortSignal,
  phaseSeconds = REMOVE_DEAD_PHASE_SECONDS,
): Promise<void> {
  const end = performance.now() + REMOVE_DEAD_SECONDS * 1000;
  const left = dead.values();
  const worker = async () => {
    for (const run of left) {
      try {
        if (performance.now() > end) {
          throw new ActionError('There was no time for it.');
        }
        await removeRun(client, run, signal, phaseSeconds);
      } catch (error) {
        signal.throwIfAborted();
        warn(
          `What the dead run ${run.id} left in the namespace "${run.namespace}" could not be removed: ${sentenceOf(error)} The next run tries again.`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: DELETE_CONCURRENCY }, worker));
}
