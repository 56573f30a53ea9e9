import { expect, test } from '@jest/globals';
import { Demands } from '../../../../src/carriers/stream/demands.js';

function demandsOf(...digests: string[]): Demands {
  const demands = new Demands();
  for (const digest of digests) demands.add(digest, 'large');
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
  demands.add('a', 'large');
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
  demands.add('a', 'large');
  expect([demands.size, demands.take()]).toEqual([1, 'a']);
});

test('what is wanted again before its last turn has ended stays', () => {
  const demands = demandsOf('a');
  demands.take();
  demands.remove('a');
  demands.add('a', 'large');
  demands.giveBack('a', 'last');
  expect([demands.size, demands.take()]).toEqual([1, 'a']);
});

/** Takes all, one after the other. */
function order(demands: Demands): string[] {
  const taken: string[] = [];
  for (let digest = demands.take(); digest !== undefined; digest = demands.take()) {
    taken.push(digest);
  }
  return taken;
}

test('what is waited for comes before what nobody waits for, and of it what is small', () => {
  const demands = new Demands();
  demands.add('first', 'unasked');
  demands.add('layer', 'large');
  demands.add('manifest', 'small');
  demands.add('config', 'small');
  expect(order(demands)).toEqual(['manifest', 'config', 'layer', 'first']);
});

test('what somebody comes to wait for is due sooner, and stays so when it is added unasked', () => {
  const demands = new Demands();
  for (const digest of ['a', 'b', 'c']) demands.add(digest, 'unasked');
  demands.add('b', 'large');
  demands.add('b', 'unasked');
  expect([demands.size, demands.sharing]).toEqual([3, 1]);
  expect(order(demands)).toEqual(['b', 'a', 'c']);
});

test('of what nobody waits for no other is begun before one is whole, however short turns are', () => {
  const demands = new Demands();
  for (const digest of ['a', 'b', 'c']) demands.add(digest, 'unasked');
  const turns: (string | undefined)[] = [];
  for (let turn = 0; turn < 6; turn++) {
    const taken = demands.take() as string;
    turns.push(taken);
    if (turn % 2 === 1) demands.remove(taken);
    demands.giveBack(taken, 'last');
  }
  expect(turns).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
});

test('one that is being sent is outranked by what waits and is due sooner, not by its like', () => {
  const demands = new Demands();
  demands.add('rest', 'unasked');
  const taken = demands.take() as string;
  demands.add('more', 'unasked');
  expect(demands.isOutranked(taken)).toBe(false);
  demands.add('layer', 'large');
  expect(demands.isOutranked(taken)).toBe(true);
  // Its own demand makes it as urgent.
  demands.add('rest', 'large');
  expect([demands.isOutranked(taken), demands.sharing]).toEqual([false, 2]);
  demands.add('manifest', 'small');
  expect(demands.isOutranked(taken)).toBe(true);
});
