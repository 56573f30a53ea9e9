import type { RouteName } from '../host/input-values.js';
import { ActionError } from '../lib/errors.js';
import type { BaseNode } from '../registry/base.js';

/** A route that cannot be had on some node: the cluster refuses it, or the node does not come through. */
export class RouteFailure extends ActionError {
  override readonly name = 'RouteFailure';
}

/** The cluster admits no relays of this route. */
export class RelayRefused extends RouteFailure {}

/** A node's relay does not start. */
export class RelayNotStarted extends RouteFailure {
  /** @param words what the last of its Pods failed with, by which the node may be at fault and not the route */
  constructor(
    message: string,
    readonly words: string,
  ) {
    super(message);
  }
}

/** What a route is, in words that follow "by". */
export const ROUTE_WORDS: Readonly<Record<RouteName, string>> = {
  nodeport: "the Service's NodePort",
  hostport: 'a relay on each node that has a hostPort on 127.0.0.1',
  hostnetwork: "a relay on each node that listens on the node's own 127.0.0.1",
};

/** Modes of kube-proxy in which a NodePort is not on the loopback (KEP-3866; kube-proxy's ipvs mode has no way). */
const WITHOUT_LOOPBACK = new Set(['nftables', 'ipvs']);

/** What is known before the first pull. */
export interface RouteFacts {
  /** kube-proxy's mode, where the cluster tells; an empty one is its default. */
  readonly proxyMode?: string | undefined;
  /** Whether the cluster takes a Service of type NodePort. */
  readonly hasNodePort: boolean;
  /** Whether the user may not list nodes, so that nobody can say where relays are to start. */
  readonly nodesUnlisted?: boolean | undefined;
  /** Whether CRI-O runs on some node: it makes hostPorts itself, and none on the loopback (`internal/hostport`). */
  readonly hasCrio?: boolean | undefined;
}

/** Routes in the order in which they are tried, and why the first one is the first. */
export interface RouteOrder {
  readonly routes: readonly [RouteName, ...RouteName[]];
  readonly reason: string;
  /** Whether the first one is given less time than kube-proxy may need, since others are left. */
  readonly isTrial?: boolean;
}

/**
 * The routes that a wish allows: the one that is asked for, else the cheapest first, unless kube-proxy's mode says that
 * it does not come through. What is known only chooses the order: whether a node comes through its pull shows. Throws
 * an ActionError where no route can be had without a list of the nodes.
 */
export function routesFor(
  wish: RouteName | 'auto',
  { proxyMode, hasNodePort, nodesUnlisted, hasCrio }: RouteFacts,
): RouteOrder {
  if (nodesUnlisted === true) {
    return withoutRelays(wish, hasNodePort);
  }
  if (wish !== 'auto') {
    return { routes: [wish], reason: 'as the input `route` says' };
  }
  // A pull that goes nowhere by a hostPort of CRI-O's takes two minutes to fail (measured).
  const relays: [RouteName, RouteName] =
    hasCrio === true ? ['hostnetwork', 'hostport'] : ['hostport', 'hostnetwork'];
  if (!hasNodePort) {
    return { routes: relays, reason: 'the cluster takes no Service of type NodePort' };
  }
  if (proxyMode !== undefined && WITHOUT_LOOPBACK.has(proxyMode)) {
    const reason = `kube-proxy in ${proxyMode} mode opens NodePorts on other addresses alone`;
    return { routes: [...relays, 'nodeport'], reason };
  }
  const isTrial = proxyMode !== 'iptables';
  return { routes: ['nodeport', ...relays], reason: 'it needs no further Pods', isTrial };
}

/** A relay starts from an image of its node, which only the list of the nodes tells. */
function withoutRelays(wish: RouteName | 'auto', hasNodePort: boolean): RouteOrder {
  const reason = "the kubeconfig's user may not list nodes, which relays need";
  if (hasNodePort && (wish === 'auto' || wish === 'nodeport')) {
    return { routes: ['nodeport'], reason };
  }
  const cause =
    wish === 'auto' || wish === 'nodeport'
      ? 'the cluster takes no Service of type NodePort'
      : `the input \`route\` is ${wish}`;
  throw new ActionError(
    `The images need relays on the nodes, since ${cause}, and the kubeconfig's user may not list nodes, which relays need; have that right granted${cause.startsWith('the input') ? ', or set the input to auto' : ''}.`,
  );
}

/** The routes of a run, of which one is in use. */
export class Routes {
  /** The nodes that came by relays, by their names. */
  readonly relayed = new Map<string, BaseNode>();
  private index = 0;
  private readonly failures: RouteFailure[] = [];
  private readonly routes: RouteName[];

  constructor(readonly order: RouteOrder) {
    this.routes = [...order.routes];
  }

  /** The route in use. */
  get now(): RouteName {
    return this.routes[this.index] as RouteName;
  }

  /** How many were tried before. */
  get tried(): number {
    return this.index;
  }

  /** Whether no other is left. */
  get isLast(): boolean {
    return this.index === this.routes.length - 1;
  }

  /**
   * Goes on to the next route; where no relays may be had, to the first once more, which had been given no more than a
   * trial. Throws the failure where there is none, with what all others failed with at last.
   */
  next(failure: RouteFailure): void {
    if (this.isLast && this.order.isTrial === true && this.tried > 0) {
      const [, ...ofRelays] = [...this.failures, failure];
      const isRefused = ofRelays.every((one) => one instanceof RelayRefused);
      if (isRefused) this.routes.push(this.order.routes[0]);
    }
    if (this.isLast) {
      throw this.failures.length === 0 ? failure : this.allFailed(failure);
    }
    this.failures.push(failure);
    this.index++;
  }

  private allFailed(last: RouteFailure): ActionError {
    const before = this.failures.flatMap(({ message }, index) => {
      const route = this.routes[index] as RouteName;
      return route === this.now ? [] : `${route}: ${message.replace(/\.$/, '')}`;
    });
    return new ActionError(
      `No route brings the nodes to the registry. ${this.now}: ${last.message} Before: ${before.join('; ')}.`,
      { cause: last },
    );
  }
}
