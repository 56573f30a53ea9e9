import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { reachesAny, untilReached } from '../../../src/kube/way/reach.js';

const HOST = '127.0.0.1';
const NEVER = new AbortController().signal;

async function listening(port = 0) {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, HOST);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** A port on which nobody listens any more. */
async function closedPort(): Promise<number> {
  const { server, port } = await listening();
  server.close();
  await once(server, 'close');
  return port;
}

test('one address that answers is enough', async () => {
  const { server, port } = await listening();
  expect(await reachesAny(['127.0.0.2', HOST], port, 10_000)).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await reachesAny([HOST], port, 10_000)).toBe(false);
});

test('an address that refuses is tried until it answers', async () => {
  const port = await closedPort();
  let isOpen = false;
  const reached = untilReached([HOST], port, 60_000, NEVER).then((all) => all && isOpen);
  expect(await reachesAny([HOST], port, 10_000)).toBe(false);
  const { server } = await listening(port);
  isOpen = true;
  expect(await reached).toBe(true);
  server.close();
});

test('an address that never answers is waited for no longer than is said', async () => {
  const { server, port } = await listening();
  expect(await untilReached([HOST, '127.0.0.2'], port, 100, NEVER)).toBe(false);
  server.close();
});

test('the signal ends it with its reason', async () => {
  const reason = new Error('over');
  const ended = new AbortController();
  const reached = untilReached([HOST], await closedPort(), 60_000, ended.signal);
  ended.abort(reason);
  await expect(reached).rejects.toBe(reason);
});
