import type { ApiClient } from '../../kube/client.js';
import { missingAmong } from '../../preflight/access.js';
import { permissionsOf } from '../../preflight/permissions.js';

/** What the kubeconfig's user may do of what couriers need. */
export interface CourierRights {
  /** Make the Secret by which the registry knows them: without it there are none. */
  readonly send: boolean;
  /** Read the registry's log, which says what nodes lack: without it all is brought. */
  readonly hear: boolean;
}

/**
 * Asks the API server what couriers may do.
 *
 * @param namespace the one that is given; without it the run makes one of its own
 */
export async function courierRights(
  client: ApiClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<CourierRights> {
  const wanted = permissionsOf(namespace !== undefined).filter(({ resource }) =>
    ['secrets', 'pods/log'].includes(resource),
  );
  const missing = await missingAmong(client, namespace, wanted, { signal });
  const may = (name: string) => !missing.some(({ resource }) => resource === name);
  return { send: may('secrets'), hear: may('pods/log') };
}
