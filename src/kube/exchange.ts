import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { readBounded } from '../lib/bounded.js';
import { ActionError } from '../lib/errors.js';
import { onceHeard } from '../lib/heard-within.js';
import { ANSWER_MAX_BYTES, LINE_MAX_BYTES, REFUSAL_MAX_BYTES } from '../lib/limits/kube.js';
import { MIB } from '../lib/limits/units.js';

/** What a request is sent with: whither, over which connections, as whom. */
export interface Access {
  readonly server: URL;
  readonly agent: http.Agent;
  readonly headers: OutgoingHttpHeaders;
}

/** One attempt at a request. */
export interface Call {
  readonly method: string;
  /** Path with query, behind the server's own path. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** The body's bytes in order; never copied together. */
  readonly body?: readonly Buffer[];
  /** Seconds until the answer is there, all of it or a stream's head. */
  readonly deadlineSeconds: number;
  /** The most that an answer may have which grants the request. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** An answer whose body, when the status grants the request, is read while it comes. */
export interface StreamedAnswer extends Answer {
  readonly response: IncomingMessage;
}

/** Sends one request and reads its whole answer; rejects with Node's error, or a code DEADLINE. */
export function exchange(access: Access, call: Call): Promise<Answer> {
  return inTime(call, async (signal) => {
    const response = await open(access, call, signal);
    return { ...headOf(response), body: await read(response, signal, call.maxBytes) };
  });
}

/**
 * Sends one request and gives a granting answer as a stream once its head is there; the deadline
 * covers the head, and all of an answer that refuses. The call's signal ends the stream.
 */
export function openStream(access: Access, call: Call): Promise<StreamedAnswer> {
  return inTime(call, async (signal) => {
    const response = await open(access, call, signal);
    const head = headOf(response);
    const body = head.status >= 300 ? await read(response, signal) : Buffer.alloc(0);
    return { ...head, body, response };
  });
}

/** Gives the work a signal of the call's own and of its deadline; throws that signal's reason. */
export async function inTime<T>(call: Call, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const late = () => deadline.abort(deadlineError(call));
  const isHeard = onceHeard(call.deadlineSeconds * 1000, late);
  const signal =
    call.signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, call.signal]);
  try {
    return await work(signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    isHeard();
  }
}

/** Status and headers of an answer. */
export function headOf({ statusCode = 0, headers }: IncomingMessage): Omit<Answer, 'body'> {
  return { status: statusCode, headers };
}

/** An answer's body, all of it. Throws an ActionError for one of more than so many bytes. */
export async function read(
  response: IncomingMessage,
  signal: AbortSignal,
  maxBytes = ANSWER_MAX_BYTES,
): Promise<Buffer> {
  const refuses = (response.statusCode ?? 0) >= 400;
  const most = refuses ? REFUSAL_MAX_BYTES : maxBytes;
  const tooMany = () =>
    new ActionError(
      `A request got an answer of more than ${most / MIB} MiB; check the address in the kubeconfig and the proxies on the way to it.`,
    );
  try {
    return await readBounded(response, most, tooMany);
  } catch (error) {
    // A server that refuses a body early may hang up in the middle of its words; its status stands.
    if (!refuses || signal.aborted) {
      throw error;
    }
    return Buffer.alloc(0);
  }
}

/**
 * The whole lines of an answer's body that say something, while they come, and for so many seconds at most: a body that
 * breaks or falls silent, or has a line that is too long, ends like one that is over. Throws the signal's reason.
 */
export async function* linesOf(
  response: IncomingMessage,
  seconds: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const late = setTimeout(() => response.destroy(), seconds * 1000);
  let begun = '';
  try {
    response.setEncoding('utf8');
    for await (const piece of response) {
      const [rest = '', ...lines] = String(piece).split('\n');
      begun += rest;
      for (const line of lines) {
        if (begun !== '') yield begun;
        begun = line;
      }
      if (begun.length > LINE_MAX_BYTES) return;
    }
  } catch {
    signal?.throwIfAborted();
  } finally {
    clearTimeout(late);
    response.destroy();
  }
}

async function open(access: Access, call: Call, signal: AbortSignal): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const { server, agent, headers } = access;
  const { request } = server.protocol === 'https:' ? https : http;
  const url = urlOf(server, call.path);
  const size = call.body?.reduce((sum, piece) => sum + piece.length, 0);
  const options = {
    method: call.method,
    agent,
    signal,
    // Node hands `signal` to no agent, and a tunnel that an agent opens has to end with it, too.
    tunnelSignal: signal,
    headers: {
      ...headers,
      ...call.headers,
      ...(size !== undefined && { 'content-length': size }),
    },
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options);
    outgoing.once('response', resolve);
    // Later errors, such as a reset behind an early answer, must not be thrown as uncaught.
    outgoing.on('error', (error) =>
      reject(Object.assign(error, { reused: outgoing.reusedSocket })),
    );
    for (const piece of call.body ?? []) {
      outgoing.write(piece);
    }
    outgoing.end();
  });
}

/** A path, with its query, behind the server's own. */
export function urlOf(server: URL, path: string): URL {
  return new URL(server.pathname.replace(/\/$/, '') + path, server);
}

function deadlineError({ method, path, deadlineSeconds }: Call): Error {
  const error = new Error(`no answer to ${method} ${path} within ${deadlineSeconds} s`);
  return Object.assign(error, { code: 'DEADLINE' });
}
