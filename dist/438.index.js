export const id = 438;
export const ids = [438];
export const modules = {

/***/ 5631:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   BC: () => (/* binding */ parseRelease),
/* harmony export */   CU: () => (/* binding */ NAMESPACE),
/* harmony export */   LM: () => (/* binding */ parseNamespace),
/* harmony export */   OG: () => (/* binding */ parseRewriteNamespaces),
/* harmony export */   Oo: () => (/* binding */ parseRewrite),
/* harmony export */   QU: () => (/* binding */ parseCompressionInput),
/* harmony export */   RM: () => (/* binding */ parseCommand),
/* harmony export */   Ud: () => (/* binding */ parseChunkSize),
/* harmony export */   Ye: () => (/* binding */ parseManifests),
/* harmony export */   ZG: () => (/* binding */ parseRoute),
/* harmony export */   ZZ: () => (/* binding */ parseTimeout),
/* harmony export */   eb: () => (/* binding */ parseImages),
/* harmony export */   h2: () => (/* binding */ parseInjectorImage),
/* harmony export */   jx: () => (/* binding */ parseOnUnavailableNode),
/* harmony export */   nY: () => (/* binding */ parseConcurrency),
/* harmony export */   qA: () => (/* binding */ parsePlatforms),
/* harmony export */   xG: () => (/* binding */ parseKeep),
/* harmony export */   yG: () => (/* binding */ parseBoolean),
/* harmony export */   yO: () => (/* binding */ parseCarrier),
/* harmony export */   z_: () => (/* binding */ parseBytes)
/* harmony export */ });
/* harmony import */ var _images_bytes_compression_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(314);
/* harmony import */ var _images_reference_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6349);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9850);
/* harmony import */ var _lib_items_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5837);
/* harmony import */ var _lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8373);
/* harmony import */ var _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1589);






const ON_UNAVAILABLE_NODE = ['fail', 'warn', 'ignore'];
const REWRITE = ['auto', 'policy', 'none'];
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const BYTES_IN = { '': 1, Ki: _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .KIB */ .nH, Mi: _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .MIB */ .D6, Gi: 1024 * _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .MIB */ .D6 };
const SECONDS_IN = { s: 1, m: 60, h: 3600 };
function parseImages(value) {
    const items = (0,_lib_items_js__WEBPACK_IMPORTED_MODULE_3__/* .splitItems */ .b)(value);
    if (items.length === 0) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ('The input `images` is empty; give at least one image reference or archive path, one a line.');
    }
    return items;
}
function parseManifests(value) {
    return (0,_lib_items_js__WEBPACK_IMPORTED_MODULE_3__/* .splitItems */ .b)(value);
}
function parseNamespace(name) {
    if (!NAMESPACE.test(name)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`namespace\` is "${name}", which is no namespace name; use up to 63 lower-case letters, digits and dashes.`);
    }
    return name;
}
function parseRelease(name) {
    if (!NAMESPACE.test(name)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`release\` is "${name}", which names no release; use up to 63 lower-case letters, digits and dashes.`);
    }
    return name;
}
function parseKeep(value) {
    if (!/^(?:job|none|)$/.test(value)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`keep\` is "${value}"; give job or none.`);
    }
    return (value || 'job');
}
function parseCommand(value, release) {
    if (!/^(?:inject|delete|)$/.test(value)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`command\` is "${value}"; give inject or delete.`);
    }
    if (value === 'delete' && release === '') {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ('The input `command` is "delete", which needs the name of a release in the input `release`; what a job injects goes by itself when the job ends.');
    }
    return (value || 'inject');
}
function parseInjectorImage(reference) {
    try {
        (0,_images_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .parseReference */ .F2)(reference);
        return reference;
    }
    catch (cause) {
        const why = (0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .sentenceOf */ .$N)(cause);
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`injector-image\` cannot be pulled: ${why}`, { cause });
    }
}
function parseOnUnavailableNode(value) {
    const known = ON_UNAVAILABLE_NODE.find((one) => one === (value || 'warn'));
    if (known === undefined) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`on-unavailable-node\` is "${value}"; give fail, warn or ignore.`);
    }
    return known;
}
function parseTimeout(value) {
    const match = /^(\d{1,6})([smh]?)$/.exec(value === '' ? '10m' : value);
    const seconds = Number(match?.[1]) * SECONDS_IN[(match?.[2] || 's')];
    if (!(seconds > 0)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`timeout\` is "${value}"; give a number of seconds above 0, or a number with s, m or h, such as 10m.`);
    }
    return seconds;
}
function parseBytes(input, value) {
    const match = /^(\d{1,12})(|Ki|Mi|Gi)$/.exec(value);
    const bytes = Number(match?.[1]) * BYTES_IN[(match?.[2] ?? '')];
    if (!(bytes > 0)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`${input}\` is "${value}"; give a number of bytes above 0, or a number with Ki, Mi or Gi, such as 256Mi.`);
    }
    return bytes;
}
function parseCompressionInput(value) {
    return value === '' || value === 'auto' ? 'auto' : (0,_images_bytes_compression_js__WEBPACK_IMPORTED_MODULE_0__/* .parseCompression */ .Gd)(value);
}
function parseCarrier(value) {
    const match = /^(?:(auto|configmap|stream)|stream:(direct|api))$/.exec(value || 'auto');
    if (match === null) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`carrier\` is "${value}"; give auto, configmap, stream, stream:direct or stream:api.`);
    }
    const [, carrier = 'stream', way] = match;
    return { carrier, ...(way && { way }) };
}
function parseRoute(value) {
    if (!/^(?:auto|nodeport|hostport|hostnetwork|)$/.test(value)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`route\` is "${value}"; give auto, nodeport, hostport or hostnetwork.`);
    }
    return (value || 'auto');
}
function parseRewrite(value) {
    const known = REWRITE.find((one) => one === (value || 'auto'));
    if (known === undefined) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`rewrite\` is "${value}"; give auto, policy or none.`);
    }
    return known;
}
function parseRewriteNamespaces(value) {
    return (0,_lib_items_js__WEBPACK_IMPORTED_MODULE_3__/* .splitItems */ .b)(value).join(',');
}
function parsePlatforms(value) {
    const platforms = (0,_lib_items_js__WEBPACK_IMPORTED_MODULE_3__/* .splitItems */ .b)(value).flatMap((item) => item.split(/\s+/));
    const wrong = platforms.find((platform) => !/^linux\/[a-z0-9]+(\/[a-z0-9]+)?$/.test(platform));
    if (wrong !== undefined) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`platforms\` names "${wrong}"; give platforms such as linux/amd64 or linux/arm64.`);
    }
    return platforms;
}
function parseChunkSize(value) {
    const bytes = parseBytes('chunk-size', value);
    if (bytes < _lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .CHUNK_MIN_BYTES */ .jt || bytes > _lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .CONFIGMAP_MAX_BYTES */ .CD) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`chunk-size\` is "${value}"; a chunk has ${_lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .CHUNK_MIN_BYTES */ .jt / _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .KIB */ .nH}Ki to ${_lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .CONFIGMAP_MAX_BYTES */ .CD / _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .KIB */ .nH}Ki.`);
    }
    return bytes;
}
function parseConcurrency(value) {
    const count = /^\d{1,3}$/.test(value) ? Number(value) : 0;
    if (count < 1 || count > _lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .UPLOAD_CONCURRENCY_MAX */ .p0) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`concurrency\` is "${value}"; give a number from 1 to ${_lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .UPLOAD_CONCURRENCY_MAX */ .p0}.`);
    }
    return count;
}
function parseBoolean(input, value) {
    if (!/^(true|True|TRUE|false|False|FALSE|)$/.test(value)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`${input}\` is "${value}"; give true or false.`);
    }
    return value.toLowerCase() === 'true';
}
//# sourceMappingURL=input-values.js.map

/***/ }),

/***/ 1185:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  qY: () => (/* binding */ readConnectionInputs),
  Ko: () => (/* binding */ readInputs)
});

// UNUSED EXPORTS: workflowOf

// EXTERNAL MODULE: ./out/src/lib/files/paths.js
var paths = __webpack_require__(5993);
// EXTERNAL MODULE: ./out/src/host/input-values.js
var input_values = __webpack_require__(5631);
// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
// EXTERNAL MODULE: ./out/src/lib/items.js
var items = __webpack_require__(5837);
;// CONCATENATED MODULE: ./out/src/host/labels.js


const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const OWN = /^(app\.kubernetes\.io\/(managed-by|name)$|jackal-inject\.dev\/|pod-security\.kubernetes\.io\/|kubernetes\.io\/metadata\.name$|istio-injection$|istio\.io\/dataplane-mode$|sidecar\.istio\.io\/inject$|kuma\.io\/sidecar-injection$|zarf\.dev\/agent$|admission\.datadoghq\.com\/enabled$)/;
function isOwnLabel(key) {
    return OWN.test(key);
}
function parseLabels(value) {
    const labels = {};
    for (const item of (0,items/* splitItems */.b)(value)) {
        const [key, content] = parseLabel(item);
        if (labels[key] !== undefined && labels[key] !== content) {
            throw new errors/* ActionError */.lZ(`The input \`labels\` gives ${key} twice; give one value.`);
        }
        labels[key] = content;
    }
    return labels;
}
function parseLabel(line) {
    const at = line.indexOf('=');
    const [key, value] = [line.slice(0, Math.max(at, 0)).trim(), line.slice(at + 1).trim()];
    const slash = key.indexOf('/');
    const prefixed = slash < 0 || PREFIX.test(key.slice(0, slash));
    const fault = at < 0
        ? 'has no equals sign'
        : !prefixed || !NAME.test(key.slice(slash + 1))
            ? 'has a key that Kubernetes does not take'
            : value !== '' && !NAME.test(value)
                ? 'has a value that Kubernetes does not take'
                : isOwnLabel(key)
                    ? 'has a key that the action sets by itself'
                    : undefined;
    if (fault !== undefined) {
        throw new errors/* ActionError */.lZ(`The line "${line}" of the input \`labels\` ${fault}; give \`key=value\` with up to 63 letters, digits, dashes, underscores and dots, such as team=web.`);
    }
    return [key, value];
}
//# sourceMappingURL=labels.js.map
// EXTERNAL MODULE: ./out/src/host/runner.js
var runner = __webpack_require__(2440);
;// CONCATENATED MODULE: ./out/src/host/inputs.js




function readInputs() {
    const chunkSize = (0,runner/* inputOf */.wg)('chunk-size');
    const concurrency = (0,runner/* inputOf */.wg)('concurrency');
    const platforms = (0,runner/* inputOf */.wg)('platforms');
    const nodes = (0,runner/* inputOf */.wg)('nodes');
    const namespace = (0,runner/* inputOf */.wg)('namespace');
    const injector = (0,runner/* inputOf */.wg)('injector');
    const injectorImage = (0,runner/* inputOf */.wg)('injector-image');
    const release = (0,runner/* inputOf */.wg)('release');
    const command = (0,input_values/* parseCommand */.RM)((0,runner/* inputOf */.wg)('command'), release);
    const labels = (0,runner/* inputOf */.wg)('labels');
    const manifests = (0,runner/* inputOf */.wg)('manifests');
    const workflow = workflowOf(process.env);
    return {
        ...readConnectionInputs(),
        ...(chunkSize && { chunkSize: (0,input_values/* parseChunkSize */.Ud)(chunkSize) }),
        ...(concurrency && { concurrency: (0,input_values/* parseConcurrency */.nY)(concurrency) }),
        ...(platforms && { platforms: (0,input_values/* parsePlatforms */.qA)(platforms) }),
        ...(nodes && { nodes }),
        ...(namespace && { namespace: (0,input_values/* parseNamespace */.LM)(namespace) }),
        ...(injector && { injector: (0,paths/* atHome */.X6)(injector) }),
        ...(injectorImage && { injectorImage: (0,input_values/* parseInjectorImage */.h2)(injectorImage) }),
        ...(release && { release: (0,input_values/* parseRelease */.BC)(release) }),
        ...(labels && { labels: parseLabels(labels) }),
        ...(manifests && { manifests: (0,input_values/* parseManifests */.Ye)(manifests) }),
        ...(workflow && { workflow }),
        onUnavailableNode: (0,input_values/* parseOnUnavailableNode */.jx)((0,runner/* inputOf */.wg)('on-unavailable-node')),
        compression: (0,input_values/* parseCompressionInput */.QU)((0,runner/* inputOf */.wg)('compression')),
        carrier: (0,input_values/* parseCarrier */.yO)((0,runner/* inputOf */.wg)('carrier')),
        route: (0,input_values/* parseRoute */.ZG)((0,runner/* inputOf */.wg)('route')),
        allowMissingPlatforms: (0,input_values/* parseBoolean */.yG)('allow-missing-platforms', (0,runner/* inputOf */.wg)('allow-missing-platforms')),
        images: command === 'delete' ? [] : (0,input_values/* parseImages */.eb)((0,runner/* inputOf */.wg)('images')),
        keep: (0,input_values/* parseKeep */.xG)((0,runner/* inputOf */.wg)('keep')),
        command,
        rewrite: (0,input_values/* parseRewrite */.Oo)((0,runner/* inputOf */.wg)('rewrite')),
        rewriteNamespaces: (0,input_values/* parseRewriteNamespaces */.OG)((0,runner/* inputOf */.wg)('rewrite-namespaces')),
        timeout: (0,input_values/* parseTimeout */.ZZ)((0,runner/* inputOf */.wg)('timeout')),
        configMapBudget: (0,input_values/* parseBytes */.z_)('configmap-budget', (0,runner/* inputOf */.wg)('configmap-budget') || '64Mi'),
    };
}
function readConnectionInputs() {
    const kubeconfig = (0,runner/* inputOf */.wg)('kubeconfig');
    const context = (0,runner/* inputOf */.wg)('context');
    return { ...(kubeconfig && { kubeconfig }), ...(context && { context }) };
}
function workflowOf(env) {
    if (env.GITEA_ACTIONS || env.FORGEJO_ACTIONS) {
        return undefined;
    }
    const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT } = env;
    return GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID && GITHUB_RUN_ATTEMPT
        ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/attempts/${GITHUB_RUN_ATTEMPT}`
        : undefined;
}
//# sourceMappingURL=inputs.js.map

/***/ }),

/***/ 4757:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B: () => (/* binding */ removeOutputDirectory),
/* harmony export */   Z: () => (/* binding */ makeOutputDirectory)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9850);
/* harmony import */ var _runner_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2440);
/* harmony import */ var _state_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8905);





async function makeOutputDirectory() {
    const parent = (0,_runner_js__WEBPACK_IMPORTED_MODULE_2__/* .temporaryDirectory */ .De)();
    try {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdir)(parent, { recursive: true });
        const directory = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdtemp)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(parent, 'jackal-inject-'));
        (0,_state_js__WEBPACK_IMPORTED_MODULE_3__/* .saveOutputDirectory */ .Av)(directory);
        return directory;
    }
    catch (cause) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The directory ${parent} for the files of outputs cannot be written; set RUNNER_TEMP to one that can.`, { cause });
    }
}
async function removeOutputDirectory() {
    const directory = (0,_state_js__WEBPACK_IMPORTED_MODULE_3__/* .loadOutputDirectory */ .DY)();
    if (directory === undefined)
        return;
    try {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(directory, { recursive: true, force: true });
    }
    catch (error) {
        (0,_runner_js__WEBPACK_IMPORTED_MODULE_2__/* .warning */ .$e)(`The files of outputs in ${directory} could not be removed (${(0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .sentenceOf */ .$N)(error)}); delete them when nobody needs them any more.`);
    }
}
//# sourceMappingURL=output-directory.js.map

/***/ }),

/***/ 314:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Gd: () => (/* binding */ parseCompression),
/* harmony export */   P$: () => (/* binding */ encodingOf),
/* harmony export */   qD: () => (/* binding */ compressBlock)
/* harmony export */ });
/* harmony import */ var node_util__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7975);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8522);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9850);
/* harmony import */ var _zstd_frames_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(272);




const RANGES = { zstd: { least: 1, most: 22, usual: 3 }, gzip: { least: 1, most: 9, usual: 6 } };
function parseCompression(text) {
    const trimmed = text.trim();
    if (trimmed === 'none')
        return { method: 'none', level: 0 };
    const match = /^(zstd|gzip)(?::([0-9]{1,2}))?$/.exec(trimmed === '' ? 'zstd' : trimmed);
    if (match !== null) {
        const method = match[1];
        const range = RANGES[method];
        const level = match[2] === undefined ? range.usual : Number(match[2]);
        if (level >= range.least && level <= range.most)
            return { method, level };
    }
    throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_2__/* .ActionError */ .lZ(`The input compression is "${text}"; give zstd, zstd:1 to zstd:22, gzip, gzip:1 to gzip:9, or none.`);
}
const zstdBlock = (0,node_util__WEBPACK_IMPORTED_MODULE_0__.promisify)(node_zlib__WEBPACK_IMPORTED_MODULE_1__.zstdCompress);
const gzipBlock = (0,node_util__WEBPACK_IMPORTED_MODULE_0__.promisify)(node_zlib__WEBPACK_IMPORTED_MODULE_1__.gzip);
async function compressBlock(block, compression) {
    const chunkSize = block.length + (block.length >> 8) + 64 * 1024;
    if (compression.method === 'gzip') {
        return gzipBlock(block, { level: compression.level, chunkSize });
    }
    return zstdBlock(block, {
        chunkSize,
        params: { [node_zlib__WEBPACK_IMPORTED_MODULE_1__.constants.ZSTD_c_compressionLevel]: compression.level },
        pledgedSrcSize: block.length,
    });
}
function encodingOf(start) {
    if (start.length >= 2 && start[0] === 0x1f && start[1] === 0x8b)
        return 'gzip';
    return (0,_zstd_frames_js__WEBPACK_IMPORTED_MODULE_3__/* .isContentFrame */ .v_)(start) || (0,_zstd_frames_js__WEBPACK_IMPORTED_MODULE_3__/* .isSkippableFrame */ .XG)(start) ? 'zstd' : 'none';
}
//# sourceMappingURL=compression.js.map

/***/ }),

/***/ 272:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $Z: () => (/* binding */ windowBytesOf),
/* harmony export */   XG: () => (/* binding */ isSkippableFrame),
/* harmony export */   fM: () => (/* binding */ FRAME_HEADER_MAX_BYTES),
/* harmony export */   v_: () => (/* binding */ isContentFrame),
/* harmony export */   yQ: () => (/* binding */ FrameScanner)
/* harmony export */ });
function isContentFrame(start) {
    return start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528;
}
function isSkippableFrame(start) {
    return start.length >= 4 && (start.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50;
}
const FRAME_HEADER_MAX_BYTES = 18;
function windowBytesOf(start) {
    if (start.length < 6 || !isContentFrame(start))
        return 0;
    const descriptor = start.readUInt8(4);
    if ((descriptor & 0x20) === 0) {
        const window = start.readUInt8(5);
        const base = 2 ** (10 + (window >> 3));
        return base + (base / 8) * (window & 7);
    }
    const at = 5 + [0, 1, 2, 4][descriptor & 3];
    const length = [1, 2, 4, 8][descriptor >> 6];
    if (start.length < at + length)
        return 0;
    if (length === 8)
        return Number(start.readBigUInt64LE(at));
    return start.readUIntLE(at, length) + (length === 2 ? 256 : 0);
}
class FrameScanner {
    #state = 'magic';
    #gathered = Buffer.alloc(18);
    #have = 0;
    #want = 4;
    #passing = 0;
    #checksum = false;
    #last = false;
    scan(bytes) {
        let at = 0;
        while (at < bytes.length) {
            if (this.#passing > 0) {
                const passed = Math.min(this.#passing, bytes.length - at);
                this.#passing -= passed;
                at += passed;
            }
            else {
                const taken = bytes.copy(this.#gathered, this.#have, at, at + this.#want - this.#have);
                this.#have += taken;
                at += taken;
                if (this.#have < this.#want)
                    return -1;
                this.#have = 0;
                this.#step();
            }
            if (this.#passing === 0 && this.#last) {
                this.#last = false;
                this.#expect('magic', 4);
                return at;
            }
        }
        return -1;
    }
    #expect(state, want) {
        this.#state = state;
        this.#want = want;
    }
    #step() {
        const field = this.#gathered;
        if (this.#state === 'magic') {
            const skippable = isSkippableFrame(field);
            if (!skippable && !isContentFrame(field))
                throw new Error('not a zstd frame');
            if (skippable)
                this.#expect('skip-size', 4);
            else
                this.#expect('descriptor', 1);
        }
        else if (this.#state === 'skip-size') {
            this.#passing = field.readUInt32LE(0);
            this.#last = true;
        }
        else if (this.#state === 'descriptor') {
            const descriptor = field.readUInt8(0);
            const single = (descriptor & 0x20) !== 0;
            this.#checksum = (descriptor & 0x04) !== 0;
            const contentSize = [single ? 1 : 0, 2, 4, 8][descriptor >> 6];
            const dictionary = [0, 1, 2, 4][descriptor & 3];
            const rest = (single ? 0 : 1) + dictionary + contentSize;
            if (rest === 0)
                this.#expect('block', 3);
            else
                this.#expect('header', rest);
        }
        else if (this.#state === 'header') {
            this.#expect('block', 3);
        }
        else {
            const header = field.readUIntLE(0, 3);
            const kind = (header >> 1) & 3;
            if (kind === 3)
                throw new Error('reserved zstd block');
            this.#last = (header & 1) === 1;
            this.#passing = kind === 1 ? 1 : header >> 3;
            if (this.#last && this.#checksum)
                this.#passing += 4;
        }
    }
}
//# sourceMappingURL=zstd-frames.js.map

/***/ }),

/***/ 6349:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A_: () => (/* binding */ isReference),
/* harmony export */   F2: () => (/* binding */ parseReference),
/* harmony export */   Z6: () => (/* binding */ isRepository),
/* harmony export */   dz: () => (/* binding */ isTag),
/* harmony export */   fq: () => (/* binding */ fullName),
/* harmony export */   hG: () => (/* binding */ familiarName)
/* harmony export */ });
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9850);

const PATH_PART = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const DOMAIN = /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const NAME_MAX_LENGTH = 255;
function isTag(text) {
    return TAG.test(text);
}
function refuse(text, reason) {
    return new _lib_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ(`"${text}" is not an image reference: ${reason}; write it as [host[:port]/]path[:tag][@sha256:…].`);
}
function splitDomain(remainder) {
    const slash = remainder.indexOf('/');
    const first = slash < 0 ? '' : remainder.slice(0, slash);
    const isHost = first !== '' && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
    const domain = isHost ? first : 'docker.io';
    const path = isHost ? remainder.slice(slash + 1) : remainder;
    if (domain !== 'docker.io' && domain !== 'index.docker.io')
        return { domain, path };
    return { domain: 'docker.io', path: path.includes('/') ? path : `library/${path}` };
}
function parseReference(text) {
    const at = text.indexOf('@');
    const digest = at < 0 ? undefined : text.slice(at + 1);
    let rest = at < 0 ? text : text.slice(0, at);
    if (digest !== undefined && !DIGEST.test(digest))
        throw refuse(text, 'the digest is malformed');
    const colon = rest.lastIndexOf(':');
    let tag;
    if (colon > rest.lastIndexOf('/')) {
        tag = rest.slice(colon + 1);
        rest = rest.slice(0, colon);
        if (!TAG.test(tag))
            throw refuse(text, `"${tag}" is not a tag`);
    }
    if (rest === '')
        throw refuse(text, 'the name is empty');
    if (/^[0-9a-f]{64}$/.test(rest))
        throw refuse(text, '64 hex digits alone are an image ID');
    const { domain, path } = splitDomain(rest);
    if (!DOMAIN.test(domain))
        throw refuse(text, `"${domain}" is not a registry host`);
    const wrong = path.split('/').find((part) => !PATH_PART.test(part));
    if (wrong !== undefined) {
        const lower = PATH_PART.test(wrong.toLowerCase());
        throw refuse(text, lower ? 'the repository must be lower case' : `"${wrong}" is not a repository name`);
    }
    const name = `${domain}/${path}`;
    if (name.length > NAME_MAX_LENGTH)
        throw refuse(text, 'the name has more than 255 characters');
    return {
        domain,
        path,
        name,
        ...(tag === undefined ? {} : { tag }),
        ...(digest === undefined ? {} : { digest }),
    };
}
function isReference(text) {
    try {
        parseReference(text);
        return true;
    }
    catch {
        return false;
    }
}
function isRepository(path) {
    return path.length <= NAME_MAX_LENGTH && path.split('/').every((part) => PATH_PART.test(part));
}
function fullName({ name, tag, nameDigest }) {
    if (tag !== undefined)
        return `${name}:${tag}`;
    return nameDigest === undefined ? name : `${name}@${nameDigest}`;
}
function familiarName(image) {
    return fullName(image).replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, '');
}
//# sourceMappingURL=reference.js.map

/***/ }),

/***/ 5077:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   HB: () => (/* binding */ unreachable),
/* harmony export */   V$: () => (/* binding */ foreign),
/* harmony export */   Zh: () => (/* binding */ isFault),
/* harmony export */   dR: () => (/* binding */ isFinal),
/* harmony export */   g5: () => (/* binding */ failureOf),
/* harmony export */   hD: () => (/* binding */ ApiError),
/* harmony export */   nH: () => (/* binding */ ifAnswered)
/* harmony export */ });
/* unused harmony export apiErrorOf */
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9850);
/* harmony import */ var _fault_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3359);
/* harmony import */ var _way_trust_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7793);



class ApiError extends _lib_errors_js__WEBPACK_IMPORTED_MODULE_2__/* .ActionError */ .lZ {
    name = 'ApiError';
    fault;
    status;
    reason;
    attempts;
    words;
    denied;
    constructor(sentence, facts, options) {
        super(sentence, options);
        this.fault = facts.fault;
        this.status = facts.status;
        this.reason = facts.reason ?? '';
        this.attempts = facts.attempts ?? 1;
        this.words = facts.words ?? '';
        this.denied = facts.denied;
    }
}
function isFault(thrown, ...faults) {
    return thrown instanceof ApiError && faults.includes(thrown.fault);
}
async function ifAnswered(question, signal) {
    try {
        return await question;
    }
    catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ApiError) {
            return undefined;
        }
        throw error;
    }
}
const FINAL = ['space', 'no-port', 'too-large', 'policy', 'gone', 'foreign'];
function isFinal(thrown) {
    return isFault(thrown, ...FINAL);
}
function failureOf(asked, answer, accept = '') {
    const { status, headers, body } = answer;
    if (status >= 300) {
        return apiErrorOf(asked, status, body);
    }
    const unasked = !accept.includes('text/html') && (0,_fault_js__WEBPACK_IMPORTED_MODULE_0__/* .isPage */ .yp)(headers['content-type'], body);
    return unasked ? foreign(asked, status) : undefined;
}
function apiErrorOf(asked, status, body) {
    if ((0,_fault_js__WEBPACK_IMPORTED_MODULE_0__/* .isForeign */ .jq)(status, body)) {
        return foreign(asked, status);
    }
    const { reason, message } = (0,_fault_js__WEBPACK_IMPORTED_MODULE_0__/* .statusOf */ .c2)(body);
    const denied = (0,_fault_js__WEBPACK_IMPORTED_MODULE_0__/* .deniedIn */ .Zu)(message);
    const fault = (0,_fault_js__WEBPACK_IMPORTED_MODULE_0__/* .faultOf */ .Kl)(status, reason, message, denied);
    return new ApiError(sentence(fault, asked, status, message, denied), {
        fault,
        status,
        reason,
        words: message,
        attempts: asked.attempts,
        denied,
    });
}
function foreign({ server, method, path, attempts }, status) {
    return new ApiError(`Something else than a Kubernetes API server answered ${method} ${path} at ${server}, such as the page of a proxy or a login (status ${status}); check the address in the kubeconfig and the proxies on the way to it.`, { fault: 'foreign', status, attempts });
}
function unreachable(asked, cause) {
    const distrust = (0,_way_trust_js__WEBPACK_IMPORTED_MODULE_1__/* .distrustIn */ .yG)(cause);
    return new ApiError(distrust !== undefined
        ? `The certificate of the API server at ${asked.server} is not trusted (${distrust}); see \`certificate-authority-data\` and \`tls-server-name\` in the kubeconfig, and this machine's clock.`
        : `The API server at ${asked.server} cannot be reached (${wordsOf(cause)}); check the address in the kubeconfig and the network between this machine and the cluster.`, { fault: 'unreachable', status: 0, attempts: asked.attempts }, { cause });
}
function wordsOf(cause) {
    const { message, code } = cause;
    return message || code || String(cause);
}
function sentence(fault, { server, method, path }, status, message, denied) {
    const said = message === '' ? `HTTP ${status}` : message.replace(/[.\s]+$/, '');
    switch (fault) {
        case 'credentials':
            return `The API server at ${server} refused the kubeconfig's credentials (${status === 401 ? '401 Unauthorized' : 'it sees an anonymous user'}); use a kubeconfig whose user is valid and has not expired.`;
        case 'permission':
            return `${permissionWords(denied)}; grant it with a Role or ClusterRole, as the README's section on permissions shows.`;
        case 'terminating':
            return `The namespace is being deleted and takes nothing new (${said}); wait until it is gone or use another namespace.`;
        case 'quota':
            return `A ResourceQuota forbids what this run needs (${said}); raise the quota or use another namespace.`;
        case 'policy':
            return `The cluster's admission refused the request ${method} ${path} (${said}); change the policy or use another namespace.`;
        case 'webhook':
            return `The cluster's admission webhook "${(0,_fault_js__WEBPACK_IMPORTED_MODULE_0__/* .webhookIn */ .$P)(message)}" failed, so the request ${method} ${path} was refused (${said}); mend the webhook or except the namespace from it.`;
        case 'space':
            return `The cluster's etcd has no space left (${said}), so nothing can be written to the cluster; an operator has to compact and defragment etcd and disarm its alarm.`;
        case 'no-port':
            return `The cluster has no node port left (${said}), so there can be no Service of type NodePort; set the input \`route\` to auto, delete Services of type NodePort or LoadBalancer that nobody needs, or have the API server's --service-node-port-range widened.`;
        case 'too-large':
            return `The API server, or a proxy in front of it, refused a request as too large (${said}); set the input \`chunk-size\` to a smaller value.`;
        case 'busy':
            return `The API server at ${server} was too busy for ${method} ${path} until the end of our patience (${said}); try again when the control plane has less to do.`;
        default:
            return `The API server at ${server} answered ${method} ${path} with ${status}: ${said}.`;
    }
}
function permissionWords(denied) {
    if (denied === undefined) {
        return "The kubeconfig's user lacks a permission";
    }
    const { user, verb, resource, group, namespace } = denied;
    const what = group === '' ? resource : `${resource}.${group}`;
    const where = namespace === undefined ? 'in the cluster' : `in the namespace "${namespace}"`;
    return `The user "${user}" may not ${verb} ${what} ${where}`;
}
//# sourceMappingURL=error.js.map

/***/ }),

/***/ 3359:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $P: () => (/* binding */ webhookIn),
/* harmony export */   Eh: () => (/* binding */ isUncounted),
/* harmony export */   Kl: () => (/* binding */ faultOf),
/* harmony export */   Zu: () => (/* binding */ deniedIn),
/* harmony export */   c2: () => (/* binding */ statusOf),
/* harmony export */   jq: () => (/* binding */ isForeign),
/* harmony export */   yp: () => (/* binding */ isPage)
/* harmony export */ });
function statusOf(body) {
    const text = body.toString('utf8');
    try {
        const { reason, message } = JSON.parse(text);
        return { reason: String(reason ?? ''), message: String(message ?? '') };
    }
    catch {
        return { reason: '', message: text.replaceAll(/\s+/g, ' ').trim().slice(0, 300) };
    }
}
const RBAC_DENIAL = /User "(?<user>[^"]*)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/;
function deniedIn(message) {
    const found = RBAC_DENIAL.exec(message)?.groups;
    if (found === undefined) {
        return undefined;
    }
    const { user = '', verb = '', resource = '', group = '', namespace } = found;
    return { user, verb, resource, group, ...(namespace && { namespace }) };
}
const PLAIN_STATUS = new Set([401, 408, 413, 429]);
function isForeign(status, body) {
    if (status >= 500 || PLAIN_STATUS.has(status)) {
        return false;
    }
    return status < 400 || isPage(undefined, body);
}
function isPage(contentType, body) {
    if (contentType !== undefined) {
        return /^(text\/html|application\/xhtml)/i.test(contentType.trim());
    }
    return /^\s*</.test(body.subarray(0, 100).toString('latin1'));
}
const FAILING_WEBHOOK = /failed calling (?:admission )?webhook "(?<name>[^"]+)"/;
function webhookIn(message) {
    return FAILING_WEBHOOK.exec(message)?.groups?.name;
}
const REFUSED_BY_POLICY = /admission webhook "[^"]+" denied the request|AdmissionPolicy '[^']+' with binding '[^']+' denied request/;
const NO_SPACE = /database space exceeded|storage quota (?:exceeded|has been reached)/;
const NO_NODE_PORT = /failed to allocate a nodePort: range is full/;
const NOT_READY = /is forbidden: not yet ready to handle request/;
const UNCOUNTED = /status unknown for quota: /;
function isUncounted(message) {
    return UNCOUNTED.test(message);
}
function faultOf(status, reason, message, denied) {
    if (webhookIn(message) !== undefined) {
        return 'webhook';
    }
    if (REFUSED_BY_POLICY.test(message)) {
        return 'policy';
    }
    if (NO_SPACE.test(message)) {
        return 'space';
    }
    if (NO_NODE_PORT.test(message)) {
        return 'no-port';
    }
    if (NOT_READY.test(message) || /etcdserver: throttle|too many requests/i.test(message)) {
        return 'busy';
    }
    if (status === 413 || /request is too large|trying to send message larger/.test(message)) {
        return 'too-large';
    }
    if (reason === 'Expired' || /too large resource version/i.test(message)) {
        return 'gone';
    }
    if (status === 401 || denied?.user === 'system:anonymous') {
        return 'credentials';
    }
    if (status === 403) {
        return forbiddenFault(message, denied);
    }
    if (status === 409) {
        return reason === 'AlreadyExists' || /already exists/.test(message) ? 'exists' : 'conflict';
    }
    return BY_STATUS[status] ?? 'other';
}
const BY_STATUS = {
    404: 'not-found',
    408: 'busy',
    410: 'gone',
    429: 'busy',
    503: 'busy',
    504: 'busy',
};
function forbiddenFault(message, denied) {
    if (denied !== undefined) {
        return 'permission';
    }
    if (/because it is being terminated/.test(message)) {
        return 'terminating';
    }
    const isOfQuota = /exceeded quota|failed quota/.test(message) || isUncounted(message);
    return isOfQuota ? 'quota' : 'policy';
}
//# sourceMappingURL=fault.js.map

/***/ }),

/***/ 7793:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   AS: () => (/* binding */ secureContextOf),
/* harmony export */   V2: () => (/* binding */ unvouchedIn),
/* harmony export */   yG: () => (/* binding */ distrustIn),
/* harmony export */   zX: () => (/* binding */ VERIFIED)
/* harmony export */ });
/* harmony import */ var node_tls__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1692);

const VERIFIED = { rejectUnauthorized: true };
let machine;
function machineAuthorities() {
    machine ??= [
        ...new Set([...node_tls__WEBPACK_IMPORTED_MODULE_0__.getCACertificates('default'), ...node_tls__WEBPACK_IMPORTED_MODULE_0__.getCACertificates('system')]),
    ];
    return machine;
}
const VERDICTS = /^(?:CERT_|UNABLE_TO_|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)|SELF_SIGNED_CERT/;
function distrustIn(error) {
    const { code = '', message } = error;
    return VERDICTS.test(code) ? message.replace(/; if the root CA .*/, '') : undefined;
}
function unvouchedIn(error) {
    const distrust = distrustIn(error);
    return (distrust &&
        `certificate is not trusted: ${distrust}; NODE_EXTRA_CA_CERTS may name its authority`);
}
function secureContextOf({ ca, cert, key, rejectUnauthorized }) {
    const authorities = ca ?? (rejectUnauthorized === false ? undefined : [...machineAuthorities()]);
    return node_tls__WEBPACK_IMPORTED_MODULE_0__.createSecureContext({
        ...(authorities && { ca: authorities }),
        ...(cert && { cert }),
        ...(key && { key }),
        allowPartialTrustChain: true,
    });
}
//# sourceMappingURL=trust.js.map

/***/ }),

/***/ 5837:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   T: () => (/* binding */ quoted),
/* harmony export */   b: () => (/* binding */ splitItems)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9850);

const QUOTED = /^(["'])((?:\1\1|(?!\1).)*)\1(?!\1)/;
function splitItems(text) {
    const items = text.split(/\r\n|\r|\n/).flatMap(itemsOf);
    return items.map((item) => item.trim()).filter((item) => item !== '');
}
function quoted(item) {
    return `"${item.replaceAll('"', '""')}"`;
}
function itemsOf(line) {
    const items = [];
    let item = '';
    let braces = 0;
    for (let rest = line; rest !== '';) {
        const character = rest[0];
        if (/["']/.test(character) && item.trim() === '') {
            const [whole, quote = '', inner = ''] = QUOTED.exec(rest) ?? [];
            if (whole === undefined)
                throw unclosed(line);
            item = inner.replaceAll(quote + quote, quote);
            rest = rest.slice(whole.length);
            continue;
        }
        if (character === '#' && !/\S$/.test(item))
            break;
        if (character === '{')
            braces++;
        if (character === '}')
            braces--;
        rest = rest.slice(1);
        if (character === ',' && braces <= 0) {
            items.push(item);
            item = '';
        }
        else {
            item += character;
        }
    }
    return [...items, item];
}
function unclosed(line) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ(`The line "${line.trim()}" of a list has a quote that it does not close; close it, or put the whole item into other quotes.`);
}
//# sourceMappingURL=items.js.map

/***/ }),

/***/ 8373:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $9: () => (/* binding */ SPEED_ROUNDS_MAX),
/* harmony export */   C5: () => (/* binding */ UPLOAD_ROUNDS_FIRST_CHECK),
/* harmony export */   CD: () => (/* binding */ CONFIGMAP_MAX_BYTES),
/* harmony export */   Co: () => (/* binding */ SLOW_CREATE_MILLISECONDS),
/* harmony export */   Dl: () => (/* binding */ CHUNK_STEP_BYTES),
/* harmony export */   EC: () => (/* binding */ CHUNK_BYTES),
/* harmony export */   Eh: () => (/* binding */ UPLOAD_AMPLE_FACTOR),
/* harmony export */   F2: () => (/* binding */ KUBELET_PORT),
/* harmony export */   Gl: () => (/* binding */ ROUTE_OPEN_MILLISECONDS),
/* harmony export */   HB: () => (/* binding */ CATALOG_MAX_BYTES),
/* harmony export */   Kt: () => (/* binding */ REST_VAIN),
/* harmony export */   Le: () => (/* binding */ UPLOAD_ROUND_ALONE),
/* harmony export */   Mt: () => (/* binding */ AMPLE_BYTES_PER_MILLISECOND),
/* harmony export */   Ob: () => (/* binding */ STREAM_FROM_BYTES),
/* harmony export */   QB: () => (/* binding */ DATABASE_ASK_SECONDS),
/* harmony export */   Qc: () => (/* binding */ EARLY_FACTOR),
/* harmony export */   RE: () => (/* binding */ PROGRESS_MILLISECONDS),
/* harmony export */   Rs: () => (/* binding */ SPEED_SLOW_BYTES_PER_SECOND),
/* harmony export */   S9: () => (/* binding */ STARVED_BYTES_PER_MILLISECOND),
/* harmony export */   SM: () => (/* binding */ SPEED_ROUNDS),
/* harmony export */   Sr: () => (/* binding */ REST_WEARY),
/* harmony export */   TP: () => (/* binding */ SPEED_PROBE_BYTES),
/* harmony export */   Vh: () => (/* binding */ PARCEL_CONTENT_MAX_BYTES),
/* harmony export */   W0: () => (/* binding */ CATALOG_PART_BYTES),
/* harmony export */   XR: () => (/* binding */ STREAM_FROM_MILLISECONDS),
/* harmony export */   YU: () => (/* binding */ CPU_PERIOD_MILLISECONDS),
/* harmony export */   Zn: () => (/* binding */ REACH_MILLISECONDS),
/* harmony export */   fs: () => (/* binding */ EARLY_POD_MILLISECONDS),
/* harmony export */   iL: () => (/* binding */ REST_EASE),
/* harmony export */   jS: () => (/* binding */ COMPRESS_NEAR_BELOW_BYTES_PER_SECOND),
/* harmony export */   jt: () => (/* binding */ CHUNK_MIN_BYTES),
/* harmony export */   kd: () => (/* binding */ COMPRESS_BELOW_BYTES_PER_SECOND),
/* harmony export */   kw: () => (/* binding */ UPLOAD_ROUND_TOGETHER),
/* harmony export */   lS: () => (/* binding */ DATABASE_MAX_BYTES),
/* harmony export */   lh: () => (/* binding */ REACH_NODES_MAX),
/* harmony export */   mm: () => (/* binding */ UPLOAD_LONE_EASE),
/* harmony export */   n2: () => (/* binding */ UPLOAD_ROUNDS_CHECK),
/* harmony export */   ne: () => (/* binding */ CONFIGMAPS_PER_RUN_MAX),
/* harmony export */   p0: () => (/* binding */ UPLOAD_CONCURRENCY_MAX),
/* harmony export */   rB: () => (/* binding */ SPEED_AGREED_FACTOR),
/* harmony export */   sG: () => (/* binding */ UPLOAD_GAIN_KEEP),
/* harmony export */   sr: () => (/* binding */ UPLOAD_ROUNDS_STARVED),
/* harmony export */   sz: () => (/* binding */ UPLOAD_GAIN_CLEAR),
/* harmony export */   t9: () => (/* binding */ UPLOAD_CONCURRENCY_START),
/* harmony export */   u2: () => (/* binding */ SPEED_ASKED_FROM_BYTES),
/* harmony export */   u5: () => (/* binding */ UPLOAD_ROUNDS_CONTENT),
/* harmony export */   wW: () => (/* binding */ SPEED_SURELY_SLOW_BYTES_PER_SECOND),
/* harmony export */   wj: () => (/* binding */ UPLOAD_GAIN_GROW),
/* harmony export */   xC: () => (/* binding */ STALL_FACTOR)
/* harmony export */ });
/* harmony import */ var _units_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1589);

const CONFIGMAP_MAX_BYTES = _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const CATALOG_MAX_BYTES = 8 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const CATALOG_PART_BYTES = 512 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const CHUNK_BYTES = 768 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const STREAM_FROM_BYTES = 16 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const STREAM_FROM_MILLISECONDS = 500;
const PARCEL_CONTENT_MAX_BYTES = 32 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const EARLY_FACTOR = 2;
const REACH_MILLISECONDS = 300;
const ROUTE_OPEN_MILLISECONDS = 1_000;
const EARLY_POD_MILLISECONDS = 450;
const REACH_NODES_MAX = 3;
const KUBELET_PORT = 10250;
const SPEED_PROBE_BYTES = 512 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const SPEED_ROUNDS = 2;
const SPEED_ROUNDS_MAX = 5;
const SPEED_AGREED_FACTOR = 1.25;
const SPEED_ASKED_FROM_BYTES = 2 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const COMPRESS_BELOW_BYTES_PER_SECOND = 50e6;
const COMPRESS_NEAR_BELOW_BYTES_PER_SECOND = 16e6;
const SPEED_SLOW_BYTES_PER_SECOND = COMPRESS_NEAR_BELOW_BYTES_PER_SECOND;
const SPEED_SURELY_SLOW_BYTES_PER_SECOND = SPEED_SLOW_BYTES_PER_SECOND / 4;
const UPLOAD_CONCURRENCY_START = 4;
const UPLOAD_CONCURRENCY_MAX = 16;
const UPLOAD_GAIN_GROW = 0.1;
const UPLOAD_GAIN_KEEP = 0.05;
const UPLOAD_GAIN_CLEAR = 0.5;
const AMPLE_BYTES_PER_MILLISECOND = 16_000;
const UPLOAD_AMPLE_FACTOR = 4;
const UPLOAD_ROUND_ALONE = 2;
const UPLOAD_ROUND_TOGETHER = 4;
const UPLOAD_ROUNDS_FIRST_CHECK = 6;
const UPLOAD_ROUNDS_CHECK = 25;
const UPLOAD_ROUNDS_CONTENT = 8;
const UPLOAD_ROUNDS_STARVED = 3;
const UPLOAD_LONE_EASE = 1.1;
const STARVED_BYTES_PER_MILLISECOND = 4_000;
const STALL_FACTOR = 3;
const CPU_PERIOD_MILLISECONDS = 100;
const REST_EASE = 0.97;
const REST_VAIN = 16;
const REST_WEARY = 64;
const SLOW_CREATE_MILLISECONDS = 2_000;
const CHUNK_MIN_BYTES = 128 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const CHUNK_STEP_BYTES = 64 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
const PROGRESS_MILLISECONDS = 1_000;
const CONFIGMAPS_PER_RUN_MAX = 1_000;
const DATABASE_MAX_BYTES = 1.5 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .GIB */ .j9;
const DATABASE_ASK_SECONDS = 5;
//# sourceMappingURL=carriers.js.map

/***/ }),

/***/ 3751:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bg: () => (/* binding */ CONTROLLER_END_SECONDS),
/* harmony export */   Bn: () => (/* binding */ REGISTRY_CRASHES_MAX),
/* harmony export */   DT: () => (/* binding */ NODE_SIGN_SECONDS),
/* harmony export */   ED: () => (/* binding */ READY_PATIENCE_SECONDS),
/* harmony export */   F3: () => (/* binding */ NODE_TURN_SECONDS),
/* harmony export */   H$: () => (/* binding */ DELIVERIES_PER_STEP_MAX),
/* harmony export */   HB: () => (/* binding */ REGISTRY_LOSSES_MAX),
/* harmony export */   HJ: () => (/* binding */ NODE_TELLS_WITHIN_MS),
/* harmony export */   Hr: () => (/* binding */ CLEANUP_TIMEOUT_SECONDS),
/* harmony export */   K9: () => (/* binding */ REGISTRY_BASES_MAX),
/* harmony export */   KH: () => (/* binding */ REMOVE_DEAD_SECONDS),
/* harmony export */   L9: () => (/* binding */ VOLUME_PERCENT),
/* harmony export */   P2: () => (/* binding */ RUN_LEASE_RENEW_SECONDS),
/* harmony export */   Qz: () => (/* binding */ PROOF_DELETIONS_MAX),
/* harmony export */   Ri: () => (/* binding */ REGISTRY_STORE_OVERHEAD_BYTES),
/* harmony export */   TA: () => (/* binding */ NODE_LOOK_SECONDS),
/* harmony export */   TM: () => (/* binding */ PROOF_NODES_REMEMBERED_MAX),
/* harmony export */   Uh: () => (/* binding */ VOLUME_OVERHEAD_BYTES),
/* harmony export */   WV: () => (/* binding */ RUN_LIFETIME_SECONDS),
/* harmony export */   WW: () => (/* binding */ WARNINGS_ASK_SECONDS),
/* harmony export */   Wk: () => (/* binding */ POD_WRITES_MAX),
/* harmony export */   Wq: () => (/* binding */ NAMESPACE_GONE_SECONDS),
/* harmony export */   ZK: () => (/* binding */ VOLUME_LEAST_BYTES),
/* harmony export */   _g: () => (/* binding */ INJECTOR_MAX_BYTES),
/* harmony export */   aF: () => (/* binding */ REMOVE_DEAD_PHASE_SECONDS),
/* harmony export */   bs: () => (/* binding */ SERVICE_CHANGE_SECONDS),
/* harmony export */   cv: () => (/* binding */ FIRST_NODE_SECONDS),
/* harmony export */   d$: () => (/* binding */ NAMESPACE_FILLED_SECONDS),
/* harmony export */   d3: () => (/* binding */ VOLUME_COMES_SECONDS),
/* harmony export */   fH: () => (/* binding */ RUN_LEASE_SECONDS),
/* harmony export */   gK: () => (/* binding */ REMOVE_PROBE_SECONDS),
/* harmony export */   gb: () => (/* binding */ PROOF_RETRIES),
/* harmony export */   iI: () => (/* binding */ KUBELET_TAKES_SECONDS),
/* harmony export */   ir: () => (/* binding */ POD_STARTS_SECONDS),
/* harmony export */   ix: () => (/* binding */ ROUTE_PATIENCE_SECONDS),
/* harmony export */   lR: () => (/* binding */ POD_STARTS_LATE_SECONDS),
/* harmony export */   mS: () => (/* binding */ NODE_TELLS_IMAGES_MAX),
/* harmony export */   mY: () => (/* binding */ PROOFS_REMEMBERED_MAX),
/* harmony export */   p0: () => (/* binding */ POD_END_MILLISECONDS),
/* harmony export */   pP: () => (/* binding */ NODES_AT_ONCE_MAX),
/* harmony export */   re: () => (/* binding */ REMOVE_PHASE_SECONDS),
/* harmony export */   tu: () => (/* binding */ NODES_PULLING_MAX),
/* harmony export */   zd: () => (/* binding */ NODES_NAMED_MAX)
/* harmony export */ });
/* harmony import */ var _carriers_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8373);
/* harmony import */ var _units_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1589);


const INJECTOR_MAX_BYTES = _carriers_js__WEBPACK_IMPORTED_MODULE_0__/* .CONFIGMAP_MAX_BYTES */ .CD;
const RUN_LIFETIME_SECONDS = 6 * 3600;
const RUN_LEASE_SECONDS = 300;
const RUN_LEASE_RENEW_SECONDS = 60;
const REGISTRY_BASES_MAX = 6;
const REGISTRY_CRASHES_MAX = 3;
const REGISTRY_LOSSES_MAX = 1;
const SERVICE_CHANGE_SECONDS = 5;
const DELIVERIES_PER_STEP_MAX = 8;
const REGISTRY_STORE_OVERHEAD_BYTES = 16 * _units_js__WEBPACK_IMPORTED_MODULE_1__/* .MIB */ .D6;
const VOLUME_PERCENT = 110;
const VOLUME_OVERHEAD_BYTES = 64 * _units_js__WEBPACK_IMPORTED_MODULE_1__/* .MIB */ .D6;
const VOLUME_LEAST_BYTES = 1024 * _units_js__WEBPACK_IMPORTED_MODULE_1__/* .MIB */ .D6;
const VOLUME_COMES_SECONDS = 120;
const ROUTE_PATIENCE_SECONDS = 60;
const NODE_LOOK_SECONDS = 5;
const NODE_SIGN_SECONDS = 15;
const KUBELET_TAKES_SECONDS = 20;
const POD_STARTS_SECONDS = 60;
const POD_STARTS_LATE_SECONDS = 180;
const NODES_AT_ONCE_MAX = 4;
const NODES_PULLING_MAX = 32;
const NODE_TURN_SECONDS = 30;
const NODE_TELLS_IMAGES_MAX = 50;
const NODE_TELLS_WITHIN_MS = 60_000;
const PROOFS_REMEMBERED_MAX = 200;
const PROOF_NODES_REMEMBERED_MAX = 1000;
const NODES_NAMED_MAX = 10;
const FIRST_NODE_SECONDS = 5;
const POD_WRITES_MAX = 16;
const READY_PATIENCE_SECONDS = 15;
const PROOF_RETRIES = 1;
const PROOF_DELETIONS_MAX = 5;
const CLEANUP_TIMEOUT_SECONDS = 120;
const REMOVE_PHASE_SECONDS = 28;
const REMOVE_PROBE_SECONDS = 2;
const POD_END_MILLISECONDS = 300;
const CONTROLLER_END_SECONDS = 5;
const REMOVE_DEAD_PHASE_SECONDS = 20;
const REMOVE_DEAD_SECONDS = 60;
const NAMESPACE_FILLED_SECONDS = 1;
const NAMESPACE_GONE_SECONDS = 60;
const WARNINGS_ASK_SECONDS = 2;
//# sourceMappingURL=run.js.map

/***/ }),

/***/ 6754:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B: () => (/* binding */ sha256Of)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);

function sha256Of(content) {
    return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(content).digest('hex');
}
//# sourceMappingURL=sha256.js.map

/***/ }),

/***/ 182:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $I: () => (/* binding */ ownsNamespace),
/* harmony export */   Bk: () => (/* binding */ selectorOf),
/* harmony export */   C2: () => (/* binding */ REHEARSED),
/* harmony export */   Gl: () => (/* binding */ firstOfStep),
/* harmony export */   Kf: () => (/* binding */ MANAGED_BY),
/* harmony export */   M$: () => (/* binding */ ofDelivery),
/* harmony export */   MT: () => (/* binding */ prefixOf),
/* harmony export */   PC: () => (/* binding */ labelsOf),
/* harmony export */   Pk: () => (/* binding */ isRunId),
/* harmony export */   Vb: () => (/* binding */ nameOf),
/* harmony export */   X8: () => (/* binding */ removalAdvice),
/* harmony export */   ZW: () => (/* binding */ isFirst),
/* harmony export */   dS: () => (/* binding */ labelsFor),
/* harmony export */   e2: () => (/* binding */ knownDeliveries),
/* harmony export */   eg: () => (/* binding */ ROLE_LABEL),
/* harmony export */   em: () => (/* binding */ hasHadPods),
/* harmony export */   iv: () => (/* binding */ DAEMONSET_LABEL),
/* harmony export */   jQ: () => (/* binding */ RUN_LABEL),
/* harmony export */   l5: () => (/* binding */ RELEASE_LABEL),
/* harmony export */   lT: () => (/* binding */ MANAGED_BY_LABEL),
/* harmony export */   lq: () => (/* binding */ otherDeliveries),
/* harmony export */   uH: () => (/* binding */ newRun),
/* harmony export */   wr: () => (/* binding */ DELIVERY_LABEL)
/* harmony export */ });
/* unused harmony export releaseId */
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3751);
/* harmony import */ var _lib_sha256_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6754);



const MANAGED_BY = 'jackal-inject';
const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
const NAME_LABEL = 'app.kubernetes.io/name';
const RUN_LABEL = 'jackal-inject.dev/run';
const ROLE_LABEL = 'jackal-inject.dev/role';
const DELIVERY_LABEL = 'jackal-inject.dev/delivery';
const RELEASE_LABEL = 'jackal-inject.dev/release';
const DAEMONSET_LABEL = 'jackal-inject.dev/daemonset';
function firstOfStep(delivery) {
    return delivery - (delivery % _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .DELIVERIES_PER_STEP_MAX */ .H$);
}
function isFirst({ delivery, firstDelivery = 0 }) {
    return delivery === firstDelivery;
}
function hasHadPods(delivery) {
    return !isFirst(delivery) || delivery.release !== undefined;
}
function newRun({ namespace, workflow, labels, release } = {}) {
    const id = release === undefined ? (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(4).toString('hex') : releaseId(release, namespace);
    const secret = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(16).toString('hex');
    const token = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(32).toString('hex');
    const place = { id, namespace: namespace ?? nameOf.namespace(id) };
    const holder = release === undefined ? MANAGED_BY : `${MANAGED_BY}-${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(4).toString('hex')}`;
    return { ...place, secret, token, workflow, labels, release, holder };
}
function releaseId(name, namespace = '') {
    return (0,_lib_sha256_js__WEBPACK_IMPORTED_MODULE_2__/* .sha256Of */ .B)(`${namespace}/${name}`).slice(0, 8);
}
const isRunId = (id) => /^[0-9a-f]{8}$/.test(id);
function ownsNamespace({ id, namespace }) {
    return namespace === nameOf.namespace(id);
}
function labelsFor(run, role) {
    const { id, labels, release, delivery } = run;
    return {
        ...labels,
        [NAME_LABEL]: MANAGED_BY,
        ...labelsOf(id, role),
        ...(release !== undefined && { [RELEASE_LABEL]: release }),
        ...(release !== undefined && delivery !== undefined && { [DELIVERY_LABEL]: String(delivery) }),
    };
}
function labelsOf(runId, role) {
    return { [MANAGED_BY_LABEL]: MANAGED_BY, [RUN_LABEL]: runId, [ROLE_LABEL]: role };
}
function selectorOf(runId, role) {
    const run = `${MANAGED_BY_LABEL}=${MANAGED_BY},${RUN_LABEL}=${runId}`;
    return role === undefined ? run : `${run},${ROLE_LABEL}=${role}`;
}
function ofDelivery({ id, delivery }, role) {
    return `${selectorOf(id, role)},${DELIVERY_LABEL}=${delivery}`;
}
function otherDeliveries(runId, delivery) {
    return `${selectorOf(runId)},${DELIVERY_LABEL},${DELIVERY_LABEL}!=${delivery}`;
}
function knownDeliveries({ id, firstDelivery = 0, kept }, staying) {
    const own = Array.from({ length: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .DELIVERIES_PER_STEP_MAX */ .H$ }, (_, n) => firstDelivery + n);
    const numbers = [kept?.delivery ?? firstDelivery, ...own].filter((one) => one !== staying);
    return `${selectorOf(id)},${DELIVERY_LABEL} in (${numbers})`;
}
function removalAdvice(run) {
    if (run.release !== undefined) {
        return `The next step with the release "${run.release}" takes the rest away.`;
    }
    const policy = run.policy ? 'mutatingadmissionpolicybindings,mutatingadmissionpolicies,' : '';
    const command = ownsNamespace(run) && !run.isShared
        ? `kubectl delete namespace ${run.namespace}`
        : `kubectl delete ${policy}daemonsets,pods,services,configmaps,leases --namespace ${run.namespace} --selector ${RUN_LABEL}=${run.id}`;
    return `This command removes the rest: ${command}`;
}
function prefixOf(runId) {
    return `jackal-${runId}`;
}
const deliveredBy = ({ id, delivery }) => `${prefixOf(id)}-${delivery}`;
const REHEARSED = '-rehearsed-';
const nameOf = {
    namespace: (runId) => `jackal-inject-${runId}`,
    lease: prefixOf,
    service: prefixOf,
    networkPolicy: prefixOf,
    token: (runId, firstDelivery = 0) => firstDelivery === 0 ? prefixOf(runId) : `${prefixOf(runId)}-${firstDelivery}-token`,
    policy: prefixOf,
    injector: (by, architecture) => `${deliveredBy(by)}-injector-${architecture}`,
    catalog: (by, part = 0) => `${deliveredBy(by)}-catalog-${part}`,
    chunk: (by, index) => `${deliveredBy(by)}-chunk-${index.toString().padStart(4, '0')}`,
    piece: (by, batch, index) => `${deliveredBy(by)}-piece-${batch}-${index}`,
    store: (by) => `${deliveredBy(by)}-store`,
    record: (by, part = 0) => `${deliveredBy(by)}-record-${part}`,
    plan: (by, batch) => `${deliveredBy(by)}-plan-${batch}`,
    courier: (by, batch, attempt) => `${deliveredBy(by)}-courier-${batch}-${attempt}`,
    rehearsedRegistry: (by) => `${deliveredBy(by)}${REHEARSED}registry`,
    rehearsedProofs: (by, architecture) => `${deliveredBy(by)}${REHEARSED}proofs-${architecture}`,
    registrySet: (by) => `${deliveredBy(by)}-registry`,
    registry: (by, base) => `${deliveredBy(by)}-registry-${base}`,
    relay: (by, node, attempt) => `${deliveredBy(by)}-relay-${node}-${attempt}`,
    proof: (by, node, attempt) => `${deliveredBy(by)}-proof-${node}-${attempt}`,
    relays: ({ id }, architecture) => `${prefixOf(id)}-relays-${architecture}`,
    proofs: (by, architecture) => `${deliveredBy(by)}-proofs-${architecture}`,
};
//# sourceMappingURL=run.js.map

/***/ })

};
