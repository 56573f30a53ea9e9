export const id = 316;
export const ids = [316];
export const modules = {

/***/ 8316:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  findOtherRuns: () => (/* binding */ findOtherRuns),
  removeDeadRuns: () => (/* binding */ removeDeadRuns)
});

// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
// EXTERNAL MODULE: ./out/src/lib/limits/kube.js
var kube = __webpack_require__(773);
// EXTERNAL MODULE: ./out/src/lib/limits/run.js
var run = __webpack_require__(3751);
// EXTERNAL MODULE: ./out/src/lib/slots.js
var lib_slots = __webpack_require__(1536);
;// CONCATENATED MODULE: ./out/src/run/dead-runs.js

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
        .map((place) => ({ ...place, expires: place.created + run/* RUN_LEASE_SECONDS */.fH * 1000 }));
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
// EXTERNAL MODULE: ./out/src/run/lease.js
var lease = __webpack_require__(4385);
// EXTERNAL MODULE: ./out/src/run/namespace.js
var namespace = __webpack_require__(7004);
// EXTERNAL MODULE: ./out/src/run/removal/policy.js
var policy = __webpack_require__(3012);
// EXTERNAL MODULE: ./out/src/run/remove.js + 2 modules
var run_remove = __webpack_require__(6454);
// EXTERNAL MODULE: ./out/src/run/run.js
var run_run = __webpack_require__(182);
;// CONCATENATED MODULE: ./out/src/run/other-runs.js










/**
 * The other runs as far as this one may look: in the whole cluster when it has a namespace of its own,
 * else in its namespace. Throws ApiError.
 */
async function findOtherRuns(client, run, signal) {
    const everywhere = (0,run_run/* ownsNamespace */.$I)(run);
    // Asked for before the Leases, which runs have before a policy, and lose after it.
    const earlier = [
        everywhere ? (0,namespace/* otherNamespaces */.LP)(client, run.id, signal) : [],
        (0,policy/* runsWithPolicy */.p)(client, signal),
    ];
    await Promise.allSettled(earlier);
    const [namespaces, withPolicy] = await Promise.all(earlier);
    const all = await (0,lease/* leasedRuns */.Lb)(client, everywhere ? undefined : run.namespace, signal);
    const leased = all.filter(({ id }) => id !== run.id);
    const asking = { now: client.now(), workflow: run.workflow };
    const judged = withPolicy.filter(({ id, namespace }) => id !== run.id && (everywhere || namespace === run.namespace));
    const dead = deadRuns({ leased, namespaces, withPolicy: judged }, asking);
    const over = new Set(dead.map(({ id }) => id));
    const own = all.find(({ id }) => id === run.id);
    return { own, alive: leased.filter(({ id }) => !over.has(id)), dead };
}
/**
 * Takes away runs that are dead. That is a courtesy: what is not gone within the bounds of a phase, or
 * not begun when the time for all is over, is told to `warn` and left to the next run. Throws the
 * signal's reason.
 */
async function removeDeadRuns(client, dead, warn, signal, phaseSeconds = run/* REMOVE_DEAD_PHASE_SECONDS */.aF) {
    const end = performance.now() + run/* REMOVE_DEAD_SECONDS */.KH * 1000;
    const slots = new lib_slots/* Slots */.W(kube/* DELETE_CONCURRENCY */.S9);
    const remove = async (run) => {
        try {
            if (performance.now() > end) {
                throw new errors/* ActionError */.lZ('There was no time for it.');
            }
            await (0,run_remove.removeRun)(client, run, signal, phaseSeconds);
        }
        catch (error) {
            signal.throwIfAborted();
            warn(`What the dead run ${run.id} left in the namespace "${run.namespace}" could not be removed: ${(0,errors/* sentenceOf */.$N)(error)} The next run tries again.`);
        }
    };
    await Promise.all(dead.map((run) => slots.run(() => remove(run))));
}
//# sourceMappingURL=other-runs.js.map

/***/ })

};
