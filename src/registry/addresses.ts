import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { hostAndPort } from '../lib/host-port.js';
import { type Delivery, ofDelivery, type RunPlace } from '../run/run.js';
import type { RegistryPod } from './bootstrap.js';
import { REGISTRY_PORT } from './pod.js';

/** The addresses of the registry's Pod on the Pods' own network, which it has once its container runs. Throws ApiError. */
export async function registryAddresses(
  client: ApiClient,
  { namespace }: RunPlace,
  { name }: RegistryPod,
  signal: AbortSignal,
): Promise<string[]> {
  const path = `${collection.pods(namespace)}/${name}`;
  const { status } = await client.get<V1Pod>(path, { signal });
  return (status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
}

/**
 * `ADDR:PORT` of the registry that serves a delivery of a release, on the Pods' own network; undefined while none of its
 * Pods runs. Throws ApiError.
 */
export async function keptAddress(
  client: ApiClient,
  place: Pick<Delivery, 'id' | 'namespace' | 'delivery'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = { labelSelector: ofDelivery(place, 'registry') };
  const { items } = await client.list<V1Pod>(collection.pods(place.namespace), { query, signal });
  const running = items.find(
    ({ metadata, status }) =>
      metadata?.deletionTimestamp === undefined && status?.phase === 'Running',
  );
  const address = running?.status?.podIP;
  return address === undefined ? undefined : hostAndPort(address, REGISTRY_PORT);
}
