import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import * as openid from 'openid-client';
import { connect } from '../../../src/kube/connect.js';
import { issue, makeAuthority } from '../../cluster/machine/certificates.js';
import { type FakeServer, kubeconfigOf, startFake, startSilent } from './site/fake-server.js';

/*
 * docs/design/api-client.md says why the client of the API server is ours. Each reason is shown here, so
 * that it is known when one of them has gone.
 */

let directory: string;
let server: Server;
let authority: string;
let connections = 0;
/** Headers of the requests that came, by lower-case name. */
const requests: NodeJS.Dict<string | string[]>[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'jackal-reasons-'));
  await makeAuthority(directory);
  const addresses = ['IP:127.0.0.1'];
  await issue(directory, [{ file: 'server', user: 'server', addresses }]);
  const [cert, key] = await Promise.all(
    ['server.crt', 'server.key'].map((file) => readFile(path.join(directory, file))),
  );
  authority = (await readFile(path.join(directory, 'ca.crt'))).toString('base64');
  // It ends no connection of itself, however long nothing comes.
  server = createServer({ cert, key, keepAliveTimeout: 0 }, ({ headers }, response) => {
    requests.push(headers);
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ kind: 'PodList', gitVersion: 'v1.37.2', metadata: {}, items: [] }),
    );
  });
  server.on('secureConnection', () => connections++);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});

afterEach(() => {
  connections = 0;
  requests.length = 0;
});

afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(directory, { recursive: true, force: true });
});

const PODS = '/api/v1/namespaces/n/pods';

function kubeconfig(user: object, host = '127.0.0.1'): string {
  const { port } = server.address() as AddressInfo;
  const cluster = { 'certificate-authority-data': authority };
  return kubeconfigOf(`https://${host}:${port}`, user, cluster);
}

/** Lists Pods so many times with the Kubernetes client. */
async function theirs(user: object, times = 1, host?: string): Promise<void> {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig(user, host));
  const api = config.makeApiClient(CoreV1Api);
  for (let time = 0; time < times; time++) {
    await api.listNamespacedPod({ namespace: 'n' });
  }
}

/** Asks for the version, and lists Pods so many times, with ours. */
async function ours(user: object, times = 1, env: Record<string, string> = {}, host?: string) {
  const { client } = await connect({ kubeconfig: kubeconfig(user, host), env });
  for (let time = 0; time < times; time++) {
    await client.list(PODS);
  }
  client.close();
}

test('theirs makes a TLS connection for each request, ours one for all', async () => {
  await theirs({ token: 't' }, 10);
  expect(connections).toBe(10);
  connections = 0;
  await ours({ token: 't' }, 10);
  expect(connections).toBe(1);
});

test('theirs sends no token of a tokenFile', async () => {
  const tokenFile = path.join(directory, 'token');
  await writeFile(tokenFile, 'from-a-file');
  await theirs({ tokenFile });
  expect(requests[0]?.authorization).toBeUndefined();
  await ours({ tokenFile });
  expect(requests.at(-1)?.authorization).toBe('Bearer from-a-file');
});

test('theirs impersonates a user without his groups', async () => {
  const user = { token: 't', as: 'jane', 'as-groups': ['one', 'two'] };
  await theirs(user);
  expect(requests[0]).toMatchObject({ 'impersonate-user': 'jane' });
  expect(requests[0]?.['impersonate-group']).toBeUndefined();
  await ours(user);
  expect(requests.at(-1)?.['impersonate-group']).toBe('one, two');
});

test('theirs gives a credential plugin no KUBERNETES_EXEC_INFO', async () => {
  const script = `echo '{"status":{"token":"info-'\${KUBERNETES_EXEC_INFO:+given}'"}}'`;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: ['-c', script],
  };
  await theirs({ exec });
  expect(requests[0]?.authorization).toBe('Bearer info-');
  await ours({ exec });
  expect(requests.at(-1)?.authorization).toBe('Bearer info-given');
});

test('theirs does not follow HTTPS_PROXY', async () => {
  let asked = 0;
  const proxy = await startSilent((socket) => {
    socket.once('data', () => {
      asked++;
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
  });
  const address = `http://127.0.0.1:${proxy.port}`;
  const before = process.env.HTTPS_PROXY;
  process.env.HTTPS_PROXY = address;
  try {
    await expect(theirs({ token: 't' }, 1, 'api.invalid')).rejects.toThrow();
    expect(asked).toBe(0);
    const through = ours({ token: 't' }, 1, { HTTPS_PROXY: address }, 'api.invalid');
    await expect(through).rejects.toThrow('refused the connection: status 403');
    expect(asked).toBe(1);
  } finally {
    if (before === undefined) delete process.env.HTTPS_PROXY;
    else process.env.HTTPS_PROXY = before;
    await proxy.close();
  }
});

/** An issuer that gives this token for any refresh token, and the access token that OAuth asks for. */
async function issuerOf(token: (issuer: string) => string): Promise<FakeServer & { url: string }> {
  const fake: FakeServer = await startFake((request, response) => {
    const url = `http://127.0.0.1:${fake.port}`;
    const found = {
      issuer: url,
      token_endpoint: `${url}/token`,
      id_token_signing_alg_values_supported: ['RS256'],
    };
    const tokens = { id_token: token(url), access_token: 'a', token_type: 'Bearer' };
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url?.includes('well-known') ? found : tokens));
  });
  return { ...fake, url: `http://127.0.0.1:${fake.port}` };
}

test('openid-client refuses an id token that is for the cluster by way of another client', async () => {
  const now = Math.floor(Date.now() / 1000);
  const encoded = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const token = (iss: string) => {
    // As Dex makes it for a client that the cluster's own one trusts.
    const claims = { iss, aud: 'kubernetes', azp: 'cli', sub: 'anna', iat: now, exp: now + 3600 };
    return `${encoded({ alg: 'RS256' })}.${encoded(claims)}.c2lnbmVk`;
  };
  const issuer = await issuerOf(token);
  try {
    const execute = [openid.allowInsecureRequests];
    const known = await openid.discovery(new URL(issuer.url), 'cli', {}, openid.None(), {
      execute,
    });
    await expect(openid.refreshTokenGrant(known, 'first')).rejects.toMatchObject({
      code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    });
    const config = { 'idp-issuer-url': issuer.url, 'client-id': 'cli', 'refresh-token': 'first' };
    await ours({ 'auth-provider': { name: 'oidc', config } });
    expect(requests.at(-1)?.authorization).toBe(`Bearer ${token(issuer.url)}`);
  } finally {
    await issuer.close();
  }
});
