import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { createReplacement } from '../kube/replacement.js';
import { POD_WRITES_MAX } from '../lib/limits/run.js';
import { Slots } from '../lib/slots.js';
import { type Delivery, isFirst, nameOf } from '../run/run.js';
import type { NodeProof } from './node-proof.js';
import type { ProofPlan } from './plan.js';
import { proofPod } from './pod.js';

/** The name of a node's Pod in its present attempt. */
export function podNameOf(delivery: Delivery, { node, attempt }: NodeProof): string {
  return nameOf.proof(delivery, node.index, attempt);
}

/** Creates and deletes the Pods of a proof, a few at once. Its methods throw ApiError. */
export class PodWrites {
  private readonly slots = new Slots(POD_WRITES_MAX);

  constructor(
    private readonly client: ApiClient,
    private readonly delivery: Delivery & Pick<ProofPlan, 'open' | 'attemptsBefore'>,
    private readonly signal: AbortSignal,
  ) {}

  /** Creates the node's Pod, as soon as it may pull. */
  async create(proof: NodeProof): Promise<void> {
    const { client, delivery, signal } = this;
    await delivery.open?.(proof.node, signal);
    await this.inTurn(async () => {
      const first = isFirst(delivery) && (delivery.attemptsBefore ?? 0) === 0;
      await createReplacement(client, delivery.namespace, this.podOf(proof), signal, { first });
    });
  }

  /** Deletes the node's Pod, without a grace period and so without its kubelet. */
  delete(proof: NodeProof): Promise<void> {
    return this.inTurn(() => this.deleteNow(proof));
  }

  /**
   * Begins another attempt. The old Pod goes first, without a grace period: a full node or a quota may have
   * no room for both.
   */
  replace(proof: NodeProof): Promise<void> {
    const { client, delivery, signal } = this;
    return this.inTurn(async () => {
      await this.deleteNow(proof);
      if (proof.end === undefined) {
        proof.again(performance.now());
        await createReplacement(client, delivery.namespace, this.podOf(proof), signal);
      }
    });
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

  private async deleteNow(proof: NodeProof): Promise<void> {
    const { client, delivery, signal } = this;
    const path = `${collection.pods(delivery.namespace)}/${podNameOf(delivery, proof)}`;
    await client.delete(path, { gracePeriodSeconds: 0, signal });
  }
}
