import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { SecureContext } from 'node:tls';
import type { SocksClient } from 'socks';
import { hostAndPort, serverNameOf } from '../../lib/host-port.js';
import { ADDRESS_ANSWER_MILLISECONDS } from '../../lib/limits/kube.js';
import { hostOf, portOf } from './proxy.js';
import { secureContextOf, unvouchedIn, VERIFIED } from './trust.js';

/**
 * A connection to host:port through the proxy, ready for the API server's bytes. Rejects with Node's
 * error, or a code PROXY_BUSY for a refusal that may pass and PROXY_REFUSED for one that does not, or
 * the signal's reason; then nothing of the connection is left.
 */
export function openTunnel(
  proxy: URL,
  host: string,
  port: number,
  signal?: AbortSignal,
): Promise<net.Socket> {
  return proxy.protocol.startsWith('socks')
    ? socksTunnel(proxy, host, port, signal)
    : connectTunnel(proxy, host, port, signal);
}

/** What the connections to HTTPS proxies have in common. */
let ofProxies: SecureContext | undefined;

function connectTunnel(
  proxy: URL,
  host: string,
  port: number,
  signal?: AbortSignal,
): Promise<net.Socket> {
  const authority = hostAndPort(host, port);
  const headers = { host: authority, ...basicAuthorization(proxy) };
  const { request } = proxy.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    if (proxy.protocol === 'https:') ofProxies ??= secureContextOf({});
    const asking = request({
      method: 'CONNECT',
      ...placeOf(proxy),
      path: authority,
      headers,
      agent: false,
      servername: serverNameOf(hostOf(proxy)),
      ...VERIFIED,
      ...(ofProxies && { secureContext: ofProxies }),
      ...(signal && { signal }),
    });
    asking.once('connect', ({ statusCode = 0 }, socket, head) => {
      if (statusCode >= 200 && statusCode < 300) {
        // What the other side has said already belongs to it.
        if (head.length > 0) socket.unshift(head);
        resolve(socket as net.Socket);
      } else {
        socket.destroy();
        reject(statusRefused(proxy, statusCode));
      }
    });
    asking.once('response', ({ statusCode = 0 }) => {
      asking.destroy();
      reject(statusRefused(proxy, statusCode));
    });
    asking.once('error', (error) => {
      const distrust = unvouchedIn(error);
      const told = distrust && proxyError(proxy, `'s ${distrust}`);
      reject(signal?.aborted === true ? signal.reason : (told ?? error));
    });
    asking.end();
  });
}

/** Where a connection to a proxy goes. */
function placeOf(proxy: URL) {
  return {
    host: hostOf(proxy),
    port: portOf(proxy),
    autoSelectFamilyAttemptTimeout: ADDRESS_ANSWER_MILLISECONDS,
  };
}

function basicAuthorization(proxy: URL): Record<string, string> {
  const { name, password } = loginOf(proxy);
  if (name === '' && password === '') {
    return {};
  }
  const pair = Buffer.from(`${name}:${password}`).toString('base64');
  return { 'proxy-authorization': `Basic ${pair}` };
}

function loginOf({ username, password }: URL): { name: string; password: string } {
  return { name: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function statusRefused(proxy: URL, status: number): Error {
  return proxyRefused(proxy, `status ${status}`, status >= 500 || status === 429);
}

function proxyRefused(proxy: URL, why: string, passing: boolean): Error {
  return proxyError(proxy, ` refused the connection: ${why}`, passing);
}

function proxyError(proxy: URL, words: string, passing = false): Error {
  const error = new Error(`the proxy ${proxy.host}${words}`);
  return Object.assign(error, { code: passing ? 'PROXY_BUSY' : 'PROXY_REFUSED' });
}

/** SOCKS 5 (RFC 1928) with name and password (RFC 1929); the proxy looks up the host's name. */
async function socksTunnel(
  proxy: URL,
  host: string,
  port: number,
  signal?: AbortSignal,
): Promise<net.Socket> {
  // Before the socket is there: from then on each event must find somebody who listens.
  const { SocksClient } = await import('socks');
  signal?.throwIfAborted();
  const socket = net.connect(placeOf(proxy));
  const end = () => socket.destroy();
  signal?.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    if (socket.destroyed) throw hungUp();
    await greet(SocksClient, socket, proxy, { host, port });
    return socket;
  } catch (error) {
    socket.destroy();
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** SOCKS answers (RFC 1928, 6) that say as much as a gateway's 5xx: there may be a way later. */
const PASSING = /- (Failure|NetworkUnreachable|HostUnreachable|ConnectionRefused|TTLExpired)$/;

async function greet(
  { createConnection }: typeof SocksClient,
  socket: net.Socket,
  proxy: URL,
  destination: { host: string; port: number },
): Promise<void> {
  const { name, password } = loginOf(proxy);
  let broken: Error | undefined;
  socket.once('error', (error) => {
    broken = error;
  });
  try {
    await createConnection({
      proxy: {
        host: hostOf(proxy),
        port: portOf(proxy),
        type: 5,
        ...(name !== '' && { userId: name, password }),
      },
      command: 'connect',
      destination,
      existing_socket: socket,
      // The longest timer there is: deadlines are the caller's, who destroys the socket.
      timeout: 2 ** 31 - 1,
    });
  } catch (error) {
    // The library's error holds the password, so only its words go on.
    const words = (error as Error).message;
    if (broken !== undefined) {
      throw broken;
    }
    if (words === 'Socket closed') {
      throw hungUp();
    }
    throw proxyRefused(proxy, words, PASSING.test(words));
  }
}

function hungUp(): Error {
  return Object.assign(new Error('the SOCKS proxy hung up'), { code: 'ECONNRESET' });
}
