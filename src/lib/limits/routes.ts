/** Limits of the routes by which nodes come to the registry: value, unit in the name, and where it comes from. */

/**
 * The first port that a run without a NodePort takes on the nodes' loopback: behind those that Linux gives to outgoing
 * connections (`net.ipv4.ip_local_port_range` ends at 60999).
 */
export const RELAY_PORT_FIRST = 61_000;

/** Images of a node that its relay is tried on: ours to choose, each failed one costs a second. */
export const RELAY_BASES_MAX = 3;

/**
 * Milliseconds for which Pod Security may refuse a relay in a namespace that has just been labelled for it: API servers
 * look at a copy of the namespace that is as old as their last news (pod-security-admission, namespace lister).
 */
export const RELAY_ADMIT_MILLISECONDS = 5_000;

/**
 * Seconds that the garbage collector has to let go of a release's relays, so that their DaemonSets can go without them. Ours
 * to choose: on an idle cluster it needs less than one, and one that cannot read all kinds of objects never does (kubernetes#101078).
 */
export const RELAY_SETS_END_SECONDS = 20;

/**
 * Seconds for which a node's pulls may fail on their way until another route is tried: kube-proxy programs a Service within its `minSyncPeriod`, one second by default.
 */
export const ROUTE_TRIAL_SECONDS = 3;

/** The same where no other route is left, before the run ends, unless the registry's node may be dead. Ours to choose: who waits longer, waits in vain. */
export const ROUTE_LAST_SECONDS = 20;

/**
 * The same where kube-proxy is known to have NodePorts on the loopback, so that it is more likely slow than not there:
 * with thousands of Services a sync of its rules takes that long.
 */
export const ROUTE_LIKELY_SECONDS = 20;
