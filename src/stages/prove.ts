import { giveBack } from '../carriers/configmaps/give-back.js';
import { info, warning } from '../host/runner.js';
import type { ProofPlan, ProvenNodes } from '../proof/plan.js';
import type { ProofImage } from '../proof/pod.js';
import { prove as proveAll } from '../proof/prove.js';
import type { RegistryPod } from '../registry/bootstrap.js';
import { hasVerifiedAll } from '../registry/status.js';
import type { Delivery } from '../run/run.js';
import type { Ways } from './hand-over.js';
import type { PreparedJob } from './job.js';
import { injectedImages } from './publish.js';
import { streaming } from './streaming.js';
import type { Uploaded } from './upload.js';

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
 * Has every node run every image; what nodes lack is streamed meanwhile, or the chunks are given back.
 * Throws a RegistryLost when the registry's Pod is gone half-way, a StreamFailed when the stream broke for
 * good, else an ActionError with the kubelet's own words.
 */
export function prove(job: PreparedJob, delivery: Delivery, standing: Standing): Promise<Proof> {
  return job.log.group('Prove on every node', async (notes) => {
    const stop = new AbortController();
    const signal = AbortSignal.any([job.signal, stop.signal]);
    const images = injectedImages(await job.laid, delivery);
    const proven = proveAll(job.client, proofPlan(job, delivery, standing, images), signal);
    const givenBack = giveBack(job.client, giveBackPlan(job, delivery, standing, proven), signal);
    const streamed = streaming(job, delivery, { ...standing, proven }, signal);
    const works = [proven, givenBack, streamed] as const;
    try {
      const [nodes, configMapBytes] = await Promise.all(works);
      notes.outcome = `every image runs on ${nodes.join(', ')}`;
      return { nodes, configMapBytes };
    } finally {
      stop.abort();
      await Promise.allSettled(works);
    }
  });
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
  { nodes, injectors, log }: PreparedJob,
  delivery: Delivery,
  { registry: { name, base }, proven }: Standing,
  images: readonly ProofImage[],
): ProofPlan {
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
      info(`${node} runs every image`);
    },
    onWaiting: (node, words) => log.waiting(node, words),
    onLeftOut: (node, reason) => {
      log.ready(node);
      warning(`The node ${node} is left out: it ${reason}.`);
    },
  };
}
