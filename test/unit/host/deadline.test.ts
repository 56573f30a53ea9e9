import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { startDeadline } from '../../../src/host/deadline.js';
import { parseTimeout } from '../../../src/host/input-values.js';

const HOUR = 3_600_000;

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

// Node's timers count milliseconds in 32 bits: 597 hours are too many for one.
test.each(['90', '10m', '596h', '597h', '600h', '1200h', '999999h'])(
  'a timeout of %s ends the job after that time and not before',
  (timeout) => {
    const seconds = parseTimeout(timeout);
    const { signal, end } = startDeadline(seconds, () => 'at work');
    jest.advanceTimersByTime(seconds * 1000 - 1);
    expect(signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(String(signal.reason)).toContain(`within its timeout of ${seconds} s; it was at work.`);
    end();
    expect(jest.getTimerCount()).toBe(0);
  },
);

test.each([0, 700 * HOUR])('a job that ends %d ms after its start leaves no timer', (elapsed) => {
  const { signal, end } = startDeadline(parseTimeout('1200h'), () => 'at work');
  jest.advanceTimersByTime(elapsed);
  end();
  expect(jest.getTimerCount()).toBe(0);
  expect(signal.aborted).toBe(false);
});

test('a cancelled job is told so also when it has come to its end, and one without time is not', () => {
  const late = startDeadline(1, () => 'at work');
  jest.advanceTimersByTime(1000);
  expect(late.signal.aborted).toBe(true);
  expect(late.throwIfCancelled).not.toThrow();
  late.end();
  const cancelled = startDeadline(1, () => 'at work');
  process.emit('SIGTERM', 'SIGTERM');
  cancelled.end();
  expect(cancelled.throwIfCancelled).toThrow('The step was cancelled (SIGTERM) while at work.');
});
