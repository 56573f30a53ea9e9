import { LIST_PAGE, REQUEST_DEADLINE_SECONDS } from '../lib/limits/kube.js';
import type { Answer, Call } from './exchange.js';
import type { ApiFault } from './fault.js';

/** The name under which the API server books what is written, and which its logs show. */
export const FIELD_MANAGER = 'jackal-inject';

/** Asks for an object's metadata alone, where the server would echo the whole object. */
export const PARTIAL_OBJECT =
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/** As `PARTIAL_OBJECT`, for lists and watches. */
export const PARTIAL_OBJECT_LIST =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** Asks for a list as kubectl shows it, rows alone, where the server would send each object whole. */
export const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1,application/json';

/**
 * Asks for what the server remembers, which may be a moment old: of one node's Pods it has an index, while for the newest
 * answer servers before Kubernetes 1.31 read all Pods of the cluster from etcd. Such a list comes in one page, whatever
 * its limit; where a server has no memory and gives pages, it takes this with a `continue`, too (storage/etcd3/store.go).
 */
export const AS_REMEMBERED = { resourceVersion: '0' } as const;

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
  /** The object that it holds. Throws ApiError when it holds none. */
  json<T>(): T;
}

/** A page or all of a list. */
export interface ApiList<Item> {
  readonly items: Item[];
  readonly resourceVersion: string;
}

/** A page of a list as the server sends it. */
export interface Page<Item> {
  readonly items?: Item[];
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
}

/** Options of a delete. */
export interface DeleteOptions extends RequestOptions {
  /** The delete happens only when the object is still exactly this. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly gracePeriodSeconds?: number;
  /** `Foreground`: the object goes when all that it owns has gone; `Orphan`: that stays; else it goes behind it. */
  readonly propagation?: 'Foreground' | 'Orphan';
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

/** The query of a list's next page; the first one has no token. */
export function pageQuery(query: Query | undefined, token: string | undefined): Query {
  return { ...query, limit: LIST_PAGE, continue: token };
}

/** A delete request's body: its dependents go in the background. */
export function deleteBody({
  preconditions,
  gracePeriodSeconds,
  propagation,
}: DeleteOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: propagation ?? 'Background',
    ...(preconditions && { preconditions }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
  };
}

/**
 * Whether a refusal of this request may be over at the next attempt, whatever its status: of a server that is busy or not
 * ready, and of a conflict that is about another writer's object, such as the count of a ResourceQuota, as it is when the
 * request names no version itself.
 */
export function refusalPasses({ method, body = {} }: ApiRequest, fault?: ApiFault): boolean {
  const { metadata } = body as ApiObject;
  const isOfAnother =
    method === 'POST' || (method === 'PATCH' && metadata?.resourceVersion === undefined);
  return fault === 'busy' || (fault === 'conflict' && isOfAnother);
}

/** One attempt at a request, as it goes over the wire. */
export function callOf(wanted: ApiRequest): Call {
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
function queryString(query: Query = {}): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
