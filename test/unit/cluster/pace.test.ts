import { expect, test } from '@jest/globals';
import { Pace, type PacePins } from '../../../src/cluster/pace.js';
import { CHUNK_BYTES, CHUNK_MIN_BYTES, UPLOAD_CONCURRENCY_MAX } from '../../../src/limits.js';

/**
 * A control plane that works on one create at a time, `work` milliseconds for a full chunk, behind
 * a way of `latency` milliseconds: answers to a pace, `rounds` rounds of them.
 */
function run(
  pace: Pace,
  rounds: number,
  { work, latency }: { work: number; latency: number },
): void {
  for (let round = 0; round < rounds; round++) {
    const inFlight = pace.concurrency;
    const each = work * (pace.chunkBytes / CHUNK_BYTES);
    for (let answer = 0; answer < inFlight; answer++) {
      pace.saw({ milliseconds: Math.max(latency + each, inFlight * each), status: 201 });
    }
  }
}

function trouble(pace: Pace): void {
  for (let answer = pace.concurrency; answer > 0; answer--) {
    pace.saw({ milliseconds: 5, status: answer === 1 ? 429 : 201 });
  }
}

test('keeps a short queue before a control plane that is near', () => {
  const pace = new Pace();
  run(pace, 50, { work: 15, latency: 1 });
  expect(pace.concurrency).toBeGreaterThanOrEqual(4);
  expect(pace.concurrency).toBeLessThanOrEqual(6);
});

test('fills a long way with requests, one more each round', () => {
  const pace = new Pace();
  const seen = [1, 2, 3, 4, 5].map(() => {
    run(pace, 1, { work: 5, latency: 200 });
    return pace.concurrency;
  });
  expect(seen).toEqual([2, 4, 5, 6, 7]);
  run(pace, 50, { work: 5, latency: 200 });
  expect(pace.concurrency).toBe(UPLOAD_CONCURRENCY_MAX);
});

test.each([
  ['a refusal', { status: 429 }],
  ['a server error', { status: 500 }],
  ['a reset', { code: 'ECONNRESET' }],
])('halves after %s', (_name, ending) => {
  const pace = new Pace();
  run(pace, 50, { work: 5, latency: 200 });
  for (let answer = 0; answer < UPLOAD_CONCURRENCY_MAX; answer++) {
    pace.saw({ milliseconds: 5, ...(answer === 3 ? ending : { status: 201 }) });
  }
  expect(pace.concurrency).toBe(UPLOAD_CONCURRENCY_MAX / 2);
});

test('a create that turns out done is no trouble', () => {
  const pace = new Pace({});
  const before = pace.concurrency;
  for (let answer = 0; answer < before; answer++) {
    pace.saw({ milliseconds: 5, status: 409 });
  }
  expect(pace.concurrency).toBeGreaterThan(before);
});

test('never below one request, and up again afterwards', () => {
  const pace = new Pace();
  for (let round = 0; round < 10; round++) {
    trouble(pace);
  }
  expect(pace.concurrency).toBe(1);
  run(pace, 10, { work: 15, latency: 1 });
  expect(pace.concurrency).toBeGreaterThan(2);
});

test('a slow control plane gets one smaller chunk at a time, and full ones again when it recovers', () => {
  const pace = new Pace();
  run(pace, 20, { work: 9_000, latency: 1 });
  expect(pace.concurrency).toBeLessThanOrEqual(2);
  expect(pace.chunkBytes).toBeLessThanOrEqual(CHUNK_BYTES / 4);
  expect(pace.chunkBytes).toBeGreaterThanOrEqual(CHUNK_MIN_BYTES);
  run(pace, 20, { work: 15, latency: 1 });
  expect(pace.chunkBytes).toBe(CHUNK_BYTES);
});

test.each<[PacePins]>([
  [{ concurrency: 3 }],
  [{ chunkBytes: 64 * 1024 }],
  [{ concurrency: 2, chunkBytes: 1024 }],
])('what is pinned stays: %j', (pins) => {
  const pace = new Pace(pins);
  run(pace, 10, { work: 5, latency: 200 });
  trouble(pace);
  run(pace, 10, { work: 9_000, latency: 1 });
  expect(pace).toMatchObject(
    pins.concurrency === undefined ? {} : { concurrency: pins.concurrency },
  );
  expect(pace).toMatchObject(pins.chunkBytes === undefined ? {} : { chunkBytes: pins.chunkBytes });
});
