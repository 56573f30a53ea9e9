import type { LaidChunk } from '../carriers/configmaps/give-back.js';
import type { Pace } from '../carriers/configmaps/pace.js';
import { type UploadChunk, uploadChunks } from '../carriers/configmaps/upload.js';
import { CourierError } from '../carriers/couriers/error.js';
import type { Injector } from '../injector/obtain.js';
import {
  type ChunkRecord,
  catalogPieces,
  catalogText,
  type ParcelRecord,
} from '../payload/catalog.js';
import { chunksOf } from '../payload/chunk.js';
import { packParcel } from '../payload/parcel.js';
import { type Parcel, type Payload, parcelOf } from '../payload/payload.js';
import { catalogWith } from '../payload/replaced.js';
import { CATALOG_KEY } from '../registry/pod.js';
import { copiedCatalog } from '../registry/release.js';
import { uploadProgress } from '../report/progress.js';
import { inMegabytes } from '../report/units.js';
import { configMapOf, putConfigMap } from '../run/configmap.js';
import { CHUNK_KEY, chunkPath, INJECTOR_KEY } from '../run/pod.js';
import { type Delivery, labelsFor, nameOf } from '../run/run.js';
import type { PreparedJob, RehearsedJob } from './job.js';
import { injectedImages } from './publish/publish.js';

/** What lies in the cluster after the upload. */
export interface Uploaded {
  /** Path below the injector's chunks directory of each chunk, in order. */
  readonly paths: readonly string[];
  /** The chunks' ConfigMaps. */
  readonly chunks: readonly LaidChunk[];
}

/**
 * Writes the injector as a ConfigMap, and where all else travels so, every chunk and then the catalog. That
 * comes last: it names every chunk's hash, so a run without one has not been sent whole. Throws ApiError, and a
 * CourierError before the first write where couriers would not start.
 */
export function upload(job: RehearsedJob, delivery: Delivery): Promise<Uploaded> {
  return job.log.group('Upload', async (notes) => {
    const { injectors, plan, pullsAnew } = job;
    if (plan.carrier === 'courier' && pullsAnew) {
      // A kubelet pulls one image after the other (`serializeImagePulls`), and what is pulled now waits for couriers.
      throw new CourierError(
        'failing',
        'Couriers cannot start where every image is pulled anew: the pull of theirs would wait for those that wait for them.',
      );
    }
    if (plan.carrier === 'stream') {
      await Promise.all(injectors.map((injector) => sendInjector(job, delivery, injector)));
      notes.outcome = 'the injector is there';
      return { paths: [], chunks: [] };
    }
    const laid = await job.laid;
    const { payload } = laid;
    // Throws where the outputs would be more than the runner takes, before anything is sent.
    injectedImages(laid, delivery);
    const parcel = parcelOf(payload, plan.carrier);
    const records = await sendChunks(job, delivery, parcel);
    await Promise.all([
      ...injectors.map((injector) => sendInjector(job, delivery, injector)),
      sendCatalog(job, delivery, payload, { name: 'all', size: parcel.bytes, chunks: records }),
    ]);
    const bytes = records.reduce((sum, { size }) => sum + size, 0);
    notes.bytes = bytes;
    notes.outcome = `${inMegabytes(bytes)} in ${records.length} chunks`;
    return {
      paths: records.map(({ path }) => path),
      chunks: records.map(({ size }, index) => ({
        name: nameOf.chunk(delivery, index),
        bytes: size,
      })),
    };
  });
}

async function sendChunks(
  { client, log, pace, plan, signal, traffic }: PreparedJob,
  delivery: Delivery,
  parcel: Parcel,
): Promise<ChunkRecord[]> {
  const records: ChunkRecord[] = [];
  const tell = uploadProgress(parcel.bytes, log.progress);
  const start = performance.now();
  const { bytes } = await uploadChunks(client, chunksToSend(parcel, pace, delivery, records), {
    namespace: delivery.namespace,
    labels: labelsFor(delivery, 'chunk'),
    owner: delivery.owner,
    key: CHUNK_KEY,
    pace,
    onProgress: (sums) => tell(sums.bytes),
    signal,
  });
  // What couriers bring is the speed that counts.
  const milliseconds = plan.carrier === 'configmap' ? performance.now() - start : 0;
  traffic.sent(plan.carrier, { sentBytes: bytes, milliseconds });
  return records;
}

/** The chunks with their names; each is booked in `records` as it passes. */
async function* chunksToSend(
  { entries }: Parcel,
  pace: Pace,
  delivery: Delivery,
  records: ChunkRecord[],
): AsyncGenerator<UploadChunk> {
  const chunks = chunksOf(packParcel(entries), () => pace.chunkBytes);
  for await (const { index, parts, size, sha256 } of chunks) {
    records.push({ path: chunkPath(index), size, sha256 });
    yield { name: nameOf.chunk(delivery, index), parts, size, sha256 };
  }
}

async function sendInjector(
  { client, signal }: PreparedJob,
  delivery: Delivery,
  { architecture, binary }: Injector,
): Promise<void> {
  const name = nameOf.injector(delivery, architecture);
  const content = { name, binaryData: { [INJECTOR_KEY]: [binary] } };
  const spec = configMapOf(delivery, 'injector', content);
  await putConfigMap(client, spec, { signal });
}

async function sendCatalog(
  { client, signal }: PreparedJob,
  delivery: Delivery,
  { served }: Payload,
  parcel: ParcelRecord,
): Promise<void> {
  const own = catalogText(delivery.secret, served, [parcel]);
  const catalog = catalogWith(own, copiedCatalog(delivery.kept));
  const { catalogParts = 1 } = delivery;
  const puts = catalogPieces(catalog, catalogParts).map((piece, part) => {
    const name = nameOf.catalog(delivery, part);
    const content = { name, binaryData: { [CATALOG_KEY]: [piece] } };
    const spec = configMapOf(delivery, 'catalog', content);
    return putConfigMap(client, spec, { signal });
  });
  await Promise.all(puts);
}
