import { tmpdir } from 'node:os';
import { type ChosenCarrier, carrierLine, chooseCarrier } from '../carriers/choose.js';
import { fittingCompression } from '../carriers/compression.js';
import { checkBudget, checkChunks } from '../carriers/configmaps/budget.js';
import { Pace } from '../carriers/configmaps/pace.js';
import { streamObstacle } from '../carriers/obstacle.js';
import { carrierRights } from '../carriers/rights.js';
import type { Inputs } from '../host/inputs.js';
import * as runner from '../host/runner.js';
import type { ImageSet } from '../images/image.js';
import { type AnnouncedImage, readImages } from '../images/read.js';
import { familiarName } from '../images/reference.js';
import { architecturesOf } from '../injector/elf.js';
import { type Injector, obtainInjectors } from '../injector/obtain.js';
import { injectorDirectory } from '../injector/source.js';
import type { ApiClient } from '../kube/client.js';
import { connect } from '../kube/connect.js';
import { uploadSpeed } from '../kube/speed.js';
import { reachesAny } from '../kube/way/reach.js';
import {
  CONFIGMAPS_PER_RUN_MAX,
  EARLY_FACTOR,
  KUBELET_PORT,
  REACH_MILLISECONDS,
  REACH_NODES_MAX,
  STREAM_FROM_BYTES,
} from '../lib/limits/carriers.js';
import { type Payload, type Plan, payloadOf, planOf, streamPlanOf } from '../payload/payload.js';
import { checkPermissions } from '../preflight/access.js';
import { type LinuxNode, listNodes } from '../preflight/nodes.js';
import { checkCoverage } from '../proof/coverage.js';
import { readingProgress } from '../report/progress.js';
import type { Job, Laid, PreparedJob } from './job.js';

/**
 * Everything before the first write to the cluster: cluster, injector and images side by side, and how
 * the bytes are to travel. Large images of the daemon may still be read when it returns. The signal, or
 * the failure of one, ends the others, and what they opened is closed; what came first is what is thrown.
 */
export function prepare(job: Job): Promise<PreparedJob> {
  return job.log.group('Prepare', async () => {
    const ended = new AbortController();
    const signal = AbortSignal.any([job.signal, ended.signal]);
    const guarded = { ...job, signal };
    const cluster = reachCluster(guarded);
    const injectors = getInjectors(guarded, cluster);
    const images = getImages(guarded, cluster);
    for (const part of [cluster, injectors, images.planned]) {
      part.catch((reason) => ended.abort(reason));
    }
    const parts = [cluster, injectors, images.planned] as const;
    await Promise.allSettled(parts);
    try {
      const [{ obstacle: _, ...found }, built, planned] = await Promise.all(parts);
      const end = () => ended.abort(new Error('The job is over.'));
      return { ...job, ...found, injectors: built, ...planned, laid: images.laid, end };
    } catch {
      const client = await cluster.then(
        ({ client }) => client,
        () => undefined,
      );
      await close(client, images.laid);
      throw signal.reason;
    }
  });
}

/** Ends what `prepare` has begun, and closes the connections and the temporary copy of the images. */
export async function closePrepared({ client, laid, end }: PreparedJob): Promise<void> {
  end();
  await close(client, laid);
}

async function close(client: ApiClient | undefined, laid: Promise<Laid>): Promise<void> {
  client?.close();
  await laid.then(
    ({ images }) => images.close(),
    () => undefined,
  );
}

type Cluster = Pick<PreparedJob, 'client' | 'nodes' | 'near' | 'rights'> & {
  /** Why there can be no stream; undefined when there can. */
  readonly obstacle: string | undefined;
};
type Planned = Pick<PreparedJob, 'plan' | 'pace' | 'configMapBytes'>;

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

function paceFor({ chunkSize, concurrency }: Inputs, { chunkBytes }: Plan): Pace {
  return new Pace({
    leastChunkBytes: Math.ceil(chunkBytes / CONFIGMAPS_PER_RUN_MAX),
    ...(chunkSize && { chunkBytes: chunkSize }),
    ...(concurrency && { concurrency }),
  });
}

/**
 * A client for the cluster that may do what the job needs, the nodes that are to get images, and what is
 * to be known about the ways to them.
 */
function reachCluster({ inputs, log, signal }: Job): Promise<Cluster> {
  return log.time('Cluster', async (notes) => {
    const { client, server, version } = await connect({
      ...inputs,
      env: process.env,
      signal,
      onSecret: runner.hide,
    });
    try {
      const listed = listNodes(client, { signal });
      const near = listed.then(({ ready }) => isNear(inputs, ready, signal));
      const { namespace, carrier } = inputs;
      const questions = [
        listed,
        near,
        carrierRights(client, namespace, signal),
        checkPermissions(client, namespace, { signal }),
      ] as const;
      await Promise.allSettled(questions);
      const [{ ready, others }, isOn, rights] = await Promise.all(questions);
      const obstacle = streamObstacle(carrier, rights, isOn);
      notes.outcome = `${server}, Kubernetes ${version}, ${ready.length} nodes`;
      for (const { name, reason } of others) {
        runner.warning(`The node ${name} is left out: it ${reason}.`);
      }
      return { client, nodes: ready, near: isOn, obstacle, rights };
    } catch (error) {
      client.close();
      throw error;
    }
  });
}

/** Whether the runner is on the network of the nodes: whether some kubelet's port can be connected to. */
async function isNear(
  { carrier }: Inputs,
  nodes: readonly LinuxNode[],
  signal: AbortSignal,
): Promise<boolean> {
  if (carrier.carrier === 'configmap' || carrier.way === 'api') {
    return false;
  }
  const addresses = nodes.slice(0, REACH_NODES_MAX).flatMap((node) => node.addresses);
  return await reachesAny(addresses, KUBELET_PORT, REACH_MILLISECONDS, signal);
}

/** The injector for each architecture that the nodes have. */
function getInjectors({ log, signal }: Job, cluster: Promise<Cluster>): Promise<Injector[]> {
  return log.time('Injector', async (notes) => {
    const architectures = architecturesOf((await cluster).nodes);
    const injectors = await obtainInjectors(architectures, injectorDirectory(), signal);
    notes.outcome = injectors
      .map(
        ({ architecture, binary, origin }) => `${architecture} ${binary.length} B from ${origin}`,
      )
      .join(', ');
    return injectors;
  });
}

/**
 * Reads the images while the nodes are still being asked for, and plans for their carrier: as soon as it is
 * known that they will be streamed, else when they are read. Where all of them travel, all is verified;
 * where nodes say what they lack, it is when they do.
 */
function getImages(job: Job, cluster: Promise<Cluster>) {
  const announced = Promise.withResolvers<readonly AnnouncedImage[]>();
  const reading = job.log.time('Images', async (notes) => {
    const laid = await readAndLay(job, cluster, announced.resolve);
    notes.bytes = laid.payload.contentBytes;
    notes.outcome = laid.images.images.map(familiarName).join(', ');
    return laid;
  });
  reading.catch(() => undefined);
  const early = announced.promise.then(
    async (images) => earlyPlan(job.inputs, images, await cluster) ?? reading,
  );
  const planned = Promise.race([early, reading]).then(({ chosen, plan, pace, configMapBytes }) => {
    runner.info(carrierLine(chosen));
    return { plan, pace, configMapBytes };
  });
  return { planned, laid: reading as Promise<Laid> };
}

type Chosen = Planned & { readonly chosen: ChosenCarrier };

async function readAndLay(
  job: Job,
  cluster: Promise<Cluster>,
  onAnnounced: (images: readonly AnnouncedImage[]) => void,
): Promise<Laid & Chosen> {
  const { inputs } = job;
  const images = await readAll(job, cluster, onAnnounced);
  try {
    for (const sentence of new Set(images.images.flatMap(({ warnings }) => warnings ?? []))) {
      runner.warning(sentence);
    }
    const { nodes, obstacle, rights } = await cluster;
    const payload = payloadOf(images);
    const chosen = chooseCarrier(inputs.carrier, {
      bytes: payload.contentBytes,
      budget: inputs.configMapBudget,
      mayCourier: rights.lacksOnSecrets === undefined,
      obstacle,
    });
    const planned = planFor(inputs, payload, chosen);
    if (chosen.carrier === 'configmap') {
      await images.verify();
    }
    checkCoverage(nodes, images.images, inputs.platforms).forEach(runner.warning);
    return { images, payload, chosen, ...planned };
  } catch (error) {
    await images.close();
    throw error;
  }
}

/**
 * The plan for images of the daemon that will be streamed whatever the reading brings; undefined when that
 * is not certain, and for a platform that no node has, which is to be told before anything is written.
 */
function earlyPlan(
  inputs: Inputs,
  images: readonly AnnouncedImage[],
  { nodes, obstacle, rights }: Cluster,
): Chosen | undefined {
  const platforms = platformsOf(nodes);
  const bytes = images.reduce((sum, image) => sum + image.bytes, 0);
  const isFit = images.every(({ platform }) => platform && platforms.includes(platform));
  if (!isFit || obstacle !== undefined || bytes < EARLY_FACTOR * STREAM_FROM_BYTES) {
    return undefined;
  }
  const budget = inputs.configMapBudget;
  const facts = { bytes, budget, mayCourier: rights.lacksOnSecrets === undefined, obstacle };
  const chosen = chooseCarrier(inputs.carrier, facts);
  const plan = streamPlanOf(images, platforms);
  return chosen.carrier === 'stream'
    ? { chosen, plan, pace: paceFor(inputs, plan), configMapBytes: 0 }
    : undefined;
}

function readAll(
  { inputs, signal }: Job,
  cluster: Promise<Cluster>,
  onAnnounced: (images: readonly AnnouncedImage[]) => void,
): Promise<ImageSet> {
  let known: readonly LinuxNode[] = [];
  const platforms = cluster.then(({ nodes }) => {
    known = nodes;
    return inputs.platforms ?? platformsOf(nodes);
  });
  // Whoever awaits them is told; nobody may have come to that yet.
  platforms.catch(() => undefined);
  const nodesOf = (platform: string) =>
    known.filter((node) => platformsOf([node]).includes(platform)).map(({ name }) => name);
  const { compression, carrier, allowMissingPlatforms } = inputs;
  const fitting = async (bytes: number) => {
    const { client, near } = await cluster;
    return fittingCompression(carrier, { bytes, near, speed: () => uploadSpeed(client, signal) });
  };
  return readImages(inputs.images, {
    compression: compression === 'auto' ? fitting : compression,
    allowMissingPlatforms,
    platforms,
    nodesOf,
    temporaryDirectory: process.env.RUNNER_TEMP ?? tmpdir(),
    onProgress: readingProgress(runner.info),
    onNotice: runner.info,
    onAnnounced,
    signal,
  });
}

/** The platforms that these nodes pull for, each once. */
function platformsOf(nodes: readonly LinuxNode[]): string[] {
  return architecturesOf(nodes).map((architecture) => `linux/${architecture}`);
}
