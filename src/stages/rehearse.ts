import type { ApiClient } from '../kube/client.js';
import { rehearse } from '../preflight/dry-run.js';
import type { LinuxNode } from '../preflight/nodes.js';
import { imagesFor, nodesToProve, type ProofImage, proofPod } from '../proof/pod.js';
import { type Base, CHUNK_KEY, chunkPath, registryPod } from '../registry/pod.js';
import { labelsOf, nameOf } from '../run/run.js';
import type { OpenRun } from './open.js';

/**
 * Has the cluster's admission look at a full chunk, at the registry's Pod and at a proof Pod of
 * each architecture before anything travels: Pod Security, policy engines, limit ranges and quotas
 * speak now instead of half-way. Throws an ActionError with all that was refused.
 */
export async function rehearseRun(
  client: ApiClient,
  { run, namespace, owner }: OpenRun,
  plan: {
    readonly bases: readonly Base[];
    readonly nodes: readonly LinuxNode[];
    readonly images: readonly ProofImage[];
    readonly chunkBytes: number;
  },
  signal: AbortSignal,
): Promise<void> {
  const nodes = nodesToProve(plan.nodes, plan.images);
  const perArchitecture = new Map(nodes.map((node) => [node.architecture, node]));
  const proofs = [...perArchitecture.values()].map((node) =>
    proofPod(run, owner, { ...node, index: 0 }, imagesFor(node, plan.images), 0),
  );
  const registries = plan.bases
    .slice(0, 1)
    .map((base) => registryPod(run, owner, base, 0, [chunkPath(0)], plan.chunkBytes));
  const configMap = {
    name: nameOf.chunk(run.id, 0),
    namespace,
    labels: labelsOf(run.id, 'chunk'),
    owner,
    binaryData: { [CHUNK_KEY]: [Buffer.alloc(plan.chunkBytes)] },
    immutable: true,
  };
  await rehearse(client, { namespace, configMap, pods: [...registries, ...proofs] }, { signal });
}
