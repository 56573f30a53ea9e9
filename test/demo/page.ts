import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../cluster/command.js';
import { REPOSITORY } from '../helpers/runner.js';

/** The demo's image, in the Docker daemon alone: no registry has it. */
export const PAGE_IMAGE = 'jackal.test/page:demo';

/** Bytes of the picture on the page: with the program, an image of about 10 MB. */
const PICTURE_BYTES = 4_000_000;

/** Compiles the page server and builds its image with `docker build`: two layers FROM scratch. */
export async function buildPage(dockerHost: string, signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'jackal-page-'));
  try {
    await cp(join(REPOSITORY, 'test/demo/page'), directory, { recursive: true });
    await mkdir(join(directory, 'page'));
    await writeFile(
      join(directory, 'page', 'index.html'),
      '<h1>Hello from an injected image</h1>\n',
    );
    await writeFile(join(directory, 'page', 'picture.bmp'), picture(PICTURE_BYTES));
    const build = ['build', '-trimpath', '-ldflags=-s -w', '-o', 'server', '.'];
    await run('go', build, { cwd: directory, env: { ...process.env, CGO_ENABLED: '0' }, signal });
    const env = { ...process.env, DOCKER_HOST: dockerHost, DOCKER_BUILDKIT: '0' };
    await run('docker', ['build', '--quiet', '--tag', PAGE_IMAGE, directory], { env, signal });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Pixels of a pattern that compresses about as badly as a photograph: a linear congruence. */
function picture(bytes: number): Buffer {
  const pixels = Buffer.allocUnsafe(bytes);
  for (let index = 0, seed = 1; index < bytes; index++) {
    seed = (Math.imul(seed, 1103515245) + 12345) | 0;
    pixels[index] = seed >>> 16;
  }
  return pixels;
}
