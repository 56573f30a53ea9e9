import type { V1DaemonSet, V1Pod } from '@kubernetes/client-node';
import type { ApiClient, Query } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { isObjectUpToDate, isUpToDate, observe } from '../kube/watch.js';
import { placementFor } from '../preflight/affinity.js';
import { daemonSetOf, nodeOf } from '../run/daemonset.js';
import { podMetadata, podSpecOf } from '../run/pod.js';
import { DAEMONSET_LABEL, type Delivery, nameOf, type RunPlace, selectorOf } from '../run/run.js';
import { type ProofImage, proofParts } from './pod.js';

/**
 * The DaemonSet whose Pods are the proofs of all nodes of an architecture, for those who may not list nodes: it
 * finds every one that the input `nodes` chooses. A release's takes over the proofs that are there.
 */
export function proofDaemonSet(
  delivery: Delivery,
  architecture: string,
  images: readonly ProofImage[],
) {
  return daemonSetOf(podMetadata(delivery, 'proof', nameOf.proofs(delivery, architecture)), {
    ...podSpecOf({}, delivery),
    ...placementFor(architecture, delivery.nodeSelector, delivery),
    ...proofParts(delivery, architecture, images),
  });
}

/** A Pod as the DaemonSet would make it, to be asked for and not to be kept. */
export function sampleOf(
  delivery: Delivery,
  architecture: string,
  images: readonly ProofImage[],
): V1Pod {
  const { metadata, spec } = proofDaemonSet(delivery, architecture, images).spec.template;
  const name = `${nameOf.proofs(delivery, architecture)}-0`;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, ...(spec && { spec }) };
}

/** The proofs' DaemonSets and all Pods of a run, as the cluster tells of them. Its methods throw the signal's reason. */
export class SeenDaemonSets {
  /** When there was something new about them. */
  newsAt = performance.now();
  private daemonSets: ReadonlyMap<string, V1DaemonSet> = new Map();
  private pods: ReadonlyMap<string, V1Pod> = new Map();
  /** Uids of Pods that have been deleted here; the watch tells of it later. */
  private readonly dropped = new Set<string>();
  private readonly ofPods: { readonly path: string; readonly query: Query };
  private readonly ofDaemonSets: { readonly path: string; readonly query: Query };

  constructor(
    private readonly client: ApiClient,
    { id, namespace }: RunPlace,
    private readonly signal: AbortSignal,
  ) {
    const query = { labelSelector: selectorOf(id) };
    this.ofPods = { path: collection.pods(namespace), query };
    const ofProofs = { labelSelector: selectorOf(id, 'proof') };
    this.ofDaemonSets = { path: collection.daemonSets(namespace), query: ofProofs };
  }

  /** Gives the Pods by name, at once and after each change. Throws ApiError. */
  async *observePods(): AsyncGenerator<ReadonlyMap<string, V1Pod>> {
    const { client, ofPods, signal } = this;
    const { path, query } = ofPods;
    for await (const pods of observe<V1Pod>(client, path, { query, signal })) {
      this.pods = pods;
      this.newsAt = performance.now();
      yield pods;
    }
  }

  /** Comes back at once and after each change of the DaemonSets. Throws ApiError. */
  async *observeDaemonSets(): AsyncGenerator<void> {
    const { client, ofDaemonSets, signal } = this;
    const { path, query } = ofDaemonSets;
    for await (const daemonSets of observe<V1DaemonSet>(client, path, { query, signal })) {
      this.daemonSets = daemonSets;
      this.newsAt = performance.now();
      yield;
    }
  }

  /** The Pods of a DaemonSet that count, by their nodes: none that is going. */
  podsOf(daemonSet: string): Map<string, V1Pod> {
    const found = new Map<string, V1Pod>();
    for (const pod of this.pods.values()) {
      const { labels, deletionTimestamp, uid = '' } = pod.metadata ?? {};
      const node = nodeOf(pod);
      const isGoing = deletionTimestamp !== undefined || this.dropped.has(uid);
      if (node !== undefined && labels?.[DAEMONSET_LABEL] === daemonSet && !isGoing) {
        found.set(node, pod);
      }
    }
    return found;
  }

  /** How many nodes there are for a DaemonSet; undefined while its controller has not looked. */
  desiredOf(daemonSet: string): number | undefined {
    const { metadata, status } = this.daemonSets.get(daemonSet) ?? {};
    const isObserved = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 1);
    return isObserved ? status?.desiredNumberScheduled : undefined;
  }

  /** Deletes a Pod, which does not count any more from then on. Throws ApiError. */
  async drop(pod: V1Pod): Promise<void> {
    const { client, signal } = this;
    const { name, uid = '' } = pod.metadata ?? {};
    const path = `${this.ofPods.path}/${name}`;
    await client.delete(path, { gracePeriodSeconds: 0, signal });
    this.dropped.add(uid);
  }

  /** Whether a Pod is now what the watch gave last. */
  isStill(pod: V1Pod): Promise<boolean> {
    const name = pod.metadata?.name ?? '';
    return isObjectUpToDate(this.client, this.ofPods.path, name, pod, this.signal);
  }

  /** Whether something is so, also by what the cluster says now and the watches have yet to tell. */
  async isSoNow(isSo: () => boolean): Promise<boolean> {
    const { client, signal } = this;
    const isTold =
      isSo() &&
      (await isUpToDate(client, this.ofPods, this.pods, signal)) &&
      (await isUpToDate(client, this.ofDaemonSets, this.daemonSets, signal));
    return isTold && isSo();
  }
}
