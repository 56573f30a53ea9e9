import { expect, test } from '@jest/globals';
import { speedBy } from '../../../src/kube/speed.js';

const PROBE = 512 * 1024;

/** Asks by these milliseconds, and how often large questions were asked. */
function played(small: readonly number[], large: readonly number[]) {
  const left = { small: [...small], large: [...large] };
  const ask = async (size: 'small' | 'large') => left[size].shift() as number;
  return { ask, asked: () => large.length - left.large.length };
}

test.each([
  ['a quick way, by the quickest of two', [9, 4], [60, 14], 10, 2],
  ['a slow way, on which two agree', [4, 4], [58, 54], 50, 2],
  ['a machine that stood still twice', [4, 4, 4], [44, 90, 12], 8, 3],
  ['a slow way, on which two agree in the end', [4, 4, 4, 4], [90, 400, 150, 100], 86, 4],
  ['a way that is never twice the same', [4, 4, 4, 4, 4], [125, 90, 70, 55, 43], 39, 5],
  ['a way that is slow beyond doubt', [50, 50], [400, 210], 160, 2],
  ['a large one that was as quick as a small one', [4, 4], [4, 9], 0.1, 2],
])('%s', async (_, small, large, milliseconds, count) => {
  const { ask, asked } = played(small, large);
  expect(await speedBy(ask)).toBeCloseTo((PROBE * 1000) / milliseconds, 3);
  expect(asked()).toBe(count);
});
