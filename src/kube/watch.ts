import type { IncomingMessage } from 'node:http';
import { WATCH_GRACE_SECONDS, WATCH_SECONDS } from '../lib/limits/kube.js';
import { rest } from '../lib/rest.js';
import {
  type ApiClient,
  type ApiObject,
  PARTIAL_OBJECT,
  PARTIAL_OBJECT_LIST,
  type Query,
} from './client.js';
import { ApiError, isFault } from './error.js';
import { backoff } from './retry.js';

/** A change that a watch tells of. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

/** What a watch or an observation may be told. */
export interface WatchOptions {
  readonly query?: Query;
  /** Ask for the objects' metadata alone, for objects that are large or of no interest. */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The changes of a collection from `resourceVersion` on, for ever: a watch that ends or breaks is
 * opened again where it stopped. Throws ApiError with the fault `gone` when the server has
 * forgotten that version, so that the caller lists again, and whatever `signal` is aborted with.
 */
export async function* watch<T extends ApiObject>(
  client: ApiClient,
  path: string,
  resourceVersion: string,
  options: WatchOptions = {},
): AsyncGenerator<WatchEvent<T>> {
  let version = resourceVersion;
  let barren = 0;
  for (;;) {
    const query = {
      ...options.query,
      watch: true,
      allowWatchBookmarks: true,
      timeoutSeconds: WATCH_SECONDS,
      resourceVersion: version,
    };
    const { signal, metadataOnly } = options;
    const accept = metadataOnly === true && { accept: PARTIAL_OBJECT };
    const opened = performance.now();
    const response = await client.stream(path, { query, signal, ...accept });
    barren++;
    for await (const line of linesOf(response, signal)) {
      barren = 0;
      const { type, object } = JSON.parse(line) as { type: string; object: T };
      if (type === 'ERROR') {
        throwStatus(client, path, object);
      }
      version = object.metadata?.resourceVersion ?? version;
      if (type !== 'BOOKMARK') {
        yield { type: type as WatchEvent<T>['type'], object };
      }
    }
    // What ends at once without a word, such as a proxy in trouble, is not asked again at once.
    if (barren > 0 && performance.now() - opened < 1000) {
      await rest(backoff(barren), signal);
    }
  }
}

/**
 * The objects of a collection by name, given at once and again after each change: list, watch, and
 * list again when the watch cannot go on. The same map is given each time.
 */
export async function* observe<T extends ApiObject>(
  client: ApiClient,
  path: string,
  options: WatchOptions = {},
): AsyncGenerator<ReadonlyMap<string, T>> {
  const { metadataOnly, ...rest } = options;
  const accept = metadataOnly === true && { accept: PARTIAL_OBJECT_LIST };
  const objects = new Map<string, T>();
  for (;;) {
    const listed = await client.list<T>(path, { ...rest, ...accept });
    objects.clear();
    for (const item of listed.items) {
      objects.set(nameOf(item), item);
    }
    yield objects;
    try {
      for await (const { type, object } of watch<T>(
        client,
        path,
        listed.resourceVersion,
        options,
      )) {
        if (type === 'DELETED') {
          objects.delete(nameOf(object));
        } else {
          objects.set(nameOf(object), object);
        }
        yield objects;
      }
    } catch (error) {
      if (!isFault(error, 'gone')) {
        throw error;
      }
    }
  }
}

/**
 * Waits until the objects of a collection satisfy `satisfied`, and returns them. What the API
 * server says decides the moment; there is no polling.
 */
export async function waitUntil<T extends ApiObject>(
  client: ApiClient,
  path: string,
  satisfied: (objects: ReadonlyMap<string, T>) => boolean,
  options: WatchOptions = {},
): Promise<ReadonlyMap<string, T>> {
  for await (const objects of observe<T>(client, path, options)) {
    if (satisfied(objects)) {
      return objects;
    }
  }
  throw new Error('an observation ended');
}

function nameOf(object: ApiObject): string {
  return object.metadata?.name ?? '';
}

/** The lines of a stream; a stream that breaks or falls silent ends like one that is over. */
async function* linesOf(
  response: IncomingMessage,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const dead = setTimeout(() => response.destroy(), (WATCH_SECONDS + WATCH_GRACE_SECONDS) * 1000);
  let rest = '';
  try {
    response.setEncoding('utf8');
    for await (const piece of response) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() as string;
      yield* lines.filter((line) => line !== '');
    }
  } catch {
    // Cut off: what was not yet a whole line comes again with the next watch.
    signal?.throwIfAborted();
  } finally {
    clearTimeout(dead);
    response.destroy();
  }
}

function throwStatus(client: ApiClient, path: string, object: unknown): never {
  const status = object as { code?: number; reason?: string; message?: string };
  const { code = 0, reason = '', message = '' } = status;
  const gone = code === 410 || reason === 'Expired' || reason === 'Gone';
  throw new ApiError(
    `The API server at ${client.server} ended the watch of ${path}: ${message || code}.`,
    { fault: gone ? 'gone' : 'other', status: code, reason },
  );
}
