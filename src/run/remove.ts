import {
  type ApiClient,
  type ApiObject,
  type DeleteOptions,
  PARTIAL_OBJECT_LIST,
} from '../kube/client.js';
import { configMapsPath, deleteConfigMaps } from '../kube/configmaps.js';
import { isFault } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { waitUntil } from '../kube/watch.js';
import { ActionError } from '../lib/errors.js';
import { POD_END_MILLISECONDS, POD_WRITES_MAX, REMOVE_PHASE_SECONDS } from '../lib/limits/run.js';
import { Slots } from '../lib/slots.js';
import { deleteLease } from './lease.js';
import { removeNamespace } from './namespace.js';
import { removePolicy } from './removal/policy.js';
import { strangersIn } from './removal/strangers.js';
import { nameOf, ownsNamespace, type Role, type RunPlace, selectorOf } from './run.js';
import { tokenPath } from './token.js';

/**
 * Takes everything of a run out of the cluster and returns when the API server no longer knows any of
 * its objects and its own namespace is going. The policy goes first, so that no new Pod is led to a registry
 * that is going. Each phase has its bound, in seconds, and comes also after another has failed: whatever is
 * left then is owned by the Lease, which goes behind all others, but for a policy. Returns what somebody has
 * put into the run's own namespace meanwhile, which then stays. Throws the first failure, when all phases are
 * over.
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
  await phase('Its policy is', (until) => removePolicy(client, run, until));
  const own = ownsNamespace(run);
  const [strangers] = await Promise.all([
    own ? phase('Its namespace is', (until) => strangersIn(client, run, until)) : [],
    phase('Its Pods are', (until) => removePods(client, run, until)),
    phase('Its Service is', (until) => removeService(client, run, until)),
    phase('Its NetworkPolicy is', (until) => removeNetworkPolicy(client, run, until)),
    phase('Its Secret is', (until) => removeIfAllowed(client, tokenPath(run), until)),
    phase('Its ConfigMaps are', (until) => removeConfigMaps(client, run, until)),
  ]);
  await phase('Its Lease is', (until) => deleteLease(client, run, until));
  if (own && strangers?.length === 0) {
    await phase('Its namespace is', (until) => removeNamespace(client, run, until));
  }
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
 * Takes away the Pods and ConfigMaps of a run, whichever delivery they are of; Lease, Service and token
 * stay, and the Pods of these names. Throws ApiError.
 */
export async function clearRun(
  client: ApiClient,
  run: RunPlace,
  staying: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await removePods(client, run, signal, staying);
  await removeConfigMaps(client, run, signal);
}

/** Takes away the run's Pods of one role, but for those of these names. Throws ApiError. */
export async function removeRole(
  client: ApiClient,
  run: RunPlace,
  role: Role,
  staying: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const path = collection.pods(run.namespace);
  const going = await namesBut(client, path, selectorOf(run.id, role), staying, signal);
  await deleteAll(client, path, going, { gracePeriodSeconds: 0, signal });
}

/** Takes away the run's Pods, and before them the DaemonSets that would put others in their place. */
async function removePods(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
  staying: readonly string[] = [],
): Promise<void> {
  const path = collection.pods(run.namespace);
  const going = () => namesBut(client, path, selectorOf(run.id), staying, signal);
  const [names, hadDaemonSets] = await Promise.all([
    going(),
    deleteDaemonSets(client, run, signal),
  ]);
  if (names.length > 0) {
    await deleteAll(client, path, names, { signal });
    await untilPodsAreGone(client, run, going, staying, signal);
  }
  if (hadDaemonSets) {
    await untilGone(client, collection.daemonSets(run.namespace), run.id, signal);
  }
}

/**
 * Pods' kubelets begin at once to end them, and have a moment for it; that they have ended is not waited for, since a
 * kubelet looks only once a second and one of a node that is down never would: what is still there is then deleted
 * without them.
 */
async function untilPodsAreGone(
  client: ApiClient,
  { id, namespace }: RunPlace,
  going: () => Promise<string[]>,
  staying: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const path = collection.pods(namespace);
  const late = AbortSignal.timeout(POD_END_MILLISECONDS);
  try {
    await untilGone(client, path, id, AbortSignal.any([signal, late]), staying);
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) {
      throw error;
    }
    await deleteAll(client, path, await going(), { gracePeriodSeconds: 0, signal });
    await untilGone(client, path, id, signal, staying);
  }
}

/**
 * Deletes the run's DaemonSets, which make no more Pods then, and go when all that they own has gone. Returns whether
 * there were any; who may not list them has made none.
 */
async function deleteDaemonSets(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<boolean> {
  const path = collection.daemonSets(namespace);
  try {
    const names = await namesBut(client, path, selectorOf(id), [], signal);
    await deleteAll(client, path, names, { propagation: 'Foreground', signal });
    return names.length > 0;
  } catch (error) {
    if (isFault(error, 'permission')) {
      return false;
    }
    throw error;
  }
}

/** Deletes the objects of these names, as many at once as Pods are. */
async function deleteAll(
  client: ApiClient,
  path: string,
  names: readonly string[],
  options: DeleteOptions,
): Promise<void> {
  const slots = new Slots(POD_WRITES_MAX);
  const remove = (name: string) => client.delete(`${path}/${name}`, options);
  await Promise.all(names.map((name) => slots.run(() => remove(name))));
}

function untilGone(
  client: ApiClient,
  path: string,
  id: string,
  signal: AbortSignal,
  staying: readonly string[] = [],
) {
  const gone = (objects: ReadonlyMap<string, unknown>) =>
    [...objects.keys()].every((name) => staying.includes(name));
  return waitUntil(client, path, gone, {
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

function removeNetworkPolicy(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
  return removeIfAllowed(client, `${path}/${nameOf.networkPolicy(id)}`, signal);
}

/** Who may not delete an object has made none; the Lease would take it all the same. */
async function removeIfAllowed(
  client: ApiClient,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.delete(path, { signal });
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

/** The names of the objects that a selector picks, but for those that stay. */
async function namesBut(
  client: ApiClient,
  path: string,
  labelSelector: string,
  staying: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const names = (await list(client, path, labelSelector, signal)).flatMap(nameIn);
  return names.filter((name) => !staying.includes(name));
}

function nameIn({ metadata }: ApiObject): string[] {
  return metadata?.name === undefined ? [] : [metadata.name];
}
