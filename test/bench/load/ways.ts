import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../../src/lib/errors.js';
import { PAUSE_IMAGE } from '../../cluster/build/build.js';
import { peakOf, type Runner, type StepResult } from '../../helpers/runner.js';
import { openDockerRegistry } from '../contenders.js';
import { HOST, type LoadImage, type Source, type Workshop } from './images.js';
import type { Nodes } from './nodes.js';

/** How our action brings contents into the cluster: a choice of carrier, and of the stream's way. */
export type OurWay = 'auto' | 'direct' | 'api' | 'configmap';
export const OUR_WAYS: readonly OurWay[] = ['auto', 'direct', 'api', 'configmap'];

/** What it took until a container of the image ran on each node. */
export interface Turn {
  readonly seconds: number;
  /** Until the nodes had the image, where a container is started by another command then. */
  readonly loaded?: number;
  /** Most resident memory of the runner's process, bytes; of ours alone. */
  readonly peak?: number;
}

/** One who brings an image onto the nodes. */
export interface Way {
  readonly name: string;
  /** Which of ours it is; absent for others' ways. */
  readonly ours?: OurWay;
  /** Of which of ours alone it shows the limit. */
  readonly limitOf?: OurWay;
  /** Whether it looks first and does nothing at all where every node has the very image. */
  readonly looksFirst?: boolean;
  /** `whenRunning` is called once the containers run, before anything is taken away. */
  take(image: LoadImage, whenRunning: () => Promise<void>): Promise<Turn>;
}

/** Inputs and environment of a step of ours. */
export interface OurStep {
  readonly inputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly within?: readonly string[];
}

/** The step that takes one of our ways. */
export function ourStep(
  way: OurWay,
  source: Source,
  image: LoadImage,
  { workshop, kubeconfig }: { workshop: Workshop; kubeconfig: string },
): OurStep {
  const stream = way === 'direct' || way === 'api';
  return {
    inputs: {
      images: source === 'archive' ? `oci-archive:${image.archive}` : `docker-daemon:${image.name}`,
      kubeconfig,
      carrier: stream ? `stream:${way}` : way,
    },
    env: { DOCKER_HOST: workshop.host },
  };
}

/** Ours: the step ends when a container of the image runs on each node. */
export function ours(
  way: OurWay,
  source: Source,
  runner: Runner,
  place: { workshop: Workshop; kubeconfig: string },
): Way {
  return {
    name: `jackal-inject, ${way}`,
    ours: way,
    async take(image, whenRunning) {
      const step = ourStep(way, source, image, place);
      const { duration, peak } = await runStep(runner, step, whenRunning);
      return { seconds: duration / 1000, peak };
    },
  };
}

/**
 * Runs main and post and gives main's result with its process' peak memory in bytes;
 * `whenRunning` is called between the two.
 * @throws ActionError with the step's own sentences when it fails.
 */
export async function runStep(
  runner: Runner,
  options: OurStep,
  whenRunning: () => Promise<void>,
): Promise<StepResult & { peak: number }> {
  const step = await runner.start(options);
  const peak = await peakOf(step.process.pid as number, step.ended);
  const main = await step.ended;
  await whenRunning();
  await runner.run({ ...options, state: main.state });
  if (main.exitCode !== 0) throw new ActionError(`The step failed: ${main.errors.join(' ')}`);
  return { ...main, peak };
}

/** Seconds that something takes. */
export async function timed(action: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await action();
  return (performance.now() - started) / 1000;
}

/** `kind load docker-image`: saved to a file, and that file into all nodes at once. */
export function kindLoad(nodes: Nodes, workshop: Workshop): Way {
  return {
    name: "kind load's way",
    looksFirst: true,
    async take({ name }, whenRunning) {
      const file = join(workshop.directory, 'kind.tar');
      const loaded = await timed(async () => {
        await workshop.docker(['save', '--output', file, name]);
        await nodes.importFile(file);
      });
      const started = await timed(() => nodes.startPods(name, 'Never'));
      await whenRunning();
      await rm(file);
      return { seconds: loaded + started, loaded };
    },
  };
}

/** `ctr images import` of the archive on all nodes at once. */
export function ctrImport(nodes: Nodes): Way {
  return {
    name: 'ctr images import',
    async take({ name, archive }, whenRunning) {
      const loaded = await timed(() => nodes.importFile(archive));
      const started = await timed(() => nodes.startPods(name, 'Never'));
      await whenRunning();
      return { seconds: loaded + started, loaded };
    },
  };
}

/** Opens a docker-registry on this machine that all nodes may pull from; `push` returns the name of an image there. */
export async function openRegistry(nodes: Nodes, workshop: Workshop) {
  const registry = await openDockerRegistry(nodes.cluster.network.gateway);
  const forbidPlain = await nodes.allowPlain(registry.address);
  return {
    async push({ name }: LoadImage): Promise<string> {
      const there = name.replace(HOST, registry.address);
      await workshop.docker(['tag', name, there]);
      await workshop.docker(['push', '--quiet', there]);
      return there;
    },
    async close() {
      await registry.close();
      await forbidPlain();
    },
  };
}

/** Such a registry. */
type Registry = Awaited<ReturnType<typeof openRegistry>>;

/** `docker push` to a docker-registry on this machine, from where all nodes pull by themselves. */
export function dockerPush(nodes: Nodes, workshop: Workshop, { push }: Registry): Way {
  return {
    name: 'docker push and a pull',
    async take(image, whenRunning) {
      let there = '';
      const loaded = await timed(async () => {
        there = await push(image);
      });
      const started = await timed(() => nodes.startPods(there, 'IfNotPresent'));
      await whenRunning();
      await workshop.docker(['rmi', there]);
      return { seconds: loaded + started };
    },
  };
}

/**
 * The least that can be where a registry starts in the cluster: a Pod on one node, and then one on each that pulls. They
 * mount a ConfigMap, as those must whose program is in no image. What is pulled lies in a registry on this machine
 * already; to read it and to bring it takes no time.
 */
export function podsAlone(nodes: Nodes, workshop: Workshop, { push }: Registry): Way {
  return {
    name: 'a Pod and then a pull, no more',
    async take(image, whenRunning) {
      const there = await push(image);
      const first = await timed(() =>
        nodes.startPods(PAUSE_IMAGE, 'Never', {
          on: nodes.cluster.nodes.slice(0, 1),
          mounting: true,
        }),
      );
      await nodes.removePods();
      const pulled = await timed(() => nodes.startPods(there, 'IfNotPresent', { mounting: true }));
      await whenRunning();
      await workshop.docker(['rmi', there]);
      return { seconds: first + pulled };
    },
  };
}
