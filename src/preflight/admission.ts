import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { createPod } from '../kube/pods.js';
import { ActionError } from '../lib/errors.js';
import { FIT_ROUNDS_MAX } from '../lib/limits/pods.js';
import { settled } from '../lib/slots.js';
import { aliasesOf, type BaseCandidate } from '../run/pod.js';
import type { PodShape } from '../run/shape.js';
import { type Refusal, type Trial, type TrialOptions, tried } from './dry-run.js';
import { blameImages, type NamedSamples, PROOFS, REGISTRY } from './image-names.js';
import { givenLimits, rangesGiven } from './resources/given.js';
import { type Ranges, rangesAfter } from './resources/limit-ranges.js';
import { quantityOf } from './resources/quantity.js';
import { DISK, type PlannedPods, resourcesFor } from './resources/resources.js';

/** The Pods of a run in one shape, as samples. */
export interface Samples {
  /** Where the registry may start, the surest first. */
  readonly bases: readonly BaseCandidate[];
  readonly registry: (shape: PodShape, base: BaseCandidate) => V1Pod;
  /** A courier's Pod, where there will be some; they start from the same images. */
  readonly courier?: ((shape: PodShape, base: BaseCandidate) => V1Pod) | undefined;
  /** One proof Pod of each kind. */
  readonly proofs: (shape: PodShape) => readonly V1Pod[];
}

/** What the resources of a run's Pods have to keep to. */
export interface Room extends PlannedPods {
  readonly ranges: Ranges;
  readonly limitsLeft: ReadonlyMap<string, number>;
}

/** What was admitted. */
export interface Admitted {
  readonly shape: PodShape;
  readonly bases: readonly BaseCandidate[];
  readonly priorityClass?: string | undefined;
  /** Whether the image of every Pod is pulled anew, whatever the Pod says. */
  readonly pullsAnew: boolean;
}

/** What a shape gives up, so that a cluster takes it that would not take the usual one. */
interface Concession {
  readonly user: boolean;
  readonly requestSome: boolean;
}

/** From the usual one to what asks for the least. */
const CONCESSIONS: readonly Concession[] = [
  { user: true, requestSome: false },
  { user: false, requestSome: false },
  { user: true, requestSome: true },
  { user: false, requestSome: true },
];

/**
 * Finds the first shape of the run's Pods that the cluster admits: with our own user or without, with
 * requests of nothing or of something, and with what a refusal names of limit ranges that nobody may
 * read, or an answer shows of limits that are given. Nothing is stored. Returns what was refused to the usual shape, as far
 * as it can be mended, when none is admitted. Throws what is no refusal, and an ActionError where images that are on nodes
 * would be pulled, or the registry's disk is limited to less than it takes.
 */
export async function findAdmitted(
  client: ApiClient,
  namespace: string,
  samples: Samples,
  room: Room,
  options: TrialOptions,
): Promise<Admitted | readonly Refusal[]> {
  let first: readonly Refusal[] | undefined;
  let { ranges } = room;
  for (const concession of CONCESSIONS) {
    if (first?.some(({ mendable }) => !mendable)) {
      break;
    }
    for (let round = 0; round < FIT_ROUNDS_MAX; round++) {
      const shape = shapeOf(concession, { ...room, ranges });
      const outcome = await tryShape(client, namespace, samples, shape, options);
      const known =
        'shape' in outcome
          ? outcome.given.reduce((all, [asked, pod]) => rangesGiven(all, asked, pod), ranges)
          : outcome.reduce((all, { words }) => rangesAfter(all, `${words} `), ranges);
      if (known !== ranges) {
        ranges = known;
        continue;
      }
      if ('shape' in outcome) {
        return outcome;
      }
      first ??= outcome;
      break;
    }
  }
  const shape = shapeOf(CONCESSIONS[0] as Concession, room);
  const [base] = samples.bases;
  const named = {
    registry: base && samples.registry(shape, base),
    proofs: samples.proofs(shape),
    dryRun: dryRunIn(client, namespace, options),
  };
  return await blameImages(named, first ?? []);
}

/** A shape that was admitted, if not as it was asked for. */
interface Shaped extends Admitted {
  /** Each Pod that was asked for, and what admission made of it. */
  readonly given: readonly (readonly [asked: V1Pod, answer: V1Pod | undefined])[];
}

function shapeOf({ user, requestSome }: Concession, room: Room): PodShape {
  return { user, ...resourcesFor(room, { ...room, requestSome }) };
}

async function tryShape(
  client: ApiClient,
  namespace: string,
  { bases, registry, courier, proofs }: Samples,
  shape: PodShape,
  options: TrialOptions,
): Promise<Shaped | Refusal[]> {
  const ask = dryRunIn(client, namespace, options);
  let pullsAnew = false;
  const given: [V1Pod, V1Pod | undefined][] = [];
  const dryRun: typeof ask = async (what, pod) => {
    const trial = await ask(what, pod);
    given.push([pod, trial.pod]);
    return trial;
  };
  const onBase = async (base: BaseCandidate) => {
    const pod = registry(shape, base);
    const trial = await dryRun(REGISTRY, pod);
    pullsAnew ||= isPulledAnew(namespace, pod, trial);
    checkDisk(namespace, pod, trial);
    return courier === undefined || trial.refusal !== undefined
      ? trial
      : await dryRun("the couriers' Pods", courier(shape, base));
  };
  const [surest, ...others] = bases;
  const outcomes = await settled([
    ...proofs(shape).map((pod) => dryRun(PROOFS, pod)),
    ...(surest === undefined ? [] : [onBase(surest)]),
  ]);
  const refusals = outcomes.flatMap(({ refusal }) => refusal ?? []);
  const priorityClass = outcomes.find(({ pod }) => pod?.spec?.priorityClassName)?.pod?.spec
    ?.priorityClassName;
  if (refusals.length === 0) {
    return { shape, bases, priorityClass, pullsAnew, given };
  }
  const aboutBase = outcomes.at(-1)?.refusal;
  if (surest === undefined || aboutBase?.mendable !== true || refusals.length > 1) {
    return refusals;
  }
  // Only the registry was refused, so it may be its image that some policy does not like.
  const further = [...aliasesOf(surest), ...others.flatMap((base) => [base, ...aliasesOf(base)])];
  const answers = await settled(further.map(onBase));
  const admitted = further.filter((_, index) => answers[index]?.refusal === undefined);
  return admitted.length > 0
    ? { shape, bases: admitted, priorityClass, pullsAnew, given }
    : refusals;
}

/** Throws where the disk of the registry is limited to less than it takes though it requests all of it: it would be evicted. */
function checkDisk(namespace: string, asked: V1Pod, { pod }: Trial): void {
  for (const { given, limit = 0, request } of givenLimits(asked, pod, DISK)) {
    if (given < limit && request === limit) {
      throw new ActionError(
        `A policy of the cluster limits the disk of the registry's Pod in the namespace "${namespace}" to ${quantityOf(given)} of ephemeral-storage, and it takes ${quantityOf(limit)}, so it would be evicted; except the namespace from that policy, send less or use another namespace.`,
      );
    }
  }
}

/** What asks whether a sample would be admitted in a namespace. */
function dryRunIn(
  client: ApiClient,
  namespace: string,
  options: TrialOptions,
): NamedSamples['dryRun'] {
  return (what, pod) =>
    tried(what, createPod(client, namespace, pod, { ...options, dryRun: true }));
}

/**
 * Whether admission has a Pod's images pulled anew: the plugin AlwaysPullImages does for a whole cluster, policy engines do
 * for namespaces. Throws where they have to be on the node, for nobody knows whether the node may pull them.
 */
function isPulledAnew(namespace: string, asked: V1Pod, { pod: given }: Trial): boolean {
  const anew = (asked.spec?.containers ?? []).filter(({ name }) => {
    const container = given?.spec?.containers.find((one) => one.name === name);
    return container?.imagePullPolicy === 'Always';
  });
  const lying = anew.find(({ imagePullPolicy }) => imagePullPolicy === 'Never');
  if (lying !== undefined) {
    throw new ActionError(
      `The cluster has every image pulled anew (it makes imagePullPolicy Always of Never in the namespace "${namespace}", as the admission plugin AlwaysPullImages and some policies do), so the run's own Pods cannot start from ${lying.image}, which just is on a node; set the input \`injector-image\` to an image that the nodes can pull, which may be this one.`,
    );
  }
  return anew.length > 0;
}
