import { tmpdir } from 'node:os';
import * as core from '@actions/core';
import { connect } from './cluster/connection.js';
import type { ApiClient } from './cluster/http.js';
import { type LinuxNode, listNodes } from './cluster/nodes.js';
import { startDeadline } from './deadline.js';
import { sentenceOf } from './errors.js';
import type { ImageSet } from './images/image.js';
import { readImages } from './images/read.js';
import { architecturesOf } from './injector/elf.js';
import { type Injector, obtainInjectors } from './injector/obtain.js';
import { type Inputs, readInputs } from './inputs.js';
import {
  bytesOf,
  checkBudget,
  type Payload,
  planPayload,
  pullableReference,
} from './payload/plan.js';
import { prove } from './proof/prove.js';
import { findBases } from './registry/base.js';
import { startRegistry } from './registry/bootstrap.js';
import { type OpenRun, openRun, placeOf } from './registry/open.js';
import { sendPayload } from './registry/send.js';
import { type InjectedImage, setOutputs, writeSummary } from './report/outcome.js';
import { inMegabytes, Stages } from './report/stages.js';
import { newRun } from './run.js';
import { saveCleanup } from './state.js';

/** The main step: the job within its time, and the summary of how it went. */
export async function main(): Promise<void> {
  const inputs = readInputs();
  const stages = new Stages();
  const deadline = startDeadline(inputs.timeout, () => stages.underWay());
  try {
    const done = await job(inputs, stages, deadline.signal);
    await writeSummary({ ...done, stages: stages.records });
  } catch (thrown) {
    const error: unknown = deadline.signal.aborted ? deadline.signal.reason : thrown;
    const failure = sentenceOf(error);
    await writeSummary({ images: [], nodes: [], stages: stages.records, failure });
    throw error;
  } finally {
    deadline.end();
  }
}

/** The job, stage by stage. */
async function job(inputs: Inputs, stages: Stages, signal: AbortSignal) {
  const { client, nodes, injectors, images } = await stages.group('Prepare', () =>
    prepare(inputs, stages, signal),
  );
  try {
    const payload = planPayload(images);
    checkBudget(payload, inputs.configMapBudget);
    const run = newRun();
    saveCleanup({ runId: run.id, namespace: inputs.namespace });
    const open = await stages.group('Open the run', async (notes) => {
      const opened = await openRun(client, run, inputs.namespace, signal);
      notes.outcome = placeOf(opened);
      return opened;
    });
    const chunks = await stages.group('Upload', async (notes) => {
      const sent = await sendPayload(client, open, injectors, payload, signal);
      notes.bytes = sent.bytes;
      notes.outcome = `${inMegabytes(sent.bytes)} in ${sent.chunks.length} chunks`;
      return sent.chunks;
    });
    const registry = await stages.group('Start the registry', async (notes) => {
      const bases = await findBases(client, nodes, signal);
      const plan = { ...open, bases, chunks, storeBytes: payload.contentBytes };
      const pod = await startRegistry(client, plan, signal);
      notes.outcome = `on ${pod.base.node}, started from ${pod.base.image}`;
      return pod;
    });
    const injected = injectedImages(open, payload);
    await stages.group('Prove on every node', (notes) => {
      notes.outcome = `every image runs on ${nodes.map(({ name }) => name).join(', ')}`;
      const plan = {
        ...open,
        nodes,
        images: injected,
        registryPod: registry.name,
        onProven: (node: string) => core.info(`${node} runs every image`),
        onWaiting: (words: string) => stages.waiting(words),
      };
      return prove(client, plan, signal);
    });
    setOutputs(injected, open.registry);
    await Promise.all(injectors.map(({ saved }) => saved));
    return { images: injected, nodes: nodes.map(({ name }) => name) };
  } finally {
    await images.close();
    client.close();
  }
}

/** What the job needs before it writes anything to the cluster. */
interface Prepared {
  readonly client: ApiClient;
  readonly nodes: readonly LinuxNode[];
  readonly injectors: readonly Injector[];
  readonly images: ImageSet;
}

/** Cluster, injector and images side by side; what one of them opened is closed when another fails. */
async function prepare(inputs: Inputs, stages: Stages, signal: AbortSignal): Promise<Prepared> {
  const { kubeconfig, context } = inputs;
  const cluster = stages.time('Cluster', async (notes) => {
    const connection = await connect({
      env: process.env,
      signal,
      ...(kubeconfig && { kubeconfig }),
      ...(context && { context }),
    });
    const { ready, others } = await listNodes(connection.client, { signal });
    notes.outcome = `${connection.server}, Kubernetes ${connection.version}, ${ready.length} nodes`;
    for (const { name, reason } of others) {
      core.warning(`The node ${name} is left out: it ${reason}.`);
    }
    return { client: connection.client, nodes: ready };
  });
  const nodes = cluster.then((found) => found.nodes);
  const injectors = stages.time('Injector', async (notes) => {
    const built = await obtainInjectors(architecturesOf(await nodes));
    notes.outcome = built
      .map(
        ({ architecture, binary, origin }) => `${architecture} ${binary.length} B from ${origin}`,
      )
      .join(', ');
    return built;
  });
  const images = stages.time('Images', async (notes) => {
    const set = await readImages(inputs.images, {
      platforms: nodes.then((found) => architecturesOf(found).map((name) => `linux/${name}`)),
      temporaryDirectory: process.env.RUNNER_TEMP ?? tmpdir(),
    });
    notes.bytes = planPayload(set).contentBytes;
    notes.outcome = set.images.map(({ given }) => given).join(', ');
    return set;
  });
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
  throw [connected, read, built].find((settled) => settled.status === 'rejected')?.reason;
}

/** The injected images, as outputs, proof and summary speak of them. */
function injectedImages({ registry }: OpenRun, { served }: Payload): InjectedImage[] {
  return served.map((one) => ({
    given: one.image.given,
    pullable: pullableReference(registry, one),
    digest: one.image.target.digest,
    digestKept: one.image.digestKept,
    platforms: one.image.platforms,
    bytes: bytesOf(one.image),
  }));
}
