import { isIP } from 'node:net';

/** `HOST:PORT`, with an address of IPv6 in brackets. */
export function hostAndPort(host: string, port: number | string): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * The `servername` of a TLS connection to a host, the name that its certificate has to be for; empty for an address, which
 * Node then holds against the certificate itself. Left out, Node would take the one in the request's Host header.
 */
export function serverNameOf(host: string): string {
  return isIP(host) === 0 ? host : '';
}
