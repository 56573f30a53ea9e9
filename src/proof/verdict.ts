import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { containerName, type ProofImage } from './pod.js';

/**
 * What a proof Pod says at a moment: every image runs (`proven`), not yet (`pending`), the node
 * could not reach the registry and should be asked again (`unreachable`), or it cannot work
 * (`failed`). `words` are the kubelet's own.
 */
export type Verdict =
  | { readonly kind: 'proven' }
  | { readonly kind: 'pending'; readonly words: string }
  | { readonly kind: 'unreachable'; readonly words: string }
  | { readonly kind: 'failed'; readonly given?: string; readonly words: string };

/** Waiting reasons that a kubelet gives while it is still at work (kubelet, kuberuntime). */
const AT_WORK = new Set(['ContainerCreating', 'PodInitializing', '']);

/**
 * Words of a pull that never reached the registry: the node's proxy has not programmed the way yet,
 * or there is none. containerd, CRI-O and Docker all pass on Go's network errors.
 */
const UNREACHED =
  /connection refused|i\/o timeout|no route to host|connection reset|network is unreachable|context deadline exceeded|Client\.Timeout|\bEOF\b|connect: /i;

/**
 * Reads the Pod's status; `images` are in the order of its containers. A container that runs is proof
 * because of what it was asked to run: a digest, which the runtime verifies, under a path that is this
 * run's own, so that no earlier pull can have answered for it. The digest that the kubelet reports is no
 * evidence: where a node has an image with the same config under another manifest (other compression,
 * another registry), runtimes name whichever comes first (containerd, `toCRIContainerStatus`).
 */
export function verdictOf(pod: V1Pod, images: readonly ProofImage[]): Verdict {
  const podFault = faultOfPod(pod);
  const words: string[] = [];
  for (const [index, image] of images.entries()) {
    const status = pod.status?.containerStatuses?.find(({ name }) => name === containerName(index));
    const verdict = verdictOfContainer(status, image);
    if (verdict.kind === 'failed' || verdict.kind === 'unreachable') {
      return verdict;
    }
    if (verdict.kind === 'pending') {
      words.push(verdict.words);
    }
  }
  if (podFault !== undefined) {
    return { kind: 'failed', words: podFault };
  }
  return words.length === 0 ? { kind: 'proven' } : { kind: 'pending', words: words[0] ?? '' };
}

/** Why the Pod as a whole cannot run any more: evicted, refused by the kubelet, or ended. */
export function faultOfPod(pod: V1Pod): string | undefined {
  const { phase, reason, message } = pod.status ?? {};
  if (phase !== 'Failed' && phase !== 'Succeeded') {
    return undefined;
  }
  return [reason, message].filter(Boolean).join(': ') || `the Pod ended in phase ${phase}`;
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
  return UNREACHED.test(words)
    ? { kind: 'unreachable', words }
    : { kind: 'failed', given: image.given, words };
}
