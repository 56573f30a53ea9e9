import { info, setOutput } from '../host/runner.js';
import { ActionError } from '../lib/errors.js';
import { OUTPUTS_MAX_BYTES, SMALL_OUTPUTS_BYTES } from '../lib/limits/runner.js';
import { metadataOutput } from '../rewrite/metadata.js';
import type { InjectedImage } from './outcome.js';
import { inMegabytes } from './units.js';

/** Lines whose images stand under their names, too: patterns, and `PATH as NAME`. */
const NAMES_COUNT = /[*?[{]|\sas\s/;

/**
 * The images by the keys of the outputs `images` and `metadata`: as given. A line that names several images cannot
 * stand for one of them: those stand under name and tag instead. Where all of them are one image under
 * several names, or the line is a pattern or renames, both are there. What was given counts before another's name.
 */
function keyed(images: readonly InjectedImage[]): ReadonlyMap<string, InjectedImage> {
  const byKey = new Map<string, InjectedImage>();
  const asGiven = new Set<string>();
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
      if (!asGiven.has(image.name)) byKey.set(image.name, image);
    }
  }
  return byKey;
}

/** The outputs that grow with the images, and where they can be pulled. */
export interface Outputs {
  /** As given → what a manifest should say; JSON. */
  readonly images: string;
  /** The same keys → what a chart asks for; JSON. */
  readonly metadata: string;
  readonly registry: string;
}

/**
 * The step's outputs as the runner gets them. Throws an ActionError when they are more than GitHub
 * hands on from a job: it would drop them without a word, and half of the images would be no help.
 */
export function outputsOf(images: readonly InjectedImage[], registry: string): Outputs {
  const byKey = keyed(images);
  const pullables = [...byKey].map(([key, { pullable }]) => [key, pullable]);
  const outputs = {
    images: JSON.stringify(Object.fromEntries(pullables)),
    metadata: metadataOutput(byKey),
    registry,
  };
  const characters = Object.values(outputs).reduce((sum, { length }) => sum + length, 0);
  const bytes = 2 * characters + SMALL_OUTPUTS_BYTES;
  if (bytes > OUTPUTS_MAX_BYTES) {
    throw new ActionError(
      `The outputs \`images\` and \`metadata\` would have ${inMegabytes(bytes)} for ${images.length} images, and GitHub takes ${inMegabytes(OUTPUTS_MAX_BYTES)} (two bytes a character); name fewer images in one step.`,
    );
  }
  return outputs;
}

/** Sets the step's outputs, and tells the images in the log. Throws as `outputsOf` does. */
export function setOutputs(images: readonly InjectedImage[], registry: string): void {
  const outputs = outputsOf(images, registry);
  for (const { name, pullable, digestKept } of images) {
    info(`${name} is ${pullable} (digest ${digestKept ? "the source's" : 'made here'})`);
  }
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
}
