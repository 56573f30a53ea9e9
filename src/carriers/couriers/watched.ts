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

/** Looks after the node of a courier of which nothing is heard: why it does nothing any more. */
export type LookAt = (node: string, isTaken: boolean) => Promise<string | undefined>;

/** All couriers' Pods, seen by one watch. */
export class WatchedCouriers {
  private readonly pods = new Observed<V1Pod>();

  constructor(private readonly patience: Patience) {}

  /** Watches until the signal ends it. Throws ApiError and the signal's reason. */
  async watch(client: ApiClient, { id, namespace }: RunPlace, signal: AbortSignal): Promise<void> {
    const query = { labelSelector: selectorOf(id, 'courier') };
    await this.pods.follow(client, collection.pods(namespace), { query, signal });
  }

  /** What becomes of a Pod that was created. Throws the signal's reason. */
  async end(
    { name, node }: { readonly name: string; readonly node: string },
    lookAt: LookAt,
    signal: AbortSignal,
  ): Promise<CourierEnd> {
    const { takeSeconds, lookSeconds } = this.patience;
    let seen = false;
    for (let due = performance.now() + takeSeconds * 1000; ; ) {
      const pod = this.pods.objects.get(name);
      const end = pod === undefined ? seen && DELETED : endOf(pod);
      if (end) {
        return end;
      }
      seen ||= pod !== undefined;
      if (performance.now() >= due) {
        const words = await lookAt(node, pod?.status?.startTime !== undefined);
        if (words !== undefined) {
          return { kind: 'unusable', words, ofNode: true };
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

const DELETED: CourierEnd = { kind: 'lost', words: 'its Pod was deleted by someone else' };
