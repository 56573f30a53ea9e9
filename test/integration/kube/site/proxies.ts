import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A proxy on this machine's loopback that counts the tunnels it opened. */
export interface TestProxy {
  readonly address: string;
  readonly tunnels: () => number;
  close(): Promise<void>;
}

/**
 * An HTTP proxy that answers CONNECT, and wants this name and password when given; with a certificate it speaks HTTPS.
 *
 * @param known addresses by names that it alone knows
 */
export async function startConnectProxy(
  login?: string,
  certificate?: { readonly cert: Buffer; readonly key: Buffer },
  known: Readonly<Record<string, string>> = {},
): Promise<TestProxy> {
  let tunnels = 0;
  const sockets = new Set<Socket>();
  const server = certificate === undefined ? createHttpServer() : createHttpsServer(certificate);
  server.on('connect', ({ url, headers }: IncomingMessage, socket: Socket) => {
    const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`;
    if (wanted !== undefined && headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    tunnels++;
    const target = new URL(`http://${url}`);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const host = known[target.hostname] ?? target.hostname;
    join(socket, connect(Number(target.port), host), sockets);
  });
  const port = await listen(server);
  const scheme = certificate === undefined ? 'http' : 'https';
  const address = `${scheme}://${login ? `${login}@` : ''}127.0.0.1:${port}`;
  return { address, tunnels: () => tunnels, close: () => close(server, sockets) };
}

/** How a SOCKS proxy behaves. */
export interface SocksOptions {
  /** Its answers come byte by byte. */
  readonly inPieces?: boolean;
  /** The name and password that it wants. */
  readonly login?: readonly [name: string, password: string];
  /** What it answers to the wish for a tunnel; 0 grants it. */
  readonly reply?: (tunnels: number) => number;
  /** The bound address that it tells, with its type before it. */
  readonly bound?: readonly number[];
}

/** A SOCKS 5 proxy that takes names and addresses of IPv4. */
export async function startSocksProxy(options: SocksOptions = {}): Promise<TestProxy> {
  const { inPieces = false, login, reply = () => 0, bound = [1, 0, 0, 0, 0] } = options;
  let tunnels = 0;
  const sockets = new Set<Socket>();
  const serve = async (socket: Socket) => {
    socket.setNoDelay(true);
    const say = async (...bytes: number[]) => {
      for (const piece of inPieces ? bytes.map((byte) => [byte]) : [bytes]) {
        socket.write(Buffer.from(piece));
        // Enough for the byte before to have come on its own; what is tested holds without it, too.
        if (inPieces) await pause(5);
      }
    };
    const methods = await next(socket);
    const wanted = login === undefined ? 0 : 2;
    if (!methods.subarray(2).includes(wanted)) {
      await say(5, 255);
      return;
    }
    await say(5, wanted);
    if (login !== undefined) {
      const [name, password] = login.map((word) => Buffer.from(word)) as [Buffer, Buffer];
      const right = Buffer.from([1, name.length, ...name, password.length, ...password]);
      const given = await next(socket);
      await say(1, given.equals(right) ? 0 : 1);
      if (!given.equals(right)) return;
    }
    const request = await next(socket);
    tunnels++;
    const code = reply(tunnels);
    const target = code === 0 && connect(request.readUInt16BE(request.length - 2), hostIn(request));
    await say(5, code, 0, ...bound, 0, 0);
    if (target) join(socket, target, sockets);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    serve(socket).catch(() => socket.destroy());
  });
  const port = await listen(server);
  const address = `socks5://${login ? `${login.join(':')}@` : ''}127.0.0.1:${port}`;
  return { address, tunnels: () => tunnels, close: () => close(server, sockets) };
}

/** The host of a wish for a tunnel: an address of IPv4, or a name. */
function hostIn(request: Buffer): string {
  return request.readUInt8(3) === 1
    ? request.subarray(4, 8).join('.')
    : request.subarray(5, 5 + request.readUInt8(4)).toString();
}

/** What the client says next; what it says meanwhile is kept. */
async function next(socket: Socket): Promise<Buffer> {
  socket.resume();
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  return data;
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
