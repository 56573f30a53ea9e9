import { partsFor } from '../../payload/catalog.js';
import { bytesWith, contentsIn } from '../../payload/replaced.js';
import { nodesToProve, type ProofImage, type ProofNode } from '../../proof/pod.js';
import { storeSize } from '../../registry/pod.js';
import { copiedCatalog } from '../../registry/release.js';
import type { Delivery, OpenRun } from '../../run/run.js';
import type { PreparedJob } from '../job.js';

/** The nodes that have an image to prove; where nobody may list them, one that stands for all of its architecture. */
export function placesToProve(
  { injectors, nodes, nodesUnlisted }: PreparedJob,
  images: readonly ProofImage[],
) {
  const places = injectors.map(({ architecture }) => ({ name: architecture, architecture }));
  return nodesToProve<Omit<ProofNode, 'index'>>(nodesUnlisted ? places : nodes, images);
}

/** One attempt of a step at a run, by its number from 0 on; how its Pods are made is what the rehearsal finds. */
export function deliveryOf(
  { inputs, nodesUnlisted, notOn, plan, storageClass, unfitToo }: PreparedJob,
  run: OpenRun,
  attempt: number,
): Delivery {
  const { carrier } = plan;
  const { firstDelivery = 0, kept } = run;
  const before = partsFor(bytesWith(copiedCatalog(kept) ?? ''));
  return {
    ...{ ...run, delivery: firstDelivery + attempt, carrier, nodesUnlisted, notOn },
    unfitToo,
    nodeSelector: inputs.nodes,
    catalogParts: plan.catalogParts + (plan.catalogParts > 0 ? before : 0),
    hasClaim: run.release !== undefined && storageClass !== undefined && carrier !== 'configmap',
  };
}

/** Bytes that the registry stores at most: the images, and with a release those of the delivery that it replaces. */
export function storeBytesOf({ plan }: PreparedJob, { kept }: OpenRun): number {
  const before = [...contentsIn(copiedCatalog(kept) ?? '').values()];
  return before.reduce((sum, size) => sum + size, plan.storeBytes);
}

/**
 * Bytes that a kubelet counts as the registry's disk: its store, where that is on no volume of its own, and the chunks that
 * it mounts (kubernetes, pkg/volume/util: `IsLocalEphemeralVolume`).
 */
export function diskBytesOf(job: PreparedJob, run: OpenRun): number {
  const { hasClaim } = deliveryOf(job, run, 0);
  return job.plan.chunkBytes + (hasClaim ? 0 : storeSize(storeBytesOf(job, run)));
}
