import type { V1Pod } from '@kubernetes/client-node';
import { backoff } from '../kube/retry.js';
import { PROOF_RETRIES } from '../lib/limits/run.js';
import type { LinuxNode } from '../preflight/nodes.js';
import { unscheduledWords } from '../registry/status.js';
import { type Delivery, nameOf } from '../run/run.js';
import type { ProofBounds, ProofPlan } from './plan.js';
import { imagesFor, type ProofImage, type ProofNode } from './pod.js';
import {
  DELETED,
  mayLackWay,
  type RouteVerdict,
  runningIn,
  type Trouble,
  verdictOf,
  verdictOfShown,
} from './verdict.js';

/** How far one node is with its proof. Times are milliseconds of a clock that never goes back. */
export class NodeProof {
  /** How it ended, once it has. */
  end: 'proven' | 'left out' | undefined;
  /** Its first Pod has been asked for. */
  started = false;
  /** Something is being done about it, so that its Pod is of no interest until that is over. */
  busy = false;
  /** The API server has taken the Pod of this attempt. */
  isMade = false;
  /** Its Pod was made before the way was open, so that a pull that is refused tells nothing of the way. */
  isEarly = false;
  /** When its last pull failed on the way to the registry; its start before there was one. */
  troubleAt: number;
  /** When it last got an image; its start before it has one. */
  gotAt: number;
  /** When there was something new about it. */
  private newsAt: number;
  private ending = Promise.withResolvers<void>();
  private failures = 0;
  private troubledSince: number | undefined;
  private troubles = 0;
  private words = '';
  /** The Pod of this attempt as it was looked at, so that its absence means that someone deleted it. */
  private pod: V1Pod | undefined;
  private readonly pulled = new Set<string>();

  /**
   * @param images what its Pod is made of, in the order of its containers
   * @param attempt the attempts before this one, each with a Pod of its own
   */
  constructor(
    public node: ProofNode,
    readonly images: readonly ProofImage[],
    now: number,
    public attempt = 0,
  ) {
    this.newsAt = now;
    this.troubleAt = now;
    this.gotAt = now;
  }

  /** Fulfilled when it has ended. */
  get settled(): Promise<void> {
    return this.ending.promise;
  }

  /** Its first Pod is asked for now. */
  start(now: number): void {
    this.started = true;
    this.newsAt = now;
    this.troubleAt = now;
    this.gotAt = now;
  }

  settle(end: 'proven' | 'left out'): void {
    this.end = end;
    this.ending.resolve();
  }

  /** Whether it has been waited for without anything new since then. */
  isQuietSince(then: number): boolean {
    return this.started && this.end === undefined && this.newsAt <= then;
  }

  /** What it has shown is so no longer. */
  reopen(): void {
    this.end = undefined;
    this.ending = Promise.withResolvers();
  }

  /**
   * Takes in the Pod of this attempt as it is now, and returns whether there is something to judge: not
   * before it was there, and not when it is what it was.
   */
  take(pod: V1Pod | undefined, now: number): boolean {
    if (this.end !== undefined || this.busy || pod === this.pod) {
      return false;
    }
    this.pod = pod;
    this.newsAt = now;
    const before = this.pulled.size;
    for (const container of runningIn(pod)) {
      this.pulled.add(container);
    }
    if (this.pulled.size > before) {
      this.troubledSince = undefined;
      this.gotAt = now;
    }
    return true;
  }

  /** Begins another attempt, whose Pod nobody has seen. */
  again(now: number): void {
    this.attempt++;
    this.isMade = false;
    this.isEarly = false;
    this.busy = false;
    this.pod = undefined;
    this.newsAt = now;
  }

  /**
   * Books a pull that did not come to the registry. Returns for how many milliseconds that has gone on,
   * since the first such pull after the node last got an image, and how many there were.
   */
  trouble(now: number): { readonly lasted: number; readonly times: number } {
    this.troubledSince ??= now;
    this.troubleAt = now;
    return { lasted: now - this.troubledSince, times: ++this.troubles };
  }

  /** Books another failure; false when there were too many for one that may come so many times. */
  mayRetry(times = PROOF_RETRIES): boolean {
    return this.failures++ < times;
  }

  /** Whether these words about what it waits for are news. */
  says(words: string): boolean {
    const news = words !== this.words;
    this.words = words;
    return news;
  }
}

/** The name of a node's Pod in its present attempt. */
export function podNameOf(delivery: Delivery, { node, attempt }: NodeProof): string {
  return nameOf.proof(delivery, node.index, attempt);
}

/** How far all nodes are with their proofs, by their names: those under way and those that are settled. */
export class NodeProofs extends Map<string, NodeProof> {
  /** Nodes that were proven before and have no proof here, each with the name of its Pod. */
  readonly before: Map<string, string>;
  /** The run's Pods as they are now, by name. */
  pods: ReadonlyMap<string, V1Pod> = new Map();
  private index = 0;

  constructor(private readonly plan: ProofPlan) {
    super();
    this.before = new Map(plan.proven);
  }

  /** Begins with nodes; one that was proven before, or left out, begins anew. */
  add(nodes: readonly Omit<ProofNode, 'index'>[]): NodeProof[] {
    const { images, attemptsBefore } = this.plan;
    return nodes.map((node) => {
      const placed = { ...node, index: this.index++ };
      const proof = new NodeProof(
        placed,
        imagesFor(node, images),
        performance.now(),
        attemptsBefore,
      );
      this.set(node.name, proof);
      this.before.delete(node.name);
      return proof;
    });
  }

  /** The names of those that are still to be proven. */
  get waiting(): string[] {
    return this.namesOf(({ end }) => end === undefined);
  }

  /** The names of those that are proven, here or before. */
  get proven(): string[] {
    return [...this.before.keys(), ...this.namesOf(isProven)];
  }

  /** The Pod of a node's present attempt, if it is there. */
  readonly podOf = (proof: NodeProof) => this.pods.get(podNameOf(this.plan, proof));

  /**
   * The Ready nodes that were proven, here or before, and whose Pods show it no longer, as where they were evicted: nothing
   * holds the images there. Each comes with what is to be done about, if anything is. One whose Pod a drain has deleted is let
   * go; what a kubelet has evicted is there still, also where the node takes no new Pods.
   */
  fallenAmong(
    ready: readonly LinuxNode[],
  ): { readonly node: LinuxNode; readonly trouble: Trouble | undefined }[] {
    return ready.flatMap((node) => {
      const proof = this.get(node.name);
      const name = proof === undefined ? this.before.get(node.name) : podNameOf(this.plan, proof);
      if (name === undefined || proof?.end === 'left out') {
        return [];
      }
      const verdict = verdictOfShown(this.pods.get(name), imagesFor(node, this.plan.images));
      if (verdict.kind === 'proven' || (node.drainedBy !== undefined && verdict === DELETED)) {
        return [];
      }
      return { node, trouble: verdict.kind === 'pending' ? undefined : verdict };
    });
  }

  private namesOf(are: (proof: NodeProof) => boolean): string[] {
    return [...this.values()].filter(are).map(({ node }) => node.name);
  }
}

/**
 * Looks at a node's Pod as it is now: what it has proven or waits for is booked and told, where that is news. Returns what
 * is to be done something about.
 */
export function judge(
  proof: NodeProof,
  pod: V1Pod | undefined,
  { onProven, onWaiting }: Pick<ProofPlan, 'onProven' | 'onWaiting'>,
): Trouble | undefined {
  if (!proof.take(pod, performance.now())) return undefined;
  const { name } = proof.node;
  const verdict = pod === undefined ? DELETED : verdictOf(pod, proof.images);
  if (verdict.kind === 'proven') {
    proof.settle('proven');
    onProven(name, pod?.metadata?.name ?? '');
    return undefined;
  }
  const words = unscheduledWords(pod) ?? verdict.words;
  if (proof.says(words)) onWaiting(name, words);
  return verdict.kind === 'pending' ? undefined : verdict;
}

/**
 * Books a pull that did not come to the registry. Returns after how many milliseconds the node is to try again, and whose
 * time is over, the route's or that of its trial, if one is. The first such failure is answered at once; those behind it
 * take their time.
 */
export function patienceWith(
  proof: NodeProof,
  verdict: RouteVerdict,
  proofs: Iterable<NodeProof>,
  { registryNode, trialSeconds }: Pick<ProofPlan, 'registryNode' | 'trialSeconds'>,
  { routeSeconds }: Pick<ProofBounds, 'routeSeconds'>,
): { readonly pause: number; readonly over?: 'route' | 'trial' } {
  const { lasted, times } = proof.trouble(performance.now());
  const pause = times === 1 ? 0 : backoff(times - 1);
  if (lasted > routeSeconds * 1000) return { pause, over: 'route' };
  const isOnTrial = isWayOnTrial(verdict, proofs, registryNode);
  return isOnTrial && lasted > trialSeconds() * 1000 ? { pause, over: 'trial' } : { pause };
}

/** Whether the node runs every image. */
export function isProven({ end }: NodeProof): boolean {
  return end === 'proven';
}

/**
 * Whether a node that does not come to the registry speaks against the way itself. What brings one node brings the next, too,
 * as soon as that one's kube-proxy or relay is there; the registry's own node shows nothing of the way between nodes.
 */
function isWayOnTrial(
  verdict: RouteVerdict,
  proofs: Iterable<NodeProof>,
  registryNode: string,
): boolean {
  const isShown = (proof: NodeProof) => isProven(proof) && proof.node.name !== registryNode;
  return mayLackWay(verdict) && ![...proofs].some(isShown);
}

/** Which nodes have come to the registry, and which have not, by their names. */
export function reachOf(proofs: readonly NodeProof[], registryNode: string) {
  const names = (some: readonly NodeProof[]) => some.map(({ node }) => node.name);
  return {
    registryNode,
    reached: names(proofs.filter(isProven)),
    unreached: names(proofs.filter((proof) => !isProven(proof))),
  };
}
