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
// EXTERNAL MODULE: ./out/src/lib/waiting.js
var waiting = __webpack_require__(4686);
;// CONCATENATED MODULE: ./out/src/kube/clock.js
const SET_BACK_MILLISECONDS = 10_000;
class ServerClock {
    monotonic;
    own;
    origin;
    constructor(monotonic = () => performance.now(), own = () => Date.now()) {
        this.monotonic = monotonic;
        this.own = own;
    }
    hear(date = '') {
        const told = Date.parse(date);
        if (Number.isNaN(told))
            return;
        const origin = told - this.monotonic();
        const behind = (this.origin ?? origin) - origin;
        if (behind < 0 || behind > SET_BACK_MILLISECONDS || this.origin === undefined) {
            this.origin = origin;
        }
    }
    now() {
        return this.origin === undefined ? this.own() : this.origin + this.monotonic();
    }
}
//# sourceMappingURL=clock.js.map
// EXTERNAL MODULE: ./out/src/kube/error.js
var kube_error = __webpack_require__(5077);
// EXTERNAL MODULE: ./out/src/kube/exchange.js
var exchange = __webpack_require__(2146);
// EXTERNAL MODULE: ./out/src/kube/request.js
var kube_request = __webpack_require__(9006);
// EXTERNAL MODULE: ./out/src/kube/retry.js
var retry = __webpack_require__(3481);
// EXTERNAL MODULE: ./out/src/lib/limits/stream.js
var stream = __webpack_require__(3308);
;// CONCATENATED MODULE: ./out/src/kube/way/web-socket.js


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
            tunnelSignal: signal,
            finishRequest: (made) => {
                request = made;
                made.end();
            },
            ...(server.protocol === 'https:' && { generateMask: () => undefined }),
        };
        const socket = new WebSocket((0,exchange/* urlOf */.rs)(server, call.path), protocol, options);
        const end = () => socket.terminate();
        signal.addEventListener('abort', end, { once: true });
        try {
            return await new Promise((resolve, reject) => {
                socket.once('open', () => {
                    socket.pause();
                    resolve({ status: 101, headers: {}, body: Buffer.alloc(0), socket });
                });
                socket.once('unexpected-response', (_, response) => {
                    (0,exchange/* read */.LF)(response, signal)
                        .then((body) => resolve({ ...(0,exchange/* headOf */.Uo)(response), body }))
                        .catch(reject);
                });
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










class ApiClient {
    endpoint;
    server;
    contacted;
    away = Number.NEGATIVE_INFINITY;
    clock = new ServerClock();
    quickest = Number.POSITIVE_INFINITY;
    constructor(endpoint, known) {
        this.endpoint = endpoint;
        const { origin, pathname } = endpoint.server;
        this.server = origin + pathname.replace(/\/$/, '');
        this.contacted = this.server === known;
    }
    async request(wanted) {
        const call = (0,kube_request/* callOf */.C8)(wanted);
        const { result, asked } = await this.persist(wanted, (access) => (0,exchange/* exchange */.cv)(access, call));
        return { ...result, attempts: asked.attempts, json: () => objectIn(asked, result) };
    }
    async stream(path, options = {}) {
        const wanted = { method: 'GET', path, ...options };
        const call = (0,kube_request/* callOf */.C8)(wanted);
        const { result } = await this.persist(wanted, (access) => (0,exchange/* openStream */.fv)(access, call));
        return result.response;
    }
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
    async get(path, options = {}) {
        return (await this.request({ method: 'GET', path, ...options })).json();
    }
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
    async create(path, object, options = {}) {
        const { query: more, ...rest } = options;
        const query = { fieldManager: kube_request/* FIELD_MANAGER */.vy, ...more };
        try {
            return (await this.request({ method: 'POST', path, body: object, ...rest, query })).json();
        }
        catch (error) {
            const name = object.metadata?.name;
            if ((0,kube_error/* isFault */.Zh)(error, 'exists', 'quota') && error.attempts > 1 && name !== undefined) {
                const there = await this.find(`${path}/${name}`, rest).catch(() => undefined);
                if (there !== undefined)
                    return there;
            }
            throw error;
        }
    }
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
    async patch(path, patch, options = {}) {
        const query = { fieldManager: kube_request/* FIELD_MANAGER */.vy, ...options.query };
        const contentType = 'application/merge-patch+json';
        const request = { method: 'PATCH', path, body: patch, contentType };
        return (await this.request({ ...request, ...options, query })).json();
    }
    now() {
        return this.clock.now();
    }
    get roundTripMilliseconds() {
        return Number.isFinite(this.quickest) ? this.quickest : 0;
    }
    close() {
        this.endpoint.close();
    }
    async persist(wanted, attempt) {
        const started = performance.now();
        const whole = (wanted.patienceSeconds ?? kube/* RETRY_PATIENCE_SECONDS */.$_) * 1000;
        let renewed = false;
        let webhookFails;
        for (let attempts = 1;; attempts++) {
            const asked = { ...wanted, server: this.server, attempts };
            const access = await this.endpoint.authorize(wanted.signal);
            const { ending, result, error } = await this.measured(wanted, () => attempt(access));
            const failure = result === undefined ? (0,kube_error/* unreachable */.HB)(asked, error) : (0,kube_error/* failureOf */.g5)(asked, result, wanted.accept);
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
            const passes = (0,kube_request/* refusalPasses */._t)(wanted, failure?.fault) || this.mayBeOfStart(failure);
            const delay = (0,kube_error/* isFinal */.dR)(failure) ? undefined : (0,retry/* retryDelay */.a)({ ...ending, passes }, state);
            if (delay === undefined) {
                throw failure;
            }
            await (0,waiting/* rest */.zs)(delay, wanted.signal);
        }
    }
    mayBeOfStart(failure) {
        const isRecent = performance.now() - this.away < kube/* STARTED_DENIALS_SECONDS */.fo * 1000;
        return isRecent && (0,kube_error/* isFault */.Zh)(failure, 'credentials', 'permission');
    }
    async measured({ onAttempt, signal }, attempt) {
        const started = performance.now();
        try {
            const result = await attempt();
            this.contacted = true;
            if (result.status >= 502 && result.status <= 504)
                this.away = performance.now();
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
            if (this.contacted && !reused)
                this.away = performance.now();
            return { ending: { code, reused }, error };
        }
    }
}
function objectIn(asked, { status, body }) {
    try {
        const object = JSON.parse(body.toString('utf8'));
        if (typeof object === 'object' && object !== null)
            return object;
    }
    catch {
    }
    throw (0,kube_error/* foreign */.V$)(asked, status);
}
//# sourceMappingURL=client.js.map

/***/ }),

/***/ 2146:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Dx: () => (/* binding */ linesOf),
/* harmony export */   LF: () => (/* binding */ read),
/* harmony export */   RN: () => (/* binding */ inTime),
/* harmony export */   Uo: () => (/* binding */ headOf),
/* harmony export */   cv: () => (/* binding */ exchange),
/* harmony export */   fv: () => (/* binding */ openStream),
/* harmony export */   rs: () => (/* binding */ urlOf)
/* harmony export */ });
/* harmony import */ var node_http__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7067);
/* harmony import */ var node_https__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4708);
/* harmony import */ var _lib_bounded_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(1964);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(9850);
/* harmony import */ var _lib_heard_within_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6541);
/* harmony import */ var _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(773);
/* harmony import */ var _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1589);







function exchange(access, call) {
    return inTime(call, async (signal) => {
        const response = await open(access, call, signal);
        return { ...headOf(response), body: await read(response, signal, call.maxBytes) };
    });
}
function openStream(access, call) {
    return inTime(call, async (signal) => {
        const response = await open(access, call, signal);
        const head = headOf(response);
        const body = head.status >= 300 ? await read(response, signal) : Buffer.alloc(0);
        return { ...head, body, response };
    });
}
async function inTime(call, work) {
    const deadline = new AbortController();
    const late = () => deadline.abort(deadlineError(call));
    const isHeard = (0,_lib_heard_within_js__WEBPACK_IMPORTED_MODULE_4__/* .onceHeard */ .k)(call.deadlineSeconds * 1000, late);
    const signal = call.signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, call.signal]);
    try {
        return await work(signal);
    }
    catch (error) {
        throw signal.aborted ? signal.reason : error;
    }
    finally {
        isHeard();
    }
}
function headOf({ statusCode = 0, headers }) {
    return { status: statusCode, headers };
}
async function read(response, signal, maxBytes = _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_2__/* .ANSWER_MAX_BYTES */ .Kf) {
    const refuses = (response.statusCode ?? 0) >= 400;
    const most = refuses ? _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_2__/* .REFUSAL_MAX_BYTES */ .uD : maxBytes;
    const tooMany = () => new _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .ActionError */ .lZ(`A request got an answer of more than ${most / _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_3__/* .MIB */ .D6} MiB; check the address in the kubeconfig and the proxies on the way to it.`);
    try {
        return await (0,_lib_bounded_js__WEBPACK_IMPORTED_MODULE_6__/* .readBounded */ .C)(response, most, tooMany);
    }
    catch (error) {
        if (!refuses || signal.aborted) {
            throw error;
        }
        return Buffer.alloc(0);
    }
}
async function* linesOf(response, seconds, signal) {
    const late = setTimeout(() => response.destroy(), seconds * 1000);
    let begun = '';
    try {
        response.setEncoding('utf8');
        for await (const piece of response) {
            const [rest = '', ...lines] = String(piece).split('\n');
            begun += rest;
            for (const line of lines) {
                if (begun !== '')
                    yield begun;
                begun = line;
            }
            if (begun.length > _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_2__/* .LINE_MAX_BYTES */ .mf)
                return;
        }
    }
    catch {
        signal?.throwIfAborted();
    }
    finally {
        clearTimeout(late);
        response.destroy();
    }
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
        outgoing.on('error', (error) => reject(Object.assign(error, { reused: outgoing.reusedSocket })));
        for (const piece of call.body ?? []) {
            outgoing.write(piece);
        }
        outgoing.end();
    });
}
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
/* harmony export */   _t: () => (/* binding */ refusalPasses),
/* harmony export */   kx: () => (/* binding */ PARTIAL_OBJECT),
/* harmony export */   vy: () => (/* binding */ FIELD_MANAGER),
/* harmony export */   wN: () => (/* binding */ AS_REMEMBERED)
/* harmony export */ });
/* harmony import */ var _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(773);

const FIELD_MANAGER = 'jackal-inject';
const PARTIAL_OBJECT = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
const PARTIAL_OBJECT_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1,application/json';
const AS_REMEMBERED = { resourceVersion: '0' };
function pageQuery(query, token) {
    return { ...query, limit: _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .LIST_PAGE */ .Fw, continue: token };
}
function deleteBody({ preconditions, gracePeriodSeconds, propagation, }) {
    return {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation ?? 'Background',
        ...(preconditions && { preconditions }),
        ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    };
}
function refusalPasses({ method, body = {} }, fault) {
    const { metadata } = body;
    const isOfAnother = method === 'POST' || (method === 'PATCH' && metadata?.resourceVersion === undefined);
    return fault === 'busy' || (fault === 'conflict' && isOfAnother);
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
        deadlineSeconds: wanted.deadlineSeconds ?? _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .REQUEST_DEADLINE_SECONDS */ .f1,
        ...(bytes && { body: bytes }),
        ...(signal && { signal }),
    };
}
function jsonBytes(object) {
    return Buffer.from(JSON.stringify(object));
}
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
function retryDelay(ending, state, random = Math.random) {
    if (!isRetried(ending, state)) {
        return undefined;
    }
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
    const known = contacted && RETRIED_CODES_OF_THE_KNOWN.has(code);
    return known || RETRIED_CODES.has(code) || code.startsWith('HPE_');
}
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

/***/ 1964:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   C: () => (/* binding */ readBounded)
/* harmony export */ });
async function readBounded(stream, maxBytes, tooMany) {
    const pieces = [];
    let bytes = 0;
    for await (const piece of stream) {
        bytes += piece.length;
        if (bytes > maxBytes)
            throw tooMany();
        pieces.push(piece);
    }
    return Buffer.concat(pieces);
}
//# sourceMappingURL=bounded.js.map

/***/ }),

/***/ 6541:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Y: () => (/* binding */ heardWithin),
/* harmony export */   k: () => (/* binding */ onceHeard)
/* harmony export */ });
function heardWithin(milliseconds) {
    const over = new AbortController();
    onceHeard(milliseconds, () => over.abort(new Error('no answer in time')));
    return over.signal;
}
function onceHeard(milliseconds, act) {
    let turn;
    const due = () => {
        turn = setImmediate(act);
    };
    const timer = setTimeout(due, milliseconds).unref();
    return () => {
        clearTimeout(timer);
        clearImmediate(turn);
    };
}
//# sourceMappingURL=heard-within.js.map

/***/ }),

/***/ 773:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $3: () => (/* binding */ ANOTHER_CONTACT_SECONDS),
/* harmony export */   $_: () => (/* binding */ RETRY_PATIENCE_SECONDS),
/* harmony export */   Ag: () => (/* binding */ WATCH_SECONDS),
/* harmony export */   Az: () => (/* binding */ ACCESS_REVIEW_CONCURRENCY),
/* harmony export */   Bo: () => (/* binding */ QUOTA_PATIENCE_SECONDS),
/* harmony export */   FU: () => (/* binding */ WATCH_GRACE_SECONDS),
/* harmony export */   Fw: () => (/* binding */ LIST_PAGE),
/* harmony export */   G_: () => (/* binding */ USER_RANGE_PATIENCE_SECONDS),
/* harmony export */   Kf: () => (/* binding */ ANSWER_MAX_BYTES),
/* harmony export */   Lu: () => (/* binding */ IDLE_CONNECTION_MILLISECONDS),
/* harmony export */   S9: () => (/* binding */ DELETE_CONCURRENCY),
/* harmony export */   Sj: () => (/* binding */ CREDENTIAL_LEEWAY_SECONDS),
/* harmony export */   Wc: () => (/* binding */ FIRST_CONTACT_SECONDS),
/* harmony export */   f1: () => (/* binding */ REQUEST_DEADLINE_SECONDS),
/* harmony export */   fo: () => (/* binding */ STARTED_DENIALS_SECONDS),
/* harmony export */   hC: () => (/* binding */ ADDRESS_ANSWER_MILLISECONDS),
/* harmony export */   mf: () => (/* binding */ LINE_MAX_BYTES),
/* harmony export */   oi: () => (/* binding */ LIST_RESTARTS),
/* harmony export */   or: () => (/* binding */ CREDENTIAL_PLUGIN_SECONDS),
/* harmony export */   qB: () => (/* binding */ RETRY_BASE_MILLISECONDS),
/* harmony export */   tV: () => (/* binding */ RETRY_MAX_MILLISECONDS),
/* harmony export */   tt: () => (/* binding */ RETRY_AFTER_MAX_SECONDS),
/* harmony export */   uD: () => (/* binding */ REFUSAL_MAX_BYTES),
/* harmony export */   w7: () => (/* binding */ SERVICE_ACCOUNT_PATIENCE_SECONDS),
/* harmony export */   xD: () => (/* binding */ TOKEN_FILE_SECONDS),
/* harmony export */   y7: () => (/* binding */ WEBHOOK_PATIENCE_SECONDS)
/* harmony export */ });
/* harmony import */ var _units_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1589);

const REQUEST_DEADLINE_SECONDS = 35;
const RETRY_PATIENCE_SECONDS = 120;
const WEBHOOK_PATIENCE_SECONDS = 20;
const FIRST_CONTACT_SECONDS = 10;
const ADDRESS_ANSWER_MILLISECONDS = 3_000;
const ANOTHER_CONTACT_SECONDS = 60;
const STARTED_DENIALS_SECONDS = 30;
const RETRY_BASE_MILLISECONDS = 200;
const RETRY_MAX_MILLISECONDS = 8_000;
const RETRY_AFTER_MAX_SECONDS = 32;
const WATCH_SECONDS = 50;
const WATCH_GRACE_SECONDS = 15;
const ANSWER_MAX_BYTES = 256 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const REFUSAL_MAX_BYTES = _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const LINE_MAX_BYTES = 8 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const LIST_PAGE = 500;
const LIST_RESTARTS = 3;
const TOKEN_FILE_SECONDS = 50;
const CREDENTIAL_LEEWAY_SECONDS = 10;
const CREDENTIAL_PLUGIN_SECONDS = 60;
const DELETE_CONCURRENCY = 4;
const SERVICE_ACCOUNT_PATIENCE_SECONDS = 120;
const USER_RANGE_PATIENCE_SECONDS = 30;
const QUOTA_PATIENCE_SECONDS = 30;
const IDLE_CONNECTION_MILLISECONDS = 45_000;
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
/* harmony export */   _3: () => (/* binding */ TURN_ROUND_MAX_SECONDS),
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
/* harmony export */   vM: () => (/* binding */ SOURCES_KEPT_MAX),
/* harmony export */   z1: () => (/* binding */ TCP_KEEP_ALIVE_MILLISECONDS)
/* harmony export */ });
/* harmony import */ var _units_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1589);

const FORWARD_MESSAGE_BYTES = 128 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const FORWARD_AHEAD_BYTES = 512 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const WEB_SOCKET_MESSAGE_MAX_BYTES = _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const FORWARD_PING_SECONDS = 15;
const FORWARD_SILENCE_SECONDS = 45;
const STREAM_ANSWER_SECONDS = 10;
const FEED_SILENCE_SECONDS = 20;
const SLICE_STALL_SECONDS = 30;
const TOLD_LINE_MAX_CHARACTERS = 4 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const SLICE_SECONDS = 0.5;
const SLICE_START_BYTES = 512 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const SLICE_MIN_BYTES = 128 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const SLICE_MAX_BYTES = 64 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const SLICE_UNCUT_SHARE = 1 / 4;
const SLICE_CUT_SHARE = 1 / 32;
const TURN_ROUND_SECONDS = 4;
const TURN_ROUND_MAX_SECONDS = 30;
const SOURCES_KEPT_MAX = 8;
const DIRECT_PATIENCE_MILLISECONDS = 500;
const DIRECT_PROOF_MILLISECONDS = 3_000;
const DIRECT_AGAIN_MILLISECONDS = 25;
const DIRECT_REASONS_MAX = 3;
const TCP_KEEP_ALIVE_MILLISECONDS = 15_000;
const FORWARD_PATIENCE_SECONDS = 15;
const STREAM_CONNECTIONS = 2;
const STREAM_WRONG_RETRIES = 1;
const STREAM_FIRST_SECONDS = 30;
const STREAM_PATIENCE_SECONDS = 120;
const SENT_FIRST_MAX_BYTES = 32 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
//# sourceMappingURL=stream.js.map

/***/ }),

/***/ 4686:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Kn: () => (/* binding */ News),
/* harmony export */   Wh: () => (/* binding */ unlessAborted),
/* harmony export */   zs: () => (/* binding */ rest)
/* harmony export */ });
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8500);

async function rest(milliseconds, signal) {
    if (milliseconds > 0) {
        await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(milliseconds, undefined, { signal }).catch(() => undefined);
        signal?.throwIfAborted();
    }
}
async function unlessAborted(work, signal) {
    const { promise: aborted, reject } = Promise.withResolvers();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    if (signal.aborted)
        abort();
    try {
        return await Promise.race([work, aborted]);
    }
    finally {
        signal.removeEventListener('abort', abort);
    }
}
class News {
    next = Promise.withResolvers();
    get comes() {
        return this.next.promise;
    }
    tell() {
        this.next.resolve();
        this.next = Promise.withResolvers();
    }
}
//# sourceMappingURL=waiting.js.map

/***/ })

};
