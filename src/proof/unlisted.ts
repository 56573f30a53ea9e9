import type { V1DaemonSet, V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { isObjectUpToDate, isUpToDate, observe } from '../kube/watch.js';
import { POD_WRITES_MAX } from '../lib/limits/run.js';
import { Slots } from '../lib/slots.js';
import { Tasks } from '../lib/tasks.js';
import { rest } from '../lib/waiting.js';
import { unavailableNodes } from '../preflight/nodes.js';
import { failWithRegistry } from '../registry/fault.js';
import { isTaken, unscheduledWords } from '../registry/status.js';
import { nodeOf } from '../run/daemonset.js';
import { DAEMONSET_LABEL, nameOf, selectorOf } from '../run/run.js';
import { proofDaemonSet } from './daemonset.js';
import {
  failureOnRoute,
  faultOfNode,
  noNodeFor,
  noNodeLeft,
  noRoom,
  notMade,
  podFailure,
  TAKES_NO_HTTP,
  takesNoPod,
} from './failure.js';
import { isProven, judge, NodeProof, patienceWith } from './node-proof.js';
import type { ProofBounds, ProofPlan } from './plan.js';
import { imagesFor, type ProofImage } from './pod.js';
import { type FailedVerdict, type RouteVerdict, type Trouble, verdictOfShown } from './verdict.js';

/** What a DaemonSet of proofs is made of. */
interface Kind {
  readonly architecture: string;
  readonly images: readonly ProofImage[];
}

/** A proof under way where nobody may list nodes: DaemonSets find them, one for each architecture. */
export class UnlistedProving {
  private readonly done = Promise.withResolvers<string[]>();
  private readonly tasks = new Tasks((error) => this.done.reject(error));
  private readonly slots = new Slots(POD_WRITES_MAX);
  /** By the DaemonSet's name. */
  private readonly kinds: ReadonlyMap<string, Kind>;
  /** By the node's name. */
  private readonly proofs = new Map<string, NodeProof>();
  private readonly leftOut = new Map<string, string>();
  /** Uids of Pods that have been deleted for another attempt; the watch tells of it later. */
  private readonly dropped = new Set<string>();
  private daemonSets: ReadonlyMap<string, V1DaemonSet> = new Map();
  private pods: ReadonlyMap<string, V1Pod> = new Map();
  /** When there was something new about Pods or DaemonSets. */
  private newsAt = performance.now();

  constructor(
    private readonly client: ApiClient,
    private readonly plan: ProofPlan,
    private readonly signal: AbortSignal,
    private readonly bounds: ProofBounds,
  ) {
    this.kinds = new Map(
      plan.architectures
        .map((architecture) => ({ architecture, images: imagesFor({ architecture }, plan.images) }))
        .filter(({ images }) => images.length > 0)
        .map((kind) => [nameOf.proofs(plan, kind.architecture), kind]),
    );
  }

  /** The names of the proven nodes, or the failure. */
  get outcome(): Promise<string[]> {
    return this.done.promise;
  }

  /** Fulfilled when nothing goes on any more. */
  ended(): Promise<void> {
    return this.tasks.ended();
  }

  begin(): void {
    const path = collection.daemonSets(this.plan.namespace);
    for (const { architecture, images } of this.kinds.values()) {
      const daemonSet = proofDaemonSet(this.plan, architecture, images);
      this.tasks.spawn(async () => {
        await this.client.create(path, daemonSet, { signal: this.signal });
      });
    }
    this.tasks.spawn(() => this.observePods());
    this.tasks.spawn(() => this.observeDaemonSets());
    this.tasks.spawn(() => this.observeTime());
  }

  private get ofPods() {
    const { id, namespace } = this.plan;
    return { path: collection.pods(namespace), query: { labelSelector: selectorOf(id) } };
  }

  private get ofDaemonSets() {
    const { id, namespace } = this.plan;
    const query = { labelSelector: selectorOf(id, 'proof') };
    return { path: collection.daemonSets(namespace), query };
  }

  private async observePods(): Promise<void> {
    const { client, plan, signal } = this;
    const { path, query } = this.ofPods;
    for await (const pods of observe<V1Pod>(client, path, { query, signal })) {
      this.pods = pods;
      this.newsAt = performance.now();
      failWithRegistry(plan, pods.get(plan.registryPod));
      this.judgeAll();
    }
  }

  private async observeDaemonSets(): Promise<void> {
    const { client, signal } = this;
    const { path, query } = this.ofDaemonSets;
    for await (const daemonSets of observe<V1DaemonSet>(client, path, { query, signal })) {
      this.daemonSets = daemonSets;
      this.newsAt = performance.now();
      this.finishWhenSettled();
    }
  }

  /** The Pods of a DaemonSet that count, by their nodes: none that is going. */
  private podsOf(daemonSet: string): Map<string, V1Pod> {
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

  private judgeAll(): void {
    const now = performance.now();
    for (const [name, { architecture, images }] of this.kinds) {
      const pods = this.podsOf(name);
      for (const node of pods.keys()) {
        if (!this.proofs.has(node)) {
          const index = this.proofs.size;
          const proof = new NodeProof({ index, name: node, architecture }, images, now);
          proof.start(now);
          this.proofs.set(node, proof);
        }
      }
      for (const proof of this.proofs.values()) {
        if (proof.node.architecture === architecture) {
          const pod = pods.get(proof.node.name);
          // Evicted, as may be, or another one of the DaemonSet's in the place of what showed the images.
          const isFallen = pod !== undefined && verdictOfShown(pod, images).kind !== 'proven';
          if (isProven(proof) && isFallen) proof.reopen();
          this.help(proof, pod, judge(proof, pod, this.plan));
        }
      }
    }
    this.finishWhenSettled();
  }

  /** Does what a node's Pod asks for, if anything. */
  private help(proof: NodeProof, pod: V1Pod | undefined, trouble: Trouble | undefined): void {
    if (trouble?.kind === 'failed' || trouble?.kind === 'meddled') {
      this.failed(proof, pod, trouble);
    } else if (trouble?.kind === 'https') {
      this.leaveOut(proof.node.name, TAKES_NO_HTTP);
    } else if (trouble !== undefined) {
      this.troubled(proof, pod, trouble);
    }
  }

  private failed(proof: NodeProof, pod: V1Pod | undefined, verdict: FailedVerdict): void {
    const reason = faultOfNode(verdict, undefined);
    if (proof.mayRetry()) {
      this.replace(proof, pod, 0);
    } else if (reason !== undefined) {
      this.leaveOut(proof.node.name, reason);
    } else {
      this.done.reject(podFailure(verdict, { ...this.plan, node: proof.node.name }));
    }
  }

  private troubled(proof: NodeProof, pod: V1Pod | undefined, verdict: RouteVerdict): void {
    const { plan, bounds } = this;
    const { over, pause } = patienceWith(proof, verdict, this.proofs.values(), plan, bounds);
    if (over !== undefined) {
      proof.busy = true;
      this.tasks.spawn(async () => {
        const failed = { verdict, node: proof.node.name, proofs: [...this.proofs.values()] };
        throw await failureOnRoute(this.client, plan, failed, this.signal);
      });
    } else {
      this.replace(proof, pod, pause);
    }
  }

  /** Deletes a Pod after some milliseconds; the DaemonSet puts another one in its place. */
  private replace(proof: NodeProof, pod: V1Pod | undefined, pause: number): void {
    proof.busy = true;
    this.tasks.spawn(async () => {
      const { client, signal } = this;
      await rest(pause, signal);
      if (pod !== undefined) {
        const { name, uid = '' } = pod.metadata ?? {};
        const path = `${this.ofPods.path}/${name}`;
        await this.slots.run(() => client.delete(path, { gracePeriodSeconds: 0, signal }));
        this.dropped.add(uid);
      }
      proof.again(performance.now());
      this.judgeAll();
    });
  }

  /** What does not come is not told by any event. */
  private async observeTime(): Promise<void> {
    for (;;) {
      await rest(this.bounds.lookSeconds * 1000, this.signal);
      for (const name of this.kinds.keys()) {
        for (const [node, pod] of this.podsOf(name)) {
          await this.expectTaken(node, pod);
        }
        await this.expectMade(name);
      }
    }
  }

  /** Throws when a scheduler has no place for a Pod; leaves out the node whose kubelet does not take it. */
  private async expectTaken(node: string, pod: V1Pod): Promise<void> {
    const since = performance.now() - this.bounds.takeSeconds * 1000;
    const words = unscheduledWords(pod);
    const isLate = () =>
      (words !== undefined || !isTaken(pod)) && this.proofs.get(node)?.isQuietSince(since) === true;
    const name = pod.metadata?.name ?? '';
    const isTold = () => isObjectUpToDate(this.client, this.ofPods.path, name, pod, this.signal);
    if (!isLate() || !(await isTold()) || !isLate()) {
      return;
    }
    if (words !== undefined) {
      throw noRoom(node, words);
    }
    this.leaveOut(node, takesNoPod(this.bounds.takeSeconds));
  }

  /** Throws when a DaemonSet has too few Pods, and gets no more. */
  private async expectMade(name: string): Promise<void> {
    const { client, signal, bounds } = this;
    const since = performance.now() - bounds.madeSeconds * 1000;
    const made = () => this.podsOf(name).size;
    const isLate = () => made() < (this.desiredOf(name) ?? 0) && this.newsAt <= since;
    const isTold = async () =>
      (await isUpToDate(client, this.ofPods, this.pods, signal)) &&
      (await isUpToDate(client, this.ofDaemonSets, this.daemonSets, signal));
    if (!isLate() || !(await isTold()) || !isLate()) {
      return;
    }
    const counts = { made: made(), desired: this.desiredOf(name) };
    throw notMade(name, counts, bounds.madeSeconds, this.plan);
  }

  private leaveOut(node: string, reason: string): void {
    if (this.plan.needsAll) {
      throw unavailableNodes([{ name: node, reason }]);
    }
    this.proofs.get(node)?.settle('left out');
    this.leftOut.set(node, reason);
    this.plan.onLeftOut(node, reason);
    this.finishWhenSettled();
  }

  /** How many nodes there are for a DaemonSet; undefined while its controller has not looked. */
  private desiredOf(name: string): number | undefined {
    const { metadata, status } = this.daemonSets.get(name) ?? {};
    const isObserved = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 1);
    return isObserved ? status?.desiredNumberScheduled : undefined;
  }

  /** Ends when each DaemonSet has a Pod on as many nodes as it wants, and all of these are settled. */
  private finishWhenSettled(): void {
    let all = 0;
    for (const name of this.kinds.keys()) {
      const desired = this.desiredOf(name);
      const nodes = [...this.podsOf(name).keys()];
      const isSettled = (node: string) => this.proofs.get(node)?.end !== undefined;
      if (desired === undefined || nodes.length < desired || !nodes.every(isSettled)) {
        return;
      }
      all += nodes.length;
    }
    const proven = [...this.proofs.values()].filter(isProven).map(({ node }) => node.name);
    if (all === 0) {
      this.done.reject(noNodeFor([...this.kinds.values()], this.plan));
    } else if (proven.length === 0) {
      this.done.reject(noNodeLeft(this.leftOut));
    } else {
      this.done.resolve(proven);
    }
  }
}
