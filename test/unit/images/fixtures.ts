import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { ImageSet } from '../../../src/images/image.js';
import { type ReadOptions, readImages } from '../../../src/images/read.js';
import { type Entry, tarOf } from './tars.js';

export { type Entry, sealHeader, tarOf } from './tars.js';

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A layer with one file. */
export function layerOf(path: string, text: string): Buffer {
  return tarOf([{ path, bytes: Buffer.from(text) }]);
}

/** A config for uncompressed layers. */
export function configOf(
  layers: readonly Buffer[],
  platform = { os: 'linux', architecture: 'amd64' },
): Buffer {
  const diff_ids = layers.map((layer) => `sha256:${sha256(layer)}`);
  return Buffer.from(JSON.stringify({ ...platform, rootfs: { type: 'layers', diff_ids } }));
}

/** A docker-archive as skopeo and podman write it. */
export function dockerArchive(
  name: string | null,
  layers: readonly Buffer[],
  config = configOf(layers),
): Entry[] {
  const table = [
    {
      Config: `${sha256(config)}.json`,
      RepoTags: name === null ? null : [name],
      Layers: layers.map((layer) => `${sha256(layer)}.tar`),
    },
  ];
  return [
    { path: `${sha256(config)}.json`, bytes: config },
    ...layers.map((layer) => ({ path: `${sha256(layer)}.tar`, bytes: layer })),
    { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(table)) },
  ];
}

export interface TestDescriptor {
  mediaType: string;
  digest: string;
  size: number;
  [member: string]: unknown;
}

/** An OCI layout that is put together by hand, so that it can be wrong in one place. */
export class Layout {
  readonly files = new Map<string, Buffer>();
  readonly listed: TestDescriptor[] = [];

  blob(bytes: Buffer, mediaType: string, more: object = {}): TestDescriptor {
    const digest = sha256(bytes);
    this.files.set(`blobs/sha256/${digest}`, bytes);
    return { mediaType, digest: `sha256:${digest}`, size: bytes.length, ...more };
  }

  json(value: object, mediaType: string, more: object = {}): TestDescriptor {
    return this.blob(Buffer.from(JSON.stringify(value)), mediaType, more);
  }

  /** An image manifest; `layers` are given as they are stored, with the bytes they unfold to. */
  image(
    layers: readonly { stored: Buffer; raw: Buffer; mediaType: string }[],
    more: {
      platform?: { os: string; architecture: string; variant?: string };
      manifest?: object;
    } = {},
  ): TestDescriptor {
    const platform = more.platform ?? { os: 'linux', architecture: 'amd64' };
    const config = this.blob(
      configOf(
        layers.map(({ raw }) => raw),
        platform,
      ),
      CONFIG,
    );
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config,
      layers: layers.map(({ stored, mediaType }) => this.blob(stored, mediaType)),
      ...more.manifest,
    };
    return this.json(manifest, MANIFEST, { platform });
  }

  index(manifests: readonly object[], more: object = {}): TestDescriptor {
    return this.json({ schemaVersion: 2, mediaType: INDEX, manifests, ...more }, INDEX);
  }

  /** Lists a descriptor in index.json, under a name if one is given. */
  list(descriptor: TestDescriptor, name?: string): this {
    const annotations =
      name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } };
    this.listed.push({ ...descriptor, ...annotations });
    return this;
  }

  remove(descriptor: TestDescriptor): this {
    this.files.delete(`blobs/sha256/${descriptor.digest.slice(7)}`);
    return this;
  }

  entries(): Entry[] {
    const table = { schemaVersion: 2, manifests: this.listed };
    return [
      ...[...this.files].map(([path, bytes]) => ({ path, bytes })),
      { path: 'oci-layout', bytes: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
      { path: 'index.json', bytes: Buffer.from(JSON.stringify(table)) },
    ];
  }
}

export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const CONFIG = 'application/vnd.oci.image.config.v1+json';
export const LAYER = 'application/vnd.oci.image.layer.v1.tar';

const places: string[] = [];
/** What was read; a test may leave its closing to the end. */
const sets: ImageSet[] = [];

afterAll(async () => {
  for (const set of sets) await set.close();
  for (const place of places) await rm(place, { recursive: true, force: true });
});

/** A directory of its own, which goes when the tests of the file are done. */
export async function workplace(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'jackal-images-test-'));
  places.push(place);
  return place;
}

/** Writes a tar below `directory` and gives its path. */
export async function writeTar(
  directory: string,
  entries: readonly Entry[],
  name = 'web.tar',
): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, tarOf(entries));
  return path;
}

/** Writes entries as a directory below `directory` and gives its path. */
export async function writeDirectory(
  directory: string,
  entries: readonly Entry[],
  name = 'web',
): Promise<string> {
  for (const { path, bytes } of entries) {
    await mkdir(dirname(join(directory, name, path)), { recursive: true });
    await writeFile(join(directory, name, path), bytes ?? '');
  }
  return join(directory, name);
}

/**
 * Reads and verifies images for a cluster of linux/amd64 nodes with the temporary copy below `directory`.
 */
export async function read(
  directory: string,
  lines: readonly string[],
  options: Partial<ReadOptions> = {},
): Promise<ImageSet> {
  const set = await readImages(lines, {
    platforms: ['linux/amd64'],
    temporaryDirectory: join(directory, 'temporary'),
    ...options,
  });
  sets.push(set);
  try {
    await set.verify();
    return set;
  } catch (error) {
    await set.close();
    throw error;
  }
}

/** The sentence with which reading fails; throws when it does not fail or leaves something behind. */
export async function refusal(
  directory: string,
  lines: readonly string[],
  options: Partial<ReadOptions> = {},
): Promise<string> {
  const failure = await read(directory, lines, options).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  if (failure === undefined) throw new Error('was read although it should have been refused');
  if (failure.name !== 'ActionError') throw failure;
  const left = await readdir(join(directory, 'temporary')).catch(() => []);
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  return failure.message;
}

/** Reads every blob of every image to its end and checks digest and size; gives the number of bytes. */
export async function drain(set: ImageSet): Promise<number> {
  let total = 0;
  for (const blob of new Set(set.images.flatMap((image) => image.blobs))) {
    const chunks: Buffer[] = [];
    for await (const chunk of blob.open()) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (`sha256:${sha256(bytes)}` !== blob.digest || bytes.length !== blob.size)
      throw new Error(`${blob.digest} is not what it says`);
    total += bytes.length;
  }
  return total;
}
