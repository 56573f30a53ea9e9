import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connectDaemon } from '../../../src/images/daemon/daemon.js';
import { pauseImage } from '../../cluster/build/build.js';
import { run } from '../../cluster/command.js';
import { type DockerEngine, dockerEngine } from '../../cluster/docker.js';
import { tool } from '../../helpers/tools.js';
import { type Engine29, startEngine29 } from '../../integration/images/engine29.js';
import { contentOf } from '../content.js';

/**
 * Where an image lies before it is sent: in Docker's own store, in that of containerd, which is what engine 29 has unless
 * told otherwise, or in an OCI archive.
 */
export type Source = 'docker' | 'engine29' | 'archive';
export const SOURCES: readonly Source[] = ['docker', 'engine29', 'archive'];

/** The part of every name where a registry's address would stand. */
export const HOST = 'jackal.test';
const LAYERS = 10;
/** Bytes of one file; no layer is of fewer. */
const FILE_BYTES = 500_000;
const MB = 1e6;

/** An image that lies in one of the sources. */
export interface LoadImage {
  /** Its full name in the daemon and in the archive; nothing was ever called so. */
  readonly name: string;
  /** Path of the archive; nothing lies there where the source is the daemon. */
  readonly archive: string;
}

interface Descriptor {
  digest: string;
  size: number;
}

/**
 * Makes images with Docker engines of its own, one for each kind of store. All images of one content
 * have the same layers and each a config of its own: a kubelet remembers by the config which name an
 * image was pulled under, and lets no Pod have it under a name that it did not see pulled.
 */
export class Workshop {
  private made = 0;
  /** Value of DOCKER_HOST for the images that were made last. */
  host: string;
  private newer: Engine29 | undefined;
  private readonly images: LoadImage[] = [];
  /** Bytes of the last layer of the content that was made last, as its source has it. */
  lastLayer = 0;

  private constructor(
    readonly directory: string,
    private readonly classic: DockerEngine,
    /** Part of every name and of all content, so that neither was ever on a node. */
    private readonly seed: string,
  ) {
    this.host = classic.host;
  }

  static async open(log: (line: string) => void): Promise<Workshop> {
    const engine = await dockerEngine({ own: true, log });
    const directory = await mkdtemp(join(tmpdir(), 'jackal-bench-load-'));
    return new Workshop(directory, engine, Date.now().toString(36));
  }

  private path(name: string): string {
    return join(this.directory, name);
  }

  /** Runs the Docker command on their engine. */
  async docker(args: readonly string[], input = ''): Promise<void> {
    const env = { ...process.env, DOCKER_HOST: this.host, DOCKER_BUILDKIT: '0' };
    await run(this.classic.docker, args, { env, input });
  }

  private async hostOf(source: Source): Promise<string> {
    if (source !== 'engine29') return this.classic.host;
    this.newer ??= await startEngine29('containerd');
    return this.newer.host;
  }

  /** Makes images of one content, which there was not before: ten layers alike. */
  async make(count: number, megabytes: number, source: Source): Promise<LoadImage[]> {
    this.host = await this.hostOf(source);
    await rm(this.path('context'), { recursive: true, force: true });
    for (let layer = 0; layer < LAYERS; layer++) await this.fill(layer, megabytes);
    await copyFile(join(await pauseImage(), 'pause'), this.path('context/0/pause'));
    const copies = Array.from({ length: LAYERS }, (_, layer) => `COPY ${layer} /${layer}/`);
    const lines = ['FROM scratch', ...copies, 'ENTRYPOINT ["/0/pause"]', ''];
    await writeFile(this.path('context/Dockerfile'), lines.join('\n'));
    return await this.imagesOf(count, megabytes, source);
  }

  /**
   * Makes images of a content each, for runs of ours that come one after the other: what one of them has brought onto the
   * nodes the next takes to be there, for a minute, and asks for too late when somebody has removed it.
   */
  async makeApart(count: number, megabytes: number, source: Source): Promise<LoadImage[]> {
    const images: LoadImage[] = [];
    while (images.length < count) images.push(...(await this.make(1, megabytes, source)));
    return images;
  }

  /** Makes images of the content that was made last, but for their last layer. */
  async change(count: number, megabytes: number, source: Source): Promise<LoadImage[]> {
    await this.fill(LAYERS - 1, megabytes);
    return await this.imagesOf(count, megabytes, source);
  }

  /** Writes the files of one layer. */
  private async fill(layer: number, megabytes: number): Promise<void> {
    const directory = this.path(`context/${layer}`);
    await mkdir(directory, { recursive: true });
    const next = contentOf(`${this.seed}.${this.made}.${layer}`);
    const files = (megabytes * MB) / LAYERS / FILE_BYTES;
    for (let file = 0; file < files; file++)
      await writeFile(join(directory, `${file}`), next(FILE_BYTES));
  }

  private async imagesOf(count: number, megabytes: number, source: Source): Promise<LoadImage[]> {
    this.lastLayer = (megabytes * MB) / LAYERS;
    const images = Array.from({ length: count }, () => {
      const number = this.made++;
      return { name: `${HOST}/load:${this.seed}-${number}`, archive: this.path(`${number}.tar`) };
    });
    this.images.push(...images);
    const [first, ...others] = images as [LoadImage, ...LoadImage[]];
    await this.docker(['build', '--quiet', '--tag', first.name, this.path('context')]);
    if (source === 'archive') await this.writeArchives(images);
    else for (const { name } of others) await this.label(first.name, name);
    if (source === 'engine29') this.lastLayer = await this.lastStored(first.name);
    return images;
  }

  /** Bytes of an image's last layer in containerd's store, which has it compressed. */
  private async lastStored(name: string): Promise<number> {
    const daemon = connectDaemon({ DOCKER_HOST: this.host }, new AbortController().signal);
    const store = daemon.contents();
    try {
      const manifest = Readable.from(store.read((await daemon.inspect(name)).id, 0));
      const { layers } = JSON.parse(await text(manifest));
      return layers.at(-1).size;
    } finally {
      store.close();
    }
  }

  /** Makes an image of the layers of another one. */
  private async label(from: string, name: string): Promise<void> {
    await this.docker(['build', '--quiet', '--tag', name, '-'], `FROM ${from}\nLABEL n=${name}\n`);
  }

  /** Writes what the daemon has of the first one as OCI archives, with layers compressed by gzip. */
  private async writeArchives(images: readonly LoadImage[]): Promise<void> {
    const [{ name }] = images as [LoadImage];
    const [saved, layout] = [this.path('saved.tar'), this.path('layout')];
    await rm(layout, { recursive: true, force: true });
    await this.docker(['save', '--output', saved, name]);
    const form = ['--dest-compress-format', 'gzip', '--dest-compress-level', '1'];
    const options = ['--insecure-policy', '--tmpdir', this.directory, 'copy', '--quiet', ...form];
    await run(await tool('skopeo'), [...options, `docker-archive:${saved}`, `oci:${layout}:1`]);
    await rm(saved);
    for (const image of images) {
      await this.nameLayout(layout, image.name);
      await run('tar', ['-cf', image.archive, '-C', layout, '.']);
    }
  }

  /** Gives the one image of a layout a name, and a config that has it, too. */
  private async nameLayout(layout: string, name: string): Promise<void> {
    const file = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
    const read = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
    const store = async (of: Descriptor, content: object): Promise<Descriptor> => {
      const bytes = Buffer.from(JSON.stringify(content));
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      await rm(file(of.digest));
      await writeFile(file(digest), bytes);
      return { ...of, digest, size: bytes.length };
    };
    const index = await read(join(layout, 'index.json'));
    const [listed] = index.manifests as [Descriptor];
    const manifest = await read(file(listed.digest));
    const image = await read(file(manifest.config.digest));
    image.config.Labels = { n: name };
    manifest.config = await store(manifest.config, image);
    const annotations = { 'org.opencontainers.image.ref.name': name };
    index.manifests = [{ ...(await store(listed, manifest)), annotations }];
    await writeFile(join(layout, 'index.json'), JSON.stringify(index));
    this.lastLayer = manifest.layers.at(-1).size;
  }

  /** Removes all images from the daemon and the disk. */
  async clear(): Promise<void> {
    for (const { archive } of this.images.splice(0)) await rm(archive, { force: true });
    await this.docker(['image', 'prune', '--all', '--force']);
  }

  async close(): Promise<void> {
    await this.newer?.close();
    await this.classic.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
