import {
  type CarrierFacts,
  type ChosenCarrier,
  chooseCarrier,
  streamsLittle,
} from '../../carriers/choose.js';
import { checkBudget, checkChunks } from '../../carriers/configmaps/budget.js';
import { Pace } from '../../carriers/configmaps/pace.js';
import type { Inputs } from '../../host/inputs.js';
import type { AnnouncedImage } from '../../images/daemon/asked.js';
import { withoutVariants } from '../../images/platforms.js';
import {
  CONFIGMAPS_PER_RUN_MAX,
  EARLY_FACTOR,
  STREAM_FROM_BYTES,
} from '../../lib/limits/carriers.js';
import { type Payload, planOf, streamPlanOf, type TravelPlan } from '../../payload/payload.js';
import type { PreparedJob } from '../job.js';
import { type Cluster, platformsOf } from './cluster.js';

/** A plan, and what it means for ConfigMaps. */
export type Planned = Pick<PreparedJob, 'plan' | 'pace' | 'configMapBytes'>;

/** A plan and its carrier. */
export type Chosen = Planned & { readonly chosen: ChosenCarrier };

/**
 * The plan for a payload and a carrier, held against the budget, of which couriers need a part. Throws an
 * ActionError with the figures, and with the reason for ConfigMaps where it is not just that they were asked for.
 */
export function planFor(
  inputs: Inputs,
  payload: Payload,
  { carrier, obstacle }: Pick<ChosenCarrier, 'carrier' | 'obstacle'>,
): Planned {
  const plan = planOf(payload, carrier);
  const pace = paceFor(inputs, plan);
  checkBudget(plan.chunkBytes, inputs.configMapBudget, obstacle);
  checkChunks(plan.chunkBytes, pace.largestChunkBytes);
  const configMapBytes = Math.min(plan.writtenBytes, inputs.configMapBudget);
  return { plan, pace, configMapBytes };
}

function paceFor({ chunkSize, concurrency }: Inputs, { chunkBytes }: TravelPlan): Pace {
  return new Pace({
    leastChunkBytes: Math.ceil(chunkBytes / CONFIGMAPS_PER_RUN_MAX),
    ...(chunkSize && { chunkBytes: chunkSize }),
    ...(concurrency && { concurrency }),
  });
}

/** What a carrier is chosen by, but for the bytes and the way's speed. */
export function carrierFacts(
  { carrier, configMapBudget: budget, release }: Inputs,
  {
    near,
    obstacle,
    rights,
    storageClass,
  }: Pick<PreparedJob, 'near' | 'obstacle' | 'rights' | 'storageClass'>,
): Omit<CarrierFacts, 'bytes' | 'speed'> {
  const isRelease = release !== undefined;
  const little = { near, obstacle, isRelease };
  const mayForward = rights.forward;
  return {
    budget,
    mayCourier: rights.lacksOnSecrets === undefined,
    obstacle,
    littleToo: streamsLittle(carrier, { ...little, mayForward }),
    littleButForForward: !mayForward && streamsLittle(carrier, { ...little, mayForward: true }),
    staysInConfigMaps: isRelease && storageClass === undefined,
  };
}

/**
 * The plan for images of the daemon that will be streamed whatever the reading brings; undefined when that
 * is not certain, and for a platform that no node has, which is to be told before anything is written.
 */
export function earlyPlan(
  inputs: Inputs,
  images: readonly AnnouncedImage[],
  cluster: Cluster,
): Chosen | undefined {
  const facts = carrierFacts(inputs, cluster);
  const there = platformsOf(cluster.nodes);
  // All of these travel and are stored, for nodes that join, too.
  const platforms = withoutVariants(inputs.platforms ?? there);
  const served = platforms.filter((platform) => there.includes(platform));
  const bytes = images.reduce((sum, image) => sum + image.bytes, 0);
  const isFit = images.every(({ parts }) =>
    parts.some(({ platform }) => platform !== undefined && served.includes(platform)),
  );
  // What is to stay may have to fit into ConfigMaps, which its size as it travels decides.
  const isSure = facts.staysInConfigMaps !== true;
  const isAny = inputs.carrier.carrier === 'stream' || facts.littleToo === true;
  const isMuch = isAny || bytes >= EARLY_FACTOR * STREAM_FROM_BYTES;
  if (!isSure || !isFit || facts.obstacle !== undefined || !isMuch) {
    return undefined;
  }
  const chosen = chooseCarrier(inputs.carrier, { ...facts, bytes });
  const plan = streamPlanOf(images, platforms);
  return chosen.carrier === 'stream'
    ? { chosen, plan, pace: paceFor(inputs, plan), configMapBytes: 0 }
    : undefined;
}
