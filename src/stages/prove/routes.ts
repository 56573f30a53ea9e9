import type { RouteName } from '../../host/input-values.js';
import { info, warning } from '../../host/runner.js';
import type { ApiClient } from '../../kube/client.js';
import { ActionError, sentenceOf } from '../../lib/errors.js';
import { hostAndPort } from '../../lib/host-port.js';
import {
  ROUTE_LAST_SECONDS,
  ROUTE_LIKELY_SECONDS,
  ROUTE_TRIAL_SECONDS,
} from '../../lib/limits/routes.js';
import { admitRegistry } from '../../preflight/network-policies.js';
import { isCrio } from '../../preflight/runtime.js';
import type { ProofRoute, ProvenNodes } from '../../proof/plan.js';
import { registryAddresses } from '../../registry/addresses.js';
import type { RegistryPod } from '../../registry/bootstrap.js';
import { serviceAddress } from '../../registry/service.js';
import { hasRelays } from '../../routes/relay-sets.js';
import { Relays } from '../../routes/relays.js';
import { ROUTE_WORDS, RouteFailure, Routes, routesFor } from '../../routes/route.js';
import { REGISTRY_PORT } from '../../run/pod.js';
import { removeRole } from '../../run/remove.js';
import { type Delivery, hasHadPods, type OpenRun } from '../../run/run.js';
import type { PreparedJob, RehearsedJob } from '../job.js';
import { portOf, SeenNodePort } from './node-port.js';

/** Between which nodes and which registry there are routes. */
interface Ends {
  readonly routes: Routes;
  readonly registry: RegistryPod;
  readonly proven: ProvenNodes;
}

/** More than a node's proof has attempts by one route. */
const ATTEMPTS_PER_ROUTE = 1000;

/** The routes that the run may take, the first of them in use. */
export async function chooseRoutes(
  { inputs, nodes, nodesUnlisted, proxyMode }: PreparedJob,
  run: OpenRun,
): Promise<Routes> {
  const { kept } = run;
  if (kept?.route !== undefined) {
    const route = kept.route as RouteName;
    if (inputs.route === 'auto' || inputs.route === route) {
      info(
        `Nodes come to the registry by ${ROUTE_WORDS[route]}: the release has come so far by it.`,
      );
    } else {
      warning(
        `The input \`route\` is ${inputs.route}, but nodes come to the registry by ${ROUTE_WORDS[route]}, since the release "${run.release}" has come so far by it; to have another route, delete the release (\`command: delete\`) and run the step again.`,
      );
    }
    return new Routes({ routes: [route], reason: '' });
  }
  const order = routesFor(inputs.route, {
    proxyMode: await proxyMode,
    hasNodePort: run.relaysOnly !== true,
    nodesUnlisted,
    hasCrio: nodes.some(({ runtime }) => isCrio(runtime)),
  });
  info(`Nodes come to the registry by ${ROUTE_WORDS[order.routes[0]]}: ${order.reason}.`);
  return new Routes(order);
}

/**
 * Has the nodes proven by the route in use, and by the next one when some node does not come to the registry by it;
 * nodes that are proven stay so. Throws what the proof throws, and when no route is left an ActionError that says what
 * each failed with.
 */
export async function overRoutes<Result>(
  job: RehearsedJob,
  delivery: Delivery,
  { routes, registry, proven }: Ends,
  proof: (route: ProofRoute) => Promise<Result>,
): Promise<Result> {
  for (;;) {
    // Policy engines write network policies into a new namespace a moment after it was made.
    await admitRegistry(job.client, delivery, job.signal);
    const relays = await relaysFor(job, delivery, routes, registry);
    const relayed = relays && relayProven(relays, delivery, { routes, proven }, job.signal);
    let failure: unknown;
    try {
      const result = await proof(await routedBy(job, delivery, routes, relays));
      await relayed;
      return result;
    } catch (error) {
      failure = error;
      if (!(error instanceof RouteFailure)) {
        throw error;
      }
      routes.next(error);
      info(`${sentenceOf(error)} Now they come by ${ROUTE_WORDS[routes.now]}.`);
    } finally {
      await relays?.end().catch((error) => {
        // What failed before is what the user is to read.
        if (failure === undefined) throw error;
        info(sentenceOf(error));
      });
    }
    const { client, signal } = job;
    await removeRole(client, delivery, 'relay', [], signal);
    await removeRole(client, delivery, 'proof', [...proven.values()], signal);
  }
}

/**
 * Starts relays for the nodes that came by one before it was taken away: what is proven there may be pulled again as long as
 * the job goes on. A courtesy; a release gets its relays at its end.
 */
async function relayProven(
  relays: Relays,
  { release }: Delivery,
  { routes, proven }: Pick<Ends, 'routes' | 'proven'>,
  signal: AbortSignal,
): Promise<void> {
  const nodes = [...routes.relayed.values()].filter(({ name }) => proven.has(name));
  const opens = (release === undefined ? nodes : []).map(async (node) => {
    try {
      await relays.open(node, signal);
    } catch (error) {
      if (!(error instanceof ActionError)) return;
      warning(
        `The node ${node.name} has the images and no relay any more, so that it pulls none of them again: ${sentenceOf(error)}`,
      );
    }
  });
  await Promise.all(opens);
}

async function relaysFor(
  { client, candidates, nodesUnlisted, signal }: RehearsedJob,
  delivery: Delivery,
  { now: route, tried }: Routes,
  registry: RegistryPod,
): Promise<Relays | undefined> {
  if (route === 'nodeport' || (nodesUnlisted && hasRelays(delivery))) {
    return undefined;
  }
  const to = await relayedTo(client, delivery, registry, signal);
  const comesAfterOthers = hasHadPods(delivery) || tried > 0;
  const plan = { route, port: portOf(delivery), to, comesAfterOthers };
  return new Relays(client, delivery, plan, candidates, signal);
}

/** Relays lead to the registry's Pod, and those of a release to its Service, since there will be other Pods. */
export async function relayedTo(
  client: ApiClient,
  delivery: Delivery,
  registry: RegistryPod,
  signal: AbortSignal,
): Promise<string> {
  const address =
    delivery.release === undefined
      ? (await registryAddresses(client, delivery, registry, signal))[0]
      : await serviceAddress(client, delivery, signal);
  return hostAndPort(address ?? '', REGISTRY_PORT);
}

async function routedBy(
  job: RehearsedJob,
  delivery: Delivery,
  routes: Routes,
  relays: Relays | undefined,
): Promise<ProofRoute> {
  const isLikely = routes.now === 'nodeport' && (await job.proxyMode) === 'iptables';
  const usual = isLikely ? ROUTE_LIKELY_SECONDS : ROUTE_TRIAL_SECONDS;
  const nodePort = new SeenNodePort(job, delivery);
  // Who answers at all other addresses and not at the loopback will not do so later.
  const trialSeconds = () => (routes.isLast ? ROUTE_LAST_SECONDS : nodePort.isOpen ? 0 : usual);
  return {
    open: openerOf(delivery, routes, relays, nodePort),
    opensItself: relays === undefined,
    missing: missingOn(routes.now, job, delivery),
    attemptsBefore: routes.tried * ATTEMPTS_PER_ROUTE,
    trialSeconds,
    isLastRoute: routes.isLast,
  };
}

const NO_LOOPBACK =
  "this route needs Services of type NodePort on the nodes' own 127.0.0.1, which kube-proxy has in iptables mode and Cilium in its place";
const NO_RELAYS =
  "relays, which do without, need the kubeconfig's user to list nodes: have that right granted";

function openerOf(
  delivery: Delivery,
  { relayed }: Routes,
  relays: Relays | undefined,
  nodePort: SeenNodePort,
): ProofRoute['open'] {
  if (relays !== undefined) {
    return async (node, signal) => {
      await relays.open(node, signal);
      relayed.set(node.name, node);
    };
  }
  return hasRelays(delivery) ? async () => undefined : ({ name }) => nodePort.untilOpen(name);
}

/** What may be missing where no node comes through, and what to do, as words behind a semicolon. */
function missingOn(
  route: RouteName,
  { inputs, nodesUnlisted }: PreparedJob,
  { kept }: Delivery,
): string {
  if (kept?.route !== undefined) {
    return `${NEEDS[route]}; the release has come so far by this route: bring back what it needs, or delete the release (\`command: delete\`) and run the step again`;
  }
  if (nodesUnlisted) {
    return `${NO_LOOPBACK}; ${NO_RELAYS}`;
  }
  const instead = inputs.route === 'auto' ? [] : INSTEAD[route];
  return [NEEDS[route], ...instead].join('; set the input `route` to ');
}

const NEEDS = {
  nodeport: NO_LOOPBACK,
  hostport:
    'this route needs a network plugin that has hostPorts on 127.0.0.1, such as the CNI plugin portmap',
  hostnetwork: "see that Pods in the host's network come to Pods of other nodes",
} as const;

/** Routes to take instead. */
const INSTEAD = {
  nodeport: ['auto or hostport'],
  hostport: ['auto or hostnetwork'],
  hostnetwork: [],
} as const;
