import {
  type ApiClient,
  type ApiObject,
  type DeleteOptions,
  PARTIAL_OBJECT,
  PARTIAL_OBJECT_LIST,
} from '../../kube/client.js';
import { configMapsPath, deleteConfigMaps } from '../../kube/configmaps.js';
import { isFault } from '../../kube/error.js';
import { collection } from '../../kube/pods.js';
import { waitUntil } from '../../kube/watch.js';
import {
  CONTROLLER_END_SECONDS,
  POD_END_MILLISECONDS,
  POD_WRITES_MAX,
} from '../../lib/limits/run.js';
import { Slots, settled } from '../../lib/slots.js';
import { type RunPlace, selectorOf } from '../run.js';

/** What of a run is meant; all of it without a selector of its own. */
export type Part = RunPlace & { readonly selector?: string };

const selected = ({ id, selector }: Part) => selector ?? selectorOf(id);

/** Takes away Pods of the run, and before them what would put others in their place. */
export async function removePods(
  client: ApiClient,
  part: Part,
  signal: AbortSignal,
  staying: readonly string[] = [],
): Promise<void> {
  const path = collection.pods(part.namespace);
  const controllers = [collection.daemonSets, collection.replicaSets].map((of) =>
    of(part.namespace),
  );
  const [names, ...had] = await Promise.all([
    namesBut(client, path, selected(part), staying, signal),
    ...controllers.map((controller) => deleteControllers(client, controller, part, signal)),
  ]);
  if (names.length > 0) {
    await deleteAll(client, path, names, { signal });
    await untilEnded(client, path, part, POD_END_MILLISECONDS, signal, staying);
  }
  const late = await Promise.all(
    controllers
      .filter((_, index) => had[index])
      .map((controller) =>
        untilEnded(client, controller, part, CONTROLLER_END_SECONDS * 1000, signal),
      ),
  );
  if (late.includes(true)) {
    // Nobody collects what they have made meanwhile.
    await removePods(client, part, signal, staying);
  }
}

/**
 * Waits until objects that are being deleted are gone. Who is to end them has a moment for it: what is still there then is
 * deleted without them. Kubelets begin at once, but look only once a second, and one of a node that is down never would;
 * nor would a garbage collector that cannot read all kinds of objects, as where a CRD's conversion webhook fails
 * (kubernetes#101078). Returns whether any was.
 */
async function untilEnded(
  client: ApiClient,
  path: string,
  part: Part,
  milliseconds: number,
  signal: AbortSignal,
  staying: readonly string[] = [],
): Promise<boolean> {
  const late = AbortSignal.timeout(milliseconds);
  try {
    await untilGone(client, path, part, AbortSignal.any([signal, late]), staying);
    return false;
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) {
      throw error;
    }
    const names = await namesBut(client, path, selected(part), staying, signal);
    await deleteAll(client, path, names, { gracePeriodSeconds: 0, signal });
    await untilGone(client, path, part, signal, staying);
    return true;
  }
}

/**
 * Deletes the run's controllers of a kind, which make no more Pods then, and go when all that they own has gone. Returns
 * whether there were any; who may not list them has made none.
 */
async function deleteControllers(
  client: ApiClient,
  path: string,
  part: Part,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const names = await namesBut(client, path, selected(part), [], signal);
    await deleteAll(client, path, names, { propagation: 'Foreground', signal });
    return names.length > 0;
  } catch (error) {
    if (isFault(error, 'permission')) {
      return false;
    }
    throw error;
  }
}

/**
 * Deletes the objects of these names, as many at once as Pods are; the others also when one cannot be, but for an API
 * server that is not reached: each would wait for it anew.
 */
export async function deleteAll(
  client: ApiClient,
  path: string,
  names: readonly string[],
  options: DeleteOptions,
): Promise<void> {
  const slots = new Slots(POD_WRITES_MAX);
  let away: unknown;
  const remove = async (name: string) => {
    if (away !== undefined) throw away;
    try {
      await client.delete(`${path}/${name}`, options);
    } catch (error) {
      if (isFault(error, 'unreachable')) away = error;
      throw error;
    }
  };
  await settled(names.map((name) => slots.run(() => remove(name))));
}

function untilGone(
  client: ApiClient,
  path: string,
  part: Part,
  signal: AbortSignal,
  staying: readonly string[] = [],
) {
  const gone = (objects: ReadonlyMap<string, unknown>) =>
    [...objects.keys()].every((name) => staying.includes(name));
  return waitUntil(client, path, gone, {
    query: { labelSelector: selected(part) },
    metadataOnly: true,
    signal,
  });
}

/** Deletes until none is there: a create of a killed process may come in behind the first look. */
export async function removeConfigMaps(
  client: ApiClient,
  part: Part,
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = part;
  const path = configMapsPath(namespace);
  for (;;) {
    const left = await list(client, path, selected(part), signal);
    const staying = left.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    if (staying.length === 0) {
      // What somebody's finalizer holds is waited for.
      return left.length === 0 ? undefined : void (await untilGone(client, path, part, signal));
    }
    await deleteConfigMaps(client, namespace, staying.flatMap(nameIn), { signal });
  }
}

/** The stores of a release; who may not list them has made none. */
export async function removeClaims(
  client: ApiClient,
  part: Part,
  signal: AbortSignal,
): Promise<void> {
  const path = collection.claims(part.namespace);
  try {
    const names = await namesBut(client, path, selected(part), [], signal);
    await deleteAll(client, path, names, { signal });
    if (names.length > 0) {
      await untilGone(client, path, part, signal);
    }
  } catch (error) {
    if (!isFault(error, 'permission')) {
      throw error;
    }
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
export async function namesBut(
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

/**
 * Deletes an object that `isOwn` knows by its metadata as the run's; what others have put under its name stays. Returns false
 * where the user may not. Throws ApiError.
 */
export function removeOwn(
  client: ApiClient,
  path: string,
  isOwn: (object: ApiObject) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  return ifAllowed(async () => {
    const found = await client.find<ApiObject>(path, { accept: PARTIAL_OBJECT, signal });
    if (found !== undefined && isOwn(found)) {
      const { uid = '' } = found.metadata ?? {};
      await client.delete(path, { preconditions: { uid }, signal });
    }
  });
}

/** Whether the user may do this: who may not has made none of what it removes; the Lease would take it all the same. Throws ApiError. */
export async function ifAllowed(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isFault(error, 'permission')) {
      throw error;
    }
    return false;
  }
}
