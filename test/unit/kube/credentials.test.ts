import { expect, test } from '@jest/globals';
import { Credentials } from '../../../src/kube/login/credentials.js';
import { SharedWork } from '../../../src/kube/login/shared-work.js';

function credentialsOf(name: string): Credentials {
  const config = { 'access-token': 'verysecret', expiry: '2099-01-01T00:00:00Z' };
  const user = { 'auth-provider': { name, config } };
  return new Credentials({ context: 'c', cluster: { server: 'https://a' }, user }, {});
}

test.each([
  [
    'gcp',
    'The kubeconfig logs in with the auth provider "gcp", which kubectl has not had since 1.26; install gke-gcloud-auth-plugin and get the kubeconfig anew with `gcloud container clusters get-credentials`, or use a kubeconfig with a token.',
  ],
  [
    'azure',
    'The kubeconfig logs in with the auth provider "azure", which kubectl has not had since 1.26; install kubelogin and convert the kubeconfig with `kubelogin convert-kubeconfig`, or use a kubeconfig with a token.',
  ],
  [
    'openstack',
    'The kubeconfig logs in with the auth provider "openstack", which kubectl does not know; use a kubeconfig with a token.',
  ],
])('the auth provider %s is told with what to do instead', async (name, sentence) => {
  await expect(credentialsOf(name).get()).rejects.toThrow(sentence);
});

test('work that is shared is done once, and given up when the last one has gone', async () => {
  const work = Promise.withResolvers<string>();
  let given: AbortSignal | undefined;
  const shared = new SharedWork((signal) => {
    given = signal;
    return work.promise;
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const [first, second] = [shared.wait(one.signal), shared.wait(other.signal)];
  one.abort(new Error('the first'));
  await expect(first).rejects.toThrow('the first');
  expect(given?.aborted).toBe(false);
  other.abort(new Error('the second'));
  await expect(second).rejects.toThrow('the second');
  expect(given?.aborted).toBe(true);
  expect(shared.givenUp).toBe(true);
});

test('who cannot be told to go keeps the work alive', async () => {
  const work = Promise.withResolvers<string>();
  const shared = new SharedWork(() => work.promise);
  const stop = new AbortController();
  const patient = shared.wait();
  const gone = shared.wait(stop.signal);
  stop.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  expect(shared.givenUp).toBe(false);
  work.resolve('done');
  expect(await patient).toBe('done');
});
