import { giveBack } from '../carriers/configmaps/give-back.js';
import { info } from '../host/runner.js';
import { nodesToProve, type ProofImage } from '../proof/pod.js';
import { prove as proveAll } from '../proof/prove.js';
import type { RegistryPod } from '../registry/bootstrap.js';
import type { Delivery } from '../run/run.js';
import type { PreparedJob } from './job.js';
import type { Uploaded } from './upload.js';

/**
 * Has every node run every image, and gives the chunks back meanwhile. Returns the bytes that are left
 * in ConfigMaps. Throws a RegistryLost when the registry's Pod is gone half-way, else an ActionError
 * with the kubelet's own words.
 */
export function prove(
  job: PreparedJob,
  delivery: Delivery,
  registry: RegistryPod,
  uploaded: Uploaded,
  images: readonly ProofImage[],
): Promise<number> {
  return job.log.group('Prove on every node', async (notes) => {
    const { client, nodes, pace, log } = job;
    const stop = new AbortController();
    const signal = AbortSignal.any([job.signal, stop.signal]);
    const plan = {
      ...delivery,
      nodes,
      images,
      registryPod: registry.name,
      onProven: (node: string) => info(`${node} runs every image`),
      onWaiting: (words: string) => log.waiting(words),
    };
    const both = [
      proveAll(client, plan, signal),
      giveBack(client, delivery, registry.name, uploaded.names, pace, signal),
    ];
    try {
      await Promise.all(both);
    } finally {
      stop.abort();
      await Promise.allSettled(both);
    }
    const names = nodesToProve(nodes, images).map(({ name }) => name);
    notes.outcome = `every image runs on ${names.join(', ')}`;
    return 0;
  });
}
