import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../cluster/command.js';
import { dockerEngine } from '../cluster/docker.js';
import { contentOf } from './content.js';

/** One form in which the image lies ready. */
export interface Source {
  /** What it is called in figures. */
  readonly what: string;
  /** Its name as the `images` input and skopeo both write it. */
  readonly line: string;
  /** Whether its layers are compressed already. */
  readonly compressed: boolean;
  /** Address of the daemon that has it. */
  readonly daemon?: string;
}

/** The same image in every form. */
export interface Sources {
  readonly all: readonly Source[];
  /** Where they lie, and where there is room for more. */
  readonly directory: string;
  /** Environment for whoever reads them: it leads to the daemon. */
  readonly environment: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const FILE_BYTES = 4 * MIB;
/** Files of each layer: a large base and ever smaller additions, as most images are built. */
const FILES = [44, 30, 18, 11, 6, 4, 3, 2, 1, 1];

export const LAYERS = FILES.length;
/** Uncompressed bytes of all layers, without the headers of their tars. */
export const BYTES = FILES.reduce((sum, count) => sum + count, 0) * FILE_BYTES;

const NAME = 'jackal-inject-bench:1';

/**
 * Builds the image with a Docker engine of our own, which has the classic store, and writes it as
 * every other source: what `docker save` gives, and a layout with gzip layers, the usual ones.
 */
export async function makeSources(skopeo: string, log: (line: string) => void): Promise<Sources> {
  const engine = await dockerEngine({ own: true, log });
  const directory = await mkdtemp(join(tmpdir(), 'jackal-bench-images-'));
  const close = async () => {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const path = (name: string) => join(directory, name);
    const environment = { ...process.env, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0' };
    const docker = (...args: string[]) => run(engine.docker, args, { env: environment });
    const copy = (from: string, to: string) =>
      run(skopeo, ['--insecure-policy', '--tmpdir', directory, 'copy', '--quiet', from, to]);
    log('building the image');
    await writeContext(path('context'));
    await docker('build', '--quiet', '--tag', NAME, path('context'));
    await rm(path('context'), { recursive: true });
    await docker('save', '--output', path('save.tar'), NAME);
    await copy(`docker-archive:${path('save.tar')}`, `oci:${path('layout')}:1`);
    await copy(`oci:${path('layout')}:1`, `oci-archive:${path('layout.tar')}:1`);
    const line = { daemon: `docker-daemon:${NAME}`, archive: `docker-archive:${path('save.tar')}` };
    return {
      directory,
      environment,
      close,
      all: [
        { what: 'docker-daemon', line: line.daemon, compressed: false, daemon: engine.host },
        { what: 'docker-archive', line: line.archive, compressed: false },
        { what: 'oci', line: `oci:${path('layout')}:1`, compressed: true },
        { what: 'oci-archive', line: `oci-archive:${path('layout.tar')}:1`, compressed: true },
      ],
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A Dockerfile with one COPY for each layer, and the files. */
async function writeContext(directory: string): Promise<void> {
  const next = contentOf('jackal-inject');
  for (const [layer, count] of FILES.entries()) {
    await mkdir(join(directory, `${layer}`), { recursive: true });
    for (let file = 0; file < count; file++)
      await writeFile(join(directory, `${layer}`, `${file}`), next(FILE_BYTES));
  }
  const copies = FILES.map((_, layer) => `COPY ${layer} /${layer}/`);
  await writeFile(join(directory, 'Dockerfile'), ['FROM scratch', ...copies, ''].join('\n'));
}
