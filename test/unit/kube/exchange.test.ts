import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { inTime, linesOf, read } from '../../../src/kube/exchange.js';
import { LINE_MAX_BYTES, REFUSAL_MAX_BYTES } from '../../../src/lib/limits/kube.js';
import { MIB } from '../../../src/lib/limits/units.js';
import { standStill } from '../../helpers/link/stand-still.js';

const { signal } = new AbortController();

/** An answer whose body comes in these pieces. */
function answerOf(statusCode: number, pieces: Iterable<string>) {
  const response = Readable.from(
    (function* () {
      for (const piece of pieces) yield Buffer.from(piece);
    })(),
    { highWaterMark: 1 },
  );
  return Object.assign(response, { statusCode }) as unknown as IncomingMessage;
}

/** Pieces without end. */
function* endless(piece: string): Generator<string> {
  for (;;) yield piece;
}

test('an answer is read whole, up to its bound', async () => {
  expect(String(await read(answerOf(200, ['ab', 'cd']), signal))).toBe('abcd');
  const endlessly = answerOf(200, endless('x'.repeat(MIB)));
  await expect(read(endlessly, signal, 4 * MIB)).rejects.toThrow(
    'A request got an answer of more than 4 MiB; check the address in the kubeconfig',
  );
  expect(endlessly.destroyed).toBe(true);
});

test('of a refusal the status stands, whatever else it says', async () => {
  expect(String(await read(answerOf(403, ['no']), signal))).toBe('no');
  expect(await read(answerOf(403, endless('x'.repeat(REFUSAL_MAX_BYTES))), signal)).toHaveLength(0);
});

test('lines come whole and while they come, and one without end ends them', async () => {
  const lines = async (pieces: Iterable<string>) => {
    const told: string[] = [];
    for await (const line of linesOf(answerOf(200, pieces), 300, signal)) told.push(line);
    return told;
  };
  expect(await lines(['a', 'b\n\nc\nd', 'e\n', 'rest'])).toEqual(['ab', 'c', 'de']);
  const long = 'x'.repeat(LINE_MAX_BYTES / 8);
  expect(await lines([...Array(8).fill(long), '\n'])).toEqual([long.repeat(8)]);
  const broken = function* () {
    yield 'whole\n';
    yield* endless(long);
  };
  expect(await lines(broken())).toEqual(['whole']);
});

test('an answer that came in time is heard, however long this process was kept from its work', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  const call = { method: 'GET', path: '/', headers: {}, deadlineSeconds: 0.01 };
  const answered = inTime(call, async (within) => {
    const answer = once(near, 'data', { signal: within });
    far.write('answer');
    return String(await answer);
  });
  standStill(50);
  try {
    expect(await answered).toBe('answer');
  } finally {
    near.destroy();
    far.destroy();
    server.close();
  }
});
