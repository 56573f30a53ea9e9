export const id = 331;
export const ids = [331];
export const modules = {

/***/ 2331:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  post: () => (/* binding */ post)
});

// EXTERNAL MODULE: ./out/src/host/runner.js
var runner = __webpack_require__(2440);
// EXTERNAL MODULE: ./out/src/host/state.js
var state = __webpack_require__(8905);
// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
// EXTERNAL MODULE: ./out/src/run/run.js
var run = __webpack_require__(182);
// EXTERNAL MODULE: ./out/src/host/inputs.js + 1 modules
var host_inputs = __webpack_require__(1185);
// EXTERNAL MODULE: ./out/src/lib/limits/run.js
var limits_run = __webpack_require__(3751);
;// CONCATENATED MODULE: ./out/src/stages/remove.js



/**
 * Takes the run out of the cluster, and then dead ones, and says so. The client comes only now, so that
 * a post step with nothing to do ends at once. Throws ApiError.
 */
function remove(facts) {
    return (0,runner/* group */.Os)('Remove the run from the cluster', async () => {
        const start = performance.now();
        const { connect } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(241)]).then(__webpack_require__.bind(__webpack_require__, 5241));
        const { findOtherRuns, removeDeadRuns } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(504), __webpack_require__.e(316)]).then(__webpack_require__.bind(__webpack_require__, 8316));
        const { removeRun } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(504)]).then(__webpack_require__.bind(__webpack_require__, 5504));
        const signal = AbortSignal.timeout(limits_run/* CLEANUP_TIMEOUT_SECONDS */.Hr * 1000);
        const inputs = (0,host_inputs/* readConnectionInputs */.qY)();
        const options = { ...inputs, env: process.env, signal, onSecret: runner/* hide */.jD };
        const { client, server } = await connect(options);
        try {
            const strangers = await removeRun(client, facts, signal);
            const seconds = ((performance.now() - start) / 1000).toFixed(1);
            (0,runner/* info */.pq)(`Nothing of run ${facts.id} is left on ${server} (${seconds} s).`);
            if (strangers.length > 0) {
                (0,runner/* warning */.$e)(`The namespace ${facts.namespace} stays, because it holds what is not this run's (${strangers.join(', ')}); delete it when nobody needs that any more.`);
            }
            const { dead } = await findOtherRuns(client, facts, signal);
            await removeDeadRuns(client, dead, runner/* warning */.$e, signal);
        }
        finally {
            client.close();
        }
    });
}
//# sourceMappingURL=remove.js.map
;// CONCATENATED MODULE: ./out/src/post.js





/**
 * The end of the job: takes the run out of the cluster. Trouble is a warning with the one command
 * that does the rest by hand; it never turns a job red that was green.
 */
async function post() {
    const facts = (0,state/* loadCleanup */.zg)();
    if (facts === undefined) {
        (0,runner/* info */.pq)('Nothing was written to the cluster; nothing is to be removed.');
        return;
    }
    try {
        await remove(facts);
    }
    catch (error) {
        (0,runner/* warning */.$e)(`Not everything of this run could be removed: ${(0,errors/* sentenceOf */.$N)(error)} This command removes the rest: ${(0,run/* removalCommand */.Mz)(facts)}`);
        for (const cause of (0,errors/* causesOf */.cZ)(error)) {
            (0,runner/* info */.pq)(`  because: ${cause}`);
        }
    }
}
//# sourceMappingURL=post.js.map

/***/ })

};
