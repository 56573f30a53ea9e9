import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Pace } from '../../../src/carriers/configmaps/pace.js';
import { uploadChunks } from '../../../src/carriers/configmaps/upload.js';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { configMapsPath, deleteConfigMaps } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { ApiError, isFault } from '../../../src/kube/error.js';
import { collection } from '../../../src/kube/pods.js';
import { putConfigMap } from '../../../src/run/configmap.js';
import { type Delivery, labelsOf, nameOf, selectorOf } from '../../../src/run/run.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import {
  connectThroughFaults,
  FAULTS,
  type FaultOptions,
  seeded,
} from '../kube/site/fault-proxy.js';
import {
  chunksOf,
  collected,
  configMapsIn,
  leasedRun,
  makeQuota,
  storedHashes,
  uploadOptions,
} from '../run/run-objects.js';

const KIB = 1024;
const namespace = 'default';
let plane: ControlPlane;
let direct: Connection;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  direct = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  direct?.client.close();
  await plane?.stop();
});

const throughFaults = (options: FaultOptions) => connectThroughFaults(plane, options);

/** A run in the namespace that these tests share. */
const delivered = () => leasedRun(direct.client, { namespace });

async function expectedHashes(delivery: Delivery, count: number, size: number): Promise<string[]> {
  const hashes: string[] = [];
  for await (const { sha256 } of chunksOf(delivery, count, size)) {
    hashes.push(sha256);
  }
  return hashes;
}

test('what the API server decodes is what was encoded', async () => {
  const delivery = await delivered();
  const { id, owner } = delivery;
  const spec = {
    name: `jackal-${id}-every-field`,
    namespace,
    labels: labelsOf(id, 'chunk'),
    annotations: { 'example.test/long': 'ä'.repeat(200), 'example.test/empty': '' },
    owner,
    data: { text: 'grüße\n', empty: '' },
    binaryData: {
      chunk: [Buffer.from([0, 255]), Buffer.from([128, 10])],
      large: [Buffer.alloc(100 * KIB, 7), Buffer.alloc(200 * KIB, 7)],
    },
    immutable: true,
  };
  await putConfigMap(direct.client, spec);
  const stored = await direct.client.get<Record<string, unknown>>(
    `${configMapsPath(namespace)}/${spec.name}`,
  );
  expect(stored).toMatchObject({
    metadata: { labels: spec.labels, annotations: spec.annotations, ownerReferences: [owner] },
    data: spec.data,
    binaryData: { chunk: 'AP+ACg==', large: Buffer.alloc(300 * KIB, 7).toString('base64') },
    immutable: true,
  });
  expect(JSON.stringify(stored)).toContain('"manager":"jackal-inject"');
  await collected(direct.client, delivery);
});

test('a server that takes no protobuf gets JSON', async () => {
  const delivery = await delivered();
  const options = uploadOptions(delivery);
  const { client, proxy, close } = await throughFaults({
    statusOf: ({ headers }) => (headers['content-type']?.includes('protobuf') ? 415 : undefined),
  });
  await uploadChunks(client, chunksOf(delivery, 5, 64 * KIB), {
    ...options,
    pace: new Pace({ concurrency: 1 }),
  });
  expect(await storedHashes(direct.client, delivery, 5)).toEqual(
    await expectedHashes(delivery, 5, 64 * KIB),
  );
  // The refusal costs one request; then JSON is known to be the way: /version, 415, five creates.
  expect(proxy.counts.get('requests')).toBe(7);
  await close();
  await collected(direct.client, delivery);
});

test('the quickest answer tells how long the way is, which no chunk does', async () => {
  const delivery = await delivered();
  const options = uploadOptions(delivery);
  const { client, close } = await throughFaults({ latency: 50, bytesPerSecond: 1_000_000 });
  // The first may have been kept from the processor; a chunk takes 262 ms more than the way.
  for (let times = 0; times < 5; times++) await client.get('/version');
  expect(client.roundTripMilliseconds).toBeGreaterThanOrEqual(50);
  const before = client.roundTripMilliseconds;
  const known = jest.spyOn(Pace.prototype, 'knowWay');
  await uploadChunks(client, chunksOf(delivery, 2, 256 * KIB), options);
  expect(known).toHaveBeenCalledWith(before);
  known.mockRestore();
  expect(client.roundTripMilliseconds).toBe(before);
  await close();
  await collected(direct.client, delivery);
});

test('a second create of the same content is done, one of other content is an error', async () => {
  const delivery = await delivered();
  const labels = labelsOf(delivery.id, 'catalog');
  const spec = { name: nameOf.catalog(delivery), namespace, labels, data: { catalog: 'one' } };
  expect(await putConfigMap(direct.client, spec)).toBe(true);
  expect(await putConfigMap(direct.client, spec)).toBe(false);
  await expect(putConfigMap(direct.client, { ...spec, data: { catalog: 'two' } })).rejects.toThrow(
    `The ConfigMap "${spec.name}" in the namespace "default" is there already with other content`,
  );
  await deleteConfigMaps(direct.client, namespace, [spec.name, 'never-there']);
  expect(await configMapsIn(direct.client, namespace, selectorOf(delivery.id))).toEqual([]);
  await collected(direct.client, delivery);
});

/** A pace that rests as long between creates as a control plane without CPU brings about. */
class RestingPace extends Pace {
  constructor(private readonly pause: number) {
    super({ concurrency: 1 });
  }

  override get restMilliseconds(): number {
    return this.pause;
  }
}

test('rests between creates and between deletes when the pace says so, and an end is not waited for', async () => {
  const delivery = await delivered();
  const rested = { ...uploadOptions(delivery), pace: new RestingPace(100) };
  const started = performance.now();
  await uploadChunks(direct.client, chunksOf(delivery, 4, KIB), rested);
  expect(performance.now() - started).toBeGreaterThan(300);
  const names = Array.from({ length: 4 }, (_, index) => nameOf.chunk(delivery, index));
  const deletion = performance.now();
  await deleteConfigMaps(direct.client, namespace, names, { pace: rested.pace });
  expect(performance.now() - deletion).toBeGreaterThan(400);
  expect(await configMapsIn(direct.client, namespace, selectorOf(delivery.id, 'chunk'))).toEqual(
    [],
  );
  await collected(direct.client, delivery);

  const cancelled = await delivered();
  const stop = new AbortController();
  const reason = new Error('cancelled');
  const endless = { ...uploadOptions(cancelled), pace: new RestingPace(3_600_000) };
  const onProgress = () => setTimeout(() => stop.abort(reason), 50);
  const upload = uploadChunks(direct.client, chunksOf(cancelled, 4, KIB), {
    ...endless,
    onProgress,
    signal: stop.signal,
  });
  await expect(upload).rejects.toBe(reason);
  const gone = ['never-there', 'neither'];
  const later = new AbortController();
  setTimeout(() => later.abort(reason), 200);
  const deletes = deleteConfigMaps(direct.client, namespace, gone, {
    pace: endless.pace,
    signal: later.signal,
  });
  await expect(deletes).rejects.toBe(reason);
  await collected(direct.client, cancelled);
});

test('a quota that is used up half-way ends the upload at once and says so', async () => {
  const tight = 'used-up';
  await direct.client.create('/api/v1/namespaces', { metadata: { name: tight } } as ApiObject);
  await makeQuota(direct.client, tight, 'ten', { 'count/configmaps': '10' });
  const delivery = await leasedRun(direct.client, { namespace: tight });
  const counts = { granted: 0, refused: 0 };
  const request: ApiClient['request'] = async (asked) => {
    try {
      const answer = await direct.client.request(asked);
      counts.granted++;
      return answer;
    } catch (error) {
      if (isFault(error, 'quota')) counts.refused++;
      throw error;
    }
  };
  const client: ApiClient = Object.create(direct.client, { request: { value: request } });
  const options = { ...uploadOptions(delivery), pace: new Pace({ concurrency: 4 }) };
  const upload = uploadChunks(client, chunksOf(delivery, 40, KIB), options);
  await expect(upload).rejects.toThrow(
    /^A ResourceQuota forbids what this run needs \(.*exceeded quota: ten.*\); raise the quota or use another namespace\.$/,
  );
  // None is tried again, and none is begun after the first refusal.
  expect(counts.granted).toBeLessThanOrEqual(10);
  expect(counts.refused).toBeGreaterThan(0);
  expect(counts.refused).toBeLessThanOrEqual(4);
  await direct.client.delete(`/api/v1/namespaces/${tight}`);
});

test('what a quota counts already, since an answer was lost, is there', async () => {
  const full = 'full-unnoticed';
  await direct.client.create('/api/v1/namespaces', { metadata: { name: full } } as ApiObject);
  await makeQuota(direct.client, full, 'one', { persistentvolumeclaims: '1' });
  let posts = 0;
  const { client, proxy, close } = await throughFaults({
    faultOf: (_, { method }) => (method === 'POST' && posts++ === 0 ? 'lost' : undefined),
  });
  const claim = (name: string) => ({
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  });
  const path = collection.claims(full);
  const made = await client.create<ApiObject>(path, claim('first'));
  expect(made.metadata?.uid).toBeDefined();
  expect([posts, proxy.counts.get('lost')]).toEqual([2, 1]);
  await expect(client.create<ApiObject>(path, claim('second'))).rejects.toThrow(/exceeded quota/);
  await close();
});

test('what is there since an answer was lost, and may not be read, is told to be there', async () => {
  let posts = 0;
  const { client, close } = await throughFaults({
    faultOf: (_, { method }) => (method === 'POST' && posts++ === 0 ? 'lost' : undefined),
  });
  const get = async () => {
    throw new ApiError('It may not be read.', { fault: 'permission', status: 403 });
  };
  const blind: ApiClient = Object.create(client, { get: { value: get } });
  const metadata = { name: 'unread' };
  const create = blind.create(configMapsPath(namespace), { metadata });
  await expect(create).rejects.toMatchObject({ fault: 'exists', attempts: 2 });
  await close();
});

test('deleting the Lease takes every chunk, and the wait ends when they are gone', async () => {
  const delivery = await delivered();
  await uploadChunks(direct.client, chunksOf(delivery, 30, 32 * KIB), uploadOptions(delivery));
  expect(
    await configMapsIn(direct.client, namespace, selectorOf(delivery.id, 'chunk')),
  ).toHaveLength(30);
  await collected(direct.client, delivery);
  expect(await configMapsIn(direct.client, namespace, selectorOf(delivery.id))).toEqual([]);
});

/** Uploads chunks over a bad way and takes them away again over it. */
async function uploadThroughFaults(seed: number): Promise<void> {
  const delivery = await delivered();
  const random = seeded(seed);
  let writes = 0;
  const options = uploadOptions(delivery);
  const { client, proxy, close } = await throughFaults({
    // Each kind strikes once for sure, not all the same chunk, and besides about a fifth of the requests.
    faultOf: (_, { method }) => {
      const drawn = FAULTS[Math.floor(random() * FAULTS.length * 5)];
      return method === 'GET' ? undefined : (FAULTS[writes++ / 3] ?? drawn);
    },
    bytesPerSecond: 5_000_000,
    latency: 50,
  });
  try {
    const sent = await uploadChunks(client, chunksOf(delivery, 40, 256 * KIB), options);
    expect(sent).toEqual({ chunks: 40, bytes: 40 * 256 * KIB });
    expect(await storedHashes(direct.client, delivery, 40)).toEqual(
      await expectedHashes(delivery, 40, 256 * KIB),
    );
    for (const fault of FAULTS) {
      expect(proxy.counts.get(fault)).toBeGreaterThan(0);
    }
    const names = Array.from({ length: 40 }, (_, index) => nameOf.chunk(delivery, index));
    await deleteConfigMaps(client, namespace, names);
    expect(await configMapsIn(direct.client, namespace, selectorOf(delivery.id, 'chunk'))).toEqual(
      [],
    );
  } finally {
    await close();
    await collected(direct.client, delivery);
  }
}

test('uploads through every kind of fault', async () => {
  // Almost all of it is waiting, so they go on side by side, each over a way of its own.
  const uploads = [1, 2, 3].map(uploadThroughFaults);
  await Promise.allSettled(uploads);
  await Promise.all(uploads);
});

test.each([
  [413, 'chunk-size'],
  [403, 'admission refused'],
])('status %i ends the upload at once', async (status, words) => {
  const delivery = await delivered();
  const options = uploadOptions(delivery);
  let posts = 0;
  const { client, close } = await throughFaults({
    statusOf: ({ method }) => (method === 'POST' && ++posts > 3 ? status : undefined),
  });
  await expect(uploadChunks(client, chunksOf(delivery, 100, 16 * KIB), options)).rejects.toThrow(
    words,
  );
  // Those in flight at the refusal, and no further one.
  expect(posts).toBeLessThanOrEqual(3 + 5);
  await close();
  await collected(direct.client, delivery);
});

test('an abort ends the upload with its reason', async () => {
  const delivery = await delivered();
  const options = uploadOptions(delivery);
  const stop = new AbortController();
  const upload = uploadChunks(direct.client, chunksOf(delivery, 1000, 16 * KIB), {
    ...options,
    signal: stop.signal,
    onProgress: ({ chunks }) => chunks === 10 && stop.abort(new Error('enough')),
  });
  await expect(upload).rejects.toThrow('enough');
  await collected(direct.client, delivery);
});

test('an abort between two attempts ends the request with its reason', async () => {
  const { client, close } = await throughFaults({
    statusOf: ({ url }) => (url?.endsWith('/configmaps/any') ? 503 : undefined),
  });
  const stop = new AbortController();
  const reason = new Error('enough');
  const onAttempt = () => setTimeout(() => stop.abort(reason), 10);
  const path = `${configMapsPath(namespace)}/any`;
  const asked = client.get(path, { signal: stop.signal, onAttempt });
  await expect(asked).rejects.toBe(reason);
  await close();
});
