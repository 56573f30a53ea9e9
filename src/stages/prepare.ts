import { tmpdir } from 'node:os';
import { checkBudget, checkChunks } from '../carriers/configmaps/budget.js';
import { Pace } from '../carriers/configmaps/pace.js';
import type { Inputs } from '../host/inputs.js';
import * as runner from '../host/runner.js';
import type { ImageSet } from '../images/image.js';
import { readImages } from '../images/read.js';
import { familiarName } from '../images/reference.js';
import { architecturesOf } from '../injector/elf.js';
import { type Injector, obtainInjectors } from '../injector/obtain.js';
import { injectorDirectory } from '../injector/source.js';
import { connect } from '../kube/connect.js';
import { CONFIGMAPS_PER_RUN_MAX } from '../lib/limits/carriers.js';
import { payloadOf } from '../payload/payload.js';
import { checkPermissions } from '../preflight/access.js';
import { type LinuxNode, listNodes } from '../preflight/nodes.js';
import { checkCoverage } from '../proof/coverage.js';
import { readingProgress } from '../report/progress.js';
import type { Job, PreparedJob } from './job.js';

/**
 * Everything before the first write to the cluster: cluster, injector and images side by side, then how
 * the payload is to travel. The signal, or the failure of one, ends the others, and what they opened is
 * closed; what came first is what is thrown.
 */
export function prepare(job: Job): Promise<PreparedJob> {
  return job.log.group('Prepare', async () => {
    const ready = await sideBySide(job);
    try {
      const { images, nodes } = ready;
      checkCoverage(nodes, images.images, job.inputs.platforms).forEach(runner.warning);
      return { ...job, ...ready, ...layOut(job.inputs, images) };
    } catch (error) {
      await closePrepared(ready);
      throw error;
    }
  });
}

type Ready = Pick<PreparedJob, 'client' | 'nodes' | 'injectors' | 'images'>;

async function sideBySide(job: Job): Promise<Ready> {
  const failure = new AbortController();
  const signal = AbortSignal.any([job.signal, failure.signal]);
  const guarded = { ...job, signal };
  const cluster = reachCluster(guarded);
  const nodes = cluster.then((found) => found.nodes);
  const injectors = getInjectors(guarded, nodes);
  const images = getImages(guarded, nodes);
  for (const part of [cluster, injectors, images]) {
    part.catch((reason) => failure.abort(reason));
  }
  const [connected, built, read] = await Promise.allSettled([cluster, injectors, images]);
  if (
    connected.status === 'fulfilled' &&
    built.status === 'fulfilled' &&
    read.status === 'fulfilled'
  ) {
    return { ...connected.value, injectors: built.value, images: read.value };
  }
  await closePrepared({
    ...(connected.status === 'fulfilled' && connected.value),
    ...(read.status === 'fulfilled' && { images: read.value }),
  });
  throw signal.reason;
}

/** Closes what `prepare` has opened: the connections and the temporary copy of the images. */
export async function closePrepared({ client, images }: Partial<Ready>): Promise<void> {
  client?.close();
  await images?.close();
}

/** Lays out the payload and holds it against the budget. */
function layOut(inputs: Inputs, images: ImageSet): Pick<PreparedJob, 'payload' | 'pace'> {
  const payload = payloadOf(images);
  const pace = new Pace({
    leastChunkBytes: Math.ceil(payload.bytes / CONFIGMAPS_PER_RUN_MAX),
    ...(inputs.chunkSize && { chunkBytes: inputs.chunkSize }),
    ...(inputs.concurrency && { concurrency: inputs.concurrency }),
  });
  checkBudget(payload.bytes, inputs.configMapBudget);
  checkChunks(payload.bytes, pace.largestChunkBytes);
  return { payload, pace };
}

/** A client for the cluster that may do what the job needs, and the nodes that are to get images. */
function reachCluster({ inputs, log, signal }: Job): Promise<Pick<Ready, 'client' | 'nodes'>> {
  return log.time('Cluster', async (notes) => {
    const { client, server, version } = await connect({
      ...inputs,
      env: process.env,
      signal,
      onSecret: runner.hide,
    });
    try {
      const [{ ready, others }] = await Promise.all([
        listNodes(client, { signal }),
        checkPermissions(client, inputs.namespace, { signal }),
      ]);
      notes.outcome = `${server}, Kubernetes ${version}, ${ready.length} nodes`;
      for (const { name, reason } of others) {
        runner.warning(`The node ${name} is left out: it ${reason}.`);
      }
      return { client, nodes: ready };
    } catch (error) {
      client.close();
      throw error;
    }
  });
}

/** The injector for each architecture that the nodes have. */
function getInjectors(
  { log, signal }: Job,
  nodes: Promise<readonly LinuxNode[]>,
): Promise<Injector[]> {
  return log.time('Injector', async (notes) => {
    const architectures = architecturesOf(await nodes);
    const injectors = await obtainInjectors(architectures, injectorDirectory(), signal);
    notes.outcome = injectors
      .map(
        ({ architecture, binary, origin }) => `${architecture} ${binary.length} B from ${origin}`,
      )
      .join(', ');
    return injectors;
  });
}

/** Reads the images while the nodes are still being asked for, and tells how far long reads are. */
function getImages(
  { inputs, log, signal }: Job,
  nodes: Promise<readonly LinuxNode[]>,
): Promise<ImageSet> {
  let known: readonly LinuxNode[] = [];
  const platforms = nodes.then((found) => {
    known = found;
    return inputs.platforms ?? platformsOf(found);
  });
  const nodesOf = (platform: string) =>
    known.filter((node) => platformsOf([node]).includes(platform)).map(({ name }) => name);
  return log.time('Images', async (notes) => {
    const { compression, allowMissingPlatforms } = inputs;
    const set = await readImages(inputs.images, {
      compression,
      allowMissingPlatforms,
      platforms,
      nodesOf,
      temporaryDirectory: process.env.RUNNER_TEMP ?? tmpdir(),
      onProgress: readingProgress(runner.info),
      onNotice: runner.info,
      signal,
    });
    for (const sentence of new Set(set.images.flatMap(({ warnings }) => warnings ?? []))) {
      runner.warning(sentence);
    }
    notes.bytes = payloadOf(set).contentBytes;
    notes.outcome = set.images.map(familiarName).join(', ');
    return set;
  });
}

/** The platforms that these nodes pull for, each once. */
function platformsOf(nodes: readonly LinuxNode[]): string[] {
  return architecturesOf(nodes).map((architecture) => `linux/${architecture}`);
}
