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
