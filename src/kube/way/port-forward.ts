import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import {
  FORWARD_AHEAD_BYTES,
  FORWARD_MESSAGE_BYTES,
  FORWARD_PING_SECONDS,
  FORWARD_SILENCE_SECONDS,
} from '../../lib/limits/stream.js';
import type { ApiClient, RequestOptions } from '../client.js';
import { ApiError } from '../error.js';
import { collection } from '../pods.js';

/**
 * The subprotocol: each message begins with the number of a channel. The channels of the first port are 0 for
 * its bytes and 1 for what went wrong, and each begins with the port in two bytes (kubelet,
 * cri-streaming/portforward/websocket.go).
 */
const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
const FAULT = 1;
const PORT_BYTES = 2;

/** WebSocket's own code for a connection that is closed because all is said (RFC 6455, 7.4.1). */
const NORMAL = 1000;
/** `ws` tells this for a connection that was cut. */
const CUT = 1006;

/** Words of the other side that are kept for an error. */
const WORDS_MAX_CHARACTERS = 1000;

/**
 * A connection to a port of a Pod, through the API server and the node's kubelet. Whether anything listens
 * there is only known when it ends early: as an ApiError `forward-ended` with the runtime's words. Throws
 * ApiError as `request` does, such as `permission` and `not-found`. The signal ends the connection, too.
 * The protocol knows no end of one direction alone: ending it ends both, when all bytes are sent.
 */
export async function portForward(
  client: ApiClient,
  namespace: string,
  pod: string,
  port: number,
  options: Pick<RequestOptions, 'signal' | 'deadlineSeconds' | 'patienceSeconds'> = {},
): Promise<Duplex> {
  const path = `${collection.pods(namespace)}/${pod}/portforward`;
  const query = { ports: port };
  const socket = await client.webSocket(path, PROTOCOL, { ...options, query });
  return new ForwardedPort(socket, `port ${port} of the Pod "${pod}"`, options.signal);
}

class ForwardedPort extends Duplex {
  /** Bytes of the port that are still to come at the beginning of each channel. */
  private readonly preamble = [PORT_BYTES, PORT_BYTES];
  private words = '';
  private heard = performance.now();
  private readonly pinging: NodeJS.Timeout;
  /** Messages that were sent, to be filled again: 300 MB cost 0.7 to 0.8 s of a processor so, and 0.95 s with new ones. */
  private readonly spare: Buffer[] = [];
  /** To be called when more may be written. */
  private written: (() => void) | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly target: string,
    private readonly signal: AbortSignal | undefined,
  ) {
    super({ allowHalfOpen: false });
    socket.on('message', (message: Buffer) => this.receive(message));
    socket.on('pong', () => this.hear());
    socket.on('close', (code: number) => this.finish(code));
    socket.on('error', (cause) => this.destroy(this.ended(cause.message, cause)));
    this.pinging = setInterval(() => this.ping(), FORWARD_PING_SECONDS * 1000);
    this.pinging.unref();
    signal?.addEventListener('abort', this.abort, { once: true });
    // As sockets do: so that an end is heard of though nobody reads yet.
    this.read(0);
    if (signal?.aborted === true) this.abort();
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(bytes: Buffer, _: string, done: () => void): void {
    for (let from = 0; from < bytes.length; from += FORWARD_MESSAGE_BYTES) {
      const piece = bytes.subarray(from, from + FORWARD_MESSAGE_BYTES);
      const message = this.spare.pop() ?? Buffer.allocUnsafeSlow(1 + FORWARD_MESSAGE_BYTES);
      message[0] = DATA;
      message.set(piece, 1);
      // A failure is told by the socket itself, too.
      this.socket.send(message.subarray(0, 1 + piece.length), () => this.sent(message));
    }
    this.written = done;
    this.goOn();
  }

  override _final(done: () => void): void {
    this.socket.close(NORMAL);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.pinging);
    this.signal?.removeEventListener('abort', this.abort);
    this.socket.terminate();
    done(error);
  }

  private readonly abort = () => {
    this.destroy(this.signal?.reason);
  };

  private sent(message: Buffer): void {
    this.spare.push(message);
    this.hear();
    this.goOn();
  }

  private goOn(): void {
    const { written } = this;
    if (written === undefined || this.socket.bufferedAmount > FORWARD_AHEAD_BYTES) return;
    this.written = undefined;
    written();
  }

  private receive(message: Buffer): void {
    this.hear();
    const channel = message[0] ?? FAULT;
    const skipped = Math.min(this.preamble[channel] ?? 0, message.length - 1);
    this.preamble[channel] = (this.preamble[channel] ?? 0) - skipped;
    const bytes = message.subarray(1 + skipped);
    if (channel === FAULT) {
      this.words = (this.words + bytes.toString('utf8')).slice(0, WORDS_MAX_CHARACTERS);
    } else if (channel === DATA && bytes.length > 0 && !this.push(bytes)) {
      this.socket.pause();
    }
  }

  private finish(code: number): void {
    if (this.words !== '') {
      this.destroy(this.ended(this.words));
    } else if (code === CUT) {
      this.destroy(this.ended('the connection was cut'));
    } else {
      this.push(null);
    }
  }

  private hear(): void {
    this.heard = performance.now();
  }

  private ping(): void {
    // Whoever does not read hears nothing either, which says nothing of the other side.
    if (this.socket.isPaused) this.hear();
    if (performance.now() - this.heard > FORWARD_SILENCE_SECONDS * 1000) {
      this.destroy(this.ended(`nothing came for ${FORWARD_SILENCE_SECONDS} s`));
    } else {
      this.socket.ping();
    }
  }

  private ended(why: string, cause?: Error): ApiError {
    const words = why.replaceAll(/\s+/g, ' ').trim();
    return new ApiError(
      `The port-forward to ${this.target} ended (${words}); look whether the Pod runs, and what cuts connections between this machine and its node.`,
      { fault: 'forward-ended', status: 0, words },
      { cause },
    );
  }
}
