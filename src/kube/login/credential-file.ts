import { ActionError } from '../../lib/errors.js';
import { readRegularFile } from '../../lib/files/regular-file.js';

/**
 * What a kubeconfig's entry holds as `<field>-data`, base64, or names as the file `<field>`; undefined
 * when it has neither. Throws an ActionError when the file cannot be read.
 */
export async function fileOrData<Field extends string>(
  entry: { readonly [key in Field | `${Field}-data`]?: string },
  field: Field,
): Promise<Buffer | undefined> {
  const data: string | undefined = entry[`${field}-data` as const];
  if (data) {
    return Buffer.from(data, 'base64');
  }
  const file: string | undefined = entry[field];
  return file ? readCredentialFile(file, field) : undefined;
}

/** Reads a file that the kubeconfig names; `field` is the kubeconfig's word for it. Throws an ActionError. */
export async function readCredentialFile(file: string, field: string): Promise<Buffer> {
  try {
    return await readRegularFile(file);
  } catch (cause) {
    throw new ActionError(
      `The kubeconfig's ${field} names ${file}, which cannot be read; bring the file here or put its content into the kubeconfig.`,
      { cause },
    );
  }
}
