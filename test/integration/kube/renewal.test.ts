import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ApiClient } from '../../../src/kube/client.js';
import { Credentials } from '../../../src/kube/login/credentials.js';
import { loadKubeconfig } from '../../../src/kube/login/kubeconfig.js';
import { endpointOf } from '../../../src/kube/way/endpoint.js';
import { type FakeServer, kubeconfigOf, startFake, statusBody } from './site/fake-server.js';

const UNAUTHORIZED = statusBody(401, 'Unauthorized', 'Unauthorized');

/** Requests that are refused at the same time. */
const MANY = 16;

let directory: string;
const servers: FakeServer[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'jackal-renewal-'));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function fake(...answer: Parameters<typeof startFake>): Promise<FakeServer> {
  const server = await startFake(...answer);
  servers.push(server);
  return server;
}

/**
 * An API server that takes the token `good` alone. It refuses the first sixteen requests one after
 * the other: each but the first when the one before has been asked again with another token, or all
 * are refused, so that the refusals are spread over the renewal.
 */
async function refusing(order: 'together' | 'one after another'): Promise<FakeServer> {
  const refused: ServerResponse[] = [];
  const refuse = (response: ServerResponse | undefined) =>
    response?.writeHead(401).end(UNAUTHORIZED);
  return fake(({ headers }, response) => {
    if (headers.authorization === 'Bearer good') {
      response.end(JSON.stringify({ gitVersion: 'v1.37.2' }));
      refuse(refused.shift());
    } else if (refused.push(response) === MANY) {
      const first = order === 'together' ? refused.splice(0) : refused.splice(0, 1);
      first.forEach(refuse);
    }
  });
}

async function ask(server: FakeServer, user: object): Promise<void> {
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${server.port}`, user);
  const config = await loadKubeconfig(kubeconfig, undefined, {});
  const client = new ApiClient(await endpointOf(config, process.env));
  await Promise.all(Array.from({ length: MANY }, () => client.get('/version')));
  client.close();
}

const ORDERS = ['together', 'one after another'] as const;

test.each(ORDERS)('sixteen refusals %s run the plugin once more', async (order) => {
  const runs = path.join(directory, `runs-${order}`);
  const script = path.join(directory, 'plugin.sh');
  await writeFile(
    script,
    `echo x >> '${runs}'
     if [ "$(wc -l < '${runs}')" -eq 1 ]; then token=stale; else token=good; fi
     echo '{"kind":"ExecCredential","status":{"token":"'$token'"}}'`,
  );
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: [script],
  };
  await ask(await refusing(order), { exec });
  expect(await readFile(runs, 'utf8')).toBe('x\nx\n');
});

test.each(ORDERS)('sixteen refusals %s use a refresh token once', async (order) => {
  const used: string[] = [];
  const issuer: FakeServer = await fake(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    const url = `http://127.0.0.1:${issuer.port}`;
    if (request.url === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: url, token_endpoint: `${url}/token` }));
      return;
    }
    used.push(form.get('refresh_token') ?? '');
    response.end(JSON.stringify({ id_token: 'good', refresh_token: `next-${used.length}` }));
  });
  const config = {
    'idp-issuer-url': `http://127.0.0.1:${issuer.port}`,
    'client-id': 'client',
    'refresh-token': 'first',
    // Opaque, so that it counts as valid until the server refuses it.
    'id-token': 'stale',
  };
  await ask(await refusing(order), { 'auth-provider': { name: 'oidc', config } });
  expect(used).toEqual(['first']);
});

/** A plugin whose first run alone gives a token, unless `next` says otherwise, and the runs that it has had. */
async function lapsing(name: string, next = 'exit 1') {
  const runs = path.join(directory, `runs-${name}`);
  const script = path.join(directory, `${name}.sh`);
  await writeFile(
    script,
    `echo x >> '${runs}'
     n=$(wc -l < '${runs}')
     if [ "$n" -gt 1 ]; then ${next}; fi
     echo '{"kind":"ExecCredential","status":{"token":"token-'$n'"}}'`,
  );
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: [script],
  };
  return { exec, count: async () => (await readFile(runs, 'utf8')).length / 2 };
}

test('a plugin that fails when the next token is due is asked again', async () => {
  const { exec, count } = await lapsing('twice', '[ "$n" -gt 3 ] || exit 1');
  const server = await fake(({ headers }, response) => {
    const good = headers.authorization === 'Bearer token-4';
    response.writeHead(good ? 200 : 401).end(good ? '{"gitVersion":"v1.37.2"}' : UNAUTHORIZED);
  });
  await ask(server, { exec });
  expect(await count()).toBe(4);
});

test('a plugin that gives no second token for long is told of, and asked once each time from then on', async () => {
  const { exec, count } = await lapsing('for-good');
  const cluster = { server: 'https://cluster.example' };
  const config = { context: 'c', cluster, user: { exec } };
  const credentials = new Credentials(config, process.env, undefined, 1);
  credentials.forget(await credentials.get());
  await expect(credentials.get()).rejects.toThrow('credential plugin');
  const runs = await count();
  await expect(credentials.get()).rejects.toThrow('credential plugin');
  expect(await count()).toBe(runs + 1);
});
