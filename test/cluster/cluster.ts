import { join } from 'node:path';
import { ActionError, sentenceOf } from '../../src/lib/errors.js';
import { kubeBinaries, pauseImage } from './build/build.js';
import type { BuildOptions } from './build/built.js';
import { kubeRouterBinary } from './build/kube-router.js';
import { withLock } from './build/lock.js';
import { installPackages, missingPackages } from './build/packages.js';
import { clusterPrerequisites } from './build/prerequisites.js';
import { runtimeBinaries } from './build/runtimes.js';
import { keepLogs, takeDown } from './down.js';
import { type Cluster, clusterOf, isRunning } from './handle.js';
import { type ClusterKind, describeKind, kindOf } from './kind.js';
import { MAX_CLUSTERS, networkOf } from './machine/addresses.js';
import { limitCpu } from './machine/cgroup.js';
import { newMachine } from './machine/machine.js';
import { isNetworkTaken, makeBridge } from './machine/network.js';
import { makeRoomForWatches } from './machine/watches.js';
import { cacheRoot, checkName } from './paths.js';
import { bringUp } from './start.js';
import { bootId, type ClusterState, directoryOf, load, loadAll, save } from './state.js';

export { canHost, prerequisites } from './build/prerequisites.js';
export type { Cluster, ClusterMachine, ClusterNode } from './handle.js';

export interface UpOptions extends BuildOptions, Partial<ClusterKind> {
  /** Several clusters run side by side by name. */
  name?: string;
}

/** Name of a cluster when none is given. */
export const DEFAULT_NAME = 'default';

/**
 * Brings a cluster up, with all that it needs, and waits until it is ready. A cluster of the same
 * name and kind that runs is returned as it is. What fails or is aborted leaves nothing behind but
 * logs.
 * @throws ActionError naming what is missing, or the log of the component that failed.
 */
export async function up(options: UpOptions = {}): Promise<Cluster> {
  const name = checkName(options.name ?? DEFAULT_NAME);
  const kind = kindOf(options);
  const missing = await clusterPrerequisites();
  if (missing.length > 0) throw new ActionError(missing.join('\n'));
  await installPackages(missingPackages(), options.log);
  const programs = await buildPrograms(kind, options);
  return await withCluster(name, async () => {
    const present = await load(name);
    if (present && isRunning(present)) return clusterOf(checkSame(present, kind));
    if (present) await takeDown(present);
    await makeRoomForWatches(options.log);
    const state = await allocate(name, kind, programs);
    try {
      await bringUp(state, options.signal);
    } catch (thrown) {
      throw await failed(state, thrown, options.signal);
    }
    return clusterOf(state);
  });
}

/** Takes down what has come up, and says where the logs are. */
async function failed(
  state: ClusterState,
  thrown: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const logs = await keepLogs(state.name);
  await takeDown(state);
  if (signal?.aborted) return signal.reason;
  const sentence = sentenceOf(thrown) && (thrown as Error).message;
  // The message names the log where it was; it has been moved.
  const moved = sentence.replaceAll(join(directoryOf(state.name), 'logs'), logs ?? '');
  return new ActionError(`The cluster ${state.name} did not come up: ${moved}`, { cause: thrown });
}

async function buildPrograms(
  { kubernetes, runtime, networkPolicies }: ClusterKind,
  options: BuildOptions,
): Promise<Record<string, string>> {
  return {
    pause: await pauseImage(options),
    ...(await runtimeBinaries(runtime, options)),
    ...(networkPolicies === 'kube-router' && { 'kube-router': await kubeRouterBinary(options) }),
    kube: await kubeBinaries(kubernetes, options),
  };
}

/** While one process brings a cluster up or takes it down another must not. */
async function withCluster<T>(name: string, action: () => Promise<T>): Promise<T> {
  const busy = `The cluster ${name} is being brought up or taken down by another process; wait for that to end.`;
  return await withLock(join(cacheRoot(), 'locks', name), action, busy);
}

function checkSame(state: ClusterState, wanted: ClusterKind): ClusterState {
  const [is, asked] = [describeKind(state.kind), describeKind(wanted)];
  if (is === asked) return state;
  throw new ActionError(
    `The cluster ${state.name} runs already with ${is}; take it down first, or give another name to have ${asked} beside it.`,
  );
}

/** Finds addresses that nobody uses and writes the new cluster down. */
async function allocate(
  name: string,
  kind: ClusterKind,
  programs: Record<string, string>,
): Promise<ClusterState> {
  return await withLock(join(cacheRoot(), 'locks', '.networks'), async () => {
    const used = new Set((await loadAll()).map((state) => state.network.index));
    for (let index = 0; index < MAX_CLUSTERS; index++) {
      const network = networkOf(index, kind);
      if (used.has(index) || (await isNetworkTaken(network))) continue;
      const machine = (called: string) =>
        newMachine(called, join(directoryOf(name), called), [name, called, 'system'], programs);
      const state: ClusterState = {
        ...{ name, phase: 'starting', kind, boot: bootId() },
        ...{ started: new Date().toISOString(), network, programs },
        controlPlane: machine('control-plane'),
        nodes: Array.from({ length: kind.nodes }, (_, at) => machine(`node${at + 1}`)),
      };
      await save(state);
      await makeBridge(network);
      return state;
    }
    throw new ActionError(
      `All ${MAX_CLUSTERS} networks for clusters (10.89.0.0/24 and so on, 10.90.0.0/16) are in use; take a cluster down.`,
    );
  });
}

/** Takes a cluster down, if there is one, and leaves nothing of it. Returns whether there was one. */
export async function down(name: string = DEFAULT_NAME): Promise<boolean> {
  return await withCluster(checkName(name), async () => {
    const state = await load(name);
    if (state) await takeDown(state);
    return state !== undefined;
  });
}

/** All clusters of this machine; of one that does not run (any more) `running` is false. */
export async function status(): Promise<Cluster[]> {
  return (await loadAll()).map(clusterOf);
}

/** A cluster that runs. @throws ActionError when there is none by this name. */
export async function find(name: string = DEFAULT_NAME): Promise<Cluster> {
  const state = await load(checkName(name));
  if (state && isRunning(state)) return clusterOf(state);
  throw new ActionError(
    `No cluster ${name} is running; start it with: npm run cluster -- up --name ${name}`,
  );
}

/**
 * Holds the control plane's programs together to a share of one CPU (0.2 is a fifth, Infinity is
 * no limit). Returns whether this machine's control groups allow it.
 */
export async function limitControlPlane(cluster: Cluster, fraction: number): Promise<boolean> {
  return await limitCpu(fraction, cluster.name, 'control-plane', 'system');
}
