import type { Readable } from 'node:stream';

/** An OCI descriptor (image-spec, descriptor.md), with the fields that this action reads. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:<64 hex digits>`; the only algorithm that node runtimes pull by. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** True for a digest as runtimes pull by it, and as the catalog of the injector holds it. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** The platform of an image in an index (image-spec, image-index.md). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  /** Windows alone has it: `os.version`. */
  readonly osVersion?: string;
}

/** Content that a registry serves under `/blobs/`: a config or a layer. Read as often as wanted. */
export interface Blob {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes that the source has it in, where it was compressed here. */
  readonly sourceSize?: number;
  /** The file that has these bytes, and the offset of the first. */
  readonly file?: { readonly path: string; readonly start: number };
  /** Its bytes from an offset on, the first one when none is given. */
  open(start?: number): Readable;
}

/** A manifest or an index: small, held in memory, served byte for byte under `/manifests/`. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** A manifest that points at another one by `subject`, as a row of the referrers list. */
export interface Referrer {
  /** Digest of the manifest that is referred to. */
  readonly subject: string;
  readonly artifactType: string;
  /** The descriptor for the referrers list: one line of JSON. */
  readonly descriptor: string;
}

/** One image, ready to be served: what it is called, what its digest is, and what it consists of. */
export interface Image {
  /** The line of the `images` input, as the user wrote it; with several images in one archive, one each. */
  readonly given: string;
  /** The full name without tag and digest, as Docker writes it: `docker.io/library/nginx`. */
  readonly name: string;
  /** The tag, when the source has one. */
  readonly tag?: string;
  /** The digest in its name, where that has no tag: `ghcr.io/acme/web@sha256:…`. */
  readonly nameDigest?: string;
  /** What is pulled: the digest of `target` stands behind `@` in the pullable reference. */
  readonly target: Descriptor;
  /** True when the source itself has this manifest digest; false when the manifest was made here. */
  readonly digestKept: boolean;
  /** `os/architecture` of every platform that can be pulled. */
  readonly platforms: readonly string[];
  /** Those that another image of the input, its like for another architecture, gives to the nodes in its place. */
  readonly elsewhere?: readonly string[];
  /** The target and every manifest below it, each once. */
  readonly manifests: readonly Manifest[];
  /** Configs and layers in the order in which they are to travel, each once. */
  readonly blobs: readonly Blob[];
  readonly referrers: readonly Referrer[];
  /** Full sentences that the user should see: a platform that is missing but allowed to be. */
  readonly warnings?: readonly string[];
}

/** Everything that the `images` input named. */
export interface ImageSet {
  readonly images: readonly Image[];
  /**
   * Reads and verifies the layers that nobody has looked at yet. Throws an ActionError that says what is
   * wrong with the source.
   */
  verify(): Promise<void>;
  /** Removes what was written to RUNNER_TEMP. */
  close(): Promise<void>;
}
