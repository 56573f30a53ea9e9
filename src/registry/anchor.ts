import { createConfigMap } from '../cluster/configmaps.js';
import type { ApiClient } from '../cluster/http.js';
import type { Owner } from '../cluster/protobuf.js';
import { RUN_LIFETIME_SECONDS } from '../limits.js';
import { EXPIRES_ANNOTATION, labelsOf, nameOf, type Run } from '../run.js';

/**
 * Creates the ConfigMap that owns everything of the run: with it gone, the cluster's garbage
 * collector takes the rest. It says when the run is over at the latest, so that a later run can
 * take away what a killed runner left. Returns it as the owner of other objects.
 */
export async function createAnchor(
  client: ApiClient,
  namespace: string,
  run: Run,
  signal: AbortSignal,
): Promise<Owner> {
  const name = nameOf.anchor(run.id);
  const expires = new Date(Date.now() + RUN_LIFETIME_SECONDS * 1000).toISOString();
  const { uid } = await createConfigMap(
    client,
    {
      name,
      namespace,
      labels: labelsOf(run.id, 'anchor'),
      annotations: { [EXPIRES_ANNOTATION]: expires },
      data: {},
    },
    { signal },
  );
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid };
}
