import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { ActionError } from '../lib/errors.js';
import {
  LIST_RESTARTS,
  RETRY_PATIENCE_SECONDS,
  STARTED_DENIALS_SECONDS,
  WEBHOOK_PATIENCE_SECONDS,
} from '../lib/limits/kube.js';
import { rest } from '../lib/waiting.js';
import { ServerClock } from './clock.js';
import {
  type ApiError,
  type Asked,
  failureOf,
  foreign,
  isFault,
  isFinal,
  unreachable,
} from './error.js';
import { type Access, type Answer, exchange, openStream } from './exchange.js';
import {
  type ApiAnswer,
  type ApiList,
  type ApiObject,
  type ApiRequest,
  callOf,
  type DeleteOptions,
  deleteBody,
  FIELD_MANAGER,
  PARTIAL_OBJECT,
  type Page,
  pageQuery,
  type RequestOptions,
  refusalPasses,
} from './request.js';
import { type Ending, retryDelay } from './retry.js';
import type { Endpoint } from './way/endpoint.js';
import { openWebSocket } from './way/web-socket.js';

export {
  type ApiAnswer,
  type ApiList,
  type ApiObject,
  type ApiRequest,
  AS_REMEMBERED,
  type Attempt,
  type DeleteOptions,
  FIELD_MANAGER,
  PARTIAL_OBJECT,
  PARTIAL_OBJECT_LIST,
  type Query,
  type RequestOptions,
  TABLE,
} from './request.js';

/**
 * Speaks HTTP/1.1 to one API server over kept connections. HTTP/2 is not used: its window of
 * 256 KiB a stream binds a body of chunk size to the round trip (apiserver secure_serving.go).
 * Failures are ApiErrors; busy, broken and late answers are tried again with growing pauses.
 */
export class ApiClient {
  /** Address of the API server, by which one cluster is told from another; no slash ends it. */
  readonly server: string;
  private contacted: boolean;
  /** The time of `performance.now()` at which the server was last away. */
  private away = Number.NEGATIVE_INFINITY;
  private readonly clock = new ServerClock();
  private quickest = Number.POSITIVE_INFINITY;

  /** `known` is the address of a server that has answered before this client was made, if any. */
  constructor(
    private readonly endpoint: Endpoint,
    known?: string,
  ) {
    // With its path: Rancher, for one, has many clusters behind one name.
    const { origin, pathname } = endpoint.server;
    this.server = origin + pathname.replace(/\/$/, '');
    this.contacted = this.server === known;
  }

  /** Sends a request until it is granted, refused, or patience ends. Throws ApiError. */
  async request(wanted: ApiRequest): Promise<ApiAnswer> {
    const call = callOf(wanted);
    const { result, asked } = await this.persist(wanted, (access) => exchange(access, call));
    return { ...result, attempts: asked.attempts, json: <T>() => objectIn<T>(asked, result) };
  }

  /** A GET whose answer is read while it comes, such as a log; its errors are those of `request`. */
  async stream(path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
    const wanted: ApiRequest = { method: 'GET', path, ...options };
    const call = callOf(wanted);
    const { result } = await this.persist(wanted, (access) => openStream(access, call));
    return result.response;
  }

  /** A WebSocket of one subprotocol, paused until somebody reads; its errors are those of `request`. */
  async webSocket(
    path: string,
    protocol: string,
    options: RequestOptions = {},
  ): Promise<WebSocket> {
    const wanted: ApiRequest = { method: 'GET', path, accept: '*/*', ...options };
    const call = callOf(wanted);
    const attempt = (access: Access) => openWebSocket(access, call, protocol);
    const { result, asked } = await this.persist(wanted, attempt);
    if (result.socket === undefined) {
      throw foreign(asked, result.status);
    }
    return result.socket;
  }

  /** One object. */
  async get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return (await this.request({ method: 'GET', path, ...options })).json<T>();
  }

  /** One object; undefined when it is not there. */
  async find<T>(path: string, options: RequestOptions = {}): Promise<T | undefined> {
    try {
      return await this.get<T>(path, options);
    } catch (error) {
      if (isFault(error, 'not-found')) {
        return undefined;
      }
      throw error;
    }
  }

  /** All objects of a collection, read page by page; anew when the server has forgotten the pages. */
  async list<T>(path: string, options: RequestOptions = {}): Promise<ApiList<T>> {
    for (let restarts = 0; ; restarts++) {
      try {
        return await this.listOnce<T>(path, options);
      } catch (error) {
        if (!isFault(error, 'gone') || restarts === LIST_RESTARTS) {
          throw error;
        }
      }
    }
  }

  private async listOnce<T>(path: string, options: RequestOptions): Promise<ApiList<T>> {
    const items: T[] = [];
    let token: string | undefined;
    for (;;) {
      const query = pageQuery(options.query, token);
      const page = await this.get<Page<T>>(path, { ...options, query });
      items.push(...(page.items ?? []));
      token = page.metadata?.continue || undefined;
      if (token === undefined) {
        return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
      }
    }
  }

  /**
   * Creates an object and returns what the server made of it. When an attempt had succeeded unnoticed, the next one's
   * refusal, perhaps by a quota that counts it already, is met by returning what is there, where it may be read.
   */
  async create<T extends ApiObject>(
    path: string,
    object: T,
    options: RequestOptions = {},
  ): Promise<T> {
    const { query: more, ...rest } = options;
    const query = { fieldManager: FIELD_MANAGER, ...more };
    try {
      return (await this.request({ method: 'POST', path, body: object, ...rest, query })).json<T>();
    } catch (error) {
      const name = object.metadata?.name;
      if (isFault(error, 'exists', 'quota') && error.attempts > 1 && name !== undefined) {
        const there = await this.find<T>(`${path}/${name}`, rest).catch(() => undefined);
        if (there !== undefined) return there;
      }
      throw error;
    }
  }

  /** Deletes an object, its dependents in the background; false when it was not there. */
  async delete(path: string, options: DeleteOptions = {}): Promise<boolean> {
    const { preconditions: _, gracePeriodSeconds: __, propagation: ___, ...rest } = options;
    const body = deleteBody(options);
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
    const request = { method: 'PATCH' as const, path, body: patch, contentType };
    return (await this.request({ ...request, ...options, query })).json<T>();
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
    attempt: (access: Access) => Promise<R>,
  ): Promise<{ result: R; asked: Asked }> {
    const started = performance.now();
    const whole = (wanted.patienceSeconds ?? RETRY_PATIENCE_SECONDS) * 1000;
    let renewed = false;
    /** Milliseconds after the start at which a webhook began to fail. */
    let webhookFails: number | undefined;
    for (let attempts = 1; ; attempts++) {
      const asked: Asked = { ...wanted, server: this.server, attempts };
      const access = await this.endpoint.authorize(wanted.signal);
      const { ending, result, error } = await this.measured(wanted, () => attempt(access));
      const failure =
        result === undefined ? unreachable(asked, error) : failureOf(asked, result, wanted.accept);
      if (result !== undefined && failure === undefined) {
        this.clock.hear(result.headers.date);
        return { result, asked };
      }
      if (failure?.status === 401 && failure.fault === 'credentials' && !renewed) {
        renewed = true;
        if (access.refused()) continue;
      }
      const elapsed = performance.now() - started;
      webhookFails = isFault(failure, 'webhook') ? (webhookFails ?? elapsed) : undefined;
      const webhooks = (webhookFails ?? whole) + WEBHOOK_PATIENCE_SECONDS * 1000;
      const patience = Math.min(whole, webhooks);
      const state = { attempts, elapsed, patience, contacted: this.contacted };
      const passes = refusalPasses(wanted, failure?.fault) || this.mayBeOfStart(failure);
      const delay = isFinal(failure) ? undefined : retryDelay({ ...ending, passes }, state);
      if (delay === undefined) {
        throw failure;
      }
      await rest(delay, wanted.signal);
    }
  }

  /** Whether a server that was away a moment ago may refuse what it grants as soon as it has read who may do what. */
  private mayBeOfStart(failure: ApiError | undefined): boolean {
    const isRecent = performance.now() - this.away < STARTED_DENIALS_SECONDS * 1000;
    return isRecent && isFault(failure, 'credentials', 'permission');
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
      // A load balancer's words for a server that is away.
      if (result.status >= 502 && result.status <= 504) this.away = performance.now();
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
      // A kept connection may just have been closed as idle.
      if (this.contacted && !reused) this.away = performance.now();
      return { ending: { code, reused }, error };
    }
  }
}

function objectIn<T>(asked: Asked, { status, body }: Answer): T {
  try {
    const object: unknown = JSON.parse(body.toString('utf8'));
    if (typeof object === 'object' && object !== null) return object as T;
  } catch {
    // Told below: what was said instead is of no use to the user, and may hold anything.
  }
  throw foreign(asked, status);
}
