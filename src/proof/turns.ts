import { NODES_AT_ONCE_MAX, NODES_PULLING_MAX } from '../lib/limits/run.js';
import { Slots } from '../lib/slots.js';
import type { Tasks } from '../lib/tasks.js';
import { rest } from '../lib/waiting.js';
import type { NodeProof } from './node-proof.js';
import type { ProofBounds } from './plan.js';

/** When each node may begin to pull: of many nodes one before the others, and then some at a time. */
export class Turns {
  private readonly slots = new Slots(NODES_PULLING_MAX);

  /** @param begin asks for a node's Pod */
  constructor(
    private readonly begin: (proof: NodeProof) => Promise<void>,
    private readonly tasks: Tasks,
    private readonly bounds: Pick<ProofBounds, 'firstSeconds' | 'turnSeconds'>,
    private readonly signal: AbortSignal,
  ) {}

  /** Has nodes begin, in their order but for the one that goes first. */
  take(proofs: readonly NodeProof[], registryNode: string): void {
    // Only a node without the registry shows that the way between nodes is open.
    const first = proofs.find(({ node }) => node.name !== registryNode);
    if (first === undefined || proofs.length <= NODES_AT_ONCE_MAX) {
      this.start(proofs);
    } else {
      this.tasks.spawn(() => this.startAfter(first, proofs));
    }
  }

  /**
   * Starts one node, and the others when it is proven, so that what no node can have fails once. One that
   * has had no failure for a while holds nobody up: its images may be large.
   */
  private async startAfter(first: NodeProof, all: readonly NodeProof[]): Promise<void> {
    this.start([first]);
    await this.untilLate(first, () => first.troubleAt, this.bounds.firstSeconds);
    this.start(all.filter((proof) => proof !== first));
  }

  private start(proofs: readonly NodeProof[]): void {
    for (const proof of proofs) {
      this.tasks.spawn(() => this.slots.run(() => this.turn(proof)));
    }
  }

  /** A node's turn is over when it is settled, or gets no image for a while: it may be slow, or broken. */
  private async turn(proof: NodeProof): Promise<void> {
    this.signal.throwIfAborted();
    if (proof.end === undefined) {
      proof.start(performance.now());
      this.tasks.spawn(() => this.begin(proof));
      await this.untilLate(proof, () => proof.gotAt, this.bounds.turnSeconds);
    }
  }

  /** Waits until a node is settled, or so many seconds have passed since a moment that may move on. */
  private async untilLate(proof: NodeProof, since: () => number, seconds: number): Promise<void> {
    const left = () => since() + seconds * 1000 - performance.now();
    while (proof.end === undefined && left() > 0) {
      await Promise.race([proof.settled, rest(left(), this.signal)]);
    }
  }
}
