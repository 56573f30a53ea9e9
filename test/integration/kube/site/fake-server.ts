import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';

/** A server on this machine's loopback that stands where an API server, an issuer or a proxy is due. */
export interface FakeServer {
  readonly port: number;
  readonly server: Server;
  /** Connections that have come and not gone. */
  readonly open: () => number;
  close(): Promise<void>;
}

/** A server that answers HTTP in plain text, as told, and ends no connection of itself, however long nothing comes. */
export function startFake(answer: RequestListener): Promise<FakeServer> {
  return listen(createHttpServer({ keepAliveTimeout: 0 }, answer));
}

/** A server that does as told with each connection; by default it accepts and never says a word. */
export function startSilent(
  greet: (socket: Socket) => void = (socket) => socket.resume(),
): Promise<FakeServer> {
  return listen(createServer(greet));
}

async function listen(server: Server): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  return {
    port,
    server,
    open: () => sockets.size,
    close: () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

/** The text of a kubeconfig for a server without any certificate. */
export function kubeconfigOf(server: string, user: object = {}, cluster: object = {}): string {
  return JSON.stringify({
    clusters: [{ name: 'fake', cluster: { server, ...cluster } }],
    users: [{ name: 'user', user }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'user' } }],
    'current-context': 'fake',
  });
}

/** A failure as an API server words it. */
export function statusBody(code: number, reason: string, message: string): string {
  return JSON.stringify({ kind: 'Status', status: 'Failure', reason, message, code });
}
