import { readFile, writeFile } from 'node:fs/promises';
import { ActionError, sentenceOf } from '../../../src/lib/errors.js';

/** inotify instances that one user may have at once, of all clusters together. */
const FILE = '/proc/sys/fs/inotify/max_user_instances';
/** For 16 clusters of two nodes: each has 29 (counted), of its kubelets, container runtimes and proxies. */
const ENOUGH = 1024;

/**
 * Lets the programs of many clusters watch files: all are one user's, and the kernel's own limit, 128, is met by the
 * fifth cluster, whose kubelet then ends with "too many open files". It is raised for as long as the machine runs, and
 * never lowered. Throws an ActionError where it cannot be.
 */
export async function makeRoomForWatches(log?: (line: string) => void): Promise<void> {
  const now = Number(await readFile(FILE, 'utf8'));
  if (now >= ENOUGH) return;
  try {
    await writeFile(FILE, `${ENOUGH}\n`);
    log?.(`fs.inotify.max_user_instances was ${now} and is ${ENOUGH} now.`);
  } catch (cause) {
    throw new ActionError(
      `The kernel lets one user have ${now} inotify instances (${FILE}), which are too few for several clusters, and that cannot be changed here: ${sentenceOf(cause)}.`,
      { cause },
    );
  }
}
