import { ActionError } from '../../lib/errors.js';

/** Directories at the top of a root file system (FHS 3.0, 3.2), which no image archive has. */
const ROOTS = new Set(
  'bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var'.split(' '),
);
/** Different ones of them that make a tar a file system. */
const ROOTS_LEAST = 3;

function topOf(path: string): string {
  return path.replace(/^(?:\.\/)+/, '').split('/')[0] ?? '';
}

/** True for the file that docker export puts at the top of what it writes. */
export function isExportMark(path: string): boolean {
  return topOf(path) === '.dockerenv';
}

/** True for a path as root file systems have them. */
export function isFileSystemPath(path: string): boolean {
  return ROOTS.has(topOf(path));
}

/** For a tar with the files of a container in place of an image. */
export function fileSystem(label: string): ActionError {
  return new ActionError(
    `${label} holds no image but the files of a container, as docker export writes them; write the image with docker save.`,
  );
}

/** True when these paths are those of a root file system. */
export function areOfFileSystem(paths: readonly string[]): boolean {
  return new Set(paths.filter(isFileSystemPath).map(topOf)).size >= ROOTS_LEAST;
}
