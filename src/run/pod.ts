import type {
  V1Container,
  V1ContainerStateWaiting,
  V1Pod,
  V1Taint,
  V1Toleration,
  V1Volume,
} from '@kubernetes/client-node';
import {
  NODE_DOWN_TOLERATION_SECONDS,
  PROBE_FAILURES,
  PROBE_PERIOD_SECONDS,
  PROBE_TIMEOUT_SECONDS,
} from '../lib/limits/pods.js';
import { RUN_LIFETIME_SECONDS } from '../lib/limits/run.js';
import { type Delivery, labelsFor, nameOf, type Role } from './run.js';
import { type ContainerResources, USUAL_SHAPE } from './shape.js';
import { NO_SIDECAR_ANNOTATIONS, NO_SIDECAR_LABELS } from './sidecars.js';

/** Key of the binary in the injector's ConfigMap, and its name where that is mounted. */
export const INJECTOR_KEY = 'injector';
/** Where the injector's ConfigMap is mounted in every Pod of a run. */
const INJECTOR_MOUNT = '/jackal';
/** The injector's path in every Pod of a run. */
export const INJECTOR = `${INJECTOR_MOUNT}/${INJECTOR_KEY}`;
/** Key of the bytes in a chunk's ConfigMap. */
export const CHUNK_KEY = 'chunk';
/** Where a Pod that reads chunks has them. */
export const CHUNKS_MOUNT = '/jackal-chunks';
/** The port that the registry listens on inside its Pod. */
export const REGISTRY_PORT = 5000;
/** The port at which a stream or couriers bring it bytes. */
export const DELIVERY_PORT = 5001;
/** A user that no image relies on: `restricted` Pod Security asks for one that is not root. */
export const USER = 65532;

/** What a Pod's container may do under the Pod Security level `restricted`: nothing but run. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
};

/**
 * Probes that policies ask for on every container. They are the injector's own and say yes at once,
 * whatever the image, the address family or a mesh may be; an image that runs is all that is asked.
 */
export const PROBES = {
  readinessProbe: {
    exec: { command: [INJECTOR, 'probe'] },
    periodSeconds: PROBE_PERIOD_SECONDS,
    timeoutSeconds: PROBE_TIMEOUT_SECONDS,
  },
  livenessProbe: {
    exec: { command: [INJECTOR, 'probe'] },
    initialDelaySeconds: PROBE_PERIOD_SECONDS,
    periodSeconds: PROBE_PERIOD_SECONDS,
    timeoutSeconds: PROBE_TIMEOUT_SECONDS,
    failureThreshold: PROBE_FAILURES,
  },
} satisfies Partial<V1Container>;

/** A Pod's place: the node that it is made for, and what of it matters to a Pod. */
export interface PodNode {
  /** A scheduler chooses one when undefined. */
  readonly name?: string | undefined;
  /** Those with the effect `NoExecute`; none when undefined. */
  readonly taints?: readonly V1Taint[] | undefined;
}

/** Where a Pod of the run's own can start: a node, and an image that is on it, or that it can pull. */
export interface Base extends BaseCandidate {
  readonly node: string;
}

/** Where a Pod may start without pulling anything: an image, and the node that has it, where that is known. */
export interface BaseCandidate {
  readonly node?: string | undefined;
  /** Nodes that a scheduler is to leave alone, where no node is known. */
  readonly notOn?: readonly string[] | undefined;
  readonly architecture: string;
  readonly image: string;
  /** The user gave the image, so the node may pull it; any other has to be there. */
  readonly pulled?: boolean | undefined;
  /** What else the image is called on that node. */
  readonly aliases?: readonly string[] | undefined;
  /** The node's taints with the effect `NoExecute`. */
  readonly taints?: readonly V1Taint[] | undefined;
}

/** The same place under the further names of its image, those with a digest first. */
export function aliasesOf({ aliases = [], ...base }: BaseCandidate): BaseCandidate[] {
  return aliases.map((image) => ({ ...base, image }));
}

/** Lets the cluster autoscaler take a node away though a Pod is on it that no controller has (its FAQ, `safe-to-evict`). */
const MAY_GO = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' };

/** Whether nothing is lost with a Pod: all but a registry that alone holds what it serves are replaced, or not needed any more. */
function mayGo({ release, hasClaim, carrier = 'configmap' }: Delivery, role: Role): boolean {
  return (
    role !== 'registry' || (release !== undefined && (hasClaim === true || carrier === 'configmap'))
  );
}

/** Name, labels, annotations and owner of a Pod of the run. */
export function podMetadata(delivery: Delivery, role: Role, name: string) {
  return {
    name,
    labels: { ...labelsFor(delivery, role), ...NO_SIDECAR_LABELS },
    annotations: { ...NO_SIDECAR_ANNOTATIONS, ...(mayGo(delivery, role) && MAY_GO) },
    ownerReferences: [delivery.owner],
  };
}

/** What every Pod of a run has in common; `restricted` Pod Security admits it. What is to stay has no deadline. */
export function podSpecOf(
  node: PodNode,
  { shape: { user } = USUAL_SHAPE, release }: Pick<Delivery, 'shape' | 'release'>,
) {
  return {
    ...(node.name !== undefined && { nodeName: node.name }),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostname: 'jackal',
    ...(release === undefined && { activeDeadlineSeconds: RUN_LIFETIME_SECONDS }),
    terminationGracePeriodSeconds: 2,
    tolerations: tolerationsOf(node),
    securityContext: {
      runAsNonRoot: true,
      ...(user && { runAsUser: USER, runAsGroup: USER }),
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

/** The toleration of one taint and no other. */
export function tolerationOf({ key, value, effect }: V1Taint): V1Toleration {
  return value ? { key, operator: 'Equal', value, effect } : { key, operator: 'Exists', effect };
}

/** Taints that come when a node is down; the API server has every Pod tolerate them for a while. */
const NODE_DOWN = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/**
 * The tolerations of a Pod that names its node: that was chosen on purpose, so each of the node's
 * `NoExecute` taints is tolerated, and no other, for some policies take no toleration of everything.
 * Taints of another effect only matter to the scheduler, which has no part in it (kubelet
 * `lifecycle/predicate.go`).
 */
function tolerationsOf({ taints = [] }: PodNode): V1Toleration[] {
  const effect = 'NoExecute';
  return [
    ...taints
      .filter((taint) => taint.effect === effect && !NODE_DOWN.includes(taint.key))
      .map(tolerationOf),
    ...NODE_DOWN.map((key) => ({
      key,
      operator: 'Exists',
      effect,
      tolerationSeconds: NODE_DOWN_TOLERATION_SECONDS,
    })),
  ];
}

/** What to do where nothing starts from an image, as the end of a sentence; `bases` are what was tried. */
export function baseAdvice(bases: readonly Pick<Base, 'pulled'>[]): string {
  return bases.some(({ pulled }) => pulled)
    ? 'give the input `injector-image` an image that the nodes have or can pull'
    : 'let any Pod run there once, so that its image is there, or set the input `injector-image` to an image that the nodes can pull';
}

/** What a container has that runs the injector and needs nothing from its image: any will do. */
export function injectorContainer(
  { image, pulled }: Pick<Base, 'image' | 'pulled'>,
  resources: ContainerResources,
) {
  return {
    image,
    imagePullPolicy: pulled ? 'IfNotPresent' : 'Never',
    workingDir: '/',
    ...PROBES,
    resources,
    securityContext: RESTRICTED_CONTAINER,
    // The injector's last line says why it ended; this hands it to whoever reads the Pod.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

/** What an injector has died of by its container's last words: a code, and a sentence; undefined where these are not its own. */
export function fatalIn(message = ''): { code: string; words: string } | undefined {
  const said = /\bjackal fatal code=(\S+) exit=\d+ message=(.*)$/m.exec(message);
  return said === null ? undefined : { code: said[1] as string, words: said[2] as string };
}

/** Where a container has the injector, of a Pod with `injectorVolume`. */
export const INJECTOR_VOLUME_MOUNT = {
  name: 'injector',
  mountPath: INJECTOR_MOUNT,
  readOnly: true,
} as const;

/** The volume that carries the injector for an architecture, executable for everyone. */
export function injectorVolume(
  delivery: Pick<Delivery, 'id' | 'delivery'>,
  architecture: string,
): V1Volume {
  return {
    name: 'injector',
    configMap: { name: nameOf.injector(delivery, architecture), defaultMode: 0o555 },
  };
}

/**
 * A kubelet's words for a pull that it did not begin, since the Pods of its node began as many just now as it lets them
 * (`registryPullQPS` and `registryBurst`; kubelet `images/helpers.go`). They say nothing of the image.
 */
export const PULL_HELD_BACK = /\bpull QPS exceeded\b/;

/** Kubelets before 1.32 say no more than this between two pulls; the cause came before and comes again. */
export const BARE_BACK_OFF = /^(?:ImagePullBackOff: )?Back-off pulling image "[^"]*"\.?$/;

/** Waiting reasons after which a container cannot start from its image; a pull that failed another Pod tries sooner. */
const UNUSABLE_IMAGE =
  /^(ErrImageNeverPull|InvalidImageName|ImageInspectError|ErrImagePull|ImagePullBackOff|CreateContainerError|CreateContainerConfigError|RunContainerError)$/;

/**
 * Whether a container that waits for this cannot start from its image; a pull that was held back its kubelet tries again,
 * and says of any other what was wrong before it waits without a word.
 */
export function cannotStart({ reason = '', message = '' }: V1ContainerStateWaiting): boolean {
  const mayStart = PULL_HELD_BACK.test(message) || BARE_BACK_OFF.test(message);
  return UNUSABLE_IMAGE.test(reason) && !mayStart;
}

/** What an init container waits for that cannot start from its image; admission has put it in, and all others wait for it. */
export function initFaultOf(pod: V1Pod): string | undefined {
  for (const { name, state } of pod.status?.initContainerStatuses ?? []) {
    if (state?.waiting && cannotStart(state.waiting)) {
      const { reason, message } = state.waiting;
      return `the init container ${name}, which admission put in, does not start: ${[reason, message].filter(Boolean).join(': ')}`;
    }
  }
  return undefined;
}

/** The path of a chunk below the chunks directory: its volume's mount and the ConfigMap's key. */
export function chunkPath(index: number): string {
  return `${index.toString().padStart(4, '0')}/${CHUNK_KEY}`;
}
