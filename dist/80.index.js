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
        .map((place) => ({ ...place, expires: place.created + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .RUN_LEASE_SECONDS */ .fH * 1000 }));
    const ending = leased.filter(({ kept }) => kept === undefined);
    const over = [...ending, ...bare].filter((run) => run.expires <= now || isEarlierAttempt(run.workflow, workflow));
    const found = new Set([...known, ...over.map(({ id }) => id)]);
    const unleased = withPolicy.filter(({ id }) => !found.has(id));
    return [...over, ...unleased].map(({ id, namespace }) => ({ id, namespace }));
}
/** Whether two URLs name attempts of one workflow run, and the first one came before the second. */
function isEarlierAttempt(first, second) {
    const [one, other] = [first, second].map((url) => /^(.+\/attempts\/)(\d+)$/.exec(url ?? ''));
    return one?.[1] !== undefined && one[1] === other?.[1] && Number(one[2]) < Number(other[2]);
}
//# sourceMappingURL=dead-runs.js.map

/***/ }),

/***/ 2080:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   findOtherRuns: () => (/* binding */ findOtherRuns),
/* harmony export */   removeDeadRuns: () => (/* binding */ removeDeadRuns)
/* harmony export */ });
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(773);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3751);
/* harmony import */ var _lib_slots_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(1536);
/* harmony import */ var _dead_runs_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6748);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4385);
/* harmony import */ var _namespace_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7004);
/* harmony import */ var _removal_policy_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(3012);
/* harmony import */ var _remove_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(7403);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(182);










/**
 * The other runs as far as this one may look: in the whole cluster when it has a namespace of its own,
 * else in its namespace. Throws ApiError.
 */
async function findOtherRuns(client, run, signal) {
    const everywhere = (0,_run_js__WEBPACK_IMPORTED_MODULE_6__/* .ownsNamespace */ .$I)(run);
    // Asked for before the Leases, which runs have before a policy, and lose after it.
    const earlier = [
        everywhere ? (0,_namespace_js__WEBPACK_IMPORTED_MODULE_3__/* .otherNamespaces */ .LP)(client, run.id, signal) : [],
        (0,_removal_policy_js__WEBPACK_IMPORTED_MODULE_4__/* .runsWithPolicy */ .p)(client, signal),
    ];
    await Promise.allSettled(earlier);
    const [namespaces, withPolicy] = await Promise.all(earlier);
    const all = await (0,_lease_js__WEBPACK_IMPORTED_MODULE_2__/* .leasedRuns */ .Lb)(client, everywhere ? undefined : run.namespace, signal);
    const leased = all.filter(({ id }) => id !== run.id);
    const asking = { now: client.now(), workflow: run.workflow };
    const judged = withPolicy.filter(({ id, namespace }) => id !== run.id && (everywhere || namespace === run.namespace));
    const dead = (0,_dead_runs_js__WEBPACK_IMPORTED_MODULE_1__/* .deadRuns */ .h)({ leased, namespaces, withPolicy: judged }, asking);
    const over = new Set(dead.map(({ id }) => id));
    const own = all.find(({ id }) => id === run.id);
    return { own, alive: leased.filter(({ id }) => !over.has(id)), dead };
}
/**
 * Takes away runs that are dead. That is a courtesy: what is not gone within the bounds of a phase, or
 * not begun when the time for all is over, is told to `warn` and left to the next run. Throws the
 * signal's reason.
 */
async function removeDeadRuns(client, dead, warn, signal, phaseSeconds = _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .REMOVE_DEAD_PHASE_SECONDS */ .aF) {
    const end = performance.now() + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .REMOVE_DEAD_SECONDS */ .KH * 1000;
    const slots = new _lib_slots_js__WEBPACK_IMPORTED_MODULE_7__/* .Slots */ .W(_lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_8__/* .DELETE_CONCURRENCY */ .S9);
    const remove = async (run) => {
        try {
            if (performance.now() > end) {
                throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_9__/* .ActionError */ .lZ('There was no time for it.');
            }
            await (0,_remove_js__WEBPACK_IMPORTED_MODULE_5__.removeRun)(client, run, signal, phaseSeconds);
        }
        catch (error) {
            signal.throwIfAborted();
            warn(`What the dead run ${run.id} left in the namespace "${run.namespace}" could not be removed: ${(0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_9__/* .sentenceOf */ .$N)(error)} The next run tries again.`);
        }
    };
    await Promise.all(dead.map((run) => slots.run(() => remove(run))));
}
//# sourceMappingURL=other-runs.js.map

/***/ })

};
