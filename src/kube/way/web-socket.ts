import type { ClientRequest } from 'node:http';
import type { WebSocket } from 'ws';
import { WEB_SOCKET_MESSAGE_MAX_BYTES } from '../../lib/limits/stream.js';
import { type Access, type Answer, type Call, headOf, inTime, read, urlOf } from '../exchange.js';

/** What came of asking for a WebSocket: one that is open and paused, or an answer that refuses. */
export interface WebSocketAnswer extends Answer {
  readonly socket?: WebSocket;
}

/**
 * Asks for a WebSocket of one subprotocol over the connections of `access`, as whoever that is. The
 * call's deadline covers its opening; nothing of it is left when that fails. Rejects as `exchange` does.
 */
export function openWebSocket(
  access: Access,
  call: Call,
  protocol: string,
): Promise<WebSocketAnswer> {
  return inTime(call, async (signal) => {
    const { WebSocket } = await import('ws');
    signal.throwIfAborted();
    const { server, agent, headers } = access;
    let request: ClientRequest | undefined;
    const options = {
      agent,
      headers: { ...headers, ...call.headers },
      perMessageDeflate: false,
      maxPayload: WEB_SOCKET_MESSAGE_MAX_BYTES,
      // As for other requests: it has to end a proxy's tunnel that is not there yet.
      tunnelSignal: signal,
      finishRequest: (made: ClientRequest) => {
        request = made;
        made.end();
      },
      // Masks hide bytes from old proxies that read along (RFC 6455, 10.3). Nobody reads along in TLS.
      ...(server.protocol === 'https:' && { generateMask: () => undefined }),
    };
    const socket = new WebSocket(urlOf(server, call.path), protocol, options);
    const end = () => socket.terminate();
    signal.addEventListener('abort', end, { once: true });
    try {
      return await new Promise<WebSocketAnswer>((resolve, reject) => {
        socket.once('open', () => {
          // What the other side says already waits until somebody reads.
          socket.pause();
          resolve({ status: 101, headers: {}, body: Buffer.alloc(0), socket });
        });
        socket.once('unexpected-response', (_, response) => {
          read(response, signal)
            .then((body) => resolve({ ...headOf(response), body }))
            .catch(reject);
        });
        // For good, since an error that nobody hears ends the process.
        socket.on('error', (error) =>
          reject(Object.assign(error, { reused: request?.reusedSocket ?? false })),
        );
      });
    } finally {
      signal.removeEventListener('abort', end);
    }
  });
}
