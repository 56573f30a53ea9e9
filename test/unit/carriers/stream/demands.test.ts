import { expect, test } from '@jest/globals';
import { Demands } from '../../../../src/carriers/stream/demands.js';

function demandsOf(...digests: string[]): Demands {
  const demands = new Demands();
  for (const digest of digests) demands.add(digest);
  return demands;
}

test('who came first has the first turn, and then the others before it', () => {
  const demands = demandsOf('a', 'b', 'c');
  const turns: (string | undefined)[] = [];
  for (let turn = 0; turn < 7; turn++) {
    const taken = demands.take();
    turns.push(taken);
    demands.giveBack(taken as string, 'last');
  }
  expect(turns).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a']);
});

test('a turn that was cut off comes before all others', () => {
  const demands = demandsOf('a', 'b');
  demands.giveBack(demands.take() as string, 'first');
  expect([demands.take(), demands.take()]).toEqual(['a', 'b']);
});

test('what is being sent is not taken a second time, also when it is wanted again', () => {
  const demands = demandsOf('a', 'b');
  expect([demands.take(), demands.take(), demands.take()]).toEqual(['a', 'b', undefined]);
  demands.add('a');
  expect([demands.take(), demands.size]).toEqual([undefined, 2]);
});

test('what nobody waits for any more has no turn', () => {
  const demands = demandsOf('a', 'b');
  expect(demands.take()).toBe('a');
  demands.remove('a');
  demands.remove('b');
  expect([demands.isWanted('a'), demands.isWanted('b'), demands.size]).toEqual([false, false, 0]);
  demands.giveBack('a', 'last');
  expect(demands.take()).toBeUndefined();
  demands.add('a');
  expect([demands.size, demands.take()]).toEqual([1, 'a']);
});

test('what is wanted again before its last turn has ended stays', () => {
  const demands = demandsOf('a');
  demands.take();
  demands.remove('a');
  demands.add('a');
  demands.giveBack('a', 'last');
  expect([demands.size, demands.take()]).toEqual([1, 'a']);
});
