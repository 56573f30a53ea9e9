import { appendSummary, info } from '../host/runner.js';
import type { Sizes } from '../images/contents.js';
import { NODES_NAMED_MAX } from '../lib/limits/run.js';
import { SUMMARY_MAX_BYTES } from '../lib/limits/runner.js';
import { counted, enumerated } from '../lib/sentences.js';
import { codeOf, fitting, folded, inert, rowOf, sentenceAsMarkdown } from './markdown.js';
import type { Failure, InjectedImage, Outcome, Success } from './outcome.js';
import type { StageRecord } from './stages.js';
import { speedOf, TRAFFIC_NODES_MAX, type Travelled } from './traffic.js';
import { inMegabytes, inSeconds } from './units.js';

/** Why a digest is not one that the user knows. */
const DIGEST_OURS =
  'A digest "made here" is of a manifest that was written here, since the source (Docker\'s classic image store, podman\'s socket, a docker-archive) keeps none. A registry that the image is pushed to will show another.';

/** Part of the summary that a failure may take. */
const FAILURE_MAX_CHARACTERS = SUMMARY_MAX_BYTES / 16;
/** Bytes of the lines around two tables and of those that say what is left out, and more. */
const LEFT_OUT_BYTES = 1024;

/**
 * Tells how the step ended: appends the job summary as GitHub-flavoured Markdown, where the runner has one, and what
 * came of a step that went well is the last line of its log. It never throws: a summary that cannot be written is a
 * warning.
 */
export async function tellOutcome(outcome: Outcome): Promise<void> {
  await appendSummary(summaryOf(outcome));
  if (!('failure' in outcome)) info(headline(outcome));
}

/**
 * The job summary: in one line what came of it, then the images, and folded what only some want to know. It is never
 * larger than a runner takes: rows of images that are too many are counted instead.
 */
export function summaryOf(outcome: Outcome): string {
  return 'failure' in outcome ? failed(outcome) : succeeded(outcome);
}

function failed({ failure, help, underWay, sentBytes, milliseconds, stages }: Failure): string {
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

function succeeded(outcome: Success): string {
  const { images, nodes, stages, travelled, sizes, held } = outcome;
  const before = ['### Jackal Inject', '', `**${headline(outcome)}**`, ''];
  const names = enumerated(nodes.map(inert), NODES_NAMED_MAX);
  // Those that are not for the same platforms are not on the same nodes.
  const isEverywhere = new Set(images.map(({ platforms }) => platforms.toSorted().join())).size < 2;
  const where = isEverywhere ? names : `the nodes of its platforms among ${names}`;
  before.push(`Each was pulled, unpacked and run on ${where}.`, '');
  if (held !== undefined) before.push(`The release ${inert(held)}.`, '');
  const after = [...trafficTable(travelled, sizes), ...stageTable(stages)];
  const taken = Buffer.byteLength(textOf([...before, ...after]));
  return textOf([...before, ...imageTables(images, SUMMARY_MAX_BYTES - taken), ...after]);
}

/** Such as `2 images on 3 nodes in 8.21 s: 12.1 MB sent, 68.0 MB saved.` */
function headline({ images, nodes, travelled, sizes, milliseconds }: Success): string {
  const saved = savedBytes(travelled, sizes);
  const spared = saved > 0 ? `, ${inMegabytes(saved)} saved` : '';
  const what = `${counted(images.length, 'image')} on ${counted(nodes.length, 'node')}`;
  return `${what} in ${inSeconds(milliseconds)}: ${inMegabytes(travelled.sentBytes)} sent${spared}.`;
}

/**
 * What did not have to be sent: what the sources have, each content once, without what was sent of it. It was compressed
 * here, or the cluster had it. Below zero where that is less than what ConfigMaps take besides.
 */
export function savedBytes(
  { sentBytes, resentBytes }: Pick<Travelled, 'sentBytes' | 'resentBytes'>,
  { sourceBytes }: Sizes,
): number {
  return sourceBytes - (sentBytes - resentBytes);
}

/** What an image is, for everybody, and folded what it is called where. Each has half of the bytes at most. */
function imageTables(images: readonly InjectedImage[], maxBytes: number): string[] {
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

const rest = (left: number) =>
  left > 0 ? [`Of ${counted(left, 'more image')} the log and the output \`images\` tell.`, ''] : [];

const briefRow = ({ name, platforms, bytes }: InjectedImage) =>
  rowOf([codeOf(name), inert(platforms.join(', ')), inMegabytes(bytes)]);

const fullRow = ({ name, given, pullable, digestKept }: InjectedImage) =>
  rowOf([codeOf(name), codeOf(given), codeOf(pullable), digestKept ? "the source's" : 'made here']);

function stageTable(stages: readonly StageRecord[]): string[] {
  const rows = stages.map(({ title, duration, bytes, outcome }) =>
    rowOf([
      ...[title, inSeconds(duration), bytes === undefined ? '' : inMegabytes(bytes)],
      inert(outcome),
    ]),
  );
  const head = ['| stage | time | bytes | outcome |', '|---|---:|---:|---|'];
  return folded('Where the time went', [...head, ...rows, '']);
}

/** What the images have, what was sent of it and how, and for some nodes what they had. */
function trafficTable(travelled: Travelled, sizes: Sizes): string[] {
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
    ...shown.map(({ node, pulledBytes, hadBytes }) =>
      rowOf([inert(node), inMegabytes(pulledBytes), inMegabytes(hadBytes)]),
    ),
    ...(shown.length === 0 ? [] : ['']),
    ...(others > 0 ? [`${counted(others, 'more node')} not shown.`, ''] : []),
  ]);
}

const textOf = (lines: readonly string[]) => `${lines.join('\n')}\n`;

function shortened(text: string): string {
  return text.length > FAILURE_MAX_CHARACTERS ? `${text.slice(0, FAILURE_MAX_CHARACTERS)}…` : text;
}
