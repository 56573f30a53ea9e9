import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection, createPod } from '../kube/pods.js';
import { observe } from '../kube/watch.js';
import { ActionError } from '../lib/errors.js';
import { PROOF_RETRIES, ROUTE_PATIENCE_SECONDS } from '../lib/limits/run.js';
import { RegistryLost, registryFaultOf, registryLossOf } from '../registry/fault.js';
import { type Delivery, nameOf, selectorOf } from '../run/run.js';
import { imagesFor, nodesToProve, type ProofImage, type ProofNode, proofPod } from './pod.js';
import { type Verdict, verdictOf } from './verdict.js';

/** What is to be proven, and where. */
export interface ProofPlan extends Delivery {
  readonly nodes: readonly Omit<ProofNode, 'index'>[];
  readonly images: readonly ProofImage[];
  /** Name of the registry's Pod, whose end would make every wait vain. */
  readonly registryPod: string;
  /** Told of each node when it has every image, and of what the others wait for. */
  readonly onProven: (node: string) => void;
  readonly onWaiting: (words: string) => void;
}

const DELETED: Verdict = { kind: 'failed', words: 'its Pod was deleted by someone else' };

/** How far one node is. */
interface Progress {
  readonly node: ProofNode;
  /** What its Pod is made of, in the order of its containers. */
  readonly images: readonly ProofImage[];
  readonly started: number;
  attempt: number;
  retriesLeft: number;
  /** The Pod of this attempt has been seen, so that its absence means that someone deleted it. */
  seen: boolean;
  proven: boolean;
}

/**
 * Starts a proof Pod on every node and returns when on each of them every image runs. A Pod whose
 * pull failed before the way was programmed is replaced at once, since a kubelet would let it wait
 * ten seconds (kubelet `MaxContainerBackOff` starts there) and counts per Pod. Throws an
 * ActionError with the kubelet's own words for a node that cannot have an image, a RegistryLost
 * when the registry's Pod is gone.
 */
export async function prove(
  client: ApiClient,
  plan: ProofPlan,
  signal: AbortSignal,
): Promise<void> {
  const nodes = nodesToProve(plan.nodes, plan.images).map(
    (node, index): Progress => ({
      node: { ...node, index },
      images: imagesFor(node, plan.images),
      started: performance.now(),
      attempt: 0,
      retriesLeft: PROOF_RETRIES,
      seen: false,
      proven: false,
    }),
  );
  await Promise.all(nodes.map((progress) => start(client, plan, progress, signal)));
  const query = { labelSelector: selectorOf(plan.id) };
  const path = collection.pods(plan.namespace);
  for await (const pods of observe<V1Pod>(client, path, { query, signal })) {
    failWithRegistry(plan, pods.get(plan.registryPod));
    await Promise.all(nodes.map((node) => advance(client, plan, node, pods, signal)));
    if (nodes.every(({ proven }) => proven)) {
      return;
    }
  }
}

function failWithRegistry(plan: ProofPlan, pod: V1Pod | undefined): void {
  const fault = registryFaultOf(pod);
  if (fault !== undefined) {
    const Fault = registryLossOf(pod) === undefined ? ActionError : RegistryLost;
    throw new Fault(
      `The registry Pod ${plan.registryPod} cannot serve any more: ${fault}; run the job again, and look at the node's pressure and at who deletes Pods in the namespace ${plan.namespace}.`,
    );
  }
}

async function start(
  client: ApiClient,
  plan: ProofPlan,
  { node, images, attempt }: Progress,
  signal: AbortSignal,
): Promise<void> {
  const pod = proofPod(plan, node, images, attempt);
  await createPod(client, plan.namespace, pod, { signal });
}

async function advance(
  client: ApiClient,
  plan: ProofPlan,
  progress: Progress,
  pods: ReadonlyMap<string, V1Pod>,
  signal: AbortSignal,
): Promise<void> {
  const name = nameOf.proof(plan, progress.node.index, progress.attempt);
  const pod = pods.get(name);
  if (progress.proven || (pod === undefined && !progress.seen)) {
    return;
  }
  progress.seen = true;
  const verdict = pod === undefined ? DELETED : verdictOf(pod, progress.images);
  switch (verdict.kind) {
    case 'proven':
      progress.proven = true;
      plan.onProven(progress.node.name);
      return;
    case 'pending':
      plan.onWaiting(`${progress.node.name}: ${verdict.words}`);
      return;
    default:
      plan.onWaiting(`${progress.node.name}: ${verdict.words}`);
      failWhenFinal(plan, progress, verdict);
      await replace(client, plan, progress, name, signal);
  }
}

function failWhenFinal(
  plan: ProofPlan,
  progress: Progress,
  verdict: Extract<Verdict, { words: string }>,
): void {
  const { name } = progress.node;
  const elapsed = (performance.now() - progress.started) / 1000;
  if (verdict.kind === 'unreachable') {
    if (elapsed > ROUTE_PATIENCE_SECONDS) {
      throw new ActionError(
        `The container runtime of node ${name} cannot reach the registry at ${plan.registry} (${verdict.words}); the cluster needs Services of type NodePort on the nodes' own 127.0.0.1, which kube-proxy has in iptables mode and Cilium in its place.`,
      );
    }
  } else if (verdict.kind === 'failed' && progress.retriesLeft-- <= 0) {
    throw new ActionError(
      `Node ${name} cannot run ${verdict.given ?? 'the images'}; its kubelet says: ${verdict.words}`,
    );
  }
}

/** Puts a new Pod in the place of one that failed. The old one goes without a grace period. */
async function replace(
  client: ApiClient,
  plan: ProofPlan,
  progress: Progress,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  progress.attempt++;
  progress.seen = false;
  await start(client, plan, progress, signal);
  await client.delete(`${collection.pods(plan.namespace)}/${name}`, {
    gracePeriodSeconds: 0,
    signal,
  });
}
