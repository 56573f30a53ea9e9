import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { StreamHttp } from '../../../../src/carriers/stream/exchange.js';

test('a body that is answered before its pieces are known to have ended leaves the connection to the next', async () => {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const http = new StreamHttp(socket);
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
    http.close();
    server.close();
  }
});
