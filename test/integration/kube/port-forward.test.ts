import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import type { WebSocket } from 'ws';
import type { ApiClient } from '../../../src/kube/client.js';
import { connect } from '../../../src/kube/connect.js';
import { portForward } from '../../../src/kube/way/port-forward.js';
import { until } from '../../cluster/until.js';
import { type FakeForward, type Refusal, startForward } from './site/fake-forward.js';
import { kubeconfigOf, startSilent, statusBody } from './site/fake-server.js';
import { startConnectProxy } from './site/proxies.js';

const MIB = 1024 * 1024;

let server: FakeForward | undefined;
let client: ApiClient | undefined;

afterEach(async () => {
  client?.close();
  await server?.close();
});

const echo = (socket: WebSocket) => socket.on('message', (message) => socket.send(message));

type Refusing = Parameters<typeof startForward>[1];

async function clientOf(
  serve: (socket: WebSocket) => void,
  refusal?: Refusing,
  { user = {}, cluster = {} }: { user?: object; cluster?: object } = {},
): Promise<ApiClient> {
  server = await startForward(serve, refusal);
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${server.port}`, user, cluster);
  client = (await connect({ kubeconfig, env: process.env })).client;
  return client;
}

const forward = (client: ApiClient, signal?: AbortSignal): Promise<Duplex> =>
  portForward(client, 'n', 'p', 5001, { signal });

const answers =
  (...refusals: Refusal[]): Refusing =>
  (index) =>
    refusals[index];

/** Waits until a figure is twice the same. */
async function untilStill(figure: () => number | undefined): Promise<void> {
  let before: number | undefined;
  const isStill = () => {
    const last = before;
    before = figure();
    return before !== undefined && before === last;
  };
  await until('a stop', isStill);
}

test('bytes go both ways as they are, in messages of at most 128 KiB', async () => {
  const sizes: number[] = [];
  const stream = await forward(
    await clientOf((socket) => {
      echo(socket);
      socket.on('message', (message: Buffer) => sizes.push(message.length));
    }),
  );
  const bytes = randomBytes(5 * MIB + 1);
  const hash = createHash('sha256');
  let length = 0;
  const echoed = new Promise<void>((all) => {
    stream.on('data', (piece: Buffer) => {
      hash.update(piece);
      length += piece.length;
      if (length === bytes.length) all();
    });
  });
  stream.write(bytes);
  await echoed;
  expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(sizes).toEqual([...Array<number>(40).fill(128 * 1024 + 1), 2]);
  expect(server?.asked[0]?.url).toBe('/api/v1/namespaces/n/pods/p/portforward?ports=5001');
  stream.destroy();
});

test('whoever writes faster than the other side reads waits', async () => {
  let paused: WebSocket | undefined;
  let came = 0;
  const stream = await forward(
    await clientOf((socket) => {
      socket.on('message', (message: Buffer) => {
        came += message.length - 1;
      });
      socket.pause();
      paused = socket;
    }),
  );
  const TOTAL = 128;
  let accepted = 0;
  const writing = (async () => {
    for (; accepted < TOTAL; accepted++) {
      if (!stream.write(Buffer.alloc(MIB))) await once(stream, 'drain');
    }
  })();
  // What the kernel holds grows for a while; then nothing more is taken.
  await untilStill(() => accepted);
  expect(accepted).toBeLessThan(TOTAL / 2);
  paused?.resume();
  await writing;
  await until('all of it', () => came === TOTAL * MIB);
  stream.destroy();
});

test('whoever reads slower than the other side writes lets it wait', async () => {
  const TOTAL = 128;
  let peer: WebSocket | undefined;
  const stream = await forward(
    await clientOf((socket) => {
      peer = socket;
      for (let sent = 0; sent < TOTAL; sent++) socket.send(Buffer.alloc(MIB / 2));
      socket.close(1000);
    }),
  );
  await untilStill(() => peer?.bufferedAmount);
  expect(peer?.bufferedAmount).toBeGreaterThan((TOTAL / 4) * MIB);
  expect(stream.readableLength).toBeLessThan(2 * MIB);
  expect((await buffer(stream)).length).toBe(TOTAL * (MIB / 2 - 1));
});

test('words on the channel of errors, and a cut, end it with an error; a close ends it well', async () => {
  const ends: ((socket: WebSocket) => void)[] = [
    (socket) => {
      socket.send(Buffer.concat([Buffer.from([1]), Buffer.from('connect: connection refused')]));
      socket.close(1000);
    },
    (socket) => socket.terminate(),
    (socket) => {
      socket.send(Buffer.from('\0bye'));
      socket.close(1000);
    },
  ];
  const client = await clientOf((socket) => ends.shift()?.(socket));
  const fault = 'forward-ended';
  const words = await once(await forward(client), 'error');
  expect(words[0]).toMatchObject({ fault, words: 'connect: connection refused' });
  expect(words[0].message).toMatch(
    /port 5001 of the Pod "p" ended \(connect: connection refused\)/,
  );
  expect((await once(await forward(client), 'error'))[0]).toMatchObject({ fault });
  expect((await buffer(await forward(client))).toString()).toBe('bye');
});

test('ending it sends what is left, and closes it on the other side', async () => {
  const came: string[] = [];
  const codes: number[] = [];
  const stream = await forward(
    await clientOf((socket) => {
      socket.on('message', (message: Buffer) => came.push(message.toString('latin1', 1)));
      socket.on('close', (code) => codes.push(code));
    }),
  );
  stream.end('last words');
  await until('the close', () => codes.length === 1);
  expect([came, codes]).toEqual([['last words'], [1000]]);
  stream.resume();
  await until('its own end', () => stream.destroyed);
});

test('a busy or failing server is asked again, and Retry-After is followed', async () => {
  const busy = statusBody(429, 'TooManyRequests', 'too many requests');
  const refusal = answers([429, busy, { 'retry-after': '1' }], [500, '{}'], [503, '']);
  const started = performance.now();
  const stream = await forward(await clientOf(echo, refusal));
  expect(performance.now() - started).toBeGreaterThanOrEqual(1000);
  expect(server?.asked).toHaveLength(4);
  stream.destroy();
});

test('a missing right is told as such, a missing Pod too, and a page of somebody else', async () => {
  const denied = statusBody(
    403,
    'Forbidden',
    'pods "p" is forbidden: User "me" cannot create resource "pods/portforward" in API group "" in the namespace "n"',
  );
  const gone = statusBody(404, 'NotFound', 'pods "p" not found');
  const page = '<html>log in</html>';
  const client = await clientOf(echo, answers([403, denied], [404, gone], [200, page]));
  await expect(forward(client)).rejects.toMatchObject({
    fault: 'permission',
    denied: { verb: 'create', resource: 'pods/portforward', namespace: 'n' },
  });
  await expect(forward(client)).rejects.toMatchObject({ fault: 'not-found', status: 404 });
  await expect(forward(client)).rejects.toMatchObject({ fault: 'foreign' });
  expect(server?.asked).toHaveLength(3);
});

test('a refused credential is had anew, once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'jackal-forward-'));
  const script = join(directory, 'plugin.sh');
  const runs = join(directory, 'runs');
  await writeFile(
    script,
    `echo x >> '${runs}'
     echo '{"kind":"ExecCredential","status":{"token":"'token-$(wc -l < '${runs}')'"}}'`,
  );
  const apiVersion = 'client.authentication.k8s.io/v1';
  const exec = { apiVersion, command: '/bin/sh', args: [script] };
  const unauthorized: Refusal = [401, statusBody(401, 'Unauthorized', 'Unauthorized')];
  const client = await clientOf(
    echo,
    (_, { headers }) => (headers.authorization === 'Bearer token-2' ? undefined : unauthorized),
    { user: { exec } },
  );
  (await forward(client)).destroy();
  expect(server?.asked.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer token-1',
    'Bearer token-2',
  ]);
  await rm(directory, { recursive: true });
});

test('it goes through the proxy that the kubeconfig names, as whom it says', async () => {
  const proxy = await startConnectProxy('me:secret');
  const stream = await forward(
    await clientOf(echo, undefined, {
      user: { token: 't', as: 'other', 'as-groups': ['one', 'two'] },
      cluster: { 'proxy-url': proxy.address },
    }),
  );
  stream.write('x');
  expect((await once(stream, 'data')).toString()).toBe('x');
  expect(server?.asked[0]?.headers).toMatchObject({
    authorization: 'Bearer t',
    'impersonate-user': 'other',
    'impersonate-group': 'one, two',
  });
  expect(proxy.tunnels()).toBeGreaterThan(0);
  stream.destroy();
  await proxy.close();
});

test('the signal ends what is being opened and what is open, and nothing stays', async () => {
  const client = await clientOf(echo);
  const end = new AbortController();
  const stream = await forward(client, end.signal);
  const failed = once(stream, 'error');
  end.abort(new Error('enough'));
  expect((await failed)[0]).toMatchObject({ message: 'enough' });
  await expect(forward(client, end.signal)).rejects.toThrow('enough');
  client.close();
  await until('the connections to end', () => server?.open() === 0);
});

test('the signal ends a WebSocket that is asked for and never answered', async () => {
  const end = new AbortController();
  const silent = await startSilent((socket) => {
    socket.on('data', (data) => {
      if (data.toString().startsWith('GET /version')) {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      } else {
        end.abort(new Error('enough'));
      }
    });
  });
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${silent.port}`);
  const { client } = await connect({ kubeconfig, env: {} });
  await expect(forward(client, end.signal)).rejects.toThrow('enough');
  client.close();
  await until('the connections to end', () => silent.open() === 0);
  await silent.close();
});
