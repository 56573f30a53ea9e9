import { KIB, MIB } from './units.js';

/** Limits of the stream to the registry: value, unit in the name, and where it comes from. */

/**
 * Bytes of one message of a port-forward. Measured on Kubernetes 1.37: 90 to 150 MB/s; the server reads each
 * message whole, and takes up to 32 MiB (golang.org/x/net/websocket, `DefaultMaxPayloadBytes`).
 */
export const FORWARD_MESSAGE_BYTES = 128 * KIB;

/** Bytes that a port-forward takes before it waits for the network: some messages, so that one is always due. */
export const FORWARD_AHEAD_BYTES = 512 * KIB;

/** Bytes of one message that is taken from a WebSocket: container runtimes copy 32 KiB at a time. */
export const WEB_SOCKET_MESSAGE_MAX_BYTES = MIB;

/**
 * Seconds between two pings of a port-forward: load balancers cut silent connections, the strictest after
 * 60 s (AWS ELB).
 */
export const FORWARD_PING_SECONDS = 15;

/** Seconds in which nothing came and nothing could be sent, after which a port-forward is taken for dead. */
export const FORWARD_SILENCE_SECONDS = 45;

/**
 * Seconds in which a connection has to be made and proven, and in which a short request is answered. The
 * registry gives up a connection that is not proven within 10 s.
 */
export const STREAM_ANSWER_SECONDS = 10;

/** Seconds of silence after which the feed of demands is taken for dead: the registry says something each 5 s. */
export const FEED_SILENCE_SECONDS = 20;

/**
 * Seconds in which no byte of a slice could be sent, or its answer does not come, after which the connection is
 * taken for dead: the registry cuts after 60 s, and runtimes wait for minutes.
 */
export const SLICE_STALL_SECONDS = 30;

/** Characters of one line of the feed: the longest has a digest, a number and an address. */
export const TOLD_LINE_MAX_CHARACTERS = 4 * KIB;

/** Seconds that a slice takes on the way, and its bytes at first, at least and at most. */
export const SLICE_SECONDS = 0.5;
export const SLICE_START_BYTES = 512 * KIB;
export const SLICE_MIN_BYTES = 128 * KIB;
export const SLICE_MAX_BYTES = 64 * MIB;

/**
 * A slice's share, at most, of what went without a cut so far, and of what a connection carried before it was
 * cut: a slice under way may be lost with its connection. Measured with a reset each 5 MB: 4 % went twice.
 */
export const SLICE_UNCUT_SHARE = 1 / 4;
export const SLICE_CUT_SHARE = 1 / 32;

/**
 * Seconds within which each of the blobs that are waited for gets on. containerd ends a pull without progress
 * after 5 min, and before 2.0 after 1 min (`image_pull_progress_timeout`); CRI-O from 1.30 and a late 1.29 on after 10 s
 * (cri-o #7887), and in its releases from April 2025 on only when it is told to (`pull_progress_timeout`, #9130).
 */
export const TURN_ROUND_SECONDS = 4;

/**
 * Seconds within which each of them gets on when there are so many that turns would be shorter than a slice: with the way as
 * long as a turn, nothing but answers would be waited for. Half of containerd's shorter patience.
 */
export const TURN_ROUND_MAX_SECONDS = 30;

/**
 * Blobs that are kept open between their turns: each may have a file and 2 MiB of buffers. Ours to choose; others are opened
 * anew, once a turn.
 */
export const SOURCES_KEPT_MAX = 8;

/**
 * Milliseconds for which the direct way is given to be connected to: several round trips of a network that runner and
 * nodes share, whose kernels answer however busy they are.
 */
export const DIRECT_PATIENCE_MILLISECONDS = 500;

/**
 * Milliseconds that whoever is there has then for listening and proving itself: on a busy node a container runs for a
 * while before its program listens. Ours to choose: a run waits for it in vain once, and then goes by the API server.
 * One that has no other way waits as long as a stream that has never got on.
 */
export const DIRECT_PROOF_MILLISECONDS = 3_000;

/** Milliseconds between two attempts at an address that refuses. */
export const DIRECT_AGAIN_MILLISECONDS = 25;

/** Addresses of which the log says why they were not taken. */
export const DIRECT_REASONS_MAX = 3;

/** Milliseconds of silence on a direct connection after which the kernel asks whether the other side is there. */
export const TCP_KEEP_ALIVE_MILLISECONDS = 15_000;

/**
 * Seconds within which a port-forward whose handshake failed is begun anew: a second one, too, is over before a stream that
 * never got on is given up, and many are made until any other is.
 */
export const FORWARD_PATIENCE_SECONDS = 15;

/**
 * Connections that send side by side, besides the one on which demands are told. Measured on a busy machine, none
 * of 1 to 4 was clearly faster; with two, a blob that stands still does not hold up the next one.
 */
export const STREAM_CONNECTIONS = 2;

/** Times that a blob is sent again whose bytes were found wrong: a second time it is not the way's doing. */
export const STREAM_WRONG_RETRIES = 1;

/** Seconds without any success after which a stream is given up: at first, and when something has got on before. */
export const STREAM_FIRST_SECONDS = 30;
export const STREAM_PATIENCE_SECONDS = 120;

/**
 * Bytes of content that is sent before anybody asks: manifests, configs and tiny layers, which every new image
 * has, cost less than the question. Ours to choose.
 */
export const SENT_FIRST_MAX_BYTES = 32 * KIB;
