export const id = 484;
export const ids = [484];
export const modules = {

/***/ 9556:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $8: () => (/* binding */ REGISTRY_CPU),
/* harmony export */   $O: () => (/* binding */ PROOF_MEMORY_LEAST),
/* harmony export */   $n: () => (/* binding */ PROBE_FAILURES),
/* harmony export */   DC: () => (/* binding */ BASE_NODES_MAX),
/* harmony export */   G0: () => (/* binding */ REGISTRY_READY_PERIOD_SECONDS),
/* harmony export */   Jz: () => (/* binding */ CONTROLLER_SILENCE_SECONDS),
/* harmony export */   Pn: () => (/* binding */ FIT_ROUNDS_MAX),
/* harmony export */   Vg: () => (/* binding */ REGISTRY_CPU_LEAST),
/* harmony export */   Vm: () => (/* binding */ BASE_FAILURES_NAMED_MAX),
/* harmony export */   Xl: () => (/* binding */ PROBE_PERIOD_SECONDS),
/* harmony export */   a: () => (/* binding */ RUNNING_BASES_MAX),
/* harmony export */   eE: () => (/* binding */ NODE_ASKS_CONCURRENCY),
/* harmony export */   ft: () => (/* binding */ PROOF_MEMORY),
/* harmony export */   gT: () => (/* binding */ REGISTRY_MEMORY),
/* harmony export */   jD: () => (/* binding */ SMALL_CPU),
/* harmony export */   kH: () => (/* binding */ LASTING_NODES_MAX),
/* harmony export */   kR: () => (/* binding */ PROOF_CPU),
/* harmony export */   lL: () => (/* binding */ PROBE_TIMEOUT_SECONDS),
/* harmony export */   qM: () => (/* binding */ NODE_DOWN_TOLERATION_SECONDS),
/* harmony export */   so: () => (/* binding */ PROOF_CPU_LEAST),
/* harmony export */   uc: () => (/* binding */ KNOWN_BASES_MAX),
/* harmony export */   wd: () => (/* binding */ NETWORK_POLICY_PATIENCE_SECONDS),
/* harmony export */   y4: () => (/* binding */ GIVEN_BASE_TRIES),
/* harmony export */   y9: () => (/* binding */ SMALL_MEMORY)
/* harmony export */ });
/** Limits of the Pods of a run: value, unit in the name, and where it comes from. */
/** Memory limit of the registry's container; the injector's use does not grow with the payload. */
const REGISTRY_MEMORY = '64Mi';
/**
 * CPU limit of the registry's container, and the least that it is squeezed to by quotas and ratios: with
 * 100m a container starts as soon as without a limit (see below).
 */
const REGISTRY_CPU = '1000m';
const REGISTRY_CPU_LEAST = '100m';
/**
 * CPU limit of a proof's container, and the least that it is squeezed to. `hold` uses none; it is the
 * runtime that starts the container within the limit. Measured on two busy cores, create to Running:
 * 1.6 s without a limit, 1.5, 1.6, 1.9 and 3.9 s with 250m, 100m, 50m and 20m.
 */
const PROOF_CPU = '250m';
const PROOF_CPU_LEAST = '20m';
/** Memory limit of a proof's container, and the least: runc needs some 15 MiB of it for a moment. */
const PROOF_MEMORY = '64Mi';
const PROOF_MEMORY_LEAST = '32Mi';
/**
 * Requests of a container where admission wants some; else they are zero, so that a Pod also starts on a
 * node whose CPU and memory are all promised to others.
 */
const SMALL_CPU = '10m';
const SMALL_MEMORY = '16Mi';
/** Seconds between two probes that are there because policies ask for them: each is a process on the node. */
const PROBE_PERIOD_SECONDS = 3600;
/** Seconds between two of those of a registry that has started and is not ready yet: a busy node may miss one. */
const REGISTRY_READY_PERIOD_SECONDS = 30;
/** Seconds that such a probe may take: a node that is busy says nothing about the container. */
const PROBE_TIMEOUT_SECONDS = 60;
/** Failed probes in a row that are no reason to end a container: more than fit into a run's life. */
const PROBE_FAILURES = 1_000_000;
/**
 * Seconds that a Pod stays on a node that is not ready or unreachable: what the API server gives every
 * Pod that does not say it (kube-apiserver `--default-not-ready-toleration-seconds`).
 */
const NODE_DOWN_TOLERATION_SECONDS = 300;
/** Nodes that are looked at for an image that the registry starts from: as many as bases are tried. */
const BASE_NODES_MAX = 6;
/** Pods that are tried on a node with the input `injector-image`: a pull may fail once without a reason that stays. */
const GIVEN_BASE_TRIES = 2;
/** Nodes whose Pods are counted at once. */
const NODE_ASKS_CONCURRENCY = 6;
/** Seconds for which a question about network policies is tried again: ours is a courtesy. */
const NETWORK_POLICY_PATIENCE_SECONDS = 10;
/** Times that Pods are fitted anew to what a refusal says of limits: each rule of a LimitRange may come alone. */
const FIT_ROUNDS_MAX = 8;
/** Images of running Pods of a namespace that the registry is tried on where nobody may list nodes: ours to choose. */
const RUNNING_BASES_MAX = 4;
/** Sandbox images that it is tried on then, for each architecture: each that a node lacks costs about a second. */
const KNOWN_BASES_MAX = 16;
/** Images that one sentence names after all of them have failed; of more it says how many: ours to choose. */
const BASE_FAILURES_NAMED_MAX = 4;
/**
 * Nodes of which a lost registry of a release may start again on one: ours to choose, since each is a term of the Pod's
 * node affinity.
 */
const LASTING_NODES_MAX = 50;
/**
 * Seconds for which the controller that is to make a release's Pods may say nothing: ours to choose. One that is idle says
 * within a second whether admission lets it, and within two more whether it goes on failing (its rate limiter begins with
 * 5 ms, and doubles it). One of a busy cluster has others to serve first.
 */
const CONTROLLER_SILENCE_SECONDS = 30;
//# sourceMappingURL=pods.js.map

/***/ }),

/***/ 9266:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   _0: () => (/* binding */ replacedBy),
/* harmony export */   eA: () => (/* binding */ catalogWith),
/* harmony export */   eQ: () => (/* binding */ contentsIn)
/* harmony export */ });
/**
 * What a registry serves that takes another one's place: its own images, and those of the one before as they were, since
 * what runs may be scheduled anew until it is rolled out, and rolled back after that. A tag that both have means the own
 * image. Both are catalogs as `catalogText` writes them; the one before lists no parcels.
 */
function catalogWith(own, before) {
    if (before === undefined) {
        return own;
    }
    const lines = recordsIn(own);
    const tags = new Set(lines.flatMap((line) => tagOf(line) ?? []));
    const known = new Set(lines);
    const kept = recordsIn(before).filter((line) => {
        const tag = tagOf(line);
        return !known.has(line) && (tag === undefined || !tags.has(tag));
    });
    const [version = '', prefix = ''] = own.split('\n', 2);
    // Chunks follow their parcel, so what is added comes before them.
    return [version, prefix, ...kept, ...lines, 'end', ''].join('\n');
}
/** What a catalog lists and the one that comes after it does not: contents with their bytes, and the images' names. */
function replacedBy(own, before = '') {
    const [contents, lines] = [contentsIn(own), new Set(recordsIn(own))];
    return {
        contents: new Map([...contentsIn(before)].filter(([digest]) => !contents.has(digest))),
        names: recordsIn(before).flatMap((line) => lines.has(line) ? [] : (tagOf(line)?.replace(' ', ':') ?? [])),
    };
}
/** Digests of the contents that a catalog lists, with their sizes in bytes. */
function contentsIn(catalog) {
    return new Map(recordsIn(catalog).flatMap((line) => {
        const [kind, digest = '', size] = line.split(' ');
        return kind === 'manifest' || kind === 'blob' ? [[digest, Number(size)]] : [];
    }));
}
/** The lines between the first two, which are the same for all of a release, and the last. */
function recordsIn(catalog) {
    return catalog.trimEnd().split('\n').slice(2, -1);
}
/** Repository and tag of a record that tells of one. */
function tagOf(line) {
    return /^tag (\S+ \S+) /.exec(line)?.[1];
}
//# sourceMappingURL=replaced.js.map

/***/ }),

/***/ 3449:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $0: () => (/* binding */ placementFor),
/* harmony export */   CG: () => (/* binding */ requirementsOf),
/* harmony export */   Jm: () => (/* binding */ isUnfit),
/* harmony export */   zj: () => (/* binding */ namedTerms)
/* harmony export */ });
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9850);

/** One requirement of a label selector (apimachinery `labels.Parse`): `a`, `!a`, `a=b`, `a!=b`, `a>1`, `a in (b,c)`. */
const REQUIREMENT = /^\s*(?:(?<absent>!)\s*(?<gone>[\w./-]+)|(?<key>[\w./-]+)(?:\s*(?<sign>==?|!=|<|>)\s*(?<value>[\w.-]*)|\s+(?<set>in|notin)\s*\((?<values>[^()]*)\))?)\s*$/;
/** The commas between requirements, not those within a set. */
const BETWEEN = /,(?![^(]*\))/;
const OPERATORS = {
    '=': 'In',
    '==': 'In',
    in: 'In',
    '!=': 'NotIn',
    notin: 'NotIn',
    '>': 'Gt',
    '<': 'Lt',
};
/**
 * Nodes that no image can be brought to, as far as labels tell: Fargate's, virtual ones of virtual-kubelet and of Liqo, and
 * those that kwok plays.
 */
const UNFIT = [
    { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] },
    { key: 'type', operator: 'NotIn', values: ['virtual-kubelet', 'virtual-node', 'kwok'] },
    { key: 'liqo.io/type', operator: 'NotIn', values: ['virtual-node'] },
];
/** Whether no image can be brought to a node with these labels. */
function isUnfit(labels) {
    return UNFIT.some(({ key, values }) => values.some((value) => labels[key] === value));
}
/**
 * What makes a scheduler choose among the Linux nodes of an architecture that have the labels: for Pods of those who may
 * not list nodes, and so name none, and for Pods that come later. Throws an ActionError when the selector is none.
 *
 * @param selector as kubectl takes it; all nodes when undefined
 */
function placementFor(architecture, selector, { on, notOn = [], besides = [] } = {}) {
    const matchExpressions = [...UNFIT, ...requirementsOf(selector)];
    const excluded = notOn.map(named('NotIn'));
    // A field takes one value; of terms, one has to be met.
    const places = on === undefined ? [excluded] : on.map((node) => [named('In')(node), ...excluded]);
    const terms = places.map((fields) => termOf(matchExpressions, fields));
    const others = besides.map((term) => without(excluded, term, matchExpressions));
    const each = new Map([...others, ...terms].map((term) => [JSON.stringify(term), term]));
    return {
        nodeSelector: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': architecture },
        affinity: {
            nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                    nodeSelectorTerms: [...each.values()],
                },
            },
        },
    };
}
const named = (operator) => (node) => ({
    key: 'metadata.name',
    operator,
    values: [node],
});
const termOf = (matchExpressions, matchFields) => ({ matchExpressions, ...(matchFields.length > 0 && { matchFields }) });
/**
 * A term of before without these nodes either. It keeps off those that it kept off, too, unless it has the selector of now:
 * what of its nodes is to be left out, nobody else can tell.
 */
function without(excluded, term, now) {
    const { matchExpressions, matchFields = [] } = term;
    if (matchExpressions === undefined)
        return term;
    const isOfNow = JSON.stringify(matchExpressions) === JSON.stringify(now);
    const fields = [...(isOfNow ? [] : matchFields), ...excluded];
    const each = new Map(fields.map((field) => [JSON.stringify(field), field]));
    return termOf(matchExpressions, [...each.values()]);
}
/** Terms that these nodes meet, each one, whatever labels they have. */
function namedTerms(nodes) {
    return nodes.map((node) => ({ matchFields: [named('In')(node)] }));
}
/**
 * A label selector in the words of node affinity, which means the same by them. Throws an ActionError.
 *
 * @param input the name of the one that has it
 */
function requirementsOf(selector, input = 'nodes') {
    return selector === undefined || selector.trim() === ''
        ? []
        : selector.split(BETWEEN).map((one) => requirementOf(one, selector, input));
}
function requirementOf(text, selector, input) {
    const { absent, gone, key, sign, value, set, values } = REQUIREMENT.exec(text)?.groups ?? {};
    if (absent !== undefined && gone !== undefined) {
        return { key: gone, operator: 'DoesNotExist' };
    }
    if (key === undefined) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ(`The input \`${input}\` is "${selector}", which is no label selector, since "${text.trim()}" is no requirement; write it as for kubectl, such as kubernetes.io/os=linux,pool in (a,b).`);
    }
    const operator = OPERATORS[sign ?? set ?? ''];
    return operator === undefined
        ? { key, operator: 'Exists' }
        : { key, operator, values: (values ?? value ?? '').split(',').map((one) => one.trim()) };
}
//# sourceMappingURL=affinity.js.map

/***/ }),

/***/ 9855:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J3: () => (/* binding */ tried),
/* harmony export */   bG: () => (/* binding */ refusedError),
/* harmony export */   eZ: () => (/* binding */ bareWords)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9850);


/**
 * Whether the API server admits a sample, so that policy engines, Pod Security, limit ranges and quotas
 * speak before anything travels. Throws what is no refusal.
 */
async function tried(what, dryRun) {
    try {
        return { pod: (await dryRun) };
    }
    catch (error) {
        if ((0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'policy', 'webhook', 'quota', 'permission', 'too-large', 'other')) {
            const mendable = (0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'policy', 'other');
            return { refusal: { what, words: refusalWords(error), mendable, error } };
        }
        throw error;
    }
}
/** Such as `pods "a" is forbidden: ` before a policy's own words. */
const FORBIDDEN = /^\S+ "[^"]*" is forbidden: /;
/** The words of who refused come without what the API server puts before them. */
function refusalWords(error) {
    const words = (0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'policy', 'other') ? error.words : '';
    return bareWords(words || (0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .sentenceOf */ .$N)(error));
}
/** Words of who refused, without what the API server puts before them, in one line and without a full stop. */
function bareWords(words) {
    return words
        .replace(FORBIDDEN, '')
        .replaceAll(/\s+/g, ' ')
        .replace(/[.\s]+$/, '');
}
/** The error for refusals: who refused says why first, the same words once, then what they are about. */
function refusedError(namespace, refusals) {
    const byWords = Map.groupBy(refusals, ({ words }) => words);
    const said = [...byWords].map(([words, about]) => `${words} (${[...new Set(about.map(({ what }) => what))].join(', ')})`);
    const names = new Set(refusals.map(({ allow }) => allow));
    const advice = names.has(undefined)
        ? 'change the policy'
        : `let the policy allow ${[...names].join(' and ')},`;
    return new _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ(`${said.join('; ')}: so the cluster refuses what this run would create in the namespace "${namespace}"; ${advice} or use another namespace.`, { cause: refusals[0]?.error });
}
//# sourceMappingURL=dry-run.js.map

/***/ }),

/***/ 4922:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bk: () => (/* binding */ REGISTRY_PORTS),
/* harmony export */   I2: () => (/* binding */ storeClaim),
/* harmony export */   Lz: () => (/* binding */ DELIVERY_PORT),
/* harmony export */   ik: () => (/* binding */ REGISTRY_PORT),
/* harmony export */   rQ: () => (/* binding */ storeSize),
/* harmony export */   vn: () => (/* binding */ registryPod),
/* harmony export */   wT: () => (/* binding */ CATALOG_KEY)
/* harmony export */ });
/* harmony import */ var _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(9556);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3751);
/* harmony import */ var _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1589);
/* harmony import */ var _preflight_affinity_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3449);
/* harmony import */ var _run_pod_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5504);
/* harmony import */ var _run_run_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(182);
/* harmony import */ var _run_shape_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(7246);
/* harmony import */ var _run_token_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(1110);








/** Key of the bytes in each of the catalog's ConfigMaps. */
const CATALOG_KEY = 'catalog';
const CATALOG_MOUNT = '/jackal-catalog';
const STORE_MOUNT = '/jackal-store';
/** The port that the registry listens on inside its Pod. */
const REGISTRY_PORT = 5000;
/** The port at which a stream or couriers bring it bytes. */
const DELIVERY_PORT = 5001;
/** Where it may be reached from outside its Pod, as network policies have to let in. */
const REGISTRY_PORTS = { registry: REGISTRY_PORT, delivery: DELIVERY_PORT };
/**
 * The Pod that joins the chunks, verifies them and serves them, or gets catalog and bytes as a stream.
 * Its container needs nothing from its image, so any image will do.
 *
 * @param attempt how many bases were tried before
 * @param chunks path below the chunks directory of each chunk, in order
 * @param storeBytes bytes that the verified blobs will take on the node's disk
 */
function registryPod(delivery, base, attempt, chunks, storeBytes) {
    const volumes = [
        (0,_run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .injectorVolume */ .jW)(delivery, base.architecture),
        ...(takesCatalog(delivery) ? [catalogVolume(delivery)] : []),
        ...(takesDeliveries(delivery) ? [(0,_run_token_js__WEBPACK_IMPORTED_MODULE_6__/* .tokenVolume */ .uu)(delivery)] : []),
        storeVolume(delivery, storeBytes),
        ...chunks.map((_, index) => ({
            name: `chunk-${index}`,
            configMap: { name: _run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .nameOf */ .Vb.chunk(delivery, index) },
        })),
    ];
    return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: (0,_run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .podMetadata */ .J0)(delivery, 'registry', _run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .nameOf */ .Vb.registry(delivery, attempt)),
        spec: {
            ...placedSpec(delivery, base),
            restartPolicy: 'OnFailure',
            containers: [registryContainer(delivery, base, chunks)],
            volumes,
        },
    };
}
/**
 * A Pod that names its node is no scheduler's business, and a volume that is made for the node of its first Pod comes
 * only with a scheduler.
 */
function placedSpec(delivery, base) {
    const { hasClaim, nodeSelector, shape = _run_shape_js__WEBPACK_IMPORTED_MODULE_5__/* .USUAL_SHAPE */ .$ } = delivery;
    const { architecture, node, taints, notOn } = base;
    if (node !== undefined && hasClaim !== true) {
        // Who may not list nodes knows less of this one than a kubelet does.
        const placement = delivery.nodesUnlisted === true && (0,_preflight_affinity_js__WEBPACK_IMPORTED_MODULE_2__/* .placementFor */ .$0)(architecture, nodeSelector);
        return { ...(0,_run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .podSpecOf */ .qz)({ name: node, taints }, delivery), ...placement };
    }
    const { securityContext, tolerations, ...spec } = (0,_run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .podSpecOf */ .qz)({ taints }, delivery);
    const onNode = node === undefined ? { notOn } : { on: [node] };
    return {
        ...spec,
        ...(0,_preflight_affinity_js__WEBPACK_IMPORTED_MODULE_2__/* .placementFor */ .$0)(architecture, nodeSelector, onNode),
        tolerations: node === undefined ? tolerations : [...tolerations, ANYWHERE],
        securityContext: { ...securityContext, ...(hasClaim && shape.user && { fsGroup: _run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .USER */ .m3 }) },
    };
}
/** For a Pod whose node was chosen on purpose. */
const ANYWHERE = { operator: 'Exists', effect: 'NoSchedule' };
/** Bytes that the store takes. */
function storeSize(storeBytes) {
    return storeBytes + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .REGISTRY_STORE_OVERHEAD_BYTES */ .Ri;
}
/** Bytes of a volume whose file system has room for the store. */
function volumeSize(storeBytes) {
    const size = (storeSize(storeBytes) * _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .VOLUME_PERCENT */ .L9) / 100 + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .VOLUME_OVERHEAD_BYTES */ .Uh;
    return Math.max(size, _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .VOLUME_LEAST_BYTES */ .ZK);
}
/** A size as Kubernetes writes it. */
function inMebibytes(bytes) {
    return `${Math.ceil(bytes / _lib_limits_units_js__WEBPACK_IMPORTED_MODULE_1__/* .MIB */ .D6)}Mi`;
}
function storeVolume(delivery, storeBytes) {
    return delivery.hasClaim
        ? { name: 'store', persistentVolumeClaim: { claimName: _run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .nameOf */ .Vb.store(delivery) } }
        : { name: 'store', emptyDir: { sizeLimit: inMebibytes(storeSize(storeBytes)) } };
}
/** The volume of the cluster's default StorageClass that a release's registry keeps its store on. */
function storeClaim(delivery, storeBytes) {
    return {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
            name: _run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .nameOf */ .Vb.store(delivery),
            labels: (0,_run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .labelsFor */ .dS)(delivery, 'store'),
            ownerReferences: [delivery.owner],
        },
        spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: inMebibytes(volumeSize(storeBytes)) } },
        },
    };
}
/** The catalog's parts as files of one directory, with the names that the injector looks for. */
function catalogVolume(delivery) {
    const parts = Array.from({ length: delivery.catalogParts ?? 1 }, (_, part) => ({
        configMap: {
            name: _run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .nameOf */ .Vb.catalog(delivery, part),
            items: [{ key: CATALOG_KEY, path: part.toString().padStart(4, '0') }],
        },
    }));
    return { name: 'catalog', projected: { sources: parts } };
}
/** Whether bytes are brought to the registry besides those that it mounts. */
function takesDeliveries({ carrier = 'configmap' }) {
    return carrier !== 'configmap';
}
/** Whether the registry mounts its catalog; a stream brings it. */
function takesCatalog({ carrier = 'configmap' }) {
    return carrier !== 'stream';
}
function registryContainer(delivery, base, chunks) {
    const { secret, shape = _run_shape_js__WEBPACK_IMPORTED_MODULE_5__/* .USUAL_SHAPE */ .$ } = delivery;
    const delivered = takesDeliveries(delivery);
    return {
        name: 'registry',
        ...(0,_run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .injectorContainer */ .ag)(base, shape.registry),
        command: [
            _run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .INJECTOR */ .du,
            'serve',
            ...['--store', STORE_MOUNT, ...(delivery.hasClaim ? ['--durable'] : [])],
            ...['--listen', `${REGISTRY_PORT}`],
            ...(takesCatalog(delivery) ? ['--catalog', CATALOG_MOUNT, '--chunks', _run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .CHUNKS_MOUNT */ .Ji] : []),
            ...(delivered ? ['--deliver', `${DELIVERY_PORT}`, '--token', _run_token_js__WEBPACK_IMPORTED_MODULE_6__/* .TOKEN_FILE */ .r$] : []),
            ...(delivery.kept?.address === undefined ? [] : ['--from', delivery.kept.address]),
        ],
        ports: [
            { name: 'registry', containerPort: REGISTRY_PORT },
            ...(delivered ? [{ name: 'delivery', containerPort: DELIVERY_PORT }] : []),
        ],
        readinessProbe: { ..._run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .PROBES */ ._v.readinessProbe, periodSeconds: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_7__/* .REGISTRY_READY_PERIOD_SECONDS */ .G0 },
        startupProbe: untilVerified(secret),
        volumeMounts: [
            _run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .INJECTOR_VOLUME_MOUNT */ .OV,
            ...(takesCatalog(delivery)
                ? [{ name: 'catalog', mountPath: CATALOG_MOUNT, readOnly: true }]
                : []),
            { name: 'store', mountPath: STORE_MOUNT },
            ...(delivered ? [{ name: 'token', mountPath: _run_token_js__WEBPACK_IMPORTED_MODULE_6__/* .TOKEN_MOUNT */ .gV, readOnly: true }] : []),
            ...chunks.map((path, index) => ({
                name: `chunk-${index}`,
                mountPath: `${_run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .CHUNKS_MOUNT */ .Ji}/${path.slice(0, -(_run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .CHUNK_KEY */ .uX.length + 1))}`,
                readOnly: true,
            })),
        ],
    };
}
/**
 * The container counts as started, and the Pod then is ready, when all is verified. Asked from inside
 * over the Pod's own loopback, which no mesh, network policy or address family stands before; and not
 * asked any more after that, since each question is a process on the node.
 */
function untilVerified(secret) {
    const server = `127.0.0.1:${REGISTRY_PORT}`;
    return {
        exec: { command: [_run_pod_js__WEBPACK_IMPORTED_MODULE_3__/* .INJECTOR */ .du, 'probe', '--connect', server, '--path', `/${secret}/readyz`] },
        periodSeconds: 1,
        // The injector holds its answer for 4 s or until all is verified.
        timeoutSeconds: 10,
        failureThreshold: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .RUN_LIFETIME_SECONDS */ .WV,
    };
}
//# sourceMappingURL=pod.js.map

/***/ }),

/***/ 8484:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   AX: () => (/* binding */ pointService),
/* harmony export */   S1: () => (/* binding */ registryReplicaSet),
/* harmony export */   mW: () => (/* binding */ copiedBy),
/* harmony export */   returnTo: () => (/* binding */ returnTo),
/* harmony export */   uc: () => (/* binding */ tolerationsFor)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _payload_replaced_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(9266);
/* harmony import */ var _preflight_affinity_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3449);
/* harmony import */ var _run_pod_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5504);
/* harmony import */ var _run_remove_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8295);
/* harmony import */ var _run_run_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(182);
/* harmony import */ var _pod_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4922);
/* harmony import */ var _service_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(9438);








/** Has the Service of a release lead to the registry of one delivery, and to no other. Throws ApiError. */
async function pointService(client, run, delivery, signal) {
    await (0,_service_js__WEBPACK_IMPORTED_MODULE_6__/* .leadService */ .MG)(client, run, signal, registryOf({ id: run.id, delivery }));
}
/** The labels by which the registry of one delivery is found. */
function registryOf({ id, delivery }) {
    return { ...(0,_run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .labelsOf */ .PC)(id, 'registry'), [_run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .DELIVERY_LABEL */ .wr]: String(delivery) };
}
/**
 * Takes a release back to the delivery that is in use, whatever the last step has left that did not come to its end: its
 * Service leads there, where it has one, and nothing is left of others. Without one, nothing of any delivery stays, nor
 * what would have gone on from delivery to delivery. Throws ApiError.
 */
async function returnTo(client, place, { kept, last }, signal) {
    if (kept !== undefined) {
        await pointService(client, place, kept, signal).catch((error) => {
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'not-found'))
                throw error;
        });
    }
    await (0,_run_remove_js__WEBPACK_IMPORTED_MODULE_3__/* .clearDeliveries */ .uV)(client, place, kept, signal);
    // A step may have failed when what it had delivered was in use already.
    if (kept === undefined || (0,_run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .firstOfStep */ .Gl)(kept) !== (0,_run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .firstOfStep */ .Gl)(last)) {
        await (0,_run_remove_js__WEBPACK_IMPORTED_MODULE_3__/* .removeTokenOf */ .fs)(client, place, last, signal);
    }
}
/** Digests of what the registry of a delivery is to have from the one that it replaces. */
function copiedBy(kept) {
    const contents = kept?.address === undefined ? [] : (0,_payload_replaced_js__WEBPACK_IMPORTED_MODULE_7__/* .contentsIn */ .eQ)(kept.catalog ?? '').keys();
    return new Set(contents);
}
/**
 * The tolerations with which a scheduler finds a node among these: none where one of them takes every Pod, else those of
 * all their taints, since nobody knows which of them will be there.
 *
 * @param isBound whether a volume may bind the Pod to one of them, so that another one is of no use
 */
function tolerationsFor(nodes, isBound) {
    if (!isBound && nodes.some(({ keptBy = [] }) => keptBy.length === 0)) {
        return [];
    }
    const tolerations = nodes.flatMap(({ keptBy = [] }) => keptBy.map(_run_pod_js__WEBPACK_IMPORTED_MODULE_2__/* .tolerationOf */ .Hf));
    return [...new Map(tolerations.map((one) => [JSON.stringify(one), one])).values()];
}
/**
 * Where a registry that comes later looks for what it lacks: in its own network, where nothing listens. The registry that
 * was replaced is gone by then, and its address may be another tenant's, whom a question would tell the secret path.
 */
const NOBODY = '127.0.0.1:1';
function withNobodyToCopyFrom(delivery) {
    const { kept } = delivery;
    return kept?.address === undefined
        ? delivery
        : { ...delivery, kept: { ...kept, address: NOBODY } };
}
/**
 * Puts another Pod in the place of a registry that is lost. It takes over the Pod that is there: a ReplicaSet adopts what
 * its selector finds and nobody controls (kubernetes, pkg/controller/controller_ref_manager.go).
 */
function registryReplicaSet(delivery, { base, nodes, tolerations = [], chunks, storeBytes }) {
    const { architecture, image, pulled } = base;
    const { metadata, spec } = (0,_pod_js__WEBPACK_IMPORTED_MODULE_5__/* .registryPod */ .vn)(withNobodyToCopyFrom(delivery), { architecture, image, pulled }, 0, chunks, storeBytes);
    const name = _run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .nameOf */ .Vb.registrySet(delivery);
    const { labels, annotations } = metadata ?? {};
    return {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
            name,
            labels: (0,_run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .labelsFor */ .dS)(delivery, 'registry'),
            ownerReferences: [delivery.owner],
        },
        spec: {
            replicas: 1,
            selector: { matchLabels: registryOf(delivery) },
            template: {
                metadata: { ...(labels && { labels }), ...(annotations && { annotations }) },
                ...(spec && {
                    spec: {
                        ...spec,
                        ...(0,_preflight_affinity_js__WEBPACK_IMPORTED_MODULE_1__/* .placementFor */ .$0)(architecture, delivery.nodeSelector, { on: nodes }),
                        tolerations: [...(spec.tolerations ?? []), ...tolerations],
                        restartPolicy: 'Always',
                    },
                }),
            },
        },
    };
}
//# sourceMappingURL=release.js.map

/***/ }),

/***/ 9438:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ad: () => (/* binding */ serviceAddress),
/* harmony export */   IH: () => (/* binding */ openService),
/* harmony export */   Ln: () => (/* binding */ findService),
/* harmony export */   MG: () => (/* binding */ leadService),
/* harmony export */   X2: () => (/* binding */ rehearseService)
/* harmony export */ });
/* unused harmony export registryService */
/* harmony import */ var _kube_pods_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9915);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9850);
/* harmony import */ var _preflight_dry_run_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9855);
/* harmony import */ var _run_run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(182);
/* harmony import */ var _pod_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4922);





/** Path of a run's Service. */
function servicePath({ id, namespace }) {
    return `${_kube_pods_js__WEBPACK_IMPORTED_MODULE_0__/* .collection */ .r.services(namespace)}/${_run_run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.service(id)}`;
}
/**
 * The Service that opens the registry on each node's loopback, where it is of type NodePort. It takes the Pod in before it is
 * ready, so that kube-proxy has programmed the way while the chunks are still being read; the
 * injector holds a request for content that has not arrived.
 */
function registryService(run, { carrier, type = 'NodePort', leadsLater = false }, owner) {
    const { id, release } = run;
    const ports = [portOf('registry', _pod_js__WEBPACK_IMPORTED_MODULE_3__/* .REGISTRY_PORT */ .ik)];
    // What a release's next images travel by nobody knows.
    if (carrier === 'stream' || release !== undefined) {
        ports.push(portOf('delivery', _pod_js__WEBPACK_IMPORTED_MODULE_3__/* .DELIVERY_PORT */ .Lz));
    }
    return {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
            name: _run_run_js__WEBPACK_IMPORTED_MODULE_2__/* .nameOf */ .Vb.service(id),
            labels: (0,_run_run_js__WEBPACK_IMPORTED_MODULE_2__/* .labelsFor */ .dS)(run, 'service'),
            ...(owner && { ownerReferences: [owner] }),
        },
        spec: {
            type,
            ...(!leadsLater && { selector: (0,_run_run_js__WEBPACK_IMPORTED_MODULE_2__/* .labelsOf */ .PC)(id, 'registry') }),
            publishNotReadyAddresses: true,
            ipFamilyPolicy: 'PreferDualStack',
            ports,
        },
    };
}
const portOf = (name, port) => ({ name, port, targetPort: port });
/**
 * Has the API server admit the Service without storing it, and returns the first of the shapes that it admits.
 * Throws an ActionError with the words of who refuses all of them.
 */
async function rehearseService(client, run, { carrier, shapes }, signal) {
    const refusals = new Map();
    for (const shape of shapes) {
        const service = registryService(run, { carrier, ...shape });
        const path = _kube_pods_js__WEBPACK_IMPORTED_MODULE_0__/* .collection */ .r.services(run.namespace);
        const create = client.create(path, service, { query: { dryRun: 'All' }, signal });
        const { refusal } = await (0,_preflight_dry_run_js__WEBPACK_IMPORTED_MODULE_1__/* .tried */ .J3)(`the Service of type ${shape.type}`, create);
        if (refusal === undefined) {
            return shape;
        }
        refusals.set(shape.type, refusal);
    }
    throw (0,_preflight_dry_run_js__WEBPACK_IMPORTED_MODULE_1__/* .refusedError */ .bG)(run.namespace, [...refusals.values()]);
}
/** Creates the Service and returns its ports on the nodes. Throws ApiError. */
async function openService(client, run, plan, owner, signal) {
    const service = registryService(run, plan, owner);
    const created = await client.create(_kube_pods_js__WEBPACK_IMPORTED_MODULE_0__/* .collection */ .r.services(run.namespace), service, {
        signal,
    });
    const { registry, delivery } = portsOf(created);
    if (plan.type !== 'ClusterIP' && registry === undefined) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_4__/* .ActionError */ .lZ('The cluster gave the registry Service no node port; set the input `route` to hostport or hostnetwork.');
    }
    return { registry, delivery };
}
/** Has the Service lead to the registry Pods of its run, or to those with some labels. Throws ApiError. */
async function leadService(client, run, signal, selector = (0,_run_run_js__WEBPACK_IMPORTED_MODULE_2__/* .labelsOf */ .PC)(run.id, 'registry')) {
    await client.patch(servicePath(run), { spec: { selector } }, { signal });
}
function portsOf({ spec }) {
    const [registry, delivery] = (spec?.ports ?? []).map(({ nodePort }) => nodePort);
    return { registry, delivery };
}
/** The Service of a release, made anew where somebody has deleted it. Throws ApiError, and as `openService` does. */
async function findService(client, run, { carrier, shapes }, signal) {
    const there = await client.find(servicePath(run), { signal });
    if (there !== undefined) {
        return { shape: { type: there.spec?.type }, ports: portsOf(there) };
    }
    const shape = await rehearseService(client, run, { carrier, shapes }, signal);
    return { shape, ports: await openService(client, run, { carrier, ...shape }, run.owner, signal) };
}
/** The address of the run's Service on the cluster's own network. Throws ApiError. */
async function serviceAddress(client, run, signal) {
    return (await client.get(servicePath(run), { signal })).spec?.clusterIP ?? '';
}
//# sourceMappingURL=service.js.map

/***/ }),

/***/ 5504:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   BS: () => (/* binding */ chunkPath),
/* harmony export */   DT: () => (/* binding */ INJECTOR_KEY),
/* harmony export */   Hf: () => (/* binding */ tolerationOf),
/* harmony export */   J0: () => (/* binding */ podMetadata),
/* harmony export */   Ji: () => (/* binding */ CHUNKS_MOUNT),
/* harmony export */   OV: () => (/* binding */ INJECTOR_VOLUME_MOUNT),
/* harmony export */   SH: () => (/* binding */ PULL_HELD_BACK),
/* harmony export */   SK: () => (/* binding */ RESTRICTED_CONTAINER),
/* harmony export */   VF: () => (/* binding */ cannotStart),
/* harmony export */   Ww: () => (/* binding */ baseAdvice),
/* harmony export */   _v: () => (/* binding */ PROBES),
/* harmony export */   aS: () => (/* binding */ initFaultOf),
/* harmony export */   ag: () => (/* binding */ injectorContainer),
/* harmony export */   du: () => (/* binding */ INJECTOR),
/* harmony export */   hh: () => (/* binding */ BARE_BACK_OFF),
/* harmony export */   jW: () => (/* binding */ injectorVolume),
/* harmony export */   m3: () => (/* binding */ USER),
/* harmony export */   qz: () => (/* binding */ podSpecOf),
/* harmony export */   uX: () => (/* binding */ CHUNK_KEY)
/* harmony export */ });
/* harmony import */ var _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9556);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3751);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(182);
/* harmony import */ var _shape_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7246);
/* harmony import */ var _sidecars_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8239);





/** Key of the binary in the injector's ConfigMap, and its name where that is mounted. */
const INJECTOR_KEY = 'injector';
/** Where the injector's ConfigMap is mounted in every Pod of a run. */
const INJECTOR_MOUNT = '/jackal';
/** The injector's path in every Pod of a run. */
const INJECTOR = `${INJECTOR_MOUNT}/${INJECTOR_KEY}`;
/** Key of the bytes in a chunk's ConfigMap. */
const CHUNK_KEY = 'chunk';
/** Where a Pod that reads chunks has them. */
const CHUNKS_MOUNT = '/jackal-chunks';
/** A user that no image relies on: `restricted` Pod Security asks for one that is not root. */
const USER = 65532;
/** What a Pod's container may do under the Pod Security level `restricted`: nothing but run. */
const RESTRICTED_CONTAINER = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
};
/**
 * Probes that policies ask for on every container. They are the injector's own and say yes at once,
 * whatever the image, the address family or a mesh may be; an image that runs is all that is asked.
 */
const PROBES = {
    readinessProbe: {
        exec: { command: [INJECTOR, 'probe'] },
        periodSeconds: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_4__/* .PROBE_PERIOD_SECONDS */ .Xl,
        timeoutSeconds: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_4__/* .PROBE_TIMEOUT_SECONDS */ .lL,
    },
    livenessProbe: {
        exec: { command: [INJECTOR, 'probe'] },
        initialDelaySeconds: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_4__/* .PROBE_PERIOD_SECONDS */ .Xl,
        periodSeconds: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_4__/* .PROBE_PERIOD_SECONDS */ .Xl,
        timeoutSeconds: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_4__/* .PROBE_TIMEOUT_SECONDS */ .lL,
        failureThreshold: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_4__/* .PROBE_FAILURES */ .$n,
    },
};
/** Name, labels, annotations and owner of a Pod of the run. */
function podMetadata(delivery, role, name) {
    return {
        name,
        labels: { ...(0,_run_js__WEBPACK_IMPORTED_MODULE_1__/* .labelsFor */ .dS)(delivery, role), ..._sidecars_js__WEBPACK_IMPORTED_MODULE_3__/* .NO_SIDECAR_LABELS */ .Ok },
        annotations: { ..._sidecars_js__WEBPACK_IMPORTED_MODULE_3__/* .NO_SIDECAR_ANNOTATIONS */ .J$ },
        ownerReferences: [delivery.owner],
    };
}
/** What every Pod of a run has in common; `restricted` Pod Security admits it. What is to stay has no deadline. */
function podSpecOf(node, { shape: { user } = _shape_js__WEBPACK_IMPORTED_MODULE_2__/* .USUAL_SHAPE */ .$, release }) {
    return {
        ...(node.name !== undefined && { nodeName: node.name }),
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        hostname: 'jackal',
        ...(release === undefined && { activeDeadlineSeconds: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .RUN_LIFETIME_SECONDS */ .WV }),
        terminationGracePeriodSeconds: 2,
        tolerations: tolerationsOf(node),
        securityContext: {
            runAsNonRoot: true,
            ...(user && { runAsUser: USER, runAsGroup: USER }),
            seccompProfile: { type: 'RuntimeDefault' },
        },
    };
}
/** The toleration of one taint and no other. */
function tolerationOf({ key, value, effect }) {
    return value ? { key, operator: 'Equal', value, effect } : { key, operator: 'Exists', effect };
}
/** Taints that come when a node is down; the API server has every Pod tolerate them for a while. */
const NODE_DOWN = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
/**
 * The tolerations of a Pod that names its node: that was chosen on purpose, so each of the node's
 * `NoExecute` taints is tolerated, and no other, for some policies take no toleration of everything.
 * Taints of another effect only matter to the scheduler, which has no part in it (kubelet
 * `lifecycle/predicate.go`).
 */
function tolerationsOf({ taints = [] }) {
    const effect = 'NoExecute';
    return [
        ...taints
            .filter((taint) => taint.effect === effect && !NODE_DOWN.includes(taint.key))
            .map(tolerationOf),
        ...NODE_DOWN.map((key) => ({
            key,
            operator: 'Exists',
            effect,
            tolerationSeconds: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_4__/* .NODE_DOWN_TOLERATION_SECONDS */ .qM,
        })),
    ];
}
/** What to do where nothing starts from an image, as the end of a sentence; `bases` are what was tried. */
function baseAdvice(bases) {
    return bases.some(({ pulled }) => pulled)
        ? 'give the input `injector-image` an image that the nodes have or can pull'
        : 'let any Pod run there once, so that its image is there, or set the input `injector-image` to an image that the nodes can pull';
}
/** What a container has that runs the injector and needs nothing from its image: any will do. */
function injectorContainer({ image, pulled }, resources) {
    return {
        image,
        imagePullPolicy: pulled ? 'IfNotPresent' : 'Never',
        workingDir: '/',
        ...PROBES,
        resources,
        securityContext: RESTRICTED_CONTAINER,
        // The injector's last line says why it ended; this hands it to whoever reads the Pod.
        terminationMessagePolicy: 'FallbackToLogsOnError',
    };
}
/** Where a container has the injector, of a Pod with `injectorVolume`. */
const INJECTOR_VOLUME_MOUNT = {
    name: 'injector',
    mountPath: INJECTOR_MOUNT,
    readOnly: true,
};
/** The volume that carries the injector for an architecture, executable for everyone. */
function injectorVolume(delivery, architecture) {
    return {
        name: 'injector',
        configMap: { name: _run_js__WEBPACK_IMPORTED_MODULE_1__/* .nameOf */ .Vb.injector(delivery, architecture), defaultMode: 0o555 },
    };
}
/**
 * A kubelet's words for a pull that it did not begin, since the Pods of its node began as many just now as it lets them
 * (`registryPullQPS` and `registryBurst`; kubelet `images/helpers.go`). They say nothing of the image.
 */
const PULL_HELD_BACK = /\bpull QPS exceeded\b/;
/** Kubelets before 1.32 say no more than this between two pulls; the cause came before and comes again. */
const BARE_BACK_OFF = /^(?:ImagePullBackOff: )?Back-off pulling image "[^"]*"\.?$/;
/** Waiting reasons after which a container cannot start from its image; a pull that failed another Pod tries sooner. */
const UNUSABLE_IMAGE = /^(ErrImageNeverPull|InvalidImageName|ImageInspectError|ErrImagePull|ImagePullBackOff|CreateContainerError|CreateContainerConfigError|RunContainerError)$/;
/**
 * Whether a container that waits for this cannot start from its image; a pull that was held back its kubelet tries again,
 * and says of any other what was wrong before it waits without a word.
 */
function cannotStart({ reason = '', message = '' }) {
    const mayStart = PULL_HELD_BACK.test(message) || BARE_BACK_OFF.test(message);
    return UNUSABLE_IMAGE.test(reason) && !mayStart;
}
/** What an init container waits for that cannot start from its image; admission has put it in, and all others wait for it. */
function initFaultOf(pod) {
    for (const { name, state } of pod.status?.initContainerStatuses ?? []) {
        if (state?.waiting && cannotStart(state.waiting)) {
            const { reason, message } = state.waiting;
            return `the init container ${name}, which admission put in, does not start: ${[reason, message].filter(Boolean).join(': ')}`;
        }
    }
    return undefined;
}
/** The path of a chunk below the chunks directory: its volume's mount and the ConfigMap's key. */
function chunkPath(index) {
    return `${index.toString().padStart(4, '0')}/${CHUNK_KEY}`;
}
//# sourceMappingURL=pod.js.map

/***/ }),

/***/ 7246:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ USUAL_SHAPE)
/* harmony export */ });
/* harmony import */ var _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9556);

/** What Pods are made like where no admission asks for anything else. */
const USUAL_SHAPE = {
    user: true,
    registry: {
        requests: { cpu: '0', memory: '0' },
        limits: { cpu: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_0__/* .REGISTRY_CPU */ .$8, memory: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_0__/* .REGISTRY_MEMORY */ .gT },
    },
    proof: {
        requests: { cpu: '0', memory: '0' },
        limits: { cpu: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_0__/* .PROOF_CPU */ .kR, memory: _lib_limits_pods_js__WEBPACK_IMPORTED_MODULE_0__/* .PROOF_MEMORY */ .ft },
    },
};
//# sourceMappingURL=shape.js.map

/***/ })

};
