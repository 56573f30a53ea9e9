export const id = 23;
export const ids = [23];
export const modules = {

/***/ 4023:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  OW: () => (/* binding */ ApiClient),
  vy: () => (/* binding */ FIELD_MANAGER),
  kx: () => (/* binding */ PARTIAL_OBJECT),
  D7: () => (/* binding */ PARTIAL_OBJECT_LIST)
});

// UNUSED EXPORTS: queryString

// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
// EXTERNAL MODULE: ./out/src/lib/limits/kube.js
var kube = __webpack_require__(773);
// EXTERNAL MODULE: ./out/src/lib/rest.js
var rest = __webpack_require__(5587);
;// CONCATENATED MODULE: ./out/src/kube/clock.js
/**
 * The clock of a server, told by the `Date` of its answers, for a runner's own clock may be minutes
 * off. `Date` has whole seconds, so this clock is up to a second behind, besides the way of the answer.
 */
class ServerClock {
    monotonic;
    own;
    /** What the server's clock showed when the monotonic one showed 0. */
    origin;
    /**
     * @param monotonic milliseconds of a clock that never goes back
     * @param own milliseconds since 1970 by this machine, for as long as the server has told nothing
     */
    constructor(monotonic = () => performance.now(), own = () => Date.now()) {
        this.monotonic = monotonic;
        this.own = own;
    }
    /** Takes the value of a `Date` header that has just come; one that is no date tells nothing. */
    hear(date = '') {
        const told = Date.parse(date);
        if (!Number.isNaN(told)) {
            this.origin = told - this.monotonic();
        }
    }
    /** Milliseconds since 1970. */
    now() {
        return this.origin === undefined ? this.own() : this.origin + this.monotonic();
    }
}
//# sourceMappingURL=clock.js.map
// EXTERNAL MODULE: ./out/src/kube/error.js
var kube_error = __webpack_require__(5077);
// EXTERNAL MODULE: ./out/src/kube/exchange.js
var exchange = __webpack_require__(2146);
// EXTERNAL MODULE: ./out/src/kube/retry.js
var retry = __webpack_require__(3481);
;// CONCATENATED MODULE: ./out/src/kube/client.js







/** The field manager under which the API server books what this action writes. */
const FIELD_MANAGER = 'jackal-inject';
/**
 * Speaks HTTP/1.1 to one API server over kept connections. HTTP/2 is not used: its window of
 * 256 KiB a stream binds a body of chunk size to the round trip (apiserver secure_serving.go).
 * Failures are ApiErrors; busy, broken and late answers are tried again with growing pauses.
 */
class ApiClient {
    endpoint;
    server;
    contacted = false;
    clock = new ServerClock();
    quickest = Number.POSITIVE_INFINITY;
    constructor(endpoint) {
        this.endpoint = endpoint;
        this.server = endpoint.server.origin;
    }
    /** Sends a request until it is granted, refused, or patience ends. Throws ApiError. */
    async request(wanted) {
        const call = callOf(wanted);
        const answer = await this.persist(wanted, () => (0,exchange/* exchange */.cv)(this.endpoint, call));
        return { ...answer.result, attempts: answer.attempts };
    }
    /** A GET whose answer is read while it comes, such as a log; its errors are those of `request`. */
    async stream(path, options = {}) {
        const wanted = { method: 'GET', path, ...options };
        const call = callOf(wanted);
        const { result } = await this.persist(wanted, async () => {
            const response = await (0,exchange/* openStream */.fv)(this.endpoint, call);
            const status = response.statusCode ?? 0;
            const body = status >= 300 ? await (0,exchange/* read */.LF)(response) : Buffer.alloc(0);
            return { status, headers: response.headers, body, response };
        });
        return result.response;
    }
    /** One object. */
    async get(path, options = {}) {
        return json(await this.request({ method: 'GET', path, ...options }));
    }
    /** All objects of a collection, read page by page. */
    async list(path, options = {}) {
        const items = [];
        let token;
        for (;;) {
            const query = { ...options.query, limit: kube/* LIST_PAGE */.Fw, continue: token };
            const page = await this.get(path, { ...options, query });
            items.push(...(page.items ?? []));
            token = page.metadata?.continue || undefined;
            if (token === undefined) {
                return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
            }
        }
    }
    /**
     * Creates an object and returns what the server made of it. When an attempt had succeeded
     * unnoticed, the next one's conflict is met by returning what is there.
     */
    async create(path, object, options = {}) {
        const query = { fieldManager: FIELD_MANAGER, ...options.query };
        try {
            return json(await this.request({ method: 'POST', path, body: object, ...options, query }));
        }
        catch (error) {
            const name = object.metadata?.name;
            if ((0,kube_error/* isFault */.Zh)(error, 'conflict') && error.attempts > 1 && name !== undefined) {
                const { query: _, ...rest } = options;
                return this.get(`${path}/${name}`, rest);
            }
            throw error;
        }
    }
    /** Deletes an object, its dependents in the background; false when it was not there. */
    async delete(path, options = {}) {
        const { preconditions, gracePeriodSeconds, ...rest } = options;
        const body = {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            propagationPolicy: 'Background',
            ...(preconditions && { preconditions }),
            ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
        };
        try {
            await this.request({ method: 'DELETE', path, body, accept: PARTIAL_OBJECT, ...rest });
            return true;
        }
        catch (error) {
            if ((0,kube_error/* isFault */.Zh)(error, 'not-found')) {
                return false;
            }
            throw error;
        }
    }
    /** Merges a patch (RFC 7396) into an object and returns it. */
    async patch(path, patch, options = {}) {
        const query = { fieldManager: FIELD_MANAGER, ...options.query };
        const contentType = 'application/merge-patch+json';
        return json(await this.request({ method: 'PATCH', path, body: patch, contentType, ...options, query }));
    }
    /** Milliseconds since 1970 by the API server's clock, as its last granted answer told it. */
    now() {
        return this.clock.now();
    }
    /** Milliseconds of the quickest answer so far, which is about a round trip; 0 before the first. */
    get roundTripMilliseconds() {
        return Number.isFinite(this.quickest) ? this.quickest : 0;
    }
    /** Closes the connections; the client is of no use afterwards. */
    close() {
        this.endpoint.close();
    }
    async persist(wanted, attempt) {
        const started = performance.now();
        const patience = (wanted.patienceSeconds ?? kube/* RETRY_PATIENCE_SECONDS */.$_) * 1000;
        let renewed = false;
        for (let attempts = 1;; attempts++) {
            const asked = { ...wanted, server: this.server, attempts };
            const { ending, result, error } = await this.measured(wanted, attempt);
            if (result !== undefined && result.status < 300) {
                this.clock.hear(result.headers.date);
                return { result, attempts };
            }
            if (result?.status === 401 && !renewed && this.endpoint.forget()) {
                renewed = true;
                continue;
            }
            const failure = result === undefined
                ? (0,kube_error/* unreachable */.HB)(asked, error)
                : (0,kube_error/* apiErrorOf */.qT)(asked, result.status, result.body);
            const elapsed = performance.now() - started;
            const state = { attempts, elapsed, patience, contacted: this.contacted };
            const delay = (0,kube_error/* isFault */.Zh)(failure, 'space', 'too-large') ? undefined : (0,retry/* retryDelay */.a)(ending, state);
            if (delay === undefined) {
                throw failure;
            }
            await (0,rest/* rest */.z)(delay, wanted.signal);
        }
    }
    /** One attempt with its time; throws only what no further attempt could mend. */
    async measured({ onAttempt, signal }, attempt) {
        const started = performance.now();
        try {
            const result = await attempt();
            this.contacted = true;
            const milliseconds = performance.now() - started;
            this.quickest = Math.min(this.quickest, milliseconds);
            onAttempt?.({ milliseconds, status: result.status });
            const retryAfter = result.headers['retry-after'];
            return { ending: { status: result.status, ...(retryAfter && { retryAfter }) }, result };
        }
        catch (error) {
            signal?.throwIfAborted();
            if (error instanceof errors/* ActionError */.lZ) {
                throw error;
            }
            const { code = '', reused = false } = error;
            onAttempt?.({ milliseconds: performance.now() - started, code });
            return { ending: { code, reused }, error };
        }
    }
}
/** Asks for an object's metadata alone, where the server would echo the whole object. */
const PARTIAL_OBJECT = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
/** As `PARTIAL_OBJECT`, for lists and watches. */
const PARTIAL_OBJECT_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
function json({ body }) {
    return JSON.parse(body.toString('utf8'));
}
function callOf(wanted) {
    const { method, body, signal } = wanted;
    const bytes = Array.isArray(body) ? body : body && [jsonBytes(body)];
    return {
        method,
        path: wanted.path + queryString(wanted.query),
        headers: {
            accept: wanted.accept ?? 'application/json',
            ...(bytes && { 'content-type': wanted.contentType ?? 'application/json' }),
        },
        deadlineSeconds: wanted.deadlineSeconds ?? kube/* REQUEST_DEADLINE_SECONDS */.f1,
        ...(bytes && { body: bytes }),
        ...(signal && { signal }),
    };
}
function jsonBytes(object) {
    return Buffer.from(JSON.stringify(object));
}
/** A query string with its question mark, or nothing. */
function queryString(query = {}) {
    const pairs = Object.entries(query)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
//# sourceMappingURL=client.js.map

/***/ }),

/***/ 5077:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   HB: () => (/* binding */ unreachable),
/* harmony export */   Zh: () => (/* binding */ isFault),
/* harmony export */   hD: () => (/* binding */ ApiError),
/* harmony export */   qT: () => (/* binding */ apiErrorOf)
/* harmony export */ });
/* unused harmony exports statusOf, deniedIn */
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9850);

/** A request that the API server did not grant, as one sentence for the user. */
class ApiError extends _lib_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ {
    name = 'ApiError';
    fault;
    /** HTTP status, 0 when no answer came. */
    status;
    /** Kubernetes' own word, such as `AlreadyExists`; empty when there is none. */
    reason;
    /** The attempts made, at least one. */
    attempts;
    /** What the server said, in its own words; empty when no answer came. */
    words;
    /** The access that was refused, when the fault is `permission`. */
    denied;
    constructor(sentence, facts, options) {
        super(sentence, options);
        this.fault = facts.fault;
        this.status = facts.status;
        this.reason = facts.reason ?? '';
        this.attempts = facts.attempts ?? 1;
        this.words = facts.words ?? '';
        this.denied = facts.denied;
    }
}
/** True for anything thrown that is an ApiError of one of these faults. */
function isFault(thrown, ...faults) {
    return thrown instanceof ApiError && faults.includes(thrown.fault);
}
/** The error for an answer that is not 2xx. */
function apiErrorOf(asked, status, body) {
    const { reason, message } = statusOf(body);
    const denied = deniedIn(message);
    const fault = faultOf(status, reason, message, denied);
    return new ApiError(sentence(fault, asked, status, message, denied), {
        fault,
        status,
        reason,
        words: message,
        attempts: asked.attempts,
        denied,
    });
}
/** The error for a request that got no answer at all. */
function unreachable(asked, cause) {
    return new ApiError(`The API server at ${asked.server} cannot be reached (${wordsOf(cause)}); check the address in the kubeconfig and the network between this machine and the cluster.`, { fault: 'unreachable', status: 0, attempts: asked.attempts }, { cause });
}
/** An error's words; Node's AggregateError of several addresses has only a code. */
function wordsOf(cause) {
    const { message, code } = cause;
    return message || code || String(cause);
}
/** What `metav1.Status` says, or the first line of an answer that is none (a proxy's page). */
function statusOf(body) {
    const text = body.toString('utf8');
    try {
        const { reason, message } = JSON.parse(text);
        return { reason: String(reason ?? ''), message: String(message ?? '') };
    }
    catch {
        return { reason: '', message: text.replaceAll(/\s+/g, ' ').trim().slice(0, 300) };
    }
}
const RBAC_DENIAL = /User "(?<user>[^"]*)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/;
/** The refused access that the API server's authorizer names in its message. */
function deniedIn(message) {
    const found = RBAC_DENIAL.exec(message)?.groups;
    if (found === undefined) {
        return undefined;
    }
    const { user = '', verb = '', resource = '', group = '', namespace } = found;
    return { user, verb, resource, group, ...(namespace && { namespace }) };
}
function faultOf(status, reason, message, denied) {
    // etcd's own words come through with several statuses, so they are looked at first.
    if (/database space exceeded/.test(message)) {
        return 'space';
    }
    if (/etcdserver: throttle|too many requests/i.test(message)) {
        return 'busy';
    }
    if (status === 413 || /request is too large|trying to send message larger/.test(message)) {
        return 'too-large';
    }
    if (status === 401 || denied?.user === 'system:anonymous') {
        return 'credentials';
    }
    if (status === 403) {
        return forbiddenFault(message, denied);
    }
    const byStatus = {
        404: 'not-found',
        408: 'busy',
        409: 'conflict',
        410: 'gone',
        429: 'busy',
        503: 'busy',
        504: 'busy',
    };
    return byStatus[status] ?? (reason === 'Expired' ? 'gone' : 'other');
}
function forbiddenFault(message, denied) {
    if (denied !== undefined) {
        return 'permission';
    }
    if (/because it is being terminated/.test(message)) {
        return 'terminating';
    }
    return /exceeded quota|failed quota/.test(message) ? 'quota' : 'policy';
}
function sentence(fault, { server, method, path }, status, message, denied) {
    const said = message === '' ? `HTTP ${status}` : message.replace(/[.\s]+$/, '');
    switch (fault) {
        case 'credentials':
            return `The API server at ${server} refused the kubeconfig's credentials (${status === 401 ? '401 Unauthorized' : 'it sees an anonymous user'}); use a kubeconfig whose user is valid and has not expired.`;
        case 'permission':
            return `${permissionWords(denied)}; grant it with a Role or ClusterRole, as the README's section on permissions shows.`;
        case 'terminating':
            return `The namespace is being deleted and takes nothing new (${said}); wait until it is gone or use another namespace.`;
        case 'quota':
            return `A ResourceQuota forbids what this run needs (${said}); raise the quota or use another namespace.`;
        case 'policy':
            return `The cluster's admission refused the request ${method} ${path} (${said}); change the policy or use another namespace.`;
        case 'space':
            return 'The cluster\'s etcd has no space left ("database space exceeded"), so nothing can be written to the cluster; an operator has to compact and defragment etcd and disarm its alarm.';
        case 'too-large':
            return `The API server, or a proxy in front of it, refused a request as too large (${said}); set the input \`chunk-size\` to a smaller value.`;
        case 'busy':
            return `The API server at ${server} was too busy for ${method} ${path} until the end of our patience (${said}); try again when the control plane has less to do.`;
        default:
            return `The API server at ${server} answered ${method} ${path} with ${status}: ${said}.`;
    }
}
function permissionWords(denied) {
    if (denied === undefined) {
        return "The kubeconfig's user lacks a permission";
    }
    const { user, verb, resource, group, namespace } = denied;
    const what = group === '' ? resource : `${resource}.${group}`;
    const where = namespace === undefined ? 'in the cluster' : `in the namespace "${namespace}"`;
    return `The user "${user}" may not ${verb} ${what} ${where}`;
}
//# sourceMappingURL=error.js.map

/***/ }),

/***/ 2146:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   LF: () => (/* binding */ read),
/* harmony export */   cv: () => (/* binding */ exchange),
/* harmony export */   fv: () => (/* binding */ openStream)
/* harmony export */ });
/* harmony import */ var node_http__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7067);
/* harmony import */ var node_https__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4708);


/** Sends one request and reads its whole answer; rejects with Node's error, or a code DEADLINE. */
async function exchange(endpoint, call) {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(deadlineError(call)), call.deadlineSeconds * 1000);
    try {
        const response = await open(endpoint, call, deadline.signal);
        const status = response.statusCode ?? 0;
        const body = await read(response).catch((error) => {
            // A server that refuses a body early may hang up in the middle of its words; its status stands.
            if (status >= 400 && !deadline.signal.aborted && call.signal?.aborted !== true) {
                return Buffer.alloc(0);
            }
            throw error;
        });
        return { status, headers: response.headers, body };
    }
    catch (error) {
        throw call.signal?.reason ?? deadline.signal.reason ?? error;
    }
    finally {
        clearTimeout(timer);
    }
}
/**
 * Sends one request and gives the answer as a stream once its head is there; the deadline covers
 * the head alone. The caller's signal ends the stream.
 */
async function openStream(endpoint, call) {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(deadlineError(call)), call.deadlineSeconds * 1000);
    try {
        return await open(endpoint, call, deadline.signal);
    }
    catch (error) {
        throw call.signal?.reason ?? deadline.signal.reason ?? error;
    }
    finally {
        clearTimeout(timer);
    }
}
/** Reads a response to its end. */
async function read(response) {
    const pieces = [];
    for await (const piece of response) {
        pieces.push(piece);
    }
    return Buffer.concat(pieces);
}
async function open(endpoint, call, deadline) {
    const { agent, headers } = await endpoint.authorize();
    const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]);
    signal.throwIfAborted();
    const base = endpoint.server;
    const { request } = base.protocol === 'https:' ? node_https__WEBPACK_IMPORTED_MODULE_1__ : node_http__WEBPACK_IMPORTED_MODULE_0__;
    const url = new URL(base.pathname.replace(/\/$/, '') + call.path, base);
    const size = call.body?.reduce((sum, piece) => sum + piece.length, 0);
    return new Promise((resolve, reject) => {
        const outgoing = request(url, {
            method: call.method,
            agent,
            signal,
            headers: {
                ...headers,
                ...call.headers,
                ...(size !== undefined && { 'content-length': size }),
            },
        });
        outgoing.once('response', resolve);
        // Later errors, such as a reset behind an early answer, must not be thrown as uncaught.
        outgoing.on('error', (error) => reject(Object.assign(error, { reused: outgoing.reusedSocket })));
        for (const piece of call.body ?? []) {
            outgoing.write(piece);
        }
        outgoing.end();
    });
}
function deadlineError({ method, path, deadlineSeconds }) {
    const error = new Error(`no answer to ${method} ${path} within ${deadlineSeconds} s`);
    return Object.assign(error, { code: 'DEADLINE' });
}
//# sourceMappingURL=exchange.js.map

/***/ }),

/***/ 3481:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J: () => (/* binding */ backoff),
/* harmony export */   a: () => (/* binding */ retryDelay)
/* harmony export */ });
/* harmony import */ var _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(773);

const RETRIED_STATUS = new Set([408, 429, 500, 502, 503, 504]);
/** Codes of errors that another attempt can mend; certificate trouble, for one, it cannot. */
const RETRIED_CODES = new Set([
    'DEADLINE',
    'ECONNABORTED',
    'ECONNREFUSED',
    'ECONNRESET',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EPIPE',
    'ETIMEDOUT',
    'HPE_INVALID_CONSTANT',
    'PROXY_BUSY',
]);
/**
 * Milliseconds to pause before the next attempt, or undefined when there shall be none: jittered
 * exponential backoff within the caller's patience, Retry-After where the server gives one.
 * `random` gives numbers in [0, 1).
 */
function retryDelay(ending, state, random = Math.random) {
    const retried = ending.status === undefined
        ? RETRIED_CODES.has(ending.code ?? '')
        : RETRIED_STATUS.has(ending.status);
    if (!retried) {
        return undefined;
    }
    // A kept connection that the server closed meanwhile says nothing about the server's load.
    if (ending.reused === true && state.attempts === 1) {
        return 0;
    }
    const patience = state.contacted
        ? state.patience
        : Math.min(state.patience, _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .FIRST_CONTACT_SECONDS */ .Wc * 1000);
    const delay = asked(ending.retryAfter) ?? backoff(state.attempts, random);
    return state.elapsed + delay > patience ? undefined : delay;
}
/** Milliseconds of a jittered pause that doubles with the attempts made, at least 1. */
function backoff(attempts, random = Math.random) {
    const ceiling = Math.min(_lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .RETRY_BASE_MILLISECONDS */ .qB * 2 ** (attempts - 1), _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .RETRY_MAX_MILLISECONDS */ .tV);
    return ceiling * (0.5 + random() / 2);
}
function asked(retryAfter) {
    if (retryAfter === undefined || !/^\d+$/.test(retryAfter)) {
        return undefined;
    }
    return Math.min(Number(retryAfter), _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .RETRY_AFTER_MAX_SECONDS */ .tt) * 1000;
}
//# sourceMappingURL=retry.js.map

/***/ }),

/***/ 773:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $_: () => (/* binding */ RETRY_PATIENCE_SECONDS),
/* harmony export */   Ag: () => (/* binding */ WATCH_SECONDS),
/* harmony export */   Az: () => (/* binding */ ACCESS_REVIEW_CONCURRENCY),
/* harmony export */   FU: () => (/* binding */ WATCH_GRACE_SECONDS),
/* harmony export */   Fw: () => (/* binding */ LIST_PAGE),
/* harmony export */   Lu: () => (/* binding */ IDLE_CONNECTION_MILLISECONDS),
/* harmony export */   S9: () => (/* binding */ DELETE_CONCURRENCY),
/* harmony export */   Sj: () => (/* binding */ CREDENTIAL_LEEWAY_SECONDS),
/* harmony export */   Wc: () => (/* binding */ FIRST_CONTACT_SECONDS),
/* harmony export */   f1: () => (/* binding */ REQUEST_DEADLINE_SECONDS),
/* harmony export */   or: () => (/* binding */ CREDENTIAL_PLUGIN_SECONDS),
/* harmony export */   qB: () => (/* binding */ RETRY_BASE_MILLISECONDS),
/* harmony export */   tV: () => (/* binding */ RETRY_MAX_MILLISECONDS),
/* harmony export */   tt: () => (/* binding */ RETRY_AFTER_MAX_SECONDS),
/* harmony export */   w7: () => (/* binding */ SERVICE_ACCOUNT_PATIENCE_SECONDS),
/* harmony export */   xD: () => (/* binding */ TOKEN_FILE_SECONDS)
/* harmony export */ });
/** Limits of the exchange with the API server: value, unit in the name, and where it comes from. */
/**
 * Seconds after which one attempt at a request is given up. The API server bounds a create or
 * patch by 34 s (apiserver endpoints/handlers/rest.go, `requestTimeoutUpperBound`), so nothing
 * useful comes later.
 */
const REQUEST_DEADLINE_SECONDS = 35;
/** Seconds for which a request is tried again and again; a control plane restart fits in. */
const RETRY_PATIENCE_SECONDS = 120;
/**
 * Seconds for which an address that has never answered is tried: a wrong address in a kubeconfig
 * shall be said soon.
 */
const FIRST_CONTACT_SECONDS = 10;
/** Milliseconds of the first pause between attempts, doubled each time up to the second value. */
const RETRY_BASE_MILLISECONDS = 200;
const RETRY_MAX_MILLISECONDS = 8_000;
/**
 * The longest `Retry-After` that is followed, in seconds: the most that API priority and fairness
 * asks for (apiserver util/flowcontrol/dropped_requests_tracker.go, `maxRetryAfter`).
 */
const RETRY_AFTER_MAX_SECONDS = 32;
/**
 * Seconds after which the server is asked to end a watch, which is then opened again: load
 * balancers cut silent connections, the strictest after 60 s (AWS ELB), some without a word.
 */
const WATCH_SECONDS = 50;
/** Seconds of silence after `WATCH_SECONDS` until a watch is taken for dead. */
const WATCH_GRACE_SECONDS = 15;
/** Objects in one page of a list (client-go's pager uses the same, tools/pager `defaultPageSize`). */
const LIST_PAGE = 500;
/** Seconds for which a token file is not read again (client-go transport/token_source.go: 1 min, 10 s leeway). */
const TOKEN_FILE_SECONDS = 50;
/** Seconds before its expiry at which a credential is fetched anew (client-go keeps 10 s). */
const CREDENTIAL_LEEWAY_SECONDS = 10;
/** Seconds that a credential plugin may run; it may ask a cloud's identity service. */
const CREDENTIAL_PLUGIN_SECONDS = 60;
/** Deletes in flight at once: fewer than creates, for throttled control planes refuse deletes first. */
const DELETE_CONCURRENCY = 4;
/**
 * Seconds for which Pods are tried again in a namespace without its `default` ServiceAccount; the
 * controller manager makes it within a second on an idle cluster.
 */
const SERVICE_ACCOUNT_PATIENCE_SECONDS = 30;
/**
 * Milliseconds after which an idle connection to the API server is closed here: load balancers
 * forget it after 60 s (AWS ELB), and a body sent on it then would wait for its deadline.
 */
const IDLE_CONNECTION_MILLISECONDS = 45_000;
/** Access reviews in flight at once: a few connections that the upload uses again. */
const ACCESS_REVIEW_CONCURRENCY = 6;
//# sourceMappingURL=kube.js.map

/***/ }),

/***/ 5587:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   z: () => (/* binding */ rest)
/* harmony export */ });
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8500);

/** Lets some milliseconds pass, none at once; throws the signal's reason when that ends them. */
async function rest(milliseconds, signal) {
    if (milliseconds > 0) {
        await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(milliseconds, undefined, { signal }).catch(() => undefined);
        signal?.throwIfAborted();
    }
}
//# sourceMappingURL=rest.js.map

/***/ })

};
