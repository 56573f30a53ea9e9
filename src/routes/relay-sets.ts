import type { V1DaemonSet, V1NodeSelectorTerm, V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { configMapsPath } from '../kube/configmaps.js';
import { collection } from '../kube/pods.js';
import { waitUntil } from '../kube/watch.js';
import { ActionError } from '../lib/errors.js';
import { RELAY_SETS_END_SECONDS } from '../lib/limits/routes.js';
import { namedTerms, placementFor } from '../preflight/affinity.js';
import { nodeOf, termsOf } from '../run/daemonset.js';
import type { BaseCandidate } from '../run/pod.js';
import { deleteAll } from '../run/removal/collections.js';
import {
  DAEMONSET_LABEL,
  DELIVERY_LABEL,
  type Delivery,
  nameOf,
  type RunPlace,
  selectorOf,
} from '../run/run.js';
import { RELAY_CONTAINER, type RelayPlan, relayDaemonSet } from './relay-pod.js';

/** Whether a release has come by relays so far, so that there are some from the steps before. */
export function hasRelays({ kept }: Delivery): boolean {
  return kept?.route !== undefined && kept.route !== 'nodeport';
}

/** A release's DaemonSets of relays, by the architecture of their nodes. Throws ApiError. */
export async function relaySets(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, V1DaemonSet>> {
  const query = { labelSelector: selectorOf(id, 'relay') };
  const path = collection.daemonSets(namespace);
  const { items } = await client.list<V1DaemonSet>(path, { query, signal });
  const architectureOf = ({ spec }: V1DaemonSet) =>
    spec?.template.spec?.nodeSelector?.['kubernetes.io/arch'] ?? '';
  return new Map(items.map((set) => [architectureOf(set), set]));
}

/** Whether a DaemonSet of relays is for all nodes of its architecture that a delivery is for. */
export function isForNodesOf(delivery: Delivery, { spec }: V1DaemonSet): boolean {
  const besides = termsOf(spec?.template.spec);
  const terms = termsOf(placementFor('', delivery.nodeSelector, { ...delivery, besides }));
  return JSON.stringify(terms) === JSON.stringify(besides);
}

/**
 * The DaemonSets of a release's relays. Where a node has no relay that runs, they are out of the way until each has one:
 * they would delete what is where they want none, and start again from an image that a node lacks. Their Pods go on.
 */
export class RelaySets {
  private before: ReadonlyMap<string, V1DaemonSet> = new Map();
  private taking: Promise<void> | undefined;
  private readonly path: string;

  constructor(
    private readonly client: ApiClient,
    private readonly delivery: Delivery,
    private readonly plan: RelayPlan,
    private readonly endSeconds = RELAY_SETS_END_SECONDS,
  ) {
    this.path = collection.daemonSets(delivery.namespace);
  }

  /** Whether they were taken off. */
  get areOff(): boolean {
    return this.taking !== undefined;
  }

  /** The one for an architecture that was taken off. */
  of(architecture: string): V1DaemonSet | undefined {
    return this.before.get(architecture);
  }

  /** Takes them off, once. Throws ApiError, and an ActionError when they do not go. */
  takeOff(signal: AbortSignal): Promise<void> {
    this.taking ??= this.orphan(signal);
    return this.taking;
  }

  private async orphan(signal: AbortSignal): Promise<void> {
    this.before = await relaySets(this.client, this.delivery, signal);
    const names = [...this.before.values()].flatMap(({ metadata }) => metadata?.name ?? []);
    await deleteAll(this.client, this.path, names, { propagation: 'Orphan', signal });
    await this.settled(signal);
  }

  /** Waits until none is about to go, which the cluster's garbage collector does: it lets go of their Pods before. */
  private async settled(signal: AbortSignal): Promise<void> {
    const query = { labelSelector: selectorOf(this.delivery.id, 'relay') };
    const stay = (sets: ReadonlyMap<string, V1DaemonSet>) =>
      [...sets.values()].every(({ metadata }) => metadata?.deletionTimestamp === undefined);
    const late = AbortSignal.timeout(this.endSeconds * 1000);
    const either = AbortSignal.any([signal, late]);
    try {
      await waitUntil(this.client, this.path, stay, { query, metadataOnly: true, signal: either });
    } catch (error) {
      signal.throwIfAborted();
      throw late.aborted
        ? new ActionError(
            `The cluster's garbage collector did not let go of the release's relays in the namespace "${this.delivery.namespace}" within ${this.endSeconds} s, so nodes that lack a relay get none; see that kube-controller-manager runs and that its log names no kind of objects that it cannot list, and run the step again.`,
            { cause: error },
          )
        : error;
    }
  }

  /**
   * The nodes of a release's relays of an architecture that have lost their DaemonSet, where a step was killed while it was
   * off: who adopts them is to keep them.
   */
  private async lost(architecture: string, signal: AbortSignal): Promise<V1NodeSelectorTerm[]> {
    const { delivery } = this;
    if (delivery.kept === undefined || delivery.nodeSelector === undefined) return [];
    const labelSelector = `${DAEMONSET_LABEL}=${nameOf.relays(delivery, architecture)}`;
    const path = collection.pods(delivery.namespace);
    const { items } = await this.client.list<V1Pod>(path, { query: { labelSelector }, signal });
    return namedTerms(items.flatMap((pod) => nodeOf(pod) ?? []));
  }

  /**
   * Puts them back for the nodes that they were for and those of this step, and others beside them, with what relays were
   * started from, by architecture. They adopt all relays, and the injector that the first had stays. Throws as `takeOff`.
   */
  async putBack(started: ReadonlyMap<string, BaseCandidate>, signal: AbortSignal): Promise<void> {
    const { client, delivery } = this;
    await this.settled(signal);
    const there = await relaySets(client, delivery, signal);
    const had = [...this.before].map(([of, set]) => [of, baseOf(of, set)] as const);
    for (const [architecture, base] of new Map([...had, ...started])) {
      if (there.has(architecture)) continue;
      const before = this.of(architecture);
      let besides = termsOf(before?.spec?.template.spec);
      if (before === undefined) {
        besides = await this.lost(architecture, signal);
        const injector = nameOf.injector(delivery, architecture);
        const ofAll = { metadata: { labels: { [DELIVERY_LABEL]: null } } };
        await client.patch(`${configMapsPath(delivery.namespace)}/${injector}`, ofAll, { signal });
      }
      const set = relayDaemonSet(delivery, base, this.plan, besides, before);
      await client.create(this.path, set, { signal });
    }
  }
}

function baseOf(architecture: string, { spec }: V1DaemonSet): BaseCandidate {
  const containers = spec?.template.spec?.containers ?? [];
  const relay = containers.find(({ name }) => name === RELAY_CONTAINER);
  return { architecture, image: relay?.image ?? '', pulled: relay?.imagePullPolicy !== 'Never' };
}
