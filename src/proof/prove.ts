import type { ApiClient } from '../kube/client.js';
import { EARLY_POD_MILLISECONDS } from '../lib/limits/carriers.js';
import {
  FIRST_NODE_SECONDS,
  KUBELET_TAKES_SECONDS,
  NODE_LOOK_SECONDS,
  NODE_TURN_SECONDS,
  POD_STARTS_SECONDS,
  ROUTE_PATIENCE_SECONDS,
} from '../lib/limits/run.js';
import type { ProofBounds, ProofPlan } from './plan.js';
import { Proving } from './proving.js';
import { UnlistedProving } from './unlisted.js';

/** Of a node that is listed the cluster tells soon that its kubelet is gone, so one that is just slow has longer. */
const boundsOf = ({ nodesUnlisted }: ProofPlan): ProofBounds => ({
  lookSeconds: NODE_LOOK_SECONDS,
  routeSeconds: ROUTE_PATIENCE_SECONDS,
  firstSeconds: FIRST_NODE_SECONDS,
  turnSeconds: NODE_TURN_SECONDS,
  takeSeconds: nodesUnlisted === true ? KUBELET_TAKES_SECONDS : POD_STARTS_SECONDS,
  madeSeconds: KUBELET_TAKES_SECONDS,
  earlySeconds: EARLY_POD_MILLISECONDS / 1000,
});

/**
 * Starts a proof Pod on every node, of many nodes some at a time, and returns the nodes' names when on each of them
 * every image runs.
 * A Pod whose pull failed before the way was programmed is replaced at once, since a kubelet would let
 * it wait ten seconds (kubelet `MaxContainerBackOff` starts there) and counts per Pod. Nodes that leave
 * meanwhile, or are not Ready any more, are left out; those that came meanwhile are proven, too. Where nobody may
 * list nodes, a DaemonSet starts the Pods. Throws
 * an ActionError with the kubelet's own words for a node that cannot have an image, a RegistryLost when
 * the registry's Pod or its node is gone. Nothing goes on when it returns.
 */
export async function prove(
  client: ApiClient,
  plan: ProofPlan,
  signal: AbortSignal,
  bounds: ProofBounds = boundsOf(plan),
): Promise<string[]> {
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const Kind = plan.nodesUnlisted === true ? UnlistedProving : Proving;
  const proving = new Kind(client, plan, until, bounds);
  try {
    proving.begin();
    return await proving.outcome;
  } finally {
    stop.abort();
    await proving.ended();
  }
}
