import dns from 'node:dns';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, getDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { connectDaemon } from '../../../src/images/daemon/daemon.js';
import { connect } from '../../../src/kube/connect.js';
import { makeAuthority } from '../../cluster/machine/certificates.js';
import { type FakeServer, kubeconfigOf, startFake } from './site/fake-server.js';
import { startConnectProxy, startSocksProxy } from './site/proxies.js';

/* Names with addresses of both families, of which one is slow to answer and the other leads nowhere. */

/** Nobody listens at the second, where this machine has it at all. */
const ADDRESSES = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
let server: FakeServer;
const ID = `sha256:${'0'.repeat(64)}`;
/** As an API server and as a Docker daemon. */
const answer: RequestListener = (_, response) =>
  response.end(JSON.stringify({ gitVersion: 'v1.37.2', Id: ID }));

beforeEach(async () => {
  server = await startFake(answer);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await server.close();
});

/** Nothing that a connection brings is heard before Node's own patience with it is over, and Node looks at that first. */
function standStill(): void {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(nobody, 0, 0, 2 * getDefaultAutoSelectFamilyAttemptTimeout());
}

/** The names that are looked up from now on: none comes twice where nothing is tried again. */
function namesAsked(): readonly string[] {
  const asked: string[] = [];
  const lookUp = (name: string, _: unknown, found: (error: null, all: object[]) => void) => {
    asked.push(name);
    setImmediate(() => {
      found(null, ADDRESSES);
      standStill();
    });
  };
  jest.spyOn(dns, 'lookup').mockImplementation(lookUp as never);
  return asked;
}

/** Connects to a server, and tells which names were looked up for that. */
async function namesOf(address: string, cluster: object = {}): Promise<readonly string[]> {
  const asked = namesAsked();
  const { client } = await connect({ kubeconfig: kubeconfigOf(address, {}, cluster), env: {} });
  client.close();
  return asked;
}

test('a server whose one address is slow to answer is waited for', async () => {
  expect(await namesOf(`http://api.test:${server.port}`)).toEqual(['api.test']);
});

test('a server of HTTPS is, too', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'jackal-families-'));
  await makeAuthority(directory);
  const [cert, key] = await Promise.all(
    ['ca.crt', 'ca.key'].map((file) => readFile(path.join(directory, file))),
  );
  const secure = createServer({ cert, key }, answer);
  try {
    await new Promise<void>((listening) => secure.listen(0, '127.0.0.1', listening));
    const { port } = secure.address() as AddressInfo;
    const unverified = { 'insecure-skip-tls-verify': true };
    expect(await namesOf(`https://api.test:${port}`, unverified)).toEqual(['api.test']);
  } finally {
    secure.closeAllConnections();
    secure.close();
    await rm(directory, { recursive: true });
  }
});

test.each([
  ['HTTP', startConnectProxy],
  ['SOCKS', startSocksProxy],
] as const)('a proxy of %s is, too', async (_, start) => {
  const proxy = await start();
  try {
    const named = proxy.address.replace('127.0.0.1', 'proxy.test');
    const through = { 'proxy-url': named };
    expect(await namesOf(`http://127.0.0.1:${server.port}`, through)).toEqual(['proxy.test']);
  } finally {
    await proxy.close();
  }
});

test('a Docker daemon is, too', async () => {
  const environment = { DOCKER_HOST: `tcp://docker.test:${server.port}` };
  const asked = namesAsked();
  const { inspect } = connectDaemon(environment, new AbortController().signal);
  expect((await inspect('web:1')).id).toBe(ID);
  expect(asked).toEqual(['docker.test']);
});
