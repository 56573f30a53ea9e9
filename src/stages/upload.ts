import type { Pace } from '../carriers/configmaps/pace.js';
import { type UploadChunk, uploadChunks } from '../carriers/configmaps/upload.js';
import type { Injector } from '../injector/obtain.js';
import type { ApiClient } from '../kube/client.js';
import { createConfigMap } from '../kube/configmaps.js';
import { type ChunkRecord, catalogText } from '../payload/catalog.js';
import { chunksOf } from '../payload/chunk.js';
import { packParcel } from '../payload/parcel.js';
import type { Payload } from '../payload/plan.js';
import { CATALOG_KEY, CHUNK_KEY, chunkPath } from '../registry/pod.js';
import { Progress } from '../report/progress.js';
import { INJECTOR_KEY } from '../run/pod.js';
import { labelsOf, nameOf } from '../run/run.js';
import type { OpenRun } from './open.js';

/** What lies in the cluster after the upload. */
export interface SentPayload {
  /** Path below the injector's chunks directory of each chunk, in order. */
  readonly chunks: readonly string[];
  /** Names of the chunks' ConfigMaps. */
  readonly names: readonly string[];
  /** Bytes in chunks. */
  readonly bytes: number;
}

/**
 * Writes the injector, every chunk and then the catalog as ConfigMaps. The catalog comes last: it
 * names every chunk's hash, so a run without one has not been sent whole. Throws ApiError.
 */
export async function sendPayload(
  client: ApiClient,
  open: OpenRun,
  injectors: readonly Injector[],
  payload: Payload,
  pace: Pace,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<SentPayload> {
  const records: ChunkRecord[] = [];
  const progress = new Progress(payload.bytes, print);
  const { bytes } = await uploadChunks(client, chunksToSend(open, payload, pace, records), {
    namespace: open.namespace,
    labels: labelsOf(open.run.id, 'chunk'),
    owner: open.owner,
    key: CHUNK_KEY,
    pace,
    onProgress: (sums) => progress.reached(sums.bytes),
    signal,
  });
  const parcel = { name: 'all', size: payload.bytes, chunks: records };
  const catalog = catalogText(open.run.secret, payload.served, [parcel]);
  await Promise.all([
    ...injectors.map((injector) => sendInjector(client, open, injector, signal)),
    createConfigMap(
      client,
      {
        name: nameOf.catalog(open.run.id),
        namespace: open.namespace,
        labels: labelsOf(open.run.id, 'catalog'),
        owner: open.owner,
        data: { [CATALOG_KEY]: catalog },
        immutable: true,
      },
      { signal },
    ),
  ]);
  return {
    chunks: records.map(({ path }) => path),
    names: records.map((_, index) => nameOf.chunk(open.run.id, index)),
    bytes,
  };
}

async function sendInjector(
  client: ApiClient,
  { run, namespace, owner }: OpenRun,
  { architecture, binary }: Injector,
  signal: AbortSignal,
): Promise<void> {
  await createConfigMap(
    client,
    {
      name: nameOf.injector(run.id, architecture),
      namespace,
      labels: labelsOf(run.id, 'injector'),
      owner,
      binaryData: { [INJECTOR_KEY]: [binary] },
      immutable: true,
    },
    { signal },
  );
}

/** The chunks with their names; each is booked in `records` as it passes. */
async function* chunksToSend(
  { run }: OpenRun,
  { entries }: Payload,
  pace: Pace,
  records: ChunkRecord[],
): AsyncGenerator<UploadChunk> {
  const chunks = chunksOf(packParcel(entries), () => pace.chunkBytes);
  for await (const { index, parts, size, sha256 } of chunks) {
    records.push({ path: chunkPath(index), size, sha256 });
    yield { name: nameOf.chunk(run.id, index), parts, size, sha256 };
  }
}
