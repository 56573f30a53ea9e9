import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Pace } from '../../../src/carriers/configmaps/pace.js';
import { uploadChunks } from '../../../src/carriers/configmaps/upload.js';
import type { ApiClient } from '../../../src/kube/client.js';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { encodeConfigMap, type Owner } from '../../../src/kube/protobuf.js';
import { chunksOf } from '../../../src/payload/chunk.js';
import { createLease } from '../../../src/run/lease.js';
import { CHUNK_KEY } from '../../../src/run/pod.js';
import { type Delivery, labelsOf, nameOf } from '../../../src/run/run.js';
import { kubeBinaries } from '../../cluster/build/build.js';
import { run } from '../../cluster/command.js';
import { ADMIN_TOKEN, type ControlPlane } from '../../integration/kube/site/control-plane.js';
import { configMapsIn } from '../../integration/run/run-objects.js';

/** Where chunks are to go: a control plane, and what speaks to it. */
export interface Site {
  readonly plane: ControlPlane;
  readonly client: ApiClient;
  /** The Lease, as the owner of the chunks. */
  readonly owner: Owner;
  readonly chunks: readonly Buffer[];
}

/** Where every way puts its chunks. */
export const NAMESPACE = 'default';
/** The run whose chunks they are. */
export const RUN = { id: 'be9cbe9c', delivery: 0 };

/** Creates the Lease of that run, as the owner of its chunks. */
export async function leaseIn(client: ApiClient, namespace: string): Promise<Owner> {
  const { signal } = new AbortController();
  return await createLease(client, { ...RUN, namespace, secret: '', token: '' }, 0, signal);
}

/**
 * The upper bound: prepared protobuf bodies in a bare loop. Encoding is not in the time.
 */
export async function raw({ plane }: Site, bodies: readonly Buffer[], concurrency: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency, ca: plane.authority });
  const rest = bodies.values();
  const worker = async () => {
    for (const body of rest) {
      await post(plane, agent, body);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  agent.destroy();
}

/** The bodies that `raw` sends, encoded. */
export function rawBodies({ chunks }: Site): Buffer[] {
  return chunks.map((chunk, index) =>
    Buffer.concat(
      encodeConfigMap({
        name: nameOf.chunk(RUN, index),
        namespace: NAMESPACE,
        labels: labelsOf(RUN.id, 'chunk'),
        binaryData: { chunk: [chunk] },
        immutable: true,
      }),
    ),
  );
}

function post(plane: ControlPlane, agent: Agent, body: Buffer): Promise<void> {
  const headers = {
    authorization: `Bearer ${ADMIN_TOKEN}`,
    'content-type': 'application/vnd.kubernetes.protobuf',
    'content-length': body.length,
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  };
  return new Promise((resolve, reject) => {
    const url = new URL(configMapsPath(NAMESPACE), plane.server);
    const asked = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().on('end', () => {
        answer.statusCode === 201 ? resolve() : reject(new Error(`status ${answer.statusCode}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** This action's own upload, with chunks that are cut as a run cuts them. */
export async function ours({ client, owner, chunks }: Site): Promise<void> {
  await upload(client, owner, chunks, new Pace());
}

/** Sends bytes in chunks as its pace has them cut. */
export async function upload(
  client: ApiClient,
  owner: Owner,
  pieces: readonly Buffer[],
  pace: Pace,
  namespace = NAMESPACE,
): Promise<void> {
  const source = async function* () {
    for await (const chunk of chunksOf(Readable.from(pieces), () => pace.chunkBytes)) {
      yield { ...chunk, name: nameOf.chunk(RUN, chunk.index) };
    }
  };
  const labels = labelsOf(RUN.id, 'chunk');
  await uploadChunks(client, source(), { namespace, labels, owner, key: CHUNK_KEY, pace });
}

/** Names of the chunks that lie in `NAMESPACE`; not by label, since those of `kubectlLoop` have none. */
export async function chunkNames(client: ApiClient): Promise<string[]> {
  const all = await configMapsIn(client, NAMESPACE);
  const stem = nameOf.chunk(RUN, 0).replace(/\d+$/, '');
  return all.filter((name) => name.startsWith(stem));
}

/** A script with kubectl: one file, one process and one create after the other. */
export async function kubectlLoop({ plane, chunks }: Site): Promise<void> {
  const kubectl = path.join(await kubeBinaries('v1.37.2'), 'kubectl');
  const kubeconfig = path.join(plane.directory, 'bench.kubeconfig');
  await writeFile(kubeconfig, plane.kubeconfig());
  for (const [index, chunk] of chunks.entries()) {
    const file = path.join(plane.directory, 'chunk');
    await writeFile(file, chunk);
    const name = nameOf.chunk(RUN, index);
    await run(kubectl, [
      ...['--kubeconfig', kubeconfig, '--namespace', NAMESPACE],
      ...['create', 'configmap', name, `--from-file=chunk=${file}`],
    ]);
  }
}

/** The state of the art (Zarf's way): server-side apply one by one, with a pause of 250 ms. */
export async function serialApply({ client, chunks }: Site): Promise<void> {
  for (const [index, chunk] of chunks.entries()) {
    await applyChunk(client, NAMESPACE, RUN, index, chunk);
  }
}

/** One step of `serialApply`. */
export async function applyChunk(
  client: ApiClient,
  namespace: string,
  delivery: Pick<Delivery, 'id' | 'delivery'>,
  index: number,
  chunk: Buffer,
): Promise<void> {
  const name = nameOf.chunk(delivery, index);
  await client.request({
    method: 'PATCH',
    path: `${configMapsPath(namespace)}/${name}`,
    query: { fieldManager: 'bench', force: true },
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels: labelsOf(delivery.id, 'chunk') },
      binaryData: { chunk: chunk.toString('base64') },
    },
  });
  await pause(250);
}
