export const id = 474;
export const ids = [474];
export const modules = {

/***/ 2922:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  D_: () => (/* binding */ configMapsPath),
  Rt: () => (/* binding */ createConfigMap),
  Jf: () => (/* binding */ deleteConfigMaps),
  EB: () => (/* binding */ listConfigMaps),
  Ly: () => (/* binding */ waitUntilGone)
});

// UNUSED EXPORTS: CONTENT_ANNOTATION

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./out/src/errors.js
var errors = __webpack_require__(6354);
// EXTERNAL MODULE: ./out/src/limits.js
var limits = __webpack_require__(6397);
// EXTERNAL MODULE: ./out/src/cluster/api-error.js
var api_error = __webpack_require__(663);
// EXTERNAL MODULE: ./out/src/cluster/http.js + 1 modules
var http = __webpack_require__(7317);
;// CONCATENATED MODULE: ./out/src/cluster/protobuf.js
/**
 * ConfigMaps in `application/vnd.kubernetes.protobuf`, written by hand: raw bytes instead of
 * base64 in JSON, a quarter less to send and far less for the server to parse. Field numbers are
 * those of core/v1 and meta/v1 generated.proto; the envelope is that of apimachinery
 * runtime/serializer/protobuf: four magic bytes, then a runtime.Unknown.
 */
/** The media type of `encodeConfigMap`'s bytes. */
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const MAGIC = Buffer.from('k8s\0');
const VARINT = 0;
const LENGTH_DELIMITED = 2;
/** Bytes up to which neighbouring pieces are joined: each write to a connection costs more than that. */
const SMALL_BYTES = 4096;
/** The body of a create request, in pieces: all that is small together, then each large value. */
function encodeConfigMap(spec) {
    const typeMeta = [...protobuf_text(1, 'v1'), ...protobuf_text(2, 'ConfigMap')];
    const configMap = [
        ...message(1, metadata(spec)),
        ...flag(4, spec.immutable === true),
        ...map(2, spec.data, utf8),
        ...map(3, spec.binaryData, (pieces) => pieces),
    ];
    return joined([MAGIC, ...message(1, typeMeta), ...message(2, configMap)]);
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
/** The same object as JSON would carry it, for servers and proxies that refuse protobuf. */
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
        ...protobuf_text(1, name),
        ...protobuf_text(3, namespace),
        ...map(11, labels, utf8),
        ...map(12, annotations, utf8),
        ...(owner === undefined ? [] : message(13, ownerReference(owner))),
    ];
}
function ownerReference({ apiVersion, kind, name, uid }) {
    return [...protobuf_text(1, kind), ...protobuf_text(3, name), ...protobuf_text(4, uid), ...protobuf_text(5, apiVersion)];
}
function map(field, entries = {}, piecesOf) {
    return Object.entries(entries).flatMap(([key, value]) => message(field, [...protobuf_text(1, key), ...message(2, piecesOf(value))]));
}
function utf8(value) {
    return [Buffer.from(value)];
}
function protobuf_text(field, value) {
    return message(field, utf8(value));
}
function message(field, content) {
    const length = content.reduce((sum, piece) => sum + piece.length, 0);
    const head = [...varint((field << 3) | LENGTH_DELIMITED), ...varint(length)];
    return [Buffer.from(head), ...content];
}
function flag(field, value) {
    return value ? [Buffer.from([...varint((field << 3) | VARINT), 1])] : [];
}
function varint(value) {
    const bytes = [];
    let rest = value;
    while (rest > 0x7f) {
        bytes.push((rest & 0x7f) | 0x80);
        rest >>>= 7;
    }
    return [...bytes, rest];
}
//# sourceMappingURL=protobuf.js.map
// EXTERNAL MODULE: ./out/src/cluster/rest.js
var rest = __webpack_require__(5700);
// EXTERNAL MODULE: ./out/src/cluster/watch.js
var watch = __webpack_require__(9167);
;// CONCATENATED MODULE: ./out/src/cluster/configmaps.js








/** The annotation that tells what a ConfigMap holds, so that a repeated create can be recognised. */
const CONTENT_ANNOTATION = 'jackal-inject.dev/sha256';
/** Path of a namespace's ConfigMaps. */
function configMapsPath(namespace) {
    return `/api/v1/namespaces/${namespace}/configmaps`;
}
/** API servers, or proxies before them, that take no protobuf. */
const jsonOnly = new WeakSet();
/**
 * Creates a ConfigMap. When one of that name is there with the same content, an earlier attempt
 * had succeeded and nothing is left to do; with other content it is an ActionError.
 */
async function createConfigMap(client, spec, options = {}) {
    const sha256 = options.sha256 ?? contentHash(spec);
    const annotations = { ...spec.annotations, [CONTENT_ANNOTATION]: sha256 };
    const marked = { ...spec, annotations };
    try {
        const { metadata } = await post(client, marked, options);
        return { name: spec.name, uid: metadata?.uid ?? '', created: true };
    }
    catch (error) {
        if (!(0,api_error/* isFault */.Zh)(error, 'conflict')) {
            throw error;
        }
        const there = await client.get(`${configMapsPath(spec.namespace)}/${spec.name}`, {
            accept: http/* PARTIAL_OBJECT */.kx,
            signal: options.signal,
        });
        if (there.metadata?.annotations?.[CONTENT_ANNOTATION] !== sha256) {
            throw new errors/* ActionError */.lZ(`The ConfigMap "${spec.name}" in the namespace "${spec.namespace}" is there already with other content; delete it or use another namespace.`, { cause: error });
        }
        return { name: spec.name, uid: there.metadata.uid ?? '', created: false };
    }
}
async function post(client, spec, { signal, onAttempt, dryRun }) {
    const request = {
        method: 'POST',
        path: configMapsPath(spec.namespace),
        query: {
            fieldManager: http/* FIELD_MANAGER */.vy,
            fieldValidation: 'Ignore',
            ...(dryRun && { dryRun: 'All' }),
        },
        accept: http/* PARTIAL_OBJECT */.kx,
        signal,
        ...(onAttempt && { onAttempt }),
    };
    if (!jsonOnly.has(client)) {
        try {
            const body = encodeConfigMap(spec);
            return parse(await client.request({ ...request, body, contentType: PROTOBUF }));
        }
        catch (error) {
            const { status = 0 } = error;
            if (status !== 415 && status !== 406) {
                throw error;
            }
            jsonOnly.add(client);
        }
    }
    return parse(await client.request({ ...request, body: configMapObject(spec) }));
}
function parse({ body }) {
    return JSON.parse(body.toString('utf8'));
}
/** SHA-256 (hex) of a ConfigMap's keys and values, in an order of its own. */
function contentHash({ data = {}, binaryData = {} }) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    const values = new Map(Object.entries(binaryData));
    for (const [key, value] of Object.entries(data)) {
        values.set(key, [Buffer.from(value)]);
    }
    for (const key of [...values.keys()].sort()) {
        const bytes = Buffer.concat(values.get(key) ?? []);
        hash.update(`${key}\0${bytes.length}\0`).update(bytes);
    }
    return hash.digest('hex');
}
/**
 * Deletes ConfigMaps by name, a few at a time, each tried again like a create; those that are gone
 * already count as done. Not by DELETECOLLECTION: throttled control planes refuse that as a whole.
 */
async function deleteConfigMaps(client, namespace, names, options = {}) {
    const { concurrency = limits/* DELETE_CONCURRENCY */.S9, restMilliseconds = 0 } = options.pace ?? {};
    const left = names[Symbol.iterator]();
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([stop.signal, options.signal]) : stop.signal;
    const worker = async () => {
        for (let next = left.next(); next.done !== true; next = left.next()) {
            await client.delete(`${configMapsPath(namespace)}/${next.value}`, { signal });
            await (0,rest/* rest */.z)(restMilliseconds, signal);
        }
    };
    const workers = Array.from({ length: Math.min(concurrency, limits/* DELETE_CONCURRENCY */.S9) }, worker);
    try {
        await Promise.all(workers);
    }
    catch (error) {
        // The caller may close the client now, so nobody may go on with it.
        stop.abort();
        await Promise.allSettled(workers);
        throw error;
    }
}
/** Names of the ConfigMaps that a label selector picks. */
async function listConfigMaps(client, namespace, labelSelector, options = {}) {
    const { items } = await client.list(configMapsPath(namespace), {
        query: { labelSelector },
        accept: http/* PARTIAL_OBJECT_LIST */.D7,
        ...options,
    });
    return items;
}
/** Waits until no object of a collection matches the selector any more; `path` as of a list. */
async function waitUntilGone(client, path, labelSelector, options = {}) {
    await (0,watch/* waitUntil */.a0)(client, path, (objects) => objects.size === 0, {
        query: { labelSelector },
        metadataOnly: true,
        ...options,
    });
}
//# sourceMappingURL=configmaps.js.map

/***/ }),

/***/ 5463:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bl: () => (/* binding */ leaveNamespace),
/* harmony export */   Xv: () => (/* binding */ otherAnchors),
/* harmony export */   ig: () => (/* binding */ waitUntilNamespaceGone),
/* harmony export */   sB: () => (/* binding */ joinNamespace)
/* harmony export */ });
/* unused harmony export JOINED_ANNOTATION */
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6354);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1236);
/* harmony import */ var _api_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(663);
/* harmony import */ var _configmaps_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2922);
/* harmony import */ var _watch_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9167);





/** The annotation by which a run that joins a namespace makes its presence known. */
const JOINED_ANNOTATION = 'jackal-inject.dev/joined';
/** Pod Security's label; the levels are those of the Pod Security Standards. */
const POD_SECURITY = 'pod-security.kubernetes.io';
/**
 * Makes sure that the namespace is there and that the run's anchor stands in it, safely against
 * another run that removes the namespace at the same time: the anchor comes first, then a touch of
 * the namespace, which changes its resourceVersion, so that a removal decided before fails (see
 * `leaveNamespace`). A namespace that is being deleted is waited for and made anew. Throws an
 * ActionError when it does not exist and may not be created.
 */
async function joinNamespace(client, options, createAnchor) {
    let made = false;
    for (;;) {
        const found = await findNamespace(client, options);
        if (found === undefined) {
            made = (await makeNamespace(client, options)) || made;
            continue;
        }
        if (found.metadata?.deletionTimestamp !== undefined) {
            made = false;
            await waitUntilNamespaceGone(client, options);
            continue;
        }
        const anchor = await anchorIn(createAnchor, found === UNREADABLE);
        if (anchor === undefined) {
            made = found === UNREADABLE && (await makeNamespace(client, options));
            continue;
        }
        const ours = found.metadata?.labels?.[_run_js__WEBPACK_IMPORTED_MODULE_0__/* .MANAGED_BY_LABEL */ .lT] === _run_js__WEBPACK_IMPORTED_MODULE_0__/* .MANAGED_BY */ .Kf;
        if (!ours || (await touch(client, options))) {
            return { ...anchor, made, ours };
        }
    }
}
/**
 * Runs `createAnchor`; undefined when the namespace is not there or going, which the next look at
 * it tells apart. Without the right to look, waiting for its end is not possible.
 */
async function anchorIn(createAnchor, unreadable) {
    try {
        return { anchor: await createAnchor() };
    }
    catch (error) {
        if ((0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'not-found') || ((0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'terminating') && !unreadable)) {
            return undefined;
        }
        throw error;
    }
}
/** Stands for a namespace that the user may not look at; rights in it are enough to work in it. */
const UNREADABLE = {};
/** The anchors of the other runs in the namespace. Throws ApiError. */
async function otherAnchors(client, { namespace, runId, signal }) {
    const selector = `${_run_js__WEBPACK_IMPORTED_MODULE_0__/* .MANAGED_BY_LABEL */ .lT}=${_run_js__WEBPACK_IMPORTED_MODULE_0__/* .MANAGED_BY */ .Kf},${_run_js__WEBPACK_IMPORTED_MODULE_0__/* .ROLE_LABEL */ .eg}=anchor,${_run_js__WEBPACK_IMPORTED_MODULE_0__/* .RUN_LABEL */ .jQ}!=${runId}`;
    return (0,_configmaps_js__WEBPACK_IMPORTED_MODULE_2__/* .listConfigMaps */ .EB)(client, namespace, selector, { signal });
}
/**
 * Removes the namespace when a run of this action made it and no other run has an anchor in it;
 * the caller's own objects are gone or go with it. True when the removal has begun. A run that
 * joined since the namespace was read has changed its resourceVersion, and the removal fails.
 */
async function leaveNamespace(client, options) {
    const { namespace, signal } = options;
    const found = await findNamespace(client, options);
    const { uid, resourceVersion, labels } = found?.metadata ?? {};
    if (labels?.[_run_js__WEBPACK_IMPORTED_MODULE_0__/* .MANAGED_BY_LABEL */ .lT] !== _run_js__WEBPACK_IMPORTED_MODULE_0__/* .MANAGED_BY */ .Kf || uid === undefined || !resourceVersion) {
        return false;
    }
    if ((await otherAnchors(client, options)).length > 0) {
        return false;
    }
    try {
        const preconditions = { uid, resourceVersion };
        return await client.delete(pathOf(namespace), { preconditions, signal });
    }
    catch (error) {
        if ((0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'conflict')) {
            return false;
        }
        throw error;
    }
}
/** Waits until the namespace is gone, as the API server says. */
async function waitUntilNamespaceGone(client, { namespace, signal }) {
    const query = { fieldSelector: `metadata.name=${namespace}` };
    let uid;
    // Another run may make it anew at once, which then is another one.
    await (0,_watch_js__WEBPACK_IMPORTED_MODULE_3__/* .waitUntil */ .a0)(client, '/api/v1/namespaces', (objects) => {
        const found = objects.get(namespace)?.metadata;
        uid ??= found?.uid;
        return found === undefined || found.uid !== uid || found.deletionTimestamp === undefined;
    }, { query, signal, metadataOnly: true });
}
async function findNamespace(client, { namespace, signal }) {
    try {
        return await client.get(pathOf(namespace), { signal });
    }
    catch (error) {
        if ((0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'not-found')) {
            return undefined;
        }
        if ((0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'permission')) {
            return UNREADABLE;
        }
        throw error;
    }
}
/** Creates the namespace; false when another run was quicker. */
async function makeNamespace(client, { namespace, runId, signal }) {
    const labels = {
        [_run_js__WEBPACK_IMPORTED_MODULE_0__/* .MANAGED_BY_LABEL */ .lT]: _run_js__WEBPACK_IMPORTED_MODULE_0__/* .MANAGED_BY */ .Kf,
        [`${POD_SECURITY}/enforce`]: 'restricted',
        [`${POD_SECURITY}/warn`]: 'restricted',
    };
    const annotations = { [JOINED_ANNOTATION]: runId };
    const object = {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels, annotations },
    };
    try {
        await client.create('/api/v1/namespaces', object, { signal });
        return true;
    }
    catch (error) {
        if ((0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'conflict')) {
            return false;
        }
        if ((0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'permission')) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The namespace "${namespace}" does not exist and the kubeconfig's user may not create it; create it or grant "create" on namespaces with a ClusterRole.`, { cause: error });
        }
        throw error;
    }
}
/** Marks the namespace with this run; false when it is gone or going. */
async function touch(client, { namespace, runId, signal }) {
    const patch = { metadata: { annotations: { [JOINED_ANNOTATION]: runId } } };
    try {
        const touched = await client.patch(pathOf(namespace), patch, { signal });
        return touched.metadata?.deletionTimestamp === undefined;
    }
    catch (error) {
        if ((0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'not-found')) {
            return false;
        }
        throw error;
    }
}
function pathOf(namespace) {
    return `/api/v1/namespaces/${namespace}`;
}
//# sourceMappingURL=namespace.js.map

/***/ }),

/***/ 4126:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   o: () => (/* binding */ createPod),
/* harmony export */   r: () => (/* binding */ collection)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6354);
/* harmony import */ var _limits_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6397);
/* harmony import */ var _api_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(663);
/* harmony import */ var _rest_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5700);




/** The namespaced collections that a run writes to. */
const collection = {
    pods: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
    services: (namespace) => `/api/v1/namespaces/${namespace}/services`,
};
/** Words of the ServiceAccount admission plugin for a namespace that has no `default` one yet. */
const NO_SERVICE_ACCOUNT = /serviceaccount "[^"]*" not found/;
/**
 * Creates a Pod. A namespace that was made a moment ago has no `default` ServiceAccount yet, and
 * the API server refuses Pods until the controller manager has made it; that moment is waited for
 * by trying again, since not every user who may create Pods may watch ServiceAccounts. Throws an
 * ActionError when the cluster's admission put another image in place of one that was asked for.
 */
async function createPod(client, namespace, pod, { signal, dryRun } = {}) {
    const options = { signal, ...(dryRun && { query: { dryRun: 'All' } }) };
    const patience = performance.now() + _limits_js__WEBPACK_IMPORTED_MODULE_0__/* .SERVICE_ACCOUNT_PATIENCE_SECONDS */ .w7 * 1000;
    for (let delay = 50;; delay = Math.min(2 * delay, 1000)) {
        try {
            const created = await client.create(collection.pods(namespace), pod, options);
            expectImages(namespace, pod, created);
            return created;
        }
        catch (error) {
            const early = (0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'policy') && NO_SERVICE_ACCOUNT.test(error.message);
            if (!early || performance.now() > patience) {
                throw error;
            }
        }
        await (0,_rest_js__WEBPACK_IMPORTED_MODULE_2__/* .rest */ .z)(delay, signal);
    }
}
/** A container that runs proves nothing about an image that it was not made from. */
function expectImages(namespace, asked, created) {
    for (const { name, image } of asked.spec?.containers ?? []) {
        const given = created.spec?.containers.find((container) => container.name === name)?.image;
        if (given !== image) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .ActionError */ .lZ(`A policy of the cluster replaces the image ${image} by ${given} in the namespace "${namespace}"; except the namespace from that policy or use another one.`);
        }
    }
}
//# sourceMappingURL=pods.js.map

/***/ }),

/***/ 9167:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   a0: () => (/* binding */ waitUntil),
/* harmony export */   lB: () => (/* binding */ observe)
/* harmony export */ });
/* unused harmony export watch */
/* harmony import */ var _limits_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6397);
/* harmony import */ var _api_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(663);
/* harmony import */ var _http_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7317);
/* harmony import */ var _rest_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5700);
/* harmony import */ var _retry_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(5562);





/**
 * The changes of a collection from `resourceVersion` on, for ever: a watch that ends or breaks is
 * opened again where it stopped. Throws ApiError with the fault `gone` when the server has
 * forgotten that version, so that the caller lists again, and whatever `signal` is aborted with.
 */
async function* watch(client, path, resourceVersion, options = {}) {
    let version = resourceVersion;
    let barren = 0;
    for (;;) {
        const query = {
            ...options.query,
            watch: true,
            allowWatchBookmarks: true,
            timeoutSeconds: _limits_js__WEBPACK_IMPORTED_MODULE_0__/* .WATCH_SECONDS */ .Ag,
            resourceVersion: version,
        };
        const { signal, metadataOnly } = options;
        const accept = metadataOnly === true && { accept: _http_js__WEBPACK_IMPORTED_MODULE_2__/* .PARTIAL_OBJECT */ .kx };
        const opened = performance.now();
        const response = await client.stream(path, { query, signal, ...accept });
        barren++;
        for await (const line of linesOf(response, signal)) {
            barren = 0;
            const { type, object } = JSON.parse(line);
            if (type === 'ERROR') {
                throwStatus(client, path, object);
            }
            version = object.metadata?.resourceVersion ?? version;
            if (type !== 'BOOKMARK') {
                yield { type: type, object };
            }
        }
        // What ends at once without a word, such as a proxy in trouble, is not asked again at once.
        if (barren > 0 && performance.now() - opened < 1000) {
            await (0,_rest_js__WEBPACK_IMPORTED_MODULE_3__/* .rest */ .z)((0,_retry_js__WEBPACK_IMPORTED_MODULE_4__/* .backoff */ .J)(barren), signal);
        }
    }
}
/**
 * The objects of a collection by name, given at once and again after each change: list, watch, and
 * list again when the watch cannot go on. The same map is given each time.
 */
async function* observe(client, path, options = {}) {
    const { metadataOnly, ...rest } = options;
    const accept = metadataOnly === true && { accept: _http_js__WEBPACK_IMPORTED_MODULE_2__/* .PARTIAL_OBJECT_LIST */ .D7 };
    const objects = new Map();
    for (;;) {
        const listed = await client.list(path, { ...rest, ...accept });
        objects.clear();
        for (const item of listed.items) {
            objects.set(nameOf(item), item);
        }
        yield objects;
        try {
            for await (const { type, object } of watch(client, path, listed.resourceVersion, options)) {
                if (type === 'DELETED') {
                    objects.delete(nameOf(object));
                }
                else {
                    objects.set(nameOf(object), object);
                }
                yield objects;
            }
        }
        catch (error) {
            if (!(0,_api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .isFault */ .Zh)(error, 'gone')) {
                throw error;
            }
        }
    }
}
/**
 * Waits until the objects of a collection satisfy `satisfied`, and returns them. What the API
 * server says decides the moment; there is no polling.
 */
async function waitUntil(client, path, satisfied, options = {}) {
    for await (const objects of observe(client, path, options)) {
        if (satisfied(objects)) {
            return objects;
        }
    }
    throw new Error('an observation ended');
}
function nameOf(object) {
    return object.metadata?.name ?? '';
}
/** The lines of a stream; a stream that breaks or falls silent ends like one that is over. */
async function* linesOf(response, signal) {
    const dead = setTimeout(() => response.destroy(), (_limits_js__WEBPACK_IMPORTED_MODULE_0__/* .WATCH_SECONDS */ .Ag + _limits_js__WEBPACK_IMPORTED_MODULE_0__/* .WATCH_GRACE_SECONDS */ .FU) * 1000);
    let rest = '';
    try {
        response.setEncoding('utf8');
        for await (const piece of response) {
            const lines = (rest + piece).split('\n');
            rest = lines.pop();
            yield* lines.filter((line) => line !== '');
        }
    }
    catch {
        // Cut off: what was not yet a whole line comes again with the next watch.
        signal?.throwIfAborted();
    }
    finally {
        clearTimeout(dead);
        response.destroy();
    }
}
function throwStatus(client, path, object) {
    const status = object;
    const { code = 0, reason = '', message = '' } = status;
    const gone = code === 410 || reason === 'Expired' || reason === 'Gone';
    throw new _api_error_js__WEBPACK_IMPORTED_MODULE_1__/* .ApiError */ .hD(`The API server at ${client.server} ended the watch of ${path}: ${message || code}.`, { fault: gone ? 'gone' : 'other', status: code, reason });
}
//# sourceMappingURL=watch.js.map

/***/ }),

/***/ 6474:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  B: () => (/* binding */ clearRun),
  removeDeadRuns: () => (/* binding */ removeDeadRuns),
  removeRun: () => (/* binding */ removeRun)
});

// EXTERNAL MODULE: ./out/src/cluster/configmaps.js + 1 modules
var configmaps = __webpack_require__(2922);
// EXTERNAL MODULE: ./out/src/run.js
var run = __webpack_require__(1236);
// EXTERNAL MODULE: ./out/src/cluster/namespace.js
var cluster_namespace = __webpack_require__(5463);
;// CONCATENATED MODULE: ./out/src/cluster/dead-runs.js


/**
 * Ids of the other runs in the namespace whose runner is gone and did not clean up; whoever comes
 * by takes them away. Throws ApiError.
 */
async function deadRuns(client, seeker) {
    const anchors = await (0,cluster_namespace/* otherAnchors */.Xv)(client, seeker);
    return deadAmong(anchors, { now: client.now(), workflow: seeker.workflow });
}
/**
 * Ids of the runs that are over by what their anchors say: their time has come at `now` (milliseconds
 * since 1970, the API server's clock), or they belong to an earlier attempt of the workflow run
 * whose attempt is `workflow`. GitHub starts an attempt only when the one before has ended. A run of
 * the same attempt may be alive: another job of it, or another use of the action in one job.
 */
function deadAmong(anchors, { now, workflow }) {
    return anchors.flatMap(({ metadata }) => {
        const id = metadata?.labels?.[run/* RUN_LABEL */.jQ];
        const expires = Date.parse(metadata?.annotations?.[run/* EXPIRES_ANNOTATION */.dy] ?? '');
        const theirs = metadata?.annotations?.[run/* WORKFLOW_ANNOTATION */.iy];
        const dead = expires <= now || isEarlierAttempt(theirs, workflow);
        return id !== undefined && dead ? [id] : [];
    });
}
/** Whether two URLs name attempts of one workflow run, and the first one came before the second. */
function isEarlierAttempt(first, second) {
    const [one, other] = [first, second].map((url) => /^(.+\/attempts\/)(\d+)$/.exec(url ?? ''));
    return one?.[1] !== undefined && one[1] === other?.[1] && Number(one[2]) < Number(other[2]);
}
//# sourceMappingURL=dead-runs.js.map
// EXTERNAL MODULE: ./out/src/cluster/http.js + 1 modules
var http = __webpack_require__(7317);
// EXTERNAL MODULE: ./out/src/cluster/pods.js
var pods = __webpack_require__(4126);
// EXTERNAL MODULE: ./out/src/errors.js
var errors = __webpack_require__(6354);
// EXTERNAL MODULE: ./out/src/limits.js
var limits = __webpack_require__(6397);
;// CONCATENATED MODULE: ./out/src/registry/remove.js








/**
 * Takes everything of a run out of the cluster and returns when the API server no longer knows any
 * of it: Pods first, so that kubelets let go of what they mount, then the rest, the anchor last,
 * since what a failure leaves is still owned by it. The namespace goes too when a run of this action
 * made it and no other run is in it; that is begun first, because the namespace controller lets five
 * seconds pass before it acts (kube-controller-manager, `namespaceDeletionGracePeriod`). Throws
 * ApiError.
 */
async function removeRun(client, { runId, namespace }, signal) {
    const failures = [];
    const attempt = (step) => step.catch((error) => void failures.push(error));
    let leaving = false;
    const leave = async () => {
        leaving ||= await (0,cluster_namespace/* leaveNamespace */.Bl)(client, { namespace, runId, signal });
    };
    await attempt(leave());
    await attempt(removePods(client, { runId, namespace }, signal));
    await attempt(removeService(client, { runId, namespace }, signal));
    // Also after a failure: with the anchor gone the cluster's garbage collector takes the rest.
    await attempt(removeConfigMaps(client, { runId, namespace }, signal));
    if (failures.length > 0) {
        throw failures[0];
    }
    // Runs that end at the same time each saw the other's anchor at first; the last one to take its own away does not.
    await leave();
    if (leaving) {
        await (0,cluster_namespace/* waitUntilNamespaceGone */.ig)(client, { namespace, signal });
    }
}
/**
 * Takes away a run's Pods, chunks, catalog and injectors, so that they can be made anew under the
 * same names; anchor and Service stay. Throws ApiError.
 */
async function clearRun(client, { runId, namespace }, signal) {
    await removePods(client, { runId, namespace }, signal);
    await removeOwned(client, { runId, namespace }, signal);
}
async function removePods(client, { runId, namespace }, signal) {
    const path = pods/* collection */.r.pods(namespace);
    const names = await namesOf(client, path, (0,run/* selectorOf */.Bk)(runId), signal);
    await Promise.all(names.map((name) => client.delete(`${path}/${name}`, { signal })));
    await (0,configmaps/* waitUntilGone */.Ly)(client, path, (0,run/* selectorOf */.Bk)(runId), { signal });
}
async function removeService(client, { runId, namespace }, signal) {
    await client.delete(`${pods/* collection */.r.services(namespace)}/${run/* nameOf */.Vb.service(runId)}`, { signal });
}
async function removeConfigMaps(client, { runId, namespace }, signal) {
    await removeOwned(client, { runId, namespace }, signal);
    await (0,configmaps/* deleteConfigMaps */.Jf)(client, namespace, [run/* nameOf */.Vb.anchor(runId)], { signal });
    const path = (0,configmaps/* configMapsPath */.D_)(namespace);
    await (0,configmaps/* waitUntilGone */.Ly)(client, path, (0,run/* selectorOf */.Bk)(runId), { signal });
}
/** Takes away the run's ConfigMaps that its anchor owns. */
async function removeOwned(client, { runId, namespace }, signal) {
    const path = (0,configmaps/* configMapsPath */.D_)(namespace);
    const names = await namesOf(client, path, (0,run/* selectorOf */.Bk)(runId), signal);
    const owned = names.filter((name) => name !== run/* nameOf */.Vb.anchor(runId));
    await (0,configmaps/* deleteConfigMaps */.Jf)(client, namespace, owned, { signal });
}
async function namesOf(client, path, labelSelector, signal) {
    const options = { query: { labelSelector }, accept: http/* PARTIAL_OBJECT_LIST */.D7, signal };
    const { items } = await client.list(path, options);
    return items.flatMap(({ metadata }) => metadata?.name ?? []);
}
/**
 * Takes away the other runs in the namespace that are dead (see `deadRuns`). That is a courtesy: what
 * is not gone within so many seconds, as Pods of a node that is down, is told to `warn` and left to the
 * next run. Throws the signal's reason.
 */
async function removeDeadRuns(client, seeker, warn, signal, seconds = limits/* REMOVE_DEAD_SECONDS */.KH) {
    const late = AbortSignal.timeout(seconds * 1000);
    try {
        await removeDead(client, seeker, AbortSignal.any([signal, late]));
    }
    catch (error) {
        signal.throwIfAborted();
        const why = late.aborted ? `It is still there after ${seconds} s.` : (0,errors/* sentenceOf */.$N)(error);
        warn(`What a dead run left in the namespace "${seeker.namespace}" could not be removed: ${why} The next run in it tries again.`);
    }
}
async function removeDead(client, seeker, signal) {
    const { namespace } = seeker;
    for (const runId of await deadRuns(client, { ...seeker, signal })) {
        await removePods(client, { runId, namespace }, signal);
        await removeService(client, { runId, namespace }, signal);
        await removeConfigMaps(client, { runId, namespace }, signal);
    }
}
//# sourceMappingURL=remove.js.map

/***/ })

};
