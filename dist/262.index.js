export const id = 262;
export const ids = [262,602];
export const modules = {

/***/ 262:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  connect: () => (/* binding */ connect)
});

// EXTERNAL MODULE: ./out/src/lib/limits/kube.js
var kube = __webpack_require__(773);
// EXTERNAL MODULE: ./out/src/kube/client.js + 2 modules
var kube_client = __webpack_require__(715);
// EXTERNAL MODULE: ./out/src/kube/error.js
var kube_error = __webpack_require__(5077);
// EXTERNAL MODULE: ./out/src/kube/login/kubeconfig.js + 1 modules
var kubeconfig = __webpack_require__(6602);
// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
// EXTERNAL MODULE: ./out/src/lib/files/regular-file.js
var regular_file = __webpack_require__(7484);
;// CONCATENATED MODULE: ./out/src/kube/login/credential-file.js


async function fileOrData(entry, field) {
    const data = entry[`${field}-data`];
    if (data) {
        return Buffer.from(data, 'base64');
    }
    const file = entry[field];
    return file ? readCredentialFile(file, field) : undefined;
}
async function readCredentialFile(file, field) {
    try {
        return await (0,regular_file/* readRegularFile */.X)(file);
    }
    catch (cause) {
        throw new errors/* ActionError */.lZ(`The kubeconfig's ${field} names ${file}, which cannot be read; bring the file here or put its content into the kubeconfig.`, { cause });
    }
}
//# sourceMappingURL=credential-file.js.map
// EXTERNAL MODULE: ./out/src/lib/waiting.js
var waiting = __webpack_require__(4686);
// EXTERNAL MODULE: ./out/src/kube/retry.js
var retry = __webpack_require__(3481);
// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
;// CONCATENATED MODULE: ./out/src/kube/login/exec-plugin.js




async function runPlugin(entry, cluster, env, signal) {
    const added = Object.fromEntries((entry.env ?? []).map(({ name, value }) => [name, value]));
    const info = JSON.stringify(await credentialRequest(entry, cluster));
    signal.throwIfAborted();
    const environment = { ...env, KUBERNETES_EXEC_INFO: info, ...added };
    const printed = await spawnPlugin(entry, environment, signal);
    return credentialIn(printed, entry.command);
}
function spawnPlugin(entry, env, signal) {
    const options = {
        env,
        signal,
        timeout: kube/* CREDENTIAL_PLUGIN_SECONDS */.or * 1000,
        maxBuffer: 1024 * 1024,
        killSignal: 'SIGKILL',
    };
    return new Promise((resolve, reject) => {
        const child = (0,external_node_child_process_.execFile)(entry.command, [...(entry.args ?? [])], options, (error, out, err) => {
            if (error === null) {
                resolve(out);
            }
            else if (signal.aborted) {
                child.kill('SIGKILL');
                reject(signal.reason);
            }
            else {
                reject(pluginFailed(entry, error, err));
            }
        });
        child.stdin?.end();
    });
}
function pluginFailed(entry, error, complaint) {
    if (error.code === 'ENOENT') {
        const hint = entry.installHint ? ` (${entry.installHint.replaceAll(/\s+/g, ' ').trim()})` : '';
        return new errors/* ActionError */.lZ(`The kubeconfig's credential plugin \`${entry.command}\` is not installed on this machine; install it${hint} or use a kubeconfig with a token.`, { cause: error });
    }
    if (error.killed === true && error.signal === 'SIGKILL') {
        return new errors/* ActionError */.lZ(`The kubeconfig's credential plugin \`${entry.command}\` did not end within ${kube/* CREDENTIAL_PLUGIN_SECONDS */.or} s; make it work on this machine without a person or use a kubeconfig with a token.`);
    }
    const otherwise = typeof error.code === 'string' ? error.code : 'it said nothing';
    const why = tellingLine(complaint) ?? otherwise;
    return new errors/* ActionError */.lZ(`The kubeconfig's credential plugin \`${entry.command}\` failed (${why}); make it work on this machine or use a kubeconfig with a token.`);
}
function tellingLine(complaint) {
    const lines = complaint.split('\n').filter((line) => /\p{L}/u.test(line));
    const line = lines.find((it) => /^(?!\s).*(?:error|fail|denied|expired)/i.test(it));
    return (line ?? lines.at(-1))
        ?.replace(/^[IWEF]\d{4} [^\]]*\]/, '')
        .trim()
        .slice(0, 300);
}
const CONFIG_EXTENSION = 'client.authentication.k8s.io/exec';
async function credentialRequest(entry, cluster) {
    const authority = await fileOrData(cluster, 'certificate-authority');
    return {
        apiVersion: entry.apiVersion ?? 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        spec: {
            interactive: false,
            ...(entry.provideClusterInfo === true && {
                cluster: {
                    server: cluster.server,
                    'tls-server-name': cluster['tls-server-name'],
                    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
                    'certificate-authority-data': authority?.toString('base64'),
                    'proxy-url': cluster['proxy-url'],
                    'disable-compression': cluster['disable-compression'],
                    config: cluster.extensions?.find(({ name }) => name === CONFIG_EXTENSION)?.extension,
                },
            }),
        },
    };
}
function credentialIn(printed, command) {
    try {
        const { status } = JSON.parse(printed);
        const { token, clientCertificateData, clientKeyData, expirationTimestamp } = status;
        const expires = Date.parse(expirationTimestamp ?? '');
        if (token || clientCertificateData) {
            return {
                ...(token && { token }),
                ...(clientCertificateData && { clientCertificateData }),
                ...(clientKeyData && { clientKeyData }),
                ...(Number.isFinite(expires) && { expires }),
            };
        }
    }
    catch {
    }
    throw new errors/* ActionError */.lZ(`The kubeconfig's credential plugin \`${command}\` printed no ExecCredential with a token or certificate; check its arguments in the kubeconfig.`);
}
//# sourceMappingURL=exec-plugin.js.map
// EXTERNAL MODULE: ./out/src/kube/exchange.js
var exchange = __webpack_require__(2146);
// EXTERNAL MODULE: ./out/src/kube/way/agent.js + 1 modules
var way_agent = __webpack_require__(1891);
// EXTERNAL MODULE: ./out/src/kube/way/proxy.js
var way_proxy = __webpack_require__(5331);
// EXTERNAL MODULE: ./out/src/kube/way/trust.js
var trust = __webpack_require__(7793);
;// CONCATENATED MODULE: ./out/src/kube/login/oidc.js






async function refreshTokens(login, refreshToken, way) {
    const issuer = URL.parse(login['idp-issuer-url'] ?? '');
    const client = login['client-id'];
    if (issuer === null || !client || !refreshToken) {
        throw new errors/* ActionError */.lZ(`The kubeconfig's OIDC token has expired, and without idp-issuer-url, client-id and refresh-token there is no way to another; log in anew or use a kubeconfig with a token.`);
    }
    try {
        const ask = (url, options) => askIssuer(url, way, options);
        const path = `${issuer.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
        const found = granted(await ask(new URL(path, issuer)));
        const endpoint = URL.parse(String(found.token_endpoint));
        if (endpoint === null)
            throw new Error('it names no token_endpoint');
        const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
        const secret = login['client-secret'];
        const first = await ask(endpoint, asClient(form, client, secret));
        const again = secret && [400, 401].includes(first.status) && first.error === 'invalid_client';
        const body = { ...form, client_id: client, client_secret: secret ?? '' };
        const tokens = granted(again ? await ask(endpoint, { form: body }) : first);
        if (typeof tokens.id_token !== 'string')
            throw new Error('its answer has no id_token');
        const next = typeof tokens.refresh_token === 'string' ? tokens.refresh_token : refreshToken;
        return { idToken: tokens.id_token, refreshToken: next };
    }
    catch (cause) {
        way.signal.throwIfAborted();
        const distrust = way.ca === undefined ? (0,trust/* unvouchedIn */.V2)(cause) : undefined;
        const why = distrust === undefined ? (0,errors/* sentenceOf */.$N)(cause) : `its ${distrust}`;
        throw new errors/* ActionError */.lZ(`The kubeconfig's OIDC issuer ${issuer.origin} gave no new token (${why}); log in anew or use a kubeconfig with a token.`, { cause });
    }
}
function asClient(form, client, secret) {
    if (!secret)
        return { form: { ...form, client_id: client } };
    const pair = `${encodeURIComponent(client)}:${encodeURIComponent(secret)}`;
    return { form, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
async function askIssuer(url, { ca, env, signal }, { form, authorization } = {}) {
    const agent = (0,way_agent/* agentFor */.P)(url, ca ? { ca } : {}, (0,way_proxy/* proxyFor */.iJ)(url, undefined, env));
    const access = { server: new URL(url.origin), agent, headers: {} };
    try {
        const answer = await (0,exchange/* exchange */.cv)(access, {
            method: form ? 'POST' : 'GET',
            path: url.pathname + url.search,
            headers: {
                accept: 'application/json',
                ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
                ...(authorization && { authorization }),
            },
            ...(form && { body: [Buffer.from(new URLSearchParams(form).toString())] }),
            deadlineSeconds: kube/* REQUEST_DEADLINE_SECONDS */.f1,
            maxBytes: kube/* REFUSAL_MAX_BYTES */.uD,
            signal,
        });
        return { ...parsed(answer), status: answer.status };
    }
    finally {
        agent.destroy();
    }
}
function parsed({ body }) {
    try {
        return JSON.parse(body.toString());
    }
    catch {
        return {};
    }
}
function granted(said) {
    if (said.status === 200)
        return said;
    const words = [said.error, said.error_description].filter((word) => typeof word === 'string');
    throw new Error([`status ${said.status}`, ...words].join(': '));
}
function expiryOf(token) {
    try {
        const payload = token.split('.')[1] ?? '';
        const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
        if (typeof exp === 'number')
            return (exp - kube/* CREDENTIAL_LEEWAY_SECONDS */.Sj) * 1000;
    }
    catch {
    }
    return Date.now() + kube/* TOKEN_FILE_SECONDS */.xD * 1000;
}
//# sourceMappingURL=oidc.js.map
;// CONCATENATED MODULE: ./out/src/kube/login/secrets.js
const SECRET_NAME = /(?:secret|token|password|passphrase|key)$/i;
function secretsOf({ cluster, user }) {
    const { token, password, 'client-key-data': key, exec, 'auth-provider': provider } = user;
    const proxyPassword = URL.parse(cluster['proxy-url'] ?? '')?.password;
    const named = [
        ...Object.entries(provider?.config ?? {}),
        ...(exec?.env ?? []).map(({ name, value }) => [name, value]),
        ...flagsIn((exec?.args ?? []).map(String)),
    ];
    return [
        ...[token, password, key && Buffer.from(key, 'base64'), key],
        ...[proxyPassword, proxyPassword && decoded(proxyPassword)],
        ...named.map(([name = '', value]) => SECRET_NAME.test(name) && value),
    ].flatMap((secret) => (secret ? [String(secret)] : []));
}
function flagsIn(args) {
    return args.map((argument, index) => {
        const next = args[index + 1] ?? '-';
        const isFollowed = /^-[^=]*$/.test(argument) && !next.startsWith('-');
        return isFollowed ? [argument, next] : argument.split(/=(.*)/s, 2);
    });
}
function decoded(text) {
    try {
        return decodeURIComponent(text);
    }
    catch {
        return text;
    }
}
//# sourceMappingURL=secrets.js.map
;// CONCATENATED MODULE: ./out/src/kube/login/shared-work.js
class SharedWork {
    stop = new AbortController();
    done;
    waiting = 0;
    constructor(work) {
        this.done = work(this.stop.signal);
        this.done.catch(() => undefined);
    }
    get givenUp() {
        return this.stop.signal.aborted;
    }
    async wait(signal) {
        signal?.throwIfAborted();
        this.waiting++;
        const { promise: aborted, reject } = Promise.withResolvers();
        const leave = () => {
            this.waiting--;
            if (this.waiting === 0) {
                this.stop.abort(signal?.reason);
            }
            reject(signal?.reason);
        };
        signal?.addEventListener('abort', leave, { once: true });
        try {
            return await Promise.race([this.done, aborted]);
        }
        finally {
            signal?.removeEventListener('abort', leave);
        }
    }
}
//# sourceMappingURL=shared-work.js.map
;// CONCATENATED MODULE: ./out/src/kube/login/credentials.js









class Credentials {
    config;
    env;
    onSecret;
    patienceSeconds;
    current;
    fetching;
    tokens;
    given = false;
    constructor(config, env, onSecret = () => undefined, patienceSeconds = kube/* RETRY_PATIENCE_SECONDS */.$_) {
        this.config = config;
        this.env = env;
        this.onSecret = onSecret;
        this.patienceSeconds = patienceSeconds;
        for (const secret of secretsOf(config))
            onSecret(secret);
    }
    async get(signal) {
        if (this.current !== undefined && Date.now() < this.current.expires) {
            return this.current;
        }
        if (this.fetching === undefined || this.fetching.givenUp) {
            this.fetching = this.begin();
        }
        return await this.fetching.wait(signal);
    }
    forget(refused) {
        if (this.current === refused) {
            this.current = undefined;
            if (this.tokens !== undefined)
                this.tokens = { ...this.tokens, idToken: '' };
        }
        const { user } = this.config;
        return Boolean(user.exec ?? user.tokenFile ?? user['auth-provider']);
    }
    begin() {
        const fetching = new SharedWork(async (signal) => {
            try {
                const credential = this.hide(await this.fetchPatiently(signal));
                this.current = credential;
                return credential;
            }
            finally {
                if (this.fetching === fetching)
                    this.fetching = undefined;
            }
        });
        return fetching;
    }
    hide(credential) {
        const value = credential.authorization?.replace(/^\w+ /, '');
        for (const secret of [value, this.tokens?.refreshToken, credential.key?.toString()]) {
            if (secret) {
                this.onSecret(secret);
            }
        }
        return credential;
    }
    async fetchPatiently(signal) {
        const end = performance.now() + this.patienceSeconds * 1000;
        for (let attempts = 1;; attempts++) {
            try {
                const credential = await this.fetch(signal);
                this.given = true;
                return credential;
            }
            catch (error) {
                signal.throwIfAborted();
                const delay = (0,retry/* backoff */.J)(attempts);
                this.given &&= performance.now() + delay < end;
                if (!this.given)
                    throw error;
                await (0,waiting/* rest */.zs)(delay, signal);
            }
        }
    }
    async fetch(signal) {
        const { user, cluster } = this.config;
        const certificate = await certificateOf(user);
        const forever = { ...certificate, expires: Number.POSITIVE_INFINITY };
        if (user.tokenFile) {
            const token = await readCredentialFile(user.tokenFile, 'tokenFile');
            const expires = Date.now() + kube/* TOKEN_FILE_SECONDS */.xD * 1000;
            return { ...certificate, authorization: `Bearer ${token.toString().trim()}`, expires };
        }
        if (user.token) {
            return { ...forever, authorization: `Bearer ${user.token}` };
        }
        if (user.username) {
            const pair = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
            return { ...forever, authorization: `Basic ${pair}` };
        }
        if (user.exec) {
            const given = await runPlugin(user.exec, cluster, this.env, signal);
            const { token, clientCertificateData, clientKeyData, expires } = given;
            return {
                ...certificate,
                ...(token && { authorization: `Bearer ${token}` }),
                ...(clientCertificateData && { cert: clientCertificateData }),
                ...(clientKeyData && { key: clientKeyData }),
                expires: expires === undefined
                    ? Number.POSITIVE_INFINITY
                    : expires - kube/* CREDENTIAL_LEEWAY_SECONDS */.Sj * 1000,
            };
        }
        const provider = user['auth-provider'];
        if (provider === undefined) {
            return forever;
        }
        if (provider.name !== 'oidc') {
            throw noProvider(provider.name);
        }
        return { ...certificate, ...(await this.fromLogin(provider.config ?? {}, signal)) };
    }
    async fromLogin(login, signal) {
        const idToken = this.tokens?.idToken ?? login['id-token'] ?? '';
        this.tokens ??= {
            idToken,
            ...(login['refresh-token'] && { refreshToken: login['refresh-token'] }),
        };
        if (idToken === '' || expiryOf(idToken) <= Date.now()) {
            const ca = await fileOrData(login, 'idp-certificate-authority');
            const way = { ...(ca && { ca }), env: this.env, signal };
            this.tokens = await refreshTokens(login, this.tokens.refreshToken, way);
        }
        const { idToken: valid } = this.tokens;
        return { authorization: `Bearer ${valid}`, expires: expiryOf(valid) };
    }
}
async function certificateOf(user) {
    const cert = await fileOrData(user, 'client-certificate');
    const key = await fileOrData(user, 'client-key');
    return { ...(cert && { cert }), ...(key && { key }) };
}
const SUCCESSORS = {
    gcp: 'install gke-gcloud-auth-plugin and get the kubeconfig anew with `gcloud container clusters get-credentials`',
    azure: 'install kubelogin and convert the kubeconfig with `kubelogin convert-kubeconfig`',
};
function noProvider(name) {
    const successor = SUCCESSORS[name];
    const other = 'use a kubeconfig with a token';
    return new errors/* ActionError */.lZ(`The kubeconfig logs in with the auth provider "${name}", which kubectl ${successor ? 'has not had since 1.26' : 'does not know'}; ${successor ? `${successor}, or ${other}` : other}.`);
}
//# sourceMappingURL=credentials.js.map
// EXTERNAL MODULE: ./out/src/kube/request.js
var request = __webpack_require__(9006);
;// CONCATENATED MODULE: ./out/src/kube/way/endpoint.js








async function endpointOf(config, env, onSecret) {
    const server = serverOf(config.cluster);
    const proxy = (0,way_proxy/* proxyFor */.iJ)(server, config.cluster['proxy-url'], env);
    const facts = await tlsFacts(config.cluster);
    const credentials = new Credentials(config, env, onSecret);
    const fixed = { 'user-agent': request/* FIELD_MANAGER */.vy, ...impersonation(config.user) };
    let agent;
    let agentCredential;
    return {
        server,
        async authorize(signal) {
            const credential = await credentials.get(signal);
            if (credential !== agentCredential)
                tryOut(credential, server);
            if (agent === undefined || !sameCertificate(credential, agentCredential)) {
                agent = (0,way_agent/* agentFor */.P)(server, { ...facts, ...endpoint_certificateOf(credential) }, proxy);
            }
            agentCredential = credential;
            const { authorization } = credential;
            const headers = { ...fixed, ...(authorization && { authorization }) };
            return { server, agent, headers, refused: () => credentials.forget(credential) };
        },
        close: () => agent?.destroy(),
    };
}
function serverOf(cluster) {
    const server = URL.parse(cluster.server);
    if (server === null || !/^https?:$/.test(server.protocol)) {
        throw new errors/* ActionError */.lZ(`The kubeconfig's server address "${cluster.server}" is not usable; it must start with https:// or http://.`);
    }
    return server;
}
async function tlsFacts(cluster) {
    const ca = await fileOrData(cluster, 'certificate-authority');
    const servername = cluster['tls-server-name'];
    return {
        ...(ca && { ca }),
        ...(servername && { servername }),
        ...(cluster['insecure-skip-tls-verify'] === true && { rejectUnauthorized: false }),
    };
}
function endpoint_certificateOf({ cert, key }) {
    return { ...(cert && { cert }), ...(key && { key }) };
}
function tryOut({ authorization, cert, key }, { protocol }) {
    const attempt = (field, use) => {
        try {
            use();
        }
        catch (cause) {
            throw new errors/* ActionError */.lZ(`The kubeconfig's ${field} cannot be used (${(0,errors/* sentenceOf */.$N)(cause)}); give the whole of it as it was issued, and a key without a passphrase.`, { cause });
        }
    };
    if (authorization) {
        attempt('token', () => (0,external_node_http_.validateHeaderValue)('authorization', authorization));
    }
    if (protocol === 'https:') {
        const ca = Buffer.alloc(0);
        if (cert)
            attempt('client-certificate', () => (0,trust/* secureContextOf */.AS)({ ca, cert }));
        if (key)
            attempt('client-key', () => (0,trust/* secureContextOf */.AS)({ ca, ...(cert && { cert }), key }));
    }
}
function sameCertificate(one, other) {
    return String(one.cert) === String(other?.cert) && String(one.key) === String(other?.key);
}
function impersonation(user) {
    const extra = Object.entries(user['as-user-extra'] ?? {}).map(([key, values]) => [
        `impersonate-extra-${encodeURIComponent(key).toLowerCase()}`,
        [...values],
    ]);
    return {
        ...(user.as && { 'impersonate-user': user.as }),
        ...(user['as-uid'] && { 'impersonate-uid': user['as-uid'] }),
        ...(user['as-groups'] && { 'impersonate-group': [...user['as-groups']] }),
        ...Object.fromEntries(extra),
    };
}
//# sourceMappingURL=endpoint.js.map
;// CONCATENATED MODULE: ./out/src/kube/connect.js





async function connect(options) {
    const config = await (0,kubeconfig/* loadKubeconfig */.iz)(options.kubeconfig, options.context, options.env);
    const endpoint = await endpointOf(config, options.env, options.onSecret);
    const client = new kube_client/* ApiClient */.OW(endpoint, options.known);
    try {
        return {
            client,
            server: client.server,
            context: config.context,
            ...(config.namespace && { namespace: config.namespace }),
            version: await versionOf(client, options),
        };
    }
    catch (error) {
        client.close();
        throw error;
    }
}
async function versionOf(client, { known, signal }) {
    const patience = known !== undefined && { patienceSeconds: kube/* ANOTHER_CONTACT_SECONDS */.$3 };
    try {
        const options = { signal, ...patience };
        return (await client.get('/version', options)).gitVersion;
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, 'permission', 'policy', 'not-found')) {
            return '';
        }
        throw error;
    }
}
//# sourceMappingURL=connect.js.map

/***/ }),

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

/***/ 1891:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  P: () => (/* binding */ agentFor)
});

// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(4708);
// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(1692);
// EXTERNAL MODULE: ./out/src/lib/limits/kube.js
var kube = __webpack_require__(773);
// EXTERNAL MODULE: ./out/src/kube/way/proxy.js
var way_proxy = __webpack_require__(5331);
// EXTERNAL MODULE: ./out/src/kube/way/trust.js
var trust = __webpack_require__(7793);
// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
// EXTERNAL MODULE: ./out/src/lib/host-port.js
var host_port = __webpack_require__(4087);
;// CONCATENATED MODULE: ./out/src/kube/way/tunnel.js








function openTunnel(proxy, host, port, signal) {
    return proxy.protocol.startsWith('socks')
        ? socksTunnel(proxy, host, port, signal)
        : connectTunnel(proxy, host, port, signal);
}
let ofProxies;
function connectTunnel(proxy, host, port, signal) {
    const authority = (0,host_port/* hostAndPort */.P)(host, port);
    const headers = { host: authority, ...basicAuthorization(proxy) };
    const { request } = proxy.protocol === 'https:' ? external_node_https_ : external_node_http_;
    return new Promise((resolve, reject) => {
        if (proxy.protocol === 'https:')
            ofProxies ??= (0,trust/* secureContextOf */.AS)({});
        const asking = request({
            method: 'CONNECT',
            ...placeOf(proxy),
            path: authority,
            headers,
            agent: false,
            servername: (0,host_port/* serverNameOf */.a)((0,way_proxy/* hostOf */.w4)(proxy)),
            ...trust/* VERIFIED */.zX,
            ...(ofProxies && { secureContext: ofProxies }),
            ...(signal && { signal }),
        });
        asking.once('connect', ({ statusCode = 0 }, socket, head) => {
            if (statusCode >= 200 && statusCode < 300) {
                if (head.length > 0)
                    socket.unshift(head);
                resolve(socket);
            }
            else {
                socket.destroy();
                reject(statusRefused(proxy, statusCode));
            }
        });
        asking.once('response', ({ statusCode = 0 }) => {
            asking.destroy();
            reject(statusRefused(proxy, statusCode));
        });
        asking.once('error', (error) => {
            const distrust = (0,trust/* unvouchedIn */.V2)(error);
            const told = distrust && proxyError(proxy, `'s ${distrust}`);
            reject(signal?.aborted === true ? signal.reason : (told ?? error));
        });
        asking.end();
    });
}
function placeOf(proxy) {
    return {
        host: (0,way_proxy/* hostOf */.w4)(proxy),
        port: (0,way_proxy/* portOf */.HM)(proxy),
        autoSelectFamilyAttemptTimeout: kube/* ADDRESS_ANSWER_MILLISECONDS */.hC,
    };
}
function basicAuthorization(proxy) {
    const { name, password } = loginOf(proxy);
    if (name === '' && password === '') {
        return {};
    }
    const pair = Buffer.from(`${name}:${password}`).toString('base64');
    return { 'proxy-authorization': `Basic ${pair}` };
}
function loginOf({ username, password }) {
    return { name: decodeURIComponent(username), password: decodeURIComponent(password) };
}
function statusRefused(proxy, status) {
    return proxyRefused(proxy, `status ${status}`, status >= 500 || status === 429);
}
function proxyRefused(proxy, why, passing) {
    return proxyError(proxy, ` refused the connection: ${why}`, passing);
}
function proxyError(proxy, words, passing = false) {
    const error = new Error(`the proxy ${proxy.host}${words}`);
    return Object.assign(error, { code: passing ? 'PROXY_BUSY' : 'PROXY_REFUSED' });
}
async function socksTunnel(proxy, host, port, signal) {
    const { SocksClient } = await __webpack_require__.e(/* import() */ 474).then(__webpack_require__.t.bind(__webpack_require__, 2474, 19));
    signal?.throwIfAborted();
    const socket = external_node_net_.connect(placeOf(proxy));
    const end = () => socket.destroy();
    signal?.addEventListener('abort', end, { once: true });
    try {
        await Promise.race([(0,external_node_events_.once)(socket, 'connect'), (0,external_node_events_.once)(socket, 'close')]);
        if (socket.destroyed)
            throw hungUp();
        await greet(SocksClient, socket, proxy, { host, port });
        return socket;
    }
    catch (error) {
        socket.destroy();
        throw signal?.aborted === true ? signal.reason : error;
    }
    finally {
        signal?.removeEventListener('abort', end);
    }
}
const PASSING = /- (Failure|NetworkUnreachable|HostUnreachable|ConnectionRefused|TTLExpired)$/;
async function greet({ createConnection }, socket, proxy, destination) {
    const { name, password } = loginOf(proxy);
    let broken;
    socket.once('error', (error) => {
        broken = error;
    });
    try {
        await createConnection({
            proxy: {
                host: (0,way_proxy/* hostOf */.w4)(proxy),
                port: (0,way_proxy/* portOf */.HM)(proxy),
                type: 5,
                ...(name !== '' && { userId: name, password }),
            },
            command: 'connect',
            destination,
            existing_socket: socket,
            timeout: 2 ** 31 - 1,
        });
    }
    catch (error) {
        const words = error.message;
        if (broken !== undefined) {
            throw broken;
        }
        if (words === 'Socket closed') {
            throw hungUp();
        }
        throw proxyRefused(proxy, words, PASSING.test(words));
    }
}
function hungUp() {
    return Object.assign(new Error('the SOCKS proxy hung up'), { code: 'ECONNRESET' });
}
//# sourceMappingURL=tunnel.js.map
;// CONCATENATED MODULE: ./out/src/kube/way/agent.js







function agentFor(server, facts, proxy) {
    const timeout = kube/* IDLE_CONNECTION_MILLISECONDS */.Lu;
    const kept = {
        ...{ keepAlive: true, keepAliveMsecs: 15_000, scheduling: 'lifo', timeout },
        autoSelectFamilyAttemptTimeout: kube/* ADDRESS_ANSWER_MILLISECONDS */.hC,
    };
    if (server.protocol === 'http:') {
        return proxy === undefined ? new external_node_http_.Agent(kept) : new TunnelAgent(proxy, server, kept);
    }
    return new SecureAgent(proxy, server, facts, { ...kept, ...trust/* VERIFIED */.zX, ...facts });
}
class TunnelAgent extends external_node_http_.Agent {
    proxy;
    server;
    constructor(proxy, server, options) {
        super(options);
        this.proxy = proxy;
        this.server = server;
    }
    createConnection(options, done) {
        connectThrough(this.proxy, this.server, options, done, (socket) => socket);
    }
}
class SecureAgent extends external_node_https_.Agent {
    proxy;
    server;
    facts;
    context;
    constructor(proxy, server, facts, options) {
        super(options);
        this.proxy = proxy;
        this.server = server;
        this.facts = facts;
    }
    createConnection(options, done) {
        this.context ??= (0,trust/* secureContextOf */.AS)(this.facts);
        const secure = { ...options, secureContext: this.context };
        if (this.proxy === undefined) {
            return super.createConnection(secure, done);
        }
        connectThrough(this.proxy, this.server, options, done, (socket) => external_node_tls_.connect({ ...secure, socket }));
        return undefined;
    }
}
function connectThrough(proxy, server, { tunnelSignal }, done, dress) {
    openTunnel(proxy, (0,way_proxy/* hostOf */.w4)(server), (0,way_proxy/* portOf */.HM)(server), tunnelSignal).then((socket) => done(null, dress(socket)), (error) => done(error, undefined));
}
//# sourceMappingURL=agent.js.map

/***/ }),

/***/ 5331:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   HM: () => (/* binding */ portOf),
/* harmony export */   iJ: () => (/* binding */ proxyFor),
/* harmony export */   w4: () => (/* binding */ hostOf)
/* harmony export */ });
/* unused harmony export isExcluded */
/* harmony import */ var node_net__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7030);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9850);


function proxyFor(server, proxyUrl, env) {
    if (proxyUrl) {
        return parsed(proxyUrl, "the kubeconfig's proxy-url");
    }
    const scheme = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
    const given = env[scheme] || env[scheme.toLowerCase()];
    const excluded = env.NO_PROXY || env.no_proxy || '';
    if (!given || isLoopback(hostOf(server)) || isExcluded(server, excluded)) {
        return undefined;
    }
    return parsed(given.includes('://') ? given : `http://${given}`, scheme);
}
function isExcluded(server, list) {
    const host = hostOf(server).toLowerCase();
    const port = portOf(server);
    return list
        .split(',')
        .map((entry) => entry.trim().toLowerCase())
        .filter((entry) => entry !== '')
        .some((entry) => entry === '*' || matches(entry, host, port));
}
function matches(entry, host, port) {
    if (entry.includes('/')) {
        return inRange(entry, host);
    }
    const withPort = /^(.+):(\d+)$/.exec(entry);
    const [name, wanted] = withPort && !node_net__WEBPACK_IMPORTED_MODULE_0__.isIPv6(entry) ? [withPort[1], Number(withPort[2])] : [entry, port];
    if (wanted !== port) {
        return false;
    }
    const plain = name.replace(/^\*?\.|^\[|\]$/g, '');
    const suffixOnly = name.startsWith('.') || name.startsWith('*.');
    return host.endsWith(`.${plain}`) || (!suffixOnly && host === plain);
}
function inRange(range, host) {
    const [network = '', prefix] = range.split('/');
    const family = node_net__WEBPACK_IMPORTED_MODULE_0__.isIP(network);
    const length = Number(prefix);
    if (family === 0 || node_net__WEBPACK_IMPORTED_MODULE_0__.isIP(host) !== family || !(length >= 0 && length <= 128)) {
        return false;
    }
    const type = family === 6 ? 'ipv6' : 'ipv4';
    const list = new node_net__WEBPACK_IMPORTED_MODULE_0__.BlockList();
    list.addSubnet(network, length, type);
    return list.check(host, type);
}
function hostOf(url) {
    return url.hostname.replace(/^\[|\]$/g, '');
}
function portOf(url) {
    if (url.port !== '') {
        return Number(url.port);
    }
    return { 'https:': 443, 'http:': 80 }[url.protocol] ?? 1080;
}
function isLoopback(host) {
    return host === 'localhost' || host === '::1' || (node_net__WEBPACK_IMPORTED_MODULE_0__.isIPv4(host) && host.startsWith('127.'));
}
function parsed(address, origin) {
    const url = URL.parse(address);
    if (url === null || !/^(https?|socks5h?|socks):$/.test(url.protocol)) {
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ(`The proxy address in ${origin} is not usable; give one like http://proxy.example:3128 or socks5://proxy.example:1080.`);
    }
    return url;
}
//# sourceMappingURL=proxy.js.map

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
