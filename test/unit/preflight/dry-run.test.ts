import * as toolkit from '@actions/core';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { takePlaceOfRunner } from '../../../src/host/runner.js';
import type { ApiClient } from '../../../src/kube/client.js';
import { ApiError, type ApiFault, apiErrorOf } from '../../../src/kube/error.js';
import { findAdmitted, type Room } from '../../../src/preflight/admission.js';
import { refusedError, tried } from '../../../src/preflight/dry-run.js';
import { USUAL_SHAPE } from '../../../src/run/shape.js';

let lines: string[];

beforeEach(() => {
  lines = [];
  takePlaceOfRunner({ ...toolkit, info: (line) => void lines.push(line) });
});

afterEach(() => takePlaceOfRunner(toolkit));

/** What the API server says to a request with 400. */
function badRequest(message: string) {
  const status = { kind: 'Status', status: 'Failure', reason: 'BadRequest', code: 400, message };
  const asked = { server: 'https://server', method: 'POST', path: '/pods', attempts: 1 };
  return apiErrorOf(asked, 400, Buffer.from(JSON.stringify(status)));
}

const NO_DRY_RUN = 'admission webhook "labels.example.test" does not support dry run';

test('a webhook that takes no dry run has refused nothing', async () => {
  expect(await tried("the registry's Pod", Promise.reject(badRequest(NO_DRY_RUN)))).toEqual({});
  expect(lines).toEqual([
    `Whether the cluster takes the registry's Pod is not known before: ${NO_DRY_RUN}.`,
  ]);
  const { refusal } = await tried('the Pod', Promise.reject(badRequest('the label is wrong')));
  expect(refusal).toMatchObject({ what: 'the Pod', words: 'the label is wrong', mendable: true });
});

test('where nobody can say what is admitted, Pods have the usual shape', async () => {
  const client = { create: () => Promise.reject(badRequest(NO_DRY_RUN)) };
  const base = { node: 'one', architecture: 'amd64', image: 'registry.test/pause:3' };
  const pod = (): V1Pod => ({ spec: { containers: [{ name: 'one', image: base.image }] } });
  const samples = { bases: [base], registry: pod, proofs: () => [pod()] };
  const room: Room = {
    ...{ proofs: [1], diskBytes: 1024 },
    ...{ ranges: new Map(), limitsLeft: new Map() },
  };
  const options = { signal: new AbortController().signal };
  const found = await findAdmitted(client as unknown as ApiClient, 'team', samples, room, options);
  expect(found).toMatchObject({ bases: [base], pullsAnew: false });
  expect('shape' in found && found.shape.user).toBe(USUAL_SHAPE.user);
});

test('what refuses for good is the cause, and not a quota that may refuse for a while only', () => {
  const refusalOf = (fault: ApiFault) => {
    const error = new ApiError(`A ${fault} refuses.`, { fault, status: 403 });
    return { what: 'the Pods', words: fault, mendable: false, error };
  };
  const [quota, policy] = [refusalOf('quota'), refusalOf('policy')];
  expect(refusedError('team', [quota, policy]).cause).toBe(policy.error);
  expect(refusedError('team', [quota]).cause).toBe(quota.error);
});
