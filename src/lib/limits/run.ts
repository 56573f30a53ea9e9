import { CONFIGMAP_MAX_BYTES } from './carriers.js';
import { MIB } from './units.js';

/** Limits of a run, its registry and its proofs: value, unit in the name, and where it comes from. */

/**
 * Bytes that one injector may have: it travels in a single ConfigMap. The project's own gate for
 * releases is tighter (576 KiB, in the crate's tests).
 */
export const INJECTOR_MAX_BYTES = CONFIGMAP_MAX_BYTES;

/**
 * Seconds after its main step after which what a run left behind may be taken away by anyone, and after
 * which its Pods end by themselves: the longest that a job may run on a GitHub-hosted runner (6 hours).
 */
export const RUN_LIFETIME_SECONDS = 6 * 3600;

/**
 * Seconds after which a run whose main step says nothing any more may be taken away by anyone: more
 * than twice `RETRY_PATIENCE_SECONDS`, so that no outage of the control plane that a run survives ends
 * its lease.
 */
export const RUN_LEASE_SECONDS = 300;

/** Seconds between two renewals of the lease: several may fail in a row. */
export const RUN_LEASE_RENEW_SECONDS = 60;

/** Images that the registry is tried on before the run gives up: each failed one costs a second. */
export const REGISTRY_BASES_MAX = 6;

/** Restarts of the registry after bad ends from which on nobody waits for the next: ours to choose. */
export const REGISTRY_CRASHES_MAX = 3;

/** Times that a run is done anew from the upload on because its registry's Pod was lost: ours to choose. */
export const REGISTRY_LOSSES_MAX = 1;

/**
 * Seconds after its Service was led to another registry for which that of a release that is replaced goes on, and within
 * which a runner looks for the new one at the nodes' addresses: kube-proxies follow within their sync period, one second
 * by default (kube-proxy `minSyncPeriod`), and later with many Services.
 */
export const SERVICE_CHANGE_SECONDS = 5;

/**
 * Deliveries that one step may make of a release, whose numbers it takes beforehand: the first, one for each loss of its
 * registry, and one for each other carrier; and some more.
 */
export const DELIVERIES_PER_STEP_MAX = 8;

/** Bytes that the registry's store may take beyond the blobs themselves: names, partial files. */
export const REGISTRY_STORE_OVERHEAD_BYTES = 16 * MIB;

/**
 * What a volume has more than the store, in percent of that and in bytes, and what it has at least: a file system takes a part of
 * it for itself, and drivers such as Longhorn's give just what is asked for. Measured with mke2fs 1.47: 25 MiB of 516, 78 of
 * 816, 102 of 2048, 165 of 5136. mkfs.xfs makes none below 300 MiB, and many drivers round up to whole GiB.
 */
export const VOLUME_PERCENT = 110;
export const VOLUME_OVERHEAD_BYTES = 64 * MIB;
export const VOLUME_LEAST_BYTES = 1024 * MIB;

/**
 * Seconds for which a registry's volume may be on its way before its Pod has a node, since until then nobody can tell
 * whose fault it is, but where the scheduler names another reason. Ours to choose: drivers of clouds provision one within 5 to 40 s.
 */
export const VOLUME_COMES_SECONDS = 120;

/**
 * Seconds for which a node whose pulls do not come to the registry is asked again with a new Pod, since the
 * first such pull after it last got an image. kube-proxy programs a new Service within its sync period,
 * one second by default (kube-proxy `minSyncPeriod`), and later with many Services; and if it is the
 * registry's node that is dead, the cluster says so only after 50 s (`NodeMonitorGracePeriod`).
 */
export const ROUTE_PATIENCE_SECONDS = 60;

/**
 * Seconds without news of a node's proof, or of the registry's start, after which the nodes are asked for, and
 * between two such questions: ours to choose. A controller manager calls a node NotReady 50 s after its
 * kubelet's last sign (`NodeMonitorGracePeriod`; 40 s before 1.32).
 */
export const NODE_LOOK_SECONDS = 5;

/**
 * Seconds after its kubelet's last sign of life for which a node counts as alive: kubelets renew their Lease every
 * ten seconds (kubelet `nodeLeaseDurationSeconds` 40, a quarter of it).
 */
export const NODE_SIGN_SECONDS = 15;

/**
 * Seconds that a kubelet may take to say that it has the registry's Pod before another node's is asked:
 * twice the period in which it sends whatever status it did not send at once (kubelet status_manager.go,
 * `syncPeriod`).
 */
export const KUBELET_TAKES_SECONDS = 20;

/**
 * Seconds after which a Pod of the run's own that a kubelet has taken and that has no container counts as one that does not
 * start there, and the same where an image may be pulled, a volume attached or many ConfigMaps mounted before. Ours to
 * choose: kubelets try a sandbox or a mount that failed again within seconds, and say so after two minutes of mounting
 * (kubelet `podAttachAndMountTimeout`).
 */
export const POD_STARTS_SECONDS = 60;
export const POD_STARTS_LATE_SECONDS = 180;

/**
 * Nodes whose proofs all start at once. With more, one is proven before the others start. Measured with two
 * nodes and 10 MB on a busy machine: 1.9 s for the stage with both at once, 3.1 s with one first.
 */
export const NODES_AT_ONCE_MAX = 4;

/**
 * Nodes that pull at a time. containerd opens 3 connections for an image (`max_concurrent_downloads`) and kubelets pull
 * one image after the other (`serializeImagePulls`), so these take a tenth of the registry's 1,000 connections and
 * leave room for nodes that pull several images at once. Measured on two busy cores with 150 nodes that each take a
 * second and 20 images: 26, 18 and 15 s with 8, 32 and 64 at a time, the last being what the API server takes anyway.
 */
export const NODES_PULLING_MAX = 32;

/**
 * Seconds for which a node may get no image until another one starts beside it, so that nodes that are slow or broken
 * hold nobody up for ever: ours to choose.
 */
export const NODE_TURN_SECONDS = 30;

/**
 * Images that a kubelet tells of, the largest of its node (`nodeStatusMaxImages`, 50 by default), and milliseconds until
 * it tells of a new one: its list is read every 30 s (`imageCache` of image_gc_manager.go), its status every 10 s
 * (`nodeStatusUpdateFrequency`), and it may be busy.
 */
export const NODE_TELLS_IMAGES_MAX = 50;
export const NODE_TELLS_WITHIN_MS = 60_000;

/** Images of which it is written down where they were proven, and nodes of each: ours to choose. */
export const PROOFS_REMEMBERED_MAX = 200;
export const PROOF_NODES_REMEMBERED_MAX = 1000;

/** Nodes that one sentence names; of more it says how many: ours to choose. */
export const NODES_NAMED_MAX = 10;

/** Seconds without a failure after which the others start though the first node is not proven. */
export const FIRST_NODE_SECONDS = 5;

/**
 * Creates and deletes of Pods in flight at once. Measured on two busy cores: 300 creates took 2.7, 2.9, 2.6, 1.9,
 * 1.3, 1.6 and 2.6 s with 1, 2, 4, 8, 16, 32 and 300 at once. API priority and fairness has 49 seats for all
 * ordinary users together.
 */
export const POD_WRITES_MAX = 16;

/**
 * Seconds after the proof for which the registry's readiness is awaited so that the chunks can go, or a release's Service
 * lead to it only while it is Ready: its probe's own timeout of ten seconds, and some periods of one second. Then the
 * post step deletes them, and the Service stays as it is.
 */
export const READY_PATIENCE_SECONDS = 15;

/** Times that a node is asked again after a failure that is not about the route. */
export const PROOF_RETRIES = 1;

/**
 * Times that a node's Pod may be taken away where nobody may list nodes and see that one is being emptied: ours to choose. Who
 * empties one, such as the cluster autoscaler, evicts DaemonSets' Pods, which come again until the node goes.
 */
export const PROOF_DELETIONS_MAX = 5;

/** Seconds that the post step takes at most before it says what is left. */
export const CLEANUP_TIMEOUT_SECONDS = 120;

/** Seconds for one phase of a removal, such as that of all ConfigMaps: all four fit into the post step. */
export const REMOVE_PHASE_SECONDS = 28;

/** Seconds within which an API server says its version, else it is what holds a removal up: ours to choose, it takes milliseconds. */
export const REMOVE_PROBE_SECONDS = 2;

/**
 * Milliseconds that kubelets have to end Pods that are being deleted before these are deleted without
 * them. Measured: 0.4 s until the containers have ended, and up to two more until the kubelet, which
 * looks at its containers once a second (`genericPlegRelistPeriod`), has noticed and told.
 */
export const POD_END_MILLISECONDS = 300;

/**
 * Seconds that the garbage collector has for a ReplicaSet or DaemonSet whose Pods have gone, before that is deleted without
 * it: ours to choose. On an idle cluster it needs less than one.
 */
export const CONTROLLER_END_SECONDS = 5;

/** Seconds for one phase of the removal of a dead run: Pods of a node that is down go within them. */
export const REMOVE_DEAD_PHASE_SECONDS = 20;

/** Seconds after which no removal of a dead run is begun any more: half of the post step's time. */
export const REMOVE_DEAD_SECONDS = 60;

/**
 * Seconds of a namespace's life in which only the cluster itself puts things into it. Creation times
 * are in whole seconds.
 */
export const NAMESPACE_FILLED_SECONDS = 1;

/**
 * Seconds for which a release that was deleted a moment ago is waited for: the namespace controller begins after five
 * (`namespaceDeletionGracePeriod`), and comes back within half a minute or so to what was still there (it estimates by
 * the Pods' grace period, ours is a second). One with a broken APIService never goes.
 */
export const NAMESPACE_GONE_SECONDS = 60;

/** Seconds that the question for the cluster's warnings may take: the failure is what matters. */
export const WARNINGS_ASK_SECONDS = 2;
