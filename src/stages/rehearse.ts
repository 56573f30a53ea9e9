import { checkDatabase, checkSharedBudget } from '../carriers/configmaps/budget.js';
import { warning } from '../host/runner.js';
import { databaseBytes } from '../preflight/database.js';
import { rehearse as dryRun } from '../preflight/dry-run.js';
import { checkQuotas } from '../preflight/quotas.js';
import { imagesFor, nodesToProve, type ProofImage, proofPod } from '../proof/pod.js';
import { findBases } from '../registry/base.js';
import { type Base, CHUNK_KEY, chunkPath, registryPod } from '../registry/pod.js';
import { findOtherRuns, removeDeadRuns } from '../run/remove.js';
import { labelsOf, nameOf, type OpenRun } from '../run/run.js';
import type { PreparedJob } from './job.js';

/**
 * Asks the cluster, before anything travels, whether it would take what comes: other runs' bytes,
 * quotas, the database's size, and what admission says to samples of all objects. Dead runs are removed.
 * Returns where the registry can start. Throws an ActionError with all that was refused.
 */
export function rehearse(
  job: PreparedJob,
  run: OpenRun,
  images: readonly ProofImage[],
): Promise<Base[]> {
  return job.log.group('Rehearse', async (notes) => {
    const { client, nodes, signal } = job;
    const bases = findBases(client, nodes, signal);
    const checks = [
      checkOthers(job, run).then(() => checkRoom(job, run)),
      bases.then((found) => checkAdmission(job, run, found, images)),
      checkControlPlane(job),
    ];
    try {
      await Promise.all(checks);
    } finally {
      await Promise.allSettled(checks);
    }
    notes.outcome = 'the cluster admits what will come';
    return await bases;
  });
}

/** Dead runs go first of all, since what they left counts against budget and quotas. */
async function checkOthers(
  { client, inputs, payload, signal }: PreparedJob,
  run: OpenRun,
): Promise<void> {
  const { own, alive, dead } = await findOtherRuns(client, run, signal);
  await removeDeadRuns(client, dead, warning, signal);
  const created = own?.created ?? client.now();
  checkSharedBudget(
    { id: run.id, configMapBytes: payload.bytes, created },
    alive,
    inputs.configMapBudget,
  );
}

/** Holds the objects that come against the namespace's quotas, and cuts no more chunks than they leave. */
async function checkRoom(
  { client, nodes, injectors, payload, pace, signal }: PreparedJob,
  { namespace }: OpenRun,
): Promise<void> {
  const besides = injectors.length + 1;
  const configmaps = Math.ceil(payload.bytes / pace.largestChunkBytes) + besides;
  const planned = { configmaps, pods: nodes.length + 1, services: 0 };
  const left = await checkQuotas(client, namespace, planned, { signal });
  pace.keepAbove(Math.ceil(payload.bytes / (left - besides)));
}

/** A full chunk, the registry's Pod and a proof Pod of each architecture, as the cluster would see them. */
async function checkAdmission(
  { client, nodes, pace, signal }: PreparedJob,
  run: OpenRun,
  bases: readonly Base[],
  images: readonly ProofImage[],
): Promise<void> {
  const delivery = { ...run, delivery: 0 };
  const { namespace, owner } = run;
  const chunkBytes = pace.largestChunkBytes;
  const proving = nodesToProve(nodes, images);
  const perArchitecture = new Map(proving.map((node) => [node.architecture, node]));
  const proofs = [...perArchitecture.values()].map((node) =>
    proofPod(delivery, { ...node, index: 0 }, imagesFor(node, images), 0),
  );
  const registries = bases
    .slice(0, 1)
    .map((base) => registryPod(delivery, base, 0, [chunkPath(0)], chunkBytes));
  const configMap = {
    name: nameOf.chunk(delivery, 0),
    namespace,
    labels: labelsOf(run.id, 'chunk'),
    owner,
    binaryData: { [CHUNK_KEY]: [Buffer.alloc(chunkBytes)] },
    immutable: true,
  };
  await dryRun(client, { namespace, configMap, pods: [...registries, ...proofs] }, { signal });
}

async function checkControlPlane({ client, payload, signal }: PreparedJob): Promise<void> {
  const database = await databaseBytes(client, { signal });
  if (database !== undefined) {
    checkDatabase(database, payload.bytes);
  }
}
