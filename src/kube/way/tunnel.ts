import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { IDLE_CONNECTION_MILLISECONDS } from '../../lib/limits/kube.js';
import { hostOf, portOf } from './proxy.js';

/** A connection to host:port through the proxy, ready for the API server's bytes. */
export function openTunnel(proxy: URL, host: string, port: number): Promise<net.Socket> {
  return proxy.protocol.startsWith('socks')
    ? socksTunnel(proxy, host, port)
    : connectTunnel(proxy, host, port);
}

function connectTunnel(proxy: URL, host: string, port: number): Promise<net.Socket> {
  const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
  const headers = { host: authority, ...basicAuthorization(proxy) };
  const { request } = proxy.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const asking = request({
      method: 'CONNECT',
      host: hostOf(proxy),
      port: portOf(proxy),
      path: authority,
      headers,
      agent: false,
    });
    asking.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) {
        resolve(socket as net.Socket);
      } else {
        socket.destroy();
        reject(proxyRefused(proxy, `status ${statusCode}`, statusCode >= 500));
      }
    });
    asking.once('response', ({ statusCode = 0 }) => {
      asking.destroy();
      reject(proxyRefused(proxy, `status ${statusCode}`, statusCode >= 500));
    });
    asking.once('error', reject);
    asking.end();
  });
}

function basicAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') {
    return {};
  }
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function proxyRefused(proxy: URL, why: string, passing: boolean): Error {
  const error = new Error(`the proxy ${proxy.host} refused the connection: ${why}`);
  return Object.assign(error, { code: passing ? 'PROXY_BUSY' : 'PROXY_REFUSED' });
}

/** The client's side of SOCKS 5 (RFC 1928) with name and password (RFC 1929). */
async function socksTunnel(proxy: URL, host: string, port: number): Promise<net.Socket> {
  const socket = net.connect(portOf(proxy), hostOf(proxy));
  try {
    await once(socket, 'connect');
    const named = proxy.username !== '';
    const [, method] = await converse(socket, Buffer.from([5, 1, named ? 2 : 0]), 2);
    if (method === 2) {
      const name = Buffer.from(decodeURIComponent(proxy.username));
      const word = Buffer.from(decodeURIComponent(proxy.password));
      const login = Buffer.from([1, name.length, ...name, word.length, ...word]);
      const [, refused] = await converse(socket, login, 2);
      if (refused !== 0) {
        throw proxyRefused(proxy, 'name or password', false);
      }
    } else if (method !== 0) {
      throw proxyRefused(proxy, 'no common way to log in', false);
    }
    const name = Buffer.from(host);
    const wanted = Buffer.from([5, 1, 0, 3, name.length, ...name, port >> 8, port & 255]);
    const [, code, , type] = await converse(socket, wanted, 4);
    if (code !== 0) {
      throw proxyRefused(proxy, `SOCKS code ${code}`, false);
    }
    // The bound address follows: 4 or 16 bytes, or a length and a name; then two bytes of port.
    const [length = 0] = type === 3 ? await converse(socket, undefined, 1) : [type === 4 ? 16 : 4];
    await converse(socket, undefined, length + 2);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function converse(socket: net.Socket, said: Buffer | undefined, answer: number) {
  if (said !== undefined) {
    socket.write(said);
  }
  for (;;) {
    const bytes = socket.read(answer) as Buffer | null;
    if (bytes !== null) {
      return bytes;
    }
    if (socket.readableEnded || socket.destroyed) {
      throw Object.assign(new Error('the SOCKS proxy hung up'), { code: 'ECONNRESET' });
    }
    await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')]);
  }
}

/** The certificates and names that a connection to the API server is made with. */
export interface TlsFacts {
  readonly ca?: Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** A pool of kept connections to the API server, direct or through a proxy. */
export function agentFor(server: URL, facts: TlsFacts, proxy: URL | undefined): http.Agent {
  const timeout = IDLE_CONNECTION_MILLISECONDS;
  const kept = { keepAlive: true, keepAliveMsecs: 15_000, scheduling: 'lifo' as const, timeout };
  if (server.protocol === 'http:') {
    return proxy === undefined ? new http.Agent(kept) : new TunnelAgent(proxy, server, kept);
  }
  const options = { ...kept, ...facts };
  return proxy === undefined
    ? new https.Agent(options)
    : new SecureTunnelAgent(proxy, server, options);
}

type Done = (error: Error | null, stream: net.Socket) => void;

class TunnelAgent extends http.Agent {
  constructor(
    private readonly proxy: URL,
    private readonly server: URL,
    options: http.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(_options: object, done?: unknown): undefined {
    const tell = done as Done;
    openTunnel(this.proxy, hostOf(this.server), portOf(this.server)).then(
      (socket) => tell(null, socket),
      (error: Error) => tell(error, undefined as unknown as net.Socket),
    );
  }
}

class SecureTunnelAgent extends https.Agent {
  constructor(
    private readonly proxy: URL,
    private readonly server: URL,
    options: https.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(options: object, done?: unknown): undefined {
    const tell = done as Done;
    openTunnel(this.proxy, hostOf(this.server), portOf(this.server)).then(
      (socket) => tell(null, tls.connect({ ...options, socket } as tls.ConnectionOptions)),
      (error: Error) => tell(error, undefined as unknown as net.Socket),
    );
  }
}
