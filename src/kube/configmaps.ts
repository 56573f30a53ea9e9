import { createHash } from 'node:crypto';
import { ActionError } from '../lib/errors.js';
import { DELETE_CONCURRENCY } from '../lib/limits/kube.js';
import { rest } from '../lib/rest.js';
import {
  type ApiClient,
  type ApiObject,
  FIELD_MANAGER,
  PARTIAL_OBJECT,
  PARTIAL_OBJECT_LIST,
  type RequestOptions,
} from './client.js';
import { isFault } from './error.js';
import {
  type ConfigMapSpec,
  configMapObject,
  encodeConfigMap,
  type Pieces,
  PROTOBUF,
} from './protobuf.js';
import { waitUntil } from './watch.js';

/** The annotation that tells what a ConfigMap holds, so that a repeated create can be recognised. */
export const CONTENT_ANNOTATION = 'jackal-inject.dev/sha256';

/** What a create left in the cluster. */
export interface CreatedConfigMap {
  readonly name: string;
  readonly uid: string;
  /** False when an earlier attempt of ours had created it already. */
  readonly created: boolean;
}

/** How to create: `sha256` (hex) spares hashing the content again. */
export interface CreateOptions extends Pick<RequestOptions, 'signal' | 'onAttempt'> {
  readonly sha256?: string;
  /** The server checks and admits, and stores nothing. */
  readonly dryRun?: boolean;
}

/** Path of a namespace's ConfigMaps. */
export function configMapsPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

/** API servers, or proxies before them, that take no protobuf. */
const jsonOnly = new WeakSet<ApiClient>();

/**
 * Creates a ConfigMap. When one of that name is there with the same content, an earlier attempt
 * had succeeded and nothing is left to do; with other content it is an ActionError.
 */
export async function createConfigMap(
  client: ApiClient,
  spec: ConfigMapSpec,
  options: CreateOptions = {},
): Promise<CreatedConfigMap> {
  const sha256 = options.sha256 ?? contentHash(spec);
  const annotations = { ...spec.annotations, [CONTENT_ANNOTATION]: sha256 };
  const marked = { ...spec, annotations };
  try {
    const { metadata } = await post(client, marked, options);
    return { name: spec.name, uid: metadata?.uid ?? '', created: true };
  } catch (error) {
    if (!isFault(error, 'exists')) {
      throw error;
    }
    const there = await client.get<ApiObject>(`${configMapsPath(spec.namespace)}/${spec.name}`, {
      accept: PARTIAL_OBJECT,
      signal: options.signal,
    });
    if (there.metadata?.annotations?.[CONTENT_ANNOTATION] !== sha256) {
      throw new ActionError(
        `The ConfigMap "${spec.name}" in the namespace "${spec.namespace}" is there already with other content; delete it or use another namespace.`,
        { cause: error },
      );
    }
    return { name: spec.name, uid: there.metadata.uid ?? '', created: false };
  }
}

async function post(
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

/** SHA-256 (hex) of a ConfigMap's keys and values, in an order of its own. */
function contentHash({ data = {}, binaryData = {} }: ConfigMapSpec): string {
  const hash = createHash('sha256');
  const values = new Map<string, Pieces>(Object.entries(binaryData));
  for (const [key, value] of Object.entries(data)) {
    values.set(key, [Buffer.from(value)]);
  }
  for (const key of [...values.keys()].sort()) {
    const bytes = Buffer.concat(values.get(key) ?? []);
    hash.update(`${key}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** How to delete: `pace` is what the creates found out, how many the control plane bears and what rest. */
export interface DeleteManyOptions extends Pick<RequestOptions, 'signal'> {
  readonly pace?: { readonly concurrency: number; readonly restMilliseconds: number };
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
  const left = names[Symbol.iterator]();
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([stop.signal, options.signal]) : stop.signal;
  const worker = async () => {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      await client.delete(`${configMapsPath(namespace)}/${next.value}`, { signal });
      await rest(restMilliseconds, signal);
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, DELETE_CONCURRENCY) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    // The caller may close the client now, so nobody may go on with it.
    stop.abort();
    await Promise.allSettled(workers);
    throw error;
  }
}

/** Names of the ConfigMaps that a label selector picks. */
export async function listConfigMaps(
  client: ApiClient,
  namespace: string,
  labelSelector: string,
  options: Pick<RequestOptions, 'signal'> = {},
): Promise<ApiObject[]> {
  const { items } = await client.list<ApiObject>(configMapsPath(namespace), {
    query: { labelSelector },
    accept: PARTIAL_OBJECT_LIST,
    ...options,
  });
  return items;
}

/** Waits until no object of a collection matches the selector any more; `path` as of a list. */
export async function waitUntilGone(
  client: ApiClient,
  path: string,
  labelSelector: string,
  options: Pick<RequestOptions, 'signal'> = {},
): Promise<void> {
  await waitUntil(client, path, (objects) => objects.size === 0, {
    query: { labelSelector },
    metadataOnly: true,
    ...options,
  });
}
