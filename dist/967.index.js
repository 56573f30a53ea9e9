export const id = 967;
export const ids = [967];
export const modules = {

/***/ 8967:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   post: () => (/* binding */ post)
/* harmony export */ });
/* harmony import */ var _actions_core__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3838);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6354);
/* harmony import */ var _inputs_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1416);
/* harmony import */ var _limits_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6397);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1236);
/* harmony import */ var _state_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4736);






/**
 * The end of the job: takes the run out of the cluster. Trouble is a warning with the one command
 * that does the rest by hand; it never turns a job red that was green.
 */
async function post() {
    const facts = (0,_state_js__WEBPACK_IMPORTED_MODULE_4__/* .loadCleanup */ .zg)();
    if (facts === undefined) {
        _actions_core__WEBPACK_IMPORTED_MODULE_0__/* .info */ .pq('Nothing was written to the cluster; nothing is to be removed.');
        return;
    }
    try {
        await _actions_core__WEBPACK_IMPORTED_MODULE_0__/* .group */ .Os('Remove the run from the cluster', () => remove(facts));
    }
    catch (error) {
        _actions_core__WEBPACK_IMPORTED_MODULE_0__/* .warning */ .$e(`Not everything of this run could be removed: ${(0,_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .sentenceOf */ .$N)(error)} This command removes the rest: ` +
            `kubectl delete pods,services,configmaps --namespace ${facts.namespace} --selector ${_run_js__WEBPACK_IMPORTED_MODULE_3__/* .RUN_LABEL */ .jQ}=${facts.runId}`);
        for (const cause of (0,_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .causesOf */ .cZ)(error)) {
            _actions_core__WEBPACK_IMPORTED_MODULE_0__/* .info */ .pq(`  because: ${cause}`);
        }
    }
}
async function remove(facts) {
    const start = performance.now();
    const { connect } = await Promise.all(/* import() */[__webpack_require__.e(317), __webpack_require__.e(894)]).then(__webpack_require__.bind(__webpack_require__, 7894));
    const { removeDeadRuns, removeRun } = await Promise.all(/* import() */[__webpack_require__.e(317), __webpack_require__.e(474)]).then(__webpack_require__.bind(__webpack_require__, 6474));
    const signal = AbortSignal.timeout(_limits_js__WEBPACK_IMPORTED_MODULE_2__/* .CLEANUP_TIMEOUT_SECONDS */ .Hr * 1000);
    const inputs = (0,_inputs_js__WEBPACK_IMPORTED_MODULE_1__/* .readConnectionInputs */ .qY)();
    const { client, server } = await connect({
        ...inputs,
        env: process.env,
        signal,
        onSecret: _actions_core__WEBPACK_IMPORTED_MODULE_0__/* .setSecret */ .Pq,
    });
    try {
        // First, since a namespace of this action does not go while another run has an anchor in it.
        await removeDeadRuns(client, facts, _actions_core__WEBPACK_IMPORTED_MODULE_0__/* .warning */ .$e, signal);
        await removeRun(client, facts, signal);
    }
    finally {
        client.close();
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    _actions_core__WEBPACK_IMPORTED_MODULE_0__/* .info */ .pq(`Nothing of run ${facts.runId} is left on ${server} (${seconds} s).`);
}
//# sourceMappingURL=post.js.map

/***/ })

};
