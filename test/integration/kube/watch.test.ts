import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ApiObject } from '../../../src/kube/client.js';
import { configMapsPath, createConfigMap } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { observe, waitUntil, watch } from '../../../src/kube/watch.js';
import { type ControlPlane, startControlPlane } from './site/control-plane.js';
import { kubeconfigOf, startFake, statusBody } from './site/fake-server.js';
import { connectThroughFaults } from './site/fault-proxy.js';

let plane: ControlPlane;
let direct: Connection;
const namespace = 'default';
const path = configMapsPath(namespace);

beforeAll(async () => {
  plane = await startControlPlane();
  direct = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  direct?.client.close();
  await plane?.stop();
});

async function create(name: string): Promise<void> {
  const binaryData = { bytes: [Buffer.alloc(200_000)] };
  await createConfigMap(
    direct.client,
    { name, namespace, labels: { watched: 'yes' }, binaryData },
    {},
  );
}

async function version(): Promise<string> {
  return (await direct.client.list<ApiObject>(path)).resourceVersion;
}

test('changes arrive as they happen, with metadata alone when that is asked for', async () => {
  const from = await version();
  const stop = new AbortController();
  const query = { labelSelector: 'watched=yes' };
  const seen: string[] = [];
  await create('one');
  const options = { query, metadataOnly: true, signal: stop.signal };
  const watching = (async () => {
    for await (const { type, object } of watch<ApiObject>(direct.client, path, from, options)) {
      expect(JSON.stringify(object).length).toBeLessThan(2_000);
      seen.push(`${type} ${object.metadata?.name}`);
      if (seen.length === 1) {
        await direct.client.patch(`${path}/one`, { metadata: { labels: { more: 'x' } } });
        await direct.client.delete(`${path}/one`);
      }
      if (seen.length === 3) {
        stop.abort(new Error('enough'));
      }
    }
  })();
  await expect(watching).rejects.toThrow('enough');
  expect(seen).toEqual(['ADDED one', 'MODIFIED one', 'DELETED one']);
});

test('a watch that is cut off goes on where it was, and nothing is lost', async () => {
  const { client, proxy, close } = await connectThroughFaults(plane, {});
  const seen: string[] = [];
  for await (const { object } of watch<ApiObject>(
    client,
    path,
    await version().then(async (from) => {
      await create('before');
      return from;
    }),
    { metadataOnly: true },
  )) {
    seen.push(object.metadata?.name ?? '');
    if (seen.length === 4) {
      break;
    }
    proxy.cut();
    await create(`after-cut-${seen.length}`);
  }
  expect(seen).toEqual(['before', 'after-cut-1', 'after-cut-2', 'after-cut-3']);
  await close();
});

/** An API server that has forgotten version 1, and says so in the way it is told to. */
async function forgetful(way: 'status' | 'event'): Promise<{ url: string; stop: () => void }> {
  let listed = 0;
  const gone = {
    kind: 'Status',
    code: 410,
    reason: 'Expired',
    message: 'too old resource version',
  };
  const server = createServer(({ url = '' }, answer) => {
    if (!url.includes('watch=true')) {
      listed++;
      const items = listed === 1 ? [] : [{ metadata: { name: 'late' } }];
      answer.end(JSON.stringify({ metadata: { resourceVersion: String(listed) }, items }));
    } else if (way === 'status') {
      answer.writeHead(410).end(JSON.stringify(gone));
    } else {
      answer.end(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`);
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() };
}

test.each(['status', 'event'] as const)(
  "a version that the server has forgotten (told by %s) is the caller's to know; an observation lists again",
  async (way) => {
    const { url, stop } = await forgetful(way);
    const { client } = await connect({ kubeconfig: plane.kubeconfig({ server: url }), env: {} });
    await expect(watch(client, path, '1').next()).rejects.toMatchObject({ fault: 'gone' });
    const objects = await waitUntil(client, path, (found) => found.has('late'));
    expect(objects.size).toBe(1);
    client.close();
    stop();
  },
);

test.each([
  ['the bare failure of a proxy', statusBody(502, 'BadGateway', 'no upstream')],
  ['a text', 'upstream connect error or disconnect'],
  ['a word of JSON', 'null'],
])(
  'a watch that is granted and then says %s ends, and an observation lists again',
  async (_, line) => {
    let watches = 0;
    const { port, close } = await startFake(({ url = '' }, answer) => {
      const isWatch = url.includes('watch=true');
      if (isWatch) watches++;
      const items = watches < 3 ? [] : [{ metadata: { name: 'late' } }];
      const list = JSON.stringify({ metadata: { resourceVersion: '1' }, items });
      answer.end(isWatch ? `${line}\n` : list);
    });
    const kubeconfig = kubeconfigOf(`http://127.0.0.1:${port}`);
    const { client } = await connect({ kubeconfig, env: {} });
    try {
      const found = await waitUntil(client, path, (objects) => objects.has('late'));
      expect([found.size, watches]).toEqual([1, 3]);
      await expect(watch(client, path, '1').next()).rejects.toMatchObject({
        fault: 'watch-ended',
        message: `The API server at ${client.server} ended the watch of ${path}: it sent what is no event.`,
      });
    } finally {
      client.close();
      await close();
    }
  },
);

test('a watch that is not allowed says so', async () => {
  const kubeconfig = plane.kubeconfig({ user: { token: 'nobody-token' } });
  const { client } = await connect({ kubeconfig, env: {} });
  await expect(watch(client, path, '0').next()).rejects.toThrow(
    'The user "nobody" may not watch configmaps in the namespace "default"',
  );
  client.close();
});

test('what is observed comes without the words about who has set which field', async () => {
  await create('owned');
  const query = { fieldSelector: 'metadata.name=owned' };
  const seen: string[] = [];
  for await (const objects of observe<ApiObject>(direct.client, path, { query })) {
    const { metadata } = objects.get('owned') ?? {};
    expect(metadata).toHaveProperty('creationTimestamp');
    expect(metadata).not.toHaveProperty('managedFields');
    seen.push(metadata?.labels?.round ?? 'listed');
    if (seen.length === 2) break;
    await direct.client.patch(`${path}/owned`, { metadata: { labels: { round: 'changed' } } });
  }
  expect(seen).toEqual(['listed', 'changed']);
});
