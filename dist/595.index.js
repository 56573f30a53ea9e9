export const id = 595;
export const ids = [595,385];
export const modules = {

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

/***/ }),

/***/ 6748:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   h: () => (/* binding */ deadRuns),
/* harmony export */   y: () => (/* binding */ isEarlierAttempt)
/* harmony export */ });
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3751);

function deadRuns({ leased, namespaces, withPolicy }, { now, workflow }) {
    const known = new Set(leased.map(({ id }) => id));
    const bare = namespaces
        .filter(({ id }) => !known.has(id))
        .map((place) => ({
        ...place,
        version: undefined,
        expires: place.created + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .RUN_LEASE_SECONDS */ .fH * 1000,
    }));
    const ending = leased.filter(({ kept }) => kept === undefined);
    const over = [...ending, ...bare].filter((run) => run.expires <= now || isEarlierAttempt(run.workflow, workflow));
    const found = new Set([...known, ...over.map(({ id }) => id)]);
    const unleased = withPolicy.filter(({ id }) => !found.has(id));
    return [
        ...over.map(({ id, namespace, version }) => ({ id, namespace, ...(version && { version }) })),
        ...unleased.map(({ id, namespace }) => ({ id, namespace })),
    ];
}
function isEarlierAttempt(first, second) {
    const [one, other] = [first, second].map((url) => /^(.+\/attempts\/)(\d+)$/.exec(url ?? ''));
    return one?.[1] !== undefined && one[1] === other?.[1] && Number(one[2]) < Number(other[2]);
}
//# sourceMappingURL=dead-runs.js.map

/***/ }),

/***/ 4385:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   GH: () => (/* binding */ takenOver),
/* harmony export */   Kw: () => (/* binding */ deleteLease),
/* harmony export */   Lb: () => (/* binding */ leasedRuns),
/* harmony export */   Lk: () => (/* binding */ patchAsHolder),
/* harmony export */   QB: () => (/* binding */ ReleaseLost),
/* harmony export */   Qw: () => (/* binding */ PATH_ANNOTATION),
/* harmony export */   Sx: () => (/* binding */ microTime),
/* harmony export */   U8: () => (/* binding */ leasePath),
/* harmony export */   Wb: () => (/* binding */ ROUTE_ANNOTATION),
/* harmony export */   bf: () => (/* binding */ ownerOf),
/* harmony export */   cr: () => (/* binding */ RunLost),
/* harmony export */   dL: () => (/* binding */ KEPT_ANNOTATION),
/* harmony export */   iy: () => (/* binding */ WORKFLOW_ANNOTATION),
/* harmony export */   jF: () => (/* binding */ createLease),
/* harmony export */   leasedRun: () => (/* binding */ leasedRun),
/* harmony export */   nU: () => (/* binding */ DELIVERIES_ANNOTATION),
/* harmony export */   renewLease: () => (/* binding */ renewLease),
/* harmony export */   rg: () => (/* binding */ expectHeld),
/* harmony export */   vL: () => (/* binding */ leasedRunOf),
/* harmony export */   xI: () => (/* binding */ CONFIGMAP_BYTES_ANNOTATION)
/* harmony export */ });
/* unused harmony export leasesPath */
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3751);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(182);




const WORKFLOW_ANNOTATION = 'jackal-inject.dev/workflow';
const CONFIGMAP_BYTES_ANNOTATION = 'jackal-inject.dev/configmap-bytes';
const LEASES = '/apis/coordination.k8s.io/v1';
const PATH_ANNOTATION = 'jackal-inject.dev/path';
const DELIVERIES_ANNOTATION = 'jackal-inject.dev/deliveries';
const KEPT_ANNOTATION = 'jackal-inject.dev/kept-delivery';
const ROUTE_ANNOTATION = 'jackal-inject.dev/route';
function leasesPath(namespace) {
    return namespace === undefined ? `${LEASES}/leases` : `${LEASES}/namespaces/${namespace}/leases`;
}
function leasePath({ id, namespace }) {
    return `${leasesPath(namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.lease(id)}`;
}
async function createLease(client, run, configMapBytes, signal) {
    const name = _run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.lease(run.id);
    const annotations = {
        [CONFIGMAP_BYTES_ANNOTATION]: String(configMapBytes),
        ...(run.workflow && { [WORKFLOW_ANNOTATION]: run.workflow }),
        ...(run.release !== undefined && {
            [PATH_ANNOTATION]: run.secret,
            [DELIVERIES_ANNOTATION]: String(_lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .DELIVERIES_PER_STEP_MAX */ .H$ - 1),
        }),
    };
    const now = microTime(client.now());
    const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, labels: (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .labelsFor */ .dS)(run, 'lease'), annotations },
        spec: {
            holderIdentity: run.holder ?? _run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY */ .Kf,
            leaseDurationSeconds: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .RUN_LEASE_SECONDS */ .fH,
            acquireTime: now,
            renewTime: now,
        },
    };
    const object = lease;
    return ownerOf(await client.create(leasesPath(run.namespace), object, { signal }));
}
function ownerOf({ metadata }) {
    const { name = '', uid = '' } = metadata ?? {};
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, uid };
}
async function leasedRun(client, run, signal) {
    const lease = await client.find(leasePath(run), { signal });
    return lease && leasedRunOf(lease);
}
async function renewLease(client, run, { seconds, configMapBytes, isNewPlan }, options) {
    const patch = () => {
        const now = microTime(client.now());
        return {
            ...(configMapBytes !== undefined && {
                metadata: { annotations: { [CONFIGMAP_BYTES_ANNOTATION]: String(configMapBytes) } },
            }),
            spec: {
                renewTime: now,
                leaseDurationSeconds: seconds,
                ...(isNewPlan && { acquireTime: now }),
            },
        };
    };
    try {
        if (!(await patchAsHolder(client, run, patch, options)))
            throw takenOver(run);
    }
    catch (error) {
        throw (0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'not-found') ? takenAway(error) : error;
    }
}
async function expectHeld(client, run, signal) {
    const lease = await client.find(leasePath(run), { signal });
    if (lease === undefined)
        throw takenAway();
    if (!isHeldBy(run, lease))
        throw takenOver(run);
}
function isHeldBy({ release, holder }, { spec }) {
    return release === undefined || spec?.holderIdentity === holder;
}
async function patchAsHolder(client, run, patchNow, options) {
    const path = leasePath(run);
    for (;;) {
        const lease = await client.get(path, options);
        if (!isHeldBy(run, lease)) {
            return false;
        }
        const { resourceVersion } = lease.metadata ?? {};
        try {
            const patch = patchNow();
            const held = { ...patch, metadata: { ...patch.metadata, resourceVersion } };
            await client.patch(path, held, options);
            return true;
        }
        catch (error) {
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict'))
                throw error;
        }
    }
}
class RunLost extends _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .ActionError */ .lZ {
}
class ReleaseLost extends RunLost {
}
function takenAway(cause) {
    return new RunLost(`The run was taken away while it went on: its Lease is gone, for it was not heard of for ${_lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .RUN_LEASE_SECONDS */ .fH} s, or somebody has deleted it or its namespace; run the step again.`, { cause });
}
function takenOver({ release }) {
    return new ReleaseLost(`Another step has taken over the release "${release}", since this one was not heard of for ${_lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .RUN_LEASE_SECONDS */ .fH} s; run this one again when that has ended.`);
}
async function deleteLease(client, run, signal) {
    return client.delete(leasePath(run), { signal });
}
async function leasedRuns(client, namespace, signal) {
    const query = { labelSelector: `${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY_LABEL */ .lT}=${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY */ .Kf},${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .ROLE_LABEL */ .eg}=lease` };
    const { items } = await client.list(leasesPath(namespace), { query, signal });
    return items.flatMap((lease) => leasedRunOf(lease) ?? []);
}
function leasedRunOf({ metadata, spec }) {
    const { labels, annotations, namespace, name, creationTimestamp } = metadata ?? {};
    const id = labels?.[_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RUN_LABEL */ .jQ] ?? '';
    const renewed = Date.parse(String(spec?.renewTime ?? ''));
    if (!(0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .isRunId */ .Pk)(id) || namespace === undefined || name !== _run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.lease(id)) {
        return undefined;
    }
    return {
        id,
        namespace,
        expires: renewed + (spec?.leaseDurationSeconds ?? 0) * 1000,
        workflow: annotations?.[WORKFLOW_ANNOTATION],
        configMapBytes: Number(annotations?.[CONFIGMAP_BYTES_ANNOTATION] ?? 0) || 0,
        created: Date.parse(String(creationTimestamp ?? '')),
        written: Number(metadata?.resourceVersion),
        isRenewed: spec?.acquireTime !== spec?.renewTime,
        holder: spec?.holderIdentity,
        release: labels?.[_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RELEASE_LABEL */ .l5],
        ...(annotations?.[DELIVERIES_ANNOTATION] && {
            lastDelivery: Number(annotations[DELIVERIES_ANNOTATION]),
            version: metadata?.resourceVersion,
        }),
        ...(annotations?.[KEPT_ANNOTATION] && { kept: Number(annotations[KEPT_ANNOTATION]) }),
    };
}
function microTime(milliseconds) {
    return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
//# sourceMappingURL=lease.js.map

/***/ }),

/***/ 3595:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   PH: () => (/* binding */ untilRemoved),
/* harmony export */   UF: () => (/* binding */ putInUse),
/* harmony export */   XI: () => (/* binding */ takeRelease),
/* harmony export */   d$: () => (/* binding */ takeForRemoval),
/* harmony export */   leaveRelease: () => (/* binding */ leaveRelease),
/* harmony export */   yX: () => (/* binding */ inOtherHands)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _kube_retry_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3481);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3751);
/* harmony import */ var _lib_waiting_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4686);
/* harmony import */ var _dead_runs_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6748);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4385);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(182);








async function takeRelease(client, run, configMapBytes, signal) {
    const path = (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .leasePath */ .U8)(run);
    const lease = await client.find(path, { signal });
    if (lease === undefined) {
        return undefined;
    }
    const { created: since = 0, expires = 0, holder, workflow, kept } = (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .leasedRunOf */ .vL)(lease) ?? {};
    const isDead = expires <= client.now() || (holder !== REMOVER && (0,_dead_runs_js__WEBPACK_IMPORTED_MODULE_4__/* .isEarlierAttempt */ .y)(workflow, run.workflow));
    if (holder !== undefined && !isDead) {
        throw inOtherHands(run, workflow);
    }
    const { resourceVersion, annotations = {} } = lease.metadata ?? {};
    const firstDelivery = Number(annotations[_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .DELIVERIES_ANNOTATION */ .nU] ?? 0) + 1;
    const now = (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .microTime */ .Sx)(client.now());
    const patch = {
        metadata: {
            resourceVersion,
            annotations: {
                [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .CONFIGMAP_BYTES_ANNOTATION */ .xI]: String(configMapBytes),
                [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .WORKFLOW_ANNOTATION */ .iy]: run.workflow ?? null,
                [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .DELIVERIES_ANNOTATION */ .nU]: String(firstDelivery + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .DELIVERIES_PER_STEP_MAX */ .H$ - 1),
            },
        },
        spec: {
            holderIdentity: run.holder,
            acquireTime: now,
            renewTime: now,
            leaseDurationSeconds: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RUN_LEASE_SECONDS */ .fH,
        },
    };
    const taken = await client.patch(path, patch, { signal }).catch(async (error) => {
        if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict'))
            throw error;
        const now = await client.get(path, { signal });
        if (now.spec?.holderIdentity === run.holder)
            return now;
        throw inOtherHands(run);
    });
    const secret = annotations[_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .PATH_ANNOTATION */ .Qw] ?? run.secret;
    const route = annotations[_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .ROUTE_ANNOTATION */ .Wb];
    return { owner: (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .ownerOf */ .bf)(taken), secret, firstDelivery, kept, since, route };
}
function inOtherHands({ release }, workflow) {
    const who = workflow === undefined ? '' : ` (${workflow})`;
    return new _lib_errors_js__WEBPACK_IMPORTED_MODULE_7__/* .ActionError */ .lZ(`Another step is replacing the release "${release}" right now${who}; run this one when that has ended, or have the workflow's \`concurrency\` see to it.`);
}
async function putInUse(client, run, { delivery, route }, signal) {
    const annotations = { [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .KEPT_ANNOTATION */ .dL]: String(delivery), [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .ROUTE_ANNOTATION */ .Wb]: route };
    const patch = () => ({
        metadata: { annotations },
        spec: { renewTime: (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .microTime */ .Sx)(client.now()) },
    });
    if (!(await (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .patchAsHolder */ .Lk)(client, run, patch, { signal }))) {
        throw (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .takenOver */ .GH)(run);
    }
}
async function leaveRelease(client, run, signal) {
    await (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .patchAsHolder */ .Lk)(client, run, () => ({ spec: { holderIdentity: null } }), { signal });
}
const REMOVER = `${_run_js__WEBPACK_IMPORTED_MODULE_6__/* .MANAGED_BY */ .Kf}-removal`;
async function takeForRemoval(client, run, version, signal) {
    const patch = {
        metadata: { resourceVersion: version },
        spec: {
            holderIdentity: REMOVER,
            renewTime: (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .microTime */ .Sx)(client.now()),
            leaseDurationSeconds: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .CLEANUP_TIMEOUT_SECONDS */ .Hr,
        },
    };
    try {
        await client.patch((0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .leasePath */ .U8)(run), patch, { signal });
        return true;
    }
    catch (error) {
        if ((0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict', 'not-found'))
            return false;
        throw error;
    }
}
async function untilRemoved(client, run, signal) {
    for (let attempts = 1;; attempts++) {
        const { holder, expires = 0 } = (await (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__.leasedRun)(client, run, signal)) ?? {};
        if (holder !== REMOVER || expires <= client.now())
            return;
        await (0,_lib_waiting_js__WEBPACK_IMPORTED_MODULE_3__/* .rest */ .zs)((0,_kube_retry_js__WEBPACK_IMPORTED_MODULE_1__/* .backoff */ .J)(attempts), signal);
    }
}
//# sourceMappingURL=lease.js.map

/***/ })

};
