import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { createOwnPod } from '../kube/quota.js';
import { ActionError } from '../lib/errors.js';
import { BASE_FAILURES_NAMED_MAX } from '../lib/limits/pods.js';
import {
  KUBELET_TAKES_SECONDS,
  NODE_LOOK_SECONDS,
  POD_STARTS_LATE_SECONDS,
  POD_STARTS_SECONDS,
  VOLUME_COMES_SECONDS,
} from '../lib/limits/run.js';
import { inOneLine } from '../lib/sentences.js';
import { readNodes } from '../preflight/nodes.js';
import { type Base, type BaseCandidate, baseAdvice } from '../run/pod.js';
import { type Delivery, hasHadPods, isFirst, nameOf } from '../run/run.js';
import { renewClaim } from './claim.js';
import { isInjectorsWord } from './fault.js';
import { reasonAgainst } from './nodes.js';
import { registryPod } from './pod.js';
import { type OnWaiting, Start, type StartBounds, type StartFault } from './start.js';

/** What the registry is started with. */
export interface RegistryPlan extends Delivery {
  /** Where it may start, the surest first; from `Bases` or `unlistedBases`. */
  readonly bases: readonly BaseCandidate[];
  /** Path below the chunks directory of each chunk, in order. */
  readonly chunks: readonly string[];
  /** Bytes of all blobs together. */
  readonly storeBytes: number;
  readonly onWaiting?: OnWaiting;
}

/** The registry's Pod, whose container runs. */
export interface RegistryPod {
  readonly name: string;
  readonly base: Base;
}

const BOUNDS = {
  takeSeconds: KUBELET_TAKES_SECONDS,
  lookSeconds: NODE_LOOK_SECONDS,
  volumeSeconds: VOLUME_COMES_SECONDS,
};

/** How long a Pod may take to start: longer with an image to pull, or volumes to come; also where no other node is known. */
function startSecondsOf({ hasClaim, nodesUnlisted, chunks }: RegistryPlan, base: BaseCandidate) {
  const isLate = base.pulled || hasClaim || nodesUnlisted || chunks.length > 0;
  return isLate ? POD_STARTS_LATE_SECONDS : POD_STARTS_SECONDS;
}

/**
 * Starts the registry Pod on the first base that works and returns once its container runs; it
 * goes on loading then, and holds requests for what it has not read. A base whose node is not Ready,
 * or whose kubelet does not take the Pod while another node's might, is passed over with all others of
 * that node; a volume that it may be bound to is made anew for the next. Throws an ActionError that lists what each base failed with.
 */
export async function startRegistry(
  client: ApiClient,
  plan: RegistryPlan,
  signal: AbortSignal,
  bounds: Partial<StartBounds> = {},
): Promise<RegistryPod> {
  const failures: StartFault[] = [];
  let bases = await basesLeft(client, plan, signal);
  for (let attempt = 0; bases[0] !== undefined; attempt++) {
    const [base, ...others] = bases;
    const elsewhere = others.filter((other) => isElsewhere(other, base));
    const name = nameOf.registry(plan, attempt);
    const pod = registryPod(plan, base, attempt, plan.chunks, plan.storeBytes);
    await createOwnPod(client, plan.namespace, pod, signal, attempt > 0 || hasHadPods(plan));
    const startSeconds = startSecondsOf(plan, base);
    const patience = { ...BOUNDS, startSeconds, ...bounds };
    const start = new Start(client, plan, name, base, patience, plan.onWaiting);
    const fault = await start.fault(elsewhere.length > 0, signal);
    if (fault === undefined) {
      return { name, base: { ...base, node: start.node as string } };
    }
    if (isInjectorsWord(fault.words)) {
      throw new ActionError(`The registry in the cluster failed: ${fault.words}.`);
    }
    const place = start.node ?? `any node of ${base.architecture}`;
    failures.push({ ...fault, words: `${base.image} on ${place}: ${fault.words}` });
    const left = fault.ofNode ? besides(start.node, base, others, elsewhere) : others;
    bases = fault.ofVolume ? [] : left;
    await client.delete(`${collection.pods(plan.namespace)}/${name}`, {
      gracePeriodSeconds: 0,
      signal,
    });
    if (plan.hasClaim && bases[0] !== undefined && bases[0].node !== start.node) {
      await renewClaim(client, plan, signal);
    }
  }
  throw new ActionError(noBase(plan, failures));
}

/** The places that are left when a node fails: where a scheduler had picked it, it is to pick another. */
function besides(
  node: string | undefined,
  base: BaseCandidate,
  others: readonly BaseCandidate[],
  elsewhere: readonly BaseCandidate[],
): readonly BaseCandidate[] {
  if (base.node !== undefined || node === undefined) {
    return elsewhere;
  }
  return [base, ...others].map((one) =>
    one.node === undefined ? { ...one, notOn: [...(one.notOn ?? []), node] } : one,
  );
}

/** The same places, in their order, with those on the node of a registry that was lost behind all others. */
export function elsewhereFirst<Place extends Pick<BaseCandidate, 'node'>>(
  bases: readonly Place[],
  lost: string | undefined,
): Place[] {
  const isThere = ({ node }: Place) => node !== undefined && node === lost;
  return bases.toSorted((one, other) => Number(isThere(one)) - Number(isThere(other)));
}

/** Whether a place is none of those that fail with the node of another: where no node is known, with the architecture. */
function isElsewhere(other: BaseCandidate, base: BaseCandidate): boolean {
  return (
    other.node !== base.node ||
    (base.node === undefined && other.architecture !== base.architecture)
  );
}

/** The bases, and after a loss those on nodes that are Ready now: the lost one's node may be down. */
async function basesLeft(
  client: ApiClient,
  plan: RegistryPlan,
  signal: AbortSignal,
): Promise<readonly BaseCandidate[]> {
  const { bases, nodeSelector: selector, nodesUnlisted } = plan;
  if (isFirst(plan) || nodesUnlisted === true) {
    return bases;
  }
  const nodes = await readNodes(client, { selector, signal });
  const left = bases.filter(({ node }) => node && reasonAgainst(node, nodes) === undefined);
  return left.length > 0 ? left : bases;
}

function noBase(
  { bases, namespace, nodesUnlisted }: RegistryPlan,
  failures: readonly StartFault[],
): string {
  const isGiven = bases.some(({ pulled }) => pulled);
  const advice =
    nodesUnlisted === true && !isGiven
      ? `have a Pod run in the namespace "${namespace}" whose image needs no pull secret, set the input \`injector-image\`, or grant the kubeconfig's user to list nodes`
      : baseAdvice(bases);
  if (bases.length === 0) {
    return `No node is known to have an image that the registry could start from; ${advice}.`;
  }
  const words = [...new Set(failures.map((failure) => failure.words))];
  const told = inOneLine(words, BASE_FAILURES_NAMED_MAX);
  if (failures.some(({ ofVolume }) => ofVolume)) {
    return `The registry could not start from any image (${told}); see what the events of the PersistentVolumeClaims in the namespace "${namespace}" say, or make a StorageClass the default whose volumes these nodes can have.`;
  }
  const isOfNodes = nodesUnlisted !== true && failures.every(({ ofNode }) => ofNode);
  return `The registry could not start from any image (${told}); ${isOfNodes ? 'run the job again when the nodes are well' : advice}.`;
}
