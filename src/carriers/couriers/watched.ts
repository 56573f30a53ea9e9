import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { collection } from '../../kube/pods.js';
import { Observed } from '../../kube/watch.js';
import { rest } from '../../lib/rest.js';
import { unlessAborted } from '../../lib/unless-aborted.js';
import { type RunPlace, selectorOf } from '../../run/run.js';
import { type CourierEnd, endOf } from './end.js';

/** When a node is looked at from which nothing is heard, in seconds. */
export interface Patience {
  /** How long a kubelet may take to say that it has a Pod. */
  readonly takeSeconds: number;
  /** Between two looks at a node. */
  readonly lookSeconds: number;
}

/** A courier's Pod that was created, and its node. */
export interface SentCourier {
  readonly name: string;
  readonly node: string;
}

/** Looks after a courier of which nothing is heard, as it was seen last: what has become of it, if it does nothing any more. */
export type LookAt = (
  sent: SentCourier,
  seen: V1Pod | undefined,
  signal: AbortSignal,
) => Promise<CourierEnd | undefined>;

/** All couriers' Pods, seen by one watch. */
export class WatchedCouriers {
  private readonly pods = new Observed<V1Pod>();

  constructor(private readonly patience: Patience) {}

  /** Watches until the signal ends it. Throws ApiError and the signal's reason. */
  async watch(client: ApiClient, { id, namespace }: RunPlace, signal: AbortSignal): Promise<void> {
    const query = { labelSelector: selectorOf(id, 'courier') };
    await this.pods.follow(client, collection.pods(namespace), { query, signal });
  }

  /** What becomes of a Pod that was created. Throws what `lookAt` throws, and the signal's reason. */
  async end(sent: SentCourier, lookAt: LookAt, signal: AbortSignal): Promise<CourierEnd> {
    const { takeSeconds, lookSeconds } = this.patience;
    let seen = false;
    for (let due = performance.now() + takeSeconds * 1000; ; ) {
      const pod = this.pods.objects.get(sent.name);
      const end = pod === undefined ? seen && DELETED : endOf(pod);
      if (end) {
        return end;
      }
      seen ||= pod !== undefined;
      if (performance.now() >= due) {
        const found = await lookAt(sent, pod, signal);
        if (found) {
          return found;
        }
        due = performance.now() + lookSeconds * 1000;
      }
      await this.newsBefore(due, signal);
    }
  }

  private async newsBefore(due: number, signal: AbortSignal): Promise<void> {
    const waited = new AbortController();
    const pause = rest(due - performance.now(), AbortSignal.any([signal, waited.signal]));
    try {
      await unlessAborted(Promise.race([this.pods.news, pause]), signal);
    } finally {
      waited.abort();
      await pause.catch(() => undefined);
    }
  }
}

/** The end of a Pod that is not there any more. */
export const DELETED: CourierEnd = { kind: 'lost', words: 'its Pod was deleted by someone else' };
