import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { collection, createPod } from '../../kube/pods.js';
import { despiteQuota } from '../../kube/quota.js';
import { ActionError } from '../../lib/errors.js';
import { COURIER_TRIES_MAX } from '../../lib/limits/couriers.js';
import { News, unlessAborted } from '../../lib/waiting.js';
import { configMapOf, putConfigMap } from '../../run/configmap.js';
import { type Base, baseAdvice } from '../../run/pod.js';
import { type Delivery, nameOf } from '../../run/run.js';
import { notStarted } from '../../run/warnings.js';
import { type Batch, planText } from './batch.js';
import { type CourierEnd, endOf } from './end.js';
import { CourierError } from './error.js';
import { Line } from './line.js';
import type { Places } from './places.js';
import { courierPod, PLAN_KEY } from './pod.js';
import { DELETED, isHeld, type LookAt, type WatchedCouriers } from './watched.js';

/** What couriers are sent with. */
export interface CourierSite {
  readonly delivery: Delivery;
  /** `ADDR:PORT` of the registry's Pod. */
  readonly to: string;
  readonly places: Places;
  readonly watched: WatchedCouriers;
  /** Why a node of this name can have no Pod any more; undefined when it can. */
  readonly nodeTrouble: (node: string) => Promise<string | undefined>;
}

/** Sends batches on their way. */
export class CourierService {
  /** Whether a courier has ever reached the registry, whatever came of it there. */
  private reached = false;
  private readonly alive = new Set<string>();
  /** Names of the Pods whose end is not known, in the order in which they were made. */
  private readonly underWay = new Set<string>();
  private readonly ended = new News();
  private readonly line: Line;

  constructor(
    private readonly client: ApiClient,
    private readonly site: CourierSite,
  ) {
    this.line = new Line(client);
  }

  /**
   * Has a batch whose chunks are there brought to the registry, by one Pod after the other until one has. Batches are
   * given in their order. Throws a CourierError when none can, or what it brings is wrong; ApiError.
   */
  async deliver(batch: Batch, signal: AbortSignal): Promise<void> {
    this.line.join(batch.number);
    await this.putPlan(batch, signal);
    const failures: string[] = [];
    const unusable: Base[] = [];
    for (let attempt = 0; attempt < COURIER_TRIES_MAX; attempt++) {
      const base = this.site.places.next();
      if (base === undefined) {
        break;
      }
      const end = await this.send(batch, base, attempt, signal);
      if (end.kind === 'delivered') {
        return;
      }
      if (end.kind === 'failed') {
        this.judge(end);
      } else if (end.kind === 'unusable') {
        this.site.places.drop(base, end.ofNode);
        unusable.push(base);
      }
      failures.push(`${base.image} on ${base.node}: ${end.words.replace(/\.$/, '')}`);
    }
    const said = failures.join('; ') || 'no node is left where one starts';
    const advice = unusable.length === failures.length ? `; ${baseAdvice(unusable)}` : '';
    throw new CourierError(
      'failing',
      `No courier Pod could bring its batch to the registry (${said})${advice}.`,
    );
  }

  /**
   * Sends a batch on its way and looks after it no more: the post step takes away what is made for it. Throws ApiError, also
   * where a quota has no room.
   */
  async sendOff(batch: Batch, signal: AbortSignal): Promise<void> {
    const base = this.site.places.next();
    if (base === undefined) return;
    const { namespace } = this.site.delivery;
    await putConfigMap(this.client, this.planOf(batch), { signal });
    await createPod(this.client, namespace, this.podOf(batch, base, 0), { signal });
  }

  /** Throws when no other Pod would come to another end. */
  private judge({ code, words }: Extract<CourierEnd, { kind: 'failed' }>): void {
    const told = `A courier Pod failed: ${words}`;
    if (code === 'blob-wrong') {
      throw new CourierError('content', told);
    }
    if (code !== 'not-reached' && code !== 'not-delivered') {
      throw new ActionError(told);
    }
    if (!this.reached) {
      throw new CourierError(
        'failing',
        `Courier Pods do not reach port ${this.site.to.split(':').at(-1)} of the registry's Pod: ${words}`,
      );
    }
  }

  /** Waits until these have ended, or any has reached the registry. */
  private async endOrReach(names: readonly string[], signal: AbortSignal): Promise<void> {
    while (!this.reached && names.some((name) => this.underWay.has(name))) {
      await unlessAborted(this.ended.comes, signal);
    }
  }

  private async putPlan(batch: Batch, signal: AbortSignal): Promise<void> {
    const spec = this.planOf(batch);
    await despiteQuota(() => putConfigMap(this.client, spec, { signal }), { signal });
  }

  private planOf(batch: Batch) {
    const { delivery } = this.site;
    const name = nameOf.plan(delivery, batch.number);
    return configMapOf(delivery, 'courier', { name, data: { [PLAN_KEY]: planText(batch) } });
  }

  private podOf({ number, pieces }: Batch, base: Base, attempt: number): V1Pod {
    const { delivery, to } = this.site;
    const chunks = pieces.map(({ name }) => name);
    return courierPod(delivery, base, { batch: number, attempt, chunks, to });
  }

  /** One Pod, from its making to its end, after which it is not there any more. */
  private async send(
    batch: Batch,
    base: Base,
    attempt: number,
    signal: AbortSignal,
  ): Promise<CourierEnd> {
    const { delivery, watched } = this.site;
    const { number } = batch;
    const pod = this.podOf(batch, base, attempt);
    const name = nameOf.courier(delivery, number, attempt);
    this.alive.add(name);
    await this.line.make(number, delivery.namespace, pod, signal);
    const earlier = [...this.underWay];
    this.underWay.add(name);
    const end = await watched.end({ name, node: base.node }, this.lookAt, signal);
    this.underWay.delete(name);
    // At once: another's end may be judged while this Pod is being deleted.
    this.reached ||= hasReached(end);
    this.ended.tell();
    if (end.kind !== 'delivered') {
      // Before its place is free, which no later one is to have.
      this.line.join(number);
    }
    await this.remove(name, signal, 0);
    if (isOf(end, 'not-reached')) {
      // Perhaps it is its node alone whose Pods do not reach the registry.
      await this.endOrReach(earlier, signal);
    }
    return end;
  }

  /** Deletes the Pods that are still there. Throws ApiError. */
  async removeAll(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.alive].map((name) => this.remove(name, signal)));
  }

  private async remove(
    name: string,
    signal: AbortSignal,
    gracePeriodSeconds?: number,
  ): Promise<void> {
    const grace = gracePeriodSeconds !== undefined && { gracePeriodSeconds };
    await this.client.delete(this.pathOf(name), { ...grace, signal });
    this.alive.delete(name);
    this.line.gone(name);
  }

  private readonly lookAt: LookAt = async ({ name, node }, lateSeconds, signal) => {
    // The watch may be behind: the Pod may have come and gone, or be on, before it could tell.
    const pod = await this.client.find<V1Pod>(this.pathOf(name), { signal });
    const end = pod === undefined ? DELETED : endOf(pod);
    if (end !== undefined) {
      return end;
    }
    const { places, nodeTrouble } = this.site;
    if (pod?.status?.startTime === undefined && places.hasBesides(node)) {
      return { kind: 'unusable', words: 'its kubelet does not take the Pod', ofNode: true };
    }
    if (lateSeconds !== undefined && isHeld(pod) && places.hasBesides(node)) {
      const { namespace } = this.site.delivery;
      const words = await notStarted(this.client, namespace, name, lateSeconds, signal);
      return { kind: 'unusable', words, ofNode: true };
    }
    const trouble = await nodeTrouble(node);
    return trouble === undefined
      ? undefined
      : { kind: 'unusable', words: `the node ${trouble}`, ofNode: true };
  };

  private pathOf(name: string): string {
    return `${collection.pods(this.site.delivery.namespace)}/${name}`;
  }
}

/** Whether a courier was let in by the registry: one that was may have waited in vain for what another one brings. */
function hasReached(end: CourierEnd): boolean {
  return end.kind === 'delivered' || isOf(end, 'not-delivered');
}

function isOf(end: CourierEnd, code: string): boolean {
  return end.kind === 'failed' && end.code === code;
}
