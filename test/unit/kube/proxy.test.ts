import { expect, test } from '@jest/globals';
import { isExcluded, portOf, proxyFor } from '../../../src/kube/way/proxy.js';

const server = new URL('https://api.cluster.example:6443');
const proxied = (env: Record<string, string>, address = server.href, proxyUrl?: string) =>
  proxyFor(new URL(address), proxyUrl, env)?.href;

test('the kubeconfig goes before the environment', () => {
  const env = { HTTPS_PROXY: 'http://env.example:1' };
  expect(proxied(env)).toBe('http://env.example:1/');
  expect(proxied(env, server.href, 'socks5://file.example:2')).toBe('socks5://file.example:2');
  expect(proxied({})).toBeUndefined();
});

test('each scheme has its own variable, in either case, also without a scheme', () => {
  expect(proxied({ https_proxy: 'env.example:3128' })).toBe('http://env.example:3128/');
  expect(proxied({ HTTP_PROXY: 'http://env.example' })).toBeUndefined();
  expect(proxied({ HTTP_PROXY: 'http://env.example' }, 'http://api.example')).toBe(
    'http://env.example/',
  );
});

test.each(['https://localhost:6443', 'https://127.0.0.1:6443', 'https://[::1]:6443'])(
  'the environment is not followed to this machine: %s',
  (address) => {
    expect(proxied({ HTTPS_PROXY: 'http://env.example:1' }, address)).toBeUndefined();
    expect(proxied({}, address, 'http://file.example:1')).toBe('http://file.example:1/');
  },
);

test.each([
  ['*', true],
  ['cluster.example', true],
  ['.cluster.example', true],
  ['*.cluster.example', true],
  ['API.CLUSTER.EXAMPLE', true],
  ['other.example, api.cluster.example', true],
  ['api.cluster.example:6443', true],
  ['api.cluster.example:443', false],
  ['.api.cluster.example', false],
  ['luster.example', false],
  ['', false],
])('NO_PROXY %p', (list, expected) => {
  expect(isExcluded(server, list)).toBe(expected);
});

test.each([
  ['https://10.1.2.3', '10.0.0.0/8', true],
  ['https://11.1.2.3', '10.0.0.0/8', false],
  ['https://10.1.2.3', '10.1.2.3', true],
  ['https://[fd00::1]', 'fd00::/8', true],
  ['https://[fd00::1]', '10.0.0.0/8', false],
  ['https://10.1.2.3', 'nonsense/8', false],
])('%s and NO_PROXY %s', (address, list, expected) => {
  expect(isExcluded(new URL(address), list)).toBe(expected);
});

test.each([
  ['nonsense://x', undefined],
  ['::', undefined],
])('an unusable proxy address %s', (address) => {
  expect(() => proxied({}, server.href, address)).toThrow(
    "The proxy address in the kubeconfig's proxy-url is not usable",
  );
});

test('ports that are not written', () => {
  const ports = ['https://a', 'http://a', 'socks5://a', 'https://a:1'].map((url) =>
    portOf(new URL(url)),
  );
  expect(ports).toEqual([443, 80, 1080, 1]);
});
