export const id = 967;
export const ids = [967];
export const modules = {

/***/ 8967:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   post: () => (/* binding */ post)
/* harmony export */ });
/* harmony import */ var _host_inputs_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1185);
/* harmony import */ var _host_output_directory_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4757);
/* harmony import */ var _host_runner_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2440);
/* harmony import */ var _host_state_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8905);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(9850);
/* harmony import */ var _run_removal_shared_remains_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(5799);
/* harmony import */ var _run_run_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(182);
/* harmony import */ var _stages_remove_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4222);








async function post() {
    await (0,_host_output_directory_js__WEBPACK_IMPORTED_MODULE_1__/* .removeOutputDirectory */ .B)();
    const facts = (0,_host_state_js__WEBPACK_IMPORTED_MODULE_3__/* .loadCleanup */ .zg)();
    if (facts === undefined) {
        (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_2__/* .info */ .pq)('Nothing was written to the cluster; nothing is to be removed.');
        return;
    }
    try {
        await (0,_stages_remove_js__WEBPACK_IMPORTED_MODULE_5__/* .remove */ .T)(facts, whereaboutsOf(facts));
    }
    catch (error) {
        const isShared = error instanceof _run_removal_shared_remains_js__WEBPACK_IMPORTED_MODULE_6__/* .SharedRemains */ .$;
        const advice = (0,_run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .removalAdvice */ .X8)({ ...facts, isShared });
        (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_2__/* .warning */ .$e)(`Not everything of this run could be removed: ${(0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_7__/* .sentenceOf */ .$N)(error)} ${advice}`);
        for (const cause of (0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_7__/* .causesOf */ .cZ)(error)) {
            (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_2__/* .info */ .pq)(`  because: ${cause}`);
        }
    }
}
function whereaboutsOf({ server, kubeconfig }) {
    const isLost = kubeconfig === undefined && (0,_host_inputs_js__WEBPACK_IMPORTED_MODULE_0__/* .readConnectionInputs */ .qY)().kubeconfig === undefined;
    const advice = isLost
        ? 'give this step its own by the input `kubeconfig`, for the content of KUBECONFIG is not kept'
        : 'have later steps write theirs to a file of their own';
    return {
        isOfThisJob: true,
        isLost,
        elsewhere: (now) => `It is on ${server}, and the kubeconfig leads to ${now} by now; ${advice}.`,
    };
}
//# sourceMappingURL=post.js.map

/***/ }),

/***/ 5799:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ SharedRemains)
/* harmony export */ });
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9850);

class SharedRemains extends _lib_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ {
}
//# sourceMappingURL=shared-remains.js.map

/***/ }),

/***/ 4222:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   T: () => (/* binding */ remove)
/* harmony export */ });
/* harmony import */ var _host_inputs_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1185);
/* harmony import */ var _host_runner_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2440);
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5077);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(3751);
/* harmony import */ var _run_run_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(182);






async function keptWords(client, facts, signal) {
    const { id, namespace, release, server } = facts;
    if (release === undefined && server !== undefined) {
        return undefined;
    }
    const { leasedRun, renewLease } = await __webpack_require__.e(/* import() */ 385).then(__webpack_require__.bind(__webpack_require__, 4385));
    const { leaveRelease } = await __webpack_require__.e(/* import() */ 595).then(__webpack_require__.bind(__webpack_require__, 3595));
    const { returnTo } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(295), __webpack_require__.e(102)]).then(__webpack_require__.bind(__webpack_require__, 8721));
    const lease = await leasedRun(client, facts, signal);
    if (release === undefined) {
        if (lease?.release === undefined)
            return undefined;
        const where = (0,_run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .ownsNamespace */ .$I)(facts) ? '' : ` --namespace=${namespace}`;
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .ActionError */ .lZ(`The run ${id} is the release "${lease.release}", which stays when its runs are removed; \`jackal-inject delete --release=${lease.release}${where}\` takes it away.`);
    }
    const isOurs = lease?.holder === facts.holder;
    if (isOurs)
        await renewLease(client, facts, { seconds: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_3__/* .RUN_LEASE_SECONDS */ .fH }, { signal });
    if (lease === undefined || (isOurs && lease.kept === undefined)) {
        return undefined;
    }
    if (isOurs) {
        const { kept, lastDelivery: last = 0 } = lease;
        await returnTo(client, facts, { kept, last }, signal);
        await leaveRelease(client, facts, signal);
    }
    return `The release ${release} stays on ${client.server}; a step with \`command: delete\` and this release takes it away.`;
}
async function remove(facts, where, seconds = _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_3__/* .CLEANUP_TIMEOUT_SECONDS */ .Hr) {
    let outcome;
    const signal = AbortSignal.timeout(seconds * 1000);
    try {
        await (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .group */ .Os)('Remove the run from the cluster', () => takeAway(facts, where, signal, (words) => {
            outcome = words;
        }));
    }
    catch (error) {
        if (error !== signal.reason)
            throw error;
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .ActionError */ .lZ(`The run was not removed within ${seconds} s, since the API server answers late or not at all.`, { cause: error });
    }
    finally {
        if (outcome !== undefined)
            (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .info */ .pq)(outcome);
    }
}
async function takeAway(facts, { isOfThisJob, isLost, isGuessed, elsewhere }, signal, tell) {
    const start = performance.now();
    const { connect } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(262)]).then(__webpack_require__.bind(__webpack_require__, 262));
    const { areGone } = await __webpack_require__.e(/* import() */ 602).then(__webpack_require__.bind(__webpack_require__, 6602));
    const { leasedRun } = await __webpack_require__.e(/* import() */ 385).then(__webpack_require__.bind(__webpack_require__, 4385));
    const { removeRun } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(295)]).then(__webpack_require__.bind(__webpack_require__, 8295));
    const { kubeconfig, context } = facts;
    const isThere = kubeconfig !== undefined && !areGone(kubeconfig);
    const env = { ...process.env, ...(isThere && { KUBECONFIG: kubeconfig }) };
    const inputs = { ...(context && { context }), ...(0,_host_inputs_js__WEBPACK_IMPORTED_MODULE_0__/* .readConnectionInputs */ .qY)() };
    const known = isOfThisJob ? facts.server : undefined;
    const options = { ...inputs, env, known, signal, onSecret: _host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .hide */ .jD };
    const { client, server } = await connect(options).catch((error) => {
        if (!isLost || error instanceof _kube_error_js__WEBPACK_IMPORTED_MODULE_2__/* .ApiError */ .hD)
            throw error;
        return connect({ env, known, signal, onSecret: _host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .hide */ .jD });
    });
    try {
        if (facts.server !== undefined && facts.server !== server) {
            const lease = isOfThisJob ? await leasedRun(client, facts, signal) : undefined;
            if (lease === undefined)
                throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .ActionError */ .lZ(elsewhere(server));
        }
        const kept = await keptWords(client, facts, signal);
        if (kept !== undefined)
            return tell(kept);
        const isFound = !isGuessed || (await leasedRun(client, facts, signal)) !== undefined;
        const strangers = await removeRun(client, facts, signal);
        if (!isFound) {
            (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .warning */ .$e)(`No run ${facts.id} is in the namespace ${facts.namespace} on ${server}; one that was given a namespace is in that, and has to be removed with it: \`--namespace\`.`);
        }
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        tell(`Nothing of run ${facts.id} is left on ${server} (${seconds} s).`);
        if (strangers.length > 0) {
            (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .warning */ .$e)(`The namespace ${facts.namespace} stays, because it holds what is not this run's (${strangers.join(', ')}); delete it when nobody needs that any more.`);
        }
        await removeDead(client, facts, signal);
    }
    finally {
        client.close();
    }
}
async function removeDead(client, facts, signal) {
    const { findOtherRuns, removeDeadRuns } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(295), __webpack_require__.e(80)]).then(__webpack_require__.bind(__webpack_require__, 2080));
    try {
        const { dead } = await findOtherRuns(client, facts, signal);
        await removeDeadRuns(client, dead, _host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .warning */ .$e, signal);
    }
    catch (error) {
        (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .warning */ .$e)(`What dead runs have left could not be looked for or removed: ${(0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .sentenceOf */ .$N)(error)} The next run tries again.`);
    }
}
//# sourceMappingURL=remove.js.map

/***/ })

};
