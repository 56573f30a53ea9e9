import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below those that Linux gives to whoever asks for any port, or connects (`ip_local_port_range`), and nodes to Services. */
const [FIRST, LAST] = [10_000, 29_999];

/**
 * A port of 127.0.0.1 on which nobody listens, for whoever listens there later: no connection of another process takes it
 * meanwhile, as it would one that was listened on and closed.
 */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

/** Several such ports, each another one. */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  while (held.size < count) {
    const port = randomInt(FIRST, LAST + 1);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening').then(
      () => held.set(port, server),
      () => undefined,
    );
  }
  const closed = [...held.values()].map((server) => once(server.close(), 'close'));
  await Promise.all(closed);
  return [...held.keys()];
}
