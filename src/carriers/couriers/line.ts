import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { createPod } from '../../kube/pods.js';
import { despiteQuota } from '../../kube/quota.js';
import { News, unlessAborted } from '../../lib/waiting.js';

/**
 * The batches that have no Pod yet. Where a quota leaves room for few of these at once, a later batch's would hold the
 * place while it waits for what an earlier one brings, so they come in the order of their batches.
 */
export class Line {
  private readonly waiting = new Set<number>();
  /** Names of the Pods that have a place. */
  private readonly placed = new Set<string>();
  private readonly moved = new News();

  /** @param patienceSeconds how long a quota may refuse a Pod that is first in line while none of ours has a place */
  constructor(
    private readonly client: ApiClient,
    private readonly patienceSeconds?: number,
  ) {}

  /** From now on no Pod of a later batch is made before one of this batch is there. */
  join(batch: number): void {
    this.waiting.add(batch);
  }

  /**
   * Makes a Pod of a batch that has joined, when it is the earliest of all and a quota has room for it. Throws what
   * `createPod` throws, and the signal's reason.
   */
  async make(batch: number, namespace: string, pod: V1Pod, signal: AbortSignal): Promise<void> {
    const create = async () => {
      // Looked at each time: one whose Pod was lost joins again.
      while (Math.min(...this.waiting) < batch) {
        await unlessAborted(this.moved.comes, signal);
      }
      await createPod(this.client, namespace, pod, { signal });
    };
    // As long as ours hold places one will be free.
    const makesRoom = () => this.placed.size > 0;
    await despiteQuota(create, { makesRoom, seconds: this.patienceSeconds, signal });
    this.waiting.delete(batch);
    this.placed.add(pod.metadata?.name as string);
    this.moved.tell();
  }

  /** A Pod is not there any more. */
  gone(name: string): void {
    this.placed.delete(name);
  }
}
