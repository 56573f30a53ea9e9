import { afterEach, expect, test } from '@jest/globals';
import { connect } from '../../../src/kube/connect.js';
import { type FakeServer, kubeconfigOf, startFake, statusBody } from './site/fake-server.js';

const servers: FakeServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const DENIED = {
  403: 'pods is forbidden: User "ci" cannot list resource "pods" in API group "" in the namespace "web"',
  401: 'Unauthorized',
};

/**
 * An API server that tells its version, and does as told with each later request: cuts it off (0), refuses it with that
 * status, or grants it. Answers how many it had.
 */
async function server(...told: readonly (0 | 200 | 401 | 403 | 502)[]) {
  let asked = 0;
  const fake = await startFake(({ url, socket }, response) => {
    if (url === '/version') return void response.end('{"gitVersion":"v1.37.2"}');
    const status = told[asked++] ?? 200;
    if (status === 0) socket.destroy();
    else if (status === 502) response.writeHead(502).end('Bad Gateway');
    else if (status === 200) response.end('{"items":[]}');
    else response.writeHead(status).end(statusBody(status, 'Forbidden', DENIED[status]));
  });
  servers.push(fake);
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${fake.port}`, { token: 'fixed' });
  const { client } = await connect({ kubeconfig, env: {} });
  const list = () => client.list('/api/v1/namespaces/web/pods').finally(() => client.close());
  return { list, asked: () => asked };
}

test.each([403, 401] as const)(
  'an API server that comes back and refuses with %s until it has read all roles is asked again',
  async (status) => {
    // The first is cut off on the kept connection, the second on one of its own: the server is away.
    const { list, asked } = await server(0, 0, status, status, 200);
    await expect(list()).resolves.toMatchObject({ items: [] });
    expect(asked()).toBe(5);
  },
);

test('so is one behind a load balancer that says so', async () => {
  const { list, asked } = await server(502, 403, 200);
  await expect(list()).resolves.toMatchObject({ items: [] });
  expect(asked()).toBe(3);
});

test.each([403, 401] as const)(
  'one that was not away refuses with %s once and for all, also on a connection after an idle one',
  async (status) => {
    const { list, asked } = await server(0, status);
    await expect(list()).rejects.toMatchObject({ status });
    expect(asked()).toBe(2);
  },
);
