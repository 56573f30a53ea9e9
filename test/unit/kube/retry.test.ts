import { expect, test } from '@jest/globals';
import { type Ending, retryDelay } from '../../../src/kube/retry.js';

const START = { attempts: 1, elapsed: 0, patience: 60_000, contacted: true };
const half = () => 0.5;

test.each<[string, Ending, number | undefined]>([
  ['408', { status: 408 }, 150],
  ['429 without Retry-After', { status: 429 }, 150],
  ['429 with Retry-After', { status: 429, retryAfter: '3' }, 3_000],
  [
    'a Retry-After that is a date',
    { status: 503, retryAfter: 'Mon, 23 Nov 2026 00:00:00 GMT' },
    150,
  ],
  ['a Retry-After beyond what the server ever asks', { status: 429, retryAfter: '9999' }, 32_000],
  ['500', { status: 500 }, 150],
  ['504', { status: 504 }, 150],
  ['a reset', { code: 'ECONNRESET' }, 150],
  ['our deadline', { code: 'DEADLINE' }, 150],
  ['a kept connection that was closed as idle', { code: 'ECONNRESET', reused: true }, 0],
  ['400', { status: 400 }, undefined],
  ['401', { status: 401 }, undefined],
  ['403', { status: 403 }, undefined],
  ['409', { status: 409 }, undefined],
  ['413', { status: 413 }, undefined],
  ['422', { status: 422 }, undefined],
  ['501', { status: 501 }, undefined],
  ['a certificate of an unknown authority', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, undefined],
  ['a conflict that passes', { status: 409, passes: true }, 150],
  ['what is not HTTP', { code: 'HPE_INVALID_HEADER_TOKEN' }, 150],
  ['an answer that ended too soon', { code: 'ERR_STREAM_PREMATURE_CLOSE' }, 150],
  ["a certificate of another name's", { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, undefined],
  ['a proxy that does not let us pass', { code: 'PROXY_REFUSED' }, undefined],
])('after %s', (_name, ending, delay) => {
  expect(retryDelay(ending, START, half)).toBe(delay);
});

test.each([
  'ENOTFOUND',
  'EAI_FAIL',
  'EADDRNOTAVAIL',
  'EMFILE',
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
])(
  '%s speaks of a wrong address until the server has answered, and of passing trouble then',
  (code) => {
    expect(retryDelay({ code }, { ...START, contacted: false }, half)).toBeUndefined();
    expect(retryDelay({ code }, START, half)).toBe(150);
  },
);

test('pauses double, are jittered between half and all, and are bounded', () => {
  const at = (attempts: number, random: () => number) =>
    retryDelay({ status: 503 }, { ...START, attempts }, random);
  expect([1, 2, 3, 4].map((attempts) => at(attempts, () => 0))).toEqual([100, 200, 400, 800]);
  expect([1, 2, 3, 4].map((attempts) => at(attempts, () => 1))).toEqual([200, 400, 800, 1600]);
  expect(at(30, () => 1)).toBe(8_000);
});

test('patience ends', () => {
  const late = { ...START, elapsed: 59_900 };
  expect(retryDelay({ status: 503 }, late, half)).toBeUndefined();
  expect(retryDelay({ status: 503 }, { ...late, elapsed: 59_000 }, half)).toBe(150);
});

test('an address that never answered is given up early', () => {
  const state = { ...START, contacted: false, elapsed: 9_900 };
  expect(retryDelay({ code: 'ECONNREFUSED' }, state, half)).toBeUndefined();
  expect(retryDelay({ code: 'ECONNREFUSED' }, { ...state, contacted: true }, half)).toBe(150);
});
