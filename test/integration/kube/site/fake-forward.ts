import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FakeServer, startFake } from './fake-server.js';

/** A refusal in place of a WebSocket: its status, headers and body. */
export type Refusal = readonly [status: number, body: string, headers?: Record<string, string>];

/** A server that stands where an API server's port-forward is due, and speaks as a kubelet does. */
export interface FakeForward extends FakeServer {
  /** What was asked for, in order. */
  readonly asked: IncomingMessage[];
}

/**
 * Starts one: `refusal` says what it answers to the request of this number, counted from 0, if anything, and `serve` gets
 * the WebSockets that it grants.
 */
export async function startForward(
  serve: (socket: WebSocket) => void,
  refusal: (index: number, request: IncomingMessage) => Refusal | 'nothing' | undefined = () =>
    undefined,
): Promise<FakeForward> {
  const asked: IncomingMessage[] = [];
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : false),
  });
  const server = await startFake((_, response) => {
    response.end(JSON.stringify({ gitVersion: 'v1.37.2' }));
  });
  server.server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refused = refusal(asked.push(request) - 1, request);
    if (refused === 'nothing') return;
    if (refused === undefined) {
      sockets.handleUpgrade(request, stream, head, (socket) => {
        const port = Number(new URL(request.url ?? '', 'http://x').searchParams.get('ports'));
        for (const channel of [0, 1]) socket.send(Buffer.from([channel, port & 255, port >> 8]));
        serve(socket);
      });
      return;
    }
    const [status, body, headers = {}] = refused;
    const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body) });
    const said = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    stream.end(`HTTP/1.1 ${status} Said\r\n${said}\r\n${body}`);
  });
  return { ...server, open: server.open, asked };
}
