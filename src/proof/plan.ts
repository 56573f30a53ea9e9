import type { Delivery } from '../run/run.js';
import type { ProofImage, ProofNode } from './pod.js';

/** The nodes that run every image, each with the name of the Pod that shows it. */
export type ProvenNodes = Map<string, string>;

/** What a proof is told of the route that is in use. */
export interface ProofRoute {
  /** Opens the way by which a node pulls, and waits until it may. */
  readonly open: (node: ProofNode, signal: AbortSignal) => Promise<void>;
  /** Whether that is just waiting: then a Pod may be there before, since its kubelet takes a while until it pulls. */
  readonly opensItself: boolean;
  /** Attempts at a node's proof that were made before, by other routes; their Pods had other names. */
  readonly attemptsBefore: number;
  /** What the way by which nodes pull needs that may be missing, as words behind a semicolon. */
  readonly missing: string;
  /**
   * Seconds for which a node may not come through until the route is given up; `routeSeconds` once another node has come to
   * the registry by it.
   */
  readonly trialSeconds: () => number;
  /** Whether no other route is left, so that a registry's node whose death nobody could tell yet is waited for. */
  readonly isLastRoute: boolean;
}

/** What is to be proven, and where. */
export interface ProofPlan extends Delivery, ProofRoute {
  readonly nodes: readonly Omit<ProofNode, 'index'>[];
  readonly images: readonly ProofImage[];
  /** Architectures for which there is an injector in the cluster. */
  readonly architectures: readonly string[];
  /** The registry's Pod and its node, whose end would make every wait vain. */
  readonly registryPod: string;
  readonly registryNode: string;
  /** Nodes that an earlier attempt has proven. */
  readonly proven: ReadonlyMap<string, string>;
  /** Told of each node when it has every image, and of the Pod that shows it. */
  readonly onProven: (node: string, pod: string) => void;
  /** Told of what a node waits for, when that changes. */
  readonly onWaiting: (node: string, words: string) => void;
  /** Whether a node that is lost ends the proof, in place of being left out. */
  readonly needsAll: boolean;
  /** Told of a node that came and to whose platform nothing is sent, in words that follow its name. */
  readonly onUnserved: (node: string, reason: string) => void;
  /** Told of a node that is lost and not proven after all, and why, as words that follow its name. */
  readonly onLeftOut: (node: string, reason: string) => void;
}

/** How long what is waited for, in seconds; the limits of the same names say why. */
export interface ProofBounds {
  readonly lookSeconds: number;
  readonly routeSeconds: number;
  readonly firstSeconds: number;
  readonly turnSeconds: number;
  readonly takeSeconds: number;
  /** For the controller of DaemonSets to make another Pod. */
  readonly madeSeconds: number;
  readonly earlySeconds: number;
}
