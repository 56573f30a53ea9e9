import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import {
  STORE_CONNECTION_WINDOW_BYTES,
  STORE_MESSAGE_MAX_BYTES,
  STORE_WINDOW_BYTES,
} from '../../lib/limits/images.js';
import { streamReader } from '../bytes/byte-reader.js';

/** The status of a call for something that is not there (grpc.io, "Status codes"). */
export const NOT_FOUND = 5;

/** What a gRPC server refuses, in its own words. */
export class GrpcError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Calls over one HTTP/2 connection, which opens at the first and again when it was lost. By Node's own HTTP/2 alone:
 * `@grpc/grpc-js` would make the bundle 1.2 MB larger (measured), a fifth of it.
 */
export class Grpc {
  private session: ClientHttp2Session | undefined;

  /**
   * @param dial opens a connection to the server
   * @param signal ends all calls
   */
  constructor(
    private readonly dial: () => Duplex,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * The messages with which the server answers one.
   *
   * @param method such as `package.Service/Method`
   * @param silence milliseconds for which nothing may come
   * @throws GrpcError for what the server refuses, and an Error where no server of gRPC answers
   */
  async *call(method: string, message: Buffer, silence: number): AsyncGenerator<Buffer> {
    const stream = this.open().request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: `/${method}`,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
    });
    const told: Record<string, unknown> = {};
    let heard = 0;
    const hear = (headers: object) => {
      heard++;
      Object.assign(told, headers);
    };
    stream.on('response', hear);
    stream.on('trailers', hear);
    stream.setTimeout(silence, () => {
      const before = heard;
      // A process that was kept from its work hears first what came meanwhile, as in `onceHeard`.
      setImmediate(() => {
        if (heard > before) return;
        stream.destroy(new Error(`The daemon was silent for ${silence / 1000} s.`));
      });
    });
    // What breaks before anybody reads is told to who reads.
    stream.on('error', () => undefined);
    stream.end(framed(message));
    try {
      yield* messagesOf(stream, () => heard++);
      refuseUnlessDone(told);
    } finally {
      if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  /** Ends the connection, and what is under way with it. */
  close(): void {
    this.session?.destroy();
  }

  private open(): ClientHttp2Session {
    this.signal.throwIfAborted();
    if (this.session === undefined || this.session.closed || this.session.destroyed) {
      this.session = this.connected();
    }
    return this.session;
  }

  private connected(): ClientHttp2Session {
    const session = connect('http://docker', {
      createConnection: () => this.dial(),
      settings: { enablePush: false, initialWindowSize: STORE_WINDOW_BYTES },
    });
    // Each call under way is told.
    session.on('error', () => undefined);
    session.once('connect', () => session.setLocalWindowSize(STORE_CONNECTION_WINDOW_BYTES));
    const end = () => session.destroy(this.signal.reason);
    this.signal.addEventListener('abort', end, { once: true });
    session.once('close', () => this.signal.removeEventListener('abort', end));
    return session;
  }
}

/** A message behind its flag, which says that it is not compressed, and its length. */
function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const HEAD_BYTES = 5;

/** Its messages; told of each piece that comes. */
async function* messagesOf(stream: ClientHttp2Stream, hear: () => void): AsyncGenerator<Buffer> {
  const pieces = async function* () {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      hear();
      yield piece;
    }
  };
  const reader = streamReader(pieces());
  for (;;) {
    const head = await reader.read(HEAD_BYTES);
    if (head.length === 0) return;
    const length = head.length === HEAD_BYTES ? head.readUInt32BE(1) : Number.NaN;
    // A compressed one was not asked for.
    if (head[0] !== 0 || !(length <= STORE_MESSAGE_MAX_BYTES)) {
      throw new Error('The daemon answered with what is no message of gRPC.');
    }
    const message = await reader.read(length);
    if (message.length < length) throw new Error('The answer of the daemon was cut off.');
    yield message;
  }
}

function refuseUnlessDone(told: Readonly<Record<string, unknown>>): void {
  const status = told['grpc-status'];
  if (status === undefined) {
    throw new Error(`The daemon answered with HTTP status ${told[':status']} and no gRPC.`);
  }
  if (Number(status) !== 0) {
    throw new GrpcError(Number(status), unescaped(String(told['grpc-message'] ?? '')));
  }
}

/** A message without its percent-encoding, which not every server gives it. */
function unescaped(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
