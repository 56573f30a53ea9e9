import { expect, test } from '@jest/globals';
import { StreamError } from '../../../../src/carriers/stream/error.js';
import { finalError, Patience } from '../../../../src/carriers/stream/patience.js';
import { ApiError, type ApiFault } from '../../../../src/kube/error.js';
import { ActionError } from '../../../../src/lib/errors.js';

const apiError = (fault: ApiFault, status = 0) => new ApiError('Said.', { fault, status });

test.each<[ApiFault, number, string | undefined]>([
  ['permission', 403, 'refused'],
  ['policy', 403, 'refused'],
  ['credentials', 401, 'refused'],
  ['foreign', 200, 'refused'],
  ['other', 400, 'refused'],
  ['not-found', 404, 'lost'],
  ['other', 500, undefined],
  ['busy', 429, undefined],
  ['unreachable', 0, undefined],
  ['forward-ended', 0, undefined],
])('%s (%i) ends a stream as %s', (fault, status, trouble) => {
  const error = apiError(fault, status);
  expect((finalError(error) as StreamError | undefined)?.trouble).toBe(trouble);
  if (trouble !== undefined) expect(finalError(error)).toMatchObject({ cause: error });
});

test('cuts pass, and what a source says ends the stream as it is', () => {
  expect(finalError(new Error('socket hang up'))).toBeUndefined();
  const gone = new ActionError('The disk is gone.');
  expect(finalError(gone)).toBe(gone);
});

test('the first failure is followed at once, others later and later', () => {
  const patience = new Patience(() => 0);
  const pauses = [1, 2, 3, 4, 5, 6].map((failures) =>
    patience.pauseAfter(new Error('cut'), failures),
  );
  expect(pauses[0]).toBe(0);
  expect(pauses[1]).toBeGreaterThan(0);
  expect(pauses[5]).toBeGreaterThan(4 * (pauses[1] as number));
});

test('a stream that never got on is given up after 30 s, one that did after 120 s of nothing', () => {
  let now = 0;
  const patience = new Patience(() => now);
  const at = (seconds: number) => {
    now = seconds * 1000;
    return () => patience.pauseAfter(new Error('cut'), 2);
  };
  expect(at(29)).not.toThrow();
  expect(at(31)).toThrow(StreamError);
  patience.advance();
  expect(at(31 + 119)).not.toThrow();
  expect(at(31 + 121)).toThrow(/for 121 s \(cut\)/);
});

test('a failure that took all of the time is followed by another try', () => {
  let now = 0;
  const patience = new Patience(() => now);
  now = 31_000;
  expect(patience.pauseAfter(new Error('mute'), 1)).toBe(0);
  expect(() => patience.pauseAfter(new Error('mute'), 2)).toThrow(StreamError);
  patience.advance();
  // A machine that slept.
  now += 3_600_000;
  expect(patience.pauseAfter(new Error('reset'), 1)).toBe(0);
});

/** What is answered by an API server that reads its roles, by a kubelet that reads its Pods, and by one that has neither to do. */
const DENIALS: [string, ApiError, string, boolean][] = [
  ['401', apiError('credentials', 401), 'refused', true],
  ['403', apiError('permission', 403), 'refused', true],
  ["a kubelet's 404", apiError('not-found', 404), 'lost', true],
  [
    "an API server's 404",
    new ApiError('Said.', { fault: 'not-found', status: 404, reason: 'NotFound' }),
    'lost',
    false,
  ],
  ['a refusal by admission', apiError('policy', 403), 'refused', false],
  ['a page', apiError('foreign', 200), 'refused', false],
];

test.each(DENIALS)('%s ends a way that never worked at once', (_, error, trouble) => {
  const patience = new Patience(() => 0);
  expect(() => patience.pauseAfter(error, 1)).toThrow(expect.objectContaining({ trouble }));
});

test.each(DENIALS)('%s on a way that worked', (_, error, trouble, passes) => {
  let now = 0;
  const patience = new Patience(() => now);
  patience.advance();
  const end = expect.objectContaining({ trouble });
  const attempt = () => patience.pauseAfter(error, 2);
  if (passes) expect(attempt).not.toThrow();
  else expect(attempt).toThrow(end);
  now = 121_000;
  expect(attempt).toThrow(end);
});

test('what a source takes is not the way’s, also while it takes it, and is no success either', async () => {
  let now = 0;
  const patience = new Patience(() => now);
  const attempt = () => patience.pauseAfter(new Error('cut'), 2);
  const waits = [1, 2].map(() => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { over: patience.excuse(promise), resolve };
  });
  now = 150_000;
  expect(attempt).not.toThrow();
  // Two wait at the same time, which counts once.
  for (const { over, resolve } of waits) {
    resolve();
    await over;
    now += 10_000;
  }
  expect(attempt).not.toThrow();
  now += 21_000;
  expect(attempt).toThrow(/for 31 s/);
});

test('what gets on while a source is waited for counts, and a source that fails is waited for no more', async () => {
  let now = 100_000;
  const patience = new Patience(() => now);
  const { promise, reject } = Promise.withResolvers<void>();
  const over = patience.excuse(promise);
  now += 50_000;
  patience.advance();
  now += 50_000;
  reject(new Error('The disk is gone.'));
  await expect(over).rejects.toThrow('The disk is gone.');
  const attempt = () => patience.pauseAfter(new Error('cut'), 2);
  now += 119_000;
  expect(attempt).not.toThrow();
  now += 2_000;
  expect(attempt).toThrow(/for 121 s/);
});
