import { checkBudget } from './carriers/configmaps/budget.js';
import { giveBack } from './carriers/configmaps/give-back.js';
import { Pace } from './carriers/configmaps/pace.js';
import { startDeadline } from './host/deadline.js';
import { type Inputs, readInputs } from './host/inputs.js';
import * as runner from './host/runner.js';
import { saveCleanup } from './host/state.js';
import { familiarName } from './images/reference.js';
import { awaitSaved } from './injector/cache.js';
import { sentenceOf } from './lib/errors.js';
import { CONFIGMAPS_PER_RUN_MAX } from './lib/limits/carriers.js';
import { bytesOf, type Payload, planPayload, pullableReference } from './payload/plan.js';
import { checkQuotas } from './preflight/quotas.js';
import { nodesToProve } from './proof/pod.js';
import { prove } from './proof/prove.js';
import { clusterWarnings } from './proof/warnings.js';
import { findBases } from './registry/base.js';
import { startRegistry } from './registry/bootstrap.js';
import { survivingLoss } from './registry/fault.js';
import type { Base } from './registry/pod.js';
import { type InjectedImage, setOutputs, writeSummary } from './report/outcome.js';
import { inMegabytes, Stages } from './report/stages.js';
import { underLease } from './run/lease.js';
import { clearRun, removeDeadRuns } from './run/remove.js';
import { newRun, type Run } from './run/run.js';
import { type OpenRun, openRun, placeOf } from './stages/open.js';
import { type Prepared, prepare } from './stages/prepare.js';
import { rehearseRun } from './stages/rehearse.js';
import { sendPayload } from './stages/upload.js';

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

/** Everything before the first write to the cluster, then the run. */
async function job(inputs: Inputs, stages: Stages, signal: AbortSignal) {
  const prepared = await stages.group('Prepare', () => prepare(inputs, stages, signal));
  const { client, nodes, injectors, images } = prepared;
  const run = newRun(inputs.workflow);
  try {
    const payload = planPayload(images);
    const pace = new Pace({
      leastChunkBytes: Math.ceil(payload.bytes / CONFIGMAPS_PER_RUN_MAX),
      ...(inputs.chunkSize && { chunkBytes: inputs.chunkSize }),
      ...(inputs.concurrency && { concurrency: inputs.concurrency }),
    });
    checkBudget(payload.bytes, pace.largestChunkBytes, inputs.configMapBudget);
    saveCleanup({ runId: run.id, namespace: inputs.namespace, workflow: run.workflow });
    const injected = await inject(prepared, { inputs, run, payload, pace }, stages, signal);
    await awaitSaved(
      injectors.map(({ saved }) => saved),
      signal,
    );
    return { images: injected, nodes: nodesToProve(nodes, injected).map(({ name }) => name) };
  } catch (error) {
    const warnings = await clusterWarnings(
      client,
      inputs.namespace,
      run.id,
      AbortSignal.timeout(2000),
    );
    for (const warning of warnings) {
      runner.info(`The cluster warned: ${warning}`);
    }
    throw error;
  } finally {
    await images.close();
    client.close();
  }
}

/** What a run is made of besides what was prepared. */
interface Plan {
  readonly inputs: Inputs;
  readonly run: Run;
  readonly payload: Payload;
  readonly pace: Pace;
}

/** The run, stage by stage: from the first write to the proof on every node. */
async function inject(
  prepared: Prepared,
  plan: Plan,
  stages: Stages,
  signal: AbortSignal,
): Promise<InjectedImage[]> {
  const { client, nodes } = prepared;
  const { inputs, run, payload } = plan;
  const bases = await findBases(client, nodes, signal);
  const open = await stages.group('Open the run', async (notes) => {
    const opened = await openRun(client, run, inputs.namespace, signal);
    notes.outcome = placeOf(opened);
    return opened;
  });
  const images = injectedImages(open, payload);
  const work = () => carryOut(prepared, { open, bases, images }, plan, stages, signal);
  await underLease(client, open, work, signal);
  setOutputs(images, open.registry);
  return images;
}

/** What the stages behind the opened run stand on. */
interface Opened {
  readonly open: OpenRun;
  readonly bases: readonly Base[];
  readonly images: readonly InjectedImage[];
}

/** From the rehearsal to the proof; what needs the registry is done anew when its Pod was lost. */
async function carryOut(
  prepared: Prepared,
  opened: Opened,
  plan: Plan,
  stages: Stages,
  signal: AbortSignal,
): Promise<void> {
  const { client, nodes, injectors } = prepared;
  const { open, bases, images } = opened;
  const { payload, pace } = plan;
  const { namespace, run } = open;
  const own = { runId: run.id, namespace, workflow: run.workflow };
  await stages.group('Rehearse', async (notes) => {
    const chunkBytes = pace.largestChunkBytes;
    const besides = injectors.length + 1;
    const configmaps = Math.ceil(payload.bytes / chunkBytes) + besides;
    const planned = { configmaps, pods: nodes.length + 1, services: 0 };
    // First, since what a killed run left counts against the quotas.
    await removeDeadRuns(client, own, runner.warning, signal);
    const [left] = await Promise.all([
      checkQuotas(client, namespace, planned, { signal }),
      rehearseRun(client, open, { bases, nodes, images, chunkBytes }, signal),
    ]);
    pace.keepAbove(Math.ceil(payload.bytes / (left - besides)));
    notes.outcome = 'the cluster admits what will come';
  });
  await survivingLoss(
    () => deliver(prepared, opened, plan, stages, signal),
    async (lost) => {
      runner.warning(`${sentenceOf(lost)} Its part of this run is done anew.`);
      await stages.group('Clear away', () => clearRun(client, own, signal));
    },
  );
}

/** Payload into the cluster, registry, proof. Throws a RegistryLost when the Pod is gone half-way. */
async function deliver(
  { client, nodes, injectors }: Prepared,
  { open, bases, images }: Opened,
  { payload, pace }: Plan,
  stages: Stages,
  signal: AbortSignal,
): Promise<void> {
  const sent = await stages.group('Upload', async (notes) => {
    const result = await sendPayload(client, open, injectors, payload, pace, runner.info, signal);
    notes.bytes = result.bytes;
    notes.outcome = `${inMegabytes(result.bytes)} in ${result.chunks.length} chunks`;
    return result;
  });
  const registry = await stages.group('Start the registry', async (notes) => {
    const { chunks } = sent;
    const plan = { ...open, bases, chunks, storeBytes: payload.contentBytes };
    const pod = await startRegistry(client, plan, signal);
    notes.outcome = `on ${pod.base.node}, started from ${pod.base.image}`;
    return pod;
  });
  await stages.group('Prove on every node', async (notes) => {
    const stop = new AbortController();
    const untilEither = AbortSignal.any([signal, stop.signal]);
    const plan = {
      ...open,
      nodes,
      images,
      registryPod: registry.name,
      onProven: (node: string) => runner.info(`${node} runs every image`),
      onWaiting: (words: string) => stages.waiting(words),
    };
    const both = [
      prove(client, plan, untilEither),
      giveBack(client, open, registry.name, sent.names, pace, untilEither),
    ];
    try {
      await Promise.all(both);
    } finally {
      stop.abort();
      await Promise.allSettled(both);
    }
    notes.outcome = `every image runs on ${nodesToProve(nodes, images)
      .map(({ name }) => name)
      .join(', ')}`;
  });
}

/** The injected images, as outputs, proof and summary speak of them. */
function injectedImages({ registry }: OpenRun, { served }: Payload): InjectedImage[] {
  return served.map((one) => ({
    given: one.image.given,
    name: familiarName(one.image),
    pullable: pullableReference(registry, one),
    digest: one.image.target.digest,
    digestKept: one.image.digestKept,
    platforms: one.image.platforms,
    bytes: bytesOf(one.image),
  }));
}
