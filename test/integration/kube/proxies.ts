import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy on this machine's loopback that counts the tunnels it opened. */
export interface TestProxy {
  readonly address: string;
  readonly tunnels: () => number;
  close(): Promise<void>;
}

/** An HTTP proxy that answers CONNECT, and wants this name and password when given. */
export async function startConnectProxy(login?: string): Promise<TestProxy> {
  let tunnels = 0;
  const sockets = new Set<Socket>();
  const server = createHttpServer();
  server.on('connect', ({ url, headers }, socket: Socket) => {
    const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`;
    if (wanted !== undefined && headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    tunnels++;
    const target = new URL(`http://${url}`);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    join(socket, connect(Number(target.port), target.hostname), sockets);
  });
  const port = await listen(server);
  const address = `http://${login ? `${login}@` : ''}127.0.0.1:${port}`;
  return { address, tunnels: () => tunnels, close: () => close(server, sockets) };
}

/** A SOCKS 5 proxy without login that takes names and addresses. */
export async function startSocksProxy(): Promise<TestProxy> {
  let tunnels = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request: Buffer) => {
        tunnels++;
        const length = request.readUInt8(4);
        const host = request.subarray(5, 5 + length).toString();
        socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        join(socket, connect(request.readUInt16BE(5 + length), host), sockets);
      });
    });
    socket.on('error', () => socket.destroy());
  });
  const port = await listen(server);
  const address = `socks5://127.0.0.1:${port}`;
  return { address, tunnels: () => tunnels, close: () => close(server, sockets) };
}

function join(one: Socket, other: Socket, sockets: Set<Socket>): void {
  for (const socket of [one, other]) {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  }
  one.pipe(other).pipe(one);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
}

function close(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) {
    socket.destroy();
  }
  return new Promise((closed) => server.close(() => closed()));
}
