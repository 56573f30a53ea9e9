import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { sendOnDemand } from '../../../src/carriers/stream/send.js';
import type { Sent } from '../../../src/carriers/stream/totals.js';
import { wayByApi } from '../../../src/carriers/stream/way.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { portForward } from '../../../src/kube/way/port-forward.js';
import { until } from '../../cluster/until.js';
import { type ApiLine, startApiLine } from '../../helpers/link/api-line.js';
import type { LineFaults } from '../../helpers/link/faulty-line.js';
import { kubectl, type Site, site, whyNoSite } from '../../helpers/site.js';
import { type Blobs, makeBlobs } from '../../integration/carriers/stream/delivery.js';
import { type DeliveryPod, startDeliveryPod } from '../kit/delivery-pod.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

const MB = 1_000_000;

let here: Site;
let blobs: Blobs;
let pod: DeliveryPod;
let line: ApiLine | undefined;
let connection: Connection | undefined;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  here = await site();
  blobs = await makeBlobs(60 * MB, 40 * MB);
});

afterAll(async () => {
  await blobs?.remove();
});

afterEach(async () => {
  connection?.client.close();
  connection = undefined;
  await line?.close();
  line = undefined;
  await pod?.remove();
});

/** Starts a registry, and connects to the API server over a line with these faults. */
async function begin(faults: LineFaults = {}): Promise<Connection> {
  const [{ name = '' } = {}] = here.cluster.nodes;
  pod = await startDeliveryPod(here.cluster, name, blobs.all);
  line = await startApiLine(here.cluster, faults);
  connection = await connect({ kubeconfig: line.kubeconfig, env: {} });
  return connection;
}

/** Pulls all blobs while they are sent through the API server. */
async function pullAll(
  { client }: Connection,
  onProgress?: (sent: Sent) => void,
): Promise<{ pulled: string[]; sent: Sent }> {
  const way = wayByApi(client, pod.namespace, pod.name, pod.port);
  const over = Promise.all(blobs.all.map(({ digest }) => pod.pull(digest)));
  const { token } = pod;
  const sent = await sendOnDemand(
    { way, token, blobOf: blobs.find, over, ...(onProgress && { onProgress }) },
    new AbortController().signal,
  );
  return { pulled: await over, sent };
}

const digests = () => blobs.all.map(({ digest }) => digest);

onSite('what is demanded travels through the API server, each byte once', async () => {
  const { pulled, sent } = await pullAll(await begin());
  expect(pulled).toEqual(digests());
  expect(sent).toMatchObject({ bytesSent: 100 * MB, bytesResent: 0 });
});

onSite('resets, stalls, refusals and a restart of the API server: little goes twice', async () => {
  const faults = { resetBytes: 5 * MB, stallBytes: 40 * MB, stallMilliseconds: 2_000 };
  const connection = await begin({ ...faults, refuseOneIn: 20 });
  const { controlPlane } = here.cluster;
  let restarted: Promise<void> | undefined;
  const restart = async () => {
    await controlPlane.stopComponent('apiserver');
    await controlPlane.startComponent('apiserver');
  };
  const { pulled, sent } = await pullAll(connection, ({ bytesSent }) => {
    if (bytesSent > 50 * MB) restarted ??= restart();
  });
  await restarted;
  expect(restarted).toBeDefined();
  expect(pulled).toEqual(digests());
  expect(line?.counts.resets).toBeGreaterThanOrEqual(10);
  expect(line?.counts.stalls).toBeGreaterThanOrEqual(2);
  expect(sent.bytesResent).toBeLessThanOrEqual(10 * MB);
  expect(sent.bytesSent).toBe(100 * MB + sent.bytesResent);
});

onSite('a port-forward ends with the words of the runtime where nobody listens', async () => {
  const { client } = await begin();
  const stream = await portForward(client, pod.namespace, pod.name, 7);
  const [error] = await once(stream, 'error');
  expect(error).toMatchObject({ fault: 'forward-ended', words: expect.stringMatching(/refused/) });
  const missing = portForward(client, pod.namespace, 'nobody', 7);
  await expect(missing).rejects.toMatchObject({ fault: 'not-found' });
});

onSite('a port-forward carries an answer, and its end, and is gone when it is ended', async () => {
  const { client } = await begin();
  const { signal, abort } = ended();
  const stream = await portForward(client, pod.namespace, pod.name, 5000, { signal });
  stream.write('GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(await text(stream)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n\{\}/s);
  const second = await portForward(client, pod.namespace, pod.name, 5000, { signal });
  const failed = once(second, 'error');
  abort(new Error('enough'));
  expect((await failed)[0]).toMatchObject({ message: 'enough' });
  client.close();
  await until('the connections to end', () => line?.open() === 0);
});

onSite('who may not port-forward is told which right is missing', async () => {
  await begin();
  const { cluster } = here;
  const account = ['--namespace', pod.namespace];
  await kubectl(cluster, 'create', 'serviceaccount', 'nobody', ...account);
  const token = (await kubectl(cluster, 'create', 'token', 'nobody', ...account)).trim();
  const kubeconfig = (await readFile(cluster.kubeconfig, 'utf8')).replace(
    /client-certificate-data: .*\n.*client-key-data: .*/,
    `token: ${token}`,
  );
  const { client } = await connect({ kubeconfig, env: {} });
  try {
    const way = wayByApi(client, pod.namespace, pod.name, pod.port);
    const over = new Promise(() => undefined);
    const { signal } = new AbortController();
    const refused = sendOnDemand({ way, token: pod.token, blobOf: blobs.find, over }, signal);
    await expect(refused).rejects.toMatchObject({
      trouble: 'refused',
      cause: { fault: 'permission', denied: { resource: 'pods/portforward' } },
    });
  } finally {
    client.close();
  }
});

function ended() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: Error) => controller.abort(reason) };
}
