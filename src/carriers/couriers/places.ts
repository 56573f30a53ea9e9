import type { Base } from '../../run/pod.js';

/** Where couriers start: on the nodes in turn, each time from the surest image that is left there. */
export class Places {
  private left: Base[];
  private turn = 0;

  /** @param bases the surest first */
  constructor(bases: readonly Base[]) {
    this.left = [...bases];
  }

  /** The next node's; undefined when none is left. */
  next(): Base | undefined {
    const nodes = [...new Set(this.left.map(({ node }) => node))];
    const node = nodes[this.turn++ % Math.max(nodes.length, 1)];
    return this.left.find((base) => base.node === node);
  }

  /** Whether there is a place on another node. */
  hasBesides(node: string): boolean {
    return this.left.some((base) => base.node !== node);
  }

  /** Nothing starts there: from this image, or on its node at all. */
  drop(unusable: Base, ofNode: boolean): void {
    this.left = this.left.filter((base) =>
      ofNode ? base.node !== unusable.node : base !== unusable,
    );
  }
}
