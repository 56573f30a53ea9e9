import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pauseImage } from '../../cluster/build/build.js';
import { ARCHITECTURE, injectorBinary } from '../../helpers/injector-binary.js';
import { dockerArchive, sha256, tarOf, writeTar } from '../../unit/images/fixtures.js';

/**
 * Writes an archive of an image that nobody has, and returns its path: `/injector` ends at once (`probe`) or stays
 * (`hold`), and what the image starts by itself stays, whatever its arguments.
 */
export async function writeProgramImage(directory: string, name: string): Promise<string> {
  const [injector, pause] = [await injectorBinary(), join(await pauseImage(), 'pause')];
  const layer = tarOf([
    { path: 'injector', bytes: await readFile(injector), mode: 0o755 },
    { path: 'pause', bytes: await readFile(pause), mode: 0o755 },
    { path: 'unique', bytes: randomBytes(1000) },
  ]);
  const config = {
    ...{ os: 'linux', architecture: ARCHITECTURE },
    config: { Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  };
  const entries = dockerArchive(null, [layer], Buffer.from(JSON.stringify(config)));
  return await writeTar(directory, entries, `${name}.tar`);
}
