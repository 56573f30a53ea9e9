import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { cannotStart, fatalIn, initFaultOf } from '../../run/pod.js';
import { COURIER_CONTAINER } from './pod.js';

/** What became of a courier's Pod. */
export type CourierEnd =
  | { readonly kind: 'delivered' }
  /** The Pod is of no use any more, and another one may do. */
  | { readonly kind: 'lost'; readonly words: string }
  /** It cannot start from this image, or not on this node. */
  | { readonly kind: 'unusable'; readonly words: string; readonly ofNode: boolean }
  /** It found something wrong with what it brings, by the injector's code. */
  | { readonly kind: 'failed'; readonly code: string; readonly words: string };

/** How many times its container may be started again before another Pod is tried. */
const RESTARTS_MAX = 2;

/** Reads what became of a courier; undefined as long as it may still deliver. */
export function endOf(pod: V1Pod): CourierEnd | undefined {
  const { phase, reason, message } = pod.status ?? {};
  const container = pod.status?.containerStatuses?.find(({ name }) => name === COURIER_CONTAINER);
  if (phase === 'Succeeded' || container?.state?.terminated?.exitCode === 0) {
    return { kind: 'delivered' };
  }
  if (phase === 'Failed') {
    // Such as OutOfpods: a kubelet that has no place takes no other either.
    const words = [reason, message].filter(Boolean).join(': ') || 'its Pod failed';
    const ofNode = reason?.startsWith('OutOf') === true;
    return ofNode ? { kind: 'unusable', words, ofNode } : { kind: 'lost', words };
  }
  if (pod.metadata?.deletionTimestamp !== undefined) {
    return { kind: 'lost', words: 'its Pod is being deleted by someone else' };
  }
  const words = initFaultOf(pod);
  return words === undefined
    ? container && endOfContainer(container)
    : { kind: 'unusable', words, ofNode: false };
}

function endOfContainer({ state, lastState, restartCount }: V1ContainerStatus) {
  const ended = state?.terminated ?? lastState?.terminated;
  const fatal = fatalIn(ended?.message);
  if (fatal !== undefined) {
    return { kind: 'failed' as const, ...fatal };
  }
  if (restartCount > RESTARTS_MAX) {
    const words = [ended?.reason, `exit code ${ended?.exitCode}`].filter(Boolean).join(', ');
    return { kind: 'lost' as const, words: `its container ended again and again (${words})` };
  }
  const { waiting } = state ?? {};
  if (waiting === undefined || !cannotStart(waiting)) {
    return undefined;
  }
  const said = [waiting.reason, waiting.message].filter(Boolean).join(': ');
  return { kind: 'unusable' as const, words: said, ofNode: false };
}
