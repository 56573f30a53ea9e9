import { partsFor } from '../../payload/catalog.js';
import { nodesToProve, type ProofImage, type ProofNode } from '../../proof/pod.js';
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
  { inputs, nodesUnlisted, plan, storageClass }: PreparedJob,
  run: OpenRun,
  attempt: number,
): Delivery {
  const { carrier } = plan;
  const { firstDelivery = 0, kept } = run;
  const before = partsFor(Buffer.byteLength(kept?.catalog ?? ''));
  return {
    ...{ ...run, delivery: firstDelivery + attempt, carrier, nodesUnlisted },
    nodeSelector: inputs.nodes,
    catalogParts: plan.catalogParts + (plan.catalogParts > 0 ? before : 0),
    hasClaim: run.release !== undefined && storageClass !== undefined && carrier !== 'configmap',
  };
}
