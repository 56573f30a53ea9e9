import { expect, test } from '@jest/globals';
import { Slots } from '../../../src/lib/slots.js';

test('no more than so many go on at once, in order, and each gets its turn', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const all = gates.map(({ promise }, index) =>
    slots.run(() => {
      begun.push(index);
      return promise;
    }),
  );
  expect(begun).toEqual([0, 1]);
  gates[1]?.resolve(1);
  await all[1];
  expect(begun).toEqual([0, 1, 2]);
  for (const [index, gate] of gates.entries()) gate.resolve(index);
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
});

test('work that fails makes room, also when it throws at once', async () => {
  const slots = new Slots(1);
  const failures = [
    slots.run(() => Promise.reject(new Error('late'))),
    slots.run(() => {
      throw new Error('at once');
    }),
  ];
  await expect(failures[0]).rejects.toThrow('late');
  await expect(failures[1]).rejects.toThrow('at once');
  expect(await slots.run(async () => 'done')).toBe('done');
});
