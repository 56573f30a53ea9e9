export const id = 80;
export const ids = [80];
export const modules = {

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

/***/ 2080:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   L: () => (/* binding */ runsElsewhere),
/* harmony export */   findOtherRuns: () => (/* binding */ findOtherRuns),
/* harmony export */   removeDeadRuns: () => (/* binding */ removeDeadRuns)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(773);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3751);
/* harmony import */ var _lib_slots_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(1536);
/* harmony import */ var _dead_runs_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6748);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4385);
/* harmony import */ var _namespace_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(234);
/* harmony import */ var _release_lease_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(3595);
/* harmony import */ var _removal_policy_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(3012);
/* harmony import */ var _remove_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(8295);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(182);












async function findOtherRuns(client, run, signal) {
    const everywhere = (0,_run_js__WEBPACK_IMPORTED_MODULE_9__/* .ownsNamespace */ .$I)(run);
    const [namespaces, withPolicy] = await (0,_lib_slots_js__WEBPACK_IMPORTED_MODULE_10__/* .settled */ .gu)([
        everywhere ? (0,_namespace_js__WEBPACK_IMPORTED_MODULE_5__/* .otherNamespaces */ .LP)(client, run.id, signal) : [],
        (0,_removal_policy_js__WEBPACK_IMPORTED_MODULE_7__/* .runsWithPolicy */ .p)(client, signal),
    ]);
    const all = await (0,_lease_js__WEBPACK_IMPORTED_MODULE_4__/* .leasedRuns */ .Lb)(client, everywhere ? undefined : run.namespace, signal);
    const leased = all.filter(({ id }) => id !== run.id);
    const asking = { now: client.now(), workflow: run.workflow };
    const judged = withPolicy.filter(({ id, namespace }) => id !== run.id && (everywhere || namespace === run.namespace));
    const dead = (0,_dead_runs_js__WEBPACK_IMPORTED_MODULE_3__/* .deadRuns */ .h)({ leased, namespaces, withPolicy: judged }, asking);
    const over = new Set(dead.map(({ id }) => id));
    const own = all.find(({ id }) => id === run.id);
    const alive = leased.filter(({ id, expires }) => !over.has(id) && expires > asking.now);
    return { own, alive, dead };
}
async function runsElsewhere(client, run, signal) {
    if ((0,_run_js__WEBPACK_IMPORTED_MODULE_9__/* .ownsNamespace */ .$I)(run)) {
        return [];
    }
    const all = (await (0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .ifAnswered */ .nH)((0,_lease_js__WEBPACK_IMPORTED_MODULE_4__/* .leasedRuns */ .Lb)(client, undefined, signal), signal)) ?? [];
    const now = client.now();
    return all.filter(({ namespace, expires }) => namespace !== run.namespace && expires > now);
}
async function removeDeadRuns(client, dead, warn, signal, phaseSeconds = _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .REMOVE_DEAD_PHASE_SECONDS */ .aF) {
    const end = performance.now() + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .REMOVE_DEAD_SECONDS */ .KH * 1000;
    const remove = async (run) => {
        try {
            if (performance.now() > end) {
                throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_11__/* .ActionError */ .lZ('There was no time for it.');
            }
            const { version } = run;
            if (version !== undefined && !(await (0,_release_lease_js__WEBPACK_IMPORTED_MODULE_6__/* .takeForRemoval */ .d$)(client, run, version, signal))) {
                return;
            }
            await (0,_remove_js__WEBPACK_IMPORTED_MODULE_8__.removeRun)(client, run, signal, phaseSeconds);
        }
        catch (error) {
            signal.throwIfAborted();
            warn(`What the dead run ${run.id} left in the namespace "${run.namespace}" could not be removed: ${(0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_11__/* .sentenceOf */ .$N)(error)} The next run tries again.`);
        }
    };
    await (0,_lib_slots_js__WEBPACK_IMPORTED_MODULE_10__/* .eachOf */ .pQ)(dead, _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_1__/* .DELETE_CONCURRENCY */ .S9, signal, remove);
}
//# sourceMappingURL=other-runs.js.map

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
