import { expect, test } from '@jest/globals';
import { eachOf, Slots, settled } from '../../../src/lib/slots.js';

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

test('each item is worked on, so many at once, and what it gives comes in their order', async () => {
  const gates = new Map(['a', 'b', 'c'].map((item) => [item, Promise.withResolvers<string>()]));
  const begun: string[] = [];
  const all = eachOf(gates, 2, undefined, ([item, { promise }]) => {
    begun.push(item);
    return promise;
  });
  expect(begun).toEqual(['a', 'b']);
  gates.get('b')?.resolve('B');
  gates.get('c')?.resolve('C');
  await gates.get('c')?.promise;
  gates.get('a')?.resolve('A');
  expect(await all).toEqual(['A', 'B', 'C']);
  expect(begun).toEqual(['a', 'b', 'c']);
  expect(await eachOf([], 2, undefined, async () => 1)).toEqual([]);
});

test('a failure ends the work that goes on, lets none begin, and is thrown behind all', async () => {
  const begun: number[] = [];
  const gate = Promise.withResolvers<void>();
  let aborted: AbortSignal | undefined;
  let isOver = false;
  const all = eachOf([0, 1, 2, 3], 2, undefined, async (item, signal) => {
    begun.push(item);
    if (item === 1) throw new Error('the first');
    aborted = signal;
    await gate.promise;
    throw signal.reason;
  });
  const seen = all.catch((error: Error) => error.message).finally(() => (isOver = true));
  await new Promise((next) => setImmediate(next));
  expect([aborted?.aborted, isOver]).toEqual([true, false]);
  gate.resolve();
  expect(await seen).toBe('the first');
  expect(begun).toEqual([0, 1]);
});

test("a caller's signal reaches the work, and what that throws then is thrown", async () => {
  const over = new AbortController();
  const all = eachOf([0], 1, over.signal, async (_item, signal) => {
    over.abort(new Error('enough'));
    signal.throwIfAborted();
  });
  await expect(all).rejects.toThrow('enough');
});

test('nothing goes on behind the failure of what is settled', async () => {
  const gate = Promise.withResolvers<string>();
  let isOver = false;
  const all = settled([gate.promise, Promise.reject(new Error('early')), 'no promise']);
  const seen = all.catch((error: Error) => error.message).finally(() => (isOver = true));
  await new Promise((next) => setImmediate(next));
  expect(isOver).toBe(false);
  gate.resolve('late');
  expect(await seen).toBe('early');
  expect(await settled([gate.promise, 1])).toEqual(['late', 1]);
});
