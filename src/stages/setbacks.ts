import {
  byConfigMaps,
  CARRIER_WORDS,
  type ChosenCarrier,
  carrierLine,
  mayStreamInstead,
} from '../carriers/choose.js';
import { BudgetTaken } from '../carriers/configmaps/budget.js';
import { CourierError } from '../carriers/couriers/error.js';
import { isOfWay, StreamError } from '../carriers/stream/error.js';
import { info, warning } from '../host/runner.js';
import { sentenceOf } from '../lib/errors.js';
import { REGISTRY_LOSSES_MAX, RUN_LEASE_SECONDS } from '../lib/limits/run.js';
import { readNodes } from '../preflight/nodes.js';
import type { ProvenNodes } from '../proof/plan.js';
import { elsewhereFirst } from '../registry/bootstrap.js';
import { RegistryLost } from '../registry/fault.js';
import { reasonAgainst } from '../registry/nodes.js';
import { expectHeld, renewLease } from '../run/lease.js';
import { pointService } from '../run/release/service.js';
import { clearRun } from '../run/remove.js';
import type { Delivery, OpenRun } from '../run/run.js';
import { createToken } from '../run/token.js';
import type { PreparedJob, RehearsedJob } from './job.js';
import { carrierFacts, planFor } from './prepare/planning.js';
import { deliveryOf } from './rehearse/delivery.js';
import { rehearse } from './rehearse/rehearse.js';

/**
 * Rehearses, and does so anew with a stream in place of ConfigMaps for which other runs leave no room, where there can be one
 * and nobody asked for another carrier: it takes none. Throws what `rehearse` throws, and ApiError.
 */
export async function rehearseSparing(job: PreparedJob, run: OpenRun): Promise<RehearsedJob> {
  try {
    return await rehearse(job, run);
  } catch (error) {
    const { client, inputs, signal } = job;
    const { obstacle, staysInConfigMaps } = carrierFacts(inputs, job);
    const mayStream = !staysInConfigMaps && mayStreamInstead(inputs.carrier, obstacle);
    if (!(error instanceof BudgetTaken) || !mayStream) throw error;
    const chosen = {
      carrier: 'stream',
      reason: 'other runs leave no room for ConfigMaps',
    } as const;
    info(carrierLine(chosen));
    await createToken(client, run, signal);
    return await withCarrier(job, run, chosen);
  }
}

/**
 * Does the work that stands on a registry, and does it anew when the registry's Pod was lost, with ConfigMaps when
 * the stream was refused or broke for good, and with all of them at once when couriers cannot. Before that, what is left of the attempt is
 * taken away; nodes that are proven stay so. Throws what the work throws, and ApiError.
 */
export async function withSetbacks<Result>(
  ready: RehearsedJob,
  run: OpenRun,
  work: (job: RehearsedJob, delivery: Delivery, proven: ProvenNodes) => Promise<Result>,
): Promise<Result> {
  let job = ready;
  const proven: ProvenNodes = new Map();
  for (let losses = 0, number = 0; ; number++) {
    try {
      return await work(job, { ...deliveryOf(job, run, number), shape: job.shape }, proven);
    } catch (error) {
      if (isLoss(error) && losses < REGISTRY_LOSSES_MAX) {
        losses++;
        // Whatever took it from its node, such as a drain or a full disk, may do so again.
        job = { ...job, bases: elsewhereFirst(job.bases, job.traffic.servedOn) };
        warning(`${sentenceOf(error)} Its part of this run is done anew.`);
        await clear(job, run, proven);
      } else if (isOfWay(error) && ready.inputs.carrier.carrier === 'auto') {
        const chosen = await insteadOfStream(job, error);
        warning(`${sentenceOf(error)} The images travel ${CARRIER_WORDS[chosen.carrier]} now.`);
        await clear(job, run, proven);
        job = await withCarrier(job, run, chosen, proven);
      } else if (isCouriersAtEnd(error)) {
        warning(`${sentenceOf(error)} The images travel as ConfigMaps now, all at once.`);
        await clear(job, run, proven);
        job = await withCarrier(job, run, insteadOfCouriers(error), proven);
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

/**
 * Takes away what an attempt leaves, but for the Pods of nodes that are proven and still well. Throws a RunLost when
 * another step has the release, or has taken the run away: the registry may be lost by its doing.
 */
function clear(
  { client, inputs, log, nodesUnlisted, signal }: PreparedJob,
  run: OpenRun,
  proven: ProvenNodes,
): Promise<void> {
  return log.group('Clear away', async () => {
    if (run.kept?.delivery !== undefined) {
      // Until there is another one, nodes come to the registry that is to be replaced.
      await pointService(client, run, run.kept.delivery, signal);
    } else {
      await expectHeld(client, run, signal);
    }
    if (nodesUnlisted) {
      // Their Pods go with their DaemonSets; what they have pulled they need not pull again.
      proven.clear();
    } else {
      const nodes = await readNodes(client, { selector: inputs.nodes, signal });
      const lost = [...proven.keys()].filter((name) => reasonAgainst(name, nodes) !== undefined);
      lost.forEach((name) => void proven.delete(name));
    }
    await clearRun(client, run, [...proven.values()], signal);
  });
}

/** Whether it is couriers that cannot, and not what they bring. */
function isCouriersAtEnd(error: unknown): boolean {
  return error instanceof CourierError && error.trouble === 'failing';
}

async function insteadOfStream(
  { laid, inputs, rights }: PreparedJob,
  failed: unknown,
): Promise<ChosenCarrier> {
  const { payload } = await laid;
  const obstacle = `the stream broke off (${wordsOf(failed)})`;
  const facts = {
    bytes: payload.contentBytes,
    budget: inputs.configMapBudget,
    mayCourier: rights.lacksOnSecrets === undefined,
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

/**
 * The job laid out anew for a carrier, behind an attempt that has proven these nodes, if one was made. Throws an ActionError
 * where its ConfigMaps would be too many.
 */
async function withCarrier(
  job: PreparedJob,
  run: OpenRun,
  chosen: ChosenCarrier,
  proven?: ProvenNodes,
): Promise<RehearsedJob> {
  const { client, inputs, signal } = job;
  const { images, payload } = await job.laid;
  const planned = planFor(inputs, payload, chosen);
  if (chosen.carrier === 'configmap') {
    await job.log.group('Verify', () => images.verify());
  }
  const { configMapBytes } = planned;
  const renewal = { seconds: RUN_LEASE_SECONDS, configMapBytes, isNewPlan: true };
  await renewLease(client, run, renewal, { signal });
  const obstacle = chosen.obstacle ?? job.obstacle;
  return await rehearse({ ...job, ...planned, obstacle }, run, proven);
}
