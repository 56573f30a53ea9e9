import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { V1Pod } from '@kubernetes/client-node';
import { Pace } from '../../src/carriers/configmaps/pace.js';
import type { Image } from '../../src/images/image.js';
import { architecturesOf } from '../../src/injector/elf.js';
import { type Injector, obtainInjectors } from '../../src/injector/obtain.js';
import type { ApiClient } from '../../src/kube/client.js';
import { createConfigMap } from '../../src/kube/configmaps.js';
import { connect } from '../../src/kube/connect.js';
import { collection } from '../../src/kube/pods.js';
import { waitUntil } from '../../src/kube/watch.js';
import { catalogText } from '../../src/payload/catalog.js';
import { chunksOf } from '../../src/payload/chunk.js';
import { packParcel } from '../../src/payload/parcel.js';
import { type Payload, planPayload } from '../../src/payload/plan.js';
import { listNodes } from '../../src/preflight/nodes.js';
import { findBases } from '../../src/registry/base.js';
import { startRegistry } from '../../src/registry/bootstrap.js';
import { CATALOG_KEY, chunkPath } from '../../src/registry/pod.js';
import { INJECTOR_KEY } from '../../src/run/pod.js';
import { removeRun } from '../../src/run/remove.js';
import { labelsOf, nameOf, newRun } from '../../src/run/run.js';
import { type OpenRun, openRun } from '../../src/stages/open.js';
import { sendPayload } from '../../src/stages/upload.js';
import { down, up } from '../cluster/cluster.js';
import { applyChunk } from './transport-ways.js';

/** The bench's own cluster, so that nothing that others have left there takes part. */
const CLUSTER = 'bench-transport';
const NAMESPACE = 'jackal-inject-bench';
const PAYLOAD_BYTES = 100_000_000;
const CHUNK = 768 * 1024;
/** Rounds of ours; the other way takes most of a minute and is done once. */
const ROUNDS = 3;

/** Brings a payload into the cluster and returns the chunks' paths for the registry. */
type Sending = (client: ApiClient, open: OpenRun, payload: Payload) => Promise<readonly string[]>;

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
    const send: Sending = async (_, open, payload) => {
      const { signal } = new AbortController();
      return (await sendPayload(client, open, injectors, payload, new Pace(), log, signal)).chunks;
    };
    for (let round = 0; round < ROUNDS; round++) {
      quick.push(await measureRun(client, send, log));
    }
    const slow = await measureRun(client, (...plan) => sendOneByOne(...plan, injectors), log);
    return { quick, slow: [slow], bytes: PAYLOAD_BYTES };
  } finally {
    client.close();
    await down(CLUSTER);
  }
}

async function measureRun(
  client: ApiClient,
  send: Sending,
  log: (line: string) => void,
): Promise<number> {
  const { signal } = new AbortController();
  const run = newRun();
  const payload = planPayload({ images: [image()], close: async () => undefined });
  const { ready: nodes } = await listNodes(client);
  const bases = await findBases(client, nodes, signal);
  const open = await openRun(client, run, NAMESPACE, signal);
  try {
    const started = performance.now();
    const chunks = await send(client, open, payload);
    const sent = performance.now();
    const plan = { ...open, bases, chunks, storeBytes: payload.contentBytes };
    const { name } = await startRegistry(client, plan, signal);
    const running = performance.now();
    await untilReady(client, NAMESPACE, name);
    const seconds = (to: number, from: number) => ((to - from) / 1000).toFixed(1);
    const ready = performance.now();
    log(
      `sent in ${seconds(sent, started)} s, container after ${seconds(running, sent)} s, ready after ${seconds(ready, running)} s`,
    );
    return (ready - started) / 1000;
  } finally {
    await removeRun(client, { runId: run.id, namespace: NAMESPACE }, signal);
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

async function sendOneByOne(
  client: ApiClient,
  { run, namespace, owner }: OpenRun,
  payload: Payload,
  injectors: readonly Injector[],
): Promise<string[]> {
  const records = [];
  for await (const chunk of chunksOf(packParcel(payload.entries), () => CHUNK)) {
    const { index, parts, size, sha256 } = chunk;
    records.push({ path: chunkPath(index), size, sha256 });
    await applyChunk(client, namespace, run.id, index, Buffer.concat(parts));
  }
  const parcel = { name: 'all', size: payload.bytes, chunks: records };
  const catalog = catalogText(run.secret, payload.served, [parcel]);
  await createConfigMap(client, {
    name: nameOf.catalog(run.id),
    namespace,
    labels: labelsOf(run.id, 'catalog'),
    owner,
    data: { [CATALOG_KEY]: catalog },
  });
  for (const { architecture, binary } of injectors) {
    await createConfigMap(client, {
      name: nameOf.injector(run.id, architecture),
      namespace,
      labels: labelsOf(run.id, 'injector'),
      owner,
      binaryData: { [INJECTOR_KEY]: [binary] },
    });
  }
  return records.map(({ path }) => path);
}
