import { expect, test } from '@jest/globals';
import { ServerClock } from '../../../src/kube/clock.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');

test('a clock goes back with the seconds of no answer, but with a server that was set back', () => {
  let passed = 0;
  const clock = new ServerClock(() => passed);
  clock.hear('Mon, 23 Nov 2026 12:00:00 GMT');
  passed += 900;
  clock.hear('Mon, 23 Nov 2026 12:00:01 GMT');
  expect(clock.now()).toBe(NOW + 1_000);
  passed += 900;
  // What was written 0.9 s later, and says the same second.
  clock.hear('Mon, 23 Nov 2026 12:00:01 GMT');
  expect(clock.now()).toBe(NOW + 1_900);
  clock.hear('Mon, 23 Nov 2026 11:59:00 GMT');
  expect(clock.now()).toBe(NOW - 60_000);
});

test("a server's clock is its own until it tells another, and goes on from there", () => {
  let passed = 5_000;
  const clock = new ServerClock(
    () => passed,
    () => NOW + passed,
  );
  expect(clock.now()).toBe(NOW + 5_000);
  clock.hear('Mon, 23 Nov 2026 11:50:00 GMT');
  expect(clock.now()).toBe(NOW - 600_000);
  passed += 90_000;
  expect(clock.now()).toBe(NOW - 510_000);
  clock.hear();
  clock.hear('soon');
  expect(clock.now()).toBe(NOW - 510_000);
  clock.hear('Mon, 23 Nov 2026 12:20:00 GMT');
  expect(clock.now()).toBe(NOW + 1_200_000);
});
