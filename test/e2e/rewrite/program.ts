import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { injectorBinary } from '../../helpers/injector-binary.js';
import { docker, type Site } from '../../helpers/site.js';

/** An image as Docker Hub's own are named, whose container runs until it is told to end. */
export const SERVER = 'nginx-like:1.29';
/** The same under a registry's name that no node reaches. */
export const PRIVATE = 'registry.example.test/acme/web:ci';
/** Arguments with which a container ends well at once. */
export const END = ['probe'];

/** Builds the two images: any static program will do that waits, and the injector is one. */
export async function buildPrograms({ dockerHost }: Site, directory: string): Promise<void> {
  for (const tag of [SERVER, PRIVATE]) {
    await mkdir(directory, { recursive: true });
    await copyFile(await injectorBinary(), join(directory, 'server'));
    const lines = ['FROM scratch', 'COPY server /server', `LABEL name=${tag}`];
    await writeFile(
      join(directory, 'Dockerfile'),
      [...lines, 'ENTRYPOINT ["/server"]', 'CMD ["hold"]', ''].join('\n'),
    );
    await docker(dockerHost, 'build', '--quiet', '--tag', tag, directory);
    await rm(directory, { recursive: true });
  }
}
