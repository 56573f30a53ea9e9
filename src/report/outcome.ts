import { appendSummary } from '../host/runner.js';
import { NODES_NAMED_MAX } from '../lib/limits/run.js';
import { SUMMARY_MAX_BYTES } from '../lib/limits/runner.js';
import { counted, enumerated } from '../lib/sentences.js';
import { codeOf, fitting, inert, rowOf, sentenceAsMarkdown } from './markdown.js';
import { inMegabytes, inSeconds, type StageRecord } from './stages.js';
import { speedOf, TRAFFIC_NODES_MAX, type Travelled } from './traffic.js';

/** One image as it lies in the cluster now. */
export interface InjectedImage {
  readonly given: string;
  /** Name and tag as Docker shows them: `acme/web:1`, `ghcr.io/acme/web:1`. */
  readonly name: string;
  readonly pullable: string;
  readonly digest: string;
  /** True when the source has this digest too. */
  readonly digestKept: boolean;
  readonly platforms: readonly string[];
  /** Bytes of its manifests, configs and layers. */
  readonly bytes: number;
}

/** What the step has to tell when it ends, well or not. */
export interface Outcome {
  readonly images: readonly InjectedImage[];
  readonly nodes: readonly string[];
  readonly stages: readonly StageRecord[];
  /** What travelled, when the step went well. */
  readonly travelled?: Travelled;
  /** What a release holds, when the images are to stay. */
  readonly held?: string | undefined;
  /** One sentence, when the step failed. */
  readonly failure?: string;
}

/** Why a digest is not one that the user knows. */
const DIGEST_OURS =
  'A digest "made here" is of a manifest that was written here, since the source (Docker\'s classic image store, podman\'s socket, a docker-archive) keeps none. A registry that the image is pushed to will show another.';

/** Part of the summary that a failure may take; the images have the rest. */
const FAILURE_MAX_CHARACTERS = SUMMARY_MAX_BYTES / 16;
/** Bytes of the line that says what is left out, and more. */
const LEFT_OUT_BYTES = 256;

/**
 * Appends the job summary as GitHub-flavoured Markdown; without a summary file it does nothing. It
 * never throws: a summary that cannot be written is a warning.
 */
export async function writeSummary(outcome: Outcome): Promise<void> {
  await appendSummary(summaryOf(outcome));
}

/**
 * The job summary: what went wrong, if anything; the images; where the time went. It is never larger
 * than a runner takes: rows of images that are too many are counted instead.
 */
export function summaryOf({ images, nodes, stages, travelled, held, failure }: Outcome): string {
  const before = ['### Jackal Inject', ''];
  const after = [...(travelled ? trafficTable(travelled, images) : []), ...stageTable(stages)];
  if (failure !== undefined) {
    return textOf([
      ...before,
      `**Failed.** ${sentenceAsMarkdown(shortened(failure))}`,
      '',
      ...after,
    ]);
  }
  before.push(headline(images, nodes), '');
  if (held !== undefined) before.push(`The release ${inert(held)}.`, '');
  if (images.some(({ digestKept }) => !digestKept)) after.unshift(DIGEST_OURS, '');
  const taken = Buffer.byteLength(textOf([...before, ...after]));
  return textOf([...before, ...imageTable(images, SUMMARY_MAX_BYTES - taken), ...after]);
}

/** Such as `2 images on 2 nodes, each pulled, unpacked and run: one, two.` */
function headline(images: readonly InjectedImage[], nodes: readonly string[]): string {
  const names = enumerated(nodes.map(inert), NODES_NAMED_MAX);
  return `${counted(images.length, 'image')} on ${counted(nodes.length, 'node')}, each pulled, unpacked and run: ${names}.`;
}

function imageTable(images: readonly InjectedImage[], maxBytes: number): string[] {
  const head = [
    '| image | as given | reference in the cluster | digest | platforms | size |',
    '|---|---|---|---|---|---:|',
  ];
  const room = maxBytes - Buffer.byteLength(textOf(head)) - LEFT_OUT_BYTES;
  const rows = fitting(images.map(imageRow), room);
  const left = images.length - rows.length;
  const rest =
    left > 0
      ? [`Of ${counted(left, 'more image')} the log and the output \`images\` tell.`, '']
      : [];
  return [...head, ...rows, '', ...rest];
}

function imageRow(image: InjectedImage): string {
  return rowOf([
    codeOf(image.name),
    codeOf(image.given),
    codeOf(image.pullable),
    image.digestKept ? "the source's" : 'made here',
    inert(image.platforms.join(', ')),
    inMegabytes(image.bytes),
  ]);
}

function stageTable(stages: readonly StageRecord[]): string[] {
  const rows = stages.map(({ title, duration, bytes }) =>
    rowOf([title, inSeconds(duration), bytes === undefined ? '' : inMegabytes(bytes)]),
  );
  return ['| stage | time | bytes |', '|---|---:|---:|', ...rows];
}

/** What the images have, what was sent of it and how, and for some nodes what they had. */
function trafficTable(travelled: Travelled, images: readonly InjectedImage[]): string[] {
  const { carrier, way, sentBytes, nodes } = travelled;
  const bytes = images.reduce((sum, image) => sum + image.bytes, 0);
  const by = { configmap: 'ConfigMaps', stream: 'stream', courier: 'ConfigMaps, couriers' };
  const how = [by[carrier], way?.words].filter(Boolean).join(', ');
  const rows = nodes
    .slice(0, TRAFFIC_NODES_MAX)
    .map(({ node, pulledBytes, hadBytes }) =>
      rowOf([inert(node), inMegabytes(pulledBytes), inMegabytes(hadBytes)]),
    );
  const table = ['| node | pulled | had |', '|---|---:|---:|', ...rows, ''];
  const what = `What ${rows.length} of ${counted(nodes.length, 'node')} pulled and had`;
  const isLong = rows.length > NODES_NAMED_MAX;
  const told = isLong
    ? ['<details>', `<summary>${what}</summary>`, '', ...table, '</details>', '']
    : table;
  return [
    '| images | sent | way | speed |',
    '|---:|---:|---|---:|',
    rowOf([inMegabytes(bytes), inMegabytes(sentBytes), how, speedOf(travelled)]),
    '',
    ...(rows.length > 0 ? told : []),
  ];
}

const textOf = (lines: readonly string[]) => `${lines.join('\n')}\n`;

function shortened(text: string): string {
  return text.length > FAILURE_MAX_CHARACTERS ? `${text.slice(0, FAILURE_MAX_CHARACTERS)}…` : text;
}
