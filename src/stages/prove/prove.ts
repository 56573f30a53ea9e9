import { giveBack } from '../../carriers/configmaps/give-back.js';
import { CourierError } from '../../carriers/couriers/error.js';
import { StreamError } from '../../carriers/stream/error.js';
import { debug, nodesProven, warning } from '../../host/runner.js';
import { NODES_NAMED_MAX } from '../../lib/limits/run.js';
import { counted, enumerated } from '../../lib/sentences.js';
import { leftOutSentences } from '../../preflight/nodes.js';
import type { ProofPlan, ProofRoute, ProvenNodes } from '../../proof/plan.js';
import type { ProofImage } from '../../proof/pod.js';
import { prove as proveAll } from '../../proof/prove.js';
import type { RegistryPod } from '../../registry/bootstrap.js';
import { hasVerifiedAll } from '../../registry/status.js';
import type { Routes } from '../../routes/route.js';
import type { Delivery } from '../../run/run.js';
import type { Ways } from '../hand-over.js';
import type { PreparedJob, RehearsedJob } from '../job.js';
import { tellLeftOut } from '../left-out.js';
import { injectedImages } from '../publish/publish.js';
import type { Uploaded } from '../upload.js';
import { untilCopied } from './copied.js';
import { couriers } from './couriers.js';
import { bookPulls } from './pulls.js';
import { overRoutes } from './routes.js';
import { streaming } from './streaming.js';

/** What the proof stands on. */
export interface Standing {
  readonly registry: RegistryPod;
  readonly uploaded: Uploaded;
  /** Ways of the stream; none where all travels in ConfigMaps. */
  readonly ways: Ways;
  /** Nodes that an earlier attempt has proven; those that are proven now are put in. */
  readonly proven: ProvenNodes;
}

/** What is there when the proof is over. */
export interface Proof {
  /** Names of the nodes that run every image that they can run. */
  readonly nodes: readonly string[];
  /** Bytes that are left in ConfigMaps. */
  readonly configMapBytes: number;
}

/**
 * Has every node run every image, by one route after the other; meanwhile what nodes lack is streamed or brought by
 * couriers, and the chunks that the registry mounts are given back. That goes on whichever route is in use: the registry
 * is the same. A release's registry also has to have copied what it can from the one before it. Throws a RegistryLost when
 * the registry's Pod is gone half-way, a StreamError or CourierError when nothing gets on any more, what `overRoutes`
 * throws when no route is left, else an ActionError with the kubelet's own words.
 */
export function prove(
  job: RehearsedJob,
  delivery: Delivery,
  standing: Standing,
  routes: Routes,
): Promise<Proof> {
  return job.log.group('Prove on every node', async (notes) => {
    const stop = new AbortController();
    const signal = AbortSignal.any([job.signal, stop.signal]);
    const images = injectedImages(await job.laid, delivery);
    const proven = overRoutes({ ...job, signal }, delivery, { ...standing, routes }, (routed) =>
      proveAll(job.client, { ...proofPlan(job, delivery, standing, images), ...routed }, signal),
    );
    // What is to stay is not given back.
    const givenBack =
      delivery.release === undefined
        ? giveBack(job.client, giveBackPlan(job, delivery, standing, proven), signal)
        : job.plan.chunkBytes;
    const copied = untilCopied(job, delivery, { ...standing, proven }, signal);
    const streamed = streaming(job, delivery, { ...standing, proven, copied }, signal);
    const brought = couriers(job, delivery, { ...standing, proven }, signal);
    const pulls = bookPulls(job, delivery, { ...standing, proven }, signal);
    const works = [proven, givenBack, brought, streamed, copied, pulls] as const;
    try {
      const [nodes, ...left] = await Promise.all(works);
      const configMapBytes = left[0] + left[1];
      notes.outcome = `every image runs on ${enumerated(nodes, NODES_NAMED_MAX)}`;
      return { nodes, configMapBytes };
    } catch (error) {
      if (isContentWrong(error)) {
        // It says which content is wrong; this says what is wrong with its source.
        await (await job.laid).images.verify();
      }
      throw error;
    } finally {
      stop.abort();
      await Promise.allSettled(works);
    }
  });
}

/** Whether the bytes that were brought are not those of their digest. */
function isContentWrong(error: unknown): boolean {
  const isOfCarrier = error instanceof StreamError || error instanceof CourierError;
  return isOfCarrier && error.trouble === 'content';
}

/** Such as `12 of 40 nodes`; how many there are is not known where nobody may list them. */
function countOf({ size }: ProvenNodes, nodes: readonly unknown[]): string {
  return nodes.length > 0 ? `${size} of ${nodes.length} nodes` : counted(size, 'node');
}

function giveBackPlan(
  { pace }: PreparedJob,
  delivery: Delivery,
  { registry, uploaded }: Standing,
  proven: Promise<unknown>,
) {
  const { chunks } = uploaded;
  return {
    ...delivery,
    ...{ registryPod: registry.name, hasVerifiedAll, chunks, pace, proven, warn: warning },
  };
}

function proofPlan(
  { nodes, injectors, inputs, log }: PreparedJob,
  delivery: Delivery,
  { registry: { name, base }, proven }: Standing,
  images: readonly ProofImage[],
): Omit<ProofPlan, keyof ProofRoute> {
  return {
    ...delivery,
    nodes,
    images,
    architectures: injectors.map(({ architecture }) => architecture),
    registryPod: name,
    registryNode: base.node,
    proven: new Map(proven),
    onProven: (node, pod) => {
      proven.set(node, pod);
      log.ready(node);
      debug(`${node} runs every image`);
      log.progress.tell(proven, () => `${countOf(proven, nodes)} run every image`);
      nodesProven(proven.size, nodes.length);
    },
    onWaiting: (node, words) => log.waiting(node, words),
    needsAll: inputs.onUnavailableNode === 'fail',
    onUnserved: (node, reason) => leftOutSentences([{ name: node, reason }]).forEach(warning),
    onLeftOut: (node, reason) => {
      // It may have been proven before.
      proven.delete(node);
      log.ready(node);
      tellLeftOut(inputs, [{ name: node, reason }]);
    },
  };
}
