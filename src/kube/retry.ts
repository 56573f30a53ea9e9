import {
  FIRST_CONTACT_SECONDS,
  RETRY_AFTER_MAX_SECONDS,
  RETRY_BASE_MILLISECONDS,
  RETRY_MAX_MILLISECONDS,
} from '../lib/limits/kube.js';

/** How one attempt ended: with a status, or with an error and no answer. */
export interface Ending {
  readonly status?: number;
  /** Node's code of the error, such as `ECONNRESET`; `DEADLINE` for our own deadline. */
  readonly code?: string;
  /** The value of the Retry-After header, when there was one. */
  readonly retryAfter?: string;
  /** The connection had served requests before, so it may just have been closed as idle. */
  readonly reused?: boolean;
  /** The answer refuses for now only, by more than its status tells. */
  readonly passes?: boolean;
}

/** What is known when a retry is considered. Times in milliseconds. */
export interface RetryState {
  /** Attempts made so far, at least 1. */
  readonly attempts: number;
  readonly elapsed: number;
  readonly patience: number;
  /** The server has answered something before, so its address is right. */
  readonly contacted: boolean;
}

const RETRIED_STATUS = new Set([408, 429, 500, 502, 503, 504]);

/** Codes of errors that another attempt can mend; certificate trouble, for one, it cannot. */
const RETRIED_CODES = new Set([
  'DEADLINE',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'EPIPE',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
  'PROXY_BUSY',
]);

/**
 * Codes that speak of a wrong address as long as it has not answered, and of passing trouble later:
 * name servers that forget a name or fail, this machine out of ports or descriptors, and whoever
 * speaks no TLS while the server is exchanged.
 */
const RETRIED_CODES_OF_THE_KNOWN = new Set([
  'EADDRNOTAVAIL',
  'EAI_FAIL',
  'EAI_MEMORY',
  'EAI_SYSTEM',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOTFOUND',
  'EPROTO',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
  'ERR_SSL_UNEXPECTED_EOF_WHILE_READING',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/**
 * Milliseconds to pause before the next attempt, or undefined when there shall be none: jittered
 * exponential backoff within the caller's patience, Retry-After where the server gives one.
 * `random` gives numbers in [0, 1).
 */
export function retryDelay(
  ending: Ending,
  state: RetryState,
  random: () => number = Math.random,
): number | undefined {
  if (!isRetried(ending, state)) {
    return undefined;
  }
  // A kept connection that the server closed meanwhile says nothing about the server's load.
  if (ending.reused === true && state.attempts === 1) {
    return 0;
  }
  const patience = state.contacted
    ? state.patience
    : Math.min(state.patience, FIRST_CONTACT_SECONDS * 1000);
  const delay = asked(ending.retryAfter) ?? backoff(state.attempts, random);
  return state.elapsed + delay > patience ? undefined : delay;
}

function isRetried({ status, code = '', passes }: Ending, { contacted }: RetryState): boolean {
  if (status !== undefined) {
    return passes === true || RETRIED_STATUS.has(status);
  }
  // The codes HPE_… are those of llhttp, Node's parser: what came is not HTTP.
  const known = contacted && RETRIED_CODES_OF_THE_KNOWN.has(code);
  return known || RETRIED_CODES.has(code) || code.startsWith('HPE_');
}

/** Milliseconds of a jittered pause that doubles with the attempts made, at least 1. */
export function backoff(attempts: number, random: () => number = Math.random): number {
  const ceiling = Math.min(RETRY_BASE_MILLISECONDS * 2 ** (attempts - 1), RETRY_MAX_MILLISECONDS);
  return ceiling * (0.5 + random() / 2);
}

function asked(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined || !/^\d+$/.test(retryAfter)) {
    return undefined;
  }
  return Math.min(Number(retryAfter), RETRY_AFTER_MAX_SECONDS) * 1000;
}
