import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Image, ImageSet } from '../../../src/images/image.js';
import { ARCHITECTURE } from '../../helpers/injector-binary.js';
import {
  configOf,
  Layout,
  MANIFEST,
  read,
  sha256,
  type TestDescriptor,
  tarOf,
  writeDirectory,
} from '../../unit/images/fixtures.js';

/** One image of each kind that a registry has to serve. */
export interface Contents {
  /** Docker's own media types, as before OCI. */
  readonly docker: Image;
  /** OCI media types, layers as gzip. */
  readonly oci: Image;
  /** An index of two platforms, with the attestation manifests that BuildKit adds. */
  readonly index: Image;
  /** OCI media types, layers as zstd. */
  readonly zstd: Image;
  /** An image about which there is an artifact, linked by `subject`. */
  readonly subject: Image;
  /** Digest of that artifact's manifest. */
  readonly artifact: string;
  close(): Promise<void>;
}

/** The images among the contents. */
export type ImageKind = Exclude<keyof Contents, 'artifact' | 'close'>;

/** Every kind of image. */
export const KINDS: readonly ImageKind[] = ['docker', 'oci', 'index', 'zstd', 'subject'];

/** Type of the artifact, and of its one layer. */
export const ARTIFACT_TYPE = 'application/vnd.example.sbom.v1+json';

const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const IN_TOTO = 'application/vnd.in-toto+json';
const HERE = { os: 'linux', architecture: ARCHITECTURE };
const OTHER = { os: 'linux', architecture: ARCHITECTURE === 'arm64' ? 'amd64' : 'arm64' };

interface Layer {
  readonly stored: Buffer;
  readonly raw: Buffer;
  readonly mediaType: string;
}

/** Makes an image of each kind as an OCI layout on disk and reads them as the action does. */
export async function makeContents(place: string): Promise<Contents> {
  const layout = new Layout();
  layout.list(dockerImage(layout), 'docker.io/acme/docker:1');
  layout.list(layout.image(layers('gzip'), { platform: HERE }), 'docker.io/acme/oci:1');
  layout.list(indexWithAttestations(layout), 'docker.io/acme/index:1');
  layout.list(layout.image(layers('zstd'), { platform: HERE }), 'docker.io/acme/zstd:1');
  const subject = layout.image(layers('gzip'), { platform: HERE });
  const artifact = artifactAbout(layout, subject);
  layout.list(subject, 'docker.io/acme/subject:1').list(artifact);
  const directory = await writeDirectory(place, layout.entries(), 'contents');
  const set = await read(place, [directory], {
    platforms: [HERE, OTHER].map(({ os, architecture }) => `${os}/${architecture}`),
    allowMissingPlatforms: true,
  });
  const named = (name: string) => imageNamed(set, `docker.io/acme/${name}`);
  return {
    docker: named('docker'),
    oci: named('oci'),
    index: named('index'),
    zstd: named('zstd'),
    subject: named('subject'),
    artifact: artifact.digest,
    close: () => set.close(),
  };
}

function imageNamed({ images }: ImageSet, name: string): Image {
  const image = images.find((one) => one.name === name);
  if (image === undefined) throw new Error(`${name} was not read.`);
  return image;
}

/** One layer that compresses and one that does not, several chunks long. */
function layers(encoding: 'gzip' | 'zstd'): Layer[] {
  const raws = [
    tarOf([
      { path: 'text', bytes: Buffer.from(`${randomBytes(8).toString('hex')}\n`.repeat(9999)) },
    ]),
    tarOf([{ path: 'program', bytes: randomBytes(700_000) }]),
  ];
  const compress = encoding === 'gzip' ? gzipSync : zstdCompressSync;
  const mediaType = `application/vnd.oci.image.layer.v1.tar+${encoding}`;
  return raws.map((raw) => ({ raw, stored: compress(raw), mediaType }));
}

function dockerImage(layout: Layout): TestDescriptor {
  const made = layers('gzip');
  const type = 'application/vnd.docker';
  const manifest = {
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: layout.blob(
      configOf(
        made.map(({ raw }) => raw),
        HERE,
      ),
      `${type}.container.image.v1+json`,
    ),
    layers: made.map(({ stored }) => layout.blob(stored, `${type}.image.rootfs.diff.tar.gzip`)),
  };
  return layout.json(manifest, DOCKER_MANIFEST);
}

/** What `docker buildx build --platform …` writes: each image has a manifest about it beside it. */
function indexWithAttestations(layout: Layout): TestDescriptor {
  const images = [HERE, OTHER].map((platform) => layout.image(layers('gzip'), { platform }));
  const attestations = images.map(({ digest }) => {
    const statement = { _type: 'https://in-toto.io/Statement/v0.1', subject: [{ digest }] };
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: layout.blob(
        configOf([Buffer.from(JSON.stringify(statement))], {
          os: 'unknown',
          architecture: 'unknown',
        }),
        'application/vnd.oci.image.config.v1+json',
      ),
      layers: [layout.json(statement, IN_TOTO)],
    };
    return layout.json(manifest, MANIFEST, {
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': digest,
      },
    });
  });
  return layout.index([...images, ...attestations]);
}

function artifactAbout(layout: Layout, { mediaType, digest, size }: TestDescriptor) {
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: ARTIFACT_TYPE,
    config: layout.blob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json'),
    layers: [layout.json({ packages: [] }, ARTIFACT_TYPE)],
    subject: { mediaType, digest, size },
  };
  return layout.json(manifest, MANIFEST);
}

/** Every content of an image by its digest, read from the source. */
async function bytesOf(image: Image): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (const { digest, bytes } of image.manifests) contents.set(digest, bytes);
  for (const blob of image.blobs) contents.set(blob.digest, await buffer(blob.open()));
  return contents;
}

/**
 * The digests of all that a pull of `top` has to bring, sorted: what it names, and what that names.
 * Contents that are not part of the image are an error.
 */
export async function digestsBelow(image: Image, top = image.target.digest): Promise<string[]> {
  const contents = await bytesOf(image);
  const manifests = new Set(image.manifests.map(({ digest }) => digest));
  const found = new Set<string>();
  const due = [top];
  for (let digest = due.pop(); digest !== undefined; digest = due.pop()) {
    const bytes = contents.get(digest);
    if (bytes === undefined || `sha256:${sha256(bytes)}` !== digest)
      throw new Error(`${digest} is missing in the source or not what it says.`);
    found.add(digest);
    if (!manifests.has(digest)) continue;
    const { config, layers = [], manifests: below = [] } = JSON.parse(bytes.toString());
    due.push(...[config, ...layers, ...below].flatMap((one) => one?.digest ?? []));
  }
  return [...found].sort();
}

/** The layers that this machine runs of an image: digests as they are stored and unpacked. */
export async function layersOf(image: Image): Promise<{ digest: string; diffId: string }[]> {
  const contents = await bytesOf(image);
  const read = (digest: string) => JSON.parse(contents.get(digest)?.toString() ?? '{}');
  const top = read(image.target.digest);
  const here = ({ platform }: TestDescriptor & { platform?: typeof HERE }) =>
    platform?.architecture === ARCHITECTURE;
  const { config, layers } = top.manifests ? read(top.manifests.find(here).digest) : top;
  const { diff_ids } = read(config.digest).rootfs;
  return layers.map(({ digest }: TestDescriptor, index: number) => ({
    digest,
    diffId: diff_ids[index],
  }));
}
