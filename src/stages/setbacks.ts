import { isOfWay, StreamError } from '../carriers/stream/error.js';
import { warning } from '../host/runner.js';
import { sentenceOf } from '../lib/errors.js';
import { REGISTRY_LOSSES_MAX, RUN_LEASE_SECONDS } from '../lib/limits/run.js';
import type { ProvenNodes } from '../proof/plan.js';
import { RegistryLost } from '../registry/fault.js';
import { readNodes, reasonAgainst } from '../registry/nodes.js';
import { renewLease } from '../run/lease.js';
import { clearRun } from '../run/remove.js';
import type { Delivery, OpenRun } from '../run/run.js';
import type { PreparedJob, RehearsedJob } from './job.js';
import { planFor } from './prepare.js';
import { rehearse } from './rehearse.js';

/**
 * Does the work that stands on a registry, and does it anew when the registry's Pod was lost, and with
 * ConfigMaps when the stream was refused or broke for good. Before that, what is left of the attempt is
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
      return await work(job, deliveryOf(job, run, number), proven);
    } catch (error) {
      if (isLoss(error) && losses < REGISTRY_LOSSES_MAX) {
        losses++;
        warning(`${sentenceOf(error)} Its part of this run is done anew.`);
        await clear(job, run, proven);
      } else if (isOfWay(error) && ready.inputs.carrier.carrier === 'auto') {
        warning(`${sentenceOf(error)} The images travel as ConfigMaps now.`);
        await clear(job, run, proven);
        job = await withConfigMaps(job, run, error);
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

function deliveryOf({ shape, plan }: RehearsedJob, run: OpenRun, delivery: number): Delivery {
  const { carrier, catalogParts } = plan;
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

/** The job laid out anew for ConfigMaps. Throws an ActionError where these would be too many. */
async function withConfigMaps(
  job: PreparedJob,
  run: OpenRun,
  failed: unknown,
): Promise<RehearsedJob> {
  const { client, inputs, signal } = job;
  const obstacle = `the stream broke off (${sentenceOf(failed).replace(/\.$/, '')})`;
  const { images, payload } = await job.laid;
  const planned = planFor(inputs, payload, { carrier: 'configmap', obstacle });
  await job.log.group('Verify', () => images.verify());
  const { chunkBytes } = planned.plan;
  const renewal = { seconds: RUN_LEASE_SECONDS, configMapBytes: chunkBytes };
  await renewLease(client, run, renewal, { signal });
  return await rehearse({ ...job, ...planned }, run);
}
