import { byConfigMaps, CARRIER_WORDS, type ChosenCarrier } from '../carriers/choose.js';
import { CourierError } from '../carriers/couriers/error.js';
import { isOfWay, StreamError } from '../carriers/stream/error.js';
import { warning } from '../host/runner.js';
import { sentenceOf } from '../lib/errors.js';
import { REGISTRY_LOSSES_MAX, RUN_LEASE_SECONDS } from '../lib/limits/run.js';
import type { ProvenNodes } from '../proof/plan.js';
import type { ProofImage } from '../proof/pod.js';
import { RegistryLost } from '../registry/fault.js';
import { readNodes, reasonAgainst } from '../registry/nodes.js';
import { renewLease } from '../run/lease.js';
import { clearRun } from '../run/remove.js';
import type { Delivery, OpenRun } from '../run/run.js';
import type { PreparedJob, RehearsedJob } from './job.js';
import { layOut } from './prepare.js';
import { rehearse } from './rehearse.js';

/**
 * Does the work that stands on a registry, and does it anew when the registry's Pod was lost, with ConfigMaps when
 * the stream was refused or broke for good, and with all of them at once when couriers cannot. Before that, what is left of the attempt is
 * taken away; nodes that are proven stay so. Throws what the work throws, and ApiError.
 */
export async function withSetbacks<Result>(
  ready: RehearsedJob,
  run: OpenRun,
  images: readonly ProofImage[],
  work: (job: RehearsedJob, delivery: Delivery, proven: ProvenNodes) => Promise<Result>,
): Promise<Result> {
  let job = ready;
  const proven: ProvenNodes = new Map();
  for (let losses = 0, number = 0; ; number++) {
    try {
      return await work(job, deliveryOf(job, run, number), proven);
    } catch (error) {
      if (isLoss(error) && losses < REGISTRY_LOSSES_MAX) {
        losses++;
        warning(`${sentenceOf(error)} Its part of this run is done anew.`);
        await clear(job, run, proven);
      } else if (isOfWay(error) && ready.inputs.carrier.carrier === 'auto') {
        const chosen = insteadOfStream(job, error);
        warning(`${sentenceOf(error)} The images travel ${CARRIER_WORDS[chosen.carrier]} now.`);
        await clear(job, run, proven);
        job = await withCarrier(job, run, images, chosen);
      } else if (isCouriersAtEnd(error)) {
        warning(`${sentenceOf(error)} The images travel as ConfigMaps now, all at once.`);
        await clear(job, run, proven);
        job = await withCarrier(job, run, images, insteadOfCouriers(error));
      } else {
        throw error;
      }
    }
  }
}

/** Whether the registry's Pod is gone, whoever saw it first. */
function isLoss(error: unknown): boolean {
  return (
    error instanceof RegistryLost || (error instanceof StreamError && error.trouble === 'lost')
  );
}

function deliveryOf({ shape, payload }: RehearsedJob, run: OpenRun, delivery: number): Delivery {
  const { carrier, catalogParts } = payload;
  return { ...run, delivery, shape, carrier, catalogParts };
}

/** Takes away what an attempt leaves, but for the Pods of nodes that are proven and still well. */
function clear(
  { client, log, signal }: PreparedJob,
  run: OpenRun,
  proven: ProvenNodes,
): Promise<void> {
  return log.group('Clear away', async () => {
    const nodes = await readNodes(client, signal);
    for (const name of [...proven.keys()]) {
      if (reasonAgainst(name, nodes) !== undefined) {
        proven.delete(name);
      }
    }
    await clearRun(client, run, [...proven.values()], signal);
  });
}

/** Whether it is couriers that cannot, and not what they bring. */
function isCouriersAtEnd(error: unknown): boolean {
  return error instanceof CourierError && error.trouble === 'failing';
}

function insteadOfStream({ payload, inputs, rights }: PreparedJob, failed: unknown): ChosenCarrier {
  const obstacle = `the stream broke off (${wordsOf(failed)})`;
  const facts = {
    bytes: payload.contentBytes,
    budget: inputs.configMapBudget,
    mayCourier: rights.send,
  };
  return byConfigMaps(facts, { reason: obstacle, obstacle });
}

function insteadOfCouriers(failed: unknown): ChosenCarrier {
  const obstacle = `couriers cannot bring them in batches (${wordsOf(failed)})`;
  return { carrier: 'configmap', reason: obstacle, obstacle };
}

function wordsOf(failed: unknown): string {
  return sentenceOf(failed).replace(/\.$/, '');
}

/** The job laid out anew for a carrier. Throws an ActionError where its ConfigMaps would be too many. */
async function withCarrier(
  job: PreparedJob,
  run: OpenRun,
  images: readonly ProofImage[],
  chosen: ChosenCarrier,
): Promise<RehearsedJob> {
  const { client, inputs, signal } = job;
  const laid = layOut(inputs, job.images, chosen);
  if (chosen.carrier === 'configmap') {
    await job.log.group('Verify', () => job.images.verify());
  }
  const { configMapBytes } = laid;
  await renewLease(client, run, { seconds: RUN_LEASE_SECONDS, configMapBytes }, { signal });
  return await rehearse({ ...job, ...laid }, run, images);
}
