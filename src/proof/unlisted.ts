import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { POD_WRITES_MAX, PROOF_DELETIONS_MAX } from '../lib/limits/run.js';
import { Slots } from '../lib/slots.js';
import { Tasks } from '../lib/tasks.js';
import { rest } from '../lib/waiting.js';
import { unavailableNodes } from '../preflight/nodes.js';
import { failWithRegistry } from '../registry/fault.js';
import { hasLeft } from '../registry/nodes.js';
import { isTaken, unscheduledWords } from '../registry/status.js';
import { nameOf } from '../run/run.js';
import { checkShown } from './coverage.js';
import { proofDaemonSet, SeenDaemonSets } from './daemonset.js';
import {
  failureOnRoute,
  faultOfNode,
  isOfLostNode,
  noNodeFor,
  noRoom,
  notMade,
  podFailure,
  TAKES_NO_HTTP,
  takesNoPod,
} from './failure.js';
import { isProven, judge, NodeProof, patienceWith } from './node-proof.js';
import type { ProofBounds, ProofPlan } from './plan.js';
import { imagesFor, type ProofImage } from './pod.js';
import {
  DELETED,
  type FailedVerdict,
  type RouteVerdict,
  type Trouble,
  verdictOfShown,
} from './verdict.js';

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
  private readonly seen: SeenDaemonSets;

  constructor(
    private readonly client: ApiClient,
    private readonly plan: ProofPlan,
    private readonly signal: AbortSignal,
    private readonly bounds: ProofBounds,
  ) {
    this.seen = new SeenDaemonSets(client, plan, signal);
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

  private async observePods(): Promise<void> {
    for await (const pods of this.seen.observePods()) {
      failWithRegistry(this.plan, pods.get(this.plan.registryPod));
      this.judgeAll();
    }
  }

  private async observeDaemonSets(): Promise<void> {
    for await (const _ of this.seen.observeDaemonSets()) {
      this.judgeAll();
    }
  }

  /** The proofs of all nodes that ever had a Pod of a DaemonSet. */
  private proofsOf(daemonSet: string): NodeProof[] {
    const architecture = this.kinds.get(daemonSet)?.architecture;
    return [...this.proofs.values()].filter(({ node }) => node.architecture === architecture);
  }

  private judgeAll(): void {
    const now = performance.now();
    for (const [name, { architecture, images }] of this.kinds) {
      const pods = this.seen.podsOf(name);
      for (const node of pods.keys()) {
        if (!this.proofs.has(node)) {
          const index = this.proofs.size;
          const proof = new NodeProof({ index, name: node, architecture }, images, now);
          proof.start(now);
          this.proofs.set(node, proof);
        }
      }
      for (const proof of this.proofsOf(name)) {
        const pod = pods.get(proof.node.name);
        // Evicted, as may be, or gone, or another one of the DaemonSet's in the place of what showed the images.
        const isFallen = verdictOfShown(pod, images).kind !== 'proven';
        if (isProven(proof) && isFallen) proof.reopen();
        this.help(proof, pod, judge(proof, pod, this.plan));
      }
    }
    this.finishWhenSettled();
  }

  /** Does what a node's Pod asks for, if anything. */
  private help(proof: NodeProof, pod: V1Pod | undefined, trouble: Trouble | undefined): void {
    if (trouble === undefined) {
      return;
    }
    if (pod === undefined) {
      this.gone(proof);
    } else if (trouble.kind === 'failed' || trouble.kind === 'meddled') {
      this.failed(proof, pod, trouble);
    } else if (trouble.kind === 'https') {
      this.leaveOut(proof.node.name, TAKES_NO_HTTP);
    } else {
      this.troubled(proof, pod, trouble);
    }
  }

  /** The DaemonSet makes another Pod, or the node goes, too: who empties one first takes Pods away that come again. */
  private gone(proof: NodeProof): void {
    if (!proof.mayRetry(PROOF_DELETIONS_MAX)) {
      this.done.reject(podFailure(DELETED, { ...this.plan, node: proof.node.name }));
    }
  }

  private failed(proof: NodeProof, pod: V1Pod, verdict: FailedVerdict): void {
    const reason = faultOfNode(verdict, undefined);
    if (proof.mayRetry()) {
      this.replace(proof, pod, 0);
    } else if (reason !== undefined) {
      this.leaveOut(proof.node.name, reason);
    } else {
      this.done.reject(podFailure(verdict, { ...this.plan, node: proof.node.name }));
    }
  }

  private troubled(proof: NodeProof, pod: V1Pod, verdict: RouteVerdict): void {
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
  private replace(proof: NodeProof, pod: V1Pod, pause: number): void {
    proof.busy = true;
    this.tasks.spawn(async () => {
      await rest(pause, this.signal);
      await this.slots.run(() => this.seen.drop(pod));
      proof.again(performance.now());
      this.judgeAll();
    });
  }

  /** What does not come is not told by any event. */
  private async observeTime(): Promise<void> {
    for (;;) {
      await rest(this.bounds.lookSeconds * 1000, this.signal);
      for (const name of this.kinds.keys()) {
        for (const [node, pod] of this.seen.podsOf(name)) {
          await this.expectTaken(node, pod);
        }
        await this.expectMade(name);
        await this.leaveOutGone(name);
      }
      this.judgeAll();
    }
  }

  /** Throws when a scheduler has no place for a Pod; leaves out the node whose kubelet does not take it. */
  private async expectTaken(node: string, pod: V1Pod): Promise<void> {
    const since = performance.now() - this.bounds.takeSeconds * 1000;
    const words = unscheduledWords(pod);
    const isLate = () =>
      (words !== undefined || !isTaken(pod)) && this.proofs.get(node)?.isQuietSince(since) === true;
    if (!isLate() || !(await this.seen.isStill(pod)) || !isLate()) {
      return;
    }
    if (words !== undefined) {
      throw noRoom(node, words);
    }
    this.leaveOut(node, takesNoPod(this.bounds.takeSeconds));
  }

  /** Throws when a DaemonSet has too few Pods, and gets no more. */
  private async expectMade(name: string): Promise<void> {
    const { madeSeconds } = this.bounds;
    const since = performance.now() - madeSeconds * 1000;
    const counts = () => ({
      made: this.seen.podsOf(name).size,
      desired: this.seen.desiredOf(name) ?? 0,
    });
    const isLate = () => counts().made < counts().desired && this.seen.newsAt <= since;
    if (await this.seen.isSoNow(isLate)) {
      throw notMade(name, counts(), madeSeconds, this.plan);
    }
  }

  /**
   * Leaves out the nodes that have no Pod of a DaemonSet that has as many as it wants: not at once, since its count may be
   * older than a Pod that went.
   */
  private async leaveOutGone(name: string): Promise<void> {
    const since = performance.now() - this.bounds.madeSeconds * 1000;
    const gone = () => {
      const pods = this.seen.podsOf(name);
      const isGone = (proof: NodeProof) =>
        !proof.busy && proof.isQuietSince(since) && !pods.has(proof.node.name);
      return pods.size === this.seen.desiredOf(name) ? this.proofsOf(name).filter(isGone) : [];
    };
    if (await this.seen.isSoNow(() => gone().length > 0)) {
      for (const { node } of gone()) this.leaveOut(node.name, hasLeft(this.plan.nodeSelector));
    }
  }

  private leaveOut(node: string, reason: string): void {
    if (this.plan.needsAll) {
      throw unavailableNodes([{ name: node, reason }]);
    }
    this.proofs.get(node)?.settle('left out');
    this.leftOut.set(node, reason);
    this.plan.onLeftOut(node, reason);
  }

  /**
   * Ends when each DaemonSet has a Pod on just as many nodes as it wants, and all nodes that ever had one are settled; one
   * Pod more is of a node that has left.
   */
  private finishWhenSettled(): void {
    const names = [...this.kinds.keys()];
    const isComplete = (name: string) => this.seen.podsOf(name).size === this.seen.desiredOf(name);
    const isOpen = [...this.proofs.values()].some(({ end }) => end === undefined);
    if (isOpen || !names.every(isComplete)) {
      return;
    }
    for (const [node, pod] of names.flatMap((name) => [...this.seen.podsOf(name)])) {
      const proof = this.proofs.get(node);
      if (proof !== undefined && isProven(proof) && isOfLostNode(pod)) {
        this.leaveOut(node, 'is not Ready');
      }
    }
    const proven = [...this.proofs.values()].filter(isProven).map(({ node }) => node);
    if (proven.length + this.leftOut.size === 0) {
      throw noNodeFor([...this.kinds.values()], this.plan);
    }
    checkShown(proven, this.plan.images, this.leftOut);
    this.done.resolve(proven.map(({ name }) => name));
  }
}
