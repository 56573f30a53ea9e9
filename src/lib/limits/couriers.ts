import { MIB } from './units.js';

/** Limits of couriers, which bring ConfigMaps' content to the registry batch by batch: value, unit in the name, and where it comes from. */

/**
 * Bytes of all content from which on it travels by couriers when it has to travel in ConfigMaps: half of the default
 * `configmap-budget`, below which one Pod is simpler. Measured with 253 MB on two busy cores: 23.5 s all at once, 26.0 s
 * by couriers in 128 MiB, while a kubelet grew by 682 MB and by 184 MB.
 */
export const COURIERS_FROM_BYTES = 32 * MIB;

/** The least bytes in ConfigMaps at once that couriers do with: some batches of a few chunks each. Ours to choose. */
export const COURIER_WINDOW_MIN_BYTES = 8 * MIB;

/**
 * Bytes of a full batch: ours to choose, between many Pods and long waits. Measured with 253 MB on two busy cores: 12
 * couriers, each of which took 3 to 7 s from its making to its end, and 1 s of that for what it brought.
 */
export const COURIER_BATCH_BYTES = 20 * MIB;

/** The share of the bytes at once that one batch may have, so that others are uploaded while it is brought. */
export const COURIER_BATCH_SHARE = 1 / 3;

/** Chunks of one batch, which its Pod mounts: a Pod with as many starts in about a second (see `npm run bench -- mounting`). */
export const COURIER_CHUNKS_MAX = 64;

/** Couriers at work at once: more than that many batches are rarely under way, and each takes a place on a node. */
export const COURIERS_MAX = 8;

/** Pods that are tried for one batch: what ends a Pod from outside rarely comes twice. Ours to choose. */
export const COURIER_TRIES_MAX = 4;

/** Seconds after which a log that is followed is opened anew: load balancers cut silent connections, the strictest after 60 s (AWS ELB). */
export const LOG_SECONDS = 50;

/** Seconds for which one attempt at a log is made, and attempts in a row that fail until nobody waits for it any more. */
export const LOG_PATIENCE_SECONDS = 10;
export const LOG_FAILURES_MAX = 3;

/**
 * Seconds for which the registry's log is read when all is proven, for what each node pulled: a kubelet or an API server
 * that begins again is back by then. No longer, since every step waits for it in a cluster whose logs hang.
 */
export const PULLS_READ_SECONDS = 10;
