import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { ifAnswered } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { observe } from '../kube/watch.js';
import { rest, unlessAborted } from '../lib/waiting.js';
import { type BaseCandidate, cannotStart, initFaultOf } from '../run/pod.js';
import { type Delivery, selectorOf } from '../run/run.js';
import { notStarted } from '../run/warnings.js';
import { isInjectorsWord, lastLineOf } from './fault.js';
import { troubleOf } from './nodes.js';
import { isTaken, REGISTRY_CONTAINER, statusOf, unscheduledWords } from './status.js';

/** Words of a scheduler about a volume that is still to come, wherever the Pod is to run. */
const VOLUME_COMES = /unbound immediate PersistentVolumeClaims/;

/** Words of a scheduler that name volumes, if among other things. */
const NAMES_VOLUMES = /volume/i;

/** Why a registry Pod never came to run. */
export interface StartFault {
  readonly words: string;
  /** It is the node's fault, so that no other image of it will do. */
  readonly ofNode: boolean;
  /** The Pod has found no node while its volume, which is the same for all bases, was on its way. */
  readonly ofVolume?: boolean;
}

/** How long what is waited for, in seconds; the limits of the same names say why. */
export interface StartBounds {
  readonly takeSeconds: number;
  readonly lookSeconds: number;
  readonly volumeSeconds: number;
  readonly startSeconds: number;
}

/** Told of what a node waits for that holds the registry up, in words. */
export type OnWaiting = (node: string, words: string) => void;

/** The start of one registry Pod that has been created. */
export class Start {
  /** When a kubelet was first seen to have the Pod. */
  private takenAt: number | undefined;
  private seen: V1Pod | undefined;
  /** Fulfilled with the first look at the Pod, from which on its times count. */
  private readonly looked = Promise.withResolvers<void>();

  constructor(
    private readonly client: ApiClient,
    private readonly delivery: Delivery,
    private readonly pod: string,
    private readonly base: BaseCandidate,
    private readonly bounds: StartBounds,
    private readonly onWaiting?: OnWaiting,
  ) {}

  /** The node that the Pod is on, as far as is known. */
  get node(): string | undefined {
    return this.base.node ?? this.seen?.spec?.nodeName;
  }

  /**
   * Undefined when the Pod's container runs or has run; else why it never will. Throws ApiError.
   *
   * @param hasOthers another node may be asked, so that nobody waits long for this one's kubelet
   */
  async fault(hasOthers: boolean, signal: AbortSignal): Promise<StartFault | undefined> {
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const both = [this.faultOfPod(hasOthers, until), this.faultOfNode(hasOthers, until)];
    try {
      return await Promise.race(both);
    } finally {
      stop.abort();
      await Promise.allSettled(both);
    }
  }

  private async faultOfPod(
    hasOthers: boolean,
    signal: AbortSignal,
  ): Promise<StartFault | undefined> {
    const query = { labelSelector: selectorOf(this.delivery.id, 'registry') };
    const path = collection.pods(this.delivery.namespace);
    for await (const pods of observe<V1Pod>(this.client, path, { query, signal })) {
      const pod = pods.get(this.pod);
      this.see(pod);
      this.looked.resolve();
      const state = startStateOf(pod);
      if (state !== 'starting') {
        return state === 'running' ? undefined : { words: state.fault, ofNode: false };
      }
      const words = unscheduledWords(pod);
      if (hasOthers && words !== undefined && !this.isVolumeToCome(words)) {
        return { words, ofNode: true };
      }
    }
    throw new Error('an observation ended');
  }

  private see(pod: V1Pod | undefined): void {
    this.seen = pod;
    if (isTaken(pod)) this.takenAt ??= performance.now();
  }

  /** Whether the Pod is still to start, asked now: after a stop of this machine the watch has yet to tell what came meanwhile. */
  private async isStarting(signal: AbortSignal): Promise<boolean> {
    const path = `${collection.pods(this.delivery.namespace)}/${this.pod}`;
    const pod = await ifAnswered(this.client.get<V1Pod>(path, { signal }), signal);
    if (pod !== undefined) this.see(pod);
    return pod !== undefined && startStateOf(pod) === 'starting';
  }

  private isVolumeToCome(words: string): boolean {
    return this.delivery.hasClaim === true && VOLUME_COMES.test(words);
  }

  /** Whether the Pod may have no node for its volume's sake: a scheduler that waits for one has not a word to say. */
  private waitsForVolume(): boolean {
    const hasNode = this.takenAt !== undefined || this.seen?.spec?.nodeName !== undefined;
    const words = unscheduledWords(this.seen);
    return !hasNode && (words === undefined || NAMES_VOLUMES.test(words));
  }

  /** The fault of a Pod whose volume does not come; undefined once it has a node, or something else keeps it from one. */
  private async faultOfVolume(signal: AbortSignal): Promise<StartFault | undefined> {
    const { lookSeconds, volumeSeconds } = this.bounds;
    const end = performance.now() + volumeSeconds * 1000;
    while (this.waitsForVolume() && performance.now() < end) {
      await rest(Math.min(lookSeconds * 1000, end - performance.now()), signal);
    }
    if (!this.waitsForVolume() || !(await this.isStarting(signal)) || !this.waitsForVolume()) {
      return undefined;
    }
    const words = `its volume has not come within ${volumeSeconds} s`;
    const told = unscheduledWords(this.seen);
    return { words: [words, told].filter(Boolean).join(', and '), ofNode: true, ofVolume: true };
  }

  /** A node that is well says so for ever, so this ends only with a fault. */
  private async faultOfNode(hasOthers: boolean, signal: AbortSignal): Promise<StartFault> {
    const { takeSeconds, lookSeconds } = this.bounds;
    await unlessAborted(this.looked.promise, signal);
    const fault = this.delivery.hasClaim && (await this.faultOfVolume(signal));
    if (fault) {
      return fault;
    }
    await rest(takeSeconds * 1000, signal);
    // Where nodes may be asked for, what they say is waited for when there is no other.
    const isLast = !hasOthers && this.delivery.nodesUnlisted !== true;
    for (;;) {
      const late = (await this.isStarting(signal)) && (await this.faultWhenLate(isLast, signal));
      if (late) {
        return late;
      }
      await rest(lookSeconds * 1000, signal);
    }
  }

  /** The fault of a node, if any, whose Pod has not started when a kubelet must have taken it. */
  private async faultWhenLate(
    isLast: boolean,
    signal: AbortSignal,
  ): Promise<StartFault | undefined> {
    const { takeSeconds, startSeconds } = this.bounds;
    const told = unscheduledWords(this.seen);
    if (this.takenAt === undefined && (!isLast || told)) {
      const words = `its kubelet has not taken the Pod for ${takeSeconds} s`;
      return { words: told ?? words, ofNode: true };
    }
    const reason = await troubleOf(this.client, this.node, this.delivery, signal);
    if (reason !== undefined) {
      return { words: `the node ${reason}`, ofNode: true };
    }
    if (performance.now() - (this.takenAt ?? Number.POSITIVE_INFINITY) >= startSeconds * 1000) {
      const { namespace } = this.delivery;
      const words = await notStarted(this.client, namespace, this.pod, startSeconds, signal);
      if (!isLast) {
        return { words, ofNode: true };
      }
      this.onWaiting?.(this.node ?? this.pod, words);
    }
    return undefined;
  }
}

/** Reads whether a Pod's container of a name has come to run. */
export function startStateOf(
  pod: V1Pod | undefined,
  container = REGISTRY_CONTAINER,
): 'starting' | 'running' | { fault: string } {
  if (pod === undefined) {
    return { fault: 'its Pod was deleted' };
  }
  const { phase, reason, message } = pod.status ?? {};
  const { state, lastState } = statusOf(pod, container) ?? {};
  const { running, waiting, terminated } = state ?? {};
  if (running !== undefined) {
    return 'running';
  }
  if (terminated !== undefined) {
    return { fault: lastLineOf(terminated.message) ?? terminated.reason ?? 'it ended' };
  }
  if (phase === 'Failed') {
    return { fault: [reason, message].filter(Boolean).join(': ') || 'its Pod failed' };
  }
  const before = lastState?.terminated?.message;
  const fatal = isInjectorsWord(before) ? lastLineOf(before) : undefined;
  if (waiting?.reason === 'CrashLoopBackOff' && fatal !== undefined) {
    return { fault: fatal };
  }
  if (waiting && (cannotStart(waiting) || waiting.reason === 'CrashLoopBackOff')) {
    return { fault: [waiting.reason, waiting.message].filter(Boolean).join(': ') };
  }
  const fault = initFaultOf(pod);
  return fault === undefined ? 'starting' : { fault };
}
