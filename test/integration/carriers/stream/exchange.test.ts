import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { StreamHttp } from '../../../../src/carriers/stream/exchange.js';
import { until } from '../../../cluster/until.js';
import { collector } from './delivery.js';

/** A connection to a server that answers behind the end of each request. */
async function connected() {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const http = new StreamHttp(socket);
  const close = () => {
    http.close();
    server.close();
  };
  return { socket, http, close };
}

test('a body that is answered before its pieces are known to have ended leaves the connection to the next', async () => {
  const { socket, http, close } = await connected();
  try {
    const pieces = async function* () {
      yield Buffer.alloc(1000);
      await once(socket, 'data');
      await setImmediate();
    };
    const body = { length: 1000, pieces: pieces() };
    const { response, isWhole } = await http.put('/blobs/1', {}, body);
    response.resume();
    expect([response.statusCode, isWhole]).toEqual([200, true]);
    const next = await http.ask('GET', '/missing');
    next.resume();
    expect(next.statusCode).toBe(200);
  } finally {
    close();
  }
});

test('pieces that were passed on are held no more, though the answer comes behind the last one', async () => {
  const collect = collector();
  const { http, close } = await connected();
  const [count, bytes] = [20, 64 * 1024];
  const given: WeakRef<Buffer>[] = [];
  const isHeld = (piece: WeakRef<Buffer>) => piece.deref() !== undefined;
  const make = () => {
    const piece = Buffer.alloc(bytes);
    given.push(new WeakRef(piece));
    return piece;
  };
  const pieces = async function* () {
    while (given.length < count) yield make();
    // The last ones may be on their way.
    await until('the others to be collected', async () => {
      await setImmediate();
      collect();
      return given.slice(0, count / 2).filter(isHeld).length === 0;
    });
    yield make();
  };
  try {
    const body = { length: (count + 1) * bytes, pieces: pieces() };
    const { response } = await http.put('/blobs/1', {}, body);
    response.resume();
    expect(response.statusCode).toBe(200);
  } finally {
    close();
  }
});
