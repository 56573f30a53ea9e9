import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ApiClient } from '../../../src/kube/client.js';
import { connect } from '../../../src/kube/connect.js';
import { loadKubeconfig } from '../../../src/kube/login/kubeconfig.js';
import { endpointOf } from '../../../src/kube/way/endpoint.js';
import { until } from '../../cluster/until.js';
import { type FakeServer, kubeconfigOf, startSilent } from './site/fake-server.js';

let directory: string;
const servers: FakeServer[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'jackal-hangs-'));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function silent(greet?: (socket: Socket) => void): Promise<FakeServer> {
  const server = await startSilent(greet);
  servers.push(server);
  return server;
}

/** Opens each CONNECT tunnel, to nothing. */
function grantConnect(socket: Socket): void {
  socket.once('data', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
}

/** Opens each SOCKS tunnel, to nothing. */
function grantSocks(socket: Socket): void {
  socket.once('data', () => {
    socket.write(Buffer.from([5, 0]));
    socket.once('data', () => socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
  });
}

const API = 'https://api.example:6443';

/** Ways to a server on which somebody accepts connections and then says nothing. */
const WAYS: [string, ((socket: Socket) => void) | undefined, (port: number) => string][] = [
  ['an HTTP proxy', undefined, (port) => proxied(`http://127.0.0.1:${port}`)],
  ['an HTTPS proxy', undefined, (port) => proxied(`https://127.0.0.1:${port}`)],
  ['a SOCKS proxy', undefined, (port) => proxied(`socks5://127.0.0.1:${port}`)],
  ['TLS behind an HTTP proxy', grantConnect, (port) => proxied(`http://127.0.0.1:${port}`)],
  ['TLS behind a SOCKS proxy', grantSocks, (port) => proxied(`socks5://127.0.0.1:${port}`)],
  [
    'HTTP behind an HTTP proxy',
    grantConnect,
    (port) => proxied(`http://127.0.0.1:${port}`, 'http://api.example'),
  ],
  ['TLS of the server itself', undefined, (port) => kubeconfigOf(`https://127.0.0.1:${port}`)],
  ['HTTP of the server itself', undefined, (port) => kubeconfigOf(`http://127.0.0.1:${port}`)],
];

function proxied(proxy: string, server = API): string {
  return kubeconfigOf(server, {}, { 'proxy-url': proxy });
}

test.each(WAYS)('%s that never answers obeys the signal', async (_, greet, kubeconfigAt) => {
  const server = await silent(greet);
  const stop = new AbortController();
  const kubeconfig = kubeconfigAt(server.port);
  const connecting = connect({ kubeconfig, env: {}, signal: stop.signal });
  const ended = expect(connecting).rejects.toThrow('enough');
  await until('a connection', () => server.open() > 0);
  stop.abort(new Error('enough'));
  await ended;
  await until('the end of the connection', () => server.open() === 0);
});

test.each(WAYS)('%s that never answers ends at the deadline', async (_, greet, kubeconfigAt) => {
  const server = await silent(greet);
  const config = await loadKubeconfig(kubeconfigAt(server.port), undefined, {});
  const client = new ApiClient(await endpointOf(config, {}));
  const asked = client.get('/version', { deadlineSeconds: 0.5, patienceSeconds: 0 });
  await expect(asked).rejects.toThrow('no answer to GET /version within 0.5 s');
  await until('the end of the connection', () => server.open() === 0);
  client.close();
});

test('an answer that refuses and never ends obeys deadline and signal, also where it is a stream', async () => {
  const server = await silent((socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 503 Busy\r\ncontent-length: 9\r\n\r\nso'));
  });
  const config = await loadKubeconfig(kubeconfigOf(`http://127.0.0.1:${server.port}`), '', {});
  const client = new ApiClient(await endpointOf(config, {}));
  const options = { deadlineSeconds: 0.5, patienceSeconds: 0 };
  await expect(client.stream('/log', options)).rejects.toThrow();
  await until('the end of the connection', () => server.open() === 0);
  client.close();
});

/** A credential plugin that says that it runs, and then does neither end nor listen. */
async function deafPlugin(): Promise<{ user: object; pid: () => Promise<number> }> {
  const started = path.join(directory, `started-${Math.random()}`);
  const script = `trap '' TERM INT; echo $$ > ${started}; exec sleep 600`;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: ['-c', script],
  };
  const pid = async () => Number(await readFile(started, 'utf8').catch(() => '0'));
  return { user: { exec }, pid };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a credential plugin that hangs ends with the signal of all who wait for it', async () => {
  const { user, pid } = await deafPlugin();
  const config = await loadKubeconfig(kubeconfigOf('http://127.0.0.1:9', user), '', {});
  const client = new ApiClient(await endpointOf(config, process.env));
  const [one, other] = [new AbortController(), new AbortController()];
  const first = client.get('/version', { signal: one.signal });
  const second = client.get('/version', { signal: other.signal });
  const ended = Promise.all([
    expect(first).rejects.toThrow('the first'),
    expect(second).rejects.toThrow('the second'),
  ]);
  await until('the plugin', async () => (await pid()) > 0);
  const plugin = await pid();
  one.abort(new Error('the first'));
  await expect(first).rejects.toThrow('the first');
  expect(isAlive(plugin)).toBe(true);
  other.abort(new Error('the second'));
  await ended;
  await until('the end of the plugin', () => !isAlive(plugin));
});

test('an OIDC issuer that never answers obeys the signal', async () => {
  const issuer = await silent();
  const config = {
    'idp-issuer-url': `https://127.0.0.1:${issuer.port}`,
    'client-id': 'client',
    'refresh-token': 'once',
  };
  const user = { 'auth-provider': { name: 'oidc', config } };
  const stop = new AbortController();
  const kubeconfig = kubeconfigOf('http://127.0.0.1:9', user);
  const connecting = connect({ kubeconfig, env: {}, signal: stop.signal });
  const ended = expect(connecting).rejects.toThrow('enough');
  await until('a connection', () => issuer.open() > 0);
  stop.abort(new Error('enough'));
  await ended;
  await until('the end of the connection', () => issuer.open() === 0);
});

test.each([
  ['token file', (file: string) => kubeconfigOf('http://127.0.0.1:9', { tokenFile: file })],
  [
    'client certificate',
    (file: string) => kubeconfigOf('http://127.0.0.1:9', { 'client-certificate': file }),
  ],
  [
    'authority',
    (file: string) => kubeconfigOf('http://127.0.0.1:9', {}, { 'certificate-authority': file }),
  ],
  ['kubeconfig', (file: string) => file],
])('a %s that nobody writes to the end is told, not waited for', async (_, kubeconfigOfFile) => {
  const pipe = path.join(directory, `pipe-${Math.random()}`);
  await promisify(execFile)('mkfifo', [pipe]);
  const connecting = connect({ kubeconfig: kubeconfigOfFile(pipe), env: {} });
  await expect(connecting).rejects.toThrow(/cannot be read/);
});

test('a plugin that wants the authority gets it, and a missing one is told', async () => {
  const authority = path.join(directory, 'ca.crt');
  await writeFile(authority, 'PEM');
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: ['-c', 'echo "$KUBERNETES_EXEC_INFO" >&2; exit 1'],
    provideClusterInfo: true,
  };
  const told = (file: string) =>
    connect({
      kubeconfig: kubeconfigOf('http://127.0.0.1:9', { exec }, { 'certificate-authority': file }),
      env: process.env,
    });
  const encoded = Buffer.from('PEM').toString('base64');
  await expect(told(authority)).rejects.toThrow(`"certificate-authority-data":"${encoded}"`);
  await expect(told(`${authority}.not`)).rejects.toMatchObject({ name: 'ActionError' });
});

test('a plugin that wants to know the cluster gets all that its entry says, with what is for the plugin alone', async () => {
  const info = path.join(directory, 'info.json');
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: ['-c', 'printf %s "$KUBERNETES_EXEC_INFO" > "$1"; exit 1', 'plugin', info],
    provideClusterInfo: true,
  };
  const facts = {
    'tls-server-name': 'plane.test',
    'insecure-skip-tls-verify': true,
    'certificate-authority-data': Buffer.from('PEM').toString('base64'),
    'proxy-url': 'http://127.0.0.1:9',
    'disable-compression': true,
  };
  const config = { gardenClusterIdentity: 'landscape', shootRef: { namespace: 'n', name: 's' } };
  const extensions = [
    { name: 'someone.else', extension: { of: 'no interest' } },
    { name: 'client.authentication.k8s.io/exec', extension: config },
  ];
  const server = 'http://127.0.0.1:9';
  const kubeconfig = kubeconfigOf(server, { exec }, { ...facts, extensions });
  await expect(connect({ kubeconfig, env: process.env })).rejects.toThrow('credential plugin');
  const { spec } = JSON.parse(await readFile(info, 'utf8'));
  expect(spec).toEqual({ interactive: false, cluster: { server, ...facts, config } });
});
