import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { isObjectUpToDate, ObservedEver } from '../kube/watch.js';
import { POD_STARTS_LATE_SECONDS, POD_STARTS_SECONDS } from '../lib/limits/run.js';
import { unlessAborted } from '../lib/waiting.js';
import { startStateOf } from '../registry/start.js';
import { isTaken } from '../registry/status.js';
import { nodeOf } from '../run/daemonset.js';
import { type Delivery, selectorOf } from '../run/run.js';
import { notStarted } from '../run/warnings.js';
import { RELAY_CONTAINER } from './relay-pod.js';

/** A relay's Pod that was created for a node, and whether its image had been pulled there. */
export interface MadeRelay {
  readonly name: string;
  readonly pulled?: boolean | undefined;
}

/** Whether a relay runs, and goes on. */
export function runs(pod: V1Pod): boolean {
  const stays = pod.metadata?.deletionTimestamp === undefined;
  return stays && startStateOf(pod, RELAY_CONTAINER) === 'running';
}

/** The Pods of all relays, of this step and of those before it, seen by one watch. */
export class WatchedRelays {
  private readonly pods = new ObservedEver<V1Pod>();
  private readonly path: string;
  private readonly query: { readonly labelSelector: string };
  private watching: Promise<void> | undefined;
  private looked: Promise<void> | undefined;

  constructor(
    private readonly client: ApiClient,
    private readonly delivery: Delivery,
    private readonly signal: AbortSignal,
    private readonly startSeconds?: number,
  ) {
    this.path = collection.pods(delivery.namespace);
    this.query = { labelSelector: selectorOf(delivery.id, 'relay') };
  }

  /** Begins to watch, once. */
  begin(): void {
    if (this.watching !== undefined) return;
    const { client, query, signal } = this;
    this.watching = this.pods.follow(client, this.path, { query, signal });
    this.watching.catch(() => undefined);
    this.looked = Promise.race([this.pods.newsBefore(undefined, signal), this.watching]);
    this.looked.catch(() => undefined);
  }

  /** Waits for the first look. Throws ApiError and the signal's reason. */
  async look(): Promise<void> {
    this.begin();
    await unlessAborted(this.looked as Promise<void>, this.signal);
  }

  /** Waits until the signal has ended the watch. */
  async end(): Promise<void> {
    await Promise.allSettled([this.watching]);
  }

  /** The Pods, by name, as they are now: of the last ones the watch may not yet have told. Throws ApiError. */
  async now(fieldSelector?: string): Promise<Map<string, V1Pod>> {
    const { client, signal } = this;
    const query = { ...this.query, fieldSelector };
    const { items } = await client.list<V1Pod>(this.path, { query, signal });
    return new Map(items.map((pod) => [pod.metadata?.name ?? '', pod]));
  }

  /**
   * The Pods on a node as they are now, also those that are being deleted. Where none runs the watch knows it by then.
   * Throws ApiError and the signal's reason.
   */
  async nowOn(node: string): Promise<V1Pod[]> {
    await this.look();
    for (;;) {
      const pods = [...(await this.now(`spec.nodeName=${node}`)).values()];
      if (pods.some(runs) || !this.runsOn(node)) return pods;
      await Promise.race([this.pods.newsBefore(undefined, this.signal), this.watching]);
    }
  }

  /** The relays of a node, of `others` too, also those that a DaemonSet has made for it and that are not bound yet. */
  on(node: string, others: ReadonlyMap<string, V1Pod> = new Map()): V1Pod[] {
    return [...new Map([...others, ...this.pods.objects]).values()].filter(
      (pod) => nodeOf(pod) === node && pod.metadata?.deletionTimestamp === undefined,
    );
  }

  /** Whether a relay runs on a node. */
  runsOn(node: string): boolean {
    return this.on(node).some(runs);
  }

  /**
   * Why no relay comes to run on a node, in the words of the Pod that was made for it, if one was; undefined when one does,
   * which is that of a DaemonSet where it was there sooner. Throws ApiError and the signal's reason.
   */
  async faultOf(node: string, made?: MadeRelay): Promise<string | undefined> {
    const { name = '', pulled = true } = made ?? {};
    const seconds = this.startSeconds ?? (pulled ? POD_STARTS_LATE_SECONDS : POD_STARTS_SECONDS);
    let due: number | undefined;
    let wasTaken = false;
    for (let isKnown = made === undefined; ; ) {
      const pod = this.pods.objects.get(name);
      if (!isKnown && (pod !== undefined || this.pods.hasMet(name))) {
        isKnown = true;
        due = undefined;
      }
      const relays = this.on(node);
      const states = relays.map((one) => startStateOf(one, RELAY_CONTAINER));
      if (states.includes('running')) {
        return undefined;
      }
      const state = startStateOf(pod, RELAY_CONTAINER);
      if (isKnown && typeof state === 'object' && !states.includes('starting')) {
        return state.fault;
      }
      // Of those that are there a deleted one may be told of as the node's for a while.
      const own = relays.filter(({ metadata }) => metadata?.name === name);
      const awaited = isKnown && own.length === 0 ? relays : own;
      const taken = awaited.find(isTaken);
      // One that is being deleted may stay so for good, on a node that is down.
      const late = taken ?? awaited[0] ?? pod;
      // A kubelet that is slow to take it has all the time to start it. One that nobody has told of may have gone again.
      if (due === undefined || (taken !== undefined && !wasTaken)) {
        due = performance.now() + seconds * 1000;
        wasTaken = taken !== undefined;
      }
      if (performance.now() >= due) {
        const isTold = await this.isTold(late?.metadata?.name ?? name, late);
        if (isTold && late !== undefined) return await this.notStarted(late, seconds);
        isKnown ||= isTold;
        due = undefined;
        wasTaken = false;
        continue;
      }
      await Promise.race([this.pods.newsBefore(due, this.signal), this.watching]);
    }
  }

  /** Whether the watch has told all that there is of a Pod: after a stop of this machine it has yet to, and the Pod's time begins anew. */
  private isTold(name: string, pod: V1Pod | undefined): Promise<boolean> {
    return isObjectUpToDate(this.client, this.path, name, pod, this.signal);
  }

  private notStarted({ metadata }: V1Pod, seconds: number): Promise<string> {
    const { namespace } = this.delivery;
    return notStarted(this.client, namespace, metadata?.name ?? '', seconds, this.signal);
  }
}
