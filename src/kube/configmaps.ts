import { DELETE_CONCURRENCY } from '../lib/limits/kube.js';
import { eachOf } from '../lib/slots.js';
import { rest } from '../lib/waiting.js';
import {
  type ApiClient,
  type ApiObject,
  FIELD_MANAGER,
  PARTIAL_OBJECT,
  type RequestOptions,
} from './client.js';
import { type ConfigMapSpec, configMapObject, encodeConfigMap, PROTOBUF } from './protobuf.js';

/** How to create; with `dryRun` the server checks and admits, and stores nothing. */
export interface CreateOptions extends Pick<RequestOptions, 'signal' | 'onAttempt'> {
  readonly dryRun?: boolean;
}

/** Path of a namespace's ConfigMaps. */
export function configMapsPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

/** API servers, or proxies before them, that take no protobuf. */
const jsonOnly = new WeakSet<ApiClient>();

/**
 * Creates a ConfigMap, in protobuf where the server takes it, and returns its metadata. Throws ApiError,
 * also when one of that name is there.
 */
export async function createConfigMap(
  client: ApiClient,
  spec: ConfigMapSpec,
  { signal, onAttempt, dryRun }: CreateOptions,
): Promise<ApiObject> {
  const request = {
    method: 'POST' as const,
    path: configMapsPath(spec.namespace),
    query: {
      fieldManager: FIELD_MANAGER,
      fieldValidation: 'Ignore',
      ...(dryRun && { dryRun: 'All' }),
    },
    accept: PARTIAL_OBJECT,
    signal,
    ...(onAttempt && { onAttempt }),
  };
  if (!jsonOnly.has(client)) {
    try {
      const body = encodeConfigMap(spec);
      return (await client.request({ ...request, body, contentType: PROTOBUF })).json<ApiObject>();
    } catch (error) {
      const { status = 0 } = error as { status?: number };
      if (status !== 415 && status !== 406) {
        throw error;
      }
      jsonOnly.add(client);
    }
  }
  return (await client.request({ ...request, body: configMapObject(spec) })).json<ApiObject>();
}

/** How to delete: `pace` is what the creates found out, how many the control plane bears and what rest. */
export interface DeleteManyOptions extends Pick<RequestOptions, 'signal'> {
  readonly pace?: { readonly concurrency: number; readonly restMilliseconds: number };
  /** Told of each that is gone. */
  readonly onDeleted?: (name: string) => void;
}

/**
 * Deletes ConfigMaps by name, a few at a time, each tried again like a create; those that are gone
 * already count as done. Not by DELETECOLLECTION: throttled control planes refuse that as a whole.
 */
export async function deleteConfigMaps(
  client: ApiClient,
  namespace: string,
  names: Iterable<string>,
  options: DeleteManyOptions = {},
): Promise<void> {
  const { concurrency = DELETE_CONCURRENCY, restMilliseconds = 0 } = options.pace ?? {};
  const most = Math.min(concurrency, DELETE_CONCURRENCY);
  await eachOf(names, most, options.signal, async (name, signal) => {
    await client.delete(`${configMapsPath(namespace)}/${name}`, { signal });
    options.onDeleted?.(name);
    await rest(restMilliseconds, signal);
  });
}
