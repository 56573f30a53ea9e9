import { WATCH_GRACE_SECONDS, WATCH_SECONDS } from '../lib/limits/kube.js';
import { News, rest as pause, unlessAborted } from '../lib/waiting.js';
import {
  type ApiClient,
  type ApiObject,
  PARTIAL_OBJECT,
  PARTIAL_OBJECT_LIST,
  type Query,
} from './client.js';
import { ApiError, ifAnswered, isFault } from './error.js';
import { linesOf } from './exchange.js';
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
 * opened again where it stopped. Throws ApiError with the fault `gone` when the server has forgotten
 * that version, or `watch-ended` when it ends the watch with another error or with what is no event, so that the
 * caller lists again, and whatever `signal` is aborted with.
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
    // What was not yet a whole line when it was cut comes again with the next watch.
    for await (const line of linesOf(response, WATCH_SECONDS + WATCH_GRACE_SECONDS, signal)) {
      barren = 0;
      const { type, object } = eventIn<T>(client, path, line);
      version = object.metadata?.resourceVersion ?? version;
      if (type !== 'BOOKMARK') {
        yield { type: type as WatchEvent<T>['type'], object };
      }
    }
    // What ends at once without a word, such as a proxy in trouble, is not asked again at once.
    if (barren > 0 && performance.now() - opened < 1000) {
      await pause(backoff(barren), signal);
    }
  }
}

/**
 * The objects of a collection by name, given at once and again after each change: list, watch, and
 * list again when the watch cannot go on, whatever the server's reason. The same map is given each time. The objects
 * come without their `managedFields`.
 */
export async function* observe<T extends ApiObject>(
  client: ApiClient,
  path: string,
  options: WatchOptions = {},
): AsyncGenerator<ReadonlyMap<string, T>> {
  const { metadataOnly, ...rest } = options;
  const accept = metadataOnly === true && { accept: PARTIAL_OBJECT_LIST };
  const objects = new Map<string, T>();
  for (let ended = 0; ; ended++) {
    const listed = await client.list<T>(path, { ...rest, ...accept });
    objects.clear();
    for (const item of listed.items) {
      objects.set(nameOf(item), lean(item));
    }
    yield objects;
    try {
      for await (const { type, object } of watch<T>(
        client,
        path,
        listed.resourceVersion,
        options,
      )) {
        ended = 0;
        if (type === 'DELETED') {
          objects.delete(nameOf(object));
        } else {
          objects.set(nameOf(object), lean(object));
        }
        yield objects;
      }
    } catch (error) {
      if (!isFault(error, 'gone', 'watch-ended')) {
        throw error;
      }
      // The first time at once: usually the list is all that is wanted.
      await pause(ended === 0 ? 0 : backoff(ended), options.signal);
    }
  }
}

/** What one observation sees, for many who wait for something of it. */
export class Observed<T extends ApiObject> {
  /** By name; none before the first look. */
  objects: ReadonlyMap<string, T> = new Map();
  private readonly changed = new News();

  /** Waits for the next change until a time of `performance.now()`; for ever when undefined. Throws the signal's reason. */
  async newsBefore(due: number | undefined, signal: AbortSignal): Promise<void> {
    if (due === undefined) {
      return await unlessAborted(this.changed.comes, signal);
    }
    const waited = new AbortController();
    const time = pause(due - performance.now(), AbortSignal.any([signal, waited.signal]));
    try {
      await unlessAborted(Promise.race([this.changed.comes, time]), signal);
    } finally {
      waited.abort();
      await time.catch(() => undefined);
    }
  }

  /** Observes until the signal ends it. Throws ApiError and the signal's reason. */
  async follow(client: ApiClient, path: string, options: WatchOptions): Promise<void> {
    for await (const objects of observe<T>(client, path, options)) {
      this.see(objects);
    }
  }

  /** These are there now: told after each change, so that whoever extends this misses none that came and went. */
  protected see(objects: ReadonlyMap<string, T>): void {
    this.objects = objects;
    this.changed.tell();
  }
}

/** An observation that also knows the names of all that it ever saw: an object may come and go before anybody looks. */
export class ObservedEver<T extends ApiObject> extends Observed<T> {
  private readonly met = new Set<string>();

  /** Whether an object was there, and perhaps is not any more. */
  hasMet(name: string): boolean {
    return this.met.has(name);
  }

  protected override see(objects: ReadonlyMap<string, T>): void {
    for (const name of objects.keys()) this.met.add(name);
    super.see(objects);
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

/**
 * Whether a collection's objects are still what an observation gave last, asked now: after a stop of this machine it has yet
 * to tell what came meanwhile. False also where nobody answers. Throws the signal's reason.
 */
export async function isUpToDate(
  client: ApiClient,
  { path, query }: { readonly path: string; readonly query: Query },
  given: ReadonlyMap<string, ApiObject>,
  signal: AbortSignal,
): Promise<boolean> {
  const accept = PARTIAL_OBJECT_LIST;
  const listed = await ifAnswered(client.list<ApiObject>(path, { query, accept, signal }), signal);
  const isKnown = (object: ApiObject) => versionOf(given.get(nameOf(object))) === versionOf(object);
  return listed?.items.length === given.size && listed.items.every(isKnown);
}

/** Whether the same is so of one object of a collection, which the observation gave like this, or not at all. */
export function isObjectUpToDate(
  client: ApiClient,
  path: string,
  name: string,
  given: ApiObject | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const query = { fieldSelector: `metadata.name=${name}` };
  const all = new Map(given === undefined ? [] : [[name, given] as const]);
  return isUpToDate(client, { path, query }, all, signal);
}

/** Takes out who has set which field: of a Pod with many containers that is as much as all else, and nobody asks. */
function lean<T extends ApiObject>(object: T): T {
  if (object.metadata !== undefined) {
    Reflect.deleteProperty(object.metadata, 'managedFields');
  }
  return object;
}

function nameOf(object: ApiObject): string {
  return object.metadata?.name ?? '';
}

const versionOf = (object: ApiObject | undefined) => object?.metadata?.resourceVersion;

/**
 * What a line of a watch says. Throws ApiError for an error of the server, and for what is no event, such as the words of
 * a proxy that has lost the server: one that is no API server at all is found out by the next list.
 */
function eventIn<T extends ApiObject>(
  client: ApiClient,
  path: string,
  line: string,
): { type: WatchEvent<T>['type'] | 'BOOKMARK'; object: T } {
  const { type, object } = parsed(line) as { type?: unknown; object?: unknown };
  if (typeof object !== 'object' || object === null) {
    throw watchError(client, path, { message: 'it sent what is no event' });
  }
  if (type === 'ERROR') {
    throw watchError(client, path, object);
  }
  return { type: type as WatchEvent<T>['type'], object: object as T };
}

function parsed(line: string): object {
  try {
    return Object(JSON.parse(line)) as object;
  } catch {
    return {};
  }
}

function watchError(client: ApiClient, path: string, status: object): ApiError {
  const { code = 0, reason = '', message = '' } = status as Partial<Status>;
  const gone = code === 410 || reason === 'Expired' || reason === 'Gone';
  return new ApiError(
    `The API server at ${client.server} ended the watch of ${path}: ${message || code}.`,
    { fault: gone ? 'gone' : 'watch-ended', status: code, reason },
  );
}

/** The words of a `metav1.Status`. */
interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}
