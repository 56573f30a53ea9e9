import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import type { RunPlace } from '../run/run.js';
import type { RegistryPod } from './bootstrap.js';

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
