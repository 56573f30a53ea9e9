import type { V1Pod } from '@kubernetes/client-node';
import { type ApiClient, PARTIAL_OBJECT_LIST } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { waitUntil } from '../kube/watch.js';
import { heardWithin } from '../lib/heard-within.js';
import { hostAndPort } from '../lib/host-port.js';
import { KUBELET_TAKES_SECONDS, POD_STARTS_LATE_SECONDS } from '../lib/limits/run.js';
import { REGISTRY_PORT } from '../run/pod.js';
import { type Delivery, ofDelivery, type RunPlace } from '../run/run.js';
import type { RegistryPod } from './bootstrap.js';
import { failWithRegistry } from './fault.js';
import { startStateOf } from './start.js';
import { isTaken } from './status.js';

/**
 * The addresses of the registry's Pod on the Pods' own network, which it has once its container runs. Throws a RegistryLost
 * when it is gone, and ApiError.
 */
export async function registryAddresses(
  client: ApiClient,
  { namespace }: RunPlace,
  { name }: RegistryPod,
  signal: AbortSignal,
): Promise<string[]> {
  const path = `${collection.pods(namespace)}/${name}`;
  const pod = await client.find<V1Pod>(path, { signal });
  // Whoever watches the Pod may hear of it later.
  if (pod === undefined) failWithRegistry({ registryPod: name, namespace }, pod);
  return (pod?.status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
}

/** Who is told that a lost registry is waited for, and for how many seconds; the limits of the same names say why. */
export interface KeptPatience {
  readonly onWaiting?: () => void;
  readonly takeSeconds?: number;
  readonly startSeconds?: number;
}

/**
 * `ADDR:PORT` of the registry that serves a delivery of a release, on the Pods' own network. Where it is lost and its
 * ReplicaSet puts another Pod in its place, that is waited for: until a kubelet has it, and from then on until it runs.
 * Undefined where none runs by then. Throws ApiError.
 */
export async function keptAddress(
  client: ApiClient,
  place: Pick<Delivery, 'id' | 'namespace' | 'delivery'>,
  signal: AbortSignal,
  {
    onWaiting,
    takeSeconds = KUBELET_TAKES_SECONDS,
    startSeconds = POD_STARTS_LATE_SECONDS,
  }: KeptPatience = {},
): Promise<string | undefined> {
  const query = { labelSelector: ofDelivery(place, 'registry') };
  const path = collection.pods(place.namespace);
  const { items } = await client.list<V1Pod>(path, { query, signal });
  const address = addressIn(items);
  if (address !== undefined) {
    return address;
  }
  const sets = { query, accept: PARTIAL_OBJECT_LIST, signal };
  if ((await client.list(collection.replicaSets(place.namespace), sets)).items.length === 0) {
    return undefined;
  }
  onWaiting?.();
  /** The Pods once one of them is like this; undefined where none is within so many seconds. */
  const podsOnce = async (isLike: (pod: V1Pod) => boolean, seconds: number) => {
    const late = heardWithin(seconds * 1000);
    const options = { query, signal: AbortSignal.any([signal, late]) };
    const isThere = (now: ReadonlyMap<string, V1Pod>) => [...now.values()].some(isLike);
    try {
      const pods = await waitUntil<V1Pod>(client, path, isThere, options);
      return [...pods.values()];
    } catch (error) {
      if (!late.aborted || signal.aborted) throw error;
      return undefined;
    }
  };
  const taken = await podsOnce((pod) => lives(pod) && isTaken(pod), takeSeconds);
  return taken && addressIn((await podsOnce(hasStarted, startSeconds)) ?? []);
}

/** Whether a Pod may still serve: another one comes in the place of one that was evicted. */
const lives = ({ metadata, status }: V1Pod) =>
  metadata?.deletionTimestamp === undefined && status?.phase !== 'Failed';

const runs = (pod: V1Pod) => lives(pod) && pod.status?.phase === 'Running';

/** Whether a Pod runs, or never will. */
const hasStarted = (pod: V1Pod) =>
  runs(pod) || (lives(pod) && typeof startStateOf(pod) === 'object');

function addressIn(pods: readonly V1Pod[]): string | undefined {
  const address = pods.find(runs)?.status?.podIP;
  return address === undefined ? undefined : hostAndPort(address, REGISTRY_PORT);
}
