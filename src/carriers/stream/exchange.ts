import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SLICE_STALL_SECONDS, STREAM_ANSWER_SECONDS } from '../../lib/limits/stream.js';

/** What is put: so many bytes, which come in pieces. */
export interface Body {
  readonly length: number;
  readonly pieces: AsyncIterable<Buffer>;
}

/** How a body ended: answered when all of it was sent, or before. */
export interface BodyAnswer {
  readonly response: IncomingMessage;
  readonly isWhole: boolean;
}

/**
 * HTTP/1.1, one request after the other, over one stream that somebody else has made, by Node's own client. When
 * the stream ends, or a request takes longer than it may, all is over.
 */
export class StreamHttp {
  private readonly agent: OneStreamAgent;

  constructor(private readonly stream: Duplex) {
    this.agent = new OneStreamAgent(stream);
    // For good, since an error that nobody hears ends the process; requests hear of it themselves.
    stream.on('error', () => undefined);
  }

  get isOver(): boolean {
    return this.stream.destroyed || !this.stream.writable;
  }

  /** Ends the stream, and with it the request that is under way. */
  close(reason?: Error): void {
    this.stream.destroy(reason);
  }

  /** One request without a body, answered in time; who takes the answer reads it to its end. */
  async ask(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
  ): Promise<IncomingMessage> {
    const seconds = STREAM_ANSWER_SECONDS;
    const watch = this.watch(seconds, `no answer to ${method} within ${seconds} s`);
    try {
      const request = this.begin(method, path, headers);
      request.end();
      return await answerOf(request);
    } finally {
      watch.end();
    }
  }

  /**
   * Puts a body as fast as the stream takes it; each piece, and the answer, has to get on in time. While none of them is
   * there to be sent, nothing is watched: a source may stand still for minutes. An answer that comes before the body's
   * end ends the sending, and the stream is of no use afterwards.
   */
  async put(
    path: string,
    headers: OutgoingHttpHeaders,
    { length, pieces }: Body,
  ): Promise<BodyAnswer> {
    const seconds = SLICE_STALL_SECONDS;
    const watch = this.watch(seconds, `the body of a PUT did not get on for ${seconds} s`);
    try {
      const request = this.begin('PUT', path, { ...headers, 'content-length': length });
      let early = false;
      // Each piece that is on its way. A promise of the answer alone, which comes last, would hold them all until then.
      const waiting = new Set<() => void>();
      const answer = answerOf(request).finally(() => {
        early = true;
        for (const goOn of waiting) goOn();
      });
      answer.catch(() => undefined);
      // One piece is on its way while the next is read, and none is read over while it is.
      let before: Promise<unknown> = Promise.resolve();
      let onTheWay = 0;
      let given = 0;
      watch.end();
      for await (const piece of pieces) {
        if (early) break;
        watch.refresh();
        onTheWay++;
        given += piece.length;
        const written = passed(request, piece, waiting).then(() => {
          if (--onTheWay === 0) watch.end();
        });
        await before;
        before = written;
      }
      await before;
      watch.refresh();
      // The answer to all of it may be here before the pieces are known to have ended.
      const isWhole = given === length;
      if (isWhole) request.end();
      return { response: await answer, isWhole };
    } finally {
      watch.end();
    }
  }

  /** Ends the stream unless it is refreshed in time, or ended. */
  watch(seconds: number, what: string): { refresh(): void; end(): void } {
    const begin = () => setTimeout(() => this.close(new Error(what)), seconds * 1000);
    let timer = begin();
    const end = () => clearTimeout(timer);
    const refresh = () => {
      end();
      timer = begin();
    };
    return { refresh, end };
  }

  private begin(method: string, path: string, headers: OutgoingHttpHeaders): http.ClientRequest {
    if (this.isOver) throw new Error('the connection is over');
    // The name is of no importance: the registry looks at paths alone.
    const options = { method, path, headers, host: 'registry', agent: this.agent };
    return http.request(options);
  }
}

function answerOf(request: http.ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // For good: a reset behind an early answer must not be thrown as uncaught.
    request.on('error', reject);
  });
}

/** Writes a piece, and waits until the stream has passed it on, or whoever waits is told to go on. */
async function passed(
  request: http.ClientRequest,
  piece: Buffer,
  waiting: Set<() => void>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.add(resolve);
  request.write(piece, () => resolve());
  await promise;
  waiting.delete(resolve);
}

/** Gives each request the same stream, which need not be a socket. */
class OneStreamAgent extends http.Agent {
  constructor(private readonly stream: Duplex) {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(): Socket {
    return this.stream as Socket;
  }

  // Node's own one sets timers and options that only sockets have.
  override keepSocketAlive(): boolean {
    return true;
  }

  // Node's own one lets the next answer through, and holds the process, which only sockets do.
  override reuseSocket(
    stream: Duplex & { ref?: () => unknown },
    request: http.ClientRequest,
  ): void {
    super.reuseSocket(Object.assign(stream, { ref: stream.ref ?? (() => stream) }), request);
  }
}
