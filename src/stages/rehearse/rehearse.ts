import { checkDatabase, checkSharedBudget } from '../../carriers/configmaps/budget.js';
import { courierPod } from '../../carriers/couriers/pod.js';
import { warning } from '../../host/runner.js';
import { despiteQuota } from '../../kube/quota.js';
import { COURIER_WINDOW_MIN_BYTES, COURIERS_MAX } from '../../lib/limits/couriers.js';
import { USER_RANGE_PATIENCE_SECONDS } from '../../lib/limits/kube.js';
import { RUN_LEASE_SECONDS } from '../../lib/limits/run.js';
import { settled } from '../../lib/slots.js';
import type { TravelPlan } from '../../payload/payload.js';
import { type Admitted, findAdmitted, type Samples } from '../../preflight/admission.js';
import { type Refusal, refusedError } from '../../preflight/dry-run.js';
import { admitRegistry } from '../../preflight/network-policies.js';
import { checkQuotas, limitsLeft } from '../../preflight/resources/quotas.js';
import { type NamespaceRules, readRules } from '../../preflight/resources/rules.js';
import { checkSlots, freeSlots, withRoom } from '../../preflight/slots.js';
import { sampleOf } from '../../proof/daemonset.js';
import { imagesFor, nodesToProve, type ProofImage, proofPod } from '../../proof/pod.js';
import { Bases } from '../../registry/base.js';
import { unlistedBases } from '../../registry/known-bases.js';
import { registryPod } from '../../registry/pod.js';
import { renewLease } from '../../run/lease.js';
import { findOtherRuns, removeDeadRuns, runsElsewhere } from '../../run/other-runs.js';
import { type BaseCandidate, chunkPath } from '../../run/pod.js';
import { type OpenRun, ownsNamespace } from '../../run/run.js';
import type { PreparedJob, RehearsedJob } from '../job.js';
import { deliveryOf, diskBytesOf, placesToProve, storeBytesOf } from './delivery.js';
import { tryConfigMap, tryControllers, tryDaemonSets, tryRelease } from './objects.js';

/** A job, and the nodes whose proofs stay as an attempt before has left them, by the names of their Pods. */
type Rehearsal = PreparedJob & { readonly proven: ReadonlyMap<string, string> };

/**
 * Asks the cluster, before anything travels, whether it would take what comes: other runs' bytes,
 * quotas, limit ranges, free places on the nodes, the database's size, and what admission says to
 * samples of all objects. Dead runs are removed. Returns the job with the shape in which all is taken. Throws an
 * ActionError with all that was refused.
 *
 * @param proven the nodes whose proofs stay where an attempt was before, whose other Pods a quota may count for a while yet
 */
export function rehearse(
  job: PreparedJob,
  run: OpenRun,
  proven?: ReadonlyMap<string, string>,
): Promise<RehearsedJob> {
  return job.log.group('Rehearse', async (notes) => {
    const { client, inputs, plan, signal } = job;
    const images = sampleImages(plan, run);
    const { injectorImage: image, namespace } = inputs;
    const candidates = new Bases(client, { image, namespace }, signal);
    const others = checkOthers(job, run);
    const checks = [others, checkControlPlane(job), admitRegistry(client, run, signal)] as const;
    const rehearsal = { ...job, proven: proven ?? new Map() };
    const find = () => findFit(rehearsal, run, images, candidates);
    const fitting = find()
      .catch(async (error) => {
        // What dead runs or an attempt before held is free now.
        const { removed } = await others;
        if (removed === 0 && proven === undefined) {
          throw error;
        }
        return await despiteQuota(find, { signal });
      })
      .then(async (fit) => {
        // Behind the look at quotas, which count these Pods, too.
        await tryControllers({ ...job, unfitToo: fit.unfitToo }, run, fit, images);
        return fit;
      });
    const [{ configMapBytes }, , , fit] = await settled([...checks, fitting]);
    const { bases, pullsAnew, shape, configMaps, unfitToo } = fit;
    notes.outcome = 'the cluster admits what will come';
    return { ...job, bases, candidates, pullsAnew, shape, configMaps, configMapBytes, unfitToo };
  });
}

/** The images with names like those that will be pulled; what they will hold may not be known yet. */
function sampleImages({ images }: TravelPlan, { registry }: OpenRun): ProofImage[] {
  const digest = `sha256:${'0'.repeat(64)}`;
  return images.map(({ given, repository, platforms }) => ({
    ...{ given, platforms },
    pullable: `${registry}/${repository}@${digest}`,
  }));
}

/** What tells of a run whose Lease is not there: as if it had planned behind all others. */
const UNKNOWN = { written: Number.POSITIVE_INFINITY, isRenewed: false };

/**
 * Dead runs go first of all, since what they left counts against budget and quotas. Returns how many, and the bytes
 * that this run may have in ConfigMaps beside the others; couriers do with less than planned.
 */
async function checkOthers(
  { client, inputs, plan, configMapBytes: planned, signal }: PreparedJob,
  run: OpenRun,
): Promise<{ removed: number; configMapBytes: number }> {
  const [{ own, alive, dead }, elsewhere] = await settled([
    findOtherRuns(client, run, signal),
    planned > 0 ? runsElsewhere(client, run, signal) : [],
  ]);
  await removeDeadRuns(client, dead, warning, signal);
  const configMapBytes = checkSharedBudget(
    { ...(own ?? UNKNOWN), id: run.id, configMapBytes: planned },
    [...alive, ...elsewhere],
    inputs.configMapBudget,
    plan.carrier === 'courier' ? Math.min(planned, COURIER_WINDOW_MIN_BYTES) : planned,
  );
  if (configMapBytes < planned) {
    await renewLease(client, run, { seconds: RUN_LEASE_SECONDS, configMapBytes }, { signal });
  }
  return { removed: dead.length, configMapBytes };
}

/** What was admitted, and the ConfigMaps with the images' bytes for which quotas leave room. */
type Fit = Admitted & Pick<RehearsedJob, 'configMaps' | 'unfitToo'>;

/**
 * Finds the shape in which everything is admitted, and fits into the quotas and onto the nodes: without the terms about
 * unfit nodes where a scheduler places Pods and just these may be refused, as by GKE Autopilot, which takes the labels of a few
 * kinds alone (`autogke-node-affinity-selector-limitation`).
 */
async function findFit(
  job: Rehearsal,
  run: OpenRun,
  images: readonly ProofImage[],
  candidates: Bases,
): Promise<Fit> {
  const objects = [tryConfigMap(job, run), tryDaemonSets(job, run, images), tryRelease(job, run)];
  const pods = fitPods(job, run, images, candidates);
  const [refused, outcome] = await settled([settled(objects), pods]);
  const refusals = refused.flat();
  if (refusals.length > 0 || !('shape' in outcome)) {
    const all = [...refusals, ...('shape' in outcome ? [] : outcome)];
    const error = refusedError(run.namespace, all);
    const isPlaced = job.nodesUnlisted || run.release !== undefined;
    if (job.unfitToo || !isPlaced || all.some(({ mendable }) => !mendable)) throw error;
    return await findFit({ ...job, unfitToo: true }, run, images, candidates).catch(() => {
      job.signal.throwIfAborted();
      throw error;
    });
  }
  return { ...outcome, unfitToo: job.unfitToo };
}

async function fitPods(
  job: Rehearsal,
  run: OpenRun,
  images: readonly ProofImage[],
  candidates: Bases,
): Promise<Omit<Fit, 'unfitToo'> | readonly Refusal[]> {
  const { client, nodes, proven, signal } = job;
  const [rules, slots] = await settled([
    readRules(client, run.namespace, signal),
    freeSlots(client, nodesToProve(nodes, images), signal),
  ]);
  checkSlots(
    nodes.filter(({ name }) => !proven.has(name)),
    slots,
  );
  const bases = job.nodesUnlisted
    ? await basesUnlisted(job, run)
    : await candidates.among(withRoom(nodes, slots, proven));
  const { proofs, couriers, endless } = plannedPods(job, run, images);
  const unfinishedUntil = ownsNamespace(run)
    ? performance.now() + USER_RANGE_PATIENCE_SECONDS * 1000
    : undefined;
  const outcome = await findAdmitted(
    client,
    run.namespace,
    samplesOf(job, run, bases, images),
    {
      proofs: [...proofs, ...couriers],
      mayBeMore: job.nodesUnlisted,
      diskBytes: diskBytesOf(job, run),
      ranges: rules.ranges,
      limitsLeft: limitsLeft(rules.quotas, endless),
    },
    { signal, unfinishedUntil },
  );
  return 'shape' in outcome
    ? { ...outcome, configMaps: checkRoom(job, run, rules, outcome, images) }
    : outcome;
}

/** Where the registry may start while nobody may list nodes. */
function basesUnlisted(
  { client, injectors, inputs, signal, version }: PreparedJob,
  { namespace }: OpenRun,
): Promise<BaseCandidate[]> {
  const architectures = injectors.map(({ architecture }) => architecture);
  const { injectorImage: image } = inputs;
  return unlistedBases(client, { namespace, architectures, version, image }, signal);
}

/** The registry's Pod, a courier's and a proof Pod of each architecture, as the cluster would see them. */
function samplesOf(
  job: Rehearsal,
  run: OpenRun,
  bases: readonly BaseCandidate[],
  images: readonly ProofImage[],
): Samples {
  const { nodesUnlisted, plan } = job;
  const proving = placesLeft(job, images);
  const perArchitecture = [...new Map(proving.map((node) => [node.architecture, node])).values()];
  const delivery = deliveryOf(job, run, 0);
  const storeBytes = storeBytesOf(job, run);
  return {
    bases,
    registry: (shape, base) =>
      registryPod({ ...delivery, shape }, base, 0, [chunkPath(0)], storeBytes),
    courier:
      plan.carrier === 'courier'
        ? (shape, base) => courierPod({ ...delivery, shape }, base, SAMPLE_TASK)
        : undefined,
    proofs: (shape) =>
      perArchitecture.map((node) => {
        const some = imagesFor(node, images);
        return nodesUnlisted
          ? sampleOf({ ...delivery, shape }, node.architecture, some)
          : proofPod({ ...delivery, shape }, { ...node, index: 0 }, some, 0);
      }),
  };
}

const SAMPLE_TASK = { batch: 0, attempt: 0, chunks: ['chunk'], to: '127.0.0.1:1' };

/** The places whose proof is still to come. */
function placesLeft(job: Rehearsal, images: readonly ProofImage[]) {
  return placesToProve(job, images).filter(({ name }) => !job.proven.has(name));
}

/** The Pods that will come besides the registry's: proofs, and one courier, for others wait until there is room. */
function plannedPods(job: Rehearsal, { release }: OpenRun, images: readonly ProofImage[]) {
  const { nodesUnlisted, plan } = job;
  const proofs = placesLeft(job, images).map((node) => imagesFor(node, images).length);
  const registry = release !== undefined;
  const endless = { registry, proofs: registry || nodesUnlisted };
  return { proofs, couriers: plan.carrier === 'courier' ? [1] : [], endless };
}

/** Holds all that comes against the namespace's quotas, and cuts no more chunks than they leave. Returns how many that is. */
function checkRoom(
  job: Rehearsal,
  run: OpenRun,
  { quotas }: NamespaceRules,
  { shape, priorityClass }: Admitted,
  images: readonly ProofImage[],
): number {
  const { injectors, plan, pace, configMapBytes } = job;
  const courierPlans = plan.carrier === 'courier' ? COURIERS_MAX : 0;
  const besides = injectors.length + plan.catalogParts + courierPlans;
  const configmaps = Math.ceil(configMapBytes / pace.largestChunkBytes) + besides;
  const planned = { ...plannedPods(job, run, images), configmaps, shape, priorityClass };
  const left = checkQuotas(run.namespace, quotas, planned);
  const chunks = left - besides;
  pace.keepAbove(Math.ceil(configMapBytes / chunks));
  return chunks;
}

/** What is deleted stays in the database until it is compacted, so all that may ever be written counts. */
async function checkControlPlane({ databaseBytes, obstacle, plan }: PreparedJob): Promise<void> {
  checkDatabase(await databaseBytes, plan.writtenBytes, obstacle);
}
