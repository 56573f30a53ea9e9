import { giveBack } from '../carriers/configmaps/give-back.js';
import { info, warning } from '../host/runner.js';
import type { ProofImage } from '../proof/pod.js';
import { prove as proveAll } from '../proof/prove.js';
import type { RegistryPod } from '../registry/bootstrap.js';
import { hasVerifiedAll } from '../registry/status.js';
import type { Delivery } from '../run/run.js';
import type { PreparedJob } from './job.js';
import type { Uploaded } from './upload.js';

/** What is there when the proof is over. */
export interface Proof {
  /** Names of the nodes that run every image that they can run. */
  readonly nodes: readonly string[];
  /** Bytes that are left in ConfigMaps. */
  readonly configMapBytes: number;
}

/**
 * Has every node run every image, and gives the chunks back meanwhile. Throws a RegistryLost when the
 * registry's Pod is gone half-way, else an ActionError with the kubelet's own words.
 */
export function prove(
  job: PreparedJob,
  delivery: Delivery,
  registry: RegistryPod,
  uploaded: Uploaded,
  images: readonly ProofImage[],
): Promise<Proof> {
  return job.log.group('Prove on every node', async (notes) => {
    const { client, pace } = job;
    const stop = new AbortController();
    const signal = AbortSignal.any([job.signal, stop.signal]);
    const proven = proveAll(client, proofPlan(job, delivery, registry, images), signal);
    const plan = {
      ...delivery,
      registryPod: registry.name,
      hasVerifiedAll,
      chunks: uploaded.chunks,
      pace,
      proven,
      warn: warning,
    };
    const givenBack = giveBack(client, plan, signal);
    try {
      const [nodes, configMapBytes] = await Promise.all([proven, givenBack]);
      notes.outcome = `every image runs on ${nodes.join(', ')}`;
      return { nodes, configMapBytes };
    } finally {
      stop.abort();
      await Promise.allSettled([proven, givenBack]);
    }
  });
}

function proofPlan(
  { nodes, injectors, log }: PreparedJob,
  delivery: Delivery,
  { name, base }: RegistryPod,
  images: readonly ProofImage[],
) {
  return {
    ...delivery,
    nodes,
    images,
    architectures: injectors.map(({ architecture }) => architecture),
    registryPod: name,
    registryNode: base.node,
    onProven: (node: string) => {
      log.ready(node);
      info(`${node} runs every image`);
    },
    onWaiting: (node: string, words: string) => log.waiting(node, words),
    onLeftOut: (node: string, reason: string) => {
      log.ready(node);
      warning(`The node ${node} is left out: it ${reason}.`);
    },
  };
}
