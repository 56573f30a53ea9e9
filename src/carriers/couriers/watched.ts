import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { collection } from '../../kube/pods.js';
import { ObservedEver } from '../../kube/watch.js';
import { type RunPlace, selectorOf } from '../../run/run.js';
import { type CourierEnd, endOf } from './end.js';

/** When a node is looked at from which nothing is heard, in seconds. */
export interface Patience {
  /** How long a kubelet may take to say that it has a Pod. */
  readonly takeSeconds: number;
  /** How long it may take to start one that it has. */
  readonly startSeconds: number;
  /** Between two looks at a node. */
  readonly lookSeconds: number;
}

/** A courier's Pod that was created, and its node. */
export interface SentCourier {
  readonly name: string;
  readonly node: string;
}

/**
 * Looks after a courier of which nothing is heard: what has become of it, if it does nothing any more. It is told for how
 * many seconds the courier's kubelet has had the Pod without starting it, where that is too long.
 */
export type LookAt = (
  sent: SentCourier,
  lateSeconds: number | undefined,
  signal: AbortSignal,
) => Promise<CourierEnd | undefined>;

/** All couriers' Pods, seen by one watch. */
export class WatchedCouriers {
  private readonly pods = new ObservedEver<V1Pod>();

  constructor(private readonly patience: Patience) {}

  /** Watches until the signal ends it. Throws ApiError and the signal's reason. */
  async watch(client: ApiClient, { id, namespace }: RunPlace, signal: AbortSignal): Promise<void> {
    const query = { labelSelector: selectorOf(id, 'courier') };
    await this.pods.follow(client, collection.pods(namespace), { query, signal });
  }

  /** What becomes of a Pod that was created. Throws what `lookAt` throws, and the signal's reason. */
  async end(sent: SentCourier, lookAt: LookAt, signal: AbortSignal): Promise<CourierEnd> {
    const { takeSeconds, lookSeconds, startSeconds } = this.patience;
    let takenAt: number | undefined;
    for (let due = performance.now() + takeSeconds * 1000; ; ) {
      const pod = this.pods.objects.get(sent.name);
      const isGone = pod === undefined && this.pods.hasMet(sent.name);
      const end = isGone ? DELETED : pod && endOf(pod);
      if (end) {
        return end;
      }
      if (isHeld(pod)) takenAt ??= performance.now();
      else takenAt = undefined;
      if (performance.now() >= due) {
        const isLate = takenAt !== undefined && performance.now() - takenAt >= startSeconds * 1000;
        const lateSeconds = isLate ? startSeconds : undefined;
        const found = await lookAt(sent, lateSeconds, signal);
        if (found) {
          return found;
        }
        due = performance.now() + lookSeconds * 1000;
      }
      await this.pods.newsBefore(due, signal);
    }
  }
}

/** Whether a kubelet has the Pod and none of its containers has begun yet. */
export function isHeld(pod: V1Pod | undefined): boolean {
  const { startTime, containerStatuses = [] } = pod?.status ?? {};
  const begun = containerStatuses.some(
    ({ state, lastState }) => !state?.waiting || lastState?.terminated,
  );
  return startTime !== undefined && !begun;
}

/** The end of a Pod that is not there any more. */
export const DELETED: CourierEnd = { kind: 'lost', words: 'its Pod was deleted by someone else' };
