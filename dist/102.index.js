export const id = 102;
export const ids = [102];
export const modules = {

/***/ 8721:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   AX: () => (/* binding */ pointService),
/* harmony export */   Fv: () => (/* binding */ registryOf),
/* harmony export */   returnTo: () => (/* binding */ returnTo),
/* harmony export */   ti: () => (/* binding */ settleService)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _kube_pods_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9915);
/* harmony import */ var _kube_watch_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4484);
/* harmony import */ var _lib_heard_within_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6541);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4385);
/* harmony import */ var _remove_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8295);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(182);







async function pointService(client, run, delivery, signal) {
    const spec = { selector: registryOf({ ...run, delivery }), publishNotReadyAddresses: true };
    await writeService(client, run, spec, signal);
}
async function settleService(client, run, delivery, signal, patienceSeconds = 0) {
    const selector = registryOf({ ...run, delivery });
    const isReady = await isReadyWithin(client, { ...run, delivery }, patienceSeconds, signal);
    await writeService(client, run, { selector, publishNotReadyAddresses: !isReady }, signal);
}
async function isReadyWithin(client, place, seconds, signal) {
    const path = _kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.pods(place.namespace);
    const query = { labelSelector: (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .ofDelivery */ .M$)(place, 'registry') };
    const { items } = await client.list(path, { query, signal });
    if (items.some(isReady) || seconds === 0) {
        return items.some(isReady);
    }
    const late = (0,_lib_heard_within_js__WEBPACK_IMPORTED_MODULE_6__/* .heardWithin */ .Y)(seconds * 1000);
    const options = { query, signal: AbortSignal.any([signal, late]) };
    try {
        await (0,_kube_watch_js__WEBPACK_IMPORTED_MODULE_2__/* .waitUntil */ .a0)(client, path, (pods) => [...pods.values()].some(isReady), options);
        return true;
    }
    catch (error) {
        signal.throwIfAborted();
        if (!late.aborted)
            throw error;
        return false;
    }
}
const isReady = ({ metadata, status }) => metadata?.deletionTimestamp === undefined &&
    status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
async function writeService(client, run, spec, signal) {
    const path = `${_kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.services(run.namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_5__/* .nameOf */ .Vb.service(run.id)}`;
    for (;;) {
        const { metadata } = await client.get(path, { signal });
        await (0,_lease_js__WEBPACK_IMPORTED_MODULE_3__/* .expectHeld */ .rg)(client, run, signal);
        const { resourceVersion } = metadata ?? {};
        try {
            await client.patch(path, { metadata: { resourceVersion }, spec }, { signal });
            return;
        }
        catch (error) {
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict'))
                throw error;
        }
    }
}
function registryOf({ id, delivery, }) {
    return { ...(0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .labelsOf */ .PC)(id, 'registry'), [_run_js__WEBPACK_IMPORTED_MODULE_5__/* .DELIVERY_LABEL */ .wr]: String(delivery) };
}
async function returnTo(client, run, { kept, last }, signal) {
    if (kept !== undefined) {
        await settleService(client, run, kept, signal).catch((error) => {
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'not-found'))
                throw error;
        });
    }
    const selector = kept === undefined ? (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .selectorOf */ .Bk)(run.id) : (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .otherDeliveries */ .lq)(run.id, kept);
    await (0,_remove_js__WEBPACK_IMPORTED_MODULE_4__/* .clearDeliveries */ .uV)(client, { ...run, selector }, signal);
    if (kept === undefined || (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .firstOfStep */ .Gl)(kept) !== (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .firstOfStep */ .Gl)(last)) {
        await (0,_remove_js__WEBPACK_IMPORTED_MODULE_4__/* .removeTokenOf */ .fs)(client, run, last, signal);
    }
}
//# sourceMappingURL=service.js.map

/***/ })

};
