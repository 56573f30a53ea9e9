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

/***/ }),

/***/ 6748:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   h: () => (/* binding */ deadRuns),
/* harmony export */   y: () => (/* binding */ isEarlierAttempt)
/* harmony export */ });
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3751);

/**
 * The runs that are over by what their Leases say: their time has come, or they belong to an earlier
 * attempt of the workflow run. GitHub starts an attempt only when the one before has ended. A run of the
 * same attempt may be alive: another job of it, or another use of the action in one job. And the
 * namespaces of runs that were killed before they had a Lease, by the same rules. And runs that have a policy and no
 * Lease any more: no namespace takes that along where the run was given one. A release that is in use is no such run,
 * whatever became of its last step.
 */
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
/** Whether two URLs name attempts of one workflow run, and the first one came before the second. */
function isEarlierAttempt(first, second) {
    const [one, other] = [first, second].map((url) => /^(.+\/attempts\/)(\d+)$/.exec(url ?? ''));
    return one?.[1] !== undefined && one[1] === other?.[1] && Number(one[2]) < Number(other[2]);
}
//# sourceMappingURL=dead-runs.js.map

/***/ }),

/***/ 4385:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   EH: () => (/* binding */ renewLease),
/* harmony export */   GH: () => (/* binding */ takenOver),
/* harmony export */   Kw: () => (/* binding */ deleteLease),
/* harmony export */   Lb: () => (/* binding */ leasedRuns),
/* harmony export */   Lk: () => (/* binding */ patchAsHolder),
/* harmony export */   Qw: () => (/* binding */ PATH_ANNOTATION),
/* harmony export */   Sx: () => (/* binding */ microTime),
/* harmony export */   U8: () => (/* binding */ leasePath),
/* harmony export */   Wb: () => (/* binding */ ROUTE_ANNOTATION),
/* harmony export */   bf: () => (/* binding */ ownerOf),
/* harmony export */   dL: () => (/* binding */ KEPT_ANNOTATION),
/* harmony export */   iy: () => (/* binding */ WORKFLOW_ANNOTATION),
/* harmony export */   jF: () => (/* binding */ createLease),
/* harmony export */   leasedRun: () => (/* binding */ leasedRun),
/* harmony export */   nU: () => (/* binding */ DELIVERIES_ANNOTATION),
/* harmony export */   vL: () => (/* binding */ leasedRunOf),
/* harmony export */   xI: () => (/* binding */ CONFIGMAP_BYTES_ANNOTATION)
/* harmony export */ });
/* unused harmony export leasesPath */
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3751);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(182);




/** On a Lease: the URL of the attempt of a workflow run that the run belongs to. */
const WORKFLOW_ANNOTATION = 'jackal-inject.dev/workflow';
/** On a Lease: the bytes that the run has in ConfigMaps or is about to put there. */
const CONFIGMAP_BYTES_ANNOTATION = 'jackal-inject.dev/configmap-bytes';
const LEASES = '/apis/coordination.k8s.io/v1';
/** On a release's Lease: the path under which its registry answers, the same from step to step. */
const PATH_ANNOTATION = 'jackal-inject.dev/path';
/** On a release's Lease: the highest number that a delivery may have had so far. */
const DELIVERIES_ANNOTATION = 'jackal-inject.dev/deliveries';
/** On a release's Lease: the delivery that is in use. */
const KEPT_ANNOTATION = 'jackal-inject.dev/kept-delivery';
/** On a release's Lease: the route by which nodes come to its registry. */
const ROUTE_ANNOTATION = 'jackal-inject.dev/route';
/** Path of the Leases of a namespace, or of all when there is none. */
function leasesPath(namespace) {
    return namespace === undefined ? `${LEASES}/leases` : `${LEASES}/namespaces/${namespace}/leases`;
}
/** Path of a run's Lease. */
function leasePath({ id, namespace }) {
    return `${leasesPath(namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.lease(id)}`;
}
/**
 * Creates the run's Lease, which says that the run is alive for some minutes, of which attempt of a
 * workflow run it is and how many bytes it will put into ConfigMaps. It owns all other objects of the
 * run: with it gone, the cluster's garbage collector takes the rest. Returns it as their owner, without
 * `blockOwnerDeletion`, which some clusters guard. Throws ApiError.
 */
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
/** A Lease as the owner of other objects. */
function ownerOf({ metadata }) {
    const { name = '', uid = '' } = metadata ?? {};
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, uid };
}
/** The run of a Lease as it is now; undefined when there is none. Throws ApiError. */
async function leasedRun(client, run, signal) {
    const lease = await client.find(leasePath(run), { signal });
    return lease && leasedRunOf(lease);
}
/**
 * Makes the Lease say that the run is alive from now on for so many seconds. Throws ApiError, and an ActionError when
 * another step has taken the release over.
 */
async function renewLease(client, run, { seconds, configMapBytes, isNewPlan }, options) {
    const now = microTime(client.now());
    const patch = {
        ...(configMapBytes !== undefined && {
            metadata: { annotations: { [CONFIGMAP_BYTES_ANNOTATION]: String(configMapBytes) } },
        }),
        spec: {
            renewTime: now,
            leaseDurationSeconds: seconds,
            ...(isNewPlan && { acquireTime: now }),
        },
    };
    if (run.release === undefined) {
        await client.patch(leasePath(run), patch, options);
    }
    else if (!(await patchAsHolder(client, run, patch, options))) {
        throw takenOver(run);
    }
}
/** Changes the Lease of a release while this step has it; false when it has not any more. Throws ApiError. */
async function patchAsHolder(client, run, patch, options) {
    const path = leasePath(run);
    for (;;) {
        const { metadata, spec } = await client.get(path, options);
        if (spec?.holderIdentity !== run.holder) {
            return false;
        }
        const { resourceVersion } = metadata ?? {};
        try {
            const held = { ...patch, metadata: { ...patch.metadata, resourceVersion } };
            await client.patch(path, held, options);
            return true;
        }
        catch (error) {
            // A renewal came between.
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict'))
                throw error;
        }
    }
}
/** What a step is told whose release another one has taken over. */
function takenOver({ release }) {
    return new _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .ActionError */ .lZ(`Another step has taken over the release "${release}", since this one was not heard of for ${_lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .RUN_LEASE_SECONDS */ .fH} s; run this one again when that has ended.`);
}
/** Deletes the Lease; false when it was not there. Throws ApiError. */
async function deleteLease(client, run, signal) {
    return client.delete(leasePath(run), { signal });
}
/**
 * The runs in the namespace, or in the whole cluster when there is none: also those that are dead.
 * Throws ApiError.
 */
async function leasedRuns(client, namespace, signal) {
    const query = { labelSelector: `${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY_LABEL */ .lT}=${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY */ .Kf},${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .ROLE_LABEL */ .eg}=lease` };
    const { items } = await client.list(leasesPath(namespace), { query, signal });
    return items.flatMap((lease) => leasedRunOf(lease) ?? []);
}
/** A run by its Lease; undefined for a Lease that this action has not written. */
function leasedRunOf({ metadata, spec }) {
    const { labels, annotations, namespace, name, creationTimestamp } = metadata ?? {};
    const id = labels?.[_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RUN_LABEL */ .jQ];
    const renewed = Date.parse(String(spec?.renewTime ?? ''));
    if (id === undefined || namespace === undefined || name !== _run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.lease(id)) {
        return undefined;
    }
    return {
        id,
        namespace,
        expires: renewed + (spec?.leaseDurationSeconds ?? 0) * 1000,
        workflow: annotations?.[WORKFLOW_ANNOTATION],
        configMapBytes: Number(annotations?.[CONFIGMAP_BYTES_ANNOTATION] ?? 0) || 0,
        created: Date.parse(String(creationTimestamp ?? '')),
        planned: Date.parse(String(spec?.acquireTime ?? creationTimestamp ?? '')),
        holder: spec?.holderIdentity,
        ...(annotations?.[DELIVERIES_ANNOTATION] && {
            lastDelivery: Number(annotations[DELIVERIES_ANNOTATION]),
            version: metadata?.resourceVersion,
        }),
        ...(annotations?.[KEPT_ANNOTATION] && { kept: Number(annotations[KEPT_ANNOTATION]) }),
    };
}
/** A moment as Kubernetes' MicroTime is written: RFC 3339 with six digits behind the second. */
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
/* harmony import */ var _lib_rest_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5587);
/* harmony import */ var _dead_runs_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6748);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4385);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(182);








/**
 * Takes the Lease of a release that is there, for one step at a time; undefined when there is none. Throws an
 * ActionError while another step has it, ApiError.
 */
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
        // An earlier attempt may have succeeded unnoticed.
        const now = await client.get(path, { signal });
        if (now.spec?.holderIdentity === run.holder)
            return now;
        throw inOtherHands(run);
    });
    const secret = annotations[_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .PATH_ANNOTATION */ .Qw] ?? run.secret;
    const route = annotations[_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .ROUTE_ANNOTATION */ .Wb];
    return { owner: (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .ownerOf */ .bf)(taken), secret, firstDelivery, kept, since, route };
}
/** What a step is told that comes while another one has the release. */
function inOtherHands({ release }, workflow) {
    const who = workflow === undefined ? '' : ` (${workflow})`;
    return new _lib_errors_js__WEBPACK_IMPORTED_MODULE_7__/* .ActionError */ .lZ(`Another step is replacing the release "${release}" right now${who}; run this one when that has ended, or have the workflow's \`concurrency\` see to it.`);
}
/**
 * Says on a release's Lease what is in use from now on. Throws an ActionError when another step has taken the release over,
 * since this one was silent for too long, ApiError.
 */
async function putInUse(client, run, { delivery, route }, signal) {
    const annotations = { [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .KEPT_ANNOTATION */ .dL]: String(delivery), [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .ROUTE_ANNOTATION */ .Wb]: route };
    if (!(await (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .patchAsHolder */ .Lk)(client, run, { metadata: { annotations } }, { signal }))) {
        throw (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .takenOver */ .GH)(run);
    }
}
/** Gives a release's Lease back to whoever comes next, unless another step has it already. Throws ApiError. */
async function leaveRelease(client, run, signal) {
    await (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .patchAsHolder */ .Lk)(client, run, { spec: { holderIdentity: null } }, { signal });
}
/** Who has the Lease of a release that is dead and never was in use, and is being removed by another run. */
const REMOVER = `${_run_js__WEBPACK_IMPORTED_MODULE_6__/* .MANAGED_BY */ .Kf}-removal`;
/**
 * Takes the Lease of a dead release, so that no step goes on with what is about to be removed; false when a step has it
 * again, or another run. Throws ApiError.
 *
 * @param version the Lease's `resourceVersion` when it was found to be dead
 */
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
/** Waits while a dead release is being removed that a step comes for. Throws ApiError. */
async function untilRemoved(client, run, signal) {
    for (let attempts = 1;; attempts++) {
        const { holder, expires = 0 } = (await (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__.leasedRun)(client, run, signal)) ?? {};
        if (holder !== REMOVER || expires <= client.now())
            return;
        await (0,_lib_rest_js__WEBPACK_IMPORTED_MODULE_3__/* .rest */ .z)((0,_kube_retry_js__WEBPACK_IMPORTED_MODULE_1__/* .backoff */ .J)(attempts), signal);
    }
}
//# sourceMappingURL=lease.js.map

/***/ })

};
