import { appendSummary, info, setOutput } from '../host/runner.js';
import { inMegabytes, inSeconds, type StageRecord } from './stages.js';

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
  /** One sentence, when the step failed. */
  readonly failure?: string;
}

/** Lines whose images stand under their names, too: patterns, and `PATH as NAME`. */
const NAMES_COUNT = /[*?[{]|\sas\s/;

/**
 * The `images` output: as given → what a manifest should say. A line that names several images cannot
 * stand for one of them: those stand under name and tag instead. Where all of them are one image under
 * several names, or the line is a pattern or renames, both are there.
 */
export function imagesOutput(images: readonly InjectedImage[]): string {
  const pullables: Record<string, string> = {};
  for (const [given, group] of Map.groupBy(images, (image) => image.given)) {
    const [first] = group;
    if (new Set(group.map(({ digest }) => digest)).size === 1 && first !== undefined) {
      pullables[given] = first.pullable;
    }
    if (new Set(group.map(({ name }) => name)).size === 1 && !NAMES_COUNT.test(given)) {
      continue;
    }
    for (const { name, pullable } of group) pullables[name] = pullable;
  }
  return JSON.stringify(pullables);
}

/** Why a digest is not one that the user knows. */
const DIGEST_OURS =
  'A digest "made here" is of a manifest that was written here, since the source (Docker\'s classic image store, podman\'s socket, a docker-archive) keeps none.';

/** Sets the step's outputs, and tells them in the log. */
export function setOutputs(images: readonly InjectedImage[], registry: string): void {
  for (const { name, pullable, digestKept } of images) {
    info(`${name} is ${pullable} (digest ${digestKept ? "the source's" : 'made here'})`);
  }
  setOutput('images', imagesOutput(images));
  setOutput('registry', registry);
}

/** Appends the job summary as GitHub-flavoured Markdown; without a summary file it does nothing. */
export async function writeSummary(outcome: Outcome): Promise<void> {
  await appendSummary(summaryOf(outcome));
}

/** The job summary: what went wrong, if anything; the images; where the time went. */
export function summaryOf({ images, nodes, stages, failure }: Outcome): string {
  const lines = ['### Jackal Inject', ''];
  if (failure !== undefined) {
    lines.push(`**Failed.** ${escapeCell(failure)}`, '');
  } else {
    const count = `${images.length} image${images.length === 1 ? '' : 's'}`;
    const where = `${nodes.length} node${nodes.length === 1 ? '' : 's'}`;
    lines.push(`${count} on ${where}, each pulled, unpacked and run: ${nodes.join(', ')}.`, '');
    lines.push('| image | as given | reference in the cluster | digest | platforms | size |');
    lines.push('|---|---|---|---|---|---:|');
    for (const image of images) {
      const origin = image.digestKept ? "the source's" : 'made here';
      const cells = [
        escapeCell(image.name),
        escapeCell(image.given),
        `\`${image.pullable}\``,
        origin,
        image.platforms.join(', '),
        inMegabytes(image.bytes),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
    lines.push('');
    if (images.some(({ digestKept }) => !digestKept)) {
      lines.push(`${DIGEST_OURS} A registry that the image is pushed to will show another.`, '');
    }
  }
  lines.push('| stage | time | bytes |', '|---|---:|---:|');
  for (const { title, duration, bytes } of stages) {
    lines.push(
      `| ${title} | ${inSeconds(duration)} | ${bytes === undefined ? '' : inMegabytes(bytes)} |`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Text of the user's, made safe for a table cell. */
function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ');
}
