export const id = 715;
export const ids = [715];
export const modules = {

/***/ 715:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  wN: () => (/* reexport */ kube_request/* AS_REMEMBERED */.wN),
  OW: () => (/* binding */ ApiClient),
  vy: () => (/* reexport */ kube_request/* FIELD_MANAGER */.vy),
  kx: () => (/* reexport */ kube_request/* PARTIAL_OBJECT */.kx),
  D7: () => (/* reexport */ kube_request/* PARTIAL_OBJECT_LIST */.D7),
  Bt: () => (/* reexport */ kube_request/* TABLE */.Bt)
});

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
// EXTERNAL MODULE: ./out/src/kube/fault.js
var fault = __webpack_require__(3359);
// EXTERNAL MODULE: ./out/src/kube/request.js
var kube_request = __webpack_require__(9006);
// EXTERNAL MODULE: ./out/src/kube/retry.js
var retry = __webpack_require__(3481);
// EXTERNAL MODULE: ./out/src/lib/limits/stream.js
var stream = __webpack_require__(3308);
;// CONCATENATED MODULE: ./out/src/kube/way/web-socket.js


/**
 * Asks for a WebSocket of one subprotocol over the connections of `access`, as whoever that is. The
 * call's deadline covers its opening; nothing of it is left when that fails. Rejects as `exchange` does.
 */
function openWebSocket(access, call, protocol) {
    return (0,exchange/* inTime */.RN)(call, async (signal) => {
        const { WebSocket } = await __webpack_require__.e(/* import() */ 977).then(__webpack_require__.bind(__webpack_require__, 2977));
        signal.throwIfAborted();
        const { server, agent, headers } = access;
        let request;
        const options = {
            agent,
            headers: { ...headers, ...call.headers },
            perMessageDeflate: false,
            maxPayload: stream/* WEB_SOCKET_MESSAGE_MAX_BYTES */.QA,
            // As for other requests: it has to end a proxy's tunnel that is not there yet.
            tunnelSignal: signal,
            finishRequest: (made) => {
                request = made;
                made.end();
            },
            // Masks hide bytes from old proxies that read along (RFC 6455, 10.3). Nobody reads along in TLS.
            ...(server.protocol === 'https:' && { generateMask: () => undefined }),
        };
        const socket = new WebSocket((0,exchange/* urlOf */.rs)(server, call.path), protocol, options);
        const end = () => socket.terminate();
        signal.addEventListener('abort', end, { once: true });
        try {
            return await new Promise((resolve, reject) => {
                socket.once('open', () => {
                    // What the other side says already waits until somebody reads.
                    socket.pause();
                    resolve({ status: 101, headers: {}, body: Buffer.alloc(0), socket });
                });
                socket.once('unexpected-response', (_, response) => {
                    (0,exchange/* read */.LF)(response, signal)
                        .then((body) => resolve({ ...(0,exchange/* headOf */.Uo)(response), body }))
                        .catch(reject);
                });
                // For good, since an error that nobody hears ends the process.
                socket.on('error', (error) => reject(Object.assign(error, { reused: request?.reusedSocket ?? false })));
            });
        }
        finally {
            signal.removeEventListener('abort', end);
        }
    });
}
//# sourceMappingURL=web-socket.js.map
;// CONCATENATED MODULE: ./out/src/kube/client.js











/**
 * Speaks HTTP/1.1 to one API server over kept connections. HTTP/2 is not used: its window of
 * 256 KiB a stream binds a body of chunk size to the round trip (apiserver secure_serving.go).
 * Failures are ApiErrors; busy, broken and late answers are tried again with growing pauses.
 */
class ApiClient {
    endpoint;
    /** Address of the API server, by which one cluster is told from another; no slash ends it. */
    server;
    contacted = false;
    clock = new ServerClock();
    quickest = Number.POSITIVE_INFINITY;
    constructor(endpoint) {
        this.endpoint = endpoint;
        // With its path: Rancher, for one, has many clusters behind one name.
        const { origin, pathname } = endpoint.server;
        this.server = origin + pathname.replace(/\/$/, '');
    }
    /** Sends a request until it is granted, refused, or patience ends. Throws ApiError. */
    async request(wanted) {
        const call = (0,kube_request/* callOf */.C8)(wanted);
        const { result, asked } = await this.persist(wanted, (access) => (0,exchange/* exchange */.cv)(access, call));
        return { ...result, attempts: asked.attempts, json: () => objectIn(asked, result) };
    }
    /** A GET whose answer is read while it comes, such as a log; its errors are those of `request`. */
    async stream(path, options = {}) {
        const wanted = { method: 'GET', path, ...options };
        const call = (0,kube_request/* callOf */.C8)(wanted);
        const { result } = await this.persist(wanted, (access) => (0,exchange/* openStream */.fv)(access, call));
        return result.response;
    }
    /** A WebSocket of one subprotocol, paused until somebody reads; its errors are those of `request`. */
    async webSocket(path, protocol, options = {}) {
        const wanted = { method: 'GET', path, accept: '*/*', ...options };
        const call = (0,kube_request/* callOf */.C8)(wanted);
        const attempt = (access) => openWebSocket(access, call, protocol);
        const { result, asked } = await this.persist(wanted, attempt);
        if (result.socket === undefined) {
            throw (0,kube_error/* foreign */.V$)(asked, result.status);
        }
        return result.socket;
    }
    /** One object. */
    async get(path, options = {}) {
        return (await this.request({ method: 'GET', path, ...options })).json();
    }
    /** One object; undefined when it is not there. */
    async find(path, options = {}) {
        try {
            return await this.get(path, options);
        }
        catch (error) {
            if ((0,kube_error/* isFault */.Zh)(error, 'not-found')) {
                return undefined;
            }
            throw error;
        }
    }
    /** All objects of a collection, read page by page; anew when the server has forgotten the pages. */
    async list(path, options = {}) {
        for (let restarts = 0;; restarts++) {
            try {
                return await this.listOnce(path, options);
            }
            catch (error) {
                if (!(0,kube_error/* isFault */.Zh)(error, 'gone') || restarts === kube/* LIST_RESTARTS */.oi) {
                    throw error;
                }
            }
        }
    }
    async listOnce(path, options) {
        const items = [];
        let token;
        for (;;) {
            const query = (0,kube_request/* pageQuery */.SB)(options.query, token);
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
     * unnoticed, the next one's refusal is met by returning what is there.
     */
    async create(path, object, options = {}) {
        const query = { fieldManager: kube_request/* FIELD_MANAGER */.vy, ...options.query };
        try {
            const request = { method: 'POST', path, body: object, ...options, query };
            return (await this.request(request)).json();
        }
        catch (error) {
            const name = object.metadata?.name;
            if ((0,kube_error/* isFault */.Zh)(error, 'exists') && error.attempts > 1 && name !== undefined) {
                const { query: _, ...rest } = options;
                return this.get(`${path}/${name}`, rest);
            }
            throw error;
        }
    }
    /** Deletes an object, its dependents in the background; false when it was not there. */
    async delete(path, options = {}) {
        const { preconditions: _, gracePeriodSeconds: __, propagation: ___, ...rest } = options;
        const body = (0,kube_request/* deleteBody */.IK)(options);
        try {
            await this.request({ method: 'DELETE', path, body, accept: kube_request/* PARTIAL_OBJECT */.kx, ...rest });
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
        const query = { fieldManager: kube_request/* FIELD_MANAGER */.vy, ...options.query };
        const contentType = 'application/merge-patch+json';
        const request = { method: 'PATCH', path, body: patch, contentType };
        return (await this.request({ ...request, ...options, query })).json();
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
        const whole = (wanted.patienceSeconds ?? kube/* RETRY_PATIENCE_SECONDS */.$_) * 1000;
        let renewed = false;
        /** Milliseconds after the start at which a webhook began to fail. */
        let webhookFails;
        for (let attempts = 1;; attempts++) {
            const asked = { ...wanted, server: this.server, attempts };
            const access = await this.endpoint.authorize(wanted.signal);
            const { ending, result, error } = await this.measured(wanted, () => attempt(access));
            const failure = result === undefined ? (0,kube_error/* unreachable */.HB)(asked, error) : failureOf(asked, result, wanted.accept);
            if (result !== undefined && failure === undefined) {
                this.clock.hear(result.headers.date);
                return { result, asked };
            }
            if (failure?.status === 401 && failure.fault === 'credentials' && !renewed) {
                renewed = true;
                if (access.refused())
                    continue;
            }
            const elapsed = performance.now() - started;
            webhookFails = (0,kube_error/* isFault */.Zh)(failure, 'webhook') ? (webhookFails ?? elapsed) : undefined;
            const webhooks = (webhookFails ?? whole) + kube/* WEBHOOK_PATIENCE_SECONDS */.y7 * 1000;
            const patience = Math.min(whole, webhooks);
            const state = { attempts, elapsed, patience, contacted: this.contacted };
            const passes = (0,kube_error/* isFault */.Zh)(failure, 'conflict') && (0,kube_request/* conflictPasses */.eZ)(wanted);
            const delay = (0,kube_error/* isFinal */.dR)(failure) ? undefined : (0,retry/* retryDelay */.a)({ ...ending, passes }, state);
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
/** What is wrong with an answer; nothing, when the API server granted the request. */
function failureOf(asked, answer, accept = '') {
    const { status, headers, body } = answer;
    if (status >= 300) {
        return (0,kube_error/* apiErrorOf */.qT)(asked, status, body);
    }
    // Who asks for a page, as of a Pod through the API server, means one.
    const unasked = !accept.includes('text/html') && (0,fault/* isPage */.yp)(headers['content-type'], body);
    return unasked ? (0,kube_error/* foreign */.V$)(asked, status) : undefined;
}
function objectIn(asked, { status, body }) {
    try {
        const object = JSON.parse(body.toString('utf8'));
        if (typeof object === 'object' && object !== null)
            return object;
    }
    catch {
        // Told below: what was said instead is of no use to the user, and may hold anything.
    }
    throw (0,kube_error/* foreign */.V$)(asked, status);
}
//# sourceMappingURL=client.js.map

/***/ }),

/***/ 2146:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   LF: () => (/* binding */ read),
/* harmony export */   RN: () => (/* binding */ inTime),
/* harmony export */   Uo: () => (/* binding */ headOf),
/* harmony export */   cv: () => (/* binding */ exchange),
/* harmony export */   fv: () => (/* binding */ openStream),
/* harmony export */   rs: () => (/* binding */ urlOf)
/* harmony export */ });
/* harmony import */ var node_http__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7067);
/* harmony import */ var node_https__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4708);


/** Sends one request and reads its whole answer; rejects with Node's error, or a code DEADLINE. */
function exchange(access, call) {
    return inTime(call, async (signal) => {
        const response = await open(access, call, signal);
        return { ...headOf(response), body: await read(response, signal) };
    });
}
/**
 * Sends one request and gives a granting answer as a stream once its head is there; the deadline
 * covers the head, and all of an answer that refuses. The call's signal ends the stream.
 */
function openStream(access, call) {
    return inTime(call, async (signal) => {
        const response = await open(access, call, signal);
        const head = headOf(response);
        const body = head.status >= 300 ? await read(response, signal) : Buffer.alloc(0);
        return { ...head, body, response };
    });
}
/** Gives the work a signal of the call's own and of its deadline; throws that signal's reason. */
async function inTime(call, work) {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(deadlineError(call)), call.deadlineSeconds * 1000);
    const signal = call.signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, call.signal]);
    try {
        return await work(signal);
    }
    catch (error) {
        throw signal.aborted ? signal.reason : error;
    }
    finally {
        clearTimeout(timer);
    }
}
/** Status and headers of an answer. */
function headOf({ statusCode = 0, headers }) {
    return { status: statusCode, headers };
}
/** An answer's body, all of it. */
async function read(response, signal) {
    const pieces = [];
    try {
        for await (const piece of response) {
            pieces.push(piece);
        }
    }
    catch (error) {
        // A server that refuses a body early may hang up in the middle of its words; its status stands.
        if ((response.statusCode ?? 0) < 400 || signal.aborted) {
            throw error;
        }
        return Buffer.alloc(0);
    }
    return Buffer.concat(pieces);
}
async function open(access, call, signal) {
    signal.throwIfAborted();
    const { server, agent, headers } = access;
    const { request } = server.protocol === 'https:' ? node_https__WEBPACK_IMPORTED_MODULE_1__ : node_http__WEBPACK_IMPORTED_MODULE_0__;
    const url = urlOf(server, call.path);
    const size = call.body?.reduce((sum, piece) => sum + piece.length, 0);
    const options = {
        method: call.method,
        agent,
        signal,
        // Node hands `signal` to no agent, and a tunnel that an agent opens has to end with it, too.
        tunnelSignal: signal,
        headers: {
            ...headers,
            ...call.headers,
            ...(size !== undefined && { 'content-length': size }),
        },
    };
    return new Promise((resolve, reject) => {
        const outgoing = request(url, options);
        outgoing.once('response', resolve);
        // Later errors, such as a reset behind an early answer, must not be thrown as uncaught.
        outgoing.on('error', (error) => reject(Object.assign(error, { reused: outgoing.reusedSocket })));
        for (const piece of call.body ?? []) {
            outgoing.write(piece);
        }
        outgoing.end();
    });
}
/** A path, with its query, behind the server's own. */
function urlOf(server, path) {
    return new URL(server.pathname.replace(/\/$/, '') + path, server);
}
function deadlineError({ method, path, deadlineSeconds }) {
    const error = new Error(`no answer to ${method} ${path} within ${deadlineSeconds} s`);
    return Object.assign(error, { code: 'DEADLINE' });
}
//# sourceMappingURL=exchange.js.map

/***/ }),

/***/ 9006:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bt: () => (/* binding */ TABLE),
/* harmony export */   C8: () => (/* binding */ callOf),
/* harmony export */   D7: () => (/* binding */ PARTIAL_OBJECT_LIST),
/* harmony export */   IK: () => (/* binding */ deleteBody),
/* harmony export */   SB: () => (/* binding */ pageQuery),
/* harmony export */   eZ: () => (/* binding */ conflictPasses),
/* harmony export */   kx: () => (/* binding */ PARTIAL_OBJECT),
/* harmony export */   vy: () => (/* binding */ FIELD_MANAGER),
/* harmony export */   wN: () => (/* binding */ AS_REMEMBERED)
/* harmony export */ });
/* harmony import */ var _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(773);

/** The name under which the API server books what is written, and which its logs show. */
const FIELD_MANAGER = 'jackal-inject';
/** Asks for an object's metadata alone, where the server would echo the whole object. */
const PARTIAL_OBJECT = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
/** As `PARTIAL_OBJECT`, for lists and watches. */
const PARTIAL_OBJECT_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
/** Asks for a list as kubectl shows it, rows alone, where the server would send each object whole. */
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1,application/json';
/**
 * Asks for what the server remembers, which may be a moment old: of one node's Pods it has an index, while for the newest
 * answer servers before Kubernetes 1.31 read all Pods of the cluster from etcd. Such a list comes in one page, whatever
 * its limit; where a server has no memory and gives pages, it takes this with a `continue`, too (storage/etcd3/store.go).
 */
const AS_REMEMBERED = { resourceVersion: '0' };
/** The query of a list's next page; the first one has no token. */
function pageQuery(query, token) {
    return { ...query, limit: _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .LIST_PAGE */ .Fw, continue: token };
}
/** A delete request's body: its dependents go in the background. */
function deleteBody({ preconditions, gracePeriodSeconds, propagation, }) {
    return {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation ?? 'Background',
        ...(preconditions && { preconditions }),
        ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    };
}
/**
 * Whether a conflict (409) of this request may be over at the next attempt: it is about another
 * writer's object, such as the count of a ResourceQuota, when the request names no version itself.
 */
function conflictPasses({ method, body = {} }) {
    const { metadata } = body;
    return method === 'POST' || (method === 'PATCH' && metadata?.resourceVersion === undefined);
}
/** One attempt at a request, as it goes over the wire. */
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
        deadlineSeconds: wanted.deadlineSeconds ?? _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .REQUEST_DEADLINE_SECONDS */ .f1,
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
//# sourceMappingURL=request.js.map

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
    'EAI_AGAIN',
    'ECONNABORTED',
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTDOWN',
    'EHOSTUNREACH',
    'ENETDOWN',
    'ENETRESET',
    'ENETUNREACH',
    'EPIPE',
    'ERR_SOCKET_CONNECTION_TIMEOUT',
    'ERR_STREAM_PREMATURE_CLOSE',
    'ETIMEDOUT',
    'PROXY_BUSY',
]);
/**
 * Codes that speak of a wrong address as long as it has not answered, and of passing trouble later:
 * name servers that forget a name or fail, this machine out of ports or descriptors, and whoever
 * speaks no TLS while the server is exchanged.
 */
const RETRIED_CODES_OF_THE_KNOWN = new Set([
    'EADDRNOTAVAIL',
    'EAI_FAIL',
    'EAI_MEMORY',
    'EAI_SYSTEM',
    'EMFILE',
    'ENFILE',
    'ENOBUFS',
    'ENOTFOUND',
    'EPROTO',
    'ERR_SSL_PACKET_LENGTH_TOO_LONG',
    'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
    'ERR_SSL_UNEXPECTED_EOF_WHILE_READING',
    'ERR_SSL_WRONG_VERSION_NUMBER',
]);
/**
 * Milliseconds to pause before the next attempt, or undefined when there shall be none: jittered
 * exponential backoff within the caller's patience, Retry-After where the server gives one.
 * `random` gives numbers in [0, 1).
 */
function retryDelay(ending, state, random = Math.random) {
    if (!isRetried(ending, state)) {
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
function isRetried({ status, code = '', passes }, { contacted }) {
    if (status !== undefined) {
        return passes === true || RETRIED_STATUS.has(status);
    }
    // The codes HPE_… are those of llhttp, Node's parser: what came is not HTTP.
    const known = contacted && RETRIED_CODES_OF_THE_KNOWN.has(code);
    return known || RETRIED_CODES.has(code) || code.startsWith('HPE_');
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
/* harmony export */   Bo: () => (/* binding */ QUOTA_PATIENCE_SECONDS),
/* harmony export */   FU: () => (/* binding */ WATCH_GRACE_SECONDS),
/* harmony export */   Fw: () => (/* binding */ LIST_PAGE),
/* harmony export */   Lu: () => (/* binding */ IDLE_CONNECTION_MILLISECONDS),
/* harmony export */   S9: () => (/* binding */ DELETE_CONCURRENCY),
/* harmony export */   Sj: () => (/* binding */ CREDENTIAL_LEEWAY_SECONDS),
/* harmony export */   Wc: () => (/* binding */ FIRST_CONTACT_SECONDS),
/* harmony export */   f1: () => (/* binding */ REQUEST_DEADLINE_SECONDS),
/* harmony export */   oi: () => (/* binding */ LIST_RESTARTS),
/* harmony export */   or: () => (/* binding */ CREDENTIAL_PLUGIN_SECONDS),
/* harmony export */   qB: () => (/* binding */ RETRY_BASE_MILLISECONDS),
/* harmony export */   tV: () => (/* binding */ RETRY_MAX_MILLISECONDS),
/* harmony export */   tt: () => (/* binding */ RETRY_AFTER_MAX_SECONDS),
/* harmony export */   w7: () => (/* binding */ SERVICE_ACCOUNT_PATIENCE_SECONDS),
/* harmony export */   xD: () => (/* binding */ TOKEN_FILE_SECONDS),
/* harmony export */   y7: () => (/* binding */ WEBHOOK_PATIENCE_SECONDS)
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
 * Seconds for which a request is tried again while an admission webhook fails to be called: while it is rolled out it does so
 * for a moment. Twice what a webhook may take by default (admissionregistration.k8s.io/v1, `timeoutSeconds`).
 */
const WEBHOOK_PATIENCE_SECONDS = 20;
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
/** Times that a list is begun anew because the server has forgotten the pages that it promised. */
const LIST_RESTARTS = 3;
/** Seconds for which a token file is not read again (client-go transport/token_source.go: 1 min, 10 s leeway). */
const TOKEN_FILE_SECONDS = 50;
/** Seconds before its expiry at which a credential is fetched anew (client-go keeps 10 s). */
const CREDENTIAL_LEEWAY_SECONDS = 10;
/** Seconds that a credential plugin may run; it may ask a cloud's identity service. */
const CREDENTIAL_PLUGIN_SECONDS = 60;
/** Deletes in flight at once: fewer than creates, for throttled control planes refuse deletes first. */
const DELETE_CONCURRENCY = 4;
/**
 * Seconds for which Pods are tried again in a namespace without its `default` ServiceAccount, and in a new one without
 * OpenShift's annotations; the controller managers make them within a second on an idle cluster.
 */
const SERVICE_ACCOUNT_PATIENCE_SECONDS = 30;
/**
 * Seconds for which what comes in the place of something is tried again while a quota still counts what was deleted: the
 * quota's controller hears of it within a second on an idle cluster, as for `SERVICE_ACCOUNT_PATIENCE_SECONDS`.
 */
const QUOTA_PATIENCE_SECONDS = 30;
/**
 * Milliseconds after which an idle connection to the API server is closed here: load balancers
 * forget it after 60 s (AWS ELB), and a body sent on it then would wait for its deadline.
 */
const IDLE_CONNECTION_MILLISECONDS = 45_000;
/** Access reviews in flight at once: a few connections that the upload uses again. */
const ACCESS_REVIEW_CONCURRENCY = 6;
//# sourceMappingURL=kube.js.map

/***/ }),

/***/ 3308:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A6: () => (/* binding */ SLICE_START_BYTES),
/* harmony export */   AS: () => (/* binding */ FORWARD_MESSAGE_BYTES),
/* harmony export */   C7: () => (/* binding */ DIRECT_AGAIN_MILLISECONDS),
/* harmony export */   Cl: () => (/* binding */ STREAM_ANSWER_SECONDS),
/* harmony export */   HM: () => (/* binding */ STREAM_PATIENCE_SECONDS),
/* harmony export */   Iq: () => (/* binding */ SLICE_MIN_BYTES),
/* harmony export */   KM: () => (/* binding */ FORWARD_SILENCE_SECONDS),
/* harmony export */   Nb: () => (/* binding */ SLICE_SECONDS),
/* harmony export */   QA: () => (/* binding */ WEB_SOCKET_MESSAGE_MAX_BYTES),
/* harmony export */   T: () => (/* binding */ DIRECT_REASONS_MAX),
/* harmony export */   U7: () => (/* binding */ SLICE_MAX_BYTES),
/* harmony export */   Vd: () => (/* binding */ STREAM_CONNECTIONS),
/* harmony export */   W7: () => (/* binding */ SLICE_CUT_SHARE),
/* harmony export */   XU: () => (/* binding */ FEED_SILENCE_SECONDS),
/* harmony export */   Xt: () => (/* binding */ DIRECT_PATIENCE_MILLISECONDS),
/* harmony export */   Yb: () => (/* binding */ FORWARD_AHEAD_BYTES),
/* harmony export */   _L: () => (/* binding */ STREAM_FIRST_SECONDS),
/* harmony export */   gc: () => (/* binding */ STREAM_WRONG_RETRIES),
/* harmony export */   hB: () => (/* binding */ TURN_ROUND_SECONDS),
/* harmony export */   hF: () => (/* binding */ SLICE_UNCUT_SHARE),
/* harmony export */   ih: () => (/* binding */ SLICE_STALL_SECONDS),
/* harmony export */   lO: () => (/* binding */ FORWARD_PING_SECONDS),
/* harmony export */   ml: () => (/* binding */ FORWARD_PATIENCE_SECONDS),
/* harmony export */   r6: () => (/* binding */ TOLD_LINE_MAX_CHARACTERS),
/* harmony export */   s9: () => (/* binding */ DIRECT_PROOF_MILLISECONDS),
/* harmony export */   tV: () => (/* binding */ SENT_FIRST_MAX_BYTES),
/* harmony export */   z1: () => (/* binding */ TCP_KEEP_ALIVE_MILLISECONDS)
/* harmony export */ });
/* harmony import */ var _units_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1589);

/** Limits of the stream to the registry: value, unit in the name, and where it comes from. */
/**
 * Bytes of one message of a port-forward. Measured on Kubernetes 1.37: 90 to 150 MB/s; the server reads each
 * message whole, and takes up to 32 MiB (golang.org/x/net/websocket, `DefaultMaxPayloadBytes`).
 */
const FORWARD_MESSAGE_BYTES = 128 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
/** Bytes that a port-forward takes before it waits for the network: some messages, so that one is always due. */
const FORWARD_AHEAD_BYTES = 512 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
/** Bytes of one message that is taken from a WebSocket: container runtimes copy 32 KiB at a time. */
const WEB_SOCKET_MESSAGE_MAX_BYTES = _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
/**
 * Seconds between two pings of a port-forward: load balancers cut silent connections, the strictest after
 * 60 s (AWS ELB).
 */
const FORWARD_PING_SECONDS = 15;
/** Seconds in which nothing came and nothing could be sent, after which a port-forward is taken for dead. */
const FORWARD_SILENCE_SECONDS = 45;
/**
 * Seconds in which a connection has to be made and proven, and in which a short request is answered. The
 * registry gives up a connection that is not proven within 10 s.
 */
const STREAM_ANSWER_SECONDS = 10;
/** Seconds of silence after which the feed of demands is taken for dead: the registry says something each 5 s. */
const FEED_SILENCE_SECONDS = 20;
/**
 * Seconds in which no byte of a slice could be sent, or its answer does not come, after which the connection is
 * taken for dead: the registry cuts after 60 s, and runtimes wait for minutes.
 */
const SLICE_STALL_SECONDS = 30;
/** Characters of one line of the feed: the longest has a digest, a number and an address. */
const TOLD_LINE_MAX_CHARACTERS = 4 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
/** Seconds that a slice takes on the way, and its bytes at first, at least and at most. */
const SLICE_SECONDS = 0.5;
const SLICE_START_BYTES = 512 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const SLICE_MIN_BYTES = 128 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const SLICE_MAX_BYTES = 64 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
/**
 * A slice's share, at most, of what went without a cut so far, and of what a connection carried before it was
 * cut: a slice under way may be lost with its connection. Measured with a reset each 5 MB: 4 % went twice.
 */
const SLICE_UNCUT_SHARE = 1 / 4;
const SLICE_CUT_SHARE = 1 / 32;
/**
 * Seconds within which each of the blobs that are waited for gets on. containerd ends a pull without progress
 * after 5 min, and before 2.0 after 1 min (`image_pull_progress_timeout`); CRI-O when it is told to
 * (`pull_progress_timeout`).
 */
const TURN_ROUND_SECONDS = 4;
/**
 * Milliseconds for which the direct way is given to be connected to: several round trips of a network that runner and
 * nodes share, whose kernels answer however busy they are.
 */
const DIRECT_PATIENCE_MILLISECONDS = 500;
/**
 * Milliseconds that whoever is there has then for listening and proving itself: on a busy node a container runs for a
 * while before its program listens. Ours to choose: a run waits for it in vain once, and then goes by the API server.
 */
const DIRECT_PROOF_MILLISECONDS = 3_000;
/** Milliseconds between two attempts at an address that refuses. */
const DIRECT_AGAIN_MILLISECONDS = 25;
/** Addresses of which the log says why they were not taken. */
const DIRECT_REASONS_MAX = 3;
/** Milliseconds of silence on a direct connection after which the kernel asks whether the other side is there. */
const TCP_KEEP_ALIVE_MILLISECONDS = 15_000;
/**
 * Seconds within which a port-forward whose handshake failed is begun anew: a second one, too, is over before a stream that
 * never got on is given up, and many are made until any other is.
 */
const FORWARD_PATIENCE_SECONDS = 15;
/**
 * Connections that send side by side, besides the one on which demands are told. Measured on a busy machine, none
 * of 1 to 4 was clearly faster; with two, a blob that stands still does not hold up the next one.
 */
const STREAM_CONNECTIONS = 2;
/** Times that a blob is sent again whose bytes were found wrong: a second time it is not the way's doing. */
const STREAM_WRONG_RETRIES = 1;
/** Seconds without any success after which a stream is given up: at first, and when something has got on before. */
const STREAM_FIRST_SECONDS = 30;
const STREAM_PATIENCE_SECONDS = 120;
/**
 * Bytes of content that is sent before anybody asks: manifests, configs and tiny layers, which every new image
 * has, cost less than the question. Ours to choose.
 */
const SENT_FIRST_MAX_BYTES = 32 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
//# sourceMappingURL=stream.js.map

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
