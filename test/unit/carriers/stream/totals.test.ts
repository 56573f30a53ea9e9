import { expect, test } from '@jest/globals';
import { Totals } from '../../../../src/carriers/stream/totals.js';

test('bytes that went before count as sent again, those behind them do not', () => {
  const totals = new Totals();
  totals.sent('a', 0, 100);
  totals.sent('a', 60, 100);
  totals.sent('b', 0, 50);
  totals.sent('b', 0, 20);
  expect(totals.sum).toMatchObject({ bytesSent: 270, bytesResent: 60 });
});

test('the time is that in which at least one connection sends', () => {
  let now = 0;
  const totals = new Totals(() => now);
  const at = (time: number, step: () => void) => {
    now = time;
    step();
  };
  at(1000, () => totals.begin());
  at(1500, () => totals.begin());
  at(2000, () => totals.end());
  expect(totals.sum.milliseconds).toBe(1000);
  at(4000, () => totals.end());
  at(9000, () => totals.begin());
  now = 9250;
  expect(totals.sum.milliseconds).toBe(3250);
});
