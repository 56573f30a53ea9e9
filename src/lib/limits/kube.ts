import { MIB } from './units.js';

/** Limits of the exchange with the API server: value, unit in the name, and where it comes from. */

/**
 * Seconds after which one attempt at a request is given up. The API server bounds a create or
 * patch by 34 s (apiserver endpoints/handlers/rest.go, `requestTimeoutUpperBound`), so nothing
 * useful comes later.
 */
export const REQUEST_DEADLINE_SECONDS = 35;

/** Seconds for which a request is tried again and again; a control plane restart fits in. */
export const RETRY_PATIENCE_SECONDS = 120;

/**
 * Seconds for which a request is tried again while an admission webhook fails to be called: while it is rolled out it does so
 * for a moment. Twice what a webhook may take by default (admissionregistration.k8s.io/v1, `timeoutSeconds`).
 */
export const WEBHOOK_PATIENCE_SECONDS = 20;

/**
 * Seconds for which an address that has never answered is tried: a wrong address in a kubeconfig
 * shall be said soon.
 */
export const FIRST_CONTACT_SECONDS = 10;

/**
 * Milliseconds for which one address of a name may not answer a connection before the next one is tried, as where IPv6 leads
 * nowhere: Node gives it up for good then, and by itself does so after 250 ms, less than a far region or a full uplink takes
 * (nodejs/node#54359). Ours to choose: time for a first packet that is lost, which is sent again after one second (RFC 6298, 2.1),
 * and several addresses have their turn within `FIRST_CONTACT_SECONDS`. The last one has no such bound.
 */
export const ADDRESS_ANSWER_MILLISECONDS = 3_000;

/**
 * Seconds for which the post step tries an address that has answered the step before: a restart of the API server fits in,
 * and half of `CLEANUP_TIMEOUT_SECONDS` is left for the removal.
 */
export const ANOTHER_CONTACT_SECONDS = 60;

/**
 * Seconds after an API server was last away in which its refusals are tried again: one that has just started denies until
 * it has read all roles, and knows no service account until it has read those (kubernetes/kubernetes#121635).
 */
export const STARTED_DENIALS_SECONDS = 30;

/** Milliseconds of the first pause between attempts, doubled each time up to the second value. */
export const RETRY_BASE_MILLISECONDS = 200;
export const RETRY_MAX_MILLISECONDS = 8_000;

/**
 * The longest `Retry-After` that is followed, in seconds: the most that API priority and fairness
 * asks for (apiserver util/flowcontrol/dropped_requests_tracker.go, `maxRetryAfter`).
 */
export const RETRY_AFTER_MAX_SECONDS = 32;

/**
 * Seconds after which the server is asked to end a watch, which is then opened again: load
 * balancers cut silent connections, the strictest after 60 s (AWS ELB), some without a word.
 */
export const WATCH_SECONDS = 50;

/** Seconds of silence after `WATCH_SECONDS` until a watch is taken for dead. */
export const WATCH_GRACE_SECONDS = 15;

/**
 * Bytes of one answer of the API server: ours to choose, half of what can be a text in Node (V8's `String::kMaxLength`). A page of
 * Nodes has some 10 MB; a table of 150,000 Pods, Kubernetes' own bound, may come in one, computed as below 100 MB.
 */
export const ANSWER_MAX_BYTES = 256 * MIB;

/** Bytes of an answer that refuses a request, or of an OIDC issuer's: ours to choose, a thousand times what they have. */
export const REFUSAL_MAX_BYTES = MIB;

/** Bytes, counted as characters, of one line of a watch or a log: an object is some times larger as JSON than its 1.5 MiB in etcd (`DefaultMaxRequestBytes`). */
export const LINE_MAX_BYTES = 8 * MIB;

/** Objects in one page of a list (client-go's pager uses the same, tools/pager `defaultPageSize`). */
export const LIST_PAGE = 500;

/** Times that a list is begun anew because the server has forgotten the pages that it promised. */
export const LIST_RESTARTS = 3;

/** Seconds for which a token file is not read again (client-go transport/token_source.go: 1 min, 10 s leeway). */
export const TOKEN_FILE_SECONDS = 50;

/** Seconds before its expiry at which a credential is fetched anew (client-go keeps 10 s). */
export const CREDENTIAL_LEEWAY_SECONDS = 10;

/** Seconds that a credential plugin may run; it may ask a cloud's identity service. */
export const CREDENTIAL_PLUGIN_SECONDS = 60;

/** Deletes in flight at once: fewer than creates, for throttled control planes refuse deletes first. */
export const DELETE_CONCURRENCY = 4;

/**
 * Seconds for which Pods are tried again in a namespace without its `default` ServiceAccount. The controller manager makes
 * it within a second on an idle cluster; behind a restart of the API server it did after 57 s (measured).
 */
export const SERVICE_ACCOUNT_PATIENCE_SECONDS = 120;

/** Seconds for which they are in a new namespace without OpenShift's annotations, which come as quickly. */
export const USER_RANGE_PATIENCE_SECONDS = 30;

/**
 * Seconds for which what comes in the place of something is tried again while a quota still counts what was deleted, and
 * anything while a quota is not counted: the quota's controller hears of either within a second on an idle cluster.
 */
export const QUOTA_PATIENCE_SECONDS = 30;

/**
 * Milliseconds after which an idle connection to the API server is closed here: load balancers
 * forget it after 60 s (AWS ELB), and a body sent on it then would wait for its deadline.
 */
export const IDLE_CONNECTION_MILLISECONDS = 45_000;

/** Access reviews in flight at once: a few connections that the upload uses again. */
export const ACCESS_REVIEW_CONCURRENCY = 6;
