import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Reads a file that the user names. A named pipe or device is none: it may give nothing for ever, and
 * Node can neither end such a read nor exit meanwhile. Rejects with Node's error, or a code ENOTFILE.
 */
export async function readRegularFile(file: string): Promise<Buffer> {
  // Without O_NONBLOCK the opening of a pipe waits for somebody who writes.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) {
      throw Object.assign(new Error(`${file} is no regular file`), { code: 'ENOTFILE' });
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
