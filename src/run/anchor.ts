import {
  type ApiClient,
  type ApiObject,
  PARTIAL_OBJECT,
  type RequestOptions,
} from '../kube/client.js';
import { configMapsPath, createConfigMap } from '../kube/configmaps.js';
import type { Owner } from '../kube/protobuf.js';
import { RUN_LEASE_SECONDS } from '../lib/limits/run.js';
import { EXPIRES_ANNOTATION, labelsOf, nameOf, type Run, WORKFLOW_ANNOTATION } from './run.js';

/**
 * Creates the ConfigMap that owns everything of the run: with it gone, the cluster's garbage
 * collector takes the rest. It says until when the run is alive for sure, and of which attempt of a
 * workflow run it is, so that others can take away what a killed runner left. Returns it as the
 * owner of other objects. Throws ApiError.
 */
export async function createAnchor(
  client: ApiClient,
  namespace: string,
  run: Run,
  signal: AbortSignal,
): Promise<Owner> {
  const name = nameOf.anchor(run.id);
  const annotations = {
    [EXPIRES_ANNOTATION]: momentIn(client, RUN_LEASE_SECONDS),
    ...(run.workflow && { [WORKFLOW_ANNOTATION]: run.workflow }),
  };
  const labels = labelsOf(run.id, 'anchor');
  const spec = { name, namespace, labels, annotations, data: {} };
  const { uid } = await createConfigMap(client, spec, { signal });
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid };
}

/** Makes the anchor say that the run is alive for so many seconds from now on. Throws ApiError. */
export async function extendAnchor(
  client: ApiClient,
  namespace: string,
  run: Run,
  seconds: number,
  options: Pick<RequestOptions, 'signal' | 'patienceSeconds'>,
): Promise<void> {
  const path = `${configMapsPath(namespace)}/${nameOf.anchor(run.id)}`;
  const annotations = { [EXPIRES_ANNOTATION]: momentIn(client, seconds) };
  const patch = { metadata: { annotations } };
  await client.patch<ApiObject>(path, patch, { accept: PARTIAL_OBJECT, ...options });
}

/** So many seconds from now, by the clock of the API server, which is the same for all runners. */
function momentIn(client: ApiClient, seconds: number): string {
  return new Date(client.now() + seconds * 1000).toISOString();
}
