import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { endBySignals } from '../../../src/command-line/signals.js';
import { startDeadline } from '../../../src/host/deadline.js';
import { SIGNAL_ECHO_MILLISECONDS } from '../../../src/lib/limits/runner.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const { exitCode } = process;

beforeEach(() => {
  jest.useFakeTimers();
  // In jest's copy of the process nothing says that it was taken.
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((_: unknown, taken: unknown) => {
      if (typeof taken === 'function') taken();
      return true;
    });
  }
});

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  process.exitCode = exitCode;
});

/** Listens to signals; the promise is fulfilled when the process would have ended. */
function listening(leftover: () => string | undefined): Promise<void> {
  return new Promise((ended) => {
    jest.spyOn(process, 'exit').mockImplementation(() => ended() as never);
    endBySignals(leftover);
  });
}

test('what comes right behind the first signal is the same one; later, it ends the removal', async () => {
  const leftover = jest.fn(() => undefined);
  const ended = listening(leftover);
  const deadline = startDeadline(600, () => 'at work');
  process.emit('SIGINT', 'SIGINT');
  expect(deadline.signal.aborted).toBe(true);
  deadline.end();
  // npm's own, a moment after the terminal's.
  process.emit('SIGINT', 'SIGINT');
  jest.advanceTimersByTime(SIGNAL_ECHO_MILLISECONDS - 1);
  process.emit('SIGTERM', 'SIGTERM');
  expect(leftover).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  process.emit('SIGINT', 'SIGINT');
  expect(leftover).toHaveBeenCalledTimes(1);
  await ended;
  expect(process.exitCode).toBe(130);
});

test('what is cancelled and not removed is told by the caller', () => {
  jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  endBySignals(() => undefined, 'Cancelled. It may be left in part.');
  const deadline = startDeadline(600, () => 'at work');
  process.emit('SIGINT', 'SIGINT');
  deadline.end();
  const told = jest.mocked(process.stdout.write).mock.calls.join('');
  expect(told).toContain('Cancelled. It may be left in part.');
  expect(told).not.toContain('removed now');
});

test('where no work heeds a signal the first one ends it, and says once what may be left', async () => {
  const leftover = jest.fn(() => undefined);
  const ended = listening(leftover);
  process.emit('SIGTERM', 'SIGTERM');
  process.emit('SIGTERM', 'SIGTERM');
  await ended;
  expect(leftover).toHaveBeenCalledTimes(1);
  expect(process.exitCode).toBe(143);
});
