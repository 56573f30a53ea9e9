import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Endpoint } from './way/endpoint.js';

/** One attempt at a request. */
export interface Call {
  readonly method: string;
  /** Path with query, behind the server's own path. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** The body's bytes in order; never copied together. */
  readonly body?: readonly Buffer[];
  readonly deadlineSeconds: number;
  readonly signal?: AbortSignal;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Sends one request and reads its whole answer; rejects with Node's error, or a code DEADLINE. */
export async function exchange(endpoint: Endpoint, call: Call): Promise<Answer> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(deadlineError(call)), call.deadlineSeconds * 1000);
  try {
    const response = await open(endpoint, call, deadline.signal);
    const status = response.statusCode ?? 0;
    const body = await read(response).catch((error) => {
      // A server that refuses a body early may hang up in the middle of its words; its status stands.
      if (status >= 400 && !deadline.signal.aborted && call.signal?.aborted !== true) {
        return Buffer.alloc(0);
      }
      throw error;
    });
    return { status, headers: response.headers, body };
  } catch (error) {
    throw call.signal?.reason ?? deadline.signal.reason ?? error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends one request and gives the answer as a stream once its head is there; the deadline covers
 * the head alone. The caller's signal ends the stream.
 */
export async function openStream(endpoint: Endpoint, call: Call): Promise<IncomingMessage> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(deadlineError(call)), call.deadlineSeconds * 1000);
  try {
    return await open(endpoint, call, deadline.signal);
  } catch (error) {
    throw call.signal?.reason ?? deadline.signal.reason ?? error;
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a response to its end. */
export async function read(response: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of response) {
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

async function open(
  endpoint: Endpoint,
  call: Call,
  deadline: AbortSignal,
): Promise<IncomingMessage> {
  const { agent, headers } = await endpoint.authorize();
  const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]);
  signal.throwIfAborted();
  const base = endpoint.server;
  const { request } = base.protocol === 'https:' ? https : http;
  const url = new URL(base.pathname.replace(/\/$/, '') + call.path, base);
  const size = call.body?.reduce((sum, piece) => sum + piece.length, 0);
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: call.method,
      agent,
      signal,
      headers: {
        ...headers,
        ...call.headers,
        ...(size !== undefined && { 'content-length': size }),
      },
    });
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

function deadlineError({ method, path, deadlineSeconds }: Call): Error {
  const error = new Error(`no answer to ${method} ${path} within ${deadlineSeconds} s`);
  return Object.assign(error, { code: 'DEADLINE' });
}
