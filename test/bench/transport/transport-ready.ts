import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { V1Pod } from '@kubernetes/client-node';
import { Pace } from '../../../src/carriers/configmaps/pace.js';
import { uploadChunks } from '../../../src/carriers/configmaps/upload.js';
import type { Image } from '../../../src/images/image.js';
import { architecturesOf } from '../../../src/injector/elf.js';
import { type Injector, obtainInjectors } from '../../../src/injector/obtain.js';
import type { ApiClient } from '../../../src/kube/client.js';
import { connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { waitUntil } from '../../../src/kube/watch.js';
import { type ChunkRecord, catalogText } from '../../../src/payload/catalog.js';
import { chunksOf } from '../../../src/payload/chunk.js';
import { packParcel } from '../../../src/payload/parcel.js';
import { type Payload, parcelOf, payloadOf } from '../../../src/payload/payload.js';
import { listNodes } from '../../../src/preflight/nodes.js';
import { Bases } from '../../../src/registry/base.js';
import { startRegistry } from '../../../src/registry/bootstrap.js';
import { CATALOG_KEY } from '../../../src/registry/pod.js';
import { putConfigMap } from '../../../src/run/configmap.js';
import { createLease } from '../../../src/run/lease.js';
import { findPlace } from '../../../src/run/namespace.js';
import { CHUNK_KEY, chunkPath, INJECTOR_KEY } from '../../../src/run/pod.js';
import { removeRun } from '../../../src/run/remove.js';
import { type Delivery, labelsOf, nameOf, newRun } from '../../../src/run/run.js';
import { down, up } from '../../cluster/cluster.js';
import { applyChunk } from './transport-ways.js';

/** The bench's own cluster, so that nothing that others have left there takes part. */
const CLUSTER = 'bench-transport';
const PAYLOAD_BYTES = 100_000_000;
const CHUNK = 768 * 1024;
/** Rounds of ours; the other way takes most of a minute and is done once. */
const ROUNDS = 3;

/** Brings a payload's chunks into the cluster and returns what the catalog says of them. */
type Sending = (client: ApiClient, delivery: Delivery, payload: Payload) => Promise<ChunkRecord[]>;

/** Seconds from the first chunk until the registry has verified all, of ours and one by one. */
export async function measureReady(
  log: (line: string) => void,
): Promise<{ quick: number[]; slow: number[]; bytes: number }> {
  const cluster = await up({ name: CLUSTER, log });
  const { client } = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
  try {
    const { ready } = await listNodes(client);
    const injectors = await obtainInjectors(architecturesOf(ready));
    const quick: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      quick.push(await measureRun(client, sendAtPace, injectors, log));
    }
    const slow = await measureRun(client, sendOneByOne, injectors, log);
    return { quick, slow: [slow], bytes: PAYLOAD_BYTES };
  } finally {
    client.close();
    await down(CLUSTER);
  }
}

async function measureRun(
  client: ApiClient,
  send: Sending,
  injectors: readonly Injector[],
  log: (line: string) => void,
): Promise<number> {
  const { signal } = new AbortController();
  const run = newRun();
  const payload = payloadOf({ images: [image()] });
  const { ready: nodes } = await listNodes(client);
  const bases = await new Bases(client, {}, signal).among(nodes);
  await findPlace(client, run, signal);
  const owner = await createLease(client, run, payload.contentBytes, signal);
  const delivery = { ...run, owner, registry: '', delivery: 0 };
  try {
    const started = performance.now();
    const records = await send(client, delivery, payload);
    await sendRest(client, delivery, payload, injectors, records);
    const sent = performance.now();
    const chunks = records.map(({ path }) => path);
    const plan = { ...delivery, bases, chunks, storeBytes: payload.contentBytes };
    const { name } = await startRegistry(client, plan, signal);
    const running = performance.now();
    await untilReady(client, run.namespace, name);
    const seconds = (to: number, from: number) => ((to - from) / 1000).toFixed(1);
    const ready = performance.now();
    log(
      `sent in ${seconds(sent, started)} s, container after ${seconds(running, sent)} s, ready after ${seconds(ready, running)} s`,
    );
    return (ready - started) / 1000;
  } finally {
    await removeRun(client, run, signal);
  }
}

/** Waits until a Pod is ready. */
export async function untilReady(client: ApiClient, namespace: string, name: string) {
  const isReady = (pod?: V1Pod) =>
    pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  const query = { fieldSelector: `metadata.name=${name}` };
  await waitUntil<V1Pod>(
    client,
    collection.pods(namespace),
    (pods) => isReady(pods.get(name)) === true,
    { query },
  );
}

/** An image of one layer that nothing can compress; no node pulls it. */
function image(): Image {
  const layer = randomBytes(PAYLOAD_BYTES);
  const manifest = Buffer.from('{"schemaVersion":2}');
  const digest = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const target = { mediaType, digest: digest(manifest), size: manifest.length };
  const open = () => Readable.from([layer]);
  return {
    given: 'bench',
    name: 'docker.io/library/bench',
    target,
    digestKept: true,
    platforms: [],
    manifests: [{ ...target, bytes: manifest }],
    blobs: [{ digest: digest(layer), size: layer.length, open }],
    referrers: [],
  };
}

/** As a run sends them. */
const sendAtPace: Sending = async (client, delivery, payload) => {
  const records: ChunkRecord[] = [];
  const pace = new Pace();
  const chunks = async function* () {
    for await (const chunk of chunksOf(packParcel(payload.entries), () => pace.chunkBytes)) {
      const { index, size, sha256 } = chunk;
      records.push({ path: chunkPath(index), size, sha256 });
      yield { ...chunk, name: nameOf.chunk(delivery, index) };
    }
  };
  const { namespace, owner } = delivery;
  const labels = labelsOf(delivery.id, 'chunk');
  await uploadChunks(client, chunks(), { namespace, labels, owner, key: CHUNK_KEY, pace });
  return records;
};

const sendOneByOne: Sending = async (client, delivery, payload) => {
  const records: ChunkRecord[] = [];
  for await (const chunk of chunksOf(packParcel(payload.entries), () => CHUNK)) {
    const { index, parts, size, sha256 } = chunk;
    records.push({ path: chunkPath(index), size, sha256 });
    await applyChunk(client, delivery.namespace, delivery, index, Buffer.concat(parts));
  }
  return records;
};

/** Catalog and injectors. */
async function sendRest(
  client: ApiClient,
  delivery: Delivery,
  payload: Payload,
  injectors: readonly Injector[],
  chunks: readonly ChunkRecord[],
): Promise<void> {
  const { id, namespace, owner, secret } = delivery;
  const parcel = { name: 'all', size: parcelOf(payload, 'configmap').bytes, chunks };
  const data = { [CATALOG_KEY]: catalogText(secret, payload.served, [parcel]) };
  const catalog = { name: nameOf.catalog(delivery), labels: labelsOf(id, 'catalog'), data };
  await putConfigMap(client, { ...catalog, namespace, owner });
  for (const { architecture, binary } of injectors) {
    const name = nameOf.injector(delivery, architecture);
    const binaryData = { [INJECTOR_KEY]: [binary] };
    await putConfigMap(client, {
      ...{ name, namespace, owner, binaryData },
      labels: labelsOf(id, 'injector'),
    });
  }
}
