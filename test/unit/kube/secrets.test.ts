import { expect, test } from '@jest/globals';
import { secretsOf } from '../../../src/kube/login/secrets.js';

const server = 'https://a';
const of = (user: object, cluster: object = {}) =>
  secretsOf({ context: 'c', cluster: { server, ...cluster }, user });

test('what a user of a kubeconfig logs in with is secret', () => {
  expect(of({})).toEqual([]);
  const key = 'the key';
  const data = Buffer.from(key).toString('base64');
  const user = { username: 'anna', token: 'aaaa', password: 'bbbb', 'client-key-data': data };
  expect(of(user)).toEqual(['aaaa', 'bbbb', key, data]);
  const config = { 'client-id': 'me', 'client-secret': 's', 'id-token': 'i', 'refresh-token': 'r' };
  expect(of({ 'auth-provider': { name: 'oidc', config } })).toEqual(['s', 'i', 'r']);
});

test("a plugin's variables and flags are secret by their names, for others hold words that logs are full of", () => {
  const env = Object.entries({
    AWS_PROFILE: 'production',
    AWS_SECRET_ACCESS_KEY: 'secret key',
    AWS_SESSION_TOKEN: 'token',
    AZURE_FEDERATED_TOKEN_FILE: '/var/run/token',
    AAD_SERVICE_PRINCIPAL_CLIENT_SECRET: 'client',
  }).map(([name, value]) => ({ name, value }));
  const args = ['get-token', '--oidc-client-secret=a=b', '--oidc-client-id=kubernetes', '--token'];
  const exec = { command: 'plugin', env, args };
  expect(of({ exec })).toEqual(['secret key', 'token', 'client', 'a=b']);
});

test('a flag has its value in the next argument, too', () => {
  const argued = (...args: unknown[]) => of({ exec: { command: 'kubelogin', args } });
  expect(argued('get-token', '-l', 'spn', '--client-secret', 'abc', '--tenant-id', 't')).toEqual([
    'abc',
  ]);
  expect(argued('--password', 12345678, '-token', 'a=b')).toEqual(['12345678', 'a=b']);
  expect(argued('--token')).toEqual([]);
  expect(argued('--show-token', '--verbose')).toEqual([]);
  expect(argued('get-token', 'production', '--token=a', 'b')).toEqual(['a']);
});

test('so is the password of a proxy, as it is written and as it is said', () => {
  const proxied = (address: string) => of({}, { 'proxy-url': address });
  expect(proxied('http://anna:p%40ss@proxy:3128')).toEqual(['p%40ss', 'p@ss']);
  expect(proxied('http://anna:50%@proxy:3128')).toEqual(['50%', '50%']);
  expect(proxied('socks5://proxy')).toEqual([]);
  expect(proxied('no address')).toEqual([]);
});
