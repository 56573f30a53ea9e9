import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { createOwnPod } from '../kube/quota.js';
import { heardWithin } from '../lib/heard-within.js';
import { POD_WRITES_MAX } from '../lib/limits/run.js';
import { Slots } from '../lib/slots.js';
import { unlessAborted } from '../lib/waiting.js';
import { type Delivery, hasHadPods } from '../run/run.js';
import { type NodeProof, podNameOf } from './node-proof.js';
import type { ProofPlan } from './plan.js';
import { proofPod } from './pod.js';

/** Creates and deletes the Pods of a proof, a few at once. Its methods throw ApiError. */
export class PodWrites {
  private readonly slots = new Slots(POD_WRITES_MAX);

  constructor(
    private readonly client: ApiClient,
    private readonly delivery: Delivery &
      Pick<ProofPlan, 'open' | 'opensItself' | 'attemptsBefore'>,
    private readonly signal: AbortSignal,
    private readonly earlySeconds: number,
  ) {}

  /**
   * Creates the node's Pod as soon as it may pull. Where the way opens by itself it is created at once, and taken back
   * when the way is not open by the time at which its kubelet may pull; another one comes when it is. Throws what opens
   * the way.
   */
  async create(proof: NodeProof): Promise<void> {
    const { delivery } = this;
    const { attempt } = proof;
    const opening = this.opened(proof);
    opening.catch(() => undefined);
    if (delivery.opensItself) proof.isEarly = true;
    else await opening;
    await this.inTurn(async () => {
      if (proof.end !== undefined) return;
      const comesAfterOthers = hasHadPods(delivery) || delivery.attemptsBefore > 0;
      await this.make(proof, comesAfterOthers);
    });
    const isInTime = await this.isInTime(opening);
    if (!isInTime && !proof.busy && proof.attempt === attempt && proof.end === undefined) {
      proof.busy = true;
      await this.replace(proof);
    }
  }

  /** Deletes a Pod, without a grace period and so without its kubelet. */
  delete(name: string): Promise<void> {
    const { client, delivery, signal } = this;
    const path = `${collection.pods(delivery.namespace)}/${name}`;
    return this.inTurn(async () => {
      await client.delete(path, { gracePeriodSeconds: 0, signal });
    });
  }

  /**
   * Begins another attempt. The old Pod goes first, without a grace period: a full node or a quota may have
   * no room for both. Throws what opens the way.
   */
  async replace(proof: NodeProof): Promise<void> {
    await this.delete(podNameOf(this.delivery, proof));
    await this.opened(proof);
    await this.inTurn(async () => {
      if (proof.end === undefined) {
        proof.again(performance.now());
        await this.make(proof, true);
      }
    });
  }

  private async make(proof: NodeProof, comesAfterOthers: boolean): Promise<void> {
    const { client, delivery, signal } = this;
    const { attempt } = proof;
    await createOwnPod(client, delivery.namespace, this.podOf(proof), signal, comesAfterOthers);
    if (proof.attempt === attempt) proof.isMade = true;
  }

  /** Waits for the way, or until the node is not waited for: on one that is lost nobody takes a relay, which fails late. */
  private async opened({ node, settled }: NodeProof): Promise<void> {
    await Promise.race([this.delivery.open(node, this.signal), settled]);
  }

  private async isInTime(opening: Promise<void>): Promise<boolean> {
    const late = heardWithin(this.earlySeconds * 1000);
    try {
      await unlessAborted(opening, AbortSignal.any([this.signal, late]));
    } catch {
      this.signal.throwIfAborted();
    }
    return !late.aborted;
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    return this.slots.run(() => {
      this.signal.throwIfAborted();
      return work();
    });
  }

  private podOf({ node, images, attempt }: NodeProof) {
    return proofPod(this.delivery, node, images, attempt);
  }
}
