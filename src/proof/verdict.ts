import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { initFaultOf } from '../run/pod.js';
import { containerName, type ProofImage } from './pod.js';
import { isPullReason, troubleOfPull } from './pull-words.js';

/** Words by which a kubelet refuses a Pod since its node has no room (kubelet `eviction_manager.go`, `lifecycle/predicate.go`). */
const REFUSED = /^(?:Evicted: .*\bnode had condition\b|OutOf\w)/;

/** Whether it is the Pod as a whole that is of no use, and not one of its images. */
export function isOfPod(verdict: FailedVerdict): boolean {
  return verdict.kind === 'meddled' || verdict.given === undefined;
}

/** Whether a kubelet has refused a Pod for what is wrong with its node, and not with the Pod. */
export function isRefused({ kind, words }: FailedVerdict): boolean {
  return kind === 'failed' && REFUSED.test(words);
}

/** Words of a kubelet's, or ours where it says nothing. */
interface Said {
  readonly words: string;
}

/** A pull that has not come to the registry, or not to its end, and may the next time. */
export type RouteVerdict =
  | ({ readonly kind: 'unreachable' | 'ended' | 'busy' | 'held' | 'kept' } & Said)
  | ({ readonly kind: 'elsewhere'; readonly host?: string } & Said);

/**
 * Whether the node may not have come to the registry at all. A runtime that asks a mirror first tells of the mirror where
 * nobody answers behind it (containerd's `Resolve` keeps an answer before a connection that failed).
 */
export function mayLackWay({ kind }: RouteVerdict): boolean {
  return kind === 'unreachable' || kind === 'elsewhere';
}

/** A Pod that is of no use any more, by its kubelet's words or because someone else meddled with it. */
export type FailedVerdict =
  | ({ readonly kind: 'failed'; readonly given?: string } & Said)
  | ({ readonly kind: 'meddled' } & Said);

/**
 * What a proof Pod says at a moment: every image runs (`proven`), not yet (`pending`), the node could
 * not reach the registry (`unreachable`), its runtime ended the pull (`ended`), it was too busy (`busy`), the kubelet began no pull (`held`), an init
 * container that admission put in does not start (`kept`), or another one was asked (`elsewhere`) and the node should be asked again; the node can have nothing from it (`https`); it cannot work (`failed`), or somebody else has
 * changed or deleted it (`meddled`).
 */
export type Verdict =
  | { readonly kind: 'proven' }
  | ({ readonly kind: 'pending' } & Said)
  | RouteVerdict
  /** The runtime takes no plain HTTP, and will not as long as nobody configures it so. */
  | ({ readonly kind: 'https' } & Said)
  | FailedVerdict;

/** What something is to be done about. */
export type Trouble = Exclude<Verdict, { readonly kind: 'proven' | 'pending' }>;

/** What is said of a Pod that was there and is not any more. */
export const DELETED: FailedVerdict = {
  kind: 'meddled',
  words: 'its Pod was deleted by someone else',
};

/** Waiting reasons that a kubelet gives while it is still at work (kubelet, kuberuntime). */
const AT_WORK = new Set(['ContainerCreating', 'PodInitializing', '']);

/**
 * Reads the Pod; `images` are in the order in which its containers are named. A container that runs is
 * proof because of what it was asked to run: a digest, which the runtime verifies, under a path that is
 * this run's own, so that no earlier pull can have answered for it. So what it was asked is read again
 * each time: a Pod's images may be changed as long as it lives. The digest that the kubelet reports is no
 * evidence: where a node has an image with the same config under another manifest (other compression,
 * another registry), runtimes name whichever comes first (containerd, `toCRIContainerStatus`).
 */
export function verdictOf(pod: V1Pod, images: readonly ProofImage[]): Verdict {
  const verdict = verdictOfStaying(pod, images);
  // What its containers say while its kubelet ends them tells nothing of the images.
  const isGoing = pod.metadata?.deletionTimestamp !== undefined;
  return isGoing && verdict.kind !== 'proven' ? DELETED : verdict;
}

/** The same of a Pod that has shown every image before: it holds them no longer when it is gone, or going. */
export function verdictOfShown(pod: V1Pod | undefined, images: readonly ProofImage[]): Verdict {
  const stays = pod !== undefined && pod.metadata?.deletionTimestamp === undefined;
  return stays ? verdictOfStaying(pod, images) : DELETED;
}

function verdictOfStaying(pod: V1Pod, images: readonly ProofImage[]): Verdict {
  const verdicts = images.map((image, index) => verdictOfImage(pod, image, containerName(index)));
  const final = verdicts.find(({ kind }) => kind !== 'proven' && kind !== 'pending');
  if (final !== undefined) {
    return final;
  }
  const podFault = faultOfPod(pod);
  if (podFault !== undefined) {
    return { kind: 'failed', words: podFault };
  }
  const pending = verdicts.find(({ kind }) => kind === 'pending');
  const words = pending && initFaultOf(pod);
  return words === undefined ? (pending ?? { kind: 'proven' }) : { kind: 'kept', words };
}

/** The names of the containers that run at the moment. */
export function runningIn(pod: V1Pod | undefined): string[] {
  const statuses = pod?.status?.containerStatuses ?? [];
  return statuses.filter(({ state }) => state?.running !== undefined).map(({ name }) => name);
}

/** Why the Pod as a whole cannot run any more: evicted, refused by the kubelet, or ended. */
export function faultOfPod(pod: V1Pod): string | undefined {
  const { phase, reason, message } = pod.status ?? {};
  if (phase !== 'Failed' && phase !== 'Succeeded') {
    return undefined;
  }
  return [reason, message].filter(Boolean).join(': ') || `the Pod ended in phase ${phase}`;
}

/** Containers are found by name: kubelets sort their statuses, and admission may add others. */
function verdictOfImage(pod: V1Pod, image: ProofImage, container: string): Verdict {
  const asked = pod.spec?.containers.find(({ name }) => name === container)?.image;
  if (asked !== image.pullable) {
    const words = `its Pod was changed by someone else to run ${asked} in place of ${image.pullable}`;
    return { kind: 'meddled', words };
  }
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container);
  return verdictOfContainer(status, image);
}

function verdictOfContainer(status: V1ContainerStatus | undefined, image: ProofImage): Verdict {
  const { running, terminated, waiting } = status?.state ?? {};
  if (running !== undefined) {
    return { kind: 'proven' };
  }
  if (terminated !== undefined) {
    const words = [terminated.reason, terminated.message, `exit code ${terminated.exitCode}`];
    return { kind: 'failed', given: image.given, words: words.filter(Boolean).join(': ') };
  }
  const reason = waiting?.reason ?? '';
  if (AT_WORK.has(reason)) {
    return { kind: 'pending', words: waiting?.message ?? (reason || 'the kubelet has not begun') };
  }
  const words = [reason, waiting?.message].filter(Boolean).join(': ');
  const trouble = isPullReason(reason) ? troubleOfPull(words, image.pullable) : IMAGE;
  switch (trouble.kind) {
    case 'waiting':
      return { kind: 'pending', words };
    case 'image':
      return { kind: 'failed', given: image.given, words };
    case 'https':
      return { kind: 'https', words };
    default:
      return { ...trouble, words };
  }
}

const IMAGE = { kind: 'image' } as const;
