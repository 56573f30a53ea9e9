import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that Linux gives to whoever asks for any port, or connects (`ip_local_port_range`), and nodes to Services. */
const [FIRST, LAST] = [10_000, 29_999];

/**
 * A port of 127.0.0.1 on which nobody listens, for whoever listens there later: no connection of another process takes it
 * meanwhile, as it would one that was listened on and closed.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST + 1);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
