/** Limits of the Pods of a run: value, unit in the name, and where it comes from. */

/** Memory limit of the registry's container; the injector's use does not grow with the payload. */
export const REGISTRY_MEMORY = '64Mi';

/**
 * CPU limit of the registry's container, and the least that it is squeezed to by quotas and ratios: with
 * 100m a container starts as soon as without a limit (see below).
 */
export const REGISTRY_CPU = '1000m';
export const REGISTRY_CPU_LEAST = '100m';

/**
 * How many times what quotas leave has to hold the registry's best, for it to get that where nobody may list nodes and so nobody
 * knows how many proofs share the rest: ours to choose.
 */
export const UNCOUNTED_REGISTRIES_MIN = 10;

/**
 * CPU limit of a proof's container, and the least that it is squeezed to. `hold` uses none; it is the
 * runtime that starts the container within the limit. Measured on two busy cores, create to Running:
 * 1.6 s without a limit, 1.5, 1.6, 1.9 and 3.9 s with 250m, 100m, 50m and 20m.
 */
export const PROOF_CPU = '250m';
export const PROOF_CPU_LEAST = '20m';

/** Memory limit of a proof's container, and the least: runc needs some 15 MiB of it for a moment. */
export const PROOF_MEMORY = '64Mi';
export const PROOF_MEMORY_LEAST = '32Mi';

/**
 * Requests of a container where admission wants some; else they are zero, so that a Pod also starts on a
 * node whose CPU and memory are all promised to others.
 */
export const SMALL_CPU = '10m';
export const SMALL_MEMORY = '16Mi';

/** Seconds between two probes that are there because policies ask for them: each is a process on the node. */
export const PROBE_PERIOD_SECONDS = 3600;

/** Seconds between two of those of a registry that has started and is not ready yet: a busy node may miss one. */
export const REGISTRY_READY_PERIOD_SECONDS = 30;

/** Seconds that such a probe may take: a node that is busy says nothing about the container. */
export const PROBE_TIMEOUT_SECONDS = 60;

/** Failed probes in a row that are no reason to end a container: more than fit into a run's life. */
export const PROBE_FAILURES = 1_000_000;

/**
 * Seconds that a Pod stays on a node that is not ready or unreachable: what the API server gives every
 * Pod that does not say it (kube-apiserver `--default-not-ready-toleration-seconds`).
 */
export const NODE_DOWN_TOLERATION_SECONDS = 300;

/** Nodes that are looked at for an image that the registry starts from: as many as bases are tried. */
export const BASE_NODES_MAX = 6;

/** Pods that are tried on a node with the input `injector-image`: a pull may fail once without a reason that stays. */
export const GIVEN_BASE_TRIES = 2;

/** Nodes whose Pods are counted at once. */
export const NODE_ASKS_CONCURRENCY = 6;

/** Seconds for which a question about network policies is tried again: ours is a courtesy. */
export const NETWORK_POLICY_PATIENCE_SECONDS = 10;

/** Times that Pods are fitted anew to what a refusal says of limits: each rule of a LimitRange may come alone. */
export const FIT_ROUNDS_MAX = 8;

/** Images of running Pods of a namespace that the registry is tried on where nobody may list nodes: ours to choose. */
export const RUNNING_BASES_MAX = 4;

/** Sandbox images that it is tried on then, for each architecture: each that a node lacks costs about a second. */
export const KNOWN_BASES_MAX = 16;

/** Images that one sentence names after all of them have failed; of more it says how many: ours to choose. */
export const BASE_FAILURES_NAMED_MAX = 4;

/**
 * Nodes of which a lost registry of a release may start again on one: ours to choose, since each is a term of the Pod's
 * node affinity.
 */
export const LASTING_NODES_MAX = 50;

/**
 * Seconds for which the controller that is to make a release's Pods may say nothing: ours to choose. One that is idle says
 * within a second whether admission lets it, and within two more whether it goes on failing (its rate limiter begins with
 * 5 ms, and doubles it). One of a busy cluster has others to serve first.
 */
export const CONTROLLER_SILENCE_SECONDS = 30;
