import { down, up } from '../../cluster/cluster.js';
import { Runner } from '../../helpers/runner.js';
import { type LoadImage, type Source, Workshop } from './images.js';
import { Nodes } from './nodes.js';
import {
  ctrImport,
  dockerPush,
  kindLoad,
  OUR_WAYS,
  type OurWay,
  openRegistry,
  ours,
  podsAlone,
  type Turn,
  type Way,
} from './ways.js';

/** A turn, and what it sent from this machine into the cluster, in bytes with all that belongs to it. */
export interface Measured extends Turn {
  readonly bytes: number;
}

/** All that both benches need: images, a runner, and a cluster of their own. */
export interface Place {
  readonly workshop: Workshop;
  readonly runner: Runner;
  readonly nodes: Nodes;
  close(): Promise<void>;
}

/** Opens a place on the cluster that JACKAL_TEST_CLUSTER names, which goes on, else on one of its own. */
export async function openPlace(name: string, log: (line: string) => void): Promise<Place> {
  const theirs = process.env.JACKAL_TEST_CLUSTER;
  return await openPlaceOn(theirs ?? name, log, { keep: theirs !== undefined });
}

/** Opens a place on a cluster of two nodes, which comes up where there is none by that name. */
export async function openPlaceOn(
  name: string,
  log: (line: string) => void,
  { keep = false } = {},
): Promise<Place> {
  const stack = new AsyncDisposableStack();
  try {
    const workshop = await Workshop.open(log);
    stack.defer(() => workshop.close());
    const runner = await Runner.create();
    stack.defer(() => runner.close());
    const cluster = await up({ name, log });
    stack.defer(async () => {
      if (!keep) await down(name);
    });
    const nodes = await Nodes.of(cluster);
    stack.defer(() => nodes.close());
    return { workshop, runner, nodes, close: () => stack.disposeAsync() };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

/** Names of what can be chosen among ways: each of ours, and all of the others. */
export const CONTENDERS = [...OUR_WAYS, 'peers'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** Who brings images onto the nodes from a source, ours first. */
export async function waysOf(
  source: Source,
  names: readonly ContenderName[],
  { workshop, runner, nodes }: Place,
): Promise<{ ways: Way[]; close(): Promise<void> }> {
  const where = { workshop, kubeconfig: nodes.cluster.kubeconfig };
  const chosen = names.filter((name): name is OurWay => name !== 'peers');
  const ways: Way[] = chosen.map((way) => ours(way, source, runner, where));
  if (!names.includes('peers')) return { ways, close: async () => {} };
  if (source === 'archive') return { ways: [...ways, ctrImport(nodes)], close: async () => {} };
  const registry = await openRegistry(nodes, workshop);
  const push = dockerPush(nodes, workshop, registry);
  const least = podsAlone(nodes, workshop, registry);
  return { ways: [...ways, kindLoad(nodes, workshop), push, least], close: registry.close };
}

/** Has one bring an image onto the nodes; what the nodes have afterwards is the caller's. */
export async function measure(nodes: Nodes, way: Way, image: LoadImage): Promise<Measured> {
  const before = await nodes.bytesSent();
  let after = before;
  const turn = await way.take(image, async () => {
    after = await nodes.bytesSent();
  });
  return { ...turn, bytes: after - before };
}

/** What a turn took, in a few words. */
export function describe({ seconds, bytes, peak }: Measured): string {
  const memory = peak === undefined ? '' : `, ${(peak / 1e6).toFixed(0)} MB of memory`;
  return `${seconds.toFixed(2)} s, ${(bytes / 1e6).toFixed(1)} MB sent${memory}`;
}

/** A list beginning with another member in each round, so that nobody always comes first. */
export function rotated<T>(list: readonly T[], round: number): T[] {
  const start = round % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
