import { streamObstacle } from '../../carriers/obstacle.js';
import { carrierRights } from '../../carriers/rights.js';
import type { Inputs } from '../../host/inputs.js';
import * as runner from '../../host/runner.js';
import { type Architecture, architecturesOf, isSupported, TARGETS } from '../../injector/elf.js';
import type { ApiClient } from '../../kube/client.js';
import { type Connection, connect } from '../../kube/connect.js';
import { isFault } from '../../kube/error.js';
import { hasLinesOfBraces } from '../../kube/login/kubeconfig.js';
import { reachesAny } from '../../kube/way/reach.js';
import { ActionError } from '../../lib/errors.js';
import { KUBELET_PORT, REACH_MILLISECONDS, REACH_NODES_MAX } from '../../lib/limits/carriers.js';
import { settled } from '../../lib/slots.js';
import { checkPermissions, missingAmong } from '../../preflight/access.js';
import { requirementsOf } from '../../preflight/affinity.js';
import { databaseBytes } from '../../preflight/database.js';
import {
  type ClusterNodes,
  type LinuxNode,
  listNodes,
  nodesInWords,
  unavailableNodes,
  virtualAmong,
} from '../../preflight/nodes.js';
import { servicePatch } from '../../preflight/permissions.js';
import { PLAIN_HTTP_FIX, wantsHttps } from '../../preflight/runtime.js';
import { storageClassFor } from '../../preflight/storage.js';
import { readProxyMode } from '../../routes/proxy-mode.js';
import type { Job, PreparedJob } from '../job.js';
import { tellLeftOut } from '../left-out.js';
import { planRewriting } from './rewriting.js';

/** What is found out about the cluster. */
export type Cluster = Pick<
  PreparedJob,
  | 'client'
  | 'context'
  | 'version'
  | 'nodes'
  | 'nodesUnlisted'
  | 'notOn'
  | 'near'
  | 'rights'
  | 'leadsLater'
  | 'databaseBytes'
  | 'proxyMode'
  | 'storageClass'
  | 'rewriteIn'
> & {
  /** Why there can be no stream; undefined when there can. */
  readonly obstacle: string | undefined;
};

/** What the cluster has answered, and which nodes are left out. */
type Answers = Omit<Cluster, 'client' | 'context' | 'version'> & Pick<ClusterNodes, 'others'>;

/**
 * A client for the cluster that may do what the job needs, the nodes that are to get images, and what is
 * to be known about the ways to them.
 */
export function reachCluster(job: Job): Promise<Cluster> {
  const { inputs, log, signal } = job;
  return log.time('Cluster', async (notes) => {
    tellMasked(inputs);
    // As it is now: the cache of the injector works with another workspace meanwhile.
    const env = { ...process.env };
    const connection = await connect({ ...inputs, env, signal, onSecret: runner.hide });
    try {
      const { nodes, others, ...answers } = await askCluster(job, connection);
      const { client, context, server, version } = connection;
      const chosen = inputs.nodes === undefined ? '' : ` with the labels ${inputs.nodes}`;
      const { nodesUnlisted } = answers;
      const count = nodesUnlisted ? 'nodes that nobody may list' : `${nodes.length} nodes`;
      notes.outcome = `${server}, Kubernetes ${version}, ${count}${chosen}`;
      tellLeftOut(inputs, others);
      tellWantsHttps(nodes);
      return { client, context, version, nodes, ...answers };
    } catch (error) {
      connection.client.close();
      throw error;
    }
  });
}

/**
 * Asks all at once what is to be known of the cluster, and of the nodes that are left out. Throws an ActionError where
 * something is missing without which the job cannot be done.
 */
async function askCluster(
  { inputs, signal }: Job,
  { client, version, namespace: contextNamespace }: Connection,
): Promise<Answers> {
  const listed = nodesFor(client, inputs, signal);
  const near = listed.then((nodes) => isNear(inputs, nodes?.ready ?? [], signal));
  const database = databaseBytes(client, { signal });
  // Who asks for a route has it, whatever the mode.
  const isOfInterest = inputs.route === 'auto';
  const proxyMode = isOfInterest ? readProxyMode(client, signal) : Promise.resolve(undefined);
  // Who comes to need them is told.
  database.catch(() => undefined);
  proxyMode.catch(() => undefined);
  const { namespace, carrier } = inputs;
  const questions = [
    checkPermissions(
      client,
      { namespace, contextNamespace, isRelease: inputs.release !== undefined },
      listed.then((nodes) => nodes !== undefined),
      { signal },
    ),
    listed,
    near,
    carrierRights(client, namespace, signal),
    inputs.release === undefined && leadsServices(client, namespace, signal),
    planRewriting(inputs, { client, version, contextNamespace }, signal),
    inputs.release === undefined ? undefined : storageClassFor(client, namespace, signal),
  ] as const;
  const [, found, isOn, rights, leadsLater, rewriteIn, storageClass] = await settled(questions);
  const { ready: nodes, others } = found ?? NOBODY;
  if (inputs.onUnavailableNode === 'fail' && others.length > 0) {
    throw unavailableNodes(others);
  }
  return {
    ...{ nodes, others, nodesUnlisted: found === undefined, near: isOn },
    notOn: virtualAmong(others),
    obstacle: streamObstacle(carrier, rights, isOn),
    ...{ rights, leadsLater, databaseBytes: database, proxyMode, storageClass, rewriteIn },
  };
}

/** Says beforehand why braces are missing in the log, and outputs in other jobs. */
function tellMasked({ kubeconfig = process.env.KUBECONFIG ?? '' }: Inputs): void {
  if (hasLinesOfBraces(kubeconfig)) {
    runner.warning(
      'The given kubeconfig is JSON of several lines: as a secret each of them is masked by itself, so braces become *** in all logs, and outputs of the job that hold one are dropped; keep it as YAML, or in base64.',
    );
  }
}

const NOBODY: ClusterNodes = { ready: [], others: [] };

/**
 * The nodes that are to get images; undefined where the user may not list them, so that DaemonSets have to find them.
 * Throws ActionErrors.
 */
async function nodesFor(
  client: ApiClient,
  { nodes: selector }: Inputs,
  signal: AbortSignal,
): Promise<ClusterNodes | undefined> {
  try {
    return await listNodes(client, { selector, signal });
  } catch (error) {
    if (!isFault(error, 'permission')) {
      throw error;
    }
    // Who writes no selector is told so now, not by a DaemonSet.
    requirementsOf(selector);
    return undefined;
  }
}

/** Says beforehand what will be the matter where a pull fails; no warning, for it may have been seen to. */
function tellWantsHttps(nodes: readonly LinuxNode[]): void {
  const asking = nodes.filter(({ runtime }) => wantsHttps(runtime));
  if (asking.length > 0) {
    const named = nodesInWords(
      asking.map(({ name, runtime }) => ({ name, reason: `(${runtime})` })),
    );
    runner.info(
      `CRI-O from 1.35 on pulls over plain HTTP from 127.0.0.1 only where it is configured so: ${named}. For one that refuses, ${PLAIN_HTTP_FIX}`,
    );
  }
}

/** Whether the user may lead a Service that is there, by the API server's own word: without the right there is no way back. */
async function leadsServices(
  client: ApiClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const wanted = servicePatch(namespace !== undefined);
  const missing = await missingAmong(client, namespace, wanted, { signal, unasked: false });
  return missing.length === 0;
}

/** Whether the runner is on the network of the nodes: whether some kubelet's port can be connected to. */
async function isNear(
  { carrier }: Inputs,
  nodes: readonly LinuxNode[],
  signal: AbortSignal,
): Promise<boolean> {
  if (carrier.carrier === 'configmap' || carrier.way === 'api') {
    return false;
  }
  const addresses = nodes.slice(0, REACH_NODES_MAX).flatMap((node) => node.addresses);
  return await reachesAny(addresses, KUBELET_PORT, REACH_MILLISECONDS, signal);
}

/**
 * The architectures for which there is to be an injector: those of the nodes; with a release also those that the input
 * `platforms` names, for nodes that join; and where nobody may list nodes all that there can be, as far as that input names
 * them. Throws an ActionError when there is none.
 */
export function architecturesFor(
  { nodes, nodesUnlisted }: Pick<Cluster, 'nodes' | 'nodesUnlisted'>,
  { platforms, release }: Pick<Inputs, 'platforms' | 'release'>,
): Architecture[] {
  const all = Object.keys(TARGETS).filter(isSupported);
  const isNamed = (one: string) => platforms?.some((platform) => platform.split('/')[1] === one);
  if (!nodesUnlisted) {
    const there = architecturesOf(nodes);
    return release === undefined ? there : [...new Set([...there, ...all.filter(isNamed)])];
  }
  const wanted = all.filter((one) => isNamed(one) ?? true);
  if (wanted.length === 0) {
    throw new ActionError(
      `There is no injector for what the input \`platforms\` names (${platforms?.join(', ')}); nodes of ${all.join(' and ')} can have images.`,
    );
  }
  return wanted;
}

/** The platforms that these nodes pull for, each once. */
export function platformsOf(nodes: readonly LinuxNode[]): string[] {
  return architecturesOf(nodes).map((architecture) => `linux/${architecture}`);
}
