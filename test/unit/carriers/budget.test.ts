import { expect, test } from '@jest/globals';
import {
  checkBudget,
  checkChunks,
  checkDatabase,
  checkSharedBudget,
} from '../../../src/carriers/configmaps/budget.js';
import { GIB, MIB } from '../../../src/lib/limits/units.js';

test('the budget is held against bytes and against the number of ConfigMaps', () => {
  expect(() => checkBudget(256 * MIB, 256 * MIB)).not.toThrow();
  expect(() => checkBudget(256 * MIB + 1, 256 * MIB)).toThrow(
    'The images need 256.0 MiB in ConfigMaps, which is over the budget of 256.0 MiB',
  );
  expect(() => checkChunks(256 * MIB, 768 * 1024)).not.toThrow();
  expect(() => checkChunks(200 * MIB, 128 * 1024)).toThrow('need 1600 ConfigMaps');
});

const own = { id: 'b', configMapBytes: 100 * MIB, written: 1000, isRenewed: false };
const other = (id: string, mebibytes: number, written: number, isRenewed = false) => ({
  id,
  configMapBytes: mebibytes * MIB,
  written,
  isRenewed,
});

test.each([
  ['that fit', [other('a', 100, 0), other('c', 56, 0)]],
  ['that began later', [other('a', 200, 2000)]],
  ['that have nothing in ConfigMaps any more', [other('a', 0, 0)]],
])('the budget is shared with other runs: those %s', (_, others) => {
  expect(() => checkSharedBudget(own, others, 256 * MIB)).not.toThrow();
});

test.each([
  ['another run has 156.1 MiB', [other('a', 156.1, 0)]],
  ['another run has 200.0 MiB', [other('a', 200, 2000, true)]],
  ['another run has 200.1 MiB', [other('a', 200.1, Number.NaN)]],
  ['2 other runs have 160.0 MiB', [other('a', 80, 0), other('c', 80, 999), other('d', 500, 1001)]],
])('the budget is too small when %s', (words, others) => {
  expect(() => checkSharedBudget(own, others, 256 * MIB)).toThrow(
    `The images need 100.0 MiB in ConfigMaps while ${words} there, together more than the budget of 256.0 MiB`,
  );
});

test('a run that does with less gets what the others leave', () => {
  const budget = 256 * MIB;
  const share = (others: ReturnType<typeof other>[]) =>
    checkSharedBudget(own, others, budget, 8 * MIB);
  expect(share([])).toBe(100 * MIB);
  expect(share([other('a', 100, 0)])).toBe(100 * MIB);
  expect(share([other('a', 200, 0)])).toBe(56 * MIB);
  expect(() => share([other('a', 250, 0)])).toThrow('The images need 8.0 MiB in ConfigMaps while');
});

test('what others have does not make a run of nothing but its own payload too large', () => {
  expect(() =>
    checkSharedBudget({ ...own, configMapBytes: 300 * MIB }, [], 256 * MIB),
  ).not.toThrow();
});

test('what a release holds counts while a step is at work on it', () => {
  const budget = 256 * MIB;
  const release = { ...other('a', 200, 0), kept: 3 };
  expect(checkSharedBudget(own, [release], budget)).toBe(100 * MIB);
  expect(() => checkSharedBudget(own, [{ ...release, holder: 'step' }], budget)).toThrow(
    'while another run has 200.0 MiB there',
  );
});

test('a database that would pass 1.5 GiB is a refusal with the figures', () => {
  expect(() => checkDatabase(1.4 * GIB, 0.1 * GIB)).not.toThrow();
  expect(() => checkDatabase(1.45 * GIB, 100 * MIB)).toThrow(
    "The cluster's etcd has 1.45 GiB already, and 100.0 MiB more would bring it beyond 1.50 GiB of the 2 GiB at which by default it takes no writes any more; set the input `carrier` to stream, send less, or",
  );
  expect(() => checkDatabase(1.45 * GIB, 100 * MIB, 'the stream broke off')).toThrow(
    'it takes no writes any more; there can be no stream, because the stream broke off: mend that, send less, or',
  );
  expect(() => checkDatabase(undefined, 2 * GIB)).not.toThrow();
  // A stream brings it nothing.
  expect(() => checkDatabase(1.6 * GIB, 0)).not.toThrow();
});
