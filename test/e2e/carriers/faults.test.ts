import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { sendOnDemand } from '../../../src/carriers/stream/send.js';
import { wayByApi } from '../../../src/carriers/stream/way.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { portForward } from '../../../src/kube/way/port-forward.js';
import type { Cluster } from '../../cluster/cluster.js';
import { certificatesOf } from '../../cluster/machine/control-plane.js';
import { until } from '../../cluster/until.js';
import { Jobs } from '../../helpers/jobs.js';
import { type ApiLine, startApiLine } from '../../helpers/link/api-line.js';
import { expectProofs } from '../../helpers/proofs.js';
import { peakOf } from '../../helpers/runner.js';
import { kubectl, type Site, whyNoSite } from '../../helpers/site.js';
import { type Blobs, makeBlobs } from '../../integration/carriers/stream/delivery.js';
import { type FaultProxy, startFaultProxy } from '../../integration/kube/site/fault-proxy.js';
import { type DeliveryPod, startDeliveryPod } from '../kit/delivery-pod.js';
import { randomLayer, writeImage } from '../kit/random-image.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

const MB = 1_000_000;

let here: Site;
let jobs: Jobs;
let blobs: Blobs;
let pod: DeliveryPod;
let line: ApiLine | undefined;
let proxy: FaultProxy | undefined;
let connection: Connection | undefined;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  here = jobs.here;
  blobs = await makeBlobs(6 * MB, 4 * MB);
});

afterAll(async () => {
  await blobs?.remove();
  await jobs?.close();
});

afterEach(async () => {
  connection?.client.close();
  connection = undefined;
  // The post step of a job that is left goes by this line, too.
  line?.release();
  await jobs?.endLeft();
  await line?.close();
  line = undefined;
  await proxy?.close();
  proxy = undefined;
  await pod?.remove();
});

/** Starts a registry, and connects to the API server over a line. */
async function begin(): Promise<Connection> {
  const [{ name = '' } = {}] = here.cluster.nodes;
  pod = await startDeliveryPod(here.cluster, name, blobs.all);
  line = await startApiLine(here.cluster);
  connection = await connect({ kubeconfig: line.kubeconfig, env: {} });
  return connection;
}

onSite('what is demanded travels through the API server, each byte once', async () => {
  const { client } = await begin();
  const way = wayByApi(client, pod.namespace, pod.name, pod.port);
  const over = Promise.all(blobs.all.map(({ digest }) => pod.pull(digest)));
  const { signal } = new AbortController();
  const { token } = pod;
  const sent = await sendOnDemand({ way, token, blobOf: blobs.find, over }, signal);
  expect(await over).toEqual(blobs.all.map(({ digest }) => digest));
  expect(sent).toMatchObject({ bytesSent: 10 * MB, bytesResent: 0 });
});

/** What becomes of every twentieth request, one after the other. */
const FAILURES = ['unavailable', 'internal', 'throttle-later', 'reset', 'lost'] as const;

const failureOf = (index: number) =>
  index % 20 === 19 ? FAILURES[Math.floor(index / 20) % FAILURES.length] : undefined;

/** A proxy before the API server that has every twentieth request fail. */
async function startFailing({ controlPlane, server }: Cluster): Promise<FaultProxy> {
  const directory = certificatesOf(controlPlane);
  const file = (name: string) => readFile(join(directory, name));
  const [authority, cert, key] = await Promise.all([
    file('ca.crt'),
    file('admin.crt'),
    file('admin.key'),
  ]);
  return await startFaultProxy(
    { server, directory, authority, user: { cert, key } },
    { faultOf: failureOf },
  );
}

onSite(
  'a whole job over resets, stalls, failing requests and a restart: little goes twice',
  async () => {
    const { cluster } = here;
    const layers = [randomLayer(36 * MB, 'a'), randomLayer(24 * MB, 'b')];
    const images = await writeImage(layers, 'acme/bad-line:1');
    proxy = await startFailing(cluster);
    const faults = { resetBytes: 5 * MB, stallBytes: 20 * MB, stallMilliseconds: 2_000 };
    line = await startApiLine(cluster, { ...faults, holdBytes: 30 * MB }, proxy.server);
    const { counts, kubeconfig } = line;
    const step = await jobs.start({ images, kubeconfig, carrier: 'stream:api' });
    const peak = peakOf(step.process.pid as number, step.ended);
    await Promise.race([line.held, step.ended]);
    try {
      await cluster.controlPlane.stopComponent('apiserver');
      line.release();
    } finally {
      await cluster.controlPlane.startComponent('apiserver');
    }
    const main = await jobs.ended(step);
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    await expectProofs(cluster, Object.values(JSON.parse(main.outputs.images as string)));
    const { sentBytes, resentBytes } = JSON.parse(main.outputs.traffic as string);
    expect(sentBytes - resentBytes).toBeGreaterThanOrEqual(60 * MB);
    expect(resentBytes).toBeGreaterThan(0);
    expect(resentBytes).toBeLessThanOrEqual(6 * MB);
    expect(await peak).toBeLessThanOrEqual(200 * MB);
    const post = await jobs.runner.run({ inputs: { images, kubeconfig }, state: main.state });
    expect([post.exitCode, post.warnings]).toEqual([0, []]);
    await jobs.end();
    expect(counts.resets).toBeGreaterThanOrEqual(5);
    expect(counts.stalls).toBeGreaterThanOrEqual(3);
    for (const failure of FAILURES) expect(proxy.counts.get(failure)).toBeGreaterThan(0);
  },
);

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
