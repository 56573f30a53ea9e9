import { afterEach, expect, test } from '@jest/globals';
import { connect } from '../../../src/kube/connect.js';
import { causesOf } from '../../../src/lib/errors.js';
import { type FakeServer, kubeconfigOf, startFake } from './site/fake-server.js';
import { type SocksOptions, startSocksProxy, type TestProxy } from './site/proxies.js';

let server: FakeServer | undefined;
let proxy: TestProxy | undefined;

afterEach(async () => {
  await proxy?.close();
  await server?.close();
});

/** Connects to a server through a SOCKS proxy; the address may be changed on the way. */
async function through(options: SocksOptions, changed = (address: string) => address) {
  server = await startFake((_, response) => response.end('{"gitVersion":"v1.37.2"}'));
  proxy = await startSocksProxy(options);
  const kubeconfig = kubeconfigOf(
    `http://127.0.0.1:${server.port}`,
    {},
    { 'proxy-url': changed(proxy.address) },
  );
  const { client, version } = await connect({ kubeconfig, env: {} });
  client.close();
  return version;
}

const NAME = [3, 4, ...Buffer.from('host')];
const IPV6 = [4, ...Array<number>(16).fill(0)];

test.each<[string, SocksOptions]>([
  ['byte by byte', { inPieces: true }],
  ['byte by byte, with a login', { inPieces: true, login: ['me', 'two words'] }],
  ['byte by byte, with a name for an address', { inPieces: true, bound: NAME }],
  ['with a name for an address', { bound: NAME }],
  ['with an address of IPv6', { inPieces: true, bound: IPV6 }],
])('a SOCKS proxy that answers %s', async (_, options) => {
  expect(await through(options)).toBe('v1.37.2');
});

test.each([1, 3, 4, 5, 6])(
  'a SOCKS proxy that has no way just now (%i) is asked again',
  async (code) => {
    expect(await through({ reply: (tunnels) => (tunnels === 1 ? code : 0) })).toBe('v1.37.2');
    expect(proxy?.tunnels()).toBe(2);
  },
);

test.each<[string, SocksOptions, RegExp]>([
  ['does not allow it', { reply: () => 2 }, /refused the connection: .*NotAllowed/],
  ['wants a login', { login: ['me', 'secret'] }, /refused the connection: .*authentication type/],
])('a SOCKS proxy that %s is told at once', async (_, options, words) => {
  const without = (address: string) => address.replace(/me:secret@/, '');
  await expect(through(options, without)).rejects.toThrow(words);
  expect(proxy?.tunnels()).toBeLessThan(2);
});

test('a SOCKS proxy that takes another password is named, without the one given', async () => {
  const wrong = (address: string) => address.replace('secret', 'wrongword');
  const refused = through({ login: ['me', 'secret'] }, wrong);
  await expect(refused).rejects.toThrow(/the proxy 127\.0\.0\.1:\d+ refused the connection/);
  await refused.catch((error: Error) => {
    expect([error.message, ...causesOf(error)].join()).not.toContain('wrongword');
  });
});
