import { ActionError } from '../../lib/errors.js';

/** Bytes that a pointer of Git LFS has at most (its specification: less than 1024). */
export const LFS_POINTER_MAX_BYTES = 1024;

const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/** Throws ActionError when what was read is a pointer of Git LFS in place of the file itself. */
export function refusePointer(start: Buffer, what: string): void {
  if (start.toString('latin1', 0, LFS_POINTER.length) !== LFS_POINTER) return;
  throw new ActionError(
    `${what} is a pointer of Git LFS and not the file itself; check out with "lfs: true" or run git lfs pull.`,
  );
}
