import { readInputs } from '../host/inputs.js';
import { KeptRun } from '../host/kept-runs.js';
import { takePlaceOfRunner, warning } from '../host/runner.js';
import type { CleanupFacts } from '../host/state.js';
import { sentenceOf } from '../lib/errors.js';
import { type CommandContext, connectionOf, hostFor } from './context.js';
import { print } from './print.js';
import { leftover, takeAway } from './remove.js';
import { endBySignals } from './signals.js';
import { usageOf } from './usage.js';

/**
 * Injects, and leaves the run in the cluster until it is removed; what that takes is kept in a file of this user's. What
 * fails or is cancelled is removed at once. Prints the outputs as JSON, without which nobody would have use for the images.
 * Throws what the job throws, an ActionError where the outputs cannot be printed, and a UsageError for a value that cannot be.
 */
export async function inject(context: CommandContext): Promise<void> {
  const { inputs } = context.asked;
  const kept = KeptRun.begin(connectionOf(inputs));
  const shell = hostFor(context, inputs, kept);
  takePlaceOfRunner(shell);
  usageOf(readInputs);
  endBySignals(() => kept.facts && leftover(kept.facts));
  try {
    const { main } = await import('../main.js');
    await main();
    await print(outputText(shell.outputs, kept.facts as CleanupFacts));
    kept.finish();
  } catch (error) {
    await removeFailed(kept);
    throw error;
  }
}

/** Deletes a release. Throws what that throws, and a UsageError for a value that cannot be. */
export async function deleteRelease(context: CommandContext): Promise<void> {
  const { inputs } = context.asked;
  takePlaceOfRunner(hostFor(context, inputs, KeptRun.begin(connectionOf(inputs))));
  usageOf(readInputs);
  const left = 'The release may be left in part; the same command again takes the rest away.';
  endBySignals(() => left, `Cancelled. ${left}`);
  const { main } = await import('../main.js');
  await main();
}

/** Takes away what a failure has left; that it failed is what matters, so trouble here is a warning. */
async function removeFailed(kept: KeptRun): Promise<void> {
  try {
    if (kept.facts !== undefined) await takeAway(kept, true);
  } catch (error) {
    warning(`${sentenceOf(error)} ${leftover(kept.facts as CleanupFacts)}`);
  }
}

/**
 * The outputs as one JSON object, in which those that are JSON themselves are no text but what they say, and the run,
 * by which it can be removed.
 */
function outputText(
  outputs: Readonly<Record<string, string>>,
  { id, namespace }: CleanupFacts,
): string {
  const values = Object.entries(outputs).map(([name, text]) => [
    name,
    text.startsWith('{') ? JSON.parse(text) : text,
  ]);
  return `${JSON.stringify({ run: id, namespace, ...Object.fromEntries(values) }, null, 2)}\n`;
}
