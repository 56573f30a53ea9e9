import { tmpdir } from 'node:os';
import type { Inputs } from '../host/inputs.js';
import * as runner from '../host/runner.js';
import type { ImageSet } from '../images/image.js';
import { readImages } from '../images/read.js';
import type { Progress } from '../images/reading.js';
import { familiarName } from '../images/reference.js';
import { architecturesOf } from '../injector/elf.js';
import { type Injector, obtainInjectors } from '../injector/obtain.js';
import { injectorDirectory } from '../injector/source.js';
import type { ApiClient } from '../kube/client.js';
import { connect } from '../kube/connect.js';
import { PROGRESS_MILLISECONDS } from '../lib/limits/carriers.js';
import { planPayload } from '../payload/plan.js';
import { checkPermissions } from '../preflight/access.js';
import { type LinuxNode, listNodes } from '../preflight/nodes.js';
import { inMegabytes, type Stages } from '../report/stages.js';

/** What the job needs before it writes anything to the cluster. */
export interface Prepared {
  readonly client: ApiClient;
  readonly nodes: readonly LinuxNode[];
  readonly injectors: readonly Injector[];
  readonly images: ImageSet;
}

/**
 * Cluster, injector and images side by side. The signal, or the failure of one, ends the others, and
 * what they opened is closed; what came first is what is thrown.
 */
export async function prepare(
  inputs: Inputs,
  stages: Stages,
  outer: AbortSignal,
): Promise<Prepared> {
  const failure = new AbortController();
  const signal = AbortSignal.any([outer, failure.signal]);
  const cluster = reachCluster(inputs, stages, signal);
  const nodes = cluster.then((found) => found.nodes);
  const injectors = getInjectors(nodes, stages, signal);
  const images = getImages(inputs, nodes, stages, signal);
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
  if (connected.status === 'fulfilled') {
    connected.value.client.close();
  }
  if (read.status === 'fulfilled') {
    await read.value.close();
  }
  throw signal.reason;
}

/** A client for the cluster that may do what the job needs, and the nodes that are to get images. */
function reachCluster(
  inputs: Inputs,
  stages: Stages,
  signal: AbortSignal,
): Promise<Pick<Prepared, 'client' | 'nodes'>> {
  return stages.time('Cluster', async (notes) => {
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
  nodes: Promise<readonly LinuxNode[]>,
  stages: Stages,
  signal: AbortSignal,
): Promise<Injector[]> {
  return stages.time('Injector', async (notes) => {
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
  inputs: Inputs,
  nodes: Promise<readonly LinuxNode[]>,
  stages: Stages,
  signal: AbortSignal,
): Promise<ImageSet> {
  let known: readonly LinuxNode[] = [];
  const platforms = nodes.then((found) => {
    known = found;
    return inputs.platforms ?? platformsOf(found);
  });
  const nodesOf = (platform: string) =>
    known.filter((node) => platformsOf([node]).includes(platform)).map(({ name }) => name);
  return stages.time('Images', async (notes) => {
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
    notes.bytes = planPayload(set).contentBytes;
    notes.outcome = set.images.map(familiarName).join(', ');
    return set;
  });
}

/**
 * Tells how far a read is: a line when a second has passed since the last one or since the read
 * began, such as `The archive dist/web.tar: 42.0 MB read`. Another source begins a new read when
 * nothing was read for a second, as when the images waited for the cluster.
 *
 * @param print takes one line
 * @param clock milliseconds of a clock that never goes back
 */
export function readingProgress(
  print: (line: string) => void,
  clock: () => number = () => performance.now(),
): Progress {
  let lastLine = clock();
  let lastStep = Number.NEGATIVE_INFINITY;
  let lastSource = '';
  return ({ source, stage, bytes }) => {
    const now = clock();
    if (source !== lastSource && now - lastStep >= PROGRESS_MILLISECONDS) {
      lastLine = now;
    }
    lastStep = now;
    lastSource = source;
    if (now - lastLine >= PROGRESS_MILLISECONDS) {
      lastLine = now;
      print(`${source}: ${inMegabytes(bytes)} ${stage === 'reading' ? 'read' : 'verified'}`);
    }
  };
}

/** The platforms that these nodes pull for, each once. */
function platformsOf(nodes: readonly LinuxNode[]): string[] {
  return architecturesOf(nodes).map((architecture) => `linux/${architecture}`);
}
