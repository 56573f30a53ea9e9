import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { isObjectUpToDate } from '../kube/watch.js';
import { ActionError } from '../lib/errors.js';
import { networkPolicyWords } from '../preflight/network-policies.js';
import {
  type ClusterNodes,
  type LinuxNode,
  nodesInWords,
  type OtherNode,
  unavailableNodes,
} from '../preflight/nodes.js';
import { PLAIN_HTTP_FIX } from '../preflight/runtime.js';
import { RegistryLost } from '../registry/fault.js';
import { isAlive, reasonAgainst } from '../registry/nodes.js';
import { isTaken } from '../registry/status.js';
import { RouteFailure } from '../routes/route.js';
import { type NodeProof, podNameOf, reachOf } from './node-proof.js';
import type { ProofBounds, ProofPlan } from './plan.js';
import { isConnectionRefused } from './pull-words.js';
import { type FailedVerdict, isRefused, type RouteVerdict } from './verdict.js';

/** What every failure of a proof is told with. */
interface Where {
  readonly node: string;
  /** `127.0.0.1:<port>/<secret>` */
  readonly registry: string;
  readonly namespace: string;
  /** What the route needs that may be missing, behind a semicolon. */
  readonly missing: string;
}

/**
 * The failure of a node whose pulls did not come to the registry for as long as that is waited for, with what the network
 * policies have to do with it, where it looks like that among the other nodes.
 */
export async function failureOnRoute(
  client: ApiClient,
  plan: ProofPlan,
  failed: {
    readonly verdict: RouteVerdict;
    readonly node: string;
    readonly proofs: readonly NodeProof[];
  },
  signal: AbortSignal,
): Promise<ActionError> {
  const isRefused = isConnectionRefused(failed.verdict.words);
  const reach = { ...reachOf(failed.proofs, plan.registryNode), isRefused };
  const policies = await networkPolicyWords(client, plan, reach, signal);
  return routeFailure(failed.verdict, { ...plan, node: failed.node }, policies);
}

/** @param policies the sentence about what lies between nodes, where it looks like that */
function routeFailure(
  verdict: RouteVerdict,
  { node, registry, namespace, missing }: Where,
  policies?: string,
): ActionError {
  const host = registry.split('/')[0] ?? '';
  const runtime = `The container runtime of node ${node}`;
  switch (verdict.kind) {
    case 'unreachable':
      return new RouteFailure(
        policies === undefined
          ? `${runtime} cannot reach the registry at ${registry} (${verdict.words}); ${missing}.`
          : `${runtime} cannot reach the registry at ${registry} (${verdict.words}). ${policies}`,
      );
    case 'ended':
      return new ActionError(
        `${runtime} ends its pulls from the registry at ${registry} before all bytes have come (${verdict.words}); run the job again when the way to the cluster is faster, or raise the runtime's pull_progress_timeout (CRI-O) or image_pull_progress_timeout (containerd).`,
      );
    case 'busy':
      return new ActionError(
        `${runtime} is told again and again that the registry at ${registry} has no time (${verdict.words}); run the job again, with fewer jobs on the cluster at once.`,
      );
    case 'held':
      return new ActionError(
        `The kubelet of node ${node} begins no pull from the registry at ${registry} (${verdict.words}), for others on that node begin as many as its settings registryPullQPS and registryBurst allow; run the job again when fewer Pods start there, or raise them.`,
      );
    case 'kept':
      return new ActionError(
        `The kubelet of node ${node} does not come to the images, since ${verdict.words}; see to that container, or exempt the namespace ${namespace} from the webhook that adds it.`,
      );
    case 'elsewhere':
      return new RouteFailure(
        `${runtime} asks ${verdict.host ?? 'another registry'} for what is at ${host} (${verdict.words}); ${ownHost(host)}. Where it asks the host itself, too, that one was not reached: ${missing}.`,
      );
  }
}

/** What lets containerd ask a host itself (containerd docs/hosts.md: its own folder comes before `_default`). */
function ownHost(host: string): string {
  return `in containerd's /etc/containerd/certs.d take \`server\` out of _default/hosts.toml, since without it the host itself is asked, too; or write ${host}/hosts.toml with server = "http://${host}", for as long as this run has that port`;
}

/** The failure of a node whose Pods failed, or were meddled with, too often. */
export function podFailure(verdict: FailedVerdict, { node, namespace }: Where): ActionError {
  return verdict.kind === 'failed'
    ? new ActionError(
        `Node ${node} cannot run ${verdict.given ?? 'the images'}; its kubelet says: ${verdict.words}`,
      )
    : new ActionError(
        `Node ${node} cannot run the images; ${verdict.words}: look at who deletes or changes Pods in the namespace ${namespace}.`,
      );
}

/**
 * Why a node has no images whose Pods failed for what is wrong with the node itself, in words that follow its name: its kubelet
 * refuses Pods, or takes them away since it is to go. Undefined for any other one.
 */
export function faultOfNode(
  verdict: FailedVerdict,
  now: Pick<LinuxNode, 'drainedBy'> | undefined,
): string | undefined {
  if (verdict.kind === 'failed') {
    return isRefused(verdict)
      ? `has a kubelet that refuses Pods (${verdict.words.replace(/\.$/, '')})`
      : undefined;
  }
  return now?.drainedBy === undefined
    ? undefined
    : `is being drained (${now.drainedBy}), and its Pod was deleted again and again`;
}

/** Why a node has no images whose runtime takes no plain HTTP, and what to do, in words that follow its name. */
export const TAKES_NO_HTTP = `takes no plain HTTP from 127.0.0.1, as CRI-O does not from 1.35 on; ${PLAIN_HTTP_FIX}`;

/** Why a node has no images whose kubelet does not say that it has its Pod, in words that follow its name. */
export function takesNoPod(seconds: number): string {
  return `has a kubelet that takes no Pod (for ${seconds} s)`;
}

/**
 * Whether the cluster says of a Pod that its node is not Ready any more. The controller of nodes takes the condition Ready
 * alone from the Pods there (`MarkPodsNotReady`), and kubelets give it as they give ContainersReady, but for readiness gates
 * (`GeneratePodReadyCondition`).
 */
export function isOfLostNode({ spec, status }: V1Pod): boolean {
  const has = (type: string, is: string) =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === is);
  const isGated = (spec?.readinessGates ?? []).length > 0;
  return !isGated && has('Ready', 'False') === true && has('ContainersReady', 'True') === true;
}

/**
 * The proofs whose nodes take no Pod though their kubelets are alive: of others the cluster says itself that they are not
 * Ready. Throws the signal's reason.
 */
export async function* untakenProofs(
  client: ApiClient,
  proofs: ReadonlyMap<string, NodeProof>,
  podOf: (proof: NodeProof) => V1Pod | undefined,
  { takeSeconds }: Pick<ProofBounds, 'takeSeconds'>,
  signal: AbortSignal,
): AsyncGenerator<NodeProof> {
  const isUntaken = (proof: NodeProof) => {
    const pod = podOf(proof);
    const isLate = !proof.busy && proof.isQuietSince(performance.now() - takeSeconds * 1000);
    return isLate && pod !== undefined && !isTaken(pod);
  };
  for (const proof of [...proofs.values()].filter(isUntaken)) {
    if ((await isAlive(client, proof.node.name, true, signal)) && isUntaken(proof)) {
      yield proof;
    }
  }
}

/**
 * The proofs whose Pods were made and are not there, which no watch has told: it was broken off when they came and went.
 * Throws the signal's reason.
 */
export async function* missedProofs(
  client: ApiClient,
  plan: ProofPlan,
  proofs: ReadonlyMap<string, NodeProof>,
  podOf: (proof: NodeProof) => V1Pod | undefined,
  { since, signal }: { readonly since: number; readonly signal: AbortSignal },
): AsyncGenerator<NodeProof> {
  const isMissed = (proof: NodeProof) =>
    proof.isMade && !proof.busy && proof.isQuietSince(since) && podOf(proof) === undefined;
  const path = collection.pods(plan.namespace);
  for (const proof of [...proofs.values()].filter(isMissed)) {
    const isGone = await isObjectUpToDate(client, path, podNameOf(plan, proof), undefined, signal);
    if (isGone && isMissed(proof)) {
      yield proof;
    }
  }
}

/** The failure when every node had to be left out; `reasons` are words that follow the nodes' names. */
export function noNodeLeft(reasons: ReadonlyMap<string, string>): ActionError {
  const nodes = [...reasons].map(([name, reason]) => ({ name, reason }));
  const [reason, ...others] = new Set(reasons.values());
  const isOfAll = nodes.length > 1 && others.length === 0;
  const said = isOfAll ? `each ${reason}` : nodesInWords(nodes);
  return new ActionError(
    `No node is left that could show it has the images (${said}); run the job again when the nodes are well.`,
  );
}

/** The failure when a DaemonSet of each of these architectures finds no node. */
export function noNodeFor(
  kinds: readonly Pick<LinuxNode, 'architecture'>[],
  { nodeSelector }: Pick<ProofPlan, 'nodeSelector'>,
): ActionError {
  const platforms = kinds.map(({ architecture }) => `linux/${architecture}`);
  const which = nodeSelector === undefined ? '' : ` with the labels ${nodeSelector}`;
  return new ActionError(
    `The cluster has no node of ${platforms.join(' or ')}${which}, so that nothing shows that the images work; build them for its nodes' platform, or choose other nodes by the input \`nodes\`.`,
  );
}

/** The failure when a scheduler has no place on a node for the Pod of its DaemonSet, in its words. */
export function noRoom(node: string, words: string): ActionError {
  return new ActionError(
    `No Pod that would prove the images fits on the node ${node} (${words}); make room for one there, or leave the node out by the input \`nodes\`.`,
  );
}

/** The failure when a DaemonSet has too few Pods and gets no more. */
export function notMade(
  daemonSet: string,
  { made, desired }: { readonly made: number; readonly desired: number | undefined },
  seconds: number,
  { namespace }: Pick<ProofPlan, 'namespace'>,
): ActionError {
  return new ActionError(
    `The cluster has made ${made} of the ${desired} Pods of the DaemonSet ${daemonSet} that are to prove the images, and no more for ${seconds} s; look at the quotas and the admission of the namespace ${namespace}.`,
  );
}

/** Those of some nodes that have left or are not Ready. Throws where none may be lost. */
export function lostAmong(
  names: readonly string[],
  { needsAll }: Pick<ProofPlan, 'needsAll'>,
  nodes: ClusterNodes,
): OtherNode[] {
  const lost = names.flatMap((name) => {
    const reason = reasonAgainst(name, nodes);
    return reason === undefined ? [] : { name, reason };
  });
  if (needsAll && lost.length > 0) {
    throw unavailableNodes(lost);
  }
  return lost;
}

/** Throws a RegistryLost when the registry's node has left or is not Ready. */
export function failWithRegistryNode(
  { registryPod, registryNode }: Pick<ProofPlan, 'registryPod' | 'registryNode'>,
  nodes: ClusterNodes,
): void {
  const reason = reasonAgainst(registryNode, nodes);
  if (reason !== undefined) {
    throw new RegistryLost(
      `The registry Pod ${registryPod} is lost, since its node ${registryNode} ${reason}; run the job again when the node is well.`,
    );
  }
}
