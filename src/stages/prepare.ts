import { tmpdir } from 'node:os';
import { type ChosenCarrier, carrierLine, chooseCarrier } from '../carriers/choose.js';
import { fittingCompression } from '../carriers/compression.js';
import { checkBudget, checkChunks } from '../carriers/configmaps/budget.js';
import { Pace } from '../carriers/configmaps/pace.js';
import { courierRights } from '../carriers/couriers/rights.js';
import { streamObstacle } from '../carriers/obstacle.js';
import type { Inputs } from '../host/inputs.js';
import * as runner from '../host/runner.js';
import type { ImageSet } from '../images/image.js';
import { readImages } from '../images/read.js';
import { familiarName } from '../images/reference.js';
import { architecturesOf } from '../injector/elf.js';
import { type Injector, obtainInjectors } from '../injector/obtain.js';
import { injectorDirectory } from '../injector/source.js';
import { connect } from '../kube/connect.js';
import { uploadSpeed } from '../kube/speed.js';
import { reachesAny } from '../kube/way/reach.js';
import {
  CONFIGMAPS_PER_RUN_MAX,
  KUBELET_PORT,
  REACH_MILLISECONDS,
  REACH_NODES_MAX,
} from '../lib/limits/carriers.js';
import { payloadOf } from '../payload/payload.js';
import { checkPermissions } from '../preflight/access.js';
import { type LinuxNode, listNodes } from '../preflight/nodes.js';
import { checkCoverage } from '../proof/coverage.js';
import { readingProgress } from '../report/progress.js';
import type { Job, PreparedJob } from './job.js';

/**
 * Everything before the first write to the cluster: cluster, injector and images side by side, and how
 * the bytes are to travel. The signal, or the failure of one, ends the others, and what they opened is
 * closed; what came first is what is thrown.
 */
export function prepare(job: Job): Promise<PreparedJob> {
  return job.log.group('Prepare', async () => {
    const ready = await sideBySide(job);
    try {
      const { images, nodes } = ready;
      checkCoverage(nodes, images.images, job.inputs.platforms).forEach(runner.warning);
      return { ...job, ...ready };
    } catch (error) {
      await closePrepared(ready);
      throw error;
    }
  });
}

type Cluster = Pick<PreparedJob, 'client' | 'nodes' | 'near' | 'rights'> & {
  /** Why there can be no stream; undefined when there can. */
  readonly obstacle: string | undefined;
};
type Laid = Pick<PreparedJob, 'images' | 'payload' | 'pace' | 'configMapBytes'>;
type Ready = Omit<Cluster, 'obstacle'> & Laid & Pick<PreparedJob, 'injectors'>;

async function sideBySide(job: Job): Promise<Ready> {
  const failure = new AbortController();
  const signal = AbortSignal.any([job.signal, failure.signal]);
  const guarded = { ...job, signal };
  const cluster = reachCluster(guarded);
  const injectors = getInjectors(guarded, cluster);
  const images = getImages(guarded, cluster);
  for (const part of [cluster, injectors, images]) {
    part.catch((reason) => failure.abort(reason));
  }
  const [connected, built, laid] = await Promise.allSettled([cluster, injectors, images]);
  if (
    connected.status === 'fulfilled' &&
    built.status === 'fulfilled' &&
    laid.status === 'fulfilled'
  ) {
    const { obstacle: _, ...cluster } = connected.value;
    return { ...cluster, injectors: built.value, ...laid.value };
  }
  await closePrepared({
    ...(connected.status === 'fulfilled' && { client: connected.value.client }),
    ...(laid.status === 'fulfilled' && { images: laid.value.images }),
  });
  throw signal.reason;
}

/** Closes what `prepare` has opened: the connections and the temporary copy of the images. */
export async function closePrepared({
  client,
  images,
}: Partial<Pick<PreparedJob, 'client' | 'images'>>): Promise<void> {
  client?.close();
  await images?.close();
}

/**
 * Lays out the payload for a carrier, and holds it against the budget, of which couriers need a part. Throws an ActionError with the
 * figures, and with the reason for ConfigMaps where it is not just that they were asked for.
 */
export function layOut(
  { configMapBudget, chunkSize, concurrency }: Inputs,
  images: ImageSet,
  { carrier, obstacle }: Pick<ChosenCarrier, 'carrier' | 'obstacle'>,
): Pick<PreparedJob, 'payload' | 'pace' | 'configMapBytes'> {
  const payload = payloadOf(images, carrier);
  const pace = new Pace({
    leastChunkBytes: Math.ceil(payload.bytes / CONFIGMAPS_PER_RUN_MAX),
    ...(chunkSize && { chunkBytes: chunkSize }),
    ...(concurrency && { concurrency }),
  });
  checkBudget(payload.bytes, configMapBudget, obstacle);
  checkChunks(payload.bytes, pace.largestChunkBytes);
  const most = carrier === 'courier' ? payload.bytes + payload.contentBytes : payload.bytes;
  return { payload, pace, configMapBytes: Math.min(most, configMapBudget) };
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
        checkPermissions(client, namespace, { signal }),
        carrier.carrier === 'configmap'
          ? undefined
          : streamObstacle(client, { namespace, way: carrier.way, near }, signal),
        near,
        courierRights(client, namespace, signal),
      ] as const;
      await Promise.allSettled(questions);
      const [{ ready, others }, , obstacle, isOn, rights] = await Promise.all(questions);
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
 * Reads the images while the nodes are still being asked for, and lays them out for their carrier. Where
 * all of them travel, all is verified; where nodes say what they lack, it is when they do.
 */
function getImages(job: Job, cluster: Promise<Cluster>): Promise<Laid> {
  return job.log.time('Images', async (notes) => {
    const images = await readAll(job, cluster);
    try {
      for (const sentence of new Set(images.images.flatMap(({ warnings }) => warnings ?? []))) {
        runner.warning(sentence);
      }
      const { inputs } = job;
      const { contentBytes } = payloadOf(images);
      notes.bytes = contentBytes;
      notes.outcome = images.images.map(familiarName).join(', ');
      const { obstacle, rights } = await cluster;
      const chosen = chooseCarrier(inputs.carrier, {
        bytes: contentBytes,
        budget: inputs.configMapBudget,
        mayCourier: rights.send,
        obstacle,
      });
      const laid = layOut(inputs, images, chosen);
      if (chosen.carrier === 'configmap') {
        await images.verify();
      }
      runner.info(carrierLine(chosen));
      return { images, ...laid };
    } catch (error) {
      await images.close();
      throw error;
    }
  });
}

function readAll({ inputs, signal }: Job, cluster: Promise<Cluster>): Promise<ImageSet> {
  let known: readonly LinuxNode[] = [];
  const platforms = cluster.then(({ nodes }) => {
    known = nodes;
    return inputs.platforms ?? platformsOf(nodes);
  });
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
    signal,
  });
}

/** The platforms that these nodes pull for, each once. */
function platformsOf(nodes: readonly LinuxNode[]): string[] {
  return architecturesOf(nodes).map((architecture) => `linux/${architecture}`);
}
