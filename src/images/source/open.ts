import { stat } from 'node:fs/promises';
import { ActionError } from '../../lib/errors.js';
import { encodingOf } from '../bytes/compression.js';
import { fileContent, piecesOf, readStart } from '../bytes/content.js';
import { unfolded } from '../bytes/unfold.js';
import type { Line } from '../lines.js';
import type { Reading } from '../reading.js';
import { openArchive, type Tree } from './archive.js';
import { spoolArchive } from './archive-stream.js';
import { openDirectory } from './directory.js';

/**
 * Opens the archive or directory that a line names: in place where that is possible, through the
 * temporary copy when the archive as a whole is compressed. What it is, its content says; a transport
 * that says otherwise is refused with an ActionError.
 */
export async function openSource(line: Line, reading: Reading): Promise<Tree> {
  const path = line.location;
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const missing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
    throw new ActionError(
      missing
        ? `There is no file or directory ${path}; give a path that an earlier step wrote.`
        : `The path ${path} cannot be read; check its permissions.`,
      { cause },
    );
  });
  if (found.isDirectory()) {
    if (line.transport !== 'docker-archive' && line.transport !== 'oci-archive')
      return openDirectory(path);
    throw new ActionError(
      `"${line.given}" says archive but ${path} is a directory; write oci:${path}.`,
    );
  }
  if (!found.isFile())
    throw new ActionError(
      `The path ${path} is neither a file nor a directory; write the archive to a file.`,
    );
  if (line.transport === 'oci') {
    throw new ActionError(
      `"${line.given}" says layout but ${path} is a file; write oci-archive:${path}.`,
    );
  }
  return openFile(path, found.size, reading);
}

async function openFile(path: string, size: number, reading: Reading): Promise<Tree> {
  const content = fileContent(path, 0, size);
  const start = await readStart(content, 4).catch((cause: unknown) => {
    throw new ActionError(`The archive ${path} cannot be read; check its permissions.`, { cause });
  });
  const encoding = encodingOf(start);
  if (encoding === 'none') return openArchive(path);
  const spooling = reading.spooling(`The archive ${path}`);
  return spoolArchive(unfolded(piecesOf(content), encoding), spooling);
}
