export const id = 385;
export const ids = [385];
export const modules = {

/***/ 4385:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   GH: () => (/* binding */ takenOver),
/* harmony export */   Kw: () => (/* binding */ deleteLease),
/* harmony export */   Lb: () => (/* binding */ leasedRuns),
/* harmony export */   Lk: () => (/* binding */ patchAsHolder),
/* harmony export */   QB: () => (/* binding */ ReleaseLost),
/* harmony export */   Qw: () => (/* binding */ PATH_ANNOTATION),
/* harmony export */   Sx: () => (/* binding */ microTime),
/* harmony export */   U8: () => (/* binding */ leasePath),
/* harmony export */   Wb: () => (/* binding */ ROUTE_ANNOTATION),
/* harmony export */   bf: () => (/* binding */ ownerOf),
/* harmony export */   cr: () => (/* binding */ RunLost),
/* harmony export */   dL: () => (/* binding */ KEPT_ANNOTATION),
/* harmony export */   iy: () => (/* binding */ WORKFLOW_ANNOTATION),
/* harmony export */   jF: () => (/* binding */ createLease),
/* harmony export */   leasedRun: () => (/* binding */ leasedRun),
/* harmony export */   nU: () => (/* binding */ DELIVERIES_ANNOTATION),
/* harmony export */   renewLease: () => (/* binding */ renewLease),
/* harmony export */   rg: () => (/* binding */ expectHeld),
/* harmony export */   vL: () => (/* binding */ leasedRunOf),
/* harmony export */   xI: () => (/* binding */ CONFIGMAP_BYTES_ANNOTATION)
/* harmony export */ });
/* unused harmony export leasesPath */
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3751);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(182);




const WORKFLOW_ANNOTATION = 'jackal-inject.dev/workflow';
const CONFIGMAP_BYTES_ANNOTATION = 'jackal-inject.dev/configmap-bytes';
const LEASES = '/apis/coordination.k8s.io/v1';
const PATH_ANNOTATION = 'jackal-inject.dev/path';
const DELIVERIES_ANNOTATION = 'jackal-inject.dev/deliveries';
const KEPT_ANNOTATION = 'jackal-inject.dev/kept-delivery';
const ROUTE_ANNOTATION = 'jackal-inject.dev/route';
function leasesPath(namespace) {
    return namespace === undefined ? `${LEASES}/leases` : `${LEASES}/namespaces/${namespace}/leases`;
}
function leasePath({ id, namespace }) {
    return `${leasesPath(namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.lease(id)}`;
}
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
function ownerOf({ metadata }) {
    const { name = '', uid = '' } = metadata ?? {};
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, uid };
}
async function leasedRun(client, run, signal) {
    const lease = await client.find(leasePath(run), { signal });
    return lease && leasedRunOf(lease);
}
async function renewLease(client, run, { seconds, configMapBytes, isNewPlan }, options) {
    const patch = () => {
        const now = microTime(client.now());
        return {
            ...(configMapBytes !== undefined && {
                metadata: { annotations: { [CONFIGMAP_BYTES_ANNOTATION]: String(configMapBytes) } },
            }),
            spec: {
                renewTime: now,
                leaseDurationSeconds: seconds,
                ...(isNewPlan && { acquireTime: now }),
            },
        };
    };
    try {
        if (!(await patchAsHolder(client, run, patch, options)))
            throw takenOver(run);
    }
    catch (error) {
        throw (0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'not-found') ? takenAway(error) : error;
    }
}
async function expectHeld(client, run, signal) {
    const lease = await client.find(leasePath(run), { signal });
    if (lease === undefined)
        throw takenAway();
    if (!isHeldBy(run, lease))
        throw takenOver(run);
}
function isHeldBy({ release, holder }, { spec }) {
    return release === undefined || spec?.holderIdentity === holder;
}
async function patchAsHolder(client, run, patchNow, options) {
    const path = leasePath(run);
    for (;;) {
        const lease = await client.get(path, options);
        if (!isHeldBy(run, lease)) {
            return false;
        }
        const { resourceVersion } = lease.metadata ?? {};
        try {
            const patch = patchNow();
            const held = { ...patch, metadata: { ...patch.metadata, resourceVersion } };
            await client.patch(path, held, options);
            return true;
        }
        catch (error) {
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict'))
                throw error;
        }
    }
}
class RunLost extends _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .ActionError */ .lZ {
}
class ReleaseLost extends RunLost {
}
function takenAway(cause) {
    return new RunLost(`The run was taken away while it went on: its Lease is gone, for it was not heard of for ${_lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .RUN_LEASE_SECONDS */ .fH} s, or somebody has deleted it or its namespace; run the step again.`, { cause });
}
function takenOver({ release }) {
    return new ReleaseLost(`Another step has taken over the release "${release}", since this one was not heard of for ${_lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .RUN_LEASE_SECONDS */ .fH} s; run this one again when that has ended.`);
}
async function deleteLease(client, run, signal) {
    return client.delete(leasePath(run), { signal });
}
async function leasedRuns(client, namespace, signal) {
    const query = { labelSelector: `${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY_LABEL */ .lT}=${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY */ .Kf},${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .ROLE_LABEL */ .eg}=lease` };
    const { items } = await client.list(leasesPath(namespace), { query, signal });
    return items.flatMap((lease) => leasedRunOf(lease) ?? []);
}
function leasedRunOf({ metadata, spec }) {
    const { labels, annotations, namespace, name, creationTimestamp } = metadata ?? {};
    const id = labels?.[_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RUN_LABEL */ .jQ] ?? '';
    const renewed = Date.parse(String(spec?.renewTime ?? ''));
    if (!(0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .isRunId */ .Pk)(id) || namespace === undefined || name !== _run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.lease(id)) {
        return undefined;
    }
    return {
        id,
        namespace,
        expires: renewed + (spec?.leaseDurationSeconds ?? 0) * 1000,
        workflow: annotations?.[WORKFLOW_ANNOTATION],
        configMapBytes: Number(annotations?.[CONFIGMAP_BYTES_ANNOTATION] ?? 0) || 0,
        created: Date.parse(String(creationTimestamp ?? '')),
        written: Number(metadata?.resourceVersion),
        isRenewed: spec?.acquireTime !== spec?.renewTime,
        holder: spec?.holderIdentity,
        release: labels?.[_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RELEASE_LABEL */ .l5],
        ...(annotations?.[DELIVERIES_ANNOTATION] && {
            lastDelivery: Number(annotations[DELIVERIES_ANNOTATION]),
            version: metadata?.resourceVersion,
        }),
        ...(annotations?.[KEPT_ANNOTATION] && { kept: Number(annotations[KEPT_ANNOTATION]) }),
    };
}
function microTime(milliseconds) {
    return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
//# sourceMappingURL=lease.js.map

/***/ })

};
