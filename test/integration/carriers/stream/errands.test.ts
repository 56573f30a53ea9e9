import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { deliverCatalog } from '../../../../src/carriers/stream/errands.js';
import { type OnDemandRegistry, serveOnDemand } from '../../../helpers/on-demand.js';
import { wayToPort } from './delivery.js';

const CONTENT = { digest: `sha256:${'1'.repeat(64)}`, size: 7 };
const OTHER = `sha256:${'2'.repeat(64)}`;
const { signal } = new AbortController();

let registry: OnDemandRegistry;
let between: { readonly port: number; changed(): number; close(): void } | undefined;

afterEach(async () => {
  between?.close();
  between = undefined;
  await registry?.close();
});

/** Passes on all that both sides say, but for a digest in a catalog, which becomes another one. */
async function changer(target: OnDemandRegistry['delivery']) {
  const sockets: Socket[] = [];
  let changed = 0;
  const server = createServer((client) => {
    const registrySide = connect(target);
    for (const socket of [client, registrySide]) {
      sockets.push(socket);
      socket.on('error', () => undefined);
    }
    registrySide.pipe(client);
    client.on('end', () => registrySide.end());
    client.on('data', (bytes: Buffer) => {
      const said = bytes.toString('latin1');
      const passed = said.replace(CONTENT.digest, OTHER);
      if (passed !== said) changed++;
      registrySide.write(passed, 'latin1');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as AddressInfo).port, changed: () => changed, close };
}

test('who stands between and passes on the proofs cannot send another catalog', async () => {
  registry = await serveOnDemand([CONTENT], { awaiting: true });
  const { token, delivery } = registry;
  between = await changer(delivery);
  const catalog = Buffer.from(registry.catalog);
  const changed = deliverCatalog(
    { way: await wayToPort(registry, between.port), token, catalog },
    signal,
  );
  await expect(changed).rejects.toMatchObject({
    trouble: 'refused',
    message:
      "The run's catalog did not reach the registry as it was sent, so nothing of it is served; look for what stands between this machine and the registry and changes what is sent.",
  });
  expect(between.changed()).toBe(1);
  // The registry has none: it would refuse the run's own beside it.
  await deliverCatalog({ way: await wayToPort(registry, delivery.port), token, catalog }, signal);
});
