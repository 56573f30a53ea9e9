import { fstatSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { ActionError, sentenceOf } from '../lib/errors.js';

/**
 * Writes what is for programs to standard output. Throws an ActionError where that has not taken all of it, as on a full
 * disk; a reader who has gone has what he wanted.
 */
export async function print(text: string): Promise<void> {
  const { stdout } = process;
  try {
    // Of what a disk takes in part alone, a stream of Node forgets the rest without a word.
    if (fstatSync(1).isFile()) writeFileSync(1, text);
    else await promisify<string, void>(stdout.write.bind(stdout))(text);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw new ActionError(
      `Standard output did not take what was to be printed (${sentenceOf(cause)}); see that its disk is writable and not full, and give the command again.`,
      { cause },
    );
  }
}
