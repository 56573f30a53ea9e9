import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { reachesAny, untilReached } from '../../../src/kube/way/reach.js';
import { freePort } from '../../helpers/link/free-port.js';

const HOST = '127.0.0.1';
const NEVER = new AbortController().signal;

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Listens on a port, a free one where none is given, and returns it. */
async function listening(given?: number): Promise<number> {
  const port = given ?? (await freePort());
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  server.listen(port, HOST);
  await once(server, 'listening');
  return port;
}

async function stopListening(): Promise<void> {
  const [server] = servers.splice(0) as [Server];
  server.close();
  await once(server, 'close');
}

test('one address that answers is enough', async () => {
  const port = await listening();
  expect(await reachesAny(['127.0.0.2', HOST], port, 10_000)).toBe(true);
  await stopListening();
  expect(await reachesAny([HOST], port, 10_000)).toBe(false);
});

test('an answer counts that came while this process was kept from its work', async () => {
  const port = await listening();
  const reached = reachesAny([HOST], port, 20);
  const end = performance.now() + 100;
  while (performance.now() < end);
  expect(await reached).toBe(true);
});

test('an address that refuses is tried until it answers', async () => {
  const port = await freePort();
  let isOpen = false;
  const reached = untilReached([HOST], port, 60_000, NEVER).then((all) => all && isOpen);
  expect(await reachesAny([HOST], port, 10_000)).toBe(false);
  await listening(port);
  isOpen = true;
  expect(await reached).toBe(true);
});

test('an address that never answers is waited for no longer than is said', async () => {
  const port = await listening();
  expect(await untilReached([HOST, '127.0.0.2'], port, 100, NEVER)).toBe(false);
});

test('the signal ends it with its reason', async () => {
  const reason = new Error('over');
  const ended = new AbortController();
  const reached = untilReached([HOST], await freePort(), 60_000, ended.signal);
  ended.abort(reason);
  await expect(reached).rejects.toBe(reason);
});
