import { isDeepStrictEqual } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import { observe } from '../kube/watch.js';
import type { ActionError } from '../lib/errors.js';
import { Tasks } from '../lib/tasks.js';
import { rest } from '../lib/waiting.js';
import type { OtherNode } from '../preflight/nodes.js';
import { failWithRegistry } from '../registry/fault.js';
import { isAlive, NodeLooks } from '../registry/nodes.js';
import { RelayNotStarted, RouteFailure } from '../routes/route.js';
import { selectorOf } from '../run/run.js';
import { Newcomers } from './coverage.js';
import {
  failureOnRoute,
  failWithRegistryNode,
  faultOfNode,
  lostAmong,
  missedProofs,
  podFailure,
  TAKES_NO_HTTP,
  takesNoPod,
  untakenProofs,
} from './failure.js';
import { judge, type NodeProof, NodeProofs, patienceWith, podNameOf } from './node-proof.js';
import type { ProofBounds, ProofPlan } from './plan.js';
import { nodesToProve, type ProofNode } from './pod.js';
import { PodWrites } from './pod-writes.js';
import { Turns } from './turns.js';
import {
  DELETED,
  type FailedVerdict,
  isOfPod,
  mayLackWay,
  type RouteVerdict,
  type Trouble,
} from './verdict.js';

/** One proof under way: what is known of the nodes, and what is being done about them. */
export class Proving {
  private readonly done = Promise.withResolvers<string[]>();
  private readonly tasks = new Tasks((error) => this.done.reject(error));
  private readonly writes: PodWrites;
  private readonly turns: Turns;
  private readonly proofs: NodeProofs;
  private readonly newcomers: Newcomers;
  private readonly looks: NodeLooks;
  private finishing = false;
  /** Nodes that have been left out and whose Pods are still to go. */
  private leaving = 0;

  constructor(
    private readonly client: ApiClient,
    private readonly plan: ProofPlan,
    private readonly signal: AbortSignal,
    private readonly bounds: ProofBounds,
  ) {
    this.writes = new PodWrites(client, plan, signal, bounds.earlySeconds);
    this.looks = new NodeLooks(client, plan, signal);
    const begin = (proof: NodeProof) => this.once(proof, this.writes.create(proof));
    this.turns = new Turns(begin, this.tasks, bounds, signal);
    this.newcomers = new Newcomers(plan);
    this.proofs = new NodeProofs(plan);
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
    this.tasks.spawn(() => this.observePods());
    this.tasks.spawn(() => this.observeNodes());
  }

  private add(nodes: readonly Omit<ProofNode, 'index'>[]): void {
    this.turns.take(this.proofs.add(nodes), this.plan.registryNode);
  }

  private async observePods(): Promise<void> {
    const { client, plan, signal } = this;
    const query = { labelSelector: selectorOf(plan.id) };
    const path = collection.pods(plan.namespace);
    const nodes = nodesToProve(plan.nodes, plan.images).filter(
      ({ name }) => !plan.proven.has(name),
    );
    for await (const pods of observe<V1Pod>(client, path, { query, signal })) {
      this.proofs.pods = pods;
      failWithRegistry(plan, pods.get(plan.registryPod));
      // No Pod is made before the first look, which would not show one that somebody has deleted by then.
      this.add(nodes.splice(0));
      for (const proof of this.proofs.values()) {
        this.help(proof, judge(proof, this.proofs.podOf(proof), plan));
      }
      this.finishWhenSettled();
    }
  }

  /** Does what a node's Pod asks for, if anything. */
  private help(proof: NodeProof, trouble: Trouble | undefined): void {
    if (trouble?.kind === 'failed' || trouble?.kind === 'meddled') {
      this.failed(proof, trouble);
    } else if (trouble?.kind === 'https') {
      this.leaveOut(proof, TAKES_NO_HTTP, false);
    } else if (trouble !== undefined) {
      this.troubled(proof, trouble);
    }
  }

  private failed(proof: NodeProof, verdict: FailedVerdict): void {
    if (proof.mayRetry()) {
      this.replace(proof, 0, isOfPod(verdict));
    } else {
      this.failUnlessLeft(proof, async () => {
        const reason = faultOfNode(verdict, await this.looks.ready(proof.node.name));
        if (reason === undefined) {
          return podFailure(verdict, { ...this.plan, node: proof.node.name });
        }
        this.leaveOut(proof, reason, verdict.kind === 'failed');
        return undefined;
      });
    }
  }

  private troubled(proof: NodeProof, verdict: RouteVerdict): void {
    if (proof.isEarly && mayLackWay(verdict)) {
      this.replace(proof, 0);
      return;
    }
    const { plan, bounds } = this;
    const { over, pause } = patienceWith(proof, verdict, this.proofs.values(), plan, bounds);
    if (over === 'route') {
      this.failUnlessLeft(proof, () => this.routeFailure(proof, verdict));
    } else if (over === 'trial') {
      this.failWhileServed(proof, verdict, pause);
    } else {
      this.replace(proof, pause);
    }
  }

  /** The route does not bring this node; but if the registry's node is dead, the cluster says so later, and no other route helps. */
  private failWhileServed(proof: NodeProof, verdict: RouteVerdict, pause: number): void {
    proof.busy = true;
    this.tasks.spawn(async () => {
      if (await isAlive(this.client, this.plan.registryNode, !this.plan.isLastRoute, this.signal)) {
        this.failUnlessLeft(proof, () => this.routeFailure(proof, verdict));
      } else {
        this.replace(proof, pause);
      }
    });
  }

  private routeFailure(proof: NodeProof, verdict: RouteVerdict): Promise<ActionError> {
    const failed = { verdict, node: proof.node.name, proofs: [...this.proofs.values()] };
    return failureOnRoute(this.client, this.plan, failed, this.signal);
  }

  /** Puts a new Pod in the place of one that failed, after some milliseconds, made for the node as it is then if that may help. */
  private replace(proof: NodeProof, pause: number, isForNow = false): void {
    proof.busy = true;
    this.tasks.spawn(async () => {
      await rest(pause, this.signal);
      const now = isForNow ? await this.looks.ready(proof.node.name) : undefined;
      // One that came meanwhile takes every Pod from the node that does not tolerate it.
      if (now !== undefined) proof.node = { ...proof.node, taints: now.taints };
      await this.once(proof, this.writes.replace(proof));
    });
  }

  /** A node that cannot have its images fails the proof, unless it has left or is not Ready, or there is no failure. */
  private failUnlessLeft(proof: NodeProof, failure: () => Promise<ActionError | undefined>): void {
    proof.busy = true;
    this.tasks.spawn(async () => {
      await this.look();
      const failed = proof.end === undefined ? await failure() : undefined;
      if (failed !== undefined) {
        throw failed;
      }
    });
  }

  /**
   * Waits until a node's Pod is written. A way that does not open to it is the route's failure, unless the node is at fault,
   * or has got a taint since that takes a relay away.
   */
  private async once(proof: NodeProof, written: Promise<void>): Promise<void> {
    try {
      await written;
    } catch (error) {
      if (!(error instanceof RouteFailure)) throw error;
      this.failUnlessLeft(proof, async () => {
        const words = error instanceof RelayNotStarted ? error.words : '';
        const reason = faultOfNode({ kind: 'failed', words }, undefined);
        const now = await this.looks.ready(proof.node.name);
        if (reason !== undefined) this.leaveOut(proof, reason);
        else if (isDeepStrictEqual(now?.taints, proof.node.taints)) return error;
        else this.replace(proof, 0, true);
        return undefined;
      });
    }
  }

  /** Asks for the nodes, all at once, as long as there is no news of one of them. */
  private async observeNodes(): Promise<void> {
    const { client, plan, proofs, signal, bounds } = this;
    const { podOf } = proofs;
    for (;;) {
      await rest(bounds.lookSeconds * 1000, signal);
      const since = performance.now() - bounds.lookSeconds * 1000;
      if ([...proofs.values()].some((proof) => proof.isQuietSince(since))) await this.look();
      for await (const proof of missedProofs(client, plan, proofs, podOf, { since, signal })) {
        this.help(proof, DELETED);
      }
      for await (const proof of untakenProofs(client, proofs, podOf, bounds, signal)) {
        this.leaveOut(proof, takesNoPod(bounds.takeSeconds));
      }
    }
  }

  /**
   * Leaves out the nodes that have left or are not Ready. Throws where that may not be, and a RegistryLost when it is the
   * registry's node.
   */
  private async look(): Promise<void> {
    const { plan, proofs } = this;
    const nodes = await this.looks.unlessReady(() => [plan.registryNode, ...proofs.waiting]);
    if (nodes !== undefined) {
      const lost = lostAmong(proofs.waiting, plan, nodes);
      failWithRegistryNode(plan, nodes);
      this.leaveOutAll(lost);
    }
  }

  private leaveOutAll(nodes: readonly OtherNode[]): void {
    for (const { name, reason } of nodes) {
      const proof = this.proofs.get(name);
      if (proof !== undefined) {
        this.leaveOut(proof, reason);
      } else {
        this.newcomers.leaveOut(name, reason, true);
        this.remove(this.proofs.before.get(name));
        this.proofs.before.delete(name);
      }
    }
  }

  private leaveOut(proof: NodeProof, reason: string, mayComeBack = true): void {
    this.newcomers.leaveOut(proof.node.name, reason, mayComeBack);
    proof.settle('left out');
    this.remove(proof.started ? podNameOf(this.plan, proof) : undefined);
  }

  /** Deletes the Pod of a node that is left out, if it had one. */
  private remove(pod: string | undefined): void {
    this.leaving++;
    this.tasks.spawn(async () => {
      // No kubelet is there to end it, and the post step would wait for one; it does what fails here.
      if (pod !== undefined) await this.writes.delete(pod).catch(() => undefined);
      this.leaving--;
      this.finishWhenSettled();
    });
  }

  /** When every node is settled, looks for others that came meanwhile, and whether those that were proven are there and so; ends then. */
  private finishWhenSettled(): void {
    if (this.finishing || this.leaving > 0 || this.proofs.waiting.length > 0) return;
    this.finishing = true;
    this.tasks.spawn(async () => {
      const { plan, proofs } = this;
      const nodes = await this.looks.all();
      const { ready } = nodes;
      const lost = lostAmong(proofs.proven, plan, nodes);
      const fallen = proofs.fallenAmong(ready);
      const anew = fallen.filter(({ node }) => !this.proofs.has(node.name)).map(({ node }) => node);
      const added = [...this.newcomers.among(ready), ...anew];
      if (added.length + fallen.length + lost.length === 0) {
        this.newcomers.checkShown(ready, proofs.proven);
        this.done.resolve(proofs.proven);
        return;
      }
      this.finishing = false;
      this.leaveOutAll(lost);
      for (const { node, trouble } of fallen) {
        const proof = this.proofs.get(node.name);
        proof?.reopen();
        if (proof !== undefined) this.help(proof, trouble);
      }
      this.add(added);
    });
  }
}
