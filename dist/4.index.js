export const id = 4;
export const ids = [4,833];
export const modules = {

/***/ 3004:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  commandLine: () => (/* binding */ commandLine)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
// EXTERNAL MODULE: ./out/src/lib/files/paths.js
var paths = __webpack_require__(5993);
// EXTERNAL MODULE: ./out/src/host/state.js
var host_state = __webpack_require__(8905);
;// CONCATENATED MODULE: ./out/src/host/kept-runs.js







function keptDirectory() {
    const { XDG_STATE_HOME = '' } = process.env;
    const state = (0,external_node_path_.isAbsolute)(XDG_STATE_HOME) ? XDG_STATE_HOME : (0,external_node_path_.join)((0,paths/* homeDirectory */.RE)(), '.local/state');
    return (0,external_node_path_.join)(state, 'jackal-inject');
}
class KeptRun {
    path;
    content;
    constructor(path, content) {
        this.path = path;
        this.content = content;
    }
    static begin(connection) {
        const name = `${Date.now()}-${(0,external_node_crypto_.randomBytes)(4).toString('hex')}.json`;
        return new KeptRun((0,external_node_path_.join)(keptDirectory(), name), {
            connection,
            state: {},
            process: process.pid,
            machine: (0,external_node_os_.hostname)(),
            began: beginOf(process.pid),
        });
    }
    static elsewhere(facts) {
        const state = { [host_state/* CLEANUP */.VV]: JSON.stringify(facts) };
        return new KeptRun('', { connection: {}, state });
    }
    static all() {
        const directory = keptDirectory();
        return namesIn(directory).flatMap((name) => {
            const path = (0,external_node_path_.join)(directory, name);
            try {
                const run = new KeptRun(path, JSON.parse((0,external_node_fs_.readFileSync)(path, 'utf8')));
                return run.facts === undefined ? [] : [run];
            }
            catch {
                return [];
            }
        });
    }
    get state() {
        return this.content.state;
    }
    get connection() {
        return this.content.connection;
    }
    get facts() {
        return (0,host_state/* cleanupIn */.gp)((key) => this.content.state?.[key]);
    }
    get isHere() {
        return this.path !== '';
    }
    get otherMachine() {
        const { process: id, machine } = this.content;
        return id !== undefined && machine !== (0,external_node_os_.hostname)() ? machine : undefined;
    }
    get isUnderWay() {
        if (this.otherMachine !== undefined)
            return true;
        const { process: id, began } = this.content;
        if (id === undefined || id === process.pid || !isAlive(id))
            return false;
        return began === undefined || (beginOf(id) ?? began) === began;
    }
    save(name, value) {
        this.content = { ...this.content, state: { ...this.content.state, [name]: value } };
        this.write();
    }
    finish() {
        const { connection, state } = this.content;
        this.content = { connection, state };
        this.write();
    }
    forget() {
        if (this.isHere)
            (0,external_node_fs_.rmSync)(this.path, { force: true });
    }
    write() {
        const directory = keptDirectory();
        try {
            (0,external_node_fs_.mkdirSync)(directory, { recursive: true, mode: 0o700 });
            (0,external_node_fs_.writeFileSync)(`${this.path}.new`, JSON.stringify(this.content), { mode: 0o600 });
            (0,external_node_fs_.renameSync)(`${this.path}.new`, this.path);
        }
        catch (cause) {
            throw new errors/* ActionError */.lZ(`What is needed to remove the run cannot be kept in ${directory} (${(0,errors/* sentenceOf */.$N)(cause)}); set XDG_STATE_HOME to a directory that can be written.`, { cause });
        }
    }
}
function namesIn(directory) {
    try {
        return (0,external_node_fs_.readdirSync)(directory)
            .filter((name) => name.endsWith('.json'))
            .sort();
    }
    catch {
        return [];
    }
}
function beginOf(id) {
    try {
        const text = (0,external_node_fs_.readFileSync)(`/proc/${id}/stat`, 'utf8');
        const [state, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
        const boot = (0,external_node_fs_.readFileSync)('/proc/sys/kernel/random/boot_id', 'utf8').trim();
        return state === 'Z' ? '' : `${boot} ${rest[18]}`;
    }
    catch {
        return undefined;
    }
}
function isAlive(id) {
    try {
        return process.kill(id, 0);
    }
    catch (error) {
        return error.code === 'EPERM';
    }
}
//# sourceMappingURL=kept-runs.js.map
// EXTERNAL MODULE: ./out/src/host/runner.js
var runner = __webpack_require__(2440);
// EXTERNAL MODULE: ./out/src/host/step.js
var step = __webpack_require__(4900);
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(7975);
// EXTERNAL MODULE: ./out/src/lib/limits/runner.js
var limits_runner = __webpack_require__(1102);
;// CONCATENATED MODULE: ./out/src/host/terminal.js


const CLEAR = '\r\u001b[K';
const SPINNER = ['|', '/', '-', '\\'];
const BAR_CHARACTERS = 24;
const COLUMNS = 80;
class Terminal {
    stream;
    shown;
    timer;
    turn = 0;
    since = 0;
    redraws;
    colours;
    constructor(stream, env) {
        this.stream = stream;
        this.redraws = stream.isTTY === true && env.TERM !== 'dumb';
        this.colours = this.redraws && !env.NO_COLOR;
    }
    line(text, style) {
        const styled = style !== undefined && this.colours
            ? (0,external_node_util_.styleText)(style, text, { validateStream: false })
            : (0,external_node_util_.stripVTControlCharacters)(text);
        this.stream.write(`${this.redraws && this.shown ? CLEAR : ''}${styled}\n`);
        this.draw();
    }
    show(progress) {
        if (!this.redraws)
            return;
        if (progress?.title !== this.shown?.title)
            this.since = performance.now();
        if (progress === undefined && this.shown !== undefined)
            this.stream.write(CLEAR);
        this.shown = progress;
        if (progress === undefined) {
            clearInterval(this.timer);
            this.timer = undefined;
        }
        else {
            this.timer ??= setInterval(() => this.draw(), limits_runner/* SPINNER_MILLISECONDS */.Ro).unref();
        }
        this.draw();
    }
    draw() {
        if (this.shown === undefined)
            return;
        const spinner = SPINNER[this.turn++ % SPINNER.length];
        const seconds = Math.floor((performance.now() - this.since) / 1000);
        const line = `${spinner} ${progressBar(this.shown)} (${seconds} s)`;
        this.stream.write(`${CLEAR}${fitting(line, (this.stream.columns || COLUMNS) - 1)}`);
    }
}
function fitting(line, columns) {
    if (line.length <= columns)
        return line;
    const half = Math.floor((columns - 1) / 2);
    return `${line.slice(0, columns - 1 - half)}…${line.slice(line.length - half)}`;
}
function progressBar({ title, line, share, nodes }) {
    const filled = Math.round(BAR_CHARACTERS * Math.min(Math.max(share ?? 0, 0), 1));
    const bar = share === undefined ? '' : `[${'#'.repeat(filled).padEnd(BAR_CHARACTERS, '-')}] `;
    const detail = line === undefined ? '' : `: ${bar}${line}`;
    const of = nodes?.all ? ` of ${nodes.all}` : '';
    return `${title}${detail}${nodes ? `; ${nodes.proven}${of} nodes` : ''}`;
}
//# sourceMappingURL=terminal.js.map
// EXTERNAL MODULE: ./out/src/rewrite/post-renderer.js
var post_renderer = __webpack_require__(2236);
// EXTERNAL MODULE: ./node_modules/yaml/dist/index.js
var dist = __webpack_require__(8815);
;// CONCATENATED MODULE: ./out/src/command-line/action.js




const COMMAND_INPUT = 'command';
function readActionInputs(script) {
    const path = (0,paths/* foundUpwards */.Lt)(script, 'action.yml');
    if (path !== undefined)
        return (0,dist/* parse */.qg)((0,external_node_fs_.readFileSync)(path, 'utf8')).inputs;
    throw new errors/* ActionError */.lZ('The file action.yml, which says what the options are, is missing beside the dist folder; take jackal-inject whole.');
}
function isFlag({ default: preset }) {
    return preset === 'true' || preset === 'false';
}
//# sourceMappingURL=action.js.map
// EXTERNAL MODULE: ./out/src/lib/items.js
var items = __webpack_require__(5837);
// EXTERNAL MODULE: ./out/src/run/run.js
var run = __webpack_require__(182);
;// CONCATENATED MODULE: ./out/src/command-line/usage.js

class UsageError extends errors/* ActionError */.lZ {
}
function usageOf(read) {
    try {
        return read();
    }
    catch (cause) {
        if (cause instanceof UsageError)
            throw cause;
        throw new UsageError((0,errors/* sentenceOf */.$N)(cause));
    }
}
//# sourceMappingURL=usage.js.map
;// CONCATENATED MODULE: ./out/src/command-line/arguments.js





const COMMANDS = ['inject', 'remove', 'delete'];
const LISTS = [
    'images',
    'manifests',
    'labels',
    'platforms',
    'rewrite-namespaces',
];
const OWN = ['help', 'version', 'verbose', 'forget'];
const TAKEN = {
    remove: ['kubeconfig', 'context', 'namespace'],
    delete: ['kubeconfig', 'context', 'namespace', 'release', 'timeout'],
};
function readArguments(args, known) {
    const { tokens } = (0,external_node_util_.parseArgs)({
        args: [...args],
        strict: false,
        allowPositionals: true,
        tokens: true,
        options: optionsOf(known),
    });
    const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
    const options = tokens.filter((token) => token.kind === 'option');
    const has = (...names) => options.some(({ name }) => names.includes(name));
    const verbose = has('verbose');
    const [command, ...operands] = words;
    const forget = has('forget');
    const bare = { inputs: {}, runs: [], verbose, forget };
    if (has('help', 'h') || command === 'help')
        return { ...bare, command: 'help' };
    if (has('version'))
        return { ...bare, command: 'version' };
    if (!isCommand(command)) {
        const what = command === undefined ? 'No command is given' : `"${command}" is no command`;
        throw wrong(`${what}; there are ${COMMANDS.join(', ')}`);
    }
    if (forget && command !== 'remove')
        throw wrong(`--forget is no option of ${command}`);
    const inputs = {};
    for (const { name, rawName, value, inlineValue } of options) {
        if (OWN.includes(name)) {
            if (value !== undefined)
                throw wrong(`${rawName} takes no value`);
            continue;
        }
        checkOption(command, name, rawName, known);
        const given = givenValue(rawName, value, inlineValue === true, isFlag(known[name] ?? NO_INPUT));
        if (inputs[name] !== undefined && !LISTS.includes(name)) {
            throw wrong(`${rawName} is given twice and takes one value`);
        }
        inputs[name] = inputs[name] === undefined ? given : `${inputs[name]}\n${given}`;
    }
    if (command === 'delete' && !inputs.release) {
        throw wrong('The release is not named; give --release=NAME');
    }
    if (command === 'remove' && inputs.namespace !== undefined && operands.length === 0) {
        throw wrong('--namespace says where one run is; name the run, or leave the option out');
    }
    return { command, verbose, forget, ...withOperands(command, inputs, operands) };
}
function wrong(what) {
    return new UsageError(`${what}; \`jackal-inject --help\` tells what there is.`);
}
const NO_INPUT = { description: '' };
function optionsOf(known) {
    const own = Object.fromEntries(OWN.map((name) => [name, { type: 'boolean' }]));
    const inputs = Object.entries(known).map(([name, input]) => {
        const type = isFlag(input) ? 'boolean' : 'string';
        return [name, { type }];
    });
    return { ...Object.fromEntries(inputs), ...own };
}
function isCommand(word) {
    return COMMANDS.some((one) => one === word);
}
function checkOption(command, name, rawName, known) {
    if (name === COMMAND_INPUT || known[name] === undefined) {
        throw wrong(`There is no option ${rawName}`);
    }
    if (TAKEN[command]?.includes(name) === false) {
        throw wrong(`${rawName} is no option of ${command}`);
    }
}
function givenValue(option, value, isInline, flag) {
    if (flag)
        return value ?? 'true';
    if (value === undefined || (!isInline && /^-./.test(value))) {
        throw wrong(`${option} has no value; write ${option}=VALUE where that begins with a dash`);
    }
    return value;
}
function withOperands(command, inputs, operands) {
    if (command === 'inject') {
        const images = [inputs.images, ...operands.map(items/* quoted */.T)].filter((one) => one !== undefined);
        return {
            inputs: images.length > 0 ? { ...inputs, images: images.join('\n') } : inputs,
            runs: [],
        };
    }
    const stranger = operands.find((one) => command === 'delete' || !(0,run/* isRunId */.Pk)(one));
    if (stranger !== undefined) {
        throw wrong(command === 'delete'
            ? `"${stranger}" is too much; the release is named by --release`
            : `"${stranger}" is no run, which has eight digits from 0 to f`);
    }
    return {
        inputs: command === 'delete' ? { ...inputs, [COMMAND_INPUT]: command } : inputs,
        runs: operands,
    };
}
//# sourceMappingURL=arguments.js.map
;// CONCATENATED MODULE: ./out/src/host/shell.js
const HIDDEN = '***';
function shellHost({ terminal, inputs, kept, verbose }) {
    const secrets = new Set();
    const outputs = {};
    let depth = 0;
    let shown;
    const withoutSecrets = (text) => [...secrets].reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
    const print = (text, style) => terminal.line(withoutSecrets(text), style);
    const indented = (text) => `${depth > 0 ? '  ' : ''}${text}`;
    const show = (next) => {
        shown = next;
        terminal.show(next && { ...next, line: next.line && withoutSecrets(next.line) });
    };
    return {
        outputs,
        getInput: (name) => (inputs[name] ?? '').trim(),
        getState: (name) => kept.state[name] ?? '',
        saveState: (name, value) => kept.save(name, value),
        setOutput: (name, value) => {
            outputs[name] = value;
        },
        setSecret: (secret) => {
            secrets.add(secret);
        },
        group: async (title, work) => {
            print(title, 'bold');
            depth++;
            show({ title: withoutSecrets(title) });
            try {
                return await work();
            }
            finally {
                depth--;
                show(undefined);
            }
        },
        info: (line) => print(indented(line)),
        debug: (line) => {
            if (verbose)
                print(indented(line));
        },
        warning: (sentence) => print(`Warning: ${sentence}`, 'yellow'),
        error: (text) => {
            const [sentence = '', ...more] = text.split('\n');
            print(`Error: ${sentence}`, 'red');
            for (const line of more)
                print(line);
        },
        progress: (line, share) => {
            if (terminal.redraws && shown !== undefined)
                show({ ...shown, line, share });
            else
                print(indented(line));
        },
        nodes: (proven, all) => {
            if (shown !== undefined)
                show({ ...shown, nodes: { proven, all } });
        },
    };
}
//# sourceMappingURL=shell.js.map
;// CONCATENATED MODULE: ./out/src/command-line/context.js




function hostFor({ asked, known, terminal }, inputs, kept) {
    const defaults = Object.fromEntries(Object.entries(known).map(([name, input]) => [name, input.default ?? '']));
    return shellHost({ terminal, inputs: { ...defaults, ...inputs }, kept, verbose: asked.verbose });
}
function connectionOf({ kubeconfig, context, }) {
    const path = kubeconfig && (0,external_node_path_.resolve)((0,paths/* atHome */.X6)(kubeconfig));
    return {
        ...(path && (0,external_node_fs_.existsSync)(path) && { kubeconfig: path }),
        ...(context !== undefined && { context }),
    };
}
//# sourceMappingURL=context.js.map
;// CONCATENATED MODULE: ./out/src/command-line/help.js

const USAGE = `Put container images onto every node of any Kubernetes cluster, given nothing but a kubeconfig.

  jackal-inject inject [OPTION...] IMAGE...          send images; they stay until they are removed
  jackal-inject remove [OPTION...] [RUN...]          remove what was injected: these runs, or all of yours
  jackal-inject remove --forget [RUN...]             forget them, where their cluster is gone
  jackal-inject delete [OPTION...] --release=NAME    remove a release

An image is a name in the Docker daemon, or the path of an archive or an OCI layout. Outputs are one JSON object on
standard output; all else goes to standard error.`;
const OWN_OPTIONS = [
    ['--forget', 'Have remove ask no cluster: what is kept of the runs here is deleted.'],
    ['--verbose', 'Tell what is of use to find a fault, too.'],
    ['--help', 'Tell this.'],
    ['--version', 'Tell the version.'],
];
const INDENT = 32;
const help_COLUMNS = 120;
function helpText(inputs) {
    const options = Object.entries(inputs)
        .filter(([name]) => name !== COMMAND_INPUT)
        .map(([name, input]) => {
        const preset = input.default === undefined ? '' : ` (${input.default})`;
        const option = `--${name}${isFlag(input) ? '' : ` VALUE`}`;
        return [option, `${firstSentence(input.description)}${preset}`];
    });
    const lines = [...options, ...OWN_OPTIONS].map(([option, text]) => optionLines(option, text));
    return `${USAGE}\n\nOptions, which are the inputs of the action, with their defaults:\n\n${lines.join('\n')}\n`;
}
function firstSentence(text) {
    return /^.*?\.(?= |$)/s.exec(text)?.[0] ?? text;
}
function optionLines(option, text) {
    const lines = [''];
    for (const word of text.split(/\s+/)) {
        const line = lines.at(-1);
        if (line.length + word.length + 1 > help_COLUMNS - INDENT)
            lines.push(word);
        else
            lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
    const [first, ...others] = lines;
    const head = `  ${option}`.padEnd(INDENT);
    return [`${head}${first}`, ...others.map((line) => `${' '.repeat(INDENT)}${line}`)].join('\n');
}
//# sourceMappingURL=help.js.map
// EXTERNAL MODULE: ./out/src/host/inputs.js + 1 modules
var host_inputs = __webpack_require__(1185);
;// CONCATENATED MODULE: ./out/src/command-line/print.js



async function print(text) {
    const { stdout } = process;
    try {
        if ((0,external_node_fs_.fstatSync)(1).isFile())
            (0,external_node_fs_.writeFileSync)(1, text);
        else
            await (0,external_node_util_.promisify)(stdout.write.bind(stdout))(text);
    }
    catch (cause) {
        if (cause.code === 'EPIPE')
            return;
        throw new errors/* ActionError */.lZ(`Standard output did not take what was to be printed (${(0,errors/* sentenceOf */.$N)(cause)}); see that its disk is writable and not full, and give the command again.`, { cause });
    }
}
//# sourceMappingURL=print.js.map
// EXTERNAL MODULE: ./out/src/host/output-directory.js
var output_directory = __webpack_require__(4757);
// EXTERNAL MODULE: ./out/src/stages/remove.js
var remove = __webpack_require__(4222);
// EXTERNAL MODULE: ./out/src/host/deadline.js
var deadline = __webpack_require__(3406);
;// CONCATENATED MODULE: ./out/src/command-line/signals.js



function endBySignals(leftover, cancelled) {
    let cancelling = false;
    let first = Number.NEGATIVE_INFINITY;
    for (const signal of deadline/* CANCELS */.IX) {
        process.on(signal, () => {
            if (performance.now() - first < limits_runner/* SIGNAL_ECHO_MILLISECONDS */.Io)
                return;
            first = performance.now();
            process.exitCode = deadline/* EXIT_CODES */.ai[signal];
            if (!cancelling && process.listenerCount(signal) > 1) {
                cancelling = true;
                (0,runner/* info */.pq)(cancelled ??
                    'Cancelled: what was made in the cluster is removed now; the same again ends that at once.');
                return;
            }
            const sentence = leftover();
            if (sentence !== undefined)
                (0,runner/* warning */.$e)(sentence);
            void (0,runner/* logTaken */.iw)().then(() => process.exit());
        });
    }
}
//# sourceMappingURL=signals.js.map
;// CONCATENATED MODULE: ./out/src/command-line/remove.js








async function remove_remove(context) {
    const { runs, inputs, forget } = context.asked;
    const chosen = runs.length > 0 ? namedRuns(runs, inputs.namespace) : KeptRun.all();
    if (chosen.length === 0) {
        (0,runner/* info */.pq)('No run of yours is kept on this machine, so nothing is to be removed.');
    }
    const failures = [];
    let current;
    endBySignals(() => current && leftover(current));
    for (const kept of chosen) {
        current = kept.facts;
        (0,runner/* takePlaceOfRunner */.WZ)(hostFor(context, Object.assign({}, kept.connection, inputs), kept));
        if ((forget || runs.length === 0) && kept.isUnderWay) {
            leaveAlone(current, kept.otherMachine);
        }
        else if (forget) {
            await forgetRun(kept);
        }
        else {
            await takeAway(kept).catch((error) => {
                failures.push(error);
                if (kept.isHere)
                    (0,runner/* warning */.$e)(forgettable(current));
            });
        }
    }
    const [first, ...others] = failures;
    for (const other of others)
        (0,runner/* warning */.$e)((0,errors/* sentenceOf */.$N)(other));
    if (first !== undefined)
        throw first;
}
async function forgetRun(kept) {
    const { id, server } = kept.facts;
    if (!kept.isHere) {
        return (0,runner/* info */.pq)(`The run ${id} is not kept on this machine, so there is nothing to forget.`);
    }
    await (0,output_directory/* removeOutputDirectory */.B)();
    kept.forget();
    (0,runner/* info */.pq)(`The run ${id} on ${server} is forgotten; no cluster was asked.`);
}
function leaveAlone({ id }, machine) {
    if (machine === undefined) {
        (0,runner/* info */.pq)(`The run ${id} is left alone, since another process is at work on it.`);
    }
    else {
        (0,runner/* info */.pq)(`The run ${id} is left alone, since it was begun on ${machine}, where it may be under way; \`jackal-inject remove ${id}\` takes it away.`);
    }
}
function forgettable({ id }) {
    return `The run ${id} is still kept on this machine; if its cluster is gone, \`jackal-inject remove --forget ${id}\` forgets it.`;
}
async function takeAway(kept, isOfThisJob = false) {
    const facts = kept.facts;
    await (0,remove/* remove */.T)(facts, {
        isOfThisJob,
        isGuessed: !kept.isHere && (0,run/* ownsNamespace */.$I)(facts),
        elsewhere: (server) => `The run ${facts.id} is on ${facts.server}, and the kubeconfig leads to ${server}; choose the other cluster with --context or --kubeconfig.`,
    });
    await (0,output_directory/* removeOutputDirectory */.B)();
    kept.forget();
}
function leftover(facts) {
    const { id, namespace } = facts;
    const where = (0,run/* ownsNamespace */.$I)(facts) ? '' : ` --namespace ${namespace}`;
    return `What the run ${id} made may still be in the cluster; \`jackal-inject remove ${id}${where}\` takes it away.`;
}
function namedRuns(ids, given) {
    const all = KeptRun.all();
    return ids.flatMap((id) => {
        const here = all.filter(({ facts }) => facts?.id === id);
        const idle = here.filter(({ isUnderWay }) => !isUnderWay);
        if (idle.length > 0)
            return idle;
        const elsewhere = { id, namespace: given ?? run/* nameOf */.Vb.namespace(id), policy: true };
        return here.length > 0 ? here : KeptRun.elsewhere(elsewhere);
    });
}
//# sourceMappingURL=remove.js.map
;// CONCATENATED MODULE: ./out/src/command-line/inject.js









async function inject(context) {
    const { inputs } = context.asked;
    const kept = KeptRun.begin(connectionOf(inputs));
    const shell = hostFor(context, inputs, kept);
    (0,runner/* takePlaceOfRunner */.WZ)(shell);
    usageOf(host_inputs/* readInputs */.Ko);
    endBySignals(() => kept.facts && leftover(kept.facts));
    try {
        const { main } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(295), __webpack_require__.e(262), __webpack_require__.e(329)]).then(__webpack_require__.bind(__webpack_require__, 8329));
        await main();
        await print(outputText(shell.outputs, kept.facts));
        kept.finish();
    }
    catch (error) {
        await removeFailed(kept);
        throw error;
    }
}
async function deleteRelease(context) {
    const { inputs } = context.asked;
    (0,runner/* takePlaceOfRunner */.WZ)(hostFor(context, inputs, KeptRun.begin(connectionOf(inputs))));
    usageOf(host_inputs/* readInputs */.Ko);
    const left = 'The release may be left in part; the same command again takes the rest away.';
    endBySignals(() => left, `Cancelled. ${left}`);
    const { main } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(295), __webpack_require__.e(262), __webpack_require__.e(329)]).then(__webpack_require__.bind(__webpack_require__, 8329));
    await main();
}
async function removeFailed(kept) {
    try {
        if (kept.facts !== undefined)
            await takeAway(kept, true);
    }
    catch (error) {
        (0,runner/* warning */.$e)(`${(0,errors/* sentenceOf */.$N)(error)} ${leftover(kept.facts)}`);
    }
}
function outputText(outputs, { id, namespace }) {
    const values = Object.entries(outputs).map(([name, text]) => [
        name,
        text.startsWith('{') ? JSON.parse(text) : text,
    ]);
    return `${JSON.stringify({ run: id, namespace, ...Object.fromEntries(values) }, null, 2)}\n`;
}
//# sourceMappingURL=inject.js.map
;// CONCATENATED MODULE: ./out/src/command-line/command-line.js













const OF_ACTIONS = [
    'GITHUB_OUTPUT',
    'GITHUB_STATE',
    'GITHUB_STEP_SUMMARY',
    'ACTIONS_CACHE_URL',
    'ACTIONS_RESULTS_URL',
];
const WRONG_USE = 2;
async function commandLine(args, script) {
    for (const name of OF_ACTIONS)
        delete process.env[name];
    const terminal = new Terminal(process.stderr, process.env);
    const nobody = { command: 'help', inputs: {}, runs: [], forget: false, verbose: false };
    (0,runner/* takePlaceOfRunner */.WZ)(hostFor({ asked: nobody, known: {}, terminal }, {}, KeptRun.begin({})));
    return (0,step/* runStep */.e)('main', async () => {
        try {
            const known = readActionInputs(script);
            const asked = usageOf(() => readArguments(args, known));
            await command_line_run({ asked, known, terminal });
        }
        catch (error) {
            if (error instanceof UsageError)
                process.exitCode = WRONG_USE;
            throw error;
        }
    });
}
async function command_line_run(context) {
    switch (context.asked.command) {
        case 'help':
            return print(helpText(context.known));
        case 'version':
            return print(`${post_renderer/* ACTION_VERSION */.Yt}\n`);
        case 'inject':
            return inject(context);
        case 'remove':
            return remove_remove(context);
        case 'delete':
            return deleteRelease(context);
    }
}
//# sourceMappingURL=command-line.js.map

/***/ }),

/***/ 3406:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   IX: () => (/* binding */ CANCELS),
/* harmony export */   ai: () => (/* binding */ EXIT_CODES),
/* harmony export */   db: () => (/* binding */ startDeadline)
/* harmony export */ });
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_runner_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1102);


const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
const CANCELS = Object.keys(EXIT_CODES);
function startDeadline(seconds, underWay) {
    const controller = new AbortController();
    let isCancelled = false;
    const cancel = (signal) => {
        isCancelled = true;
        controller.abort(new _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ(`The step was cancelled (${signal}) while ${underWay()}.`));
    };
    const expire = () => controller.abort(new _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ(`The step did not end within its timeout of ${seconds} s; it was ${underWay()}. If that only needs longer, raise the input \`timeout\`.`));
    const stopTimer = startTimer(seconds * 1000, expire);
    for (const signal of CANCELS) {
        process.on(signal, cancel);
    }
    return {
        signal: controller.signal,
        throwIfCancelled: () => {
            if (isCancelled)
                controller.signal.throwIfAborted();
        },
        end: () => {
            stopTimer();
            for (const signal of CANCELS) {
                process.off(signal, cancel);
            }
        },
    };
}
function startTimer(milliseconds, callback) {
    const rest = milliseconds - _lib_limits_runner_js__WEBPACK_IMPORTED_MODULE_0__/* .TIMER_MAX_MILLISECONDS */ .EM;
    let stop = () => clearTimeout(timer);
    const timer = setTimeout(() => {
        if (rest <= 0)
            callback();
        else
            stop = startTimer(rest, callback);
    }, Math.min(milliseconds, _lib_limits_runner_js__WEBPACK_IMPORTED_MODULE_0__/* .TIMER_MAX_MILLISECONDS */ .EM));
    return () => stop();
}
//# sourceMappingURL=deadline.js.map

/***/ }),

/***/ 2236:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   NK: () => (/* binding */ HELM_PLUGIN_NAME),
/* harmony export */   Tg: () => (/* binding */ postRendererScript),
/* harmony export */   X7: () => (/* binding */ namesFile),
/* harmony export */   Yt: () => (/* binding */ ACTION_VERSION),
/* harmony export */   sS: () => (/* binding */ helmPlugin)
/* harmony export */ });
const HELM_PLUGIN_NAME = 'jackal-inject';
const ACTION_VERSION = '0.1.0';
const EXECUTABLE = 'post-renderer';
function postRendererScript({ node, entry, names }) {
    const command = [node, entry, names].map(shellQuoted).join(' ');
    return `#!/bin/sh\nunset NODE_OPTIONS\nexec ${command}\n`;
}
const shellQuoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
function namesFile(names) {
    return JSON.stringify(Object.fromEntries(names));
}
function helmPlugin(script) {
    return { 'plugin.yaml': PLUGIN_YAML, [EXECUTABLE]: script };
}
const PLUGIN_YAML = [
    'apiVersion: v1',
    'type: postrenderer/v1',
    `name: ${HELM_PLUGIN_NAME}`,
    `version: ${ACTION_VERSION}`,
    'runtime: subprocess',
    'runtimeConfig:',
    '  platformCommand:',
    `    - command: \${HELM_PLUGIN_DIR}/${EXECUTABLE}`,
    '',
].join('\n');
//# sourceMappingURL=post-renderer.js.map

/***/ }),

/***/ 4222:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   T: () => (/* binding */ remove)
/* harmony export */ });
/* harmony import */ var _host_inputs_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1185);
/* harmony import */ var _host_runner_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2440);
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5077);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(3751);
/* harmony import */ var _run_run_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(182);






async function keptWords(client, facts, signal) {
    const { id, namespace, release, server } = facts;
    if (release === undefined && server !== undefined) {
        return undefined;
    }
    const { leasedRun, renewLease } = await __webpack_require__.e(/* import() */ 385).then(__webpack_require__.bind(__webpack_require__, 4385));
    const { leaveRelease } = await __webpack_require__.e(/* import() */ 595).then(__webpack_require__.bind(__webpack_require__, 3595));
    const { returnTo } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(295), __webpack_require__.e(102)]).then(__webpack_require__.bind(__webpack_require__, 8721));
    const lease = await leasedRun(client, facts, signal);
    if (release === undefined) {
        if (lease?.release === undefined)
            return undefined;
        const where = (0,_run_run_js__WEBPACK_IMPORTED_MODULE_4__/* .ownsNamespace */ .$I)(facts) ? '' : ` --namespace=${namespace}`;
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .ActionError */ .lZ(`The run ${id} is the release "${lease.release}", which stays when its runs are removed; \`jackal-inject delete --release=${lease.release}${where}\` takes it away.`);
    }
    const isOurs = lease?.holder === facts.holder;
    if (isOurs)
        await renewLease(client, facts, { seconds: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_3__/* .RUN_LEASE_SECONDS */ .fH }, { signal });
    if (lease === undefined || (isOurs && lease.kept === undefined)) {
        return undefined;
    }
    if (isOurs) {
        const { kept, lastDelivery: last = 0 } = lease;
        await returnTo(client, facts, { kept, last }, signal);
        await leaveRelease(client, facts, signal);
    }
    return `The release ${release} stays on ${client.server}; a step with \`command: delete\` and this release takes it away.`;
}
async function remove(facts, where, seconds = _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_3__/* .CLEANUP_TIMEOUT_SECONDS */ .Hr) {
    let outcome;
    const signal = AbortSignal.timeout(seconds * 1000);
    try {
        await (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .group */ .Os)('Remove the run from the cluster', () => takeAway(facts, where, signal, (words) => {
            outcome = words;
        }));
    }
    catch (error) {
        if (error !== signal.reason)
            throw error;
        throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .ActionError */ .lZ(`The run was not removed within ${seconds} s, since the API server answers late or not at all.`, { cause: error });
    }
    finally {
        if (outcome !== undefined)
            (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .info */ .pq)(outcome);
    }
}
async function takeAway(facts, { isOfThisJob, isLost, isGuessed, elsewhere }, signal, tell) {
    const start = performance.now();
    const { connect } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(262)]).then(__webpack_require__.bind(__webpack_require__, 262));
    const { areGone } = await __webpack_require__.e(/* import() */ 602).then(__webpack_require__.bind(__webpack_require__, 6602));
    const { leasedRun } = await __webpack_require__.e(/* import() */ 385).then(__webpack_require__.bind(__webpack_require__, 4385));
    const { removeRun } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(295)]).then(__webpack_require__.bind(__webpack_require__, 8295));
    const { kubeconfig, context } = facts;
    const isThere = kubeconfig !== undefined && !areGone(kubeconfig);
    const env = { ...process.env, ...(isThere && { KUBECONFIG: kubeconfig }) };
    const inputs = { ...(context && { context }), ...(0,_host_inputs_js__WEBPACK_IMPORTED_MODULE_0__/* .readConnectionInputs */ .qY)() };
    const known = isOfThisJob ? facts.server : undefined;
    const options = { ...inputs, env, known, signal, onSecret: _host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .hide */ .jD };
    const { client, server } = await connect(options).catch((error) => {
        if (!isLost || error instanceof _kube_error_js__WEBPACK_IMPORTED_MODULE_2__/* .ApiError */ .hD)
            throw error;
        return connect({ env, known, signal, onSecret: _host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .hide */ .jD });
    });
    try {
        if (facts.server !== undefined && facts.server !== server) {
            const lease = isOfThisJob ? await leasedRun(client, facts, signal) : undefined;
            if (lease === undefined)
                throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .ActionError */ .lZ(elsewhere(server));
        }
        const kept = await keptWords(client, facts, signal);
        if (kept !== undefined)
            return tell(kept);
        const isFound = !isGuessed || (await leasedRun(client, facts, signal)) !== undefined;
        const strangers = await removeRun(client, facts, signal);
        if (!isFound) {
            (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .warning */ .$e)(`No run ${facts.id} is in the namespace ${facts.namespace} on ${server}; one that was given a namespace is in that, and has to be removed with it: \`--namespace\`.`);
        }
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        tell(`Nothing of run ${facts.id} is left on ${server} (${seconds} s).`);
        if (strangers.length > 0) {
            (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .warning */ .$e)(`The namespace ${facts.namespace} stays, because it holds what is not this run's (${strangers.join(', ')}); delete it when nobody needs that any more.`);
        }
        await removeDead(client, facts, signal);
    }
    finally {
        client.close();
    }
}
async function removeDead(client, facts, signal) {
    const { findOtherRuns, removeDeadRuns } = await Promise.all(/* import() */[__webpack_require__.e(715), __webpack_require__.e(295), __webpack_require__.e(80)]).then(__webpack_require__.bind(__webpack_require__, 2080));
    try {
        const { dead } = await findOtherRuns(client, facts, signal);
        await removeDeadRuns(client, dead, _host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .warning */ .$e, signal);
    }
    catch (error) {
        (0,_host_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .warning */ .$e)(`What dead runs have left could not be looked for or removed: ${(0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .sentenceOf */ .$N)(error)} The next run tries again.`);
    }
}
//# sourceMappingURL=remove.js.map

/***/ })

};
