import { untilReached } from '../../kube/way/reach.js';
import { ROUTE_OPEN_MILLISECONDS } from '../../lib/limits/carriers.js';
import { NODES_AT_ONCE_MAX } from '../../lib/limits/run.js';
import type { Delivery } from '../../run/run.js';
import type { PreparedJob } from '../job.js';

/** The registry's port on the nodes' addresses, as far as the runner can see it. */
export class SeenNodePort {
  private readonly open = new Set<string>();
  private readonly looks = new Map<string, Promise<void>>();

  constructor(
    private readonly job: PreparedJob,
    private readonly delivery: Delivery,
  ) {}

  /** Whether it was seen open on every node. */
  get isOpen(): boolean {
    const { length } = this.job.nodes;
    return length > 0 && this.open.size === length;
  }

  /** Waits until it is open on one of the nodes that start first, which is not long; once for each node. */
  untilOpen(name: string): Promise<void> {
    const look = this.looks.get(name) ?? this.look(name);
    this.looks.set(name, look);
    return look;
  }

  private async look(name: string): Promise<void> {
    const { near, nodes, signal } = this.job;
    const node = nodes.slice(0, NODES_AT_ONCE_MAX).find((one) => one.name === name);
    const [address] = node?.addresses ?? [];
    if (!near || address === undefined) return;
    const port = portOf(this.delivery);
    if (await untilReached([address], port, ROUTE_OPEN_MILLISECONDS, signal)) this.open.add(name);
  }
}

/** The port on the nodes' loopback, as it stands in the images' references. */
export function portOf({ registry }: Delivery): number {
  return Number(new URL(`http://${registry}`).port);
}
