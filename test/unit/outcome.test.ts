import { expect, test } from '@jest/globals';
import { added, readCargo, readJest } from '../all/outcome.js';

test('jest’s counts, and each test that failed once, though it tells of it twice', () => {
  const failure = '  ● a node that is gone › is told\n\n    aborted\n';
  const console = '  ● Console\n\n    console.warn\n';
  const text = `FAIL unit out/a.test.js\n${failure}${console}Summary\n${failure}Tests:       1 failed, 2 skipped, 30 passed, 33 total\n`;
  expect(readJest(text)).toEqual({
    passed: 30,
    failed: 1,
    skipped: 2,
    red: ['a node that is gone › is told'],
  });
});

test('cargo’s counts over all test programs, and the tests that failed', () => {
  const first =
    'test a::b ... ok\ntest a::c ... FAILED\ntest result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s\n';
  const second =
    'test d - should panic ... FAILED\ntest result: FAILED. 4 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out; finished in 1s\n';
  const red = ['a::c', 'd'];
  expect(readCargo(first + second)).toEqual({ passed: 5, failed: 2, skipped: 3, red });
});

test('outcomes are added up', () => {
  const one = { passed: 1, failed: 1, skipped: 0, red: ['a'] };
  expect(added([one, { passed: 2, failed: 0, skipped: 1, red: [] }])).toEqual({
    passed: 3,
    failed: 1,
    skipped: 1,
    red: ['a'],
  });
  expect(added([])).toEqual({ passed: 0, failed: 0, skipped: 0, red: [] });
});
