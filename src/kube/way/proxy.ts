import net from 'node:net';
import { ActionError } from '../../lib/errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy to an API server: the kubeconfig's `proxy-url`, else HTTPS_PROXY or HTTP_PROXY unless
 * NO_PROXY names the server; the environment is never followed to this machine itself (the rules
 * of Go's net/http, which kubectl keeps). Throws an ActionError for an address that is none.
 */
export function proxyFor(
  server: URL,
  proxyUrl: string | undefined,
  env: Environment,
): URL | undefined {
  if (proxyUrl) {
    return parsed(proxyUrl, "the kubeconfig's proxy-url");
  }
  const scheme = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const given = env[scheme] || env[scheme.toLowerCase()];
  const excluded = env.NO_PROXY || env.no_proxy || '';
  if (!given || isLoopback(hostOf(server)) || isExcluded(server, excluded)) {
    return undefined;
  }
  return parsed(given.includes('://') ? given : `http://${given}`, scheme);
}

/** Whether a NO_PROXY list (names, .suffixes, addresses, CIDR ranges, ports) names the server. */
export function isExcluded(server: URL, list: string): boolean {
  const host = hostOf(server).toLowerCase();
  const port = portOf(server);
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry, host, port));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry.includes('/')) {
    return inRange(entry, host);
  }
  const withPort = /^(.+):(\d+)$/.exec(entry);
  const [name, wanted] =
    withPort && !net.isIPv6(entry) ? [withPort[1] as string, Number(withPort[2])] : [entry, port];
  if (wanted !== port) {
    return false;
  }
  const plain = name.replace(/^\*?\.|^\[|\]$/g, '');
  const suffixOnly = name.startsWith('.') || name.startsWith('*.');
  return host.endsWith(`.${plain}`) || (!suffixOnly && host === plain);
}

function inRange(range: string, host: string): boolean {
  const [network = '', prefix] = range.split('/');
  const family = net.isIP(network);
  const length = Number(prefix);
  if (family === 0 || net.isIP(host) !== family || !(length >= 0 && length <= 128)) {
    return false;
  }
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const list = new net.BlockList();
  list.addSubnet(network, length, type);
  return list.check(host, type);
}

/** A URL's host without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** A URL's port, the scheme's own when none is written. */
export function portOf(url: URL): number {
  if (url.port !== '') {
    return Number(url.port);
  }
  return { 'https:': 443, 'http:': 80 }[url.protocol] ?? 1080;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'));
}

function parsed(address: string, origin: string): URL {
  const url = URL.parse(address);
  if (url === null || !/^(https?|socks5h?|socks):$/.test(url.protocol)) {
    throw new ActionError(
      `The proxy address in ${origin} is not usable; give one like http://proxy.example:3128 or socks5://proxy.example:1080.`,
    );
  }
  return url;
}
