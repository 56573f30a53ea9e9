import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from './site/control-plane.js';
import { CLIENT, CLIENT_SECRET, type Issuer, startIssuer } from './site/issuer.js';
import { whoAmI } from './site/who-am-i.js';

let plane: ControlPlane;
let issuer: Issuer;

beforeAll(async () => {
  plane = await startControlPlane({
    flags: async (directory) => {
      issuer = await startIssuer(directory);
      return issuer.flags;
    },
  });
  // The API server looks for the issuer only once it is ready itself.
  const isKnown = async () =>
    (await connected({ 'id-token': issuer.token('anna', 60) }).catch(() => '')) === 'oidc:anna';
  await until('the API server to know the issuer', isKnown);
});

afterAll(async () => {
  issuer?.close();
  await plane?.stop();
});

/** A connection of a user who logged in with `kubectl oidc-login` or its like. */
async function login(
  given: Record<string, string>,
  onSecret?: (secret: string) => void,
): Promise<Connection> {
  const config = {
    'idp-issuer-url': issuer.url,
    'idp-certificate-authority-data': plane.authority.toString('base64'),
    'client-id': CLIENT,
    'client-secret': CLIENT_SECRET,
    ...given,
  };
  const user = { 'auth-provider': { name: 'oidc', config } };
  const kubeconfig = plane.kubeconfig({ user });
  return await connect({ kubeconfig, env: {}, ...(onSecret && { onSecret }) });
}

async function connected(given: Record<string, string>): Promise<string> {
  const connection = await login(given);
  try {
    return await whoAmI(connection);
  } finally {
    connection.client.close();
  }
}

test('a token that is valid is used as it is', async () => {
  const before = issuer.asked;
  expect(await connected({ 'id-token': issuer.token('anna', 3600) })).toBe('oidc:anna');
  expect(issuer.asked).toBe(before);
});

test.each([
  ['has expired', () => issuer.token('bert', -60)],
  ['is missing', () => ''],
])('a token that %s is refreshed, once for all requests', async (_, token) => {
  const before = issuer.asked;
  const refresh = issuer.refreshToken('bert', 3600);
  const connection = await login({ 'id-token': token(), 'refresh-token': refresh });
  const names = await Promise.all(Array.from({ length: 5 }, () => whoAmI(connection)));
  expect(new Set(names)).toEqual(new Set(['oidc:bert']));
  expect(issuer.asked).toBe(before + 1);
  connection.client.close();
});

test('tokens that run out are refreshed again, each time with the refresh token given last', async () => {
  const before = issuer.asked;
  // Shorter than the leeway, so that each request finds it as good as expired.
  const refresh = issuer.refreshToken('cora', 5);
  const connection = await login({ 'refresh-token': refresh });
  for (let request = 0; request < 3; request++) expect(await whoAmI(connection)).toBe('oidc:cora');
  expect(issuer.asked).toBeGreaterThanOrEqual(before + 3);
  connection.client.close();
});

test('an issuer that takes the secret in the form alone gets it there', async () => {
  const other = await startIssuer(plane.directory, { secretInForm: true });
  try {
    const refresh = other.refreshToken('dora', 3600);
    // The API server knows the first issuer only, so that its refusal shows that a token came.
    const given = { 'idp-issuer-url': other.url, 'refresh-token': refresh };
    await expect(connected(given)).rejects.toThrow(/credentials/);
    expect(other.asked).toBeGreaterThanOrEqual(2);
  } finally {
    other.close();
  }
});

test.each<[string, () => Record<string, string>, RegExp]>([
  [
    'a session that has ended',
    () => ({ 'refresh-token': 'refresh-of-yesterday' }),
    /gave no new token \(status 400: invalid_grant: the session of refresh-of-yesterday has ended\); log in anew/,
  ],
  [
    'a wrong secret',
    () => ({ 'refresh-token': issuer.refreshToken('x', 60), 'client-secret': 'wrong' }),
    /gave no new token \(status 401: invalid_client\)/,
  ],
  ['no refresh token', () => ({ 'id-token': issuer.token('x', -60) }), /has expired, and without/],
  [
    'an issuer that is not there',
    () => ({ 'refresh-token': 'r', 'idp-issuer-url': 'https://127.0.0.1:9' }),
    /OIDC issuer https:\/\/127\.0\.0\.1:9 gave no new token \(.*ECONNREFUSED.*\)/,
  ],
  [
    'an issuer whose certificate nobody vouches for',
    () => ({ 'refresh-token': 'r', 'idp-certificate-authority-data': '' }),
    /gave no new token \(.*certificate.*\)/,
  ],
])('%s is told', async (_, given, sentence) => {
  await expect(connected(given())).rejects.toThrow(sentence);
});

test('what an issuer may quote when it refuses is known as secret by then', async () => {
  const secrets: string[] = [];
  const refused = login({ 'refresh-token': 'refresh-of-yesterday' }, (one) => secrets.push(one));
  await expect(refused).rejects.toThrow('refresh-of-yesterday');
  expect(secrets).toEqual(expect.arrayContaining(['refresh-of-yesterday', CLIENT_SECRET]));
});
