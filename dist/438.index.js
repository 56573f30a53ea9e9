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
/** A DNS label (RFC 1123), which is what Kubernetes takes for a namespace. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Kubernetes' binary suffixes of a quantity. */
const BYTES_IN = { '': 1, Ki: _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .KIB */ .nH, Mi: _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .MIB */ .D6, Gi: 1024 * _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .MIB */ .D6 };
const SECONDS_IN = { s: 1, m: 60, h: 3600 };
/** The lines of the `images` input that name something. */
function parseImages(value) {
    const lines = value
        .split(/\r\n|\r|\n/)
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('#'));
    if ((0,_lib_items_js__WEBPACK_IMPORTED_MODULE_3__/* .splitItems */ .b)(value).length === 0) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ('The input `images` is empty; give at least one image reference or archive path, one a line.');
    }
    return lines;
}
/** The paths and patterns of the `manifests` input, divided as the lines of `images` are. */
function parseManifests(value) {
    return (0,_lib_items_js__WEBPACK_IMPORTED_MODULE_3__/* .splitItems */ .b)(value);
}
/** A namespace name, checked before any request carries it. */
function parseNamespace(name) {
    if (!NAMESPACE.test(name)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`namespace\` is "${name}", which is no namespace name; use up to 63 lower-case letters, digits and dashes.`);
    }
    return name;
}
/** The name of a release, which is a label's value on all its objects. */
function parseRelease(name) {
    if (!NAMESPACE.test(name)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`release\` is "${name}", which names no release; use up to 63 lower-case letters, digits and dashes.`);
    }
    return name;
}
/** How long proofs stay; empty is `job`. */
function parseKeep(value) {
    if (!/^(?:job|none|)$/.test(value)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`keep\` is "${value}"; give job or none.`);
    }
    return (value || 'job');
}
/** What the step is to do; empty is `inject`. Only a release can be deleted. */
function parseCommand(value, release) {
    if (!/^(?:inject|delete|)$/.test(value)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`command\` is "${value}"; give inject or delete.`);
    }
    if (value === 'delete' && release === '') {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ('The input `command` is "delete", which needs the name of a release in the input `release`; what a job injects goes by itself when the job ends.');
    }
    return (value || 'inject');
}
/** The image that the run's own Pods start from, as nodes pull it. */
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
/** What becomes of nodes that no image can be brought to; empty is `warn`. */
function parseOnUnavailableNode(value) {
    const known = ON_UNAVAILABLE_NODE.find((one) => one === (value || 'warn'));
    if (known === undefined) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`on-unavailable-node\` is "${value}"; give fail, warn or ignore.`);
    }
    return known;
}
/** A duration such as `90`, `90s`, `10m` or `1h`, in seconds. */
function parseTimeout(value) {
    const match = /^(\d{1,6})([smh]?)$/.exec(value === '' ? '10m' : value);
    const seconds = Number(match?.[1]) * SECONDS_IN[(match?.[2] || 's')];
    if (!(seconds > 0)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`timeout\` is "${value}"; give a number of seconds above 0, or a number with s, m or h, such as 10m.`);
    }
    return seconds;
}
/** A number of bytes as Kubernetes writes it, such as `256Mi`. */
function parseBytes(input, value) {
    const match = /^(\d{1,12})(|Ki|Mi|Gi)$/.exec(value);
    const bytes = Number(match?.[1]) * BYTES_IN[(match?.[2] ?? '')];
    if (!(bytes > 0)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`${input}\` is "${value}"; give a number of bytes above 0, or a number with Ki, Mi or Gi, such as 256Mi.`);
    }
    return bytes;
}
/** `auto`, or as `parseCompression` reads it; empty is `auto`. */
function parseCompressionInput(value) {
    return value === '' || value === 'auto' ? 'auto' : (0,_images_bytes_compression_js__WEBPACK_IMPORTED_MODULE_0__/* .parseCompression */ .Gd)(value);
}
/** The carrier: `auto`, `configmap`, `stream`, or a stream by one way alone; empty is `auto`. */
function parseCarrier(value) {
    const match = /^(?:(auto|configmap|stream)|stream:(direct|api))$/.exec(value || 'auto');
    if (match === null) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`carrier\` is "${value}"; give auto, configmap, stream, stream:direct or stream:api.`);
    }
    const [, carrier = 'stream', way] = match;
    return { carrier, ...(way && { way }) };
}
/** The route: `auto`, `nodeport`, `hostport` or `hostnetwork`; empty is `auto`. */
function parseRoute(value) {
    if (!/^(?:auto|nodeport|hostport|hostnetwork|)$/.test(value)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`route\` is "${value}"; give auto, nodeport, hostport or hostnetwork.`);
    }
    return (value || 'auto');
}
/** `auto`, `policy` or `none`; empty is `auto`. */
function parseRewrite(value) {
    const known = REWRITE.find((one) => one === (value || 'auto'));
    if (known === undefined) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`rewrite\` is "${value}"; give auto, policy or none.`);
    }
    return known;
}
/** The namespaces of the input `rewrite-namespaces` as one line: names between commas, a label selector, or `*`. */
function parseRewriteNamespaces(value) {
    return (0,_lib_items_js__WEBPACK_IMPORTED_MODULE_3__/* .splitItems */ .b)(value).join(',');
}
/** Platforms, separated by commas or white space, as OCI writes them: `linux/amd64`. */
function parsePlatforms(value) {
    const platforms = (0,_lib_items_js__WEBPACK_IMPORTED_MODULE_3__/* .splitItems */ .b)(value).flatMap((item) => item.split(/\s+/));
    const wrong = platforms.find((platform) => !/^linux\/[a-z0-9]+(\/[a-z0-9]+)?$/.test(platform));
    if (wrong !== undefined) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`platforms\` names "${wrong}"; give platforms such as linux/amd64 or linux/arm64.`);
    }
    return platforms;
}
/** Bytes of a chunk, which has to fit one ConfigMap. */
function parseChunkSize(value) {
    const bytes = parseBytes('chunk-size', value);
    if (bytes < _lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .CHUNK_MIN_BYTES */ .jt || bytes > _lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .CONFIGMAP_MAX_BYTES */ .CD) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`chunk-size\` is "${value}"; a chunk has ${_lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .CHUNK_MIN_BYTES */ .jt / _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .KIB */ .nH}Ki to ${_lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .CONFIGMAP_MAX_BYTES */ .CD / _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_2__/* .KIB */ .nH}Ki.`);
    }
    return bytes;
}
/** How many chunks are sent at once. */
function parseConcurrency(value) {
    const count = /^\d{1,3}$/.test(value) ? Number(value) : 0;
    if (count < 1 || count > _lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .UPLOAD_CONCURRENCY_MAX */ .p0) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ(`The input \`concurrency\` is "${value}"; give a number from 1 to ${_lib_limits_carriers_js__WEBPACK_IMPORTED_MODULE_1__/* .UPLOAD_CONCURRENCY_MAX */ .p0}.`);
    }
    return count;
}
/** `true` or `false` as YAML 1.2's core schema writes them; empty is false. */
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


/** A label's name, and its value where there is one: `[A-Za-z0-9]` at both ends, 63 characters. */
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
/** A DNS subdomain (RFC 1123) of up to 253 characters, which may stand before a slash. */
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Keys, and beginnings of keys, that the action sets by itself. */
const OWN = /^(app\.kubernetes\.io\/(managed-by|name)$|jackal-inject\.dev\/|pod-security\.kubernetes\.io\/|kubernetes\.io\/metadata\.name$|istio-injection$|istio\.io\/dataplane-mode$|sidecar\.istio\.io\/inject$|kuma\.io\/sidecar-injection$|zarf\.dev\/agent$|admission\.datadoghq\.com\/enabled$)/;
/** Whether the action sets a label of this key by itself. */
function isOwnLabel(key) {
    return OWN.test(key);
}
/**
 * Labels, one `key=value` a line or between commas, by the rules of Kubernetes (apimachinery, `pkg/util/validation`).
 * Throws an ActionError that names the item and what is wrong with it.
 */
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




/** Reads and checks every input; throws an ActionError that names the input, its value and what is allowed. */
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
/** The inputs that say which cluster; the post step needs no others. */
function readConnectionInputs() {
    const kubeconfig = (0,runner/* inputOf */.wg)('kubeconfig');
    const context = (0,runner/* inputOf */.wg)('context');
    return { ...(kubeconfig && { kubeconfig }), ...(context && { context }) };
}
/**
 * URL of the workflow run's attempt by the runner's environment; undefined where a part is missing, and
 * with Gitea and Forgejo, which count attempts by job, so that an earlier one may still go on.
 */
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





/**
 * Makes the directory for files that outputs name: in RUNNER_TEMP, for the owner alone, and there until the post step.
 * Throws an ActionError where it cannot be made.
 */
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
/** Removes it in the post step: what lies in it names images of a registry that has gone. It never throws. */
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
/**
 * Reads the `compression` input: `zstd[:level]` (1 to 22, 3 when left out), `gzip[:level]` (1 to 9,
 * 6 when left out) or `none`. Empty text is `zstd`. Throws ActionError for anything else.
 */
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
/**
 * Compresses one block into one frame that stands alone, on the thread pool; frames joined are one
 * valid stream, and the same bytes and level give the same frame.
 * Never with zstd's own workers: they corrupt silently in Node 24 (nodejs/node#59899).
 */
async function compressBlock(block, compression) {
    // Room for the whole answer at once: the frame is made in one go and in one trip to the pool.
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
/** Tells gzip and zstd (also behind a skippable frame) from their first four bytes. */
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
/** Whether bytes begin a zstd frame with content (RFC 8878, 3.1.1). */
function isContentFrame(start) {
    return start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528;
}
/** Whether bytes begin a skippable frame, which has no content (RFC 8878, 3.1.2). */
function isSkippableFrame(start) {
    return start.length >= 4 && (start.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50;
}
/** Bytes of the longest header of a frame: magic, descriptor, dictionary and content size. */
const FRAME_HEADER_MAX_BYTES = 18;
/**
 * Bytes that a decoder has to keep of what a frame unfolds to, from the frame's first
 * FRAME_HEADER_MAX_BYTES (RFC 8878, 3.1.1.1); 0 for skippable frames and for what is too short.
 */
function windowBytesOf(start) {
    if (start.length < 6 || !isContentFrame(start))
        return 0;
    const descriptor = start.readUInt8(4);
    if ((descriptor & 0x20) === 0) {
        const window = start.readUInt8(5);
        const base = 2 ** (10 + (window >> 3));
        return base + (base / 8) * (window & 7);
    }
    // A frame in a single segment is kept whole, and says how large it is.
    const at = 5 + [0, 1, 2, 4][descriptor & 3];
    const length = [1, 2, 4, 8][descriptor >> 6];
    if (start.length < at + length)
        return 0;
    if (length === 8)
        return Number(start.readBigUInt64LE(at));
    return start.readUIntLE(at, length) + (length === 2 ? 256 : 0);
}
/**
 * Finds the ends of zstd frames (RFC 8878, 3.1) by walking block headers. Node's zstd decoder stops
 * after the first frame without a word (24.21), so a stream of several frames has to be cut for it.
 */
class FrameScanner {
    #state = 'magic';
    #gathered = Buffer.alloc(18);
    #have = 0;
    #want = 4;
    #passing = 0;
    #checksum = false;
    #last = false;
    /**
     * Goes on with `bytes` from `from`. Returns the offset just behind the frame when it ends in these
     * bytes, else -1. Throws when the bytes are no frame.
     */
    scan(bytes, from) {
        let at = from;
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
    /** Acts on the gathered field. */
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
/** distribution/reference `RepositoryNameTotalLengthMax`. */
const NAME_MAX_LENGTH = 255;
/** True for what may stand behind `:` in a reference. */
function isTag(text) {
    return TAG.test(text);
}
function refuse(text, reason) {
    return new _lib_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ(`"${text}" is not an image reference: ${reason}; write it as [host[:port]/]path[:tag][@sha256:…].`);
}
/** Splits off the registry host by Docker's rule: a first part with `.`, `:` or upper case, or `localhost`. */
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
/**
 * Reads a reference as Docker does: default registry `docker.io`, `library/` for single names, a port
 * told from a tag by the slash after it. No tag is made up.
 * Throws ActionError when the text is no reference. Grammar and bounds: distribution/reference.
 */
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
/** True for what `parseReference` reads. */
function isReference(text) {
    try {
        parseReference(text);
        return true;
    }
    catch {
        return false;
    }
}
/** True for the path of a repository without its host. */
function isRepository(path) {
    return path.length <= NAME_MAX_LENGTH && path.split('/').every((part) => PATH_PART.test(part));
}
/** The whole name: `docker.io/library/nginx:1`, `ghcr.io/acme/web@sha256:…`, `ghcr.io/acme/web`. */
function fullName({ name, tag, nameDigest }) {
    if (tag !== undefined)
        return `${name}:${tag}`;
    return nameDigest === undefined ? name : `${name}@${nameDigest}`;
}
/** The same as Docker shows it, without its default registry: `nginx:1`, `ghcr.io/acme/web`. */
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
/* harmony export */   hD: () => (/* binding */ ApiError),
/* harmony export */   nH: () => (/* binding */ ifAnswered),
/* harmony export */   qT: () => (/* binding */ apiErrorOf)
/* harmony export */ });
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9850);
/* harmony import */ var _fault_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3359);


/** A request that the API server did not grant, as one sentence for the user. */
class ApiError extends _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ {
    name = 'ApiError';
    fault;
    /** HTTP status, 0 when no answer came. */
    status;
    /** Kubernetes' own word, such as `AlreadyExists`; empty when there is none. */
    reason;
    /** The attempts made, at least one. */
    attempts;
    /** What the server said, in its own words; empty when no answer came. */
    words;
    /** The access that was refused, when the fault is `permission`. */
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
/** True for anything thrown that is an ApiError of one of these faults. */
function isFault(thrown, ...faults) {
    return thrown instanceof ApiError && faults.includes(thrown.fault);
}
/**
 * What a question that the job can do without is answered; undefined where the API server does not answer it, whatever
 * its reason. Throws the signal's reason.
 */
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
/** Faults that no further attempt mends, whatever the status. */
const FINAL = ['space', 'too-large', 'policy', 'gone', 'foreign'];
/** True for an error that no further attempt at the same request can mend. */
function isFinal(thrown) {
    return isFault(thrown, ...FINAL);
}
/** The error for an answer that is not 2xx. */
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
/** The error for an answer that cannot be an API server's. */
function foreign({ server, method, path, attempts }, status) {
    return new ApiError(`Something else than a Kubernetes API server answered ${method} ${path} at ${server}, such as the page of a proxy or a login (status ${status}); check the address in the kubeconfig and the proxies on the way to it.`, { fault: 'foreign', status, attempts });
}
/** The error for a request that got no answer at all. */
function unreachable(asked, cause) {
    return new ApiError(`The API server at ${asked.server} cannot be reached (${wordsOf(cause)}); check the address in the kubeconfig and the network between this machine and the cluster.`, { fault: 'unreachable', status: 0, attempts: asked.attempts }, { cause });
}
/** An error's words; Node's AggregateError of several addresses has only a code. */
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
            return 'The cluster\'s etcd has no space left ("database space exceeded"), so nothing can be written to the cluster; an operator has to compact and defragment etcd and disarm its alarm.';
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
/* harmony export */   Kl: () => (/* binding */ faultOf),
/* harmony export */   Zu: () => (/* binding */ deniedIn),
/* harmony export */   c2: () => (/* binding */ statusOf),
/* harmony export */   jq: () => (/* binding */ isForeign),
/* harmony export */   yp: () => (/* binding */ isPage)
/* harmony export */ });
/** What `metav1.Status` says, or the first line of an answer that is none (a proxy's page). */
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
/** The refused access that the API server's authorizer names in its message. */
function deniedIn(message) {
    const found = RBAC_DENIAL.exec(message)?.groups;
    if (found === undefined) {
        return undefined;
    }
    const { user = '', verb = '', resource = '', group = '', namespace } = found;
    return { user, verb, resource, group, ...(namespace && { namespace }) };
}
/** Statuses at which a proxy's page says the same as an API server's answer would. */
const PLAIN_STATUS = new Set([401, 408, 413, 429]);
/**
 * Whether an answer that is not 2xx is another server's than the API's, such as the redirect to a
 * login or a proxy's own page; a gateway in trouble (5xx) counts as the API server's.
 */
function isForeign(status, body) {
    if (status >= 500 || PLAIN_STATUS.has(status)) {
        return false;
    }
    return status < 400 || isPage(undefined, body);
}
/** Whether a content type or a body is that of a page for browsers. */
function isPage(contentType, body) {
    if (contentType !== undefined) {
        return /^(text\/html|application\/xhtml)/i.test(contentType.trim());
    }
    return /^\s*</.test(body.subarray(0, 100).toString('latin1'));
}
const FAILING_WEBHOOK = /failed calling (?:admission )?webhook "(?<name>[^"]+)"/;
/** The admission webhook that the API server could not ask, in its own words. */
function webhookIn(message) {
    return FAILING_WEBHOOK.exec(message)?.groups?.name;
}
/** Words of webhooks and admission policies that refuse; the status is for them to choose. */
const REFUSED_BY_POLICY = /admission webhook "[^"]+" denied the request|AdmissionPolicy '[^']+' with binding '[^']+' denied request/;
/** The fault of an answer that is not 2xx, by the words and the status of the API server. */
function faultOf(status, reason, message, denied) {
    // What others say through the API server comes with several statuses, so it is looked at first.
    if (webhookIn(message) !== undefined) {
        return 'webhook';
    }
    if (REFUSED_BY_POLICY.test(message)) {
        return 'policy';
    }
    if (/database space exceeded/.test(message)) {
        return 'space';
    }
    if (/etcdserver: throttle|too many requests/i.test(message)) {
        return 'busy';
    }
    if (status === 413 || /request is too large|trying to send message larger/.test(message)) {
        return 'too-large';
    }
    // A server that is behind the version asked for, for one restored from a backup (storage/errors.go).
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
    return /exceeded quota|failed quota/.test(message) ? 'quota' : 'policy';
}
//# sourceMappingURL=fault.js.map

/***/ }),

/***/ 5837:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   T: () => (/* binding */ quoted),
/* harmony export */   b: () => (/* binding */ splitItems)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9850);

/** A quoted part, in which two quotes stand for one. */
const QUOTED = /^(["'])((?:\1\1|(?!\1).)*)\1(?!\1)/;
/**
 * The items of a list as users of Docker's actions write them: one a line or between commas, with CSV's quotes, double
 * or single ones, around one that holds a comma or a `#`. Commas of a pattern (`{a,b}`) part nothing, `#` at the start
 * or behind white space begins a comment, and what is empty is no item. Throws an ActionError for a quote at the start
 * of an item that its line does not close.
 */
function splitItems(text) {
    const items = text.split(/\r\n|\r|\n/).flatMap(itemsOf);
    return items.map((item) => item.trim()).filter((item) => item !== '');
}
/** Text as one item of a list, whatever is in it. */
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
/* harmony export */   S9: () => (/* binding */ STARVED_BYTES_PER_MILLISECOND),
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
/* harmony export */   sG: () => (/* binding */ UPLOAD_GAIN_KEEP),
/* harmony export */   sr: () => (/* binding */ UPLOAD_ROUNDS_STARVED),
/* harmony export */   sz: () => (/* binding */ UPLOAD_GAIN_CLEAR),
/* harmony export */   t9: () => (/* binding */ UPLOAD_CONCURRENCY_START),
/* harmony export */   u2: () => (/* binding */ SPEED_ASKED_FROM_BYTES),
/* harmony export */   u5: () => (/* binding */ UPLOAD_ROUNDS_CONTENT),
/* harmony export */   wj: () => (/* binding */ UPLOAD_GAIN_GROW),
/* harmony export */   xC: () => (/* binding */ STALL_FACTOR)
/* harmony export */ });
/* harmony import */ var _units_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1589);

/** Limits of the upload and of what lies in ConfigMaps: value, unit in the name, and where it comes from. */
/**
 * The most bytes one ConfigMap may carry in its values: Kubernetes' `MaxSecretSize`
 * (core/v1 types.go), checked by ValidateConfigMap on the decoded bytes.
 */
const CONFIGMAP_MAX_BYTES = _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
/**
 * The most bytes that the catalog may have: what the injector reads (`LARGEST_CATALOG`), and the bytes of
 * it in one ConfigMap.
 */
const CATALOG_MAX_BYTES = 8 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
const CATALOG_PART_BYTES = 512 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
/**
 * Bytes of parcel in one chunk ConfigMap. Measured with protobuf bodies, four at a time, on
 * Kubernetes 1.37: 46, 51, 66 and 43 MB/s for 256, 512, 768 and 1015 KiB.
 */
const CHUNK_BYTES = 768 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
/**
 * Bytes from which on `carrier: auto` streams through the API server. Measured with two nodes, seconds of the whole step
 * from a Docker daemon by ConfigMaps, through the API server and straight: 2.7, 2.7 and 2.8 for 1 MB; 3.2, 2.6 and 2.9
 * for 10 MB; and in another run 4.4 and 3.2 by the first two for 20 MB.
 */
const STREAM_FROM_BYTES = 16 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
/**
 * Milliseconds for which less than that may be under way in ConfigMaps where the way was measured; what takes longer is
 * streamed, since nodes pull while it comes. Measured with two nodes, seconds of the whole step by ConfigMaps and by a
 * stream: 14.8 and 10.3 for 10 MB over 20 Mbit/s.
 */
const STREAM_FROM_MILLISECONDS = 500;
/**
 * The largest content that travels in the parcel although couriers bring the rest: manifests, configs and
 * tiny layers, which cost less there than a question of their own. Ours to choose.
 */
const PARCEL_CONTENT_MAX_BYTES = 32 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
/**
 * How much larger than that what a daemon says of its images has to be for the stream to be begun while they
 * are read: their layers may be compressed, or shared.
 */
const EARLY_FACTOR = 2;
/**
 * Milliseconds for a connection to a node's own address, which shows that the runner is on the cluster's
 * network: many times what a local network takes. A wrong guess costs speed, no more.
 */
const REACH_MILLISECONDS = 300;
/**
 * Milliseconds for which a runner on the nodes' network looks whether the registry's port opens on a node before
 * that is to pull: kube-proxy programs a Service's endpoints within its `minSyncPeriod` of a second. A pull
 * that comes before is refused, and its Pod has to be made anew.
 */
const ROUTE_OPEN_MILLISECONDS = 1_000;
/**
 * Milliseconds for which a proof Pod may be there before that port is open, and behind which it is taken back: its kubelet
 * makes a sandbox before it pulls. Measured on two busy cores: 0.5 s from the Pod to the pull, and the port open 0.2 to
 * 0.4 s after the Pod. Where the pull is quicker it is refused, and the Pod comes anew with the open port all the same.
 */
const EARLY_POD_MILLISECONDS = 450;
/** Nodes whose addresses are tried for that: one that answers is enough, and one may be down. */
const REACH_NODES_MAX = 3;
/** The port on which kubelets listen (kubelet `--port`), which nodes have open for the API server. */
const KUBELET_PORT = 10250;
/** Bytes of a request whose way to the API server is timed: five times what a first flight of TCP has. */
const SPEED_PROBE_BYTES = 512 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
/**
 * Bytes from which on the way is measured for `carrier: auto` alone: twice what the two large questions send. Of less, either
 * carrier takes about as long as the answer.
 */
const SPEED_ASKED_FROM_BYTES = 2 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .MIB */ .D6;
/**
 * Speed of a way up to which layers are compressed for it, in bytes a second. Measured with 500 MB from a Docker
 * daemon on two cores, seconds of the whole step with zstd and without: 12.7 and 13.9 where the stream has 70 MB/s,
 * 10.6 and 10.4 where it has 137.
 */
const COMPRESS_BELOW_BYTES_PER_SECOND = 100e6;
/**
 * The same on the nodes' own network, where the stream goes straight and has more than what the API server takes.
 * Measured over ways of 1 Gbit/s (4.1 s without zstd, 4.7 with it, 100 MB) and of 100 Mbit/s (7.9 and 6.5 s, 50 MB);
 * the question finds 23 to 170 MB/s on busy networks that are quicker than the first, and 10 to 11 on the second.
 */
const COMPRESS_NEAR_BELOW_BYTES_PER_SECOND = 16e6;
/**
 * Creates in flight at once up to which the first rounds double, and at most. Measured on two
 * cores: 51, 72, 84 and 69 MB/s for 1, 4, 8 and 16.
 */
const UPLOAD_CONCURRENCY_START = 4;
const UPLOAD_CONCURRENCY_MAX = 16;
/**
 * What each create in flight beyond the first must add, as a share of the speed of a lone one, for
 * yet another to be tried, and for it to be kept. Measured with two cores: 0.2, 0.13, 0.08 and 0.02
 * for 2, 4, 8 and 16 at once; with 20 % of one core: nothing, while others' requests waited 2.5
 * times as long with 4 at once as with 1.
 */
const UPLOAD_GAIN_GROW = 0.1;
const UPLOAD_GAIN_KEEP = 0.05;
/**
 * What each create beyond the first must add where little gets through: half of what it adds on a long
 * way. Measurements vary by as much on a control plane without CPU. Who adds as much is soon doubled.
 */
const UPLOAD_GAIN_CLEAR = 0.5;
/**
 * Speed from which on a control plane has enough for all, so that the gain of more at once is not asked
 * for. Measured with two cores, which everything shared: raw 42, 43, 55 and 58 MB/s for 2, 4, 8 and 16 at
 * once, while the p95 of others' GETs was 48, 76, 103 and 121 ms.
 */
const AMPLE_BYTES_PER_MILLISECOND = 16_000;
/**
 * By what factor the creates in flight and the chunks then grow with each round. Measured with 100 MB,
 * 14 rounds: 0.96 of the raw upper bound with 4, 0.91 with 2.
 */
const UPLOAD_AMPLE_FACTOR = 4;
/** Answers in a round: alone, and at least with several in flight. */
const UPLOAD_ROUND_ALONE = 2;
const UPLOAD_ROUND_TOGETHER = 4;
/**
 * Rounds after which a lone create is measured again, first and ever after: the first creates of
 * all are slower, for connections and caches are cold.
 */
const UPLOAD_ROUNDS_FIRST_CHECK = 6;
const UPLOAD_ROUNDS_CHECK = 25;
/** Rounds alone after which a control plane that gained nothing from a second create is asked again. */
const UPLOAD_ROUNDS_CONTENT = 8;
/** Rounds alone before a second create is tried for the first time where little gets through. */
const UPLOAD_ROUNDS_STARVED = 3;
/** By how much a lone create's time may grow from one measurement to the next, as a factor. */
const UPLOAD_LONE_EASE = 1.1;
/**
 * When to rest between creates (src/carriers/configmaps/stalls.ts): below which speed of lone creates a rest is
 * tried, and by what factor it has to make them quicker. Measured with 20 % of one CPU and creates of
 * 128 KiB: 1.5 MB/s, 85 ms without and 9 ms with a rest; with two CPUs that other work kept busy as
 * well: above 10 MB/s.
 */
const STARVED_BYTES_PER_MILLISECOND = 4_000;
const STALL_FACTOR = 3;
/** Milliseconds in which a control group gets its share of CPU once (Linux, `cpu.max`). */
const CPU_PERIOD_MILLISECONDS = 100;
/** What a quick create leaves of the rest. It makes up for a doubling with one stall in 24 creates. */
const REST_EASE = 0.97;
/** Creates in a row after which a rest has not helped, and for how many creates there is none then. */
const REST_VAIN = 16;
const REST_WEARY = 64;
/** Milliseconds of a create from which on the control plane is slow: far inside its own 34 s. */
const SLOW_CREATE_MILLISECONDS = 2_000;
/**
 * The smallest chunk, in bytes, that a slow control plane brings about. Measured with 20 % of one
 * CPU: 5.9, 10.7, 9.9 and 9.7 MB/s for 128, 256, 512 and 1015 KiB.
 */
const CHUNK_MIN_BYTES = 128 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
/** Bytes by which chunks grow again with each round of quick creates. */
const CHUNK_STEP_BYTES = 64 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .KIB */ .nH;
/** Milliseconds between two lines of progress. */
const PROGRESS_MILLISECONDS = 1_000;
/**
 * ConfigMaps that one run may need. A Pod with 200 ConfigMap volumes takes 3.2 s to start
 * (measured), and a kubelet asks for 50 a second (`KubeAPIQPS`); 1000 are 20 s.
 */
const CONFIGMAPS_PER_RUN_MAX = 1_000;
/**
 * Bytes of the control plane's database beyond which nothing is uploaded. etcd is read-only from 2 GiB
 * of file on (its default `quota-backend-bytes`), and what is deleted is given back only by the
 * compaction every five minutes (kube-apiserver `--etcd-compaction-interval`).
 */
const DATABASE_MAX_BYTES = 1.5 * _units_js__WEBPACK_IMPORTED_MODULE_0__/* .GIB */ .j9;
/** Seconds that the question for the database's size may take: the answer is a courtesy. */
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


/** Limits of a run, its registry and its proofs: value, unit in the name, and where it comes from. */
/**
 * Bytes that one injector may have: it travels in a single ConfigMap. The project's own gate for
 * releases is tighter (576 KiB, in the crate's tests).
 */
const INJECTOR_MAX_BYTES = _carriers_js__WEBPACK_IMPORTED_MODULE_0__/* .CONFIGMAP_MAX_BYTES */ .CD;
/**
 * Seconds after its main step after which what a run left behind may be taken away by anyone, and after
 * which its Pods end by themselves: the longest that a job may run on a GitHub-hosted runner (6 hours).
 */
const RUN_LIFETIME_SECONDS = 6 * 3600;
/**
 * Seconds after which a run whose main step says nothing any more may be taken away by anyone: more
 * than twice `RETRY_PATIENCE_SECONDS`, so that no outage of the control plane that a run survives ends
 * its lease.
 */
const RUN_LEASE_SECONDS = 300;
/** Seconds between two renewals of the lease: several may fail in a row. */
const RUN_LEASE_RENEW_SECONDS = 60;
/** Images that the registry is tried on before the run gives up: each failed one costs a second. */
const REGISTRY_BASES_MAX = 6;
/** Restarts of the registry after bad ends from which on nobody waits for the next: ours to choose. */
const REGISTRY_CRASHES_MAX = 3;
/** Times that a run is done anew from the upload on because its registry's Pod was lost: ours to choose. */
const REGISTRY_LOSSES_MAX = 1;
/**
 * Seconds after its Service was led to another registry for which that of a release that is replaced goes on, and within
 * which a runner looks for the new one at the nodes' addresses: kube-proxies follow within their sync period, one second
 * by default (kube-proxy `minSyncPeriod`), and later with many Services.
 */
const SERVICE_CHANGE_SECONDS = 5;
/**
 * Deliveries that one step may make of a release, whose numbers it takes beforehand: the first, one for each loss of its
 * registry, and one for each other carrier; and some more.
 */
const DELIVERIES_PER_STEP_MAX = 8;
/** Bytes that the registry's store may take beyond the blobs themselves: names, partial files. */
const REGISTRY_STORE_OVERHEAD_BYTES = 16 * _units_js__WEBPACK_IMPORTED_MODULE_1__/* .MIB */ .D6;
/**
 * What a volume has more than the store, in percent of that and in bytes, and what it has at least: a file system takes a part of
 * it for itself, and drivers such as Longhorn's give just what is asked for. Measured with mke2fs 1.47: 25 MiB of 516, 78 of
 * 816, 102 of 2048, 165 of 5136. mkfs.xfs makes none below 300 MiB, and many drivers round up to whole GiB.
 */
const VOLUME_PERCENT = 110;
const VOLUME_OVERHEAD_BYTES = 64 * _units_js__WEBPACK_IMPORTED_MODULE_1__/* .MIB */ .D6;
const VOLUME_LEAST_BYTES = 1024 * _units_js__WEBPACK_IMPORTED_MODULE_1__/* .MIB */ .D6;
/**
 * Seconds for which a registry's volume may be on its way before its Pod has a node, since until then nobody can tell
 * whose fault it is, but where the scheduler names another reason. Ours to choose: drivers of clouds provision one within 5 to 40 s.
 */
const VOLUME_COMES_SECONDS = 120;
/**
 * Seconds for which a node whose pulls do not come to the registry is asked again with a new Pod, since the
 * first such pull after it last got an image. kube-proxy programs a new Service within its sync period,
 * one second by default (kube-proxy `minSyncPeriod`), and later with many Services; and if it is the
 * registry's node that is dead, the cluster says so only after 50 s (`NodeMonitorGracePeriod`).
 */
const ROUTE_PATIENCE_SECONDS = 60;
/**
 * Seconds without news of a node's proof, or of the registry's start, after which the nodes are asked for, and
 * between two such questions: ours to choose. A controller manager calls a node NotReady 50 s after its
 * kubelet's last sign (`NodeMonitorGracePeriod`; 40 s before 1.32).
 */
const NODE_LOOK_SECONDS = 5;
/**
 * Seconds after its kubelet's last sign of life for which a node counts as alive: kubelets renew their Lease every
 * ten seconds (kubelet `nodeLeaseDurationSeconds` 40, a quarter of it).
 */
const NODE_SIGN_SECONDS = 15;
/**
 * Seconds that a kubelet may take to say that it has the registry's Pod before another node's is asked:
 * twice the period in which it sends whatever status it did not send at once (kubelet status_manager.go,
 * `syncPeriod`).
 */
const KUBELET_TAKES_SECONDS = 20;
/**
 * Seconds after which a Pod of the run's own that a kubelet has taken and that has no container counts as one that does not
 * start there, and the same where an image may be pulled, a volume attached or many ConfigMaps mounted before. Ours to
 * choose: kubelets try a sandbox or a mount that failed again within seconds, and say so after two minutes of mounting
 * (kubelet `podAttachAndMountTimeout`).
 */
const POD_STARTS_SECONDS = 60;
const POD_STARTS_LATE_SECONDS = 180;
/**
 * Nodes whose proofs all start at once. With more, one is proven before the others start. Measured with two
 * nodes and 10 MB on a busy machine: 1.9 s for the stage with both at once, 3.1 s with one first.
 */
const NODES_AT_ONCE_MAX = 4;
/**
 * Nodes that pull at a time. containerd opens 3 connections for an image (`max_concurrent_downloads`) and kubelets pull
 * one image after the other (`serializeImagePulls`), so these take a tenth of the registry's 1,000 connections and
 * leave room for nodes that pull several images at once. Measured on two busy cores with 150 nodes that each take a
 * second and 20 images: 26, 18 and 15 s with 8, 32 and 64 at a time, the last being what the API server takes anyway.
 */
const NODES_PULLING_MAX = 32;
/**
 * Seconds for which a node may get no image until another one starts beside it, so that nodes that are slow or broken
 * hold nobody up for ever: ours to choose.
 */
const NODE_TURN_SECONDS = 30;
/**
 * Images that a kubelet tells of, the largest of its node (`nodeStatusMaxImages`, 50 by default), and milliseconds until
 * it tells of a new one: its list is read every 30 s (`imageCache` of image_gc_manager.go), its status every 10 s
 * (`nodeStatusUpdateFrequency`), and it may be busy.
 */
const NODE_TELLS_IMAGES_MAX = 50;
const NODE_TELLS_WITHIN_MS = 60_000;
/** Images of which it is written down where they were proven, and nodes of each: ours to choose. */
const PROOFS_REMEMBERED_MAX = 200;
const PROOF_NODES_REMEMBERED_MAX = 1000;
/** Nodes that one sentence names; of more it says how many: ours to choose. */
const NODES_NAMED_MAX = 10;
/** Seconds without a failure after which the others start though the first node is not proven. */
const FIRST_NODE_SECONDS = 5;
/**
 * Creates and deletes of Pods in flight at once. Measured on two busy cores: 300 creates took 2.7, 2.9, 2.6, 1.9,
 * 1.3, 1.6 and 2.6 s with 1, 2, 4, 8, 16, 32 and 300 at once. API priority and fairness has 49 seats for all
 * ordinary users together.
 */
const POD_WRITES_MAX = 16;
/**
 * Seconds after the proof for which the registry's readiness is awaited so that the chunks can go: its
 * probe's own timeout of ten seconds, and some periods of one second. Then the post step deletes them.
 */
const READY_PATIENCE_SECONDS = 15;
/** Times that a node is asked again after a failure that is not about the route. */
const PROOF_RETRIES = 1;
/** Seconds that the post step takes at most before it says what is left. */
const CLEANUP_TIMEOUT_SECONDS = 120;
/** Seconds for one phase of a removal, such as that of all ConfigMaps: all four fit into the post step. */
const REMOVE_PHASE_SECONDS = 28;
/**
 * Milliseconds that kubelets have to end Pods that are being deleted before these are deleted without
 * them. Measured: 0.4 s until the containers have ended, and up to two more until the kubelet, which
 * looks at its containers once a second (`genericPlegRelistPeriod`), has noticed and told.
 */
const POD_END_MILLISECONDS = 300;
/**
 * Seconds that the garbage collector has for a ReplicaSet or DaemonSet whose Pods have gone, before that is deleted without
 * it: ours to choose. On an idle cluster it needs less than one.
 */
const CONTROLLER_END_SECONDS = 5;
/** Seconds for one phase of the removal of a dead run: Pods of a node that is down go within them. */
const REMOVE_DEAD_PHASE_SECONDS = 20;
/** Seconds after which no removal of a dead run is begun any more: half of the post step's time. */
const REMOVE_DEAD_SECONDS = 60;
/**
 * Seconds of a namespace's life in which only the cluster itself puts things into it. Creation times
 * are in whole seconds.
 */
const NAMESPACE_FILLED_SECONDS = 1;
/**
 * Seconds for which a release that was deleted a moment ago is waited for: the namespace controller begins after five
 * (`namespaceDeletionGracePeriod`), and comes back within half a minute or so to what was still there (it estimates by
 * the Pods' grace period, ours is a second). One with a broken APIService never goes.
 */
const NAMESPACE_GONE_SECONDS = 60;
/** Seconds that the question for the cluster's warnings may take: the failure is what matters. */
const WARNINGS_ASK_SECONDS = 2;
//# sourceMappingURL=run.js.map

/***/ }),

/***/ 6754:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B: () => (/* binding */ sha256Of)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);

/** The SHA-256 of a text or of bytes, in hex. */
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
/* harmony export */   Vb: () => (/* binding */ nameOf),
/* harmony export */   X8: () => (/* binding */ removalAdvice),
/* harmony export */   ZW: () => (/* binding */ isFirst),
/* harmony export */   dS: () => (/* binding */ labelsFor),
/* harmony export */   eg: () => (/* binding */ ROLE_LABEL),
/* harmony export */   em: () => (/* binding */ hasHadPods),
/* harmony export */   iv: () => (/* binding */ DAEMONSET_LABEL),
/* harmony export */   jQ: () => (/* binding */ RUN_LABEL),
/* harmony export */   lT: () => (/* binding */ MANAGED_BY_LABEL),
/* harmony export */   lq: () => (/* binding */ otherDeliveries),
/* harmony export */   uH: () => (/* binding */ newRun),
/* harmony export */   wr: () => (/* binding */ DELIVERY_LABEL)
/* harmony export */ });
/* unused harmony export releaseId */
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3751);
/* harmony import */ var _lib_sha256_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6754);



/** The value of `app.kubernetes.io/managed-by` on everything that this action creates. */
const MANAGED_BY = 'jackal-inject';
const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
const NAME_LABEL = 'app.kubernetes.io/name';
const RUN_LABEL = 'jackal-inject.dev/run';
const ROLE_LABEL = 'jackal-inject.dev/role';
/** On what one delivery of a release has: its number. What is the release's own has none. */
const DELIVERY_LABEL = 'jackal-inject.dev/delivery';
/** On everything of a release: its name. */
const RELEASE_LABEL = 'jackal-inject.dev/release';
/** On a Pod of a DaemonSet, or of a rehearsal's ReplicaSet, that one's name. */
const DAEMONSET_LABEL = 'jackal-inject.dev/daemonset';
/** The number of the first delivery of the step that a delivery of a release belongs to: each step has as many. */
function firstOfStep(delivery) {
    return delivery - (delivery % _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_1__/* .DELIVERIES_PER_STEP_MAX */ .H$);
}
/** Whether a delivery is the first one of its step. */
function isFirst({ delivery, firstDelivery = 0 }) {
    return delivery === firstDelivery;
}
/** Whether Pods of its run went before a delivery's, which a quota may still count; a release has had some for its rehearsal. */
function hasHadPods(delivery) {
    return !isFirst(delivery) || delivery.release !== undefined;
}
/** A new run with random id (32 bits; a release has the one of its name), secret (128 bits) and token (256 bits). */
function newRun({ namespace, workflow, labels, release } = {}) {
    const id = release === undefined ? (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(4).toString('hex') : releaseId(release, namespace);
    const secret = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(16).toString('hex');
    const token = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(32).toString('hex');
    const place = { id, namespace: namespace ?? nameOf.namespace(id) };
    const holder = release === undefined ? MANAGED_BY : `${MANAGED_BY}-${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(4).toString('hex')}`;
    return { ...place, secret, token, workflow, labels, release, holder };
}
/** The id of a release, by which every step finds what earlier ones have left: of its name and its namespace, if one is given. */
function releaseId(name, namespace = '') {
    return (0,_lib_sha256_js__WEBPACK_IMPORTED_MODULE_2__/* .sha256Of */ .B)(`${namespace}/${name}`).slice(0, 8);
}
/**
 * Whether the namespace is the run's own: made by it under a name that holds its random id. No other
 * namespace is ever removed, whatever its labels say.
 */
function ownsNamespace({ id, namespace }) {
    return namespace === nameOf.namespace(id);
}
/** The labels of an object of the run: those that were asked for, which never override its own. */
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
/** The labels by which an object of the run is found. */
function labelsOf(runId, role) {
    return { [MANAGED_BY_LABEL]: MANAGED_BY, [RUN_LABEL]: runId, [ROLE_LABEL]: role };
}
/** The label selector for every object of the run, or for those of one role. */
function selectorOf(runId, role) {
    const run = `${MANAGED_BY_LABEL}=${MANAGED_BY},${RUN_LABEL}=${runId}`;
    return role === undefined ? run : `${run},${ROLE_LABEL}=${role}`;
}
/** The label selector for what a delivery of a release has for a role. */
function ofDelivery({ id, delivery }, role) {
    return `${selectorOf(id, role)},${DELIVERY_LABEL}=${delivery}`;
}
/** The label selector for what deliveries of a release have, but for that of one of them. */
function otherDeliveries(runId, delivery) {
    return `${selectorOf(runId)},${DELIVERY_LABEL},${DELIVERY_LABEL}!=${delivery}`;
}
/**
 * How what is left of a run is removed, as the end of a message: by the next step of a release, whatever else of it is in
 * use, else by a command. A Secret goes with the Lease that owns it, and few may list Secrets; a policy goes with the run's
 * own namespace.
 */
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
/** What every object's name of a run begins with, and no other run's. */
function prefixOf(runId) {
    return `jackal-${runId}`;
}
const deliveredBy = ({ id, delivery }) => `${prefixOf(id)}-${delivery}`;
/** In the names of what a rehearsal makes and takes away again. */
const REHEARSED = '-rehearsed-';
/** The names of the run's objects. */
const nameOf = {
    namespace: (runId) => `jackal-inject-${runId}`,
    lease: prefixOf,
    service: prefixOf,
    networkPolicy: prefixOf,
    /** Kubelets keep immutable Secrets by name, so each step of a release has another one. */
    token: (runId, firstDelivery = 0) => firstDelivery === 0 ? prefixOf(runId) : `${prefixOf(runId)}-${firstDelivery}-token`,
    /** Of the admission policy and its binding, which are the cluster's and no namespace's. */
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
    /** The same in all deliveries of a release, so that one takes over the Pods of another. */
    relays: ({ id }, architecture) => `${prefixOf(id)}-relays-${architecture}`,
    proofs: (by, architecture) => `${deliveredBy(by)}-proofs-${architecture}`,
};
//# sourceMappingURL=run.js.map

/***/ })

};
