import * as core from '@actions/core';
import { inMegabytes, inSeconds, type StageRecord } from './stages.js';

/** One image as it lies in the cluster now. */
export interface InjectedImage {
  readonly given: string;
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

/** The `images` output: as given → what a manifest should say. */
export function imagesOutput(images: readonly InjectedImage[]): string {
  return JSON.stringify(Object.fromEntries(images.map(({ given, pullable }) => [given, pullable])));
}

/** Sets the step's outputs. */
export function setOutputs(images: readonly InjectedImage[], registry: string): void {
  core.setOutput('images', imagesOutput(images));
  core.setOutput('registry', registry);
}

/** Appends the job summary as GitHub-flavoured Markdown; without a summary file it does nothing. */
export async function writeSummary(outcome: Outcome): Promise<void> {
  if (process.env.GITHUB_STEP_SUMMARY) {
    await core.summary.addRaw(summaryOf(outcome)).write();
  }
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
    lines.push('| image | reference in the cluster | digest | platforms | size |');
    lines.push('|---|---|---|---|---:|');
    for (const image of images) {
      const origin = image.digestKept ? "the source's" : 'made here';
      const cells = [
        escapeCell(image.given),
        `\`${image.pullable}\``,
        origin,
        image.platforms.join(', '),
        inMegabytes(image.bytes),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
    lines.push('');
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
