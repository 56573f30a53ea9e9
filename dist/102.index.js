export const id = 102;
export const ids = [102];
export const modules = {

/***/ 8721:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A: () => (/* binding */ pointService),
/* harmony export */   F: () => (/* binding */ registryOf),
/* harmony export */   returnTo: () => (/* binding */ returnTo)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9647);
/* harmony import */ var _kube_pods_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9915);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4385);
/* harmony import */ var _remove_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8295);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(182);





async function pointService(client, run, delivery, signal) {
    const { id, namespace } = run;
    const path = `${_kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.services(namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_4__/* .nameOf */ .Vb.service(id)}`;
    const spec = { selector: registryOf({ id, delivery }) };
    for (;;) {
        const { metadata } = await client.get(path, { signal });
        await (0,_lease_js__WEBPACK_IMPORTED_MODULE_2__/* .expectHeld */ .rg)(client, run, signal);
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
    return { ...(0,_run_js__WEBPACK_IMPORTED_MODULE_4__/* .labelsOf */ .PC)(id, 'registry'), [_run_js__WEBPACK_IMPORTED_MODULE_4__/* .DELIVERY_LABEL */ .wr]: String(delivery) };
}
async function returnTo(client, run, { kept, last }, signal) {
    if (kept !== undefined) {
        await pointService(client, run, kept, signal).catch((error) => {
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'not-found'))
                throw error;
        });
    }
    const selector = kept === undefined ? (0,_run_js__WEBPACK_IMPORTED_MODULE_4__/* .selectorOf */ .Bk)(run.id) : (0,_run_js__WEBPACK_IMPORTED_MODULE_4__/* .otherDeliveries */ .lq)(run.id, kept);
    await (0,_remove_js__WEBPACK_IMPORTED_MODULE_3__/* .clearDeliveries */ .uV)(client, { ...run, selector }, signal);
    if (kept === undefined || (0,_run_js__WEBPACK_IMPORTED_MODULE_4__/* .firstOfStep */ .Gl)(kept) !== (0,_run_js__WEBPACK_IMPORTED_MODULE_4__/* .firstOfStep */ .Gl)(last)) {
        await (0,_remove_js__WEBPACK_IMPORTED_MODULE_3__/* .removeTokenOf */ .fs)(client, run, last, signal);
    }
}
//# sourceMappingURL=service.js.map

/***/ })

};
