export const id = 331;
export const ids = [331];
export const modules = {

/***/ 2331:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  post: () => (/* binding */ post)
});

// EXTERNAL MODULE: ./out/src/host/output-directory.js
var output_directory = __webpack_require__(4757);
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
 * Whether a release stays, because a step has come to its end with it. When this one has not, it is taken back to what the
 * last one left; another one may be at work on it.
 */
async function isKept(client, facts, signal) {
    if (facts.release === undefined) {
        return false;
    }
    const { leasedRun } = await __webpack_require__.e(/* import() */ 385).then(__webpack_require__.bind(__webpack_require__, 4385));
    const { leaveRelease } = await __webpack_require__.e(/* import() */ 595).then(__webpack_require__.bind(__webpack_require__, 3595));
    const { returnTo } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(403), __webpack_require__.e(484)]).then(__webpack_require__.bind(__webpack_require__, 8484));
    const lease = await leasedRun(client, facts, signal);
    const isOurs = lease?.holder === facts.holder;
    if (lease === undefined || (isOurs && lease.kept === undefined)) {
        return false;
    }
    if (isOurs) {
        const { kept, lastDelivery: last = 0 } = lease;
        await returnTo(client, facts, { kept, last }, signal);
        await leaveRelease(client, facts, signal);
    }
    (0,runner/* info */.pq)(`The release ${facts.release} stays on ${client.server}; a step with \`command: delete\` and this release takes it away.`);
    return true;
}
/**
 * Takes the run out of the cluster, and then dead ones, and says so. The client comes only now, so that
 * a post step with nothing to do ends at once. Throws ApiError.
 */
function remove(facts) {
    return (0,runner/* group */.Os)('Remove the run from the cluster', async () => {
        const start = performance.now();
        const { connect } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(320)]).then(__webpack_require__.bind(__webpack_require__, 5320));
        const { findOtherRuns, removeDeadRuns } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(403), __webpack_require__.e(80)]).then(__webpack_require__.bind(__webpack_require__, 2080));
        const { removeRun } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(403)]).then(__webpack_require__.bind(__webpack_require__, 7403));
        const signal = AbortSignal.timeout(limits_run/* CLEANUP_TIMEOUT_SECONDS */.Hr * 1000);
        const inputs = (0,host_inputs/* readConnectionInputs */.qY)();
        const options = { ...inputs, env: process.env, signal, onSecret: runner/* hide */.jD };
        const { client, server } = await connect(options);
        try {
            if (await isKept(client, facts, signal))
                return;
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
 * The end of the job: removes the files of its outputs, and takes the run out of the cluster. Trouble is a warning with the one command
 * that does the rest by hand; it never turns a job red that was green.
 */
async function post() {
    await (0,output_directory/* removeOutputDirectory */.B)();
    const facts = (0,state/* loadCleanup */.zg)();
    if (facts === undefined) {
        (0,runner/* info */.pq)('Nothing was written to the cluster; nothing is to be removed.');
        return;
    }
    try {
        await remove(facts);
    }
    catch (error) {
        (0,runner/* warning */.$e)(`Not everything of this run could be removed: ${(0,errors/* sentenceOf */.$N)(error)} ${(0,run/* removalAdvice */.X8)(facts)}`);
        for (const cause of (0,errors/* causesOf */.cZ)(error)) {
            (0,runner/* info */.pq)(`  because: ${cause}`);
        }
    }
}
//# sourceMappingURL=post.js.map

/***/ })

};
