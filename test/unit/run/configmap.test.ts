import { expect, test } from '@jest/globals';
import type { ApiClient } from '../../../src/kube/client.js';
import { ApiError } from '../../../src/kube/error.js';
import { putConfigMap } from '../../../src/run/configmap.js';

const SPEC = { name: 'chunk', namespace: 'default', labels: {}, data: { chunk: 'one' } };

/** A client whose creates a quota refuses at this attempt, and by which this is there. */
function refused(attempts: number, there: object | undefined): ApiClient {
  const request = async () => {
    throw new ApiError('exceeded quota', { fault: 'quota', status: 403, attempts });
  };
  return Object.assign(Object.create(null), { request, find: async () => there });
}

const withHash = (sha256: string) => ({
  metadata: { annotations: { 'jackal-inject.dev/sha256': sha256 } },
});

test('what a quota refuses because it counts it already is there', async () => {
  const put = putConfigMap(refused(2, withHash('ab')), SPEC, { sha256: 'ab' });
  expect(await put).toBe(false);
});

test('what a quota refuses is else not there', async () => {
  const clients = [refused(2, undefined), refused(1, withHash('ab'))];
  for (const client of clients) {
    await expect(putConfigMap(client, SPEC, { sha256: 'ab' })).rejects.toThrow('exceeded quota');
  }
});
