import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Backlog, type Wanted } from '../../../../src/carriers/stream/backlog.js';

const blob = (digest: string) => ({ digest, size: 9, open: () => Readable.from([]) });

/** The blob whose turn it is. */
const taken = (backlog: Backlog) => backlog.take() as Wanted;

/** A backlog of these blobs, and whether it was seen to be empty. */
async function watched(...digests: string[]) {
  const backlog = new Backlog(new AbortController().signal);
  for (const digest of digests) backlog.add(blob(digest), undefined);
  const seen = { empty: false };
  const emptied = backlog.untilEmpty().then(() => {
    seen.empty = true;
  });
  await turn();
  return { backlog, seen, emptied };
}

test('what nobody has asked for is empty from the start', async () => {
  const { seen } = await watched();
  expect(seen.empty).toBe(true);
});

test('it is empty when the last blob is settled, however far the others have come', async () => {
  const { backlog, seen, emptied } = await watched('a', 'b');
  const [first, second] = [taken(backlog), taken(backlog)];
  backlog.settle(first);
  backlog.giveBack(first, 'last');
  await turn();
  expect(seen.empty).toBe(false);
  // A cut brings it back, and so it is still waited for.
  backlog.giveBack(second, 'first');
  await turn();
  expect(seen.empty).toBe(false);
  backlog.settle(taken(backlog));
  await emptied;
});

test('whoever asks is told when it is empty, and not only the last one', async () => {
  const { backlog, emptied } = await watched('a');
  const other = backlog.untilEmpty();
  await turn();
  backlog.settle(taken(backlog));
  await Promise.all([emptied, other]);
});

test('nothing is taken any more when all is over, though blobs wait', async () => {
  const over = new AbortController();
  const backlog = new Backlog(over.signal);
  backlog.add(blob('a'), 0);
  await backlog.untilWaiting();
  over.abort(new Error('over'));
  await expect(backlog.untilWaiting()).rejects.toThrow('over');
});

test('it is not empty while another blob came in the place of the last one', async () => {
  const { backlog, seen, emptied } = await watched('a');
  backlog.settle(taken(backlog));
  backlog.add(blob('b'), 0);
  await turn();
  expect(seen.empty).toBe(false);
  backlog.forget('b');
  await emptied;
});

test('only the registry knows how much it has of what is added unasked, until it has told', async () => {
  const { backlog } = await watched('a');
  const wanted = taken(backlog);
  expect(wanted.offset).toBeUndefined();
  wanted.offset = 7;
  // What is known stays when it is added again.
  backlog.add(blob('a'), undefined);
  expect(wanted.offset).toBe(7);
});

test('of what was whole and is waited for anew only the registry knows how much it has', async () => {
  const { backlog } = await watched('a');
  const wanted = taken(backlog);
  wanted.offset = 9;
  backlog.settle(wanted);
  backlog.giveBack(wanted, 'last');
  backlog.add(blob('a'), 0);
  expect(taken(backlog).offset).toBeUndefined();
});

/** What opens a blob of nine bytes, and the streams that it has opened. */
function opening() {
  const streams: Readable[] = [];
  const open = () => {
    const stream = Readable.from([Buffer.from('012'), Buffer.from('345'), Buffer.from('678')]);
    streams.push(stream);
    return stream;
  };
  return { streams, open };
}

/** A backlog of one blob, and the streams that were opened to read it. */
function readable() {
  const { streams, open } = opening();
  const backlog = new Backlog(new AbortController().signal);
  const again = () => backlog.add({ ...blob('a'), open }, undefined);
  again();
  return { backlog, again, streams };
}

test.each([
  ['is whole by what came before', false],
  ['is waited for anew meanwhile', true],
])('a blob that %s is read on until its turn ends', async (_, isAskedAnew) => {
  const { backlog, again, streams } = readable();
  const wanted = taken(backlog);
  const pieces = wanted.source.read(0, 9);
  await pieces.next();
  backlog.forget('a');
  if (isAskedAnew) again();
  expect((await pieces.next()).value?.toString()).toBe('345');
  expect(streams.map(({ destroyed }) => destroyed)).toEqual([false]);
  backlog.giveBack(wanted, 'last');
  expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
  expect(backlog.size).toBe(isAskedAnew ? 1 : 0);
});

test('a blob that nobody sends is let go at once', async () => {
  const { backlog, streams } = readable();
  const wanted = taken(backlog);
  await wanted.source.read(0, 9).next();
  backlog.giveBack(wanted, 'last');
  expect(streams[0]?.destroyed).toBe(false);
  backlog.forget('a');
  expect(streams[0]?.destroyed).toBe(true);
});

test('however many share the way, few are kept open between their turns', async () => {
  const { streams, open } = opening();
  const backlog = new Backlog(new AbortController().signal);
  const opened = () => streams.filter(({ destroyed }) => !destroyed).length;
  for (let index = 0; index < 50; index++) {
    backlog.add({ digest: `${index}`, size: 9, open }, 0);
  }
  const read: string[] = [];
  for (let turn = 0; turn < 150; turn++) {
    const wanted = taken(backlog);
    const first = wanted.offset as number;
    for await (const piece of wanted.source.read(first, 3)) read.push(piece.toString());
    wanted.offset = first + 3;
    backlog.giveBack(wanted, 'last');
    expect(opened()).toBeLessThanOrEqual(8);
  }
  expect(read.length).toBe(150);
});
