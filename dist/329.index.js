export const id = 329;
export const ids = [329,102,80];
export const modules = {

/***/ 8329:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  main: () => (/* binding */ main)
});

// EXTERNAL MODULE: ./out/src/host/deadline.js
var host_deadline = __webpack_require__(3406);
// EXTERNAL MODULE: ./out/src/host/inputs.js + 1 modules
var host_inputs = __webpack_require__(1185);
// EXTERNAL MODULE: ./out/src/host/troubleshooting.js
var troubleshooting = __webpack_require__(5354);
// EXTERNAL MODULE: ./out/src/lib/errors.js
var errors = __webpack_require__(9850);
// EXTERNAL MODULE: ./out/src/host/runner.js
var runner = __webpack_require__(2440);
;// CONCATENATED MODULE: ./out/src/lib/sentences.js
function lowerFirst(sentence) {
    return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
function enumerated(names, max) {
    const shown = names.slice(0, max).join(', ');
    return names.length > max ? `${shown} and ${names.length - max} more` : shown;
}
function inOneLine(parts, max) {
    const more = parts.length - max;
    return [...parts.slice(0, max), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
function counted(count, noun) {
    return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
//# sourceMappingURL=sentences.js.map
// EXTERNAL MODULE: ./out/src/lib/limits/carriers.js
var carriers = __webpack_require__(8373);
;// CONCATENATED MODULE: ./out/src/report/units.js
function inSeconds(milliseconds) {
    return `${(milliseconds / 1000).toFixed(2)} s`;
}
function inMegabytes(bytes) {
    return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
//# sourceMappingURL=units.js.map
;// CONCATENATED MODULE: ./out/src/report/progress.js


const monotonic = () => performance.now();
class ProgressLines {
    print;
    clock;
    last = Number.NEGATIVE_INFINITY;
    latest = new Map();
    constructor(print, clock = monotonic) {
        this.print = print;
        this.clock = clock;
    }
    tell(what, words, share) {
        const now = this.clock();
        this.latest.set(what, { at: now, words, share });
        if (now - this.last < carriers/* PROGRESS_MILLISECONDS */.RE)
            return;
        this.last = now;
        const going = [...this.latest.values()].filter(({ at }) => now - at < carriers/* PROGRESS_MILLISECONDS */.RE);
        this.latest.clear();
        const [first, ...others] = going;
        const line = going.map((one) => one.words()).join('; ');
        this.print(line, others.length === 0 ? first?.share : undefined);
    }
}
function uploadProgress(total, lines) {
    const { clock } = lines;
    const started = clock();
    const what = {};
    return (bytes) => {
        const elapsed = clock() - started;
        if (elapsed >= carriers/* PROGRESS_MILLISECONDS */.RE && bytes < total) {
            lines.tell(what, () => progressLine(bytes, total, elapsed), bytes / total);
        }
    };
}
function streamProgress(lines) {
    const { clock } = lines;
    const started = clock();
    let last = { at: started, bytes: 0 };
    const what = {};
    return (bytes) => {
        const now = clock();
        if (now - started < carriers/* PROGRESS_MILLISECONDS */.RE)
            return;
        lines.tell(what, () => {
            const speed = (bytes - last.bytes) / 1e3 / (now - last.at);
            last = { at: now, bytes };
            return `${inMegabytes(bytes)} sent, ${speed.toFixed(1)} MB/s`;
        });
    };
}
function progressLine(bytes, total, elapsed) {
    const percent = Math.floor((100 * bytes) / Math.max(total, 1));
    const speed = bytes / 1e6 / (Math.max(elapsed, 1) / 1000);
    const left = speed > 0 ? Math.ceil((total - bytes) / 1e6 / speed) : Number.POSITIVE_INFINITY;
    const rest = Number.isFinite(left) ? `, ${duration(left)} left` : '';
    return `${percent} % of ${(total / 1e6).toFixed(1)} MB, ${speed.toFixed(1)} MB/s${rest}`;
}
function duration(seconds) {
    return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
function readingProgress(lines) {
    const { clock } = lines;
    let begun = clock();
    let lastStep = Number.NEGATIVE_INFINITY;
    let lastSource = '';
    const what = {};
    return ({ source, stage, bytes }) => {
        const now = clock();
        if (source !== lastSource && now - lastStep >= carriers/* PROGRESS_MILLISECONDS */.RE)
            begun = now;
        lastStep = now;
        lastSource = source;
        if (now - begun < carriers/* PROGRESS_MILLISECONDS */.RE)
            return;
        const words = `${source}: ${inMegabytes(bytes)} ${stage === 'reading' ? 'read' : 'verified'}`;
        lines.tell(what, () => words);
    };
}
//# sourceMappingURL=progress.js.map
;// CONCATENATED MODULE: ./out/src/report/stages.js




class Stages {
    records = [];
    progress = new ProgressLines(runner/* progress */.qB);
    current = 'Starting';
    waits = new Map();
    parts = new Set();
    underWay() {
        const [first] = this.waits;
        const others = this.waits.size - 1;
        const more = others > 0 ? `; ${counted(others, 'other')} waiting` : '';
        const parts = this.parts.size > 0 ? ` (not done yet: ${[...this.parts].join(', ')})` : '';
        const detail = first === undefined ? parts : ` (${first[0]}: ${first[1]}${more})`;
        return `in the stage "${this.current}"${detail}`;
    }
    waiting(who, words) {
        if (words !== this.waits.get(who)) {
            this.waits.set(who, words);
            runner/* debug */.Yz(`${who}: ${words}`);
        }
    }
    ready(who) {
        this.waits.delete(who);
    }
    async group(title, stage) {
        this.current = title;
        this.waits.clear();
        return this.told(title, (work) => runner/* group */.Os(title, work), stage);
    }
    time(title, stage) {
        this.parts.add(title);
        return this.told(title, (work) => work(), stage).finally(() => this.parts.delete(title));
    }
    async told(title, inside, stage) {
        const start = performance.now();
        const notes = {};
        let outcome = 'not done';
        try {
            const result = await inside(() => stage(notes));
            outcome = notes.outcome ?? 'done';
            return result;
        }
        finally {
            const duration = performance.now() - start;
            const { bytes } = notes;
            this.records.push({ title, duration, outcome, ...(bytes !== undefined && { bytes }) });
            runner/* info */.pq(`${title}: ${outcome} (${inSeconds(duration)})`);
        }
    }
}
//# sourceMappingURL=stages.js.map
// EXTERNAL MODULE: ./out/src/lib/limits/run.js
var limits_run = __webpack_require__(3751);
// EXTERNAL MODULE: ./out/src/lib/limits/runner.js
var limits_runner = __webpack_require__(1102);
;// CONCATENATED MODULE: ./out/src/report/markdown.js

const rowOf = (cells) => `| ${cells.join(' | ')} |`;
const codeOf = (text) => `<code>${inert(text)}</code>`;
const sentenceAsMarkdown = (sentence) => sentence
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? codeOf(part) : inert(part)))
    .join('');
const SIGNS = /[&<>|`*_~\\[\]$@#]|:(?=\/\/)|(?<=www)\./gi;
function inert(text) {
    return (0,runner/* plainLine */.h0)(text).replaceAll(SIGNS, (sign) => `&#${sign.charCodeAt(0)};`);
}
function fitting(parts, maxBytes) {
    let bytes = 0;
    const end = parts.findIndex((part) => {
        bytes += Buffer.byteLength(part) + 2;
        return bytes > maxBytes;
    });
    return end === -1 ? parts : parts.slice(0, end);
}
function folded(title, lines) {
    return ['<details>', `<summary>${inert(title)}</summary>`, '', ...lines, '</details>', ''];
}
//# sourceMappingURL=markdown.js.map
;// CONCATENATED MODULE: ./out/src/lib/json.js

function parseJson(bytes, what) {
    try {
        return JSON.parse(bytes.toString('utf8'));
    }
    catch (cause) {
        throw new errors/* ActionError */.lZ(`${what} is not JSON; make the source anew.`, { cause });
    }
}
function members(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? value
        : {};
}
function items(value) {
    return Array.isArray(value) ? value : [];
}
function json_text(value) {
    return typeof value === 'string' && value !== '' ? value : undefined;
}
function texts(value) {
    return items(value).filter((item) => typeof item === 'string');
}
//# sourceMappingURL=json.js.map
;// CONCATENATED MODULE: ./out/src/images/platforms.js


const OTHER_WORDS = {
    x86_64: 'amd64',
    'x86-64': 'amd64',
    aarch64: 'arm64',
    i386: '386',
    armhf: 'arm',
    armel: 'arm',
};
function platformText({ os, architecture }) {
    return `${os}/${OTHER_WORDS[architecture] ?? architecture}`;
}
const ANY = { os: 'linux', architecture: 'any' };
const STAND_INS = {
    'linux/amd64': 'linux/386',
    'linux/arm64': 'linux/arm',
};
function takenFor(wanted, held) {
    return [wanted, platformText(ANY), STAND_INS[wanted]].find((platform) => platform !== undefined && held.includes(platform));
}
function onNodes(nodes) {
    return `(node${nodes.length > 1 ? 's' : ''} ${enumerated(nodes, 3)})`;
}
async function choosePlatforms(label, { held, absent, elsewhere, isLone }, reading) {
    const takes = (platform) => isLone ? takenFor(platform, held) !== undefined : held.includes(platform);
    const known = await wantedPlatforms(reading);
    const wanted = known.length > 0 ? known : reading.possiblePlatforms.filter(takes);
    if (wanted.length === 0)
        return { chosen: [...new Set(held)], warnings: [] };
    const chosen = wanted.filter(takes);
    const missing = wanted.filter((platform) => !takes(platform) && !takenFor(platform, elsewhere));
    const has = [...new Set(held)].join(', ') || 'no platform';
    const named = missing.filter((platform) => reading.nodesOf(platform).length === 0);
    const sentences = missing.map((platform) => {
        const why = absent.includes(platform)
            ? `lists ${platform} but the source does not hold its content`
            : `is for ${has} and not for ${platform}`;
        const whose = named.includes(platform)
            ? 'the input `platforms` names'
            : `the cluster has ${onNodes(reading.nodesOf(platform))}`;
        return `${label} ${why}, which ${whose}`;
    });
    const isNamed = named.length === missing.length;
    const out = named.length > 0 ? `take ${named.join(' and ')} out there, or ` : '';
    const cure = `${out}${advice(missing, absent)}`;
    if (chosen.length === 0) {
        throw new errors/* ActionError */.lZ(isNamed
            ? `${sentences.join('; ')}; ${cure}, for nothing of it is sent as it is.`
            : `${sentences.join('; ')}; ${cure}, for no node of the cluster could run it as it is.`);
    }
    if (sentences.length > 0 && !reading.allowMissingPlatforms) {
        throw new errors/* ActionError */.lZ(isNamed
            ? `${sentences.join('; ')}; ${cure}, or set allow-missing-platforms.`
            : `${sentences.join('; ')}; ${cure}, leave those nodes out, or set allow-missing-platforms.`);
    }
    const told = sentences.map((sentence, index) => named.includes(missing[index])
        ? `${sentence}; it is not sent for that one.`
        : `${sentence}; those nodes cannot run it.`);
    if (chosen.includes('linux/arm64') && takenFor('linux/arm64', held) === 'linux/arm') {
        told.push(`${label} is for linux/arm and not for linux/arm64, whose nodes take it all the same; see that their processors run 32-bit programs, which not all do.`);
    }
    return { chosen, warnings: told };
}
async function wantedPlatforms(reading) {
    return withoutVariants(await reading.platforms());
}
function withoutVariants(platforms) {
    return [...new Set(platforms.map((platform) => platform.split('/').slice(0, 2).join('/')))];
}
function advice(missing, absent) {
    const build = missing.filter((platform) => !absent.includes(platform));
    const fetch = missing.filter((platform) => absent.includes(platform));
    return [
        ...(fetch.length === 0
            ? []
            : [
                `fetch that platform too (docker pull --platform ${fetch.join(', ')}, skopeo copy --all)`,
            ]),
        ...(build.length === 0
            ? []
            : [
                `build it for ${build.join(' and ')} too, for example with docker buildx build --platform`,
            ]),
    ].join(' and ');
}
//# sourceMappingURL=platforms.js.map
;// CONCATENATED MODULE: ./out/src/images/contents.js


function contentsFor(images, platform) {
    const contents = new Map();
    for (const image of images) {
        if (!image.platforms.includes(platform))
            continue;
        const unread = new Map(image.manifests.map(({ digest, bytes }) => [digest, bytes]));
        collect(image.target.digest, unread, platform, contents);
    }
    return contents;
}
function collect(digest, unread, platform, contents) {
    const bytes = unread.get(digest);
    if (bytes === undefined) {
        return;
    }
    unread.delete(digest);
    const document = members(JSON.parse(bytes.toString()));
    for (const listed of items(document.manifests).map(members)) {
        const { os, architecture } = members(listed.platform);
        if (os === undefined ||
            platformText({ os: `${os}`, architecture: `${architecture}` }) === platform) {
            collect(json_text(listed.digest) ?? '', unread, platform, contents);
        }
    }
    for (const { digest: of, size } of [document.config, ...items(document.layers)].map(members)) {
        if (typeof of === 'string' && typeof size === 'number') {
            contents.set(of, size);
        }
    }
}
function sizesOf(images) {
    const blobs = new Map(images.flatMap(({ blobs }) => blobs.map((blob) => [blob.digest, blob])));
    const sum = (of) => [...blobs.values()].reduce((total, blob) => total + of(blob), 0);
    return {
        bytes: sum(({ size }) => size),
        sourceBytes: sum(({ size, sourceSize = size }) => sourceSize),
    };
}
//# sourceMappingURL=contents.js.map
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
;// CONCATENATED MODULE: ./out/src/registry/clients.js

function nodeFinder(nodes) {
    const ranges = nodes.map(({ name, addresses, podRanges }) => {
        const list = new external_node_net_.BlockList();
        for (const address of addresses.filter(external_node_net_.isIP)) {
            list.addAddress(address, familyOf(address));
        }
        for (const [network = '', prefix] of podRanges.map((range) => range.split('/'))) {
            if ((0,external_node_net_.isIP)(network) && Number(prefix) > 0) {
                list.addSubnet(network, Number(prefix), familyOf(network));
            }
        }
        return { name, list };
    });
    return (client) => (0,external_node_net_.isIP)(client)
        ? ranges.find(({ list }) => list.check(client, familyOf(client)))?.name
        : undefined;
}
function familyOf(address) {
    return (0,external_node_net_.isIP)(address) === 6 ? 'ipv6' : 'ipv4';
}
//# sourceMappingURL=clients.js.map
;// CONCATENATED MODULE: ./out/src/report/traffic.js






const TRAFFIC_NODES_MAX = 100;
class Traffic {
    carrier = 'configmap';
    way;
    sentBytes = 0;
    resentBytes = 0;
    milliseconds = 0;
    registryNode;
    uncounted = false;
    pulls = new Map();
    sent(carrier, sums) {
        this.way = sums.way ?? (carrier === this.carrier ? this.way : undefined);
        this.carrier = carrier;
        this.sentBytes += sums.sentBytes;
        this.resentBytes += sums.resentBytes ?? 0;
        this.milliseconds += sums.milliseconds;
    }
    get soFar() {
        return this.sentBytes;
    }
    servedFrom(node) {
        this.registryNode = node;
    }
    get servedOn() {
        return this.registryNode;
    }
    cannotCount() {
        this.uncounted = true;
    }
    pulled(client, digest, bytes) {
        const of = this.pulls.get(client) ?? new Map();
        this.pulls.set(client, of.set(digest, bytes));
    }
    travelled(images, nodes, known = nodes) {
        const { carrier, way, sentBytes, resentBytes, milliseconds } = this;
        return {
            ...{ carrier, way, sentBytes, resentBytes, milliseconds },
            nodes: this.uncounted ? [] : this.perNode(images, nodes, known),
        };
    }
    finder(nodes, known) {
        const find = nodeFinder(known);
        const found = [...this.pulls.keys()].map(find);
        const strangers = found.filter((node) => node === undefined);
        const seen = new Set(found);
        const [host, ...others] = nodes.filter(({ name }) => !seen.has(name));
        const isHost = strangers.length === 1 && others.length === 0 && host?.name === this.registryNode;
        return (client) => find(client) ?? (isHost ? host?.name : undefined);
    }
    perNode(images, nodes, known) {
        const byNode = new Map();
        const find = this.finder(nodes, known);
        let strangers = 0;
        for (const [client, digests] of this.pulls) {
            const node = find(client);
            if (node === undefined)
                strangers++;
            else
                byNode.set(node, new Map([...(byNode.get(node) ?? []), ...digests]));
        }
        const counted = strangers === 0 ? nodes : nodes.filter(({ name }) => byNode.has(name));
        return counted.map(({ name, architecture }) => {
            const needed = contentsFor(images, `linux/${architecture}`);
            const pulled = byNode.get(name);
            const bytes = [...needed].map(([digest, size]) => [pulled?.has(digest) === true, size]);
            const sum = (was) => bytes.reduce((total, [is, size]) => total + (is === was ? Number(size) : 0), 0);
            return { node: name, pulledBytes: sum(true), hadBytes: sum(false) };
        });
    }
}
const HOW = {
    configmap: 'as ConfigMaps',
    stream: 'as a stream',
    courier: 'as ConfigMaps by couriers',
};
async function booked(traffic, { carrier, way }, lines, work) {
    const tell = streamProgress(lines);
    let sent;
    try {
        const result = await work((sums) => {
            sent = sums;
            tell(sums.bytesSent);
        });
        sent = result;
        return result;
    }
    finally {
        if (sent !== undefined) {
            const { bytesSent: sentBytes, bytesResent: resentBytes, milliseconds } = sent;
            traffic.sent(carrier, { sentBytes, resentBytes, milliseconds, way });
        }
    }
}
function travelledLine(travelled) {
    const { carrier, way, sentBytes, resentBytes, nodes } = travelled;
    const how = `${HOW[carrier]}${way ? `, ${way.words}` : ''}`;
    const again = resentBytes > 0 ? `, of which ${inMegabytes(resentBytes)} twice` : '';
    const speed = speedOf(travelled);
    const perNode = nodes.slice(0, limits_run/* NODES_NAMED_MAX */.zd).map(nodeLine);
    const others = nodes.slice(limits_run/* NODES_NAMED_MAX */.zd);
    if (others.length > 0) {
        perNode.push(`${nodeLine(sumOf(others))} together`);
    }
    const sent = `${inMegabytes(sentBytes)} were sent ${how}${again}${speed && `, at ${speed}`}`;
    return `${[sent, ...perNode].join('; ')}.`;
}
function nodeLine({ node, pulledBytes, hadBytes }) {
    return `${node} pulled ${inMegabytes(pulledBytes)} and had ${inMegabytes(hadBytes)}`;
}
function sumOf(nodes) {
    const sum = (of) => nodes.reduce((all, node) => all + node[of], 0);
    const node = `${nodes.length} more nodes`;
    return { node, pulledBytes: sum('pulledBytes'), hadBytes: sum('hadBytes') };
}
function speedOf({ sentBytes, milliseconds }) {
    return milliseconds > 0 ? `${megabytesPerSecond(sentBytes, milliseconds)} MB/s` : '';
}
function megabytesPerSecond(bytes, milliseconds) {
    return (bytes / 1e3 / Math.max(milliseconds, 1)).toFixed(1);
}
function setTraffic(travelled, imageBytes) {
    (0,runner/* info */.pq)(travelledLine(travelled));
    (0,runner/* setOutput */.uH)('traffic', trafficOutput(travelled, imageBytes));
}
function trafficOutput(travelled, imageBytes) {
    const { carrier, way, sentBytes, resentBytes, milliseconds, nodes } = travelled;
    return JSON.stringify({
        carrier,
        way: way?.kind,
        ...{ imageBytes, sentBytes, resentBytes },
        milliseconds: Math.round(milliseconds),
        megabytesPerSecond: Number(megabytesPerSecond(sentBytes, milliseconds)),
        nodes: nodes
            .slice(0, TRAFFIC_NODES_MAX)
            .map(({ node, ...bytes }) => ({ name: node, ...bytes })),
    });
}
//# sourceMappingURL=traffic.js.map
;// CONCATENATED MODULE: ./out/src/report/summary.js







const DIGEST_OURS = 'A digest "made here" is of a manifest that was written here, since the source (Docker\'s classic image store, podman\'s socket, a docker-archive) keeps none. A registry that the image is pushed to will show another.';
const FAILURE_MAX_CHARACTERS = limits_runner/* SUMMARY_MAX_BYTES */.eR / 16;
const LEFT_OUT_BYTES = 1024;
async function tellOutcome(outcome) {
    await (0,runner/* appendSummary */.fe)(summaryOf(outcome));
    if (!('failure' in outcome))
        (0,runner/* info */.pq)(headline(outcome));
}
function summaryOf(outcome) {
    return 'failure' in outcome ? failed(outcome) : succeeded(outcome);
}
function failed({ failure, help, underWay, sentBytes, milliseconds, stages }) {
    const sent = sentBytes > 0 ? `; ${inMegabytes(sentBytes)} had been sent` : '';
    return textOf([
        '### Jackal Inject',
        '',
        `**Failed after ${inSeconds(milliseconds)}.** ${sentenceAsMarkdown(shortened(failure))}`,
        '',
        `[What to do](${help.url}). It was ${inert(underWay)}${sent}.`,
        '',
        ...stageTable(stages),
    ]);
}
function succeeded(outcome) {
    const { images, nodes, stages, travelled, sizes, held } = outcome;
    const before = ['### Jackal Inject', '', `**${headline(outcome)}**`, ''];
    const names = enumerated(nodes.map(inert), limits_run/* NODES_NAMED_MAX */.zd);
    const isEverywhere = new Set(images.map(({ platforms }) => platforms.toSorted().join())).size < 2;
    const where = isEverywhere ? names : `the nodes of its platforms among ${names}`;
    before.push(`Each was pulled, unpacked and run on ${where}.`, '');
    if (held !== undefined)
        before.push(`The release ${inert(held)}.`, '');
    const after = [...trafficTable(travelled, sizes), ...stageTable(stages)];
    const taken = Buffer.byteLength(textOf([...before, ...after]));
    return textOf([...before, ...imageTables(images, limits_runner/* SUMMARY_MAX_BYTES */.eR - taken), ...after]);
}
function headline({ images, nodes, travelled, sizes, milliseconds }) {
    const saved = savedBytes(travelled, sizes);
    const spared = saved > 0 ? `, ${inMegabytes(saved)} saved` : '';
    const what = `${counted(images.length, 'image')} on ${counted(nodes.length, 'node')}`;
    return `${what} in ${inSeconds(milliseconds)}: ${inMegabytes(travelled.sentBytes)} sent${spared}.`;
}
function savedBytes({ sentBytes, resentBytes }, { sourceBytes }) {
    return sourceBytes - (sentBytes - resentBytes);
}
function imageTables(images, maxBytes) {
    const room = (maxBytes - LEFT_OUT_BYTES) / 2;
    const head = ['| image | platforms | size |', '|---|---|---:|'];
    const brief = fitting(images.map(briefRow), room);
    const names = ['| image | as given | reference in the cluster | digest |', '|---|---|---|---|'];
    const full = fitting(images.map(fullRow), room);
    const ours = images.some(({ digestKept }) => !digestKept) ? [DIGEST_OURS, ''] : [];
    return [
        ...[...head, ...brief, '', ...rest(images.length - brief.length)],
        ...folded('References and digests', [
            ...[...names, ...full, '', ...rest(images.length - full.length), ...ours],
        ]),
    ];
}
const rest = (left) => left > 0 ? [`Of ${counted(left, 'more image')} the log and the output \`images\` tell.`, ''] : [];
const briefRow = ({ name, platforms, bytes }) => rowOf([codeOf(name), inert(platforms.join(', ')), inMegabytes(bytes)]);
const fullRow = ({ name, given, pullable, digestKept }) => rowOf([codeOf(name), codeOf(given), codeOf(pullable), digestKept ? "the source's" : 'made here']);
function stageTable(stages) {
    const rows = stages.map(({ title, duration, bytes, outcome }) => rowOf([
        ...[title, inSeconds(duration), bytes === undefined ? '' : inMegabytes(bytes)],
        inert(outcome),
    ]));
    const head = ['| stage | time | bytes | outcome |', '|---|---:|---:|---|'];
    return folded('Where the time went', [...head, ...rows, '']);
}
function trafficTable(travelled, sizes) {
    const { carrier, way, sentBytes, nodes } = travelled;
    const by = { configmap: 'ConfigMaps', stream: 'stream', courier: 'ConfigMaps, couriers' };
    const how = [by[carrier], way?.words].filter(Boolean).join(', ');
    const cells = [sizes.sourceBytes, sizes.bytes, sentBytes].map(inMegabytes);
    const shown = nodes.slice(0, TRAFFIC_NODES_MAX);
    const others = nodes.length - shown.length;
    return folded('What travelled', [
        '| in the sources | as it travels | sent | way | speed |',
        '|---:|---:|---:|---|---:|',
        rowOf([...cells, inert(how), speedOf(travelled)]),
        '',
        'What is saved is what the sources have, each layer once, without what was sent: it was compressed on the runner, or the cluster had it.',
        '',
        ...(shown.length === 0 ? [] : ['| node | pulled | had |', '|---|---:|---:|']),
        ...shown.map(({ node, pulledBytes, hadBytes }) => rowOf([inert(node), inMegabytes(pulledBytes), inMegabytes(hadBytes)])),
        ...(shown.length === 0 ? [] : ['']),
        ...(others > 0 ? [`${counted(others, 'more node')} not shown.`, ''] : []),
    ]);
}
const textOf = (lines) => `${lines.join('\n')}\n`;
function shortened(text) {
    return text.length > FAILURE_MAX_CHARACTERS ? `${text.slice(0, FAILURE_MAX_CHARACTERS)}…` : text;
}
//# sourceMappingURL=summary.js.map
// EXTERNAL MODULE: ./out/src/lib/waiting.js
var waiting = __webpack_require__(4686);
// EXTERNAL MODULE: ./out/src/run/lease.js
var lease = __webpack_require__(4385);
;// CONCATENATED MODULE: ./out/src/run/keep-alive.js



async function keepAlive(client, run, work, signal, renewSeconds = limits_run/* RUN_LEASE_RENEW_SECONDS */.P2) {
    const worked = new AbortController();
    const failed = new AbortController();
    const lost = new AbortController();
    const giveUp = AbortSignal.any([signal, failed.signal]);
    const over = AbortSignal.any([giveUp, worked.signal]);
    const renewals = renew(client, run, renewSeconds, over, giveUp).catch((e) => lost.abort(e));
    try {
        const configMapBytes = await work(AbortSignal.any([signal, lost.signal]));
        worked.abort();
        await renewals;
        const seconds = run.release === undefined ? limits_run/* RUN_LIFETIME_SECONDS */.WV : limits_run/* RUN_LEASE_SECONDS */.fH;
        const last = { seconds, configMapBytes };
        await (0,lease.renewLease)(client, run, last, { signal });
    }
    catch (error) {
        throw lost.signal.aborted ? lost.signal.reason : error;
    }
    finally {
        failed.abort();
        await renewals;
    }
}
async function renew(client, run, renewSeconds, over, giveUp) {
    const options = { signal: giveUp, patienceSeconds: limits_run/* RUN_LEASE_RENEW_SECONDS */.P2 };
    for (;;) {
        await (0,waiting/* rest */.zs)(renewSeconds * 1000, over).catch(() => undefined);
        if (over.aborted) {
            return;
        }
        await (0,lease.renewLease)(client, run, { seconds: limits_run/* RUN_LEASE_SECONDS */.fH }, options).catch((error) => {
            if (error instanceof lease/* RunLost */.cr)
                throw error;
        });
    }
}
//# sourceMappingURL=keep-alive.js.map
// EXTERNAL MODULE: ./out/src/kube/connect.js + 7 modules
var connect = __webpack_require__(262);
// EXTERNAL MODULE: ./out/src/run/release/lease.js
var release_lease = __webpack_require__(3595);
// EXTERNAL MODULE: ./out/src/run/remove.js
var remove = __webpack_require__(8295);
// EXTERNAL MODULE: ./out/src/run/run.js
var run_run = __webpack_require__(182);
;// CONCATENATED MODULE: ./out/src/stages/delete.js






function deleteRelease({ inputs, log, signal }) {
    return log.group('Delete the release', async (notes) => {
        const options = { ...inputs, env: process.env, signal, onSecret: runner/* hide */.jD };
        const { client, server } = await (0,connect.connect)(options);
        try {
            const run = (0,run_run/* newRun */.uH)(inputs);
            const taken = await (0,release_lease/* takeRelease */.XI)(client, run, 0, signal);
            if (taken === undefined) {
                (0,runner/* warning */.$e)(`There is no release "${run.release}" in the namespace "${run.namespace}" on ${server}, so nothing was deleted; give \`release\` and \`namespace\` as the steps had them that made it, if it is still there.`);
                notes.outcome = 'there was none';
                return;
            }
            const strangers = await delete_remove(client, run, taken, signal);
            if (strangers.length > 0) {
                (0,runner/* warning */.$e)(`The namespace ${run.namespace} stays, because it holds what is not the release's (${strangers.join(', ')}); delete it when nobody needs that any more.`);
            }
            notes.outcome = `nothing of ${run.release} is left on ${server}`;
        }
        finally {
            client.close();
        }
    });
}
async function delete_remove(client, run, { firstDelivery }, signal) {
    try {
        await (0,remove/* removeTokenOf */.fs)(client, run, firstDelivery - 1, signal);
        return await (0,remove.removeRun)(client, run, signal);
    }
    catch (error) {
        const patience = AbortSignal.timeout(limits_run/* CLEANUP_TIMEOUT_SECONDS */.Hr * 1000);
        await (0,release_lease.leaveRelease)(client, run, patience).catch(() => undefined);
        throw error;
    }
}
//# sourceMappingURL=delete.js.map
// EXTERNAL MODULE: ./out/src/kube/error.js
var kube_error = __webpack_require__(5077);
// EXTERNAL MODULE: ./out/src/kube/pods.js
var kube_pods = __webpack_require__(9915);
;// CONCATENATED MODULE: ./out/src/run/warnings.js



const SHOWN = 10;
async function clusterWarnings(client, { id, namespace }, signal) {
    try {
        const query = { fieldSelector: 'type=Warning' };
        const { items } = await client.list(kube_pods/* collection */.r.events(namespace), {
            query,
            signal,
        });
        return warningsAbout(items, (0,run_run/* prefixOf */.MT)(id)).slice(-SHOWN);
    }
    catch {
        return [];
    }
}
async function notStarted(client, namespace, pod, seconds, signal) {
    const query = { fieldSelector: `type=Warning,involvedObject.name=${pod}` };
    const list = client.list(kube_pods/* collection */.r.events(namespace), { query, signal });
    const events = await (0,kube_error/* ifAnswered */.nH)(list, signal);
    const warning = warningsAbout(events?.items ?? [], pod).at(-1);
    const said = warning?.slice(`${pod}: `.length) ?? 'no event tells why';
    return `its kubelet has not started the Pod for ${seconds} s (${said})`;
}
function warningsAbout(events, prefix) {
    const time = ({ lastTimestamp, eventTime }) => new Date(lastTimestamp ?? eventTime ?? 0).getTime();
    const about = events.filter(({ involvedObject: { name } }) => name?.startsWith(prefix) && !name.includes(run_run/* REHEARSED */.C2));
    const lines = about
        .toSorted((a, b) => time(a) - time(b))
        .map(({ involvedObject, reason, message }) => `${involvedObject.name}: ${reason}: ${message}`);
    return [...new Set(lines)];
}
//# sourceMappingURL=warnings.js.map
;// CONCATENATED MODULE: ./out/src/stages/explain.js



async function explain({ client }, run) {
    const signal = AbortSignal.timeout(limits_run/* WARNINGS_ASK_SECONDS */.WW * 1000);
    for (const warning of await clusterWarnings(client, run, signal)) {
        (0,runner/* info */.pq)(`The cluster warned: ${warning}`);
    }
}
//# sourceMappingURL=explain.js.map
// EXTERNAL MODULE: ./out/src/lib/limits/stream.js
var stream = __webpack_require__(3308);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
// EXTERNAL MODULE: external "node:stream/consumers"
var consumers_ = __webpack_require__(8321);
;// CONCATENATED MODULE: ./out/src/images/image.js
const DIGEST = /^sha256:[0-9a-f]{64}$/;
function isDigest(text) {
    return DIGEST.test(text);
}
//# sourceMappingURL=image.js.map
// EXTERNAL MODULE: ./out/src/lib/sha256.js
var sha256 = __webpack_require__(6754);
;// CONCATENATED MODULE: ./out/src/carriers/stream/error.js

class StreamError extends errors/* ActionError */.lZ {
    trouble;
    name = 'StreamError';
    constructor(trouble, sentence, options) {
        super(sentence, options);
        this.trouble = trouble;
    }
}
function isOfWay(error) {
    return error instanceof StreamError && ['refused', 'failing'].includes(error.trouble);
}
//# sourceMappingURL=error.js.map
// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
;// CONCATENATED MODULE: ./out/src/carriers/stream/exchange.js


class StreamHttp {
    stream;
    agent;
    constructor(stream) {
        this.stream = stream;
        this.agent = new OneStreamAgent(stream);
        stream.on('error', () => undefined);
    }
    get isOver() {
        return this.stream.destroyed || !this.stream.writable;
    }
    close(reason) {
        this.stream.destroy(reason);
    }
    async ask(method, path, headers = {}) {
        const seconds = stream/* STREAM_ANSWER_SECONDS */.Cl;
        const watch = this.watch(seconds, `no answer to ${method} within ${seconds} s`);
        try {
            const request = this.begin(method, path, headers);
            request.end();
            return await answerOf(request);
        }
        finally {
            watch.end();
        }
    }
    async put(path, headers, { length, pieces }) {
        const seconds = stream/* SLICE_STALL_SECONDS */.ih;
        const watch = this.watch(seconds, `the body of a PUT did not get on for ${seconds} s`);
        try {
            const request = this.begin('PUT', path, { ...headers, 'content-length': length });
            let early = false;
            const waiting = new Set();
            const answer = answerOf(request).finally(() => {
                early = true;
                for (const goOn of waiting)
                    goOn();
            });
            answer.catch(() => undefined);
            let before = Promise.resolve();
            let onTheWay = 0;
            let given = 0;
            watch.end();
            for await (const piece of pieces) {
                if (early)
                    break;
                watch.refresh();
                onTheWay++;
                given += piece.length;
                const written = passed(request, piece, waiting).then(() => {
                    if (--onTheWay === 0)
                        watch.end();
                });
                await before;
                before = written;
            }
            await before;
            watch.refresh();
            const isWhole = given === length;
            if (isWhole)
                request.end();
            return { response: await answer, isWhole };
        }
        finally {
            watch.end();
        }
    }
    watch(seconds, what) {
        const begin = () => setTimeout(() => this.close(new Error(what)), seconds * 1000);
        let timer = begin();
        const end = () => clearTimeout(timer);
        const refresh = () => {
            end();
            timer = begin();
        };
        return { refresh, end };
    }
    begin(method, path, headers) {
        if (this.isOver)
            throw new Error('the connection is over');
        const options = { method, path, headers, host: 'registry', agent: this.agent };
        return external_node_http_.request(options);
    }
}
function answerOf(request) {
    return new Promise((resolve, reject) => {
        request.once('response', resolve);
        request.on('error', reject);
    });
}
async function passed(request, piece, waiting) {
    const { promise, resolve } = Promise.withResolvers();
    waiting.add(resolve);
    request.write(piece, () => resolve());
    await promise;
    waiting.delete(resolve);
}
class OneStreamAgent extends external_node_http_.Agent {
    stream;
    constructor(stream) {
        super({ keepAlive: true, maxSockets: 1 });
        this.stream = stream;
    }
    createConnection() {
        return this.stream;
    }
    keepSocketAlive() {
        return true;
    }
    reuseSocket(stream, request) {
        super.reuseSocket(Object.assign(stream, { ref: stream.ref ?? (() => stream) }), request);
    }
}
//# sourceMappingURL=exchange.js.map
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./out/src/carriers/stream/proof.js

const NONCE_BYTES = 32;
const NONCE = /^[0-9a-f]{64}$/;
function newNonce() {
    return (0,external_node_crypto_.randomBytes)(NONCE_BYTES).toString('hex');
}
function isNonce(text) {
    return typeof text === 'string' && NONCE.test(text);
}
function proofOf(token, matter, clientNonce, serverNonce) {
    const message = `jackal ${matter} ${clientNonce} ${serverNonce}`;
    return (0,external_node_crypto_.createHmac)('sha256', token).update(message).digest('hex');
}
function isProof(given, due) {
    return (typeof given === 'string' &&
        given.length === due.length &&
        (0,external_node_crypto_.timingSafeEqual)(Buffer.from(given), Buffer.from(due)));
}
//# sourceMappingURL=proof.js.map
;// CONCATENATED MODULE: ./out/src/carriers/stream/told.js


function toldIn(line) {
    const [kind, digest = '', number = '', client = ''] = line.split(' ');
    if (kind === 'alive')
        return { kind };
    if (!isDigest(digest))
        return undefined;
    if (kind === 'wrong')
        return { kind, digest };
    if (!/^\d{1,15}$/.test(number))
        return undefined;
    const count = Number(number);
    if (kind === 'wanted')
        return { kind, digest, offset: count };
    if (kind === 'verified')
        return { kind, digest, size: count };
    if (kind === 'pulled' && client !== '')
        return { kind, digest, size: count, client };
    return undefined;
}
async function* linesOf(pieces) {
    let begun = '';
    for await (const piece of pieces) {
        const [first = '', ...others] = piece.toString('latin1').split('\n');
        begun += first;
        for (const next of others) {
            yield begun;
            begun = next;
        }
        if (begun.length > stream/* TOLD_LINE_MAX_CHARACTERS */.r6) {
            throw new Error('the registry told a line that does not end');
        }
    }
}
//# sourceMappingURL=told.js.map
;// CONCATENATED MODULE: ./out/src/carriers/stream/connection.js










const OUTCOMES = {
    200: 'taken',
    201: 'whole',
    409: 'behind',
    422: 'wrong',
};
class DeliveryConnection {
    http;
    proofOf;
    constructor(http, proofOf) {
        this.http = http;
        this.proofOf = proofOf;
    }
    static async prove(stream, token, signal) {
        const http = new StreamHttp(stream);
        const abort = () => http.close(signal?.reason);
        signal?.addEventListener('abort', abort, { once: true });
        try {
            signal?.throwIfAborted();
            return new DeliveryConnection(http, await introduce(http, token));
        }
        catch (error) {
            http.close();
            throw signal?.aborted === true ? signal.reason : error;
        }
        finally {
            signal?.removeEventListener('abort', abort);
        }
    }
    get isOver() {
        return this.http.isOver;
    }
    async offsetOf(digest) {
        const answer = await this.http.ask('HEAD', pathOf(digest));
        await (0,consumers_.text)(answer);
        if (answer.statusCode === 404)
            return undefined;
        if (answer.statusCode !== 200)
            throw unexpected(answer, 'HEAD');
        return offsetIn(answer);
    }
    async missing() {
        const answer = await this.http.ask('GET', '/missing');
        if (answer.statusCode !== 200)
            throw unexpected(answer, 'GET');
        const stall = this.http.watch(stream/* SLICE_STALL_SECONDS */.ih, 'the registry does not end an answer');
        try {
            const digests = new Set();
            for await (const line of linesOf(answer)) {
                const [digest = ''] = line.split(' ');
                if (isDigest(digest))
                    digests.add(digest);
            }
            return digests;
        }
        finally {
            stall.end();
        }
    }
    async put(slice, pieces) {
        const { digest, size, first, length } = slice;
        const headers = { 'content-range': `bytes ${first}-${first + length - 1}/${size}` };
        const { response, isWhole } = await this.http.put(pathOf(digest), headers, { length, pieces });
        const outcome = OUTCOMES[response.statusCode ?? 0];
        if (outcome === undefined)
            throw unexpected(response, 'PUT');
        const taken = { outcome, offset: offsetIn(response) };
        if (isWhole)
            await (0,consumers_.text)(response);
        else
            this.close();
        return taken;
    }
    async putCatalog(catalog) {
        const proof = this.proofOf(`catalog sha256:${(0,sha256/* sha256Of */.B)(catalog)}`);
        const body = { length: catalog.length, pieces: external_node_stream_.Readable.from([catalog]) };
        const { response } = await this.http.put('/catalog', { 'jackal-proof': proof }, body);
        response.resume();
        if (response.statusCode === 201)
            return;
        if (response.statusCode === 403) {
            throw new StreamError('refused', "The run's catalog did not reach the registry as it was sent, so nothing of it is served; look for what stands between this machine and the registry and changes what is sent.");
        }
        throw new errors/* ActionError */.lZ(`The registry does not take the run's catalog (status ${response.statusCode}); look at its log, and whether another run has its place.`);
    }
    async end() {
        const answer = await this.http.ask('PUT', '/end');
        await (0,consumers_.text)(answer);
        if (answer.statusCode !== 204)
            throw unexpected(answer, 'PUT');
    }
    async *demands() {
        const answer = await this.http.ask('GET', '/demands');
        if (answer.statusCode !== 200)
            throw unexpected(answer, 'GET');
        const silence = this.http.watch(stream/* FEED_SILENCE_SECONDS */.XU, 'the registry says nothing any more');
        try {
            for await (const line of linesOf(answer)) {
                silence.refresh();
                const told = toldIn(line);
                if (told !== undefined)
                    yield told;
            }
        }
        finally {
            silence.end();
            this.close();
        }
        throw new Error('the registry ended its feed');
    }
    close(reason) {
        this.http.close(reason);
    }
}
async function introduce(http, token) {
    const nonce = newNonce();
    const hello = await ask(http, '/hello', { 'jackal-nonce': nonce });
    const theirs = hello.headers['jackal-nonce'];
    const isTheirs = hello.statusCode === 200 && isNonce(theirs);
    const proof = (matter) => proofOf(token, matter, nonce, theirs);
    if (!isTheirs || !isProof(hello.headers['jackal-proof'], proof('serve'))) {
        throw new StreamError('refused', "What answers at the registry's delivery port does not know the token of this run, so nothing is sent there; look whether another Pod or a proxy stands in its place.");
    }
    const proven = await ask(http, '/prove', { 'jackal-proof': proof('deliver') });
    if (proven.statusCode !== 204) {
        throw new StreamError('refused', `The registry refused the token of this run (status ${proven.statusCode}); look whether its Secret was changed.`);
    }
    return proof;
}
async function ask(http, path, headers) {
    const answer = await http.ask('GET', path, headers);
    answer.resume();
    return answer;
}
function pathOf(digest) {
    return `/blobs/${digest}`;
}
function offsetIn({ headers }) {
    const said = headers['jackal-offset'];
    if (typeof said !== 'string' || !/^\d{1,15}$/.test(said)) {
        throw new Error('the registry does not say how many bytes it has');
    }
    return Number(said);
}
function unexpected({ statusCode = 0 }, method) {
    return new Error(`the registry answered a ${method} with ${statusCode}`);
}
//# sourceMappingURL=connection.js.map
// EXTERNAL MODULE: ./out/src/kube/retry.js
var retry = __webpack_require__(3481);
;// CONCATENATED MODULE: ./out/src/carriers/stream/patience.js





function finalError(error) {
    if (!(error instanceof errors/* ActionError */.lZ))
        return undefined;
    if (!(error instanceof kube_error/* ApiError */.hD))
        return error;
    const { fault, status, message } = error;
    const passes = PASSING.includes(fault) || (fault === 'other' && status >= 500);
    if (passes)
        return undefined;
    return new StreamError(fault === 'not-found' ? 'lost' : 'refused', message, { cause: error });
}
const PASSING = ['unreachable', 'busy', 'forward-ended'];
function mayBeOfStart(error) {
    const isOfKubelet = (0,kube_error/* isFault */.Zh)(error, 'not-found') && error.reason !== 'NotFound';
    return isOfKubelet || (0,kube_error/* isFault */.Zh)(error, 'credentials', 'permission');
}
class Patience {
    now;
    advanced;
    worked = false;
    awaited = 0;
    awaitedFrom = 0;
    excused = 0;
    constructor(now = () => performance.now()) {
        this.now = now;
        this.advanced = now();
    }
    advance() {
        this.advanced = this.time();
        this.worked = true;
    }
    async excuse(source) {
        if (this.awaited++ === 0)
            this.awaitedFrom = this.now();
        try {
            return await source;
        }
        finally {
            if (--this.awaited === 0)
                this.excused += this.now() - this.awaitedFrom;
        }
    }
    time() {
        return (this.awaited > 0 ? this.awaitedFrom : this.now()) - this.excused;
    }
    pauseAfter(error, failures) {
        const silent = (this.time() - this.advanced) / 1000;
        const most = this.worked ? stream/* STREAM_PATIENCE_SECONDS */.HM : stream/* STREAM_FIRST_SECONDS */._L;
        const isOver = failures > 1 && silent > most;
        const final = finalError(error);
        const mayPass = this.worked && !isOver && mayBeOfStart(error);
        if (final !== undefined && !mayPass)
            throw final;
        if (isOver) {
            throw new StreamError('failing', `Nothing could be sent to the registry for ${Math.round(silent)} s (${(0,errors/* sentenceOf */.$N)(error)}); look at its Pod, and at what cuts connections between this machine and the cluster.`, { cause: error });
        }
        return failures === 1 ? 0 : (0,retry/* backoff */.J)(failures - 1);
    }
}
//# sourceMappingURL=patience.js.map
;// CONCATENATED MODULE: ./out/src/carriers/stream/errands.js






async function errand({ way, token }, work, signal) {
    const connection = await DeliveryConnection.prove(await way.dial(signal), token, signal);
    try {
        return await work(connection);
    }
    finally {
        connection.close();
    }
}
async function deliverCatalog({ catalog, ...to }, signal) {
    const patience = new Patience();
    for (let failures = 1;; failures++) {
        try {
            return await errand(to, (connection) => connection.putCatalog(catalog), signal);
        }
        catch (error) {
            signal.throwIfAborted();
            await (0,waiting/* rest */.zs)(patience.pauseAfter(error, failures), signal);
        }
    }
}
async function endDeliveries(to, signal) {
    const inTime = AbortSignal.timeout(stream/* STREAM_ANSWER_SECONDS */.Cl * 1000);
    try {
        await errand(to, (connection) => connection.end(), AbortSignal.any([signal, inTime]));
    }
    catch (error) {
        (0,runner/* debug */.Yz)(`The registry was not told that nothing more comes: ${(0,errors/* sentenceOf */.$N)(error)}`);
    }
}
//# sourceMappingURL=errands.js.map
// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
;// CONCATENATED MODULE: ./out/src/kube/way/port-forward.js




const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
const FAULT = 1;
const PORT_BYTES = 2;
const NORMAL = 1000;
const CUT = 1006;
const WORDS_MAX_CHARACTERS = 1000;
async function portForward(client, namespace, pod, port, options = {}) {
    const path = `${kube_pods/* collection */.r.pods(namespace)}/${pod}/portforward`;
    const query = { ports: port };
    const socket = await client.webSocket(path, PROTOCOL, { ...options, query });
    return new ForwardedPort(socket, `port ${port} of the Pod "${pod}"`, options.signal);
}
class ForwardedPort extends external_node_stream_.Duplex {
    socket;
    target;
    signal;
    preamble = [PORT_BYTES, PORT_BYTES];
    words = '';
    heard = performance.now();
    pinging;
    spare = [];
    written;
    constructor(socket, target, signal) {
        super({ allowHalfOpen: false });
        this.socket = socket;
        this.target = target;
        this.signal = signal;
        socket.on('message', (message) => this.receive(message));
        socket.on('pong', () => this.hear());
        socket.on('close', (code) => this.finish(code));
        socket.on('error', (cause) => this.destroy(this.ended(cause.message, cause)));
        this.pinging = setInterval(() => this.ping(), stream/* FORWARD_PING_SECONDS */.lO * 1000);
        this.pinging.unref();
        signal?.addEventListener('abort', this.abort, { once: true });
        this.read(0);
        if (signal?.aborted === true)
            this.abort();
    }
    _read() {
        this.socket.resume();
    }
    _write(bytes, _, done) {
        for (let from = 0; from < bytes.length; from += stream/* FORWARD_MESSAGE_BYTES */.AS) {
            const piece = bytes.subarray(from, from + stream/* FORWARD_MESSAGE_BYTES */.AS);
            const message = this.spare.pop() ?? Buffer.allocUnsafeSlow(1 + stream/* FORWARD_MESSAGE_BYTES */.AS);
            message[0] = DATA;
            message.set(piece, 1);
            this.socket.send(message.subarray(0, 1 + piece.length), () => this.sent(message));
        }
        this.written = done;
        this.goOn();
    }
    _final(done) {
        this.socket.close(NORMAL);
        done();
    }
    _destroy(error, done) {
        clearInterval(this.pinging);
        this.signal?.removeEventListener('abort', this.abort);
        this.socket.terminate();
        done(error);
    }
    abort = () => {
        this.destroy(this.signal?.reason);
    };
    sent(message) {
        this.spare.push(message);
        this.hear();
        this.goOn();
    }
    goOn() {
        const { written } = this;
        if (written === undefined || this.socket.bufferedAmount > stream/* FORWARD_AHEAD_BYTES */.Yb)
            return;
        this.written = undefined;
        written();
    }
    receive(message) {
        this.hear();
        const channel = message[0] ?? FAULT;
        const skipped = Math.min(this.preamble[channel] ?? 0, message.length - 1);
        this.preamble[channel] = (this.preamble[channel] ?? 0) - skipped;
        const bytes = message.subarray(1 + skipped);
        if (channel === FAULT) {
            this.words = (this.words + bytes.toString('utf8')).slice(0, WORDS_MAX_CHARACTERS);
        }
        else if (channel === DATA && bytes.length > 0 && !this.push(bytes)) {
            this.socket.pause();
        }
    }
    finish(code) {
        if (this.words !== '') {
            this.destroy(this.ended(this.words));
        }
        else if (code === CUT) {
            this.destroy(this.ended('the connection was cut'));
        }
        else {
            this.push(null);
        }
    }
    hear() {
        this.heard = performance.now();
    }
    ping() {
        if (this.socket.isPaused)
            this.hear();
        if (performance.now() - this.heard > stream/* FORWARD_SILENCE_SECONDS */.KM * 1000) {
            this.destroy(this.ended(`nothing came for ${stream/* FORWARD_SILENCE_SECONDS */.KM} s`));
        }
        else {
            this.socket.ping();
        }
    }
    ended(why, cause) {
        const words = why.replaceAll(/\s+/g, ' ').trim();
        return new kube_error/* ApiError */.hD(`The port-forward to ${this.target} ended (${words}); look whether the Pod runs, and what cuts connections between this machine and its node.`, { fault: 'forward-ended', status: 0, words }, { cause });
    }
}
//# sourceMappingURL=port-forward.js.map
// EXTERNAL MODULE: ./out/src/lib/heard-within.js
var heard_within = __webpack_require__(6541);
// EXTERNAL MODULE: ./out/src/lib/host-port.js
var host_port = __webpack_require__(4087);
;// CONCATENATED MODULE: ./out/src/carriers/stream/way.js











function wayByApi(client, namespace, pod, port) {
    const options = {
        deadlineSeconds: stream/* STREAM_ANSWER_SECONDS */.Cl,
        patienceSeconds: stream/* FORWARD_PATIENCE_SECONDS */.ml,
    };
    return {
        kind: 'api',
        target: pod,
        dial: (signal) => portForward(client, namespace, pod, port, { ...options, signal }),
    };
}
const DIRECT_PATIENCE = {
    connect: stream/* DIRECT_PATIENCE_MILLISECONDS */.Xt,
    prove: stream/* DIRECT_PROOF_MILLISECONDS */.s9,
};
function directPatience(changes, isOnly) {
    if (!changes && !isOnly)
        return DIRECT_PATIENCE;
    const seconds = isOnly ? stream/* STREAM_FIRST_SECONDS */._L : limits_run/* SERVICE_CHANGE_SECONDS */.bs;
    return { ...DIRECT_PATIENCE, prove: seconds * 1000, changes };
}
async function directWay(addresses, token, signal, patience = DIRECT_PATIENCE) {
    const over = new AbortController();
    const until = {
        over: AbortSignal.any([signal, over.signal]),
        nobody: (0,heard_within/* heardWithin */.Y)(patience.connect),
        mute: (0,heard_within/* heardWithin */.Y)(patience.connect + patience.prove),
        changes: patience.changes === true,
    };
    const trials = addresses.map((address) => proven(wayTo(address), token, until));
    try {
        return await Promise.any(trials);
    }
    catch (error) {
        signal.throwIfAborted();
        const reasons = error instanceof AggregateError ? error.errors.map(errors/* sentenceOf */.$N) : [];
        throw new Error(inOneLine([...new Set(reasons)], stream/* DIRECT_REASONS_MAX */.T), { cause: error });
    }
    finally {
        over.abort();
        await Promise.allSettled(trials);
    }
}
async function proven(way, token, { over, nobody, mute, changes }) {
    const ended = AbortSignal.any([over, mute]);
    let refusal;
    for (;;) {
        let isThere = false;
        try {
            const stream = await (0,waiting/* unlessAborted */.Wh)(way.dial(over), refusal === undefined ? nobody : mute);
            isThere = true;
            (await DeliveryConnection.prove(stream, token, ended)).close();
            return way;
        }
        catch (error) {
            const reason = ended.aborted ? (refusal ?? error) : error;
            const { code } = reason;
            const gaveWay = isThere || code === 'ECONNRESET';
            const mayPass = code === 'ECONNREFUSED' || (changes && gaveWay);
            if (!mayPass || ended.aborted) {
                throw new Error(`${way.target}: ${code ?? (0,errors/* sentenceOf */.$N)(reason)}`, { cause: reason });
            }
            refusal = reason;
            await (0,waiting/* rest */.zs)(stream/* DIRECT_AGAIN_MILLISECONDS */.C7, ended).catch(() => undefined);
        }
    }
}
function wayTo({ host, port }) {
    const target = (0,host_port/* hostAndPort */.P)(host, port);
    return { kind: 'direct', target, dial: (signal) => dialTcp(host, port, signal) };
}
async function dialTcp(host, port, signal) {
    signal.throwIfAborted();
    const late = AbortSignal.timeout(stream/* STREAM_ANSWER_SECONDS */.Cl * 1000);
    const socket = external_node_net_.connect({
        ...{ host, port, noDelay: true, signal },
        ...{ keepAlive: true, keepAliveInitialDelay: stream/* TCP_KEEP_ALIVE_MILLISECONDS */.z1 },
    });
    try {
        await (0,external_node_events_.once)(socket, 'connect', { signal: AbortSignal.any([signal, late]) });
        return socket;
    }
    catch (error) {
        socket.on('error', () => undefined);
        socket.destroy();
        throw signal.aborted ? signal.reason : error;
    }
}
//# sourceMappingURL=way.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/media-types.js
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar';
const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;
const FOREIGN = /nondistributable|vnd\.docker\.image\.rootfs\.foreign/;
const LAYERS = new Set([
    OCI_LAYER,
    `${OCI_LAYER}+gzip`,
    `${OCI_LAYER}+zstd`,
    DOCKER_LAYER,
    `${DOCKER_LAYER}.gzip`,
    `${DOCKER_LAYER}.zstd`,
]);
const ABOUT = /^application\/vnd\.(?:dev\.cosign\.|dev\.sigstore\.|dsse\.|in-toto[+.]|cyclonedx[+.]|syft[+.])|^(?:text|application)\/(?:vnd\.)?spdx(?:[+.]|$)|^application\/(?:jose|cose)(?:\+|$)|^application\/vnd\.cyclonedx$/;
const MEDIA_TYPE = /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+$/;
const MEDIA_TYPE_MAX_LENGTH = 255;
function isMediaType(text) {
    return text.length <= MEDIA_TYPE_MAX_LENGTH && MEDIA_TYPE.test(text);
}
function documentKind(mediaType) {
    if (mediaType === OCI_INDEX || mediaType === DOCKER_LIST)
        return 'index';
    if (mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST)
        return 'manifest';
    return SCHEMA_1.test(mediaType) ? 'schema1' : 'unknown';
}
function isImageConfig(mediaType) {
    return mediaType === OCI_CONFIG || mediaType === DOCKER_CONFIG;
}
function layerKind(mediaType) {
    if (FOREIGN.test(mediaType))
        return 'foreign';
    return LAYERS.has(mediaType) ? 'layer' : 'unknown';
}
function isAboutLayer(mediaType) {
    return ABOUT.test(mediaType);
}
function isCompressedLayer(mediaType) {
    return encodingOfType(mediaType) !== 'none';
}
function layerMediaType(encoding) {
    return encoding === 'none' ? OCI_LAYER : `${OCI_LAYER}+${encoding}`;
}
function encodingOfType(mediaType) {
    const [, encoding] = /[.+](gzip|zstd)$/.exec(mediaType) ?? [];
    return encoding === undefined ? 'none' : encoding;
}
//# sourceMappingURL=media-types.js.map
// EXTERNAL MODULE: ./out/src/images/reference.js
var images_reference = __webpack_require__(6349);
;// CONCATENATED MODULE: ./out/src/payload/catalog.js





function field(value, isValid, what) {
    if (isValid(value))
        return value;
    throw new errors/* ActionError */.lZ(`${what} is ${JSON.stringify(value.slice(0, 80))}, which cannot be served; build the image anew.`);
}
function isSize(text) {
    return /^\d{1,16}$/.test(text);
}
function isDescriptor(text) {
    return /^\{.*\}$/s.test(text) && !/\p{Cc}/u.test(text);
}
function recordsOf({ repository, image }) {
    const of = `of the image ${image.name}`;
    const digest = (text) => field(text, isDigest, `A digest ${of}`);
    const mediaType = (text) => field(text, isMediaType, `A media type ${of}`);
    const size = (bytes) => field(String(bytes), isSize, `A size ${of}`);
    const path = field(repository, images_reference/* isRepository */.Z6, `The repository ${of}`);
    const tag = image.tag === undefined ? undefined : field(image.tag, images_reference/* isTag */.dz, `The tag ${of}`);
    const target = digest(image.target.digest);
    return [
        `repository ${path}`,
        ...image.manifests.map((one) => `manifest ${digest(one.digest)} ${size(one.bytes.length)} ${mediaType(one.mediaType)}`),
        ...image.blobs.map((blob) => `blob ${digest(blob.digest)} ${size(blob.size)}`),
        ...(tag === undefined ? [] : [`tag ${path} ${tag} ${target}`]),
        ...image.referrers.map(({ subject, artifactType, descriptor }) => `referrer ${digest(subject)} ${mediaType(artifactType)} ${field(descriptor, isDescriptor, `A descriptor ${of}`)}`),
    ];
}
function catalogText(secret, served, parcels) {
    const records = new Set(served.flatMap(recordsOf));
    const bytes = parcels.flatMap(({ name, size, chunks }) => [
        `parcel ${name} ${size}`,
        ...chunks.map((chunk) => `chunk ${chunk.path} ${chunk.size} ${chunk.sha256}`),
    ]);
    return [...['jackal-catalog 1', `prefix ${secret}`], ...records, ...bytes, 'end', ''].join('\n');
}
const CHUNK_RECORD_BYTES = 100;
function catalogPartsFor(served, chunks) {
    const rest = catalogText('', served, [
        { name: 'all', size: Number.MAX_SAFE_INTEGER, chunks: [] },
    ]);
    const bytes = Buffer.byteLength(rest) + CHUNK_RECORD_BYTES * (chunks + 1);
    if (bytes > carriers/* CATALOG_MAX_BYTES */.HB) {
        const mebibytes = (count) => (count / 1024 / 1024).toFixed(1);
        throw new errors/* ActionError */.lZ(`The names and digests of all that the images hold need ${mebibytes(bytes)} MiB, more than the ${mebibytes(carriers/* CATALOG_MAX_BYTES */.HB)} MiB that the registry reads; send fewer images in one step.`);
    }
    return partsFor(bytes);
}
function partsFor(bytes) {
    return Math.ceil(bytes / carriers/* CATALOG_PART_BYTES */.W0);
}
function catalogPieces(text, parts) {
    const bytes = Buffer.from(text);
    return Array.from({ length: parts }, (_, part) => bytes.subarray(part * carriers/* CATALOG_PART_BYTES */.W0, (part + 1) * carriers/* CATALOG_PART_BYTES */.W0));
}
//# sourceMappingURL=catalog.js.map
;// CONCATENATED MODULE: ./out/src/payload/replaced.js
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
    const marks = [...replacedBy(own, before).contents.keys()].map(markOf);
    const [version = '', prefix = ''] = own.split('\n', 2);
    return [version, prefix, ...kept, ...marks, ...lines, 'end', ''].join('\n');
}
function bytesWith(before) {
    const marks = [...contentsIn(before).keys()].map((digest) => `${markOf(digest)}\n`);
    return Buffer.byteLength(before) + Buffer.byteLength(marks.join(''));
}
function markOf(digest) {
    return `replaced ${digest}`;
}
function replacedBy(own, before = '') {
    const [contents, lines] = [contentsIn(own), new Set(recordsIn(own))];
    return {
        contents: new Map([...contentsIn(before)].filter(([digest]) => !contents.has(digest))),
        names: recordsIn(before).flatMap((line) => lines.has(line) ? [] : (tagOf(line)?.replace(' ', ':') ?? [])),
    };
}
function contentsIn(catalog) {
    return new Map(recordsIn(catalog).flatMap((line) => {
        const [kind, digest = '', size] = line.split(' ');
        return kind === 'manifest' || kind === 'blob' ? [[digest, Number(size)]] : [];
    }));
}
function recordsIn(catalog) {
    return catalog.trimEnd().split('\n').slice(2, -1);
}
function tagOf(line) {
    return /^tag (\S+ \S+) /.exec(line)?.[1];
}
//# sourceMappingURL=replaced.js.map
// EXTERNAL MODULE: ./out/src/kube/client.js + 2 modules
var kube_client = __webpack_require__(715);
// EXTERNAL MODULE: ./out/src/kube/watch.js
var watch = __webpack_require__(4484);
;// CONCATENATED MODULE: ./out/src/lib/limits/pods.js
const REGISTRY_MEMORY = '64Mi';
const REGISTRY_CPU = '1000m';
const REGISTRY_CPU_LEAST = '100m';
const UNCOUNTED_REGISTRIES_MIN = 10;
const PROOF_CPU = '250m';
const PROOF_CPU_LEAST = '20m';
const PROOF_MEMORY = '64Mi';
const PROOF_MEMORY_LEAST = '32Mi';
const SMALL_CPU = '10m';
const SMALL_MEMORY = '16Mi';
const PROBE_PERIOD_SECONDS = 3600;
const REGISTRY_READY_PERIOD_SECONDS = 30;
const PROBE_TIMEOUT_SECONDS = 60;
const PROBE_FAILURES = 1_000_000;
const NODE_DOWN_TOLERATION_SECONDS = 300;
const BASE_NODES_MAX = 6;
const GIVEN_BASE_TRIES = 2;
const NODE_ASKS_CONCURRENCY = 6;
const NETWORK_POLICY_PATIENCE_SECONDS = 10;
const FIT_ROUNDS_MAX = 8;
const RUNNING_BASES_MAX = 4;
const KNOWN_BASES_MAX = 16;
const BASE_FAILURES_NAMED_MAX = 4;
const LASTING_NODES_MAX = 50;
const CONTROLLER_SILENCE_SECONDS = 30;
//# sourceMappingURL=pods.js.map
;// CONCATENATED MODULE: ./out/src/run/shape.js

const USUAL_SHAPE = {
    user: true,
    registry: {
        requests: { cpu: '0', memory: '0' },
        limits: { cpu: REGISTRY_CPU, memory: REGISTRY_MEMORY },
    },
    proof: {
        requests: { cpu: '0', memory: '0' },
        limits: { cpu: PROOF_CPU, memory: PROOF_MEMORY },
    },
};
//# sourceMappingURL=shape.js.map
// EXTERNAL MODULE: ./out/src/run/sidecars.js
var sidecars = __webpack_require__(8239);
;// CONCATENATED MODULE: ./out/src/run/pod.js





const INJECTOR_KEY = 'injector';
const INJECTOR_MOUNT = '/jackal';
const INJECTOR = `${INJECTOR_MOUNT}/${INJECTOR_KEY}`;
const CHUNK_KEY = 'chunk';
const CHUNKS_MOUNT = '/jackal-chunks';
const REGISTRY_PORT = 5000;
const DELIVERY_PORT = 5001;
const USER = 65532;
const RESTRICTED_CONTAINER = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
};
const PROBES = {
    readinessProbe: {
        exec: { command: [INJECTOR, 'probe'] },
        periodSeconds: PROBE_PERIOD_SECONDS,
        timeoutSeconds: PROBE_TIMEOUT_SECONDS,
    },
    livenessProbe: {
        exec: { command: [INJECTOR, 'probe'] },
        initialDelaySeconds: PROBE_PERIOD_SECONDS,
        periodSeconds: PROBE_PERIOD_SECONDS,
        timeoutSeconds: PROBE_TIMEOUT_SECONDS,
        failureThreshold: PROBE_FAILURES,
    },
};
function aliasesOf({ aliases = [], ...base }) {
    return aliases.map((image) => ({ ...base, image }));
}
const MAY_GO = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' };
function mayGo({ release, hasClaim, carrier = 'configmap' }, role) {
    return (role !== 'registry' || (release !== undefined && (hasClaim === true || carrier === 'configmap')));
}
function podMetadata(delivery, role, name) {
    return {
        name,
        labels: { ...(0,run_run/* labelsFor */.dS)(delivery, role), ...sidecars/* NO_SIDECAR_LABELS */.Ok },
        annotations: { ...sidecars/* NO_SIDECAR_ANNOTATIONS */.J$, ...(mayGo(delivery, role) && MAY_GO) },
        ownerReferences: [delivery.owner],
    };
}
function podSpecOf(node, { shape: { user } = USUAL_SHAPE, release }) {
    return {
        ...(node.name !== undefined && { nodeName: node.name }),
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        hostname: 'jackal',
        ...(release === undefined && { activeDeadlineSeconds: limits_run/* RUN_LIFETIME_SECONDS */.WV }),
        terminationGracePeriodSeconds: 2,
        tolerations: tolerationsOf(node),
        securityContext: {
            runAsNonRoot: true,
            ...(user && { runAsUser: USER, runAsGroup: USER }),
            seccompProfile: { type: 'RuntimeDefault' },
        },
    };
}
function tolerationOf({ key, value, effect }) {
    return value ? { key, operator: 'Equal', value, effect } : { key, operator: 'Exists', effect };
}
const NODE_DOWN = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
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
            tolerationSeconds: NODE_DOWN_TOLERATION_SECONDS,
        })),
    ];
}
function baseAdvice(bases) {
    return bases.some(({ pulled }) => pulled)
        ? 'give the input `injector-image` an image that the nodes have or can pull'
        : 'let any Pod run there once, so that its image is there, or set the input `injector-image` to an image that the nodes can pull';
}
function injectorContainer({ image, pulled }, resources) {
    return {
        image,
        imagePullPolicy: pulled ? 'IfNotPresent' : 'Never',
        workingDir: '/',
        ...PROBES,
        resources,
        securityContext: RESTRICTED_CONTAINER,
        terminationMessagePolicy: 'FallbackToLogsOnError',
    };
}
function fatalIn(message = '') {
    const said = /\bjackal fatal code=(\S+) exit=\d+ message=(.*)$/m.exec(message);
    return said === null ? undefined : { code: said[1], words: said[2] };
}
const INJECTOR_VOLUME_MOUNT = {
    name: 'injector',
    mountPath: INJECTOR_MOUNT,
    readOnly: true,
};
function injectorVolume(delivery, architecture) {
    return {
        name: 'injector',
        configMap: { name: run_run/* nameOf */.Vb.injector(delivery, architecture), defaultMode: 0o555 },
    };
}
const PULL_HELD_BACK = /\bpull QPS exceeded\b/;
const BARE_BACK_OFF = /^(?:ImagePullBackOff: )?Back-off pulling image "[^"]*"\.?$/;
const UNUSABLE_IMAGE = /^(ErrImageNeverPull|InvalidImageName|ImageInspectError|ErrImagePull|ImagePullBackOff|CreateContainerError|CreateContainerConfigError|RunContainerError)$/;
function cannotStart({ reason = '', message = '' }) {
    const mayStart = PULL_HELD_BACK.test(message) || BARE_BACK_OFF.test(message);
    return UNUSABLE_IMAGE.test(reason) && !mayStart;
}
function initFaultOf(pod) {
    for (const { name, state } of pod.status?.initContainerStatuses ?? []) {
        if (state?.waiting && cannotStart(state.waiting)) {
            const { reason, message } = state.waiting;
            return `the init container ${name}, which admission put in, does not start: ${[reason, message].filter(Boolean).join(': ')}`;
        }
    }
    return undefined;
}
function chunkPath(index) {
    return `${index.toString().padStart(4, '0')}/${CHUNK_KEY}`;
}
//# sourceMappingURL=pod.js.map
;// CONCATENATED MODULE: ./out/src/registry/status.js
const REGISTRY_CONTAINER = 'registry';
function registryStatusOf(pod) {
    return statusOf(pod, REGISTRY_CONTAINER);
}
function statusOf(pod, container) {
    return pod?.status?.containerStatuses?.find(({ name }) => name === container);
}
function hasVerifiedAll(pod) {
    const probed = pod?.spec?.containers?.some(({ name, startupProbe }) => name === REGISTRY_CONTAINER && startupProbe !== undefined);
    const { ready, started } = registryStatusOf(pod) ?? {};
    return ready === true || (probed === true && started === true);
}
function isTaken(pod) {
    return pod?.status?.startTime !== undefined || registryStatusOf(pod) !== undefined;
}
function unscheduledWords(pod) {
    const scheduled = pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    return scheduled?.status === 'False'
        ? `the scheduler says: ${(scheduled.message ?? scheduled.reason ?? 'no node takes it').replace(/\.$/, '')}`
        : undefined;
}
//# sourceMappingURL=status.js.map
;// CONCATENATED MODULE: ./out/src/registry/fault.js



class RegistryLost extends errors/* ActionError */.lZ {
}
function failWithRegistry({ registryPod, namespace }, pod) {
    const fault = registryFaultOf(pod);
    if (fault !== undefined) {
        const Fault = registryLossOf(pod) === undefined ? errors/* ActionError */.lZ : RegistryLost;
        throw new Fault(`The registry Pod ${registryPod} cannot serve any more: ${fault}; run the job again, and look at the node's pressure and at who deletes Pods in the namespace ${namespace}.`);
    }
}
function registryFaultOf(pod) {
    const loss = registryLossOf(pod);
    if (loss !== undefined) {
        return loss;
    }
    const container = registryStatusOf(pod);
    const ended = lastEndOf(container);
    return isInjectorsWord(ended?.message) ? lastLineOf(ended?.message) : crashFaultOf(container);
}
function registryLossOf(pod) {
    if (pod === undefined) {
        return 'its Pod was deleted by someone else';
    }
    if (pod.metadata?.deletionTimestamp !== undefined) {
        return 'its Pod is being deleted by someone else';
    }
    const { phase, reason, message } = pod.status ?? {};
    if (phase === 'Failed' || phase === 'Succeeded') {
        return [reason, message].filter(Boolean).join(': ') || `its Pod ended in phase ${phase}`;
    }
    return undefined;
}
function crashFaultOf(container) {
    const { restartCount = 0, state } = container ?? {};
    const ended = lastEndOf(container);
    const backsOff = state?.waiting?.reason === 'CrashLoopBackOff';
    const endedBadly = ended !== undefined && ended.exitCode !== 0;
    if (!backsOff && !(endedBadly && restartCount >= limits_run/* REGISTRY_CRASHES_MAX */.Bn)) {
        return undefined;
    }
    const again = `its container crashes again and again (restarts: ${restartCount})`;
    return ended === undefined
        ? [again, state?.waiting?.message].filter(Boolean).join(': ')
        : `${again}, at last with ${wordsOfEnd(ended)}`;
}
function wordsOfEnd({ reason, exitCode, message }) {
    const how = [reason, `exit code ${exitCode}`].filter(Boolean).join(', ');
    return [how, lastLineOf(message)].filter(Boolean).join(': ');
}
function lastEndOf(container) {
    return container?.state?.terminated ?? container?.lastState?.terminated;
}
function isInjectorsWord(message) {
    return /\bjackal fatal\b/.test(message ?? '');
}
function lastLineOf(message) {
    return message?.trim().split('\n').at(-1);
}
//# sourceMappingURL=fault.js.map
;// CONCATENATED MODULE: ./out/src/preflight/affinity.js

const REQUIREMENT = /^\s*(?:(?<absent>!)\s*(?<gone>[\w./-]+)|(?<key>[\w./-]+)(?:\s*(?<sign>==?|!=|<|>)\s*(?<value>[\w.-]*)|\s+(?<set>in|notin)\s*\((?<values>[^()]*)\))?)\s*$/;
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
const UNFIT = [
    { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] },
    { key: 'type', operator: 'NotIn', values: ['virtual-kubelet', 'virtual-node', 'kwok'] },
    { key: 'liqo.io/type', operator: 'NotIn', values: ['virtual-node'] },
    { key: 'node.kubernetes.io/instance-type', operator: 'NotIn', values: ['eklet'] },
    { key: 'node-role.kubernetes.io/virtual-node', operator: 'DoesNotExist' },
];
function isUnfit(labels) {
    return UNFIT.some((term) => 'values' in term ? term.values.some((value) => labels[term.key] === value) : term.key in labels);
}
const affinity_ANY = [
    { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
];
function placementFor(architecture, selector, { on, sooner = [], notOn = [], besides = [], unfitToo = false } = {}) {
    const matchExpressions = [
        ...(unfitToo ? affinity_ANY : UNFIT),
        ...requirementsOf(selector),
    ];
    const excluded = notOn.map(named('NotIn'));
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
                ...(sooner.length > 0 && {
                    preferredDuringSchedulingIgnoredDuringExecution: namedTerms(sooner).map((preference) => ({
                        weight: 100,
                        preference,
                    })),
                }),
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
function without(excluded, term, now) {
    const { matchExpressions, matchFields = [] } = term;
    if (matchExpressions === undefined)
        return term;
    const isOfNow = JSON.stringify(matchExpressions) === JSON.stringify(now);
    const fields = [...(isOfNow ? [] : matchFields), ...excluded];
    const each = new Map(fields.map((field) => [JSON.stringify(field), field]));
    return termOf(matchExpressions, [...each.values()]);
}
function namedTerms(nodes) {
    return nodes.map((node) => ({ matchFields: [named('In')(node)] }));
}
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
        throw new errors/* ActionError */.lZ(`The input \`${input}\` is "${selector}", which is no label selector, since "${text.trim()}" is no requirement; write it as for kubectl, such as kubernetes.io/os=linux,pool in (a,b).`);
    }
    const operator = OPERATORS[sign ?? set ?? ''];
    return operator === undefined
        ? { key, operator: 'Exists' }
        : { key, operator, values: (values ?? value ?? '').split(',').map((one) => one.trim()) };
}
//# sourceMappingURL=affinity.js.map
;// CONCATENATED MODULE: ./out/src/preflight/resources/quantity.js
const BINARY = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };
const DECIMAL = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const QUANTITY = /^([+-]?)(\d+\.?\d*|\.\d+)(?:(Ki|Mi|Gi|Ti|Pi|Ei)|(?:[eE]([+-]?\d{1,2}))|(n|u|m|k|M|G|T|P|E))?$/;
function thousandthsOf(quantity) {
    const [, sign, number = '', binary, exponent, decimal] = QUANTITY.exec(`${quantity}`) ?? [];
    if (sign === undefined) {
        return undefined;
    }
    const [whole = '', fraction = ''] = number.split('.');
    const unit = 1024n ** BigInt(binary === undefined ? 0 : BINARY[binary]);
    const digits = BigInt(`${whole}${fraction}`) * unit;
    const shift = Number(exponent ?? DECIMAL[(decimal ?? '')]);
    const power = shift - fraction.length + 3;
    const value = power >= 0 ? digits * 10n ** BigInt(power) : roundUp(digits, 10n ** BigInt(-power));
    return sign === '-' ? -Number(value) : Number(value);
}
function roundUp(value, divisor) {
    return (value + divisor - 1n) / divisor;
}
function quantityOf(thousandths) {
    if (thousandths % 1000 !== 0) {
        return `${thousandths}m`;
    }
    const whole = thousandths / 1000;
    const suffix = ['Gi', 'Mi', 'Ki'].find((unit) => whole > 0 && whole % 1024 ** BINARY[unit] === 0);
    return suffix === undefined ? `${whole}` : `${whole / 1024 ** BINARY[suffix]}${suffix}`;
}
//# sourceMappingURL=quantity.js.map
;// CONCATENATED MODULE: ./out/src/preflight/nodes.js







const NODES = '/api/v1/nodes';
async function readNodes(client, { selector, signal }) {
    const query = { labelSelector: selector };
    const { items } = await client.list(NODES, { query, signal });
    return { ...classifyNodes(items), selector };
}
async function readyNames(client, { selector, signal }) {
    const { columnDefinitions = [], rows = [] } = await client.get(NODES, {
        query: { labelSelector: selector, includeObject: 'None' },
        accept: kube_client/* TABLE */.Bt,
        signal,
    });
    const [name, status] = ['Name', 'Status'].map((column) => columnDefinitions.findIndex((definition) => definition.name === column));
    if (name < 0 || status < 0) {
        return undefined;
    }
    const ready = rows.filter(({ cells }) => /^Ready\b/.test(String(cells[status])));
    return new Set(ready.map(({ cells }) => String(cells[name])));
}
async function listNodes(client, query = { selector: undefined }) {
    const { selector } = query;
    const nodes = await readNodes(client, query).catch((error) => {
        throw selectorFault(selector, error) ?? error;
    });
    const ready = nodes.ready.filter(({ pressure }) => pressure === undefined);
    const pressed = nodes.ready.flatMap(({ name, pressure: reason }) => reason === undefined ? [] : { name, reason });
    const others = [...nodes.others, ...pressed];
    if (ready.length === 0 && others.length === 0 && selector !== undefined) {
        throw new errors/* ActionError */.lZ(`No node of the cluster has the labels that the input \`nodes\` asks for (${selector}); choose nodes by labels that "kubectl get nodes --show-labels" shows.`);
    }
    if (ready.length === 0) {
        const which = selector === undefined ? 'of the cluster' : `with the labels ${selector}`;
        throw new errors/* ActionError */.lZ(`No Linux node ${which} is Ready (${nodesInWords(others) || 'it has no nodes'}); bring a node up and run again.`);
    }
    return { ready, others, selector };
}
function selectorFault(selector, error) {
    if (selector === undefined || !(error instanceof kube_error/* ApiError */.hD) || error.status !== 400) {
        return undefined;
    }
    return new errors/* ActionError */.lZ(`The input \`nodes\` is "${selector}", which is no label selector (the API server says: ${error.words}); write it as for kubectl, such as kubernetes.io/os=linux,pool in (a,b).`, { cause: error });
}
function unavailableNodes(nodes) {
    return new errors/* ActionError */.lZ(`Not every node can have the images (${nodesInWords(nodes)}), and the input \`on-unavailable-node\` is fail; mend what is missing, choose other nodes by the input \`nodes\`, or set it to warn.`);
}
function nodesInWords(nodes) {
    const said = nodes.map(({ name, reason }) => `${name} ${reason}`);
    return inOneLine(said, limits_run/* NODES_NAMED_MAX */.zd);
}
function leftOutSentences(nodes) {
    return [...Map.groupBy(nodes, ({ reason }) => reason)].map(([reason, group]) => {
        const names = group.map(({ name }) => name);
        return names.length === 1
            ? `The node ${names[0]} is left out: it ${reason}.`
            : `The nodes ${enumerated(names, limits_run/* NODES_NAMED_MAX */.zd)} are left out: each ${reason}.`;
    });
}
function classifyNodes(nodes) {
    const ready = [];
    const others = [];
    for (const node of nodes) {
        const name = node.metadata?.name ?? '';
        const reason = reasonToLeaveOut(node);
        if (reason === undefined) {
            ready.push(linuxNode(name, node));
        }
        else {
            others.push({ name, reason });
        }
    }
    return { ready, others };
}
const PRESSURES = new Set(['DiskPressure', 'PIDPressure']);
function linuxNode(name, node) {
    const { metadata, spec, status } = node;
    const taints = spec?.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
    const keptBy = spec?.taints?.filter(isOfOwners) ?? [];
    const drainedBy = drainerOf(node);
    const slots = thousandthsOf(status?.allocatable?.pods);
    const pressed = status?.conditions?.find((one) => PRESSURES.has(one.type) && one.status === 'True');
    const runtime = status?.nodeInfo?.containerRuntimeVersion;
    return {
        name,
        uid: metadata?.uid ?? name,
        architecture: status?.nodeInfo?.architecture ?? '',
        images: (status?.images ?? []).map(({ names, sizeBytes }) => ({
            names: names ?? [],
            bytes: sizeBytes ?? 0,
        })),
        addresses: (status?.addresses ?? []).flatMap(({ type, address }) => type === 'InternalIP' ? address : []),
        podRanges: spec?.podCIDRs ?? [],
        ...(taints.length > 0 && { taints }),
        ...(keptBy.length > 0 && { keptBy }),
        ...(drainedBy !== undefined && { drainedBy }),
        ...(pressed !== undefined && { pressure: `has ${pressed.type}` }),
        ...(slots !== undefined && { podsMax: slots / 1000 }),
        ...(runtime && { runtime }),
    };
}
const DRAINING = new Set([
    'node.kubernetes.io/out-of-service',
    'node.cloudprovider.kubernetes.io/shutdown',
    'karpenter.sh/disrupted',
    'karpenter.sh/disruption',
    'ToBeDeletedByClusterAutoscaler',
]);
function drainerOf({ metadata, spec }) {
    if (metadata?.deletionTimestamp !== undefined) {
        return 'it is being deleted';
    }
    const taint = spec?.taints?.find(({ key }) => DRAINING.has(key));
    if (taint !== undefined) {
        return `it has the taint ${taint.key}`;
    }
    return spec?.unschedulable === true ? 'it is cordoned' : undefined;
}
function isOfOwners({ key, effect }) {
    return effect !== 'PreferNoSchedule' && !key.startsWith('node.kubernetes.io/');
}
const VIRTUAL_TAINTS = new Set(['virtual-kubelet.io/provider', 'eks.tke.cloud.tencent.com/eklet']);
const VIRTUAL = 'is a virtual node, which has no container runtime of its own';
function virtualAmong(others) {
    return others.filter(({ reason }) => reason === VIRTUAL).map(({ name }) => name);
}
function reasonToLeaveOut({ metadata, spec, status }) {
    const labels = metadata?.labels ?? {};
    const system = status?.nodeInfo?.operatingSystem || labels['kubernetes.io/os'];
    if (labels['eks.amazonaws.com/compute-type'] === 'fargate') {
        return 'is a Fargate node, whose Pods reach no registry on the node';
    }
    const isTainted = spec?.taints?.some(({ key }) => VIRTUAL_TAINTS.has(key));
    const isPlayed = metadata?.annotations?.['kwok.x-k8s.io/node'] !== undefined;
    if (isUnfit(labels) || isTainted || isPlayed) {
        return VIRTUAL;
    }
    if (system !== undefined && system !== 'linux') {
        return `runs ${system}, not Linux`;
    }
    const condition = status?.conditions?.find(({ type }) => type === 'Ready');
    if (condition?.status !== 'True') {
        return condition?.reason ? `is not Ready (${condition.reason})` : 'is not Ready';
    }
    return undefined;
}
//# sourceMappingURL=nodes.js.map
;// CONCATENATED MODULE: ./out/src/registry/nodes.js



function reasonAgainst(name, nodes) {
    const { ready, others, selector } = nodes;
    if (ready.some((node) => node.name === name)) {
        return undefined;
    }
    return others.find((node) => node.name === name)?.reason ?? hasLeft(selector);
}
function hasLeft(selector) {
    const labels = selector === undefined ? '' : ` or lost the labels ${selector}`;
    return `has left the cluster${labels}`;
}
async function troubleOf(client, node, { nodeSelector: selector, nodesUnlisted }, signal) {
    return nodesUnlisted === true || node === undefined
        ? undefined
        : reasonAgainst(node, await readNodes(client, { selector, signal }));
}
async function isAlive(client, node, orReady, signal) {
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`;
    const lease = await (0,kube_error/* ifAnswered */.nH)(client.get(path, { signal }), signal);
    if (lease === undefined) {
        if (!orReady) {
            return false;
        }
        const nodes = await (0,kube_error/* ifAnswered */.nH)(readNodes(client, { selector: undefined, signal }), signal);
        return nodes !== undefined && reasonAgainst(node, nodes) === undefined;
    }
    const renewed = Date.parse(String(lease.spec?.renewTime ?? ''));
    return client.now() - renewed < limits_run/* NODE_SIGN_SECONDS */.DT * 1000;
}
class NodeLooks {
    client;
    looking;
    chosen;
    constructor(client, { nodeSelector: selector }, signal) {
        this.client = client;
        this.chosen = { selector, signal };
    }
    all() {
        return readNodes(this.client, this.chosen);
    }
    async ready(name) {
        return (await this.all()).ready.find((node) => node.name === name);
    }
    unlessReady(needed) {
        this.looking ??= this.allIfLost(needed).finally(() => {
            this.looking = undefined;
        });
        return this.looking;
    }
    async allIfLost(needed) {
        const ready = await readyNames(this.client, this.chosen);
        return needed().every((name) => ready?.has(name)) ? undefined : await this.all();
    }
}
//# sourceMappingURL=nodes.js.map
;// CONCATENATED MODULE: ./out/src/registry/start.js










const VOLUME_COMES = /unbound immediate PersistentVolumeClaims/;
const NAMES_VOLUMES = /volume/i;
class Start {
    client;
    delivery;
    pod;
    base;
    bounds;
    onWaiting;
    takenAt;
    seen;
    looked = Promise.withResolvers();
    constructor(client, delivery, pod, base, bounds, onWaiting) {
        this.client = client;
        this.delivery = delivery;
        this.pod = pod;
        this.base = base;
        this.bounds = bounds;
        this.onWaiting = onWaiting;
    }
    get node() {
        return this.base.node ?? this.seen?.spec?.nodeName;
    }
    async fault(hasOthers, signal) {
        const stop = new AbortController();
        const until = AbortSignal.any([signal, stop.signal]);
        const both = [this.faultOfPod(hasOthers, until), this.faultOfNode(hasOthers, until)];
        try {
            return await Promise.race(both);
        }
        finally {
            stop.abort();
            await Promise.allSettled(both);
        }
    }
    async faultOfPod(hasOthers, signal) {
        const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(this.delivery.id, 'registry') };
        const path = kube_pods/* collection */.r.pods(this.delivery.namespace);
        for await (const pods of (0,watch/* observe */.lB)(this.client, path, { query, signal })) {
            const pod = pods.get(this.pod);
            this.see(pod);
            this.looked.resolve();
            const state = startStateOf(pod);
            if (state !== 'starting') {
                return state === 'running' ? undefined : { words: state.fault, ofNode: false };
            }
            const words = unscheduledWords(pod);
            if (hasOthers && words !== undefined && !this.isVolumeToCome(words)) {
                return { words, ofNode: true };
            }
        }
        throw new Error('an observation ended');
    }
    see(pod) {
        this.seen = pod;
        if (isTaken(pod))
            this.takenAt ??= performance.now();
    }
    async isStarting(signal) {
        const path = `${kube_pods/* collection */.r.pods(this.delivery.namespace)}/${this.pod}`;
        const pod = await (0,kube_error/* ifAnswered */.nH)(this.client.get(path, { signal }), signal);
        if (pod !== undefined)
            this.see(pod);
        return pod !== undefined && startStateOf(pod) === 'starting';
    }
    isVolumeToCome(words) {
        return this.delivery.hasClaim === true && VOLUME_COMES.test(words);
    }
    waitsForVolume() {
        const hasNode = this.takenAt !== undefined || this.seen?.spec?.nodeName !== undefined;
        const words = unscheduledWords(this.seen);
        return !hasNode && (words === undefined || NAMES_VOLUMES.test(words));
    }
    async faultOfVolume(signal) {
        const { lookSeconds, volumeSeconds } = this.bounds;
        const end = performance.now() + volumeSeconds * 1000;
        while (this.waitsForVolume() && performance.now() < end) {
            await (0,waiting/* rest */.zs)(Math.min(lookSeconds * 1000, end - performance.now()), signal);
        }
        if (!this.waitsForVolume() || !(await this.isStarting(signal)) || !this.waitsForVolume()) {
            return undefined;
        }
        const words = `its volume has not come within ${volumeSeconds} s`;
        const told = unscheduledWords(this.seen);
        return { words: [words, told].filter(Boolean).join(', and '), ofNode: true, ofVolume: true };
    }
    async faultOfNode(hasOthers, signal) {
        const { takeSeconds, lookSeconds } = this.bounds;
        await (0,waiting/* unlessAborted */.Wh)(this.looked.promise, signal);
        const fault = this.delivery.hasClaim && (await this.faultOfVolume(signal));
        if (fault) {
            return fault;
        }
        await (0,waiting/* rest */.zs)(takeSeconds * 1000, signal);
        const isLast = !hasOthers && this.delivery.nodesUnlisted !== true;
        for (;;) {
            const late = (await this.isStarting(signal)) && (await this.faultWhenLate(isLast, signal));
            if (late) {
                return late;
            }
            await (0,waiting/* rest */.zs)(lookSeconds * 1000, signal);
        }
    }
    async faultWhenLate(isLast, signal) {
        const { takeSeconds, startSeconds } = this.bounds;
        const told = unscheduledWords(this.seen);
        if (this.takenAt === undefined && (!isLast || told)) {
            const words = `its kubelet has not taken the Pod for ${takeSeconds} s`;
            return { words: told ?? words, ofNode: true };
        }
        const reason = await troubleOf(this.client, this.node, this.delivery, signal);
        if (reason !== undefined) {
            return { words: `the node ${reason}`, ofNode: true };
        }
        if (performance.now() - (this.takenAt ?? Number.POSITIVE_INFINITY) >= startSeconds * 1000) {
            const { namespace } = this.delivery;
            const words = await notStarted(this.client, namespace, this.pod, startSeconds, signal);
            if (!isLast) {
                return { words, ofNode: true };
            }
            this.onWaiting?.(this.node ?? this.pod, words);
        }
        return undefined;
    }
}
function startStateOf(pod, container = REGISTRY_CONTAINER) {
    if (pod === undefined) {
        return { fault: 'its Pod was deleted' };
    }
    const { phase, reason, message } = pod.status ?? {};
    const { state, lastState } = statusOf(pod, container) ?? {};
    const { running, waiting, terminated } = state ?? {};
    if (running !== undefined) {
        return 'running';
    }
    if (terminated !== undefined) {
        return { fault: lastLineOf(terminated.message) ?? terminated.reason ?? 'it ended' };
    }
    if (phase === 'Failed') {
        return { fault: [reason, message].filter(Boolean).join(': ') || 'its Pod failed' };
    }
    const before = lastState?.terminated?.message;
    const fatal = isInjectorsWord(before) ? lastLineOf(before) : undefined;
    if (waiting?.reason === 'CrashLoopBackOff' && fatal !== undefined) {
        return { fault: fatal };
    }
    if (waiting && (cannotStart(waiting) || waiting.reason === 'CrashLoopBackOff')) {
        return { fault: [waiting.reason, waiting.message].filter(Boolean).join(': ') };
    }
    const fault = initFaultOf(pod);
    return fault === undefined ? 'starting' : { fault };
}
//# sourceMappingURL=start.js.map
;// CONCATENATED MODULE: ./out/src/registry/addresses.js











async function registryAddresses(client, { namespace }, { name }, signal) {
    const path = `${kube_pods/* collection */.r.pods(namespace)}/${name}`;
    const pod = await client.find(path, { signal });
    if (pod === undefined)
        failWithRegistry({ registryPod: name, namespace }, pod);
    return (pod?.status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
}
async function keptAddress(client, place, signal, { onWaiting, takeSeconds = limits_run/* KUBELET_TAKES_SECONDS */.iI, startSeconds = limits_run/* POD_STARTS_LATE_SECONDS */.lR, } = {}) {
    const query = { labelSelector: (0,run_run/* ofDelivery */.M$)(place, 'registry') };
    const path = kube_pods/* collection */.r.pods(place.namespace);
    const { items } = await client.list(path, { query, signal });
    const address = addressIn(items);
    if (address !== undefined) {
        return address;
    }
    const sets = { query, accept: kube_client/* PARTIAL_OBJECT_LIST */.D7, signal };
    if ((await client.list(kube_pods/* collection */.r.replicaSets(place.namespace), sets)).items.length === 0) {
        return undefined;
    }
    onWaiting?.();
    const podsOnce = async (isLike, seconds) => {
        const late = (0,heard_within/* heardWithin */.Y)(seconds * 1000);
        const options = { query, signal: AbortSignal.any([signal, late]) };
        const isThere = (now) => [...now.values()].some(isLike);
        try {
            const pods = await (0,watch/* waitUntil */.a0)(client, path, isThere, options);
            return [...pods.values()];
        }
        catch (error) {
            if (!late.aborted || signal.aborted)
                throw error;
            return undefined;
        }
    };
    const taken = await podsOnce((pod) => lives(pod) && isTaken(pod), takeSeconds);
    return taken && addressIn((await podsOnce(hasStarted, startSeconds)) ?? []);
}
const lives = ({ metadata, status }) => metadata?.deletionTimestamp === undefined && status?.phase !== 'Failed';
const runs = (pod) => lives(pod) && pod.status?.phase === 'Running';
const hasStarted = (pod) => runs(pod) || (lives(pod) && typeof startStateOf(pod) === 'object');
function addressIn(pods) {
    const address = pods.find(runs)?.status?.podIP;
    return address === undefined ? undefined : (0,host_port/* hostAndPort */.P)(address, REGISTRY_PORT);
}
//# sourceMappingURL=addresses.js.map
// EXTERNAL MODULE: ./out/src/run/release/service.js
var service = __webpack_require__(8721);
// EXTERNAL MODULE: ./out/src/lib/slots.js
var lib_slots = __webpack_require__(1536);
;// CONCATENATED MODULE: ./out/src/registry/base.js






const PAUSE = /(^|\/)(pause|pause-amd64|pause-arm64|mirrored-pause|pod|eks-pause)([:@-]|$)/;
class Bases {
    client;
    wish;
    signal;
    readable;
    constructor(client, wish, signal) {
        this.client = client;
        this.wish = wish;
        this.signal = signal;
        const given = wish.namespace === undefined ? [] : [kube_pods/* collection */.r.pods(wish.namespace)];
        this.readable = new Set(['/api/v1/pods', ...given]);
    }
    async on(node) {
        const { image } = this.wish;
        if (image !== undefined) {
            return givenBases(placeOn(node), image);
        }
        return basesOn(node, listsPause(node) ? [] : await this.runningOn(node.name));
    }
    async among(nodes) {
        const telling = (node) => (listsPause(node) ? 0 : node.images?.length ? 1 : 2);
        const place = (node) => telling(node) + (node.drainedBy === undefined ? 0 : 3);
        const some = nodes.toSorted((one, other) => place(one) - place(other));
        const looks = some.slice(0, BASE_NODES_MAX).map((node) => this.on(node));
        return inTurn(varied(await (0,lib_slots/* settled */.gu)(looks))).slice(0, limits_run/* REGISTRY_BASES_MAX */.K9);
    }
    async runningOn(node) {
        const fieldSelector = `spec.nodeName=${node},status.phase=Running`;
        const query = { ...kube_client/* AS_REMEMBERED */.wN, fieldSelector };
        for (const path of [...this.readable]) {
            try {
                return (await this.client.list(path, { query, signal: this.signal })).items;
            }
            catch (error) {
                if (!(0,kube_error/* isFault */.Zh)(error, 'permission')) {
                    throw error;
                }
                this.readable.delete(path);
            }
        }
        return [];
    }
}
function givenBases(place, image) {
    return Array.from({ length: GIVEN_BASE_TRIES }, () => ({ ...place, image, pulled: true }));
}
function needsNoSecret({ spec }) {
    return (spec?.imagePullSecrets ?? []).length === 0;
}
function varied(perNode) {
    const first = new Map();
    return perNode.map((bases) => {
        const timesFirst = ({ image }) => first.get(image) ?? 0;
        const base = bases.find((one) => timesFirst(one) < limits_run/* REGISTRY_BASES_MAX */.K9 / 2) ?? bases[0];
        if (base === undefined)
            return bases;
        first.set(base.image, timesFirst(base) + 1);
        return [base, ...bases.filter((one) => one !== base)];
    });
}
function inTurn(perNode) {
    const longest = Math.max(0, ...perNode.map((bases) => bases.length));
    const ranks = Array.from({ length: longest }, (_, rank) => rank);
    return ranks.flatMap((rank) => perNode.flatMap((bases) => bases[rank] ?? []));
}
function basesOn(node, pods) {
    const namings = (node.images ?? []).map(({ names }) => namesOf(names));
    const listed = namings.flatMap(([name]) => name ?? []);
    const pause = listed.filter((name) => PAUSE.test(name));
    const running = pods
        .filter((pod) => pod.spec?.nodeName === node.name && pod.status?.phase === 'Running')
        .filter(needsNoSecret)
        .flatMap(imagesThere);
    const images = [...new Set([...pause, ...running, ...listed])];
    return images.map((image) => {
        const aliases = namings.find(([name]) => name === image)?.slice(1) ?? [];
        return { ...placeOn(node), image, ...(aliases.length > 0 && { aliases }) };
    });
}
function placeOn({ name, architecture, taints }) {
    return { node: name, architecture, ...(taints && { taints }) };
}
function listsPause({ images = [] }) {
    return images.some(({ names }) => names.some((name) => PAUSE.test(name)));
}
function imagesThere({ spec, status }) {
    const waiting = (status?.containerStatuses ?? []).filter(({ state }) => state?.waiting);
    const names = new Set(waiting.map(({ name }) => name));
    return (spec?.containers ?? []).flatMap(({ name, image }) => image === undefined || names.has(name) ? [] : image);
}
function namesOf(names) {
    const usable = names.filter((name) => !name.includes('<none>'));
    const tagged = usable.filter((name) => !name.includes('@'));
    const byDigest = usable.filter((name) => name.includes('@'));
    return [...tagged.slice(0, 1), ...byDigest, ...tagged.slice(1)];
}
//# sourceMappingURL=base.js.map
;// CONCATENATED MODULE: ./out/src/registry/known-bases.js





const KNOWN = [
    {
        version: /\+(?:k3s|rke2)/,
        images: ['docker.io/rancher/mirrored-pause:3.6', 'docker.io/rancher/mirrored-pause:3.10.2'],
    },
    {
        version: /-eks-/,
        images: ['localhost/kubernetes/pause:latest', 'localhost/kubernetes/pause:0.1.0'],
    },
    { version: /-gke\./, images: ['gke.gcr.io/pause:3.8'] },
    {
        images: ['3.10.1', '3.10', '3.10.2', '3.9', '3.8'].map((tag) => `registry.k8s.io/pause:${tag}`),
    },
    {
        images: ['3.6', '3.9', '3.10.2'].map((tag) => {
            const repository = tag === '3.6' ? 'oss/kubernetes/pause' : 'oss/v2/kubernetes/pause';
            return `mcr.microsoft.com/${repository}:${tag}`;
        }),
    },
];
async function unlistedBases(client, { namespace, architectures, version, image }, signal) {
    if (image !== undefined) {
        return architectures.flatMap((architecture) => givenBases({ architecture }, image));
    }
    const query = { fieldSelector: 'status.phase=Running' };
    const pods = await client
        .list(kube_pods/* collection */.r.pods(namespace), { query, signal })
        .then(({ items }) => items)
        .catch((error) => {
        if ((0,kube_error/* isFault */.Zh)(error, 'permission'))
            return [];
        throw error;
    });
    const running = runningBases(pods).slice(0, RUNNING_BASES_MAX);
    const known = knownImages(version).slice(0, KNOWN_BASES_MAX);
    return [
        ...running.flatMap((base) => architectures.map((architecture) => ({ ...base, architecture }))),
        ...architectures.flatMap((architecture) => known.map((image) => ({ image, architecture }))),
    ];
}
function runningBases(pods) {
    const bases = pods
        .filter(({ metadata }) => metadata?.labels?.[run_run/* MANAGED_BY_LABEL */.lT] !== run_run/* MANAGED_BY */.Kf)
        .filter(needsNoSecret)
        .flatMap(({ spec }) => (spec?.containers ?? []).flatMap(({ image }) => spec?.nodeName && image ? { node: spec.nodeName, image } : []));
    return [...new Map(bases.map((base) => [`${base.node} ${base.image}`, base])).values()];
}
function knownImages(version) {
    return KNOWN.filter((known) => known.version === undefined || version === '' || known.version.test(version)).flatMap(({ images }) => images);
}
//# sourceMappingURL=known-bases.js.map
// EXTERNAL MODULE: ./out/src/lib/limits/units.js
var units = __webpack_require__(1589);
// EXTERNAL MODULE: ./out/src/run/token.js
var token = __webpack_require__(1110);
;// CONCATENATED MODULE: ./out/src/registry/pod.js









const CATALOG_KEY = 'catalog';
const CATALOG_MOUNT = '/jackal-catalog';
const STORE_MOUNT = '/jackal-store';
function registryPod(delivery, base, attempt, chunks, storeBytes) {
    const volumes = [
        injectorVolume(delivery, base.architecture),
        ...(takesCatalog(delivery) ? [catalogVolume(delivery)] : []),
        ...(takesDeliveries(delivery) ? [(0,token/* tokenVolume */.uu)(delivery)] : []),
        storeVolume(delivery, storeBytes),
        ...chunks.map((_, index) => ({
            name: `chunk-${index}`,
            configMap: { name: run_run/* nameOf */.Vb.chunk(delivery, index) },
        })),
    ];
    return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: podMetadata(delivery, 'registry', run_run/* nameOf */.Vb.registry(delivery, attempt)),
        spec: {
            ...placedSpec(delivery, base),
            restartPolicy: 'OnFailure',
            containers: [registryContainer(delivery, base, chunks)],
            volumes,
        },
    };
}
function placedSpec(delivery, base) {
    const { hasClaim, nodeSelector, shape = USUAL_SHAPE, unfitToo } = delivery;
    const { architecture, node, taints, notOn } = base;
    if (node !== undefined && hasClaim !== true) {
        const placement = delivery.nodesUnlisted === true && placementFor(architecture, nodeSelector, { unfitToo });
        return { ...podSpecOf({ name: node, taints }, delivery), ...placement };
    }
    const { securityContext, tolerations, ...spec } = podSpecOf({ taints }, delivery);
    const onNode = node === undefined ? { notOn, unfitToo } : { on: [node], unfitToo };
    return {
        ...spec,
        ...placementFor(architecture, nodeSelector, onNode),
        tolerations: node === undefined ? tolerations : [...tolerations, ANYWHERE],
        securityContext: { ...securityContext, ...(hasClaim && shape.user && { fsGroup: USER }) },
    };
}
const ANYWHERE = { operator: 'Exists', effect: 'NoSchedule' };
function storeSize(storeBytes) {
    return storeBytes + limits_run/* REGISTRY_STORE_OVERHEAD_BYTES */.Ri;
}
function volumeSize(storeBytes) {
    const size = (storeSize(storeBytes) * limits_run/* VOLUME_PERCENT */.L9) / 100 + limits_run/* VOLUME_OVERHEAD_BYTES */.Uh;
    return Math.max(size, limits_run/* VOLUME_LEAST_BYTES */.ZK);
}
function inMebibytes(bytes) {
    return `${Math.ceil(bytes / units/* MIB */.D6)}Mi`;
}
function storeVolume(delivery, storeBytes) {
    return delivery.hasClaim
        ? { name: 'store', persistentVolumeClaim: { claimName: run_run/* nameOf */.Vb.store(delivery) } }
        : { name: 'store', emptyDir: { sizeLimit: inMebibytes(storeSize(storeBytes)) } };
}
function storeClaim(delivery, storeBytes) {
    return {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
            name: run_run/* nameOf */.Vb.store(delivery),
            labels: (0,run_run/* labelsFor */.dS)(delivery, 'store'),
            ownerReferences: [delivery.owner],
        },
        spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: inMebibytes(volumeSize(storeBytes)) } },
        },
    };
}
function catalogVolume(delivery) {
    const parts = Array.from({ length: delivery.catalogParts ?? 1 }, (_, part) => ({
        configMap: {
            name: run_run/* nameOf */.Vb.catalog(delivery, part),
            items: [{ key: CATALOG_KEY, path: part.toString().padStart(4, '0') }],
        },
    }));
    return { name: 'catalog', projected: { sources: parts } };
}
function takesDeliveries({ carrier = 'configmap' }) {
    return carrier !== 'configmap';
}
function takesCatalog({ carrier = 'configmap' }) {
    return carrier !== 'stream';
}
function registryContainer(delivery, base, chunks) {
    const { secret, shape = USUAL_SHAPE } = delivery;
    const delivered = takesDeliveries(delivery);
    return {
        name: REGISTRY_CONTAINER,
        ...injectorContainer(base, shape.registry),
        command: [
            INJECTOR,
            'serve',
            ...['--store', STORE_MOUNT, ...(delivery.hasClaim ? ['--durable'] : [])],
            ...['--listen', `${REGISTRY_PORT}`],
            ...(takesCatalog(delivery) ? ['--catalog', CATALOG_MOUNT, '--chunks', CHUNKS_MOUNT] : []),
            ...(delivered ? ['--deliver', `${DELIVERY_PORT}`, '--token', token/* TOKEN_FILE */.r$] : []),
            ...(delivery.kept?.address === undefined ? [] : ['--from', delivery.kept.address]),
        ],
        ports: [
            { name: 'registry', containerPort: REGISTRY_PORT },
            ...(delivered ? [{ name: 'delivery', containerPort: DELIVERY_PORT }] : []),
        ],
        readinessProbe: { ...PROBES.readinessProbe, periodSeconds: REGISTRY_READY_PERIOD_SECONDS },
        startupProbe: untilVerified(secret),
        volumeMounts: [
            INJECTOR_VOLUME_MOUNT,
            ...(takesCatalog(delivery)
                ? [{ name: 'catalog', mountPath: CATALOG_MOUNT, readOnly: true }]
                : []),
            { name: 'store', mountPath: STORE_MOUNT },
            ...(delivered ? [{ name: 'token', mountPath: token/* TOKEN_MOUNT */.gV, readOnly: true }] : []),
            ...chunks.map((path, index) => ({
                name: `chunk-${index}`,
                mountPath: `${CHUNKS_MOUNT}/${path.slice(0, -(CHUNK_KEY.length + 1))}`,
                readOnly: true,
            })),
        ],
    };
}
function untilVerified(secret) {
    const server = `127.0.0.1:${REGISTRY_PORT}`;
    return {
        exec: { command: [INJECTOR, 'probe', '--connect', server, '--path', `/${secret}/readyz`] },
        periodSeconds: 1,
        timeoutSeconds: 10,
        failureThreshold: limits_run/* RUN_LIFETIME_SECONDS */.WV,
    };
}
//# sourceMappingURL=pod.js.map
;// CONCATENATED MODULE: ./out/src/registry/release.js








function copiedCatalog(kept) {
    return kept?.address === undefined ? undefined : kept.record;
}
function copiedBy(kept) {
    return new Set(contentsIn(copiedCatalog(kept) ?? '').keys());
}
function placesToComeAgain({ nodes, nodesUnlisted, bases, version }, { architecture, image, node, pulled }, hasClaim) {
    const alike = nodes.filter((other) => other.architecture === architecture);
    const anywhere = { nodes: undefined, tolerations: tolerationsFor(alike, hasClaim) };
    const isKnown = knownImages(version).includes(image);
    if (pulled === true || (nodesUnlisted && isKnown)) {
        return anywhere;
    }
    const others = nodesUnlisted
        ? bases.flatMap((base) => (base.image === image ? (base.node ?? []) : []))
        : alike.flatMap(({ name, images }) => images.some(({ names }) => names.includes(image)) ? name : []);
    const having = [...new Set([node, ...others])].slice(0, LASTING_NODES_MAX);
    if (isKnown) {
        return { ...anywhere, sooner: having };
    }
    const known = alike.filter(({ name }) => having.includes(name));
    return { nodes: having, tolerations: tolerationsFor(known, hasClaim) };
}
function tolerationsFor(nodes, isBound) {
    if (!isBound && nodes.some(({ keptBy = [] }) => keptBy.length === 0)) {
        return [];
    }
    const tolerations = nodes.flatMap(({ keptBy = [] }) => keptBy.map(tolerationOf));
    return [...new Map(tolerations.map((one) => [JSON.stringify(one), one])).values()];
}
const NOBODY = '127.0.0.1:1';
function withNobodyToCopyFrom(delivery) {
    const { kept } = delivery;
    return kept?.address === undefined
        ? delivery
        : { ...delivery, kept: { ...kept, address: NOBODY } };
}
function registryReplicaSet(delivery, { base, nodes, sooner, tolerations = [], chunks, storeBytes }) {
    const { architecture, image, pulled } = base;
    const { metadata, spec } = registryPod(withNobodyToCopyFrom(delivery), { architecture, image, pulled }, 0, chunks, storeBytes);
    const name = run_run/* nameOf */.Vb.registrySet(delivery);
    const { labels, annotations } = metadata ?? {};
    return {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
            name,
            labels: (0,run_run/* labelsFor */.dS)(delivery, 'registry'),
            ownerReferences: [delivery.owner],
        },
        spec: {
            replicas: 1,
            selector: { matchLabels: (0,service/* registryOf */.Fv)(delivery) },
            template: {
                metadata: { ...(labels && { labels }), ...(annotations && { annotations }) },
                ...(spec && {
                    spec: {
                        ...spec,
                        ...placementFor(architecture, delivery.nodeSelector, {
                            on: nodes,
                            sooner,
                            unfitToo: delivery.unfitToo,
                        }),
                        tolerations: [...(spec.tolerations ?? []), ...tolerations],
                        restartPolicy: 'Always',
                    },
                }),
            },
        },
    };
}
//# sourceMappingURL=release.js.map
// EXTERNAL MODULE: ./out/src/lib/files/paths.js
var files_paths = __webpack_require__(5993);
;// CONCATENATED MODULE: ./out/src/injector/cache.js





async function restore(path, key, signal, patience = limits_runner/* CACHE_PATIENCE_SECONDS */.TK) {
    const late = AbortSignal.timeout(patience * 1000);
    try {
        const cache = await __webpack_require__.e(/* import() */ 691).then(__webpack_require__.bind(__webpack_require__, 1691));
        if (!cache.isFeatureAvailable()) {
            return 'missing';
        }
        const restoring = fromHome(() => cache.restoreCache([path], key));
        const found = await (0,waiting/* unlessAborted */.Wh)(restoring, AbortSignal.any([signal, late]));
        return found === key ? 'found' : 'missing';
    }
    catch (error) {
        signal.throwIfAborted();
        const reason = late.aborted ? `It was silent for ${patience} s.` : (0,errors/* sentenceOf */.$N)(error);
        (0,runner/* warning */.$e)(`The cache service did not give the injector, which is obtained otherwise: ${reason}`);
        return late.aborted ? 'silent' : 'missing';
    }
}
async function save(path, key) {
    try {
        const cache = await __webpack_require__.e(/* import() */ 691).then(__webpack_require__.bind(__webpack_require__, 1691));
        if (cache.isFeatureAvailable()) {
            await fromHome(() => cache.saveCache([path], key));
        }
    }
    catch (error) {
        (0,runner/* warning */.$e)(`The cache service did not take the injector: ${(0,errors/* sentenceOf */.$N)(error)}`);
    }
}
async function awaitSaved(saves, signal, patience = limits_runner/* CACHE_PATIENCE_SECONDS */.TK) {
    try {
        const late = AbortSignal.timeout(patience * 1000);
        await (0,waiting/* unlessAborted */.Wh)(Promise.all(saves), AbortSignal.any([signal, late]));
    }
    catch {
        (0,runner/* warning */.$e)('The cache service did not take the injector before the step had to end; a later job on another machine obtains it anew.');
    }
}
let fromHomeNow = 0;
let workspace;
async function fromHome(work) {
    if (fromHomeNow++ === 0)
        workspace = process.env.GITHUB_WORKSPACE;
    process.env.GITHUB_WORKSPACE = (0,files_paths/* homeDirectory */.RE)();
    try {
        return await work();
    }
    finally {
        if (--fromHomeNow === 0) {
            if (workspace === undefined)
                delete process.env.GITHUB_WORKSPACE;
            else
                process.env.GITHUB_WORKSPACE = workspace;
        }
    }
}
//# sourceMappingURL=cache.js.map
;// CONCATENATED MODULE: ./out/src/images/repositories.js

const REPOSITORY_MAX_LENGTH = 200;
function repositoriesOf(images) {
    const byPath = new Map();
    for (const { name } of images) {
        const path = repositories_pathOf(name);
        byPath.set(path, (byPath.get(path) ?? new Set()).add(name));
    }
    const repositories = new Map();
    for (const [path, names] of byPath) {
        for (const name of names) {
            const short = path.length <= REPOSITORY_MAX_LENGTH;
            repositories.set(name, names.size === 1 && short ? path : hashed(name, path));
        }
    }
    return repositories;
}
function repositories_pathOf(name) {
    return name.slice(name.indexOf('/') + 1);
}
function hashed(name, path) {
    const hash = shortHash(name);
    const end = path.slice(-(REPOSITORY_MAX_LENGTH - hash.length - 1));
    return `${hash}/${end.replace(/^[^a-z0-9]+/, '')}`;
}
function shortHash(name) {
    return (0,sha256/* sha256Of */.B)(name).slice(0, 8);
}
//# sourceMappingURL=repositories.js.map
;// CONCATENATED MODULE: ./out/src/payload/parcel.js

const TAR_BLOCK = 512;
const TAR_END = Buffer.alloc(2 * TAR_BLOCK);
function parcelEntries(images) {
    const entries = new Map();
    for (const { digest, bytes } of images.flatMap((image) => image.manifests)) {
        entries.set(digest, {
            digest,
            size: bytes.length,
            open: (start) => external_node_stream_.Readable.from([bytes.subarray(start)]),
        });
    }
    for (const blob of images.flatMap((image) => image.blobs)) {
        if (!entries.has(blob.digest)) {
            entries.set(blob.digest, blob);
        }
    }
    return [...entries.values()];
}
function parcelSize(entries) {
    const files = entries.reduce((sum, entry) => sum + TAR_BLOCK + padded(entry.size), 0);
    return files + TAR_END.length;
}
async function* packParcel(entries) {
    const tar = await __webpack_require__.e(/* import() */ 697).then(__webpack_require__.bind(__webpack_require__, 8697));
    for (const entry of entries) {
        yield headerBlock(new tar.Header(headerOf(entry)));
        yield* entry.open();
        const padding = padded(entry.size) - entry.size;
        if (padding > 0) {
            yield Buffer.alloc(padding);
        }
    }
    yield TAR_END;
}
function padded(size) {
    return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}
function headerOf({ digest, size }) {
    const path = `blobs/sha256/${digest.slice('sha256:'.length)}`;
    return { path, mode: 0o644, uid: 0, gid: 0, size, mtime: new Date(0), type: 'File' };
}
function headerBlock(header) {
    const block = Buffer.alloc(TAR_BLOCK);
    header.encode(block);
    return block;
}
//# sourceMappingURL=parcel.js.map
;// CONCATENATED MODULE: ./out/src/payload/payload.js




function payloadOf({ images }) {
    const repositories = repositoriesOf(images);
    const entries = parcelEntries(images);
    const served = images.map((image) => ({
        image,
        repository: repositories.get(image.name),
    }));
    const chunks = Math.ceil(parcelSize(entries) / carriers/* CHUNK_MIN_BYTES */.jt);
    return {
        served,
        entries,
        catalogParts: catalogPartsFor(served, Math.min(carriers/* CONFIGMAPS_PER_RUN_MAX */.ne, chunks)),
        contentBytes: entries.reduce((sum, { size }) => sum + size, 0),
    };
}
function parcelOf({ entries }, carrier) {
    const chosen = carrier === 'configmap' ? entries : smallOnes(entries);
    return { entries: chosen, bytes: parcelSize(chosen) };
}
function smallOnes(all) {
    const entries = [];
    for (const entry of all.filter(({ size }) => size <= carriers/* PARCEL_CONTENT_MAX_BYTES */.Vh)) {
        if (parcelSize([...entries, entry]) > carriers/* CHUNK_BYTES */.EC) {
            return entries;
        }
        entries.push(entry);
    }
    return entries;
}
function planOf(payload, carrier) {
    const images = payload.served.map(({ image: { given, platforms }, repository }) => ({
        ...{ given, platforms, repository },
    }));
    const { catalogParts, contentBytes: storeBytes } = payload;
    if (carrier === 'stream') {
        return { carrier, images, chunkBytes: 0, writtenBytes: 0, catalogParts: 0, storeBytes };
    }
    const { bytes } = parcelOf(payload, carrier);
    const writtenBytes = carrier === 'courier' ? bytes + storeBytes : bytes;
    return { carrier, images, chunkBytes: bytes, writtenBytes, catalogParts, storeBytes };
}
function streamPlanOf(announced, platforms) {
    const repositories = repositoriesOf(announced);
    const sent = ({ parts }) => platforms.flatMap((of) => parts.flatMap(({ platform = of, storeBytes }) => platform === of ? [{ platform, storeBytes }] : []));
    const images = announced.map((image) => ({
        given: image.given,
        repository: repositories.get(image.name),
        platforms: [...new Set(sent(image).map(({ platform }) => platform))],
    }));
    const storeBytes = announced.flatMap(sent).reduce((sum, part) => sum + part.storeBytes, 0);
    return {
        ...{ carrier: 'stream', images, storeBytes },
        ...{ chunkBytes: 0, writtenBytes: 0, catalogParts: 0 },
    };
}
function pullableReference(registry, { repository, image }) {
    return `${registry}/${repository}@${image.target.digest}`;
}
function bytesOf({ manifests, blobs }) {
    const manifestBytes = manifests.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return blobs.reduce((sum, { size }) => sum + size, manifestBytes);
}
//# sourceMappingURL=payload.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/metadata.js

function metadataOf(image) {
    const { pullable, digest, platforms, bytes } = image;
    const { tag } = (0,images_reference/* parseReference */.F2)(image.name);
    return {
        reference: pullable,
        repository: pullable.slice(0, pullable.lastIndexOf('@')),
        ...(tag === undefined ? {} : { tag }),
        ...{ digest, platforms, bytes },
    };
}
function metadataOutput(images) {
    const entries = [...images].map(([key, image]) => [key, metadataOf(image)]);
    return JSON.stringify(Object.fromEntries(entries));
}
//# sourceMappingURL=metadata.js.map
;// CONCATENATED MODULE: ./out/src/report/outputs.js





const NAMES_COUNT = /[*?[{]|\sas\s/;
function keyed(images) {
    const byKey = new Map();
    const asGiven = new Set();
    for (const [given, group] of Map.groupBy(images, (image) => image.given)) {
        const [first] = group;
        if (new Set(group.map(({ digest }) => digest)).size === 1 && first !== undefined) {
            byKey.set(given, first);
            asGiven.add(given);
        }
        if (new Set(group.map(({ name }) => name)).size === 1 && !NAMES_COUNT.test(given)) {
            continue;
        }
        for (const image of group) {
            if (!asGiven.has(image.name))
                byKey.set(image.name, image);
        }
    }
    return byKey;
}
function outputsOf(images, registry) {
    const byKey = keyed(images);
    const pullables = [...byKey].map(([key, { pullable }]) => [key, pullable]);
    const outputs = {
        images: JSON.stringify(Object.fromEntries(pullables)),
        metadata: metadataOutput(byKey),
        registry,
    };
    const characters = Object.values(outputs).reduce((sum, { length }) => sum + length, 0);
    const bytes = 2 * characters + limits_runner/* SMALL_OUTPUTS_BYTES */.jx;
    if (bytes > limits_runner/* OUTPUTS_MAX_BYTES */.A3) {
        throw new errors/* ActionError */.lZ(`The outputs \`images\` and \`metadata\` would have ${inMegabytes(bytes)} for ${images.length} images, and GitHub takes ${inMegabytes(limits_runner/* OUTPUTS_MAX_BYTES */.A3)} (two bytes a character); name fewer images in one step.`);
    }
    return outputs;
}
function setOutputs(images, registry) {
    const outputs = outputsOf(images, registry);
    for (const { name, pullable, digestKept } of images) {
        (0,runner/* info */.pq)(`${name} is ${pullable} (digest ${digestKept ? "the source's" : 'made here'})`);
    }
    for (const [name, value] of Object.entries(outputs))
        (0,runner/* setOutput */.uH)(name, value);
}
//# sourceMappingURL=outputs.js.map
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./out/src/host/output-directory.js
var output_directory = __webpack_require__(4757);
// EXTERNAL MODULE: ./out/src/lib/files/regular-file.js
var regular_file = __webpack_require__(7484);
;// CONCATENATED MODULE: ./out/src/rewrite/json-stream.js
const SPACE = /^[ \t\r\n]*$/;
function jsonStream(source) {
    if (!/^[ \t\r\n]*\{/.test(source))
        return undefined;
    const pieces = cutAtObjects(source);
    const objects = pieces.filter((piece) => !SPACE.test(piece));
    return objects.length > 1 && objects.every(isJson) ? pieces : undefined;
}
function cutAtObjects(source) {
    const pieces = [];
    let depth = 0;
    let inString = false;
    let start = 0;
    for (const { 0: token, index } of source.matchAll(/\\.|["{}]/g)) {
        if (token === '"')
            inString = !inString;
        if (inString || (token !== '{' && token !== '}'))
            continue;
        if (token === '}')
            depth -= 1;
        if (depth === 0) {
            const end = token === '{' ? index : index + 1;
            pieces.push(source.slice(start, end));
            start = end;
        }
        if (token === '{')
            depth += 1;
    }
    return [...pieces, source.slice(start)];
}
function isJson(text) {
    try {
        JSON.parse(text);
        return true;
    }
    catch {
        return false;
    }
}
//# sourceMappingURL=json-stream.js.map
// EXTERNAL MODULE: ./node_modules/yaml/dist/index.js
var dist = __webpack_require__(8815);
;// CONCATENATED MODULE: ./out/src/rewrite/names.js

function fullNameOf(text) {
    try {
        const { name, tag, digest } = (0,images_reference/* parseReference */.F2)(text);
        return digest === undefined ? `${name}:${tag ?? 'latest'}` : `${name}@${digest}`;
    }
    catch {
        return undefined;
    }
}
function injectedNames(images) {
    const names = new Map();
    const isTagged = ({ name }) => (0,images_reference/* parseReference */.F2)(name).tag !== undefined;
    const [tagged, untagged] = [images.filter(isTagged), images.filter((one) => !isTagged(one))];
    for (const image of [...untagged, ...tagged]) {
        const { name, tag, digest } = (0,images_reference/* parseReference */.F2)(image.name);
        const asked = digest ?? digestAskedFor(image, name);
        if (image.digestKept)
            names.set(`${name}@${image.digest}`, image.pullable);
        if (asked !== undefined)
            names.set(`${name}@${asked}`, image.pullable);
        if (tag !== undefined || asked === undefined) {
            names.set(`${name}:${tag ?? 'latest'}`, image.pullable);
        }
    }
    return names;
}
function digestAskedFor({ given }, name) {
    const full = fullNameOf(given.replace(/^docker-daemon:/, ''));
    return full?.startsWith(`${name}@`) ? full.slice(name.length + 1) : undefined;
}
function injectedFor(names, text) {
    const full = fullNameOf(text);
    return full === undefined ? undefined : names.get(full);
}
//# sourceMappingURL=names.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/workloads.js
const below = (path, ends) => ends.map((end) => `${path}.${end}`);
const podSpec = (path) => below(path, [
    'containers[].image',
    'initContainers[].image',
    'ephemeralContainers[].image',
    'volumes[].image.reference',
]);
const POD = podSpec('spec');
const TEMPLATE = podSpec('spec.template.spec');
const JOB_TEMPLATE = podSpec('spec.jobTemplate.spec.template.spec');
const workflowTemplate = (path) => below(path, [
    'container.image',
    'script.image',
    'initContainers[].image',
    'sidecars[].image',
    'containerSet.containers[].image',
    'volumes[].image.reference',
]);
const workflow = (path) => ['templates[]', 'templateDefaults'].flatMap((template) => ['', '.dag.tasks[].inline', '.steps[].inline'].flatMap((inline) => workflowTemplate(`${path}.${template}${inline}`)));
const taskSpec = (path) => below(path, ['steps[].image', 'sidecars[].image', 'stepTemplate.image']);
const pipelineSpec = (path) => ['tasks[]', 'finally[]'].flatMap((tasks) => taskSpec(`${path}.${tasks}.taskSpec`));
const machine = (path) => below(path, ['volumes[].containerDisk.image', 'domain.firmware.kernelBoot.container.image']);
const rayCluster = (path) => [
    ...['headGroupSpec', 'workerGroupSpecs[]'].flatMap((group) => podSpec(`${path}.${group}.template.spec`)),
    `${path}.autoscalerOptions.image`,
];
const WORKLOADS = [
    ['', ['Pod'], POD],
    ['', ['PodTemplate'], podSpec('template.spec')],
    ['', ['ReplicationController'], TEMPLATE],
    ['apps', ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'], TEMPLATE],
    ['batch', ['Job'], TEMPLATE],
    ['batch', ['CronJob'], JOB_TEMPLATE],
    ['argoproj.io', ['Rollout'], TEMPLATE],
    ['argoproj.io', ['Experiment'], podSpec('spec.templates[].template.spec')],
    [
        'argoproj.io',
        ['AnalysisTemplate', 'ClusterAnalysisTemplate', 'AnalysisRun'],
        podSpec('spec.metrics[].provider.job.spec.template.spec'),
    ],
    ['argoproj.io', ['Workflow', 'WorkflowTemplate', 'ClusterWorkflowTemplate'], workflow('spec')],
    ['argoproj.io', ['CronWorkflow'], workflow('spec.workflowSpec')],
    ['serving.knative.dev', ['Service', 'Configuration'], TEMPLATE],
    ['serving.knative.dev', ['Revision'], POD],
    ['sources.knative.dev', ['ContainerSource'], TEMPLATE],
    ['tekton.dev', ['Task', 'ClusterTask'], taskSpec('spec')],
    ['tekton.dev', ['TaskRun'], taskSpec('spec.taskSpec')],
    ['tekton.dev', ['StepAction'], ['spec.image']],
    ['tekton.dev', ['Pipeline'], pipelineSpec('spec')],
    ['tekton.dev', ['PipelineRun'], pipelineSpec('spec.pipelineSpec')],
    ['kubevirt.io', ['VirtualMachineInstance'], machine('spec')],
    [
        'kubevirt.io',
        ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'],
        machine('spec.template.spec'),
    ],
    ['apps.kruise.io', ['CloneSet', 'StatefulSet', 'DaemonSet', 'BroadcastJob'], TEMPLATE],
    ['apps.kruise.io', ['SidecarSet'], POD],
    ['jobset.x-k8s.io', ['JobSet'], podSpec('spec.replicatedJobs[].template.spec.template.spec')],
    [
        'leaderworkerset.x-k8s.io',
        ['LeaderWorkerSet'],
        ['leaderTemplate', 'workerTemplate'].flatMap((template) => podSpec(`spec.leaderWorkerTemplate.${template}.spec`)),
    ],
    ['keda.sh', ['ScaledJob'], podSpec('spec.jobTargetRef.template.spec')],
    ['apps.openshift.io', ['DeploymentConfig'], TEMPLATE],
    ['batch.volcano.sh', ['Job'], podSpec('spec.tasks[].template.spec')],
    ['ray.io', ['RayCluster'], rayCluster('spec')],
    [
        'ray.io',
        ['RayJob'],
        [...rayCluster('spec.rayClusterSpec'), ...podSpec('spec.submitterPodTemplate.spec')],
    ],
    ['ray.io', ['RayService'], rayCluster('spec.rayClusterConfig')],
    ['kubeflow.org', ['PyTorchJob'], podSpec('spec.pytorchReplicaSpecs.*.template.spec')],
    ['kubeflow.org', ['TFJob'], podSpec('spec.tfReplicaSpecs.*.template.spec')],
    ['kubeflow.org', ['MPIJob'], podSpec('spec.mpiReplicaSpecs.*.template.spec')],
    ['kubeflow.org', ['XGBoostJob'], podSpec('spec.xgbReplicaSpecs.*.template.spec')],
    ['agones.dev', ['GameServer'], TEMPLATE],
    ['agones.dev', ['Fleet', 'GameServerSet'], podSpec('spec.template.spec.template.spec')],
    [
        'monitoring.coreos.com',
        ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'],
        ['spec.image', 'spec.thanos.image', ...POD],
    ],
];
const BY_KIND = new Map(WORKLOADS.flatMap(([group, kinds, paths]) => kinds.map((kind) => [`${group}/${kind}`, paths])));
function imagePathsOf(apiVersion, kind) {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    return BY_KIND.get(`${group}/${kind}`) ?? [];
}
function pullPolicyBeside(path) {
    return path.endsWith('.reference') ? 'pullPolicy' : 'imagePullPolicy';
}
//# sourceMappingURL=workloads.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/yaml-documents.js

const OPTIONS = { uniqueKeys: false, schema: 'core' };
function documentsIn(source) {
    const text = withoutMarks(source);
    const documents = [...(0,dist/* parseAllDocuments */.hR)(text, OPTIONS)];
    if (documents.every(({ errors }) => errors.length === 0))
        return documents;
    const lax = [...new dist/* Composer */.Dk(OPTIONS).compose(laxTokens(text))];
    const others = lax.flatMap(({ errors }) => errors).filter((error) => !isOfComment(error));
    if (others.length > 0)
        return documents;
    for (const document of lax)
        document.errors = [];
    return lax;
}
function hasMappingAsKey(document) {
    let found = false;
    (0,dist/* visit */.YR)(document, {
        Pair: (_, { key }) => {
            found ||= (0,dist/* isCollection */.P3)(key);
            return found ? dist/* visit */.YR.BREAK : undefined;
        },
    });
    return found;
}
function withoutMarks(source) {
    return source.replace(/^(---.*\r?\n)\ufeff/gm, '$1\n');
}
function* laxTokens(source) {
    const parser = new dist/* Parser */.iX();
    for (const lexeme of new LaxLexer().lex(source))
        yield* parser.next(lexeme);
    yield* parser.end();
}
const isOfComment = ({ message }) => message.startsWith('Comments must be separated');
const OpenLexer = dist/* Lexer */.JG;
class LaxLexer extends OpenLexer {
    parseFlowCollection() {
        return this.withoutIndentation(super.parseFlowCollection());
    }
    parseQuotedScalar() {
        return this.withoutIndentation(super.parseQuotedScalar());
    }
    *withoutIndentation(lexemes) {
        const { indentNext } = this;
        this.indentNext = 0;
        const next = yield* lexemes;
        this.indentNext = indentNext;
        return next;
    }
}
//# sourceMappingURL=yaml-documents.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/yaml-path.js

function resolved(node, document) {
    return (0,dist/* isAlias */.Vj)(node) ? node.resolve(document) : node;
}
function yaml_path_textOf(node) {
    return (0,dist/* isScalar */.jn)(node) && typeof node.value === 'string' ? node.value : undefined;
}
function membersAt(map, key, document) {
    const inOrder = map.items.flatMap(({ key: name, value }) => {
        if (!(0,dist/* isScalar */.jn)(name) || value === null)
            return [];
        if (name.value === '<<') {
            const others = mergedBy(value, document).filter((other) => other !== map);
            return others.flatMap((other) => membersAt(other, key, document));
        }
        return key === '*' || name.value === key ? [{ map, value: value }] : [];
    });
    const last = inOrder.at(-1);
    return inOrder.filter((member) => key === '*' || member.map === map || member.map === last?.map);
}
function mergedBy(value, document) {
    const node = resolved(value, document);
    const nodes = (0,dist/* isSeq */.oP)(node) ? itemsOf(node, document).reverse() : [node];
    return nodes.filter((other) => (0,dist/* isMap */.jh)(other));
}
function membersBelow(node, path, document) {
    const [step = '', ...rest] = path;
    if (!(0,dist/* isMap */.jh)(node))
        return [];
    const isList = step.endsWith('[]');
    const found = membersAt(node, isList ? step.slice(0, -2) : step, document);
    if (rest.length === 0)
        return found;
    return found.flatMap(({ value }) => {
        const below = resolved(value, document);
        const nodes = isList ? deepItemsOf(below, document) : [below];
        return nodes.flatMap((one) => membersBelow(one, rest, document));
    });
}
function itemsOf(node, document) {
    return (0,dist/* isSeq */.oP)(node) ? node.items.map((item) => resolved(item, document)) : [];
}
function deepItemsOf(node, document) {
    return itemsOf(node, document).flatMap((item) => (0,dist/* isSeq */.oP)(item) ? itemsOf(item, document) : [item]);
}
//# sourceMappingURL=yaml-path.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/render.js







function manifestText(bytes, label) {
    try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    }
    catch (cause) {
        throw new errors/* ActionError */.lZ(`${label} is not text in UTF-8; save it as that.`, { cause });
    }
}
function renderManifests(source, names, label) {
    try {
        const objects = jsonStream(source) ?? [source];
        return objects.map((object) => rendered(object, names, label)).join('');
    }
    catch (cause) {
        if (!(cause instanceof RangeError))
            throw cause;
        throw new errors/* ActionError */.lZ(`${label} is nested without end; look for an anchor that has its own alias inside.`, { cause });
    }
}
function rendered(source, names, label) {
    const documents = documentsIn(source);
    const fault = documents.flatMap(({ errors }) => errors)[0];
    if (fault !== undefined) {
        const [said = ''] = fault.message.split('\n');
        throw new errors/* ActionError */.lZ(`${label} is not YAML: ${said.replace(/:$/, '')}; correct it there.`, {
            cause: fault,
        });
    }
    return applied(source, documents.flatMap((document) => editsIn(document, source, names)));
}
function applied(source, edits) {
    const inOrder = [...new Map(edits.map((edit) => [edit.start, edit])).values()].sort((one, other) => one.start - other.start);
    const pieces = [];
    let at = 0;
    for (const { start, end, text } of inOrder) {
        pieces.push(source.slice(at, start), text);
        at = end;
    }
    return pieces.join('') + source.slice(at);
}
function editsIn(document, source, names) {
    const images = objectsIn(document.contents ?? undefined, document).flatMap((object) => imagesIn(object, document));
    const injected = images.flatMap((image) => {
        const pullable = injectedFor(names, yaml_path_textOf(resolved(image.value, document)) ?? '');
        return pullable === undefined ? [] : [{ ...image, pullable }];
    });
    const others = new Set(images
        .filter(({ value }) => !injected.some((image) => image.value === value))
        .flatMap(({ map, policyKey }) => membersAt(map, policyKey, document))
        .map((policy) => policy.value));
    const changes = injected.flatMap(({ map, value, policyKey, pullable }) => [
        { node: value, text: pullable },
        ...membersAt(map, policyKey, document)
            .filter((policy) => policy.map === map && !others.has(policy.value))
            .filter((policy) => yaml_path_textOf(resolved(policy.value, document)) === 'Always')
            .map((policy) => ({ node: policy.value, text: 'IfNotPresent' })),
    ]);
    const changed = new Set(changes.map(({ node }) => node));
    const follows = (node) => (0,dist/* isAlias */.Vj)(node) && changed.has(resolved(node, document));
    return [
        ...changes.filter(({ node }) => !follows(node)),
        ...leftBehind(document, changed),
    ].flatMap(({ node, text }) => edit(node, text, source));
}
function leftBehind(document, changed) {
    const left = [];
    if (![...changed].some((node) => (0,dist/* isScalar */.jn)(node) && node.anchor))
        return left;
    (0,dist/* visit */.YR)(document, {
        Alias: (_, alias) => {
            const anchor = alias.resolve(document);
            if (changed.has(anchor) && !changed.has(alias)) {
                left.push({ node: alias, text: yaml_path_textOf(anchor) });
            }
        },
    });
    return left;
}
function objectsIn(node, document, inferred = { apiVersion: '', kind: '' }) {
    if (!(0,dist/* isMap */.jh)(node))
        return [];
    const own = {
        apiVersion: textAt(node, 'apiVersion', document),
        kind: textAt(node, 'kind', document),
    };
    const type = own.apiVersion === '' && own.kind === '' ? inferred : own;
    const items = membersAt(node, 'items', document).at(-1);
    if (items === undefined || !type.kind.endsWith('List'))
        return [{ map: node, ...type }];
    const ofItems = { ...type, kind: type.kind.slice(0, -'List'.length) };
    return itemsOf(resolved(items.value, document), document).flatMap((item) => objectsIn(item, document, ofItems));
}
function imagesIn({ map, apiVersion, kind }, document) {
    return imagePathsOf(apiVersion, kind).flatMap((path) => membersBelow(map, path.split('.'), document).map((member) => ({
        ...member,
        policyKey: pullPolicyBeside(path),
    })));
}
function textAt(map, key, document) {
    const member = membersAt(map, key, document).at(-1);
    return (member && yaml_path_textOf(resolved(member.value, document))) ?? '';
}
function edit(node, text, source) {
    const [start, end] = node.range ?? [];
    if (start === undefined || end === undefined)
        return [];
    const lineBreak = /\r?\n$/.exec(source.slice(start, end))?.[0] ?? '';
    return [
        { start, end, text: `${quoted(text, (0,dist/* isScalar */.jn)(node) ? node.type : undefined)}${lineBreak}` },
    ];
}
function quoted(text, type) {
    if (type === dist/* Scalar */.X5.QUOTE_DOUBLE)
        return `"${text}"`;
    return type === dist/* Scalar */.X5.QUOTE_SINGLE || text.startsWith('[') ? `'${text}'` : text;
}
//# sourceMappingURL=render.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/manifests.js








const EXTENSION = /\.(?:ya?ml|json)$/;
async function readManifests(items, directory) {
    const paths = new Map();
    for (const item of items) {
        for (const path of await filesOf(item, directory)) {
            const place = (0,external_node_path_.resolve)(directory, path);
            if (!paths.has(place))
                paths.set(place, path);
        }
    }
    const manifests = await Promise.all([...paths].map(async ([place, path]) => {
        const text = await readManifest(place, path);
        return { path, copy: `${copyOf(place, directory)}${missingExtension(path, text)}`, text };
    }));
    expectNoneTwice(manifests);
    return manifests;
}
function expectNoneTwice(manifests) {
    const copies = new Map();
    for (const { path, copy } of manifests) {
        const other = copies.get(copy);
        if (other !== undefined) {
            throw new errors/* ActionError */.lZ(`The input \`manifests\` names ${other} and ${path}, whose copies would both be ${copy}; bring them into the working directory under different names.`);
        }
        copies.set(copy, path);
    }
}
function manifests_rendered(manifests, names) {
    return manifests.map(({ path, copy, text: source }) => {
        const text = renderManifests(source, names, labelOf(path));
        return { copy, text, changed: text !== source };
    });
}
async function filesOf(item, directory) {
    const path = (0,files_paths/* atHome */.X6)(item);
    if ((await kindOf((0,external_node_path_.resolve)(directory, path))) !== undefined || !(0,files_paths/* isPattern */.Pt)(path)) {
        const files = await filesAt(path, directory);
        if (files.length > 0)
            return files;
        throw new errors/* ActionError */.lZ(`The input \`manifests\` names the directory ${item}, in which is no file that ends with .yaml, .yml or .json; check the path and the step that writes them.`);
    }
    const matches = await (0,files_paths/* matchesOf */.th)(path, directory);
    const taken = [];
    for (const match of matches) {
        const isDirectory = (await kindOf((0,external_node_path_.resolve)(directory, match))) === 'directory';
        if (isDirectory)
            taken.push(...(await filesAt(match, directory)));
        else if (EXTENSION.test(match))
            taken.push(match);
    }
    if (taken.length > 0)
        return taken;
    throw new errors/* ActionError */.lZ(`"${item}" of the input \`manifests\` matches no file that ends with .yaml, .yml or .json; check the pattern and the step that writes them.`);
}
async function filesAt(path, directory) {
    const place = (0,external_node_path_.resolve)(directory, path);
    if ((await kindOf(place)) !== 'directory')
        return [path];
    const entries = await (0,promises_.readdir)(place, { recursive: true, withFileTypes: true });
    return entries
        .filter((entry) => !entry.isDirectory() && EXTENSION.test(entry.name))
        .map((entry) => (0,external_node_path_.join)(path, (0,external_node_path_.relative)(place, (0,external_node_path_.join)(entry.parentPath, entry.name))))
        .sort();
}
async function kindOf(place) {
    const found = await (0,promises_.stat)(place).catch(() => undefined);
    if (found === undefined)
        return undefined;
    return found.isDirectory() ? 'directory' : 'file';
}
function copyOf(place, directory) {
    const path = (0,external_node_path_.relative)(directory, place);
    const isBelow = !(0,external_node_path_.isAbsolute)(path) && path.split('/')[0] !== '..';
    return isBelow ? path : place.slice(1);
}
function missingExtension(path, text) {
    if (EXTENSION.test(path))
        return '';
    return isJson(text) || jsonStream(text) !== undefined ? '.json' : '.yaml';
}
async function readManifest(place, path) {
    const bytes = await (0,regular_file/* readRegularFile */.X)(place).catch((cause) => {
        const why = cause?.code === 'ENOENT' ? 'is not there' : `cannot be read (${(0,errors/* sentenceOf */.$N)(cause)})`;
        throw new errors/* ActionError */.lZ(`The input \`manifests\` names ${path}, which ${why}; check the path and the step that writes it.`, { cause });
    });
    const text = manifestText(bytes, labelOf(path));
    try {
        renderManifests(text, new Map(), labelOf(path));
        if (text.includes('{{') && documentsIn(text).some(hasMappingAsKey)) {
            throw new Error('a mapping stands as a key in it');
        }
    }
    catch (cause) {
        if (!text.includes('{{'))
            throw cause;
        throw new errors/* ActionError */.lZ(`${labelOf(path)} is a template and no manifest (${(0,errors/* sentenceOf */.$N)(cause)}); render it before this step, or render it after it through the output \`post-renderer\`.`, { cause });
    }
    return text;
}
const labelOf = (path) => `The file ${path}`;
//# sourceMappingURL=manifests.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/kustomization.js

function kustomizationFor(names) {
    const entries = [...Map.groupBy(names, ([, pullable]) => pullable)].flatMap(([pullable, group]) => {
        const [newName, digest] = pullable.split('@');
        const spellings = group.map(([name]) => spellingsOf(name));
        return [
            `  - name: '(${spellings.join('|')})$'`,
            `    newName: '${newName}'`,
            `    digest: ${digest}`,
        ];
    });
    return [
        'apiVersion: kustomize.config.k8s.io/v1alpha1',
        'kind: Component',
        'images:',
        ...entries,
        '',
    ].join('\n');
}
function spellingsOf(name) {
    const { domain, path, tag, digest } = (0,images_reference/* parseReference */.F2)(name);
    const end = digest === undefined ? tagged(tag) : `(:[^@]*)?@${literal(digest)}`;
    if (domain !== 'docker.io')
        return `${literal(`${domain}/${path}`)}${end}`;
    const [, single] = /^library\/([^/]+)$/.exec(path) ?? [];
    const host = '((index\\.)?docker\\.io/)';
    const isHost = (0,images_reference/* parseReference */.F2)(path).domain !== 'docker.io';
    return single === undefined
        ? `${host}${isHost ? '' : '?'}${literal(path)}${end}`
        : `${host}?(library/)?${literal(single)}${end}`;
}
function tagged(tag) {
    return tag === 'latest' ? '(:latest)?' : `:${literal(tag ?? '')}`;
}
const literal = (text) => text.replaceAll(/[.[\]+]/g, '\\$&');
//# sourceMappingURL=kustomization.js.map
// EXTERNAL MODULE: ./out/src/rewrite/post-renderer.js
var post_renderer = __webpack_require__(2236);
;// CONCATENATED MODULE: ./out/src/rewrite/output-files.js



function fileOutputs(directory, { manifests }) {
    const at = (name) => (0,external_node_path_.join)(directory, name);
    return {
        kustomization: at('kustomization'),
        'post-renderer': at('post-renderer'),
        'helm-plugin': post_renderer/* HELM_PLUGIN_NAME */.NK,
        'helm-plugins': at('helm-plugins'),
        ...(manifests.length > 0 && { manifests: at('manifests') }),
    };
}
function outputFiles(directory, parts) {
    const outputs = fileOutputs(directory, parts);
    const names = (0,external_node_path_.join)(directory, 'names.json');
    const script = (0,post_renderer/* postRendererScript */.Tg)({ node: parts.node, entry: parts.renderer, names });
    const file = (path, text, executable = false) => ({ path, text, executable });
    const below = (output, ...rest) => (0,external_node_path_.join)(outputs[output], ...rest);
    return [
        file(names, (0,post_renderer/* namesFile */.X7)(parts.names)),
        file(below('post-renderer'), script, true),
        ...Object.entries((0,post_renderer/* helmPlugin */.sS)(script)).map(([name, text]) => file(below('helm-plugins', post_renderer/* HELM_PLUGIN_NAME */.NK, name), text, text === script)),
        file(below('kustomization', 'kustomization.yaml'), kustomizationFor(parts.names)),
        ...parts.manifests.map(({ copy, text }) => file(below('manifests', copy), text)),
    ];
}
//# sourceMappingURL=output-files.js.map
;// CONCATENATED MODULE: ./out/src/stages/publish/output-files.js








async function writeOutputFiles({ manifests: given }, images) {
    const names = injectedNames(images);
    const manifests = manifests_rendered(given, names);
    const directory = await (0,output_directory/* makeOutputDirectory */.Z)();
    const parts = { names, manifests, node: process.execPath, renderer: rendererEntry() };
    await Promise.all(outputFiles(directory, parts).map(write));
    for (const [name, value] of Object.entries(fileOutputs(directory, parts)))
        (0,runner/* setOutput */.uH)(name, value);
    (0,runner/* info */.pq)(`Post-renderer, plugin of Helm 4 and Kustomize component are in ${directory}.`);
    if (manifests.length === 0)
        return;
    const changed = manifests.filter((manifest) => manifest.changed).length;
    (0,runner/* info */.pq)(`${changed} of ${manifests.length} manifests name injected images; the copies are there, too.`);
    if (changed === 0) {
        (0,runner/* warning */.$e)('No file of the input `manifests` names an injected image; compare the names in them with the keys of the output `images`.');
    }
}
async function write({ path, text, executable }) {
    try {
        await (0,promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
        await (0,promises_.writeFile)(path, text, { flag: 'wx', mode: executable ? 0o700 : 0o600 });
    }
    catch (cause) {
        throw new errors/* ActionError */.lZ(`The file ${path} of an output cannot be written; see that its disk is writable and not full.`, { cause });
    }
}
function rendererEntry(script = process.argv[1] ?? '') {
    return (0,external_node_path_.join)((0,external_node_path_.dirname)(script), 'renderer', 'index.js');
}
//# sourceMappingURL=output-files.js.map
;// CONCATENATED MODULE: ./out/src/lib/files/records.js


class Records {
    directory;
    most;
    constructor(directory, most) {
        this.directory = directory;
        this.most = most;
    }
    async read(name) {
        try {
            return JSON.parse(await (0,promises_.readFile)(this.path(name), 'utf8'));
        }
        catch {
            return undefined;
        }
    }
    async touch(name) {
        const now = new Date();
        await (0,promises_.utimes)(this.path(name), now, now).catch(() => undefined);
    }
    async names() {
        const files = await (0,promises_.readdir)(this.directory).catch(() => []);
        return files
            .filter((file) => file.endsWith(SUFFIX))
            .map((file) => file.slice(0, -SUFFIX.length));
    }
    async write(name, document) {
        const path = this.path(name);
        const fresh = `${path}.${process.pid}`;
        try {
            await (0,promises_.mkdir)(this.directory, { recursive: true, mode: 0o700 });
            await (0,promises_.writeFile)(fresh, JSON.stringify(document));
            await (0,promises_.rename)(fresh, path);
            await this.forgetOldest();
        }
        catch {
            await (0,promises_.rm)(fresh, { force: true }).catch(() => undefined);
        }
    }
    path(name) {
        return (0,external_node_path_.join)(this.directory, `${name}${SUFFIX}`);
    }
    async forgetOldest() {
        const names = await (0,promises_.readdir)(this.directory);
        if (names.length <= this.most)
            return;
        const aged = names.map(async (name) => {
            const path = (0,external_node_path_.join)(this.directory, name);
            return { path, used: (await (0,promises_.stat)(path)).mtimeMs };
        });
        const oldest = (await Promise.all(aged)).toSorted((one, other) => one.used - other.used);
        const many = oldest.slice(0, names.length - this.most);
        await Promise.all(many.map(({ path }) => (0,promises_.rm)(path, { force: true })));
    }
}
const SUFFIX = '.json';
//# sourceMappingURL=records.js.map
;// CONCATENATED MODULE: ./out/src/proof/memory.js



class ProofMemory {
    #records;
    constructor(directory) {
        this.#records = new Records(directory, limits_run/* PROOFS_REMEMBERED_MAX */.mY);
    }
    async keep(digests, nodes) {
        const now = Date.now();
        for (const digest of digests) {
            const before = Object.entries(members(await this.#records.read(nameOf(digest))));
            const fresh = nodes.map(({ uid }) => [uid, now]);
            const proofs = Object.entries(Object.fromEntries([...before, ...fresh]))
                .filter(([, proven]) => typeof proven === 'number')
                .toSorted(([, one], [, other]) => other - one)
                .slice(0, limits_run/* PROOF_NODES_REMEMBERED_MAX */.TM);
            await this.#records.write(nameOf(digest), Object.fromEntries(proofs));
        }
    }
    async isOnAll(nodes, digest) {
        const proven = members(await this.#records.read(nameOf(digest)));
        const now = Date.now();
        return nodes.length > 0 && nodes.every((node) => has(node, digest, proven[node.uid], now));
    }
}
function nameOf(digest) {
    return digest.replace(':', '-');
}
function has({ images }, digest, proven, now) {
    if (images.some(({ names }) => names.some((name) => name.endsWith(`@${digest}`))))
        return true;
    if (typeof proven !== 'number' || proven > now)
        return false;
    return images.length >= limits_run/* NODE_TELLS_IMAGES_MAX */.mS || now - proven < limits_run/* NODE_TELLS_WITHIN_MS */.HJ;
}
//# sourceMappingURL=memory.js.map
;// CONCATENATED MODULE: ./out/src/proof/pod.js



function imagesFor({ architecture }, images) {
    return images.filter(({ platforms }) => platforms.includes(`linux/${architecture}`));
}
function nodesToProve(nodes, images) {
    return nodes.filter((node) => imagesFor(node, images).length > 0);
}
function proofPod(delivery, node, images, attempt) {
    const metadata = podMetadata(delivery, 'proof', run_run/* nameOf */.Vb.proof(delivery, node.index, attempt));
    const daemonSet = { [run_run/* DAEMONSET_LABEL */.iv]: run_run/* nameOf */.Vb.proofs(delivery, node.architecture) };
    const labels = { ...metadata.labels, ...(delivery.release !== undefined && daemonSet) };
    return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata, labels },
        spec: {
            ...podSpecOf(node, delivery),
            restartPolicy: 'Never',
            ...proofParts(delivery, node.architecture, images),
        },
    };
}
function proofParts(delivery, architecture, images) {
    const { shape = USUAL_SHAPE } = delivery;
    return {
        volumes: [injectorVolume(delivery, architecture)],
        containers: images.map((image, index) => ({
            name: containerName(index),
            image: image.pullable,
            imagePullPolicy: 'IfNotPresent',
            command: [INJECTOR, 'hold'],
            args: [],
            workingDir: '/',
            ...PROBES,
            resources: shape.proof,
            securityContext: RESTRICTED_CONTAINER,
            volumeMounts: [INJECTOR_VOLUME_MOUNT],
        })),
    };
}
function containerName(index) {
    return `image-${index}`;
}
//# sourceMappingURL=pod.js.map
;// CONCATENATED MODULE: ./out/src/stages/publish/remember.js




const CACHE = (0,external_node_path_.join)((0,files_paths/* homeDirectory */.RE)(), '.cache', 'jackal-inject');
const MEMORY = (0,external_node_path_.join)(CACHE, 'images');
const PROOFS = new ProofMemory((0,external_node_path_.join)(CACHE, 'proofs'));
async function remember(images, nodes, proofs = PROOFS) {
    for (const image of new Map(images.map((one) => [one.target.digest, one])).values()) {
        await proofs.keep([image.target.digest], nodesToProve(nodes, [image]));
    }
}
//# sourceMappingURL=remember.js.map
;// CONCATENATED MODULE: ./out/src/stages/publish/publish.js








function injectedImages({ payload }, { registry }) {
    const images = payload.served.map((one) => ({
        given: one.image.given,
        name: (0,images_reference/* familiarName */.hG)(one.image),
        pullable: pullableReference(registry, one),
        digest: one.image.target.digest,
        digestKept: one.image.digestKept,
        platforms: one.image.platforms,
        elsewhere: one.image.elsewhere ?? [],
        bytes: bytesOf(one.image),
    }));
    outputsOf(images, registry);
    return images;
}
async function publish(job, run, nodes) {
    const { laid, nodes: all, traffic } = job;
    const { registry } = run;
    const images = injectedImages(await laid, run);
    const sources = (await laid).images.images;
    setOutputs(images, registry);
    await writeOutputFiles(job, images);
    const proven = all.filter(({ name }) => nodes.includes(name));
    await remember(sources, proven);
    const travelled = traffic.travelled(sources, proven, all);
    setTraffic(travelled, images.reduce((sum, { bytes }) => sum + bytes, 0));
    return { images, nodes, travelled, sizes: sizesOf(sources) };
}
async function awaitInjectors({ injectors, signal }) {
    const saves = injectors.map(({ saved }) => saved);
    await awaitSaved(saves, signal);
}
//# sourceMappingURL=publish.js.map
;// CONCATENATED MODULE: ./out/src/stages/hand-over.js














async function handOver(job, delivery, registry) {
    if (job.plan.carrier !== 'stream') {
        return [];
    }
    return job.log.group('Hand over the catalog', async (notes) => {
        const { ways, instead } = await findWays(job, delivery, registry);
        const laid = await job.laid;
        injectedImages(laid, delivery);
        const { kept, secret, token } = delivery;
        const own = catalogText(secret, laid.payload.served, []);
        const catalog = Buffer.from(catalogWith(own, copiedCatalog(kept)));
        const taken = await byOneOf(ways, (way) => deliverCatalog({ way, token, catalog }, job.signal));
        notes.outcome = `${wordsOf(taken[0])}${instead === undefined ? '' : ` (not straight: ${instead})`}`;
        return taken;
    });
}
async function byOneOf(ways, work) {
    for (let left = ways;; left = left.slice(1)) {
        try {
            await work(left[0]);
            return left;
        }
        catch (error) {
            if (left.length < 2 || !isOfWay(error)) {
                throw error;
            }
            (0,runner/* warning */.$e)((0,errors/* sentenceOf */.$N)(error));
        }
    }
}
function wordsOf({ kind, target }) {
    return kind === 'direct' ? `straight to ${target}` : 'through the API server';
}
async function findWays(job, delivery, registry) {
    const { client, inputs, near, signal } = job;
    const only = inputs.carrier.way;
    const through = wayByApi(client, delivery.namespace, registry.name, DELIVERY_PORT);
    if (only === 'api') {
        return { ways: [through] };
    }
    if (only === undefined && !near) {
        return { ways: [through], instead: "the runner reaches no node's kubelet" };
    }
    try {
        const straight = await straightWay(job, delivery, registry);
        return { ways: only === 'direct' ? [straight] : [straight, through] };
    }
    catch (error) {
        signal.throwIfAborted();
        if (error instanceof RegistryLost)
            throw error;
        if (only === 'direct') {
            throw new StreamError('refused', `The runner reaches the registry's delivery port neither at its Pod nor at a node (${(0,errors/* sentenceOf */.$N)(error)}); set the input \`carrier\` to auto or stream:api.`, { cause: error });
        }
        return { ways: [through], instead: (0,errors/* sentenceOf */.$N)(error) };
    }
}
async function straightWay(job, delivery, registry) {
    const { client, inputs, rights, signal } = job;
    const { release, kept, token } = delivery;
    const atPods = podAddresses(await registryAddresses(client, delivery, registry, signal));
    const atNodes = nodeAddresses(job, delivery);
    const isOnly = inputs.carrier.way === 'direct' || !rights.forward;
    const patience = directPatience(release !== undefined, isOnly);
    if (release === undefined) {
        return await directWay([...atPods, ...atNodes], token, signal, patience);
    }
    if (kept?.delivery !== undefined) {
        try {
            return await directWay(atPods, token, signal);
        }
        catch (error) {
            if (!isOnly)
                throw error;
        }
        await job.laid;
    }
    await (0,service/* pointService */.AX)(client, delivery, delivery.delivery, signal);
    return await directWay([...atPods, ...atNodes], token, signal, patience);
}
function podAddresses(pods) {
    return pods.map((host) => ({ host, port: DELIVERY_PORT }));
}
function nodeAddresses({ nodes }, { deliveryPort: port }) {
    if (port === undefined)
        return [];
    const hosts = nodes.slice(0, carriers/* REACH_NODES_MAX */.lh).flatMap(({ addresses }) => addresses);
    return hosts.map((host) => ({ host, port }));
}
//# sourceMappingURL=hand-over.js.map
;// CONCATENATED MODULE: ./out/src/run/daemonset.js

function daemonSetOf(metadata, spec) {
    const { name, labels, annotations } = metadata;
    const { activeDeadlineSeconds: _, ...endless } = spec;
    return {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata,
        spec: {
            selector: { matchLabels: { [run_run/* DAEMONSET_LABEL */.iv]: name } },
            updateStrategy: { type: 'OnDelete' },
            template: {
                metadata: { labels: { ...labels, [run_run/* DAEMONSET_LABEL */.iv]: name }, annotations },
                spec: { ...endless, tolerations: [{ operator: 'Exists' }], restartPolicy: 'Always' },
            },
        },
    };
}
function termsOf({ affinity } = {}) {
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    return required?.nodeSelectorTerms ?? [];
}
function nodeOf({ spec }) {
    const fields = termsOf(spec).flatMap(({ matchFields = [] }) => matchFields);
    return spec?.nodeName ?? fields.find(({ key }) => key === 'metadata.name')?.values?.[0];
}
//# sourceMappingURL=daemonset.js.map
;// CONCATENATED MODULE: ./out/src/proof/daemonset.js







function proofDaemonSet(delivery, architecture, images) {
    return daemonSetOf(podMetadata(delivery, 'proof', run_run/* nameOf */.Vb.proofs(delivery, architecture)), {
        ...podSpecOf({}, delivery),
        ...placementFor(architecture, delivery.nodeSelector, delivery),
        ...proofParts(delivery, architecture, images),
    });
}
function sampleOf(delivery, architecture, images) {
    const { metadata, spec } = proofDaemonSet(delivery, architecture, images).spec.template;
    const name = `${run_run/* nameOf */.Vb.proofs(delivery, architecture)}-0`;
    return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, ...(spec && { spec }) };
}
class SeenDaemonSets {
    client;
    signal;
    newsAt = performance.now();
    daemonSets = new Map();
    pods = new Map();
    dropped = new Set();
    ofPods;
    ofDaemonSets;
    constructor(client, { id, namespace }, signal) {
        this.client = client;
        this.signal = signal;
        const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(id) };
        this.ofPods = { path: kube_pods/* collection */.r.pods(namespace), query };
        const ofProofs = { labelSelector: (0,run_run/* selectorOf */.Bk)(id, 'proof') };
        this.ofDaemonSets = { path: kube_pods/* collection */.r.daemonSets(namespace), query: ofProofs };
    }
    async *observePods() {
        const { client, ofPods, signal } = this;
        const { path, query } = ofPods;
        for await (const pods of (0,watch/* observe */.lB)(client, path, { query, signal })) {
            this.pods = pods;
            this.newsAt = performance.now();
            yield pods;
        }
    }
    async *observeDaemonSets() {
        const { client, ofDaemonSets, signal } = this;
        const { path, query } = ofDaemonSets;
        for await (const daemonSets of (0,watch/* observe */.lB)(client, path, { query, signal })) {
            this.daemonSets = daemonSets;
            this.newsAt = performance.now();
            yield;
        }
    }
    podsOf(daemonSet) {
        const found = new Map();
        for (const pod of this.pods.values()) {
            const { labels, deletionTimestamp, uid = '' } = pod.metadata ?? {};
            const node = nodeOf(pod);
            const isGoing = deletionTimestamp !== undefined || this.dropped.has(uid);
            if (node !== undefined && labels?.[run_run/* DAEMONSET_LABEL */.iv] === daemonSet && !isGoing) {
                found.set(node, pod);
            }
        }
        return found;
    }
    desiredOf(daemonSet) {
        const { metadata, status } = this.daemonSets.get(daemonSet) ?? {};
        const isObserved = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 1);
        return isObserved ? status?.desiredNumberScheduled : undefined;
    }
    async drop(pod) {
        const { client, signal } = this;
        const { name, uid = '' } = pod.metadata ?? {};
        const path = `${this.ofPods.path}/${name}`;
        await client.delete(path, { gracePeriodSeconds: 0, signal });
        this.dropped.add(uid);
    }
    isStill(pod) {
        const name = pod.metadata?.name ?? '';
        return (0,watch/* isObjectUpToDate */.y3)(this.client, this.ofPods.path, name, pod, this.signal);
    }
    async isSoNow(isSo) {
        const { client, signal } = this;
        const isTold = isSo() &&
            (await (0,watch/* isUpToDate */.xm)(client, this.ofPods, this.pods, signal)) &&
            (await (0,watch/* isUpToDate */.xm)(client, this.ofDaemonSets, this.daemonSets, signal));
        return isTold && isSo();
    }
}
//# sourceMappingURL=daemonset.js.map
// EXTERNAL MODULE: ./out/src/kube/exchange.js
var exchange = __webpack_require__(2146);
;// CONCATENATED MODULE: ./out/src/lib/limits/couriers.js

const COURIERS_FROM_BYTES = 32 * units/* MIB */.D6;
const COURIER_WINDOW_MIN_BYTES = 8 * units/* MIB */.D6;
const COURIER_BATCH_BYTES = 20 * units/* MIB */.D6;
const COURIER_BATCH_SHARE = 1 / 3;
const COURIER_CHUNKS_MAX = 64;
const COURIERS_MAX = 8;
const COURIER_TRIES_MAX = 4;
const LOG_SECONDS = 50;
const LOG_PATIENCE_SECONDS = 10;
const LOG_FAILURES_MAX = 3;
const PULLS_READ_SECONDS = 10;
//# sourceMappingURL=couriers.js.map
;// CONCATENATED MODULE: ./out/src/registry/log.js








async function hearRegistry(client, namespace, pod, listener, signal) {
    for (let failures = 0;;) {
        try {
            const log = await openLog(client, namespace, pod, { follow: true }, signal);
            for await (const line of (0,exchange/* linesOf */.Dx)(log, LOG_SECONDS, signal)) {
                failures = 0;
                tell(line, listener);
            }
        }
        catch (error) {
            signal.throwIfAborted();
            failures++;
            if ((0,kube_error/* isFault */.Zh)(error, 'permission', 'not-found') || failures >= LOG_FAILURES_MAX) {
                return (0,errors/* sentenceOf */.$N)(error);
            }
        }
        await (0,waiting/* rest */.zs)((0,retry/* backoff */.J)(failures + 1), signal);
    }
}
async function verifiedBy(client, namespace, pod, signal) {
    const verified = new Set();
    let isReady = false;
    const listener = {
        onVerified: (digest) => void verified.add(digest),
        onReady: () => {
            isReady = true;
        },
    };
    const isWhole = await readLog(client, namespace, pod, listener, signal);
    return isWhole && isReady ? verified : undefined;
}
async function readLog(client, namespace, pod, listener, signal, seconds) {
    let isEmptyAtFirst = false;
    try {
        const log = await openLog(client, namespace, pod, {}, signal, seconds);
        for await (const line of (0,exchange/* linesOf */.Dx)(log, seconds ?? LOG_SECONDS, signal)) {
            isEmptyAtFirst ||= /^jackal listening .* contents=(\d+) missing=\1 /.test(line);
            tell(line, listener);
        }
        return isEmptyAtFirst && log.complete;
    }
    catch {
        signal.throwIfAborted();
        return false;
    }
}
async function openLog(client, namespace, pod, how, signal, deadlineSeconds) {
    const path = `${kube_pods/* collection */.r.pods(namespace)}/${pod}/log`;
    const query = { container: REGISTRY_CONTAINER, ...how };
    const patienceSeconds = deadlineSeconds ?? LOG_PATIENCE_SECONDS;
    const bounds = { patienceSeconds, ...(deadlineSeconds && { deadlineSeconds }) };
    return await client.stream(path, { query, accept: '*/*', ...bounds, signal });
}
function tell(line, { onHeld, onPulled, onVerified, onReady }) {
    const [, event, keys = ''] = /^jackal (held|verified|ready|pull(?= kind=blob )) (.*)$/.exec(line) ?? [];
    const said = new Map(keys.split(' ').map((pair) => pair.split('=', 2)));
    const digest = said.get('digest') ?? '';
    if (event === 'held') {
        onHeld?.(digest);
    }
    else if (event === 'pull') {
        onPulled?.(digest, Number(said.get('size')), said.get('client') ?? '');
    }
    else if (event === 'verified') {
        onVerified?.(digest);
    }
    else if (event === 'ready') {
        onReady?.();
    }
}
//# sourceMappingURL=log.js.map
// EXTERNAL MODULE: ./out/src/kube/configmaps.js + 1 modules
var configmaps = __webpack_require__(1757);
;// CONCATENATED MODULE: ./out/src/lib/limits/routes.js
const RELAY_PORT_FIRST = 61_000;
const RELAY_BASES_MAX = 3;
const RELAY_ADMIT_MILLISECONDS = 5_000;
const RELAY_SETS_END_SECONDS = 20;
const ROUTE_TRIAL_SECONDS = 3;
const ROUTE_LAST_SECONDS = 20;
const ROUTE_LIKELY_SECONDS = 20;
//# sourceMappingURL=routes.js.map
// EXTERNAL MODULE: ./out/src/run/removal/collections.js
var collections = __webpack_require__(2681);
;// CONCATENATED MODULE: ./out/src/routes/relay-pod.js






const RELAY_CONTAINER = 'relay';
const PORT_IN_POD = 5000;
function relayPortFor(runId) {
    return RELAY_PORT_FIRST + (Number.parseInt(runId, 16) % (65536 - RELAY_PORT_FIRST));
}
function relayPod(delivery, base, { route, port, to }, node, attempt, set) {
    return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: relayMetadata(delivery, base.architecture, run_run/* nameOf */.Vb.relay(delivery, node, attempt)),
        spec: {
            ...podSpecOf({ name: base.node, taints: base.taints }, delivery),
            restartPolicy: 'OnFailure',
            ...relayParts(delivery, base, { route, port, to }, set),
        },
    };
}
function relayDaemonSet(delivery, base, plan, besides = [], before) {
    const { architecture } = base;
    const name = run_run/* nameOf */.Vb.relays(delivery, architecture);
    return daemonSetOf(relayMetadata(delivery, architecture, name), {
        ...podSpecOf({}, delivery),
        ...placementFor(architecture, delivery.nodeSelector, { ...delivery, besides }),
        ...relayParts(delivery, base, plan, before),
    });
}
function relayMetadata(delivery, architecture, name) {
    if (delivery.release === undefined) {
        return podMetadata(delivery, 'relay', name);
    }
    const { labels, ...metadata } = podMetadata(delivery, 'relay', name);
    const { [run_run/* DELIVERY_LABEL */.wr]: _, ...ofAll } = labels;
    const daemonSet = { [run_run/* DAEMONSET_LABEL */.iv]: run_run/* nameOf */.Vb.relays(delivery, architecture) };
    return { ...metadata, labels: { ...ofAll, ...daemonSet } };
}
function relayParts(delivery, base, { route, port, to }, set) {
    const { shape = USUAL_SHAPE } = delivery;
    const ofHost = route === 'hostnetwork';
    const listen = ofHost ? [`127.0.0.1:${port}`, `[::1]:${port}`] : [`0.0.0.0:${PORT_IN_POD}`];
    const ports = [{ containerPort: PORT_IN_POD, hostPort: port, hostIP: '127.0.0.1' }];
    return {
        ...(ofHost && { hostNetwork: true }),
        containers: [
            {
                name: RELAY_CONTAINER,
                ...injectorContainer(base, shape.proof),
                command: [
                    INJECTOR,
                    'relay',
                    ...['--to', to],
                    ...listen.flatMap((address) => ['--listen', address]),
                ],
                ...(!ofHost && { ports }),
                volumeMounts: [INJECTOR_VOLUME_MOUNT],
            },
        ],
        volumes: set?.spec?.template.spec?.volumes ?? [injectorVolume(delivery, base.architecture)],
    };
}
//# sourceMappingURL=relay-pod.js.map
;// CONCATENATED MODULE: ./out/src/routes/relay-sets.js










function hasRelays({ kept }) {
    return kept?.route !== undefined && kept.route !== 'nodeport';
}
async function relaySets(client, { id, namespace }, signal) {
    const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(id, 'relay') };
    const path = kube_pods/* collection */.r.daemonSets(namespace);
    const { items } = await client.list(path, { query, signal });
    const architectureOf = ({ spec }) => spec?.template.spec?.nodeSelector?.['kubernetes.io/arch'] ?? '';
    return new Map(items.map((set) => [architectureOf(set), set]));
}
function isForNodesOf(delivery, { spec }) {
    const besides = termsOf(spec?.template.spec);
    const terms = termsOf(placementFor('', delivery.nodeSelector, { ...delivery, besides }));
    return JSON.stringify(terms) === JSON.stringify(besides);
}
class RelaySets {
    client;
    delivery;
    plan;
    endSeconds;
    before = new Map();
    taking;
    path;
    constructor(client, delivery, plan, endSeconds = RELAY_SETS_END_SECONDS) {
        this.client = client;
        this.delivery = delivery;
        this.plan = plan;
        this.endSeconds = endSeconds;
        this.path = kube_pods/* collection */.r.daemonSets(delivery.namespace);
    }
    get areOff() {
        return this.taking !== undefined;
    }
    of(architecture) {
        return this.before.get(architecture);
    }
    takeOff(signal) {
        this.taking ??= this.orphan(signal);
        return this.taking;
    }
    async orphan(signal) {
        this.before = await relaySets(this.client, this.delivery, signal);
        const names = [...this.before.values()].flatMap(({ metadata }) => metadata?.name ?? []);
        await (0,collections/* deleteAll */.Vw)(this.client, this.path, names, { propagation: 'Orphan', signal });
        await this.settled(signal);
    }
    async settled(signal) {
        const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(this.delivery.id, 'relay') };
        const stay = (sets) => [...sets.values()].every(({ metadata }) => metadata?.deletionTimestamp === undefined);
        const late = AbortSignal.timeout(this.endSeconds * 1000);
        const either = AbortSignal.any([signal, late]);
        try {
            await (0,watch/* waitUntil */.a0)(this.client, this.path, stay, { query, metadataOnly: true, signal: either });
        }
        catch (error) {
            signal.throwIfAborted();
            throw late.aborted
                ? new errors/* ActionError */.lZ(`The cluster's garbage collector did not let go of the release's relays in the namespace "${this.delivery.namespace}" within ${this.endSeconds} s, so nodes that lack a relay get none; see that kube-controller-manager runs and that its log names no kind of objects that it cannot list, and run the step again.`, { cause: error })
                : error;
        }
    }
    async lost(architecture, signal) {
        const { delivery } = this;
        if (delivery.kept === undefined || delivery.nodeSelector === undefined)
            return [];
        const labelSelector = `${run_run/* DAEMONSET_LABEL */.iv}=${run_run/* nameOf */.Vb.relays(delivery, architecture)}`;
        const path = kube_pods/* collection */.r.pods(delivery.namespace);
        const { items } = await this.client.list(path, { query: { labelSelector }, signal });
        return namedTerms(items.flatMap((pod) => nodeOf(pod) ?? []));
    }
    async putBack(started, signal) {
        const { client, delivery } = this;
        await this.settled(signal);
        const there = await relaySets(client, delivery, signal);
        const had = [...this.before].map(([of, set]) => [of, baseOf(of, set)]);
        for (const [architecture, base] of new Map([...had, ...started])) {
            if (there.has(architecture))
                continue;
            const before = this.of(architecture);
            let besides = termsOf(before?.spec?.template.spec);
            if (before === undefined) {
                besides = await this.lost(architecture, signal);
                const injector = run_run/* nameOf */.Vb.injector(delivery, architecture);
                const ofAll = { metadata: { labels: { [run_run/* DELIVERY_LABEL */.wr]: null } } };
                await client.patch(`${(0,configmaps/* configMapsPath */.D_)(delivery.namespace)}/${injector}`, ofAll, { signal });
            }
            const set = relayDaemonSet(delivery, base, this.plan, besides, before);
            await client.create(this.path, set, { signal });
        }
    }
}
function baseOf(architecture, { spec }) {
    const containers = spec?.template.spec?.containers ?? [];
    const relay = containers.find(({ name }) => name === RELAY_CONTAINER);
    return { architecture, image: relay?.image ?? '', pulled: relay?.imagePullPolicy !== 'Never' };
}
//# sourceMappingURL=relay-sets.js.map
;// CONCATENATED MODULE: ./out/src/run/configmap.js






const CONTENT_ANNOTATION = 'jackal-inject.dev/sha256';
function configMapOf(run, role, content) {
    const { namespace, owner } = run;
    return { ...content, namespace, owner, labels: (0,run_run/* labelsFor */.dS)(run, role), immutable: true };
}
async function putConfigMap(client, spec, options = {}) {
    const sha256 = options.sha256 ?? contentHash(spec);
    const annotations = { ...spec.annotations, [CONTENT_ANNOTATION]: sha256 };
    try {
        await (0,configmaps/* createConfigMap */.Rt)(client, { ...spec, annotations }, options);
        return true;
    }
    catch (error) {
        const mayBeThere = (0,kube_error/* isFault */.Zh)(error, 'exists') || ((0,kube_error/* isFault */.Zh)(error, 'quota') && error.attempts > 1);
        const path = `${(0,configmaps/* configMapsPath */.D_)(spec.namespace)}/${spec.name}`;
        const asked = { accept: kube_client/* PARTIAL_OBJECT */.kx, signal: options.signal };
        const there = mayBeThere ? await client.find(path, asked) : undefined;
        if (there === undefined) {
            throw error;
        }
        if (there.metadata?.annotations?.[CONTENT_ANNOTATION] !== sha256) {
            throw new errors/* ActionError */.lZ(`The ConfigMap "${spec.name}" in the namespace "${spec.namespace}" is there already with other content; delete it or use another namespace.`, { cause: error });
        }
        return false;
    }
}
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
//# sourceMappingURL=configmap.js.map
;// CONCATENATED MODULE: ./out/src/run/release/record.js




const RECORD_KEY = 'record';
async function writeRecord(client, delivery, catalog, signal) {
    const parts = partsFor(Buffer.byteLength(catalog));
    const puts = catalogPieces(catalog, parts).map((piece, part) => {
        const name = run_run/* nameOf */.Vb.record(delivery, part);
        const spec = configMapOf(delivery, 'record', { name, binaryData: { [RECORD_KEY]: [piece] } });
        return putConfigMap(client, spec, { signal });
    });
    await Promise.all(puts);
}
async function readRecord(client, { id, namespace, delivery }, signal) {
    const pieces = [];
    const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(id, 'record') };
    const { items } = await client.list((0,configmaps/* configMapsPath */.D_)(namespace), { query, signal });
    const byName = new Map(items.map((item) => [item.metadata?.name, item]));
    for (let part = 0;; part++) {
        const piece = byName.get(run_run/* nameOf */.Vb.record({ id, delivery }, part))?.binaryData?.[RECORD_KEY];
        if (piece === undefined) {
            break;
        }
        pieces.push(Buffer.from(piece, 'base64'));
    }
    const text = Buffer.concat(pieces).toString();
    return text.endsWith('\nend\n') ? text : undefined;
}
//# sourceMappingURL=record.js.map
;// CONCATENATED MODULE: ./out/src/kube/way/reach.js



async function reachesAny(addresses, port, milliseconds, signal) {
    const enough = new AbortController();
    const until = AbortSignal.any([
        enough.signal,
        (0,heard_within/* heardWithin */.Y)(milliseconds),
        ...(signal ? [signal] : []),
    ]);
    try {
        await Promise.any(addresses.map((host) => reached(host, port, until)));
        return true;
    }
    catch {
        return false;
    }
    finally {
        enough.abort();
    }
}
async function untilReached(addresses, port, milliseconds, signal) {
    const until = AbortSignal.any([signal, (0,heard_within/* heardWithin */.Y)(milliseconds)]);
    const each = await Promise.all(addresses.map((host) => untilOneIsReached(host, port, until)));
    signal.throwIfAborted();
    return each.every(Boolean);
}
async function untilOneIsReached(host, port, until) {
    const enough = new AbortController();
    const ended = AbortSignal.any([enough.signal, until]);
    const attempts = [];
    while (!ended.aborted) {
        const attempt = reached(host, port, ended).then(() => enough.abort(), () => undefined);
        attempts.push(attempt);
        await (0,waiting/* rest */.zs)(AGAIN_MILLISECONDS, ended).catch(() => undefined);
    }
    await Promise.all(attempts);
    return enough.signal.aborted;
}
const AGAIN_MILLISECONDS = 25;
function reached(host, port, until) {
    return new Promise((resolve, reject) => {
        const socket = (0,external_node_net_.connect)({ host, port });
        const end = () => socket.destroy(new Error('no answer in time'));
        until.addEventListener('abort', end, { once: true });
        socket.once('connect', () => {
            resolve();
            socket.destroy();
        });
        socket.once('error', reject);
        socket.once('close', () => until.removeEventListener('abort', end));
        if (until.aborted)
            end();
    });
}
//# sourceMappingURL=reach.js.map
;// CONCATENATED MODULE: ./out/src/stages/prove/node-port.js



class SeenNodePort {
    job;
    delivery;
    open = new Set();
    looks = new Map();
    constructor(job, delivery) {
        this.job = job;
        this.delivery = delivery;
    }
    get isOpen() {
        const { length } = this.job.nodes;
        return length > 0 && this.open.size === length;
    }
    untilOpen(name) {
        const look = this.looks.get(name) ?? this.look(name);
        this.looks.set(name, look);
        return look;
    }
    async look(name) {
        const { near, nodes, signal } = this.job;
        const node = nodes.slice(0, limits_run/* NODES_AT_ONCE_MAX */.pP).find((one) => one.name === name);
        const [address] = node?.addresses ?? [];
        if (!near || address === undefined)
            return;
        const port = portOf(this.delivery);
        if (await untilReached([address], port, carriers/* ROUTE_OPEN_MILLISECONDS */.Gl, signal))
            this.open.add(name);
    }
}
function portOf({ registry }) {
    return Number(new URL(`http://${registry}`).port);
}
//# sourceMappingURL=node-port.js.map
;// CONCATENATED MODULE: ./out/src/preflight/network-policies.js





function registryPolicy(run) {
    const ofRegistry = (0,run_run/* labelsOf */.PC)(run.id, 'registry');
    const { [run_run/* ROLE_LABEL */.eg]: role, ...ofRun } = ofRegistry;
    const ports = [REGISTRY_PORT, DELIVERY_PORT].map((port) => ({ protocol: 'TCP', port }));
    return {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: {
            name: run_run/* nameOf */.Vb.networkPolicy(run.id),
            labels: (0,run_run/* labelsFor */.dS)(run, 'network-policy'),
            ownerReferences: [run.owner],
        },
        spec: {
            podSelector: {
                matchLabels: ofRun,
                matchExpressions: [{ key: run_run/* ROLE_LABEL */.eg, operator: 'In', values: [role, 'courier', 'relay'] }],
            },
            policyTypes: ['Ingress', 'Egress'],
            ingress: [{ ports }],
            egress: [{ to: [{ podSelector: { matchLabels: ofRegistry } }], ports }],
        },
    };
}
async function admitRegistry(client, run, signal) {
    const options = { signal, patienceSeconds: NETWORK_POLICY_PATIENCE_SECONDS };
    try {
        if ((await strangePolicies(client, run, signal)).length === 0) {
            return false;
        }
        await client.create(kube_pods/* collection */.r.networkPolicies(run.namespace), registryPolicy(run), options);
        return true;
    }
    catch (error) {
        signal.throwIfAborted();
        return (0,kube_error/* isFault */.Zh)(error, 'exists');
    }
}
async function strangePolicies(client, { id, namespace }, signal) {
    const { items } = await client.list(kube_pods/* collection */.r.networkPolicies(namespace), {
        query: { labelSelector: `${run_run/* RUN_LABEL */.jQ}!=${id}` },
        patienceSeconds: NETWORK_POLICY_PATIENCE_SECONDS,
        signal,
    });
    return items.flatMap(({ metadata }) => metadata?.name ?? []);
}
function looksPoliced({ registryNode, reached, unreached }) {
    return (unreached.length > 0 &&
        !unreached.includes(registryNode) &&
        reached.every((node) => node === registryNode));
}
async function networkPolicyWords(client, run, reach, signal) {
    if (!looksPoliced(reach)) {
        return undefined;
    }
    const { id, namespace } = run;
    const names = await strangePolicies(client, run, signal).catch(() => undefined);
    const ours = await client
        .get(`${kube_pods/* collection */.r.networkPolicies(namespace)}/${run_run/* nameOf */.Vb.networkPolicy(id)}`, { signal })
        .catch(() => undefined);
    if (ours !== undefined || names?.length === 0) {
        if (reach.isRefused) {
            return undefined;
        }
        return `Only its own node ${reach.registryNode} reaches the registry, and no NetworkPolicy of the namespace "${namespace}" keeps others from it; let ports ${REGISTRY_PORT} and ${DELIVERY_PORT} of that namespace's Pods in wherever else nodes are kept from Pods: in the network plugin's own policies, such as Cilium's, Calico's or an AdminNetworkPolicy, and in firewalls between nodes.`;
    }
    const which = names === undefined ? 'A NetworkPolicy' : `The NetworkPolicies ${names.join(', ')}`;
    const who = names === undefined ? 'seems to keep' : 'keep';
    return `${which} of the namespace "${namespace}" ${who} nodes from the registry, for only its own node ${reach.registryNode} reaches it; let port ${REGISTRY_PORT} of Pods with the label ${run_run/* RUN_LABEL */.jQ} in, or grant the kubeconfig's user to create NetworkPolicies there.`;
}
//# sourceMappingURL=network-policies.js.map
;// CONCATENATED MODULE: ./out/src/preflight/runtime.js
function isCrio(runtime) {
    return runtime?.startsWith('cri-o:') === true;
}
const CRIO_HTTPS_ALONE = [1, 35];
function wantsHttps(runtime) {
    const [, major, minor] = /^cri-o:\/\/(\d+)\.(\d+)\./.exec(runtime ?? '') ?? [];
    const [fromMajor, fromMinor] = CRIO_HTTPS_ALONE;
    return Number(major) > fromMajor || (Number(major) === fromMajor && Number(minor) >= fromMinor);
}
const PLAIN_HTTP_FIX = 'on the node run: printf \'[[registry]]\\nlocation = "127.0.0.1"\\ninsecure = true\\n\' > /etc/containers/registries.conf.d/127.0.0.1.conf && systemctl reload crio';
//# sourceMappingURL=runtime.js.map
;// CONCATENATED MODULE: ./out/src/preflight/dry-run.js



const TAKES_NO_DRY_RUN = /admission webhook "[^"]*" does not support dry run/;
async function tried(what, dryRun) {
    try {
        return { pod: (await dryRun) };
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, 'other') && TAKES_NO_DRY_RUN.test(error.words)) {
            (0,runner/* info */.pq)(`Whether the cluster takes ${what} is not known before: ${error.words}.`);
            return {};
        }
        if ((0,kube_error/* isFault */.Zh)(error, 'policy', 'webhook', 'quota', 'permission', 'too-large', 'other')) {
            const mendable = (0,kube_error/* isFault */.Zh)(error, 'policy', 'other');
            return { refusal: { what, words: refusalWords(error), mendable, error } };
        }
        throw error;
    }
}
const FORBIDDEN = /^\S+ "[^"]*" is forbidden: /;
function refusalWords(error) {
    const words = (0,kube_error/* isFault */.Zh)(error, 'policy', 'other') ? error.words : '';
    return bareWords(words || (0,errors/* sentenceOf */.$N)(error));
}
function bareWords(words) {
    return words
        .replace(FORBIDDEN, '')
        .replaceAll(/\s+/g, ' ')
        .replace(/[.\s]+$/, '');
}
function refusedError(namespace, refusals) {
    const byWords = Map.groupBy(refusals, ({ words }) => words);
    const said = [...byWords].map(([words, about]) => `${words} (${[...new Set(about.map(({ what }) => what))].join(', ')})`);
    const names = new Set(refusals.map(({ allow }) => allow));
    const advice = names.has(undefined)
        ? 'change the policy'
        : `let the policy allow ${[...names].join(' and ')},`;
    return new errors/* ActionError */.lZ(`${said.join('; ')}: so the cluster refuses what this run would create in the namespace "${namespace}"; ${advice} or use another namespace.`, { cause: (refusals.find(({ error }) => !(0,kube_error/* isFault */.Zh)(error, 'quota')) ?? refusals[0])?.error });
}
//# sourceMappingURL=dry-run.js.map
;// CONCATENATED MODULE: ./out/src/registry/service.js







function servicePath({ id, namespace }) {
    return `${kube_pods/* collection */.r.services(namespace)}/${run_run/* nameOf */.Vb.service(id)}`;
}
function registryService(run, { carrier, type = 'NodePort', leadsLater = false }, owner) {
    const { id, release } = run;
    const ports = [service_portOf('registry', REGISTRY_PORT)];
    if (carrier === 'stream' || release !== undefined) {
        ports.push(service_portOf('delivery', DELIVERY_PORT));
    }
    return {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
            name: run_run/* nameOf */.Vb.service(id),
            labels: (0,run_run/* labelsFor */.dS)(run, 'service'),
            ...(owner && { ownerReferences: [owner] }),
        },
        spec: {
            type,
            ...(!leadsLater && { selector: (0,run_run/* labelsOf */.PC)(id, 'registry') }),
            publishNotReadyAddresses: true,
            ipFamilyPolicy: 'PreferDualStack',
            ports,
        },
    };
}
const service_portOf = (name, port) => ({ name, port, targetPort: port });
async function rehearseService(client, run, { carrier, shapes }, signal) {
    const refusals = new Map();
    for (const shape of shapes) {
        const service = registryService(run, { carrier, ...shape });
        const path = kube_pods/* collection */.r.services(run.namespace);
        const create = client.create(path, service, { query: { dryRun: 'All' }, signal });
        const { refusal } = await tried(`the Service of type ${shape.type}`, create);
        if (refusal === undefined) {
            return shape;
        }
        refusals.set(shape.type, refusal);
    }
    throw refusedError(run.namespace, [...refusals.values()]);
}
async function openService(client, run, plan, owner, signal) {
    const service = registryService(run, plan, owner);
    const created = await client.create(kube_pods/* collection */.r.services(run.namespace), service, {
        signal,
    });
    const { registry, delivery } = portsOf(created);
    if (plan.type !== 'ClusterIP' && registry === undefined) {
        throw new errors/* ActionError */.lZ('The cluster gave the registry Service no node port; set the input `route` to hostport or hostnetwork.');
    }
    return { registry, delivery };
}
async function openAdmitted(client, run, shape, { carrier, shapes }, signal) {
    const opened = async (one) => ({
        shape: one,
        ports: await openService(client, run, { carrier, ...one }, run.owner, signal),
    });
    try {
        return await opened(shape);
    }
    catch (error) {
        const other = shapes.find(({ type }) => type !== 'NodePort');
        if (!(0,kube_error/* isFault */.Zh)(error, 'no-port') || other === undefined) {
            throw error;
        }
        (0,runner/* info */.pq)('The cluster has no node port left, so its nodes come to the registry by relays.');
        return await opened(other);
    }
}
async function leadService(client, run, signal) {
    const selector = (0,run_run/* labelsOf */.PC)(run.id, 'registry');
    await client.patch(servicePath(run), { spec: { selector } }, { signal });
}
function portsOf({ spec }) {
    const [registry, delivery] = (spec?.ports ?? []).map(({ nodePort }) => nodePort);
    return { registry, delivery };
}
async function findService(client, run, offer, signal) {
    const there = await client.find(servicePath(run), { signal });
    if (there !== undefined) {
        return { shape: { type: there.spec?.type }, ports: portsOf(there) };
    }
    const shape = await rehearseService(client, run, offer, signal);
    return await openAdmitted(client, run, shape, offer, signal);
}
async function serviceAddress(client, run, signal) {
    return (await client.get(servicePath(run), { signal })).spec?.clusterIP ?? '';
}
//# sourceMappingURL=service.js.map
// EXTERNAL MODULE: ./out/src/lib/limits/kube.js
var kube = __webpack_require__(773);
// EXTERNAL MODULE: ./out/src/kube/fault.js
var fault = __webpack_require__(3359);
;// CONCATENATED MODULE: ./out/src/kube/quota.js







class QuotaExceeded extends errors/* ActionError */.lZ {
    name = 'QuotaExceeded';
}
function isOfQuota(error) {
    const isTold = error instanceof errors/* ActionError */.lZ && (0,kube_error/* isFault */.Zh)(error.cause, 'quota');
    return isTold || error instanceof QuotaExceeded || (0,kube_error/* isFault */.Zh)(error, 'quota');
}
function patienceWith(error, seconds) {
    const words = error instanceof Error ? error.message : '';
    return (0,fault/* isUncounted */.Eh)(words) ? Math.max(seconds, kube/* QUOTA_PATIENCE_SECONDS */.Bo) : seconds;
}
async function despiteQuota(create, { makesRoom = () => false, seconds = kube/* QUOTA_PATIENCE_SECONDS */.Bo, signal }) {
    let since;
    for (let attempts = 1;; attempts++) {
        try {
            return await create();
        }
        catch (error) {
            const now = performance.now();
            since = makesRoom() ? undefined : (since ?? now);
            const patience = patienceWith(error, seconds) * 1000;
            if (!isOfQuota(error) || (since !== undefined && now >= since + patience)) {
                throw error;
            }
        }
        await (0,waiting/* rest */.zs)((0,retry/* backoff */.J)(Math.min(attempts, 3)), signal);
    }
}
async function createOwnPod(client, namespace, pod, signal, comesAfterOthers) {
    const patience = { signal, ...(!comesAfterOthers && { seconds: 0 }) };
    await despiteQuota(() => (0,kube_pods/* createPod */.o)(client, namespace, pod, { signal }), patience);
}
//# sourceMappingURL=quota.js.map
// EXTERNAL MODULE: ./out/src/run/namespace.js + 2 modules
var run_namespace = __webpack_require__(234);
;// CONCATENATED MODULE: ./out/src/routes/route.js

class RouteFailure extends errors/* ActionError */.lZ {
    name = 'RouteFailure';
}
class RelayRefused extends RouteFailure {
}
class RelayNotStarted extends RouteFailure {
    words;
    constructor(message, words) {
        super(message);
        this.words = words;
    }
}
const ROUTE_WORDS = {
    nodeport: "the Service's NodePort",
    hostport: 'a relay on each node that has a hostPort on 127.0.0.1',
    hostnetwork: "a relay on each node that listens on the node's own 127.0.0.1",
};
const WITHOUT_LOOPBACK = new Set(['nftables', 'ipvs']);
function routesFor(wish, { proxyMode, hasNodePort, nodesUnlisted, hasCrio }) {
    if (nodesUnlisted === true) {
        return withoutRelays(wish, hasNodePort);
    }
    if (wish !== 'auto') {
        return { routes: [wish], reason: 'as the input `route` says' };
    }
    const relays = hasCrio === true ? ['hostnetwork', 'hostport'] : ['hostport', 'hostnetwork'];
    if (!hasNodePort) {
        return { routes: relays, reason: 'the cluster takes no Service of type NodePort' };
    }
    if (proxyMode !== undefined && WITHOUT_LOOPBACK.has(proxyMode)) {
        const reason = `kube-proxy in ${proxyMode} mode opens NodePorts on other addresses alone`;
        return { routes: [...relays, 'nodeport'], reason };
    }
    const isTrial = proxyMode !== 'iptables';
    return { routes: ['nodeport', ...relays], reason: 'it needs no further Pods', isTrial };
}
function withoutRelays(wish, hasNodePort) {
    const reason = "the kubeconfig's user may not list nodes, which relays need";
    if (hasNodePort && (wish === 'auto' || wish === 'nodeport')) {
        return { routes: ['nodeport'], reason };
    }
    const cause = wish === 'auto' || wish === 'nodeport'
        ? 'the cluster takes no Service of type NodePort'
        : `the input \`route\` is ${wish}`;
    throw new errors/* ActionError */.lZ(`The images need relays on the nodes, since ${cause}, and the kubeconfig's user may not list nodes, which relays need; have that right granted${cause.startsWith('the input') ? ', or set the input to auto' : ''}.`);
}
class Routes {
    order;
    relayed = new Map();
    index = 0;
    failures = [];
    routes;
    constructor(order) {
        this.order = order;
        this.routes = [...order.routes];
    }
    get now() {
        return this.routes[this.index];
    }
    get tried() {
        return this.index;
    }
    get isLast() {
        return this.index === this.routes.length - 1;
    }
    next(failure) {
        if (this.isLast && this.order.isTrial === true && this.tried > 0) {
            const [, ...ofRelays] = [...this.failures, failure];
            const isRefused = ofRelays.every((one) => one instanceof RelayRefused);
            if (isRefused)
                this.routes.push(this.order.routes[0]);
        }
        if (this.isLast) {
            throw this.failures.length === 0 ? failure : this.allFailed(failure);
        }
        this.failures.push(failure);
        this.index++;
    }
    allFailed(last) {
        const before = this.failures.flatMap(({ message }, index) => {
            const route = this.routes[index];
            return route === this.now ? [] : `${route}: ${message.replace(/\.$/, '')}`;
        });
        return new errors/* ActionError */.lZ(`No route brings the nodes to the registry. ${this.now}: ${last.message} Before: ${before.join('; ')}.`, { cause: last });
    }
}
//# sourceMappingURL=route.js.map
;// CONCATENATED MODULE: ./out/src/routes/watched-relays.js










function watched_relays_runs(pod) {
    const stays = pod.metadata?.deletionTimestamp === undefined;
    return stays && startStateOf(pod, RELAY_CONTAINER) === 'running';
}
class WatchedRelays {
    client;
    delivery;
    signal;
    startSeconds;
    pods = new watch/* ObservedEver */.nD();
    path;
    query;
    watching;
    looked;
    constructor(client, delivery, signal, startSeconds) {
        this.client = client;
        this.delivery = delivery;
        this.signal = signal;
        this.startSeconds = startSeconds;
        this.path = kube_pods/* collection */.r.pods(delivery.namespace);
        this.query = { labelSelector: (0,run_run/* selectorOf */.Bk)(delivery.id, 'relay') };
    }
    begin() {
        if (this.watching !== undefined)
            return;
        const { client, query, signal } = this;
        this.watching = this.pods.follow(client, this.path, { query, signal });
        this.watching.catch(() => undefined);
        this.looked = Promise.race([this.pods.newsBefore(undefined, signal), this.watching]);
        this.looked.catch(() => undefined);
    }
    async look() {
        this.begin();
        await (0,waiting/* unlessAborted */.Wh)(this.looked, this.signal);
    }
    async end() {
        await Promise.allSettled([this.watching]);
    }
    async now(fieldSelector) {
        const { client, signal } = this;
        const query = { ...this.query, fieldSelector };
        const { items } = await client.list(this.path, { query, signal });
        return new Map(items.map((pod) => [pod.metadata?.name ?? '', pod]));
    }
    async nowOn(node) {
        await this.look();
        for (;;) {
            const pods = [...(await this.now(`spec.nodeName=${node}`)).values()];
            if (pods.some(watched_relays_runs) || !this.runsOn(node))
                return pods;
            await Promise.race([this.pods.newsBefore(undefined, this.signal), this.watching]);
        }
    }
    on(node, others = new Map()) {
        return [...new Map([...others, ...this.pods.objects]).values()].filter((pod) => nodeOf(pod) === node && pod.metadata?.deletionTimestamp === undefined);
    }
    runsOn(node) {
        return this.on(node).some(watched_relays_runs);
    }
    async faultOf(node, made) {
        const { name = '', pulled = true } = made ?? {};
        const seconds = this.startSeconds ?? (pulled ? limits_run/* POD_STARTS_LATE_SECONDS */.lR : limits_run/* POD_STARTS_SECONDS */.ir);
        let due;
        let wasTaken = false;
        for (let isKnown = made === undefined;;) {
            const pod = this.pods.objects.get(name);
            if (!isKnown && (pod !== undefined || this.pods.hasMet(name))) {
                isKnown = true;
                due = undefined;
            }
            const relays = this.on(node);
            const states = relays.map((one) => startStateOf(one, RELAY_CONTAINER));
            if (states.includes('running')) {
                return undefined;
            }
            const state = startStateOf(pod, RELAY_CONTAINER);
            if (isKnown && typeof state === 'object' && !states.includes('starting')) {
                return state.fault;
            }
            const own = relays.filter(({ metadata }) => metadata?.name === name);
            const awaited = isKnown && own.length === 0 ? relays : own;
            const taken = awaited.find(isTaken);
            const late = taken ?? awaited[0] ?? pod;
            if (due === undefined || (taken !== undefined && !wasTaken)) {
                due = performance.now() + seconds * 1000;
                wasTaken = taken !== undefined;
            }
            if (performance.now() >= due) {
                const isTold = await this.isTold(late?.metadata?.name ?? name, late);
                if (isTold && late !== undefined)
                    return await this.notStarted(late, seconds);
                isKnown ||= isTold;
                due = undefined;
                wasTaken = false;
                continue;
            }
            await Promise.race([this.pods.newsBefore(due, this.signal), this.watching]);
        }
    }
    isTold(name, pod) {
        return (0,watch/* isObjectUpToDate */.y3)(this.client, this.path, name, pod, this.signal);
    }
    notStarted({ metadata }, seconds) {
        const { namespace } = this.delivery;
        return notStarted(this.client, namespace, metadata?.name ?? '', seconds, this.signal);
    }
}
//# sourceMappingURL=watched-relays.js.map
;// CONCATENATED MODULE: ./out/src/routes/relays.js
















const OLD_LABELS = /violates PodSecurity/;
class Relays {
    client;
    delivery;
    plan;
    bases;
    admitMilliseconds;
    slots = new lib_slots/* Slots */.WR(limits_run/* POD_WRITES_MAX */.Wk);
    stop = new AbortController();
    signal;
    openings = new Map();
    pods;
    sets;
    started = new Map();
    left;
    admitted;
    unlabelled;
    count = 0;
    constructor(client, delivery, plan, bases, signal, startSeconds, admitMilliseconds = RELAY_ADMIT_MILLISECONDS) {
        this.client = client;
        this.delivery = delivery;
        this.plan = plan;
        this.bases = bases;
        this.admitMilliseconds = admitMilliseconds;
        this.signal = AbortSignal.any([signal, this.stop.signal]);
        this.sets = new RelaySets(client, delivery, plan);
        this.pods = new WatchedRelays(client, delivery, this.signal, startSeconds);
    }
    async open(node, signal) {
        const before = this.openings.get(node.name);
        const opening = before?.isOver === false ? before : this.begun(node, before !== undefined);
        await (0,waiting/* unlessAborted */.Wh)(opening.opened, signal);
    }
    begun(node, isAgain) {
        const opening = { opened: isAgain ? this.startAgain(node) : this.start(node), isOver: false };
        const end = () => {
            opening.isOver = true;
        };
        opening.opened.then(end, end);
        this.openings.set(node.name, opening);
        return opening;
    }
    async end() {
        this.stop.abort();
        const started = [...this.openings.values()].map(({ opened }) => opened);
        await Promise.allSettled([...started, this.pods.end()]);
        if (this.sets.areOff) {
            const signal = AbortSignal.timeout(limits_run/* REMOVE_PHASE_SECONDS */.re * 1000);
            await this.sets.putBack(this.started, signal);
        }
    }
    async isOpen({ name }) {
        await this.pods.look();
        if ((await this.pods.faultOf(name)) === undefined) {
            return true;
        }
        this.left ??= this.takeOff();
        const left = await this.left;
        if (this.pods.runsOn(name)) {
            return true;
        }
        await this.deleteAll(this.pods.on(name, left));
        return false;
    }
    async takeOff() {
        await this.sets.takeOff(this.signal);
        return await this.pods.now();
    }
    async startAgain(node) {
        const there = await this.pods.nowOn(node.name);
        if (there.some(watched_relays_runs))
            return;
        if (!hasRelays(this.delivery))
            await this.deleteAll(there);
        await this.start(node, true);
    }
    async start(node, isAgain = false) {
        if (hasRelays(this.delivery) && (await this.isOpen(node))) {
            return;
        }
        await this.begin();
        const index = this.count++;
        const comesAfterOthers = isAgain || this.plan.comesAfterOthers === true;
        const found = await this.slots.run(() => this.bases.on(node));
        const bases = found.slice(0, RELAY_BASES_MAX);
        const failures = [];
        for (const [attempt, base] of bases.entries()) {
            const name = run_run/* nameOf */.Vb.relay(this.delivery, index, attempt);
            await this.slots.run(() => {
                const set = this.sets.of(base.architecture);
                const pod = relayPod(this.delivery, base, this.plan, index, attempt, set);
                return this.create(pod, comesAfterOthers || attempt > 0);
            });
            const fault = await this.pods.faultOf(node.name, { name, pulled: base.pulled });
            if (fault === undefined) {
                this.started.set(base.architecture, base);
                return;
            }
            failures.push({ image: base.image, words: fault });
            await this.delete(name);
            const fatal = fatalIn(fault);
            const mayBeOurs = fatal?.code === 'address-in-use' && comesAfterOthers;
            if (fatal !== undefined && !(mayBeOurs && attempt + 1 < bases.length)) {
                throw new RouteFailure(this.endOf(node.name, fatal));
            }
        }
        if (bases.length === 0) {
            throw new RouteFailure(`Node ${node.name} is not known to have an image that a relay could start from; ${baseAdvice(bases)}.`);
        }
        const said = [...new Set(failures.map(({ image, words }) => `${image}: ${words}`))].join('; ');
        throw new RelayNotStarted(`No relay starts on node ${node.name} (${said}); ${baseAdvice(bases)}.`, failures.at(-1)?.words ?? '');
    }
    endOf(node, { code, words }) {
        const isRelease = this.delivery.release !== undefined;
        if (code === 'address-in-use') {
            const advice = isRelease
                ? 'end what listens there, since a release keeps its port, and run the step again'
                : 'run the step again, which takes another port';
            return `The relay on node ${node} ended: ${words.split(';')[0]}; ${advice}.`;
        }
        const advice = isRelease ? '' : ', or set the input `route` to another one';
        return `The relay on node ${node} ended: ${words.replace(/\.$/, '')}; look at that node${advice}.`;
    }
    begin() {
        this.pods.begin();
        this.admitted ??= this.admit();
        return this.admitted;
    }
    async admit() {
        try {
            await (0,run_namespace/* admitHostPods */.I$)(this.client, this.delivery, this.signal);
        }
        catch (error) {
            if (!(0,kube_error/* isFault */.Zh)(error, 'permission', 'policy', 'webhook'))
                throw error;
            this.unlabelled = new RelayRefused(`Relays need a namespace that Pod Security lets have host ports, and the kubeconfig's user may not label it so: ${(0,errors/* sentenceOf */.$N)(error)}`, { cause: error });
        }
    }
    async create(pod, comesAfterOthers) {
        const { client, delivery, signal } = this;
        let until;
        for (let tries = 1;; tries++) {
            try {
                return await createOwnPod(client, delivery.namespace, pod, signal, comesAfterOthers);
            }
            catch (error) {
                if (!(0,kube_error/* isFault */.Zh)(error, 'permission', 'policy', 'webhook', 'quota'))
                    throw error;
                until ??= performance.now() + ((0,run_run/* ownsNamespace */.$I)(delivery) ? this.admitMilliseconds : 0);
                const isOld = OLD_LABELS.test((0,errors/* sentenceOf */.$N)(error));
                if (isOld && this.unlabelled !== undefined)
                    throw this.unlabelled;
                if (!isOld || performance.now() >= until) {
                    const words = `The cluster refuses the relay's Pod: ${(0,errors/* sentenceOf */.$N)(error)}`;
                    throw new RelayRefused(words, { cause: error });
                }
            }
            await (0,waiting/* rest */.zs)((0,retry/* backoff */.J)(tries), signal);
        }
    }
    async deleteAll(pods) {
        const names = pods.flatMap(({ metadata }) => metadata?.name ?? []);
        await Promise.all(names.map((name) => this.slots.run(() => this.delete(name))));
    }
    async delete(name) {
        const path = `${kube_pods/* collection */.r.pods(this.delivery.namespace)}/${name}`;
        await this.client.delete(path, {
            gracePeriodSeconds: 0,
            signal: this.signal,
        });
    }
}
//# sourceMappingURL=relays.js.map
;// CONCATENATED MODULE: ./out/src/stages/prove/routes.js















const ATTEMPTS_PER_ROUTE = 1000;
async function chooseRoutes({ inputs, nodes, nodesUnlisted, proxyMode }, run) {
    const { kept } = run;
    if (kept?.route !== undefined) {
        const route = kept.route;
        if (inputs.route === 'auto' || inputs.route === route) {
            (0,runner/* info */.pq)(`Nodes come to the registry by ${ROUTE_WORDS[route]}: the release has come so far by it.`);
        }
        else {
            (0,runner/* warning */.$e)(`The input \`route\` is ${inputs.route}, but nodes come to the registry by ${ROUTE_WORDS[route]}, since the release "${run.release}" has come so far by it; to have another route, delete the release (\`command: delete\`) and run the step again.`);
        }
        return new Routes({ routes: [route], reason: '' });
    }
    const order = routesFor(inputs.route, {
        proxyMode: await proxyMode,
        hasNodePort: run.relaysOnly !== true,
        nodesUnlisted,
        hasCrio: nodes.some(({ runtime }) => isCrio(runtime)),
    });
    (0,runner/* info */.pq)(`Nodes come to the registry by ${ROUTE_WORDS[order.routes[0]]}: ${order.reason}.`);
    return new Routes(order);
}
async function overRoutes(job, delivery, { routes, registry, proven }, proof) {
    for (;;) {
        await admitRegistry(job.client, delivery, job.signal);
        const relays = await relaysFor(job, delivery, routes, registry);
        const relayed = relays && relayProven(relays, delivery, { routes, proven }, job.signal);
        let failure;
        try {
            const result = await proof(await routedBy(job, delivery, routes, relays));
            await relayed;
            return result;
        }
        catch (error) {
            failure = error;
            if (!(error instanceof RouteFailure)) {
                throw error;
            }
            routes.next(error);
            (0,runner/* info */.pq)(`${(0,errors/* sentenceOf */.$N)(error)} Now they come by ${ROUTE_WORDS[routes.now]}.`);
        }
        finally {
            await relays?.end().catch((error) => {
                if (failure === undefined)
                    throw error;
                (0,runner/* info */.pq)((0,errors/* sentenceOf */.$N)(error));
            });
        }
        const { client, signal } = job;
        await (0,remove/* removeRole */.Tj)(client, delivery, 'relay', [], signal);
        await (0,remove/* removeRole */.Tj)(client, delivery, 'proof', [...proven.values()], signal);
    }
}
async function relayProven(relays, { release }, { routes, proven }, signal) {
    const nodes = [...routes.relayed.values()].filter(({ name }) => proven.has(name));
    const opens = (release === undefined ? nodes : []).map(async (node) => {
        try {
            await relays.open(node, signal);
        }
        catch (error) {
            if (!(error instanceof errors/* ActionError */.lZ))
                return;
            (0,runner/* warning */.$e)(`The node ${node.name} has the images and no relay any more, so that it pulls none of them again: ${(0,errors/* sentenceOf */.$N)(error)}`);
        }
    });
    await Promise.all(opens);
}
async function relaysFor({ client, candidates, nodesUnlisted, signal }, delivery, { now: route, tried }, registry) {
    if (route === 'nodeport' || (nodesUnlisted && hasRelays(delivery))) {
        return undefined;
    }
    const to = await relayedTo(client, delivery, registry, signal);
    const comesAfterOthers = (0,run_run/* hasHadPods */.em)(delivery) || tried > 0;
    const plan = { route, port: portOf(delivery), to, comesAfterOthers };
    return new Relays(client, delivery, plan, candidates, signal);
}
async function relayedTo(client, delivery, registry, signal) {
    const address = delivery.release === undefined
        ? (await registryAddresses(client, delivery, registry, signal))[0]
        : await serviceAddress(client, delivery, signal);
    return (0,host_port/* hostAndPort */.P)(address ?? '', REGISTRY_PORT);
}
async function routedBy(job, delivery, routes, relays) {
    const isLikely = routes.now === 'nodeport' && (await job.proxyMode) === 'iptables';
    const usual = isLikely ? ROUTE_LIKELY_SECONDS : ROUTE_TRIAL_SECONDS;
    const nodePort = new SeenNodePort(job, delivery);
    const trialSeconds = () => (routes.isLast ? ROUTE_LAST_SECONDS : nodePort.isOpen ? 0 : usual);
    return {
        open: openerOf(delivery, routes, relays, nodePort),
        opensItself: relays === undefined,
        missing: missingOn(routes.now, job, delivery),
        attemptsBefore: routes.tried * ATTEMPTS_PER_ROUTE,
        trialSeconds,
        isLastRoute: routes.isLast,
    };
}
const NO_LOOPBACK = "this route needs Services of type NodePort on the nodes' own 127.0.0.1, which kube-proxy has in iptables mode and Cilium in its place";
const NO_RELAYS = "relays, which do without, need the kubeconfig's user to list nodes: have that right granted";
function openerOf(delivery, { relayed }, relays, nodePort) {
    if (relays !== undefined) {
        return async (node, signal) => {
            await relays.open(node, signal);
            relayed.set(node.name, node);
        };
    }
    return hasRelays(delivery) ? async () => undefined : ({ name }) => nodePort.untilOpen(name);
}
function missingOn(route, { inputs, nodesUnlisted }, { kept }) {
    if (kept?.route !== undefined) {
        return `${NEEDS[route]}; the release has come so far by this route: bring back what it needs, or delete the release (\`command: delete\`) and run the step again`;
    }
    if (nodesUnlisted) {
        return `${NO_LOOPBACK}; ${NO_RELAYS}`;
    }
    const instead = inputs.route === 'auto' ? [] : INSTEAD[route];
    return [NEEDS[route], ...instead].join('; set the input `route` to ');
}
const NEEDS = {
    nodeport: NO_LOOPBACK,
    hostport: 'this route needs a network plugin that has hostPorts on 127.0.0.1, such as the CNI plugin portmap',
    hostnetwork: "see that Pods in the host's network come to Pods of other nodes",
};
const INSTEAD = {
    nodeport: ['auto or hostport'],
    hostport: ['auto or hostnetwork'],
    hostnetwork: [],
};
//# sourceMappingURL=routes.js.map
;// CONCATENATED MODULE: ./out/src/stages/rehearse/delivery.js





function placesToProve({ injectors, nodes, nodesUnlisted }, images) {
    const places = injectors.map(({ architecture }) => ({ name: architecture, architecture }));
    return nodesToProve(nodesUnlisted ? places : nodes, images);
}
function deliveryOf({ inputs, nodesUnlisted, notOn, plan, storageClass, unfitToo }, run, attempt) {
    const { carrier } = plan;
    const { firstDelivery = 0, kept } = run;
    const before = partsFor(bytesWith(copiedCatalog(kept) ?? ''));
    return {
        ...{ ...run, delivery: firstDelivery + attempt, carrier, nodesUnlisted, notOn },
        unfitToo,
        nodeSelector: inputs.nodes,
        catalogParts: plan.catalogParts + (plan.catalogParts > 0 ? before : 0),
        hasClaim: run.release !== undefined && storageClass !== undefined && carrier !== 'configmap',
    };
}
function storeBytesOf({ plan }, { kept }) {
    const before = [...contentsIn(copiedCatalog(kept) ?? '').values()];
    return before.reduce((sum, size) => sum + size, plan.storeBytes);
}
function diskBytesOf(job, run) {
    const { hasClaim } = deliveryOf(job, run, 0);
    return job.plan.chunkBytes + (hasClaim ? 0 : storeSize(storeBytesOf(job, run)));
}
//# sourceMappingURL=delivery.js.map
;// CONCATENATED MODULE: ./out/src/stages/keep.js

























async function takeOver({ client, signal }, delivery) {
    if (delivery.release !== undefined) {
        await (0,service/* pointService */.AX)(client, delivery, delivery.delivery, signal);
    }
    return performance.now();
}
async function withdraw({ client }, run) {
    const signal = AbortSignal.timeout(limits_run/* CLEANUP_TIMEOUT_SECONDS */.Hr * 1000);
    const { kept } = (await (0,lease.leasedRun)(client, run, signal)) ?? {};
    const selector = (0,run_run/* knownDeliveries */.e2)({ ...run, kept: undefined }, kept);
    await (0,remove/* clearDeliveries */.uV)(client, { ...run, selector }, signal);
}
async function leave({ client, signal }, run) {
    if (run.release !== undefined) {
        await (0,release_lease.leaveRelease)(client, run, signal);
    }
}
async function keep(job, delivery, keeping) {
    const { client, inputs, log, signal } = job;
    if (delivery.release !== undefined) {
        return await log.group('Keep the release', async (notes) => {
            const held = await keepRelease(job, delivery, keeping);
            notes.outcome = held;
            return held;
        });
    }
    if (inputs.keep === 'none') {
        await (0,remove/* removeProofs */.mX)(client, delivery, signal);
    }
    return undefined;
}
async function keepRelease(job, delivery, keeping) {
    const { client, signal } = job;
    const laid = await job.laid;
    const own = catalogText(delivery.secret, laid.payload.served, []);
    const images = injectedImages(laid, delivery);
    const replaced = replacedBy(own, delivery.kept?.record);
    await (0,lease/* expectHeld */.rg)(client, delivery, signal);
    const [uncopied] = await (0,lib_slots/* settled */.gu)([
        tellUncopied(job, delivery, keeping.registry, replaced),
        writeRecord(client, delivery, own, signal),
        keepRegistry(job, delivery, keeping),
        keepProofs(job, delivery, images),
        keepRelays(job, delivery, keeping),
        (0,service/* settleService */.ti)(client, delivery, delivery.delivery, signal, limits_run/* READY_PATIENCE_SECONDS */.ED),
    ]);
    const inUse = { delivery: delivery.delivery, route: keeping.route };
    await (0,release_lease/* putInUse */.UF)(client, delivery, inUse, signal);
    if (delivery.kept?.delivery !== undefined) {
        await (0,waiting/* rest */.zs)(keeping.since + limits_run/* SERVICE_CHANGE_SECONDS */.bs * 1000 - performance.now(), signal);
    }
    const selector = (0,run_run/* knownDeliveries */.e2)(delivery, delivery.delivery);
    await (0,remove/* clearDeliveries */.uV)(client, { ...delivery, selector }, signal);
    if (delivery.kept?.delivery !== undefined) {
        await (0,remove/* removeTokenOf */.fs)(client, delivery, delivery.kept.delivery, signal);
    }
    const besides = sum(replaced.contents.values()) - uncopied;
    const held = `${delivery.release} holds ${counted(images.length, 'image')} with ${inMegabytes(sum(contentsIn(own).values()))}`;
    return besides === 0
        ? held
        : `${held}, and ${inMegabytes(besides)} of those that it replaces, until the next step`;
}
const sum = (sizes) => [...sizes].reduce((all, size) => all + size, 0);
async function tellUncopied({ client, rights, signal }, { kept, namespace, release }, { name }, { contents, names }) {
    const isAway = kept?.address === undefined;
    const asked = contents.size > 0 && rights.hear && !isAway;
    const copied = asked ? await verifiedBy(client, namespace, name, signal) : undefined;
    const lost = [...contents].filter(([digest]) => isAway || copied?.has(digest) === false);
    const bytes = sum(lost.map(([, size]) => size));
    if (bytes > 0) {
        const of = names.length > 0 ? ` (${enumerated(names, limits_run/* NODES_NAMED_MAX */.zd)})` : '';
        (0,runner/* warning */.$e)(`The registry of the release "${release}" could not copy ${inMegabytes(bytes)} of the images that this step replaces${of} from the one that had them${isAway ? ', which does not run' : ''}: what still runs of these cannot start on nodes that lack them, so roll out now.`);
    }
    return bytes;
}
async function keepRegistry(job, delivery, { registry, uploaded }) {
    const { client, plan, signal } = job;
    if (delivery.hasClaim !== true && plan.carrier !== 'configmap') {
        (0,runner/* warning */.$e)(`What the release "${delivery.release}" holds ends with the node ${registry.base.node}, since it is on no volume, for want of a default StorageClass or of the right to use it, and not in ConfigMaps, as far as \`carrier\` and \`configmap-budget\` go: nodes keep what they have, and those that come then get nothing until the next step with this release.`);
        return;
    }
    const places = placesToComeAgain(job, registry.base, delivery.hasClaim === true);
    const lasting = {
        base: registry.base,
        ...places,
        chunks: uploaded.paths,
        storeBytes: storeBytesOf(job, delivery),
    };
    const replicaSet = registryReplicaSet(delivery, lasting);
    await client.create(kube_pods/* collection */.r.replicaSets(delivery.namespace), replicaSet, { signal });
    const where = delivery.hasClaim ? 'a PersistentVolumeClaim' : 'ConfigMaps';
    (0,runner/* info */.pq)(`What the registry holds is in ${where}, so it outlives the registry's Pod.`);
    const { nodes } = places;
    if (nodes !== undefined && job.nodes.length !== 1) {
        (0,runner/* info */.pq)(`A lost registry comes again on ${enumerated(nodes, limits_run/* NODES_NAMED_MAX */.zd)} alone, where the image is that it starts from, and on none of the nodes that come in their place; set the input \`injector-image\` to one that all nodes can pull to have it come on any.`);
    }
}
async function keepProofs({ client, injectors, nodesUnlisted, signal }, delivery, images) {
    if (nodesUnlisted) {
        return;
    }
    const path = kube_pods/* collection */.r.daemonSets(delivery.namespace);
    const creates = injectors
        .map(({ architecture }) => ({ architecture, some: imagesFor({ architecture }, images) }))
        .filter(({ some }) => some.length > 0)
        .map(({ architecture, some }) => client.create(path, proofDaemonSet(delivery, architecture, some), { signal }));
    await Promise.all(creates);
    await untilControlled(client, delivery, signal);
}
async function keepRelays(job, delivery, { registry, route }) {
    const { bases, candidates, client, injectors, nodes, nodesUnlisted, signal } = job;
    if (route === 'nodeport' || nodesUnlisted) {
        return;
    }
    const to = await relayedTo(client, delivery, registry, signal);
    const sets = new RelaySets(client, delivery, { route, port: portOf(delivery), to });
    const there = await relaySets(client, delivery, signal);
    const started = new Map();
    for (const { architecture } of injectors.filter((one) => !there.has(one.architecture))) {
        const alike = nodes.filter((node) => node.architecture === architecture);
        const known = [registry.base, ...bases].find((one) => one.architecture === architecture) ??
            (await candidates.among(alike))[0];
        const base = known ?? (registry.base.pulled ? { ...registry.base, architecture } : undefined);
        if (base === undefined) {
            (0,runner/* warning */.$e)(`Nodes of ${architecture} that join get no images of the release "${delivery.release}", since no image is known from which a relay starts there; set the input \`injector-image\` to one that they can pull.`);
        }
        else {
            started.set(architecture, base);
        }
    }
    if ([...there.values()].every((set) => isForNodesOf(delivery, set))) {
        await sets.putBack(started, signal);
        return;
    }
    const putBack = () => sets.putBack(started, AbortSignal.timeout(limits_run/* REMOVE_PHASE_SECONDS */.re * 1000));
    await sets.takeOff(signal).catch(async (error) => {
        await putBack().catch(() => undefined);
        throw error;
    });
    await putBack();
    signal.throwIfAborted();
}
async function untilControlled(client, delivery, signal) {
    const query = { labelSelector: (0,run_run/* ofDelivery */.M$)(delivery, 'proof') };
    const hasController = ({ metadata }) => metadata?.deletionTimestamp !== undefined ||
        metadata?.ownerReferences?.some(({ controller }) => controller === true) === true;
    const areControlled = (pods) => [...pods.values()].every(hasController);
    await (0,watch/* waitUntil */.a0)(client, kube_pods/* collection */.r.pods(delivery.namespace), areControlled, {
        query,
        signal,
    });
}
//# sourceMappingURL=keep.js.map
// EXTERNAL MODULE: ./out/src/host/state.js
var state = __webpack_require__(8905);
// EXTERNAL MODULE: ./out/src/kube/login/kubeconfig.js + 1 modules
var login_kubeconfig = __webpack_require__(6602);
;// CONCATENATED MODULE: ./out/src/stages/open.js
















function open_open(job) {
    return job.log.group('Open the run', async (notes) => {
        const { client, inputs, signal } = job;
        const run = (0,run_run/* newRun */.uH)(inputs);
        (0,runner/* hide */.jD)(run.token);
        (0,state/* saveCleanup */.Mz)(factsOf(job, run));
        const { id, namespace, release } = run;
        if (release !== undefined)
            await (0,release_lease/* untilRemoved */.PH)(client, run, signal);
        await (0,run_namespace/* findPlace */.Pj)(client, run, signal);
        const opened = (await reopen(job, run)) ?? (await openAnew(job, run));
        notes.outcome = `${run_run/* nameOf */.Vb.lease(id)} in the namespace ${namespace}`;
        return opened;
    });
}
function factsOf({ client, context, rewriteIn }, run) {
    const { id, namespace, workflow, release, holder } = run;
    const kubeconfig = (0,login_kubeconfig/* absoluteFiles */.nM)(process.env);
    const where = { server: client.server, kubeconfig, context };
    const policy = rewriteIn !== undefined;
    return { id, namespace, workflow, policy, ...where, ...(release && { release, holder }) };
}
async function openAnew(job, run) {
    const { client, plan, signal } = job;
    const { carrier } = plan;
    const offer = offerOf(job, job.inputs.route);
    const [owner, admitted] = await (0,lib_slots/* settled */.gu)([
        leaseFor(job, run),
        rehearseService(client, run, offer, signal),
    ]);
    const [{ shape, ports }] = await (0,lib_slots/* settled */.gu)([
        openAdmitted(client, { ...run, owner }, admitted, offer, signal),
        carrier === 'configmap' ? undefined : (0,token/* createToken */.Ey)(client, { ...run, owner }, signal),
    ]);
    return openedBy({ ...run, owner, firstDelivery: 0 }, shape, ports);
}
async function reopen(job, run) {
    const { client, plan, configMapBytes, signal } = job;
    const { release } = run;
    const taken = release === undefined ? undefined : await (0,release_lease/* takeRelease */.XI)(client, run, configMapBytes, signal);
    if (taken === undefined) {
        return undefined;
    }
    const { kept: delivery, since, route, ...found } = taken;
    const { id, namespace } = run;
    const place = { id, namespace };
    const { carrier } = plan;
    const offer = offerOf(job, route === 'nodeport' ? route : job.inputs.route);
    const { shape, ports } = await findService(client, { ...run, ...found }, offer, signal);
    const last = found.firstDelivery - 1;
    await (0,service.returnTo)(client, run, { kept: delivery, last }, signal);
    const [record, address] = await (0,lib_slots/* settled */.gu)([
        delivery === undefined ? undefined : readRecord(client, { ...place, delivery }, signal),
        delivery === undefined ? undefined : addressOf(job, run, delivery),
        carrier === 'configmap' ? undefined : (0,token/* createToken */.Ey)(client, { ...run, ...found }, signal),
    ]);
    const kept = { delivery, since, route, record, address };
    return openedBy({ ...run, ...found, kept }, shape, ports);
}
async function addressOf({ client, log, signal }, run, delivery) {
    const who = 'the registry in use';
    let hasWaited = false;
    const onWaiting = () => {
        hasWaited = true;
        log.waiting(who, 'its Pod was lost, and another one is to start');
    };
    const address = await keptAddress(client, { ...run, delivery }, signal, { onWaiting });
    if (hasWaited) {
        log.ready(who);
        await (0,lease.renewLease)(client, run, { seconds: limits_run/* RUN_LEASE_SECONDS */.fH }, { signal });
    }
    return address;
}
function openedBy(run, { type, leadsLater }, { registry: port = relayPortFor(run.id), delivery: deliveryPort }) {
    const registry = `127.0.0.1:${port}/${run.secret}`;
    return { ...run, registry, deliveryPort, relaysOnly: type !== 'NodePort', leadsLater };
}
function offerOf({ plan, leadsLater }, route) {
    const shapes = SERVICE_TYPES[route].flatMap((type) => type === 'NodePort' && leadsLater ? [{ type, leadsLater }, { type }] : [{ type }]);
    return { carrier: plan.carrier, shapes };
}
const SERVICE_TYPES = {
    auto: ['NodePort', 'ClusterIP'],
    nodeport: ['NodePort'],
    hostport: ['ClusterIP'],
    hostnetwork: ['ClusterIP'],
};
async function leaseFor({ client, configMapBytes, signal }, run) {
    try {
        return await (0,lease/* createLease */.jF)(client, run, configMapBytes, signal);
    }
    catch (error) {
        if (run.release !== undefined && (0,kube_error/* isFault */.Zh)(error, 'exists')) {
            throw (0,release_lease/* inOtherHands */.yX)(run);
        }
        throw (0,kube_error/* isFault */.Zh)(error, 'not-found') ? (0,run_namespace/* missingNamespace */.an)(run.namespace, error) : error;
    }
}
//# sourceMappingURL=open.js.map
;// CONCATENATED MODULE: ./out/src/carriers/configmaps/budget.js



function checkBudget(payload, budget, why) {
    if (payload > budget) {
        const reason = why === undefined ? '' : `, and they travel there because ${why}`;
        throw new errors/* ActionError */.lZ(`The images need ${mebibytes(payload)} in ConfigMaps, which is over the budget of ${mebibytes(budget)}${reason}; ${why === undefined ? '' : 'mend that, '}send fewer or smaller images, or raise the input \`configmap-budget\` if the control plane has about eleven bytes of memory for each byte.`);
    }
}
function checkChunks(payload, chunkBytes) {
    const chunks = Math.ceil(payload / chunkBytes);
    if (chunks > carriers/* CONFIGMAPS_PER_RUN_MAX */.ne) {
        throw new errors/* ActionError */.lZ(`The images need ${chunks} ConfigMaps, more than the ${carriers/* CONFIGMAPS_PER_RUN_MAX */.ne} that one Pod can mount in reasonable time; send fewer images or set the input \`chunk-size\` higher.`);
    }
}
function checkSharedBudget(own, others, budget, least = own.configMapBytes) {
    const earlier = others.filter((other) => other.configMapBytes > 0 && isWriting(other) && isEarlier(other, own));
    const planned = earlier.reduce((sum, { configMapBytes }) => sum + configMapBytes, 0);
    if (earlier.length > 0 && planned + least > budget) {
        const who = earlier.length === 1 ? 'another run has' : `${earlier.length} other runs have`;
        throw new BudgetTaken(`The images need ${mebibytes(least)} in ConfigMaps while ${who} ${mebibytes(planned)} there, together more than the budget of ${mebibytes(budget)}; run this job later, or raise the input \`configmap-budget\`.`);
    }
    return earlier.length > 0 ? Math.min(own.configMapBytes, budget - planned) : own.configMapBytes;
}
class BudgetTaken extends errors/* ActionError */.lZ {
}
function isWriting({ kept, holder }) {
    return kept === undefined || holder !== undefined;
}
function isEarlier(one, other) {
    return one.isRenewed || !(one.written > other.written);
}
function fillsDatabase(database, payload) {
    return payload > 0 && database + payload > carriers/* DATABASE_MAX_BYTES */.lS;
}
function checkDatabase(database, payload, why) {
    if (database !== undefined && fillsDatabase(database, payload)) {
        const advice = why === undefined
            ? 'set the input `carrier` to stream'
            : `there can be no stream, because ${why}: mend that`;
        throw new errors/* ActionError */.lZ(`The cluster's etcd has ${gibibytes(database)} already, and ${mebibytes(payload)} more would bring it beyond ${gibibytes(carriers/* DATABASE_MAX_BYTES */.lS)} of the 2 GiB at which by default it takes no writes any more; ${advice}, send less, or have an operator compact and defragment it.`);
    }
}
function mebibytes(bytes) {
    return `${(bytes / units/* MIB */.D6).toFixed(1)} MiB`;
}
function gibibytes(bytes) {
    return `${(bytes / units/* GIB */.j9).toFixed(2)} GiB`;
}
//# sourceMappingURL=budget.js.map
;// CONCATENATED MODULE: ./out/src/carriers/choose.js




function streamsLittle({ carrier }, { near, mayForward, obstacle, isRelease }) {
    return carrier === 'auto' && near && mayForward && obstacle === undefined && !isRelease;
}
function dependsOnSpeed({ carrier }, facts) {
    const { bytes, budget, obstacle, littleToo, staysInConfigMaps } = facts;
    const isOpen = carrier === 'auto' && obstacle === undefined && !littleToo && !staysInConfigMaps;
    return isOpen && bytes >= carriers/* SPEED_ASKED_FROM_BYTES */.u2 && bytes < carriers/* STREAM_FROM_BYTES */.Ob && bytes <= budget;
}
function chooseCarrier(wish, facts) {
    const { bytes, budget, obstacle, speed = Number.POSITIVE_INFINITY } = facts;
    if (wish.carrier === 'stream' && obstacle !== undefined) {
        throw new errors/* ActionError */.lZ(`The input \`carrier\` asks for a stream, which cannot be, because ${obstacle}; have that right granted, or set the input to auto.`);
    }
    const asked = 'as the input `carrier` says';
    if (wish.carrier === 'stream') {
        return { carrier: 'stream', reason: asked };
    }
    const staysThere = facts.staysInConfigMaps === true && bytes <= budget;
    if (wish.carrier === 'configmap') {
        return staysThere
            ? { carrier: 'configmap', reason: asked }
            : byConfigMaps(facts, { reason: asked });
    }
    if (facts.littleToo && bytes < carriers/* STREAM_FROM_BYTES */.Ob) {
        return { carrier: 'stream', reason: "the runner is on the nodes' own network" };
    }
    const streamFrom = Math.min(carriers/* STREAM_FROM_BYTES */.Ob, (speed * carriers/* STREAM_FROM_MILLISECONDS */.XR) / 1000);
    if (bytes < streamFrom && bytes <= budget) {
        const right = facts.littleButForForward
            ? ", and the kubeconfig's user may not create pods/portforward"
            : '';
        return { carrier: 'configmap', reason: `they are less than ${megabytes(streamFrom)}${right}` };
    }
    if (staysThere) {
        const reason = 'they are to stay, and the cluster has no default StorageClass';
        return { carrier: 'configmap', reason };
    }
    return obstacle === undefined
        ? { carrier: 'stream', reason: `they are ${megabytes(bytes)}` }
        : byConfigMaps(facts, { reason: `there can be no stream, because ${obstacle}`, obstacle });
}
async function sparingDatabase({ carrier }, { bytes, obstacle }, chosen, database) {
    if (!mayStreamInstead({ carrier }, obstacle) || chosen.carrier === 'stream') {
        return chosen;
    }
    const size = await database;
    return size !== undefined && fillsDatabase(size, bytes)
        ? { carrier: 'stream', reason: `the cluster's database has ${gibibytes(size)} already` }
        : chosen;
}
function mayStreamInstead({ carrier }, obstacle) {
    return carrier === 'auto' && obstacle === undefined;
}
function byConfigMaps({ bytes, budget, mayCourier }, why) {
    const isMuch = bytes >= COURIERS_FROM_BYTES || bytes > budget;
    if (!isMuch || budget < COURIER_WINDOW_MIN_BYTES) {
        return { ...why, carrier: 'configmap' };
    }
    if (!mayCourier) {
        const reason = `${why.reason}, and all at once, because the kubeconfig's user may not create secrets`;
        return { ...why, reason, carrier: 'configmap' };
    }
    return { ...why, carrier: 'courier' };
}
const CARRIER_WORDS = {
    configmap: 'as ConfigMaps',
    stream: 'as a stream',
    courier: 'as ConfigMaps that couriers bring in batches',
};
function carrierLine({ carrier, reason }) {
    return `The images travel ${CARRIER_WORDS[carrier]}: ${reason}.`;
}
function megabytes(bytes) {
    return `${(bytes / 1e6).toFixed(1)} MB`;
}
//# sourceMappingURL=choose.js.map
;// CONCATENATED MODULE: ./out/src/injector/elf.js

const TARGETS = {
    amd64: { triple: 'x86_64-unknown-linux-musl', machine: 62 },
    arm64: { triple: 'aarch64-unknown-linux-musl', machine: 183 },
};
function architecturesOf(nodes) {
    const architectures = new Set();
    for (const { name, architecture } of nodes) {
        if (!isSupported(architecture)) {
            throw new errors/* ActionError */.lZ(`The node ${name} has the architecture ${architecture}, for which there is no injector; nodes of ${Object.keys(TARGETS).join(' and ')} can have images.`);
        }
        architectures.add(architecture);
    }
    return [...architectures];
}
function isSupported(architecture) {
    return Object.hasOwn(TARGETS, architecture);
}
const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const PROGRAM_HEADER_BYTES = 56;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DYNAMIC_ENTRY_BYTES = 16;
const DT_NEEDED = 1n;
function faultOfExecutable(file, architecture) {
    if (file.length < 64 || !file.subarray(0, MAGIC.length).equals(MAGIC)) {
        return 'it is not a 64-bit little-endian ELF file';
    }
    const machine = file.readUInt16LE(18);
    if (machine !== TARGETS[architecture].machine) {
        return `it is built for ELF machine ${machine}, not for ${architecture}`;
    }
    const start = Number(file.readBigUInt64LE(32));
    const count = file.readUInt16LE(56);
    const isCut = start + count * PROGRAM_HEADER_BYTES > file.length;
    if (isCut || endOfSections(file) > file.length) {
        return 'it is cut off';
    }
    for (let index = 0; index < count; index++) {
        const header = file.subarray(start + index * PROGRAM_HEADER_BYTES);
        const type = header.readUInt32LE(0);
        if (type === PT_INTERP || (type === PT_DYNAMIC && needsLibrary(file, header))) {
            return 'it is dynamically linked';
        }
    }
    return undefined;
}
function endOfSections(file) {
    return Number(file.readBigUInt64LE(40)) + file.readUInt16LE(58) * file.readUInt16LE(60);
}
function needsLibrary(file, header) {
    const start = Number(header.readBigUInt64LE(8));
    const end = Math.min(start + Number(header.readBigUInt64LE(32)), file.length);
    for (let at = start; at + DYNAMIC_ENTRY_BYTES <= end; at += DYNAMIC_ENTRY_BYTES) {
        if (file.readBigInt64LE(at) === DT_NEEDED) {
            return true;
        }
    }
    return false;
}
//# sourceMappingURL=elf.js.map
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: ./node_modules/@actions/exec/lib/exec.js + 3 modules
var exec = __webpack_require__(7187);
;// CONCATENATED MODULE: ./out/src/injector/environment.js
const ALLOWED = [
    /^(PATH|LD_LIBRARY_PATH|HOME|TMPDIR|CARGO_HOME)$/,
    /^RUSTUP_(HOME|TOOLCHAIN|AUTO_INSTALL|DIST_SERVER|UPDATE_ROOT)$/,
    /^RUSTUP_(USE_CURL|USE_RUSTLS|MAX_RETRIES|DOWNLOAD_TIMEOUT|IO_THREADS|UNPACK_RAM)$/,
    /^(LANG|LANGUAGE|LC_[A-Z]+)$/,
    /^((HTTP|HTTPS|ALL|NO)_PROXY|(http|https|all|no)_proxy)$/,
    /^SSL_CERT_(FILE|DIR)$/,
    /^CARGO_(HTTP|NET)_[A-Z_]+$/,
    /^CARGO_REGISTRIES_[A-Z0-9_]+_(INDEX|PROTOCOL)$/,
    /^RUNNER_TRACKING_ID$/,
];
const CREDENTIALS = [
    /^CARGO_REGISTRIES_[A-Z0-9_]+_(TOKEN|SECRET_KEY|CREDENTIAL_PROVIDER)$/,
    /^CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS$/,
];
function toolEnvironment(environment) {
    return matching(environment, ALLOWED);
}
function registryCredentials(environment) {
    return matching(environment, CREDENTIALS);
}
function matching(environment, patterns) {
    return Object.fromEntries(Object.entries(environment).filter((entry) => entry[1] !== undefined && patterns.some((pattern) => pattern.test(entry[0]))));
}
//# sourceMappingURL=environment.js.map
;// CONCATENATED MODULE: ./out/src/injector/command.js





class ToolFailure extends errors/* ActionError */.lZ {
    why;
    name = 'ToolFailure';
    constructor(why, sentence, options) {
        super(sentence, options);
        this.why = why;
    }
}
async function runTool(tool, args, { cwd, env, signal, missing }) {
    signal.throwIfAborted();
    (0,runner/* debug */.Yz)(`$ ${[tool, ...args].join(' ')}`);
    const running = (0,exec/* getExecOutput */.H)(tool, [...args], {
        ...(cwd !== undefined && { cwd }),
        env: { ...toolEnvironment(process.env), ...env },
        silent: true,
        ignoreReturnCode: true,
        listeners: { stdline: runner/* debug */.Yz, errline: runner/* debug */.Yz },
    });
    const started = running.catch((cause) => {
        throw new ToolFailure(`there is no ${tool}`, missing, { cause });
    });
    return (0,waiting/* unlessAborted */.Wh)(started, signal);
}
function command_succeeded(result, command) {
    if (result.exitCode === 0)
        return result;
    const end = result.exitCode === null
        ? 'was killed, as by a machine that ran out of memory'
        : `ended with exit code ${result.exitCode}`;
    const reason = result.stderr.trim().split('\n').slice(-12).join('\n');
    throw new ToolFailure(`\`${command}\` ${end}`, `Building the injector failed: \`${command}\` ${end}; its last lines follow.`, { cause: new Error(reason) });
}
//# sourceMappingURL=command.js.map
;// CONCATENATED MODULE: ./out/src/injector/cargo.js





const RUST_HINT = 'install Rust in a step before this one (`curl -sSf https://sh.rustup.rs | sh -s -- -y && echo ~/.cargo/bin >> "$GITHUB_PATH"`), or give the binaries by the input `injector`';
const NO_CARGO = `Building the injector needs cargo, which is not here, as on slim runners, in a \`container:\` and inside a cluster: ${RUST_HINT}.`;
async function build(directory, triple, targetDirectory, signal) {
    await addTarget(directory, triple, signal);
    const fetched = await fetchWithCredentials(directory, triple, signal);
    const args = [...buildArguments(triple, process.env), ...(fetched ? ['--offline'] : [])];
    await cargo(args, directory, signal, { CARGO_TARGET_DIR: targetDirectory });
    return (0,external_node_path_.join)(targetDirectory, triple, 'release', 'injector');
}
function buildArguments(triple, environment) {
    const remapped = JSON.stringify(`--remap-path-prefix=${cargoHome(environment)}=/cargo`);
    const config = `target.${triple}.rustflags=[${remapped}]`;
    const build = ['build', '--release', '--locked', '--bin', 'injector'];
    return [...build, '--target', triple, '--config', config];
}
function cargoHome({ CARGO_HOME }) {
    return CARGO_HOME || (0,external_node_path_.join)((0,files_paths/* homeDirectory */.RE)(), '.cargo');
}
async function fetchWithCredentials(directory, triple, signal) {
    const credentials = registryCredentials(process.env);
    if (Object.keys(credentials).length === 0)
        return false;
    await cargo(['fetch', '--locked', '--target', triple], directory, signal, credentials);
    return true;
}
async function addTarget(cwd, triple, signal) {
    const query = ['--print', 'target-libdir', '--target', triple];
    const installed = await runTool('rustc', query, { cwd, signal, missing: NO_CARGO });
    if (installed.exitCode === 0 && (0,external_node_fs_.existsSync)(installed.stdout.trim())) {
        return;
    }
    const missing = `The Rust toolchain lacks the target ${triple} and rustup is not here to add it: ${RUST_HINT}.`;
    const result = await runTool('rustup', ['target', 'add', triple], { cwd, signal, missing });
    command_succeeded(result, `rustup target add ${triple}`);
}
async function cargo(args, cwd, signal, env) {
    const result = await runTool('cargo', args, { cwd, env, signal, missing: NO_CARGO });
    return command_succeeded(result, `cargo ${args.join(' ')}`);
}
//# sourceMappingURL=cargo.js.map
// EXTERNAL MODULE: ./out/src/kube/way/agent.js + 1 modules
var way_agent = __webpack_require__(1891);
// EXTERNAL MODULE: ./out/src/kube/way/proxy.js
var proxy = __webpack_require__(5331);
// EXTERNAL MODULE: ./out/src/kube/way/trust.js
var trust = __webpack_require__(7793);
// EXTERNAL MODULE: ./out/src/lib/bounded.js
var bounded = __webpack_require__(1964);
;// CONCATENATED MODULE: ./out/src/injector/download.js








const REDIRECTS = [301, 302, 303, 307, 308];
async function download(address, maxBytes, signal, seconds = limits_runner/* DOWNLOAD_SECONDS */.LG) {
    const whole = { ...callFor(new URL(address), signal), deadlineSeconds: seconds };
    const started = performance.now();
    let contacted = false;
    let failure;
    try {
        return await (0,exchange/* inTime */.RN)(whole, async (within) => {
            for (let attempts = 1;; attempts++) {
                try {
                    return await follow(address, maxBytes, within);
                }
                catch (error) {
                    within.throwIfAborted();
                    failure = error;
                    const ending = error;
                    contacted ||= ending.status !== undefined;
                    const elapsed = performance.now() - started;
                    const state = { attempts, elapsed, patience: seconds * 1000, contacted };
                    const delay = (0,retry/* retryDelay */.a)(ending, state);
                    if (delay === undefined)
                        throw error;
                    await (0,waiting/* rest */.zs)(delay, within);
                }
            }
        });
    }
    catch (error) {
        signal.throwIfAborted();
        throw failure ?? error;
    }
}
async function follow(address, maxBytes, signal) {
    let url = new URL(address);
    for (let redirects = 0; redirects <= limits_runner/* DOWNLOAD_REDIRECTS_MAX */.IK; redirects++) {
        const answer = await download_ask(url, maxBytes, signal);
        if (Buffer.isBuffer(answer))
            return answer;
        url = answer;
    }
    throw new Error(`${address} leads from one address to another without end`);
}
async function download_ask(url, maxBytes, signal) {
    if (url.protocol !== 'https:')
        throw new Error(`${url.origin} is no address of HTTPS`);
    const agent = (0,way_agent/* agentFor */.P)(url, {}, (0,proxy/* proxyFor */.iJ)(url, undefined, process.env));
    try {
        const access = { server: new URL(url.origin), agent, headers: {} };
        const { status, headers, response } = await (0,exchange/* openStream */.fv)(access, callFor(url, signal));
        if (REDIRECTS.includes(status) && headers.location !== undefined) {
            return new URL(headers.location, url);
        }
        if (status !== 200) {
            const error = new Error(`${url.host} answered with status ${status}`);
            throw Object.assign(error, { status, retryAfter: headers['retry-after'] });
        }
        const tooMany = () => new Error(`${url.host} sent more than ${maxBytes} bytes`);
        return await (0,bounded/* readBounded */.C)(response, maxBytes, tooMany);
    }
    catch (cause) {
        const distrust = (0,trust/* unvouchedIn */.V2)(cause);
        throw distrust === undefined ? cause : new Error(`${url.host}'s ${distrust}`, { cause });
    }
    finally {
        agent.destroy();
    }
}
function callFor({ pathname, search }, signal) {
    const headers = { accept: 'application/octet-stream', 'user-agent': 'jackal-inject' };
    const path = pathname + search;
    return { method: 'GET', path, headers, deadlineSeconds: limits_runner/* DOWNLOAD_SECONDS */.LG, signal };
}
//# sourceMappingURL=download.js.map
;// CONCATENATED MODULE: ./out/src/injector/release.js






const releaseFile = (crate) => (0,external_node_path_.join)(crate, '..', 'dist', 'injector.json');
async function releaseOf(crate, sources) {
    const bytes = await (0,promises_.readFile)(releaseFile(crate)).catch(() => undefined);
    if (bytes === undefined)
        return undefined;
    const told = members(parseJson(bytes, "The action's file dist/injector.json"));
    if (told.sources !== sources)
        return undefined;
    const binary = (architecture) => {
        const { url, sha256 } = members(members(told.binaries)[architecture]);
        return { url: json_text(url) ?? '', sha256: json_text(sha256) ?? '' };
    };
    const binaries = { amd64: binary('amd64'), arm64: binary('arm64') };
    return { tag: json_text(told.tag) ?? '', sources, binaries };
}
const fileOf = (architecture) => `injector-${architecture}`;
async function downloadInjector({ binaries }, architecture, signal) {
    const wanted = binaries[architecture];
    const binary = await download(wanted.url, limits_run/* INJECTOR_MAX_BYTES */._g, signal);
    const found = (0,sha256/* sha256Of */.B)(binary);
    if (found !== wanted.sha256) {
        throw new Error(`what came from ${wanted.url} has the SHA-256 ${found}, and not ${wanted.sha256}`);
    }
    return binary;
}
//# sourceMappingURL=release.js.map
;// CONCATENATED MODULE: ./out/src/injector/verify.js


const VERSION_LINE = /injector \d+\.\d+\.\d+ ([0-9a-f]{64})\n/;
function faultOf(binary, architecture, sources) {
    return binary.length > limits_run/* INJECTOR_MAX_BYTES */._g
        ? `it has ${binary.length} bytes and the limit is ${limits_run/* INJECTOR_MAX_BYTES */._g}`
        : (faultOfExecutable(binary, architecture) ?? faultOfVersion(binary, sources));
}
function faultOfVersion(binary, sources) {
    const [, told] = VERSION_LINE.exec(binary.toString('latin1')) ?? [];
    if (told === undefined) {
        return 'it does not say which sources it is built from, as an injector does';
    }
    return told === sources
        ? undefined
        : `it is built from other sources (${told.slice(0, 12)}) than the action has (${sources.slice(0, 12)})`;
}
//# sourceMappingURL=verify.js.map
;// CONCATENATED MODULE: ./out/src/injector/given.js





async function readGiven(directory, architecture, sources) {
    const file = (0,external_node_path_.join)(directory, fileOf(architecture));
    const binary = await (0,regular_file/* readRegularFile */.X)(file).catch((cause) => {
        throw new errors/* ActionError */.lZ(`The input \`injector\` gives no binary for nodes of ${architecture}: ${file} cannot be read (${(0,errors/* sentenceOf */.$N)(cause)}); give a directory with ${fileOf(architecture)} of the release that the step uses.`, { cause });
    });
    const fault = faultOf(binary, architecture, sources);
    if (fault !== undefined) {
        throw new errors/* ActionError */.lZ(`The file ${file} of the input \`injector\` is not the injector of this action: ${fault}; give ${fileOf(architecture)} of the release that the step uses.`);
    }
    return binary;
}
//# sourceMappingURL=given.js.map
;// CONCATENATED MODULE: ./out/src/injector/source.js





const NO_BUILD_INPUT = ['target', 'tests', 'fuzz', 'README.md', 'rustfmt.toml', '.gitignore'];
function injectorDirectory(script = process.argv[1] ?? '') {
    const lockFile = (0,files_paths/* foundUpwards */.Lt)(script, (0,external_node_path_.join)('injector', 'Cargo.lock'));
    if (lockFile !== undefined)
        return (0,external_node_path_.dirname)(lockFile);
    throw new errors/* ActionError */.lZ("The injector's sources are missing beside the action's dist folder; check out the action whole.");
}
async function hashSources(directory) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    for (const { name, path } of await filesBelow(directory)) {
        const content = await (0,promises_.readFile)(path);
        hash.update(`${name}\0${content.length}\0`).update(content);
    }
    return hash.digest('hex');
}
async function filesBelow(directory) {
    const top = (await (0,promises_.readdir)(directory)).filter((name) => !NO_BUILD_INPUT.includes(name));
    const trees = top.map(async (entry) => {
        const path = (0,external_node_path_.join)(directory, entry);
        if (!(await (0,promises_.stat)(path)).isDirectory())
            return [path];
        const entries = await (0,promises_.readdir)(path, { recursive: true, withFileTypes: true });
        return entries.filter((e) => e.isFile()).map((e) => (0,external_node_path_.join)(e.parentPath, e.name));
    });
    const paths = (await Promise.all(trees)).flat();
    const files = paths.map((path) => ({
        name: (0,external_node_path_.relative)(directory, path).replaceAll(external_node_path_.sep, '/'),
        path,
    }));
    return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
//# sourceMappingURL=source.js.map
;// CONCATENATED MODULE: ./out/src/injector/store.js







function placeOf(sources, architecture) {
    const key = `jackal-inject-injector-${TARGETS[architecture].triple}-${sources.slice(0, 32)}`;
    return { key, path: `~/.cache/jackal-inject/injectors/${key}` };
}
const SHA256 = /^[0-9a-f]{64}$/;
async function readKept({ path }, faultOf) {
    const directory = (0,files_paths/* atHome */.X6)(path);
    const names = await (0,promises_.readdir)(directory).catch(() => []);
    for (const name of names) {
        const binary = await readGood(directory, name, faultOf);
        if (binary !== undefined)
            return binary;
    }
    return undefined;
}
async function readGood(directory, name, faultOf) {
    if (!SHA256.test(name))
        return undefined;
    const binary = await (0,promises_.readFile)((0,external_node_path_.join)(directory, name)).catch(() => undefined);
    const isWhole = binary !== undefined && (0,sha256/* sha256Of */.B)(binary) === name;
    return isWhole && faultOf(binary) === undefined ? binary : undefined;
}
async function store_keep({ path }, binary, faultOf) {
    const directory = (0,files_paths/* atHome */.X6)(path);
    const name = (0,sha256/* sha256Of */.B)(binary);
    const temporary = `${directory}.${(0,external_node_crypto_.randomUUID)()}`;
    try {
        await (0,promises_.mkdir)(directory, { recursive: true, mode: 0o700 });
        await (0,promises_.writeFile)(temporary, binary);
        const place = (0,external_node_path_.join)(directory, name);
        await (0,promises_.rename)(temporary, place).catch(async () => {
            await (0,promises_.rm)(place, { recursive: true, force: true });
            await (0,promises_.rename)(temporary, place);
        });
        for (const each of await (0,promises_.readdir)(directory)) {
            if ((await readGood(directory, each, faultOf)) === undefined) {
                await (0,promises_.rm)((0,external_node_path_.join)(directory, each), { recursive: true, force: true });
            }
        }
        return undefined;
    }
    catch (error) {
        await (0,promises_.rm)(temporary, { force: true }).catch(() => undefined);
        return (0,errors/* sentenceOf */.$N)(error);
    }
}
//# sourceMappingURL=store.js.map
;// CONCATENATED MODULE: ./out/src/injector/obtain.js














async function obtainInjectors(architectures, { crate = injectorDirectory(), given, needed = architectures, signal = new AbortController().signal, cachePatience = limits_runner/* CACHE_PATIENCE_SECONDS */.TK, } = {}) {
    const sources = await hashSources(crate);
    const injectors = [];
    for (const architecture of architectures) {
        const wanted = { crate, sources, architecture, signal };
        try {
            injectors.push(given === undefined
                ? await obtain(wanted, cachePatience)
                : {
                    architecture,
                    binary: await readGiven(given, architecture, sources),
                    origin: 'input',
                    saved: Promise.resolve(),
                });
        }
        catch (error) {
            signal.throwIfAborted();
            if (needed.includes(architecture))
                throw error;
            (0,runner/* warning */.$e)(`Nodes of ${architecture} that join get no images, for there is no injector for them (${whyOf(error)}); give ${fileOf(architecture)}, too, by the input \`injector\`, or take their platform out of the input \`platforms\`.`);
        }
    }
    return injectors;
}
async function obtain(wanted, cachePatience) {
    const { architecture, sources, signal } = wanted;
    const place = placeOf(sources, architecture);
    const fault = (binary) => faultOf(binary, architecture, sources);
    const saved = Promise.resolve();
    const onDisk = await readKept(place, fault);
    if (onDisk !== undefined)
        return { architecture, binary: onDisk, origin: 'disk', saved };
    const answer = await restore(place.path, place.key, signal, cachePatience);
    const restored = answer === 'found' ? await readKept(place, fault) : undefined;
    if (restored !== undefined)
        return { architecture, binary: restored, origin: 'cache', saved };
    if (answer === 'found') {
        (0,runner/* info */.pq)(`The injector in the Actions cache is unusable, so jobs obtain it otherwise until its entry is deleted: gh cache delete ${place.key}`);
    }
    const made = await make(wanted);
    const unkept = await store_keep(place, made.binary, fault);
    if (unkept !== undefined) {
        (0,runner/* warning */.$e)(`The injector was not kept in ${place.path} (${unkept}); the next job obtains it anew.`);
    }
    const isToSave = unkept === undefined && answer !== 'silent';
    return { architecture, ...made, saved: isToSave ? save(place.path, place.key) : saved };
}
async function make(wanted) {
    const { crate, sources, architecture, signal } = wanted;
    try {
        return { binary: await built(wanted), origin: 'build' };
    }
    catch (error) {
        signal.throwIfAborted();
        const release = await releaseOf(crate, sources);
        if (release === undefined)
            throw error;
        const why = whyOf(error);
        (0,runner/* info */.pq)(`The injector for ${architecture} is not built (${why}) and comes from the release ${release.tag}.`);
        try {
            const binary = await downloadInjector(release, architecture, signal);
            return { binary: usable(binary, wanted, `of the release ${release.tag}`), origin: 'release' };
        }
        catch (refused) {
            signal.throwIfAborted();
            throw new errors/* ActionError */.lZ(`The injector for ${architecture} can neither be built (${why}) nor be had from the release ${release.tag} (${whyOf(refused)}); let the runner reach that address, ${RUST_HINT}.`, { cause: error });
        }
    }
}
function whyOf(error) {
    return error instanceof ToolFailure ? error.why : (0,errors/* sentenceOf */.$N)(error).replace(/\.$/, '');
}
async function built(wanted) {
    const { crate, architecture, signal } = wanted;
    const temporary = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,runner/* temporaryDirectory */.De)(), 'jackal-inject-cargo-'));
    try {
        const file = await build(crate, TARGETS[architecture].triple, temporary, signal);
        return usable(await (0,promises_.readFile)(file), wanted, 'that cargo built');
    }
    finally {
        await (0,promises_.rm)(temporary, { recursive: true, force: true }).catch(() => undefined);
    }
}
function usable(binary, { architecture, sources }, whence) {
    const fault = faultOf(binary, architecture, sources);
    if (fault === undefined)
        return binary;
    throw new errors/* ActionError */.lZ(`The injector ${whence} for ${architecture} is unusable: ${fault}.`);
}
//# sourceMappingURL=obtain.js.map
;// CONCATENATED MODULE: ./out/src/carriers/obstacle.js
function streamObstacle({ way }, { lacksOnSecrets, forward }, near) {
    if (lacksOnSecrets !== undefined) {
        return `the kubeconfig's user may not ${lacksOnSecrets} secrets`;
    }
    const mayForward = forward && way !== 'direct';
    const mayDial = near && way !== 'api';
    if (mayForward || mayDial) {
        return undefined;
    }
    return forward || way === 'direct'
        ? "the runner does not reach the nodes' own network"
        : "the kubeconfig's user may not create pods/portforward and the runner does not reach the nodes' own network";
}
//# sourceMappingURL=obstacle.js.map
;// CONCATENATED MODULE: ./out/src/preflight/permissions.js
const COORDINATION = 'coordination.k8s.io';
const NETWORKING = 'networking.k8s.io';
const ADMISSION = 'admissionregistration.k8s.io';
const POLICY_RESOURCES = [
    'mutatingadmissionpolicies',
    'mutatingadmissionpolicybindings',
];
function permissionsOf(given, listsNodes = true) {
    const scope = given ? 'namespace' : 'cluster';
    return [
        ...rights(scope, 'configmaps', ['create', 'get', 'list', 'delete']),
        ...rights(scope, 'pods', ['create', 'get', 'list', 'watch', 'delete']),
        ...rights(scope, 'services', ['create', 'get', 'delete']),
        ...rights(scope, 'leases', ['create', 'get', 'list', 'patch', 'delete'], COORDINATION),
        ...(listsNodes ? nodesOf(given) : []),
        ...(given && !listsNodes
            ? rights(scope, 'daemonsets', ['create', 'list', 'watch', 'delete'], 'apps')
            : []),
        ...(given ? [] : namespaces()),
        ...servicePatch(given).map(permissions_without(LEADING)),
        ...rights(scope, 'secrets', ['create', 'delete']).map(permissions_without(SECRETS)),
        ...rights(scope, 'pods/portforward', ['create', 'get']).map(permissions_without(FORWARD)),
        ...rights(scope, 'pods/log', ['get']).map(permissions_without(LOG)),
        ...rights(scope, 'events', ['list']).map(permissions_without(EVENTS)),
        ...rights(scope, 'resourcequotas', ['list']).map(permissions_without(QUOTAS)),
        ...rights(scope, 'limitranges', ['list']).map(permissions_without(RANGES)),
        ...rights(scope, 'networkpolicies', ['create', 'get', 'list', 'delete'], NETWORKING).map(permissions_without(POLICIES)),
        ...(given && listsNodes ? everywhere() : []),
        ...rewriting(),
        ...rights('cluster', '/metrics', ['get']).map(permissions_without(METRICS)),
    ];
}
function releasePermissions(given) {
    const scope = given ? 'namespace' : 'cluster';
    return [
        ...servicePatch(given),
        ...rights(scope, 'configmaps', ['patch']),
        ...rights(scope, 'daemonsets', ['create', 'list', 'watch', 'delete'], 'apps'),
        ...rights(scope, 'replicasets', ['create', 'list', 'watch', 'delete'], 'apps'),
        ...storePermissions(given),
    ];
}
function servicePatch(given) {
    return rights(given ? 'namespace' : 'cluster', 'services', ['patch']);
}
function storePermissions(given) {
    const scope = given ? 'namespace' : 'cluster';
    return [
        ...rights(scope, 'persistentvolumeclaims', ['create', 'list', 'watch', 'delete']),
        ...rights('cluster', 'storageclasses', ['list'], 'storage.k8s.io'),
    ].map(permissions_without(STORE));
}
function nodesOf(given) {
    const list = rights('cluster', 'nodes', ['list']);
    return given ? list.map(permissions_without(permissions_NODES)) : list;
}
function namespaces() {
    return [
        ...rights('cluster', 'namespaces', ['create', 'get', 'list', 'delete']),
        ...rights('cluster', 'namespaces', ['patch']).map(permissions_without(LABELS)),
    ];
}
function everywhere() {
    return [
        ...rights('cluster', 'pods', ['list']).map(permissions_without(ALL_PODS)),
        ...rights('cluster', 'leases', ['list'], COORDINATION).map(permissions_without(ALL_LEASES)),
    ];
}
function rewriting() {
    const verbs = ['create', 'get', 'list', 'update', 'delete'];
    return POLICY_RESOURCES.flatMap((resource) => rights('cluster', resource, verbs, ADMISSION).map(permissions_without(REWRITING)));
}
const permissions_NODES = 'where a namespace is given, DaemonSets find the nodes, and need the rule for `daemonsets` above; nodes come to the registry by NodePorts alone, and which of them get nothing, not being Ready or of another platform, is not known before the upload.';
const LEADING = 'nodes come to the registry up to a second later on Kubernetes 1.34 and later.';
const STORE = 'what a release holds is in ConfigMaps as far as `configmap-budget` allows, and else is lost with the node of its registry.';
const LABELS = 'nodes without NodePorts on their loopback do not reach the registry, since no relay is admitted; and names are rewritten up to a second later.';
const SECRETS = 'nothing is streamed, and nothing goes in batches; all bytes travel in ConfigMaps at once, as many as `configmap-budget` allows.';
const FORWARD = "only runners on the nodes' own network stream, and only what is more than 16 MiB; from others all bytes travel in ConfigMaps.";
const LOG = 'what travels in ConfigMaps travels whole, not just what nodes lack, and nobody says what each node pulled of it, or what a release could not keep of the images that it replaces.';
const EVENTS = 'a failure does not say what the cluster warned of.';
const QUOTAS = 'what exceeds a quota is said when it is created, not before the upload.';
const RANGES = 'what a LimitRange asks for is learnt from its refusals, one rule after the other, and its default for disk from what a dry run answers.';
const POLICIES = "where network policies forbid it, other nodes than the registry's own do not reach the registry.";
const ALL_PODS = "on a node that lists no sandbox image the run's own Pods start from the image of a running Pod only where that runs in the namespace that is given, and a node that takes no more Pods is not named before the upload.";
const ALL_LEASES = 'what runs in other namespaces have in ConfigMaps does not count against `configmap-budget`.';
const REWRITING = 'no policy rewrites the names of images, so manifests have to say what the outputs tell; without `list` alone, the policy of a killed runner may stay.';
const METRICS = "nobody sees beforehand that the control plane's database is nearly full.";
function rights(scope, resource, verbs, group = '') {
    return verbs.map((verb) => ({ verb, resource, group, scope }));
}
function permissions_without(words) {
    return (permission) => ({ ...permission, without: words });
}
function roleYaml(permissions, namespace) {
    const namespaced = permissions.filter(({ scope }) => scope === 'namespace');
    const global = permissions.filter(({ scope }) => scope === 'cluster');
    return [
        ...(namespaced.length > 0 ? [role('Role', namespaced, namespace)] : []),
        ...(global.length > 0 ? [role('ClusterRole', global)] : []),
    ].join('---\n');
}
function role(kind, permissions, namespace) {
    const rules = Map.groupBy(permissions, ({ group, resource }) => `${group}/${resource}`);
    const lines = [...rules.values()].map((rule) => {
        const { group, resource } = rule[0];
        const verbs = rule.map(({ verb }) => verb).join(', ');
        const what = resource.startsWith('/')
            ? `nonResourceURLs: ["${resource}"]`
            : `apiGroups: ["${group}"], resources: ["${resource}"]`;
        return `  - { ${what}, verbs: [${verbs}] }\n`;
    });
    return [
        'apiVersion: rbac.authorization.k8s.io/v1\n',
        `kind: ${kind}\n`,
        `metadata: { name: jackal-inject${kind === 'Role' ? `, namespace: ${namespace}` : ''} }\n`,
        'rules:\n',
        ...lines,
    ].join('');
}
//# sourceMappingURL=permissions.js.map
;// CONCATENATED MODULE: ./out/src/preflight/access.js





class MissingPermissions extends errors/* ActionError */.lZ {
    name = 'MissingPermissions';
    missing;
    details;
    constructor(missing, wherein) {
        const { namespace, contextNamespace } = wherein;
        const words = missingWords(missing, wherein);
        const known = contextNamespace === undefined ? '' : ` (the context's own is "${contextNamespace}")`;
        const instead = `, or name a namespace that is there with the input \`namespace\`${known}, for which fewer rights are enough`;
        super(`The kubeconfig's user lacks ${missing.length === 1 ? 'a permission' : `${missing.length} permissions`}: ${words}; have the role below bound to this user${namespace === undefined ? instead : ''}.`);
        this.missing = missing;
        this.details = roleYaml(missing, namespace);
    }
}
async function checkPermissions(client, wherein, listsNodes, options = {}) {
    const { namespace, isRelease } = wherein;
    const given = namespace !== undefined;
    const needed = [
        ...neededOf(given, true),
        ...(isRelease === true ? releasePermissions(given).filter(isNeeded) : []),
    ];
    const instead = async () => ((await listsNodes) ? [] : insteadOfNodes(given, needed));
    const among = (some) => missingAmong(client, namespace, some, options);
    const missing = (await (0,lib_slots/* settled */.gu)([among(needed), instead().then(among)])).flat();
    if (missing.length > 0) {
        throw new MissingPermissions(missing, wherein);
    }
}
function neededOf(given, listsNodes) {
    return permissionsOf(given, listsNodes).filter(isNeeded);
}
const isNeeded = ({ without }) => without === undefined;
function insteadOfNodes(given, needed) {
    const usual = new Set(needed.map(({ resource }) => resource));
    return neededOf(given, false).filter(({ resource }) => !usual.has(resource));
}
async function missingAmong(client, namespace, permissions, options = {}) {
    const most = kube/* ACCESS_REVIEW_CONCURRENCY */.Az;
    const allowed = await (0,lib_slots/* eachOf */.pQ)(permissions, most, options.signal, (one, signal) => isAllowed(client, namespace, one, { ...options, signal }));
    return permissions.filter((_, index) => allowed[index] !== true);
}
async function isAllowed(client, namespace, { verb, group, resource, scope }, { signal, unasked = true }) {
    const [name, subresource] = resource.split('/');
    const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
            resourceAttributes: {
                verb,
                group,
                resource: name,
                ...(subresource && { subresource }),
                ...(scope === 'namespace' && { namespace }),
            },
        },
    };
    try {
        const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
        const { status } = await client.create(path, review, { signal });
        return status?.allowed === true;
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, 'permission', 'not-found', 'policy')) {
            return unasked;
        }
        throw error;
    }
}
function missingWords(missing, { namespace, isRelease }) {
    const byResource = Map.groupBy(missing, ({ resource, scope }) => `${scope} ${resource}`);
    const words = [...byResource.values()].map((permissions) => {
        const { resource, scope } = permissions[0];
        const where = scope === 'cluster' ? 'in the cluster' : `in the namespace "${namespace}"`;
        const isInstead = resource === 'daemonsets' && isRelease !== true;
        const instead = isInstead ? ' (or list nodes in the cluster)' : '';
        return `${permissions.map(({ verb }) => verb).join(', ')} ${resource} ${where}${instead}`;
    });
    return words.join('; ');
}
//# sourceMappingURL=access.js.map
;// CONCATENATED MODULE: ./out/src/carriers/rights.js


async function carrierRights(client, namespace, signal) {
    const isOfCarriers = ({ resource }) => ['secrets', 'pods/portforward', 'pods/log'].includes(resource);
    const wanted = permissionsOf(namespace !== undefined).filter(isOfCarriers);
    const missing = await missingAmong(client, namespace, wanted, { signal });
    const lacking = (name) => missing.find(({ resource }) => resource === name)?.verb;
    return {
        lacksOnSecrets: lacking('secrets'),
        forward: lacking('pods/portforward') === undefined,
        hear: lacking('pods/log') === undefined,
    };
}
//# sourceMappingURL=rights.js.map
;// CONCATENATED MODULE: ./out/src/preflight/database.js


const SIZE = /^(?:apiserver_storage_size_bytes|apiserver_storage_db_total_size_in_bytes|etcd_db_total_size_in_bytes)(?:\{[^}]*\})? (\S+)$/gm;
async function databaseBytes(client, { signal } = {}) {
    const asked = client.request({
        method: 'GET',
        path: '/metrics',
        accept: 'text/plain',
        deadlineSeconds: carriers/* DATABASE_ASK_SECONDS */.QB,
        patienceSeconds: 0,
        signal,
    });
    const metrics = await (0,kube_error/* ifAnswered */.nH)(asked, signal);
    return metrics && databaseBytesIn(metrics.body.toString('latin1'));
}
function databaseBytesIn(metrics) {
    const sizes = [...metrics.matchAll(SIZE)]
        .map(([, value]) => Number(value))
        .filter(Number.isFinite);
    return sizes.length === 0 ? undefined : Math.max(...sizes);
}
//# sourceMappingURL=database.js.map
;// CONCATENATED MODULE: ./out/src/preflight/storage.js



const DEFAULT_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';
async function storageClassFor(client, namespace, signal) {
    const needed = storePermissions(namespace !== undefined);
    const missing = await missingAmong(client, namespace, needed, { signal });
    return missing.length === 0 ? await defaultStorageClass(client, signal) : undefined;
}
async function defaultStorageClass(client, signal) {
    try {
        const path = '/apis/storage.k8s.io/v1/storageclasses';
        const { items } = await client.list(path, { signal });
        const isDefault = ({ metadata }) => metadata?.annotations?.[DEFAULT_ANNOTATION] === 'true';
        return items.find(isDefault)?.metadata?.name;
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, 'permission', 'not-found')) {
            return undefined;
        }
        throw error;
    }
}
//# sourceMappingURL=storage.js.map
;// CONCATENATED MODULE: ./out/src/routes/proxy-mode.js



const PATHS = ['kube-proxy', 'kube-proxy-config'].map((name) => `${(0,configmaps/* configMapsPath */.D_)('kube-system')}/${name}`);
async function readProxyMode(client, signal) {
    const modes = await (0,lib_slots/* settled */.gu)(PATHS.map(async (path) => {
        const found = await (0,kube_error/* ifAnswered */.nH)(client.get(path, { signal }), signal);
        return found && proxyModeIn(Object.values(found.data ?? {}).join('\n'));
    }));
    return modes.find((mode) => mode !== undefined);
}
function proxyModeIn(text) {
    return /^\s*"?mode"?:\s*["']?([a-z]*)["']?,?\s*$/m.exec(text)?.[1];
}
//# sourceMappingURL=proxy-mode.js.map
;// CONCATENATED MODULE: ./out/src/stages/left-out.js


function tellLeftOut({ onUnavailableNode }, nodes) {
    leftOutSentences(nodes).forEach(onUnavailableNode === 'ignore' ? runner/* debug */.Yz : runner/* warning */.$e);
}
//# sourceMappingURL=left-out.js.map
;// CONCATENATED MODULE: ./out/src/preflight/rewriting.js



async function policyObstacle(client, version, signal) {
    const group = client.get('/apis/admissionregistration.k8s.io/v1', { signal });
    const needed = permissionsOf(false).filter(({ resource, verb }) => POLICY_RESOURCES.includes(resource) && verb !== 'list');
    const [served, missing] = await Promise.all([
        (0,kube_error/* ifAnswered */.nH)(group, signal),
        missingAmong(client, undefined, needed, { signal }),
    ]);
    const has = (name) => served?.resources?.some((one) => one.name === name) ?? true;
    if (!POLICY_RESOURCES.every(has)) {
        return `Kubernetes ${version} serves no MutatingAdmissionPolicy (admissionregistration.k8s.io/v1 has it from 1.36 on, unless a feature gate is off)`;
    }
    const [first] = missing;
    return first === undefined
        ? undefined
        : `the kubeconfig's user may not ${first.verb} ${first.resource} in the cluster, which the README's ClusterRole grants`;
}
//# sourceMappingURL=rewriting.js.map
// EXTERNAL MODULE: ./out/src/host/input-values.js
var input_values = __webpack_require__(5631);
;// CONCATENATED MODULE: ./out/src/rewrite/admission/scope.js



const OF_SELECTOR = /[=!()<>]/;
const scope_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];
function parseScope(value, own) {
    const text = value.trim();
    if (text === '')
        return { kind: 'own', ...own };
    if (text === '*')
        return { kind: 'all' };
    if (OF_SELECTOR.test(text))
        return { kind: 'labels', requirements: labelRequirements(text) };
    const namespaces = text.split(/[\s,]+/).filter((name) => name !== '');
    const wrong = namespaces.find((name) => !input_values/* NAMESPACE */.CU.test(name));
    if (wrong !== undefined || namespaces.length === 0) {
        throw new errors/* ActionError */.lZ(`The input \`rewrite-namespaces\` has "${wrong ?? text}", which is no name of a namespace; give names, one a line or between commas, a label selector such as team=web, or * alone for all namespaces but kube-*.`);
    }
    return { kind: 'names', namespaces };
}
function labelRequirements(selector) {
    const requirements = requirementsOf(selector, 'rewrite-namespaces');
    if (requirements.every(({ operator }) => scope_OPERATORS.includes(operator)))
        return requirements;
    throw new errors/* ActionError */.lZ(`The input \`rewrite-namespaces\` is "${selector}", and labels of namespaces cannot be compared with < or >; use =, !=, in or notin.`);
}
function scopeWords(scope) {
    switch (scope.kind) {
        case 'own':
            return `the namespace ${scope.namespace} and those that are made ${scope.ofFirstStep ? "since the release's first step" : 'from now on'}`;
        case 'names':
            return `the namespace${scope.namespaces.length > 1 ? 's' : ''} ${scope.namespaces.join(', ')}`;
        case 'labels':
            return 'the namespaces that the input `rewrite-namespaces` selects';
        case 'all':
            return 'all namespaces but those whose names begin with kube-';
    }
}
//# sourceMappingURL=scope.js.map
;// CONCATENATED MODULE: ./out/src/stages/prepare/rewriting.js




async function planRewriting({ rewrite, rewriteNamespaces }, { client, version, contextNamespace: namespace = 'default' }, signal) {
    const scope = parseScope(rewriteNamespaces, { namespace, since: client.now() });
    if (rewrite === 'none') {
        return undefined;
    }
    const obstacle = await policyObstacle(client, version, signal);
    if (obstacle === undefined) {
        return scope;
    }
    if (rewrite === 'policy') {
        throw new errors/* ActionError */.lZ(`The input \`rewrite\` is policy, and ${obstacle}; set it to auto, which goes on without one, where that cannot be mended.`);
    }
    tellNotRewritten(obstacle);
    return undefined;
}
function tellNotRewritten(reason) {
    (0,runner/* info */.pq)(`Names of images are not rewritten by the cluster, for ${reason}: use the outputs \`images\`, \`metadata\`, \`kustomization\` or \`post-renderer\`.`);
}
//# sourceMappingURL=rewriting.js.map
;// CONCATENATED MODULE: ./out/src/stages/prepare/cluster.js





















function reachCluster(job) {
    const { inputs, log, signal } = job;
    return log.time('Cluster', async (notes) => {
        tellMasked(inputs);
        const env = { ...process.env };
        const connection = await (0,connect.connect)({ ...inputs, env, signal, onSecret: runner/* hide */.jD });
        try {
            const { nodes, others, ...answers } = await askCluster(job, connection);
            const { client, context, server, version } = connection;
            const chosen = inputs.nodes === undefined ? '' : ` with the labels ${inputs.nodes}`;
            const { nodesUnlisted } = answers;
            const count = nodesUnlisted ? 'nodes that nobody may list' : `${nodes.length} nodes`;
            notes.outcome = `${server}, Kubernetes ${version}, ${count}${chosen}`;
            tellLeftOut(inputs, others);
            tellWantsHttps(nodes);
            return { client, context, version, nodes, ...answers };
        }
        catch (error) {
            connection.client.close();
            throw error;
        }
    });
}
async function askCluster({ inputs, signal }, { client, version, namespace: contextNamespace }) {
    const listed = nodesFor(client, inputs, signal);
    const near = listed.then((nodes) => isNear(inputs, nodes?.ready ?? [], signal));
    const database = databaseBytes(client, { signal });
    const isOfInterest = inputs.route === 'auto';
    const proxyMode = isOfInterest ? readProxyMode(client, signal) : Promise.resolve(undefined);
    database.catch(() => undefined);
    proxyMode.catch(() => undefined);
    const { namespace, carrier } = inputs;
    const questions = [
        checkPermissions(client, { namespace, contextNamespace, isRelease: inputs.release !== undefined }, listed.then((nodes) => nodes !== undefined), { signal }),
        listed,
        near,
        carrierRights(client, namespace, signal),
        inputs.release === undefined && leadsServices(client, namespace, signal),
        planRewriting(inputs, { client, version, contextNamespace }, signal),
        inputs.release === undefined ? undefined : storageClassFor(client, namespace, signal),
    ];
    const [, found, isOn, rights, leadsLater, rewriteIn, storageClass] = await (0,lib_slots/* settled */.gu)(questions);
    const { ready: nodes, others } = found ?? cluster_NOBODY;
    if (inputs.onUnavailableNode === 'fail' && others.length > 0) {
        throw unavailableNodes(others);
    }
    return {
        ...{ nodes, others, nodesUnlisted: found === undefined, near: isOn },
        notOn: virtualAmong(others),
        obstacle: streamObstacle(carrier, rights, isOn),
        ...{ rights, leadsLater, databaseBytes: database, proxyMode, storageClass, rewriteIn },
    };
}
function tellMasked({ kubeconfig = process.env.KUBECONFIG ?? '' }) {
    if ((0,login_kubeconfig/* hasLinesOfBraces */.HG)(kubeconfig)) {
        runner/* warning */.$e('The given kubeconfig is JSON of several lines: as a secret each of them is masked by itself, so braces become *** in all logs, and outputs of the job that hold one are dropped; keep it as YAML, or in base64.');
    }
}
const cluster_NOBODY = { ready: [], others: [] };
async function nodesFor(client, { nodes: selector }, signal) {
    try {
        return await listNodes(client, { selector, signal });
    }
    catch (error) {
        if (!(0,kube_error/* isFault */.Zh)(error, 'permission')) {
            throw error;
        }
        requirementsOf(selector);
        return undefined;
    }
}
function tellWantsHttps(nodes) {
    const asking = nodes.filter(({ runtime }) => wantsHttps(runtime));
    if (asking.length > 0) {
        const named = nodesInWords(asking.map(({ name, runtime }) => ({ name, reason: `(${runtime})` })));
        runner/* info */.pq(`CRI-O from 1.35 on pulls over plain HTTP from 127.0.0.1 only where it is configured so: ${named}. For one that refuses, ${PLAIN_HTTP_FIX}`);
    }
}
async function leadsServices(client, namespace, signal) {
    const wanted = servicePatch(namespace !== undefined);
    const missing = await missingAmong(client, namespace, wanted, { signal, unasked: false });
    return missing.length === 0;
}
async function isNear({ carrier }, nodes, signal) {
    if (carrier.carrier === 'configmap' || carrier.way === 'api') {
        return false;
    }
    const addresses = nodes.slice(0, carriers/* REACH_NODES_MAX */.lh).flatMap((node) => node.addresses);
    return await reachesAny(addresses, carriers/* KUBELET_PORT */.F2, carriers/* REACH_MILLISECONDS */.Zn, signal);
}
function architecturesFor({ nodes, nodesUnlisted }, { platforms, release }) {
    const all = Object.keys(TARGETS).filter(isSupported);
    const isNamed = (one) => platforms?.some((platform) => platform.split('/')[1] === one);
    if (!nodesUnlisted) {
        const there = architecturesOf(nodes);
        return release === undefined ? there : [...new Set([...there, ...all.filter(isNamed)])];
    }
    const wanted = all.filter((one) => isNamed(one) ?? true);
    if (wanted.length === 0) {
        throw new errors/* ActionError */.lZ(`There is no injector for what the input \`platforms\` names (${platforms?.join(', ')}); nodes of ${all.join(' and ')} can have images.`);
    }
    return wanted;
}
function platformsOf(nodes) {
    return architecturesOf(nodes).map((architecture) => `linux/${architecture}`);
}
//# sourceMappingURL=cluster.js.map
// EXTERNAL MODULE: ./out/src/images/bytes/compression.js
var bytes_compression = __webpack_require__(314);
;// CONCATENATED MODULE: ./out/src/carriers/compression.js


const NONE = (0,bytes_compression/* parseCompression */.Gd)('none');
const ZSTD = (0,bytes_compression/* parseCompression */.Gd)('zstd');
function autoCompression(isRelease, choose) {
    return isRelease ? ZSTD : { among: [NONE, ZSTD], choose };
}
async function fittingCompression({ carrier, way }, { bytes, cluster, speed }) {
    if (carrier === 'configmap' || (carrier === 'auto' && bytes < carriers/* STREAM_FROM_BYTES */.Ob)) {
        return ZSTD;
    }
    const { near, obstacle } = await cluster();
    if (obstacle !== undefined) {
        return ZSTD;
    }
    const [slow, usual] = way !== 'api' && near
        ? [carriers/* COMPRESS_NEAR_BELOW_BYTES_PER_SECOND */.jS, Number.POSITIVE_INFINITY]
        : [carriers/* COMPRESS_BELOW_BYTES_PER_SECOND */.kd, 0];
    return ((await speed()) ?? usual) > slow ? NONE : ZSTD;
}
//# sourceMappingURL=compression.js.map
;// CONCATENATED MODULE: ./out/src/images/architectures.js

const WORDS = {
    amd64: ['x86_64', 'x86-64'],
    arm64: ['aarch64', 'arm64v8', 'arm64-v8'],
    arm: ['armhf', 'armv6', 'armv7', 'arm-v6', 'arm-v7', 'arm32v6', 'arm32v7'],
    386: ['i386', 'i686', 'x86'],
    ppc64le: [],
    riscv64: [],
    s390x: [],
};
async function byArchitecture(wanted, reading) {
    const shared = [];
    for (const { one, platform, platforms } of await amongTheirLike(wanted, ofCandidate)) {
        if (await architectures_isNeeded(platform, platforms, reading)) {
            shared.push({ ...one, elsewhere: platforms.filter((other) => other !== platform) });
            continue;
        }
        reading.onNotice(`${one.image.label} is for ${platform}, which no node has, and is left out beside its like for another architecture.`);
    }
    return shared;
}
async function acrossSources(all, reading) {
    const shared = [];
    for (const { one, platform, platforms } of await amongTheirLike(all, ofSelected)) {
        const isShared = await architectures_isNeeded(platform, platforms, reading);
        const others = isShared ? platforms.filter((other) => other !== platform) : [];
        shared.push({ ...one, elsewhere: [...new Set([...one.elsewhere, ...others])] });
    }
    return shared;
}
const ofCandidate = (one) => one;
const ofSelected = ({ found, name, tag }) => ({
    image: found,
    reference: { name, tag },
});
async function amongTheirLike(all, of) {
    const named = [];
    const stems = all.map((one) => stemOf(of(one).reference, Object.keys(WORDS)));
    for (const [index, one] of all.entries()) {
        const { image, reference } = of(one);
        const isAlone = !stems.some((stem, other) => other !== index && stem === stems[index]);
        const platform = isAlone ? undefined : await image.platform();
        const family = platform && architectures_familyOf(reference, platform);
        named.push(platform && family ? { one, family, platform } : { one });
    }
    return named.map(({ one, family, platform }) => {
        const like = named.filter((other) => family !== undefined && other.family === family);
        return {
            one,
            platform,
            platforms: [...new Set(like.flatMap((other) => other.platform ?? []))],
        };
    });
}
async function architectures_isNeeded(platform, platforms, reading) {
    if (platform === undefined || platforms.length < 2)
        return true;
    const cluster = await wantedPlatforms(reading);
    const taken = cluster.map((of) => takenFor(of, platforms));
    return cluster.length === 0 || taken.includes(platform) || taken.every((one) => !one);
}
function architectures_familyOf(reference, platform) {
    const architecture = platform.split('/')[1] ?? '';
    if (!Object.hasOwn(WORDS, architecture))
        return undefined;
    const family = stemOf(reference, [architecture]);
    return family === stemOf(reference, []) ? undefined : family;
}
function stemOf({ name, tag = '' }, architectures) {
    const words = architectures.flatMap((one) => [...(WORDS[one] ?? []), one]);
    const any = words.toSorted((one, other) => other.length - one.length).join('|');
    const pattern = new RegExp(`(?<=[/:._-])(?:${any})(?=$|[/:._-])`, 'g');
    return any === '' ? `${name}:${tag}` : `${name}:${tag}`.replace(pattern, '*');
}
//# sourceMappingURL=architectures.js.map
;// CONCATENATED MODULE: ./out/src/lib/limits/images.js

const DOCUMENT_MAX_BYTES = 4 * units/* MIB */.D6;
const DOCUMENTS_MAX_BYTES = 64 * units/* MIB */.D6;
const INDEX_MAX_DEPTH = 8;
const MANIFESTS_MAX = 1024;
const LAYERS_MAX = 1024;
const ARCHIVE_ENTRIES_MAX = 100_000;
const ARCHIVE_NAMES_MAX_CHARACTERS = 32 * units/* MIB */.D6;
const ARCHIVE_LINKS_MAX = 40;
const ARCHIVE_HEADER_MAX_BYTES = units/* MIB */.D6;
const REMEMBERED_FROM_BYTES = 16 * units/* MIB */.D6;
const REMEMBERED_DOCUMENT_MAX_BYTES = 256 * units/* KIB */.nH;
const REMEMBERED_MAX = 200;
const UNFOLDED_MAX_BYTES = 64 * 1024 * units/* MIB */.D6;
const ZSTD_WINDOW_BYTES = 8 * units/* MIB */.D6;
const COMPRESSION_BLOCK_BYTES = units/* MIB */.D6;
const READ_BYTES = units/* MIB */.D6;
const DAEMON_SILENCE_MS = 600_000;
const DAEMON_LOOK_UP_MS = 120_000;
const STORE_SILENCE_MS = 5000;
const STORE_MESSAGE_MAX_BYTES = 16 * units/* MIB */.D6;
const STORE_WINDOW_BYTES = units/* MIB */.D6;
const STORE_CONNECTION_WINDOW_BYTES = 8 * units/* MIB */.D6;
//# sourceMappingURL=images.js.map
// EXTERNAL MODULE: ./out/src/lib/protobuf.js
var protobuf = __webpack_require__(5274);
// EXTERNAL MODULE: external "node:http2"
var external_node_http2_ = __webpack_require__(2467);
;// CONCATENATED MODULE: ./out/src/images/bytes/byte-reader.js
const AHEAD_BYTES = 16 * 1024;
function fileReader(handle, size) {
    let position = 0;
    let ahead = Buffer.alloc(0);
    let aheadStart = 0;
    async function fill(length) {
        const buffer = Buffer.allocUnsafe(Math.max(length, AHEAD_BYTES));
        let have = 0;
        while (have < length) {
            const { bytesRead } = await handle.read(buffer, have, buffer.length - have, position + have);
            if (bytesRead === 0)
                break;
            have += bytesRead;
        }
        ahead = buffer.subarray(0, have);
        aheadStart = position;
    }
    return {
        get position() {
            return position;
        },
        async read(length) {
            if (position < aheadStart || position + length > aheadStart + ahead.length)
                await fill(length);
            const from = position - aheadStart;
            const bytes = ahead.subarray(from, from + length);
            position += bytes.length;
            return bytes;
        },
        async skip(length) {
            position += length;
            return position <= size;
        },
    };
}
function streamReader(source) {
    const iterator = source[Symbol.asyncIterator]();
    let current = Buffer.alloc(0);
    let position = 0;
    async function next() {
        while (current.length === 0) {
            const step = await iterator.next();
            if (step.done === true)
                return false;
            current = step.value;
        }
        return true;
    }
    async function* body(length) {
        let left = length;
        while (left > 0 && (await next())) {
            const piece = current.subarray(0, left);
            current = current.subarray(piece.length);
            position += piece.length;
            left -= piece.length;
            yield piece;
        }
    }
    return {
        get position() {
            return position;
        },
        body,
        async close() {
            await iterator.return?.();
        },
        async read(length) {
            const pieces = [];
            for await (const piece of body(length))
                pieces.push(piece);
            return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
        },
        async skip(length) {
            const end = position + length;
            for await (const _ of body(length))
                ;
            return position === end;
        },
    };
}
//# sourceMappingURL=byte-reader.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/grpc.js



const NOT_FOUND = 5;
class GrpcError extends Error {
    status;
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}
class Grpc {
    dial;
    signal;
    session;
    constructor(dial, signal) {
        this.dial = dial;
        this.signal = signal;
    }
    async *call(method, message, silence) {
        const stream = this.open().request({
            [external_node_http2_.constants.HTTP2_HEADER_METHOD]: 'POST',
            [external_node_http2_.constants.HTTP2_HEADER_PATH]: `/${method}`,
            [external_node_http2_.constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
            [external_node_http2_.constants.HTTP2_HEADER_TE]: 'trailers',
        });
        const told = {};
        let heard = 0;
        const hear = (headers) => {
            heard++;
            Object.assign(told, headers);
        };
        stream.on('response', hear);
        stream.on('trailers', hear);
        stream.setTimeout(silence, () => {
            const before = heard;
            setImmediate(() => {
                if (heard > before)
                    return;
                stream.destroy(new Error(`The daemon was silent for ${silence / 1000} s.`));
            });
        });
        stream.on('error', () => undefined);
        stream.end(framed(message));
        try {
            yield* messagesOf(stream, () => heard++);
            refuseUnlessDone(told);
        }
        finally {
            if (!stream.closed)
                stream.close(external_node_http2_.constants.NGHTTP2_CANCEL);
        }
    }
    close() {
        this.session?.destroy();
    }
    open() {
        this.signal.throwIfAborted();
        if (this.session === undefined || this.session.closed || this.session.destroyed) {
            this.session = this.connected();
        }
        return this.session;
    }
    connected() {
        const session = (0,external_node_http2_.connect)('http://docker', {
            createConnection: () => this.dial(),
            settings: { enablePush: false, initialWindowSize: STORE_WINDOW_BYTES },
        });
        session.on('error', () => undefined);
        session.once('connect', () => session.setLocalWindowSize(STORE_CONNECTION_WINDOW_BYTES));
        const end = () => session.destroy(this.signal.reason);
        this.signal.addEventListener('abort', end, { once: true });
        session.once('close', () => this.signal.removeEventListener('abort', end));
        return session;
    }
}
function framed(message) {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32BE(message.length, 1);
    return Buffer.concat([head, message]);
}
const HEAD_BYTES = 5;
async function* messagesOf(stream, hear) {
    const pieces = async function* () {
        for await (const piece of stream) {
            hear();
            yield piece;
        }
    };
    const reader = streamReader(pieces());
    for (;;) {
        const head = await reader.read(HEAD_BYTES);
        if (head.length === 0)
            return;
        const length = head.length === HEAD_BYTES ? head.readUInt32BE(1) : Number.NaN;
        if (head[0] !== 0 || !(length <= STORE_MESSAGE_MAX_BYTES)) {
            throw new Error('The daemon answered with what is no message of gRPC.');
        }
        const message = await reader.read(length);
        if (message.length < length)
            throw new Error('The answer of the daemon was cut off.');
        yield message;
    }
}
function refuseUnlessDone(told) {
    const status = told['grpc-status'];
    if (status === undefined) {
        throw new Error(`The daemon answered with HTTP status ${told[':status']} and no gRPC.`);
    }
    if (Number(status) !== 0) {
        throw new GrpcError(Number(status), unescaped(String(told['grpc-message'] ?? '')));
    }
}
function unescaped(message) {
    try {
        return decodeURIComponent(message);
    }
    catch {
        return message;
    }
}
//# sourceMappingURL=grpc.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/content-service.js



class ContentService {
    grpc;
    constructor(grpc) {
        this.grpc = grpc;
    }
    async size(digest) {
        const answers = this.grpc.call(`${SERVICE}/Info`, askFor(digest), STORE_SILENCE_MS);
        try {
            for await (const answer of answers)
                return sizeIn(answer);
        }
        catch (error) {
            if (!(error instanceof GrpcError && error.status === NOT_FOUND))
                throw error;
        }
        return undefined;
    }
    async *read(digest, from) {
        const asked = askFor(digest, from);
        for await (const answer of this.grpc.call(`${SERVICE}/Read`, asked, DAEMON_SILENCE_MS)) {
            for (const [field, value] of (0,protobuf/* fieldsOf */.Pf)(answer)) {
                if (field === 2 && typeof value !== 'number')
                    yield value;
            }
        }
    }
    close() {
        this.grpc.close();
    }
}
const SERVICE = 'containerd.services.content.v1.Content';
function askFor(digest, offset = 0) {
    return Buffer.concat([...(0,protobuf/* textField */.M8)(1, digest), ...(0,protobuf/* numberField */.sJ)(2, offset)]);
}
function sizeIn(answer) {
    const info = new Map((0,protobuf/* fieldsOf */.Pf)(answer)).get(1);
    const size = new Map((0,protobuf/* fieldsOf */.Pf)(info)).get(2) ?? 0;
    return Number(size);
}
//# sourceMappingURL=content-service.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/daemon-address.js





const DOCKER_SOCKET = '/var/run/docker.sock';
const TLS_FILES = ['ca', 'cert', 'key'];
function daemonPlace(environment) {
    const given = environment.DOCKER_HOST || environment.CONTAINER_HOST;
    if (given)
        return placeAt(given, environment);
    const ofContext = contextPlace(environment);
    if (ofContext !== undefined)
        return ofContext;
    const user = environment.XDG_RUNTIME_DIR;
    const sockets = [
        DOCKER_SOCKET,
        ...(user === undefined ? [] : [(0,external_node_path_.join)(user, 'docker.sock'), (0,external_node_path_.join)(user, 'podman/podman.sock')]),
        '/run/podman/podman.sock',
    ];
    const socket = sockets.find((path) => (0,external_node_fs_.existsSync)(path)) ?? DOCKER_SOCKET;
    return placeAt(`unix://${socket}`, environment);
}
function placeAt(address, environment) {
    const { DOCKER_CERT_PATH, DOCKER_TLS, DOCKER_TLS_VERIFY } = environment;
    const directory = DOCKER_CERT_PATH || configDirectory(environment);
    const files = TLS_FILES.map((name) => [name, (0,external_node_path_.join)(directory, `${name}.pem`)]);
    return {
        address,
        isSecure: !!DOCKER_TLS_VERIFY || !!DOCKER_TLS,
        ...(DOCKER_TLS && !DOCKER_TLS_VERIFY && { takesAnyCertificate: true }),
        files: Object.fromEntries(files),
    };
}
function configDirectory({ DOCKER_CONFIG, HOME = '' }) {
    return DOCKER_CONFIG || (0,external_node_path_.join)(HOME, '.docker');
}
function contextPlace(environment) {
    const directory = configDirectory(environment);
    const config = readJson((0,external_node_path_.join)(directory, 'config.json'));
    const context = environment.DOCKER_CONTEXT || json_text(members(config).currentContext);
    if (context === undefined || context === 'default')
        return undefined;
    const contexts = (0,external_node_path_.join)(directory, 'contexts');
    const id = (0,sha256/* sha256Of */.B)(context);
    const meta = readJson((0,external_node_path_.join)(contexts, 'meta', id, 'meta.json'));
    const endpoint = members(members(members(meta).Endpoints).docker);
    const address = json_text(endpoint.Host);
    if (address === undefined) {
        throw new errors/* ActionError */.lZ(`The Docker context "${context}" is not in ${contexts}, or names no daemon there; create it for the user of this step, or set DOCKER_CONTEXT or DOCKER_HOST.`);
    }
    const directoryOfTls = (0,external_node_path_.join)(contexts, 'tls', id, 'docker');
    const files = TLS_FILES.map((name) => [name, (0,external_node_path_.join)(directoryOfTls, `${name}.pem`)]).filter(([, path]) => (0,external_node_fs_.existsSync)(path));
    const takesAnyCertificate = endpoint.SkipTLSVerify === true;
    return {
        address,
        isSecure: takesAnyCertificate || files.length > 0,
        ...(takesAnyCertificate && { takesAnyCertificate }),
        files: Object.fromEntries(files),
    };
}
function readJson(path) {
    try {
        return JSON.parse((0,external_node_fs_.readFileSync)(path, 'utf8'));
    }
    catch {
        return undefined;
    }
}
//# sourceMappingURL=daemon-address.js.map
// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(4708);
// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(1692);
;// CONCATENATED MODULE: ./out/src/images/daemon/daemon-connection.js










function dial(place) {
    const { secure, options } = target(place);
    const { socketPath, ...rest } = options;
    if (socketPath !== undefined)
        return (0,external_node_net_.connect)(socketPath);
    return secure
        ? (0,external_node_tls_.connect)({ ...rest, ALPNProtocols: ['h2'] })
        : (0,external_node_net_.connect)(rest);
}
function target(place) {
    const { address, isSecure } = place;
    if (address.startsWith('unix://'))
        return { secure: false, options: { socketPath: address.slice(7) } };
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || !/^(?:tcp|http|https):$/.test(url.protocol)) {
        throw new errors/* ActionError */.lZ(`The daemon address "${address}" cannot be used; set DOCKER_HOST to unix:///path or tcp://host:port.`);
    }
    const secure = url.protocol === 'https:' || isSecure;
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = url.port === '' ? (secure ? 2376 : 2375) : Number(url.port);
    const servername = (0,host_port/* serverNameOf */.a)(host);
    return {
        secure,
        options: {
            ...{ host, port, autoSelectFamilyAttemptTimeout: kube/* ADDRESS_ANSWER_MILLISECONDS */.hC },
            ...(secure && { servername, ...certificates(place) }),
        },
    };
}
function certificates({ files, takesAnyCertificate }) {
    const read = (path) => {
        try {
            return (0,external_node_fs_.readFileSync)(path);
        }
        catch (cause) {
            throw new errors/* ActionError */.lZ(`The file ${(0,external_node_path_.basename)(path)} for the daemon's TLS cannot be read in ${(0,external_node_path_.dirname)(path)}; set DOCKER_CERT_PATH.`, { cause });
        }
    };
    const { cert = '', key = '', ...others } = files;
    const isAnonymous = !(0,external_node_fs_.existsSync)(cert) && !(0,external_node_fs_.existsSync)(key);
    const given = Object.entries(isAnonymous ? others : files).map(([name, path]) => [
        name,
        read(path),
    ]);
    const rejectUnauthorized = !takesAnyCertificate;
    const secureContext = (0,trust/* secureContextOf */.AS)({ rejectUnauthorized, ...Object.fromEntries(given) });
    return { rejectUnauthorized, secureContext };
}
async function send(place, path, { signal, silence }) {
    const { address } = place;
    const { secure, options } = target(place);
    return new Promise((resolve, reject) => {
        const call = secure ? external_node_https_.request : external_node_http_.request;
        let begun;
        const request = call({ ...options, path, signal, agent: false, headers: { host: 'docker' } }, (response) => {
            begun = response;
            resolve(response);
        });
        request.once('socket', (socket) => onceSilent(socket, silence, () => (begun ?? request).destroy(socket.connecting ? new Error('no connection in time') : silent(address, silence))));
        request.on('error', (cause) => reject(cause instanceof errors/* ActionError */.lZ ? cause : unreachable(address, cause)));
        request.end();
    });
}
function onceSilent(socket, milliseconds, act) {
    const heard = () => `${socket.connecting} ${socket.bytesRead}`;
    socket.setTimeout(milliseconds).on('timeout', () => {
        const before = heard();
        setImmediate(() => {
            if (heard() === before)
                act();
        });
    });
}
function silent(address, milliseconds) {
    return new errors/* ActionError */.lZ(`The daemon at ${address} took a request and did not answer for ${milliseconds / 1000} seconds; see by docker version that it answers, restart it, or give the path of an archive.`);
}
function unreachable(address, cause) {
    const denied = cause.code === 'EACCES';
    const unagreed = (0,trust/* distrustIn */.yG)(cause) ?? /:SSL routines:[^:]*:([^:]+):/.exec(cause.message)?.[1];
    return new errors/* ActionError */.lZ(denied
        ? `The Docker daemon's socket ${address} may not be opened by this user; add it to the docker group or give the path of an archive.`
        : unagreed !== undefined
            ? `The daemon at ${address} and this machine do not agree on TLS (${unagreed}); see ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH or the Docker context, and this machine's clock.`
            : `No Docker daemon answers at ${address}; start it, set DOCKER_HOST, or give the path of an archive.`, { cause });
}
//# sourceMappingURL=daemon-connection.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/daemon.js










function connectDaemon(environment, signal, lookUp = DAEMON_LOOK_UP_MS) {
    const place = daemonPlace(environment);
    const { address } = place;
    const call = (path, silence) => send(place, path, { signal, silence });
    return {
        address,
        async inspect(reference) {
            const response = await call(`/images/${encodeURIComponent(reference).replaceAll('%2F', '/')}/json?manifests=true`, lookUp);
            const body = await bodyOf(response);
            if (response.statusCode !== 200)
                throw refused(address, reference, response, body);
            const answer = members(parseJson(body, `The answer of the daemon for ${reference}`));
            const given = json_text(answer.Id) ?? '';
            const id = given.includes(':') ? given : `sha256:${given}`;
            if (!isDigest(id)) {
                throw new errors/* ActionError */.lZ(`The daemon at ${address} gives the image ${reference} the ID ${JSON.stringify(given)}, which is not a sha256 digest; check DOCKER_HOST.`);
            }
            const bytes = typeof answer.Size === 'number' ? answer.Size : 0;
            const [os, architecture] = [json_text(answer.Os), json_text(answer.Architecture)];
            return {
                ...{ id, bytes, names: texts(answer.RepoTags).filter(images_reference/* isReference */.A_) },
                ...(os && architecture && { platform: `${os}/${architecture}` }),
                descriptor: descriptorOf(answer.Descriptor, id),
                held: heldOf(answer.Manifests),
            };
        },
        async save(references) {
            const names = references.map((name) => `names=${encodeURIComponent(name)}`).join('&');
            const response = await call(`/images/get?${names}`, DAEMON_SILENCE_MS);
            if (response.statusCode === 200)
                return response;
            throw unsaved(address, references.join(', '), response, await bodyOf(response));
        },
        contents: () => new ContentService(new Grpc(() => dial(place), signal)),
    };
}
function descriptorOf(value, id) {
    const { digest, mediaType, size } = members(value);
    return digest === id && typeof size === 'number'
        ? { digest, mediaType: json_text(mediaType) ?? '', size }
        : undefined;
}
function heldOf(manifests) {
    return items(manifests).flatMap((value) => {
        const { Available, ImageData, Size } = members(value);
        const platform = members(members(ImageData).Platform);
        const [os, architecture] = [json_text(platform.os), json_text(platform.architecture)];
        const bytes = members(Size).Total;
        if (Available !== true || !os || !architecture || typeof bytes !== 'number')
            return [];
        return [{ platform: `${os}/${architecture}`, bytes }];
    });
}
function bodyOf(response) {
    const sentence = 'The daemon answered with more than an image description; check DOCKER_HOST.';
    return (0,bounded/* readBounded */.C)(response, DOCUMENT_MAX_BYTES, () => new errors/* ActionError */.lZ(sentence));
}
function reasonOf(response, body) {
    let reason = body.toString('utf8', 0, 500);
    try {
        reason = json_text(members(JSON.parse(body.toString('utf8'))).message) ?? reason;
    }
    catch {
    }
    return daemon_bareWords(reason) || `HTTP status ${response.statusCode}`;
}
function daemon_bareWords(words) {
    return words
        .replace(/[\s\p{Cc}]+/gu, ' ')
        .trim()
        .replace(/\.+$/, '');
}
function refused(address, what, response, body) {
    const reason = reasonOf(response, body);
    const cause = new Error(`HTTP ${response.statusCode}: ${reason}`);
    if (response.statusCode === 404) {
        return new errors/* ActionError */.lZ(`The daemon at ${address} has no image ${what}; build or pull it before this step, or give the path of an archive.`, { cause });
    }
    return new errors/* ActionError */.lZ(`The daemon at ${address} refused to give the image ${what}: ${reason}.`, {
        cause,
    });
}
function unsaved(address, what, response, body) {
    const reason = reasonOf(response, body);
    return new errors/* ActionError */.lZ(/no space left/i.test(reason)
        ? `The daemon at ${address} has no room to save the image ${what} (${reason}); make room on its disk, or build the image with buildx type=oci and give that path.`
        : `The daemon at ${address} knows the image ${what} but cannot save it: ${reason}; fetch it again with docker pull, or build it with buildx type=oci and give that path.`, { cause: new Error(`HTTP ${response.statusCode}: ${reason}`) });
}
//# sourceMappingURL=daemon.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/asked.js



function announcedImage({ line, about }) {
    const { given, location, rename } = line;
    const { bytes, names } = about;
    const reference = rename ?? (0,images_reference/* parseReference */.F2)((0,images_reference/* isReference */.A_)(location) ? location : (names[0] ?? 'image'));
    return { given, name: reference.name, bytes, parts: partsOf(about) };
}
function partsOf({ bytes, platform, descriptor, held = [] }) {
    if (held.length > 0)
        return held.map((one) => ({ ...one, storeBytes: one.bytes }));
    if (descriptor !== undefined && documentKind(descriptor.mediaType) === 'index') {
        return [{ storeBytes: 2 * bytes }];
    }
    return [{ platform, storeBytes: descriptor === undefined ? 2 * bytes : bytes }];
}
async function askDaemon(lines, environment, signal) {
    const wanted = lines.filter((line) => line.transport === 'docker-daemon');
    if (wanted.length === 0)
        return undefined;
    const daemon = connectDaemon(environment, signal);
    const inspected = [];
    for (const line of wanted)
        inspected.push({ line, about: await daemon.inspect(line.location) });
    return { daemon, inspected };
}
//# sourceMappingURL=asked.js.map
;// CONCATENATED MODULE: ./out/src/images/bytes/lfs-pointer.js

const LFS_POINTER_MAX_BYTES = 1024;
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';
function refusePointer(start, what) {
    if (start.toString('latin1', 0, LFS_POINTER.length) !== LFS_POINTER)
        return;
    throw new errors/* ActionError */.lZ(`${what} is a pointer of Git LFS and not the file itself; check out with "lfs: true" or run git lfs pull.`);
}
//# sourceMappingURL=lfs-pointer.js.map
;// CONCATENATED MODULE: ./out/src/images/bytes/content.js







function fileContent(path, start, size) {
    return {
        size,
        file: { path, start },
        open: (from = 0) => from >= size
            ? external_node_stream_.Readable.from([])
            : (0,external_node_fs_.createReadStream)(path, {
                start: start + from,
                end: start + size - 1,
                highWaterMark: READ_BYTES,
            }),
    };
}
function memoryContent(bytes) {
    return {
        size: bytes.length,
        digest: digestOf(bytes),
        open: (from = 0) => external_node_stream_.Readable.from([bytes.subarray(from)]),
    };
}
async function* piecesOf(content, from = 0, buffers = 1) {
    if (content.file === undefined) {
        yield* content.open(from);
        return;
    }
    const { path, start } = content.file;
    const handle = await (0,promises_.open)(path, 'r');
    try {
        const size = Math.min(content.size - from, READ_BYTES);
        const ring = Array.from({ length: buffers }, () => Buffer.allocUnsafeSlow(Math.max(size, 0)));
        for (let done = from, turn = 0; done < content.size; turn++) {
            const buffer = ring[turn % buffers];
            const length = Math.min(buffer.length, content.size - done);
            const { bytesRead } = await handle.read(buffer, 0, length, start + done);
            if (bytesRead === 0)
                return;
            done += bytesRead;
            yield buffer.subarray(0, bytesRead);
        }
    }
    finally {
        await handle.close();
    }
}
function digestOf(bytes) {
    return `sha256:${(0,sha256/* sha256Of */.B)(bytes)}`;
}
async function* skipped(pieces, bytes) {
    let left = bytes;
    for await (const piece of pieces) {
        const rest = piece.subarray(left);
        left -= piece.length - rest.length;
        if (rest.length > 0)
            yield rest;
    }
}
async function readWhole(content, limit, what) {
    if (content.size > limit) {
        throw new errors/* ActionError */.lZ(`${what} has ${content.size} bytes, more than the ${limit} that such a document may have; the source is not an image.`);
    }
    const chunks = [];
    for await (const chunk of content.open())
        chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (bytes.length !== content.size) {
        throw new errors/* ActionError */.lZ(`${what} ended after ${bytes.length} of ${content.size} bytes; make the source anew.`);
    }
    refusePointer(bytes, what);
    return bytes;
}
async function readStart(content, length) {
    const chunks = [];
    let have = 0;
    const stream = content.open();
    for await (const chunk of stream) {
        chunks.push(chunk);
        have += chunk.length;
        if (have >= length)
            break;
    }
    stream.destroy();
    return Buffer.concat(chunks).subarray(0, length);
}
//# sourceMappingURL=content.js.map
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
// EXTERNAL MODULE: ./out/src/images/bytes/zstd-frames.js
var zstd_frames = __webpack_require__(272);
;// CONCATENATED MODULE: ./out/src/images/bytes/unfold.js



async function* unfolded(source, encoding) {
    if (encoding === 'none')
        yield* source;
    else if (encoding === 'gzip')
        yield* decoded(source, (0,external_node_zlib_.createGunzip)({ chunkSize: READ_BYTES }));
    else
        yield* unfoldedFrames(source);
}
async function* decoded(source, decoder) {
    const feeding = feed(source, decoder);
    try {
        for await (const piece of decoder)
            yield piece;
    }
    finally {
        decoder.destroy();
        await feeding;
    }
}
async function feed(source, decoder) {
    try {
        for await (const piece of source) {
            await taken(piece, decoder);
            if (decoder.destroyed)
                return;
        }
        decoder.end();
    }
    catch (thrown) {
        decoder.destroy(thrown);
    }
}
function taken(piece, decoder) {
    return new Promise((resolve) => {
        decoder.once('close', resolve);
        decoder.write(piece, () => {
            decoder.off('close', resolve);
            resolve();
        });
    });
}
async function* unfoldedFrames(source) {
    const iterator = source[Symbol.asyncIterator]();
    const scanner = new zstd_frames/* FrameScanner */.yQ();
    let left;
    async function next() {
        while (left === undefined || left.length === 0) {
            const step = await iterator.next();
            if (step.done === true)
                return undefined;
            left = step.value;
        }
        return left;
    }
    async function* frame() {
        for (;;) {
            const bytes = await next();
            if (bytes === undefined)
                throw new Error('the zstd stream is cut off');
            const end = scanner.scan(bytes);
            left = end < 0 ? undefined : bytes.subarray(end);
            yield end < 0 ? bytes : bytes.subarray(0, end);
            if (end >= 0)
                return;
        }
    }
    try {
        while ((await next()) !== undefined) {
            left = await longerStart((await next()), iterator);
            if ((0,zstd_frames/* isSkippableFrame */.XG)(left)) {
                for await (const _ of frame())
                    ;
                continue;
            }
            const large = (0,zstd_frames/* windowBytesOf */.$Z)(left) > ZSTD_WINDOW_BYTES;
            const content = () => decoded(frame(), (0,external_node_zlib_.createZstdDecompress)({ chunkSize: READ_BYTES }));
            yield* large ? unfold_inTurn(content) : content();
        }
    }
    finally {
        await iterator.return?.();
    }
}
async function longerStart(bytes, iterator) {
    let longer = bytes;
    while (longer.length < zstd_frames/* FRAME_HEADER_MAX_BYTES */.fM) {
        longer = Buffer.from(longer);
        const step = await iterator.next();
        if (step.done === true)
            break;
        longer = Buffer.concat([longer, step.value]);
    }
    return longer;
}
let lastTurn = Promise.resolve();
async function* unfold_inTurn(content) {
    const before = lastTurn;
    const { promise, resolve } = Promise.withResolvers();
    lastTurn = promise;
    try {
        await before;
        yield* content();
    }
    finally {
        before.then(resolve);
    }
}
//# sourceMappingURL=unfold.js.map
;// CONCATENATED MODULE: ./out/src/images/bytes/verify.js





async function measureDigest(content, onBytes) {
    if (content.digest !== undefined)
        return content.digest;
    const hash = (0,external_node_crypto_.createHash)('sha256');
    for await (const piece of piecesOf(content)) {
        hash.update(piece);
        onBytes(piece.length);
    }
    return `sha256:${hash.digest('hex')}`;
}
async function measureLayer(content, encoding, what, onBytes, limit = UNFOLDED_MAX_BYTES) {
    const outer = (0,external_node_crypto_.createHash)('sha256');
    const inner = (0,external_node_crypto_.createHash)('sha256');
    async function* tapped() {
        for await (const piece of piecesOf(content)) {
            outer.update(piece);
            onBytes(piece.length);
            yield piece;
        }
    }
    let size = 0;
    try {
        for await (const piece of unfolded(tapped(), encoding)) {
            size += piece.length;
            if (size > limit)
                throw new Error(`it unfolds to more than ${limit} bytes`);
            inner.update(piece);
        }
    }
    catch (cause) {
        throw new errors/* ActionError */.lZ(`${what} cannot be unpacked (${(0,errors/* sentenceOf */.$N)(cause)}); build or save the image anew.`, { cause });
    }
    return { digest: `sha256:${outer.digest('hex')}`, diffId: `sha256:${inner.digest('hex')}` };
}
function expectDigest(what, written, found) {
    if (written === found)
        return;
    throw new errors/* ActionError */.lZ(`${what} is written down as ${written} but its bytes are ${found}; the source is damaged, make it anew.`);
}
//# sourceMappingURL=verify.js.map
;// CONCATENATED MODULE: ./out/src/images/incomplete.js

async function throwIncomplete(tree, label, what) {
    const index = await tree.find('index.json');
    const table = await tree.find('manifest.json');
    const missing = `${label} is incomplete: ${what} is missing in the source`;
    if (tree.isStore) {
        throw new errors/* ActionError */.lZ(`${missing} although the manifest names it; pull it again with "docker pull" or build it with buildx type=oci, since Docker's containerd store has lost it.`);
    }
    if (table === undefined) {
        throw new errors/* ActionError */.lZ(`${missing} although the manifest names it; write it anew with all of its layers, for tools such as pack --sparse leave some out.`);
    }
    if (index === undefined)
        throw new errors/* ActionError */.lZ(`${missing}; save it anew.`);
    throw new errors/* ActionError */.lZ(`${missing} although the manifest names it; save it anew (Docker's containerd store leaves out what it had already unpacked: pull it again with "docker pull" or build it with buildx type=oci).`);
}
//# sourceMappingURL=incomplete.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/documents.js








function readDescriptor(value, what) {
    const from = members(value);
    const digest = json_text(from.digest) ?? '';
    const size = from.size;
    if (!isDigest(digest)) {
        throw new errors/* ActionError */.lZ(`${what} names the digest "${digest}"; node runtimes pull by sha256 alone, so build the image anew.`);
    }
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
        throw new errors/* ActionError */.lZ(`${what} names ${digest} without a usable size; make the source anew.`);
    }
    const platform = members(from.platform);
    const os = json_text(platform.os);
    const architecture = json_text(platform.architecture);
    const variant = json_text(platform.variant);
    const osVersion = json_text(platform['os.version']);
    const annotations = Object.entries(members(from.annotations)).filter((pair) => typeof pair[1] === 'string');
    const artifactType = json_text(from.artifactType);
    const data = json_text(from.data);
    return {
        mediaType: json_text(from.mediaType) ?? '',
        digest,
        size,
        ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
        ...(os === undefined || architecture === undefined
            ? {}
            : {
                platform: {
                    os,
                    architecture,
                    ...(variant === undefined ? {} : { variant }),
                    ...(osVersion === undefined ? {} : { osVersion }),
                },
            }),
        ...(artifactType === undefined ? {} : { artifactType }),
        ...(data === undefined ? {} : { data }),
    };
}
async function findBlob(tree, descriptor) {
    const content = await tree.find(`blobs/sha256/${descriptor.digest.slice(7)}`);
    if (content !== undefined)
        return content;
    if (descriptor.data === undefined)
        return undefined;
    const inline = memoryContent(Buffer.from(descriptor.data, 'base64'));
    return inline.digest === descriptor.digest ? inline : undefined;
}
async function expectSize(what, written, content) {
    if (content.size === written)
        return;
    refusePointer(await readStart(content, LFS_POINTER_MAX_BYTES), what);
    throw new errors/* ActionError */.lZ(`${what} is written down with ${written} bytes but has ${content.size}; the source is damaged, make it anew.`);
}
async function readDocument(tree, descriptor, label) {
    const content = await findBlob(tree, descriptor);
    if (content === undefined)
        return undefined;
    const what = `${label}: the manifest ${descriptor.digest}`;
    const bytes = await readWhole(content, DOCUMENT_MAX_BYTES, what);
    await expectSize(what, descriptor.size, content);
    expectDigest(what, descriptor.digest, digestOf(bytes));
    return documentOf(bytes, descriptor, label);
}
function documentOf(bytes, descriptor, label) {
    const what = `${label}: the manifest ${descriptor.digest}`;
    const json = members(parseJson(bytes, what));
    const mediaType = mediaTypeOf(descriptor, json);
    const kind = documentKind(mediaType);
    if (kind === 'schema1' || json.schemaVersion === 1) {
        throw new errors/* ActionError */.lZ(`${label} is in the old format "schema 1", which node runtimes refuse; push or save it anew with a current tool.`);
    }
    if (kind === 'unknown') {
        throw new errors/* ActionError */.lZ(`${label} has the media type "${mediaType}", which is neither an image nor an index of images.`);
    }
    if (kind === 'index' ? 'layers' in json || 'config' in json : 'manifests' in json) {
        throw new errors/* ActionError */.lZ(`${what} is both an image and an index, so tools read it in different ways; build the image anew.`);
    }
    return { digest: descriptor.digest, mediaType, bytes, kind, descriptor, json };
}
function mediaTypeOf(descriptor, json) {
    const written = json_text(json.mediaType) ?? descriptor.mediaType;
    if (written !== '')
        return written;
    return items(json.manifests).length > 0 ? OCI_INDEX : OCI_MANIFEST;
}
function isImage(document) {
    if (document.kind === 'index')
        return true;
    return isImageConfig(configTypeOf(document)) && !isSignature(document);
}
function isSignature(document) {
    const layers = items(document.json.layers).map((value) => json_text(members(value).mediaType) ?? '');
    return layers.length > 0 && layers.every(isAboutLayer);
}
function artifactTypeOf(document) {
    return json_text(document.json.artifactType) ?? configTypeOf(document);
}
function whyNoImage(document) {
    const type = artifactTypeOf(document).replace(/\p{Cc}+/gu, ' ') || 'unknown';
    return `is an artifact of type ${type} and no image that a node can run`;
}
function configTypeOf(document) {
    return json_text(members(document.json.config).mediaType) ?? '';
}
function tooMuch(label) {
    return new errors/* ActionError */.lZ(`${label} has manifests of more than ${DOCUMENTS_MAX_BYTES} bytes together; it is not an image.`);
}
//# sourceMappingURL=documents.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/manifest-content.js









async function readRunnable(tree, document, label) {
    const what = `${label}: the manifest ${document.digest}`;
    const config = readDescriptor(document.json.config, what);
    if (!isImageConfig(config.mediaType)) {
        throw new errors/* ActionError */.lZ(`${label} ${whyNoImage(document)}; name an image.`);
    }
    const layers = items(document.json.layers).map((value) => readDescriptor(value, what));
    if (layers.length > LAYERS_MAX) {
        throw new errors/* ActionError */.lZ(`${label} has ${layers.length} layers, more than ${LAYERS_MAX}, which no node can mount; build it with fewer.`);
    }
    for (const layer of layers)
        refuseLayerType(layer, label);
    const configContent = await findBlob(tree, config);
    if (configContent === undefined) {
        return throwIncomplete(tree, label, `the config ${config.digest}`);
    }
    const bytes = await readWhole(configContent, DOCUMENT_MAX_BYTES, `${label}: the config ${config.digest}`);
    await expectSize(`${label}: the config ${config.digest}`, config.size, configContent);
    expectDigest(`${label}: the config`, config.digest, digestOf(bytes));
    const json = members(parseJson(bytes, `${label}: the config ${config.digest}`));
    const platform = configPlatform(json) ?? document.descriptor.platform;
    const diffIds = texts(members(json.rootfs).diff_ids);
    if (diffIds.length !== layers.length) {
        throw new errors/* ActionError */.lZ(`${label} has ${layers.length} layers but its config names ${diffIds.length}; build the image anew.`);
    }
    return { document, platform, config, configContent, layers, diffIds };
}
function configPlatform(config) {
    const architecture = json_text(config.architecture);
    return architecture === undefined ? undefined : { os: json_text(config.os) ?? 'linux', architecture };
}
function refuseLayerType(layer, label) {
    const kind = layerKind(layer.mediaType);
    if (kind === 'foreign') {
        throw new errors/* ActionError */.lZ(`${label} has the layer ${layer.digest} of the non-distributable type ${layer.mediaType}, which may not be passed on; build the image with ordinary layers.`);
    }
    if (kind === 'unknown') {
        throw new errors/* ActionError */.lZ(`${label} has the layer ${layer.digest} of type "${layer.mediaType}", which node runtimes cannot unpack; build the image with tar, gzip or zstd layers.`);
    }
}
async function readBlobs(tree, manifest, label, reading) {
    const config = reading.blob(manifest.config.digest, manifest.configContent);
    const found = [];
    for (const layer of manifest.layers) {
        const content = await findBlob(tree, layer);
        if (content === undefined)
            return throwIncomplete(tree, label, `the layer ${layer.digest}`);
        await expectSize(`${label}: the layer ${layer.digest}`, layer.size, content);
        found.push(content);
    }
    const layers = manifest.layers.map((layer, index) => {
        const content = found[index];
        const diffId = manifest.diffIds[index];
        reading.verification.add(`${layer.digest} ${diffId}`, () => verifyLayer(layer, content, diffId, label, reading));
        return reading.blob(layer.digest, content);
    });
    return { config, layers };
}
async function verifyLayer(layer, content, diffId, label, reading) {
    const what = `${label}: the layer ${layer.digest}`;
    let unfolded = reading.unfoldedTo.get(layer.digest);
    if (unfolded === undefined) {
        const onBytes = verifying(what, reading);
        const encoding = content.packed === undefined ? (0,bytes_compression/* encodingOf */.P$)(await readStart(content, 4)) : 'none';
        const measured = encoding === 'none'
            ? await measureDigest(content, onBytes).then((digest) => ({ digest, diffId: digest }))
            : await measureLayer(content, encoding, what, onBytes);
        expectDigest(what, layer.digest, measured.digest);
        unfolded = measured.diffId;
        reading.unfoldedTo.set(layer.digest, unfolded);
    }
    expectDigest(`${what}, unpacked,`, diffId, unfolded);
}
function verifying(source, reading) {
    let bytes = 0;
    return (more) => {
        bytes += more;
        reading.onProgress({ source, stage: 'verifying', bytes });
    };
}
async function readBlobsAbout(tree, document, label, reading) {
    const blobs = [];
    for (const value of [document.json.config, ...items(document.json.layers)]) {
        const descriptor = readableDescriptor(value);
        if (descriptor === undefined)
            return undefined;
        const content = await findBlob(tree, descriptor);
        if (content === undefined || content.size !== descriptor.size)
            return undefined;
        const what = `${label}: the blob ${descriptor.digest}`;
        const measured = await measureDigest(content, verifying(what, reading));
        expectDigest(`${label}: the blob`, descriptor.digest, measured);
        blobs.push(reading.blob(descriptor.digest, content));
    }
    return blobs;
}
function readableDescriptor(value) {
    try {
        return readDescriptor(value, '');
    }
    catch {
        return undefined;
    }
}
//# sourceMappingURL=manifest-content.js.map
;// CONCATENATED MODULE: ./out/src/images/source/file-kinds.js


const KIND_BYTES = 8;
const COMPRESSIONS = [
    ['xz', 'fd377a585a00', 'xz -d'],
    ['bzip2', '425a68', 'bzip2 -d'],
    ['lz4', '04224d18', 'lz4 -d'],
    ['lzip', '4c5a4950', 'lzip -d'],
    ['compress', '1f9d', 'uncompress'],
];
const ARCHIVES = [
    ['504b0304', 'is a zip file; unpack it with unzip and give what is in it'],
    ['504b0506', 'is a zip file with nothing in it; check the step that writes it'],
    ['377abcaf271c', 'is a 7z file; unpack it with 7z x and give what is in it'],
];
const TEXTS = [
    [
        /^\s*<(?:!doctype|html|\?xml)/i,
        'is a web page and no archive; check the step that downloads it',
    ],
    [
        /^\s*[[{]/,
        'is JSON and no archive; give the directory of a layout, or what docker save, skopeo or buildx wrote',
    ],
    [
        /^#!\/usr\/bin\/env run-singularity/,
        'is an image of Singularity or Apptainer, which Kubernetes does not run; give what docker save, skopeo or buildx wrote',
    ],
];
function refuseOtherCompression(start, what) {
    const bytes = start.toString('hex', 0, KIND_BYTES);
    const found = COMPRESSIONS.find(([, first]) => bytes.startsWith(first));
    if (found === undefined)
        return;
    throw new errors/* ActionError */.lZ(`${what} is compressed with ${found[0]}, which is not read here; unpack it with "${found[2]}" before this step, or compress it with gzip or zstd.`);
}
function refuseFile(start, label) {
    if (start.length === 0) {
        throw new errors/* ActionError */.lZ(`${label} is empty and is not a tar archive; check the step that writes it.`);
    }
    refuseOtherCompression(start, label);
    refusePointer(start.subarray(0, LFS_POINTER_MAX_BYTES), label);
    const bytes = start.toString('hex', 0, KIND_BYTES);
    const words = ARCHIVES.find(([first]) => bytes.startsWith(first))?.[1] ??
        TEXTS.find(([pattern]) => pattern.test(start.toString('latin1')))?.[1] ??
        'is not a tar archive; give the path of what docker save, skopeo or buildx wrote, or docker-daemon:NAME for an image of the Docker daemon that is called like this file';
    throw new errors/* ActionError */.lZ(`${label} cannot be read as an image: it ${words}.`);
}
//# sourceMappingURL=file-kinds.js.map
;// CONCATENATED MODULE: ./out/src/images/source/file-system.js

const ROOTS = new Set('bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var'.split(' '));
const ROOTS_LEAST = 3;
function topOf(path) {
    return path.replace(/^(?:\.\/)+/, '').split('/')[0] ?? '';
}
function isExportMark(path) {
    return topOf(path) === '.dockerenv';
}
function isFileSystemPath(path) {
    return ROOTS.has(topOf(path));
}
function fileSystem(label) {
    return new errors/* ActionError */.lZ(`${label} holds no image but the files of a container, as docker export writes them; write the image with docker save.`);
}
function areOfFileSystem(paths) {
    return new Set(paths.filter(isFileSystemPath).map(topOf)).size >= ROOTS_LEAST;
}
//# sourceMappingURL=file-system.js.map
;// CONCATENATED MODULE: ./out/src/images/source/tar-reader.js




const BLOCK = 512;
const KINDS = {
    File: 'file',
    OldFile: 'file',
    ContiguousFile: 'file',
    Directory: 'directory',
    GNUDumpDir: 'directory',
    SymbolicLink: 'link',
    Link: 'link',
};
function tar_reader_padded(size) {
    return Math.ceil(size / BLOCK) * BLOCK;
}
function resolveInside(base, path) {
    if (path.startsWith('/') || path.includes('\0'))
        return undefined;
    const parts = base === '' ? [] : base.split('/');
    for (const part of path.split('/')) {
        if (part === '' || part === '.')
            continue;
        if (part !== '..')
            parts.push(part);
        else if (parts.pop() === undefined)
            return undefined;
    }
    return parts.join('/');
}
function directoryOf(path) {
    return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
function tar_reader_namesOf(header, extended) {
    return {
        path: extended?.path ?? header.path ?? '',
        linkpath: extended?.linkpath ?? header.linkpath ?? '',
    };
}
function entryOf(header, names, start, label) {
    const given = names.path;
    const type = header.type;
    const kind = KINDS[type];
    if (type === 'SparseFile')
        throw sparse(label);
    if (kind === undefined) {
        throw new errors/* ActionError */.lZ(`${label} has the entry "${given}" of type ${type}, which no image archive needs; make the archive anew with docker save, skopeo or buildx.`);
    }
    const path = given.split('/').includes('..') ? undefined : resolveInside('', given);
    if (path === undefined) {
        throw new errors/* ActionError */.lZ(`${label} has the entry "${given}", whose path leads out of the archive; do not trust this archive.`);
    }
    const size = kind === 'file' ? (header.size ?? 0) : 0;
    if (!Number.isSafeInteger(size))
        throw damaged(label);
    if (kind !== 'link')
        return { path, kind, start, size };
    const link = names.linkpath;
    const target = resolveInside(type === 'Link' ? '' : directoryOf(path), link);
    if (target === undefined) {
        throw new errors/* ActionError */.lZ(`${label} has the link "${path}" to "${link}", which leads out of the archive; do not trust this archive.`);
    }
    return { path, kind, start, size: 0, target };
}
function trusted(header, names, start, label) {
    if (isExportMark(names.path))
        throw fileSystem(label);
    try {
        return entryOf(header, names, start, label);
    }
    catch (fault) {
        throw isFileSystemPath(names.path) ? fileSystem(label) : fault;
    }
}
function readHeader(make) {
    try {
        return make();
    }
    catch {
        return undefined;
    }
}
async function readExtension(reader, size, label) {
    if (size > ARCHIVE_HEADER_MAX_BYTES) {
        throw new errors/* ActionError */.lZ(`${label} has an extended header of ${size} bytes; it is not an image archive.`);
    }
    const bytes = await reader.read(tar_reader_padded(size));
    if (bytes.length < tar_reader_padded(size))
        throw truncated(label);
    return bytes.toString('utf8', 0, size);
}
async function readPax(reader, size, label) {
    const records = await readExtension(reader, size, label);
    if (/^\d+ GNU\.sparse\./m.test(records))
        throw sparse(label);
    return records;
}
function sparse(label) {
    return new errors/* ActionError */.lZ(`${label} has files that are stored with holes; pack it anew without the option --sparse (-S) of tar.`);
}
class CutOffError extends errors/* ActionError */.lZ {
}
function truncated(label) {
    return new CutOffError(`${label} is truncated: it ends in the middle of an entry; make the archive anew.`);
}
async function* readTar(reader, label) {
    const { Header: HeaderClass, Pax: PaxClass } = await __webpack_require__.e(/* import() */ 697).then(__webpack_require__.bind(__webpack_require__, 8697));
    let extended;
    let global;
    let count = 0;
    let characters = 0;
    let emptyBlocks = 0;
    for (;;) {
        const block = await reader.read(BLOCK);
        if (block.length === 0 && count > 0)
            return;
        if (block.length < BLOCK)
            return refuseStart(block, count, truncated(label), label);
        const header = readHeader(() => new HeaderClass(block, 0, extended, global));
        if (header?.nullBlock === true) {
            emptyBlocks += 1;
            if (emptyBlocks === 2)
                return;
            continue;
        }
        emptyBlocks = 0;
        if (header?.cksumValid !== true)
            return refuseStart(block, count, damaged(label), label);
        count += 1;
        if (count > ARCHIVE_ENTRIES_MAX) {
            throw new errors/* ActionError */.lZ(`${label} has more than ${ARCHIVE_ENTRIES_MAX} entries; it is not an image archive.`);
        }
        const size = header.size ?? 0;
        if (header.type === 'ExtendedHeader' || header.type === 'OldExtendedHeader') {
            extended = PaxClass.parse(await readPax(reader, size, label), extended, false);
        }
        else if (header.type === 'GlobalExtendedHeader') {
            global = PaxClass.parse(await readExtension(reader, size, label), global, true);
        }
        else if (header.type === 'NextFileHasLongPath' || header.type === 'OldGnuLongPath') {
            const path = (await readExtension(reader, size, label)).replace(/\0.*/s, '');
            extended = Object.assign(extended ?? Object.create(null), { path });
        }
        else if (header.type === 'NextFileHasLongLinkpath') {
            const linkpath = (await readExtension(reader, size, label)).replace(/\0.*/s, '');
            extended = Object.assign(extended ?? Object.create(null), { linkpath });
        }
        else {
            const names = tar_reader_namesOf(header, extended);
            characters += names.path.length + names.linkpath.length;
            if (characters > ARCHIVE_NAMES_MAX_CHARACTERS) {
                throw new errors/* ActionError */.lZ(`${label} names its entries with more than ${ARCHIVE_NAMES_MAX_CHARACTERS} characters; it is not an image archive.`);
            }
            extended = undefined;
            const entry = trusted(header, names, reader.position, label);
            yield entry;
            const left = entry.start + tar_reader_padded(entry.size) - reader.position;
            if (left > 0 && !(await reader.skip(left)))
                throw truncated(label);
        }
    }
}
function refuseStart(block, count, fault, label) {
    if (count === 0)
        refuseFile(block, label);
    throw fault;
}
function damaged(label) {
    return new errors/* ActionError */.lZ(`${label} is damaged: a header of the tar has a wrong checksum or size; make the archive anew.`);
}
//# sourceMappingURL=tar-reader.js.map
;// CONCATENATED MODULE: ./out/src/images/source/archive.js







function imageLabel(name, { label }) {
    return `The image ${name.replace(/\p{Cc}+/gu, ' ')} of ${lowerFirst(label)}`;
}
class ArchiveTree {
    label;
    #files = new Map();
    #links = new Map();
    constructor(label) {
        this.label = label;
    }
    add(entry, content) {
        this.#files.delete(entry.path);
        this.#links.delete(entry.path);
        if (content !== undefined)
            this.#files.set(entry.path, content);
        else if (entry.target !== undefined)
            this.#links.set(entry.path, entry.target);
    }
    async paths() {
        return [...this.#files.keys(), ...this.#links.keys()];
    }
    async find(path) {
        let current = resolveInside('', path);
        for (let hops = 0; current !== undefined && hops <= ARCHIVE_LINKS_MAX; hops += 1) {
            const file = this.#files.get(current);
            if (file !== undefined)
                return file;
            current = this.#follow(current);
        }
        if (current === undefined)
            return undefined;
        throw new errors/* ActionError */.lZ(`${this.label} has links that lead in a circle at "${path}"; make the archive anew.`);
    }
    #follow(path) {
        for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
            const target = this.#links.get(path.slice(0, end));
            if (target !== undefined)
                return `${target}${path.slice(end)}`;
        }
        return undefined;
    }
}
async function openArchive(path) {
    const label = `The archive ${path}`;
    const tree = new ArchiveTree(label);
    const handle = await openFile(path);
    try {
        const reader = fileReader(handle, (await handle.stat()).size);
        for await (const entry of readTar(reader, label)) {
            tree.add(entry, entry.kind === 'file' ? fileContent(path, entry.start, entry.size) : undefined);
        }
    }
    finally {
        await handle.close();
    }
    return tree;
}
async function openFile(path) {
    try {
        const handle = await (0,promises_.open)(path, 'r');
        return handle;
    }
    catch (cause) {
        const missing = cause.code === 'ENOENT';
        throw new errors/* ActionError */.lZ(missing
            ? `The archive ${path} does not exist; give a path that an earlier step wrote.`
            : `The archive ${path} cannot be read; check its permissions.`, { cause });
    }
}
//# sourceMappingURL=archive.js.map
;// CONCATENATED MODULE: ./out/src/images/docker/layers.js







const NOTHING = Buffer.alloc(0);
async function startLayer(tree, path, diffId, label, reading) {
    const content = await tree.find(path);
    if (content === undefined)
        return throwIncomplete(tree, label, `its layer ${path}`);
    const what = `The layer ${path} of ${lowerFirst(label)}`;
    const start = content.packed === undefined ? await readStart(content, KIND_BYTES) : NOTHING;
    refuseOtherCompression(start, what);
    const encoding = (0,bytes_compression/* encodingOf */.P$)(start);
    const key = encoding === 'none' ? diffId : `${diffId} ${path} ${tree.label}`;
    const known = reading.layers.get(key);
    if (known !== undefined)
        return { stored: known };
    const { stored } = await storeLayer(content, encoding, diffId, what, reading);
    stored.catch(() => undefined);
    reading.layers.set(key, stored);
    return { stored };
}
async function storeLayer(content, encoding, diffId, what, reading) {
    let bytes = 0;
    const onBytes = (more) => {
        bytes += more;
        reading.onProgress({ source: what, stage: 'verifying', bytes });
    };
    const done = (digest, from, encoding) => ({
        blob: reading.blob(digest, from, from === content ? undefined : content.size),
        mediaType: layerMediaType(encoding),
    });
    if (encoding !== 'none') {
        const measured = await measureLayer(content, encoding, what, onBytes);
        expectDigest(what, diffId, measured.diffId);
        return { stored: Promise.resolve(done(measured.digest, content, encoding)) };
    }
    const { method } = await reading.packer.compression();
    if (method === 'none' && content.packed === undefined) {
        reading.verification.add(diffId, async () => expectDigest(what, diffId, await measureDigest(content, onBytes)));
        return { stored: Promise.resolve(done(diffId, content, 'none')) };
    }
    const packed = content.packed === undefined
        ? await reading.packer.pack(layers_counted(content, onBytes))
        : { digest: content.digest, stored: content.packed };
    expectDigest(what, diffId, packed.digest);
    return { stored: packed.stored.then((kept) => done(kept.digest, kept, kept.encoding)) };
}
async function* layers_counted(content, onBytes) {
    for await (const piece of piecesOf(content)) {
        onBytes(piece.length);
        yield piece;
    }
}
//# sourceMappingURL=layers.js.map
;// CONCATENATED MODULE: ./out/src/images/docker/docker-archive.js












async function readDockerTable(tree) {
    const content = await tree.find('manifest.json');
    if (content === undefined)
        return undefined;
    const what = `The manifest.json of ${lowerFirst(tree.label)}`;
    const parsed = parseJson(await readWhole(content, DOCUMENT_MAX_BYTES, what), what);
    if (!Array.isArray(parsed)) {
        throw new errors/* ActionError */.lZ(`${tree.label} has a manifest.json that is no list of images; use docker-archive, oci or oci-archive instead of dir.`);
    }
    if (parsed.length > MANIFESTS_MAX) {
        throw new errors/* ActionError */.lZ(`${what} lists ${parsed.length} images, more than ${MANIFESTS_MAX}; save fewer at once.`);
    }
    const sources = parsed.filter((value) => 'LayerSources' in members(value));
    return {
        items: parsed.map((value) => itemOf(value, tree)),
        sources: sources.length === 0 ? undefined : sources.flatMap(sourceTypes),
    };
}
function sourceTypes(value) {
    return Object.values(members(members(value).LayerSources)).map((source) => json_text(members(source).mediaType) ?? '');
}
async function tableImages(tree, { items }) {
    const images = [];
    for (const item of items)
        images.push(await foundImage(tree, item));
    return images;
}
function itemOf(value, tree) {
    const config = json_text(members(value).Config);
    if (config === undefined) {
        throw new errors/* ActionError */.lZ(`${tree.label} has an image without config in manifest.json; make it anew.`);
    }
    const layers = texts(members(value).Layers);
    if (layers.length !== items(members(value).Layers).length || layers.length > LAYERS_MAX) {
        throw new errors/* ActionError */.lZ(`${tree.label} has an image whose list of layers cannot be used in manifest.json; make it anew.`);
    }
    return { config, names: [...new Set(texts(members(value).RepoTags))], layers };
}
async function foundImage(tree, item) {
    const label = imageLabel(item.names[0] ?? item.config, tree);
    const content = await tree.find(item.config);
    if (content === undefined)
        return throwIncomplete(tree, label, `its config ${item.config}`);
    const what = `The config of ${lowerFirst(label)}`;
    const bytes = await readWhole(content, DOCUMENT_MAX_BYTES, what);
    const digest = digestOf(bytes);
    const written = /([0-9a-f]{64})(?:\.json)?$/.exec(item.config)?.[1];
    if (written !== undefined)
        expectDigest(what, `sha256:${written}`, digest);
    const json = members(parseJson(bytes, what));
    const platform = platformText(configPlatform(json) ?? ANY);
    const diffIds = texts(members(json.rootfs).diff_ids);
    const config = { label, diffIds, digest, content, platform };
    return {
        label,
        names: item.names,
        digests: [digest],
        layerPaths: new Map(item.layers.map((path, index) => [path, diffIds[index] ?? ''])),
        platform: async () => platform,
        created: async () => json_text(json.created),
        resolve: (reading, elsewhere) => resolveItem(tree, item, config, reading, elsewhere),
    };
}
async function resolveItem(tree, item, { label, diffIds, digest, content, platform }, reading, elsewhere) {
    if (diffIds.length !== item.layers.length) {
        throw new errors/* ActionError */.lZ(`${label} has ${item.layers.length} layers but its config names ${diffIds.length}; save it anew.`);
    }
    const available = { held: [platform], absent: [], elsewhere, isLone: true };
    const { chosen, warnings } = await choosePlatforms(label, available, reading);
    const pending = [];
    for (const [index, path] of item.layers.entries()) {
        const { stored } = await startLayer(tree, path, diffIds[index], label, reading);
        pending.push(stored);
    }
    const layers = await Promise.all(pending);
    const configBlob = reading.blob(digest, content);
    const bytes = manifestBytes(configBlob, layers);
    const target = {
        mediaType: OCI_MANIFEST,
        digest: digestOf(bytes),
        size: bytes.length,
    };
    return {
        target,
        digestKept: false,
        platforms: chosen,
        warnings,
        manifests: [{ digest: target.digest, mediaType: OCI_MANIFEST, bytes }],
        blobs: [...new Set([configBlob, ...layers.map((layer) => layer.blob)])],
        referrers: [],
    };
}
function manifestBytes(config, layers) {
    return Buffer.from(JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: { mediaType: OCI_CONFIG, digest: config.digest, size: config.size },
        layers: layers.map(({ mediaType, blob }) => ({
            mediaType,
            digest: blob.digest,
            size: blob.size,
        })),
    }));
}
//# sourceMappingURL=docker-archive.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/index-file.js








async function readIndexFile(tree) {
    const content = await tree.find('index.json');
    if (content === undefined)
        return undefined;
    const what = `The index.json of ${lowerFirst(tree.label)}`;
    const bytes = await readWhole(content, DOCUMENT_MAX_BYTES, what);
    const json = members(parseJson(bytes, what));
    const listed = items(json.manifests);
    if (listed.length > MANIFESTS_MAX) {
        throw new errors/* ActionError */.lZ(`${what} lists ${listed.length} manifests, more than ${MANIFESTS_MAX}; keep one image in a layout.`);
    }
    const digest = digestOf(bytes);
    const descriptor = { mediaType: OCI_INDEX, digest, size: bytes.length };
    return {
        entries: mergeByDigest(listed.map((value) => readDescriptor(value, what))),
        document: { ...descriptor, bytes, kind: 'index', descriptor, json },
        typed: 'mediaType' in json,
    };
}
async function holdsManifests(tree, { entries }) {
    for (const { descriptor } of entries) {
        if ((await findBlob(tree, descriptor)) !== undefined)
            return true;
    }
    return false;
}
function mergeByDigest(descriptors) {
    const entries = new Map();
    for (const descriptor of descriptors) {
        const entry = entries.get(descriptor.digest) ?? { descriptor, names: new Set() };
        entries.set(descriptor.digest, entry);
        const name = index_file_nameOf(descriptor);
        if (name !== undefined)
            entry.names.add(name);
    }
    return [...entries.values()].map(({ descriptor, names }) => ({ descriptor, names: [...names] }));
}
function index_file_nameOf({ annotations }) {
    const name = annotations?.['io.containerd.image.name'] ?? annotations?.['org.opencontainers.image.ref.name'];
    return name === undefined || name === '' || isDigest(name) ? undefined : name;
}
//# sourceMappingURL=index-file.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/graph.js






function subjectOf(document) {
    const subject = json_text(members(document.json.subject).digest);
    return subject ?? document.descriptor.annotations?.['vnd.docker.reference.digest'];
}
function isMarkedAttestation({ annotations }) {
    return (annotations?.['vnd.docker.reference.type'] !== undefined ||
        annotations?.['io.containerd.manifest.subject'] !== undefined);
}
function isAttestation(descriptor) {
    return isMarkedAttestation(descriptor) || descriptor.platform?.os === 'unknown';
}
async function readTop(tree, root, label) {
    const top = await readDocument(tree, root, label);
    return top ?? (await throwIncomplete(tree, label, `its manifest ${root.digest}`));
}
async function readGraph(tree, top, label) {
    const indexes = [];
    const manifests = [];
    const about = [];
    const absent = [];
    const platforms = new Map();
    const walk = { seen: new Set([top.digest]), bytes: top.bytes.length, absent, platforms };
    let level = [top];
    for (let depth = 0; level.length > 0; depth += 1) {
        if (depth > INDEX_MAX_DEPTH) {
            throw new errors/* ActionError */.lZ(`${label} has indexes more than ${INDEX_MAX_DEPTH} levels deep; build it anew with one index.`);
        }
        const below = [];
        for (const document of level) {
            if (document.kind === 'index')
                indexes.push(document);
            else if (document !== top && isAboutOther(document))
                about.push(document);
            else
                manifests.push(document);
            if (document.kind === 'index')
                below.push(...(await readChildren(tree, document, label, walk)));
        }
        level = below;
    }
    return { top, indexes, manifests, about, absent, platforms };
}
function isAboutOther(document) {
    if (isAttestation(document.descriptor) || isSignature(document))
        return true;
    if (document.descriptor.platform !== undefined && isImage(document))
        return false;
    return json_text(members(document.json.subject).digest) !== undefined;
}
async function readChildren(tree, index, label, walk) {
    const children = [];
    for (const value of items(index.json.manifests)) {
        const descriptor = readDescriptor(value, `${label}: the index ${index.digest}`);
        const { digest, platform } = descriptor;
        if (platform !== undefined) {
            walk.platforms.set(digest, [...(walk.platforms.get(digest) ?? []), platform]);
        }
        if (walk.seen.has(digest))
            continue;
        walk.seen.add(digest);
        if (walk.seen.size > MANIFESTS_MAX) {
            throw new errors/* ActionError */.lZ(`${label} lists more than ${MANIFESTS_MAX} manifests; give one of its images by name.`);
        }
        if (documentKind(descriptor.mediaType) === 'unknown')
            continue;
        const child = await readDocument(tree, descriptor, label);
        if (child !== undefined)
            children.push(child);
        else if (!isAttestation(descriptor))
            walk.absent.push(descriptor);
        walk.bytes += child?.bytes.length ?? 0;
        if (walk.bytes > DOCUMENTS_MAX_BYTES)
            throw tooMuch(label);
    }
    return children;
}
//# sourceMappingURL=graph.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/referrers.js




function referrerOf(document, label, reading) {
    const subject = json_text(members(document.json.subject).digest);
    if (subject === undefined || !isDigest(subject))
        return [];
    const artifactType = artifactTypeOf(document);
    if (!isMediaType(artifactType)) {
        reading.onNotice(`${label}: the artifact ${document.digest} about it is left out of the list of its referrers, since its type ${JSON.stringify(artifactType.slice(0, 80))} is no media type.`);
        return [];
    }
    const annotations = textAnnotations(document.json.annotations);
    const descriptor = {
        mediaType: document.mediaType,
        digest: document.digest,
        size: document.bytes.length,
        artifactType,
        ...(annotations === undefined ? {} : { annotations }),
    };
    return [{ subject, artifactType, descriptor: plainJson(descriptor) }];
}
function textAnnotations(value) {
    const pairs = Object.entries(members(value)).filter((pair) => typeof pair[1] === 'string');
    return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}
function plainJson(value) {
    return JSON.stringify(value).replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
//# sourceMappingURL=referrers.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/layout-image.js





async function resolveImage(tree, top, label, listed, reading, elsewhere) {
    const graph = await readGraph(tree, top, label);
    const { runnable, chosen, warnings } = await chooseManifests(tree, graph, label, reading, elsewhere);
    const configs = [];
    const layers = [];
    for (const manifest of runnable) {
        const blobs = await readBlobs(tree, manifest, label, reading);
        configs.push(blobs.config);
        layers.push(...blobs.layers);
    }
    const served = [...graph.indexes, ...runnable.map(({ document }) => document)];
    const about = await readAbout(tree, served, [...graph.about, ...listed], label, reading);
    const { mediaType, digest, bytes } = graph.top;
    return {
        target: { mediaType, digest, size: bytes.length },
        digestKept: true,
        platforms: chosen,
        warnings,
        manifests: [...served, ...about.documents].map(asManifest),
        blobs: [...new Set([...configs, ...layers, ...about.blobs])],
        referrers: about.documents.flatMap((document) => referrerOf(document, label, reading)),
    };
}
function asManifest({ digest, mediaType, bytes }) {
    return { digest, mediaType, bytes };
}
const UNKNOWN = { os: 'linux', architecture: 'unknown' };
async function chooseManifests(tree, graph, label, reading, elsewhere) {
    const known = [];
    const read = new Map();
    for (const document of graph.manifests) {
        const isTop = document === graph.top;
        if (!isTop && !isImage(document))
            continue;
        let platforms = isTop ? undefined : graph.platforms.get(document.digest);
        if (platforms === undefined) {
            const manifest = await readRunnable(tree, document, label);
            read.set(document, manifest);
            platforms = [manifest.platform ?? (isTop ? ANY : UNKNOWN)];
        }
        known.push({ document, platforms: platforms.map(platformText) });
    }
    const held = known.flatMap(({ platforms }) => platforms);
    const absent = graph.absent
        .flatMap(({ digest }) => graph.platforms.get(digest) ?? [])
        .map(platformText);
    const isLone = graph.top.kind !== 'index';
    const available = { held, absent, elsewhere, isLone };
    const { chosen, warnings } = await choosePlatforms(label, available, reading);
    const runnable = [];
    for (const { document, platforms } of known) {
        if (!isLone && !platforms.some((platform) => chosen.includes(platform)))
            continue;
        runnable.push(read.get(document) ?? (await readRunnable(tree, document, label)));
    }
    return { runnable, chosen, warnings };
}
async function readAbout(tree, served, candidates, label, reading) {
    const digests = new Set(served.map(({ digest }) => digest));
    const documents = [];
    const blobs = [];
    let left = [...candidates];
    for (let found = true; found;) {
        const due = left.filter((document) => digests.has(subjectOf(document) ?? '') && !digests.has(document.digest));
        left = left.filter((document) => !due.includes(document));
        found = due.length > 0;
        for (const document of due) {
            if (digests.has(document.digest))
                continue;
            const parts = await readBlobsAbout(tree, document, label, reading);
            if (parts === undefined)
                continue;
            digests.add(document.digest);
            documents.push(document);
            blobs.push(...parts);
        }
    }
    return { documents, blobs };
}
//# sourceMappingURL=layout-image.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/listed.js






const SIGNATURE_TAG = /^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/;
const KIND_ABOUT = /\/(?:sigs|atts|sboms)$/;
async function classify(tree, entries) {
    const runnable = new Map();
    const listed = [];
    let bytes = 0;
    for (const entry of entries) {
        const { descriptor, names } = entry;
        const label = imageLabel(names[0] ?? descriptor.digest, tree);
        const document = await peek(tree, entry, label);
        bytes += document?.bytes.length ?? 0;
        if (bytes > DOCUMENTS_MAX_BYTES)
            throw tooMuch(tree.label);
        const about = isAbout(entry, document);
        const artifact = about
            ? undefined
            : await artifactReason(tree, { entry, label, document }, runnable);
        listed.push({ entry, label, document, about, ...(artifact === undefined ? {} : { artifact }) });
    }
    return listed;
}
async function peek(tree, { descriptor, names }, label) {
    const kind = documentKind(descriptor.mediaType);
    const readable = kind === 'index' || kind === 'manifest';
    if (!readable && (kind === 'unknown' || names.length > 0))
        return undefined;
    return readDocument(tree, descriptor, label);
}
function isAbout({ descriptor, names }, document) {
    if (KIND_ABOUT.test(descriptor.annotations?.kind ?? ''))
        return true;
    if (document === undefined)
        return false;
    if (names.some((name) => SIGNATURE_TAG.test(name.slice(name.lastIndexOf(':') + 1))))
        return true;
    if (names.length > 0)
        return false;
    if (isMarkedAttestation(descriptor) || isSignature(document))
        return true;
    if (descriptor.platform?.os === 'unknown' && !isImage(document))
        return true;
    return subjectOf(document) !== undefined;
}
async function artifactReason(tree, { entry, label, document }, runnable) {
    const { mediaType } = entry.descriptor;
    if (document === undefined) {
        if (mediaType === '' || documentKind(mediaType) !== 'unknown')
            return undefined;
        return `has the media type ${JSON.stringify(mediaType)}, which is neither an image nor an index of images`;
    }
    if (document.kind === 'manifest')
        return isImage(document) ? undefined : whyNoImage(document);
    if (await listsImage(tree, document, label, runnable))
        return undefined;
    return 'is an index of artifacts and no image that a node can run';
}
async function listsImage(tree, index, label, runnable) {
    const children = items(index.json.manifests).slice(0, MANIFESTS_MAX);
    if (children.length === 0)
        return true;
    for (const value of children) {
        const descriptor = readDescriptor(value, `${label}: the index ${index.digest}`);
        const kind = documentKind(descriptor.mediaType);
        if (kind === 'unknown' || isAttestation(descriptor))
            continue;
        let image = runnable.get(descriptor.digest);
        if (image === undefined) {
            const child = await readDocument(tree, descriptor, label);
            image = child === undefined || isImage(child);
            runnable.set(descriptor.digest, image);
        }
        if (image)
            return true;
    }
    return false;
}
function digestsBelow(listed) {
    return new Set(listed.flatMap(({ document }) => items(document?.json.manifests).map((child) => json_text(members(child).digest) ?? '')));
}
//# sourceMappingURL=listed.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/layout.js











async function readLayout(tree, file, writtenOnce) {
    const listed = await classify(tree, file.entries);
    const referrers = listed.flatMap(({ about, document }) => about && document !== undefined ? [document] : []);
    const below = digestsBelow(listed);
    const own = listed.filter(({ about, entry }) => !about && (entry.names.length > 0 || !below.has(entry.descriptor.digest)));
    if (isOneImage(own))
        return [wholeFile(tree, file, own, referrers)];
    refuseTwoUnderOneName(own, tree.label);
    const replaced = writtenOnce ? new Set() : await replacedAmong(tree, own);
    return own.map((one) => layout_foundImage(tree, one, replaced.has(one), referrers));
}
async function replacedAmong(tree, own) {
    const isNamed = ({ artifact, entry }) => !artifact && entry.names.length > 0;
    const last = own.findLastIndex(isNamed);
    if (last < 0)
        return new Set();
    const builtAt = async (one) => Date.parse((await createdOf(tree, one.entry, one.label)) ?? '');
    const replaced = new Set();
    let newest;
    for (const [index, one] of own.entries()) {
        if (one.entry.names.length > 0 || one.artifact !== undefined)
            continue;
        if (index > last) {
            newest ??= Math.max(...(await Promise.all(own.filter(isNamed).map(builtAt))));
            if ((await builtAt(one)) > newest)
                continue;
        }
        replaced.add(one);
    }
    return replaced;
}
function layout_foundImage(tree, { entry, label, artifact }, replaced, referrers) {
    const { descriptor, names } = entry;
    const aside = artifact ?? (replaced ? REPLACED : undefined);
    return {
        label,
        names,
        digests: [descriptor.digest],
        ...(aside === undefined ? {} : { aside }),
        platform: () => platformOf(tree, entry, label),
        created: () => createdOf(tree, entry, label),
        resolve: async (reading, elsewhere) => {
            const top = await readTop(tree, descriptor, label);
            return resolveImage(tree, top, label, referrers, reading, elsewhere);
        },
    };
}
const REPLACED = 'has no name while others have one, as an older build that was replaced (its digest behind the path asks for it)';
function isOneImage(own) {
    if (own.length < 2)
        return false;
    if (own.some(({ artifact, document }) => artifact !== undefined || document?.kind === 'index'))
        return false;
    const platforms = own.map(({ entry }) => JSON.stringify(entry.descriptor.platform ?? null));
    const names = own.map(({ entry }) => JSON.stringify(entry.names.toSorted()));
    return (!platforms.includes('null') &&
        new Set(platforms).size === own.length &&
        new Set(names).size === 1);
}
function wholeFile(tree, { document }, own, referrers) {
    const names = own[0]?.entry.names ?? [];
    const label = imageLabel(names[0] ?? document.digest, tree);
    return {
        label,
        names,
        digests: [document.digest],
        platform: async () => undefined,
        created: async () => json_text(members(document.json.annotations)[CREATED]),
        resolve: (reading, elsewhere) => resolveImage(tree, document, label, referrers, reading, elsewhere),
    };
}
function refuseTwoUnderOneName(listed, label) {
    const digests = new Map();
    for (const { entry } of listed) {
        const { digest } = entry.descriptor;
        for (const name of entry.names) {
            const other = digests.get(name) ?? digest;
            if (other !== digest) {
                throw new errors/* ActionError */.lZ(`${label} has two different images under the name "${name}" (${other} and ${digest}); remove one or save them by different names.`);
            }
            digests.set(name, digest);
        }
    }
}
const CREATED = 'org.opencontainers.image.created';
async function createdOf(tree, { descriptor }, label) {
    const listed = json_text(descriptor.annotations?.[CREATED]);
    if (listed !== undefined)
        return listed;
    const top = await readDocument(tree, descriptor, label);
    const written = json_text(members(top?.json.annotations)[CREATED]);
    return written ?? json_text((await readConfig(tree, top, label))?.created);
}
async function platformOf(tree, { descriptor }, label) {
    const config = await readConfig(tree, await readDocument(tree, descriptor, label), label);
    const platform = config === undefined ? undefined : configPlatform(config);
    return platform === undefined ? undefined : platformText(platform);
}
async function readConfig(tree, document, label) {
    if (document?.kind !== 'manifest')
        return undefined;
    const what = `${label}: the config`;
    const content = await findBlob(tree, readDescriptor(document.json.config, what));
    if (content === undefined)
        return undefined;
    return members(parseJson(await readWhole(content, DOCUMENT_MAX_BYTES, what), what));
}
//# sourceMappingURL=layout.js.map
;// CONCATENATED MODULE: ./out/src/images/source/tree-kinds.js


async function refuseTree(tree) {
    const paths = await tree.paths();
    if (areOfFileSystem(paths))
        throw fileSystem(tree.label);
    throw new errors/* ActionError */.lZ(`${tree.label} holds no image${tree_kinds_reasonOf(paths, tree.directory)}.`);
}
function tree_kinds_reasonOf(paths, directory) {
    if (paths.length === 0)
        return ': it is empty; check the step that writes it';
    if (paths.includes('sparse-oci-layout'))
        return ': it is a sparse layout, which has no layers; write the whole one';
    const table = shortest(paths, /\/(?:index|manifest)\.json$/);
    const archive = shortest(paths, /\.(?:tar|tgz|tzst|oci)$|\.tar\.[a-z0-9]+$/);
    if (table !== undefined && (archive === undefined || depthOf(table) <= depthOf(archive))) {
        const below = table.slice(0, table.lastIndexOf('/'));
        const name = table.slice(below.length + 1);
        return directory === undefined
            ? ` at its top but its ${name} in ${below}; pack what is in there with "tar -C ${below} -cf FILE ."`
            : ` at its top but its ${name} in ${below}; give ${directory}/${below}`;
    }
    if (archive !== undefined) {
        return directory === undefined
            ? ` but the archive ${archive}; unpack it and give that`
            : ` but the archive ${archive}; give ${directory}/${archive}`;
    }
    if (paths.some((path) => /^[^/]+\/Chart\.yaml$/.test(path)))
        return ': it is a Helm chart; give the images that it names';
    if (paths.some((path) => path.startsWith('blobs/')))
        return ': it has blobs but no index.json, so it was cut off; write it anew';
    return ': it has neither index.json nor manifest.json; give what docker save, skopeo or buildx wrote';
}
function shortest(paths, form) {
    return paths
        .filter((path) => form.test(path))
        .sort((one, other) => depthOf(one) - depthOf(other))[0];
}
function depthOf(path) {
    return path.split('/').length;
}
//# sourceMappingURL=tree-kinds.js.map
;// CONCATENATED MODULE: ./out/src/images/find.js






async function findImages(tree) {
    const table = await readDockerTable(tree);
    const hasTable = table !== undefined && table.items.length > 0;
    if (hasTable && !(await isLayout(tree)))
        return tableImages(tree, table);
    const file = await readIndexFile(tree);
    if (table === undefined && file === undefined)
        return refuseTree(tree);
    if (file !== undefined && !(hasTable && (await isTableBetter(tree, table, file)))) {
        const images = await readLayout(tree, file, table !== undefined);
        if (images.length > 0)
            return images;
    }
    if (hasTable)
        return tableImages(tree, table);
    throw new errors/* ActionError */.lZ(`${tree.label} lists no image; check the step that writes it, or pull the image again with "docker pull" where Docker's containerd store has lost it.`);
}
async function isLayout(tree) {
    if ((await tree.find('oci-layout')) !== undefined)
        return true;
    return (await tree.paths()).some((path) => path.startsWith('blobs/'));
}
async function isTableBetter(tree, table, file) {
    return isClassic(table, file) || !(await holdsManifests(tree, file));
}
function isClassic({ sources }, { typed }) {
    if (sources === undefined)
        return false;
    return sources.length === 0 || (typed && !sources.some(isCompressedLayer));
}
//# sourceMappingURL=find.js.map
;// CONCATENATED MODULE: ./out/src/images/candidates.js


const NO_TAG = 'i-was-a-digest';
function readName(name, path) {
    if ((0,images_reference/* isTag */.dz)(name))
        return nameFromPath(path, name);
    try {
        const { name: full, tag, digest } = (0,images_reference/* parseReference */.F2)(name);
        return { name: full, tag: tag === NO_TAG ? undefined : tag, digest };
    }
    catch {
        return nameFromPath(path);
    }
}
const LENT_NAME_MAX_LENGTH = 128;
function nameFromPath(path, tag) {
    const stem = (0,external_node_path_.basename)(path).replace(/\.(?:tar|tgz|tzst|oci)?(?:\.[a-z0-9]+)?$/i, '');
    const part = stem
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, LENT_NAME_MAX_LENGTH)
        .replace(/^-+|-+$/g, '');
    return { name: `docker.io/library/${part === '' ? 'image' : part}`, tag };
}
//# sourceMappingURL=candidates.js.map
;// CONCATENATED MODULE: ./out/src/images/select.js





function selected(line, found, reference, elsewhere = []) {
    const { name, tag, digest } = line.rename ?? reference;
    const end = tag === undefined ? digest && { nameDigest: digest } : { tag };
    return { line, found, name, elsewhere, ...end };
}
function daemonImage(line, about, found, source) {
    const images = found.filter(({ aside }) => aside === undefined);
    const image = found.find((candidate) => candidate.digests.includes(about.id)) ??
        (images.length === 1 ? images[0] : undefined);
    if (image === undefined) {
        throw new errors/* ActionError */.lZ(`${source} did not save the image ${line.location} (${about.id}); save it to a file and give its path.`);
    }
    return selected(line, image, daemonName(line.location, about));
}
function isId(location, { id, names }) {
    const hex = location.replace(/^sha256:/, '');
    const isStart = /^[0-9a-f]{4,64}$/.test(hex) && id.startsWith(`sha256:${hex}`);
    return isStart && !names.some((name) => name.startsWith(`${location}:`));
}
function savedName(location, about) {
    if (isId(location, about))
        return location;
    const { tag, digest } = (0,images_reference/* parseReference */.F2)(location);
    return tag === undefined && digest === undefined ? `${location}:latest` : location;
}
function daemonName(location, about) {
    const named = isId(location, about) ? about.names[0] : location;
    if (named === undefined)
        return { name: `docker.io/library/${about.id.slice(7, 19)}` };
    const { name, tag, digest } = (0,images_reference/* parseReference */.F2)(named);
    return { name, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}
async function selectImages(line, found, tree, reading) {
    const all = found.flatMap((image) => image.names.length === 0
        ? [{ image, reference: nameFromPath(line.location) }]
        : image.names.map((name) => ({ image, reference: readName(name, line.location) })));
    const wanted = line.which === undefined
        ? await byArchitecture(wholeSource(all, reading), reading)
        : meant(all, line).map((one) => ({ ...one, elsewhere: [] }));
    if (wanted.length === 0) {
        const names = all.map((one) => one.image.names[0] ?? 'one without name');
        throw new errors/* ActionError */.lZ(`${tree.label} holds no image "${line.which}", only ${[...new Set(names)].join(', ')}.`);
    }
    const distinct = new Set(wanted.map((one) => one.image));
    if (distinct.size > 1 && line.rename !== undefined) {
        throw new errors/* ActionError */.lZ(`"${line.given}" renames ${distinct.size} images to one name; name one of them behind the path.`);
    }
    const unnamed = [...distinct].filter(({ names }) => names.length === 0);
    if (unnamed.length > 1)
        throw await nameless(unnamed, line.location, tree);
    if (line.rename !== undefined)
        return [selected(line, wanted[0]?.image, line.rename)];
    return wanted.map((one) => selected(line, one.image, one.reference, one.elsewhere));
}
function wholeSource(all, reading) {
    const images = all.filter(({ image }) => image.aside === undefined);
    if (images.length === 0)
        return all.slice(0, 1);
    for (const { label, aside } of new Set(all.map(({ image }) => image))) {
        if (aside !== undefined)
            reading.onNotice(`${label} ${aside}; it is left out.`);
    }
    return images;
}
function meant(all, line) {
    const which = line.which;
    const isExact = ({ image }) => image.digests.includes(which) || image.names.includes(which);
    const hasTag = ({ reference }) => (0,images_reference/* isTag */.dz)(which) && reference.tag === which;
    const isNamed = (one) => isReferenceOf(one, which);
    const ways = line.transport.startsWith('oci') ? [hasTag, isNamed] : [isNamed, hasTag];
    for (const way of [isExact, ...ways]) {
        const found = all.filter(way);
        if (found.length > 0)
            return found;
    }
    return [];
}
function isReferenceOf({ image, reference }, which) {
    let asked;
    try {
        asked = (0,images_reference/* parseReference */.F2)(which);
    }
    catch {
        return false;
    }
    if (asked.name !== reference.name)
        return false;
    if (asked.digest === undefined) {
        const isBare = reference.tag === undefined && reference.digest === undefined;
        return (asked.tag ?? 'latest') === (isBare ? 'latest' : reference.tag);
    }
    const sameTag = asked.tag === undefined || asked.tag === reference.tag;
    return sameTag && image.digests.includes(asked.digest);
}
const DESCRIBED_MAX = 4;
async function nameless(images, path, { label, directory }) {
    const described = [];
    for (const { digests, created } of images.slice(-DESCRIBED_MAX)) {
        const time = await created();
        described.push(`${digests[0]}${time === undefined ? '' : ` (created ${time})`}`);
    }
    const more = images.length - described.length;
    const list = `${described.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    const cure = directory === undefined
        ? `save them by name, or name one as docker-archive:${path}:DIGEST`
        : `empty it before each build, save them by name, or name one as oci:${path}:DIGEST`;
    return new errors/* ActionError */.lZ(`${label} holds ${images.length} images without a name: ${list}; ${cure}.`);
}
function twoUnderOneName(name, one, other) {
    const labels = `${one.found.label} and ${lowerFirst(other.found.label)}`;
    return new errors/* ActionError */.lZ(`${labels} are two different images under the name ${name}; rename one with "… as NAME".`);
}
//# sourceMappingURL=select.js.map
;// CONCATENATED MODULE: ./out/src/images/source/archive-stream.js









async function spoolArchive(source, { label, packer, onBytes, known, limit = UNFOLDED_MAX_BYTES }) {
    const tree = new ArchiveTree(label);
    const reader = streamReader(told(source, (bytes) => {
        if (bytes > limit)
            throw bomb(label, limit);
        onBytes(bytes);
    }));
    try {
        for await (const entry of readTar(reader, label)) {
            if (reader.position + entry.size > limit)
                throw bomb(label, limit);
            if (entry.kind !== 'file') {
                tree.add(entry, undefined);
                continue;
            }
            const content = known?.(entry.path, entry.size);
            if (content !== undefined) {
                tree.add(entry, content);
                continue;
            }
            const start = await reader.read(Math.min(entry.size, LAYER_START_BYTES));
            const rest = reader.body(entry.size - start.length);
            const body = archive_stream_counted(joined(start, rest), entry.size, label);
            if (looksLikeLayer(start))
                tree.add(entry, await packed(body, packer));
            else
                tree.add(entry, await packer.keep(body));
        }
        await reader.skip(Number.MAX_SAFE_INTEGER - reader.position);
    }
    catch (thrown) {
        throw thrown instanceof errors/* ActionError */.lZ ? thrown : broken(label, thrown);
    }
    finally {
        await reader.close();
    }
    return tree;
}
function broken(label, cause) {
    return new CutOffError(`${label} could not be read to its end (${(0,errors/* sentenceOf */.$N)(cause)}); it is damaged or was cut off, make it anew.`, { cause });
}
async function* told(source, onBytes) {
    let bytes = 0;
    for await (const piece of source) {
        bytes += piece.length;
        onBytes(bytes);
        yield piece;
    }
}
const LAYER_START_BYTES = 512;
function looksLikeLayer(start) {
    if ((0,bytes_compression/* encodingOf */.P$)(start) !== 'none' || start.length < LAYER_START_BYTES)
        return false;
    return start.toString('latin1', 257, 262) === 'ustar' || start.every((byte) => byte === 0);
}
async function packed(body, packer) {
    const { digest, size, stored } = await packer.pack(body);
    const unpacked = async function* () {
        const { open, encoding } = await stored;
        yield* unfolded(open(), encoding);
    };
    const open = (from = 0) => external_node_stream_.Readable.from(skipped(unpacked(), from), { objectMode: false });
    return { digest, size, packed: stored, open };
}
async function* joined(start, rest) {
    if (start.length > 0)
        yield start;
    yield* rest;
}
async function* archive_stream_counted(source, size, label) {
    let seen = 0;
    for await (const piece of source) {
        seen += piece.length;
        yield piece;
    }
    if (seen < size)
        throw truncated(label);
}
function bomb(label, limit) {
    return new errors/* ActionError */.lZ(`${label} unfolds to more than ${limit} bytes; it is not an image archive.`);
}
//# sourceMappingURL=archive-stream.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/late-saves.js



class LateSaves {
    source;
    save;
    wanted;
    reading;
    among;
    #saved = [];
    constructor(source, save, wanted, reading, among) {
        this.source = source;
        this.save = save;
        this.wanted = wanted;
        this.reading = reading;
        this.among = among;
    }
    open(digest, start = 0) {
        return external_node_stream_.Readable.from(this.#pieces(digest, start), { objectMode: false });
    }
    async *#pieces(digest, start) {
        for (const [index, compression] of this.among.entries()) {
            this.#saved[index] ??= this.#read(compression);
            const blob = (await this.#saved[index]).get(digest);
            if (blob !== undefined)
                return yield* blob.open(start);
        }
        throw new errors/* ActionError */.lZ(`${this.source} does not save the content ${digest} any more, which an earlier run had from it; build the image anew.`);
    }
    async #read(compression) {
        const reading = this.reading.again(compression);
        const given = await wantedPlatforms(reading);
        const blobs = new Map();
        const saved = await this.save(reading);
        const meant = saved.filter(({ digests }) => digests.some((digest) => this.wanted.has(digest)));
        for (const found of meant.length > 0 ? meant : saved) {
            const parts = await found.resolve(reading, given);
            for (const blob of parts.blobs)
                blobs.set(blob.digest, blob);
        }
        return blobs;
    }
}
//# sourceMappingURL=late-saves.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/memory.js







const VERSION = 4;
const made = () => [
    VERSION,
    process.versions.zlib,
    process.versions.zstd,
    COMPRESSION_BLOCK_BYTES,
];
class ImageMemory {
    #records;
    constructor(directory) {
        this.#records = new Records(directory, REMEMBERED_MAX);
    }
    async recall(key, compressions, isOnNodes, open) {
        for (const compression of compressions) {
            const name = memory_nameOf(key, compression);
            const parts = partsIn(await this.#records.read(name), open, key.id);
            if (parts === undefined || !(await isOnNodes(parts.target.digest)))
                continue;
            await this.#records.touch(name);
            return parts;
        }
        return undefined;
    }
    async layers(compressions, isOnNodes) {
        const known = new Map();
        for (const name of await this.#records.names()) {
            const record = await this.#records.read(name);
            const { compression, layerPaths } = members(record);
            const parts = partsIn(record, noLayer);
            if (parts === undefined || !compressions.some((one) => sameAs(one, compression)))
                continue;
            if (!(await isOnNodes(parts.target.digest)))
                continue;
            for (const layer of await layersOf(parts)) {
                for (const path of pathsOf(layer, members(layerPaths)))
                    known.set(path, layer);
            }
        }
        return known;
    }
    async keep(key, compression, parts, layerPaths = new Map()) {
        const documents = await written(parts);
        const paths = Object.fromEntries([...layerPaths].filter(([path]) => TELLING.test(path)));
        const record = { ...documents, made: made(), compression, layerPaths: paths };
        await this.#records.write(memory_nameOf(key, compression), record);
    }
}
function memory_nameOf({ id, platforms }, { method, level }) {
    return (0,sha256/* sha256Of */.B)(JSON.stringify([...made(), id, method, level, platforms.toSorted()]));
}
function sameAs({ method, level }, written) {
    const other = members(written);
    return other.method === method && other.level === level;
}
function isNamed({ target, manifests }, id) {
    const top = manifests.find(({ digest }) => digest === target.digest);
    const config = members(members(JSON.parse(String(top?.bytes))).config).digest;
    return target.digest === id || config === id;
}
const noLayer = (digest) => {
    throw new Error(`The memory has not the layer ${digest}.`);
};
async function written(parts) {
    const { target, digestKept, platforms, referrers } = parts;
    const blobs = parts.blobs.map(async (blob) => {
        const { digest, size } = blob;
        if (size > REMEMBERED_DOCUMENT_MAX_BYTES)
            return { digest, size };
        const bytes = await readWhole(blob, REMEMBERED_DOCUMENT_MAX_BYTES, digest);
        return { digest, size, bytes: bytes.toString('base64') };
    });
    return {
        ...{ target, digestKept, platforms, referrers },
        manifests: parts.manifests.map(({ mediaType, bytes }) => ({
            mediaType,
            bytes: bytes.toString('base64'),
        })),
        blobs: await Promise.all(blobs),
    };
}
function partsIn(record, open, id) {
    if (JSON.stringify(members(record).made) !== JSON.stringify(made()))
        return undefined;
    try {
        const parts = memory_readRecord(record, open);
        return id === undefined || isNamed(parts, id) ? parts : undefined;
    }
    catch {
        return undefined;
    }
}
function memory_readRecord(record, open) {
    const { target, digestKept, platforms, referrers } = record;
    const manifests = record.manifests.map(({ mediaType, bytes }) => {
        const content = Buffer.from(bytes, 'base64');
        return { mediaType, bytes: content, digest: digestOf(content) };
    });
    if (!manifests.some(({ digest }) => digest === target.digest)) {
        throw new Error('The record has not the manifest that it tells of.');
    }
    const blobs = record.blobs.map(({ digest, size, bytes }) => {
        if (bytes === undefined) {
            if (!isDigest(digest))
                throw new Error('The record names a layer by no digest.');
            return { digest, size, open: (start) => open(digest, start) };
        }
        const content = memoryContent(Buffer.from(bytes, 'base64'));
        if (content.digest !== digest)
            throw new Error('The record has other bytes than it says.');
        return { digest, size, open: content.open };
    });
    return { target, digestKept, platforms, manifests, blobs, referrers, warnings: [] };
}
const TELLING = /[0-9a-f]{64}/;
function pathsOf({ diffId, digest }, before) {
    return [
        ...Object.keys(before).filter((path) => before[path] === diffId),
        ...[diffId, digest].map((one) => `blobs/${one.replace(':', '/')}`),
    ];
}
async function layersOf({ manifests, blobs }) {
    const byDigest = new Map(blobs.map((blob) => [blob.digest, blob]));
    const found = [];
    for (const { bytes } of manifests) {
        const { config, layers } = members(JSON.parse(bytes.toString()));
        const blob = byDigest.get(json_text(members(config).digest) ?? '');
        if (blob === undefined || blob.size > REMEMBERED_DOCUMENT_MAX_BYTES)
            continue;
        const json = JSON.parse((await readWhole(blob, blob.size, blob.digest)).toString());
        const diffIds = texts(members(members(json).rootfs).diff_ids);
        for (const [index, layer] of items(layers).entries()) {
            const { digest, mediaType } = members(layer);
            const [diffId, stored] = [diffIds[index], byDigest.get(json_text(digest) ?? '')];
            if (diffId === undefined || stored === undefined)
                continue;
            if (stored.size <= REMEMBERED_DOCUMENT_MAX_BYTES)
                continue;
            const encoding = encodingOfType(json_text(mediaType) ?? '');
            found.push({ diffId, digest: stored.digest, size: stored.size, encoding });
        }
    }
    return found;
}
//# sourceMappingURL=memory.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/recollect.js



async function recollect(inspected, { directory, isOnNodes, among }, { label, reading, save, }) {
    const large = inspected.filter(({ about }) => about.bytes >= REMEMBERED_FROM_BYTES);
    if (large.length === 0)
        return undefined;
    const memory = new ImageMemory(directory);
    const platforms = await reading.platforms();
    const keyOf = ({ about: { id } }) => ({ id, platforms });
    const ids = new Set(inspected.map(({ about }) => about.id));
    const late = new LateSaves(label, (into) => save(inspected, into), ids, reading, among);
    const open = (digest, start) => late.open(digest, start);
    const images = new Map();
    for (const asked of large) {
        const parts = await memory.recall(keyOf(asked), among, isOnNodes, open);
        if (parts !== undefined)
            images.set(asked, parts);
    }
    const layers = images.size < large.length ? await memory.layers(among, isOnNodes) : new Map();
    return {
        images,
        layer: (path, size) => knownLayer(layers, { path, size }, open, reading.unfoldedTo),
        keeping: (found) => {
            const asked = large.find(({ about }) => found.digests.includes(about.id));
            if (asked === undefined)
                return found;
            return remembering(found, async (parts) => memory.keep(keyOf(asked), await reading.packer.compression(), parts, found.layerPaths));
        },
    };
}
function remembering(found, keep) {
    return {
        ...found,
        resolve: async (reading, elsewhere) => {
            const parts = await found.resolve(reading, elsewhere);
            if (elsewhere.length === 0 && !parts.warnings?.length)
                await keep(parts);
            return parts;
        },
    };
}
function knownLayer(layers, { path, size }, open, unfoldedTo) {
    const known = layers.get(path);
    if (known === undefined)
        return undefined;
    const { digest, diffId } = known;
    unfoldedTo.set(digest, diffId);
    const contentOf = (of) => ({
        digest: of,
        open: (start) => open(of, start),
    });
    if (digest !== diffId && path.endsWith(digest.slice('sha256:'.length))) {
        return { ...contentOf(digest), size };
    }
    const packed = Promise.resolve({ ...known, ...contentOf(digest) });
    return { ...contentOf(diffId), size, packed };
}
//# sourceMappingURL=recollect.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/stored.js





async function storedImages({ daemon, inspected }, label, reading) {
    const descriptors = inspected.flatMap(({ about }) => about.descriptor ?? []);
    if (descriptors.length < inspected.length)
        return undefined;
    const service = daemon.contents();
    reading.closing(() => service.close());
    const tree = storeTree({ label, service, signal: reading.signal }, inspected);
    if (await holdsAll(tree, descriptors, reading))
        return await findImages(tree);
    service.close();
    return undefined;
}
async function holdsAll(tree, descriptors, { signal }) {
    try {
        for (const descriptor of descriptors) {
            if ((await findBlob(tree, descriptor)) === undefined)
                return false;
        }
        return true;
    }
    catch {
        signal.throwIfAborted();
        return false;
    }
}
function storeTree(store, inspected) {
    const { label, service } = store;
    const files = new Map([
        ['oci-layout', memoryContent(Buffer.from('{"imageLayoutVersion":"1.0.0"}'))],
        ['index.json', memoryContent(indexOf(inspected))],
    ]);
    const found = new Map();
    const look = async (digest) => {
        try {
            const size = await service.size(digest);
            return size === undefined ? undefined : storedContent(store, digest, size);
        }
        catch (cause) {
            throw notGiven(store, digest, cause);
        }
    };
    return {
        label,
        isStore: true,
        paths: async () => [...files.keys()],
        async find(path) {
            const [, hex] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path) ?? [];
            if (hex === undefined)
                return files.get(path);
            const content = found.get(hex) ?? look(`sha256:${hex}`);
            found.set(hex, content);
            return await content;
        },
    };
}
function indexOf(inspected) {
    const manifests = inspected.flatMap(({ about: { descriptor, names } }) => (names.length === 0 ? [undefined] : names).map((name) => ({
        ...descriptor,
        ...(name !== undefined && { annotations: { 'io.containerd.image.name': name } }),
    })));
    return Buffer.from(JSON.stringify({ schemaVersion: 2, manifests }));
}
function storedContent(store, digest, size) {
    async function* pieces(from) {
        try {
            if (from < size)
                yield* store.service.read(digest, from);
        }
        catch (cause) {
            throw notGiven(store, digest, cause);
        }
    }
    return { size, open: (from = 0) => external_node_stream_.Readable.from(pieces(from), { objectMode: false }) };
}
function notGiven({ label, signal }, digest, cause) {
    signal.throwIfAborted();
    return new errors/* ActionError */.lZ(`${label} did not give the content ${digest} (${(0,errors/* sentenceOf */.$N)(cause)}); see that it runs and that nobody removes its images during the step.`, { cause });
}
//# sourceMappingURL=stored.js.map
;// CONCATENATED MODULE: ./out/src/images/daemon/saved.js








async function fromDaemon(ofDaemon, reading, memory) {
    const { daemon, inspected } = ofDaemon;
    const label = `The daemon at ${daemon.address}`;
    const stored = await storedImages(ofDaemon, label, reading);
    if (stored !== undefined) {
        return inspected.map(({ line, about }) => daemonImage(line, about, stored, label));
    }
    const save = (asked, into, known) => saved(daemon, asked, { label, reading: into, known });
    const past = memory && (await recollect(inspected, memory, { label, reading, save }));
    const rest = inspected.filter((asked) => past?.images.has(asked) !== true);
    const found = rest.length === 0 ? [] : await save(rest, reading, past?.layer);
    const kept = past === undefined ? found : found.map(past.keeping);
    return inspected.map((asked) => {
        const parts = past?.images.get(asked);
        const images = parts === undefined ? kept : [rememberedImage(asked, parts)];
        return daemonImage(asked.line, asked.about, images, label);
    });
}
const LAST_WORDS_BYTES = 4096;
async function saved(daemon, asked, { label, reading, known }) {
    const names = [...new Set(asked.map(({ line, about }) => savedName(line.location, about)))];
    const stream = await daemon.save(names);
    let last = Buffer.alloc(0);
    const passing = async function* () {
        for await (const piece of stream) {
            last = piece.length < LAST_WORDS_BYTES ? Buffer.concat([last, piece]) : piece;
            last = last.subarray(-LAST_WORDS_BYTES);
            yield piece;
        }
    };
    try {
        return await findImages(await spoolArchive(passing(), { ...reading.spooling(label), known }));
    }
    catch (thrown) {
        reading.signal.throwIfAborted();
        const isCutOff = thrown instanceof CutOffError;
        const why = lastWords(last) ?? (isCutOff && (0,errors/* sentenceOf */.$N)(thrown.cause ?? 'its answer is cut off'));
        if (!why)
            throw thrown;
        throw new errors/* ActionError */.lZ(`${label} broke off while it saved ${names.join(', ')} (${why}); see that it runs and that its disk is not full, and run the job again.`, { cause: thrown });
    }
}
function lastWords(end) {
    const [, said] = /\{"errorDetail":\{[^}]*?"message":"((?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[\da-f]{4})*)/iu.exec(end.toString()) ?? [];
    return said && daemon_bareWords(JSON.parse(`"${said}"`));
}
function rememberedImage({ line, about }, parts) {
    return {
        label: `The image ${line.location}`,
        names: about.names,
        digests: [about.id],
        platform: async () => undefined,
        created: async () => undefined,
        resolve: async () => parts,
    };
}
//# sourceMappingURL=saved.js.map
;// CONCATENATED MODULE: ./out/src/images/lines.js





const TRANSPORT = /^(docker-daemon|docker-archive|oci-archive|oci):(.*)$/s;
const REGISTRY = /^(?:docker|https?|oci-registry):\/\//;
const UNSUPPORTED = /^(dir|containers-storage|ostree|sif|tarball|static):/;
const ARCHIVE_NAME = /\.(?:tar|tgz|tzst|oci)$|\.tar\.[a-z0-9]+$/;
const IMAGE_ID = /^(?:sha256:)?[0-9a-f]{4,64}$/;
async function readLines(items) {
    const found = [];
    for (const given of items)
        found.push(...(await readItem(given)));
    return found;
}
async function readItem(given) {
    const [source, newName, extra] = given.split(/\s+as\s+/);
    if (source === undefined || extra !== undefined || /\s/.test(newName ?? '')) {
        throw new errors/* ActionError */.lZ(`"${given}" cannot be read; a line that renames is written PATH as NAME.`);
    }
    const rename = newName === undefined ? {} : { rename: nameFor(given, newName) };
    if (REGISTRY.test(source) || UNSUPPORTED.test(source)) {
        throw new errors/* ActionError */.lZ(`"${source}" is no source that can be read; give docker-daemon:REF, docker-archive:PATH, oci:DIR, oci-archive:PATH, or fetch it first with skopeo or crane.`);
    }
    const match = TRANSPORT.exec(source);
    const transport = match?.[1];
    const rest = (0,files_paths/* atHome */.X6)(match?.[2] ?? source);
    if (transport === 'docker-daemon' || (transport === undefined && !(await isPath(source)))) {
        if (/\s/.test(rest)) {
            throw new errors/* ActionError */.lZ(`"${given}" cannot be read; give one image a line or between commas, and rename with "PATH as NAME".`);
        }
        if (!IMAGE_ID.test(rest))
            (0,images_reference/* parseReference */.F2)(rest);
        return [{ given, transport: 'docker-daemon', location: rest, ...rename }];
    }
    const { path, which } = transport === undefined ? { path: rest } : await splitPath(rest);
    const common = { given, transport: transport ?? 'path', ...rename };
    const selected = which === undefined ? {} : { which };
    if (!(0,files_paths/* isPattern */.Pt)(path) || (await exists(path)))
        return [{ ...common, location: path, ...selected }];
    return (await matches(path, given)).map((location) => ({ ...common, location, ...selected }));
}
function nameFor(given, name) {
    const reference = (0,images_reference/* parseReference */.F2)(name);
    if (reference.digest === undefined)
        return reference;
    throw new errors/* ActionError */.lZ(`"${given}" renames to a digest; give a name and a tag, the digest comes from the image.`);
}
async function exists(path) {
    return (await (0,promises_.stat)(path).catch(() => undefined)) !== undefined;
}
async function isPath(source) {
    if (/^(?:\.{0,2}\/|~\/|\.{1,2}$)/.test(source) || (0,files_paths/* isPattern */.Pt)(source) || ARCHIVE_NAME.test(source))
        return true;
    const there = await (0,promises_.stat)(source).catch(() => undefined);
    if (there?.isDirectory() === true)
        return exists((0,external_node_path_.join)(source, 'index.json'));
    return there?.isFile() ?? false;
}
async function splitPath(rest) {
    const colon = rest.indexOf(':');
    if (colon < 0 || (await exists(rest)))
        return { path: rest };
    const which = rest.slice(colon + 1);
    return which === '' ? { path: rest.slice(0, colon) } : { path: rest.slice(0, colon), which };
}
async function matches(pattern, given) {
    const paths = await (0,files_paths/* matchesOf */.th)(pattern);
    if (paths.length > 0)
        return paths;
    throw new errors/* ActionError */.lZ(`"${given}" matches no file; check the pattern and the step that writes the archives.`);
}
//# sourceMappingURL=lines.js.map
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
;// CONCATENATED MODULE: ./out/src/lib/buffers.js
class Buffers {
    bytes;
    #free = [];
    constructor(bytes) {
        this.bytes = bytes;
    }
    take(length = this.bytes) {
        const free = this.#free.pop();
        const fits = free !== undefined && free.byteLength >= length;
        const memory = fits ? free : Buffer.allocUnsafeSlow(Math.max(this.bytes, length)).buffer;
        return Buffer.from(memory, 0, length);
    }
    giveBack({ buffer }) {
        this.#free.push(buffer);
    }
}
async function* blocksOf(source, take) {
    let block = take();
    let filled = 0;
    let yielded = false;
    for await (const piece of source) {
        let from = 0;
        while (from < piece.length) {
            const taken = piece.copy(block, filled, from);
            from += taken;
            filled += taken;
            if (filled < block.length)
                continue;
            yield block;
            yielded = true;
            block = take();
            filled = 0;
        }
    }
    if (filled > 0 || !yielded)
        yield block.subarray(0, filled);
}
function free({ buffer }) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) {
        buffer.transfer(0);
    }
}
//# sourceMappingURL=buffers.js.map
;// CONCATENATED MODULE: ./out/src/images/bytes/packer.js





class Packer {
    #spool;
    #choose;
    #chosen;
    #flying = new Set();
    #blocks = new Buffers(COMPRESSION_BLOCK_BYTES);
    constructor(spool, choose) {
        this.#spool = spool;
        this.#choose = choose;
    }
    compression() {
        this.#chosen ??= this.#choose();
        return this.#chosen;
    }
    async pack(source) {
        const compression = await this.compression();
        const run = this.#spool.begin();
        if (compression.method === 'none') {
            await inTwoBuffers(source, (piece) => run.add(piece));
            const stored = { ...(await run.finish()), encoding: compression.method };
            return { digest: stored.digest, size: stored.size, stored: Promise.resolve(stored) };
        }
        const hash = (0,external_node_crypto_.createHash)('sha256');
        const most = blocksAtOnce(compression);
        let size = 0;
        for await (const block of blocksOf(source, () => this.#blocks.take())) {
            hash.update(block);
            size += block.length;
            const frame = (0,bytes_compression/* compressBlock */.qD)(block, compression).finally(() => this.#blocks.giveBack(block));
            await this.#hand(run.add(frame).then(async () => free(await frame)), most);
        }
        const encoding = compression.method;
        const stored = run.finish().then((content) => ({ ...content, encoding }));
        stored.catch(() => undefined);
        return { digest: `sha256:${hash.digest('hex')}`, size, stored };
    }
    async keep(source) {
        const run = this.#spool.begin();
        for await (const piece of source)
            await run.add(piece);
        return run.finish();
    }
    async #hand(block, most) {
        const flight = block.finally(() => this.#flying.delete(flight));
        flight.catch(() => undefined);
        this.#flying.add(flight);
        while (this.#flying.size >= most)
            await Promise.race(this.#flying);
    }
}
function blocksAtOnce(compression) {
    const isHeavy = compression.method === 'zstd' && compression.level > 15;
    return isHeavy ? 2 : Math.min((0,external_node_os_.availableParallelism)(), 8) + 2;
}
async function inTwoBuffers(source, store) {
    let [filling, other] = [Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)];
    let filled = 0;
    let storing = Promise.resolve();
    for await (const piece of source) {
        for (let from = 0; from < piece.length;) {
            const taken = piece.copy(filling, filled, from);
            from += taken;
            filled += taken;
            if (filled === filling.length) {
                await storing;
                storing = store(filling);
                storing.catch(() => undefined);
                [filling, other] = [other, filling];
                filled = 0;
            }
        }
    }
    await storing;
    await store(filling.subarray(0, filled));
}
//# sourceMappingURL=packer.js.map
;// CONCATENATED MODULE: ./out/src/images/bytes/spool.js






class Spool {
    #parent;
    #directory;
    #handle;
    #position = 0;
    #tail = Promise.resolve();
    #left = () => {
        if (this.#directory !== undefined)
            (0,external_node_fs_.rmSync)(this.#directory, { recursive: true, force: true });
    };
    constructor(parent) {
        this.#parent = parent;
    }
    begin() {
        let start;
        let size = 0;
        const hash = (0,external_node_crypto_.createHash)('sha256');
        return {
            add: (piece) => {
                if (piece instanceof Promise)
                    piece.catch(() => undefined);
                return this.#queue(async () => {
                    const bytes = await piece;
                    start ??= this.#position;
                    hash.update(bytes);
                    size += bytes.length;
                    await this.#write(bytes);
                });
            },
            finish: () => this.#queue(async () => {
                const content = fileContent(await this.#path(), start ?? 0, size);
                return { ...content, digest: `sha256:${hash.digest('hex')}` };
            }),
        };
    }
    #queue(work) {
        const done = this.#tail.then(work);
        this.#tail = done;
        done.catch(() => undefined);
        return done;
    }
    async #path() {
        if (this.#directory === undefined) {
            try {
                await (0,promises_.mkdir)(this.#parent, { recursive: true });
                this.#directory = await (0,promises_.mkdtemp)((0,external_node_path_.join)(this.#parent, 'jackal-images-'));
                process.once('exit', this.#left);
            }
            catch (cause) {
                throw new errors/* ActionError */.lZ(`The directory ${this.#parent} for temporary files cannot be written; set RUNNER_TEMP to one that can.`, { cause });
            }
        }
        return (0,external_node_path_.join)(this.#directory, 'spool');
    }
    async #write(bytes) {
        const path = await this.#path();
        try {
            this.#handle ??= await (0,promises_.open)(path, 'wx', 0o600);
            let done = 0;
            while (done < bytes.length) {
                const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#position + done);
                done += bytesWritten;
            }
        }
        catch (cause) {
            throw new errors/* ActionError */.lZ(`The temporary copy of the images cannot be written to ${path} after ${this.#position} bytes; free space there, set RUNNER_TEMP to another disk, or have less written there with compression: zstd.`, { cause });
        }
        this.#position += bytes.length;
    }
    async close() {
        await this.#tail.catch(() => undefined);
        await this.#handle?.close().catch(() => undefined);
        this.#handle = undefined;
        if (this.#directory !== undefined)
            await (0,promises_.rm)(this.#directory, { recursive: true, force: true });
        this.#directory = undefined;
        process.off('exit', this.#left);
    }
}
//# sourceMappingURL=spool.js.map
;// CONCATENATED MODULE: ./out/src/images/verification.js

class Verification {
    #left = new Map();
    add(key, work) {
        if (!this.#left.has(key))
            this.#left.set(key, work);
    }
    async run() {
        const works = [...this.#left.values()];
        this.#left.clear();
        const verify = async () => {
            try {
                for (let work = works.shift(); work !== undefined; work = works.shift())
                    await work();
            }
            catch (thrown) {
                works.length = 0;
                throw thrown;
            }
        };
        await Promise.all(Array.from({ length: (0,external_node_os_.availableParallelism)() + 2 }, verify));
    }
}
//# sourceMappingURL=verification.js.map
;// CONCATENATED MODULE: ./out/src/images/reading.js



class Reading {
    spool;
    packer;
    verification = new Verification();
    blobs = new Map();
    layers = new Map();
    unfoldedTo = new Map();
    allowMissingPlatforms;
    possiblePlatforms;
    onProgress;
    onNotice;
    signal;
    nodesOf;
    #options;
    #others = [];
    #closers = [];
    #platforms;
    constructor(options) {
        this.#options = options;
        this.spool = new Spool(options.temporaryDirectory);
        this.packer = new Packer(this.spool, options.compression);
        this.allowMissingPlatforms = options.allowMissingPlatforms;
        this.possiblePlatforms = options.possiblePlatforms;
        this.signal = options.signal;
        this.onProgress = (step) => {
            this.signal.throwIfAborted();
            options.onProgress(step);
        };
        this.onNotice = options.onNotice;
        this.nodesOf = options.nodesOf;
        this.#platforms = options.platforms;
        Promise.resolve(options.platforms).catch(() => undefined);
    }
    again(compression) {
        const other = new Reading({ ...this.#options, compression: async () => compression });
        this.#others.push(other);
        return other;
    }
    closing(end) {
        this.#closers.push(end);
    }
    async close() {
        for (const end of this.#closers.splice(0))
            end();
        await Promise.all([this.spool.close(), ...this.#others.map((other) => other.close())]);
    }
    spooling(label) {
        const onBytes = (bytes) => this.onProgress({ source: label, stage: 'reading', bytes });
        return { label, packer: this.packer, onBytes };
    }
    async platforms() {
        return this.#platforms;
    }
    blob(digest, content, sourceSize) {
        const known = this.blobs.get(digest);
        if (known !== undefined)
            return known;
        const { size, file } = content;
        const blob = {
            ...{ digest, size },
            ...(sourceSize !== undefined && { sourceSize }),
            ...(file && { file }),
            open: (start) => content.open(start),
        };
        this.blobs.set(digest, blob);
        return blob;
    }
}
//# sourceMappingURL=reading.js.map
;// CONCATENATED MODULE: ./out/src/images/source/directory.js





function openDirectory(path) {
    return {
        label: `The directory ${path}`,
        directory: path.replace(/(?<=.)\/+$/, ''),
        paths: () => upperPaths(path),
        async find(inside) {
            const clean = resolveInside('', inside);
            if (clean === undefined)
                return undefined;
            const file = (0,external_node_path_.join)(path, clean);
            const found = await unlessMissing(file, (0,promises_.stat)(file));
            if (found?.isFile() !== true)
                return undefined;
            await unlessMissing(file, (0,promises_.access)(file, promises_.constants.R_OK));
            return fileContent(file, 0, found.size);
        },
    };
}
function unlessMissing(path, asked) {
    return asked.catch((cause) => {
        if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
            return undefined;
        throw new errors/* ActionError */.lZ(`The path ${path} cannot be read; check its permissions.`, { cause });
    });
}
const UPPER_LEVELS = 3;
const UPPER_MAX = 1000;
async function upperPaths(path) {
    const found = [];
    let seen = 0;
    let level = [''];
    for (let depth = 0; depth < UPPER_LEVELS; depth += 1) {
        const below = [];
        for (const directory of level) {
            const opened = (0,promises_.opendir)((0,external_node_path_.join)(path, directory));
            const entries = await (depth === 0
                ? unlessMissing(path, opened)
                : opened.catch(() => undefined));
            for await (const entry of entries ?? []) {
                seen += 1;
                if (seen > UPPER_MAX)
                    return found;
                const inside = directory === '' ? entry.name : `${directory}/${entry.name}`;
                if (entry.isDirectory())
                    below.push(inside);
                else
                    found.push(inside);
            }
        }
        level = below;
    }
    return found;
}
//# sourceMappingURL=directory.js.map
;// CONCATENATED MODULE: ./out/src/images/source/open.js








async function openSource(line, reading) {
    const path = line.location;
    const found = await (0,promises_.stat)(path).catch((cause) => {
        const missing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
        throw new errors/* ActionError */.lZ(missing
            ? `There is no file or directory ${path}; give a path that an earlier step wrote.`
            : `The path ${path} cannot be read; check its permissions.`, { cause });
    });
    if (found.isDirectory()) {
        if (line.transport !== 'docker-archive' && line.transport !== 'oci-archive')
            return openDirectory(path);
        throw new errors/* ActionError */.lZ(`"${line.given}" says archive but ${path} is a directory; write oci:${path}.`);
    }
    if (!found.isFile())
        throw new errors/* ActionError */.lZ(`The path ${path} is neither a file nor a directory; write the archive to a file.`);
    if (line.transport === 'oci') {
        throw new errors/* ActionError */.lZ(`"${line.given}" says layout but ${path} is a file; write oci-archive:${path}.`);
    }
    return open_openFile(path, found.size, reading);
}
async function open_openFile(path, size, reading) {
    const content = fileContent(path, 0, size);
    const start = await readStart(content, 4).catch((cause) => {
        throw new errors/* ActionError */.lZ(`The archive ${path} cannot be read; check its permissions.`, { cause });
    });
    const encoding = (0,bytes_compression/* encodingOf */.P$)(start);
    if (encoding === 'none')
        return openArchive(path);
    const spooling = reading.spooling(`The archive ${path}`);
    return spoolArchive(unfolded(piecesOf(content), encoding), spooling);
}
//# sourceMappingURL=open.js.map
;// CONCATENATED MODULE: ./out/src/images/read.js












async function readImages(items, options) {
    const signal = options.signal ?? new AbortController().signal;
    try {
        const parsed = await readLines(items);
        const saves = await askDaemon(parsed, options.environment ?? process.env, signal);
        if (saves?.inspected.length === parsed.length) {
            options.onAnnounced?.(saves.inspected.map(announcedImage));
        }
        const wanted = options.compression ?? (0,bytes_compression/* parseCompression */.Gd)('');
        const compression = () => compressionFor(parsed, saves, wanted);
        const reading = new Reading({ ...USUAL, ...options, compression, signal });
        const memory = options.known && { ...options.known, among: among(wanted) };
        return await readAll(parsed, saves, reading, memory);
    }
    catch (thrown) {
        return unlessEnded(thrown, signal);
    }
}
const USUAL = {
    possiblePlatforms: [],
    allowMissingPlatforms: false,
    nodesOf: () => [],
    onProgress: () => undefined,
    onNotice: () => undefined,
};
async function readAll(lines, saves, reading, memory) {
    try {
        const selected = [
            ...(saves === undefined ? [] : await fromDaemon(saves, reading, memory)),
            ...(await fromPaths(lines, reading)),
        ];
        const images = await resolveAll(lines, selected, reading);
        return {
            images,
            verify: () => reading.verification.run().catch((thrown) => unlessEnded(thrown, reading.signal)),
            close: () => reading.close(),
        };
    }
    catch (thrown) {
        await reading.close();
        throw thrown;
    }
}
function unlessEnded(thrown, signal) {
    signal.throwIfAborted();
    throw thrown;
}
async function compressionFor(lines, saves, wanted) {
    if (!('choose' in wanted))
        return wanted;
    const ofFiles = lines.filter(({ transport }) => transport !== 'docker-daemon');
    const paths = new Set(ofFiles.map(({ location }) => location));
    const byId = new Map(saves?.inspected.map(({ about }) => [about.id, about.bytes]));
    const sizes = [...byId.values(), ...(await Promise.all([...paths].map(fileBytes)))];
    return wanted.choose(sizes.reduce((sum, bytes) => sum + bytes, 0));
}
function among(wanted) {
    return 'choose' in wanted ? wanted.among : [wanted];
}
async function fileBytes(path) {
    const found = await (0,promises_.stat)(path).catch(() => undefined);
    return found?.isFile() ? found.size : 0;
}
async function fromPaths(lines, reading) {
    const opened = new Map();
    const selected = [];
    for (const line of lines) {
        if (line.transport === 'docker-daemon')
            continue;
        reading.signal.throwIfAborted();
        let source = opened.get(line.location);
        if (source === undefined) {
            const tree = await openSource(line, reading);
            source = { tree, found: await findImages(tree) };
            opened.set(line.location, source);
        }
        selected.push(...(await selectImages(line, source.found, source.tree, reading)));
    }
    return selected;
}
async function resolveAll(lines, selected, reading) {
    const resolved = new Map();
    const byName = new Map();
    const images = [];
    const inOrder = lines.flatMap((line) => selected.filter((choice) => choice.line === line));
    const ordered = await acrossSources(inOrder, reading);
    for (const choice of ordered) {
        reading.signal.throwIfAborted();
        const { found, line, elsewhere, ...name } = choice;
        const parts = resolved.get(found) ?? (await found.resolve(reading, elsewhere));
        if (elsewhere.length === 0)
            resolved.set(found, parts);
        const full = (0,images_reference/* fullName */.fq)(name);
        const other = byName.get(full);
        if (other !== undefined && other.digest !== parts.target.digest) {
            throw twoUnderOneName(full, other.selected, choice);
        }
        byName.set(full, { selected: choice, digest: parts.target.digest });
        const instead = elsewhere.length > 0 && { elsewhere: withoutVariants(elsewhere) };
        images.push({ ...parts, given: line.given, ...name, ...instead });
    }
    return images;
}
//# sourceMappingURL=read.js.map
;// CONCATENATED MODULE: ./out/src/kube/speed.js

const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const QUESTION = JSON.stringify({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'configmaps' } },
});
async function uploadSpeed(client, signal) {
    const bodies = {
        small: Buffer.from(QUESTION),
        large: Buffer.from(QUESTION.padEnd(carriers/* SPEED_PROBE_BYTES */.TP, ' ')),
    };
    try {
        return await speedBy((size) => timeOf(client, bodies[size], signal));
    }
    catch {
        signal.throwIfAborted();
        return undefined;
    }
}
async function speedBy(ask) {
    const small = [];
    const large = [];
    for (let round = 1;; round++) {
        small.push(await ask('small'));
        large.push(await ask('large'));
        if (round < carriers/* SPEED_ROUNDS */.SM)
            continue;
        const [quickest = 0, next = 0] = [...large].sort((one, other) => one - other);
        const speed = (carriers/* SPEED_PROBE_BYTES */.TP * 1000) / Math.max(quickest - Math.min(...small), 0.1);
        const isClear = speed > carriers/* SPEED_SLOW_BYTES_PER_SECOND */.Rs || speed < carriers/* SPEED_SURELY_SLOW_BYTES_PER_SECOND */.wW;
        const isSure = isClear || next <= quickest * carriers/* SPEED_AGREED_FACTOR */.rB;
        if (isSure || round === carriers/* SPEED_ROUNDS_MAX */.$9)
            return speed;
    }
}
async function timeOf(client, body, signal) {
    let time = Number.POSITIVE_INFINITY;
    const onAttempt = ({ milliseconds }) => {
        time = milliseconds;
    };
    const contentType = 'application/json';
    const options = { body: [body], contentType, signal, onAttempt, patienceSeconds: 5 };
    await client.request({ method: 'POST', path: PATH, ...options });
    return time;
}
//# sourceMappingURL=speed.js.map
;// CONCATENATED MODULE: ./out/src/proof/pull-words.js

const PULL_REASONS = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable']);
const UNREACHED = /connection refused|i\/o timeout|no route to host|connection reset|broken pipe|(?:host|network) is unreachable|context deadline exceeded|handshake timeout|Client\.Timeout|\bEOF\b|connect: |registry is unavailable|context canceled|transport is closing/i;
const ENDED = /\bcopy(?:ing)?\b.*context canceled/i;
const BUSY = /\b(?:429 Too Many Requests|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b|toomanyrequests/i;
const NEVER_OURS = /failed to resolve (?:reference|image):? \S*: \S* ?not found|content at \S* ?not found|could not fetch content .*: not found|manifest unknown|name unknown|repository name not known|access (?:to the resource is )?denied|no basic auth credentials|\b(?:401 Unauthorized|403 Forbidden|404 Not Found)\b/i;
const HTTPS_ALONE = /server gave HTTP response to HTTPS client/;
function isPullReason(reason) {
    return PULL_REASONS.has(reason);
}
function troubleOfPull(words, pullable) {
    if (BARE_BACK_OFF.test(words)) {
        return { kind: 'waiting' };
    }
    const host = hostElsewhere(words, pullable);
    if (host !== undefined) {
        return { kind: 'elsewhere', host };
    }
    const said = withoutImage(words, pullable);
    if (HTTPS_ALONE.test(said)) {
        return { kind: 'https' };
    }
    if (PULL_HELD_BACK.test(said)) {
        return { kind: 'held' };
    }
    if (BUSY.test(said)) {
        return { kind: 'busy' };
    }
    if (NEVER_OURS.test(said)) {
        return { kind: 'elsewhere' };
    }
    if (ENDED.test(said)) {
        return { kind: 'ended' };
    }
    return { kind: UNREACHED.test(said) ? 'unreachable' : 'image' };
}
function hostElsewhere(words, pullable) {
    const [registry = '', secret = ''] = pullable.split('/');
    const urls = words.matchAll(/\bhttps?:\/\/([^\s/"?]+)(\/[^\s"]*)?/g);
    const asked = [...urls].filter(([, , path = '']) => path.includes(`/${secret}/`));
    const pinged = words.matchAll(/\bpinging container registry ([^\s/]+?):? /g);
    const hosts = [...asked, ...pinged].map(([, host = '']) => host);
    return hosts.find((host) => host !== registry);
}
function withoutImage(words, pullable) {
    const path = pullable.slice(pullable.indexOf('/') + 1).replace(/@.*$/, '');
    return words.replaceAll(/\S+/g, (word) => word.includes(path) ? word.replace(/.*[^:",]/, '') : word);
}
function isConnectionRefused(words) {
    return /connection refused/.test(words);
}
//# sourceMappingURL=pull-words.js.map
;// CONCATENATED MODULE: ./out/src/proof/verdict.js



const REFUSED = /^(?:Evicted: .*\bnode had condition\b|OutOf\w)/;
function isOfPod(verdict) {
    return verdict.kind === 'meddled' || verdict.given === undefined;
}
function isRefused({ kind, words }) {
    return kind === 'failed' && REFUSED.test(words);
}
function mayLackWay({ kind }) {
    return kind === 'unreachable' || kind === 'elsewhere';
}
const DELETED = {
    kind: 'meddled',
    words: 'its Pod was deleted by someone else',
};
const AT_WORK = new Set(['ContainerCreating', 'PodInitializing', '']);
function verdictOf(pod, images) {
    const verdict = verdictOfStaying(pod, images);
    const isGoing = pod.metadata?.deletionTimestamp !== undefined;
    return isGoing && verdict.kind !== 'proven' ? DELETED : verdict;
}
function verdictOfShown(pod, images) {
    const stays = pod !== undefined && pod.metadata?.deletionTimestamp === undefined;
    return stays ? verdictOfStaying(pod, images) : DELETED;
}
function verdictOfStaying(pod, images) {
    const verdicts = images.map((image, index) => verdictOfImage(pod, image, containerName(index)));
    const final = verdicts.find(({ kind }) => kind !== 'proven' && kind !== 'pending');
    if (final !== undefined) {
        return final;
    }
    const podFault = faultOfPod(pod);
    if (podFault !== undefined) {
        return { kind: 'failed', words: podFault };
    }
    const pending = verdicts.find(({ kind }) => kind === 'pending');
    const words = pending && initFaultOf(pod);
    return words === undefined ? (pending ?? { kind: 'proven' }) : { kind: 'kept', words };
}
function runningIn(pod) {
    const statuses = pod?.status?.containerStatuses ?? [];
    return statuses.filter(({ state }) => state?.running !== undefined).map(({ name }) => name);
}
function faultOfPod(pod) {
    const { phase, reason, message } = pod.status ?? {};
    if (phase !== 'Failed' && phase !== 'Succeeded') {
        return undefined;
    }
    return [reason, message].filter(Boolean).join(': ') || `the Pod ended in phase ${phase}`;
}
function verdictOfImage(pod, image, container) {
    const asked = pod.spec?.containers.find(({ name }) => name === container)?.image;
    if (asked !== image.pullable) {
        const words = `its Pod was changed by someone else to run ${asked} in place of ${image.pullable}`;
        return { kind: 'meddled', words };
    }
    const status = pod.status?.containerStatuses?.find(({ name }) => name === container);
    return verdictOfContainer(status, image);
}
function verdictOfContainer(status, image) {
    const { running, terminated, waiting } = status?.state ?? {};
    if (running !== undefined) {
        return { kind: 'proven' };
    }
    if (terminated !== undefined) {
        const words = [terminated.reason, terminated.message, `exit code ${terminated.exitCode}`];
        return { kind: 'failed', given: image.given, words: words.filter(Boolean).join(': ') };
    }
    const reason = waiting?.reason ?? '';
    if (AT_WORK.has(reason)) {
        return { kind: 'pending', words: waiting?.message ?? (reason || 'the kubelet has not begun') };
    }
    const words = [reason, waiting?.message].filter(Boolean).join(': ');
    const trouble = isPullReason(reason) ? troubleOfPull(words, image.pullable) : IMAGE;
    switch (trouble.kind) {
        case 'waiting':
            return { kind: 'pending', words };
        case 'image':
            return { kind: 'failed', given: image.given, words };
        case 'https':
            return { kind: 'https', words };
        default:
            return { ...trouble, words };
    }
}
const IMAGE = { kind: 'image' };
//# sourceMappingURL=verdict.js.map
;// CONCATENATED MODULE: ./out/src/proof/node-proof.js






class NodeProof {
    node;
    images;
    attempt;
    end;
    started = false;
    busy = false;
    isMade = false;
    isEarly = false;
    troubleAt;
    gotAt;
    newsAt;
    ending = Promise.withResolvers();
    failures = 0;
    troubledSince;
    troubles = 0;
    words = '';
    pod;
    pulled = new Set();
    constructor(node, images, now, attempt = 0) {
        this.node = node;
        this.images = images;
        this.attempt = attempt;
        this.newsAt = now;
        this.troubleAt = now;
        this.gotAt = now;
    }
    get settled() {
        return this.ending.promise;
    }
    start(now) {
        this.started = true;
        this.newsAt = now;
        this.troubleAt = now;
        this.gotAt = now;
    }
    settle(end) {
        this.end = end;
        this.ending.resolve();
    }
    isQuietSince(then) {
        return this.started && this.end === undefined && this.newsAt <= then;
    }
    reopen() {
        this.end = undefined;
        this.ending = Promise.withResolvers();
    }
    take(pod, now) {
        if (this.end !== undefined || this.busy || pod === this.pod) {
            return false;
        }
        this.pod = pod;
        this.newsAt = now;
        const before = this.pulled.size;
        for (const container of runningIn(pod)) {
            this.pulled.add(container);
        }
        if (this.pulled.size > before) {
            this.troubledSince = undefined;
            this.gotAt = now;
        }
        return true;
    }
    again(now) {
        this.attempt++;
        this.isMade = false;
        this.isEarly = false;
        this.busy = false;
        this.pod = undefined;
        this.newsAt = now;
    }
    trouble(now) {
        this.troubledSince ??= now;
        this.troubleAt = now;
        return { lasted: now - this.troubledSince, times: ++this.troubles };
    }
    mayRetry(times = limits_run/* PROOF_RETRIES */.gb) {
        return this.failures++ < times;
    }
    says(words) {
        const news = words !== this.words;
        this.words = words;
        return news;
    }
}
function podNameOf(delivery, { node, attempt }) {
    return run_run/* nameOf */.Vb.proof(delivery, node.index, attempt);
}
class NodeProofs extends Map {
    plan;
    before;
    pods = new Map();
    index = 0;
    constructor(plan) {
        super();
        this.plan = plan;
        this.before = new Map(plan.proven);
    }
    add(nodes) {
        const { images, attemptsBefore } = this.plan;
        return nodes.map((node) => {
            const placed = { ...node, index: this.index++ };
            const proof = new NodeProof(placed, imagesFor(node, images), performance.now(), attemptsBefore);
            this.set(node.name, proof);
            this.before.delete(node.name);
            return proof;
        });
    }
    get waiting() {
        return this.namesOf(({ end }) => end === undefined);
    }
    get proven() {
        return [...this.before.keys(), ...this.namesOf(isProven)];
    }
    podOf = (proof) => this.pods.get(podNameOf(this.plan, proof));
    fallenAmong(ready) {
        return ready.flatMap((node) => {
            const proof = this.get(node.name);
            const name = proof === undefined ? this.before.get(node.name) : podNameOf(this.plan, proof);
            if (name === undefined || proof?.end === 'left out') {
                return [];
            }
            const verdict = verdictOfShown(this.pods.get(name), imagesFor(node, this.plan.images));
            if (verdict.kind === 'proven' || (node.drainedBy !== undefined && verdict === DELETED)) {
                return [];
            }
            return { node, trouble: verdict.kind === 'pending' ? undefined : verdict };
        });
    }
    namesOf(are) {
        return [...this.values()].filter(are).map(({ node }) => node.name);
    }
}
function judge(proof, pod, { onProven, onWaiting }) {
    if (!proof.take(pod, performance.now()))
        return undefined;
    const { name } = proof.node;
    const verdict = pod === undefined ? DELETED : verdictOf(pod, proof.images);
    if (verdict.kind === 'proven') {
        proof.settle('proven');
        onProven(name, pod?.metadata?.name ?? '');
        return undefined;
    }
    const words = unscheduledWords(pod) ?? verdict.words;
    if (proof.says(words))
        onWaiting(name, words);
    return verdict.kind === 'pending' ? undefined : verdict;
}
function node_proof_patienceWith(proof, verdict, proofs, { registryNode, trialSeconds }, { routeSeconds }) {
    const { lasted, times } = proof.trouble(performance.now());
    const pause = times === 1 ? 0 : (0,retry/* backoff */.J)(times - 1);
    if (lasted > routeSeconds * 1000)
        return { pause, over: 'route' };
    const isOnTrial = isWayOnTrial(verdict, proofs, registryNode);
    return isOnTrial && lasted > trialSeconds() * 1000 ? { pause, over: 'trial' } : { pause };
}
function isProven({ end }) {
    return end === 'proven';
}
function isWayOnTrial(verdict, proofs, registryNode) {
    const isShown = (proof) => isProven(proof) && proof.node.name !== registryNode;
    return mayLackWay(verdict) && ![...proofs].some(isShown);
}
function reachOf(proofs, registryNode) {
    const names = (some) => some.map(({ node }) => node.name);
    return {
        registryNode,
        reached: names(proofs.filter(isProven)),
        unreached: names(proofs.filter((proof) => !isProven(proof))),
    };
}
//# sourceMappingURL=node-proof.js.map
;// CONCATENATED MODULE: ./out/src/proof/failure.js













async function failureOnRoute(client, plan, failed, signal) {
    const isRefused = isConnectionRefused(failed.verdict.words);
    const reach = { ...reachOf(failed.proofs, plan.registryNode), isRefused };
    const policies = await networkPolicyWords(client, plan, reach, signal);
    return routeFailure(failed.verdict, { ...plan, node: failed.node }, policies);
}
function routeFailure(verdict, { node, registry, namespace, missing }, policies) {
    const host = registry.split('/')[0] ?? '';
    const runtime = `The container runtime of node ${node}`;
    switch (verdict.kind) {
        case 'unreachable':
            return new RouteFailure(policies === undefined
                ? `${runtime} cannot reach the registry at ${registry} (${verdict.words}); ${missing}.`
                : `${runtime} cannot reach the registry at ${registry} (${verdict.words}). ${policies}`);
        case 'ended':
            return new errors/* ActionError */.lZ(`${runtime} ends its pulls from the registry at ${registry} before all bytes have come (${verdict.words}); run the job again when the way to the cluster is faster, or raise the runtime's pull_progress_timeout (CRI-O) or image_pull_progress_timeout (containerd).`);
        case 'busy':
            return new errors/* ActionError */.lZ(`${runtime} is told again and again that the registry at ${registry} has no time (${verdict.words}); run the job again, with fewer jobs on the cluster at once.`);
        case 'held':
            return new errors/* ActionError */.lZ(`The kubelet of node ${node} begins no pull from the registry at ${registry} (${verdict.words}), for others on that node begin as many as its settings registryPullQPS and registryBurst allow; run the job again when fewer Pods start there, or raise them.`);
        case 'kept':
            return new errors/* ActionError */.lZ(`The kubelet of node ${node} does not come to the images, since ${verdict.words}; see to that container, or exempt the namespace ${namespace} from the webhook that adds it.`);
        case 'elsewhere':
            return new RouteFailure(`${runtime} asks ${verdict.host ?? 'another registry'} for what is at ${host} (${verdict.words}); ${ownHost(host)}. Where it asks the host itself, too, that one was not reached: ${missing}.`);
    }
}
function ownHost(host) {
    return `in containerd's /etc/containerd/certs.d take \`server\` out of _default/hosts.toml, since without it the host itself is asked, too; or write ${host}/hosts.toml with server = "http://${host}", for as long as this run has that port`;
}
function podFailure(verdict, { node, namespace }) {
    return verdict.kind === 'failed'
        ? new errors/* ActionError */.lZ(`Node ${node} cannot run ${verdict.given ?? 'the images'}; its kubelet says: ${verdict.words}`)
        : new errors/* ActionError */.lZ(`Node ${node} cannot run the images; ${verdict.words}: look at who deletes or changes Pods in the namespace ${namespace}.`);
}
function faultOfNode(verdict, now) {
    if (verdict.kind === 'failed') {
        return isRefused(verdict)
            ? `has a kubelet that refuses Pods (${verdict.words.replace(/\.$/, '')})`
            : undefined;
    }
    return now?.drainedBy === undefined
        ? undefined
        : `is being drained (${now.drainedBy}), and its Pod was deleted again and again`;
}
const TAKES_NO_HTTP = `takes no plain HTTP from 127.0.0.1, as CRI-O does not from 1.35 on; ${PLAIN_HTTP_FIX}`;
function takesNoPod(seconds) {
    return `has a kubelet that takes no Pod (for ${seconds} s)`;
}
function isOfLostNode({ spec, status }) {
    const has = (type, is) => status?.conditions?.some((condition) => condition.type === type && condition.status === is);
    const isGated = (spec?.readinessGates ?? []).length > 0;
    return !isGated && has('Ready', 'False') === true && has('ContainersReady', 'True') === true;
}
async function* untakenProofs(client, proofs, podOf, { takeSeconds }, signal) {
    const isUntaken = (proof) => {
        const pod = podOf(proof);
        const isLate = !proof.busy && proof.isQuietSince(performance.now() - takeSeconds * 1000);
        return isLate && pod !== undefined && !isTaken(pod);
    };
    for (const proof of [...proofs.values()].filter(isUntaken)) {
        if ((await isAlive(client, proof.node.name, true, signal)) && isUntaken(proof)) {
            yield proof;
        }
    }
}
async function* missedProofs(client, plan, proofs, podOf, { since, signal }) {
    const isMissed = (proof) => proof.isMade && !proof.busy && proof.isQuietSince(since) && podOf(proof) === undefined;
    const path = kube_pods/* collection */.r.pods(plan.namespace);
    for (const proof of [...proofs.values()].filter(isMissed)) {
        const isGone = await (0,watch/* isObjectUpToDate */.y3)(client, path, podNameOf(plan, proof), undefined, signal);
        if (isGone && isMissed(proof)) {
            yield proof;
        }
    }
}
function noNodeLeft(reasons) {
    const nodes = [...reasons].map(([name, reason]) => ({ name, reason }));
    const [reason, ...others] = new Set(reasons.values());
    const isOfAll = nodes.length > 1 && others.length === 0;
    const said = isOfAll ? `each ${reason}` : nodesInWords(nodes);
    return new errors/* ActionError */.lZ(`No node is left that could show it has the images (${said}); run the job again when the nodes are well.`);
}
function noNodeFor(kinds, { nodeSelector }) {
    const platforms = kinds.map(({ architecture }) => `linux/${architecture}`);
    const which = nodeSelector === undefined ? '' : ` with the labels ${nodeSelector}`;
    return new errors/* ActionError */.lZ(`The cluster has no node of ${platforms.join(' or ')}${which}, so that nothing shows that the images work; build them for its nodes' platform, or choose other nodes by the input \`nodes\`.`);
}
function noRoom(node, words) {
    return new errors/* ActionError */.lZ(`No Pod that would prove the images fits on the node ${node} (${words}); make room for one there, or leave the node out by the input \`nodes\`.`);
}
function notMade(daemonSet, { made, desired }, seconds, { namespace }) {
    return new errors/* ActionError */.lZ(`The cluster has made ${made} of the ${desired} Pods of the DaemonSet ${daemonSet} that are to prove the images, and no more for ${seconds} s; look at the quotas and the admission of the namespace ${namespace}.`);
}
function lostAmong(names, { needsAll }, nodes) {
    const lost = names.flatMap((name) => {
        const reason = reasonAgainst(name, nodes);
        return reason === undefined ? [] : { name, reason };
    });
    if (needsAll && lost.length > 0) {
        throw unavailableNodes(lost);
    }
    return lost;
}
function failWithRegistryNode({ registryPod, registryNode }, nodes) {
    const reason = reasonAgainst(registryNode, nodes);
    if (reason !== undefined) {
        throw new RegistryLost(`The registry Pod ${registryPod} is lost, since its node ${registryNode} ${reason}; run the job again when the node is well.`);
    }
}
//# sourceMappingURL=failure.js.map
;// CONCATENATED MODULE: ./out/src/proof/coverage.js





const gets = (node, { platforms }) => platforms.includes(coverage_platformOf(node));
const coverage_platformOf = ({ architecture }) => `linux/${architecture}`;
function nothingFor(node, images) {
    const sent = [...new Set(images.flatMap(({ platforms }) => platforms))].sort().join(', ');
    return `is of the platform ${coverage_platformOf(node)} and gets none of ${given(images)}, which is sent for ${sent}`;
}
function checkCoverage(nodes, images, platforms) {
    const idle = images.filter((image) => !nodes.some((node) => gets(node, image)));
    if (idle.length > 0) {
        const there = [...new Set(nodes.map(coverage_platformOf))].sort().join(', ');
        const advice = platforms === undefined
            ? 'build it for one of those'
            : `name one of those in the input \`platforms\`, which says ${platforms.join(', ')}`;
        throw new errors/* ActionError */.lZ(`No node of the cluster can run ${given(idle)}: it would be sent for ${idle[0]?.platforms.join(', ')}, and the nodes are of ${there}; ${advice}.`);
    }
    const why = platforms === undefined ? '' : ', as the input `platforms` says';
    const unserved = nodes.filter((node) => !images.some((image) => gets(node, image)));
    return leftOutSentences(unserved.map((node) => ({ name: node.name, reason: `${nothingFor(node, images)}${why}` })));
}
function checkArchitectures(architectures, images) {
    const places = architectures.map((architecture) => ({ name: architecture, architecture }));
    const idle = images.filter((image) => !places.some((place) => gets(place, image)));
    if (idle.length > 0) {
        throw new errors/* ActionError */.lZ(`No node can run ${given(idle)}: it would be sent for ${idle[0]?.platforms.join(', ')}, and nodes of ${places.map(coverage_platformOf).join(' and ')} can have images; build it for one of those.`);
    }
    const without = places.filter((place) => !images.every((image) => gets(place, image)));
    return without.length === 0
        ? []
        : [
            `Nodes of ${without.map(coverage_platformOf).join(' and ')}, if there are any, do not get every image: the kubeconfig's user may not list nodes, so nobody knows their platforms, and not every image is sent for that one; where there are none, name the others in the input \`platforms\`.`,
        ];
}
function checkShown(proven, images, leftOut) {
    if (proven.length === 0)
        throw noNodeLeft(leftOut);
    const shown = [...new Set(proven.map(coverage_platformOf))].sort();
    const idle = images.filter(({ platforms, elsewhere = [] }) => !shown.some((one) => platforms.includes(one) || elsewhere.includes(one)));
    if (idle.length === 0)
        return;
    const lost = [...leftOut].map(([name, reason]) => ({ name, reason }));
    const why = lost.length === 0 ? '' : ` (${nodesInWords(lost)})`;
    throw new errors/* ActionError */.lZ(`No node has shown ${given(idle)}, which is sent for ${idle[0]?.platforms.join(', ')}, and those that show the other images are of ${shown.join(', ')}${why}; build it for one of those, or run the job again when there are nodes of its platform.`);
}
class Newcomers {
    plan;
    leftOut = new Map();
    known;
    constructor(plan) {
        this.plan = plan;
        this.known = new Set([...plan.nodes.map(({ name }) => name), ...plan.proven.keys()]);
    }
    leaveOut(name, reason, mayComeBack) {
        const { needsAll, onLeftOut } = this.plan;
        if (needsAll)
            throw unavailableNodes([{ name, reason }]);
        if (mayComeBack && !this.leftOut.has(name))
            this.known.delete(name);
        this.leftOut.set(name, reason);
        onLeftOut(name, reason);
    }
    checkShown(ready, proven) {
        const nodes = ready.filter(({ name }) => proven.includes(name));
        checkShown(nodes, this.plan.images, this.leftOut);
    }
    among(ready) {
        const { architectures, images, needsAll, onLeftOut, onUnserved } = this.plan;
        const came = ready.filter(({ name, pressure }) => !this.known.has(name) && !pressure);
        const served = nodesToProve(came, images);
        const able = served.filter(({ architecture }) => architectures.includes(architecture));
        for (const node of came) {
            const { name } = node;
            this.known.add(name);
            if (!served.includes(node)) {
                onUnserved(name, nothingFor(node, images));
            }
            else if (!able.includes(node)) {
                const reason = `joined as the first of the platform ${coverage_platformOf(node)}, for which this run has no injector; the next one has`;
                if (needsAll)
                    throw unavailableNodes([{ name, reason }]);
                onLeftOut(name, reason);
            }
        }
        return able;
    }
}
function given(images) {
    return enumerated([...new Set(images.map((image) => image.given))], 3);
}
//# sourceMappingURL=coverage.js.map
;// CONCATENATED MODULE: ./out/src/carriers/configmaps/chunk-size.js

class ChunkSize {
    pinned;
    size;
    least = carriers/* CHUNK_MIN_BYTES */.jt;
    constructor(pinned, least = 0) {
        this.pinned = pinned;
        this.least = Math.max(this.least, least);
        this.size = pinned ?? this.bounded(carriers/* CHUNK_MIN_BYTES */.jt);
    }
    get bytes() {
        return this.size;
    }
    get largest() {
        return this.pinned ?? carriers/* CHUNK_BYTES */.EC;
    }
    keepAbove(bytes) {
        this.least = Math.max(this.least, bytes);
        this.become(this.size);
    }
    become(wanted) {
        const before = this.size;
        this.size = this.pinned ?? this.bounded(wanted);
        return this.size / before;
    }
    bounded(wanted) {
        return Math.max(this.least, Math.min(Math.floor(wanted), carriers/* CHUNK_BYTES */.EC));
    }
}
//# sourceMappingURL=chunk-size.js.map
;// CONCATENATED MODULE: ./out/src/carriers/configmaps/round.js
class Round {
    granted = 0;
    bytes = 0;
    milliseconds = 0;
    troubled = 0;
    get answers() {
        return this.granted + this.troubled;
    }
    get isTroubled() {
        return this.troubled > 0;
    }
    get createMilliseconds() {
        return this.milliseconds / this.granted;
    }
    get createBytes() {
        return this.bytes / this.granted;
    }
    trouble() {
        this.troubled++;
    }
    grant(milliseconds, bytes) {
        this.granted++;
        this.bytes += bytes;
        this.milliseconds += milliseconds;
    }
}
function isTrouble({ status }) {
    return status === undefined || (status >= 300 && status !== 409);
}
//# sourceMappingURL=round.js.map
;// CONCATENATED MODULE: ./out/src/carriers/configmaps/stalls.js

class Stalls {
    mean = Number.POSITIVE_INFINITY;
    rest = 0;
    vain = 0;
    weary = 0;
    get restMilliseconds() {
        return this.rest;
    }
    saw(milliseconds, bytes, rested) {
        if (!rested) {
            this.mean = this.meanAfter(milliseconds);
            this.weary = Math.max(0, this.weary - 1);
            this.rest = this.weary === 0 && isStarved(bytes / this.mean) ? this.longest() : 0;
            return false;
        }
        const stalled = milliseconds > this.longest() / carriers/* STALL_FACTOR */.xC;
        this.vain = stalled ? this.vain + 1 : 0;
        this.rest = stalled ? Math.min(2 * this.rest, this.longest()) : this.rest * carriers/* REST_EASE */.iL;
        if (this.vain === carriers/* REST_VAIN */.Kt) {
            this.vain = 0;
            this.rest = 0;
            this.weary = carriers/* REST_WEARY */.Sr;
        }
        else if (this.rest < this.longest() / 16) {
            this.rest = 0;
        }
        return stalled;
    }
    meanAfter(milliseconds) {
        return Number.isFinite(this.mean)
            ? (this.mean + Math.min(milliseconds, 2 * this.mean)) / 2
            : milliseconds;
    }
    longest() {
        return Math.max(this.mean, carriers/* CPU_PERIOD_MILLISECONDS */.YU);
    }
    scale(factor) {
        const shrunk = Math.min(1, factor);
        this.mean *= shrunk;
        this.rest *= shrunk;
    }
}
function isStarved(bytesPerMillisecond) {
    return bytesPerMillisecond < carriers/* STARVED_BYTES_PER_MILLISECOND */.S9;
}
//# sourceMappingURL=stalls.js.map
;// CONCATENATED MODULE: ./out/src/carriers/configmaps/pace.js




class Pace {
    pins;
    window;
    size;
    lone = Number.POSITIVE_INFINITY;
    starting = true;
    ample = false;
    starved = false;
    alone = false;
    stalls = new Stalls();
    roundTrip = 0;
    doubtful = false;
    content = carriers/* UPLOAD_ROUNDS_STARVED */.sr;
    rounds = 0;
    interrupted = 0;
    stale = 1;
    round = new Round();
    constructor(pins = {}) {
        this.pins = pins;
        this.window = pins.concurrency ?? 1;
        this.size = new ChunkSize(pins.chunkBytes, pins.leastChunkBytes);
    }
    get concurrency() {
        return this.window;
    }
    get chunkBytes() {
        return this.size.bytes;
    }
    get largestChunkBytes() {
        return this.size.largest;
    }
    keepAbove(bytes) {
        this.size.keepAbove(bytes);
    }
    knowWay(milliseconds) {
        this.roundTrip = milliseconds;
    }
    get restMilliseconds() {
        return this.isResting ? this.stalls.restMilliseconds : 0;
    }
    get isResting() {
        const alone = this.alone && this.window === 1 && this.pins.concurrency === undefined;
        return alone && this.stalls.restMilliseconds > 0;
    }
    saw(attempt, bytes) {
        if (isTrouble(attempt)) {
            this.round.trouble();
        }
        else if (this.stale > 0) {
            this.stale--;
        }
        else {
            this.granted(attempt.milliseconds, bytes);
        }
        const answers = this.window === 1 ? carriers/* UPLOAD_ROUND_ALONE */.Le : Math.max(this.window, carriers/* UPLOAD_ROUND_TOGETHER */.kw);
        if (this.round.answers >= answers) {
            this.endRound();
        }
    }
    granted(milliseconds, bytes) {
        this.round.grant(milliseconds, bytes);
        const besidesWay = this.besidesWay(milliseconds);
        if (this.window === 1 && this.stalls.saw(besidesWay, bytes, this.isResting)) {
            this.resize(this.chunkBytes / 2);
        }
    }
    besidesWay(milliseconds) {
        return Math.max(0, milliseconds - this.roundTrip);
    }
    endRound() {
        this.rounds++;
        const { isTroubled, createMilliseconds } = this.round;
        if (isTroubled) {
            this.slowDown();
        }
        else if (createMilliseconds > carriers/* SLOW_CREATE_MILLISECONDS */.Co) {
            if (this.window === 1) {
                this.resize(this.chunkBytes / 2);
            }
            this.slowDown();
        }
        else {
            this.follow(this.round);
            this.grow();
        }
        this.round = new Round();
    }
    grow() {
        const known = this.starved ? 1 + carriers/* UPLOAD_ROUNDS_STARVED */.sr : 1;
        const sure = !this.doubtful && this.interrupted === 0;
        if (this.rounds > known && sure && !this.isResting) {
            const { bytes } = this.size;
            const step = this.starting ? bytes : carriers/* CHUNK_STEP_BYTES */.Dl;
            this.resize(this.ample ? carriers/* UPLOAD_AMPLE_FACTOR */.Eh * bytes : bytes + step);
        }
    }
    slowDown() {
        this.starting = false;
        this.interrupted = 0;
        this.setWindow(Math.floor(this.window / 2));
    }
    follow({ createMilliseconds, createBytes }) {
        const cost = createMilliseconds / createBytes;
        this.lone = this.window === 1 ? this.loneAfter(cost) : Math.min(this.lone, cost);
        if (this.interrupted > 0) {
            this.setWindow(this.interrupted);
            this.interrupted = 0;
            return;
        }
        const speed = this.window / cost;
        this.ample = this.window > 1 && speed >= carriers/* AMPLE_BYTES_PER_MILLISECOND */.Mt;
        this.starved = isStarved((this.window * createBytes) / this.besidesWay(createMilliseconds));
        const gain = speed * this.lone - 1;
        const due = this.rounds % carriers/* UPLOAD_ROUNDS_CHECK */.n2 === carriers/* UPLOAD_ROUNDS_FIRST_CHECK */.C5;
        if (this.window > 1 && due && !this.ample && !this.isClear(gain)) {
            this.interrupted = this.window;
            this.setWindow(1);
        }
        else {
            this.adapt(gain);
        }
    }
    adapt(gain) {
        const others = this.window - 1;
        const least = this.starved ? carriers/* UPLOAD_GAIN_CLEAR */.sz : carriers/* UPLOAD_GAIN_GROW */.wj;
        if (others === 0 && (this.isResting || (this.content > 0 && (this.starved || this.alone)))) {
            this.content--;
        }
        else if (others === 0 || this.ample || gain >= least * others) {
            this.alone &&= others === 0;
            this.sendMore(gain);
        }
        else if (this.starved || gain < carriers/* UPLOAD_GAIN_KEEP */.sG * others) {
            this.doubt();
            return;
        }
        this.doubtful = false;
    }
    sendMore(gain) {
        const doubled = 2 * this.window;
        const soon = this.starting && (doubled <= carriers/* UPLOAD_CONCURRENCY_START */.t9 || this.isClear(gain));
        this.setWindow(this.ample ? carriers/* UPLOAD_AMPLE_FACTOR */.Eh * this.window : soon ? doubled : this.window + 1);
    }
    doubt() {
        if (this.doubtful) {
            this.settle(this.starved ? 1 : this.window - 1);
        }
        this.doubtful = !this.doubtful;
    }
    isClear(gain) {
        return gain >= carriers/* UPLOAD_GAIN_CLEAR */.sz * (this.window - 1);
    }
    settle(window) {
        this.starting = false;
        this.alone = window === 1;
        this.content = carriers/* UPLOAD_ROUNDS_CONTENT */.u5;
        this.setWindow(window);
    }
    loneAfter(cost) {
        return Math.min(cost, carriers/* UPLOAD_LONE_EASE */.mm * this.lone);
    }
    setWindow(wanted) {
        if (this.pins.concurrency === undefined) {
            const window = Math.max(1, Math.min(wanted, carriers/* UPLOAD_CONCURRENCY_MAX */.p0));
            this.stale = Math.max(0, this.window - window);
            this.window = window;
        }
    }
    resize(wanted) {
        this.stalls.scale(this.size.become(wanted));
    }
}
//# sourceMappingURL=pace.js.map
;// CONCATENATED MODULE: ./out/src/stages/prepare/planning.js







function planFor(inputs, payload, { carrier, obstacle }) {
    const plan = planOf(payload, carrier);
    const pace = paceFor(inputs, plan);
    checkBudget(plan.chunkBytes, inputs.configMapBudget, obstacle);
    checkChunks(plan.chunkBytes, pace.largestChunkBytes);
    const configMapBytes = Math.min(plan.writtenBytes, inputs.configMapBudget);
    return { plan, pace, configMapBytes };
}
function paceFor({ chunkSize, concurrency }, { chunkBytes }) {
    return new Pace({
        leastChunkBytes: Math.ceil(chunkBytes / carriers/* CONFIGMAPS_PER_RUN_MAX */.ne),
        ...(chunkSize && { chunkBytes: chunkSize }),
        ...(concurrency && { concurrency }),
    });
}
function carrierFacts({ carrier, configMapBudget: budget, release }, { near, obstacle, rights, storageClass, }) {
    const isRelease = release !== undefined;
    const little = { near, obstacle, isRelease };
    const mayForward = rights.forward;
    return {
        budget,
        mayCourier: rights.lacksOnSecrets === undefined,
        obstacle,
        littleToo: streamsLittle(carrier, { ...little, mayForward }),
        littleButForForward: !mayForward && streamsLittle(carrier, { ...little, mayForward: true }),
        staysInConfigMaps: isRelease && storageClass === undefined,
    };
}
function earlyPlan(inputs, images, cluster) {
    const facts = carrierFacts(inputs, cluster);
    const there = platformsOf(cluster.nodes);
    const platforms = withoutVariants(inputs.platforms ?? there);
    const served = platforms.filter((platform) => there.includes(platform));
    const bytes = images.reduce((sum, image) => sum + image.bytes, 0);
    const isFit = images.every(({ parts }) => parts.some(({ platform }) => platform !== undefined && served.includes(platform)));
    const isSure = facts.staysInConfigMaps !== true;
    const isAny = inputs.carrier.carrier === 'stream' || facts.littleToo === true;
    const isMuch = isAny || bytes >= carriers/* EARLY_FACTOR */.Qc * carriers/* STREAM_FROM_BYTES */.Ob;
    if (!isSure || !isFit || facts.obstacle !== undefined || !isMuch) {
        return undefined;
    }
    const chosen = chooseCarrier(inputs.carrier, { ...facts, bytes });
    const plan = streamPlanOf(images, platforms);
    return chosen.carrier === 'stream'
        ? { chosen, plan, pace: paceFor(inputs, plan), configMapBytes: 0 }
        : undefined;
}
//# sourceMappingURL=planning.js.map
;// CONCATENATED MODULE: ./out/src/stages/prepare/images.js













function getImages(job, cluster) {
    const announced = Promise.withResolvers();
    const reading = job.log.time('Images', async (notes) => {
        const laid = await readAndLay(job, cluster, announced.resolve);
        notes.bytes = laid.payload.contentBytes;
        notes.outcome = laid.images.images.map(images_reference/* familiarName */.hG).join(', ');
        return laid;
    });
    reading.catch(() => undefined);
    const early = announced.promise.then(async (images) => earlyPlan(job.inputs, images, await cluster) ?? reading);
    const planned = Promise.race([early, reading]).then(({ chosen, plan, pace, configMapBytes }) => {
        runner/* info */.pq(carrierLine(chosen));
        return { plan, pace, configMapBytes };
    });
    return { planned, laid: reading };
}
async function readAndLay(job, cluster, onAnnounced) {
    const { inputs } = job;
    let speed;
    const measured = () => {
        speed ??= cluster.then(({ client }) => uploadSpeed(client, job.signal));
        return speed;
    };
    const images = await images_readAll(job, cluster, measured, onAnnounced);
    try {
        for (const sentence of new Set(images.images.flatMap(({ warnings }) => warnings ?? []))) {
            runner/* warning */.$e(sentence);
        }
        const reached = await cluster;
        const { nodes, nodesUnlisted } = reached;
        const payload = payloadOf(images);
        const { contentBytes: bytes } = payload;
        const facts = { ...carrierFacts(inputs, reached), bytes };
        const { carrier } = inputs;
        if (dependsOnSpeed(carrier, facts))
            await measured();
        const usual = chooseCarrier(carrier, { ...facts, speed: await speed });
        const chosen = await sparingDatabase(carrier, facts, usual, reached.databaseBytes);
        const planned = planFor(inputs, payload, chosen);
        if (chosen.carrier === 'configmap') {
            await images.verify();
        }
        const told = nodesUnlisted
            ? checkArchitectures(architecturesFor(reached, inputs), images.images)
            : checkCoverage(nodes, images.images, inputs.platforms);
        told.forEach(runner/* warning */.$e);
        return { images, payload, chosen, ...planned };
    }
    catch (error) {
        await images.close();
        throw error;
    }
}
const POSSIBLE = Object.keys(TARGETS).map((architecture) => `linux/${architecture}`);
function images_readAll({ inputs, log, signal }, cluster, speed, onAnnounced) {
    let known = [];
    const platforms = cluster.then(({ nodes }) => {
        known = nodes;
        return inputs.platforms ?? platformsOf(nodes);
    });
    platforms.catch(() => undefined);
    const nodesOf = (platform) => known.filter((node) => platformsOf([node]).includes(platform)).map(({ name }) => name);
    const { compression, carrier, release, allowMissingPlatforms } = inputs;
    const fitting = (bytes) => fittingCompression(carrier, { bytes, cluster: () => cluster, speed });
    return readImages(inputs.images, {
        compression: compression === 'auto' ? autoCompression(release !== undefined, fitting) : compression,
        allowMissingPlatforms,
        platforms,
        possiblePlatforms: POSSIBLE,
        nodesOf,
        temporaryDirectory: runner/* temporaryDirectory */.De(),
        onProgress: readingProgress(log.progress),
        onNotice: runner/* info */.pq,
        onAnnounced,
        known: {
            directory: MEMORY,
            isOnNodes: async (digest) => PROOFS.isOnAll((await cluster).nodes, digest),
        },
        signal,
    });
}
//# sourceMappingURL=images.js.map
;// CONCATENATED MODULE: ./out/src/stages/prepare/prepare.js







function prepare(job) {
    return job.log.group('Prepare', async (notes) => {
        const ended = new AbortController();
        const signal = AbortSignal.any([job.signal, ended.signal]);
        const guarded = { ...job, signal };
        const cluster = reachCluster(guarded);
        const injectors = getInjectors(guarded, cluster);
        const images = getImages(guarded, cluster);
        const manifests = readManifests(job.inputs.manifests ?? [], process.cwd());
        for (const part of [cluster, injectors, images.planned, manifests]) {
            part.catch((reason) => ended.abort(reason));
        }
        const parts = [cluster, injectors, images.planned, manifests];
        await Promise.allSettled(parts);
        try {
            const [found, built, planned, read] = await Promise.all(parts);
            const end = () => ended.abort(new Error('The job is over.'));
            const { laid } = images;
            notes.outcome = preparedWords(found, planned.plan);
            return { ...job, ...found, injectors: built, ...planned, manifests: read, laid, end };
        }
        catch {
            const client = await cluster.then(({ client }) => client, () => undefined);
            await prepare_close(client, images.laid);
            throw signal.reason;
        }
    });
}
function preparedWords({ nodes, nodesUnlisted }, plan) {
    const whom = nodesUnlisted ? 'nodes that nobody may list' : counted(nodes.length, 'node');
    return `${counted(plan.images.length, 'image')} for ${whom}, ${CARRIER_WORDS[plan.carrier]}`;
}
async function closePrepared({ client, laid, end }) {
    end();
    await prepare_close(client, laid);
}
async function prepare_close(client, laid) {
    client?.close();
    await laid.then(({ images }) => images.close(), () => undefined);
}
function getInjectors({ inputs, log, signal }, cluster) {
    return log.time('Injector', async (notes) => {
        const reached = await cluster;
        const injectors = await obtainInjectors(architecturesFor(reached, inputs), {
            given: inputs.injector,
            needed: reached.nodesUnlisted ? undefined : architecturesOf(reached.nodes),
            signal,
        });
        notes.outcome = injectors
            .map(({ architecture, binary, origin }) => `${architecture} ${binary.length} B from ${origin}`)
            .join(', ');
        return injectors;
    });
}
//# sourceMappingURL=prepare.js.map
;// CONCATENATED MODULE: ./out/src/carriers/configmaps/give-back.js







async function giveBack(client, plan, signal) {
    const { namespace, chunks, pace, warn } = plan;
    const left = new Map(chunks.map(({ name, bytes }) => [name, bytes]));
    if (left.size === 0) {
        return 0;
    }
    try {
        await verified(client, plan, signal);
        const onDeleted = (name) => void left.delete(name);
        await (0,configmaps/* deleteConfigMaps */.Jf)(client, namespace, [...left.keys()], { signal, pace, onDeleted });
    }
    catch (error) {
        signal.throwIfAborted();
        warn(`${(0,errors/* sentenceOf */.$N)(error)} The images' chunks stay in ConfigMaps until the post step.`);
    }
    return [...left.values()].reduce((sum, bytes) => sum + bytes, 0);
}
async function verified(client, { id, namespace, registryPod, hasVerifiedAll, proven, patienceSeconds }, signal) {
    const seconds = patienceSeconds ?? limits_run/* READY_PATIENCE_SECONDS */.ED;
    const enough = new AbortController();
    const until = AbortSignal.any([signal, enough.signal]);
    proven
        .then(() => (0,waiting/* rest */.zs)(seconds * 1000, until))
        .then(() => enough.abort(), () => undefined);
    const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(id, 'registry') };
    const done = (pods) => hasVerifiedAll(pods.get(registryPod));
    try {
        await (0,watch/* waitUntil */.a0)(client, kube_pods/* collection */.r.pods(namespace), done, { query, signal: until });
    }
    catch (error) {
        if (!enough.signal.aborted) {
            throw error;
        }
        throw new errors/* ActionError */.lZ(`The registry Pod ${registryPod} has not become ready within ${seconds} s after every node had the images; look at its readiness probe and at who changes it.`);
    }
    finally {
        enough.abort();
    }
}
//# sourceMappingURL=give-back.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/error.js

class CourierError extends errors/* ActionError */.lZ {
    trouble;
    name = 'CourierError';
    constructor(trouble, sentence) {
        super(sentence);
        this.trouble = trouble;
    }
}
//# sourceMappingURL=error.js.map
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(7975);
;// CONCATENATED MODULE: ./out/src/lib/tasks.js
class Tasks {
    onFailure;
    running = new Set();
    constructor(onFailure) {
        this.onFailure = onFailure;
    }
    spawn(work) {
        const task = work()
            .catch(this.onFailure)
            .finally(() => this.running.delete(task));
        this.running.add(task);
    }
    async ended() {
        while (this.running.size > 0) {
            await Promise.all(this.running);
        }
    }
}
//# sourceMappingURL=tasks.js.map
;// CONCATENATED MODULE: ./out/src/proof/pod-writes.js









class PodWrites {
    client;
    delivery;
    signal;
    earlySeconds;
    slots = new lib_slots/* Slots */.WR(limits_run/* POD_WRITES_MAX */.Wk);
    constructor(client, delivery, signal, earlySeconds) {
        this.client = client;
        this.delivery = delivery;
        this.signal = signal;
        this.earlySeconds = earlySeconds;
    }
    async create(proof) {
        const { delivery } = this;
        const { attempt } = proof;
        const opening = this.opened(proof);
        opening.catch(() => undefined);
        if (delivery.opensItself)
            proof.isEarly = true;
        else
            await opening;
        await this.inTurn(async () => {
            if (proof.end !== undefined)
                return;
            const comesAfterOthers = (0,run_run/* hasHadPods */.em)(delivery) || delivery.attemptsBefore > 0;
            await this.make(proof, comesAfterOthers);
        });
        const isInTime = await this.isInTime(opening);
        if (!isInTime && !proof.busy && proof.attempt === attempt && proof.end === undefined) {
            proof.busy = true;
            await this.replace(proof);
        }
    }
    delete(name) {
        const { client, delivery, signal } = this;
        const path = `${kube_pods/* collection */.r.pods(delivery.namespace)}/${name}`;
        return this.inTurn(async () => {
            await client.delete(path, { gracePeriodSeconds: 0, signal });
        });
    }
    async replace(proof) {
        await this.delete(podNameOf(this.delivery, proof));
        await this.opened(proof);
        await this.inTurn(async () => {
            if (proof.end === undefined) {
                proof.again(performance.now());
                await this.make(proof, true);
            }
        });
    }
    async make(proof, comesAfterOthers) {
        const { client, delivery, signal } = this;
        const { attempt } = proof;
        await createOwnPod(client, delivery.namespace, this.podOf(proof), signal, comesAfterOthers);
        if (proof.attempt === attempt)
            proof.isMade = true;
    }
    async opened({ node, settled }) {
        await Promise.race([this.delivery.open(node, this.signal), settled]);
    }
    async isInTime(opening) {
        const late = (0,heard_within/* heardWithin */.Y)(this.earlySeconds * 1000);
        try {
            await (0,waiting/* unlessAborted */.Wh)(opening, AbortSignal.any([this.signal, late]));
        }
        catch {
            this.signal.throwIfAborted();
        }
        return !late.aborted;
    }
    inTurn(work) {
        return this.slots.run(() => {
            this.signal.throwIfAborted();
            return work();
        });
    }
    podOf({ node, images, attempt }) {
        return proofPod(this.delivery, node, images, attempt);
    }
}
//# sourceMappingURL=pod-writes.js.map
;// CONCATENATED MODULE: ./out/src/proof/turns.js



class Turns {
    begin;
    tasks;
    bounds;
    signal;
    slots = new lib_slots/* Slots */.WR(limits_run/* NODES_PULLING_MAX */.tu);
    constructor(begin, tasks, bounds, signal) {
        this.begin = begin;
        this.tasks = tasks;
        this.bounds = bounds;
        this.signal = signal;
    }
    take(proofs, registryNode) {
        const first = proofs.find(({ node }) => node.name !== registryNode);
        if (first === undefined || proofs.length <= limits_run/* NODES_AT_ONCE_MAX */.pP) {
            this.start(proofs);
        }
        else {
            this.tasks.spawn(() => this.startAfter(first, proofs));
        }
    }
    async startAfter(first, all) {
        this.start([first]);
        await this.untilLate(first, () => first.troubleAt, this.bounds.firstSeconds);
        this.start(all.filter((proof) => proof !== first));
    }
    start(proofs) {
        for (const proof of proofs) {
            this.tasks.spawn(() => this.slots.run(() => this.turn(proof)));
        }
    }
    async turn(proof) {
        this.signal.throwIfAborted();
        if (proof.end === undefined) {
            proof.start(performance.now());
            this.tasks.spawn(() => this.begin(proof));
            await this.untilLate(proof, () => proof.gotAt, this.bounds.turnSeconds);
        }
    }
    async untilLate(proof, since, seconds) {
        const left = () => since() + seconds * 1000 - performance.now();
        while (proof.end === undefined && left() > 0) {
            await Promise.race([proof.settled, (0,waiting/* rest */.zs)(left(), this.signal)]);
        }
    }
}
//# sourceMappingURL=turns.js.map
;// CONCATENATED MODULE: ./out/src/proof/proving.js
















class Proving {
    client;
    plan;
    signal;
    bounds;
    done = Promise.withResolvers();
    tasks = new Tasks((error) => this.done.reject(error));
    writes;
    turns;
    proofs;
    newcomers;
    looks;
    finishing = false;
    leaving = 0;
    constructor(client, plan, signal, bounds) {
        this.client = client;
        this.plan = plan;
        this.signal = signal;
        this.bounds = bounds;
        this.writes = new PodWrites(client, plan, signal, bounds.earlySeconds);
        this.looks = new NodeLooks(client, plan, signal);
        const begin = (proof) => this.once(proof, this.writes.create(proof));
        this.turns = new Turns(begin, this.tasks, bounds, signal);
        this.newcomers = new Newcomers(plan);
        this.proofs = new NodeProofs(plan);
    }
    get outcome() {
        return this.done.promise;
    }
    ended() {
        return this.tasks.ended();
    }
    begin() {
        this.tasks.spawn(() => this.observePods());
        this.tasks.spawn(() => this.observeNodes());
    }
    add(nodes) {
        this.turns.take(this.proofs.add(nodes), this.plan.registryNode);
    }
    async observePods() {
        const { client, plan, signal } = this;
        const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(plan.id) };
        const path = kube_pods/* collection */.r.pods(plan.namespace);
        const nodes = nodesToProve(plan.nodes, plan.images).filter(({ name }) => !plan.proven.has(name));
        for await (const pods of (0,watch/* observe */.lB)(client, path, { query, signal })) {
            this.proofs.pods = pods;
            failWithRegistry(plan, pods.get(plan.registryPod));
            this.add(nodes.splice(0));
            for (const proof of this.proofs.values()) {
                this.help(proof, judge(proof, this.proofs.podOf(proof), plan));
            }
            this.finishWhenSettled();
        }
    }
    help(proof, trouble) {
        if (trouble?.kind === 'failed' || trouble?.kind === 'meddled') {
            this.failed(proof, trouble);
        }
        else if (trouble?.kind === 'https') {
            this.leaveOut(proof, TAKES_NO_HTTP, false);
        }
        else if (trouble !== undefined) {
            this.troubled(proof, trouble);
        }
    }
    failed(proof, verdict) {
        if (proof.mayRetry()) {
            this.replace(proof, 0, isOfPod(verdict));
        }
        else {
            this.failUnlessLeft(proof, async () => {
                const reason = faultOfNode(verdict, await this.looks.ready(proof.node.name));
                if (reason === undefined) {
                    return podFailure(verdict, { ...this.plan, node: proof.node.name });
                }
                this.leaveOut(proof, reason, verdict.kind === 'failed');
                return undefined;
            });
        }
    }
    troubled(proof, verdict) {
        if (proof.isEarly && mayLackWay(verdict)) {
            this.replace(proof, 0);
            return;
        }
        const { plan, bounds } = this;
        const { over, pause } = node_proof_patienceWith(proof, verdict, this.proofs.values(), plan, bounds);
        if (over === 'route') {
            this.failUnlessLeft(proof, () => this.routeFailure(proof, verdict));
        }
        else if (over === 'trial') {
            this.failWhileServed(proof, verdict, pause);
        }
        else {
            this.replace(proof, pause);
        }
    }
    failWhileServed(proof, verdict, pause) {
        proof.busy = true;
        this.tasks.spawn(async () => {
            if (await isAlive(this.client, this.plan.registryNode, !this.plan.isLastRoute, this.signal)) {
                this.failUnlessLeft(proof, () => this.routeFailure(proof, verdict));
            }
            else {
                this.replace(proof, pause);
            }
        });
    }
    routeFailure(proof, verdict) {
        const failed = { verdict, node: proof.node.name, proofs: [...this.proofs.values()] };
        return failureOnRoute(this.client, this.plan, failed, this.signal);
    }
    replace(proof, pause, isForNow = false) {
        proof.busy = true;
        this.tasks.spawn(async () => {
            await (0,waiting/* rest */.zs)(pause, this.signal);
            const now = isForNow ? await this.looks.ready(proof.node.name) : undefined;
            if (now !== undefined)
                proof.node = { ...proof.node, taints: now.taints };
            await this.once(proof, this.writes.replace(proof));
        });
    }
    failUnlessLeft(proof, failure) {
        proof.busy = true;
        this.tasks.spawn(async () => {
            await this.look();
            const failed = proof.end === undefined ? await failure() : undefined;
            if (failed !== undefined) {
                throw failed;
            }
        });
    }
    async once(proof, written) {
        try {
            await written;
        }
        catch (error) {
            if (!(error instanceof RouteFailure))
                throw error;
            this.failUnlessLeft(proof, async () => {
                const words = error instanceof RelayNotStarted ? error.words : '';
                const reason = faultOfNode({ kind: 'failed', words }, undefined);
                const now = await this.looks.ready(proof.node.name);
                if (reason !== undefined)
                    this.leaveOut(proof, reason);
                else if ((0,external_node_util_.isDeepStrictEqual)(now?.taints, proof.node.taints))
                    return error;
                else
                    this.replace(proof, 0, true);
                return undefined;
            });
        }
    }
    async observeNodes() {
        const { client, plan, proofs, signal, bounds } = this;
        const { podOf } = proofs;
        for (;;) {
            await (0,waiting/* rest */.zs)(bounds.lookSeconds * 1000, signal);
            const since = performance.now() - bounds.lookSeconds * 1000;
            if ([...proofs.values()].some((proof) => proof.isQuietSince(since)))
                await this.look();
            for await (const proof of missedProofs(client, plan, proofs, podOf, { since, signal })) {
                this.help(proof, DELETED);
            }
            for await (const proof of untakenProofs(client, proofs, podOf, bounds, signal)) {
                this.leaveOut(proof, takesNoPod(bounds.takeSeconds));
            }
        }
    }
    async look() {
        const { plan, proofs } = this;
        const nodes = await this.looks.unlessReady(() => [plan.registryNode, ...proofs.waiting]);
        if (nodes !== undefined) {
            const lost = lostAmong(proofs.waiting, plan, nodes);
            failWithRegistryNode(plan, nodes);
            this.leaveOutAll(lost);
        }
    }
    leaveOutAll(nodes) {
        for (const { name, reason } of nodes) {
            const proof = this.proofs.get(name);
            if (proof !== undefined) {
                this.leaveOut(proof, reason);
            }
            else {
                this.newcomers.leaveOut(name, reason, true);
                this.remove(this.proofs.before.get(name));
                this.proofs.before.delete(name);
            }
        }
    }
    leaveOut(proof, reason, mayComeBack = true) {
        this.newcomers.leaveOut(proof.node.name, reason, mayComeBack);
        proof.settle('left out');
        this.remove(proof.started ? podNameOf(this.plan, proof) : undefined);
    }
    remove(pod) {
        this.leaving++;
        this.tasks.spawn(async () => {
            if (pod !== undefined)
                await this.writes.delete(pod).catch(() => undefined);
            this.leaving--;
            this.finishWhenSettled();
        });
    }
    finishWhenSettled() {
        if (this.finishing || this.leaving > 0 || this.proofs.waiting.length > 0)
            return;
        this.finishing = true;
        this.tasks.spawn(async () => {
            const { plan, proofs } = this;
            const nodes = await this.looks.all();
            const { ready } = nodes;
            const lost = lostAmong(proofs.proven, plan, nodes);
            const fallen = proofs.fallenAmong(ready);
            const anew = fallen.filter(({ node }) => !this.proofs.has(node.name)).map(({ node }) => node);
            const added = [...this.newcomers.among(ready), ...anew];
            if (added.length + fallen.length + lost.length === 0) {
                this.newcomers.checkShown(ready, proofs.proven);
                this.done.resolve(proofs.proven);
                return;
            }
            this.finishing = false;
            this.leaveOutAll(lost);
            for (const { node, trouble } of fallen) {
                const proof = this.proofs.get(node.name);
                proof?.reopen();
                if (proof !== undefined)
                    this.help(proof, trouble);
            }
            this.add(added);
        });
    }
}
//# sourceMappingURL=proving.js.map
;// CONCATENATED MODULE: ./out/src/proof/unlisted.js
















class UnlistedProving {
    client;
    plan;
    signal;
    bounds;
    done = Promise.withResolvers();
    tasks = new Tasks((error) => this.done.reject(error));
    slots = new lib_slots/* Slots */.WR(limits_run/* POD_WRITES_MAX */.Wk);
    kinds;
    proofs = new Map();
    leftOut = new Map();
    seen;
    constructor(client, plan, signal, bounds) {
        this.client = client;
        this.plan = plan;
        this.signal = signal;
        this.bounds = bounds;
        this.seen = new SeenDaemonSets(client, plan, signal);
        this.kinds = new Map(plan.architectures
            .map((architecture) => ({ architecture, images: imagesFor({ architecture }, plan.images) }))
            .filter(({ images }) => images.length > 0)
            .map((kind) => [run_run/* nameOf */.Vb.proofs(plan, kind.architecture), kind]));
    }
    get outcome() {
        return this.done.promise;
    }
    ended() {
        return this.tasks.ended();
    }
    begin() {
        const path = kube_pods/* collection */.r.daemonSets(this.plan.namespace);
        for (const { architecture, images } of this.kinds.values()) {
            const daemonSet = proofDaemonSet(this.plan, architecture, images);
            this.tasks.spawn(async () => {
                await this.client.create(path, daemonSet, { signal: this.signal });
            });
        }
        this.tasks.spawn(() => this.observePods());
        this.tasks.spawn(() => this.observeDaemonSets());
        this.tasks.spawn(() => this.observeTime());
    }
    async observePods() {
        for await (const pods of this.seen.observePods()) {
            failWithRegistry(this.plan, pods.get(this.plan.registryPod));
            this.judgeAll();
        }
    }
    async observeDaemonSets() {
        for await (const _ of this.seen.observeDaemonSets()) {
            this.judgeAll();
        }
    }
    proofsOf(daemonSet) {
        const architecture = this.kinds.get(daemonSet)?.architecture;
        return [...this.proofs.values()].filter(({ node }) => node.architecture === architecture);
    }
    judgeAll() {
        const now = performance.now();
        for (const [name, { architecture, images }] of this.kinds) {
            const pods = this.seen.podsOf(name);
            for (const node of pods.keys()) {
                if (!this.proofs.has(node)) {
                    const index = this.proofs.size;
                    const proof = new NodeProof({ index, name: node, architecture }, images, now);
                    proof.start(now);
                    this.proofs.set(node, proof);
                }
            }
            for (const proof of this.proofsOf(name)) {
                const pod = pods.get(proof.node.name);
                const isFallen = verdictOfShown(pod, images).kind !== 'proven';
                if (isProven(proof) && isFallen)
                    proof.reopen();
                this.help(proof, pod, judge(proof, pod, this.plan));
            }
        }
        this.finishWhenSettled();
    }
    help(proof, pod, trouble) {
        if (trouble === undefined) {
            return;
        }
        if (pod === undefined) {
            this.gone(proof);
        }
        else if (trouble.kind === 'failed' || trouble.kind === 'meddled') {
            this.failed(proof, pod, trouble);
        }
        else if (trouble.kind === 'https') {
            this.leaveOut(proof.node.name, TAKES_NO_HTTP);
        }
        else {
            this.troubled(proof, pod, trouble);
        }
    }
    gone(proof) {
        if (!proof.mayRetry(limits_run/* PROOF_DELETIONS_MAX */.Qz)) {
            this.done.reject(podFailure(DELETED, { ...this.plan, node: proof.node.name }));
        }
    }
    failed(proof, pod, verdict) {
        const reason = faultOfNode(verdict, undefined);
        if (proof.mayRetry()) {
            this.replace(proof, pod, 0);
        }
        else if (reason !== undefined) {
            this.leaveOut(proof.node.name, reason);
        }
        else {
            this.done.reject(podFailure(verdict, { ...this.plan, node: proof.node.name }));
        }
    }
    troubled(proof, pod, verdict) {
        const { plan, bounds } = this;
        const { over, pause } = node_proof_patienceWith(proof, verdict, this.proofs.values(), plan, bounds);
        if (over !== undefined) {
            proof.busy = true;
            this.tasks.spawn(async () => {
                const failed = { verdict, node: proof.node.name, proofs: [...this.proofs.values()] };
                throw await failureOnRoute(this.client, plan, failed, this.signal);
            });
        }
        else {
            this.replace(proof, pod, pause);
        }
    }
    replace(proof, pod, pause) {
        proof.busy = true;
        this.tasks.spawn(async () => {
            await (0,waiting/* rest */.zs)(pause, this.signal);
            await this.slots.run(() => this.seen.drop(pod));
            proof.again(performance.now());
            this.judgeAll();
        });
    }
    async observeTime() {
        for (;;) {
            await (0,waiting/* rest */.zs)(this.bounds.lookSeconds * 1000, this.signal);
            for (const name of this.kinds.keys()) {
                for (const [node, pod] of this.seen.podsOf(name)) {
                    await this.expectTaken(node, pod);
                }
                await this.expectMade(name);
                await this.leaveOutGone(name);
            }
            this.judgeAll();
        }
    }
    async expectTaken(node, pod) {
        const since = performance.now() - this.bounds.takeSeconds * 1000;
        const words = unscheduledWords(pod);
        const isLate = () => (words !== undefined || !isTaken(pod)) && this.proofs.get(node)?.isQuietSince(since) === true;
        if (!isLate() || !(await this.seen.isStill(pod)) || !isLate()) {
            return;
        }
        if (words !== undefined) {
            throw noRoom(node, words);
        }
        this.leaveOut(node, takesNoPod(this.bounds.takeSeconds));
    }
    async expectMade(name) {
        const { madeSeconds } = this.bounds;
        const since = performance.now() - madeSeconds * 1000;
        const counts = () => ({
            made: this.seen.podsOf(name).size,
            desired: this.seen.desiredOf(name) ?? 0,
        });
        const isLate = () => counts().made < counts().desired && this.seen.newsAt <= since;
        if (await this.seen.isSoNow(isLate)) {
            throw notMade(name, counts(), madeSeconds, this.plan);
        }
    }
    async leaveOutGone(name) {
        const since = performance.now() - this.bounds.madeSeconds * 1000;
        const gone = () => {
            const pods = this.seen.podsOf(name);
            const isGone = (proof) => !proof.busy && proof.isQuietSince(since) && !pods.has(proof.node.name);
            return pods.size === this.seen.desiredOf(name) ? this.proofsOf(name).filter(isGone) : [];
        };
        if (await this.seen.isSoNow(() => gone().length > 0)) {
            for (const { node } of gone())
                this.leaveOut(node.name, hasLeft(this.plan.nodeSelector));
        }
    }
    leaveOut(node, reason) {
        if (this.plan.needsAll) {
            throw unavailableNodes([{ name: node, reason }]);
        }
        this.proofs.get(node)?.settle('left out');
        this.leftOut.set(node, reason);
        this.plan.onLeftOut(node, reason);
    }
    finishWhenSettled() {
        const names = [...this.kinds.keys()];
        const isComplete = (name) => this.seen.podsOf(name).size === this.seen.desiredOf(name);
        const isOpen = [...this.proofs.values()].some(({ end }) => end === undefined);
        if (isOpen || !names.every(isComplete)) {
            return;
        }
        for (const [node, pod] of names.flatMap((name) => [...this.seen.podsOf(name)])) {
            const proof = this.proofs.get(node);
            if (proof !== undefined && isProven(proof) && isOfLostNode(pod)) {
                this.leaveOut(node, 'is not Ready');
            }
        }
        const proven = [...this.proofs.values()].filter(isProven).map(({ node }) => node);
        if (proven.length + this.leftOut.size === 0) {
            throw noNodeFor([...this.kinds.values()], this.plan);
        }
        checkShown(proven, this.plan.images, this.leftOut);
        this.done.resolve(proven.map(({ name }) => name));
    }
}
//# sourceMappingURL=unlisted.js.map
;// CONCATENATED MODULE: ./out/src/proof/prove.js




const boundsOf = ({ nodesUnlisted }) => ({
    lookSeconds: limits_run/* NODE_LOOK_SECONDS */.TA,
    routeSeconds: limits_run/* ROUTE_PATIENCE_SECONDS */.ix,
    firstSeconds: limits_run/* FIRST_NODE_SECONDS */.cv,
    turnSeconds: limits_run/* NODE_TURN_SECONDS */.F3,
    takeSeconds: nodesUnlisted === true ? limits_run/* KUBELET_TAKES_SECONDS */.iI : limits_run/* POD_STARTS_SECONDS */.ir,
    madeSeconds: limits_run/* KUBELET_TAKES_SECONDS */.iI,
    earlySeconds: carriers/* EARLY_POD_MILLISECONDS */.fs / 1000,
});
async function prove(client, plan, signal, bounds = boundsOf(plan)) {
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const Kind = plan.nodesUnlisted === true ? UnlistedProving : Proving;
    const proving = new Kind(client, plan, until, bounds);
    try {
        proving.begin();
        return await proving.outcome;
    }
    finally {
        stop.abort();
        await proving.ended();
    }
}
//# sourceMappingURL=prove.js.map
;// CONCATENATED MODULE: ./out/src/stages/prove/copied.js





async function untilCopied({ client, log }, { id, kept, namespace }, { registry: { name }, proven }, signal) {
    await proven;
    if (kept?.address === undefined)
        return;
    const who = 'the registry';
    log.waiting(who, 'it copies from the one that it replaces');
    const hasCopied = (pods) => {
        failWithRegistry({ registryPod: name, namespace }, pods.get(name));
        return hasVerifiedAll(pods.get(name));
    };
    const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(id, 'registry') };
    await (0,watch/* waitUntil */.a0)(client, kube_pods/* collection */.r.pods(namespace), hasCopied, { query, signal });
    log.ready(who);
}
//# sourceMappingURL=copied.js.map
;// CONCATENATED MODULE: ./out/src/carriers/configmaps/upload.js




async function uploadChunks(client, chunks, options) {
    const { namespace, labels, owner, key, pace = new Pace() } = options;
    const { stop = new AbortController() } = options;
    pace.knowWay(client.roundTripMilliseconds);
    const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
    let sums = { chunks: 0, bytes: 0 };
    const saw = (size) => (attempt) => {
        if (attempt.status !== 403)
            pace.saw(attempt, size);
    };
    const send = async (chunk) => {
        const { name, parts, size, sha256 } = chunk;
        const binaryData = { [key]: parts };
        const spec = { name, namespace, labels, owner, binaryData, immutable: true };
        const put = () => putConfigMap(client, spec, { sha256, signal, onAttempt: saw(size) });
        await despiteQuota(put, { seconds: 0, ...options.quota, signal });
        sums = { chunks: sums.chunks + 1, bytes: sums.bytes + size };
        options.onSent?.(chunk);
        options.onProgress?.(sums);
    };
    const underWay = new Set();
    const failures = [];
    try {
        for await (const chunk of chunks) {
            const sent = send(chunk)
                .catch((error) => {
                failures.push(error);
                stop.abort(error);
            })
                .finally(() => underWay.delete(sent));
            underWay.add(sent);
            while (underWay.size >= pace.concurrency) {
                await Promise.race(underWay);
            }
            if (failures.length > 0) {
                break;
            }
            await (0,waiting/* rest */.zs)(pace.restMilliseconds, signal);
        }
    }
    catch (error) {
        failures.push(error);
        stop.abort(error);
    }
    await Promise.all(underWay);
    if (failures.length > 0) {
        throw failures[0];
    }
    return sums;
}
//# sourceMappingURL=upload.js.map
;// CONCATENATED MODULE: ./out/src/carriers/stream/source.js



const BUFFERS = 2;
class BlobSource {
    blob;
    signal;
    stream;
    pieces;
    left = Buffer.alloc(0);
    position = 0;
    constructor(blob, signal) {
        this.blob = blob;
        this.signal = signal;
    }
    get isOpen() {
        return this.pieces !== undefined;
    }
    async ready(first) {
        this.goTo(first);
        this.left = await this.next();
    }
    async *read(first, length) {
        this.goTo(first);
        for (let missing = length; missing > 0;) {
            const piece = await this.next();
            const taken = piece.subarray(0, missing);
            this.left = piece.subarray(taken.length);
            this.position += taken.length;
            missing -= taken.length;
            yield taken;
        }
    }
    close() {
        this.stream?.destroy();
        if (this.stream === undefined)
            this.pieces?.return?.().catch(() => undefined);
        this.stream = undefined;
        this.pieces = undefined;
        this.left = Buffer.alloc(0);
    }
    goTo(first) {
        if (first === this.position && this.pieces !== undefined)
            return;
        this.close();
        if (this.blob.file === undefined) {
            this.stream = this.blob.open(first);
            this.pieces = this.stream[Symbol.asyncIterator]();
        }
        else {
            this.pieces = piecesOf(this.blob, first, BUFFERS);
        }
        this.position = first;
    }
    async next() {
        if (this.left.length > 0)
            return this.left;
        const { digest } = this.blob;
        const reading = Promise.resolve(this.pieces?.next()).catch((cause) => {
            throw new errors/* ActionError */.lZ(`The content ${digest} of an image cannot be read any more (${(0,errors/* sentenceOf */.$N)(cause)}); let its source, and the temporary directory, be until the step has ended.`, { cause });
        });
        const step = await (0,waiting/* unlessAborted */.Wh)(reading, this.signal);
        if (step === undefined || step.done === true) {
            throw new errors/* ActionError */.lZ(`The content ${digest} of an image ended after ${this.position} of ${this.blob.size} bytes; let its source be until the step has ended.`);
        }
        return step.value;
    }
}
//# sourceMappingURL=source.js.map
;// CONCATENATED MODULE: ./out/src/carriers/stream/totals.js
class Totals {
    now;
    bytesSent = 0;
    bytesResent = 0;
    busy = 0;
    senders = 0;
    since = 0;
    reached = new Map();
    constructor(now = () => performance.now()) {
        this.now = now;
    }
    begin() {
        if (this.senders++ === 0)
            this.since = this.now();
    }
    end() {
        if (--this.senders === 0)
            this.busy += this.now() - this.since;
    }
    sent(digest, first, bytes) {
        const reached = this.reached.get(digest) ?? 0;
        this.bytesSent += bytes;
        this.bytesResent += Math.max(0, Math.min(reached, first + bytes) - first);
        this.reached.set(digest, Math.max(reached, first + bytes));
    }
    get sum() {
        const going = this.senders > 0 ? this.now() - this.since : 0;
        const { bytesSent, bytesResent } = this;
        return { bytesSent, bytesResent, milliseconds: Math.round(this.busy + going) };
    }
}
//# sourceMappingURL=totals.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/batch.js
class Batch {
    number;
    isLast;
    pieces = [];
    bytes = 0;
    unsent = 0;
    closed = false;
    constructor(number, isLast = false) {
        this.number = number;
        this.isLast = isLast;
    }
    get isReady() {
        return this.closed && this.unsent === 0;
    }
    add({ parts: _, ...piece }) {
        this.pieces.push(piece);
        this.bytes += piece.size;
        this.unsent++;
    }
    sent() {
        this.unsent--;
    }
    close() {
        this.closed = true;
    }
}
function planText({ pieces, isLast }) {
    const lines = pieces.map(({ content, offset, path, size, sha256 }) => ['piece', content.digest, content.size, offset, path, size, sha256].join(' '));
    return ['jackal-plan 1', ...lines, ...(isLast ? ['last'] : []), 'end', ''].join('\n');
}
//# sourceMappingURL=batch.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/pod.js




const PLAN_KEY = 'plan';
const COURIER_CONTAINER = 'courier';
const PLAN_MOUNT = '/jackal-plan';
function courierPod(delivery, base, task) {
    const { shape = USUAL_SHAPE } = delivery;
    return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: podMetadata(delivery, 'courier', run_run/* nameOf */.Vb.courier(delivery, task.batch, task.attempt)),
        spec: {
            ...podSpecOf({ name: base.node, taints: base.taints }, { shape }),
            restartPolicy: 'OnFailure',
            containers: [
                {
                    name: COURIER_CONTAINER,
                    ...injectorContainer(base, shape.proof),
                    command: [
                        INJECTOR,
                        'deliver',
                        ...['--plan', `${PLAN_MOUNT}/${PLAN_KEY}`],
                        ...['--chunks', CHUNKS_MOUNT],
                        ...['--to', task.to],
                        ...['--token', token/* TOKEN_FILE */.r$],
                    ],
                    volumeMounts: [
                        INJECTOR_VOLUME_MOUNT,
                        { name: 'plan', mountPath: PLAN_MOUNT, readOnly: true },
                        { name: 'token', mountPath: token/* TOKEN_MOUNT */.gV, readOnly: true },
                        { name: 'chunks', mountPath: CHUNKS_MOUNT, readOnly: true },
                    ],
                },
            ],
            volumes: [
                injectorVolume(delivery, base.architecture),
                { name: 'plan', configMap: { name: run_run/* nameOf */.Vb.plan(delivery, task.batch) } },
                (0,token/* tokenVolume */.uu)(delivery),
                chunksVolume(task.chunks),
            ],
        },
    };
}
function chunksVolume(chunks) {
    const sources = chunks.map((name, index) => ({
        configMap: { name, items: [{ key: CHUNK_KEY, path: chunkPath(index) }] },
    }));
    return { name: 'chunks', projected: { sources } };
}
//# sourceMappingURL=pod.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/end.js


const RESTARTS_MAX = 2;
function endOf(pod) {
    const { phase, reason, message } = pod.status ?? {};
    const container = pod.status?.containerStatuses?.find(({ name }) => name === COURIER_CONTAINER);
    if (phase === 'Succeeded' || container?.state?.terminated?.exitCode === 0) {
        return { kind: 'delivered' };
    }
    if (phase === 'Failed') {
        const words = [reason, message].filter(Boolean).join(': ') || 'its Pod failed';
        const ofNode = reason?.startsWith('OutOf') === true;
        return ofNode ? { kind: 'unusable', words, ofNode } : { kind: 'lost', words };
    }
    if (pod.metadata?.deletionTimestamp !== undefined) {
        return { kind: 'lost', words: 'its Pod is being deleted by someone else' };
    }
    const words = initFaultOf(pod);
    return words === undefined
        ? container && endOfContainer(container)
        : { kind: 'unusable', words, ofNode: false };
}
function endOfContainer({ state, lastState, restartCount }) {
    const ended = state?.terminated ?? lastState?.terminated;
    const fatal = fatalIn(ended?.message);
    if (fatal !== undefined) {
        return { kind: 'failed', ...fatal };
    }
    if (restartCount > RESTARTS_MAX) {
        const words = [ended?.reason, `exit code ${ended?.exitCode}`].filter(Boolean).join(', ');
        return { kind: 'lost', words: `its container ended again and again (${words})` };
    }
    const { waiting } = state ?? {};
    if (waiting === undefined || !cannotStart(waiting)) {
        return undefined;
    }
    const said = [waiting.reason, waiting.message].filter(Boolean).join(': ');
    return { kind: 'unusable', words: said, ofNode: false };
}
//# sourceMappingURL=end.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/line.js



class Line {
    client;
    patienceSeconds;
    waiting = new Set();
    placed = new Set();
    moved = new waiting/* News */.Kn();
    constructor(client, patienceSeconds) {
        this.client = client;
        this.patienceSeconds = patienceSeconds;
    }
    join(batch) {
        this.waiting.add(batch);
    }
    async make(batch, namespace, pod, signal) {
        const create = async () => {
            while (Math.min(...this.waiting) < batch) {
                await (0,waiting/* unlessAborted */.Wh)(this.moved.comes, signal);
            }
            await (0,kube_pods/* createPod */.o)(this.client, namespace, pod, { signal });
        };
        const makesRoom = () => this.placed.size > 0;
        await despiteQuota(create, { makesRoom, seconds: this.patienceSeconds, signal });
        this.waiting.delete(batch);
        this.placed.add(pod.metadata?.name);
        this.moved.tell();
    }
    gone(name) {
        this.placed.delete(name);
    }
}
//# sourceMappingURL=line.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/watched.js




class WatchedCouriers {
    patience;
    pods = new watch/* ObservedEver */.nD();
    constructor(patience) {
        this.patience = patience;
    }
    async watch(client, { id, namespace }, signal) {
        const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(id, 'courier') };
        await this.pods.follow(client, kube_pods/* collection */.r.pods(namespace), { query, signal });
    }
    async end(sent, lookAt, signal) {
        const { takeSeconds, lookSeconds, startSeconds } = this.patience;
        let takenAt;
        for (let due = performance.now() + takeSeconds * 1000;;) {
            const pod = this.pods.objects.get(sent.name);
            const isGone = pod === undefined && this.pods.hasMet(sent.name);
            const end = isGone ? watched_DELETED : pod && endOf(pod);
            if (end) {
                return end;
            }
            if (isHeld(pod))
                takenAt ??= performance.now();
            else
                takenAt = undefined;
            if (performance.now() >= due) {
                const isLate = takenAt !== undefined && performance.now() - takenAt >= startSeconds * 1000;
                const lateSeconds = isLate ? startSeconds : undefined;
                const found = await lookAt(sent, lateSeconds, signal);
                if (found) {
                    return found;
                }
                due = performance.now() + lookSeconds * 1000;
            }
            await this.pods.newsBefore(due, signal);
        }
    }
}
function isHeld(pod) {
    const { startTime, containerStatuses = [] } = pod?.status ?? {};
    const begun = containerStatuses.some(({ state, lastState }) => !state?.waiting || lastState?.terminated);
    return startTime !== undefined && !begun;
}
const watched_DELETED = { kind: 'lost', words: 'its Pod was deleted by someone else' };
//# sourceMappingURL=watched.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/courier.js















class CourierService {
    client;
    site;
    reached = false;
    alive = new Set();
    underWay = new Set();
    ended = new waiting/* News */.Kn();
    line;
    constructor(client, site) {
        this.client = client;
        this.site = site;
        this.line = new Line(client);
    }
    async deliver(batch, signal) {
        this.line.join(batch.number);
        await this.putPlan(batch, signal);
        const failures = [];
        const unusable = [];
        for (let attempt = 0; attempt < COURIER_TRIES_MAX; attempt++) {
            const base = this.site.places.next();
            if (base === undefined) {
                break;
            }
            const end = await this.send(batch, base, attempt, signal);
            if (end.kind === 'delivered') {
                return;
            }
            if (end.kind === 'failed') {
                this.judge(end);
            }
            else if (end.kind === 'unusable') {
                this.site.places.drop(base, end.ofNode);
                unusable.push(base);
            }
            failures.push(`${base.image} on ${base.node}: ${end.words.replace(/\.$/, '')}`);
        }
        const said = failures.join('; ') || 'no node is left where one starts';
        const advice = unusable.length === failures.length ? `; ${baseAdvice(unusable)}` : '';
        throw new CourierError('failing', `No courier Pod could bring its batch to the registry (${said})${advice}.`);
    }
    async sendOff(batch, signal) {
        const base = this.site.places.next();
        if (base === undefined)
            return;
        const { namespace } = this.site.delivery;
        await putConfigMap(this.client, this.planOf(batch), { signal });
        await (0,kube_pods/* createPod */.o)(this.client, namespace, this.podOf(batch, base, 0), { signal });
    }
    judge({ code, words }) {
        const told = `A courier Pod failed: ${words}`;
        if (code === 'blob-wrong') {
            throw new CourierError('content', told);
        }
        if (code !== 'not-reached' && code !== 'not-delivered') {
            throw new errors/* ActionError */.lZ(told);
        }
        if (!this.reached) {
            throw new CourierError('failing', `Courier Pods do not reach port ${this.site.to.split(':').at(-1)} of the registry's Pod: ${words}`);
        }
    }
    async endOrReach(names, signal) {
        while (!this.reached && names.some((name) => this.underWay.has(name))) {
            await (0,waiting/* unlessAborted */.Wh)(this.ended.comes, signal);
        }
    }
    async putPlan(batch, signal) {
        const spec = this.planOf(batch);
        await despiteQuota(() => putConfigMap(this.client, spec, { signal }), { signal });
    }
    planOf(batch) {
        const { delivery } = this.site;
        const name = run_run/* nameOf */.Vb.plan(delivery, batch.number);
        return configMapOf(delivery, 'courier', { name, data: { [PLAN_KEY]: planText(batch) } });
    }
    podOf({ number, pieces }, base, attempt) {
        const { delivery, to } = this.site;
        const chunks = pieces.map(({ name }) => name);
        return courierPod(delivery, base, { batch: number, attempt, chunks, to });
    }
    async send(batch, base, attempt, signal) {
        const { delivery, watched } = this.site;
        const { number } = batch;
        const pod = this.podOf(batch, base, attempt);
        const name = run_run/* nameOf */.Vb.courier(delivery, number, attempt);
        this.alive.add(name);
        await this.line.make(number, delivery.namespace, pod, signal);
        const earlier = [...this.underWay];
        this.underWay.add(name);
        const end = await watched.end({ name, node: base.node }, this.lookAt, signal);
        this.underWay.delete(name);
        this.reached ||= hasReached(end);
        this.ended.tell();
        if (end.kind !== 'delivered') {
            this.line.join(number);
        }
        await this.remove(name, signal, 0);
        if (isOf(end, 'not-reached')) {
            await this.endOrReach(earlier, signal);
        }
        return end;
    }
    async removeAll(signal) {
        await Promise.all([...this.alive].map((name) => this.remove(name, signal)));
    }
    async remove(name, signal, gracePeriodSeconds) {
        const grace = gracePeriodSeconds !== undefined && { gracePeriodSeconds };
        await this.client.delete(this.pathOf(name), { ...grace, signal });
        this.alive.delete(name);
        this.line.gone(name);
    }
    lookAt = async ({ name, node }, lateSeconds, signal) => {
        const pod = await this.client.find(this.pathOf(name), { signal });
        const end = pod === undefined ? watched_DELETED : endOf(pod);
        if (end !== undefined) {
            return end;
        }
        const { places, nodeTrouble } = this.site;
        if (pod?.status?.startTime === undefined && places.hasBesides(node)) {
            return { kind: 'unusable', words: 'its kubelet does not take the Pod', ofNode: true };
        }
        if (lateSeconds !== undefined && isHeld(pod) && places.hasBesides(node)) {
            const { namespace } = this.site.delivery;
            const words = await notStarted(this.client, namespace, name, lateSeconds, signal);
            return { kind: 'unusable', words, ofNode: true };
        }
        const trouble = await nodeTrouble(node);
        return trouble === undefined
            ? undefined
            : { kind: 'unusable', words: `the node ${trouble}`, ofNode: true };
    };
    pathOf(name) {
        return `${kube_pods/* collection */.r.pods(this.site.delivery.namespace)}/${name}`;
    }
}
function hasReached(end) {
    return end.kind === 'delivered' || isOf(end, 'not-delivered');
}
function isOf(end, code) {
    return end.kind === 'failed' && end.code === code;
}
//# sourceMappingURL=courier.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/stock.js

class Stock {
    client;
    namespace;
    window;
    pace;
    laid = new Map();
    used = 0;
    count = 0;
    constructor(client, namespace, window, pace) {
        this.client = client;
        this.namespace = namespace;
        this.window = window;
        this.pace = pace;
    }
    get bytes() {
        return this.used;
    }
    hasRoomFor(bytes) {
        return this.used + bytes <= this.window.bytes && this.count < this.window.count;
    }
    lay(name, bytes) {
        this.laid.set(name, bytes);
        this.used += bytes;
        if (bytes > 0)
            this.count++;
    }
    async remove(names, signal) {
        const onDeleted = (name) => {
            const bytes = this.laid.get(name) ?? 0;
            this.used -= bytes;
            if (bytes > 0)
                this.count--;
            this.laid.delete(name);
        };
        const { client, namespace, pace } = this;
        await (0,configmaps/* deleteConfigMaps */.Jf)(client, namespace, names, { signal, pace, onDeleted });
    }
    removeAll(signal) {
        return this.remove([...this.laid.keys()], signal);
    }
}
//# sourceMappingURL=stock.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/supply.js













class Supply {
    client;
    plan;
    stop;
    signal;
    totals = new Totals();
    stock;
    service;
    buffers;
    slots = new lib_slots/* Slots */.WR(COURIERS_MAX);
    underWay = new Set();
    broken = Promise.withResolvers();
    complete = Promise.withResolvers();
    landed = new waiting/* News */.Kn();
    batches = 0;
    open;
    closed = [];
    loading = new Map();
    constructor(client, plan, stop, signal) {
        this.client = client;
        this.plan = plan;
        this.stop = stop;
        this.signal = signal;
        this.broken.promise.catch(() => undefined);
        this.service = new CourierService(client, plan);
        this.buffers = new Buffers(plan.pace.largestChunkBytes);
        this.stock = new Stock(client, plan.delivery.namespace, plan.window, plan.pace);
    }
    get brought() {
        return this.complete.promise;
    }
    async work() {
        const { delivery, watched } = this.plan;
        const watching = watched.watch(this.client, delivery, this.signal);
        const uploading = this.upload();
        try {
            await Promise.race([this.broken.promise, watching, uploading]);
        }
        finally {
            this.stop.abort();
            await Promise.allSettled([watching, uploading, ...this.underWay]);
        }
    }
    async takeAway(signal) {
        await this.service.removeAll(signal);
        await this.stock.removeAll(signal);
    }
    async sayLast(signal) {
        await this.service.sendOff(new Batch(this.batches++, true), signal);
    }
    async upload() {
        const { delivery, pace, onProgress } = this.plan;
        await uploadChunks(this.client, this.pieces(), {
            namespace: delivery.namespace,
            labels: (0,run_run/* labelsFor */.dS)(delivery, 'chunk'),
            owner: delivery.owner,
            key: CHUNK_KEY,
            pace,
            quota: { makesRoom: () => this.underWay.size > 0, seconds: this.plan.quotaSeconds },
            stop: this.stop,
            signal: this.signal,
            onSent: ({ name, parts }) => {
                parts.forEach((part) => void this.buffers.giveBack(part));
                this.sent(name);
                onProgress?.(this.totals.sum);
            },
        });
    }
    async *pieces() {
        for (;;) {
            const content = await this.nextOrder();
            const source = new BlobSource(content, this.signal);
            let offset = 0;
            try {
                const bytes = source.read(0, content.size);
                for await (const block of blocksOf(bytes, () => this.buffers.take(this.pieceBytes))) {
                    if (block.length === 0)
                        continue;
                    await this.room(block.length);
                    yield this.add(content, offset, block);
                    offset += block.length;
                }
            }
            finally {
                source.close();
            }
        }
    }
    get batchBytes() {
        return Math.min(COURIER_BATCH_BYTES, this.plan.window.bytes * COURIER_BATCH_SHARE);
    }
    get batchPieces() {
        return Math.min(COURIER_CHUNKS_MAX, this.plan.window.count * COURIER_BATCH_SHARE);
    }
    get pieceBytes() {
        return Math.min(this.plan.pace.chunkBytes, Math.floor(this.batchBytes));
    }
    async nextOrder() {
        for (;;) {
            const news = this.plan.orders.news.comes;
            const content = this.plan.orders.take();
            if (content !== undefined) {
                return content;
            }
            if (this.underWay.size < COURIERS_MAX) {
                this.close();
            }
            if (this.plan.orders.isEmpty && this.loading.size + this.underWay.size === 0) {
                this.complete.resolve();
            }
            await this.either(news);
        }
    }
    async room(bytes) {
        while (!this.stock.hasRoomFor(bytes)) {
            if (this.underWay.size === 0) {
                this.close();
            }
            await this.either();
        }
    }
    async either(...others) {
        await (0,waiting/* unlessAborted */.Wh)(Promise.race([this.landed.comes, ...others]), this.signal);
    }
    add(content, offset, block) {
        const { delivery } = this.plan;
        const size = block.length;
        if (this.open === undefined) {
            this.totals.begin();
            this.open = new Batch(this.batches++);
        }
        const batch = this.open;
        const index = batch.pieces.length;
        const name = run_run/* nameOf */.Vb.piece(delivery, batch.number, index);
        const bytes = { offset, size, parts: [block], sha256: (0,sha256/* sha256Of */.B)(block) };
        const piece = { name, path: chunkPath(index), content, ...bytes };
        batch.add(piece);
        this.stock.lay(name, size);
        this.loading.set(name, batch);
        this.totals.sent(content.digest, offset, size);
        if (batch.bytes >= this.batchBytes || batch.pieces.length >= this.batchPieces) {
            this.close();
        }
        return piece;
    }
    close() {
        const batch = this.open;
        this.open = undefined;
        if (batch !== undefined) {
            batch.close();
            this.closed.push(batch);
            this.startReady();
        }
    }
    sent(name) {
        const batch = this.loading.get(name);
        this.loading.delete(name);
        if (batch !== undefined) {
            batch.sent();
            this.startReady();
        }
    }
    startReady() {
        while (this.closed[0]?.isReady) {
            this.start(this.closed.shift());
        }
    }
    start(batch) {
        const way = this.slots
            .run(() => this.deliver(batch))
            .catch((error) => this.broken.reject(error))
            .finally(() => {
            this.underWay.delete(way);
            this.landed.tell();
        });
        this.underWay.add(way);
    }
    async deliver(batch) {
        const plan = run_run/* nameOf */.Vb.plan(this.plan.delivery, batch.number);
        this.stock.lay(plan, 0);
        await this.service.deliver(batch, this.signal);
        this.totals.end();
        const names = batch.pieces.map(({ name }) => name);
        await this.stock.remove([...names, plan], this.signal);
    }
}
//# sourceMappingURL=supply.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/bring.js




async function bringByCouriers(client, bringing, signal) {
    const stop = new AbortController();
    let isLeft = false;
    const supply = new Supply(client, bringing, stop, AbortSignal.any([signal, stop.signal]));
    const work = supply.work();
    const over = bringing.over.then(() => {
        isLeft = !bringing.orders.isEmpty;
        return bringing.all === true ? supply.brought : undefined;
    }, () => undefined);
    try {
        await (0,waiting/* unlessAborted */.Wh)(Promise.race([over, work]), signal);
    }
    finally {
        stop.abort();
        await work.catch(() => undefined);
    }
    try {
        await supply.takeAway(signal);
    }
    catch (error) {
        signal.throwIfAborted();
        bringing.warn(`${(0,errors/* sentenceOf */.$N)(error)} What couriers carried stays until the post step.`);
    }
    if (isLeft) {
        await supply.sayLast(signal).catch((error) => {
            signal.throwIfAborted();
            (0,runner/* debug */.Yz)(`The registry is not told that nothing more comes: ${(0,errors/* sentenceOf */.$N)(error)}`);
        });
    }
    return { ...supply.totals.sum, leftBytes: supply.stock.bytes };
}
//# sourceMappingURL=bring.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/orders.js

class Orders {
    above;
    left;
    demanded = [];
    foreseen = [];
    news = new waiting/* News */.Kn();
    constructor(all, above = new Map()) {
        this.above = above;
        this.left = new Map(all.map((entry) => [entry.digest, entry]));
    }
    get isEmpty() {
        return this.left.size === 0;
    }
    demand(digest) {
        this.demanded.push(digest);
        this.foreseen.push(...(this.above.get(digest) ?? []));
        this.news.tell();
    }
    demandAll(elsewhere = new Set()) {
        this.demanded.push(...[...this.left.keys()].filter((digest) => !elsewhere.has(digest)));
        this.news.tell();
    }
    hasCome(digest) {
        this.left.delete(digest);
        this.news.tell();
    }
    take() {
        for (const queue of [this.demanded, this.foreseen]) {
            for (let digest = queue.shift(); digest !== undefined; digest = queue.shift()) {
                const entry = this.left.get(digest);
                if (entry !== undefined) {
                    this.left.delete(digest);
                    return entry;
                }
            }
        }
        return undefined;
    }
}
//# sourceMappingURL=orders.js.map
;// CONCATENATED MODULE: ./out/src/carriers/couriers/places.js
class Places {
    left;
    turn = 0;
    constructor(bases) {
        this.left = [...bases];
    }
    next() {
        const nodes = [...new Set(this.left.map(({ node }) => node))];
        const node = nodes[this.turn++ % Math.max(nodes.length, 1)];
        return this.left.find((base) => base.node === node);
    }
    hasBesides(node) {
        return this.left.some((base) => base.node !== node);
    }
    drop(unusable, ofNode) {
        this.left = this.left.filter((base) => ofNode ? base.node !== unusable.node : base !== unusable);
    }
}
//# sourceMappingURL=places.js.map
;// CONCATENATED MODULE: ./out/src/images/oci/layers.js

function layersAbove(images) {
    const above = new Map();
    for (const { bytes } of images.flatMap(({ manifests }) => manifests)) {
        const layers = items(members(JSON.parse(bytes.toString())).layers)
            .map((layer) => members(layer).digest)
            .filter((digest) => typeof digest === 'string');
        for (const [index, digest] of layers.entries()) {
            if (layers.indexOf(digest) < index)
                continue;
            above.set(digest, new Set([...(above.get(digest) ?? []), ...layers.slice(index + 1)]));
        }
    }
    return new Map([...above].map(([digest, higher]) => [digest, [...higher]]));
}
//# sourceMappingURL=layers.js.map
;// CONCATENATED MODULE: ./out/src/stages/prove/couriers.js
















async function couriers(job, delivery, { registry, uploaded, proven }, signal) {
    const { client, plan, pace, traffic } = job;
    if (plan.carrier !== 'courier') {
        return 0;
    }
    const { images, payload } = await job.laid;
    const { entries } = parcelOf(payload, plan.carrier);
    const onDemand = payload.entries.filter((entry) => !entries.includes(entry));
    const orders = new Orders(onDemand, layersAbove(images.images));
    const over = new AbortController();
    const hearing = takeOrders(job, delivery, registry, orders, AbortSignal.any([signal, over.signal]));
    hearing.catch(() => undefined);
    try {
        const to = await couriers_addressOf(job, delivery, registry, signal);
        const brought = await booked(traffic, { carrier: 'courier' }, job.log.progress, (onProgress) => bringByCouriers(client, {
            ...{ delivery, orders, pace, over: proven, warn: runner/* warning */.$e, to, onProgress },
            places: new Places(placesBeside(registry.base, job.bases)),
            watched: new WatchedCouriers({
                takeSeconds: limits_run/* KUBELET_TAKES_SECONDS */.iI,
                lookSeconds: limits_run/* NODE_LOOK_SECONDS */.TA,
                startSeconds: limits_run/* POD_STARTS_SECONDS */.ir,
            }),
            nodeTrouble: (node) => troubleOf(client, node, delivery, signal),
            window: {
                bytes: job.configMapBytes - plan.chunkBytes,
                count: Math.max(1, job.configMaps - uploaded.chunks.length),
            },
            all: delivery.release !== undefined,
        }, signal));
        return brought.leftBytes;
    }
    finally {
        over.abort();
        await Promise.allSettled([hearing]);
    }
}
function placesBeside(registry, bases) {
    return [registry, ...(registry.pulled ? [] : bases.filter(isPlaced))];
}
function isPlaced(base) {
    return base.node !== undefined;
}
async function takeOrders({ client, rights }, { namespace, release, kept }, { name }, orders, signal) {
    if (!rights.hear) {
        (0,runner/* info */.pq)("All is sent, not just what nodes lack: the kubeconfig's user may not get pods/log.");
        orders.demandAll();
        return;
    }
    if (release !== undefined) {
        orders.demandAll(copiedBy(kept));
    }
    const listener = {
        onHeld: (digest) => orders.demand(digest),
        onVerified: (digest) => orders.hasCome(digest),
        onReady: () => release !== undefined && orders.demandAll(),
    };
    const words = await hearRegistry(client, namespace, name, listener, signal);
    (0,runner/* warning */.$e)(`${words} All is sent, not just what nodes lack.`);
    orders.demandAll();
}
async function couriers_addressOf({ client }, delivery, registry, signal) {
    const [address] = await registryAddresses(client, delivery, registry, signal);
    if (address === undefined) {
        throw new CourierError('failing', "The registry's Pod has no address to which couriers could go.");
    }
    return (0,host_port/* hostAndPort */.P)(address, DELIVERY_PORT);
}
//# sourceMappingURL=couriers.js.map
;// CONCATENATED MODULE: ./out/src/stages/prove/pulls.js



async function bookPulls({ client, plan, rights, traffic }, delivery, { registry, proven }, signal) {
    await proven;
    const { namespace } = delivery;
    const onPulled = (digest, size, from) => traffic.pulled(from, digest, size);
    const isWhole = rights.hear &&
        (await readLog(client, namespace, registry.name, { onPulled }, signal, PULLS_READ_SECONDS));
    if (plan.carrier !== 'stream' && !(isWhole && (0,run_run/* isFirst */.ZW)(delivery))) {
        traffic.cannotCount();
    }
}
//# sourceMappingURL=pulls.js.map
;// CONCATENATED MODULE: ./out/src/carriers/stream/demands.js
const RANKS = ['small', 'large', 'unasked'];
class Demands {
    waiting = {
        small: [],
        large: [],
        unasked: [],
    };
    ranks = new Map();
    sending = new Set();
    get size() {
        return this.ranks.size;
    }
    get sharing() {
        return [...this.ranks.values()].filter((rank) => rank === 'large').length;
    }
    get isWaiting() {
        return this.next !== undefined;
    }
    add(digest, rank) {
        const known = this.ranks.get(digest);
        if (known !== undefined && !isSooner(rank, known))
            return;
        this.remove(digest);
        this.ranks.set(digest, rank);
        if (!this.sending.has(digest))
            this.waiting[rank].push(digest);
    }
    remove(digest) {
        const rank = this.ranks.get(digest);
        if (rank === undefined)
            return;
        this.ranks.delete(digest);
        const at = this.waiting[rank].indexOf(digest);
        if (at >= 0)
            this.waiting[rank].splice(at, 1);
    }
    isWanted(digest) {
        return this.ranks.has(digest);
    }
    isTaken(digest) {
        return this.sending.has(digest);
    }
    isOutranked(digest) {
        const rank = this.ranks.get(digest);
        return rank !== undefined && this.next !== undefined && isSooner(this.next, rank);
    }
    take() {
        const digest = this.next && this.waiting[this.next].shift();
        if (digest !== undefined)
            this.sending.add(digest);
        return digest;
    }
    giveBack(digest, place) {
        this.sending.delete(digest);
        const rank = this.ranks.get(digest);
        if (rank === undefined)
            return;
        if (place === 'first' || rank === 'unasked')
            this.waiting[rank].unshift(digest);
        else
            this.waiting[rank].push(digest);
    }
    get next() {
        return RANKS.find((rank) => this.waiting[rank].length > 0);
    }
}
function isSooner(one, other) {
    return RANKS.indexOf(one) < RANKS.indexOf(other);
}
//# sourceMappingURL=demands.js.map
;// CONCATENATED MODULE: ./out/src/carriers/stream/backlog.js




class Backlog {
    signal;
    demands = new Demands();
    wanted = new Map();
    news = new waiting/* News */.Kn();
    constructor(signal) {
        this.signal = signal;
    }
    get size() {
        return this.demands.size;
    }
    get sharing() {
        return this.demands.sharing;
    }
    add(blob, offset, unasked) {
        const known = this.wanted.get(blob.digest);
        if (known === undefined) {
            const source = new BlobSource(blob, this.signal);
            this.wanted.set(blob.digest, { blob, source, offset, had: offset, wrongs: 0 });
        }
        else if (known.offset === blob.size) {
            known.offset = undefined;
        }
        this.demands.add(blob.digest, unasked ?? (blob.size > stream/* SENT_FIRST_MAX_BYTES */.tV ? 'large' : 'small'));
        this.news.tell();
    }
    settle({ blob, source }) {
        this.demands.remove(blob.digest);
        if (!this.demands.isTaken(blob.digest))
            source.close();
        if (this.size === 0)
            this.news.tell();
    }
    async untilEmpty() {
        while (this.size > 0)
            await this.news.comes;
    }
    forget(digest) {
        const known = this.wanted.get(digest);
        if (known === undefined)
            return;
        this.settle(known);
        this.wanted.delete(digest);
    }
    doubt(digest) {
        const known = this.wanted.get(digest);
        if (known !== undefined)
            known.offset = undefined;
    }
    async untilWaiting() {
        while (!this.demands.isWaiting)
            await (0,waiting/* unlessAborted */.Wh)(this.news.comes, this.signal);
        this.signal.throwIfAborted();
    }
    take() {
        const digest = this.demands.take();
        return digest === undefined ? undefined : this.wanted.get(digest);
    }
    giveBack(wanted, place) {
        const { digest } = wanted.blob;
        this.demands.giveBack(digest, place);
        const isStillThis = this.wanted.get(digest) === wanted;
        if (!isStillThis || !this.isWanted(wanted) || this.kept > stream/* SOURCES_KEPT_MAX */.vM)
            wanted.source.close();
        this.news.tell();
    }
    isWanted({ blob }) {
        return this.demands.isWanted(blob.digest);
    }
    isOutranked({ blob }) {
        return this.demands.isOutranked(blob.digest);
    }
    close() {
        for (const { source } of this.wanted.values())
            source.close();
    }
    get kept() {
        const isKept = ({ blob, source }) => source.isOpen && !this.demands.isTaken(blob.digest);
        return [...this.wanted.values()].filter(isKept).length;
    }
}
//# sourceMappingURL=backlog.js.map
;// CONCATENATED MODULE: ./out/src/carriers/stream/slice-size.js

class SliceSize {
    rate = 0;
    uncut = 0;
    cutBound = Number.POSITIVE_INFINITY;
    slice(blobs, connections) {
        const known = Math.min(this.rate * stream/* SLICE_SECONDS */.Nb, this.turn(blobs, connections));
        const wanted = this.rate === 0 ? stream/* SLICE_START_BYTES */.A6 : known;
        return slice_size_bounded(Math.min(wanted, this.safe, this.cutBound));
    }
    get safe() {
        return Math.max(stream/* SLICE_START_BYTES */.A6, this.uncut * stream/* SLICE_UNCUT_SHARE */.hF);
    }
    turn(blobs, connections) {
        if (blobs <= connections)
            return Number.POSITIVE_INFINITY;
        const within = (seconds) => (seconds * connections) / blobs;
        const slice = Math.min(stream/* SLICE_SECONDS */.Nb, within(stream/* TURN_ROUND_MAX_SECONDS */._3));
        return Math.max(this.rate * Math.max(within(stream/* TURN_ROUND_SECONDS */.hB), slice), stream/* SLICE_MIN_BYTES */.Iq);
    }
    took(bytes, milliseconds) {
        if (bytes >= stream/* SLICE_MIN_BYTES */.Iq) {
            const rate = (bytes / Math.max(milliseconds, 1)) * 1000;
            this.rate = this.rate === 0 ? rate : (this.rate + rate) / 2;
        }
        this.uncut += bytes;
        this.cutBound *= 1 + bytes / (this.cutBound / stream/* SLICE_CUT_SHARE */.W7);
    }
    cut(bytes) {
        this.uncut = 0;
        this.cutBound = Math.max(bytes * stream/* SLICE_CUT_SHARE */.W7, stream/* SLICE_MIN_BYTES */.Iq);
    }
}
function slice_size_bounded(bytes) {
    return Math.round(Math.max(stream/* SLICE_MIN_BYTES */.Iq, Math.min(bytes, stream/* SLICE_MAX_BYTES */.U7)));
}
//# sourceMappingURL=slice-size.js.map
;// CONCATENATED MODULE: ./out/src/carriers/stream/send.js











async function sendOnDemand(sending, signal) {
    const stop = new AbortController();
    const stream = new Stream(sending, AbortSignal.any([signal, stop.signal]));
    const work = stream.run();
    const over = sending.over.then(() => stream.complete(), () => undefined);
    try {
        await (0,waiting/* unlessAborted */.Wh)(Promise.race([over, ...work]), signal);
        return stream.totals.sum;
    }
    finally {
        stop.abort();
        stream.close();
        await Promise.allSettled(work);
    }
}
class Stream {
    sending;
    signal;
    totals = new Totals();
    backlog;
    sizes = new SliceSize();
    patience = new Patience();
    pulled = new Set();
    constructor(sending, signal) {
        this.sending = sending;
        this.signal = signal;
        this.backlog = new Backlog(signal);
        for (const blob of sending.first ?? [])
            this.backlog.add(blob, 0, 'unasked');
    }
    run() {
        const senders = Array.from({ length: this.connections }, () => this.send());
        return [this.listen(), ...senders];
    }
    async complete() {
        const { rest } = this.sending;
        if (rest === undefined)
            return await endDeliveries(this.sending, this.signal);
        const blobs = await rest;
        const missing = await this.missing();
        for (const blob of blobs) {
            if (missing.has(blob.digest))
                this.backlog.add(blob, 0, 'unasked');
        }
        await this.backlog.untilEmpty();
    }
    close() {
        this.backlog.close();
    }
    get connections() {
        return this.sending.connections ?? stream/* STREAM_CONNECTIONS */.Vd;
    }
    async connect() {
        const stream = await this.sending.way.dial(this.signal);
        return await DeliveryConnection.prove(stream, this.sending.token, this.signal);
    }
    async pauseAfter(error, failures) {
        this.signal.throwIfAborted();
        (0,runner/* debug */.Yz)(`A connection of the stream ended: ${(0,errors/* sentenceOf */.$N)(error)}`);
        await (0,waiting/* rest */.zs)(this.patience.pauseAfter(error, failures), this.signal);
    }
    async missing() {
        for (let failures = 1;; failures++) {
            try {
                return await errand(this.sending, (connection) => connection.missing(), this.signal);
            }
            catch (error) {
                await this.pauseAfter(error, failures);
            }
        }
    }
    async listen() {
        for (let failures = 1;; failures++) {
            try {
                const connection = await this.connect();
                for await (const told of connection.demands()) {
                    failures = 0;
                    this.hear(told);
                }
            }
            catch (error) {
                await this.pauseAfter(error, Math.max(failures, 1));
            }
        }
    }
    hear(told) {
        if (this.backlog.size === 0)
            this.patience.advance();
        if (told.kind === 'wanted') {
            const blob = this.sending.blobOf(told.digest);
            if (blob !== undefined)
                this.backlog.add(blob, told.offset);
        }
        else if (told.kind === 'verified') {
            this.backlog.forget(told.digest);
            this.sending.onVerified?.(told.digest, told.size);
        }
        else if (told.kind === 'wrong') {
            this.backlog.doubt(told.digest);
        }
        else if (told.kind === 'pulled') {
            const { digest, size, client } = told;
            const before = this.pulled.size;
            if (this.pulled.add(`${digest} ${client}`).size > before) {
                this.sending.onPulled?.(digest, size, client);
            }
        }
    }
    async send() {
        let line;
        for (let failures = 1;; failures++) {
            await this.backlog.untilWaiting();
            let wanted;
            try {
                if (line === undefined || line.connection.isOver) {
                    line = undefined;
                    line = { connection: await this.connect(), carried: 0, gotOn: false };
                }
                wanted = this.backlog.take();
                if (wanted !== undefined) {
                    await this.sendTurn(line, wanted);
                    this.backlog.giveBack(wanted, 'last');
                }
                failures = 0;
            }
            catch (error) {
                line?.connection.close();
                if (line?.gotOn === true)
                    failures = 1;
                if (wanted !== undefined)
                    this.backlog.giveBack(wanted, 'first');
                await this.pauseAfter(error, Math.max(failures, 1));
            }
        }
    }
    async sendTurn(line, wanted) {
        const { blob } = wanted;
        const due = () => this.backlog.isOutranked(wanted)
            ? 0
            : this.sizes.turn(this.backlog.sharing, this.connections);
        for (let given = 0; given < due() && this.backlog.isWanted(wanted);) {
            if (wanted.offset === undefined) {
                this.learn(line, wanted, await line.connection.offsetOf(blob.digest));
            }
            if (wanted.offset === undefined || wanted.offset >= blob.size) {
                this.backlog.settle(wanted);
                return;
            }
            const first = wanted.offset;
            const wish = this.sizes.slice(this.backlog.sharing, this.connections);
            const length = Math.min(wish, blob.size - first);
            await this.patience.excuse(wanted.source.ready(first));
            const taken = await this.sendSlice(line, wanted, { ...blob, first, length });
            this.learn(line, wanted, taken.offset);
            this.settle(wanted, first, taken);
            given += length;
            if (line.connection.isOver)
                return;
        }
    }
    async sendSlice(line, wanted, slice) {
        const { digest, size, first, length } = slice;
        const started = performance.now();
        this.totals.begin();
        try {
            const pieces = this.counted(line, wanted, slice);
            const taken = await line.connection.put({ digest, size, first, length }, pieces);
            if (taken.outcome === 'taken' || taken.outcome === 'whole') {
                this.sizes.took(length, performance.now() - started);
            }
            return taken;
        }
        catch (error) {
            wanted.offset = undefined;
            if (finalError(error) === undefined)
                this.sizes.cut(line.carried);
            throw error;
        }
        finally {
            this.totals.end();
        }
    }
    async *counted(line, wanted, slice) {
        let position = slice.first;
        const pieces = wanted.source.read(slice.first, slice.length);
        const next = async () => (await this.patience.excuse(pieces.next())).value;
        for (let piece = await next(); piece !== undefined; piece = await next()) {
            this.totals.sent(slice.digest, position, piece.length);
            position += piece.length;
            line.carried += piece.length;
            this.sending.onProgress?.(this.totals.sum);
            yield piece;
        }
    }
    learn(line, wanted, offset) {
        if (offset !== undefined && offset > (wanted.had ?? offset)) {
            this.patience.advance();
            line.gotOn = true;
        }
        wanted.offset = offset;
        wanted.had = offset;
    }
    settle(wanted, first, { outcome, offset }) {
        if (outcome === 'wrong') {
            wanted.source.close();
            if (wanted.wrongs++ >= stream/* STREAM_WRONG_RETRIES */.gc)
                throw wrong(wanted.blob.digest);
        }
        else if (outcome === 'whole') {
            this.backlog.settle(wanted);
        }
        else if (offset === first) {
            throw new Error(`the registry has ${offset} bytes and takes no more`);
        }
    }
}
function wrong(digest) {
    return new StreamError('content', `The bytes of ${digest}, sent twice, are not those of that digest; let the images' source be until the step has ended, and run it again.`);
}
//# sourceMappingURL=send.js.map
;// CONCATENATED MODULE: ./out/src/stages/prove/streaming.js






async function streaming(job, delivery, { ways, proven, copied }, signal) {
    if (ways.length === 0) {
        return;
    }
    const laid = await job.laid;
    const rest = delivery.release === undefined
        ? undefined
        : copied.then(() => laid.payload.entries.filter(({ size }) => size > 0));
    rest?.catch(() => undefined);
    const sending = { ...sendingOf(job, laid, delivery), over: proven, rest };
    await byOneOf(ways, (way) => {
        const words = wordsOf(way);
        (0,runner/* info */.pq)(`What nodes lack is streamed ${words}.`);
        const dialled = { carrier: 'stream', way: { kind: way.kind, words } };
        return booked(job.traffic, dialled, job.log.progress, (onProgress) => sendOnDemand({ ...sending, way, onProgress }, signal));
    });
}
function sendingOf({ traffic }, { payload }, { token, kept }) {
    const copied = copiedBy(kept);
    const blobs = new Map(payload.entries.map((blob) => [blob.digest, blob]));
    return {
        token,
        blobOf: (digest) => blobs.get(digest),
        first: payload.entries.filter(({ digest, size }) => size > 0 && size <= stream/* SENT_FIRST_MAX_BYTES */.tV && !copied.has(digest)),
        onPulled: (digest, size, client) => traffic.pulled(client, digest, size),
    };
}
//# sourceMappingURL=streaming.js.map
;// CONCATENATED MODULE: ./out/src/stages/prove/prove.js
















function prove_prove(job, delivery, standing, routes) {
    return job.log.group('Prove on every node', async (notes) => {
        const stop = new AbortController();
        const signal = AbortSignal.any([job.signal, stop.signal]);
        const images = injectedImages(await job.laid, delivery);
        const proven = overRoutes({ ...job, signal }, delivery, { ...standing, routes }, (routed) => prove(job.client, { ...proofPlan(job, delivery, standing, images), ...routed }, signal));
        const givenBack = delivery.release === undefined
            ? giveBack(job.client, giveBackPlan(job, delivery, standing, proven), signal)
            : job.plan.chunkBytes;
        const copied = untilCopied(job, delivery, { ...standing, proven }, signal);
        const streamed = streaming(job, delivery, { ...standing, proven, copied }, signal);
        const brought = couriers(job, delivery, { ...standing, proven }, signal);
        const pulls = bookPulls(job, delivery, { ...standing, proven }, signal);
        const works = [proven, givenBack, brought, streamed, copied, pulls];
        try {
            const [nodes, ...left] = await Promise.all(works);
            const configMapBytes = left[0] + left[1];
            notes.outcome = `every image runs on ${enumerated(nodes, limits_run/* NODES_NAMED_MAX */.zd)}`;
            return { nodes, configMapBytes };
        }
        catch (error) {
            if (isContentWrong(error)) {
                await (await job.laid).images.verify();
            }
            throw error;
        }
        finally {
            stop.abort();
            await Promise.allSettled(works);
        }
    });
}
function isContentWrong(error) {
    const isOfCarrier = error instanceof StreamError || error instanceof CourierError;
    return isOfCarrier && error.trouble === 'content';
}
function countOf({ size }, nodes) {
    return nodes.length > 0 ? `${size} of ${nodes.length} nodes` : counted(size, 'node');
}
function giveBackPlan({ pace }, delivery, { registry, uploaded }, proven) {
    const { chunks } = uploaded;
    return {
        ...delivery,
        ...{ registryPod: registry.name, hasVerifiedAll: hasVerifiedAll, chunks, pace, proven, warn: runner/* warning */.$e },
    };
}
function proofPlan({ nodes, injectors, inputs, log }, delivery, { registry: { name, base }, proven }, images) {
    return {
        ...delivery,
        nodes,
        images,
        architectures: injectors.map(({ architecture }) => architecture),
        registryPod: name,
        registryNode: base.node,
        proven: new Map(proven),
        onProven: (node, pod) => {
            proven.set(node, pod);
            log.ready(node);
            (0,runner/* debug */.Yz)(`${node} runs every image`);
            log.progress.tell(proven, () => `${countOf(proven, nodes)} run every image`);
            (0,runner/* nodesProven */.St)(proven.size, nodes.length);
        },
        onWaiting: (node, words) => log.waiting(node, words),
        needsAll: inputs.onUnavailableNode === 'fail',
        onUnserved: (node, reason) => leftOutSentences([{ name: node, reason }]).forEach(runner/* warning */.$e),
        onLeftOut: (node, reason) => {
            proven.delete(node);
            log.ready(node);
            tellLeftOut(inputs, [{ name: node, reason }]);
        },
    };
}
//# sourceMappingURL=prove.js.map
;// CONCATENATED MODULE: ./out/src/lib/limits/rewrite.js

const EXPRESSION_MAX_CHARACTERS = 100_000;
const POLICY_MAX_BYTES = units/* MIB */.D6;
const POLICY_ACTS_SECONDS = 30;
const POLICY_TRIALS = 16;
const POLICY_TRIAL_PAUSE_MILLISECONDS = 50;
const POLICY_CONFLICTS_MAX = 3;
const POLICY_SPARE_SECONDS = 600;
const NAMES_TOLD_MAX = 5;
//# sourceMappingURL=rewrite.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/admission/expressions.js


const WITH_HOST = [
    "c.image.matches('^((index[.])?docker[.]io/)?(library/)?[^/]+$')",
    "? 'docker.io/library/' + c.image.substring(c.image.lastIndexOf('/') + 1)",
    ": c.image.startsWith('index.docker.io/') ? c.image.substring(6)",
    ": c.image.matches('^([^/]*[.:A-Z][^/]*|localhost)/') ? c.image : 'docker.io/' + c.image",
].join(' ');
const WITH_TAG = [
    "c.image.contains('@')",
    "? c.image.split('@')[0].substring(0, c.image.matches(':[^/@]+@')",
    "? c.image.split('@')[0].lastIndexOf(':') : c.image.indexOf('@'))",
    "+ '@' + c.image.split('@')[1]",
    ": c.image.matches(':[^/]+$') ? c.image : c.image + ':latest'",
].join(' ');
const LISTS = ['containers', 'initContainers', 'ephemeralContainers'];
const optional = (list) => `(has(${list}) ? ${list} : [])`;
const listed = (list) => optional(`object.spec.${list}`);
const before = (list) => `(oldObject == null ? [] : ${optional(`oldObject.spec.${list}`)})`;
function rewritten(list, registry) {
    const same = `${before(list)}.filter(o, o.name == c.name)`;
    const pullPolicy = `${same}.map(o, string(o.imagePullPolicy)) + ['IfNotPresent']`;
    return [
        `${listed(list)}.filter(c, !${before(list)}.exists(o, o.name == c.name && o.image == c.image))`,
        `.map(c, {'name': string(c.name), 'image': string(c.image), 'pullPolicy': (${pullPolicy})[0]})`,
        `.map(c, {'name': c.name, 'image': ${WITH_HOST}, 'pullPolicy': c.pullPolicy})`,
        `.map(c, {'name': c.name, 'image': ${WITH_TAG}, 'pullPolicy': c.pullPolicy})`,
        '.filter(c, variables.names.exists(n, c.image in n))',
        `.map(c, {'name': c.name, 'image': '${registry}/' + variables.names.filter(n, c.image in n)[0][c.image], 'pullPolicy': c.pullPolicy})`,
    ].join('');
}
function variablesFor(names, run, scope, earlier = new Map()) {
    const { registry } = run;
    const maps = [...mapsOf('names', names, registry), ...mapsOf('earlier', earlier, registry)];
    return [
        { name: 'applies', expression: appliesIn(scope, run) },
        ...maps,
        { name: 'names', expression: `[${maps.map(({ name }) => `variables.${name}`).join(', ')}]` },
        ...LISTS.map((list) => ({ name: list, expression: rewritten(list, registry) })),
    ];
}
function appliesIn(scope, run) {
    if (scope.kind !== 'own')
        return 'true';
    const namespaces = [scope.namespace, ...((0,run_run/* ownsNamespace */.$I)(run) ? [run.namespace] : [])];
    return `request.namespace in ${JSON.stringify(namespaces)} || string(dyn(namespaceObject.metadata.creationTimestamp)) >= '${expressions_timeOf(scope.since)}'`;
}
const expressions_timeOf = (milliseconds) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
function comesBefore(end) {
    const isLate = `has(m.time) && string(m.time) >= '${expressions_timeOf(end)}'`;
    return `!has(object.metadata.managedFields) || !object.metadata.managedFields.exists(m, ${isLate})`;
}
function mapsOf(of, names, registry) {
    const maps = [];
    let map = '';
    for (const [name, pullable] of names) {
        const entry = `'${name}':'${pullable.slice(registry.length + 1)}'`;
        if (map.length + entry.length + '{,}'.length > EXPRESSION_MAX_CHARACTERS) {
            maps.push(`{${map}}`);
            map = '';
        }
        map += map === '' ? entry : `,${entry}`;
    }
    if (map !== '')
        maps.push(`{${map}}`);
    return maps.map((expression, part) => ({ name: `${of}${part}`, expression }));
}
function namesIn(variables, of) {
    const maps = variables.filter(({ name }) => of.some((one) => name.replace(/\d+$/, '') === one));
    const entries = maps.flatMap(({ expression }) => [
        ...expression.matchAll(/'([^']+)':'([^']+)'/g),
    ]);
    return new Map(entries.map(([, name = '', image = '']) => [name, image]));
}
function mayBeRewritten(names, registry) {
    const last = (name) => name.replace(/^.*\//, '').replace(/[:@].*$/, '');
    const known = [...new Set([...names.keys()].map(last))].map((name) => `'${name}'`).join(',');
    const isKnown = `c.image.substring(c.image.lastIndexOf('/') + 1).split('@')[0].split(':')[0] in [${known}]`;
    const expression = `[${LISTS.map(listed).join(', ')}].exists(l, l.exists(c, !c.image.startsWith('${registry}/') && ${isKnown}))`;
    return expression.length > EXPRESSION_MAX_CHARACTERS ? undefined : expression;
}
const expressions_applied = (list) => `${list}: variables.${list}.map(c, Object.spec.${list}{name: c.name, image: c.image, imagePullPolicy: c.pullPolicy})`;
const MUTATION = `variables.applies ? Object{spec: Object.spec{${LISTS.map(expressions_applied).join(', ')}}} : Object{}`;
//# sourceMappingURL=expressions.js.map
// EXTERNAL MODULE: ./out/src/run/removal/policy.js
var removal_policy = __webpack_require__(3012);
;// CONCATENATED MODULE: ./out/src/rewrite/admission/policy.js







const API_VERSION = 'admissionregistration.k8s.io/v1';
const REACH_ANNOTATION = 'jackal-inject.dev/reach';
function policyFor(plan) {
    const { run, names, earlier, scope, owner, awaitsProof, end } = plan;
    const all = new Map([...names, ...(earlier ?? [])]);
    const metadata = {
        name: run_run/* nameOf */.Vb.policy(run.id),
        labels: (0,run_run/* labelsFor */.dS)(run, 'policy'),
        annotations: { [removal_policy/* NAMESPACE_ANNOTATION */.oB]: run.namespace },
        ...(owner && { ownerReferences: [owner] }),
    };
    const policy = {
        apiVersion: API_VERSION,
        kind: 'MutatingAdmissionPolicy',
        metadata: {
            ...metadata,
            annotations: { ...metadata.annotations, [REACH_ANNOTATION]: JSON.stringify({ scope, end }) },
        },
        spec: {
            failurePolicy: 'Ignore',
            ...(awaitsProof && { paramKind: { apiVersion: 'v1', kind: 'Namespace' } }),
            reinvocationPolicy: 'IfNeeded',
            matchConstraints: {
                matchPolicy: 'Equivalent',
                ...namespaceSelectorOf(scope, run),
                objectSelector: { matchExpressions: [{ key: run_run/* RUN_LABEL */.jQ, operator: 'DoesNotExist' }] },
                resourceRules: [
                    rule('pods', 'CREATE', 'UPDATE'),
                    rule('pods/ephemeralcontainers', 'UPDATE'),
                ],
            },
            matchConditions: [
                ...(awaitsProof ? [IS_PROVEN] : []),
                ...(end === undefined ? [] : [{ name: 'is-not-over', expression: comesBefore(end) }]),
                ...conditionsFor(all, run.registry, scope),
            ],
            variables: variablesFor(names, run, scope, earlier),
            mutations: [
                { patchType: 'ApplyConfiguration', applyConfiguration: { expression: MUTATION } },
            ],
        },
    };
    const bytes = Buffer.byteLength(JSON.stringify(policy));
    if (bytes > POLICY_MAX_BYTES) {
        throw new errors/* ActionError */.lZ(`The policy that rewrites ${all.size} names of images would have ${(bytes / units/* MIB */.D6).toFixed(1)} MiB, and at most ${POLICY_MAX_BYTES / units/* MIB */.D6} MiB are written; name fewer images in one step, or set the input \`rewrite\` to none.`);
    }
    const binding = {
        apiVersion: API_VERSION,
        kind: 'MutatingAdmissionPolicyBinding',
        metadata,
        spec: {
            policyName: metadata.name,
            ...(awaitsProof && { paramRef: { name: run.namespace, parameterNotFoundAction: 'Allow' } }),
        },
    };
    return { policy, binding };
}
const IS_PROVEN = {
    name: 'is-proven',
    expression: `has(params.metadata.annotations) && '${run_namespace/* PROVEN_ANNOTATION */.JD}' in params.metadata.annotations`,
};
function conditionsFor(names, registry, { kind }) {
    const expression = mayBeRewritten(names, registry);
    return [
        ...(kind === 'all'
            ? [{ name: 'not-the-clusters-own', expression: "!request.namespace.startsWith('kube-')" }]
            : []),
        ...(expression === undefined ? [] : [{ name: 'may-be-rewritten', expression }]),
    ];
}
const rule = (resource, ...operations) => ({
    ...{ apiGroups: [''], apiVersions: ['v1'], resources: [resource], operations },
});
function namespaceSelectorOf(scope, run) {
    if (scope.kind === 'names') {
        const values = [...scope.namespaces, ...((0,run_run/* ownsNamespace */.$I)(run) ? [run.namespace] : [])];
        const matchExpressions = [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }];
        return { namespaceSelector: { matchExpressions } };
    }
    return scope.kind === 'labels'
        ? { namespaceSelector: { matchExpressions: scope.requirements } }
        : {};
}
//# sourceMappingURL=policy.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/admission/earlier.js



function rewrittenBy({ spec }, ...of) {
    return namesIn(spec?.variables ?? [], of);
}
function policyAfter(before, plan) {
    const earlier = earlierNames(before, plan);
    try {
        return { ...policyFor({ ...plan, earlier }), earlier, leftOut: 0 };
    }
    catch {
        return { ...policyFor(plan), earlier: new Map(), leftOut: earlier.size };
    }
}
function earlierNames(before, { names, run: { kept, registry } }) {
    const held = contentsIn(kept?.record ?? '');
    return new Map([...rewrittenBy(before, 'names')]
        .filter(([name, image]) => !names.has(name) && held.has(image.replace(/^.*@/, '')))
        .map(([name, image]) => [name, `${registry}/${image}`]));
}
//# sourceMappingURL=earlier.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/admission/rivals.js





async function rivalsOf(client, { run, names, scope }, signal) {
    const query = { labelSelector: `${run_run/* MANAGED_BY_LABEL */.lT}=${run_run/* MANAGED_BY */.Kf},${run_run/* ROLE_LABEL */.eg}=policy` };
    const policies = await (0,kube_error/* ifAnswered */.nH)(client.list(removal_policy/* policiesPath */.Mp, { query, signal }), signal);
    const others = (policies?.items ?? []).flatMap((policy) => {
        const { [run_run/* RUN_LABEL */.jQ]: id, [run_run/* RELEASE_LABEL */.l5]: release } = policy.metadata?.labels ?? {};
        const reach = rivals_reachOf(policy);
        const differing = differingNames(policy, names);
        const isOther = id !== undefined && id !== run.id && differing.length > 0;
        return isOther && reach !== undefined && (reach.end ?? Infinity) > client.now()
            ? [{ run: id, release, names: differing, scope: reach.scope }]
            : [];
    });
    if (others.length === 0)
        return [];
    const namespaces = await (0,kube_error/* ifAnswered */.nH)(client.list('/api/v1/namespaces', { signal }), signal);
    return namespaces === undefined
        ? []
        : others.filter((other) => haveCommon(scope, other.scope, namespaces.items));
}
function rivals_reachOf({ metadata }) {
    try {
        const { scope, end } = JSON.parse(metadata?.annotations?.[REACH_ANNOTATION] ?? '');
        return isScope(scope) ? { scope, end } : undefined;
    }
    catch {
        return undefined;
    }
}
function isScope(value) {
    const { kind, namespaces, requirements } = value ?? {};
    if (kind === 'names')
        return Array.isArray(namespaces);
    if (kind === 'labels')
        return Array.isArray(requirements);
    return kind === 'own' || kind === 'all';
}
function differingNames(policy, names) {
    const digestOf = (pullable) => pullable.replace(/^.*@/, '');
    return [...rewrittenBy(policy, 'names', 'earlier')].flatMap(([name, pullable]) => {
        const own = names.get(name);
        return own === undefined || digestOf(own) === digestOf(pullable) ? [] : [name];
    });
}
function haveCommon(one, other, namespaces) {
    if (one.kind === 'names' && other.kind === 'names') {
        return one.namespaces.some((name) => other.namespaces.includes(name));
    }
    const isOpen = ({ kind }) => kind === 'own' || kind === 'all';
    const isToCome = (scope) => scope.kind === 'names' &&
        scope.namespaces.some((name) => !namespaces.some(({ metadata }) => metadata?.name === name));
    const mayHave = (scope) => isOpen(scope) || isToCome(scope);
    return ((isOpen(one) && mayHave(other)) ||
        (isOpen(other) && mayHave(one)) ||
        namespaces.some((namespace) => rivals_has(one, namespace) && rivals_has(other, namespace)));
}
function rivals_has(scope, { metadata: { name = '', labels = {}, creationTimestamp } = {} }) {
    switch (scope.kind) {
        case 'own': {
            const since = Math.floor(scope.since / 1000) * 1000;
            return name === scope.namespace || Date.parse(`${creationTimestamp}`) >= since;
        }
        case 'names':
            return scope.namespaces.includes(name);
        case 'labels':
            return scope.requirements.every((requirement) => isMet(requirement, labels));
        case 'all':
            return !name.startsWith('kube-');
    }
}
function isMet({ key, operator, values = [] }, labels) {
    const value = labels[key];
    const isAmong = value !== undefined && values.includes(value);
    if (operator === 'In' || operator === 'NotIn')
        return isAmong === (operator === 'In');
    return (value !== undefined) === (operator === 'Exists');
}
//# sourceMappingURL=rivals.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/admission/trial.js








function newTrial(registry) {
    const name = `jackal-inject.dev/trial:${(0,external_node_crypto_.randomBytes)(8).toString('hex')}`;
    return { name, pullable: `${registry}/trial@sha256:${'0'.repeat(64)}` };
}
async function untilActs(client, of, namespaces, signal, seconds = POLICY_ACTS_SECONDS) {
    let refused = 'there is no namespace to try a Pod in';
    for (const namespace of namespaces) {
        const answer = await tryPod(client, of, namespace, signal);
        if (answer.refused === undefined) {
            await untilAllAct(client, of, namespace, signal, seconds);
            return undefined;
        }
        refused = `no Pod can be tried in the namespace ${namespace}: ${answer.refused}`;
    }
    return refused;
}
async function untilAllAct(client, of, namespace, signal, seconds) {
    const end = performance.now() + seconds * 1000;
    const ask = () => tryPod(client, of, namespace, signal);
    for (;;) {
        const first = await ask();
        const others = first.acts ? await Promise.all(Array.from({ length: POLICY_TRIALS }, ask)) : [];
        if (first.acts && others.every(({ acts }) => acts)) {
            return;
        }
        if (performance.now() >= end) {
            const words = [first, ...others].find(({ refused }) => refused !== undefined)?.refused;
            throw new errors/* ActionError */.lZ(`The API server does not rewrite names ${seconds} s after it was given the policy${words === undefined ? '' : ` (${words})`}; see that its admission plugin MutatingAdmissionPolicy is on, or set the input \`rewrite\` to none.`);
        }
        await (0,waiting/* rest */.zs)(POLICY_TRIAL_PAUSE_MILLISECONDS, signal);
    }
}
async function namesRewritten(client, run, shape, names, signal) {
    const { namespace, registry } = run;
    const { images } = await tryImages(client, { run, shape }, names, namespace, signal);
    return names.filter((_, at) => images[at]?.startsWith(`${registry}/`));
}
async function tryPod(client, of, namespace, signal) {
    const { name, pullable } = of.trial;
    const { images, ...words } = await tryImages(client, of, [name], namespace, signal);
    return { acts: images.includes(pullable), ...words };
}
async function tryImages(client, of, names, namespace, signal) {
    const options = { query: { dryRun: 'All' }, signal };
    const pod = trialPod(of, names);
    try {
        const { spec } = await client.create(kube_pods/* collection */.r.pods(namespace), pod, options);
        const imageOf = (at) => spec?.containers.find(({ name }) => name === trialName(at));
        return { images: names.map((_, at) => imageOf(at)?.image) };
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, ...REFUSALS)) {
            return { images: [], refused: (0,errors/* sentenceOf */.$N)(error).replace(/\.$/, '') };
        }
        throw error;
    }
}
const REFUSALS = [
    ...['permission', 'policy', 'webhook', 'quota', 'too-large', 'other'],
    ...['not-found', 'terminating'],
];
function trialPod({ run, shape }, names) {
    return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
            name: `jackal-${run.id}-trial`,
            labels: { ...run.labels, ...sidecars/* NO_SIDECAR_LABELS */.Ok },
            annotations: { ...sidecars/* NO_SIDECAR_ANNOTATIONS */.J$ },
        },
        spec: {
            ...podSpecOf({}, { shape }),
            restartPolicy: 'Never',
            containers: names.map((image, at) => ({
                name: trialName(at),
                image,
                imagePullPolicy: 'IfNotPresent',
                ...PROBES,
                resources: shape.proof,
                securityContext: RESTRICTED_CONTAINER,
            })),
        },
    };
}
const trialName = (at) => `trial-${at}`;
//# sourceMappingURL=trial.js.map
;// CONCATENATED MODULE: ./out/src/rewrite/admission/write.js



async function writePolicy(client, { policy, binding }, signal, instead = () => ({ policy })) {
    const inPlaceOf = (before) => instead(before).policy;
    await createOrReplace(client, removal_policy/* policiesPath */.Mp, policy, inPlaceOf, signal);
    await createOrReplace(client, removal_policy/* bindingsPath */.qs, binding, () => binding, signal);
}
async function createOrReplace(client, path, object, instead, signal) {
    try {
        await client.create(path, object, { signal });
    }
    catch (error) {
        if (!(0,kube_error/* isFault */.Zh)(error, 'exists')) {
            throw error;
        }
        await replace(client, `${path}/${object.metadata?.name}`, instead, signal);
    }
}
async function replace(client, path, instead, signal) {
    let object;
    for (let conflicts = 0;; conflicts++) {
        const before = await client.get(path, { signal });
        object ??= instead(before);
        const { resourceVersion } = before.metadata ?? {};
        const body = { ...object, metadata: { ...object.metadata, resourceVersion } };
        try {
            await client.request({ method: 'PUT', path, body, signal });
            return;
        }
        catch (error) {
            if (!(0,kube_error/* isFault */.Zh)(error, 'conflict') || conflicts === POLICY_CONFLICTS_MAX) {
                throw error;
            }
        }
    }
}
//# sourceMappingURL=write.js.map
;// CONCATENATED MODULE: ./out/src/stages/rewrite.js





















async function withRewriting(job, run, work) {
    const over = new AbortController();
    const begun = beginRewriting(job, run, over.signal);
    try {
        const result = await work();
        await rewrite(job, run, begun);
        return result;
    }
    finally {
        over.abort();
        await begun;
    }
}
async function beginRewriting(job, run, over = job.signal) {
    if (job.rewriteIn === undefined || !(0,run_run/* ownsNamespace */.$I)(run) || run.release !== undefined) {
        return undefined;
    }
    try {
        const early = { ...job, laid: (0,waiting/* unlessAborted */.Wh)(job.laid, over) };
        return await writtenPolicy(early, run, { scope: job.rewriteIn, awaitsProof: true });
    }
    catch (error) {
        (0,runner/* debug */.Yz)(`The policy is written when the images are proven (${(0,errors/* sentenceOf */.$N)(error)})`);
        return undefined;
    }
}
async function rewrite(job, run, begun) {
    const { client, inputs, log, rewriteIn, signal } = job;
    if (rewriteIn === undefined) {
        if (run.kept !== undefined) {
            await (0,lease/* expectHeld */.rg)(client, run, signal);
            await endEarlier(job, run);
        }
        return;
    }
    await log.group('Rewrite names', async (notes) => {
        try {
            const scope = scopeFor(run, rewriteIn);
            const { names, earlier } = await rewriteNames(job, run, scope, await begun);
            const rewritten = `${counted(names.size, 'name')} of images in ${scopeWords(scope)}`;
            notes.outcome =
                earlier.size === 0
                    ? rewritten
                    : `${rewritten}, and ${earlier.size} of images that this step replaces, until the next one`;
        }
        catch (error) {
            if (inputs.rewrite === 'policy' || signal.aborted || !(error instanceof errors/* ActionError */.lZ)) {
                throw error;
            }
            await (0,lease/* expectHeld */.rg)(client, run, signal);
            await (0,removal_policy/* removePolicy */.pX)(client, run, signal);
            tellNotRewritten(`the policy is of no use here (${(0,errors/* sentenceOf */.$N)(error).replace(/\.$/, '')})`);
            notes.outcome = 'names stay as they are';
        }
    });
}
async function endEarlier(job, run) {
    const { client, laid, shape, signal } = job;
    if (await (0,removal_policy/* removePolicy */.pX)(client, run, signal)) {
        return;
    }
    const names = injectedImages(await laid, run).map(({ name }) => name);
    const stale = await namesRewritten(client, run, shape, names, signal);
    if (stale.length > 0) {
        const policy = run_run/* nameOf */.Vb.policy(run.id);
        (0,runner/* warning */.$e)(`The policy ${policy} of an earlier step goes on rewriting ${stale.join(', ')} to what that step has injected, and the kubeconfig's user may not delete it; have somebody do so who may, by: kubectl delete mutatingadmissionpolicybindings,mutatingadmissionpolicies ${policy}`);
    }
}
function scopeFor({ kept }, scope) {
    return scope.kind === 'own' && kept !== undefined
        ? { ...scope, since: kept.since, ofFirstStep: true }
        : scope;
}
async function rewriteNames(job, run, scope, waiting) {
    const { client, shape, signal } = job;
    const written = (waiting && (await released(job, run, waiting))) ?? (await writtenPolicy(job, run, { scope }));
    const { trial, names } = written;
    const namespaces = await namespacesToTry(job, run, scope);
    const unseen = await untilActs(client, { trial, run, shape }, namespaces, signal);
    if (unseen !== undefined) {
        (0,runner/* warning */.$e)(`Whether names of images are rewritten already cannot be seen, for ${unseen}; a Pod that is made within the next second may keep its names.`);
    }
    for (const rival of await rivalsOf(client, { run, names, scope }, signal)) {
        const { release, names: common } = rival;
        const who = release === undefined ? `run ${rival.run}` : `release "${release}"`;
        (0,runner/* warning */.$e)(`The ${who} rewrites ${enumerated(common, NAMES_TOLD_MAX)} to another image, in namespaces where this run does, too, so a new Pod there may get either; remove what is needed no longer, or give the image a tag of its own, or each run namespaces of its own by the input \`rewrite-namespaces\`.`);
    }
    return written;
}
async function released({ client, signal }, run, waiting) {
    try {
        await (0,run_namespace/* tellProven */.Mq)(client, run, signal);
        return waiting;
    }
    catch (error) {
        if (!(0,kube_error/* isFault */.Zh)(error, 'permission', 'policy', 'webhook'))
            throw error;
        (0,runner/* debug */.Yz)(`The policy is written anew (${(0,errors/* sentenceOf */.$N)(error)})`);
        return undefined;
    }
}
async function writtenPolicy({ client, inputs, laid, signal }, run, how) {
    const names = injectedNames(injectedImages(await laid, run));
    const trial = newTrial(run.registry);
    const owner = await (0,run_namespace/* namespaceAsOwner */.Xg)(client, run, signal);
    const all = new Map([...names, [trial.name, trial.pullable]]);
    const seconds = inputs.timeout + limits_run/* RUN_LIFETIME_SECONDS */.WV + POLICY_SPARE_SECONDS;
    const end = run.release === undefined ? client.now() + seconds * 1000 : undefined;
    const plan = { ...how, run, names: all, owner, end };
    let earlier = new Map();
    await (0,lease/* expectHeld */.rg)(client, run, signal);
    await writePolicy(client, policyFor(plan), signal, (before) => {
        const { policy, leftOut, ...also } = policyAfter(before, plan);
        earlier = also.earlier;
        if (leftOut > 0) {
            (0,runner/* warning */.$e)(`${counted(leftOut, 'name')} of images that this step replaces are rewritten no more, since the policy would have more than ${POLICY_MAX_BYTES / units/* MIB */.D6} MiB with them: what still runs of these by its name cannot be scheduled anew, so roll out now.`);
        }
        return { policy };
    });
    return { trial, names, earlier };
}
async function namespacesToTry({ client, inputs, signal }, run, scope) {
    if (scope.kind === 'labels')
        return namespacesWith(client, inputs.rewriteNamespaces, signal);
    if ((0,run_run/* ownsNamespace */.$I)(run))
        return [run.namespace];
    if (scope.kind === 'own')
        return [scope.namespace];
    return scope.kind === 'all' ? [run.namespace] : scope.namespaces;
}
async function namespacesWith(client, labelSelector, signal) {
    const list = client.list('/api/v1/namespaces', { query: { labelSelector }, signal });
    const { items } = (await (0,kube_error/* ifAnswered */.nH)(list, signal)) ?? { items: [] };
    return items.flatMap(({ metadata }) => metadata?.name ?? []);
}
//# sourceMappingURL=rewrite.js.map
;// CONCATENATED MODULE: ./out/src/registry/claim.js





async function createClaim(client, plan, signal) {
    const path = kube_pods/* collection */.r.claims(plan.namespace);
    const claim = storeClaim(plan, plan.storeBytes);
    await despiteQuota(() => client.create(path, claim, { signal }), { signal });
}
async function renewClaim(client, plan, signal) {
    const path = kube_pods/* collection */.r.claims(plan.namespace);
    const name = run_run/* nameOf */.Vb.store(plan);
    const query = { labelSelector: (0,run_run/* selectorOf */.Bk)(plan.id, 'store') };
    const { items } = await client.list(path, { query, signal });
    const bound = items.find(({ metadata, spec }) => metadata?.name === name &&
        spec?.volumeName !== undefined &&
        metadata?.ownerReferences?.some(({ uid }) => uid === plan.owner.uid) === true);
    if (bound === undefined) {
        return;
    }
    const { uid = '' } = bound.metadata ?? {};
    await client.delete(`${path}/${name}`, { preconditions: { uid }, signal });
    const isGone = (claims) => !claims.has(name);
    await (0,watch/* waitUntil */.a0)(client, path, isGone, { query, metadataOnly: true, signal });
    await createClaim(client, plan, signal);
}
//# sourceMappingURL=claim.js.map
;// CONCATENATED MODULE: ./out/src/registry/bootstrap.js














const BOUNDS = {
    takeSeconds: limits_run/* KUBELET_TAKES_SECONDS */.iI,
    lookSeconds: limits_run/* NODE_LOOK_SECONDS */.TA,
    volumeSeconds: limits_run/* VOLUME_COMES_SECONDS */.d3,
};
function startSecondsOf({ hasClaim, nodesUnlisted, chunks }, base) {
    const isLate = base.pulled || hasClaim || nodesUnlisted || chunks.length > 0;
    return isLate ? limits_run/* POD_STARTS_LATE_SECONDS */.lR : limits_run/* POD_STARTS_SECONDS */.ir;
}
async function startRegistry(client, plan, signal, bounds = {}) {
    const failures = [];
    let bases = await basesLeft(client, plan, signal);
    for (let attempt = 0; bases[0] !== undefined; attempt++) {
        const [base, ...others] = bases;
        const elsewhere = others.filter((other) => isElsewhere(other, base));
        const name = run_run/* nameOf */.Vb.registry(plan, attempt);
        const pod = registryPod(plan, base, attempt, plan.chunks, plan.storeBytes);
        await createOwnPod(client, plan.namespace, pod, signal, attempt > 0 || (0,run_run/* hasHadPods */.em)(plan));
        const startSeconds = startSecondsOf(plan, base);
        const patience = { ...BOUNDS, startSeconds, ...bounds };
        const start = new Start(client, plan, name, base, patience, plan.onWaiting);
        const fault = await start.fault(elsewhere.length > 0, signal);
        if (fault === undefined) {
            return { name, base: { ...base, node: start.node } };
        }
        if (isInjectorsWord(fault.words)) {
            throw new errors/* ActionError */.lZ(`The registry in the cluster failed: ${fault.words}.`);
        }
        const place = start.node ?? `any node of ${base.architecture}`;
        failures.push({ ...fault, words: `${base.image} on ${place}: ${fault.words}` });
        const left = fault.ofNode ? besides(start.node, base, others, elsewhere) : others;
        bases = fault.ofVolume ? [] : left;
        await client.delete(`${kube_pods/* collection */.r.pods(plan.namespace)}/${name}`, {
            gracePeriodSeconds: 0,
            signal,
        });
        if (plan.hasClaim && bases[0] !== undefined && bases[0].node !== start.node) {
            await renewClaim(client, plan, signal);
        }
    }
    throw new errors/* ActionError */.lZ(noBase(plan, failures));
}
function besides(node, base, others, elsewhere) {
    if (base.node !== undefined || node === undefined) {
        return elsewhere;
    }
    return [base, ...others].map((one) => one.node === undefined ? { ...one, notOn: [...(one.notOn ?? []), node] } : one);
}
function elsewhereFirst(bases, lost) {
    const isThere = ({ node }) => node !== undefined && node === lost;
    return bases.toSorted((one, other) => Number(isThere(one)) - Number(isThere(other)));
}
function isElsewhere(other, base) {
    return (other.node !== base.node ||
        (base.node === undefined && other.architecture !== base.architecture));
}
async function basesLeft(client, plan, signal) {
    const { bases, nodeSelector: selector, nodesUnlisted } = plan;
    if ((0,run_run/* isFirst */.ZW)(plan) || nodesUnlisted === true) {
        return bases;
    }
    const nodes = await readNodes(client, { selector, signal });
    const left = bases.filter(({ node }) => node && reasonAgainst(node, nodes) === undefined);
    return left.length > 0 ? left : bases;
}
function noBase({ bases, namespace, nodesUnlisted }, failures) {
    const isGiven = bases.some(({ pulled }) => pulled);
    const advice = nodesUnlisted === true && !isGiven
        ? `have a Pod run in the namespace "${namespace}" whose image needs no pull secret, set the input \`injector-image\`, or grant the kubeconfig's user to list nodes`
        : baseAdvice(bases);
    if (bases.length === 0) {
        return `No node is known to have an image that the registry could start from; ${advice}.`;
    }
    const words = [...new Set(failures.map((failure) => failure.words))];
    const told = inOneLine(words, BASE_FAILURES_NAMED_MAX);
    if (failures.some(({ ofVolume }) => ofVolume)) {
        return `The registry could not start from any image (${told}); see what the events of the PersistentVolumeClaims in the namespace "${namespace}" say, or make a StorageClass the default whose volumes these nodes can have.`;
    }
    const isOfNodes = nodesUnlisted !== true && failures.every(({ ofNode }) => ofNode);
    return `The registry could not start from any image (${told}); ${isOfNodes ? 'run the job again when the nodes are well' : advice}.`;
}
//# sourceMappingURL=bootstrap.js.map
;// CONCATENATED MODULE: ./out/src/stages/serve.js




function serve(job, delivery, { paths }) {
    return job.log.group('Start the registry', async (notes) => {
        const { client, bases, log, signal } = job;
        const storeBytes = storeBytesOf(job, delivery);
        if (delivery.hasClaim) {
            await createClaim(client, { ...delivery, storeBytes }, signal);
        }
        const onWaiting = (node, words) => log.waiting(node, words);
        const plan = { ...delivery, bases, chunks: paths, storeBytes, onWaiting };
        const pod = await startRegistry(client, plan, signal);
        job.traffic.servedFrom(pod.base.node);
        if (delivery.leadsLater) {
            await leadService(client, delivery, signal);
        }
        notes.outcome = `on ${pod.base.node}, started from ${pod.base.image}`;
        return pod;
    });
}
//# sourceMappingURL=serve.js.map
;// CONCATENATED MODULE: ./out/src/preflight/image-names.js
const image_names_REGISTRY = "the registry's Pod";
const image_names_PROOFS = "the proofs' Pods";
const LOOPBACK = '127.0.0.1:';
async function blameImages({ registry, proofs, dryRun }, refusals) {
    const [ofRegistry] = imagesOf(registry);
    const [ofProofs] = proofs.flatMap(imagesOf);
    const blamed = new Map();
    const ask = async (pod, image, what, allow) => {
        const isRefused = refusals.some((refusal) => refusal.what === what && refusal.mendable);
        if (!isRefused || image === undefined || blamed.has(what)) {
            return;
        }
        const { refusal } = await dryRun(what, withImage(pod, image));
        if (refusal === undefined) {
            blamed.set(what, allow);
        }
    };
    for (const pod of proofs) {
        await ask(pod, ofRegistry, image_names_PROOFS, `images whose names begin with ${LOOPBACK}`);
    }
    if (registry !== undefined) {
        await ask(registry, ofProofs, image_names_REGISTRY, `the image ${ofRegistry}`);
    }
    return refusals.map((refusal) => ({ ...refusal, allow: blamed.get(refusal.what) }));
}
function imagesOf(pod) {
    return (pod?.spec?.containers ?? []).flatMap(({ image }) => image ?? []);
}
function withImage(pod, image) {
    const { spec } = pod;
    if (spec === undefined) {
        return pod;
    }
    const containers = spec.containers.map((container) => ({ ...container, image }));
    return { ...pod, spec: { ...spec, containers } };
}
//# sourceMappingURL=image-names.js.map
;// CONCATENATED MODULE: ./out/src/preflight/resources/limit-ranges.js

const FREE = { min: 0, max: Number.POSITIVE_INFINITY, ratio: Number.POSITIVE_INFINITY };
function limit_ranges_boundsOf(ranges, scope, resource) {
    return ranges.get(`${scope} ${resource}`) ?? FREE;
}
function speaksOf(ranges, resource) {
    return [...ranges.keys()].some((key) => key.endsWith(` ${resource}`));
}
function rangesOf(limitRanges) {
    const items = limitRanges.flatMap(({ spec }) => (spec?.limits ?? []));
    const rules = items.flatMap(({ type, min, max, maxLimitRequestRatio }) => [
        ...rulesIn(type, 'min', min),
        ...rulesIn(type, 'max', max),
        ...rulesIn(type, 'ratio', maxLimitRequestRatio),
    ]);
    const defaults = items.flatMap((item) => Object.keys({ ...item.default, ...item.defaultRequest }).map((name) => `${item.type} ${name}`));
    return combined(new Map(defaults.map((key) => [key, FREE])), rules);
}
function rangesWith(ranges, resource, ratio = FREE.ratio) {
    return combined(ranges, [{ key: `Container ${resource}`, kind: 'ratio', value: ratio }]);
}
function rulesIn(type, kind, values = {}) {
    return Object.entries(values).flatMap(([resource, quantity]) => ruleOf(type, kind, resource, quantity));
}
function ruleOf(type, kind, resource, quantity) {
    const value = thousandthsOf(quantity);
    return value === undefined ? [] : [{ key: `${type} ${resource}`, kind, value }];
}
function combined(ranges, rules) {
    const all = new Map(ranges);
    for (const { key, kind, value } of rules) {
        const bounds = all.get(key) ?? FREE;
        const stricter = kind === 'min' ? Math.max(bounds.min, value) : Math.min(bounds[kind], value);
        all.set(key, { ...bounds, [kind]: stricter });
    }
    return all;
}
const MIN_OR_MAX = /\b(minimum|maximum) (\S+) usage per (Container|Pod) is ([^\s,]+?)\.?(?=[,\s])/gi;
const RATIO = /([\w./-]+) max limit to request ratio per (Container|Pod) is ([^\s,]+),/gi;
function rangesAfter(ranges, refusal) {
    const rules = [
        ...[...refusal.matchAll(MIN_OR_MAX)].flatMap(([, most = '', resource = '', type = '', quantity = '']) => ruleOf(type, most.toLowerCase() === 'minimum' ? 'min' : 'max', resource, quantity)),
        ...[...refusal.matchAll(RATIO)].flatMap(([, resource = '', type = '', quantity = '']) => ruleOf(type, 'ratio', resource, quantity)),
    ];
    const after = combined(ranges, rules);
    const told = (all) => JSON.stringify([...all]);
    return told(after) === told(ranges) ? ranges : after;
}
//# sourceMappingURL=limit-ranges.js.map
;// CONCATENATED MODULE: ./out/src/preflight/resources/resources.js




function wish(best, least, small) {
    const [a = 0, b = 0, c = 0] = [best, least, small].map(thousandthsOf);
    return { best: a, least: b, small: c };
}
const DISK = 'ephemeral-storage';
const LOG_BYTES = 16 * units/* MIB */.D6;
function wishesOf({ diskBytes }) {
    const disk = (bytes) => {
        const best = Math.ceil(bytes / units/* MIB */.D6) * units/* MIB */.D6 * 1000;
        return { best, least: best, small: 1000 };
    };
    const ofRegistry = disk(diskBytes + LOG_BYTES);
    return {
        cpu: {
            registry: wish(REGISTRY_CPU, REGISTRY_CPU_LEAST, SMALL_CPU),
            proof: wish(PROOF_CPU, PROOF_CPU_LEAST, SMALL_CPU),
        },
        memory: {
            registry: wish(REGISTRY_MEMORY, REGISTRY_MEMORY, SMALL_MEMORY),
            proof: wish(PROOF_MEMORY, PROOF_MEMORY_LEAST, SMALL_MEMORY),
        },
        [DISK]: { registry: { ...ofRegistry, vital: ofRegistry.best }, proof: disk(LOG_BYTES) },
    };
}
function resourcesFor(pods, rules) {
    const registry = {};
    const proof = {};
    for (const [resource, wishes] of Object.entries(wishesOf(pods))) {
        const always = resource !== DISK;
        if (always || speaksOf(rules.ranges, resource) || rules.limitsLeft.has(resource)) {
            const limits = sharedLimits(resource, wishes, pods, rules);
            const most = Math.max(1, ...pods.proofs);
            const fewest = Math.max(1, Math.min(...pods.proofs, most));
            registry[resource] = fitted(resource, wishes.registry, limits.registry, rules, [1, 1]);
            proof[resource] = fitted(resource, wishes.proof, limits.proof, rules, [fewest, most]);
        }
    }
    return { registry: resources_written(registry), proof: resources_written(proof) };
}
function resources_written(fitted) {
    const side = (which) => Object.fromEntries(Object.entries(fitted).map(([resource, values]) => [resource, quantityOf(values[which])]));
    return { requests: side('request'), limits: side('limit') };
}
function sharedLimits(resource, { registry, proof }, { proofs, mayBeMore = false }, { limitsLeft }) {
    const containers = proofs.reduce((sum, count) => sum + count, 0);
    const left = limitsLeft.get(resource) ?? Number.POSITIVE_INFINITY;
    if (mayBeMore && left < Number.POSITIVE_INFINITY) {
        const isSmall = registry.best * UNCOUNTED_REGISTRIES_MIN <= left;
        return { registry: isSmall ? registry.best : registry.least, proof: proof.least };
    }
    const share = (of, used) => down(resource, Math.min(of.best, (left - used) / containers));
    for (const taken of [registry.best, registry.least]) {
        const each = containers === 0 ? proof.best : share(proof, taken);
        if (each >= proof.least && taken <= left) {
            return { registry: taken, proof: each };
        }
    }
    return { registry: registry.least, proof: proof.least };
}
function fitted(resource, { least, small, vital = 0 }, wanted, { ranges, requestSome }, [fewest, most]) {
    const [own, whole] = [limit_ranges_boundsOf(ranges, 'Container', resource), limit_ranges_boundsOf(ranges, 'Pod', resource)];
    const min = up(resource, Math.max(own.min, whole.min / fewest));
    const max = down(resource, Math.min(own.max, whole.max / most));
    const ratio = Math.min(own.ratio, whole.ratio) / 1000;
    const limit = Math.max(Math.min(wanted, max, Math.max(least, small * ratio, min)), min, vital);
    const request = Math.max(min, requestSome ? Math.min(small, limit) : 0);
    return { limit, request: Math.max(request, up(resource, limit / ratio)) };
}
function grain(resource) {
    return resource === 'cpu' ? 1 : 1000;
}
function up(resource, value) {
    return Math.ceil(value / grain(resource)) * grain(resource);
}
function down(resource, value) {
    return Math.floor(value / grain(resource)) * grain(resource);
}
//# sourceMappingURL=resources.js.map
;// CONCATENATED MODULE: ./out/src/preflight/resources/given.js



function givenLimits(asked, answer, resource) {
    return (asked.spec?.containers ?? []).flatMap(({ name, resources }) => {
        const container = answer?.spec?.containers.find((one) => one.name === name);
        const given = thousandthsOf(container?.resources?.limits?.[resource]);
        const [limit, request] = [resources?.limits, resources?.requests].map((all) => thousandthsOf(all?.[resource]));
        return given === undefined ? [] : [{ given, limit, request }];
    });
}
function rangesGiven(ranges, asked, answer) {
    let all = ranges;
    for (const resource of ['memory', DISK]) {
        for (const { given, limit, request } of givenLimits(asked, answer, resource)) {
            if (limit === undefined) {
                all = rangesWith(all, resource);
            }
            else if (given < limit && request !== limit) {
                all = rangesWith(all, resource, 1000);
            }
        }
    }
    return all;
}
//# sourceMappingURL=given.js.map
;// CONCATENATED MODULE: ./out/src/preflight/admission.js











const CONCESSIONS = [
    { user: true, requestSome: false },
    { user: false, requestSome: false },
    { user: true, requestSome: true },
    { user: false, requestSome: true },
];
async function findAdmitted(client, namespace, samples, room, options) {
    let first;
    let { ranges } = room;
    for (const concession of CONCESSIONS) {
        if (first?.some(({ mendable }) => !mendable)) {
            break;
        }
        for (let round = 0; round < FIT_ROUNDS_MAX; round++) {
            const shape = shapeOf(concession, { ...room, ranges });
            const outcome = await tryShape(client, namespace, samples, shape, options);
            const known = 'shape' in outcome
                ? outcome.given.reduce((all, [asked, pod]) => rangesGiven(all, asked, pod), ranges)
                : outcome.reduce((all, { words }) => rangesAfter(all, `${words} `), ranges);
            if (known !== ranges) {
                ranges = known;
                continue;
            }
            if ('shape' in outcome) {
                return outcome;
            }
            first ??= outcome;
            break;
        }
    }
    const shape = shapeOf(CONCESSIONS[0], room);
    const [base] = samples.bases;
    const named = {
        registry: base && samples.registry(shape, base),
        proofs: samples.proofs(shape),
        dryRun: dryRunIn(client, namespace, options),
    };
    return await blameImages(named, first ?? []);
}
function shapeOf({ user, requestSome }, room) {
    return { user, ...resourcesFor(room, { ...room, requestSome }) };
}
async function tryShape(client, namespace, { bases, registry, courier, proofs }, shape, options) {
    const ask = dryRunIn(client, namespace, options);
    let pullsAnew = false;
    const given = [];
    const dryRun = async (what, pod) => {
        const trial = await ask(what, pod);
        given.push([pod, trial.pod]);
        return trial;
    };
    const onBase = async (base) => {
        const pod = registry(shape, base);
        const trial = await dryRun(image_names_REGISTRY, pod);
        pullsAnew ||= isPulledAnew(namespace, pod, trial);
        checkDisk(namespace, pod, trial);
        return courier === undefined || trial.refusal !== undefined
            ? trial
            : await dryRun("the couriers' Pods", courier(shape, base));
    };
    const [surest, ...others] = bases;
    const outcomes = await (0,lib_slots/* settled */.gu)([
        ...proofs(shape).map((pod) => dryRun(image_names_PROOFS, pod)),
        ...(surest === undefined ? [] : [onBase(surest)]),
    ]);
    const refusals = outcomes.flatMap(({ refusal }) => refusal ?? []);
    const priorityClass = outcomes.find(({ pod }) => pod?.spec?.priorityClassName)?.pod?.spec
        ?.priorityClassName;
    if (refusals.length === 0) {
        return { shape, bases, priorityClass, pullsAnew, given };
    }
    const aboutBase = outcomes.at(-1)?.refusal;
    if (surest === undefined || aboutBase?.mendable !== true || refusals.length > 1) {
        return refusals;
    }
    const further = [...aliasesOf(surest), ...others.flatMap((base) => [base, ...aliasesOf(base)])];
    const answers = await (0,lib_slots/* settled */.gu)(further.map(onBase));
    const admitted = further.filter((_, index) => answers[index]?.refusal === undefined);
    return admitted.length > 0
        ? { shape, bases: admitted, priorityClass, pullsAnew, given }
        : refusals;
}
function checkDisk(namespace, asked, { pod }) {
    for (const { given, limit = 0, request } of givenLimits(asked, pod, DISK)) {
        if (given < limit && request === limit) {
            throw new errors/* ActionError */.lZ(`A policy of the cluster limits the disk of the registry's Pod in the namespace "${namespace}" to ${quantityOf(given)} of ephemeral-storage, and it takes ${quantityOf(limit)}, so it would be evicted; except the namespace from that policy, send less or use another namespace.`);
        }
    }
}
function dryRunIn(client, namespace, options) {
    return (what, pod) => tried(what, (0,kube_pods/* createPod */.o)(client, namespace, pod, { ...options, dryRun: true }));
}
function isPulledAnew(namespace, asked, { pod: given }) {
    const anew = (asked.spec?.containers ?? []).filter(({ name }) => {
        const container = given?.spec?.containers.find((one) => one.name === name);
        return container?.imagePullPolicy === 'Always';
    });
    const lying = anew.find(({ imagePullPolicy }) => imagePullPolicy === 'Never');
    if (lying !== undefined) {
        throw new errors/* ActionError */.lZ(`The cluster has every image pulled anew (it makes imagePullPolicy Always of Never in the namespace "${namespace}", as the admission plugin AlwaysPullImages and some policies do), so the run's own Pods cannot start from ${lying.image}, which just is on a node; set the input \`injector-image\` to an image that the nodes can pull, which may be this one.`);
    }
    return anew.length > 0;
}
//# sourceMappingURL=admission.js.map
;// CONCATENATED MODULE: ./out/src/preflight/resources/quotas.js


const NONE_ENDLESS = { registry: false, proofs: false };
function checkQuotas(namespace, quotas, planned) {
    const exceeded = quotas.flatMap((quota) => exceededIn(quota, planned));
    if (exceeded.length > 0) {
        throw new QuotaExceeded(`The quotas of the namespace "${namespace}" are too small for this run: ${exceeded.join('; ')}; raise them or use another namespace.`);
    }
    return Math.min(...quotas.flatMap(configMapsLeft), Number.POSITIVE_INFINITY);
}
function configMapsLeft(quota) {
    return ['configmaps', 'count/configmaps'].flatMap((name) => {
        const left = leftOf(quota, name);
        return left === undefined ? [] : [Math.floor(left / 1000)];
    });
}
function limitsLeft(quotas, endless = NONE_ENDLESS) {
    const left = new Map();
    const counting = quotas.filter((quota) => Object.values(endless).some((isEndless) => countsPods(quota, undefined, isEndless)));
    for (const quota of counting) {
        for (const name of Object.keys(hardOf(quota)).filter((key) => key.startsWith('limits.'))) {
            const resource = name.slice('limits.'.length);
            const room = Math.max(0, leftOf(quota, name) ?? Number.POSITIVE_INFINITY);
            left.set(resource, Math.min(room, left.get(resource) ?? Number.POSITIVE_INFINITY));
        }
    }
    return left;
}
function exceededIn(quota, planned) {
    const needs = {
        ...(!isScoped(quota) && quotas_counted({ configmaps: planned.configmaps })),
        ...podNeeds(planned, (isEndless) => countsPods(quota, planned.priorityClass, isEndless)),
    };
    return Object.entries(hardOf(quota)).flatMap(([name, hard]) => {
        const [need, left] = [needs[name] ?? 0, leftOf(quota, name)];
        return left !== undefined && need > left
            ? [
                `quota "${quota.metadata?.name}" leaves ${quantityOf(Math.max(left, 0))} of ${hard} ${name}, ${quantityOf(need)} are needed`,
            ]
            : [];
    });
}
function quotas_counted(objects) {
    return Object.fromEntries(Object.entries(objects).flatMap(([name, count]) => [
        [name, count * 1000],
        [`count/${name}`, count * 1000],
    ]));
}
function podNeeds({ proofs, couriers = [], endless = NONE_ENDLESS, shape }, counts) {
    const registries = counts(endless.registry) ? 1 : 0;
    const others = [...(counts(endless.proofs) ? proofs : []), ...(counts(false) ? couriers : [])];
    const containers = others.reduce((sum, count) => sum + count, 0);
    const needs = quotas_counted({ pods: others.length + registries });
    for (const side of ['requests', 'limits']) {
        for (const [resource, quantity] of Object.entries(shape.registry[side])) {
            const each = thousandthsOf(shape.proof[side][resource]) ?? 0;
            const sum = registries * (thousandthsOf(quantity) ?? 0) + containers * each;
            needs[`${side}.${resource}`] = sum;
            if (side === 'requests') {
                needs[resource] = sum;
            }
        }
    }
    return needs;
}
function isScoped({ spec }) {
    return (spec?.scopes ?? []).length > 0 || spec?.scopeSelector !== undefined;
}
function countsPods({ spec }, priorityClass, isEndless) {
    const named = (spec?.scopes ?? []).map((scopeName) => ({
        scopeName,
        operator: 'Exists',
        values: undefined,
    }));
    return [...named, ...(spec?.scopeSelector?.matchExpressions ?? [])].every(({ scopeName, operator, values = [] }) => {
        switch (scopeName) {
            case 'NotBestEffort':
                return true;
            case 'Terminating':
                return !isEndless;
            case 'NotTerminating':
                return isEndless;
            case 'PriorityClass':
                return matchesClass(operator, values, priorityClass);
            default:
                return false;
        }
    });
}
function matchesClass(operator, values, name) {
    switch (operator) {
        case 'Exists':
            return name !== undefined;
        case 'DoesNotExist':
            return name === undefined;
        case 'In':
            return name !== undefined && values.includes(name);
        default:
            return name === undefined || !values.includes(name);
    }
}
function hardOf({ spec, status }) {
    return status?.hard ?? spec?.hard ?? {};
}
function leftOf(quota, name) {
    const hard = thousandthsOf(hardOf(quota)[name]);
    return hard === undefined ? undefined : hard - (thousandthsOf(quota.status?.used?.[name]) ?? 0);
}
//# sourceMappingURL=quotas.js.map
;// CONCATENATED MODULE: ./out/src/preflight/resources/rules.js


async function readRules(client, namespace, signal) {
    const list = async (resource) => {
        try {
            const path = `/api/v1/namespaces/${namespace}/${resource}`;
            return (await client.list(path, { signal })).items;
        }
        catch (error) {
            if ((0,kube_error/* isFault */.Zh)(error, 'permission')) {
                return [];
            }
            throw error;
        }
    };
    const [ranges, quotas] = await Promise.all([
        list('limitranges'),
        list('resourcequotas'),
    ]);
    return { ranges: rangesOf(ranges), quotas };
}
//# sourceMappingURL=rules.js.map
;// CONCATENATED MODULE: ./out/src/preflight/slots.js







const ALIVE = 'status.phase!=Succeeded,status.phase!=Failed';
async function freeSlots(client, nodes, signal) {
    const slots = new Map();
    await (0,lib_slots/* eachOf */.pQ)(nodes, NODE_ASKS_CONCURRENCY, signal, async ({ name, podsMax }, until) => {
        const taken = podsMax === undefined ? undefined : await podsOn(client, name, until);
        if (podsMax !== undefined && taken !== undefined)
            slots.set(name, podsMax - taken);
    });
    return slots;
}
async function podsOn(client, node, signal) {
    const fieldSelector = `spec.nodeName=${node},${ALIVE}`;
    const query = { ...kube_client/* AS_REMEMBERED */.wN, fieldSelector, includeObject: 'None' };
    try {
        const answer = await client.get('/api/v1/pods', {
            query,
            accept: kube_client/* TABLE */.Bt,
            signal,
        });
        return (answer.rows ?? answer.items ?? []).length;
    }
    catch (error) {
        if ((0,kube_error/* isFault */.Zh)(error, 'permission')) {
            return undefined;
        }
        throw error;
    }
}
function checkSlots(nodes, slots) {
    const full = nodes.filter(({ name }) => (slots.get(name) ?? 1) < 1);
    if (full.length > 0) {
        const names = enumerated(full.map(({ name, podsMax }) => `${name} (${podsMax})`), limits_run/* NODES_NAMED_MAX */.zd);
        throw new errors/* ActionError */.lZ(`No more Pod fits on ${full.length === 1 ? 'the node' : 'the nodes'} ${names}, because as many run there as its kubelet takes; remove a Pod or raise the kubelet's \`maxPods\`.`);
    }
}
function withRoom(nodes, slots, proven = new Map()) {
    const needed = (name) => (proven.has(name) ? 1 : 2);
    const roomy = nodes.filter(({ name }) => (slots.get(name) ?? 2) >= needed(name));
    if (roomy.length === 0 && nodes.length > 0) {
        throw new errors/* ActionError */.lZ("No node takes two more Pods, one for the registry and one for the node's own proof; remove a Pod from one of them or raise its kubelet's `maxPods`.");
    }
    return roomy;
}
//# sourceMappingURL=slots.js.map
// EXTERNAL MODULE: ./out/src/run/other-runs.js
var other_runs = __webpack_require__(2080);
;// CONCATENATED MODULE: ./out/src/stages/rehearse/controllers.js















const NO_NODE = 'jackal-inject.invalid';
const controllers_REFUSED = /is forbidden: (?!exceeded quota|status unknown for quota|not yet ready|error looking up service account)|denied the request/;
async function rehearseControllers(client, delivery, samples, signal, seconds = CONTROLLER_SILENCE_SECONDS) {
    const { id, namespace } = delivery;
    let underway = 0;
    const trials = samplesOf(delivery, samples).map(async (set) => {
        const selector = `${(0,run_run/* selectorOf */.Bk)(id, 'rehearsal')},${run_run/* DAEMONSET_LABEL */.iv}=${set.metadata?.name}`;
        const create = () => client.create(kube_pods/* collection */.r.replicaSets(namespace), set, { signal });
        await despiteQuota(create, { makesRoom: () => underway > 0, signal });
        underway++;
        const late = (0,heard_within/* heardWithin */.Y)(seconds * 1000);
        try {
            return await wordsAgainst(client, namespace, set, { signal, late });
        }
        finally {
            if (!signal.aborted) {
                await (0,collections/* removePods */.tY)(client, { id, namespace, selector }, signal);
            }
            underway--;
        }
    });
    const words = (await (0,lib_slots/* settled */.gu)(trials)).flatMap((said) => said ?? []);
    if (words.length > 0) {
        throw controllers_notMade(delivery, words);
    }
}
function samplesOf(delivery, { base, architectures, images, storeBytes }) {
    const lasting = { base, nodes: undefined, chunks: [], storeBytes };
    const registry = registryReplicaSet(delivery, lasting).spec?.template;
    const proofs = architectures.map((architecture) => {
        const { template } = proofDaemonSet(delivery, architecture, imagesFor({ architecture }, images)).spec;
        return [architecture, template, run_run/* nameOf */.Vb.rehearsedProofs(delivery, architecture)];
    });
    return [
        [base.architecture, registry, run_run/* nameOf */.Vb.rehearsedRegistry(delivery)],
        ...proofs,
    ].map((sample) => sampleSet(delivery, ...sample));
}
function sampleSet(delivery, architecture, template, name) {
    const labels = { ...(0,run_run/* labelsFor */.dS)(delivery, 'rehearsal'), [run_run/* DAEMONSET_LABEL */.iv]: name };
    const { nodeSelector, unfitToo } = delivery;
    const placement = placementFor(architecture, nodeSelector, { on: [NO_NODE], unfitToo });
    const { spec } = template ?? {};
    return {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name, labels, ownerReferences: [delivery.owner] },
        spec: {
            replicas: 1,
            selector: { matchLabels: { [run_run/* DAEMONSET_LABEL */.iv]: name } },
            template: {
                metadata: { ...template?.metadata, labels: { ...template?.metadata?.labels, ...labels } },
                ...(spec && { spec: { ...spec, ...placement } }),
            },
        },
    };
}
async function wordsAgainst(client, namespace, set, { signal, late }) {
    const path = kube_pods/* collection */.r.replicaSets(namespace);
    const name = set.metadata?.name ?? '';
    let said;
    const isDecided = (sets) => {
        const { replicas = 0, conditions = [] } = sets.get(name)?.status ?? {};
        const failure = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
        said = replicas > 0 ? undefined : failure?.message;
        return replicas > 0 || (said !== undefined && controllers_REFUSED.test(said));
    };
    try {
        await (0,watch/* waitUntil */.a0)(client, path, isDecided, {
            query: { fieldSelector: `metadata.name=${name}` },
            signal: AbortSignal.any([signal, late]),
        });
    }
    catch (error) {
        signal.throwIfAborted();
        if (!late.aborted)
            throw error;
        if (said === undefined) {
            (0,runner/* warning */.$e)(`Whether the cluster's controllers may make the release's Pods in the namespace "${namespace}" is not known, for they have not begun in time; see that nodes which join get the images.`);
        }
    }
    return said;
}
function controllers_notMade(run, words) {
    const { namespace } = run;
    const refusals = words.filter((one) => controllers_REFUSED.test(one));
    const said = [...new Set((refusals.length > 0 ? refusals : words).map(bareWords))].join('; ');
    if (refusals.length === 0) {
        return new errors/* ActionError */.lZ(`The cluster's controllers could not make the release's Pods in the namespace "${namespace}" in time (${said}), so nodes that join would get nothing, and a lost registry would not come again; make room where a quota is exceeded, and run the job again when nothing else is in the way.`);
    }
    const right = (where) => `give the service account \`default\` there the right to such Pods, on OpenShift by \`oc adm policy add-scc-to-user nonroot-v2 -z default -n ${where}\``;
    const advice = (0,run_run/* ownsNamespace */.$I)(run)
        ? `make a namespace, ${right('NAMESPACE')}, and name it by the input \`namespace\``
        : right(namespace);
    return new errors/* ActionError */.lZ(`The cluster admits the release's Pods from the kubeconfig's user, but not from the controllers that are to make more of them in the namespace "${namespace}" (${said}), so nodes that join would get nothing, and a lost registry would not come again; ${advice}, or except the namespace from the policy.`);
}
//# sourceMappingURL=controllers.js.map
;// CONCATENATED MODULE: ./out/src/stages/rehearse/objects.js












async function tryConfigMap(job, run) {
    const { client, pace, plan, signal } = job;
    const bytes = plan.carrier === 'stream' ? 0 : pace.largestChunkBytes;
    const name = run_run/* nameOf */.Vb.chunk(deliveryOf(job, run, 0), 0);
    const content = { name, binaryData: { [CHUNK_KEY]: [Buffer.alloc(bytes)] } };
    const configMap = configMapOf(run, 'chunk', content);
    const create = (0,configmaps/* createConfigMap */.Rt)(client, configMap, { signal, dryRun: true });
    const { refusal } = await tried('the ConfigMaps', create);
    return refusal === undefined ? [] : [refusal];
}
async function tryDaemonSets(job, run, images) {
    const { client, nodesUnlisted, signal } = job;
    if (!nodesUnlisted && run.release === undefined) {
        return [];
    }
    const path = kube_pods/* collection */.r.daemonSets(run.namespace);
    const options = { query: { dryRun: 'All' }, signal };
    const trials = await Promise.all(placesToProve(job, images).map(({ architecture }) => {
        const some = imagesFor({ architecture }, images);
        const daemonSet = proofDaemonSet(deliveryOf(job, run, 0), architecture, some);
        return tried("the proofs' DaemonSets", client.create(path, daemonSet, options));
    }));
    return trials.flatMap(({ refusal }) => refusal ?? []);
}
async function tryRelease(job, run) {
    const { client, injectors, inputs, signal } = job;
    const delivery = deliveryOf(job, run, 0);
    const [{ architecture = '' } = {}] = injectors;
    if (run.release === undefined) {
        return [];
    }
    const { injectorImage } = inputs;
    const pulled = injectorImage !== undefined;
    const base = { architecture, image: injectorImage ?? SAMPLE_IMAGE, pulled };
    const storeBytes = storeBytesOf(job, run);
    const lasting = { base, nodes: undefined, chunks: [], storeBytes };
    const options = { query: { dryRun: 'All' }, signal };
    const { namespace } = run;
    const trials = await Promise.all([
        tried("the registry's ReplicaSet", client.create(kube_pods/* collection */.r.replicaSets(namespace), registryReplicaSet(delivery, lasting), options)),
        ...(delivery.hasClaim
            ? [
                tried("the registry's PersistentVolumeClaim", client.create(kube_pods/* collection */.r.claims(namespace), storeClaim(delivery, storeBytes), options)),
            ]
            : []),
    ]);
    return trials.flatMap(({ refusal }) => refusal ?? []);
}
async function tryControllers(job, run, { shape, bases }, images) {
    if (run.release === undefined) {
        return;
    }
    const { client, injectors, signal } = job;
    const architectures = injectors
        .map(({ architecture }) => architecture)
        .filter((architecture) => imagesFor({ architecture }, images).length > 0);
    const [{ architecture = '' } = {}] = injectors;
    const samples = {
        base: bases[0] ?? { architecture, image: SAMPLE_IMAGE },
        architectures,
        images,
        storeBytes: storeBytesOf(job, run),
    };
    await rehearseControllers(client, { ...deliveryOf(job, run, 0), shape }, samples, signal);
}
const SAMPLE_IMAGE = 'registry.k8s.io/pause:3.10';
//# sourceMappingURL=objects.js.map
;// CONCATENATED MODULE: ./out/src/stages/rehearse/rehearse.js

























function rehearse(job, run, proven) {
    return job.log.group('Rehearse', async (notes) => {
        const { client, inputs, plan, signal } = job;
        const images = sampleImages(plan, run);
        const { injectorImage: image, namespace } = inputs;
        const candidates = new Bases(client, { image, namespace }, signal);
        const others = checkOthers(job, run);
        const checks = [others, checkControlPlane(job), admitRegistry(client, run, signal)];
        const rehearsal = { ...job, proven: proven ?? new Map() };
        const find = () => findFit(rehearsal, run, images, candidates);
        const fitting = find()
            .catch(async (error) => {
            const { removed } = await others;
            if (removed === 0 && proven === undefined) {
                throw error;
            }
            return await despiteQuota(find, { signal });
        })
            .then(async (fit) => {
            await tryControllers({ ...job, unfitToo: fit.unfitToo }, run, fit, images);
            return fit;
        });
        const [{ configMapBytes }, , , fit] = await (0,lib_slots/* settled */.gu)([...checks, fitting]);
        const { bases, pullsAnew, shape, configMaps, unfitToo } = fit;
        notes.outcome = 'the cluster admits what will come';
        return { ...job, bases, candidates, pullsAnew, shape, configMaps, configMapBytes, unfitToo };
    });
}
function sampleImages({ images }, { registry }) {
    const digest = `sha256:${'0'.repeat(64)}`;
    return images.map(({ given, repository, platforms }) => ({
        ...{ given, platforms },
        pullable: `${registry}/${repository}@${digest}`,
    }));
}
const rehearse_UNKNOWN = { written: Number.POSITIVE_INFINITY, isRenewed: false };
async function checkOthers({ client, inputs, plan, configMapBytes: planned, signal }, run) {
    const [{ own, alive, dead }, elsewhere] = await (0,lib_slots/* settled */.gu)([
        (0,other_runs.findOtherRuns)(client, run, signal),
        planned > 0 ? (0,other_runs/* runsElsewhere */.L)(client, run, signal) : [],
    ]);
    await (0,other_runs.removeDeadRuns)(client, dead, runner/* warning */.$e, signal);
    const configMapBytes = checkSharedBudget({ ...(own ?? rehearse_UNKNOWN), id: run.id, configMapBytes: planned }, [...alive, ...elsewhere], inputs.configMapBudget, plan.carrier === 'courier' ? Math.min(planned, COURIER_WINDOW_MIN_BYTES) : planned);
    if (configMapBytes < planned) {
        await (0,lease.renewLease)(client, run, { seconds: limits_run/* RUN_LEASE_SECONDS */.fH, configMapBytes }, { signal });
    }
    return { removed: dead.length, configMapBytes };
}
async function findFit(job, run, images, candidates) {
    const objects = [tryConfigMap(job, run), tryDaemonSets(job, run, images), tryRelease(job, run)];
    const pods = fitPods(job, run, images, candidates);
    const [refused, outcome] = await (0,lib_slots/* settled */.gu)([(0,lib_slots/* settled */.gu)(objects), pods]);
    const refusals = refused.flat();
    if (refusals.length > 0 || !('shape' in outcome)) {
        const all = [...refusals, ...('shape' in outcome ? [] : outcome)];
        const error = refusedError(run.namespace, all);
        const isPlaced = job.nodesUnlisted || run.release !== undefined;
        if (job.unfitToo || !isPlaced || all.some(({ mendable }) => !mendable))
            throw error;
        return await findFit({ ...job, unfitToo: true }, run, images, candidates).catch(() => {
            job.signal.throwIfAborted();
            throw error;
        });
    }
    return { ...outcome, unfitToo: job.unfitToo };
}
async function fitPods(job, run, images, candidates) {
    const { client, nodes, proven, signal } = job;
    const [rules, slots] = await (0,lib_slots/* settled */.gu)([
        readRules(client, run.namespace, signal),
        freeSlots(client, nodesToProve(nodes, images), signal),
    ]);
    checkSlots(nodes.filter(({ name }) => !proven.has(name)), slots);
    const bases = job.nodesUnlisted
        ? await basesUnlisted(job, run)
        : await candidates.among(withRoom(nodes, slots, proven));
    const { proofs, couriers, endless } = plannedPods(job, run, images);
    const unfinishedUntil = (0,run_run/* ownsNamespace */.$I)(run)
        ? performance.now() + kube/* USER_RANGE_PATIENCE_SECONDS */.G_ * 1000
        : undefined;
    const outcome = await findAdmitted(client, run.namespace, rehearse_samplesOf(job, run, bases, images), {
        proofs: [...proofs, ...couriers],
        mayBeMore: job.nodesUnlisted,
        diskBytes: diskBytesOf(job, run),
        ranges: rules.ranges,
        limitsLeft: limitsLeft(rules.quotas, endless),
    }, { signal, unfinishedUntil });
    return 'shape' in outcome
        ? { ...outcome, configMaps: checkRoom(job, run, rules, outcome, images) }
        : outcome;
}
function basesUnlisted({ client, injectors, inputs, signal, version }, { namespace }) {
    const architectures = injectors.map(({ architecture }) => architecture);
    const { injectorImage: image } = inputs;
    return unlistedBases(client, { namespace, architectures, version, image }, signal);
}
function rehearse_samplesOf(job, run, bases, images) {
    const { nodesUnlisted, plan } = job;
    const proving = placesLeft(job, images);
    const perArchitecture = [...new Map(proving.map((node) => [node.architecture, node])).values()];
    const delivery = deliveryOf(job, run, 0);
    const storeBytes = storeBytesOf(job, run);
    return {
        bases,
        registry: (shape, base) => registryPod({ ...delivery, shape }, base, 0, [chunkPath(0)], storeBytes),
        courier: plan.carrier === 'courier'
            ? (shape, base) => courierPod({ ...delivery, shape }, base, SAMPLE_TASK)
            : undefined,
        proofs: (shape) => perArchitecture.map((node) => {
            const some = imagesFor(node, images);
            return nodesUnlisted
                ? sampleOf({ ...delivery, shape }, node.architecture, some)
                : proofPod({ ...delivery, shape }, { ...node, index: 0 }, some, 0);
        }),
    };
}
const SAMPLE_TASK = { batch: 0, attempt: 0, chunks: ['chunk'], to: '127.0.0.1:1' };
function placesLeft(job, images) {
    return placesToProve(job, images).filter(({ name }) => !job.proven.has(name));
}
function plannedPods(job, { release }, images) {
    const { nodesUnlisted, plan } = job;
    const proofs = placesLeft(job, images).map((node) => imagesFor(node, images).length);
    const registry = release !== undefined;
    const endless = { registry, proofs: registry || nodesUnlisted };
    return { proofs, couriers: plan.carrier === 'courier' ? [1] : [], endless };
}
function checkRoom(job, run, { quotas }, { shape, priorityClass }, images) {
    const { injectors, plan, pace, configMapBytes } = job;
    const courierPlans = plan.carrier === 'courier' ? COURIERS_MAX : 0;
    const besides = injectors.length + plan.catalogParts + courierPlans;
    const configmaps = Math.ceil(configMapBytes / pace.largestChunkBytes) + besides;
    const planned = { ...plannedPods(job, run, images), configmaps, shape, priorityClass };
    const left = checkQuotas(run.namespace, quotas, planned);
    const chunks = left - besides;
    pace.keepAbove(Math.ceil(configMapBytes / chunks));
    return chunks;
}
async function checkControlPlane({ databaseBytes, obstacle, plan }) {
    checkDatabase(await databaseBytes, plan.writtenBytes, obstacle);
}
//# sourceMappingURL=rehearse.js.map
;// CONCATENATED MODULE: ./out/src/stages/setbacks.js


















async function rehearseSparing(job, run) {
    try {
        return await rehearse(job, run);
    }
    catch (error) {
        const { client, inputs, signal } = job;
        const { obstacle, staysInConfigMaps } = carrierFacts(inputs, job);
        const mayStream = !staysInConfigMaps && mayStreamInstead(inputs.carrier, obstacle);
        if (!(error instanceof BudgetTaken) || !mayStream)
            throw error;
        const chosen = {
            carrier: 'stream',
            reason: 'other runs leave no room for ConfigMaps',
        };
        (0,runner/* info */.pq)(carrierLine(chosen));
        await (0,token/* createToken */.Ey)(client, run, signal);
        return await withCarrier(job, run, chosen);
    }
}
async function withSetbacks(ready, run, work) {
    let job = ready;
    const proven = new Map();
    for (let losses = 0, number = 0;; number++) {
        try {
            return await work(job, { ...deliveryOf(job, run, number), shape: job.shape }, proven);
        }
        catch (error) {
            if (isLoss(error) && losses < limits_run/* REGISTRY_LOSSES_MAX */.HB) {
                losses++;
                job = { ...job, bases: elsewhereFirst(job.bases, job.traffic.servedOn) };
                (0,runner/* warning */.$e)(`${(0,errors/* sentenceOf */.$N)(error)} Its part of this run is done anew.`);
                await clear(job, run, proven);
            }
            else if (isOfWay(error) && ready.inputs.carrier.carrier === 'auto') {
                const chosen = await insteadOfStream(job, error);
                (0,runner/* warning */.$e)(`${(0,errors/* sentenceOf */.$N)(error)} The images travel ${CARRIER_WORDS[chosen.carrier]} now.`);
                await clear(job, run, proven);
                job = await withCarrier(job, run, chosen, proven);
            }
            else if (isCouriersAtEnd(error)) {
                (0,runner/* warning */.$e)(`${(0,errors/* sentenceOf */.$N)(error)} The images travel as ConfigMaps now, all at once.`);
                await clear(job, run, proven);
                job = await withCarrier(job, run, insteadOfCouriers(error), proven);
            }
            else {
                throw error;
            }
        }
    }
}
function isLoss(error) {
    return (error instanceof RegistryLost || (error instanceof StreamError && error.trouble === 'lost'));
}
function clear({ client, inputs, log, nodesUnlisted, signal }, run, proven) {
    return log.group('Clear away', async () => {
        if (run.kept?.delivery !== undefined) {
            await (0,service/* pointService */.AX)(client, run, run.kept.delivery, signal);
        }
        else {
            await (0,lease/* expectHeld */.rg)(client, run, signal);
        }
        if (nodesUnlisted) {
            proven.clear();
        }
        else {
            const nodes = await readNodes(client, { selector: inputs.nodes, signal });
            const lost = [...proven.keys()].filter((name) => reasonAgainst(name, nodes) !== undefined);
            lost.forEach((name) => void proven.delete(name));
        }
        await (0,remove/* clearRun */.B1)(client, run, [...proven.values()], signal);
    });
}
function isCouriersAtEnd(error) {
    return error instanceof CourierError && error.trouble === 'failing';
}
async function insteadOfStream({ laid, inputs, rights }, failed) {
    const { payload } = await laid;
    const obstacle = `the stream broke off (${setbacks_wordsOf(failed)})`;
    const facts = {
        bytes: payload.contentBytes,
        budget: inputs.configMapBudget,
        mayCourier: rights.lacksOnSecrets === undefined,
    };
    return byConfigMaps(facts, { reason: obstacle, obstacle });
}
function insteadOfCouriers(failed) {
    const obstacle = `couriers cannot bring them in batches (${setbacks_wordsOf(failed)})`;
    return { carrier: 'configmap', reason: obstacle, obstacle };
}
function setbacks_wordsOf(failed) {
    return (0,errors/* sentenceOf */.$N)(failed).replace(/\.$/, '');
}
async function withCarrier(job, run, chosen, proven) {
    const { client, inputs, signal } = job;
    const { images, payload } = await job.laid;
    const planned = planFor(inputs, payload, chosen);
    if (chosen.carrier === 'configmap') {
        await job.log.group('Verify', () => images.verify());
    }
    const { configMapBytes } = planned;
    const renewal = { seconds: limits_run/* RUN_LEASE_SECONDS */.fH, configMapBytes, isNewPlan: true };
    await (0,lease.renewLease)(client, run, renewal, { signal });
    const obstacle = chosen.obstacle ?? job.obstacle;
    return await rehearse({ ...job, ...planned, obstacle }, run, proven);
}
//# sourceMappingURL=setbacks.js.map
;// CONCATENATED MODULE: ./out/src/payload/chunk.js

async function* chunksOf(source, chunkBytes) {
    let index = 0;
    let wanted = chunkBytes();
    let parts = [];
    let size = 0;
    for await (const piece of source) {
        for (let offset = 0; offset < piece.length;) {
            const part = piece.subarray(offset, offset + wanted - size);
            offset += part.length;
            size += part.length;
            parts.push(part);
            if (size === wanted) {
                yield chunk(index++, parts, size);
                wanted = chunkBytes();
                parts = [];
                size = 0;
            }
        }
    }
    if (size > 0) {
        yield chunk(index, parts, size);
    }
}
function chunk(index, parts, size) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    for (const part of parts) {
        hash.update(part);
    }
    return { index, parts, size, sha256: hash.digest('hex') };
}
//# sourceMappingURL=chunk.js.map
;// CONCATENATED MODULE: ./out/src/stages/upload.js















function upload(job, delivery) {
    return job.log.group('Upload', async (notes) => {
        const { injectors, plan, pullsAnew } = job;
        if (plan.carrier === 'courier' && pullsAnew) {
            throw new CourierError('failing', 'Couriers cannot start where every image is pulled anew: the pull of theirs would wait for those that wait for them.');
        }
        if (plan.carrier === 'stream') {
            await Promise.all(injectors.map((injector) => sendInjector(job, delivery, injector)));
            notes.outcome = 'the injector is there';
            return { paths: [], chunks: [] };
        }
        const laid = await job.laid;
        const { payload } = laid;
        injectedImages(laid, delivery);
        const parcel = parcelOf(payload, plan.carrier);
        const records = await sendChunks(job, delivery, parcel);
        await Promise.all([
            ...injectors.map((injector) => sendInjector(job, delivery, injector)),
            sendCatalog(job, delivery, payload, { name: 'all', size: parcel.bytes, chunks: records }),
        ]);
        const bytes = records.reduce((sum, { size }) => sum + size, 0);
        notes.bytes = bytes;
        notes.outcome = `${inMegabytes(bytes)} in ${records.length} chunks`;
        return {
            paths: records.map(({ path }) => path),
            chunks: records.map(({ size }, index) => ({
                name: run_run/* nameOf */.Vb.chunk(delivery, index),
                bytes: size,
            })),
        };
    });
}
async function sendChunks({ client, log, pace, plan, signal, traffic }, delivery, parcel) {
    const records = [];
    const tell = uploadProgress(parcel.bytes, log.progress);
    const start = performance.now();
    const { bytes } = await uploadChunks(client, chunksToSend(parcel, pace, delivery, records), {
        namespace: delivery.namespace,
        labels: (0,run_run/* labelsFor */.dS)(delivery, 'chunk'),
        owner: delivery.owner,
        key: CHUNK_KEY,
        pace,
        onProgress: (sums) => tell(sums.bytes),
        signal,
    });
    const milliseconds = plan.carrier === 'configmap' ? performance.now() - start : 0;
    traffic.sent(plan.carrier, { sentBytes: bytes, milliseconds });
    return records;
}
async function* chunksToSend({ entries }, pace, delivery, records) {
    const chunks = chunksOf(packParcel(entries), () => pace.chunkBytes);
    for await (const { index, parts, size, sha256 } of chunks) {
        records.push({ path: chunkPath(index), size, sha256 });
        yield { name: run_run/* nameOf */.Vb.chunk(delivery, index), parts, size, sha256 };
    }
}
async function sendInjector({ client, signal }, delivery, { architecture, binary }) {
    const name = run_run/* nameOf */.Vb.injector(delivery, architecture);
    const content = { name, binaryData: { [INJECTOR_KEY]: [binary] } };
    const spec = configMapOf(delivery, 'injector', content);
    await putConfigMap(client, spec, { signal });
}
async function sendCatalog({ client, signal }, delivery, { served }, parcel) {
    const own = catalogText(delivery.secret, served, [parcel]);
    const catalog = catalogWith(own, copiedCatalog(delivery.kept));
    const { catalogParts = 1 } = delivery;
    const puts = catalogPieces(catalog, catalogParts).map((piece, part) => {
        const name = run_run/* nameOf */.Vb.catalog(delivery, part);
        const content = { name, binaryData: { [CATALOG_KEY]: [piece] } };
        const spec = configMapOf(delivery, 'catalog', content);
        return putConfigMap(client, spec, { signal });
    });
    await Promise.all(puts);
}
//# sourceMappingURL=upload.js.map
;// CONCATENATED MODULE: ./out/src/main.js






















async function main() {
    const inputs = (0,host_inputs/* readInputs */.Ko)();
    const log = new Stages();
    const traffic = new Traffic();
    const deadline = (0,host_deadline/* startDeadline */.db)(inputs.timeout, () => log.underWay());
    try {
        const job = { inputs, log, traffic, signal: deadline.signal };
        if (inputs.command === 'delete') {
            return await deleteRelease(job);
        }
        const done = await inject(job);
        deadline.end();
        deadline.throwIfCancelled();
        await tellOutcome({ ...done, ...ended(log) });
    }
    catch (thrown) {
        const error = deadline.signal.aborted ? deadline.signal.reason : thrown;
        const failure = (0,errors/* sentenceOf */.$N)(error);
        await tellOutcome({
            ...{ failure, help: (0,troubleshooting/* helpFor */.VY)(failure), underWay: log.underWay(), sentBytes: traffic.soFar },
            ...ended(log),
        });
        throw error;
    }
    finally {
        deadline.end();
    }
}
const ended = ({ records: stages }) => ({ stages, milliseconds: performance.now() });
async function inject(job) {
    const ready = await prepare(job);
    try {
        const run = await open_open(ready);
        return await carryOut(ready, run).catch(async (error) => {
            await explain(ready, run);
            if (error instanceof lease/* ReleaseLost */.QB)
                await withdraw(ready, run).catch(() => undefined);
            throw error;
        });
    }
    finally {
        await closePrepared(ready);
    }
}
async function carryOut(ready, run) {
    let done;
    const work = async (signal) => {
        const rehearsed = await rehearseSparing({ ...ready, signal }, run);
        return await withRewriting(rehearsed, run, async () => {
            const routes = await chooseRoutes(rehearsed, run);
            const { configMapBytes, ...told } = await withSetbacks(rehearsed, run, async (job, delivery, proven) => {
                const uploaded = await upload(job, delivery);
                const registry = await serve(job, delivery, uploaded);
                const ways = await handOver(job, delivery, registry);
                const since = await takeOver(job, delivery);
                const proof = await prove_prove(job, delivery, { registry, uploaded, ways, proven }, routes);
                const published = await publish(job, run, proof.nodes);
                const held = await keep(job, delivery, { registry, uploaded, route: routes.now, since });
                return { configMapBytes: proof.configMapBytes, ...published, held };
            });
            done = told;
            return configMapBytes;
        });
    };
    await keepAlive(ready.client, run, work, ready.signal);
    await leave(ready, run);
    await awaitInjectors(ready);
    return done;
}
//# sourceMappingURL=main.js.map

/***/ }),

/***/ 6748:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   h: () => (/* binding */ deadRuns),
/* harmony export */   y: () => (/* binding */ isEarlierAttempt)
/* harmony export */ });
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3751);

function deadRuns({ leased, namespaces, withPolicy }, { now, workflow }) {
    const known = new Set(leased.map(({ id }) => id));
    const bare = namespaces
        .filter(({ id }) => !known.has(id))
        .map((place) => ({
        ...place,
        version: undefined,
        expires: place.created + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_0__/* .RUN_LEASE_SECONDS */ .fH * 1000,
    }));
    const ending = leased.filter(({ kept }) => kept === undefined);
    const over = [...ending, ...bare].filter((run) => run.expires <= now || isEarlierAttempt(run.workflow, workflow));
    const found = new Set([...known, ...over.map(({ id }) => id)]);
    const unleased = withPolicy.filter(({ id }) => !found.has(id));
    return [
        ...over.map(({ id, namespace, version }) => ({ id, namespace, ...(version && { version }) })),
        ...unleased.map(({ id, namespace }) => ({ id, namespace })),
    ];
}
function isEarlierAttempt(first, second) {
    const [one, other] = [first, second].map((url) => /^(.+\/attempts\/)(\d+)$/.exec(url ?? ''));
    return one?.[1] !== undefined && one[1] === other?.[1] && Number(one[2]) < Number(other[2]);
}
//# sourceMappingURL=dead-runs.js.map

/***/ }),

/***/ 2080:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   L: () => (/* binding */ runsElsewhere),
/* harmony export */   findOtherRuns: () => (/* binding */ findOtherRuns),
/* harmony export */   removeDeadRuns: () => (/* binding */ removeDeadRuns)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(773);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3751);
/* harmony import */ var _lib_slots_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(1536);
/* harmony import */ var _dead_runs_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6748);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4385);
/* harmony import */ var _namespace_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(234);
/* harmony import */ var _release_lease_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(3595);
/* harmony import */ var _removal_policy_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(3012);
/* harmony import */ var _remove_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(8295);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(182);












async function findOtherRuns(client, run, signal) {
    const everywhere = (0,_run_js__WEBPACK_IMPORTED_MODULE_9__/* .ownsNamespace */ .$I)(run);
    const [namespaces, withPolicy] = await (0,_lib_slots_js__WEBPACK_IMPORTED_MODULE_10__/* .settled */ .gu)([
        everywhere ? (0,_namespace_js__WEBPACK_IMPORTED_MODULE_5__/* .otherNamespaces */ .LP)(client, run.id, signal) : [],
        (0,_removal_policy_js__WEBPACK_IMPORTED_MODULE_7__/* .runsWithPolicy */ .p)(client, signal),
    ]);
    const all = await (0,_lease_js__WEBPACK_IMPORTED_MODULE_4__/* .leasedRuns */ .Lb)(client, everywhere ? undefined : run.namespace, signal);
    const leased = all.filter(({ id }) => id !== run.id);
    const asking = { now: client.now(), workflow: run.workflow };
    const judged = withPolicy.filter(({ id, namespace }) => id !== run.id && (everywhere || namespace === run.namespace));
    const dead = (0,_dead_runs_js__WEBPACK_IMPORTED_MODULE_3__/* .deadRuns */ .h)({ leased, namespaces, withPolicy: judged }, asking);
    const over = new Set(dead.map(({ id }) => id));
    const own = all.find(({ id }) => id === run.id);
    const alive = leased.filter(({ id, expires }) => !over.has(id) && expires > asking.now);
    return { own, alive, dead };
}
async function runsElsewhere(client, run, signal) {
    if ((0,_run_js__WEBPACK_IMPORTED_MODULE_9__/* .ownsNamespace */ .$I)(run)) {
        return [];
    }
    const all = (await (0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .ifAnswered */ .nH)((0,_lease_js__WEBPACK_IMPORTED_MODULE_4__/* .leasedRuns */ .Lb)(client, undefined, signal), signal)) ?? [];
    const now = client.now();
    return all.filter(({ namespace, expires }) => namespace !== run.namespace && expires > now);
}
async function removeDeadRuns(client, dead, warn, signal, phaseSeconds = _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .REMOVE_DEAD_PHASE_SECONDS */ .aF) {
    const end = performance.now() + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .REMOVE_DEAD_SECONDS */ .KH * 1000;
    const remove = async (run) => {
        try {
            if (performance.now() > end) {
                throw new _lib_errors_js__WEBPACK_IMPORTED_MODULE_11__/* .ActionError */ .lZ('There was no time for it.');
            }
            const { version } = run;
            if (version !== undefined && !(await (0,_release_lease_js__WEBPACK_IMPORTED_MODULE_6__/* .takeForRemoval */ .d$)(client, run, version, signal))) {
                return;
            }
            await (0,_remove_js__WEBPACK_IMPORTED_MODULE_8__.removeRun)(client, run, signal, phaseSeconds);
        }
        catch (error) {
            signal.throwIfAborted();
            warn(`What the dead run ${run.id} left in the namespace "${run.namespace}" could not be removed: ${(0,_lib_errors_js__WEBPACK_IMPORTED_MODULE_11__/* .sentenceOf */ .$N)(error)} The next run tries again.`);
        }
    };
    await (0,_lib_slots_js__WEBPACK_IMPORTED_MODULE_10__/* .eachOf */ .pQ)(dead, _lib_limits_kube_js__WEBPACK_IMPORTED_MODULE_1__/* .DELETE_CONCURRENCY */ .S9, signal, remove);
}
//# sourceMappingURL=other-runs.js.map

/***/ }),

/***/ 3595:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   PH: () => (/* binding */ untilRemoved),
/* harmony export */   UF: () => (/* binding */ putInUse),
/* harmony export */   XI: () => (/* binding */ takeRelease),
/* harmony export */   d$: () => (/* binding */ takeForRemoval),
/* harmony export */   leaveRelease: () => (/* binding */ leaveRelease),
/* harmony export */   yX: () => (/* binding */ inOtherHands)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _kube_retry_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3481);
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3751);
/* harmony import */ var _lib_waiting_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4686);
/* harmony import */ var _dead_runs_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6748);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4385);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(182);








async function takeRelease(client, run, configMapBytes, signal) {
    const path = (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .leasePath */ .U8)(run);
    const lease = await client.find(path, { signal });
    if (lease === undefined) {
        return undefined;
    }
    const { created: since = 0, expires = 0, holder, workflow, kept } = (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .leasedRunOf */ .vL)(lease) ?? {};
    const isDead = expires <= client.now() || (holder !== REMOVER && (0,_dead_runs_js__WEBPACK_IMPORTED_MODULE_4__/* .isEarlierAttempt */ .y)(workflow, run.workflow));
    if (holder !== undefined && !isDead) {
        throw inOtherHands(run, workflow);
    }
    const { resourceVersion, annotations = {} } = lease.metadata ?? {};
    const firstDelivery = Number(annotations[_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .DELIVERIES_ANNOTATION */ .nU] ?? 0) + 1;
    const now = (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .microTime */ .Sx)(client.now());
    const patch = {
        metadata: {
            resourceVersion,
            annotations: {
                [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .CONFIGMAP_BYTES_ANNOTATION */ .xI]: String(configMapBytes),
                [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .WORKFLOW_ANNOTATION */ .iy]: run.workflow ?? null,
                [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .DELIVERIES_ANNOTATION */ .nU]: String(firstDelivery + _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .DELIVERIES_PER_STEP_MAX */ .H$ - 1),
            },
        },
        spec: {
            holderIdentity: run.holder,
            acquireTime: now,
            renewTime: now,
            leaseDurationSeconds: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .RUN_LEASE_SECONDS */ .fH,
        },
    };
    const taken = await client.patch(path, patch, { signal }).catch(async (error) => {
        if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict'))
            throw error;
        const now = await client.get(path, { signal });
        if (now.spec?.holderIdentity === run.holder)
            return now;
        throw inOtherHands(run);
    });
    const secret = annotations[_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .PATH_ANNOTATION */ .Qw] ?? run.secret;
    const route = annotations[_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .ROUTE_ANNOTATION */ .Wb];
    return { owner: (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .ownerOf */ .bf)(taken), secret, firstDelivery, kept, since, route };
}
function inOtherHands({ release }, workflow) {
    const who = workflow === undefined ? '' : ` (${workflow})`;
    return new _lib_errors_js__WEBPACK_IMPORTED_MODULE_7__/* .ActionError */ .lZ(`Another step is replacing the release "${release}" right now${who}; run this one when that has ended, or have the workflow's \`concurrency\` see to it.`);
}
async function putInUse(client, run, { delivery, route }, signal) {
    const annotations = { [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .KEPT_ANNOTATION */ .dL]: String(delivery), [_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .ROUTE_ANNOTATION */ .Wb]: route };
    const patch = () => ({
        metadata: { annotations },
        spec: { renewTime: (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .microTime */ .Sx)(client.now()) },
    });
    if (!(await (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .patchAsHolder */ .Lk)(client, run, patch, { signal }))) {
        throw (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .takenOver */ .GH)(run);
    }
}
async function leaveRelease(client, run, signal) {
    await (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .patchAsHolder */ .Lk)(client, run, () => ({ spec: { holderIdentity: null } }), { signal });
}
const REMOVER = `${_run_js__WEBPACK_IMPORTED_MODULE_6__/* .MANAGED_BY */ .Kf}-removal`;
async function takeForRemoval(client, run, version, signal) {
    const patch = {
        metadata: { resourceVersion: version },
        spec: {
            holderIdentity: REMOVER,
            renewTime: (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .microTime */ .Sx)(client.now()),
            leaseDurationSeconds: _lib_limits_run_js__WEBPACK_IMPORTED_MODULE_2__/* .CLEANUP_TIMEOUT_SECONDS */ .Hr,
        },
    };
    try {
        await client.patch((0,_lease_js__WEBPACK_IMPORTED_MODULE_5__/* .leasePath */ .U8)(run), patch, { signal });
        return true;
    }
    catch (error) {
        if ((0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict', 'not-found'))
            return false;
        throw error;
    }
}
async function untilRemoved(client, run, signal) {
    for (let attempts = 1;; attempts++) {
        const { holder, expires = 0 } = (await (0,_lease_js__WEBPACK_IMPORTED_MODULE_5__.leasedRun)(client, run, signal)) ?? {};
        if (holder !== REMOVER || expires <= client.now())
            return;
        await (0,_lib_waiting_js__WEBPACK_IMPORTED_MODULE_3__/* .rest */ .zs)((0,_kube_retry_js__WEBPACK_IMPORTED_MODULE_1__/* .backoff */ .J)(attempts), signal);
    }
}
//# sourceMappingURL=lease.js.map

/***/ }),

/***/ 8721:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   AX: () => (/* binding */ pointService),
/* harmony export */   Fv: () => (/* binding */ registryOf),
/* harmony export */   returnTo: () => (/* binding */ returnTo),
/* harmony export */   ti: () => (/* binding */ settleService)
/* harmony export */ });
/* harmony import */ var _kube_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5077);
/* harmony import */ var _kube_pods_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9915);
/* harmony import */ var _kube_watch_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4484);
/* harmony import */ var _lib_heard_within_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6541);
/* harmony import */ var _lease_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4385);
/* harmony import */ var _remove_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8295);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(182);







async function pointService(client, run, delivery, signal) {
    const spec = { selector: registryOf({ ...run, delivery }), publishNotReadyAddresses: true };
    await writeService(client, run, spec, signal);
}
async function settleService(client, run, delivery, signal, patienceSeconds = 0) {
    const selector = registryOf({ ...run, delivery });
    const isReady = await isReadyWithin(client, { ...run, delivery }, patienceSeconds, signal);
    await writeService(client, run, { selector, publishNotReadyAddresses: !isReady }, signal);
}
async function isReadyWithin(client, place, seconds, signal) {
    const path = _kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.pods(place.namespace);
    const query = { labelSelector: (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .ofDelivery */ .M$)(place, 'registry') };
    const { items } = await client.list(path, { query, signal });
    if (items.some(isReady) || seconds === 0) {
        return items.some(isReady);
    }
    const late = (0,_lib_heard_within_js__WEBPACK_IMPORTED_MODULE_6__/* .heardWithin */ .Y)(seconds * 1000);
    const options = { query, signal: AbortSignal.any([signal, late]) };
    try {
        await (0,_kube_watch_js__WEBPACK_IMPORTED_MODULE_2__/* .waitUntil */ .a0)(client, path, (pods) => [...pods.values()].some(isReady), options);
        return true;
    }
    catch (error) {
        signal.throwIfAborted();
        if (!late.aborted)
            throw error;
        return false;
    }
}
const isReady = ({ metadata, status }) => metadata?.deletionTimestamp === undefined &&
    status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
async function writeService(client, run, spec, signal) {
    const path = `${_kube_pods_js__WEBPACK_IMPORTED_MODULE_1__/* .collection */ .r.services(run.namespace)}/${_run_js__WEBPACK_IMPORTED_MODULE_5__/* .nameOf */ .Vb.service(run.id)}`;
    for (;;) {
        const { metadata } = await client.get(path, { signal });
        await (0,_lease_js__WEBPACK_IMPORTED_MODULE_3__/* .expectHeld */ .rg)(client, run, signal);
        const { resourceVersion } = metadata ?? {};
        try {
            await client.patch(path, { metadata: { resourceVersion }, spec }, { signal });
            return;
        }
        catch (error) {
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'conflict'))
                throw error;
        }
    }
}
function registryOf({ id, delivery, }) {
    return { ...(0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .labelsOf */ .PC)(id, 'registry'), [_run_js__WEBPACK_IMPORTED_MODULE_5__/* .DELIVERY_LABEL */ .wr]: String(delivery) };
}
async function returnTo(client, run, { kept, last }, signal) {
    if (kept !== undefined) {
        await settleService(client, run, kept, signal).catch((error) => {
            if (!(0,_kube_error_js__WEBPACK_IMPORTED_MODULE_0__/* .isFault */ .Zh)(error, 'not-found'))
                throw error;
        });
    }
    const selector = kept === undefined ? (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .selectorOf */ .Bk)(run.id) : (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .otherDeliveries */ .lq)(run.id, kept);
    await (0,_remove_js__WEBPACK_IMPORTED_MODULE_4__/* .clearDeliveries */ .uV)(client, { ...run, selector }, signal);
    if (kept === undefined || (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .firstOfStep */ .Gl)(kept) !== (0,_run_js__WEBPACK_IMPORTED_MODULE_5__/* .firstOfStep */ .Gl)(last)) {
        await (0,_remove_js__WEBPACK_IMPORTED_MODULE_4__/* .removeTokenOf */ .fs)(client, run, last, signal);
    }
}
//# sourceMappingURL=service.js.map

/***/ })

};
