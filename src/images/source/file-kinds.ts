import { ActionError } from '../../lib/errors.js';
import { LFS_POINTER_MAX_BYTES, refusePointer } from '../bytes/lfs-pointer.js';

/** First bytes of a file that tell its kind. */
export const KIND_BYTES = 8;

/** Compressions that are not read here: their name, their first bytes, and what undoes them. */
const COMPRESSIONS: readonly (readonly [name: string, start: string, command: string])[] = [
  ['xz', 'fd377a585a00', 'xz -d'],
  ['bzip2', '425a68', 'bzip2 -d'],
  ['lz4', '04224d18', 'lz4 -d'],
  ['lzip', '4c5a4950', 'lzip -d'],
  ['compress', '1f9d', 'uncompress'],
];

/** Other archives: first bytes, and what to do. */
const ARCHIVES: readonly (readonly [start: string, words: string])[] = [
  ['504b0304', 'is a zip file; unpack it with unzip and give what is in it'],
  ['504b0506', 'is a zip file with nothing in it; check the step that writes it'],
  ['377abcaf271c', 'is a 7z file; unpack it with 7z x and give what is in it'],
];

const TEXTS: readonly (readonly [start: RegExp, words: string])[] = [
  [
    /^\s*<(?:!doctype|html|\?xml)/i,
    'is a web page and no archive; check the step that downloads it',
  ],
  [
    /^\s*[[{]/,
    'is JSON and no archive; give the directory of a layout, or what docker save, skopeo or buildx wrote',
  ],
  [
    /^#!\/usr\/bin\/env run-singularity/,
    'is an image of Singularity or Apptainer, which Kubernetes does not run; give what docker save, skopeo or buildx wrote',
  ],
];

/** Throws ActionError for a compression that is not read here. `what` names what is compressed. */
export function refuseOtherCompression(start: Buffer, what: string): void {
  const bytes = start.toString('hex', 0, KIND_BYTES);
  const found = COMPRESSIONS.find(([, first]) => bytes.startsWith(first));
  if (found === undefined) return;
  throw new ActionError(
    `${what} is compressed with ${found[0]}, which is not read here; unpack it with "${found[2]}" before this step, or compress it with gzip or zstd.`,
  );
}

/** Throws the ActionError for a file that is no tar archive, by its first bytes (512 are enough). */
export function refuseFile(start: Buffer, label: string): never {
  if (start.length === 0) {
    throw new ActionError(
      `${label} is empty and is not a tar archive; check the step that writes it.`,
    );
  }
  refuseOtherCompression(start, label);
  refusePointer(start.subarray(0, LFS_POINTER_MAX_BYTES), label);
  const bytes = start.toString('hex', 0, KIND_BYTES);
  const words =
    ARCHIVES.find(([first]) => bytes.startsWith(first))?.[1] ??
    TEXTS.find(([pattern]) => pattern.test(start.toString('latin1')))?.[1] ??
    'is not a tar archive; give the path of what docker save, skopeo or buildx wrote, or docker-daemon:NAME for an image of the Docker daemon that is called like this file';
  throw new ActionError(`${label} cannot be read as an image: it ${words}.`);
}
