export const id = 385;
export const ids = [385];
export const modules = {

/***/ 4385:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   EH: () => (/* binding */ renewLease),
/* harmony export */   GH: () => (/* binding */ takenOver),
/* harmony export */   Kw: () => (/* binding */ deleteLease),
/* harmony export */   Lb: () => (/* binding */ leasedRuns),
/* harmony export */   Lk: () => (/* binding */ patchAsHolder),
/* harmony export */   Qw: () => (/* binding */ PATH_ANNOTATION),
/* harmony export */   Sx: () => (/* binding */ microTime),
/* harmony export */   U8: () => (/* binding */ leasePath),
/* harmony export */   Wb: () => (/* binding */ ROUTE_ANNOTATION),
/* harmony export */   bf: () => (/* binding */ ownerOf),
/* harmony export */   dL: () => (/* binding */ KEPT_ANNOTATION),
/* harmony export */   iy: () => (/* binding */ WORKFLOW_ANNOTATION),
/* harmony export */   jF: () => (/* binding */ createLease),
/* harmony export */   leasedRun: () => (/* binding */ leasedRun),
/* harmony export */   nU: () => (/* binding */ DELIVERIES_ANNOTATION),
/* harmony export */   vL: () => (/* binding */ leasedRunOf),
/* harmony export */   xI: () => (/* binding */ CONFIGMAP_BYTES_ANNOTATION)
/* harmony export */ });
/* unused harmony export leasesPath */
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3751);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(182);




/** On a Lease: the URL of the attempt of a workflow run that the run belongs to. */
const WORKFLOW_ANNOTATION = 'jackal-inject.dev/workflow';
/** On a Lease: the bytes that the run has in ConfigMaps or is about to put there. */
const CONFIGMAP_BYTES_ANNOTATION = 'jackal-inject.dev/configmap-bytes';
const LEASES = '/apis/coordination.k8s.io/v1';
/** On a release's Lease: the path under which its registry answers, the same from step to step. */
const PATH_ANNOTATION = 'jackal-inject.dev/path';
/** On a release's Lease: the highest number that a delivery may have had so far. */
const DELIVERIES_ANNOTATION = 'jackal-inject.dev/deliveries';
/** On a release's Lease: the delivery that is in use. */
const KEPT_ANNOTATION = 'jackal-inject.dev/kept-delivery';
/** On a release's Lease: the route by which nodes come to its registry. */
const ROUTE_ANNOTATION = 'jackal-inject.dev/route';
/** Path of the Leases of a namespace, or of all when there is none. */
function leasesPath(namespace) {
    return namespace === undefined ? `${LEASES}/leases` : `${LEASES}/namespaces/${namespace}/leases`;
}
/** Path of a run's Lease. */
function leasePath({ id, namespace }) {
    return `${leasesPath(namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.lease(id)}`;
}
/**
 * Creates the run's Lease, which says that the run is alive for some minutes, of which attempt of a
 * workflow run it is and how many bytes it will put into ConfigMaps. It owns all other objects of the
 * run: with it gone, the cluster's garbage collector takes the rest. Returns it as their owner, without
 * `blockOwnerDeletion`, which some clusters guard. Throws ApiError.
 */
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
/** A Lease as the owner of other objects. */
function ownerOf({ metadata }) {
    const { name = '', uid = '' } = metadata ?? {};
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, uid };
}
/** The run of a Lease as it is now; undefined when there is none. Throws ApiError. */
async function leasedRun(client, run, signal) {
    const lease = await client.find(leasePath(run), { signal });
    return lease && leasedRunOf(lease);
}
/**
 * Makes the Lease say that the run is alive from now on for so many seconds. Throws ApiError, and an ActionError when
 * another step has taken the release over.
 */
async function renewLease(client, run, { seconds, configMapBytes, isNewPlan }, options) {
    const now = microTime(client.now());
    const patch = {
        ...(configMapBytes !== undefined && {
            metadata: { annotations: { [CONFIGMAP_BYTES_ANNOTATION]: String(configMapBytes) } },
        }),
        spec: {
            renewTime: now,
            leaseDurationSeconds: seconds,
            ...(isNewPlan && { acquireTime: now }),
        },
    };
    if (run.release === undefined) {
        await client.patch(leasePath(run), patch, options);
    }
    else if (!(await patchAsHolder(client, run, patch, options))) {
        throw takenOver(run);
    }
}
/** Changes the Lease of a release while this step has it; false when it has not any more. Throws ApiError. */
async function patchAsHolder(client, run, patch, options) {
    const path = leasePath(run);
    for (;;) {
        const { metadata, spec } = await client.get(path, options);
        if (spec?.holderIdentity !== run.holder) {
            return false;
        }
        const { resourceVersion } = metadata ?? {};
        try {
            const held = { ...patch, metadata: { ...patch.metadata, resourceVersion } };
            await client.patch(path, held, options);
            return true;
        }
        catch (error) {
            // A renewal came between.
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict'))
                throw error;
        }
    }
}
/** What a step is told whose release another one has taken over. */
function takenOver({ release }) {
    return new _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .ActionError */ .lZ(`Another step has taken over the release "${release}", since this one was not heard of for ${_lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .RUN_LEASE_SECONDS */ .fH} s; run this one again when that has ended.`);
}
/** Deletes the Lease; false when it was not there. Throws ApiError. */
async function deleteLease(client, run, signal) {
    return client.delete(leasePath(run), { signal });
}
/**
 * The runs in the namespace, or in the whole cluster when there is none: also those that are dead.
 * Throws ApiError.
 */
async function leasedRuns(client, namespace, signal) {
    const query = { labelSelector: `${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY_LABEL */ .lT}=${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY */ .Kf},${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .ROLE_LABEL */ .eg}=lease` };
    const { items } = await client.list(leasesPath(namespace), { query, signal });
    return items.flatMap((lease) => leasedRunOf(lease) ?? []);
}
/** A run by its Lease; undefined for a Lease that this action has not written. */
function leasedRunOf({ metadata, spec }) {
    const { labels, annotations, namespace, name, creationTimestamp } = metadata ?? {};
    const id = labels?.[_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RUN_LABEL */ .jQ];
    const renewed = Date.parse(String(spec?.renewTime ?? ''));
    if (id === undefined || namespace === undefined || name !== _run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.lease(id)) {
        return undefined;
    }
    return {
        id,
        namespace,
        expires: renewed + (spec?.leaseDurationSeconds ?? 0) * 1000,
        workflow: annotations?.[WORKFLOW_ANNOTATION],
        configMapBytes: Number(annotations?.[CONFIGMAP_BYTES_ANNOTATION] ?? 0) || 0,
        created: Date.parse(String(creationTimestamp ?? '')),
        planned: Date.parse(String(spec?.acquireTime ?? creationTimestamp ?? '')),
        holder: spec?.holderIdentity,
        ...(annotations?.[DELIVERIES_ANNOTATION] && {
            lastDelivery: Number(annotations[DELIVERIES_ANNOTATION]),
            version: metadata?.resourceVersion,
        }),
        ...(annotations?.[KEPT_ANNOTATION] && { kept: Number(annotations[KEPT_ANNOTATION]) }),
    };
}
/** A moment as Kubernetes' MicroTime is written: RFC 3339 with six digits behind the second. */
function microTime(milliseconds) {
    return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
//# sourceMappingURL=lease.js.map

/***/ })

};
