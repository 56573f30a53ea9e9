import type { ApiClient } from '../kube/client.js';
import { missingAmong } from '../preflight/access.js';
import { type Permission, permissionsOf } from '../preflight/permissions.js';

/** What the kubeconfig's user may do of what carriers need beyond ConfigMaps that one Pod mounts. */
export interface CarrierRights {
  /** The verb on Secrets that is lacking: without it the registry knows nobody who brings it bytes. */
  readonly lacksOnSecrets: string | undefined;
  /** Forward ports: without it only runners on the nodes' own network stream. */
  readonly forward: boolean;
  /** Read the registry's log, which tells what nodes lack: without it couriers bring all. */
  readonly hear: boolean;
}

/**
 * Asks the API server what carriers may do. Throws ApiError.
 *
 * @param namespace the one that is given; without it the run makes one of its own
 */
export async function carrierRights(
  client: ApiClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<CarrierRights> {
  const isOfCarriers = ({ resource }: Permission) =>
    ['secrets', 'pods/portforward', 'pods/log'].includes(resource);
  const wanted = permissionsOf(namespace !== undefined).filter(isOfCarriers);
  const missing = await missingAmong(client, namespace, wanted, { signal });
  const lacking = (name: string) => missing.find(({ resource }) => resource === name)?.verb;
  return {
    lacksOnSecrets: lacking('secrets'),
    forward: lacking('pods/portforward') === undefined,
    hear: lacking('pods/log') === undefined,
  };
}
