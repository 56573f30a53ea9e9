export const id = 295;
export const ids = [295,385];
export const modules = {

/***/ 1757:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  D_: () => (/* binding */ configMapsPath),
  Rt: () => (/* binding */ createConfigMap),
  Jf: () => (/* binding */ deleteConfigMaps)
});

// EXTERNAL MODULE: ./out/src/lib/limits/kube.js
var kube = __webpack_require__(773);
// EXTERNAL MODULE: ./out/src/lib/slots.js
var slots = __webpack_require__(1536);
// EXTERNAL MODULE: ./out/src/lib/waiting.js
var waiting = __webpack_require__(4686);
// EXTERNAL MODULE: ./out/src/kube/client.js + 2 modules
var kube_client = __webpack_require__(715);
// EXTERNAL MODULE: ./out/src/lib/protobuf.js
var protobuf = __webpack_require__(5274);
;// CONCATENATED MODULE: ./out/src/kube/protobuf.js

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const MAGIC = Buffer.from('k8s\0');
const SMALL_BYTES = 4096;
function encodeConfigMap(spec) {
    const typeMeta = [...(0,protobuf/* textField */.M8)(1, 'v1'), ...(0,protobuf/* textField */.M8)(2, 'ConfigMap')];
    const configMap = [
        ...(0,protobuf/* bytesField */.ae)(1, metadata(spec)),
        ...(0,protobuf/* numberField */.sJ)(4, spec.immutable === true ? 1 : 0),
        ...map(2, spec.data, utf8),
        ...map(3, spec.binaryData, (pieces) => pieces),
    ];
    return joined([MAGIC, ...(0,protobuf/* bytesField */.ae)(1, typeMeta), ...(0,protobuf/* bytesField */.ae)(2, configMap)]);
}
function joined(pieces) {
    const done = [];
    let small = [];
    for (const piece of pieces) {
        if (piece.length <= SMALL_BYTES) {
            small.push(piece);
        }
        else {
            done.push(Buffer.concat(small), piece);
            small = [];
        }
    }
    return [...done, Buffer.concat(small)].filter(({ length }) => length > 0);
}
function configMapObject(spec) {
    const { name, namespace, labels, annotations, owner, data, binaryData, immutable } = spec;
    const encoded = Object.entries(binaryData ?? {}).map(([key, pieces]) => [
        key,
        Buffer.concat(pieces).toString('base64'),
    ]);
    return {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace, labels, annotations, ownerReferences: owner && [owner] },
        data,
        binaryData: binaryData && Object.fromEntries(encoded),
        immutable,
    };
}
function metadata({ name, namespace, labels, annotations, owner }) {
    return [
        ...(0,protobuf/* textField */.M8)(1, name),
        ...(0,protobuf/* textField */.M8)(3, namespace),
        ...map(11, labels, utf8),
        ...map(12, annotations, utf8),
        ...(owner === undefined ? [] : (0,protobuf/* bytesField */.ae)(13, ownerReference(owner))),
    ];
}
function ownerReference({ apiVersion, kind, name, uid }) {
    return [
        ...(0,protobuf/* textField */.M8)(1, kind),
        ...(0,protobuf/* textField */.M8)(3, name),
        ...(0,protobuf/* textField */.M8)(4, uid),
        ...(0,protobuf/* textField */.M8)(5, apiVersion),
    ];
}
function map(field, entries = {}, piecesOf) {
    return Object.entries(entries).flatMap(([key, value]) => (0,protobuf/* bytesField */.ae)(field, [...(0,protobuf/* textField */.M8)(1, key), ...(0,protobuf/* bytesField */.ae)(2, piecesOf(value))]));
}
function utf8(value) {
    return [Buffer.from(value)];
}
//# sourceMappingURL=protobuf.js.map
;// CONCATENATED MODULE: ./out/src/kube/configmaps.js





function configMapsPath(namespace) {
    return `/api/v1/namespaces/${namespace}/configmaps`;
}
const jsonOnly = new WeakSet();
async function createConfigMap(client, spec, { signal, onAttempt, dryRun }) {
    const request = {
        method: 'POST',
        path: configMapsPath(spec.namespace),
        query: {
            fieldManager: kube_client/* FIELD_MANAGER */.vy,
            fieldValidation: 'Ignore',
            ...(dryRun && { dryRun: 'All' }),
        },
        accept: kube_client/* PARTIAL_OBJECT */.kx,
        signal,
        ...(onAttempt && { onAttempt }),
    };
    if (!jsonOnly.has(client)) {
        try {
            const body = encodeConfigMap(spec);
            return (await client.request({ ...request, body, contentType: PROTOBUF })).json();
        }
        catch (error) {
            const { status = 0 } = error;
            if (status !== 415 && status !== 406) {
                throw error;
            }
            jsonOnly.add(client);
        }
    }
    return (await client.request({ ...request, body: configMapObject(spec) })).json();
}
async function deleteConfigMaps(client, namespace, names, options = {}) {
    const { concurrency = kube/* DELETE_CONCURRENCY */.S9, restMilliseconds = 0 } = options.pace ?? {};
    const most = Math.min(concurrency, kube/* DELETE_CONCURRENCY */.S9);
    await (0,slots/* eachOf */.pQ)(names, most, options.signal, async (name, signal) => {
        await client.delete(`${configMapsPath(namespace)}/${name}`, { signal });
        options.onDeleted?.(name);
        await (0,waiting/* rest */.zs)(restMilliseconds, signal);
    });
}
//# sourceMappingURL=configmaps.js.map

/***/ }),

/***/ 9915:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   o: () => (/* binding */ createPod),
/* harmony export */   r: () => (/* binding */ collection)
/* harmony export */ });
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(773);
/* harmony import */ var _lib_waiting_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4686);
/* harmony import */ var _error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5077);




const collection = {
    pods: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
    events: (namespace) => `/api/v1/namespaces/${namespace}/events`,
    secrets: (namespace) => `/api/v1/namespaces/${namespace}/secrets`,
    services: (namespace) => `/api/v1/namespaces/${namespace}/services`,
    replicaSets: (namespace) => `/apis/apps/v1/namespaces/${namespace}/replicasets`,
    claims: (namespace) => `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
    daemonSets: (namespace) => `/apis/apps/v1/namespaces/${namespace}/daemonsets`,
    networkPolicies: (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
};
const NO_SERVICE_ACCOUNT = /serviceaccount "[^"]*" not found/;
const NO_USER_RANGE = /unable to validate against any security context constraint: \[\]|unable to find (?:pre-allocated \S+ )?annotation/;
async function createPod(client, namespace, pod, { signal, dryRun, unfinishedUntil = 0 } = {}) {
    const options = { signal, ...(dryRun && { query: { dryRun: 'All' } }) };
    const patience = performance.now() + _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .SERVICE_ACCOUNT_PATIENCE_SECONDS */ .w7 * 1000;
    for (let delay = 50;; delay = Math.min(2 * delay, 1000)) {
        try {
            const created = await client.create(collection.pods(namespace), pod, options);
            expectImages(namespace, pod, created);
            return created;
        }
        catch (error) {
            const says = (words) => (0,_error_js__WEBPACK_IMPORTED_MODULE_2__/* .isFault */ .Zh)(error, 'policy') && words.test(error.message);
            const now = performance.now();
            if (says(NO_SERVICE_ACCOUNT)) {
                if (now > patience)
                    throw withoutServiceAccount(namespace, error);
            }
            else if (!says(NO_USER_RANGE) || now > unfinishedUntil) {
                throw error;
            }
        }
        await (0,_lib_waiting_js__WEBPACK_IMPORTED_MODULE_1__/* .rest */ .zs)(delay, signal);
    }
}
function withoutServiceAccount(namespace, cause) {
    return new _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .ActionError */ .lZ(`The namespace "${namespace}" still has no ServiceAccount "default" after ${_lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .SERVICE_ACCOUNT_PATIENCE_SECONDS */ .w7} s, so no Pod can be made in it; see that the cluster's controller manager runs, which makes it.`, { cause });
}
function expectImages(namespace, asked, created) {
    for (const { name, image } of asked.spec?.containers ?? []) {
        const given = created.spec?.containers.find((container) => container.name === name)?.image;
        if (given !== image) {
            throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .ActionError */ .lZ(`A policy of the cluster replaces the image ${image} by ${given} in the namespace "${namespace}"; except the namespace from that policy or use another one.`);
        }
    }
}
//# sourceMappingURL=pods.js.map

/***/ }),

/***/ 4484:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   a0: () => (/* binding */ waitUntil),
/* harmony export */   lB: () => (/* binding */ observe),
/* harmony export */   nD: () => (/* binding */ ObservedEver),
/* harmony export */   xm: () => (/* binding */ isUpToDate),
/* harmony export */   y3: () => (/* binding */ isObjectUpToDate)
/* harmony export */ });
/* unused harmony exports watch, Observed */
/* harmony import */ var _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(773);
/* harmony import */ var _lib_waiting_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4686);
/* harmony import */ var _client_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(715);
/* harmony import */ var _error_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5077);
/* harmony import */ var _exchange_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2146);
/* harmony import */ var _retry_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(3481);






async function* watch(client, path, resourceVersion, options = {}) {
    let version = resourceVersion;
    let barren = 0;
    for (;;) {
        const query = {
            ...options.query,
            watch: true,
            allowWatchBookmarks: true,
            timeoutSeconds: _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .WATCH_SECONDS */ .Ag,
            resourceVersion: version,
        };
        const { signal, metadataOnly } = options;
        const accept = metadataOnly === true && { accept: _client_js__WEBPACK_IMPORTED_MODULE_2__/* .PARTIAL_OBJECT */ .kx };
        const opened = performance.now();
        const response = await client.stream(path, { query, signal, ...accept });
        barren++;
        for await (const line of (0,_exchange_js__WEBPACK_IMPORTED_MODULE_4__/* .linesOf */ .Dx)(response, _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .WATCH_SECONDS */ .Ag + _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_0__/* .WATCH_GRACE_SECONDS */ .FU, signal)) {
            barren = 0;
            const { type, object } = eventIn(client, path, line);
            version = object.metadata?.resourceVersion ?? version;
            if (type !== 'BOOKMARK') {
                yield { type: type, object };
            }
        }
        if (barren > 0 && performance.now() - opened < 1000) {
            await (0,_lib_waiting_js__WEBPACK_IMPORTED_MODULE_1__/* .rest */ .zs)((0,_retry_js__WEBPACK_IMPORTED_MODULE_5__/* .backoff */ .J)(barren), signal);
        }
    }
}
async function* observe(client, path, options = {}) {
    const { metadataOnly, ...rest } = options;
    const accept = metadataOnly === true && { accept: _client_js__WEBPACK_IMPORTED_MODULE_2__/* .PARTIAL_OBJECT_LIST */ .D7 };
    const objects = new Map();
    for (let ended = 0;; ended++) {
        const listed = await client.list(path, { ...rest, ...accept });
        objects.clear();
        for (const item of listed.items) {
            objects.set(nameOf(item), lean(item));
        }
        yield objects;
        try {
            for await (const { type, object } of watch(client, path, listed.resourceVersion, options)) {
                ended = 0;
                if (type === 'DELETED') {
                    objects.delete(nameOf(object));
                }
                else {
                    objects.set(nameOf(object), lean(object));
                }
                yield objects;
            }
        }
        catch (error) {
            if (!(0,_error_js__WEBPACK_IMPORTED_MODULE_3__/* .isFault */ .Zh)(error, 'gone', 'watch-ended')) {
                throw error;
            }
            await (0,_lib_waiting_js__WEBPACK_IMPORTED_MODULE_1__/* .rest */ .zs)(ended === 0 ? 0 : (0,_retry_js__WEBPACK_IMPORTED_MODULE_5__/* .backoff */ .J)(ended), options.signal);
        }
    }
}
class Observed {
    objects = new Map();
    changed = new _lib_waiting_js__WEBPACK_IMPORTED_MODULE_1__/* .News */ .Kn();
    async newsBefore(due, signal) {
        if (due === undefined) {
            return await (0,_lib_waiting_js__WEBPACK_IMPORTED_MODULE_1__/* .unlessAborted */ .Wh)(this.changed.comes, signal);
        }
        const waited = new AbortController();
        const time = (0,_lib_waiting_js__WEBPACK_IMPORTED_MODULE_1__/* .rest */ .zs)(due - performance.now(), AbortSignal.any([signal, waited.signal]));
        try {
            await (0,_lib_waiting_js__WEBPACK_IMPORTED_MODULE_1__/* .unlessAborted */ .Wh)(Promise.race([this.changed.comes, time]), signal);
        }
        finally {
            waited.abort();
            await time.catch(() => undefined);
        }
    }
    async follow(client, path, options) {
        for await (const objects of observe(client, path, options)) {
            this.see(objects);
        }
    }
    see(objects) {
        this.objects = objects;
        this.changed.tell();
    }
}
class ObservedEver extends Observed {
    met = new Set();
    hasMet(name) {
        return this.met.has(name);
    }
    see(objects) {
        for (const name of objects.keys())
            this.met.add(name);
        super.see(objects);
    }
}
async function waitUntil(client, path, satisfied, options = {}) {
    for await (const objects of observe(client, path, options)) {
        if (satisfied(objects)) {
            return objects;
        }
    }
    throw new Error('an observation ended');
}
async function isUpToDate(client, { path, query }, given, signal) {
    const accept = _client_js__WEBPACK_IMPORTED_MODULE_2__/* .PARTIAL_OBJECT_LIST */ .D7;
    const listed = await (0,_error_js__WEBPACK_IMPORTED_MODULE_3__/* .ifAnswered */ .nH)(client.list(path, { query, accept, signal }), signal);
    const isKnown = (object) => versionOf(given.get(nameOf(object))) === versionOf(object);
    return listed?.items.length === given.size && listed.items.every(isKnown);
}
function isObjectUpToDate(client, path, name, given, signal) {
    const query = { fieldSelector: `metadata.name=${name}` };
    const all = new Map(given === undefined ? [] : [[name, given]]);
    return isUpToDate(client, { path, query }, all, signal);
}
function lean(object) {
    if (object.metadata !== undefined) {
        Reflect.deleteProperty(object.metadata, 'managedFields');
    }
    return object;
}
function nameOf(object) {
    return object.metadata?.name ?? '';
}
const versionOf = (object) => object?.metadata?.resourceVersion;
function eventIn(client, path, line) {
    const { type, object } = parsed(line);
    if (typeof object !== 'object' || object === null) {
        throw watchError(client, path, { message: 'it sent what is no event' });
    }
    if (type === 'ERROR') {
        throw watchError(client, path, object);
    }
    return { type: type, object: object };
}
function parsed(line) {
    try {
        return Object(JSON.parse(line));
    }
    catch {
        return {};
    }
}
function watchError(client, path, status) {
    const { code = 0, reason = '', message = '' } = status;
    const gone = code === 410 || reason === 'Expired' || reason === 'Gone';
    return new _error_js__WEBPACK_IMPORTED_MODULE_3__/* .ApiError */ .hD(`The API server at ${client.server} ended the watch of ${path}: ${message || code}.`, { fault: gone ? 'gone' : 'watch-ended', status: code, reason });
}
//# sourceMappingURL=watch.js.map

/***/ }),

/***/ 5274:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   M8: () => (/* binding */ textField),
/* harmony export */   Pf: () => (/* binding */ fieldsOf),
/* harmony export */   ae: () => (/* binding */ bytesField),
/* harmony export */   sJ: () => (/* binding */ numberField)
/* harmony export */ });
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
function bytesField(field, content) {
    const length = content.reduce((sum, piece) => sum + piece.length, 0);
    return [Buffer.from([...tag(field, LENGTH_DELIMITED), ...varint(length)]), ...content];
}
function textField(field, value) {
    return bytesField(field, [Buffer.from(value)]);
}
function numberField(field, value) {
    return value === 0 ? [] : [Buffer.from([...tag(field, VARINT), ...varint(value)])];
}
function tag(field, wireType) {
    return varint(field * 8 + wireType);
}
function varint(value) {
    const bytes = [];
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) {
        bytes.push((rest % 0x80) | 0x80);
    }
    return [...bytes, rest];
}
function* fieldsOf(message) {
    let at = 0;
    const take = (length) => {
        if (length > message.length - at)
            throw new Error('A protobuf message is cut off.');
        at += length;
        return message.subarray(at - length, at);
    };
    const number = () => {
        let value = 0;
        for (let factor = 1;; factor *= 0x80) {
            const byte = take(1).readUInt8();
            value += (byte & 0x7f) * factor;
            if (!Number.isSafeInteger(value))
                throw new Error('A protobuf number is too large.');
            if (byte < 0x80)
                return value;
        }
    };
    while (at < message.length) {
        const key = number();
        const [field, wireType] = [Math.floor(key / 8), key % 8];
        if (wireType === VARINT)
            yield [field, number()];
        else if (wireType === LENGTH_DELIMITED)
            yield [field, take(number())];
        else if (wireType === FIXED_64)
            yield [field, take(8)];
        else if (wireType === FIXED_32)
            yield [field, take(4)];
        else
            throw new Error(`A protobuf field has the wire type ${wireType}.`);
    }
}
//# sourceMappingURL=protobuf.js.map

/***/ }),

/***/ 1536:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   WR: () => (/* binding */ Slots),
/* harmony export */   gu: () => (/* binding */ settled),
/* harmony export */   pQ: () => (/* binding */ eachOf)
/* harmony export */ });
class Slots {
    waiting = [];
    free;
    constructor(count) {
        this.free = count;
    }
    async run(work) {
        if (this.free > 0) {
            this.free--;
        }
        else {
            await new Promise((turn) => this.waiting.push(turn));
        }
        try {
            return await work();
        }
        finally {
            const next = this.waiting.shift();
            if (next === undefined) {
                this.free++;
            }
            else {
                next();
            }
        }
    }
}
async function settled(works) {
    await Promise.allSettled(works);
    return await Promise.all(works);
}
async function eachOf(items, most, signal, work) {
    const stop = new AbortController();
    const either = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
    const left = [...items].entries();
    const results = [];
    const worker = async () => {
        for (const [index, item] of left) {
            try {
                results[index] = await work(item, either);
            }
            catch (error) {
                stop.abort(error);
            }
            if (stop.signal.aborted)
                return;
        }
    };
    await Promise.all(Array.from({ length: most }, worker));
    stop.signal.throwIfAborted();
    return results;
}
//# sourceMappingURL=slots.js.map

/***/ }),

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

/***/ }),

/***/ 234:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  JD: () => (/* binding */ PROVEN_ANNOTATION),
  I$: () => (/* binding */ admitHostPods),
  Pj: () => (/* binding */ findPlace),
  an: () => (/* binding */ missingNamespace),
  Xg: () => (/* binding */ namespaceAsOwner),
  LP: () => (/* binding */ otherNamespaces),
  iq: () => (/* binding */ removeNamespace),
  Mq: () => (/* binding */ tellProven)
});

// EXTERNAL MODULE: ./out/src/kube/client.js + 2 modules
var kube_client = __webpack_require__(715);
// EXTERNAL MODULE: ./out/src/kube/error.js
var kube_error = __webpack_require__(5077);
// EXTERNAL MODULE: ./out/src/kube/retry.js
var retry = __webpack_require__(3481);
// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
// EXTERNAL MODULE: ./out/src/lib/limits/run.js
var limits_run = __webpack_require__(3751);
// EXTERNAL MODULE: ./out/src/lib/waiting.js
var waiting = __webpack_require__(4686);
// EXTERNAL MODULE: ./out/src/run/lease.js
var lease = __webpack_require__(4385);
// EXTERNAL MODULE: ./out/src/lib/slots.js
var slots = __webpack_require__(1536);
// EXTERNAL MODULE: ./out/src/run/run.js
var run_run = __webpack_require__(182);
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(7975);
;// CONCATENATED MODULE: ./out/src/run/removal/copies.js



async function isCopy(client, resource, { namespace, name }, signal) {
    const query = { ...kube_client/* AS_REMEMBERED */.wN, fieldSelector: `metadata.name=${name}` };
    try {
        const { items } = await client.list(`/api/v1/${resource}`, { query, signal });
        const own = items.find(({ metadata }) => metadata?.namespace === namespace);
        const others = items.filter((one) => one !== own);
        return own !== undefined && others.some((one) => (0,external_node_util_.isDeepStrictEqual)(dataOf(one), dataOf(own)));
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, 'permission'))
            return false;
        throw error;
    }
}
const dataOf = ({ type, data, binaryData }) => ({ type, data, binaryData });
//# sourceMappingURL=copies.js.map
;// CONCATENATED MODULE: ./out/src/run/removal/strangers.js






const COLLECTIONS = [
    ...[
        'pods',
        'services',
        'configmaps',
        'secrets',
        'persistentvolumeclaims',
        'serviceaccounts',
        'replicationcontrollers',
    ].map((resource) => ['/api/v1', resource]),
    ...['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map((resource) => ['/apis/apps/v1', resource]),
    ...['jobs', 'cronjobs'].map((resource) => ['/apis/batch/v1', resource]),
    ['/apis/networking.k8s.io/v1', 'ingresses'],
    ['/apis/coordination.k8s.io/v1', 'leases'],
];
const kindOf = (resource) => resource.replace(/(?<=ss)es$|s$/, '');
const BORN_ACCOUNTS = ['default', 'builder', 'deployer', 'pipeline'];
const BORN_NAMES = new Set([
    ...['configmap/kube-root-ca.crt', 'configmap/openshift-service-ca.crt'],
    ...BORN_ACCOUNTS.map((name) => `serviceaccount/${name}`),
]);
const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.name';
async function strangersIn(client, { id, namespace }, created, signal) {
    const query = { labelSelector: `${run_run/* RUN_LABEL */.jQ}!=${id}` };
    const lists = await (0,slots/* settled */.gu)(COLLECTIONS.map(async ([group, resource]) => {
        const path = `${group}/namespaces/${namespace}/${resource}`;
        return { resource, items: await list(client, path, query, signal) };
    }));
    const seen = new Set(lists.flatMap(({ resource, items }) => (items ? kindOf(resource) : [])));
    const found = await Promise.all(lists.map(async ({ resource, items = [] }) => {
        const named = items
            .map((object) => ({ name: `${kindOf(resource)}/${object.metadata?.name}`, object }))
            .filter(({ name, object }) => !comesWithNamespace(name, object, created, seen));
        return holdsData(resource) ? await own(client, resource, namespace, named, signal) : named;
    }));
    return found.flat().map(({ name, object }) => ({ name, isOfRun: isOfRun(object) }));
}
async function own(client, resource, namespace, named, signal) {
    const copied = await Promise.all(named.map(({ object }) => isCopy(client, resource, { namespace, name: object.metadata?.name ?? '' }, signal)));
    return named.filter((_, index) => copied[index] === false);
}
const holdsData = (resource) => resource === 'configmaps' || resource === 'secrets';
async function list(client, path, query, signal) {
    try {
        return (await client.list(path, { query, accept: kube_client/* PARTIAL_OBJECT_LIST */.D7, signal })).items;
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, 'permission', 'not-found')) {
            return undefined;
        }
        throw error;
    }
}
function comesWithNamespace(name, object, namespaceCreated, seen) {
    if (isOfRun(object)) {
        return false;
    }
    const { metadata } = object;
    const { ownerReferences = [], creationTimestamp = '' } = metadata ?? {};
    const age = (Date.parse(creationTimestamp) - namespaceCreated) / 1000;
    return (ownerReferences.some(({ kind }) => seen.has(kind.toLowerCase())) ||
        BORN_NAMES.has(name) ||
        isBornLogin(name, object) ||
        age <= limits_run/* NAMESPACE_FILLED_SECONDS */.d$);
}
function isBornLogin(name, { metadata }) {
    const [, account = ''] = /^secret\/(.+)-(?:token|dockercfg)-[a-z0-9]{5}$/.exec(name) ?? [];
    return BORN_ACCOUNTS.includes(account) && metadata?.annotations?.[ACCOUNT_ANNOTATION] === account;
}
const isOfRun = ({ metadata }) => metadata?.labels?.[run_run/* ROLE_LABEL */.eg] !== undefined;
//# sourceMappingURL=strangers.js.map
// EXTERNAL MODULE: ./out/src/run/sidecars.js
var sidecars = __webpack_require__(8239);
;// CONCATENATED MODULE: ./out/src/run/namespace.js










const levelLabels = (level) => Object.fromEntries(['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, level]));
const NO_NODE_SELECTOR = {
    'openshift.io/node-selector': '',
    'scheduler.alpha.kubernetes.io/node-selector': '',
};
const NAMESPACES = '/api/v1/namespaces';
async function findPlace(client, run, signal, goneSeconds = limits_run/* NAMESPACE_GONE_SECONDS */.Wq) {
    if ((0,run_run/* ownsNamespace */.$I)(run)) {
        await makeNamespace(client, run, { signal, goneSeconds });
    }
    else {
        await expectNamespace(client, run.namespace, signal);
    }
}
async function makeNamespace(client, run, bounds) {
    const { namespace, workflow } = run;
    const labels = { ...(0,run_run/* labelsFor */.dS)(run, 'namespace'), ...sidecars/* NO_SIDECAR_NAMESPACE_LABELS */.GQ };
    const annotations = {
        ...sidecars/* NO_SIDECAR_NAMESPACE_ANNOTATIONS */.f4,
        ...NO_NODE_SELECTOR,
        ...(workflow && { [lease/* WORKFLOW_ANNOTATION */.iy]: workflow }),
    };
    const make = (more) => {
        const metadata = { name: namespace, labels: { ...labels, ...more }, annotations };
        const object = { apiVersion: 'v1', kind: 'Namespace', metadata };
        return createUnlessThere(client, run, object, bounds);
    };
    try {
        await make(levelLabels('restricted')).catch((error) => {
            if (!(0,kube_error/* isFault */.Zh)(error, 'policy'))
                throw error;
            return make({});
        });
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, 'policy')) {
            throw new errors/* ActionError */.lZ(`The cluster's admission takes no namespace that the run makes (${error.words}); make one, name it with the input \`namespace\`, or change the policy.`, { cause: error });
        }
        if ((0,kube_error/* isFault */.Zh)(error, 'permission')) {
            throw new errors/* ActionError */.lZ("The kubeconfig's user may not create a namespace for the run; name one that is there with the input `namespace`, or have the README's ClusterRole bound to this user.", { cause: error });
        }
        throw error;
    }
}
async function createUnlessThere(client, { namespace, id, release }, object, { signal, goneSeconds }) {
    const start = performance.now();
    for (let attempts = 1;; attempts++) {
        try {
            await client.create(NAMESPACES, object, { signal });
            return;
        }
        catch (error) {
            if (release === undefined || !(0,kube_error/* isFault */.Zh)(error, 'exists'))
                throw error;
        }
        const path = `${NAMESPACES}/${namespace}`;
        const there = await client.find(path, { signal });
        if (there !== undefined && there.metadata?.labels?.[run_run/* RUN_LABEL */.jQ] !== id) {
            throw new errors/* ActionError */.lZ(`The namespace "${namespace}" is there and is not of the release "${release}"; delete it, or give the release another name.`);
        }
        if (there !== undefined && there.metadata?.deletionTimestamp === undefined) {
            return;
        }
        if (there !== undefined && performance.now() - start > goneSeconds * 1000) {
            throw new errors/* ActionError */.lZ(`The namespace "${namespace}" of the release "${release}" was deleted and does not go; see by \`kubectl get namespace ${namespace} -o yaml\` what keeps it, and run this step again when it is gone.`);
        }
        await (0,waiting/* rest */.zs)((0,retry/* backoff */.J)(attempts), signal);
    }
}
async function admitHostPods(client, run, signal) {
    if ((0,run_run/* ownsNamespace */.$I)(run)) {
        const labels = levelLabels('privileged');
        await client.patch(`${NAMESPACES}/${run.namespace}`, { metadata: { labels } }, { signal });
    }
}
const PROVEN_ANNOTATION = 'jackal-inject.dev/proven';
async function tellProven(client, { namespace }, signal) {
    const patch = { metadata: { annotations: { [PROVEN_ANNOTATION]: 'true' } } };
    await client.patch(`${NAMESPACES}/${namespace}`, patch, { signal });
}
async function expectNamespace(client, namespace, signal) {
    try {
        const found = await client.get(`${NAMESPACES}/${namespace}`, { signal });
        if (found.metadata?.deletionTimestamp !== undefined) {
            throw new errors/* ActionError */.lZ(`The namespace "${namespace}" is being deleted; wait until it is gone and make it anew, or leave the input \`namespace\` out.`);
        }
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, 'not-found')) {
            throw missingNamespace(namespace, error);
        }
        if (!(0,kube_error/* isFault */.Zh)(error, 'permission')) {
            throw error;
        }
    }
}
function missingNamespace(namespace, cause) {
    return new errors/* ActionError */.lZ(`The namespace "${namespace}" does not exist; make it before this step with \`kubectl create namespace ${namespace}\`, or leave the input \`namespace\` out, so that the run makes one of its own.`, { cause });
}
async function removeNamespace(client, run, signal) {
    if (!(0,run_run/* ownsNamespace */.$I)(run)) {
        return [];
    }
    const path = `${NAMESPACES}/${run.namespace}`;
    const { metadata } = (await client.find(path, { signal })) ?? {};
    if (metadata?.labels?.[run_run/* RUN_LABEL */.jQ] !== run.id || metadata.deletionTimestamp !== undefined) {
        return [];
    }
    const { uid = '', creationTimestamp = '' } = metadata;
    const strangers = await strangersIn(client, run, Date.parse(creationTimestamp), signal);
    if (strangers.length === 0) {
        await client.delete(path, { preconditions: { uid }, signal });
    }
    else if (!strangers.some(({ isOfRun }) => isOfRun)) {
        await leaveNamespace(client, path, signal);
    }
    return strangers.map(({ name }) => name);
}
async function leaveNamespace(client, path, signal) {
    const metadata = { labels: { [run_run/* ROLE_LABEL */.eg]: null } };
    await client.patch(path, { metadata }, { signal }).catch((error) => {
        if (!(0,kube_error/* isFault */.Zh)(error, 'permission', 'not-found'))
            throw error;
    });
}
async function namespaceAsOwner(client, run, signal) {
    if (!(0,run_run/* ownsNamespace */.$I)(run)) {
        return undefined;
    }
    const { metadata } = await client.get(`${NAMESPACES}/${run.namespace}`, { signal });
    return { apiVersion: 'v1', kind: 'Namespace', name: run.namespace, uid: metadata?.uid ?? '' };
}
async function otherNamespaces(client, runId, signal) {
    const labelSelector = (0,run_run/* selectorOf */.Bk)(runId, 'namespace').replace(`${run_run/* RUN_LABEL */.jQ}=`, `${run_run/* RUN_LABEL */.jQ}!=`);
    const options = { query: { labelSelector }, accept: kube_client/* PARTIAL_OBJECT_LIST */.D7, signal };
    const { items } = await client.list(NAMESPACES, options);
    return items.flatMap(({ metadata }) => {
        const id = metadata?.labels?.[run_run/* RUN_LABEL */.jQ] ?? '';
        const place = { id, namespace: metadata?.name ?? '' };
        return (0,run_run/* isRunId */.Pk)(id) && (0,run_run/* ownsNamespace */.$I)(place) && metadata?.deletionTimestamp === undefined
            ? [
                {
                    ...place,
                    workflow: metadata?.annotations?.[lease/* WORKFLOW_ANNOTATION */.iy],
                    created: Date.parse(metadata?.creationTimestamp ?? ''),
                },
            ]
            : [];
    });
}
//# sourceMappingURL=namespace.js.map

/***/ }),

/***/ 2681:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   LO: () => (/* binding */ removeOwn),
/* harmony export */   OV: () => (/* binding */ namesBut),
/* harmony export */   Vw: () => (/* binding */ deleteAll),
/* harmony export */   YR: () => (/* binding */ removeClaims),
/* harmony export */   _h: () => (/* binding */ ifAllowed),
/* harmony export */   tY: () => (/* binding */ removePods),
/* harmony export */   ue: () => (/* binding */ removeConfigMaps)
/* harmony export */ });
/* harmony import */ var _kube_client_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(715);
/* harmony import */ var _kube_configmaps_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1757);
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5077);
/* harmony import */ var _kube_pods_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9915);
/* harmony import */ var _kube_watch_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4484);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(3751);
/* harmony import */ var _lib_slots_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(1536);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(182);








const selected = ({ id, selector }) => selector ?? (0,_run_js__WEBPACK_IMPORTED_MODULE_6__/* .selectorOf */ .Bk)(id);
async function removePods(client, part, signal, staying = []) {
    const path = _kube_pods_js__WEBPACK_IMPORTED_MODULE_3__/* .collection */ .r.pods(part.namespace);
    const controllers = [_kube_pods_js__WEBPACK_IMPORTED_MODULE_3__/* .collection */ .r.daemonSets, _kube_pods_js__WEBPACK_IMPORTED_MODULE_3__/* .collection */ .r.replicaSets].map((of) => of(part.namespace));
    const [names, ...had] = await Promise.all([
        namesBut(client, path, selected(part), staying, signal),
        ...controllers.map((controller) => deleteControllers(client, controller, part, signal)),
    ]);
    if (names.length > 0) {
        await deleteAll(client, path, names, { signal });
        await untilEnded(client, path, part, _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_5__/* .POD_END_MILLISECONDS */ .p0, signal, staying);
    }
    const late = await Promise.all(controllers
        .filter((_, index) => had[index])
        .map((controller) => untilEnded(client, controller, part, _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_5__/* .CONTROLLER_END_SECONDS */ .Bg * 1000, signal)));
    if (late.includes(true)) {
        await removePods(client, part, signal, staying);
    }
}
async function untilEnded(client, path, part, milliseconds, signal, staying = []) {
    const late = AbortSignal.timeout(milliseconds);
    try {
        await untilGone(client, path, part, AbortSignal.any([signal, late]), staying);
        return false;
    }
    catch (error) {
        signal.throwIfAborted();
        if (!late.aborted) {
            throw error;
        }
        const names = await namesBut(client, path, selected(part), staying, signal);
        await deleteAll(client, path, names, { gracePeriodSeconds: 0, signal });
        await untilGone(client, path, part, signal, staying);
        return true;
    }
}
async function deleteControllers(client, path, part, signal) {
    try {
        const names = await namesBut(client, path, selected(part), [], signal);
        await deleteAll(client, path, names, { propagation: 'Foreground', signal });
        return names.length > 0;
    }
    catch (error) {
        if ((0,_kube_error_js__WEBPACK_IMPORTED_MODULE_2__/* .isFault */ .Zh)(error, 'permission')) {
            return false;
        }
        throw error;
    }
}
async function deleteAll(client, path, names, options) {
    const slots = new _lib_slots_js__WEBPACK_IMPORTED_MODULE_7__/* .Slots */ .WR(_lib_limits_run_js__WEBPACK_IMPORTED_MODULE_5__/* .POD_WRITES_MAX */ .Wk);
    let away;
    const remove = async (name) => {
        if (away !== undefined)
            throw away;
        try {
            await client.delete(`${path}/${name}`, options);
        }
        catch (error) {
            if ((0,_kube_error_js__WEBPACK_IMPORTED_MODULE_2__/* .isFault */ .Zh)(error, 'unreachable'))
                away = error;
            throw error;
        }
    };
    await (0,_lib_slots_js__WEBPACK_IMPORTED_MODULE_7__/* .settled */ .gu)(names.map((name) => slots.run(() => remove(name))));
}
function untilGone(client, path, part, signal, staying = []) {
    const gone = (objects) => [...objects.keys()].every((name) => staying.includes(name));
    return (0,_kube_watch_js__WEBPACK_IMPORTED_MODULE_4__/* .waitUntil */ .a0)(client, path, gone, {
        query: { labelSelector: selected(part) },
        metadataOnly: true,
        signal,
    });
}
async function removeConfigMaps(client, part, signal) {
    const { namespace } = part;
    const path = (0,_kube_configmaps_js__WEBPACK_IMPORTED_MODULE_1__/* .configMapsPath */ .D_)(namespace);
    for (;;) {
        const left = await list(client, path, selected(part), signal);
        const staying = left.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
        if (staying.length === 0) {
            return left.length === 0 ? undefined : void (await untilGone(client, path, part, signal));
        }
        await (0,_kube_configmaps_js__WEBPACK_IMPORTED_MODULE_1__/* .deleteConfigMaps */ .Jf)(client, namespace, staying.flatMap(nameIn), { signal });
    }
}
async function removeClaims(client, part, signal) {
    const path = _kube_pods_js__WEBPACK_IMPORTED_MODULE_3__/* .collection */ .r.claims(part.namespace);
    try {
        const names = await namesBut(client, path, selected(part), [], signal);
        await deleteAll(client, path, names, { signal });
        if (names.length > 0) {
            await untilGone(client, path, part, signal);
        }
    }
    catch (error) {
        if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_2__/* .isFault */ .Zh)(error, 'permission')) {
            throw error;
        }
    }
}
async function list(client, path, labelSelector, signal) {
    const options = { query: { labelSelector }, accept: _kube_client_js__WEBPACK_IMPORTED_MODULE_0__/* .PARTIAL_OBJECT_LIST */ .D7, signal };
    return (await client.list(path, options)).items;
}
async function namesBut(client, path, labelSelector, staying, signal) {
    const names = (await list(client, path, labelSelector, signal)).flatMap(nameIn);
    return names.filter((name) => !staying.includes(name));
}
function nameIn({ metadata }) {
    return metadata?.name === undefined ? [] : [metadata.name];
}
function removeOwn(client, path, isOwn, signal) {
    return ifAllowed(async () => {
        const found = await client.find(path, { accept: _kube_client_js__WEBPACK_IMPORTED_MODULE_0__/* .PARTIAL_OBJECT */ .kx, signal });
        if (found !== undefined && isOwn(found)) {
            const { uid = '' } = found.metadata ?? {};
            await client.delete(path, { preconditions: { uid }, signal });
        }
    });
}
async function ifAllowed(work) {
    try {
        await work();
        return true;
    }
    catch (error) {
        if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_2__/* .isFault */ .Zh)(error, 'permission')) {
            throw error;
        }
        return false;
    }
}
//# sourceMappingURL=collections.js.map

/***/ }),

/***/ 3012:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Mp: () => (/* binding */ policiesPath),
/* harmony export */   oB: () => (/* binding */ NAMESPACE_ANNOTATION),
/* harmony export */   p: () => (/* binding */ runsWithPolicy),
/* harmony export */   pX: () => (/* binding */ removePolicy),
/* harmony export */   qs: () => (/* binding */ bindingsPath)
/* harmony export */ });
/* harmony import */ var _kube_client_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(715);
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5077);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(182);
/* harmony import */ var _collections_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2681);




const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const policiesPath = `${ADMISSION}/mutatingadmissionpolicies`;
const bindingsPath = `${ADMISSION}/mutatingadmissionpolicybindings`;
const NAMESPACE_ANNOTATION = 'jackal-inject.dev/namespace';
async function removePolicy(client, { id, namespace }, signal) {
    const name = _run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.policy(id);
    const isOwn = ({ metadata }) => metadata?.labels?.[_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RUN_LABEL */ .jQ] === id &&
        metadata.annotations?.[NAMESPACE_ANNOTATION] === namespace;
    const isUnbound = await (0,_collections_js__WEBPACK_IMPORTED_MODULE_3__/* .removeOwn */ .LO)(client, `${bindingsPath}/${name}`, isOwn, signal);
    await (0,_collections_js__WEBPACK_IMPORTED_MODULE_3__/* .removeOwn */ .LO)(client, `${policiesPath}/${name}`, isOwn, signal);
    return isUnbound;
}
async function runsWithPolicy(client, signal) {
    const query = { labelSelector: `${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY_LABEL */ .lT}=${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .MANAGED_BY */ .Kf},${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .ROLE_LABEL */ .eg}=policy` };
    const options = { query, accept: _kube_client_js__WEBPACK_IMPORTED_MODULE_0__/* .PARTIAL_OBJECT_LIST */ .D7, signal };
    const lists = await Promise.all([policiesPath, bindingsPath].map((path) => (0,_kube_error_js__WEBPACK_IMPORTED_MODULE_1__/* .ifAnswered */ .nH)(client.list(path, options), signal)));
    const places = lists.flatMap((list) => list?.items ?? []).flatMap(placeOf);
    return [...new Map(places.map((place) => [place.id, place])).values()];
}
function placeOf({ metadata }) {
    const id = metadata?.labels?.[_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RUN_LABEL */ .jQ] ?? '';
    const namespace = metadata?.annotations?.[NAMESPACE_ANNOTATION];
    return !(0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .isRunId */ .Pk)(id) || namespace === undefined || metadata?.name !== _run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.policy(id)
        ? []
        : [{ id, namespace }];
}
//# sourceMappingURL=policy.js.map

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

/***/ 8295:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B1: () => (/* binding */ clearRun),
/* harmony export */   Tj: () => (/* binding */ removeRole),
/* harmony export */   fs: () => (/* binding */ removeTokenOf),
/* harmony export */   mX: () => (/* binding */ removeProofs),
/* harmony export */   removeRun: () => (/* binding */ removeRun),
/* harmony export */   uV: () => (/* binding */ clearDeliveries)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _kube_pods_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9915);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3751);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4385);
/* harmony import */ var _namespace_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(234);
/* harmony import */ var _removal_collections_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(2681);
/* harmony import */ var _removal_policy_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(3012);
/* harmony import */ var _removal_shared_remains_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(5799);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(182);
/* harmony import */ var _token_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(1110);











async function removeRun(client, run, signal, phaseSeconds = _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .REMOVE_PHASE_SECONDS */ .re) {
    const failures = [];
    const phase = async (what, work) => {
        try {
            return await bounded(what, work, signal, phaseSeconds);
        }
        catch (error) {
            const isFirst = failures.length === 0;
            failures.push(error);
            if (isFirst && error instanceof StillThere && (await isSilent(client, signal))) {
                failures[0] = new _lib_errors_js__WEBPACK_IMPORTED_MODULE_9__/* .ActionError */ .lZ(`The API server at ${client.server} has not answered for ${phaseSeconds} s.`, { cause: error });
            }
            return undefined;
        }
    };
    await phase('Its policy is', (until) => (0,_removal_policy_js__WEBPACK_IMPORTED_MODULE_6__/* .removePolicy */ .pX)(client, run, until));
    await Promise.all([
        phase('Its Pods are', (until) => (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removePods */ .tY)(client, run, until)),
        phase('Its Service is', (until) => removeNamed(client, run, servicePath(run), until)),
        phase('Its NetworkPolicy is', (until) => removeNamed(client, run, networkPolicyPath(run), until)),
        phase('Its Secret is', (until) => removeTokens(client, run, until)),
        phase('Its ConfigMaps are', (until) => (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removeConfigMaps */ .ue)(client, run, until)),
        phase('Its PersistentVolumeClaims are', (until) => (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removeClaims */ .YR)(client, run, until)),
    ]);
    const others = await phase('Its namespace is', (until) => (0,_namespace_js__WEBPACK_IMPORTED_MODULE_4__/* .removeNamespace */ .iq)(client, run, until));
    await phase('Its Lease is', (until) => (0,_lease_js__WEBPACK_IMPORTED_MODULE_3__/* .deleteLease */ .Kw)(client, run, until));
    if (failures.length > 0) {
        const [cause] = failures;
        throw others?.length === 0 ? cause : new _removal_shared_remains_js__WEBPACK_IMPORTED_MODULE_10__/* .SharedRemains */ .$((0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_9__/* .sentenceOf */ .$N)(cause), { cause });
    }
    return others ?? [];
}
class StillThere extends _lib_errors_js__WEBPACK_IMPORTED_MODULE_9__/* .ActionError */ .lZ {
}
async function isSilent(client, signal) {
    const inTime = AbortSignal.timeout(_lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .REMOVE_PROBE_SECONDS */ .gK * 1000);
    const asked = client.get('/version', { signal: AbortSignal.any([signal, inTime]) });
    return await asked.then(() => false, (error) => !(error instanceof _kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .ApiError */ .hD) || error.status === 0);
}
async function bounded(what, work, signal, seconds) {
    const late = AbortSignal.timeout(seconds * 1000);
    try {
        return await work(AbortSignal.any([signal, late]));
    }
    catch (error) {
        if (late.aborted && !signal.aborted) {
            throw new StillThere(`${what} still there after ${seconds} s.`, { cause: error });
        }
        throw error;
    }
}
async function clearRun(client, run, staying, signal) {
    const kept = run.kept?.delivery;
    const selector = kept === undefined ? (0,_run_js__WEBPACK_IMPORTED_MODULE_7__/* .selectorOf */ .Bk)(run.id) : (0,_run_js__WEBPACK_IMPORTED_MODULE_7__/* .knownDeliveries */ .e2)(run, kept);
    const place = { ...run, selector };
    await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removePods */ .tY)(client, place, signal, staying);
    await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removeConfigMaps */ .ue)(client, place, signal);
    if (run.release !== undefined)
        await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removeClaims */ .YR)(client, place, signal);
}
async function clearDeliveries(client, part, signal) {
    await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removePods */ .tY)(client, part, signal);
    await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removeConfigMaps */ .ue)(client, part, signal);
    await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removeClaims */ .YR)(client, part, signal);
}
async function removeProofs(client, run, signal) {
    await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removePods */ .tY)(client, { ...run, selector: (0,_run_js__WEBPACK_IMPORTED_MODULE_7__/* .selectorOf */ .Bk)(run.id, 'proof') }, signal);
}
async function removeTokens(client, run, signal) {
    const { kept = 0, lastDelivery = 0 } = (await (0,_lease_js__WEBPACK_IMPORTED_MODULE_3__.leasedRun)(client, run, signal)) ?? {};
    const deliveries = new Set([0, kept, lastDelivery].map(_run_js__WEBPACK_IMPORTED_MODULE_7__/* .firstOfStep */ .Gl));
    await Promise.all([...deliveries].map((one) => removeTokenOf(client, run, one, signal)));
}
async function removeTokenOf(client, run, delivery, signal) {
    const path = (0,_token_js__WEBPACK_IMPORTED_MODULE_8__/* .tokenPath */ .vT)(run, (0,_run_js__WEBPACK_IMPORTED_MODULE_7__/* .firstOfStep */ .Gl)(delivery));
    await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .ifAllowed */ ._h)(() => client.delete(path, { signal }));
}
async function removeRole(client, run, role, staying, signal) {
    const path = _kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.pods(run.namespace);
    const going = await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .namesBut */ .OV)(client, path, (0,_run_js__WEBPACK_IMPORTED_MODULE_7__/* .selectorOf */ .Bk)(run.id, role), staying, signal);
    await (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .deleteAll */ .Vw)(client, path, going, { gracePeriodSeconds: 0, signal });
}
const servicePath = ({ id, namespace }) => `${_kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.services(namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_7__/* .nameOf */ .Vb.service(id)}`;
const networkPolicyPath = ({ id, namespace }) => `${_kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.networkPolicies(namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_7__/* .nameOf */ .Vb.networkPolicy(id)}`;
function removeNamed(client, { id }, path, signal) {
    const isOwn = ({ metadata }) => metadata?.labels?.[_run_js__WEBPACK_IMPORTED_MODULE_7__/* .RUN_LABEL */ .jQ] === id;
    return (0,_removal_collections_js__WEBPACK_IMPORTED_MODULE_5__/* .removeOwn */ .LO)(client, path, isOwn, signal);
}
//# sourceMappingURL=remove.js.map

/***/ }),

/***/ 8239:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   GQ: () => (/* binding */ NO_SIDECAR_NAMESPACE_LABELS),
/* harmony export */   J$: () => (/* binding */ NO_SIDECAR_ANNOTATIONS),
/* harmony export */   Ok: () => (/* binding */ NO_SIDECAR_LABELS),
/* harmony export */   f4: () => (/* binding */ NO_SIDECAR_NAMESPACE_ANNOTATIONS)
/* harmony export */ });
const NO_SIDECAR_LABELS = {
    'sidecar.istio.io/inject': 'false',
    'istio.io/dataplane-mode': 'none',
    'kuma.io/sidecar-injection': 'disabled',
    'zarf.dev/agent': 'ignore',
    'admission.datadoghq.com/enabled': 'false',
};
const NO_SIDECAR_ANNOTATIONS = {
    'sidecar.istio.io/inject': 'false',
    'linkerd.io/inject': 'disabled',
    'kuma.io/sidecar-injection': 'disabled',
    'consul.hashicorp.com/connect-inject': 'false',
    'vault.hashicorp.com/agent-inject': 'false',
    'dynatrace.com/inject': 'false',
    'oneagent.dynatrace.com/inject': 'false',
    'sidecar.opentelemetry.io/inject': 'false',
};
const NO_SIDECAR_NAMESPACE_LABELS = {
    'istio-injection': 'disabled',
    'istio.io/dataplane-mode': 'none',
    'kuma.io/sidecar-injection': 'disabled',
    'zarf.dev/agent': 'ignore',
};
const NO_SIDECAR_NAMESPACE_ANNOTATIONS = {
    'linkerd.io/inject': 'disabled',
    'kuma.io/sidecar-injection': 'disabled',
};
//# sourceMappingURL=sidecars.js.map

/***/ }),

/***/ 1110:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ey: () => (/* binding */ createToken),
/* harmony export */   gV: () => (/* binding */ TOKEN_MOUNT),
/* harmony export */   r$: () => (/* binding */ TOKEN_FILE),
/* harmony export */   uu: () => (/* binding */ tokenVolume),
/* harmony export */   vT: () => (/* binding */ tokenPath)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _kube_pods_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9915);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(182);



const TOKEN_KEY = 'token';
const TOKEN_MOUNT = '/jackal-token';
const TOKEN_FILE = `${TOKEN_MOUNT}/${TOKEN_KEY}`;
const tokenPath = ({ id, namespace }, firstDelivery = 0) => `${_kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.secrets(namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.token(id, firstDelivery)}`;
async function createToken(client, run, signal) {
    const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
            name: _run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.token(run.id, run.firstDelivery),
            labels: (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .labelsFor */ .dS)(run, 'token'),
            ownerReferences: [run.owner],
        },
        immutable: true,
        data: { [TOKEN_KEY]: Buffer.from(run.token).toString('base64') },
    };
    try {
        await client.create(_kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.secrets(run.namespace), secret, { signal });
    }
    catch (error) {
        if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'exists')) {
            throw error;
        }
    }
}
function tokenVolume({ id, firstDelivery, }) {
    const secretName = _run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.token(id, firstDelivery);
    return { name: 'token', secret: { secretName, defaultMode: 0o444 } };
}
//# sourceMappingURL=token.js.map

/***/ })

};
