export const id = 742;
export const ids = [742];
export const modules = {

/***/ 7742:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  connect: () => (/* binding */ connect)
});

// EXTERNAL MODULE: ./out/src/kube/client.js + 1 modules
var kube_client = __webpack_require__(4023);
// EXTERNAL MODULE: ./out/src/kube/error.js
var kube_error = __webpack_require__(5077);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
;// CONCATENATED MODULE: ./out/src/kube/login/kubeconfig.js




const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/**
 * The kubeconfig to use: the one given (a path, or the content itself, also in base64), else the
 * files of KUBECONFIG, else ~/.kube/config, else this Pod's service account. `context` chooses the
 * context, the current one when it is undefined. Throws an ActionError for what is missing,
 * malformed or unknown; no message holds content of the file but names.
 */
async function loadKubeconfig(given, context, env) {
    if (given !== undefined && given.trim() !== '') {
        const content = contentIn(given);
        return content === undefined
            ? fromFiles([expandHome(given.trim(), env)], context)
            : chooseContext([await parse(content, process.cwd(), 'The given kubeconfig')], context);
    }
    const listed = (env.KUBECONFIG ?? '').split(external_node_path_.delimiter).filter((file) => file !== '');
    if (listed.length > 0) {
        return fromFiles(listed, context);
    }
    const home = external_node_path_.join(env.HOME ?? (0,external_node_os_.homedir)(), '.kube', 'config');
    const text = await readOrMissing(home);
    if (text !== undefined) {
        return chooseContext([await parse(text, external_node_path_.dirname(home), `The kubeconfig ${home}`)], context);
    }
    return inCluster(env);
}
/** The content, when the given text is one: YAML has line breaks or braces, a path has none. */
function contentIn(given) {
    if (/[\n{]/.test(given.trim())) {
        return given;
    }
    const decoded = /^[A-Za-z0-9+/=]{80,}$/.test(given.trim())
        ? Buffer.from(given.trim(), 'base64').toString('utf8')
        : '';
    return /\bclusters\b/.test(decoded) ? decoded : undefined;
}
function expandHome(file, env) {
    return file.startsWith('~/') ? external_node_path_.join(env.HOME ?? (0,external_node_os_.homedir)(), file.slice(2)) : file;
}
async function fromFiles(files, context) {
    const documents = [];
    for (const file of files) {
        const text = await readOrMissing(file);
        if (text !== undefined) {
            const directory = external_node_path_.dirname(external_node_path_.resolve(file));
            documents.push(await parse(text, directory, `The kubeconfig ${file}`));
        }
    }
    if (documents.length === 0) {
        throw new errors/* ActionError */.lZ(`The kubeconfig ${files.map(shown).join(', ')} does not exist; give the path of a kubeconfig or its content.`);
    }
    return chooseContext(documents, context);
}
/** A path as it may be printed: what is long beyond any path may be a secret. */
function shown(file) {
    return file.length > 255 ? '(a text of one line that is no path)' : file;
}
async function readOrMissing(file) {
    try {
        return await (0,promises_.readFile)(file, 'utf8');
    }
    catch (cause) {
        const { code } = cause;
        if (code === 'ENOENT' || code === 'ENAMETOOLONG' || code === 'ENOTDIR') {
            return undefined;
        }
        throw new errors/* ActionError */.lZ(`The kubeconfig ${shown(file)} cannot be read (${code}); make it a file that this step may read.`, { cause });
    }
}
async function parse(text, directory, title) {
    // The Kubernetes client's own parser, without the client: that is 85 MB of memory more.
    const { load } = await __webpack_require__.e(/* import() */ 243).then(__webpack_require__.bind(__webpack_require__, 3243));
    let raw;
    try {
        raw = load(text);
    }
    catch {
        // The parser's message quotes the file, which holds secrets; so it is not passed on.
        throw malformed(title, 'it is not YAML');
    }
    if (typeof raw !== 'object' || raw === null || !('clusters' in raw || 'contexts' in raw)) {
        throw malformed(title, 'it has no clusters and contexts');
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
    // A command with a slash is relative to the file, a bare one is looked up in PATH (client-go).
    const command = entry.exec?.command;
    const exec = command?.includes('/') === true
        ? { exec: { ...entry.exec, command: external_node_path_.resolve(directory, command) } }
        : {};
    return { ...entry, ...files, ...exec };
}
/** Merges as kubectl does: the first file that names something wins. */
function chooseContext(documents, wanted) {
    const contexts = documents.flatMap((document) => document.contexts);
    const title = documents.length === 1 ? documents[0].title : 'The kubeconfig';
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
    const clusters = documents.flatMap((document) => document.clusters);
    const cluster = clusters.find((it) => it.name === context.cluster)?.entry;
    if (typeof cluster?.server !== 'string' || URL.parse(cluster.server) === null) {
        throw malformed(title, `its context "${name}" names no cluster with a usable server address`);
    }
    const users = documents.flatMap((document) => document.users);
    const user = users.find((it) => it.name === context.user)?.entry;
    if (user === undefined && context.user) {
        throw malformed(title, `its context "${name}" names the user "${context.user}", who is missing`);
    }
    const { namespace } = context;
    return { context: name, ...(namespace && { namespace }), cluster, user: user ?? {} };
}
async function inCluster(env) {
    const host = env.KUBERNETES_SERVICE_HOST;
    const port = env.KUBERNETES_SERVICE_PORT ?? '443';
    const token = await readOrMissing(`${SERVICE_ACCOUNT}/token`);
    if (!host || token === undefined) {
        throw new errors/* ActionError */.lZ('There is no kubeconfig; give its path or content with the input `kubeconfig`, or set KUBECONFIG, or put it at ~/.kube/config.');
    }
    const namespace = await readOrMissing(`${SERVICE_ACCOUNT}/namespace`);
    return {
        context: 'in-cluster',
        ...(namespace && { namespace: namespace.trim() }),
        cluster: {
            server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
            'certificate-authority': `${SERVICE_ACCOUNT}/ca.crt`,
        },
        user: { tokenFile: `${SERVICE_ACCOUNT}/token` },
    };
}
//# sourceMappingURL=kubeconfig.js.map
// EXTERNAL MODULE: ./out/src/lib/limits/kube.js
var kube = __webpack_require__(773);
// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
;// CONCATENATED MODULE: ./out/src/kube/login/exec-plugin.js




/**
 * Runs a kubeconfig's credential plugin (client.authentication.k8s.io) once. What it prints is
 * never passed on, for it is secret; its complaints on stderr are, since only they tell the cause.
 */
async function runPlugin(entry, cluster, env) {
    const added = Object.fromEntries((entry.env ?? []).map(({ name, value }) => [name, value]));
    const info = JSON.stringify(credentialRequest(entry, cluster));
    const printed = await spawnPlugin(entry, { ...env, KUBERNETES_EXEC_INFO: info, ...added });
    return credentialIn(printed, entry.command);
}
function spawnPlugin(entry, env) {
    const options = { env, timeout: kube/* CREDENTIAL_PLUGIN_SECONDS */.or * 1000, maxBuffer: 1024 * 1024 };
    return new Promise((resolve, reject) => {
        const child = (0,external_node_child_process_.execFile)(entry.command, [...(entry.args ?? [])], options, (error, out, err) => {
            if (error === null) {
                resolve(out);
            }
            else {
                reject(pluginFailed(entry, error, err));
            }
        });
        // A plugin must not wait for a person.
        child.stdin?.end();
    });
}
function pluginFailed(entry, error, complaint) {
    if (error.code === 'ENOENT') {
        const hint = entry.installHint ? ` (${entry.installHint.replaceAll(/\s+/g, ' ').trim()})` : '';
        return new errors/* ActionError */.lZ(`The kubeconfig's credential plugin \`${entry.command}\` is not installed on this machine; install it${hint} or use a kubeconfig with a token.`, { cause: error });
    }
    const last = complaint.trim().split('\n').at(-1)?.trim().slice(0, 300) || 'it said nothing';
    return new errors/* ActionError */.lZ(`The kubeconfig's credential plugin \`${entry.command}\` failed (${last}); make it work on this machine or use a kubeconfig with a token.`);
}
/** The ExecCredential that a plugin finds in KUBERNETES_EXEC_INFO. */
function credentialRequest(entry, cluster) {
    const file = cluster['certificate-authority'];
    const authority = cluster['certificate-authority-data'] ?? (file && (0,external_node_fs_.readFileSync)(file).toString('base64'));
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
                    'certificate-authority-data': authority,
                    'proxy-url': cluster['proxy-url'],
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
        // Told below: the parser's message would quote the credential.
    }
    throw new errors/* ActionError */.lZ(`The kubeconfig's credential plugin \`${command}\` printed no ExecCredential with a token or certificate; check its arguments in the kubeconfig.`);
}
//# sourceMappingURL=exec-plugin.js.map
// EXTERNAL MODULE: ./out/src/kube/exchange.js
var exchange = __webpack_require__(2146);
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
;// CONCATENATED MODULE: ./out/src/kube/way/proxy.js


/**
 * The proxy to an API server: the kubeconfig's `proxy-url`, else HTTPS_PROXY or HTTP_PROXY unless
 * NO_PROXY names the server; the environment is never followed to this machine itself (the rules
 * of Go's net/http, which kubectl keeps). Throws an ActionError for an address that is none.
 */
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
/** Whether a NO_PROXY list (names, .suffixes, addresses, CIDR ranges, ports) names the server. */
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
    const [name, wanted] = withPort && !external_node_net_.isIPv6(entry) ? [withPort[1], Number(withPort[2])] : [entry, port];
    if (wanted !== port) {
        return false;
    }
    const plain = name.replace(/^\*?\.|^\[|\]$/g, '');
    const suffixOnly = name.startsWith('.') || name.startsWith('*.');
    return host.endsWith(`.${plain}`) || (!suffixOnly && host === plain);
}
function inRange(range, host) {
    const [network = '', prefix] = range.split('/');
    const family = external_node_net_.isIP(network);
    const length = Number(prefix);
    if (family === 0 || external_node_net_.isIP(host) !== family || !(length >= 0 && length <= 128)) {
        return false;
    }
    const type = family === 6 ? 'ipv6' : 'ipv4';
    const list = new external_node_net_.BlockList();
    list.addSubnet(network, length, type);
    return list.check(host, type);
}
/** A URL's host without the brackets of IPv6. */
function hostOf(url) {
    return url.hostname.replace(/^\[|\]$/g, '');
}
/** A URL's port, the scheme's own when none is written. */
function portOf(url) {
    if (url.port !== '') {
        return Number(url.port);
    }
    return { 'https:': 443, 'http:': 80 }[url.protocol] ?? 1080;
}
function isLoopback(host) {
    return host === 'localhost' || host === '::1' || (external_node_net_.isIPv4(host) && host.startsWith('127.'));
}
function parsed(address, origin) {
    const url = URL.parse(address);
    if (url === null || !/^(https?|socks5h?|socks):$/.test(url.protocol)) {
        throw new errors/* ActionError */.lZ(`The proxy address in ${origin} is not usable; give one like http://proxy.example:3128 or socks5://proxy.example:1080.`);
    }
    return url;
}
//# sourceMappingURL=proxy.js.map
// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(4708);
// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(1692);
;// CONCATENATED MODULE: ./out/src/kube/way/tunnel.js







/** A connection to host:port through the proxy, ready for the API server's bytes. */
function openTunnel(proxy, host, port) {
    return proxy.protocol.startsWith('socks')
        ? socksTunnel(proxy, host, port)
        : connectTunnel(proxy, host, port);
}
function connectTunnel(proxy, host, port) {
    const authority = `${external_node_net_.isIPv6(host) ? `[${host}]` : host}:${port}`;
    const headers = { host: authority, ...basicAuthorization(proxy) };
    const { request } = proxy.protocol === 'https:' ? external_node_https_ : external_node_http_;
    return new Promise((resolve, reject) => {
        const asking = request({
            method: 'CONNECT',
            host: hostOf(proxy),
            port: portOf(proxy),
            path: authority,
            headers,
            agent: false,
        });
        asking.once('connect', ({ statusCode = 0 }, socket) => {
            if (statusCode === 200) {
                resolve(socket);
            }
            else {
                socket.destroy();
                reject(proxyRefused(proxy, `status ${statusCode}`, statusCode >= 500));
            }
        });
        asking.once('response', ({ statusCode = 0 }) => {
            asking.destroy();
            reject(proxyRefused(proxy, `status ${statusCode}`, statusCode >= 500));
        });
        asking.once('error', reject);
        asking.end();
    });
}
function basicAuthorization({ username, password }) {
    if (username === '' && password === '') {
        return {};
    }
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
function proxyRefused(proxy, why, passing) {
    const error = new Error(`the proxy ${proxy.host} refused the connection: ${why}`);
    return Object.assign(error, { code: passing ? 'PROXY_BUSY' : 'PROXY_REFUSED' });
}
/** The client's side of SOCKS 5 (RFC 1928) with name and password (RFC 1929). */
async function socksTunnel(proxy, host, port) {
    const socket = external_node_net_.connect(portOf(proxy), hostOf(proxy));
    try {
        await (0,external_node_events_.once)(socket, 'connect');
        const named = proxy.username !== '';
        const [, method] = await converse(socket, Buffer.from([5, 1, named ? 2 : 0]), 2);
        if (method === 2) {
            const name = Buffer.from(decodeURIComponent(proxy.username));
            const word = Buffer.from(decodeURIComponent(proxy.password));
            const login = Buffer.from([1, name.length, ...name, word.length, ...word]);
            const [, refused] = await converse(socket, login, 2);
            if (refused !== 0) {
                throw proxyRefused(proxy, 'name or password', false);
            }
        }
        else if (method !== 0) {
            throw proxyRefused(proxy, 'no common way to log in', false);
        }
        const name = Buffer.from(host);
        const wanted = Buffer.from([5, 1, 0, 3, name.length, ...name, port >> 8, port & 255]);
        const [, code, , type] = await converse(socket, wanted, 4);
        if (code !== 0) {
            throw proxyRefused(proxy, `SOCKS code ${code}`, false);
        }
        // The bound address follows: 4 or 16 bytes, or a length and a name; then two bytes of port.
        const [length = 0] = type === 3 ? await converse(socket, undefined, 1) : [type === 4 ? 16 : 4];
        await converse(socket, undefined, length + 2);
        return socket;
    }
    catch (error) {
        socket.destroy();
        throw error;
    }
}
async function converse(socket, said, answer) {
    if (said !== undefined) {
        socket.write(said);
    }
    for (;;) {
        const bytes = socket.read(answer);
        if (bytes !== null) {
            return bytes;
        }
        if (socket.readableEnded || socket.destroyed) {
            throw Object.assign(new Error('the SOCKS proxy hung up'), { code: 'ECONNRESET' });
        }
        await Promise.race([(0,external_node_events_.once)(socket, 'readable'), (0,external_node_events_.once)(socket, 'end'), (0,external_node_events_.once)(socket, 'close')]);
    }
}
/** A pool of kept connections to the API server, direct or through a proxy. */
function agentFor(server, facts, proxy) {
    const timeout = kube/* IDLE_CONNECTION_MILLISECONDS */.Lu;
    const kept = { keepAlive: true, keepAliveMsecs: 15_000, scheduling: 'lifo', timeout };
    if (server.protocol === 'http:') {
        return proxy === undefined ? new external_node_http_.Agent(kept) : new TunnelAgent(proxy, server, kept);
    }
    const options = { ...kept, ...facts };
    return proxy === undefined
        ? new external_node_https_.Agent(options)
        : new SecureTunnelAgent(proxy, server, options);
}
class TunnelAgent extends external_node_http_.Agent {
    proxy;
    server;
    constructor(proxy, server, options) {
        super(options);
        this.proxy = proxy;
        this.server = server;
    }
    createConnection(_options, done) {
        const tell = done;
        openTunnel(this.proxy, hostOf(this.server), portOf(this.server)).then((socket) => tell(null, socket), (error) => tell(error, undefined));
    }
}
class SecureTunnelAgent extends external_node_https_.Agent {
    proxy;
    server;
    constructor(proxy, server, options) {
        super(options);
        this.proxy = proxy;
        this.server = server;
    }
    createConnection(options, done) {
        const tell = done;
        openTunnel(this.proxy, hostOf(this.server), portOf(this.server)).then((socket) => tell(null, external_node_tls_.connect({ ...options, socket })), (error) => tell(error, undefined));
    }
}
//# sourceMappingURL=tunnel.js.map
;// CONCATENATED MODULE: ./out/src/kube/login/oidc.js





/**
 * A new id token from the login's issuer (OpenID Connect Core 1.0, section 12, found by Discovery
 * 1.0, section 4). `ca` is the authority that the issuer's certificate is from, where the kubeconfig
 * names one. Our own, since the Kubernetes client's hands its library the issuer's address in a form
 * that this refuses, and never the client's secret (client-node 2.0.1, oidc_auth.js). Throws an
 * ActionError when the issuer gives none.
 */
async function refreshTokens(login, refreshToken, ca, env) {
    const issuer = URL.parse(login['idp-issuer-url'] ?? '');
    const client = login['client-id'];
    if (issuer === null || !client || !refreshToken) {
        throw new errors/* ActionError */.lZ(`The kubeconfig's OIDC token has expired, and without idp-issuer-url, client-id and refresh-token there is no way to another; log in anew or use a kubeconfig with a token.`);
    }
    try {
        const ask = (url, options) => askIssuer(url, ca, env, options);
        const path = `${issuer.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
        const found = granted(await ask(new URL(path, issuer)));
        const endpoint = URL.parse(String(found.token_endpoint));
        if (endpoint === null)
            throw new Error('it names no token_endpoint');
        const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
        const secret = login['client-secret'];
        const first = await ask(endpoint, asClient(form, client, secret));
        // Some take the secret in the form alone, and say so with either status (RFC 6749, 5.2).
        const again = secret && [400, 401].includes(first.status) && first.error === 'invalid_client';
        const body = { ...form, client_id: client, client_secret: secret ?? '' };
        const tokens = granted(again ? await ask(endpoint, { form: body }) : first);
        if (typeof tokens.id_token !== 'string')
            throw new Error('its answer has no id_token');
        const next = typeof tokens.refresh_token === 'string' ? tokens.refresh_token : refreshToken;
        return { idToken: tokens.id_token, refreshToken: next };
    }
    catch (cause) {
        throw new errors/* ActionError */.lZ(`The kubeconfig's OIDC issuer ${issuer.origin} gave no new token (${(0,errors/* sentenceOf */.$N)(cause)}); log in anew or use a kubeconfig with a token.`, { cause });
    }
}
/** The client says who it is in a header when it has a secret (RFC 6749, 2.3.1), else in the form. */
function asClient(form, client, secret) {
    if (!secret)
        return { form: { ...form, client_id: client } };
    const pair = `${encodeURIComponent(client)}:${encodeURIComponent(secret)}`;
    return { form, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
async function askIssuer(url, ca, env, { form, authorization } = {}) {
    const agent = agentFor(url, ca ? { ca } : {}, proxyFor(url, undefined, env));
    const endpoint = {
        server: new URL(url.origin),
        authorize: async () => ({ agent, headers: {} }),
        forget: () => false,
        close: () => agent.destroy(),
    };
    try {
        const answer = await (0,exchange/* exchange */.cv)(endpoint, {
            method: form ? 'POST' : 'GET',
            path: url.pathname + url.search,
            headers: {
                accept: 'application/json',
                ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
                ...(authorization && { authorization }),
            },
            ...(form && { body: [Buffer.from(new URLSearchParams(form).toString())] }),
            deadlineSeconds: kube/* REQUEST_DEADLINE_SECONDS */.f1,
        });
        return { ...oidc_parsed(answer), status: answer.status };
    }
    finally {
        endpoint.close();
    }
}
function oidc_parsed({ body }) {
    try {
        return JSON.parse(body.toString());
    }
    catch {
        return {};
    }
}
/** The answer, when it is a good one; else its own words are the error. */
function granted(said) {
    if (said.status === 200)
        return said;
    const words = [said.error, said.error_description].filter((word) => typeof word === 'string');
    throw new Error([`status ${said.status}`, ...words].join(': '));
}
/**
 * Milliseconds since 1970 at which a JSON Web Token expires by its own word, less our leeway; soon,
 * for a token of another kind.
 */
function expiryOf(token) {
    try {
        const payload = token.split('.')[1] ?? '';
        const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
        if (typeof exp === 'number')
            return (exp - kube/* CREDENTIAL_LEEWAY_SECONDS */.Sj) * 1000;
    }
    catch {
        // An opaque token.
    }
    return Date.now() + kube/* TOKEN_FILE_SECONDS */.xD * 1000;
}
//# sourceMappingURL=oidc.js.map
;// CONCATENATED MODULE: ./out/src/kube/login/credentials.js





/**
 * The user's credential, kept as long as it is valid: static ones for ever, token files and
 * plugins until they run out. Requests that ask at the same time share one fetch.
 */
class Credentials {
    config;
    env;
    onSecret;
    current;
    expires = 0;
    /** What an OIDC login has come to; an issuer may take each refresh token only once. */
    tokens;
    constructor(config, env, onSecret = () => undefined) {
        this.config = config;
        this.env = env;
        this.onSecret = onSecret;
    }
    /** The credential for a request made now. Throws an ActionError when there is none to be had. */
    async get() {
        if (this.current === undefined || Date.now() >= this.expires) {
            this.expires = Number.POSITIVE_INFINITY;
            const fetched = this.fetch().then((credential) => this.hide(credential));
            this.current = fetched;
            fetched.then(({ expires }) => this.settle(fetched, expires), () => this.settle(fetched, 0));
        }
        return this.current;
    }
    /** Forgets the credential, since the server refused it; true when a new one can be had. */
    forget() {
        this.current = undefined;
        if (this.tokens !== undefined)
            this.tokens = { ...this.tokens, idToken: '' };
        const { user } = this.config;
        return Boolean(user.exec ?? user.tokenFile ?? user['auth-provider']);
    }
    settle(fetched, expires) {
        if (this.current === fetched) {
            this.expires = expires;
        }
    }
    /** Tells of what must not be read in a log: also of what the header's value is made from. */
    hide(credential) {
        const { password, 'client-key-data': key, 'auth-provider': provider } = this.config.user;
        const { 'client-secret': clientSecret, 'refresh-token': refreshToken } = provider?.config ?? {};
        const value = credential.authorization?.replace(/^\w+ /, '');
        const given = [password, key, clientSecret, refreshToken];
        for (const secret of [value, ...given, this.tokens?.refreshToken, credential.key?.toString()]) {
            if (secret) {
                this.onSecret(secret);
            }
        }
        return credential;
    }
    async fetch() {
        const { user, cluster } = this.config;
        const certificate = await certificateOf(user);
        const forever = { ...certificate, expires: Number.POSITIVE_INFINITY };
        // The order of client-go: a token file goes before a token, which it may rotate.
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
            const { token, clientCertificateData, clientKeyData, expires } = await runPlugin(user.exec, cluster, this.env);
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
        if (user['auth-provider']?.name === 'oidc') {
            return { ...certificate, ...(await this.fromLogin(user['auth-provider'].config ?? {})) };
        }
        return user['auth-provider'] ? { ...certificate, ...(await fromProvider(user)) } : forever;
    }
    /** The login's id token while it is valid, then what its issuer gives. */
    async fromLogin(login) {
        const idToken = this.tokens?.idToken ?? login['id-token'] ?? '';
        this.tokens ??= {
            idToken,
            ...(login['refresh-token'] && { refreshToken: login['refresh-token'] }),
        };
        if (idToken === '' || expiryOf(idToken) <= Date.now()) {
            const ca = await fileOrData(login, 'idp-certificate-authority');
            this.tokens = await refreshTokens(login, this.tokens.refreshToken, ca, this.env);
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
/**
 * What a kubeconfig's entry holds as `<field>-data`, base64, or names as the file `<field>`; undefined
 * when it has neither. Throws an ActionError when the file cannot be read.
 */
async function fileOrData(entry, field) {
    const data = entry[`${field}-data`];
    if (data) {
        return Buffer.from(data, 'base64');
    }
    const file = entry[field];
    return file ? readCredentialFile(file, field) : undefined;
}
/** Reads a file that the kubeconfig names; `field` is the kubeconfig's word for it. */
async function readCredentialFile(file, field) {
    try {
        return await (0,promises_.readFile)(file);
    }
    catch (cause) {
        throw new errors/* ActionError */.lZ(`The kubeconfig's ${field} names ${file}, which cannot be read; bring the file here or put its content into the kubeconfig.`, { cause });
    }
}
/** The token of another legacy auth provider (gcp, azure), which the Kubernetes client refreshes. */
async function fromProvider(user) {
    const { KubeConfig } = await Promise.all(/* import() */[__webpack_require__.e(243), __webpack_require__.e(830), __webpack_require__.e(574)]).then(__webpack_require__.bind(__webpack_require__, 2574));
    const provider = user['auth-provider'];
    const config = new KubeConfig();
    const nowhere = { name: 'cluster', server: 'https://localhost', skipTLSVerify: false };
    config.loadFromClusterAndUser(nowhere, { name: 'user', authProvider: provider });
    const options = { headers: {} };
    try {
        await config.applyToHTTPSOptions(options);
    }
    catch (cause) {
        throw new errors/* ActionError */.lZ(`The kubeconfig's auth provider "${provider?.name}" gave no token; log in anew or use a kubeconfig with a token.`, { cause });
    }
    const authorization = options.headers.Authorization;
    if (authorization === undefined) {
        throw new errors/* ActionError */.lZ(`The kubeconfig's auth provider "${provider?.name}" has no valid token and no way to refresh it; log in anew or use a kubeconfig with a token.`);
    }
    return { authorization, expires: expiryOf(authorization) };
}
//# sourceMappingURL=credentials.js.map
;// CONCATENATED MODULE: ./out/src/kube/way/endpoint.js




/** The endpoint of a kubeconfig. Throws an ActionError for unusable addresses and files. */
async function endpointOf(config, env, onSecret) {
    const server = serverOf(config.cluster);
    const proxy = proxyFor(server, config.cluster['proxy-url'], env);
    const facts = await tlsFacts(config.cluster);
    const credentials = new Credentials(config, env, onSecret);
    const fixed = { 'user-agent': 'jackal-inject', ...impersonation(config.user) };
    let agent;
    let agentCredential;
    return {
        server,
        async authorize() {
            const credential = await credentials.get();
            if (agent === undefined || !sameCertificate(credential, agentCredential)) {
                // The agent before is dropped, not destroyed: requests under way on it shall end well.
                agent = agentFor(server, { ...facts, ...endpoint_certificateOf(credential) }, proxy);
            }
            agentCredential = credential;
            const { authorization } = credential;
            return { agent, headers: { ...fixed, ...(authorization && { authorization }) } };
        },
        forget: () => credentials.forget(),
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




/**
 * Connects to the cluster of a kubeconfig and asks for its version, so that a wrong address or
 * refused credentials are said before anything else. Throws an ActionError of one sentence for a
 * kubeconfig that is missing, malformed or without that context, and for a server that cannot be
 * reached or refuses the credentials.
 */
async function connect(options) {
    const config = await loadKubeconfig(options.kubeconfig, options.context, options.env);
    const client = new kube_client/* ApiClient */.OW(await endpointOf(config, options.env, options.onSecret));
    return {
        client,
        server: client.server,
        context: config.context,
        ...(config.namespace && { namespace: config.namespace }),
        version: await versionOf(client, options.signal),
    };
}
async function versionOf(client, signal) {
    try {
        return (await client.get('/version', { signal })).gitVersion;
    }
    catch (error) {
        // Some clusters do not tell their version to everyone; that alone is no failure.
        if ((0,kube_error/* isFault */.Zh)(error, 'permission', 'policy', 'not-found')) {
            return '';
        }
        throw error;
    }
}
//# sourceMappingURL=connect.js.map

/***/ })

};
