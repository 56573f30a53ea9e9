import type { V1DaemonSet, V1NodeSelectorTerm, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { RELAY_PORT_FIRST } from '../lib/limits/routes.js';
import { placementFor } from '../preflight/affinity.js';
import { daemonSetOf } from '../run/daemonset.js';
import {
  type Base,
  type BaseCandidate,
  INJECTOR,
  INJECTOR_VOLUME_MOUNT,
  injectorContainer,
  injectorVolume,
  podMetadata,
  podSpecOf,
} from '../run/pod.js';
import { DAEMONSET_LABEL, DELIVERY_LABEL, type Delivery, nameOf } from '../run/run.js';
import { USUAL_SHAPE } from '../run/shape.js';

/** The name of a relay's container in its Pod; admission may have put others beside it. */
export const RELAY_CONTAINER = 'relay';
/** Where a relay with a hostPort listens in its Pod; no privilege is needed for it. */
const PORT_IN_POD = 5000;

/**
 * The port on the nodes' loopback for a run that has no NodePort: above the range from which Linux takes ports for
 * outgoing connections (`ip_local_port_range` ends at 60999), and another one for each run, as far as that goes.
 */
export function relayPortFor(runId: string): number {
  return RELAY_PORT_FIRST + (Number.parseInt(runId, 16) % (65536 - RELAY_PORT_FIRST));
}

/** A relay on one node. */
export interface RelayPlan {
  readonly route: 'hostport' | 'hostnetwork';
  /** The port on the node's loopback, which stands in the images' references. */
  readonly port: number;
  /** `ADDR:PORT` of the registry's Pod: kube-proxy, which may be what is missing, has no part in it. Of a release's Service. */
  readonly to: string;
  /** Whether Pods of the run went just before, which a quota may still count. */
  readonly comesAfterOthers?: boolean;
}

/**
 * The Pod that opens the registry on one node's loopback: it passes bytes on, and sees none of what it means. Pod
 * Security admits it under `privileged` alone, for its port or the host's network; else it has no more than any
 * other Pod of the run.
 *
 * @param node which of the run's relays it is
 * @param attempt how many bases were tried before
 * @param set that of a release for the node's architecture, whose injector it has then
 */
export function relayPod(
  delivery: Delivery,
  base: Base,
  { route, port, to }: RelayPlan,
  node: number,
  attempt: number,
  set?: V1DaemonSet,
): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: relayMetadata(delivery, base.architecture, nameOf.relay(delivery, node, attempt)),
    spec: {
      ...podSpecOf({ name: base.node, taints: base.taints }, delivery),
      restartPolicy: 'OnFailure',
      ...relayParts(delivery, base, { route, port, to }, set),
    },
  };
}

/**
 * The DaemonSet that has a relay on every node that comes to a release's registry, and takes over those that are there. No
 * delivery owns it, for the port on the nodes is the same for all.
 *
 * @param besides what other nodes meet that it is for
 * @param before the one that was there, whose injector it has, too
 */
export function relayDaemonSet(
  delivery: Delivery,
  base: BaseCandidate,
  plan: RelayPlan,
  besides: readonly V1NodeSelectorTerm[] = [],
  before?: V1DaemonSet,
): V1DaemonSet {
  const { architecture } = base;
  const name = nameOf.relays(delivery, architecture);
  return daemonSetOf(relayMetadata(delivery, architecture, name), {
    ...podSpecOf({}, delivery),
    ...placementFor(architecture, delivery.nodeSelector, { ...delivery, besides }),
    ...relayParts(delivery, base, plan, before),
  });
}

function relayMetadata(delivery: Delivery, architecture: string, name: string) {
  if (delivery.release === undefined) {
    return podMetadata(delivery, 'relay', name);
  }
  const { labels, ...metadata } = podMetadata(delivery, 'relay', name);
  const { [DELIVERY_LABEL]: _, ...ofAll }: Record<string, string> = labels;
  const daemonSet = { [DAEMONSET_LABEL]: nameOf.relays(delivery, architecture) };
  return { ...metadata, labels: { ...ofAll, ...daemonSet } };
}

function relayParts(
  delivery: Delivery,
  base: BaseCandidate,
  { route, port, to }: RelayPlan,
  set: V1DaemonSet | undefined,
): Pick<V1PodSpec, 'hostNetwork' | 'containers' | 'volumes'> {
  const { shape = USUAL_SHAPE } = delivery;
  const ofHost = route === 'hostnetwork';
  const listen = ofHost ? [`127.0.0.1:${port}`, `[::1]:${port}`] : [`0.0.0.0:${PORT_IN_POD}`];
  const ports = [{ containerPort: PORT_IN_POD, hostPort: port, hostIP: '127.0.0.1' }];
  return {
    ...(ofHost && { hostNetwork: true }),
    containers: [
      {
        name: RELAY_CONTAINER,
        ...injectorContainer(base, shape.proof),
        command: [
          INJECTOR,
          'relay',
          ...['--to', to],
          ...listen.flatMap((address) => ['--listen', address]),
        ],
        ...(!ofHost && { ports }),
        volumeMounts: [INJECTOR_VOLUME_MOUNT],
      },
    ],
    volumes: set?.spec?.template.spec?.volumes ?? [injectorVolume(delivery, base.architecture)],
  };
}
