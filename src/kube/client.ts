import type { IncomingMessage } from 'node:http';
import { ActionError } from '../lib/errors.js';
import { LIST_PAGE, REQUEST_DEADLINE_SECONDS, RETRY_PATIENCE_SECONDS } from '../lib/limits/kube.js';
import { rest } from '../lib/rest.js';
import { ServerClock } from './clock.js';
import { type Asked, apiErrorOf, isFault, unreachable } from './error.js';
import { type Answer, type Call, exchange, openStream, read } from './exchange.js';
import { type Ending, retryDelay } from './retry.js';
import type { Endpoint } from './way/endpoint.js';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What one attempt at a request took and how it ended; for those who adapt to it. */
export interface Attempt {
  readonly milliseconds: number;
  readonly status?: number;
  readonly code?: string;
}

/** How long to try, whom to tell, when to stop. */
export interface RequestOptions {
  readonly query?: Query;
  readonly accept?: string;
  /** Seconds for one attempt. */
  readonly deadlineSeconds?: number;
  /** Seconds for all attempts together. */
  readonly patienceSeconds?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after each attempt. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

/** A request to the API server. */
export interface ApiRequest extends RequestOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Raw bytes in order, or an object that is sent as JSON. */
  readonly body?: readonly Buffer[] | object;
  readonly contentType?: string;
}

/** A granted request's answer. */
export interface ApiAnswer extends Answer {
  readonly attempts: number;
}

/** A page or all of a list. */
export interface ApiList<Item> {
  readonly items: Item[];
  readonly resourceVersion: string;
}

/** The field manager under which the API server books what this action writes. */
export const FIELD_MANAGER = 'jackal-inject';

/**
 * Speaks HTTP/1.1 to one API server over kept connections. HTTP/2 is not used: its window of
 * 256 KiB a stream binds a body of chunk size to the round trip (apiserver secure_serving.go).
 * Failures are ApiErrors; busy, broken and late answers are tried again with growing pauses.
 */
export class ApiClient {
  readonly server: string;
  private contacted = false;
  private readonly clock = new ServerClock();
  private quickest = Number.POSITIVE_INFINITY;

  constructor(private readonly endpoint: Endpoint) {
    this.server = endpoint.server.origin;
  }

  /** Sends a request until it is granted, refused, or patience ends. Throws ApiError. */
  async request(wanted: ApiRequest): Promise<ApiAnswer> {
    const call = callOf(wanted);
    const answer = await this.persist(wanted, () => exchange(this.endpoint, call));
    return { ...answer.result, attempts: answer.attempts };
  }

  /** A GET whose answer is read while it comes, such as a log; its errors are those of `request`. */
  async stream(path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
    const wanted: ApiRequest = { method: 'GET', path, ...options };
    const call = callOf(wanted);
    const { result } = await this.persist(wanted, async () => {
      const response = await openStream(this.endpoint, call);
      const status = response.statusCode ?? 0;
      const body = status >= 300 ? await read(response) : Buffer.alloc(0);
      return { status, headers: response.headers, body, response };
    });
    return result.response;
  }

  /** One object. */
  async get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return json<T>(await this.request({ method: 'GET', path, ...options }));
  }

  /** All objects of a collection, read page by page. */
  async list<T>(path: string, options: RequestOptions = {}): Promise<ApiList<T>> {
    const items: T[] = [];
    let token: string | undefined;
    for (;;) {
      const query = { ...options.query, limit: LIST_PAGE, continue: token };
      const page = await this.get<Page<T>>(path, { ...options, query });
      items.push(...(page.items ?? []));
      token = page.metadata?.continue || undefined;
      if (token === undefined) {
        return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
      }
    }
  }

  /**
   * Creates an object and returns what the server made of it. When an attempt had succeeded
   * unnoticed, the next one's conflict is met by returning what is there.
   */
  async create<T extends ApiObject>(
    path: string,
    object: T,
    options: RequestOptions = {},
  ): Promise<T> {
    const query = { fieldManager: FIELD_MANAGER, ...options.query };
    try {
      return json<T>(await this.request({ method: 'POST', path, body: object, ...options, query }));
    } catch (error) {
      const name = object.metadata?.name;
      if (isFault(error, 'conflict') && error.attempts > 1 && name !== undefined) {
        const { query: _, ...rest } = options;
        return this.get<T>(`${path}/${name}`, rest);
      }
      throw error;
    }
  }

  /** Deletes an object, its dependents in the background; false when it was not there. */
  async delete(path: string, options: DeleteOptions = {}): Promise<boolean> {
    const { preconditions, gracePeriodSeconds, ...rest } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...(preconditions && { preconditions }),
      ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    };
    try {
      await this.request({ method: 'DELETE', path, body, accept: PARTIAL_OBJECT, ...rest });
      return true;
    } catch (error) {
      if (isFault(error, 'not-found')) {
        return false;
      }
      throw error;
    }
  }

  /** Merges a patch (RFC 7396) into an object and returns it. */
  async patch<T>(path: string, patch: object, options: RequestOptions = {}): Promise<T> {
    const query = { fieldManager: FIELD_MANAGER, ...options.query };
    const contentType = 'application/merge-patch+json';
    return json<T>(
      await this.request({ method: 'PATCH', path, body: patch, contentType, ...options, query }),
    );
  }

  /** Milliseconds since 1970 by the API server's clock, as its last granted answer told it. */
  now(): number {
    return this.clock.now();
  }

  /** Milliseconds of the quickest answer so far, which is about a round trip; 0 before the first. */
  get roundTripMilliseconds(): number {
    return Number.isFinite(this.quickest) ? this.quickest : 0;
  }

  /** Closes the connections; the client is of no use afterwards. */
  close(): void {
    this.endpoint.close();
  }

  private async persist<R extends Answer>(
    wanted: ApiRequest,
    attempt: () => Promise<R>,
  ): Promise<{ result: R; attempts: number }> {
    const started = performance.now();
    const patience = (wanted.patienceSeconds ?? RETRY_PATIENCE_SECONDS) * 1000;
    let renewed = false;
    for (let attempts = 1; ; attempts++) {
      const asked: Asked = { ...wanted, server: this.server, attempts };
      const { ending, result, error } = await this.measured(wanted, attempt);
      if (result !== undefined && result.status < 300) {
        this.clock.hear(result.headers.date);
        return { result, attempts };
      }
      if (result?.status === 401 && !renewed && this.endpoint.forget()) {
        renewed = true;
        continue;
      }
      const failure =
        result === undefined
          ? unreachable(asked, error)
          : apiErrorOf(asked, result.status, result.body);
      const elapsed = performance.now() - started;
      const state = { attempts, elapsed, patience, contacted: this.contacted };
      const delay = isFault(failure, 'space', 'too-large') ? undefined : retryDelay(ending, state);
      if (delay === undefined) {
        throw failure;
      }
      await rest(delay, wanted.signal);
    }
  }

  /** One attempt with its time; throws only what no further attempt could mend. */
  private async measured<R extends Answer>(
    { onAttempt, signal }: ApiRequest,
    attempt: () => Promise<R>,
  ): Promise<{ ending: Ending; result?: R; error?: unknown }> {
    const started = performance.now();
    try {
      const result = await attempt();
      this.contacted = true;
      const milliseconds = performance.now() - started;
      this.quickest = Math.min(this.quickest, milliseconds);
      onAttempt?.({ milliseconds, status: result.status });
      const retryAfter = result.headers['retry-after'];
      return { ending: { status: result.status, ...(retryAfter && { retryAfter }) }, result };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ActionError) {
        throw error;
      }
      const { code = '', reused = false } = error as { code?: string; reused?: boolean };
      onAttempt?.({ milliseconds: performance.now() - started, code });
      return { ending: { code, reused }, error };
    }
  }
}

/** Options of a delete. */
export interface DeleteOptions extends RequestOptions {
  /** The delete happens only when the object is still exactly this. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly gracePeriodSeconds?: number;
}

/** What every object of Kubernetes has. */
export interface ApiObject {
  readonly metadata?: {
    readonly name?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: { readonly [key: string]: string };
    readonly annotations?: { readonly [key: string]: string };
    readonly deletionTimestamp?: Date | string;
  };
}

/** Asks for an object's metadata alone, where the server would echo the whole object. */
export const PARTIAL_OBJECT =
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/** As `PARTIAL_OBJECT`, for lists and watches. */
export const PARTIAL_OBJECT_LIST =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

interface Page<T> {
  readonly items?: T[];
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
}

function json<T>({ body }: Answer): T {
  return JSON.parse(body.toString('utf8')) as T;
}

function callOf(wanted: ApiRequest): Call {
  const { method, body, signal } = wanted;
  const bytes = Array.isArray(body) ? (body as Buffer[]) : body && [jsonBytes(body)];
  return {
    method,
    path: wanted.path + queryString(wanted.query),
    headers: {
      accept: wanted.accept ?? 'application/json',
      ...(bytes && { 'content-type': wanted.contentType ?? 'application/json' }),
    },
    deadlineSeconds: wanted.deadlineSeconds ?? REQUEST_DEADLINE_SECONDS,
    ...(bytes && { body: bytes }),
    ...(signal && { signal }),
  };
}

function jsonBytes(object: object): Buffer {
  return Buffer.from(JSON.stringify(object));
}

/** A query string with its question mark, or nothing. */
export function queryString(query: Query = {}): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
