import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeOutputDirectory } from '../../host/output-directory.js';
import { info, setOutput, warning } from '../../host/runner.js';
import { ActionError } from '../../lib/errors.js';
import type { InjectedImage } from '../../report/outcome.js';
import { rendered } from '../../rewrite/manifests.js';
import { injectedNames } from '../../rewrite/names.js';
import { fileOutputs, type OutputFile, outputFiles } from '../../rewrite/output-files.js';
import type { PreparedJob } from '../job.js';

/**
 * Writes what later steps of the job rewrite names with, and the copies of the input `manifests`, and sets the outputs
 * that say where they are. Throws an ActionError where they cannot be written.
 */
export async function writeOutputFiles(
  { manifests: given }: Pick<PreparedJob, 'manifests'>,
  images: readonly InjectedImage[],
): Promise<void> {
  const names = injectedNames(images);
  const manifests = rendered(given, names);
  const directory = await makeOutputDirectory();
  const parts = { names, manifests, node: process.execPath, renderer: rendererEntry() };
  await Promise.all(outputFiles(directory, parts).map(write));
  for (const [name, value] of Object.entries(fileOutputs(directory, parts))) setOutput(name, value);
  info(`Post-renderer, plugin of Helm 4 and Kustomize component are in ${directory}.`);
  if (manifests.length === 0) return;
  const changed = manifests.filter((manifest) => manifest.changed).length;
  info(
    `${changed} of ${manifests.length} manifests name injected images; the copies are there, too.`,
  );
  if (changed === 0) {
    warning(
      'No file of the input `manifests` names an injected image; compare the names in them with the keys of the output `images`.',
    );
  }
}

async function write({ path, text, executable }: OutputFile): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx', mode: executable ? 0o700 : 0o600 });
  } catch (cause) {
    throw new ActionError(
      `The file ${path} of an output cannot be written; see that its disk is writable and not full.`,
      { cause },
    );
  }
}

/** The renderer lies in the bundle beside the script that runs. */
function rendererEntry(script = process.argv[1] ?? ''): string {
  return join(dirname(script), 'renderer', 'index.js');
}
