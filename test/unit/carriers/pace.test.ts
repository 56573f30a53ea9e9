import { expect, test } from '@jest/globals';
import { Pace, type PacePins } from '../../../src/carriers/configmaps/pace.js';
import {
  CHUNK_BYTES,
  CHUNK_MIN_BYTES,
  UPLOAD_CONCURRENCY_MAX,
} from '../../../src/lib/limits/carriers.js';

interface Model {
  /** Milliseconds from request to answer of a create that is alone. */
  readonly alone: number;
  /** Milliseconds between answers when many are in flight. */
  readonly between: number;
}

/** A control plane that answers `rounds` times all that a pace has in flight. */
function run(pace: Pace, rounds: number, { alone, between }: Model): void {
  for (let round = 0; round < rounds; round++) {
    const inFlight = pace.concurrency;
    const part = pace.chunkBytes / CHUNK_BYTES;
    for (let answer = 0; answer < inFlight; answer++) {
      const milliseconds = part * Math.max(alone, inFlight * between);
      pace.saw({ milliseconds, status: 201 }, pace.chunkBytes);
    }
  }
}

const NEAR: Model = { alone: 90, between: 54 };
const FAR: Model = { alone: 800, between: 20 };
const QUICK: Model = { alone: 15, between: 14 };
const ONE_AT_A_TIME: Model = { alone: 140, between: 140 };
const STUCK: Model = { alone: 9_000, between: 9_000 };

function trouble(pace: Pace): void {
  const before = pace.concurrency;
  for (let answer = 0; answer < Math.max(before, 4); answer++) {
    pace.saw({ milliseconds: 5, status: 429 }, pace.chunkBytes);
  }
}

test('settles where one more gains little', () => {
  const pace = new Pace();
  run(pace, 100, NEAR);
  expect(pace.concurrency).toBeGreaterThanOrEqual(5);
  expect(pace.concurrency).toBeLessThanOrEqual(8);
});

test.each([
  ['doubled where a long way is to be filled', FAR, [1, 2, 4, 8, 16]],
  ['more than that where the control plane has enough for all', QUICK, [1, 2, 8, 16]],
])('creates in flight are %s', (_how, model, wanted) => {
  const pace = new Pace();
  const seen = new Set([1]);
  for (let round = 0; round < 100; round++) {
    run(pace, 1, model);
    seen.add(pace.concurrency);
  }
  expect([...seen]).toEqual(wanted);
  expect(UPLOAD_CONCURRENCY_MAX).toBe(16);
});

test('knows a long way from a slow control plane', () => {
  // 128 KiB in a fifth of a second: so little that it might be the control plane.
  const creates = (pace: Pace) => {
    let count = 0;
    for (; pace.concurrency === 1 && count < 100; count++) {
      pace.saw({ milliseconds: 200, status: 201 }, pace.chunkBytes);
    }
    return count;
  };
  const long = new Pace();
  long.knowWay(190);
  expect(creates(long)).toBe(3);
  const slow = new Pace();
  slow.knowWay(5);
  expect(creates(slow)).toBe(9);
});

test('fills a long way one by one again after a trouble', () => {
  const pace = new Pace();
  run(pace, 100, FAR);
  trouble(pace);
  const seen = new Set<number>();
  for (let round = 0; round < 30; round++) {
    seen.add(pace.concurrency);
    run(pace, 1, FAR);
  }
  expect([...seen]).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16]);
});

/**
 * 100 MB over a way that carries 10 MB a second and is 150 ms late, by a virtual clock; one create in so
 * many takes two seconds.
 */
function overLongWay(outageEach: number) {
  const pace = new Pace();
  const sums = { milliseconds: 0, rested: 0, outages: 0 };
  let [sent, creates] = [0, 0];
  while (sent < 100_000_000) {
    const [inFlight, bytes] = [pace.concurrency, pace.chunkBytes];
    const usual = 150 + (inFlight * bytes) / 10_000;
    const before = sums.outages;
    for (let answer = 0; answer < inFlight; answer++) {
      const out = ++creates % outageEach === 0;
      sums.outages += Number(out);
      pace.saw({ milliseconds: out ? 2_000 : usual, status: 201 }, bytes);
    }
    sent += inFlight * bytes;
    sums.rested += pace.restMilliseconds;
    sums.milliseconds += (sums.outages > before ? 2_000 : usual) + pace.restMilliseconds;
  }
  return sums;
}

test.each([10, 15, 20, 30, 50])(
  'an outage in each %i creates costs no more than itself',
  (each) => {
    const { milliseconds, rested, outages } = overLongWay(each);
    const without = overLongWay(Number.POSITIVE_INFINITY);
    expect(outages).toBeGreaterThan(0);
    expect(milliseconds).toBeLessThan(without.milliseconds + outages * 2_000);
    expect(rested).toBe(0);
  },
);

test('stays alone, but for a look now and then, where a second create gains nothing', () => {
  const pace = new Pace();
  run(pace, 10, ONE_AT_A_TIME);
  const seen = Array.from({ length: 200 }, () => {
    run(pace, 1, ONE_AT_A_TIME);
    return pace.concurrency;
  });
  expect(Math.max(...seen)).toBe(2);
  expect(seen.filter((concurrency) => concurrency === 2).length).toBeLessThan(40);
});

test.each([
  ['a refusal', { status: 429 }],
  ['a server error', { status: 500 }],
  ['a reset', { code: 'ECONNRESET' }],
])('halves after %s', (_name, ending) => {
  const pace = new Pace();
  run(pace, 100, FAR);
  for (let answer = 0; answer < UPLOAD_CONCURRENCY_MAX; answer++) {
    pace.saw({ milliseconds: 5, ...(answer === 3 ? ending : { status: 201 }) }, pace.chunkBytes);
  }
  expect(pace.concurrency).toBe(UPLOAD_CONCURRENCY_MAX / 2);
});

test('a create that turns out done is no trouble', () => {
  const pace = new Pace();
  run(pace, 100, FAR);
  for (let answer = 0; answer < UPLOAD_CONCURRENCY_MAX; answer++) {
    pace.saw({ milliseconds: 200, status: 409 }, pace.chunkBytes);
  }
  expect(pace.concurrency).toBe(UPLOAD_CONCURRENCY_MAX);
});

test('never below one request, and up again afterwards', () => {
  const pace = new Pace();
  for (let round = 0; round < 10; round++) {
    trouble(pace);
  }
  expect(pace.concurrency).toBe(1);
  const seen = Array.from({ length: 60 }, () => {
    run(pace, 1, NEAR);
    return pace.concurrency;
  });
  expect(Math.max(...seen)).toBeGreaterThan(2);
});

test('a slow control plane gets one smaller chunk at a time, and full ones again when it recovers', () => {
  const pace = new Pace();
  run(pace, 20, STUCK);
  expect(pace.concurrency).toBeLessThanOrEqual(2);
  expect(pace.chunkBytes).toBeLessThanOrEqual(CHUNK_BYTES / 4);
  expect(pace.chunkBytes).toBeGreaterThanOrEqual(CHUNK_MIN_BYTES);
  run(pace, 100, NEAR);
  expect(pace.chunkBytes).toBe(CHUNK_BYTES);
});

/**
 * A control plane held to 20 % of a CPU, by a virtual clock: 20 ms of work in each 100 ms, of which it
 * needs 5 itself, and 6 for a chunk of 128 KiB. Returns the share of time in which it stood still.
 */
function runThrottled(pace: Pace, creates: number): number {
  const [period, quota, own, work] = [100, 20, 5, 6];
  let [now, used, still] = [0, own, 0];
  const pass = (milliseconds: number) => {
    const periods = Math.floor((now + milliseconds) / period) - Math.floor(now / period);
    now += milliseconds;
    if (periods > 0) used = own;
  };
  for (let create = 0; create < creates; create++) {
    const started = now;
    for (let left = work * (pace.chunkBytes / CHUNK_MIN_BYTES) * pace.concurrency; left > 0; ) {
      const done = Math.min(left, quota - used);
      used += done;
      left -= done;
      pass(done);
      if (left > 0) {
        const until = period - (now % period);
        still += until;
        pass(until);
      }
    }
    for (let answer = pace.concurrency; answer > 0; answer--) {
      pace.saw({ milliseconds: now - started, status: 201 }, pace.chunkBytes);
    }
    pass(pace.restMilliseconds);
  }
  return still / now;
}

test('leaves a control plane that stands still most of the time room for others', () => {
  const pace = new Pace();
  runThrottled(pace, 100);
  expect(pace.chunkBytes).toBe(CHUNK_MIN_BYTES);
  expect(runThrottled(pace, 400)).toBeLessThan(0.2);
  expect(runThrottled(new Pace({ concurrency: 1 }), 400)).toBeGreaterThan(0.7);
  // It has what it needs again.
  run(pace, 500, NEAR);
  expect(pace.restMilliseconds).toBe(0);
  expect(pace.chunkBytes).toBe(CHUNK_BYTES);
});

test('is not misled by a first create that stood still', () => {
  const pace = new Pace();
  const seen: number[] = [];
  for (let create = 0; create < 300; create++) {
    const milliseconds = 52 * (pace.chunkBytes / CHUNK_MIN_BYTES) * pace.concurrency;
    for (let answer = pace.concurrency; answer > 0; answer--) {
      pace.saw({ milliseconds: create < 3 ? 500 : milliseconds, status: 201 }, pace.chunkBytes);
    }
    seen.push(pace.concurrency);
  }
  expect(Math.max(...seen)).toBe(2);
});

test('cuts no chunk smaller than a quota bears, on a slow control plane neither', () => {
  const pace = new Pace();
  pace.keepAbove(300_000);
  expect(pace.chunkBytes).toBe(300_000);
  run(pace, 20, STUCK);
  expect(pace.chunkBytes).toBe(300_000);
  const pinned = new Pace({ chunkBytes: 200_000 });
  pinned.keepAbove(300_000);
  expect(pinned.chunkBytes).toBe(200_000);
});

test('never rests for answers that other work on the machine makes late', () => {
  const pace = new Pace();
  for (let create = 0; create < 500; create++) {
    const late = create % 3 === 0 ? 0 : 20;
    const part = pace.chunkBytes / CHUNK_BYTES;
    for (let answer = pace.concurrency; answer > 0; answer--) {
      pace.saw({ milliseconds: 15 * part * pace.concurrency + late, status: 201 }, pace.chunkBytes);
    }
    expect(pace.restMilliseconds).toBe(0);
  }
  expect(pace.chunkBytes).toBe(CHUNK_BYTES);
});

test.each<[PacePins]>([
  [{ concurrency: 3 }],
  [{ chunkBytes: 64 * 1024 }],
  [{ concurrency: 2, chunkBytes: 1024 }],
])('what is pinned stays: %j', (pins) => {
  const pace = new Pace(pins);
  run(pace, 10, FAR);
  trouble(pace);
  run(pace, 10, STUCK);
  expect(pace).toMatchObject(pins);
});
