import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { createOwnPod } from '../kube/quota.js';
import { backoff } from '../kube/retry.js';
import { sentenceOf } from '../lib/errors.js';
import { RELAY_ADMIT_MILLISECONDS, RELAY_BASES_MAX } from '../lib/limits/routes.js';
import { POD_WRITES_MAX, REMOVE_PHASE_SECONDS } from '../lib/limits/run.js';
import { Slots } from '../lib/slots.js';
import { rest, unlessAborted } from '../lib/waiting.js';
import type { BaseNode, Bases } from '../registry/base.js';
import { admitHostPods } from '../run/namespace.js';
import { type Base, baseAdvice, fatalIn } from '../run/pod.js';
import { type Delivery, nameOf, ownsNamespace } from '../run/run.js';
import { type RelayPlan, relayPod } from './relay-pod.js';
import { hasRelays, RelaySets } from './relay-sets.js';
import { RelayNotStarted, RelayRefused, RouteFailure } from './route.js';
import { runs, WatchedRelays } from './watched-relays.js';

/** Words of Pod Security, which may go by labels that the namespace has no more. */
const OLD_LABELS = /violates PodSecurity/;

/** A relay that is being started, or was. */
interface Opening {
  readonly opened: Promise<void>;
  isOver: boolean;
}

/** The relays of one route, a Pod a node; all are seen by one watch. */
export class Relays {
  private readonly slots = new Slots(POD_WRITES_MAX);
  private readonly stop = new AbortController();
  private readonly signal: AbortSignal;
  /** By the node's name. */
  private readonly openings = new Map<string, Opening>();
  private readonly pods: WatchedRelays;
  private readonly sets: RelaySets;
  /** What relays were started from, by architecture. */
  private readonly started = new Map<string, Base>();
  private left: ReturnType<WatchedRelays['now']> | undefined;
  private admitted: Promise<void> | undefined;
  /** Why the namespace was not labelled for host ports, which Pod Security may let it have all the same. */
  private unlabelled: RouteFailure | undefined;
  private count = 0;

  constructor(
    private readonly client: ApiClient,
    private readonly delivery: Delivery,
    private readonly plan: RelayPlan,
    private readonly bases: Pick<Bases, 'on'>,
    signal: AbortSignal,
    startSeconds?: number,
    private readonly admitMilliseconds = RELAY_ADMIT_MILLISECONDS,
  ) {
    this.signal = AbortSignal.any([signal, this.stop.signal]);
    this.sets = new RelaySets(client, delivery, plan);
    this.pods = new WatchedRelays(client, delivery, this.signal, startSeconds);
  }

  /**
   * Starts the relay of a node where none runs, such as one of a release, or what was started before, and waits until it
   * runs. Throws a RouteFailure when the cluster refuses it or it starts from no image of the node, ApiError, the signal's
   * reason.
   */
  async open(node: BaseNode, signal: AbortSignal): Promise<void> {
    const before = this.openings.get(node.name);
    const opening = before?.isOver === false ? before : this.begun(node, before !== undefined);
    await unlessAborted(opening.opened, signal);
  }

  private begun(node: BaseNode, isAgain: boolean): Opening {
    const opening = { opened: isAgain ? this.startAgain(node) : this.start(node), isOver: false };
    const end = () => {
      opening.isOver = true;
    };
    opening.opened.then(end, end);
    this.openings.set(node.name, opening);
    return opening;
  }

  /** Ends what goes on; the Pods stay. Throws ApiError where what a release has for its relays does not come back. */
  async end(): Promise<void> {
    this.stop.abort();
    const started = [...this.openings.values()].map(({ opened }) => opened);
    await Promise.allSettled([...started, this.pods.end()]);
    if (this.sets.areOff) {
      const signal = AbortSignal.timeout(REMOVE_PHASE_SECONDS * 1000);
      await this.sets.putBack(this.started, signal);
    }
  }

  /** Whether a node has a relay from the steps before. What never comes to run there, such as for want of its image, goes. */
  private async isOpen({ name }: BaseNode): Promise<boolean> {
    await this.pods.look();
    if ((await this.pods.faultOf(name)) === undefined) {
      return true;
    }
    this.left ??= this.takeOff();
    const left = await this.left;
    if (this.pods.runsOn(name)) {
      return true;
    }
    await this.deleteAll(this.pods.on(name, left));
    return false;
  }

  /** Takes the DaemonSets off. Returns the relays of then by name. */
  private async takeOff(): ReturnType<WatchedRelays['now']> {
    await this.sets.takeOff(this.signal);
    return await this.pods.now();
  }

  /** What was started may have been taken away since, as by an eviction or a taint: another one tolerates what the node has now. */
  private async startAgain(node: BaseNode): Promise<void> {
    const there = await this.pods.nowOn(node.name);
    if (there.some(runs)) return;
    // Those of a release's DaemonSets it starts itself.
    if (!hasRelays(this.delivery)) await this.deleteAll(there);
    await this.start(node, true);
  }

  private async start(node: BaseNode, isAgain = false): Promise<void> {
    if (hasRelays(this.delivery) && (await this.isOpen(node))) {
      return;
    }
    await this.begin();
    const index = this.count++;
    const comesAfterOthers = isAgain || this.plan.comesAfterOthers === true;
    const found = await this.slots.run(() => this.bases.on(node));
    const bases = found.slice(0, RELAY_BASES_MAX);
    const failures: { readonly image: string; readonly words: string }[] = [];
    for (const [attempt, base] of bases.entries()) {
      const name = nameOf.relay(this.delivery, index, attempt);
      await this.slots.run(() => {
        const set = this.sets.of(base.architecture);
        const pod = relayPod(this.delivery, base, this.plan, index, attempt, set);
        return this.create(pod, comesAfterOthers || attempt > 0);
      });
      const fault = await this.pods.faultOf(node.name, { name, pulled: base.pulled });
      if (fault === undefined) {
        this.started.set(base.architecture, base);
        return;
      }
      failures.push({ image: base.image, words: fault });
      await this.delete(name);
      // By its own words no image is to blame, so from others it would end the same way, unless the port is still that of a
      // relay which is being ended.
      const fatal = fatalIn(fault);
      const mayBeOurs = fatal?.code === 'address-in-use' && comesAfterOthers;
      if (fatal !== undefined && !(mayBeOurs && attempt + 1 < bases.length)) {
        throw new RouteFailure(this.endOf(node.name, fatal));
      }
    }
    if (bases.length === 0) {
      throw new RouteFailure(
        `Node ${node.name} is not known to have an image that a relay could start from; ${baseAdvice(bases)}.`,
      );
    }
    const said = [...new Set(failures.map(({ image, words }) => `${image}: ${words}`))].join('; ');
    throw new RelayNotStarted(
      `No relay starts on node ${node.name} (${said}); ${baseAdvice(bases)}.`,
      failures.at(-1)?.words ?? '',
    );
  }

  /** What a relay on a node ended with, as a sentence. What the injector advises about its port is not for users to follow. */
  private endOf(node: string, { code, words }: { code: string; words: string }): string {
    const isRelease = this.delivery.release !== undefined;
    if (code === 'address-in-use') {
      const advice = isRelease
        ? 'end what listens there, since a release keeps its port, and run the step again'
        : 'run the step again, which takes another port';
      return `The relay on node ${node} ended: ${words.split(';')[0]}; ${advice}.`;
    }
    const advice = isRelease ? '' : ', or set the input `route` to another one';
    return `The relay on node ${node} ended: ${words.replace(/\.$/, '')}; look at that node${advice}.`;
  }

  /** The watch, and before the first Pod the namespace that admits it. */
  private begin(): Promise<void> {
    this.pods.begin();
    this.admitted ??= this.admit();
    return this.admitted;
  }

  private async admit(): Promise<void> {
    try {
      await admitHostPods(this.client, this.delivery, this.signal);
    } catch (error) {
      if (!isFault(error, 'permission', 'policy', 'webhook')) throw error;
      this.unlabelled = new RelayRefused(
        `Relays need a namespace that Pod Security lets have host ports, and the kubeconfig's user may not label it so: ${sentenceOf(error)}`,
        { cause: error },
      );
    }
  }

  /** An API server goes by the namespace's old labels until it has heard of the new ones. */
  private async create(pod: V1Pod, comesAfterOthers: boolean): Promise<void> {
    const { client, delivery, signal } = this;
    let until: number | undefined;
    for (let tries = 1; ; tries++) {
      try {
        return await createOwnPod(client, delivery.namespace, pod, signal, comesAfterOthers);
      } catch (error) {
        if (!isFault(error, 'permission', 'policy', 'webhook', 'quota')) throw error;
        // From the first refusal on, so that a request which takes long leaves time for another.
        until ??= performance.now() + (ownsNamespace(delivery) ? this.admitMilliseconds : 0);
        const isOld = OLD_LABELS.test(sentenceOf(error));
        if (isOld && this.unlabelled !== undefined) throw this.unlabelled;
        if (!isOld || performance.now() >= until) {
          const words = `The cluster refuses the relay's Pod: ${sentenceOf(error)}`;
          throw new RelayRefused(words, { cause: error });
        }
      }
      await rest(backoff(tries), signal);
    }
  }

  private async deleteAll(pods: readonly V1Pod[]): Promise<void> {
    const names = pods.flatMap(({ metadata }) => metadata?.name ?? []);
    await Promise.all(names.map((name) => this.slots.run(() => this.delete(name))));
  }

  private async delete(name: string): Promise<void> {
    const path = `${collection.pods(this.delivery.namespace)}/${name}`;
    await this.client.delete(path, {
      gracePeriodSeconds: 0,
      signal: this.signal,
    });
  }
}
