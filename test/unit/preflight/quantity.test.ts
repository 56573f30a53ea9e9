import { expect, test } from '@jest/globals';
import { quantityOf, thousandthsOf } from '../../../src/preflight/resources/quantity.js';

test.each<[string | number, number]>([
  ['0', 0],
  ['100m', 100],
  ['0.1', 100],
  ['.5', 500],
  ['5.', 5000],
  ['1', 1000],
  [2, 2000],
  ['1k', 1_000_000],
  ['2e3', 2_000_000],
  ['2E3', 2_000_000],
  ['1e-1', 100],
  ['1E', 1e21],
  ['64Mi', 64 * 1024 * 1024 * 1000],
  ['1.5Gi', 1.5 * 1024 ** 3 * 1000],
  ['129M', 129e9],
  ['+4', 4000],
  ['-4', -4000],
  // Finer than a thousandth: Kubernetes rounds up.
  ['1n', 1],
  ['1500u', 2],
  ['0.0001', 1],
])('%s is %d thousandths', (quantity, thousandths) => {
  expect(thousandthsOf(quantity)).toBe(thousandths);
});

test.each([undefined, '', 'Mi', '1mi', '1 Gi', '0x10', '1e', '1Kim', 'many', '1e3Mi'])(
  '%s is no quantity',
  (text) => {
    expect(thousandthsOf(text)).toBeUndefined();
  },
);

test.each([
  [0, '0'],
  [250, '250m'],
  [1000, '1'],
  [1_500, '1500m'],
  [64 * 1024 * 1024 * 1000, '64Mi'],
  [2 * 1024 ** 3 * 1000, '2Gi'],
  [1536 * 1000, '1536'],
  [1025 * 1000, '1025'],
])('%d thousandths are written %s, and read again', (thousandths, quantity) => {
  expect(quantityOf(thousandths)).toBe(quantity);
  expect(thousandthsOf(quantity)).toBe(thousandths);
});
