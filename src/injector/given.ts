import { join } from 'node:path';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { readRegularFile } from '../lib/files/regular-file.js';
import type { Architecture } from './elf.js';
import { fileOf } from './release.js';
import { faultOf } from './verify.js';

/**
 * The binary for an architecture from the directory that the input `injector` names. Throws an
 * ActionError when there is none, or one that these sources do not give.
 */
export async function readGiven(
  directory: string,
  architecture: Architecture,
  sources: string,
): Promise<Buffer> {
  const file = join(directory, fileOf(architecture));
  const binary = await readRegularFile(file).catch((cause) => {
    throw new ActionError(
      `The input \`injector\` gives no binary for nodes of ${architecture}: ${file} cannot be read (${sentenceOf(cause)}); give a directory with ${fileOf(architecture)} of the release that the step uses.`,
      { cause },
    );
  });
  const fault = faultOf(binary, architecture, sources);
  if (fault !== undefined) {
    throw new ActionError(
      `The file ${file} of the input \`injector\` is not the injector of this action: ${fault}; give ${fileOf(architecture)} of the release that the step uses.`,
    );
  }
  return binary;
}
