import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../../../src/kube/connect.js';
import { run } from '../../cluster/command.js';
import { issue, makeAuthority, makeAuthorityBelow } from '../../cluster/machine/certificates.js';
import { kubeconfigOf } from './site/fake-server.js';
import { startConnectProxy } from './site/proxies.js';

interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Of an authority, of one that it has issued, and of a server that is from the latter. */
let root: string;
let below: string;
let certificate: Certificate;
let server: Server;
let address: string;
/** What the server is called where only a proxy knows its address. */
const NAME = 'api.test';
/** Of the requests that the server has seen. */
let seen: number;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'jackal-trust-'));
  below = path.join(root, 'below');
  await mkdir(below);
  await makeAuthority(root);
  await makeAuthorityBelow(root, below);
  await issue(below, [
    { file: 'server', user: 'server', addresses: ['IP:127.0.0.1', `DNS:${NAME}`] },
    { file: 'named', user: 'named', addresses: [`DNS:${NAME}`] },
    { file: 'proxy', user: 'proxy', addresses: ['DNS:localhost'] },
  ]);
  certificate = await certificateOf('server');
  server = createServer(certificate, (_, answer) => {
    seen++;
    answer.end('{"gitVersion":"v1.37.2"}');
  });
  seen = 0;
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

/** One that was issued, with its chain. */
async function certificateOf(name: string): Promise<Certificate> {
  const chain = [`${name}.crt`, 'ca.crt'].map((file) => readFile(path.join(below, file)));
  const key = await readFile(path.join(below, `${name}.key`));
  return { cert: Buffer.concat(await Promise.all(chain)), key };
}

afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(root, { recursive: true, force: true });
});

test('an authority that another one has issued is enough, as with kubectl', async () => {
  const cluster = { 'certificate-authority': path.join(below, 'ca.crt') };
  const { client, version } = await connect({
    kubeconfig: kubeconfigOf(address, {}, cluster),
    env: {},
  });
  expect(version).toBe('v1.37.2');
  client.close();
});

const CONNECT = `
  const { connect } = await import(process.argv[1]);
  const connecting = connect({ kubeconfig: process.argv[2], env: {} });
  const { client, version } = await connecting.catch(({ message }) => {
    console.error(message);
    process.exit(1);
  });
  client.close();
  console.log(version);`;

/** Connects in a process of its own, for a process reads the machine's authorities once. */
const connectOn = (machine: Readonly<Record<string, string>>, cluster: object = {}) =>
  runOn(machine, CONNECT, 'kube/connect.js', kubeconfigOf(address, {}, cluster));

/** Runs a script with a module of the sources and an argument. */
async function runOn(
  machine: Readonly<Record<string, string>>,
  script: string,
  module: string,
  argument: string,
): Promise<string> {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const file = path.join(import.meta.dirname, '../../../src', module);
  const program = ['--input-type=module', '--eval', script, file, argument];
  return (await run(process.execPath, program, { env: { ...env, ...machine } })).stdout;
}

test('without an authority in the kubeconfig those of the machine are trusted', async () => {
  await expect(connectOn({})).rejects.toThrow('unable to get local issuer certificate');
  expect(await connectOn({ SSL_CERT_FILE: path.join(root, 'ca.crt') })).toContain('v1.37.2');
  const added = { NODE_EXTRA_CA_CERTS: path.join(root, 'ca.crt') };
  expect(await connectOn(added)).toContain('v1.37.2');
});

test('only the kubeconfig may leave the certificate unverified, as with kubectl', async () => {
  const unverified = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  const before = seen;
  await expect(connectOn(unverified)).rejects.toThrow(/API server at \S+ is not trusted/);
  expect(seen).toBe(before);
  expect(await connectOn({}, { 'insecure-skip-tls-verify': true })).toContain('v1.37.2');
});

test('the authorities of the machine are trusted with an HTTPS proxy, too', async () => {
  const proxy = await startConnectProxy(undefined, certificate);
  try {
    const cluster = {
      'proxy-url': proxy.address,
      'certificate-authority': path.join(below, 'ca.crt'),
    };
    await expect(connectOn({}, cluster)).rejects.toThrow(
      /cannot be reached \(the proxy \S+'s certificate is not trusted: unable to get local issuer certificate; NODE_EXTRA_CA_CERTS may name its authority\)/,
    );
    await expect(connectOn({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, cluster)).rejects.toThrow(
      /the proxy \S+'s certificate is not trusted/,
    );
    const machine = { SSL_CERT_FILE: path.join(root, 'ca.crt') };
    expect(await connectOn(machine, cluster)).toContain('v1.37.2');
    expect(proxy.tunnels()).toBe(1);
  } finally {
    await proxy.close();
  }
});

/** Connects to the server by its name through an HTTPS proxy of this host with this certificate. */
async function connectThrough(host: string, name: string): Promise<string> {
  const known = { [NAME]: '127.0.0.1' };
  const proxy = await startConnectProxy(undefined, await certificateOf(name), known);
  try {
    const cluster = {
      server: address.replace('127.0.0.1', NAME),
      'proxy-url': proxy.address.replace('127.0.0.1', host),
      'certificate-authority': path.join(below, 'ca.crt'),
    };
    return await connectOn({ SSL_CERT_FILE: path.join(root, 'ca.crt') }, cluster);
  } finally {
    await proxy.close();
  }
}

test.each([
  ['localhost', 'proxy'],
  ['127.0.0.1', 'server'],
])('an HTTPS proxy %s proves its own name or address, not the one of the server', async (...of) => {
  expect(await connectThrough(...of)).toContain('v1.37.2');
});

test.each(['localhost', '127.0.0.1'])(
  "an HTTPS proxy %s with a certificate of just the server's name is refused",
  async (host) => {
    await expect(connectThrough(host, 'named')).rejects.toThrow(
      /the proxy \S+'s certificate is not trusted: Hostname\/IP does not match/,
    );
  },
);

const INSPECT = `
  const { connectDaemon } = await import(process.argv[1]);
  const daemon = connectDaemon(process.env, new AbortController().signal);
  await daemon.inspect(process.argv[2]).catch(({ message }) => console.log(message));`;

test('a Docker daemon is asked for nothing without a certificate of its authority', async () => {
  const other = path.join(root, 'other');
  await mkdir(other);
  await makeAuthority(other);
  const inspect = async (authority: string) => {
    const place = path.join(root, `docker-${path.basename(authority)}`);
    await mkdir(place);
    await copyFile(path.join(authority, 'ca.crt'), path.join(place, 'ca.pem'));
    await writeFile(path.join(place, 'cert.pem'), certificate.cert);
    await writeFile(path.join(place, 'key.pem'), certificate.key);
    const of = { DOCKER_HOST: address, DOCKER_CERT_PATH: place };
    const machine = { ...of, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    return await runOn(machine, INSPECT, 'images/daemon/daemon.js', 'web:1');
  };
  const before = seen;
  expect(await inspect(other)).toContain(
    'do not agree on TLS (unable to get local issuer certificate)',
  );
  expect(seen).toBe(before);
  await inspect(root);
  expect(seen).toBeGreaterThan(before);
});
