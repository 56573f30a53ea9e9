import { afterEach, expect, jest, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../../src/kube/client.js';
import { ApiError } from '../../../src/kube/error.js';
import { createPod } from '../../../src/kube/pods.js';
import { tried } from '../../../src/preflight/dry-run.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const WORDS =
  'pods "a" is forbidden: error looking up service account b/default: serviceaccount "default" not found';

/** A client of an API server that answers each create by the next of these, and by the last of them from then on. */
function clientWith(...answers: (V1Pod | Error)[]): ApiClient {
  const create = async () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { create } as unknown as ApiClient;
}

const missing = () => new ApiError(WORDS, { fault: 'policy', status: 403 });

test('a namespace whose ServiceAccount comes late is waited for', async () => {
  const pod: V1Pod = { metadata: { name: 'a' } };
  expect(await createPod(clientWith(missing(), missing(), pod), 'b', {})).toBe(pod);
});

test('one that never gets any is no refusal that another Pod would mend', async () => {
  // Seconds of a machine on which each look at the clock takes a minute and a half.
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => {
    now += 90_000;
    return now;
  });
  const outcome = tried("the registry's Pod", createPod(clientWith(missing()), 'b', {}));
  await expect(outcome).rejects.toThrow(
    'The namespace "b" still has no ServiceAccount "default" after 120 s',
  );
  await expect(outcome).rejects.not.toBeInstanceOf(ApiError);
});
