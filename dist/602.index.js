export const id = 602;
export const ids = [602];
export const modules = {

/***/ 6602:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  nM: () => (/* binding */ absoluteFiles),
  areGone: () => (/* binding */ areGone),
  HG: () => (/* binding */ hasLinesOfBraces),
  iz: () => (/* binding */ loadKubeconfig)
});

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
// EXTERNAL MODULE: ./out/src/lib/files/paths.js
var paths = __webpack_require__(5993);
// EXTERNAL MODULE: ./out/src/lib/files/regular-file.js
var regular_file = __webpack_require__(7484);
// EXTERNAL MODULE: ./out/src/lib/host-port.js
var host_port = __webpack_require__(4087);
;// CONCATENATED MODULE: ./out/src/kube/login/kubeconfig-file.js


async function parseKubeconfig(text, directory, title) {
    const { load } = await __webpack_require__.e(/* import() */ 243).then(__webpack_require__.bind(__webpack_require__, 3243));
    let raw;
    try {
        const isEmpty = text.replaceAll(/^\s*#.*$/gm, '').trim() === '';
        raw = (isEmpty ? {} : (load(text) ?? {}));
    }
    catch {
        throw malformed(title, 'it is not YAML');
    }
    if (typeof raw !== 'object' || Array.isArray(raw)) {
        throw clusterless(title);
    }
    const named = (list, key, at) => entriesOf(raw[list], list, key, title).map(({ name, entry }) => ({
        name,
        entry: at(entry),
    }));
    return {
        title,
        currentContext: String(raw['current-context'] ?? ''),
        contexts: entriesOf(raw.contexts, 'contexts', 'context', title),
        clusters: named('clusters', 'cluster', (it) => absoluteCluster(it, directory)),
        users: named('users', 'user', (it) => absoluteUser(it, directory)),
    };
}
function entriesOf(list, listName, key, title) {
    if (list !== undefined && list !== null && !Array.isArray(list)) {
        throw malformed(title, `its \`${listName}\` is not a list`);
    }
    return (list ?? []).map((item, index) => {
        if (typeof item !== 'object' || item === null || typeof item.name !== 'string') {
            throw malformed(title, `${listName}[${index}] has no name`);
        }
        return { name: item.name, entry: (item[key] ?? {}) };
    });
}
function clusterless(title) {
    return malformed(title, 'it has no clusters and contexts');
}
function malformed(title, why) {
    return new errors/* ActionError */.lZ(`${title} is malformed: ${why}; give a kubeconfig as \`kubectl config view --raw\` prints it.`);
}
function absoluteCluster(entry, directory) {
    const file = entry['certificate-authority'];
    return { ...entry, ...(file && { 'certificate-authority': external_node_path_.resolve(directory, file) }) };
}
function absoluteUser(entry, directory) {
    const files = {};
    for (const key of ['client-certificate', 'client-key', 'tokenFile']) {
        const file = entry[key];
        if (file) {
            files[key] = external_node_path_.resolve(directory, file);
        }
    }
    const command = entry.exec?.command;
    const exec = command?.includes('/') === true
        ? { exec: { ...entry.exec, command: external_node_path_.resolve(directory, command) } }
        : {};
    return { ...entry, ...files, ...exec };
}
//# sourceMappingURL=kubeconfig-file.js.map
;// CONCATENATED MODULE: ./out/src/kube/login/kubeconfig.js







const IN_CLUSTER = 'in-cluster';
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
async function loadKubeconfig(given, context, env, serviceAccount = SERVICE_ACCOUNT) {
    if (given !== undefined && given.trim() !== '') {
        const content = contentIn(given);
        return content === undefined
            ? fromFiles([(0,paths/* atHome */.X6)(given.trim(), env)], context)
            : fromContent(content, 'The given kubeconfig', context);
    }
    const { KUBECONFIG = '' } = env;
    const held = contentIn(KUBECONFIG);
    if (held !== undefined) {
        return fromContent(held, 'The kubeconfig that KUBECONFIG holds', context);
    }
    const listed = filesIn(KUBECONFIG);
    if (listed.length > 0) {
        return fromFiles(listed, context);
    }
    const home = external_node_path_.join((0,paths/* homeDirectory */.RE)(env), '.kube', 'config');
    const text = await readOrMissing(home);
    if (text !== undefined) {
        const document = await parseKubeconfig(text, external_node_path_.dirname(home), `The kubeconfig ${home}`);
        const isOfPod = context === IN_CLUSTER &&
            env.KUBERNETES_SERVICE_HOST !== undefined &&
            !document.contexts.some(({ name }) => name === IN_CLUSTER);
        if (!isOfPod)
            return chooseContext([document], context);
    }
    return inCluster(context, env, serviceAccount);
}
function absoluteFiles({ KUBECONFIG = '' }) {
    const files = KUBECONFIG.split(external_node_path_.delimiter);
    return contentIn(KUBECONFIG) === undefined
        ? files.map((file) => file && external_node_path_.resolve(file)).join(external_node_path_.delimiter)
        : undefined;
}
function areGone(KUBECONFIG) {
    const files = filesIn(KUBECONFIG);
    return files.length > 0 && !files.some((file) => (0,external_node_fs_.existsSync)(file));
}
function filesIn(KUBECONFIG) {
    return KUBECONFIG.split(external_node_path_.delimiter).filter((file) => file !== '');
}
function hasLinesOfBraces(given) {
    return /^\s*[{}]\s*$/m.test(given);
}
function contentIn(given) {
    const letters = given.replaceAll(/\s/g, '');
    if (/^[\w+/-]{80,}={0,2}$/.test(letters)) {
        const decoded = Buffer.from(letters, 'base64').toString('utf8');
        if (/\b(clusters|contexts)\b/.test(decoded)) {
            return decoded;
        }
    }
    return /[\n{]/.test(given.trim()) ? given : undefined;
}
async function fromContent(content, title, context) {
    return chooseContext([await parseKubeconfig(content, process.cwd(), title)], context);
}
async function fromFiles(files, context) {
    const documents = [];
    for (const file of files) {
        const text = await readOrMissing(file);
        if (text !== undefined) {
            const directory = external_node_path_.dirname(external_node_path_.resolve(file));
            documents.push(await parseKubeconfig(text, directory, `The kubeconfig ${file}`));
        }
    }
    if (documents.length === 0) {
        throw files.some((file) => shown(file) === undefined) ? noPath() : missing(files);
    }
    return chooseContext(documents, context);
}
function shown(file) {
    const isText = /^[A-Za-z0-9][\w+/-]{79,}={0,2}$|[\r\n{]|^\s|:\s/.test(file);
    return isText || file.length > 255 ? undefined : file;
}
function missing(files) {
    return new errors/* ActionError */.lZ(`The kubeconfig ${files.join(external_node_path_.delimiter)} does not exist; give the path of a kubeconfig or its content.`);
}
function noPath() {
    return new errors/* ActionError */.lZ('The kubeconfig is a text that is neither a path nor a kubeconfig, plain or in base64; give what `kubectl config view --raw` prints, as it is or in base64.');
}
async function readOrMissing(file) {
    try {
        return (await (0,regular_file/* readRegularFile */.X)(file)).toString('utf8');
    }
    catch (cause) {
        const { code } = cause;
        if (code === 'ENOENT' || code === 'ENAMETOOLONG' || code === 'ENOTDIR') {
            return undefined;
        }
        throw new errors/* ActionError */.lZ(`The kubeconfig ${shown(file) ?? ''} cannot be read (${code}); make it a file that this step may read.`, { cause });
    }
}
function chooseContext(documents, wanted) {
    const contexts = documents.flatMap((document) => document.contexts);
    const title = documents.length === 1 ? documents[0].title : 'The kubeconfig';
    const clusters = documents.flatMap((document) => document.clusters);
    if (contexts.length === 0 && clusters.length === 0) {
        throw clusterless(title);
    }
    const names = [...new Set(contexts.map(({ name }) => name))];
    const current = documents.map(({ currentContext }) => currentContext).find((it) => it !== '');
    const name = wanted || current || (names.length === 1 ? names[0] : undefined);
    const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    if (name === undefined) {
        throw new errors/* ActionError */.lZ(`${title} has no current context; name one with the input \`context\` (${there}).`);
    }
    const context = contexts.find((it) => it.name === name)?.entry;
    if (context === undefined) {
        throw new errors/* ActionError */.lZ(`${title} has no context "${name}" (${there}); name one of them with the input \`context\`.`);
    }
    const cluster = clusters.find((it) => it.name === context.cluster)?.entry;
    if (typeof cluster?.server !== 'string' || URL.parse(cluster.server) === null) {
        throw malformed(title, `its context "${name}" names no cluster with a usable server address`);
    }
    const users = documents.flatMap((document) => document.users);
    const user = users.find((it) => it.name === context.user)?.entry;
    if (user === undefined && context.user) {
        throw malformed(title, `its context "${name}" names the user "${context.user}", who is missing`);
    }
    const left = leftOutOf(cluster, user ?? {});
    if (left !== undefined) {
        throw malformed(title, `its ${left} is left out, as \`kubectl config view\` does without --raw`);
    }
    const { namespace } = context;
    return { context: name, ...(namespace && { namespace }), cluster, user: user ?? {} };
}
function leftOutOf(cluster, user) {
    const { token, password } = user;
    const fields = {
        'certificate-authority-data': cluster['certificate-authority-data'],
        'client-certificate-data': user['client-certificate-data'],
        'client-key-data': user['client-key-data'],
        ...{ token, password },
    };
    return Object.entries(fields).find(([, value]) => /^(DATA\+OMITTED|REDACTED)$/.test(`${value}`))?.[0];
}
async function inCluster(context, env, serviceAccount) {
    const isOther = context !== undefined && context !== '' && context !== IN_CLUSTER;
    const host = env.KUBERNETES_SERVICE_HOST;
    const port = env.KUBERNETES_SERVICE_PORT ?? '443';
    const token = await readOrMissing(`${serviceAccount}/token`);
    if (isOther || !host || token === undefined) {
        const which = isOther ? ` that could have the context "${context}"` : '';
        throw new errors/* ActionError */.lZ(`There is no kubeconfig${which}; give its path or content with the input \`kubeconfig\`, or set KUBECONFIG, or put it at ~/.kube/config.`);
    }
    const namespace = await readOrMissing(`${serviceAccount}/namespace`);
    return {
        context: IN_CLUSTER,
        ...(namespace && { namespace: namespace.trim() }),
        cluster: {
            server: `https://${(0,host_port/* hostAndPort */.P)(host, port)}`,
            'certificate-authority': `${serviceAccount}/ca.crt`,
        },
        user: { tokenFile: `${serviceAccount}/token` },
    };
}
//# sourceMappingURL=kubeconfig.js.map

/***/ }),

/***/ 7484:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   X: () => (/* binding */ readRegularFile)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);


async function readRegularFile(file) {
    const handle = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.open)(file, node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_RDONLY | node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_NONBLOCK);
    try {
        if (!(await handle.stat()).isFile()) {
            throw Object.assign(new Error(`${file} is no regular file`), { code: 'ENOTFILE' });
        }
        return await handle.readFile();
    }
    finally {
        await handle.close();
    }
}
//# sourceMappingURL=regular-file.js.map

/***/ }),

/***/ 4087:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   P: () => (/* binding */ hostAndPort),
/* harmony export */   a: () => (/* binding */ serverNameOf)
/* harmony export */ });
/* harmony import */ var node_net__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7030);

function hostAndPort(host, port) {
    return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
function serverNameOf(host) {
    return (0,node_net__WEBPACK_IMPORTED_MODULE_0__.isIP)(host) === 0 ? host : '';
}
//# sourceMappingURL=host-port.js.map

/***/ })

};
