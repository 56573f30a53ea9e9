import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { UserEntry } from '../../../src/kube/login/kubeconfig-file.js';
import { endpointOf } from '../../../src/kube/way/endpoint.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const PEM_OF_NOTHING = base64('-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = base64(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());

/** What a user's requests are sent with. */
async function authorized(user: UserEntry, server = 'https://127.0.0.1:1') {
  const endpoint = await endpointOf({ context: 'x', cluster: { server }, user }, {});
  return endpoint.authorize().finally(() => endpoint.close());
}

test.each<[string, UserEntry]>([
  ['client-certificate', { 'client-certificate-data': 'QQ==', 'client-key-data': KEY }],
  ['client-certificate', { 'client-certificate-data': PEM_OF_NOTHING, 'client-key-data': KEY }],
  ['client-key', { 'client-key-data': base64('verysecret') }],
  ['token', { token: 'very\nsecret' }],
])('a %s that no connection can use is named before one is made', async (field, user) => {
  const refused = authorized(user);
  await expect(refused).rejects.toThrow(`The kubeconfig's ${field} cannot be used (`);
  await expect(refused).rejects.toMatchObject({ name: 'ActionError' });
  await expect(refused).rejects.not.toThrow(/very\s?secret/);
});

test('a key alone, a token and what plain HTTP does not send are taken', async () => {
  await authorized({ 'client-key-data': KEY });
  expect((await authorized({ token: 'whole' })).headers).toMatchObject({
    authorization: 'Bearer whole',
  });
  await authorized({ 'client-certificate-data': 'QQ==' }, 'http://127.0.0.1:1');
});
